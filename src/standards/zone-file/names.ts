/** Parses the names of a zone file (RFC 1035 §5.1). */
import { canonicalName } from '../../network/domain.ts';
import type { Token } from './tokens.ts';

/** The longest label, and the longest name with the octets that give the lengths of its labels (RFC 1035 §2.3.4). */
const MAX_LABEL = 63;
const MAX_WIRE_NAME = 255;

/** The longest name as it is written, where each octet may be an escape of four characters. */
const MAX_WRITTEN = 4 * MAX_WIRE_NAME;

/** The octets that a name shows as they are. Each other one becomes `\DDD`, so that a dot always ends a label. */
const NOT_SHOWN = /[^A-Za-z0-9_/*!~+&@=#%^:,?|<>{}[\]'-]/g;

/** @returns the canonical name of labels with one character per octet, or `undefined` when they are too long. */
export function nameOfLabels(labels: readonly string[]): string | undefined {
  const size = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  if (size > MAX_WIRE_NAME || labels.some((label) => label === '' || label.length > MAX_LABEL)) return undefined;
  return canonicalName(
    labels
      .map((label) => label.replace(NOT_SHOWN, (octet) => `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`))
      .join('.'),
  );
}

/** @returns whether each label has the characters of a name that mail uses. A wildcard has its asterisk in front. */
export function isPlainName(name: string): boolean {
  return (
    name === '' ||
    name.split('.').every((label, index) => /^[a-z0-9_/-]{1,63}$/.test(label) || (label === '*' && index === 0))
  );
}

/**
 * Parses any domain name (RFC 1035 §5.1). A name without trailing dot is relative to `origin`, and `@` is the origin
 * itself. An octet that is written as `\X` or `\DDD` belongs to its label, even a dot.
 *
 * @returns the absolute name in canonical form, or `undefined` when the text is not a name. A name in quotes is none.
 */
export function readAnyName({ text, quoted, written = text }: Token, origin: string): string | undefined {
  if (quoted || written === '' || written.length > MAX_WRITTEN) return undefined;
  if (written === '@') return origin;
  if (written === '.') return '';
  const labels = [''];
  for (const [part] of written.matchAll(/\\\d{3}|\\[\s\S]|[\s\S]/g)) {
    if (part === '.') labels.push('');
    // An octet beyond ASCII is part of a letter in UTF-8, which a host name writes as an A-label.
    else if (part.length === 1 && !/[\x21-\x7e]/.test(part)) return undefined;
    else labels[labels.length - 1] += part.length === 4 ? String.fromCharCode(Number(part.slice(1))) : part.slice(-1);
  }
  if (labels.at(-1) === '') return nameOfLabels(labels.slice(0, -1));
  const relative = nameOfLabels(labels);
  const name = relative === undefined || origin === '' ? relative : `${relative}.${origin}`;
  return name === undefined || wireLength(name) > MAX_WIRE_NAME ? undefined : name;
}

/** Returns the octets that a canonical name takes in a message. */
function wireLength(name: string): number {
  return name.replace(/\\\d{3}/g, 'x').length + 2;
}
