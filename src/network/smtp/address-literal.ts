/** Writes addresses as SMTP does in place of host names. */
import { type IpAddress, ipFamily } from '../ip.ts';

/** @returns the address literal of SMTP (RFC 5321 §4.1.3): `[203.0.113.5]` or `[IPv6:2001:db8::5]`. */
export function addressLiteral(ip: IpAddress): string {
  return ipFamily(ip) === 6 ? `[IPv6:${ip}]` : `[${ip}]`;
}
