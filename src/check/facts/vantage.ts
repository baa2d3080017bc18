/**
 * Finds where the check runs from, relative to the host. Relay and egress results have another meaning on the mail host
 * itself, or in a network that it may trust, than from outside.
 */
import {
  type IpAddress,
  type IpFamily,
  ipFamily,
  isLinkLocal,
  isLoopback,
  samePrefix,
  specialPurpose,
} from '../../network/ip.ts';
import type { Settings } from '../settings.ts';
import { type HostNeeds, hostFact } from './fact.ts';
import { type PublicAddress, publicAddress } from './public-address.ts';

/** A vantage that a user can vouch for. */
type GivenVantage = NonNullable<Settings['vantage']>;

/** Where the check runs: on the host, in its network, outside, or at an unknown place. */
export type VantageKind = GivenVantage | 'unknown';

/** The place from which the check runs, and the reason for the decision. */
export interface Vantage {
  readonly kind: VantageKind;
  /** The reason, as one clause for the report. */
  readonly reason: string;
}

/** Prefix lengths of the networks that a host may trust: the usual size of an MTA's `mynetworks`. */
const NEIGHBOUR_PREFIX = { 4: 24, 6: 64 } as const;

/**
 * Decides the vantage towards one tested address from this machine's own addresses. It asks nothing over the network.
 *
 * A machine behind NAT cannot see its own public address. If it has no public address of the tested family, "outside"
 * and "self" cannot be told apart, and the vantage is `unknown`.
 */
export function vantageTowards(
  ip: IpAddress,
  own: readonly IpAddress[],
  override?: GivenVantage,
  special = specialPurpose,
): Vantage {
  if (override) return { kind: override, reason: 'set by --vantage or --on-host' };
  if (own.includes(ip) || isLoopback(ip)) return { kind: 'self', reason: `${ip} is an address of this machine` };
  const usable = own.filter((address) => !isLoopback(address) && !isLinkLocal(address));
  const neighbour = usable.find((address) => isNeighbour(address, ip));
  if (neighbour) return { kind: 'same-network', reason: `its address ${neighbour} is in the same network as ${ip}` };
  const isPublic = usable.some((address) => ipFamily(address) === ipFamily(ip) && special(address) === undefined);
  if (isPublic) return { kind: 'outside', reason: `this machine has another public address` };
  return {
    kind: 'unknown',
    reason: usable.some((address) => ipFamily(address) === ipFamily(ip))
      ? 'this machine is behind NAT'
      : `this machine has no IPv${ipFamily(ip)} address`,
  };
}

/**
 * Finds the vantage towards a host. The user vouches for that towards the tested addresses alone. If this machine's
 * addresses do not tell and the user set a name to ask, the public address of this machine is looked up.
 */
export const vantage = hostFact(
  ({ facts, own, settings, target }: HostNeeds<'dns' | 'own' | 'settings' | 'target'>, ip: IpAddress) =>
    gatherVantage(
      ip,
      own,
      target.ips.includes(ip) ? settings.vantage : undefined,
      settings.whoamiName === undefined ? {} : { publicAddress: (family) => facts(publicAddress, family) },
    ),
);

/** The means to learn more when the machine's own addresses do not tell. */
export interface Outlook {
  /** Looks up the public address of this machine. Absent when that is not allowed. */
  readonly publicAddress?: (family: IpFamily) => Promise<PublicAddress | null>;
  /** Names the block of a special-purpose address, or gives `undefined` for a public one. Default: `specialPurpose`. */
  readonly special?: (ip: IpAddress) => string | undefined;
}

/**
 * Decides the vantage with `vantageTowards`. If that is unknown and the tested address is public, it looks up the
 * public address of this machine and compares that.
 */
export async function gatherVantage(
  ip: IpAddress,
  own: readonly IpAddress[],
  override: GivenVantage | undefined,
  { publicAddress: ask, special = specialPurpose }: Outlook,
): Promise<Vantage> {
  const fromHere = vantageTowards(ip, own, override, special);
  if (fromHere.kind !== 'unknown' || ask === undefined || special(ip) !== undefined) return fromHere;
  const seen = await ask(ipFamily(ip));
  if (seen === null) return fromHere;
  if (seen.address === null) {
    return { kind: 'unknown', reason: fromHere.reason };
  }
  const { address, name } = seen;
  if (address === ip) return { kind: 'self', reason: `its public address is ${ip}, according to ${name}` };
  if (isNeighbour(address, ip)) {
    return {
      kind: 'same-network',
      reason: `its public address is ${address}, according to ${name}`,
    };
  }
  return { kind: 'outside', reason: `its public address is ${address}, according to ${name}` };
}

function isNeighbour(address: IpAddress, ip: IpAddress): boolean {
  return samePrefix(address, ip, NEIGHBOUR_PREFIX[ipFamily(ip)]);
}
