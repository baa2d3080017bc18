/** Places where DMARC records end up by mistake, and no receiver looks (RFC 9989 §4.10). */
import { type DnsAnswer, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { isDmarcRecord } from './record.ts';

export interface MisplacedRecord {
  readonly name: string;
  readonly text: string;
}

/**
 * @param zone the domain a zone editor would append: `_dmarc.example.com` typed in full becomes
 *   `_dmarc.example.com.example.com`
 */
export async function findMisplacedRecords(dns: Resolver, domain: string, zone: string): Promise<MisplacedRecord[]> {
  const names = [`dmarc.${domain}`, `_dmarc._dmarc.${domain}`, `_dmarc.${domain}.${zone}`];
  const answers = await Promise.all(names.filter((name) => name.length <= 253).map((name) => dns.query(name, 'TXT')));
  return answers.flatMap(recordsIn);
}

/** @returns the DMARC records in an answer. */
export function recordsIn(answer: DnsAnswer<'TXT'>): MisplacedRecord[] {
  return recordsOf(answer)
    .map((strings) => strings.join(''))
    .filter(isDmarcRecord)
    .map((text) => ({ name: answer.name, text }));
}
