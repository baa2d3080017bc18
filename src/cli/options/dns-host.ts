/** Finds the DNS host that the user names. */
import { dnsHostOf, dnsHosts } from '../../knowledge/dns-hosts/catalogue.ts';
import type { DnsHost } from '../../knowledge/dns-hosts/schema.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { nearest } from './nearest.ts';

/**
 * @returns the DNS host with this id.
 * @throws UsageError for an unknown id. It suggests ids of hosts with a similar id or name.
 */
export function knownDnsHost(id: string): DnsHost {
  const part = id.trim().toLowerCase();
  const known = dnsHostOf(part);
  if (known) return known;
  const ids = dnsHosts.map((host) => host.id);
  const alike = dnsHosts.filter((row) => part.length > 2 && `${row.id} ${row.name.toLowerCase()}`.includes(part));
  const suggestion =
    alike.length > 0 ? ` (did you mean ${alike.map((row) => row.id).join(' or ')}?)` : nearest(id, ids);
  throw new UsageError(`there is no DNS host ${quoteInput(id)}${suggestion}. Type: mailcheck dns-hosts`);
}
