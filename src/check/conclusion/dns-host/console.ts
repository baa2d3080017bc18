/** Says what to type into the console of a DNS host for a change of records, and what goes wrong there. */
import type { PitfallCase } from '../../../knowledge/dns-hosts/placeholders.ts';
import type { DnsHost } from '../../../knowledge/dns-hosts/schema.ts';
import type { SetChange } from '../../../standards/dns-plan/codec.ts';
import { areWritable, mxIn, nameIn, valueIn } from './values.ts';

/** The fields of one record in a console. */
export interface ConsoleRecord {
  /** Empty where the console wants nothing for the apex. */
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** The preference of an MX record, where the console has a field for it. */
  readonly priority: string | null;
}

/** Where records are typed, and the fields of each. */
export interface ConsoleFields {
  readonly path: string;
  readonly url: string | null;
  readonly records: readonly ConsoleRecord[];
}

/**
 * @param zone the apex of the zone in canonical form.
 * @returns where to click, and the fields of each record that comes, in the form of the host. `undefined` when the host has
 *   no console, or a value cannot be typed there.
 */
export function consoleFields(host: DnsHost, change: SetChange, zone: string): ConsoleFields | undefined {
  if (host.console === null || !areWritable(change.name, zone)) return undefined;
  const { path, url, form } = host.console;
  const name = nameIn(form, change.name, zone);
  const come = change.after.filter((value) => !change.before.includes(value));
  const records = come.flatMap((value): ConsoleRecord[] => {
    const { type } = change;
    const isApart = type === 'MX' && form.mx === 'apart';
    const text = isApart ? mxIn(form, value).exchange : valueIn(form, type, value, host.kind);
    if (text === undefined) return [];
    return [{ name, type, value: text, priority: isApart ? mxIn(form, value).preference : null }];
  });
  return records.length < come.length ? undefined : { path, url, records };
}

/** The longest string of a TXT record, in octets (RFC 1035 §3.3). */
const MAX_STRING = 255;

/** @returns what the data of the host says of such a change: what is to be seen to, in sentences. */
export function pitfallsOf(host: DnsHost, change: SetChange, zone: string): string[] {
  const cases = new Set(casesOf(change, zone));
  return host.pitfalls.filter(({ when }) => when.some((one) => cases.has(one))).map(({ text }) => text);
}

function casesOf({ name, type, before, after }: SetChange, zone: string): PitfallCase[] {
  const isApex = name === zone;
  const stays = before.some((value) => after.includes(value));
  const goes = before.some((value) => !after.includes(value));
  const labels = name.split('.').length - zone.split('.').length;
  const when = (is: boolean, ...cases: readonly PitfallCase[]): readonly PitfallCase[] => (is ? cases : []);
  return [
    'any',
    ...when(isApex, 'apex'),
    ...when(labels > 1, 'deep'),
    ...when(type === 'TXT', 'txt', ...when(isApex, 'apex-txt')),
    ...when(type === 'TXT' && after.some((text) => text.length > MAX_STRING), 'long-txt'),
    ...when(type === 'TXT' && name.startsWith('_dmarc.'), 'dmarc'),
    ...when(type === 'CNAME' && after.length > 0, 'cname', ...when(isApex, 'apex-cname')),
    ...when(type === 'MX', 'mx', ...when(after.includes('0 .' as (typeof after)[number]), 'null-mx')),
    ...when(type === 'A' || type === 'AAAA', 'address'),
    ...when(type === 'TLSA', 'tlsa'),
    ...when(type === 'PTR', 'ptr'),
    ...when(type === 'CNAME' || type === 'MX' || type === 'PTR', 'target'),
    ...when(stays, 'shared'),
    ...when(goes && after.length > 0, 'replaced'),
    ...when(after.length === 0, 'gone'),
  ];
}
