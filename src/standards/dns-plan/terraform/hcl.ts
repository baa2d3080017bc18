/**
 * Writes HCL, the language of Terraform. Everything that comes from a record stands in a quoted string, in which nothing of it
 * is an interpolation (`${}`), a directive (`%{}`) or the end of the string.
 */
import { createHash } from 'node:crypto';
import { lettersOf, type OctetString } from '../../../network/octet-string.ts';
import { quotedStrings, type RecordValue } from '../../zone-file/line.ts';
import { MAX_STRING } from '../../zone-file/tokens.ts';
import { type PlanWriter, relativeName, type SetChange, type ZoneChanges } from '../codec.ts';

/** @returns a text as a quoted string of HCL. */
export function quoted(text: string): string {
  const inside = text
    .replace(/["\\]/g, '\\$&')
    // Before an interpolation, a mark of its own would be read as part of the escape.
    .replace(/(\$+|%+)\{/g, (_, marks: string) => {
      const mark = marks[0] ?? '';
      return `${unicode(mark).repeat(marks.length - 1)}${mark}${mark}{`;
    })
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    // Control characters, what ends a line, and what turns the direction of the text around.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, unicode);
  return `"${inside}"`;
}

function unicode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** One argument of a resource: its name and its expression in HCL. */
export type Argument = readonly [name: string, expression: string];

/** A block in a resource, such as `record { … }`. */
export interface Block {
  readonly block: string;
  readonly args: readonly Argument[];
}

/** What one resource holds. */
export type Body = readonly (Argument | Block)[];

const isArgument = (part: Argument | Block): part is Argument => Array.isArray(part);

/** @returns the lines of a block, with its arguments aligned as `terraform fmt` does. */
function blockLines(head: string, body: Body, indent = ''): string[] {
  const inner = `${indent}  `;
  const args = body.filter(isArgument);
  return [
    `${indent}${head} {`,
    ...args.map(([name, expression], index) => `${inner}${name.padEnd(widthAt(args, index))} = ${expression}`),
    ...body.flatMap((part) => (isArgument(part) ? [] : ['', ...blockLines(part.block, part.args, inner)])),
    `${indent}}`,
  ];
}

const isLong = ([, expression]: Argument): boolean => expression.includes('\n');

/** @returns the width of the names around an argument of one line. An argument of several lines stands alone. */
function widthAt(args: readonly Argument[], index: number): number {
  const own = args[index];
  if (own === undefined || isLong(own)) return 0;
  const start = args.slice(0, index).findLastIndex(isLong) + 1;
  const length = args.slice(index).findIndex(isLong);
  const group = args.slice(start, length === -1 ? undefined : index + length);
  return Math.max(...group.map(([name]) => name.length));
}

/** The zone in which a resource is written. */
export interface Place {
  /** The apex, in canonical form. */
  readonly zone: string;
  /** The variable with the id of the zone: `var.zone_id`. */
  readonly variable: string;
}

/** One resource to write. */
export interface Resource {
  /** The type of the resource. */
  readonly resource: string;
  readonly body: Body;
  /** The values of the set that this resource holds. */
  readonly values: readonly RecordValue[];
  /** The id that `terraform import` takes, as far as it is known. */
  readonly importId: string;
}

/** How one DNS host's resources are written. */
export interface Family {
  /** The provider, with its name for people. */
  readonly provider: string;
  /** The variable that each zone needs beside its name: its name and what it holds. */
  readonly variable: readonly [name: string, description: string] | null;
  /** Whether one resource holds a whole record set. Otherwise it holds one record. */
  readonly holdsSets: boolean;
  /** Says where the ids are found that `importId` leaves open. */
  readonly idHint: string;
  /**
   * @returns the resources that hold a set after the change, or why the DNS host's provider cannot hold it.
   */
  readonly resources: (set: SetChange, place: Place) => readonly Resource[] | string;
}

/** @returns the writer for the resources of one DNS host. */
export function writerOf(family: Family): PlanWriter {
  return (changes) => {
    const names = new Set<string>();
    const parts = changes.flatMap((zone) => zoneLines(zone, changes.length > 1, family, names));
    return `${[...headerLines(family), ...variableLines(changes, family), ...parts].join('\n')}\n`;
  };
}

function headerLines({ provider, idHint }: Family): string[] {
  return [
    `# Terraform resources of ${provider}, written by mailcheck.`,
    '# Terraform must take over what is published already, or it fails or makes a second copy: run the "terraform import"',
    '# commands below, or merge the values into the resources that you have.',
    ...(idHint === '' ? [] : [`# ${idHint}`]),
  ];
}

function variableLines(changes: readonly ZoneChanges[], { variable }: Family): string[] {
  if (variable === null) return [];
  const [name, description] = variable;
  return changes.flatMap(({ zone }) => [
    '',
    ...blockLines(`variable "${variableOf(name, zone, changes.length > 1)}"`, [
      ['type', 'string'],
      ['description', quoted(`${description} ${lettersOf(zone)}`)],
    ]),
  ]);
}

function variableOf(name: string, zone: string, isOneOfSeveral: boolean): string {
  return isOneOfSeveral ? `${name}_${identifier(zone)}` : name;
}

function zoneLines({ zone, sets }: ZoneChanges, isOneOfSeveral: boolean, family: Family, names: Set<string>): string[] {
  const [variable = ''] = family.variable ?? [];
  const place = { zone, variable: `var.${variableOf(variable, zone, isOneOfSeveral)}` };
  return sets.flatMap((set) => {
    const what = `${set.type} records of ${set.name}`;
    if (set.after.length === 0) return ['', ...comment(`remove: the ${what}. Delete their resources.`)];
    const resources = family.resources(set, place);
    if (typeof resources === 'string') return ['', ...comment(`not written: the ${what}. ${resources}`)];
    // The one published record becomes the one that is wanted.
    const isReplaced = family.holdsSets || (set.before.length === 1 && set.after.length === 1);
    const gone = isReplaced ? [] : set.before.filter((value) => !set.after.includes(value));
    const stem = `${isOneOfSeveral ? `${zone} ` : ''}${relativeName(set.name, zone, 'apex')} ${set.type}`;
    return [
      ...resources.flatMap(({ resource, body, values, importId }) => {
        const name = uniqueName(resources.length > 1 ? `${stem} ${hashOf(values)}` : stem, resource, names);
        const isPublished = set.before.length > 0 && (isReplaced || values.some((value) => set.before.includes(value)));
        return [
          '',
          ...(isPublished ? comment(`terraform import ${resource}.${name} ${quotedInShell(importId)}`) : []),
          ...blockLines(`resource "${resource}" "${name}"`, body),
        ];
      }),
      ...gone.flatMap((value) => comment(`remove: ${set.type} of ${set.name}: ${quoted(lettersOf(value))}`)),
    ];
  });
}

/** @returns a text as comments. None of its lines ends the comment. */
function comment(text: string): string[] {
  return [`# ${text.replace(/[^\x20-\x7e]/g, (character) => unicode(character))}`];
}

/** @returns a text as one word of a shell. */
function quotedInShell(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** @returns a text with what names in HCL may have. */
function identifier(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/\*/g, 'wildcard')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 80);
  return /^[a-z]/.test(plain) ? plain : `r_${plain}`;
}

function uniqueName(text: string, resource: string, names: Set<string>): string {
  const wanted = identifier(text);
  let name = wanted;
  for (let number = 2; names.has(`${resource} ${name}`); number += 1) name = `${wanted}_${number}`;
  names.add(`${resource} ${name}`);
  return name;
}

/** @returns some digits that stay the same while the values do, wherever they stand in the set. */
function hashOf(values: readonly string[]): string {
  return createHash('sha256').update(values.join('\0')).digest('hex').slice(0, 6);
}

/** @returns a value as a text of the zone file: the text of a TXT record is in quotes, as the host's API wants it. */
export function presented({ type }: Pick<SetChange, 'type'>, value: RecordValue): string {
  return type === 'TXT' ? quotedStrings(value) : value;
}

/**
 * @returns the text of a TXT record for an API that takes it without quotes. `undefined` if it is not text (UTF-8), so that no
 *   string of Terraform can hold it.
 */
export function unquotedText(text: OctetString): string | undefined {
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return Buffer.from(decoded, 'utf8').toString('latin1') === text ? decoded : undefined;
}

/** Why a text cannot be written. */
export const NOT_TEXT = 'Its octets are no UTF-8 text.';

/** @returns the text of a TXT record in strings of at most 255 octets. */
export function stringsOf(text: OctetString): string[] {
  const strings = text.match(new RegExp(`[\\s\\S]{1,${MAX_STRING}}`, 'g'));
  return strings === null ? [''] : [...strings];
}

/** @returns a name of a zone file without its final dot. The root stays a dot. */
export function undotted(name: string): string {
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name;
}

/** @returns the parts of an MX value. */
export function mxParts(value: RecordValue): { readonly preference: string; readonly exchange: string } {
  const [preference = '0', exchange = '.'] = value.split(' ');
  return { preference, exchange };
}

/** @returns a list of strings in HCL, each on a line of its own. */
export function listOf(items: readonly string[]): string {
  return `[\n${items.map((item) => `    ${item},`).join('\n')}\n  ]`;
}
