/**
 * Writes a plan as zone files of octoDNS: one YAML document a zone, with the record sets that change. A person puts them
 * into the file of the zone, `<zone>.yaml` in the folder of the `YamlProvider`.
 *
 * octoDNS refuses a file whose keys are not in natural order. It writes `;` of a text as `\;`, takes off the quotes round
 * a text, and joins what `" "` divides.
 */
import { UsageError } from '../../usage-error.ts';
import { presentationName, type RecordValue } from '../zone-file/line.ts';
import { type PlannedType, type PlanWriter, relativeName, type SetChange, type ZoneChanges } from './codec.ts';
import { goingLines, mxParts, tlsaParts } from './lines.ts';
import { unicodeOf, yamlText } from './quoting.ts';

export const write: PlanWriter = (changes) =>
  changes.length === 0 ? '---\n# No changes.\n{}\n' : changes.map(documentOf).join('');

function documentOf({ zone, sets }: ZoneChanges): string {
  const staying = sets.filter(({ after }) => after.length > 0);
  const names = [...new Set(staying.map(({ name }) => name))]
    .map((name) => ({ name, key: relativeName(name, zone, '') }))
    .sort((a, b) => naturalOrder(a.key, b.key));
  const lines = [
    '---',
    `# Changes to ${presentationName(zone)}.yaml. Put each record set into that file, in place of the one of its name and`,
    '# type. Sets of other types at the same name stay. Keep the names in order.',
    ...sets.flatMap(goingLines).map((line) => `# remove: ${line}`),
    ...names.flatMap(({ name, key }) => [
      `${yamlText(key)}:`,
      ...staying.filter((set) => set.name === name).flatMap(itemLines),
    ]),
    ...(names.length === 0 ? ['{}'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Returns one record set as an item of a list. The keys are in order. */
function itemLines(set: SetChange): string[] {
  const { type, ttl, after } = set;
  const values = after.map((value) => valueLines(type, value, set.name));
  const isLenient = type === 'TXT' && after.some(needsLenience);
  const [only, ...others] = values;
  return [
    ...(isLenient ? ['octodns:', '  lenient: true'] : []),
    `ttl: ${ttl}`,
    `type: ${type}`,
    ...(others.length > 0 || only === undefined || type === 'TLSA' || type === 'MX'
      ? ['values:', ...values.flatMap((lines) => lines.map((line, index) => `${index === 0 ? '- ' : '  '}${line}`))]
      : [`value: ${only.join('')}`]),
  ].map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);
}

function valueLines(type: PlannedType, value: RecordValue, name: string): string[] {
  switch (type) {
    case 'MX': {
      const { preference, exchange } = mxParts(value);
      return [`exchange: ${yamlText(exchange)}`, `preference: ${preference}`];
    }
    case 'TLSA': {
      const [usage, selector, matching, data] = tlsaParts(value);
      return [
        `certificate_association_data: ${yamlText(data)}`,
        `certificate_usage: ${usage}`,
        `matching_type: ${matching}`,
        `selector: ${selector}`,
      ];
    }
    case 'TXT':
      return [yamlText(escapedText(value, name))];
    default:
      return [yamlText(value)];
  }
}

/** octoDNS refuses these texts unless the record is lenient: other letters than ASCII, and `\;`, which is then `\\;`. */
function needsLenience(text: string): boolean {
  return /[^\0-\x7f]|\\;/.test(text);
}

function escapedText(octets: RecordValue, name: string): string {
  const text = unicodeOf(octets);
  if (text === undefined || text.includes('" "')) {
    const why = text === undefined ? 'it is not UTF-8' : 'octoDNS takes the characters " " out of a text';
    throw new UsageError(`octoDNS cannot hold the TXT record of ${presentationName(name)}: ${why}`);
  }
  const escaped = text.replaceAll(';', '\\;');
  return escaped.startsWith('"') ? `"${escaped}"` : escaped;
}

/** Orders keys as octoDNS does: digits that follow each other are a number. */
function naturalOrder(a: string, b: string): number {
  const [first, second] = [partsOf(a), partsOf(b)];
  for (const [index, part] of first.entries()) {
    const other = second[index];
    if (other === undefined) return 1;
    if (part !== other) return isLess(part, other) ? -1 : 1;
  }
  return first.length - second.length;
}

/** Returns texts and numbers in turn, a text first. */
function partsOf(key: string): (string | number)[] {
  return key
    .split(/(\d+)/)
    .flatMap((part, index) => (index % 2 === 1 ? Number(part) : part === '' && index > 0 ? [] : part));
}

function isLess(a: string | number, b: string | number): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a < b : String(a) < String(b);
}
