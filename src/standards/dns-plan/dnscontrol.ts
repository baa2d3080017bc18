/**
 * Writes a plan as JavaScript for dnscontrol. `D_EXTEND` adds records to a domain that `D` declares elsewhere in
 * `dnsconfig.js`, so that nothing of the domain is purged.
 */
import { UsageError } from '../../usage-error.ts';
import { presentationName, type RecordValue } from '../zone-file/line.ts';
import { type PlanWriter, relativeName, type SetChange, type ZoneChanges } from './codec.ts';
import { goingLines, mxParts, tlsaParts } from './lines.ts';
import { jsonText, unicodeOf } from './quoting.ts';

export const write: PlanWriter = (changes) =>
  changes.length === 0 ? '// No changes.\n' : changes.map(callOf).join('\n');

function callOf({ zone, sets }: ZoneChanges): string {
  const calls = sets.flatMap((set) => set.after.map((value) => recordCall(set, value, zone)));
  const lines = [
    `// Changes to ${presentationName(zone)}. Put them after the D() of this domain in dnsconfig.js.`,
    '// Each record set is whole: delete the records of the same name and type that dnsconfig.js has already.',
    ...sets.flatMap(goingLines).map((line) => `// remove: ${line}`),
    ...(calls.length === 0 ? [] : [`D_EXTEND(${jsonText(zone)},`, ...calls.map((call) => `  ${call},`), ');']),
  ];
  return `${lines.join('\n')}\n`;
}

function recordCall(set: SetChange, value: RecordValue, zone: string): string {
  const name = relativeName(set.name, zone, '@');
  const parts = [name, ...valueParts(set, value)].map((part) => jsonText(part));
  return `${set.type}(${parts.join(', ')}, TTL(${set.ttl}))`;
}

function valueParts({ name, type }: SetChange, value: RecordValue): readonly (string | number)[] {
  switch (type) {
    case 'MX': {
      const { preference, exchange } = mxParts(value);
      return [preference, exchange];
    }
    case 'TLSA':
      return tlsaParts(value);
    case 'TXT': {
      const text = unicodeOf(value);
      if (text !== undefined) return [text];
      throw new UsageError(`dnscontrol cannot hold the TXT record of ${presentationName(name)}: it is not UTF-8`);
    }
    default:
      return [value];
  }
}
