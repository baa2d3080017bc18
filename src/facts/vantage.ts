/**
 * Where the check is run from. Relay and egress results mean something else from the mail host itself, or from a
 * network it may trust, than from outside.
 */
import { networkInterfaces } from 'node:os';
import { type IpAddress, ipFamily, parseIp, samePrefix, specialPurpose } from '../ip.ts';

export type VantageKind = 'self' | 'same-network' | 'outside' | 'unknown';

export interface Vantage {
  readonly kind: VantageKind;
  /** Why, as one clause. */
  readonly reason: string;
}

/** A trusted neighbour is assumed within these prefixes (RULES §0): the usual reach of an MTA's `mynetworks`. */
const NEIGHBOUR_PREFIX = { 4: 24, 6: 64 } as const;

export function ownAddresses(): IpAddress[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => parseIp(address))
    .filter((ip) => ip !== undefined);
}

/**
 * The vantage towards one tested address.
 *
 * Behind NAT the machine cannot see its own public address: when all its addresses are private, "outside" cannot be
 * told from "self" and the answer is `unknown`.
 */
export function vantageTowards(
  ip: IpAddress,
  own: readonly IpAddress[],
  override?: 'self' | 'same-network' | 'outside',
): Vantage {
  if (override) return { kind: override, reason: 'you said so' };
  if (own.includes(ip) || isLoopback(ip)) return { kind: 'self', reason: `${ip} is an address of this machine` };
  const usable = own.filter((address) => !isLoopback(address) && !isLinkLocal(address));
  const neighbour = usable.find((address) => samePrefix(address, ip, NEIGHBOUR_PREFIX[ipFamily(ip)]));
  if (neighbour) return { kind: 'same-network', reason: `this machine has ${neighbour}, in the same network as ${ip}` };
  const isPublic = usable.some(
    (address) => ipFamily(address) === ipFamily(ip) && specialPurpose(address) === undefined,
  );
  if (isPublic) return { kind: 'outside', reason: `no address of this machine is ${ip} or near it` };
  return {
    kind: 'unknown',
    reason: 'this machine has no public address of its own, so it may be behind the same NAT as the host',
  };
}

function isLoopback(ip: IpAddress): boolean {
  return ip.startsWith('127.') || ip === '::1';
}

function isLinkLocal(ip: IpAddress): boolean {
  return ip.startsWith('169.254.') || /^fe[89ab]/.test(ip);
}
