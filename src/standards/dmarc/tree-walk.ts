/**
 * The DNS tree walk (RFC 9989 §4.10). It looks for DMARC records at a domain and at the domains above it. These records
 * determine the organizational domain (§4.10.2).
 */
import { type DnsAnswer, type DnsFailure, isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { canonicalName, MAX_NAME } from '../../network/domain.ts';
import { type DmarcRecord, parseDmarcRecord } from './record.ts';

/** "Author Domains with more than eight labels do not result in more than eight DNS queries" (§4.10). */
export const MAX_WALK_QUERIES = 8;

export interface WalkStep {
  /** The domain of this step. */
  readonly domain: string;
  /** The queried name: `_dmarc.<domain>`. */
  readonly name: string;
  /** The answer, or `null` when the name is too long for the DNS. */
  readonly query: DnsAnswer<'TXT'> | null;
  /** All TXT records at the name, each with its strings joined. */
  readonly texts: readonly string[];
  /** All DMARC records among them. Receivers ignore all of them when there are several (§4.10). */
  readonly records: readonly DmarcRecord[];
  /** The record that receivers use: the only one, or `null`. */
  readonly record: DmarcRecord | null;
}

export type OrganizationalDomain =
  | {
      readonly kind: 'known';
      readonly domain: string;
      /** The reason: `psd=n` at this domain, `psd=y` one label above it, the highest record, or no record at all. */
      readonly by: 'psd=n' | 'psd=y' | 'highest-record' | 'no-record';
    }
  | { readonly kind: 'unknown'; readonly query: DnsFailure };

export interface TreeWalk {
  readonly domain: string;
  /** The steps up to the domain where the walk stops, or to the first failed query. */
  readonly steps: readonly WalkStep[];
  readonly organizationalDomain: OrganizationalDomain;
}

/**
 * Lists the domains of a tree walk (RFC 9989 §4.10). A walk has at most eight steps, so that it skips the middle labels
 * of a long name.
 *
 * @returns the domain itself, then its parent domains (of at most seven labels) down to one label.
 */
export function walkedDomains(domain: string): string[] {
  const labels = canonicalName(domain).split('.');
  const upper = labels.length >= MAX_WALK_QUERIES ? labels.slice(-(MAX_WALK_QUERIES - 1)) : labels.slice(1);
  return [canonicalName(domain), ...upper.map((_, index) => upper.slice(index).join('.'))];
}

/** @returns the questions of a tree walk, in order. Names that are too long to exist are left out. */
export function walkedQuestions(domain: string): { readonly name: string; readonly type: 'TXT' }[] {
  return walkedDomains(domain)
    .map((walked) => `_dmarc.${walked}`)
    .filter((name) => name.length <= MAX_NAME)
    .map((name) => ({ name, type: 'TXT' }));
}

/**
 * Walks up the DNS tree from `domain` (RFC 9989 §4.10). The standard queries one name after the other and stops at
 * `psd=n` or `psd=y`. This function queries all names at once, because they are known in advance, and then reads the
 * answers in order. A failed query above the stop has no effect.
 *
 * @returns the steps up to the stop, and the organizational domain. Never rejects.
 */
export async function walkTree(dns: Resolver, domain: string): Promise<TreeWalk> {
  const all = await Promise.all(walkedDomains(domain).map((name) => lookUpPolicyRecord(dns, name)));
  const steps: WalkStep[] = [];
  for (const step of all) {
    steps.push(step);
    if (step.query && isFailure(step.query)) {
      return { domain, steps, organizationalDomain: { kind: 'unknown', query: step.query } };
    }
    if (step.record && step.record.psd !== 'u') break;
  }
  return { domain, steps, organizationalDomain: { kind: 'known', ...selectOrganizationalDomain(domain, steps) } };
}

/** @returns the lookup of the TXT records at `_dmarc.<domain>`, with the DMARC record if there is exactly one. */
export async function lookUpPolicyRecord(dns: Resolver, domain: string): Promise<WalkStep> {
  const name = `_dmarc.${domain}`;
  if (name.length > MAX_NAME) return { domain, name, query: null, texts: [], records: [], record: null };
  const query = await dns.query(name, 'TXT');
  const texts = recordsOf(query).map((strings) => strings.join(''));
  const records = texts.flatMap((text) => parseDmarcRecord(text) ?? []);
  const [only, ...others] = records;
  return { domain, name, query, texts, records, record: only && others.length === 0 ? only : null };
}

/**
 * Selects the organizational domain (§4.10.2) from the records, which are in order from the longest name to the
 * shortest.
 */
function selectOrganizationalDomain(
  domain: string,
  steps: readonly WalkStep[],
): Omit<Extract<OrganizationalDomain, { kind: 'known' }>, 'kind'> {
  const found = steps.filter(({ record }) => record !== null);
  for (const step of found) {
    if (step.record?.psd === 'n') return { domain: step.domain, by: 'psd=n' };
    // "a valid DMARC Policy Record, other than the one for the domain where the tree walk started"
    if (step.record?.psd === 'y' && step !== steps[0])
      return { domain: oneLabelBelow(step.domain, domain), by: 'psd=y' };
  }
  const highest = found.at(-1);
  return highest
    ? { domain: highest.domain, by: 'highest-record' }
    : { domain: canonicalName(domain), by: 'no-record' };
}

function oneLabelBelow(parent: string, domain: string): string {
  const labels = canonicalName(domain).split('.');
  return labels.slice(-(parent.split('.').length + 1)).join('.');
}
