/** Finds DMARC records that were published by mistake at names that no receiver queries (RFC 9989 §4.10). */
import { type DnsAnswer, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { isDmarcRecord } from './record.ts';

export interface MisplacedRecord {
  readonly name: string;
  readonly text: string;
}

/**
 * Looks for DMARC records at names that result from common mistakes.
 *
 * @param zone the domain that a zone editor appends. When a user types `_dmarc.example.com` into such an editor, the
 *   record ends up at `_dmarc.example.com.example.com`.
 * @returns the records found. A failed query counts as no record.
 */
export async function findMisplacedRecords(dns: Resolver, domain: string, zone: string): Promise<MisplacedRecord[]> {
  const names = [`dmarc.${domain}`, `_dmarc._dmarc.${domain}`, `_dmarc.${domain}.${zone}`];
  const answers = await Promise.all(names.filter((name) => name.length <= 253).map((name) => dns.query(name, 'TXT')));
  return answers.flatMap(recordsIn);
}

/** @returns the DMARC records in an answer, with the queried name. Other TXT records are left out. */
export function recordsIn(answer: DnsAnswer<'TXT'>): MisplacedRecord[] {
  return recordsOf(answer)
    .map((strings) => strings.join(''))
    .filter(isDmarcRecord)
    .map((text) => ({ name: answer.name, text }));
}
