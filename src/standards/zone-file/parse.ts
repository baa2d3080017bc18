/**
 * Zone files (RFC 1035 §5.1): the text form of DNS records. An administrator edits such a file, and the name server
 * loads it and publishes its records. mailcheck reads a zone file to check proposed records before they are published.
 *
 * Each entry of the file is `name ttl class type data`. A line that starts with white space repeats the name of the
 * entry before. A name without trailing dot is relative to the origin (`$ORIGIN`), and an entry without TTL has the TTL
 * of the last `$TTL` (RFC 2308 §4). Parentheses continue an entry over several lines.
 *
 * The parser is strict, because a file that a name server refuses to load must not pass a check. Every error names file
 * and line. The parsers on npm skip entries that they do not understand, and a check would then report a missing
 * record.
 *
 * The parser does not support `$INCLUDE` and `$GENERATE`. It also accepts the records of a mailcheck report as JSON.
 */
import type { ProposedZone } from '../../network/dns/proposal.ts';
import { canonicalName } from '../../network/domain.ts';
import { jsonErrorText } from '../../network/fault.ts';
import { isReadType, readData, readName, readTtl } from './data.ts';
import { isPlainName, readAnyName } from './names.ts';
import { faultOfOther } from './other-types.ts';
import { distinct, type Placed, refuseContradictions, refuseLongSets, refuseUnserved } from './served.ts';
import { cut, fault, MAX_RECORDS, readEntries, TOO_MANY_RECORDS, type Token } from './tokens.ts';
import { typeNamed } from './types.ts';

export { refuseConflicts } from './served.ts';

/** TTL in seconds of records in a file without any TTL. */
const DEFAULT_TTL = 3600;

/**
 * Parses the records of a zone file or of a JSON file.
 *
 * @param file the path as the user typed it, for errors and the report.
 * @param origin the name that completes relative names until the first `$ORIGIN`.
 * @returns the records, with TTLs in seconds.
 * @throws UsageError with file and line when a name server would refuse the file.
 */
export function parseZone(text: string, file: string, origin: string): ProposedZone {
  const records = distinct(isJson(text) ? readJson(text, file, origin) : readMaster(text, file, origin));
  if (records.length === 0) throw fault(file, 1, 'has no records');
  refuseContradictions(records, file);
  refuseUnserved(records, file);
  refuseLongSets(records, file);
  return { file, format: isJson(text) ? 'json' : 'zone', records: records.map(({ same: _same, ...record }) => record) };
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** @returns whether the records depend on the origin, so that the text means something else for another domain. */
export function usesOrigin(text: string): boolean {
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end === -1 ? text.length : end);
    if (!/^(?:[ \t\r]*(?:;.*)?|\$TTL[ \t].*)$/i.test(line))
      return !/^\$ORIGIN[ \t]+[^\s;"()\\]+\.(?:[\s;]|$)/i.test(line);
    start += line.length + 1;
  }
  return true;
}

function readMaster(text: string, file: string, initialOrigin: string): Placed[] {
  const records: Placed[] = [];
  let origin = canonicalName(initialOrigin);
  let defaultTtl = DEFAULT_TTL;
  let owner: string | undefined;
  for (const { line, indented, tokens } of readEntries(text, file)) {
    const [first] = tokens;
    if (first !== undefined && !first.quoted && first.text.startsWith('$')) {
      const value = cut(tokens[1]?.text ?? '');
      switch (first.text.toUpperCase()) {
        case '$ORIGIN': {
          const name = readName(tokens[1] ?? NO_TOKEN, origin);
          if (name === undefined || tokens.length !== 2)
            throw fault(file, line, `"${value}" is not a name for $ORIGIN`);
          origin = name;
          break;
        }
        case '$TTL': {
          const ttl = tokens[1]?.quoted ? undefined : readTtl(tokens[1]?.text ?? '');
          if (ttl === undefined || tokens.length !== 2) throw fault(file, line, `"${value}" is not a TTL`);
          defaultTtl = ttl;
          break;
        }
        default:
          throw fault(file, line, `${cut(first.text)} is not supported: write out the records instead`);
      }
      continue;
    }
    const rest = indented ? tokens : tokens.slice(1);
    if (!indented) {
      owner = readAnyName(first ?? NO_TOKEN, origin);
      if (owner === undefined || owner === '') throw fault(file, line, `"${cut(first?.text ?? '')}" is not a name`);
    }
    if (owner === undefined) throw fault(file, line, 'the first record has no name');
    const record = readRecord(rest, { file, line, origin, defaultTtl });
    if (AT_HOSTS.has(record.type) && !isPlainName(owner)) {
      throw fault(file, line, `"${indented ? owner : cut(first?.text ?? '')}" is not a host name`);
    }
    records.push({ name: owner, line, ...record });
  }
  return records;
}

/** The types that stand at the names of hosts and mail domains. BIND refuses them at other names. */
const AT_HOSTS = new Set(['A', 'AAAA', 'MX']);

interface Place {
  readonly file: string;
  readonly line: number;
  readonly origin: string;
  readonly defaultTtl: number;
}

/** Parses `[ttl] [class] type data`. TTL and class may be in either order (RFC 1035 §5.1). */
function readRecord(tokens: readonly Token[], place: Place): Omit<Placed, 'name' | 'line'> {
  const { file, line, origin, defaultTtl } = place;
  let ttl: number | undefined;
  let hasClass = false;
  let at = 0;
  for (; at < 2; at += 1) {
    const text = tokens[at]?.text ?? '';
    if (tokens[at]?.quoted) break;
    if (/^(?:CH|HS|CS)$/i.test(text)) throw fault(file, line, `class ${text} is not supported, only IN`);
    if (!hasClass && /^(?:IN|CLASS1)$/i.test(text)) {
      hasClass = true;
      continue;
    }
    if (ttl !== undefined || !/^\d/.test(text)) break;
    ttl = readTtl(text);
    if (ttl === undefined) throw fault(file, line, `"${cut(text)}" is not a TTL`);
  }
  const word = tokens[at];
  if (word === undefined) throw fault(file, line, 'a name without a record');
  const type = word.quoted ? undefined : typeNamed(word.text);
  if (type === undefined) throw fault(file, line, `"${cut(word.text)}" is not a record type`);
  const reading = readTyped(type, tokens.slice(at + 1), origin);
  if ('fault' in reading) throw fault(file, line, reading.fault);
  return { type, ttl: ttl ?? defaultTtl, ...reading };
}

type Typed = Pick<Placed, 'data' | 'same'> | { readonly fault: string };

/** Parses the data of a record of any type. */
function readTyped(type: string, tokens: readonly Token[], origin: string): Typed {
  if (isReadType(type)) {
    const reading = readData(type, tokens, origin);
    return 'fault' in reading ? reading : { data: reading.data, same: JSON.stringify(reading.data) };
  }
  const wrong = faultOfOther(type, tokens, origin);
  return wrong === undefined ? { data: null, same: JSON.stringify(tokens.map(({ text }) => text)) } : { fault: wrong };
}

/**
 * Parses JSON: an array of records, or an object with an array `records`. Each record is `{name, type, value, ttl?}`,
 * as in a report. The value of a TXT record is the whole text or the array of its strings. Other values are in the
 * syntax of a zone file.
 */
function readJson(text: string, file: string, origin: string): Placed[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const line = position === undefined ? 1 : text.slice(0, Number(position)).split('\n').length;
    throw fault(file, line, `not JSON: ${jsonErrorText(error)}`);
  }
  const rows = Array.isArray(value) ? value : isObject(value) && Array.isArray(value.records) ? value.records : null;
  if (rows === null) {
    throw fault(
      file,
      1,
      'JSON must be an array of records {name, type, value}, or a plan of octoDNS, dnscontrol or Terraform',
    );
  }
  if (rows.length > MAX_RECORDS) throw fault(file, 1, TOO_MANY_RECORDS);
  const lines = linesOfRows(text, Array.isArray(value) ? 1 : 2);
  // The list of `mailcheck records` has entries without a record, where none can be given.
  return rows.flatMap((row: unknown, index) =>
    isObject(row) && row.line === '' ? [] : [{ ...readRow(row, index + 1, file, origin), line: lines[index] ?? 1 }],
  );
}

/**
 * @param text JSON that can be parsed.
 * @param depth the depth of the list of the rows: 1 for the outermost value.
 * @returns the line on which each row begins that is an object.
 */
function linesOfRows(text: string, depth: number): number[] {
  const lines: number[] = [];
  let line = 1;
  let open = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}\n]/gs)) {
    if (token === '{' && open === depth) lines.push(line);
    if (token === '{' || token === '[') open += 1;
    else if (token === '}' || token === ']') open -= 1;
    else if (token === '\n') line += 1;
  }
  return lines;
}

function readRow(row: unknown, number: number, file: string, origin: string): Omit<Placed, 'line'> {
  const where = (what: string) => fault(file, 1, `record ${number}: ${what}`);
  if (!isObject(row)) throw where('is not an object {name, type, value}');
  const { name, type, value, ttl = DEFAULT_TTL } = row;
  const owner =
    typeof name === 'string'
      ? readName(unquoted(name === '@' || name.endsWith('.') ? name : absolute(name, origin)), origin)
      : undefined;
  if (owner === undefined || owner === '') throw where(`"${shown(name)}" is not a name`);
  if (typeof type !== 'string') throw where(`"${shown(type)}" is not a record type`);
  if (typeof ttl !== 'number' || readTtl(String(ttl)) === undefined) throw where(`"${shown(ttl)}" is not a TTL`);
  const upper = typeNamed(type);
  if (upper === undefined) throw where(`"${cut(type)}" is not a record type`);
  const tokens = upper === 'TXT' ? textTokens(value) : typeof value === 'string' ? words(value) : undefined;
  if (tokens === undefined) throw where('value must be text');
  const reading = readTyped(upper, tokens, '');
  if ('fault' in reading) throw where(reading.fault);
  return { name: owner, type: upper, ttl, ...reading };
}

/** Returns a value of JSON for an error message. A list or object is not written out, since it may nest without end. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'a list or object' : String(value).slice(0, 80);
}

/** Completes a name from JSON. A name with several labels is absolute, and a single label is relative to the domain. */
function absolute(name: string, origin: string): string {
  return name.includes('.') ? `${name}.` : `${name}.${origin}.`;
}

function textTokens(value: unknown): Token[] | undefined {
  const parts = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  return parts
    .map((part: string) => Buffer.from(part, 'utf8').toString('latin1'))
    .flatMap((part) => (typeof value === 'string' ? (part.match(/[\s\S]{1,255}/g) ?? ['']) : [part]))
    .map((text) => ({ text, quoted: true }));
}

function words(value: string): Token[] {
  return value.trim().split(/\s+/).map(unquoted);
}

const NO_TOKEN: Token = { text: '', quoted: false };

function unquoted(text: string): Token {
  return { text, quoted: false };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
