/** Writes the records of an answer as texts. */
import type { DnsAnswer } from './answer.ts';

/** @returns each record as one text, with the strings of a text record in quotation marks. Empty without records. */
export function recordTexts(answer: DnsAnswer): string[] {
  if (answer.status !== 'answer') return [];
  return answer.records.map((record) => {
    if (typeof record === 'string') return record;
    if ('exchange' in record) return `${record.preference} ${record.exchange}.`;
    if ('serial' in record) return `${record.mname} ${record.rname} ${record.serial}`;
    if ('keyTag' in record) return `${record.keyTag} ${record.algorithm} ${record.digestType} ${record.digest}`;
    if ('usage' in record) return `${record.usage} ${record.selector} ${record.matchingType} ${record.data}`;
    return record.map((part) => JSON.stringify(part)).join(' ');
  });
}
