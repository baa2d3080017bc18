/** Domain names as lists of labels: their order, their text and their octets in canonical form (RFC 4034 §6). */

/** The labels of a name from left to right, without the root: one character per octet (latin1), in lower case. */
export type Labels = readonly string[];

/** The longest label, and the longest name with the octets that give the lengths of its labels (RFC 1035 §2.3.4). */
const MAX_LABEL = 63;
const MAX_NAME = 255;

/** The octets that a name shows as they are. Each other one is written as `\DDD` (RFC 1035 §5.1). */
const NOT_SHOWN = /[^A-Za-z0-9_*/+=:@-]/g;

/** @returns the text in lower case. Only ASCII letters have a case in the DNS (RFC 4343). */
export function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * @returns the labels of a name that is written with or without its final dot, where `\X` and `\DDD` are octets of a
 *   label. `undefined` when the text is not a domain name.
 */
export function labelsOf(text: string): Labels | undefined {
  if (text === '' || text === '.') return [];
  const labels = [''];
  for (const [part] of text.matchAll(/\\\d{3}|\\[\s\S]|[\s\S]/g)) {
    if (part === '.') labels.push('');
    else {
      const code = part.length === 4 ? Number(part.slice(1)) : part.charCodeAt(part.length - 1);
      if (code > 255 || part === '\\') return undefined;
      labels[labels.length - 1] += String.fromCharCode(code);
    }
  }
  if (labels.at(-1) === '') labels.pop();
  const isName = labels.every((label) => label !== '' && label.length <= MAX_LABEL) && wireLength(labels) <= MAX_NAME;
  return isName ? labels.map(lowered) : undefined;
}

/** @returns the name without its final dot, with unusual octets as `\DDD`. The root is `.`. */
export function nameText(labels: Labels): string {
  if (labels.length === 0) return '.';
  return labels
    .map((label) => label.replace(NOT_SHOWN, (octet) => `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`))
    .join('.');
}

function wireLength(labels: Labels): number {
  return labels.reduce((sum, label) => sum + 1 + label.length, 1);
}

/** @returns whether the labels are short enough for a name (RFC 1035 §2.3.4). */
export function isNameLength(labels: Labels): boolean {
  return wireLength(labels) <= MAX_NAME;
}

/** @returns the octets of a name in canonical form: lower case and not compressed (RFC 4034 §6.2). */
export function wireName(labels: Labels): Buffer {
  const parts = labels.map((label) => String.fromCharCode(label.length) + lowered(label));
  return Buffer.from(`${parts.join('')}\0`, 'latin1');
}

/**
 * Compares two names in canonical order (RFC 4034 §6.1): from the last label to the first, as octets, and a name comes
 * before the names below it.
 *
 * @returns a negative number when `a` comes first, a positive one when `b` does, and 0 for the same name.
 */
export function compareNames(a: Labels, b: Labels): number {
  const common = Math.min(a.length, b.length);
  for (let index = 1; index <= common; index += 1) {
    const left = a[a.length - index] ?? '';
    const right = b[b.length - index] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** @returns whether both are the same name. */
export function isSame(a: Labels, b: Labels): boolean {
  return compareNames(a, b) === 0;
}

/** @returns whether `name` is `zone` or a name below it. */
export function isWithin(name: Labels, zone: Labels): boolean {
  return name.length >= zone.length && isSame(lastLabels(name, zone.length), zone);
}

/** @returns whether `name` is a name below `zone`. */
export function isBelow(name: Labels, zone: Labels): boolean {
  return name.length > zone.length && isWithin(name, zone);
}

/** @returns the name that the last `count` labels are. */
export function lastLabels(name: Labels, count: number): Labels {
  return name.slice(name.length - count);
}

/** @returns the name without its first label. The root has no parent and is returned as it is. */
export function parentOf(name: Labels): Labels {
  return name.slice(1);
}

/** @returns the number of labels that both names end with. */
export function commonLabels(a: Labels, b: Labels): number {
  let count = 0;
  while (count < a.length && count < b.length && a[a.length - 1 - count] === b[b.length - 1 - count]) count += 1;
  return count;
}
