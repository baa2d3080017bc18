/** The DNS hosts that mailcheck knows. */
import { rowsOf } from '../data-folder.ts';
import type { DnsHost } from './schema.ts';

// The tests validate the rows, so a run does not have to.
const rows = rowsOf('dns-hosts/data') as readonly DnsHost[];

/** Every DNS host, sorted by name. The software of name servers of one's own is last. */
export const dnsHosts: readonly DnsHost[] = [...rows].sort(
  (a, b) => Number(a.kind === 'software') - Number(b.kind === 'software') || a.name.localeCompare(b.name, 'en'),
);

/** @returns the DNS host with this id, or `undefined`. */
export function dnsHostOf(id: string): DnsHost | undefined {
  return dnsHosts.find((host) => host.id === id);
}
