/** Decides which name the PTR record of an address should hold. */
import { isCustomName } from '../../../knowledge/providers/reverse-name.ts';
import type { DnsAnswer } from '../../../network/dns/answer.ts';
import { isHostName } from '../../../network/domain.ts';
import { type IpAddress, reverseName } from '../../../network/ip.ts';
import { areOfOneOrganization } from '../../../standards/organizational-domain.ts';
import type { HostName } from '../../facts/host-name.ts';
import type { PtrName } from '../../facts/ptr.ts';
import type { Target } from '../../target.ts';
import type { Goal } from './remedies.ts';

interface Reverse {
  readonly ip: IpAddress;
  readonly query: DnsAnswer<'PTR'>;
}

/**
 * @param keep the name that stays, of several. It leads to the address.
 * @returns the goal for the PTR record: the name that stays, or else the name that the host should have.
 */
export function goalOf(reverse: Reverse, { name, leads }: HostName, keep: string | null = null): Goal {
  if (keep !== null) return goalInstead(reverse, keep);
  return { ip: reverse.ip, owner: ownerOf(reverse), wanted: name, leads };
}

/** @returns the goal for a PTR record with a name that leads to the address. */
export function goalInstead(reverse: Reverse, name: string): Goal {
  return { ip: reverse.ip, owner: ownerOf(reverse), wanted: name, leads: 'here' };
}

function ownerOf({ ip, query }: Reverse): string {
  return query.chain.at(-1) ?? reverseName(ip);
}

/** @returns whether a mail server may keep the name: a host name that is not its provider's default. */
export function isKeepable(name: string, ip: IpAddress, { domain }: Pick<Target, 'domain'>): boolean {
  return isHostName(name) && isCustomName(name, ip, areOfOneOrganization(name, domain));
}

/**
 * @param names every name in the PTR records of the address.
 * @param confirmed those that lead back and may be host names.
 * @returns the name that stays: the one that the host announces, or the only one that leads back. `null` when the owner
 *   has to choose.
 */
export function keptName(
  ip: IpAddress,
  names: readonly PtrName[],
  confirmed: readonly PtrName[],
  host: HostName,
  target: Pick<Target, 'domain'>,
): string | null {
  const own = confirmed.filter(({ name }) => isKeepable(name, ip, target));
  const announced = host.source === 'helo' ? host.name : undefined;
  if (own.some(({ name }) => name === announced)) return announced ?? null;
  const isOpen = names.some(({ name, confirmation }) => confirmation === 'unknown' || name === announced);
  const [only] = own;
  return own.length === 1 && only !== undefined && !isOpen ? only.name : null;
}
