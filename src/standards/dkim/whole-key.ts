/**
 * Recovers the key that was meant by a damaged value of `p=`. A key is accepted only if it is whole: its DER structure
 * ends exactly where the value ends (RSA), or it has exactly 32 octets (Ed25519). So a guess cannot give another key.
 */
import { SEAM } from './plain-text.ts';
import { announcedLength, decodeBase64, type PublicKey, readPublicKey } from './public-key.ts';
import type { DkimSlip } from './slips.ts';

export interface WholeKey {
  readonly type: PublicKey['type'];
  /** The value for `p=`: base64 without whitespace. */
  readonly base64: string;
  readonly slips: readonly DkimSlip[];
  /** The text after the key. */
  readonly rest: string;
}

/** The base64 of the SubjectPublicKeyInfo around an Ed25519 key: 12 octets before the key (RFC 8410 §4). */
const ED25519_SPKI = /^MCowBQYDK2VwAyEA([A-Za-z0-9+/]{43})=?$/;

/**
 * @param value the value of `p=`, with whitespace and seams.
 * @param isEd25519 whether the record says that the key is an Ed25519 key.
 * @returns the key that was meant, or `undefined` when the value does not hold a whole key.
 */
export function wholeKey(value: string, isEd25519: boolean): WholeKey | undefined {
  const joined = value.replaceAll(SEAM, '').trim();
  return isEd25519 ? (ed25519(joined) ?? rsa(value)) : rsa(value);
}

/** @returns whether the base64 is a whole RSA key. */
export function isWholeRsaKey(base64: string): boolean {
  const octets = decodeBase64(base64);
  return (
    octets !== undefined && announcedLength(octets) === octets.length && readPublicKey(base64, 'rsa').kind === 'key'
  );
}

function ed25519(value: string): WholeKey | undefined {
  const compact = withoutSpaces(value);
  const isUrl = /[_-]/.test(compact) && !/[+/]/.test(compact);
  const url = !isUrl ? compact : compact.replaceAll('-', '+').replaceAll('_', '/');
  const slips: DkimSlip[] = url === compact ? [] : ['base64url'];
  const inner = ED25519_SPKI.exec(url)?.[1];
  const base64 = inner === undefined ? url : `${inner}=`;
  const padded = /^[A-Za-z0-9+/]{43}$/.test(base64) ? `${base64}=` : base64;
  if (readPublicKey(padded, 'ed25519').kind !== 'key') return undefined;
  if (inner !== undefined) slips.push('ed25519-wrapped');
  else if (padded !== base64) slips.push('padding-lost');
  return { type: 'ed25519', base64: padded, slips, rest: '' };
}

interface Way {
  readonly slip: DkimSlip | null;
  /** Tells whether the value shows that its characters were replaced like this, everywhere. */
  readonly fits: (value: string) => boolean;
  readonly apply: (value: string) => string;
}

/** Fewest spaces that are read as lost plus signs. A single space may stand for any character. */
const MIN_LOST = 3;

/** The ways to read the characters of an RSA key, the most faithful first. */
const WAYS: readonly Way[] = [
  { slip: null, fits: () => true, apply: (value) => value },
  {
    slip: 'base64url',
    fits: (value) => value.includes('-') && value.includes('_') && !/[+/]/.test(value),
    apply: (value) => value.replaceAll('-', '+').replaceAll('_', '/'),
  },
  {
    slip: 'plus-lost',
    fits: (value) => !value.includes('+') && value.split(' ').length > MIN_LOST,
    apply: (value) => value.replaceAll(SEAM, '').trim().replaceAll(' ', '+'),
  },
];

function rsa(value: string): WholeKey | undefined {
  const wrapped = ED25519_SPKI.exec(withoutSpaces(value.replaceAll(SEAM, '')))?.[1];
  if (wrapped !== undefined) {
    return { type: 'ed25519', base64: `${wrapped}=`, slips: ['ed25519-wrapped', 'key-type'], rest: '' };
  }
  for (const { slip, fits, apply } of WAYS) {
    if (!fits(value)) continue;
    const found = cutAtEnd(apply(value));
    if (found) return { ...found, slips: [...(slip === null ? [] : [slip]), ...found.slips] };
  }
  return undefined;
}

/** Reads as many words of the value as the DER header announces. Words after the key are its rest. */
function cutAtEnd(value: string): WholeKey | undefined {
  const words = value.split(/[\s\x01]+/).filter((word) => word !== '');
  let compact = '';
  for (const [index, word] of words.entries()) {
    compact += word;
    if (compact.length < 16) continue;
    const wanted = base64Length(compact);
    if (wanted === undefined) return undefined;
    const digits = compact.replace(/=+$/, '');
    if (digits.length < wanted) continue;
    const tail = digits.slice(wanted);
    // Letters that touch the end of the key may belong to it, unless they begin a tag.
    if (/^[A-Za-z0-9+/]/.test(tail) && !/^[vkhstn]=/.test(tail)) return undefined;
    const base64 = padded(digits.slice(0, wanted));
    if (!isWholeRsaKey(base64)) return undefined;
    const rest = [tail, ...words.slice(index + 1)].filter((part) => part !== '' && !/^=+$/.test(part)).join(' ');
    const isPaddedRight = compact.slice(0, base64.length) === base64 && !compact.startsWith('=', base64.length);
    const slips: DkimSlip[] = isPaddedRight || tail !== '' ? [] : ['padding-lost'];
    return { type: 'rsa', base64, slips, rest };
  }
  return undefined;
}

/** @returns the number of base64 digits, without padding, that the DER header at the start of the text announces. */
function base64Length(text: string): number | undefined {
  const octets = decodeBase64(text.slice(0, 12));
  const length = octets && announcedLength(octets);
  return length === undefined ? undefined : Math.ceil((length * 4) / 3);
}

function padded(digits: string): string {
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=');
}

function withoutSpaces(value: string): string {
  return value.replace(/\s+/g, '');
}
