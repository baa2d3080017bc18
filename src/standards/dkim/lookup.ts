/** Looks up the key records at a selector (RFC 6376 §3.6.2.1) and assesses them. */
import { type DnsAnswer, isFailure, type Resolver } from '../../network/dns/answer.ts';
import { assessKeyRecord, type KeyAssessment } from './assess.ts';
import { meaningOfSelector, type SelectorMeaning } from './selector-meaning.ts';

export type LookupOutcome =
  /** There are one or more TXT records. */
  | 'records'
  /** There is no TXT record. */
  | 'absent'
  /** The name is a CNAME whose target has no TXT record. */
  | 'dangling'
  /** The DNS lookup failed. */
  | 'unknown';

export interface SelectorLookup {
  readonly selector: string;
  readonly name: string;
  readonly query: DnsAnswer<'TXT'>;
  readonly outcome: LookupOutcome;
  /** The assessment of each TXT record. A selector must have exactly one (RFC 6376 §3.6.2.2). */
  readonly records: readonly KeyAssessment[];
  /** What was meant by all TXT records together. `null` when there is none. */
  readonly meaning: SelectorMeaning | null;
}

/** @returns the name of a selector's key record: `<selector>._domainkey.<domain>`. */
export function keyName(selector: string, domain: string): string {
  return `${selector}._domainkey.${domain}`;
}

/** @returns the lookup of a selector's TXT records, with the assessment of each. Never rejects. */
export async function lookUpSelector(dns: Resolver, domain: string, selector: string): Promise<SelectorLookup> {
  const name = keyName(selector, domain);
  const query = await dns.query(name, 'TXT');
  const found = { selector, name, query };
  if (query.status === 'answer') {
    const meaning = meaningOfSelector(query.records.map((strings) => strings.join('')));
    return { ...found, outcome: 'records', records: query.records.map(assessKeyRecord), meaning };
  }
  const none = { records: [], meaning: null };
  if (isFailure(query)) return { ...found, ...none, outcome: 'unknown' };
  return { ...found, ...none, outcome: query.chain.length > 0 ? 'dangling' : 'absent' };
}

/** @returns whether the selector has exactly one record and receivers can verify signatures with it. */
export function isUsable(lookup: SelectorLookup): boolean {
  return lookup.records.length === 1 && lookup.records.every((record) => record.usable);
}
