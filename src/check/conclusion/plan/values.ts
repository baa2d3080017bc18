/** Reads the values of record sets, folds edits of plain values, and writes values as records. */
import type { DnsAnswer, MxRecord, RecordData, TlsaRecord } from '../../../network/dns/answer.ts';
import { recordsOf } from '../../../network/dns/answer.ts';
import { canonicalName } from '../../../network/domain.ts';
import {
  addressValue,
  mxValue,
  nameValue,
  plainRecord,
  type RecordToPublish,
  type RecordValue,
  textValue,
  tlsaValue,
  txtRecord,
} from '../../../standards/zone-file/line.ts';
import type { PlainType, ValuesChange } from '../../rules/edit.ts';
import { type Proposal, unchanged } from './planner.ts';

/** @returns the published values, each as in a zone file. The value of a TXT record is its whole text. */
export function valuesOf(answer: DnsAnswer): RecordValue[] {
  return recordsOf(answer).map((data) => {
    if (typeof data === 'string') return isNamed(answer.type) ? nameValue(data) : addressValue(data);
    if (isMx(data)) return mxValue(data);
    if (isTlsa(data)) return tlsaValue(data);
    return textValue(Array.isArray(data) ? data.join('') : '');
  });
}

const isNamed = (type: string): boolean => type === 'CNAME' || type === 'PTR' || type === 'NS';

function isMx(data: RecordData[keyof RecordData]): data is MxRecord {
  return typeof data === 'object' && 'exchange' in data;
}

function isTlsa(data: RecordData[keyof RecordData]): data is TlsaRecord {
  return typeof data === 'object' && 'matchingType' in data;
}

/** @returns the value as the data of a record of this type, in the form of the DNS client. */
export function dataOf(type: PlainType, value: string): RecordData[PlainType] {
  switch (type) {
    case 'TXT':
      return [value];
    case 'MX': {
      const [preference = '0', exchange = ''] = value.split(' ');
      return { preference: Number(preference), exchange: canonicalName(exchange) };
    }
    case 'TLSA': {
      const [usage = '', selector = '', matchingType = '', data = ''] = value.split(' ');
      return { usage: Number(usage), selector: Number(selector), matchingType: Number(matchingType), data };
    }
    case 'CNAME':
    case 'PTR':
      return canonicalName(value);
    case 'A':
    case 'AAAA':
      return value;
  }
}

/** @returns the value as a record to publish or to take out. */
export function recordOf(name: string, type: PlainType, value: RecordValue): RecordToPublish {
  return type === 'TXT' ? txtRecord(name, value) : plainRecord(name, type, value);
}

/** Folds edits of plain values, one after the other. */
export function planValues(published: readonly RecordValue[], changes: readonly ValuesChange[]): Proposal<RecordValue> {
  let after = [...published];
  for (const { add, remove } of changes) {
    const kept =
      remove === 'all'
        ? after.filter((value) => add.includes(value))
        : after.filter((value) => !remove.includes(value));
    after = [...kept, ...add.filter((value) => !kept.includes(value))];
  }
  const gone = published.filter((value) => !after.includes(value));
  const come = after.filter((value) => !published.includes(value));
  if (gone.length === 0 && come.length === 0) return unchanged();
  const notes = [...new Set(changes.flatMap(({ because }) => because ?? []))];
  return { kind: 'proposal', remove: gone, add: come, notes };
}
