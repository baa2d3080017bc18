/**
 * Repairs key records that a web form, a mail client or a careless paste has damaged.
 *
 * Each known kind of damage has a repair. The repairs are applied one after the other until the text is a valid record
 * with a key that can be decoded. Only such a text is shown to the user, so that it is safe to publish.
 */
import { parseKeyRecord } from './key-record.ts';
import { readPublicKey } from './public-key.ts';

export type KeyDamage =
  /** The value is a whole line of a zone file: name, class, type and quoted strings. */
  | 'zone-file-line'
  /** The value contains `\;`, which some zone editors display and others publish literally. */
  | 'escaped-semicolon'
  /** The value contains straight, escaped or typographic quotation marks. */
  | 'quotes'
  /** The value contains a byte order mark, a zero-width space or a no-break space. */
  | 'invisible-characters'
  /** The value contains line breaks. */
  | 'line-breaks'
  /** The value contains the lines `-----BEGIN PUBLIC KEY-----` and `-----END PUBLIC KEY-----`. */
  | 'pem-armour'
  /** The value contains percent-encoding from a URL, such as `%2B`. */
  | 'percent-encoding'
  /** The value of `p=` is a whole record. */
  | 'record-inside-p'
  /** Only spaces separate the tags. */
  | 'missing-semicolon'
  /** The value is the key without any tags. */
  | 'bare-key'
  /** Each `+` has become a space, as in a URL query. */
  | 'plus-lost'
  /** The key is in base64url: `-` and `_` instead of `+` and `/`. */
  | 'base64url'
  /** The `=` at the end of the key is missing. */
  | 'padding-lost'
  /** The Ed25519 key is a SubjectPublicKeyInfo instead of its 32 octets. */
  | 'ed25519-wrapped'
  /** The value of `p=` is the placeholder of some instructions instead of a key. */
  | 'placeholder'
  /** The key is shorter than its DER header announces. */
  | 'truncated';

export interface Mangling {
  readonly damage: readonly [KeyDamage, ...KeyDamage[]];
  /** The repaired record, or `null` when the key is lost. */
  readonly correct: string | null;
}

interface Repair {
  readonly damage: KeyDamage;
  readonly apply: (text: string) => string;
}

/**
 * Longest text to diagnose, in octets. A key of 16384 bits has about 2800 characters, so a longer text is not a key.
 */
const MAX_DIAGNOSED = 8192;

const QUOTED = /"((?:[^"\\]|\\.)*)"/gs;
/** Typographic quotes as octets of UTF-8. */
const SMART_QUOTES = /\xe2\x80[\x98-\x9f]/g;
/**
 * Byte order mark, zero-width and no-break spaces and soft hyphens as octets of UTF-8, the no-break space also as
 * latin1.
 */
const INVISIBLE = /\xef\xbb\xbf|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0|\xc2?\xa0|\xc2\xad/g;
const PEM_ARMOUR = /-----\s?(?:BEGIN|END)[A-Z ]{0,30}KEY\s?-----/g;

const REPAIRS: readonly Repair[] = [
  { damage: 'zone-file-line', apply: stringsOfZoneLine },
  { damage: 'invisible-characters', apply: (text) => text.replace(INVISIBLE, '') },
  { damage: 'escaped-semicolon', apply: (text) => text.replace(/\\+;/g, ';') },
  {
    damage: 'quotes',
    apply: (text) =>
      text
        .replace(SMART_QUOTES, '"')
        .replace(/\\?"[ \t]*|'/g, '')
        .trim(),
  },
  { damage: 'line-breaks', apply: (text) => text.replace(/(?:\\[rn]|[\r\n])[ \t]*/g, '') },
  { damage: 'pem-armour', apply: (text) => text.replace(PEM_ARMOUR, '') },
  { damage: 'percent-encoding', apply: (text) => text.replace(/%(?:2B|2F|3B|3D|20)/gi, decodeURIComponent) },
  { damage: 'record-inside-p', apply: (text) => text.replace(/^[\s\S]{0,60}?\bp=(?=v[ \t]*=[ \t]*DKIM1)/, '') },
  { damage: 'missing-semicolon', apply: separateTags },
  {
    damage: 'bare-key',
    apply: (text) => (/^MI[GIH][A-Za-z0-9+/ ]{80,}={0,2}$/.test(text) ? `v=DKIM1; k=rsa; p=${text}` : text),
  },
  { damage: 'plus-lost', apply: (text) => changeKey(text, (key) => key.replace(/ /g, '+')) },
  { damage: 'base64url', apply: (text) => changeKey(text, (key) => key.replace(/-/g, '+').replace(/_/g, '/')) },
  { damage: 'padding-lost', apply: (text) => changeKey(text, padded) },
  { damage: 'ed25519-wrapped', apply: (text) => (isEd25519(text) ? changeKey(text, unwrapEd25519) : text) },
];

/**
 * Diagnoses a record that is invalid, or whose key cannot be decoded.
 *
 * @param text the joined strings of the record.
 * @returns the damage and, if it can be repaired, the record to publish; `undefined` when the record is valid or the
 *   kind of damage is not known.
 */
export function diagnoseMangling(text: string): Mangling | undefined {
  if (text.length > MAX_DIAGNOSED || isSound(text)) return undefined;
  const damage: KeyDamage[] = [];
  let current = text;
  for (const repair of REPAIRS) {
    const changed = repair.apply(current);
    if (changed === current) continue;
    // These repairs are guesses about the characters of the key. They count only when they make the key valid.
    if (isGuess(repair.damage) && !isSound(changed)) continue;
    current = changed;
    damage.push(repair.damage);
    if (isSound(current)) return listed(damage, current);
  }
  const key = publishedKey(current);
  if (key !== undefined && isPlaceholder(key)) return listed([...damage, 'placeholder'], null);
  if (key !== undefined && isTruncated(text, current)) return listed([...damage, 'truncated'], null);
  return listed(damage, null);
}

function listed(damage: readonly KeyDamage[], correct: string | null): Mangling | undefined {
  const [first, ...rest] = damage;
  return first ? { damage: [first, ...rest], correct } : undefined;
}

function isGuess(damage: KeyDamage): boolean {
  return ['plus-lost', 'base64url', 'padding-lost', 'ed25519-wrapped', 'bare-key', 'missing-semicolon'].includes(
    damage,
  );
}

/** @returns whether the text is a valid record, with a key that can be decoded or a revoked key. */
function isSound(text: string): boolean {
  const reading = parseKeyRecord(text);
  if (reading.kind !== 'record') return false;
  const { publicKey, keyType } = reading.record;
  if (publicKey === '') return true;
  return readPublicKey(publicKey, keyType === 'ed25519' ? 'ed25519' : 'rsa').kind === 'key';
}

function stringsOfZoneLine(text: string): string {
  const inside = /\bTXT\b/i.exec(text.slice(0, 400));
  if (!inside) return text;
  const strings = [...text.slice(inside.index).matchAll(QUOTED)].map((match) => match[1] ?? '');
  return strings.length > 0
    ? strings.join('')
    : text
        .slice(inside.index + 3)
        .replace(/[()]/g, '')
        .trim();
}

function separateTags(text: string): string {
  if (!/^v=DKIM1[ \t]+[a-z]=/.test(text) && !/\bk=(?:rsa|ed25519)[ \t]+p=/.test(text)) return text;
  return text.replace(/(DKIM1|\bk=(?:rsa|ed25519)|\bt=[ys]|\bs=(?:email|\*))[ \t]+(?=[a-z]=)/g, '$1; ');
}

/** @returns the value of the first `p=` anywhere in the text, up to the next semicolon. */
function publishedKey(text: string): string | undefined {
  return /(?:^|[;\s])p[ \t]*=([^;]*)/.exec(text)?.[1]?.trim();
}

function changeKey(text: string, change: (key: string) => string): string {
  const key = publishedKey(text);
  if (key === undefined || key === '') return text;
  const at = text.indexOf(key, /(?:^|[;\s])p[ \t]*=/.exec(text)?.index ?? 0);
  return at < 0 ? text : text.slice(0, at) + change(key) + text.slice(at + key.length);
}

function padded(key: string): string {
  const compact = key.replace(/[ \t]+/g, '');
  return compact.length % 4 === 2 ? `${compact}==` : compact.length % 4 === 3 ? `${compact}=` : key;
}

function isEd25519(text: string): boolean {
  return /(?:^|[;\s])k[ \t]*=[ \t]*ed25519\b/.test(text);
}

/** Removes the 12 octets (16 characters of base64) before the key in a SubjectPublicKeyInfo (RFC 8410 §4). */
function unwrapEd25519(key: string): string {
  return key.startsWith('MCowBQYDK2VwAyEA') ? key.slice(16) : key;
}

const PLACEHOLDER =
  /^(?:[<[{(].*[>\]})]|\.{2,}|x{3,}|.*(?:your|public|insert|paste|replace|example|placeholder|todo|changeme)[^a-z0-9+/]?.*)$/i;

function isPlaceholder(key: string): boolean {
  // Placeholders are shorter than keys. The limit is necessary because the base64 of a key may spell a word by chance.
  return key.length <= 80 && (PLACEHOLDER.test(key) || /\.{3}|\xe2\x80\xa6/.test(key));
}

function isTruncated(original: string, undamaged: string): boolean {
  const key = (publishedKey(undamaged) ?? '').replace(/[ \t\r\n]+/g, '');
  // A truncated key may have any length, so only its whole groups of four characters are decoded.
  const whole = key.length % 4 === 0 ? key : key.slice(0, key.length - (key.length % 4));
  const reading = readPublicKey(whole, 'rsa');
  if (reading.kind === 'fault' && reading.fault === 'truncated') return true;
  return original.length === 255 && !isSound(undamaged);
}
