/**
 * Key records broken on their way into the zone: by a provider's form, a mail client or a careless paste.
 *
 * Each known kind of damage has a repair. Repairs are applied one after the other until the text is a valid record
 * with a key that decodes; a repaired text is offered only then, so what is printed can be published.
 */
import { parseKeyRecord } from './key-record.ts';
import { readPublicKey } from './public-key.ts';

export type KeyDamage =
  /** A whole zone-file line as the value: name, class and type, strings in quotes. */
  | 'zone-file-line'
  /** `\;`, as some zone editors show it and others take literally. */
  | 'escaped-semicolon'
  /** Quotation marks, straight, escaped or typographic, inside the value. */
  | 'quotes'
  /** A byte order mark, zero-width or no-break space. */
  | 'invisible-characters'
  /** Line breaks inside the value. */
  | 'line-breaks'
  /** `-----BEGIN PUBLIC KEY-----` and its end. */
  | 'pem-armour'
  /** `%2B` and the like, from a URL. */
  | 'percent-encoding'
  /** The whole record as the value of `p=`. */
  | 'record-inside-p'
  /** Tags with nothing but spaces between them. */
  | 'missing-semicolon'
  /** The bare key, without tags. */
  | 'bare-key'
  /** `+` turned into a space, as in a URL query. */
  | 'plus-lost'
  /** `-` and `_` for `+` and `/`: base64url. */
  | 'base64url'
  /** The `=` at the end cut off. */
  | 'padding-lost'
  /** An Ed25519 key in its SubjectPublicKeyInfo wrapping instead of the 32 octets. */
  | 'ed25519-wrapped'
  /** The text an instruction showed in place of a key. */
  | 'placeholder'
  /** The key ends before its announced length. */
  | 'truncated';

export interface Mangling {
  readonly damage: readonly [KeyDamage, ...KeyDamage[]];
  /** The record that was meant, or `null` where the key itself is lost. */
  readonly correct: string | null;
}

interface Repair {
  readonly damage: KeyDamage;
  readonly apply: (text: string) => string;
}

/** A 16384-bit key takes some 2800 characters; what is far longer is no key in disguise. */
const MAX_DIAGNOSED = 8192;

const QUOTED = /"((?:[^"\\]|\\.)*)"/gs;
/** Typographic quotes, BOM, zero-width and no-break spaces as the octets of their UTF-8, or as one latin1 octet. */
const SMART_QUOTES = /\xe2\x80[\x98-\x9f]/g;
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
 * Explains a record that is no valid record, or whose key does not decode.
 *
 * @param text the joined strings of the record
 * @returns the damage done and, where it can be undone, the record to publish; `undefined` when the record is sound
 *   or broken in no way known.
 */
export function diagnoseMangling(text: string): Mangling | undefined {
  if (text.length > MAX_DIAGNOSED || isSound(text)) return undefined;
  const damage: KeyDamage[] = [];
  let current = text;
  for (const repair of REPAIRS) {
    const changed = repair.apply(current);
    if (changed === current) continue;
    // Changes to the key's own characters are guesses: they count only if they make the key decode.
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

/** @returns whether the text is a record with a key that decodes, or one revoked on purpose. */
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

/** The value of the first `p=`, wherever it stands, up to the next semicolon. */
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

/** The 12 octets before the key in a SubjectPublicKeyInfo (RFC 8410 §4) are 16 base64 characters. */
function unwrapEd25519(key: string): string {
  return key.startsWith('MCowBQYDK2VwAyEA') ? key.slice(16) : key;
}

const PLACEHOLDER =
  /^(?:[<[{(].*[>\]})]|\.{2,}|x{3,}|.*(?:your|public|insert|paste|replace|example|placeholder|todo|changeme)[^a-z0-9+/]?.*)$/i;

function isPlaceholder(key: string): boolean {
  // No instruction's placeholder is as long as a key; a key's base64 may well spell a word.
  return key.length <= 80 && (PLACEHOLDER.test(key) || /\.{3}|\xe2\x80\xa6/.test(key));
}

function isTruncated(original: string, undamaged: string): boolean {
  const key = (publishedKey(undamaged) ?? '').replace(/[ \t\r\n]+/g, '');
  // A cut anywhere leaves base64 of any length: then only whole groups of four are looked at.
  const whole = key.length % 4 === 0 ? key : key.slice(0, key.length - (key.length % 4));
  const reading = readPublicKey(whole, 'rsa');
  if (reading.kind === 'fault' && reading.fault === 'truncated') return true;
  return original.length === 255 && !isSound(undamaged);
}
