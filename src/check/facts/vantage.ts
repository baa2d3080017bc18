/**
 * Where the check is run from. Relay and egress results mean something else from the mail host itself, or from a
 * network it may trust, than from outside.
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
import { fact, type Needs } from './fact.ts';
import { type PublicAddress, publicAddress } from './public-address.ts';

/** A vantage that a user can vouch for. */
type GivenVantage = NonNullable<Settings['vantage']>;

export type VantageKind = GivenVantage | 'unknown';

export interface Vantage {
  readonly kind: VantageKind;
  /** Why, as one clause. */
  readonly reason: string;
}

/** A trusted neighbour is assumed within these prefixes: the usual reach of an MTA's `mynetworks`. */
const NEIGHBOUR_PREFIX = { 4: 24, 6: 64 } as const;

/**
 * The vantage towards one tested address, as far as this machine's own addresses tell; nothing is asked.
 *
 * Behind NAT the machine cannot see its own public address: when all its addresses are private, "outside" cannot be
 * told from "self" and the answer is `unknown`.
 */
export function vantageTowards(
  ip: IpAddress,
  own: readonly IpAddress[],
  override?: GivenVantage,
  special = specialPurpose,
): Vantage {
  if (override) return { kind: override, reason: 'you said so' };
  if (own.includes(ip) || isLoopback(ip)) return { kind: 'self', reason: `${ip} is an address of this machine` };
  const usable = own.filter((address) => !isLoopback(address) && !isLinkLocal(address));
  const neighbour = usable.find((address) => isNeighbour(address, ip));
  if (neighbour) return { kind: 'same-network', reason: `this machine has ${neighbour}, in the same network as ${ip}` };
  const isPublic = usable.some((address) => ipFamily(address) === ipFamily(ip) && special(address) === undefined);
  if (isPublic) return { kind: 'outside', reason: `no address of this machine is ${ip} or near it` };
  return {
    kind: 'unknown',
    reason: 'this machine has no public address of its own, so it may be behind the same NAT as the host',
  };
}

/** Where the check is run from, seen from a host; what this machine cannot tell is asked outside, where the user lets it. */
export const vantage = fact(({ facts, own, settings }: Needs<'dns' | 'own' | 'settings'>, ip: IpAddress) =>
  gatherVantage(
    ip,
    own,
    settings.vantage,
    settings.whoamiName === undefined ? {} : { publicAddress: (family) => facts(publicAddress, family) },
  ),
);

/** How to learn more where the machine's own addresses do not tell. */
export interface Outlook {
  /** The address this machine is seen with from outside; absent when that must not be asked. */
  readonly publicAddress?: (family: IpFamily) => Promise<PublicAddress | null>;
  /** The block of a special-purpose address, `undefined` for a public one; `specialPurpose` when absent. */
  readonly special?: (ip: IpAddress) => string | undefined;
}

/** As `vantageTowards`; what that cannot tell is asked outside, if the tested address is a public one. */
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
    return { kind: 'unknown', reason: `${fromHere.reason}; ${seen.name} does not tell: ${seen.reason}` };
  }
  const { address, name } = seen;
  if (address === ip) return { kind: 'self', reason: `this machine is seen as ${ip} from outside (${name})` };
  if (isNeighbour(address, ip)) {
    return {
      kind: 'same-network',
      reason: `this machine is seen as ${address} from outside (${name}), in the same network as ${ip}`,
    };
  }
  return { kind: 'outside', reason: `this machine is seen as ${address} from outside (${name})` };
}

function isNeighbour(address: IpAddress, ip: IpAddress): boolean {
  return samePrefix(address, ip, NEIGHBOUR_PREFIX[ipFamily(ip)]);
}
