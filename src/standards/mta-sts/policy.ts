/**
 * Reads the policy file of MTA-STS (RFC 8461 §3.2): one `key: value` in each line, in any order. Senders discard a policy
 * whose grammar is broken, so a single bad line disables it for strict senders.
 */
import { domainToASCII } from 'node:url';
import { distance } from 'fastest-levenshtein';
import { isHostName } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';

/** The most octets of a policy that senders read (RFC 8461 §3.3 suggests 64 KiB). */
export const MAX_POLICY_BYTES = 65_536;

/** The longest time that a policy may be kept, in seconds (RFC 8461 §3.2). */
const MAX_MAX_AGE = 31_557_600;

export const STS_MODES = ['enforce', 'testing', 'none'] as const;
export type StsMode = (typeof STS_MODES)[number];

/** The kinds of defects. */
export type PolicyDefectKind =
  | 'no-version'
  | 'bad-version'
  | 'no-mode'
  | 'bad-mode'
  | 'no-max-age'
  | 'bad-max-age'
  | 'no-mx'
  | 'bad-mx'
  /** The line is no `key: value`. */
  | 'not-a-pair'
  /** The key of an unknown field cannot be one. */
  | 'bad-key'
  /** The value of an unknown field is empty, or has characters that are not allowed. */
  | 'bad-value'
  /** The file begins with a byte order mark, which is then part of the first key. */
  | 'byte-order-mark'
  /** The file is a web page. */
  | 'web-page'
  | 'too-long'
  /** The first field of the name counts. */
  | 'repeated'
  /** The grammar has no empty lines. Many senders skip them. */
  | 'empty-line'
  /** An unknown field whose name looks like that of a known one. */
  | 'slip'
  /** An address as `mx`. No host name is one. */
  | 'address-as-mx';

/** The defects for which no sender has to discard the policy. */
const MILD: readonly PolicyDefectKind[] = ['repeated', 'empty-line', 'slip', 'address-as-mx'];

/** One defect of a policy. */
export interface PolicyDefect {
  readonly kind: PolicyDefectKind;
  /** The number of the line, from 1. `null` when it is about the whole file. */
  readonly line: number | null;
  /** The line or the value as published. Empty when it is about the whole file. Untrusted. */
  readonly text: string;
  /** What was probably meant, to type instead. */
  readonly meant?: string;
}

/** A policy as senders read it. A field that is missing or invalid is `null`. */
export interface StsPolicy {
  readonly mode: StsMode | null;
  /** The valid patterns for MX hosts, in lower case, each once. */
  readonly patterns: readonly string[];
  /** Seconds for which senders keep the policy. */
  readonly maxAge: number | null;
  readonly defects: readonly PolicyDefect[];
}

/** A policy that senders apply. */
export interface UsablePolicy {
  readonly mode: StsMode;
  readonly patterns: readonly string[];
  readonly maxAge: number;
}

/** @returns whether senders may discard the policy for the defect. */
export function isFatal({ kind }: PolicyDefect): boolean {
  return !MILD.includes(kind);
}

/** @returns the policy that senders apply, or `null` when they discard it. */
export function usablePolicy({ mode, patterns, maxAge, defects }: StsPolicy): UsablePolicy | null {
  return mode === null || maxAge === null || defects.some(isFatal) ? null : { mode, patterns, maxAge };
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
/** The value of an extension: letters of UTF-8 with blanks inside. */
const VALUE =
  /^[\x21-\x7e\u{a0}-\u{fffc}\u{10000}-\u{10ffff}](?:[\x20-\x7e\u{a0}-\u{fffc}\u{10000}-\u{10ffff}]*[\x21-\x7e\u{a0}-\u{fffc}\u{10000}-\u{10ffff}])?$/u;
const FIELDS = ['version', 'mode', 'max_age', 'mx'] as const;
type Field = (typeof FIELDS)[number];

/** One line that is a `key: value`. */
interface Pair {
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

/**
 * Reads a policy file.
 *
 * @param isTooLong whether the file is longer than the bytes given.
 */
export function parsePolicy(bytes: Uint8Array, isTooLong = false): StsPolicy {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (isTooLong) return unread({ kind: 'too-long', line: null, text: '' });
  if (/^\s*<(?:!doctype|html|\?xml|head|body)/i.test(text)) return unread({ kind: 'web-page', line: null, text: '' });
  const defects: PolicyDefect[] = [];
  if (text.startsWith('\ufeff')) defects.push({ kind: 'byte-order-mark', line: 1, text: '' });
  const pairs = pairsIn(text.replace(/^\ufeff/, ''), defects);
  const first = firstOf(pairs, defects);
  checkOthers(pairs, defects);
  const version = first.get('version');
  if (version === undefined) defects.push({ kind: 'no-version', line: null, text: '', meant: 'version: STSv1' });
  else if (version.value !== 'STSv1') defects.push(bad('bad-version', version, 'version: STSv1'));
  const mode = modeOf(first.get('mode'), defects);
  const maxAge = maxAgeOf(first.get('max_age'), defects);
  const mx = pairs.filter(({ key }) => key === 'mx');
  const patterns = mx.flatMap((pair) => patternIn(pair, defects));
  if (mx.length === 0 && mode !== 'none') defects.push({ kind: 'no-mx', line: null, text: '' });
  return { mode, patterns: [...new Set(patterns)], maxAge, defects: inOrder(defects) };
}

function unread(defect: PolicyDefect): StsPolicy {
  return { mode: null, patterns: [], maxAge: null, defects: [defect] };
}

/** @returns the defects by line. Those about the whole file come last. */
function inOrder(defects: readonly PolicyDefect[]): PolicyDefect[] {
  return [...defects].sort((a, b) => (a.line ?? Number.POSITIVE_INFINITY) - (b.line ?? Number.POSITIVE_INFINITY) || 0);
}

function bad(kind: PolicyDefectKind, { line, key, value }: Pair, meant?: string): PolicyDefect {
  return { kind, line, text: `${key}: ${value}`, ...(meant === undefined ? {} : { meant }) };
}

function pairsIn(text: string, defects: PolicyDefect[]): Pair[] {
  const lines = text.split(/\r?\n/);
  // The last line may end or not.
  if (lines.at(-1) === '') lines.pop();
  return lines.flatMap((written, index) => {
    const line = index + 1;
    const trimmed = written.replace(/[ \t]+$/, '');
    if (trimmed === '') {
      defects.push({ kind: 'empty-line', line, text: '' });
      return [];
    }
    const colon = trimmed.indexOf(':');
    if (colon < 0) {
      defects.push({ kind: 'not-a-pair', line, text: trimmed });
      return [];
    }
    const key = trimmed.slice(0, colon);
    return [{ line, key, value: trimmed.slice(colon + 1).replace(/^[ \t]+/, '') }];
  });
}

/** @returns the first field of each name that counts once. A later one is ignored (RFC 8461 §3.2). */
function firstOf(pairs: readonly Pair[], defects: PolicyDefect[]): Map<Field, Pair> {
  const first = new Map<Field, Pair>();
  for (const pair of pairs) {
    const field = FIELDS.find((name) => name === pair.key);
    if (field === undefined || field === 'mx') continue;
    if (first.has(field)) defects.push(bad('repeated', pair));
    else first.set(field, pair);
  }
  return first;
}

/** Checks the fields that are not of the standard. Senders ignore them if they are well formed. */
function checkOthers(pairs: readonly Pair[], defects: PolicyDefect[]): void {
  for (const pair of pairs) {
    if (FIELDS.some((field) => field === pair.key)) continue;
    const meant = fieldMeant(pair);
    if (!KEY.test(pair.key)) defects.push(bad('bad-key', pair, meant));
    else if (!VALUE.test(pair.value)) defects.push(bad('bad-value', pair, meant));
    else if (meant !== undefined) defects.push(bad('slip', pair, meant));
  }
}

/** What the value of each field looks like. */
const PLAUSIBLE: Readonly<Record<Field, RegExp>> = {
  version: /^STS/i,
  mode: /^(?:enforc|test|none)/i,
  max_age: /^\d/,
  mx: /\./,
};

/** @returns the line that was probably meant by an unknown field, or `undefined`. */
function fieldMeant({ key, value }: Pair): string | undefined {
  const plain = key.toLowerCase().replace(/[^a-z0-9_]/g, '');
  const field = FIELDS.find((name) => {
    if (plain.replaceAll('_', '') === name.replaceAll('_', '')) return true;
    return name === 'mx' ? /^(?:[a-z0-9]mx|mx[a-z0-9])$/.test(plain) : distance(plain, name) <= 1;
  });
  // Another key of one letter less or more is meant only where the value is one of the field.
  if (field !== undefined && !PLAUSIBLE[field].test(value)) return undefined;
  return field === undefined ? undefined : `${field}: ${value}`;
}

function modeOf(pair: Pair | undefined, defects: PolicyDefect[]): StsMode | null {
  if (pair === undefined) {
    defects.push({ kind: 'no-mode', line: null, text: '' });
    return null;
  }
  const mode = STS_MODES.find((name) => name === pair.value);
  if (mode !== undefined) return mode;
  const written = pair.value.toLowerCase();
  const meant = STS_MODES.find((name) => distance(written, name) <= 2);
  defects.push(bad('bad-mode', pair, meant && `mode: ${meant}`));
  return null;
}

function maxAgeOf(pair: Pair | undefined, defects: PolicyDefect[]): number | null {
  if (pair === undefined) {
    defects.push({ kind: 'no-max-age', line: null, text: '' });
    return null;
  }
  const seconds = /^\d{1,10}$/.test(pair.value) ? Number(pair.value) : null;
  if (seconds !== null && seconds <= MAX_MAX_AGE) return seconds;
  defects.push(bad('bad-max-age', pair));
  return null;
}

/** Reads one pattern: a host name, or one with `*.` in the place of its first label. */
function patternIn(pair: Pair, defects: PolicyDefect[]): string[] {
  const { value } = pair;
  const [, wildcard = '', name = ''] = /^(\*\.)?(.*)$/s.exec(value) ?? [];
  if (parseIp(value) !== undefined) {
    defects.push(bad('address-as-mx', pair));
    return [];
  }
  if (isDomain(name)) return [value.toLowerCase()];
  const meant = nameMeant(name);
  defects.push(bad('bad-mx', pair, meant && `mx: ${wildcard}${meant}`));
  return [];
}

/** A domain as in a mail address (RFC 5321 §4.1.2). It may be a single label. */
function isDomain(name: string): boolean {
  return isHostName(name) ? !name.endsWith('.') : /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i.test(name);
}

/** @returns the name without a final dot, in A-labels (RFC 5890), or `undefined` when it is none even so. */
function nameMeant(name: string): string | undefined {
  if (name.length > 253) return undefined;
  const bare = name.replace(/^["'<]+|["'>.,;]+$/g, '');
  if (/[%\s]/.test(bare)) return undefined;
  const ascii = domainToASCII(bare);
  return isHostName(ascii) ? ascii : undefined;
}
