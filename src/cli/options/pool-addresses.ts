/** Parses the addresses and networks of `mailcheck pool`. */
import { Address4, Address6 } from 'ip-address';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** The most addresses of a pool, which is a /26. Block lists treat too many lookups from one resolver as abuse. */
export const MAX_POOL = 64;

/**
 * Parses addresses and networks such as `203.0.113.0/29`.
 *
 * @param domain the domain that the error message shows in an example.
 * @returns every address, including all addresses of each network, without duplicates.
 * @throws UsageError for a text that is neither, and for more than `MAX_POOL` addresses together.
 */
export function parsePool(texts: readonly string[], domain: string): IpAddress[] {
  const ips = new Set<IpAddress>();
  for (const text of texts) {
    for (const ip of text.includes('/') ? addressesOf(text.trim()) : [parseAddress(text.trim(), domain)]) ips.add(ip);
    if (ips.size > MAX_POOL) throw tooLarge(`${ips.size} addresses`);
  }
  return [...ips];
}

function parseAddress(text: string, domain: string): IpAddress {
  const ip = parseIp(text);
  if (ip) return ip;
  throw new UsageError(
    `${quoteInput(text)} is neither an address nor a network. Type such as: mailcheck pool ${domain} 203.0.113.0/29`,
  );
}

function addressesOf(text: string): IpAddress[] {
  const [base = '', length = ''] = text.split('/');
  const ip = parseIp(base);
  const bits = ip?.includes(':') ? 128 : 32;
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (!ip || prefix < 0 || prefix > bits) {
    throw new UsageError(`${quoteInput(text)} is not a network. Type one such as 203.0.113.0/29 or 2001:db8::/125`);
  }
  if (2 ** (bits - prefix) > MAX_POOL) throw tooLarge(text);
  const subnet = bits === 32 ? new Address4(`${ip}/${prefix}`) : new Address6(`${ip}/${prefix}`);
  const first = subnet.startAddress().bigInt();
  const toText = (value: bigint): string =>
    bits === 32 ? Address4.fromBigInt(value).correctForm() : Address6.fromBigInt(value).correctForm();
  return Array.from({ length: 2 ** (bits - prefix) }, (_, index) => parseIp(toText(first + BigInt(index)))).filter(
    (address) => address !== undefined,
  );
}

function tooLarge(what: string): UsageError {
  return new UsageError(
    `${quoteInput(what)} is too large. A pool has at most ${MAX_POOL} addresses, such as a /26 (IPv4) or a /122 (IPv6)`,
  );
}
