/**
 * The DNS tree walk (RFC 9989 §4.10): which records stand on the way from a domain to the root, and which of their
 * names is the organizational domain (§4.10.2).
 */
import { type DnsAnswer, type DnsFailure, isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { canonicalName } from '../../network/domain.ts';
import { type DmarcRecord, parseDmarcRecord } from './record.ts';

/** "Author Domains with more than eight labels do not result in more than eight DNS queries" (§4.10). */
export const MAX_WALK_QUERIES = 8;

/** Longest name the DNS can hold, in its usual text form (RFC 1035 §2.3.4). */
const MAX_NAME = 253;

export interface WalkStep {
  /** The domain looked at. */
  readonly domain: string;
  /** `_dmarc.<domain>`. */
  readonly name: string;
  /** `null` where the name would be too long to exist. */
  readonly query: DnsAnswer<'TXT'> | null;
  /** The joined strings of every TXT record there. */
  readonly texts: readonly string[];
  /** All DMARC records among them; several count as none (§4.10). */
  readonly records: readonly DmarcRecord[];
  /** The record that counts. */
  readonly record: DmarcRecord | null;
}

export type OrganizationalDomain =
  | {
      readonly kind: 'known';
      readonly domain: string;
      /** `psd=n` at it, `psd=y` above it, the highest record, or no record at all. */
      readonly by: 'psd=n' | 'psd=y' | 'highest-record' | 'no-record';
    }
  | { readonly kind: 'unknown'; readonly query: DnsFailure };

export interface TreeWalk {
  readonly domain: string;
  /** Up to the stop, or to the first query without an outcome. */
  readonly steps: readonly WalkStep[];
  readonly organizationalDomain: OrganizationalDomain;
}

/** @returns the domains a walk looks at: the domain, then its last seven labels and on to one label. */
export function walkedDomains(domain: string): string[] {
  const labels = canonicalName(domain).split('.');
  const upper = labels.length >= MAX_WALK_QUERIES ? labels.slice(-(MAX_WALK_QUERIES - 1)) : labels.slice(1);
  return [canonicalName(domain), ...upper.map((_, index) => upper.slice(index).join('.'))];
}

/** @returns the names that a walk asks for records, without those that are too long to exist. */
export function walkedNames(domain: string): string[] {
  return walkedDomains(domain)
    .map((walked) => `_dmarc.${walked}`)
    .filter((name) => name.length <= MAX_NAME);
}

/**
 * Walks the tree from `domain`.
 *
 * The standard asks name after name and stops at `psd=n` or `psd=y`; the names are known beforehand, so all are asked
 * at once and read in order. A failure above the stop therefore changes nothing.
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

export async function lookUpPolicyRecord(dns: Resolver, domain: string): Promise<WalkStep> {
  const name = `_dmarc.${domain}`;
  if (name.length > MAX_NAME) return { domain, name, query: null, texts: [], records: [], record: null };
  const query = await dns.query(name, 'TXT');
  const texts = recordsOf(query).map((strings) => strings.join(''));
  const records = texts.flatMap((text) => parseDmarcRecord(text) ?? []);
  const [only, ...others] = records;
  return { domain, name, query, texts, records, record: only && others.length === 0 ? only : null };
}

/** §4.10.2, over the records from the longest name to the shortest. */
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
