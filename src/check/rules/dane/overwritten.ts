/** Tells a server without STARTTLS from a firewall in this network that takes STARTTLS out of every dialogue. */
import type { IpAddress } from '../../../network/ip.ts';
import type { Facts } from '../../facts/fact.ts';
import type { Presented } from '../../facts/presented-chain.ts';
import { editedOnTheWay, isOverwrittenAt } from '../tls/overwritten.ts';

/** @returns a function that tells whether such a firewall stands between this machine and an address. */
export function isOverwrittenHere(
  facts: Facts,
): (presented: Extract<Presented, { kind: 'no-tls' }>, ip: IpAddress) => Promise<boolean> {
  return async ({ seen }, ip) => isOverwrittenAt(seen) && (await editedOnTheWay(facts))(ip);
}
