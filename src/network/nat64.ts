/**
 * IPv6 addresses that stand for IPv4 addresses by translation (NAT64, RFC 6052). The operator of a translator may choose
 * a prefix of its own, and addresses under it look like any others.
 */
import { type IpAddress, ipBytes, ipFamily, ipOfBytes } from './ip.ts';

/** A prefix under which a translator of this network reaches IPv4 addresses. */
export interface Translator {
  /** The first address of the prefix. */
  readonly network: IpAddress;
  readonly prefixLength: number;
}

/** An IPv4 address that an IPv6 address stands for, if there is a translator for the prefix. */
export interface Embedding extends Translator {
  readonly ipv4: IpAddress;
}

/** The lengths that a translator's prefix may have (RFC 6052 §2.2), in octets. */
const PREFIX_OCTETS = [4, 5, 6, 7, 8, 12] as const;
/** The octet that is zero in every translated address, and never part of the IPv4 address. */
const RESERVED_OCTET = 8;

/** @returns the IPv4 address at each place where RFC 6052 §2.2 puts one, if the rest of the address is as it says. */
export function embeddings(ip: IpAddress): Embedding[] {
  const bytes = ipBytes(ip);
  if (ipFamily(ip) === 4 || bytes[RESERVED_OCTET] !== 0) return [];
  return PREFIX_OCTETS.flatMap((length) => {
    const rest = [...bytes.keys()].filter((index) => index >= length && index !== RESERVED_OCTET);
    if (rest.slice(4).some((index) => bytes[index] !== 0)) return [];
    const ipv4 = ipOfBytes(Uint8Array.from(rest.slice(0, 4), (index) => bytes[index] ?? 0));
    const network = ipOfBytes(bytes.map((byte, index) => (index < length ? byte : 0)));
    return ipv4 === undefined || network === undefined ? [] : [{ ipv4, network, prefixLength: length * 8 }];
  });
}

/** @returns whether one of the translators reaches the IPv4 address under this prefix. */
export function isReachedBy({ network, prefixLength }: Embedding, translators: readonly Translator[]): boolean {
  return translators.some((one) => one.network === network && one.prefixLength === prefixLength);
}
