/** The blocks of addresses that one operator usually has: what goes to them is limited together. */
import { type IpAddress, ipBytes, ipFamily } from '../ip.ts';

/** @returns the block of the address: its /24, or its /48 for IPv6. */
export function blockOf(ip: IpAddress): string {
  if (ipFamily(ip) === 4) return `${ip.slice(0, ip.lastIndexOf('.'))}.0/24`;
  const groups = [0, 2, 4].map((at) => Buffer.from(ipBytes(ip)).readUInt16BE(at).toString(16));
  return `${groups.join(':')}::/48`;
}
