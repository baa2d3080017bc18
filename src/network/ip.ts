/**
 * IP addresses as users and the DNS write them: parsing, the names of PTR records, and the special-purpose blocks that
 * they are in (RFC 6890).
 */
import { isIP, isIPv4 } from 'node:net';
import { Address6 } from 'ip-address';
import { IPV4_REGISTRY, IPV6_REGISTRY, OTHER_BLOCKS } from './special-purpose.ts';

declare const ipBrand: unique symbol;

/**
 * An IP address in canonical text: dotted quad, or RFC 5952 for IPv6. An IPv4-mapped IPv6 address is stored as IPv4.
 */
export type IpAddress = string & { readonly [ipBrand]: true };

export type IpFamily = 4 | 6;

/**
 * Parses an IP address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) becomes the IPv4 address that it contains
 * (RFC 4291 §2.5.5.2), because a mail receiver sees the IPv4 address. Rejects zone ids such as `fe80::1%eth0`.
 *
 * @returns the canonical address, or `undefined` when `text` is not an IP address.
 */
export function parseIp(text: string): IpAddress | undefined {
  // The pattern for IPv6 takes Node.js milliseconds to compile, and most runs need it late or never.
  if (!text.includes(':')) return isIPv4(text) ? (text as IpAddress) : undefined;
  if (isIP(text) !== 6 || text.includes('%')) return undefined;
  const address = new Address6(text);
  const mapped = mappedIpv4(address);
  return (mapped ?? address.correctForm()) as IpAddress;
}

/** @returns the IP version of the address. */
export function ipFamily(ip: IpAddress): IpFamily {
  return ip.includes(':') ? 6 : 4;
}

/** @returns the octets of the address in network order: 4 for IPv4, 16 for IPv6. */
export function ipBytes(ip: IpAddress): Uint8Array {
  if (ipFamily(ip) === 4) return ipv4Bytes(ip);
  return bytesOf(new Address6(ip));
}

/** Reads each digit once: a run compares its addresses with thousands of networks. */
function ipv4Bytes(ip: IpAddress): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (let index = 0; index < ip.length; index += 1) {
    const code = ip.charCodeAt(index);
    if (code === 46) at += 1;
    else bytes[at] = (bytes[at] ?? 0) * 10 + code - 48;
  }
  return bytes;
}

function bytesOf(address: Address6): Uint8Array {
  return Uint8Array.from(address.toUnsignedByteArray(), (byte) => byte & 0xff);
}

/** @returns the address that 4 or 16 octets are, in canonical text. An IPv4-mapped one becomes the IPv4 address. */
export function ipOfBytes(bytes: Uint8Array): IpAddress | undefined {
  if (bytes.length === 4) return parseIp(bytes.join('.'));
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  return bytes.length === 16 ? parseIp(groups.map((group) => group.toString(16)).join(':')) : undefined;
}

/** @returns the 32 lower-case hexadecimal nibbles of an IPv6 address, most significant first. */
function nibbles(ip: IpAddress): string[] {
  return [...ipBytes(ip)].flatMap((byte) => [(byte >> 4).toString(16), (byte & 15).toString(16)]);
}

/**
 * Reverses the octets (IPv4) or nibbles (IPv6) of an address and joins them with dots, as DNSBL queries use them
 * (RFC 5782 §2.1, §2.4).
 *
 * @returns the labels in front of the zone's name, such as `5.113.0.203`.
 */
export function reversedLabels(ip: IpAddress): string {
  return ipFamily(ip) === 4 ? ip.split('.').reverse().join('.') : nibbles(ip).reverse().join('.');
}

/**
 * @returns the owner name of the PTR record: `5.113.0.203.in-addr.arpa` (RFC 1035 §3.5) or below `ip6.arpa` (RFC 3596
 *   §2.5).
 */
export function reverseName(ip: IpAddress): string {
  return `${reversedLabels(ip)}.${ipFamily(ip) === 4 ? 'in-addr.arpa' : 'ip6.arpa'}`;
}

/** @returns whether both texts are spellings of the same address; `false` when one is not an address. */
export function sameIp(a: string, b: string): boolean {
  const parsed = parseIp(a);
  return parsed !== undefined && parsed === parseIp(b);
}

/**
 * @returns whether the first `prefixLength` bits of both addresses are equal; `false` for an IPv4 and an IPv6 address.
 */
export function samePrefix(a: IpAddress, b: IpAddress, prefixLength: number): boolean {
  return ipFamily(a) === ipFamily(b) && haveSamePrefix(ipBytes(a), ipBytes(b), prefixLength);
}

function haveSamePrefix(left: Uint8Array, right: Uint8Array, prefixLength: number): boolean {
  for (let bit = 0; bit < prefixLength; bit += 8) {
    const shift = Math.max(0, 8 - (prefixLength - bit));
    const index = bit >> 3;
    if ((left[index] ?? 0) >> shift !== (right[index] ?? 0) >> shift) return false;
  }
  return true;
}

/** @returns whether the address is a loopback address: 127.0.0.0/8 (RFC 1122 §3.2.1.3) or ::1 (RFC 4291 §2.5.3). */
export function isLoopback(ip: IpAddress): boolean {
  return ip.startsWith('127.') || ip === '::1';
}

/** @returns whether the address is valid on one link only: 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(ip: IpAddress): boolean {
  return ip.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/.test(ip);
}

interface Range {
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  /** The name for messages, or `undefined` when hosts on the internet have such addresses. */
  readonly special: string | undefined;
}

/** All blocks, the longest prefix first. */
function allRanges(): readonly Range[] {
  return [...IPV4_REGISTRY, ...IPV6_REGISTRY, ...OTHER_BLOCKS]
    .map(({ prefix, name, reference, isGloballyReachable, hasNoHosts }) => {
      const [network = '', length] = prefix.split('/');
      const isPublic = isGloballyReachable && !hasNoHosts;
      // `parseIp` would read the block of IPv4-mapped addresses as IPv4.
      const bytes = isIPv4(network) ? ipBytes(network as IpAddress) : bytesOf(new Address6(network));
      return { bytes, prefixLength: Number(length), special: isPublic ? undefined : `${name} (${reference})` };
    })
    .sort((one, other) => other.prefixLength - one.prefixLength);
}

/** The blocks, once an address was looked up. To read them takes milliseconds. */
let known: readonly Range[] | undefined;

function ranges(): readonly Range[] {
  known ??= allRanges();
  return known;
}

/**
 * Looks up the special-purpose block that contains an address (RFC 6890), or a whole network.
 *
 * @param prefixLength of the network, of which `ip` is the first address. The default is the address alone.
 * @returns the name of the block, or `undefined` for an address that is reachable over the public internet, and for a
 *   network with such addresses.
 */
export function specialPurpose(ip: IpAddress, prefixLength = 128): string | undefined {
  const bytes = ipBytes(ip);
  const holder = ranges().find((range) => range.prefixLength <= prefixLength && isWithin(bytes, range));
  if (holder?.special === undefined || prefixLength >= bytes.length * 8) return holder?.special;
  const network = { bytes, prefixLength, special: undefined };
  return ranges().some((range) => range.special === undefined && isWithin(range.bytes, network))
    ? undefined
    : holder.special;
}

function isWithin(bytes: Uint8Array, network: Range): boolean {
  return bytes.length === network.bytes.length && haveSamePrefix(bytes, network.bytes, network.prefixLength);
}

function mappedIpv4(address: Address6): string | undefined {
  const bytes = bytesOf(address);
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.subarray(12).join('.') : undefined;
}
