/** Says that this machine, not the host, is the reason why an address could not be connected to. */
import { ipFamily, parseIp } from '../../network/ip.ts';

const BY_FIREWALL: readonly string[] = ['EACCES', 'EPERM'];

/**
 * @param detail the errno of the failure.
 * @returns what is missing on this machine, as a clause: `this machine has no IPv6 route (ENETUNREACH)`.
 */
export function missingHere(ip: string, detail: string): string {
  if (BY_FIREWALL.includes(detail)) return `a firewall of this machine forbids the connection (${detail})`;
  const address = parseIp(ip);
  const family = address === undefined ? '' : `IPv${ipFamily(address)} `;
  return `this machine has no ${family}route to it (${detail})`;
}

/** What to do about a connection that this machine cannot make. */
export const FROM_ANOTHER_MACHINE =
  'Run the check on a machine with a route to the address, such as a server that has IPv6, or on the mail host itself.';
