/** Looks up the addresses of hosts, over both address families. */
import { type IpAddress, parseIp } from '../ip.ts';
import { isFailure, type Resolver, recordsOf } from './answer.ts';

/** The addresses of some hosts. */
export interface FoundAddresses {
  readonly addresses: readonly IpAddress[];
  /** Whether a lookup failed, so that there may be more addresses. */
  readonly isPartial: boolean;
}

/** @returns the addresses of all the names, in the order of the names, for each name those of IPv4 first. */
export async function hostAddresses(names: readonly string[], dns: Resolver): Promise<FoundAddresses> {
  const answers = await Promise.all(names.flatMap((name) => [dns.query(name, 'A'), dns.query(name, 'AAAA')]));
  return {
    addresses: answers.flatMap(recordsOf<'A' | 'AAAA'>).flatMap((text) => parseIp(text) ?? []),
    isPartial: answers.some(isFailure),
  };
}
