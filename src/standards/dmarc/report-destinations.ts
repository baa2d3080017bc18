/** Whether reports would be sent and arrive: authorisation by external destinations (RFC 9990 §4), and their mail route. */
import { type DnsAnswer, isAbsent, isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { sameName } from '../../network/domain.ts';
import { organizationalDomain } from '../organizational-domain.ts';
import { type DmarcRecord, isDmarcRecord } from './record.ts';
import { walkTree } from './tree-walk.ts';

/** Hosts looked at per record: receivers send to the first few at most, and a record may list thousands. */
export const MAX_DESTINATIONS = 10;

export type Authorisation =
  /** Same organization. */
  | { readonly kind: 'internal' }
  | { readonly kind: 'given' | 'missing' | 'unknown'; readonly query: DnsAnswer<'TXT'> }
  /** The name to ask would be too long to exist, so it cannot be given (§4 step 4). */
  | { readonly kind: 'impossible'; readonly name: string }
  /** Whether the organization is the same could not be found out. */
  | { readonly kind: 'undetermined'; readonly query: DnsAnswer };

export type MailRouteState = 'exists' | 'absent' | 'null-mx' | 'unknown';

export interface Destination {
  readonly host: string;
  /** The tags that name it. */
  readonly tags: readonly ('rua' | 'ruf')[];
  readonly addresses: readonly string[];
  readonly authorisation: Authorisation;
  /** The suffix list puts the host and the policy domain together, so a tree walk from the host was needed to tell. */
  readonly isWalked: boolean;
  readonly mailRoute: {
    readonly state: MailRouteState;
    /** The answer that decides on the state. */
    readonly query: DnsAnswer;
    /** Every answer that the state rests on. */
    readonly answers: readonly DnsAnswer[];
  };
}

/**
 * @param policyDomain the domain the record was found at
 * @param organization its organizational domain by the tree walk, `undefined` when that is unknown
 */
export async function checkDestinations(
  dns: Resolver,
  policyDomain: string,
  organization: string | undefined,
  record: DmarcRecord,
): Promise<Destination[]> {
  const hosts = new Map<string, { tags: Set<'rua' | 'ruf'>; addresses: string[] }>();
  for (const tag of ['rua', 'ruf'] as const) {
    for (const { host, address } of record[tag]) {
      if (host === null || address === null) continue;
      const known = hosts.get(host);
      if (!known && hosts.size >= MAX_DESTINATIONS) continue;
      const entry = known ?? { tags: new Set(), addresses: [] };
      entry.tags.add(tag);
      entry.addresses.push(address);
      hosts.set(host, entry);
    }
  }
  return Promise.all(
    [...hosts].map(async ([host, { tags, addresses }]) => {
      const isWalked = !isExternalByList(host, policyDomain) && !sameName(host, policyDomain);
      const [authorisation, mailRoute] = await Promise.all([
        authorisationOf(dns, policyDomain, organization, host),
        mailRouteOf(dns, host),
      ]);
      return { host, tags: [...tags], addresses, authorisation, isWalked, mailRoute };
    }),
  );
}

/**
 * Authorisation is needed where the organizational domains differ. A receiver may still tell them by the public
 * suffix list (RFC 7489 §7.1), so it is asked for when either method finds a difference.
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

async function mailRouteOf(dns: Resolver, host: string): Promise<Destination['mailRoute']> {
  const mx = await dns.query(host, 'MX');
  if (isFailure(mx)) return { state: 'unknown', query: mx, answers: [mx] };
  if (!isAbsent(mx)) {
    const isNull = mx.records.every(({ exchange }) => exchange === '');
    return { state: isNull ? 'null-mx' : 'exists', query: mx, answers: [mx] };
  }
  // Without MX, the host's own address counts (RFC 5321 §5.1).
  const addresses = await Promise.all([dns.query(host, 'A'), dns.query(host, 'AAAA')]);
  const answers = [mx, ...addresses];
  if (addresses.some(({ status }) => status === 'answer')) return { state: 'exists', query: mx, answers };
  const failed = addresses.find((answer) => isFailure(answer));
  return failed ? { state: 'unknown', query: failed, answers } : { state: 'absent', query: mx, answers };
}
