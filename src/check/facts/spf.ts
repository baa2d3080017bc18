/** Evaluates SPF (RFC 7208) for the domain under test: the tree below its record, and the result for each address. */
import type { Domain } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import {
  allNodes,
  checkHelo,
  checkHost,
  lettersIn,
  type SpfOutcome,
  type Walk,
  walk,
} from '../../standards/spf/index.ts';
import { fact, type Needs } from './fact.ts';
import type { DialogueSources } from './greeting.ts';
import { heloName } from './helo-name.ts';

/** The local part of the test sender. It matters only to a record that uses `%{l}`. */
const TEST_LOCAL_PART = 'mailcheck';

/** Walks every branch of a domain's SPF record, as for a client that no term matches. */
export const spfTree = fact(({ dns }: Needs<'dns'>, domain: Domain): Promise<Walk> => walk(domain, dns));

/** The value of `%{h}` for each address. Hosts are asked for their names only if some record of the tree uses it. */
export const spfHeloNames = fact(
  async ({ facts, target }: Needs<DialogueSources>): Promise<(ip: IpAddress) => string> => {
    const { root } = await facts(spfTree, target.domain);
    const fallback = target.helo ?? target.domain;
    const isUsed = allNodes(root).some(({ record }) => record !== null && lettersIn(record).has('h'));
    if (!isUsed) return () => fallback;
    const names = new Map<IpAddress, string>();
    await Promise.all(target.ips.map(async (ip) => names.set(ip, (await facts(heloName, ip)).name ?? fallback)));
    return (ip) => names.get(ip) ?? fallback;
  },
);

/** Checks an address for the MAIL FROM identity of the domain under test (RFC 7208 §2.4). */
export const spfCheck = fact(
  async ({ dns, facts, target, clock }: Needs<DialogueSources | 'clock'>, ip: IpAddress): Promise<SpfOutcome> => {
    const heloNameOf = await facts(spfHeloNames);
    const sender = testSender(target.domain);
    return checkHost({ ip, sender, heloName: heloNameOf(ip), resolver: dns, now: () => clock.now() });
  },
);

/** Checks an address for the HELO identity (RFC 7208 §2.3). The sender is `postmaster@<HELO name>`. */
export const heloSpf = fact(
  ({ dns }: Needs<'dns'>, ip: IpAddress, name: string): Promise<SpfOutcome> =>
    checkHelo({ ip, heloName: name, resolver: dns }),
);

/** @returns the MAIL FROM address that SPF checks use for mail from a domain. */
export function testSender(domain: Domain): string {
  return `${TEST_LOCAL_PART}@${domain}`;
}
