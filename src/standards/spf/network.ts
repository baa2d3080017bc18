/** Address blocks, as `ip4`, `ip6` and CIDR lengths define them (RFC 7208 §5.6). */
import { isIPv6 } from 'node:net';
import { Address6 } from 'ip-address';
import { type IpAddress, type IpFamily, ipBytes, ipFamily, parseIp } from '../../network/ip.ts';

export interface Network {
  readonly family: IpFamily;
  /** 4 or 16 octets in network order, as written. Host bits may be set. */
  readonly octets: Uint8Array;
  readonly prefixLength: number;
}

/** Number of bits of an address, by IP version. */
export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

/**
 * Parses `ip4-network` (§12): four numbers from 0 to 255 without leading zeros.
 *
 * @returns the 4 octets, or `undefined` for other text.
 */
export function parseIp4Octets(text: string): Uint8Array | undefined {
  const numbers = text.split('.');
  const valid = numbers.length === 4 && numbers.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return valid ? Uint8Array.from(numbers, Number) : undefined;
}

/**
 * Parses `ip6-network` (§12): a text form of RFC 4291 §2.2. An IPv4-mapped address stays IPv6, so it matches no client
 * (§5).
 *
 * @returns the 16 octets, or `undefined` for other text.
 */
export function parseIp6Octets(text: string): Uint8Array | undefined {
  if (text.length > 45 || !isIPv6(text) || text.includes('%')) return undefined;
  return Uint8Array.from(new Address6(text).toUnsignedByteArray(), (octet) => octet & 0xff);
}

/**
 * @returns the block of `prefixLength` bits that contains an address from the DNS, or `undefined` for an invalid
 *   address.
 */
export function networkOf(address: string, prefixLength: { 4: number; 6: number }): Network | undefined {
  const ip = parseIp(address);
  if (ip === undefined) return undefined;
  const family = ipFamily(ip);
  return { family, octets: ipBytes(ip), prefixLength: prefixLength[family] };
}

/** @returns whether the block contains the address. An IPv4 address is never in an IPv6 block (§5), nor the reverse. */
export function contains(network: Network, ip: IpAddress): boolean {
  if (ipFamily(ip) !== network.family) return false;
  const octets = ipBytes(ip);
  for (let bit = 0; bit < network.prefixLength; bit += 8) {
    const shift = Math.max(0, 8 - (network.prefixLength - bit));
    const index = bit >> 3;
    if ((octets[index] ?? 0) >> shift !== (network.octets[index] ?? 0) >> shift) return false;
  }
  return true;
}

/** @returns the address of the block as written, including host bits, as text. */
export function firstAddress(network: Network): string {
  if (network.family === 4) return [...network.octets].join('.');
  return Address6.fromUnsignedByteArray([...network.octets]).correctForm();
}

/** @returns the block as text, such as `192.0.2.0/24`. A single address has no prefix length. */
export function networkText(network: Network): string {
  const address = firstAddress(network);
  return network.prefixLength === ADDRESS_BITS[network.family] ? address : `${address}/${network.prefixLength}`;
}
