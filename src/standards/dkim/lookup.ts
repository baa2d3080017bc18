/** Looks one selector up (RFC 6376 §3.6.2.1) and judges what is published there. */
import { type DnsAnswer, isFailure, type Resolver } from '../../network/dns/answer.ts';
import { assessKeyRecord, type KeyAssessment } from './assess.ts';

export type LookupOutcome =
  /** One or more TXT records. */
  | 'records'
  /** Nothing there. */
  | 'absent'
  /** A CNAME whose end has no TXT record. */
  | 'dangling'
  /** The DNS did not say. */
  | 'unknown';

export interface SelectorLookup {
  readonly selector: string;
  readonly name: string;
  readonly query: DnsAnswer<'TXT'>;
  readonly outcome: LookupOutcome;
  /** One per TXT record; a selector must have exactly one (RFC 6376 §3.6.2.2). */
  readonly records: readonly KeyAssessment[];
}

/** @returns the name of a selector's key record. */
export function keyName(selector: string, domain: string): string {
  return `${selector}._domainkey.${domain}`;
}

/** @returns what is published at a selector. */
export async function lookUpSelector(dns: Resolver, domain: string, selector: string): Promise<SelectorLookup> {
  const name = keyName(selector, domain);
  const query = await dns.query(name, 'TXT');
  const found = { selector, name, query };
  if (query.status === 'answer') {
    return { ...found, outcome: 'records', records: query.records.map(assessKeyRecord) };
  }
  if (isFailure(query)) return { ...found, outcome: 'unknown', records: [] };
  return { ...found, outcome: query.chain.length > 0 ? 'dangling' : 'absent', records: [] };
}

/** @returns whether a receiver finds exactly one record there and can verify with it. */
export function isUsable(lookup: SelectorLookup): boolean {
  return lookup.records.length === 1 && lookup.records.every((record) => record.usable);
}
