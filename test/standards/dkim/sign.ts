/**
 * A small DKIM signer of the tests' own (RFC 6376 §5): it shares no code with the product or with mailauth, and signs
 * whatever it is told, also what no signer should.
 */
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { PAIR } from './keys.ts';

/** The time of the tests that name a day: 15 September 2026, in milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 8, 15);

export interface SignOptions {
  readonly domain?: string;
  readonly selector?: string;
  readonly key?: KeyObject;
  /** `c=`. */
  readonly form?: 'relaxed/relaxed' | 'simple/simple' | 'relaxed/simple' | 'simple/relaxed';
  readonly hash?: 'sha1' | 'sha256';
  /** `h=`. */
  readonly signed?: string;
  /** `l=`: octets of the canonical body that are hashed. */
  readonly length?: number;
  /** More tags, as they are written; one that is written already is replaced, and left out where it is `null`. */
  readonly tags?: Readonly<Record<string, string | null>>;
}

const pairKey = createPrivateKey(PAIR.privatePem);

/** @param message one character per octet, with CRLF line ends. @returns it with a DKIM-Signature field before it. */
export function signMessage(message: string, options: SignOptions = {}): string {
  const { key = pairKey, form = 'relaxed/relaxed', hash = 'sha256', signed = 'From : To:Subject', length } = options;
  const [headerForm] = form.split('/');
  const { head, body: canonical } = signedParts(message, form);
  const algorithm = `${key.asymmetricKeyType}-${hash}`;
  const tags: Record<string, string | null> = {
    v: '1',
    a: algorithm,
    c: form,
    d: options.domain ?? 'example.com',
    s: options.selector ?? 'mail',
    h: signed,
    ...(length === undefined ? {} : { l: String(length) }),
    bh: createHash(hash).update(canonical.slice(0, length), 'latin1').digest('base64'),
    ...options.tags,
  };
  const written = Object.entries(tags).flatMap(([name, value]) => (value === null ? [] : `${name}=${value};`));
  const field = `DKIM-Signature: ${written.join('\r\n\t')}\r\n\tb=`;
  const data = Buffer.from(
    signedHeader(head, tags.h ?? '', form) + (headerForm === 'relaxed' ? relaxedField(field) : field),
    'latin1',
  );
  const value =
    key.asymmetricKeyType === 'ed25519'
      ? sign(null, createHash(hash).update(data).digest(), key)
      : sign(hash, data, key);
  return `${field}${value.toString('base64').replace(/(.{70})(?=.)/g, '$1\r\n\t ')}\r\n${message}`;
}

/** @returns what a signature covers: the same for two messages exactly where one signature fits both. */
export function signedForm(message: string, { form = 'relaxed/relaxed', signed = '' }: SignOptions): string {
  const { head, body } = signedParts(message, form);
  return `${signedHeader(head, signed, form)}\r\n${body}`;
}

function signedParts(message: string, form: string): { head: string; body: string } {
  const [head = '', ...rest] = message.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  return { head, body: form.endsWith('/relaxed') ? relaxedBody(body) : `${body.replace(/(?:\r\n)*$/, '')}\r\n` };
}

function signedHeader(head: string, signed: string, form: string): string {
  const fields = head.split(/\r\n(?![ \t])/);
  const nameOf = (text: string): string =>
    text
      .split(':')[0]
      ?.replace(/^[ \t]+|[ \t]+$/g, '')
      .toLowerCase() ?? '';
  const chosen = signed.split(':').flatMap((name) => {
    const last = fields.findLastIndex((text) => nameOf(text) === nameOf(name));
    return last < 0 ? [] : fields.splice(last, 1);
  });
  return chosen.map((text) => `${form.startsWith('relaxed/') ? relaxedField(text) : text}\r\n`).join('');
}

function relaxedField(text: string): string {
  const [name = '', ...value] = text.split(':');
  const unfolded = value.join(':').replace(/\r\n/g, '');
  return `${name.replace(/[ \t]+$/, '').toLowerCase()}:${unfolded.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')}`;
}

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  const text = lines.join('\r\n').replace(/(?:\r\n)*$/, '');
  return text === '' ? '' : `${text}\r\n`;
}
