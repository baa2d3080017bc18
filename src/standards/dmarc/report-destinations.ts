/**
 * Checks the destinations of reports: whether they authorise the domain (RFC 9990 §4), and whether they accept mail.
 */
import { type DnsAnswer, isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { sameName } from '../../network/domain.ts';
import { organizationalDomain } from '../organizational-domain.ts';
import { type ReportRoute, reportRoute } from '../report-route.ts';
import { type DmarcRecord, isDmarcRecord } from './record.ts';
import { walkTree } from './tree-walk.ts';

/** Largest number of hosts checked for one record. Receivers send to the first few, and a record may list thousands. */
export const MAX_DESTINATIONS = 10;

export type Authorisation =
  /** The destination belongs to the same organization, so no authorisation is necessary. */
  | { readonly kind: 'internal' }
  | { readonly kind: 'given' | 'missing' | 'unknown'; readonly query: DnsAnswer<'TXT'> }
  /** The name of the authorisation record would be too long, so the record cannot exist (§4 step 4). */
  | { readonly kind: 'impossible'; readonly name: string }
  /** The organization of the destination is unknown, because a query failed. */
  | { readonly kind: 'undetermined'; readonly query: DnsAnswer };

export interface Destination {
  readonly host: string;
  /** The tags that contain this host. */
  readonly tags: readonly ('rua' | 'ruf')[];
  readonly addresses: readonly string[];
  readonly authorisation: Authorisation;
  /** The suffix list puts the host and the policy domain together, so a tree walk from the host was needed to tell. */
  readonly isWalked: boolean;
  readonly mailRoute: ReportRoute;
}

/**
 * Checks the first `MAX_DESTINATIONS` hosts in `rua=` and `ruf=` of a record.
 *
 * @param policyDomain the domain that publishes the record.
 * @param organization its organizational domain by the tree walk, or `undefined` when that is unknown.
 * @returns one entry for each of these hosts, and the number of all hosts.
 */
export async function checkDestinations(
  dns: Resolver,
  policyDomain: string,
  organization: string | undefined,
  record: DmarcRecord,
): Promise<{ readonly destinations: readonly Destination[]; readonly hosts: number }> {
  const hosts = new Map<string, { tags: Set<'rua' | 'ruf'>; addresses: string[] }>();
  for (const tag of ['rua', 'ruf'] as const) {
    for (const { host, address } of record[tag]) {
      if (host === null || address === null) continue;
      const entry = hosts.get(host) ?? { tags: new Set(), addresses: [] };
      entry.tags.add(tag);
      entry.addresses.push(address);
      hosts.set(host, entry);
    }
  }
  const destinations = await Promise.all(
    [...hosts].slice(0, MAX_DESTINATIONS).map(async ([host, { tags, addresses }]) => {
      const isWalked = !isExternalByList(host, policyDomain) && !sameName(host, policyDomain);
      const [authorisation, mailRoute] = await Promise.all([
        authorisationOf(dns, policyDomain, organization, host),
        reportRoute(dns, host),
      ]);
      return { host, tags: [...tags], addresses, authorisation, isWalked, mailRoute };
    }),
  );
  return { destinations, hosts: hosts.size };
}

/**
 * Checks whether a host authorises reports about the domain. Authorisation is necessary when the organizational domains
 * differ. Some receivers still find them with the public suffix list (RFC 7489 §7.1), so the authorisation is checked
 * when the domains differ by either method.
 */
async function authorisationOf(
  dns: Resolver,
  policyDomain: string,
  organization: string | undefined,
  host: string,
): Promise<Authorisation> {
  if (sameName(host, policyDomain)) return { kind: 'internal' };
  const name = `${policyDomain}._report._dmarc.${host}`;
  const [walk, query] = await Promise.all([
    isExternalByList(host, policyDomain) ? undefined : walkTree(dns, host),
    name.length > 253 ? undefined : dns.query(name, 'TXT'),
  ]);
  if (walk) {
    const { organizationalDomain: other } = walk;
    if (other.kind === 'unknown') return { kind: 'undetermined', query: other.query };
    if (organization === undefined || sameName(other.domain, organization)) return { kind: 'internal' };
  }
  if (!query) return { kind: 'impossible', name };
  if (isFailure(query)) return { kind: 'unknown', query };
  const isGiven = recordsOf(query).some((strings) => isDmarcRecord(strings.join('')));
  return { kind: isGiven ? 'given' : 'missing', query };
}

function isExternalByList(host: string, policyDomain: string): boolean {
  return organizationalDomain(host) !== organizationalDomain(policyDomain);
}
