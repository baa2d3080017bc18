/** SPF (RFC 7208) of the domain under test: the tree under its record, and what each address comes to by it. */
import type { DnsClient } from '../../network/dns/client.ts';
import type { Domain } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import {
  allNodes,
  checkHost,
  lettersIn,
  type SpfOutcome,
  type Walk,
  type WalkNode,
  walk,
} from '../../standards/spf/index.ts';
import type { Target } from '../target.ts';
import type { HeloName } from './helo-name.ts';
import { type KeyedFact, oncePer } from './memo.ts';

/** The local part used for testing: any will do but for records with `%{l}`. */
const TEST_LOCAL_PART = 'mailcheck';

export interface SpfFacts {
  /** Every branch of a domain's record, as if nothing ever matched. */
  readonly spfTree: KeyedFact<Domain, Walk>;
  /** The check of an address for mail from the domain under test. */
  readonly spfCheck: KeyedFact<IpAddress, SpfOutcome>;
}

interface Sources {
  readonly target: Pick<Target, 'domain' | 'ips' | 'helo'>;
  readonly facts: { readonly heloName: KeyedFact<IpAddress, HeloName> };
}

export function spfFacts(dns: DnsClient, sources: Sources & { readonly now: () => number }): SpfFacts {
  const { now } = sources;
  const { domain } = sources.target;
  const spfTree = oncePer((name: Domain) => walk(name, dns));
  return {
    spfTree,
    spfCheck: oncePer(async (ip: IpAddress) => {
      const heloName = await heloNamesFor(sources, (await spfTree(domain)).root);
      return checkHost({ ip, sender: testSender(domain), heloName: heloName(ip), resolver: dns, now });
    }),
  };
}

export function testSender(domain: Domain): string {
  return `${TEST_LOCAL_PART}@${domain}`;
}

/** @returns `%{h}` for each address: the host is only asked for its name where a record uses it. */
export async function heloNamesFor(
  { facts, target }: Sources,
  root: WalkNode | null,
): Promise<(ip: IpAddress) => string> {
  const fallback = target.helo ?? target.domain;
  const isUsed = root !== null && allNodes(root).some(({ record }) => record !== null && lettersIn(record).has('h'));
  if (!isUsed) return () => fallback;
  const names = new Map<IpAddress, string>();
  await Promise.all(target.ips.map(async (ip) => names.set(ip, (await facts.heloName(ip)).name ?? fallback)));
  return (ip) => names.get(ip) ?? fallback;
}
