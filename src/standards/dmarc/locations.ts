/** Finds DMARC records that were published by mistake at names that no receiver queries (RFC 9989 §4.10). */
import { type DnsAnswer, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { MAX_NAME } from '../../network/domain.ts';
import type { OctetString } from '../../network/octet-string.ts';
import { readDmarc } from './correct.ts';

export interface MisplacedRecord {
  readonly name: string;
  readonly text: OctetString;
}

/** First labels that are nearly `_dmarc`. */
const MISSPELT = [
  'dmarc',
  '_dmarc._dmarc',
  '_dmark',
  '_dmacr',
  '_dmrac',
  '_damrc',
  '_dmarc1',
  '-dmarc',
  '__dmarc',
] as const;

/**
 * Looks for DMARC records at names that result from common mistakes.
 *
 * @param zone the domain that a zone editor appends. When a user types `_dmarc.example.com` into such an editor, the
 *   record ends up at `_dmarc.example.com.example.com`.
 * @returns the records found, each text once. A failed query counts as no record.
 */
export async function findMisplacedRecords(dns: Resolver, domain: string, zone: string): Promise<MisplacedRecord[]> {
  const names = [...MISSPELT.map((label) => `${label}.${domain}`), `_dmarc.${domain}.${zone}`];
  const answers = await Promise.all(
    names.filter((name) => name.length <= MAX_NAME).map((name) => dns.query(name, 'TXT')),
  );
  // A wildcard gives one record at all these names.
  const found = new Map<OctetString, MisplacedRecord>();
  for (const record of answers.flatMap(recordsIn)) if (!found.has(record.text)) found.set(record.text, record);
  return [...found.values()];
}

/** @returns the records in an answer that are DMARC or meant as it, with the queried name. */
export function recordsIn(answer: DnsAnswer<'TXT'>): MisplacedRecord[] {
  return recordsOf(answer)
    .map((strings) => strings.join(''))
    .filter((text) => readDmarc(text).kind !== 'unrelated')
    .map((text) => ({ name: answer.name, text }));
}
