import { describe, expect, it } from 'vitest';
import { meaningOfKeyRecord } from '../../../src/standards/dkim/correct.ts';
import { parseKeyRecord } from '../../../src/standards/dkim/key-record.ts';
import { readPublicKey } from '../../../src/standards/dkim/public-key.ts';
import type { DkimSlip } from '../../../src/standards/dkim/slips.ts';
import { cpuMs } from '../../cpu-time.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import { ED25519, ED25519_SPKI, KEY_WITH_SIGNS, PAIR, RSA_2048, rsaKey } from './keys.ts';

const KEY = KEY_WITH_SIGNS;
const RECORD = `v=DKIM1; k=rsa; p=${KEY}`;
/** The octets of a text in UTF-8. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
/** The key as several quoted strings, as key generators write it. */
const STRINGS = `"p=${KEY.slice(0, 200)}"\n\t  "${KEY.slice(200)}"`;

describe('DKIM: a text that is corrected', () => {
  const cases: [string, string, DkimSlip[], string?][] = [
    // Where copying from a zone file began.
    [
      'a whole line',
      `mail._domainkey IN TXT ( "v=DKIM1; k=rsa; "\n\t${STRINGS} ) ; ----- DKIM key`,
      ['zone-file-line'],
    ],
    ['a whole line with TTL', `mail._domainkey.example.com. 3600 IN TXT "${RECORD}"`, ['zone-file-line']],
    ['a line from the class on', `IN TXT ( "v=DKIM1; k=rsa; "\n\t${STRINGS} )`, ['zone-file-line']],
    ['a line from the type on', `TXT "${RECORD}"`, ['zone-file-line']],
    ['a line from the type on, without quotes', `TXT ${RECORD}`, ['zone-file-line']],
    [
      'a line from the parenthesis on',
      `( "v=DKIM1; k=rsa; " ${STRINGS} ) ; ----- DKIM key mail for example.com`,
      ['line-breaks', 'parentheses', 'quotes', 'comment'],
    ],
    [
      'a line from the first string on',
      `"v=DKIM1; k=rsa; " ${STRINGS} ) ; ----- DKIM key mail`,
      ['line-breaks', 'quotes', 'parentheses', 'comment'],
    ],
    [
      'a line from the version on',
      `v=DKIM1; k=rsa; " "p=${KEY.slice(0, 99)}" "${KEY.slice(99)}" ) ; key=1`,
      ['quotes', 'parentheses', 'comment'],
    ],
    ['parentheses without quotes', `(${RECORD})`, ['parentheses']],
    ['a comment without quotes', `${RECORD} ; ----- DKIM key mail for example.com`, ['comment']],
    ['each tag in quotation marks', `"v=DKIM1"; "k=rsa"; "p=${KEY}"`, ['quotes']],
    ['each value in quotation marks', `v="DKIM1"; k="rsa"; p="${KEY}"`, ['quotes']],
    ['strings without semicolons', `"v=DKIM1" "k=rsa" "p=${KEY}"`, ['quotes', 'missing-semicolon']],
    [
      'a key in quoted pieces',
      `v=DKIM1; k=rsa; p="${KEY.slice(0, 50)}" "${KEY.slice(50, 60)}" "${KEY.slice(60)}"`,
      ['quotes'],
    ],
    ['single quotation marks', `'${RECORD}'`, ['quotes']],
    // Characters.
    ['typographic quotation marks', utf8(`“${RECORD}”`), ['quotes']],
    [
      'a wide semicolon and a wide equals sign',
      utf8(RECORD.replace(';', '；').replace('p=', 'p＝')),
      ['typographic-characters'],
    ],
    ['a Greek question mark', utf8(RECORD.replace(';', '\u037e')), ['typographic-characters']],
    ['a zero-width space in the key', utf8(RECORD.replace('MIIB', 'MI\u200bIB')), ['invisible-characters']],
    ['a no-break space before a tag', utf8(RECORD.replace('; p', ';\u00a0p')), ['invisible-characters']],
    ['control characters', RECORD.replace('; k', ';\x00 k'), ['invisible-characters']],
    ['a line feed before a tag', RECORD.replace('; p', ';\np'), ['line-breaks']],
    ['a line feed and a space before a tag', RECORD.replace('; p', ';\n p'), ['line-breaks']],
    ['a carriage return at the end', `${RECORD}\r`, ['line-breaks']],
    ['CRLF at the end', `${RECORD}\r\n`, ['line-breaks']],
    ['a decimal escape', RECORD.replace('; p', ';\\010p'), ['line-breaks']],
    ['an escaped equals sign', RECORD.replace('p=', 'p\\='), ['backslashes']],
    ['an escape of JSON', RECORD.replaceAll('=', '\\u003d'), ['backslashes']],
    // Separators.
    ['commas', RECORD.replaceAll(';', ','), ['missing-semicolon']],
    ['spaces only', RECORD.replaceAll(';', ''), ['missing-semicolon']],
    ['line breaks only', RECORD.replaceAll('; ', '\n'), ['line-breaks', 'missing-semicolon']],
    ['nothing between the tags', RECORD.replaceAll('; ', ''), ['missing-semicolon']],
    ['vertical bars', RECORD.replaceAll('; ', '|'), ['missing-semicolon']],
    ['two semicolons', RECORD.replace(';', ';;'), ['empty-tag']],
    ['a semicolon in the key', `v=DKIM1; k=rsa; p=${KEY.slice(0, 200)};${KEY.slice(200)}`, ['empty-tag']],
    ['colons after the names', 'v:DKIM1; k:rsa; p:'.concat(KEY), ['equals-sign']],
    ['a space after the name of the key', RECORD.replace('p=', 'p '), ['equals-sign']],
    ['a tag glued to the end of the key', `v=DKIM1; p=${KEY}k=rsa`, ['missing-semicolon'], `v=DKIM1; p=${KEY}; k=rsa`],
    // Names and values.
    ['the version in lower case', RECORD.replace('DKIM1', 'dkim1'), ['version']],
    ['a space in the version', RECORD.replace('DKIM1', 'DKIM 1'), ['version']],
    ['a hyphen in the version', RECORD.replace('DKIM1', 'DKIM-1'), ['version']],
    ['the version without number', RECORD.replace('DKIM1', 'DKIM'), ['version']],
    ['a letter instead of the number', RECORD.replace('DKIM1', 'DKIMl'), ['version']],
    ['letters of the version swapped', RECORD.replace('DKIM1', 'DIKM1'), ['version']],
    ['the version without v=', RECORD.replace('v=', ''), ['tag-name']],
    ['the version without v', RECORD.replace('v', ''), ['tag-name']],
    ['v= behind k=', `k=rsa; v=DKIM1; p=${KEY}`, ['tag-order']],
    ['v= behind the key', `k=rsa; p=${KEY}; v=DKIM1`, ['tag-order']],
    ['names in upper case', `V=DKIM1; K=rsa; P=${KEY}`, ['tag-name']],
    ['another name before the key', RECORD.replace('p=', 'key='), ['tag-name']],
    ['the key type in upper case', RECORD.replace('rsa', 'RSA'), ['key-type']],
    ['letters of the key type swapped', RECORD.replace('rsa', 'ras'), ['key-type']],
    ['the length in the key type', RECORD.replace('rsa', 'rsa2048'), ['key-type']],
    ['another key type than that of the key', RECORD.replace('rsa', 'dsa'), ['key-type']],
    ['k= twice with the same value', RECORD.replace('k=rsa', 'k=rsa; k=rsa'), ['repeated-tag']],
    ['the same key twice', `${RECORD}; p=${KEY}`, ['repeated-tag']],
    [
      'the two parts of the key each in p=',
      `v=DKIM1; k=rsa; p=${KEY.slice(0, 200)}; p=${KEY.slice(200)}`,
      ['repeated-tag'],
    ],
    ['the whole record twice inside p=', `v=DKIM1; k=rsa; p=${RECORD}`, ['record-inside-p']],
    ['the name of the tag twice', RECORD.replace('p=', 'p=p='), ['record-inside-p']],
    ['the key without p=', `v=DKIM1; k=rsa; ${KEY}`, ['bare-key']],
    ['the key alone', KEY, ['bare-key']],
    // The key.
    ['plus signs lost', RECORD.replaceAll('+', ' '), ['plus-lost']],
    ['base64url', `v=DKIM1; k=rsa; p=${KEY.replaceAll('+', '-').replaceAll('/', '_')}`, ['base64url']],
    [
      'percent-encoding',
      RECORD.replaceAll('+', '%2B').replaceAll('/', '%2F').replaceAll('=', '%3D'),
      ['percent-encoding'],
    ],
    [
      'the lines of a PEM file',
      RECORD.replace(KEY, `-----BEGIN PUBLIC KEY-----\n${KEY}\n-----END PUBLIC KEY-----`),
      ['pem-armour', 'line-breaks'],
    ],
    [
      'an Ed25519 key in its wrapping under k=rsa',
      `v=DKIM1; k=rsa; p=${ED25519_SPKI}`,
      ['ed25519-wrapped', 'key-type'],
      `v=DKIM1; k=ed25519; p=${ED25519}`,
    ],
    [
      'an Ed25519 key without its padding',
      `v=DKIM1; k=ed25519; p=${ED25519.replace('=', '')}`,
      ['padding-lost'],
      `v=DKIM1; k=ed25519; p=${ED25519}`,
    ],
    ['k=Ed25519', `v=DKIM1; k=Ed25519; p=${ED25519}`, ['key-type'], `v=DKIM1; k=ed25519; p=${ED25519}`],
    [
      'k=rsa for the key of a PKCS#1 file',
      `v=DKIM1; k=RSA; p=${rsaKey(1024)}`,
      ['key-type'],
      `v=DKIM1; k=rsa; p=${rsaKey(1024)}`,
    ],
  ];
  it.each(cases)('%s', (_, text, slips, expected = RECORD) => {
    const meaning = meaningOfKeyRecord(text);
    expect(meaning).toMatchObject({ kind: 'corrected', text: expected });
    expect(meaning.kind === 'corrected' ? [...meaning.slips].sort() : []).toEqual([...slips].sort());
  });

  it.each([
    [
      'other tags stay',
      `v=DKIM1, h=sha256, s=email, t=s:y, n=my key, p=${KEY}`,
      `v=DKIM1; h=sha256; s=email; t=s:y; n=my key; p=${KEY}`,
    ],
    ['unknown tags stay', `v=DKIM1;; x=y; p=${KEY}`, `v=DKIM1; x=y; p=${KEY}`],
    [
      'a note with words like tags stays',
      `v=dkim1; n=the p and k tags; p=${KEY}`,
      `v=DKIM1; n=the p and k tags; p=${KEY}`,
    ],
    ['a revoked key stays revoked', 'v=dkim1; p=', 'v=DKIM1; p='],
  ])('%s', (_, text, corrected) => {
    expect(meaningOfKeyRecord(text)).toMatchObject({ kind: 'corrected', text: corrected, leftOut: [] });
  });

  it.each([
    ['words before the record', `DKIM key: ${RECORD}`, ['DKIM key:']],
    ['words after the record', `${RECORD}; rotated in May`, ['rotated in May']],
    ['words after the key', `${RECORD} example.com`, ['example.com']],
    ['a note in other letters', utf8(`${RECORD}; n=Schlüssel`), [utf8('n=Schlüssel')]],
    ['a comment', `"${RECORD}" ) ; key of example.com`, ['key of example.com']],
  ])('what is left out is named: %s', (_, text, leftOut) => {
    expect(meaningOfKeyRecord(text)).toMatchObject({ kind: 'corrected', text: RECORD, leftOut });
  });
});

describe('DKIM: a text that is not corrected', () => {
  it.each([
    ['a valid record', RECORD],
    ['whitespace before the equals sign', `v = DKIM1; p =${KEY}`],
    ['a record without version', `p=${KEY}`],
    ['a revoked key', 'v=DKIM1; p='],
    ['an unknown tag', `v=DKIM1; x="(y)"; p=${KEY}`],
    ['folding whitespace', `v=DKIM1;\r\n p=${KEY}`],
  ])('right: %s', (_, text) => {
    expect(meaningOfKeyRecord(text)).toEqual({ kind: 'right' });
  });

  it.each([
    ['a key that is cut off', RECORD.slice(0, 300)],
    ['the second part of a key', KEY.slice(200)],
    ['a key with a letter missing', RECORD.replace(KEY, KEY.slice(0, 100) + KEY.slice(101))],
    ['a key with a letter too many', RECORD.replace(KEY, `${KEY.slice(0, 100)}A${KEY.slice(100)}`)],
    ['a key and its revocation', `v=DKIM1; p=${KEY}; p=`],
    ['two keys', `v=DKIM1; p=${KEY}; p=${RSA_2048}`],
    ['a later version', RECORD.replace('DKIM1', 'DKIM2')],
    ['no key', 'v=DKIM1; k=rsa'],
    ['a placeholder', 'v=DKIM1; k=rsa; p=<public key>'],
    ['two values of a tag that restricts the key', `v=DKIM1; t=s; t=y; p=${KEY}`],
    ['a private key', `"v=DKIM1; p=${PAIR.privateBase64}"`],
    ['spaces instead of slashes', RECORD.replaceAll('/', ' ')],
    ['hyphens instead of slashes', RECORD.replaceAll('/', '-')],
    ['a space instead of a letter', RECORD.replace(KEY, `${KEY.slice(0, 100)} ${KEY.slice(101)}`)],
    ['an Ed25519 key with a letter missing', `v=DKIM1; k=ed25519; p=${ED25519.slice(1)}`],
    [
      'an Ed25519 key with a letter missing and a space',
      `k=ed25519; p=${ED25519.slice(0, 9)} ${ED25519.slice(10, 42)}`,
    ],
    ['more octets than are corrected', `"v=DKIM1; n=${'x'.repeat(5000)}; p=${KEY}"`],
  ])('unclear: %s', (_, text) => {
    expect(meaningOfKeyRecord(text)).toMatchObject({ kind: 'unclear' });
  });

  it('unclear: a private key is not repeated', () => {
    expect(meaningOfKeyRecord(`p=${PAIR.privateBase64}`)).toEqual({ kind: 'unclear', slips: [], unread: [] });
  });

  it.each([
    ['an SPF record', 'v=spf1 -all'],
    ['a DMARC record', 'v=DMARC1; p=none'],
    ['a token', 'google-site-verification=rXOxyZounnZasA8Z7oaD3c14JdjS9aKSWvsR1EbUSIQ'],
    ['another token', 'MS=ms12345678'],
    ['prose', 'This name is reserved for mail keys.'],
    ['nothing', ''],
  ])('unrelated: %s', (_, text) => {
    expect(meaningOfKeyRecord(text)).toEqual({ kind: 'unrelated' });
  });
});

describe('DKIM: whatever goes wrong, no other key is read', () => {
  const keys = fc.constantFrom(KEY, RSA_2048, rsaKey(1024), rsaKey(4096), rsaKey(2048, 3n));
  const record = fc
    .tuple(
      keys,
      fc.constantFrom('v=DKIM1', ''),
      fc.constantFrom('k=rsa', ''),
      fc.constantFrom('', 't=s', 's=email', 'h=sha256', 'n=note'),
      fc.constantFrom('; ', ';', ' ; '),
    )
    .map(([key, version, type, other, separator]) => ({
      key,
      text: [version, type, other, `p=${key}`].filter((tag) => tag !== '').join(separator),
    }));
  /** Something is put in, taken out or written in another way, at any place. */
  const slip = fc.oneof(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      drop: fc.constantFrom(0, 0, 0, 1, 3),
      put: fc.constantFrom('"', '" "', "'", '(', ')', '\n', '\r\n', '\\', '\\;', ';', ',', ' ', '\t', '', '=', '\x00'),
    }),
    fc
      .constantFrom(
        ...([
          ['; ', ''],
          [';', ''],
          [';', ','],
          [';', ' '],
          [';', '\\;'],
          [';', '\n'],
          ['v=', ''],
          ['v=', 'V='],
          ['DKIM1', 'dkim1'],
          ['DKIM1', 'DKIM 1'],
          ['k=', 'k:'],
          ['k=', ''],
          ['rsa', 'RSA'],
          ['p=', 'P='],
          ['p=', 'p:'],
          ['p=', ''],
          ['+', ' '],
          ['+', '%2B'],
          ['/', '%2F'],
          ['/', ' '],
          ['+', '-'],
          ['/', '_'],
          ['=', '%3D'],
          ['=', ''],
          ['=', '\\='],
          [' ', ''],
        ] as const),
      )
      .map(([find, write]) => ({ find, write })),
    fc.record({
      before: fc.constantFrom('"', '( ', 'IN TXT ', '\xef\xbb\xbf', 'x '),
      after: fc.constantFrom('"', ' )', '\n', ' ; note', ''),
    }),
    fc.record({ from: fc.nat(600), to: fc.nat(600) }),
  );
  type Slip = typeof slip extends fc.Arbitrary<infer T> ? T : never;
  const apply = (text: string, one: Slip): string => {
    if ('put' in one) {
      const at = Math.floor(one.at * text.length);
      return text.slice(0, at) + one.put + text.slice(at + one.drop);
    }
    if ('find' in one) return text.replaceAll(one.find, one.write);
    if ('before' in one) return one.before + text + one.after;
    return text.slice(Math.min(one.from, 20), Math.max(one.to, text.length - 20));
  };

  it('the key of a corrected record is the key of the record before the slips', () => {
    fc.assert(
      fc.property(record, fc.array(slip, { minLength: 1, maxLength: 4 }), ({ key, text }, slips) => {
        const meaning = meaningOfKeyRecord(slips.reduce(apply, text));
        if (meaning.kind !== 'corrected') return;
        const reading = parseKeyRecord(meaning.text);
        expect(reading.kind).toBe('record');
        if (reading.kind === 'record' && reading.record.publicKey !== '') {
          expect(readPublicKey(reading.record.publicKey, 'rsa')).toEqual(readPublicKey(key, 'rsa'));
        }
        expect(meaning.text).toMatch(/^[\x20-\x7e]+$/);
        expect(meaningOfKeyRecord(meaning.text)).toEqual({ kind: 'right' });
      }),
      { numRuns: runs(20_000) },
    );
  });

  it('a key is never taken for revoked because of slips', () => {
    fc.assert(
      fc.property(record, fc.array(slip, { minLength: 1, maxLength: 3 }), ({ text }, slips) => {
        const meaning = meaningOfKeyRecord(slips.reduce(apply, text));
        if (meaning.kind === 'corrected') expect(meaning.text).not.toMatch(/p=$/);
      }),
      { numRuns: runs(5000) },
    );
  });

  it('never throws for any octets', () => {
    const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(octets, fc.constantFrom('', 'v=DKIM1; p=', '"p='), (text, start) => {
        expect(typeof meaningOfKeyRecord(start + text).kind).toBe('string');
      }),
      { numRuns: runs(5000) },
    );
  });

  it.each([' ', '"', '\\', '(', ';', '=', 'p=', ' p', ';p', 'v=DKIM1 ', 'A ', '\n', 'k=rsa', '%2', '\x01 '])(
    'reads 4096 octets of %j without delay',
    (piece) => {
      const started = cpuMs();
      for (const start of ['', 'v=DKIM1; p=', '"p=MII', 'p=']) {
        meaningOfKeyRecord(start + piece.repeat((4096 - start.length) / piece.length));
      }
      expect(cpuMs() - started).toBeLessThan(1000);
    },
  );
});
