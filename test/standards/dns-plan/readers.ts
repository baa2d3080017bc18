/** Reads the formats of plans as the tools do that take them. */
import { runInNewContext } from 'node:vm';
import { parseAllDocuments } from 'yaml';
import type { RecordData, RecordType } from '../../../src/network/dns/answer.ts';
import { parseZone } from '../../../src/standards/zone-file/parse.ts';
import { readEntries } from '../../../src/standards/zone-file/tokens.ts';
import { type ReadSet, setsOf, undotted } from './domains.ts';

const octets = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function dataOf(data: RecordData[RecordType] | null): string {
  if (typeof data === 'string') return data;
  if (Array.isArray(data)) return data.join('');
  if (data !== null && 'exchange' in data) return undotted(`${data.preference} ${data.exchange}.`);
  if (data !== null && 'usage' in data) return `${data.usage} ${data.selector} ${data.matchingType} ${data.data}`;
  throw new Error('no value');
}

export function readZone(text: string): ReadSet[] {
  const { records } = parseZone(text, 'plan.zone', 'not.example');
  return setsOf(records.map(({ name, type, data }) => [name, type, dataOf(data)]));
}

/** What a script of nsupdate states and does. A later reader would be none the wiser if a value could end its line. */
export interface NsUpdate {
  readonly zones: readonly string[];
  readonly sends: number;
  readonly deleted: readonly string[];
  readonly expected: readonly string[];
  readonly added: ReadSet[];
}

export function readNsUpdate(text: string): NsUpdate {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
  const after = (start: string): string[] =>
    lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  const known = ['zone ', 'prereq ', 'update delete ', 'update add '];
  const unknown = lines.filter((line) => line !== 'send' && !known.some((start) => line.startsWith(start)));
  if (unknown.length > 0) throw new Error(`no command of a plan: ${JSON.stringify(unknown[0])}`);
  return {
    zones: after('zone '),
    sends: lines.filter((line) => line === 'send').length,
    deleted: after('update delete '),
    expected: after('prereq '),
    added: readZone(after('update add ').join('\n')),
  };
}

interface Batch {
  readonly Changes: readonly {
    readonly Action: string;
    readonly ResourceRecordSet: {
      readonly Name: string;
      readonly Type: string;
      readonly TTL: number;
      readonly ResourceRecords: readonly { readonly Value: string }[];
    };
  }[];
}

/** Reads the octal escapes of Route 53 as the decimal ones of a zone file. */
const decimal = (written: string): string =>
  written.replace(
    /\\([0-3][0-7]{2})/g,
    (_, digits: string) => `\\${String(Number.parseInt(digits, 8)).padStart(3, '0')}`,
  );

export function readRoute53(text: string, action: 'UPSERT' | 'DELETE'): ReadSet[] {
  const parsed: Batch | Readonly<Record<string, Batch>> = JSON.parse(text);
  const batches: readonly Batch[] = Array.isArray((parsed as Batch).Changes)
    ? [parsed as Batch]
    : Object.values(parsed);
  const lines = batches.flatMap(({ Changes }) =>
    Changes.filter(({ Action }) => Action === action).flatMap(({ ResourceRecordSet: one }) =>
      one.ResourceRecords.map(({ Value }) => `${decimal(one.Name)} ${one.TTL} ${one.Type} ${decimal(Value)}`),
    ),
  );
  return lines.length === 0 ? [] : readZone(lines.join('\n'));
}

interface OctoRecord {
  readonly type: string;
  readonly ttl: number;
  readonly value?: unknown;
  readonly values?: readonly unknown[];
}

/** Reads YAML as octoDNS does: keys in order, texts without their outer quotes. */
export function readOctodns(text: string): ReadSet[] {
  const zones = [...text.matchAll(/^# Changes to (.*)\.yaml\. /gm)].map(([, zone = '']) => zone);
  const records = parseAllDocuments(text, { version: '1.1' }).flatMap((document, index) => {
    if ('errors' in document && document.errors[0] !== undefined) throw document.errors[0];
    const names = Object.entries(document.toJS() as Readonly<Record<string, readonly OctoRecord[]>>);
    return names.flatMap(([name, items]) =>
      items.flatMap((item) =>
        (item.values ?? [item.value]).map((value) => {
          const owner = name === '' ? zones[index] : `${name}.${zones[index]}`;
          return [owner ?? '', item.type, octoValue(item.type, value)] as const;
        }),
      ),
    );
  });
  return setsOf(records);
}

function octoValue(type: string, value: unknown): string {
  if (typeof value === 'string') {
    if (type !== 'TXT') return undotted(value);
    const unquoted = value.startsWith('"') ? value.slice(1, -1) : value;
    return octets(unquoted.replaceAll('" "', '').replaceAll('\\;', ';'));
  }
  const field = value as Readonly<Record<string, string | number>>;
  if (type === 'MX') return undotted(`${field.preference} ${field.exchange}`);
  return `${field.certificate_usage} ${field.selector} ${field.matching_type} ${field.certificate_association_data}`;
}

/** Runs JavaScript with the functions of dnscontrol, and nothing else. */
export function readDnscontrol(text: string): ReadSet[] {
  const records: (readonly [string, string, string])[] = [];
  const record =
    (type: string) =>
    (
      name: string,
      ...args: readonly (string | number | { readonly ttl: number })[]
    ): readonly [string, string, string] => {
      const parts = args.filter((arg) => typeof arg !== 'object');
      const value = parts.join(' ');
      return [name, type, type === 'TXT' ? octets(value) : undotted(value)];
    };
  const functions = Object.fromEntries(
    ['A', 'AAAA', 'CNAME', 'MX', 'PTR', 'TLSA', 'TXT'].map((type) => [type, record(type)]),
  );
  const extend = (zone: string, ...added: readonly (readonly [string, string, string])[]): void => {
    for (const [name, type, value] of added) records.push([name === '@' ? zone : `${name}.${zone}`, type, value]);
  };
  runInNewContext(text, { ...functions, TTL: (ttl: number) => ({ ttl }), D_EXTEND: extend });
  return setsOf(records);
}

/** @returns the comments of a text that name a record to remove, read as lines of a zone file. */
export function readRemoved(text: string, mark: string): ReadSet[] {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${mark} remove: `))
    .map((line) => line.slice(`${mark} remove: `.length));
  for (const line of lines) if (readEntries(line, 'comment').length !== 1) throw new Error(`not one record: ${line}`);
  return lines.length === 0 ? [] : readZone(lines.join('\n'));
}
