/** SPF (RFC 7208) of the domain under test: the tree under its record, and the result of each address. */
import type { Domain } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import {
  allNodes,
  checkHelo,
  checkHost,
  lettersIn,
  type SpfOutcome,
  type Walk,
  type WalkNode,
  walk,
} from '../../standards/spf/index.ts';
import type { Target } from '../target.ts';
import { type Facts, fact, type Needs } from './fact.ts';
import type { DialogueSources } from './greeting.ts';
import { heloName } from './helo-name.ts';

/** The local part of the sender: only a record with `%{l}` tells one from another. */
const TEST_LOCAL_PART = 'mailcheck';

/** Every branch of a domain's record, as if nothing ever matched. */
export const spfTree = fact(({ dns }: Needs<'dns'>, domain: Domain): Promise<Walk> => walk(domain, dns));

/** The check of an address for mail from the domain under test. Every rule that needs its result asks this fact. */
export const spfCheck = fact(
  async ({ dns, facts, target, clock }: Needs<DialogueSources | 'clock'>, ip: IpAddress): Promise<SpfOutcome> => {
    const heloNameOf = await heloNamesFor({ target, facts }, (await facts(spfTree, target.domain)).root);
    const sender = testSender(target.domain);
    return checkHost({ ip, sender, heloName: heloNameOf(ip), resolver: dns, now: () => clock.now() });
  },
);

/** The check of an address for the HELO identity (RFC 7208 §2.3): its sender is `postmaster@<HELO name>`. */
export const heloSpf = fact(
  ({ dns }: Needs<'dns'>, ip: IpAddress, name: string): Promise<SpfOutcome> =>
    checkHelo({ ip, heloName: name, resolver: dns }),
);

/** @returns the MAIL FROM address of mail from a domain, for checks. */
export function testSender(domain: Domain): string {
  return `${TEST_LOCAL_PART}@${domain}`;
}

/** @returns a function that gives `%{h}` for an address. A host is asked for its name only where a record uses it. */
export async function heloNamesFor(
  {
    facts,
    target,
  }: { readonly facts: Facts<DialogueSources>; readonly target: Pick<Target, 'domain' | 'helo' | 'ips'> },
  root: WalkNode | null,
): Promise<(ip: IpAddress) => string> {
  const fallback = target.helo ?? target.domain;
  const isUsed = root !== null && allNodes(root).some(({ record }) => record !== null && lettersIn(record).has('h'));
  if (!isUsed) return () => fallback;
  const names = new Map<IpAddress, string>();
  await Promise.all(target.ips.map(async (ip) => names.set(ip, (await facts(heloName, ip)).name ?? fallback)));
  return (ip) => names.get(ip) ?? fallback;
}
