/**
 * IP addresses as users and the DNS write them: parsing, the names of PTR records, and the special-purpose address
 * registries of IANA (RFC 6890).
 */
import { isIP } from 'node:net';
import { Address4, Address6 } from 'ip-address';

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
  const kind = isIP(text);
  if (kind === 4) return text as IpAddress;
  if (kind !== 6 || text.includes('%')) return undefined;
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
  if (ipFamily(ip) === 4) return Uint8Array.from(ip.split('.'), Number);
  return Uint8Array.from(new Address6(ip).toUnsignedByteArray(), (byte) => byte & 0xff);
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
  const left = ipBytes(a);
  const right = ipBytes(b);
  if (left.length !== right.length) return false;
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

interface SpecialRange {
  readonly network: string;
  readonly name: string;
}

/** Ranges that the IANA registries call not globally reachable, so that no mail on the internet can come from them. */
const SPECIAL_IPV4: readonly SpecialRange[] = [
  { network: '0.0.0.0/8', name: '"this network" (RFC 791)' },
  { network: '10.0.0.0/8', name: 'private use (RFC 1918)' },
  { network: '100.64.0.0/10', name: 'shared address space for carrier-grade NAT (RFC 6598)' },
  { network: '127.0.0.0/8', name: 'loopback (RFC 1122)' },
  { network: '169.254.0.0/16', name: 'link local (RFC 3927)' },
  { network: '172.16.0.0/12', name: 'private use (RFC 1918)' },
  { network: '192.0.0.0/24', name: 'IETF protocol assignments (RFC 6890)' },
  { network: '192.0.2.0/24', name: 'documentation (TEST-NET-1, RFC 5737)' },
  { network: '192.88.99.0/24', name: 'deprecated 6to4 relay anycast (RFC 7526)' },
  { network: '192.168.0.0/16', name: 'private use (RFC 1918)' },
  { network: '198.18.0.0/15', name: 'benchmarking (RFC 2544)' },
  { network: '198.51.100.0/24', name: 'documentation (TEST-NET-2, RFC 5737)' },
  { network: '203.0.113.0/24', name: 'documentation (TEST-NET-3, RFC 5737)' },
  { network: '224.0.0.0/4', name: 'multicast (RFC 5771)' },
  { network: '240.0.0.0/4', name: 'reserved or broadcast (RFC 1112)' },
];

const SPECIAL_IPV6: readonly SpecialRange[] = [
  { network: '::/128', name: 'unspecified address (RFC 4291)' },
  { network: '::1/128', name: 'loopback (RFC 4291)' },
  { network: '64:ff9b::/96', name: 'IPv4 translation (RFC 6052)' },
  { network: '64:ff9b:1::/48', name: 'local IPv4 translation (RFC 8215)' },
  { network: '100::/64', name: 'discard only (RFC 6666)' },
  { network: '2001::/32', name: 'Teredo (RFC 4380)' },
  { network: '2001:2::/48', name: 'benchmarking (RFC 5180)' },
  { network: '2001:10::/28', name: 'deprecated ORCHID (RFC 4843)' },
  { network: '2001:20::/28', name: 'ORCHIDv2 (RFC 7343)' },
  { network: '2001:db8::/32', name: 'documentation (RFC 3849)' },
  { network: '2002::/16', name: '6to4 (RFC 3056)' },
  { network: '3fff::/20', name: 'documentation (RFC 9637)' },
  { network: '5f00::/16', name: 'segment routing SIDs (RFC 9602)' },
  { network: 'fc00::/7', name: 'unique local (RFC 4193)' },
  { network: 'fe80::/10', name: 'link local (RFC 4291)' },
  { network: 'fec0::/10', name: 'deprecated site local (RFC 3879)' },
  { network: 'ff00::/8', name: 'multicast (RFC 4291)' },
];

const special4 = SPECIAL_IPV4.map((range) => ({ ...range, subnet: new Address4(range.network) }));
const special6 = SPECIAL_IPV6.map((range) => ({ ...range, subnet: new Address6(range.network) }));

/**
 * Looks up the special-purpose block that contains an address (RFC 6890).
 *
 * @returns the name of the block, or `undefined` for an address that is reachable over the public internet.
 */
export function specialPurpose(ip: IpAddress): string | undefined {
  if (ipFamily(ip) === 4) {
    const address = new Address4(ip);
    return special4.find(({ subnet }) => address.isInSubnet(subnet))?.name;
  }
  const address = new Address6(ip);
  return special6.find(({ subnet }) => address.isInSubnet(subnet))?.name;
}

function mappedIpv4(address: Address6): string | undefined {
  const bytes = address.toUnsignedByteArray().map((byte) => byte & 0xff);
  const padded = [...new Array<number>(16 - bytes.length).fill(0), ...bytes];
  const isMapped = padded.slice(0, 10).every((byte) => byte === 0) && padded[10] === 0xff && padded[11] === 0xff;
  return isMapped ? padded.slice(12).join('.') : undefined;
}
