import { describe, expect, it } from 'vitest';
import { assessKeyRecord } from '../../../src/standards/dkim/assess.ts';
import { cpuMs } from '../../cpu-time.ts';
import fc from '../../fast-check.ts';
import { EC_SPKI, ED25519, ED25519_SPKI, KEY_RECORD, KEY_WITH_SIGNS, PAIR, RSA_2048, rsaDer, rsaKey } from './keys.ts';

function problems(text: string) {
  return assessKeyRecord([text]).problems.map(({ kind }) => kind);
}

describe('DKIM: a key record without problems', () => {
  const usable: [string, string][] = [
    ['RFC 6376 §3.6.1: all tags', `v=DKIM1; k=rsa; h=sha1:sha256; s=email; t=s; n=hi; p=${RSA_2048}`],
    ['RFC 6376 §3.6.1: v, k and s have defaults', `p=${RSA_2048}`],
    ['RFC 6376 §3.6.1: unknown tags are ignored', `v=DKIM1; x=y; p=${RSA_2048}`],
    ['RFC 6376 §3.6.1: s=*', `v=DKIM1; s=*; p=${RSA_2048}`],
    ['RFC 6376 §3.6.1: s= lists several services', `v=DKIM1; s=tlsrpt:email; p=${RSA_2048}`],
    ['RFC 6376 §3.6.1: folding whitespace inside p=', `v=DKIM1; p=${RSA_2048.replace(/(.{40})/g, '$1 ')}`],
    ['RFC 6376 §3.6.1: bare RSAPublicKey', `v=DKIM1; p=${rsaDer(2048).toString('base64')}`],
    ['RFC 8301 §3.2: 4096 bits', `v=DKIM1; p=${rsaKey(4096)}`],
    ['RFC 8463 §4: 32 octets', `v=DKIM1; k=ed25519; p=${ED25519}`],
    ['exponent 3', `v=DKIM1; p=${rsaKey(2048, 3n)}`],
  ];
  it.each(usable)('%s', (_, text) => {
    expect(assessKeyRecord([text])).toMatchObject({ problems: [], usable: true });
  });

  it('RFC 6376 §3.6.2.2: strings are joined without separator', () => {
    expect(assessKeyRecord([KEY_RECORD.slice(0, 255), KEY_RECORD.slice(255)]).usable).toBe(true);
  });
});

describe('DKIM: a key record with a problem', () => {
  const cases: [string, string, string[], boolean][] = [
    ['RFC 6376 §3.6.1: p= empty', 'v=DKIM1; p=', ['revoked'], false],
    ['RFC 6376 §3.6.1: t=y', `v=DKIM1; t=y:s; p=${RSA_2048}`, ['testing'], true],
    ['RFC 6376 §3.6.1: s= without email', `v=DKIM1; s=tlsrpt; p=${RSA_2048}`, ['service-excludes-email'], false],
    ['RFC 6376 §3.6.1: k= unknown', `v=DKIM1; k=dsa; p=${RSA_2048}`, ['key-type-unknown'], false],
    ['RFC 6376 §3.6.1: k=RSA, the grammar wants lower case', `k=RSA; p=${RSA_2048}`, ['key-type-unknown'], false],
    ['RFC 6376 App. E: g=*', `v=DKIM1; g=*; p=${RSA_2048}`, ['granularity'], true],
    ['RFC 8301 §3.1: h=sha1', `v=DKIM1; h=sha1; p=${RSA_2048}`, ['sha1-only'], false],
    ['RFC 8301 §3.2: 1023 bits', `v=DKIM1; p=${rsaKey(1023)}`, ['too-short'], false],
    ['RFC 8301 §3.2: 1024 bits', `v=DKIM1; p=${rsaKey(1024)}`, ['weak'], true],
    ['RFC 8301 §3.2: 2047 bits', `v=DKIM1; p=${rsaKey(2047)}`, ['weak'], true],
    ['RFC 8301 §3.2: 4097 bits', `v=DKIM1; p=${rsaKey(4097)}`, ['oversize'], true],
    ['10 000 bits', `v=DKIM1; p=${rsaKey(10_000)}`, ['oversize'], true],
    ['garbage base64', 'v=DKIM1; p=!!!not base64!!!', ['invalid'], false],
    ['base64 of other data than a key', 'v=DKIM1; p=aGVsbG8gd29ybGQh', ['invalid'], false],
    ['an EC key', `v=DKIM1; p=${EC_SPKI}`, ['invalid'], false],
    ['even exponent', `v=DKIM1; p=${rsaKey(2048, 65536n)}`, ['invalid'], false],
    ['exponent 1', `v=DKIM1; p=${rsaKey(2048, 1n)}`, ['invalid'], false],
    ['even modulus', `v=DKIM1; p=${rsaKey(2048, 65537n, 0n)}`, ['invalid'], false],
    ['RFC 8463 §4: 31 octets', `v=DKIM1; k=ed25519; p=${Buffer.alloc(31, 7).toString('base64')}`, ['invalid'], false],
    ['RFC 6376 §3.6.1: v= not first', `k=rsa; v=DKIM1; p=${RSA_2048}`, ['syntax'], false],
    ['RFC 6376 §3.6.1: v=DKIM2', `v=DKIM2; p=${RSA_2048}`, ['syntax'], false],
    ['RFC 6376 §3.6.1: v=dkim1', `v=dkim1; p=${RSA_2048}`, ['syntax'], false],
    ['RFC 6376 §3.6.1: no p=', 'v=DKIM1; k=rsa', ['syntax'], false],
    ['RFC 6376 §3.2: p= twice', `v=DKIM1; p=${RSA_2048}; p=`, ['syntax'], false],
    ['not a key record', 'v=spf1 -all', ['syntax'], false],
    ['RFC 6376 §8: a private key in p=', `v=DKIM1; p=${PAIR.privateBase64}`, ['private-key'], false],
    ['RFC 6376 §8: a PKCS#1 private key in p=', `v=DKIM1; p=${PAIR.privatePkcs1Base64}`, ['private-key'], false],
    ['RFC 6376 §8: a truncated private key', `v=DKIM1; p=${PAIR.privateBase64.slice(0, 200)}`, ['private-key'], false],
    ['RFC 6376 §8: a private key in PEM', PAIR.privatePem, ['private-key'], false],
  ];
  it.each(cases.map(([name, ...rest]) => [`${name} → ${rest[1]}`, ...rest] as const))(
    '%s',
    (_, text, kinds, usable) => {
      const assessment = assessKeyRecord([text]);
      expect(assessment.problems.map(({ kind }) => kind)).toEqual(kinds);
      expect(assessment.usable).toBe(usable);
    },
  );

  it('an assessment never repeats a private key', () => {
    const shown = JSON.stringify(assessKeyRecord([`v=DKIM1; p=${PAIR.privateBase64}`]));
    expect(shown).not.toContain(PAIR.privateBase64.slice(40, 80));
  });

  it('a public key is not mistaken for a private one', () => {
    expect(problems(`v=DKIM1; p=${PAIR.publicBase64}`)).toEqual([]);
  });
});

describe('DKIM: a key record damaged by copying', () => {
  /** Base64 with a "+" and a "/", of a length that needs padding. */
  const key = [0n, 2n, 4n, 8n, 16n, 32n, 64n]
    .flatMap((offset) => [2040, 2048, 2056].map((bits) => rsaKey(bits, 65537n + offset)))
    .find((base64) => base64.endsWith('='));
  const plus = KEY_WITH_SIGNS;
  const record = `v=DKIM1; k=rsa; p=${RSA_2048}`;
  const cases: [string, string, string[], string | null][] = [
    ['escaped semicolons', record.replaceAll(';', '\\;'), ['escaped-semicolon'], record],
    ['quotes around', `"${record}"`, ['quotes'], record],
    ['escaped quotes around', `\\"${record}\\"`, ['quotes'], record],
    ['quotes where the strings were split', `${record.slice(0, 250)}" "${record.slice(250)}`, ['quotes'], record],
    ['typographic quotes', `\xe2\x80\x9c${record}\xe2\x80\x9d`, ['quotes'], record],
    ['byte order mark', `\xef\xbb\xbf${record}`, ['invisible-characters'], record],
    ['no-break space', record.replace('; k', ';\xc2\xa0k'), ['invisible-characters'], 'v=DKIM1;k=rsa; p='],
    ['line breaks', record.replace(/(.{64})/g, '$1\n'), ['line-breaks'], record],
    ['literal \\n', record.replace(/(p=.{64})/g, '$1\\n'), ['line-breaks'], record],
    [
      'PEM header',
      `v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----${RSA_2048}-----END PUBLIC KEY-----`,
      ['pem-armour'],
      record,
    ],
    [
      'zone-file line',
      `mail._domainkey IN TXT ( "v=DKIM1; k=rsa; " "p=${RSA_2048}" ) ; key`,
      ['zone-file-line'],
      record,
    ],
    ['record inside p=', `v=DKIM1; k=rsa; p=${record}`, ['record-inside-p'], record],
    ['semicolons missing', `v=DKIM1 k=rsa p=${RSA_2048}`, ['missing-semicolon'], record],
    ['the bare key', RSA_2048, ['bare-key'], record],
    ['plus signs lost', `v=DKIM1; k=rsa; p=${plus.replaceAll('+', ' ')}`, ['plus-lost'], `v=DKIM1; k=rsa; p=${plus}`],
    [
      'base64url',
      `v=DKIM1; k=rsa; p=${plus.replaceAll('+', '-').replaceAll('/', '_')}`,
      ['base64url'],
      `v=DKIM1; k=rsa; p=${plus}`,
    ],
    [
      'percent-encoded',
      `v=DKIM1; k=rsa; p=${encodeURIComponent(plus)}`,
      ['percent-encoding'],
      `v=DKIM1; k=rsa; p=${plus}`,
    ],
    ['padding lost', `v=DKIM1; p=${key?.replace(/=+$/, '')}`, ['padding-lost'], `v=DKIM1; p=${key}`],
    ['Ed25519 in its wrapping', `k=ed25519; p=${ED25519_SPKI}`, ['ed25519-wrapped'], `k=ed25519; p=${ED25519}`],
    ['placeholder', 'v=DKIM1; k=rsa; p=YOUR_PUBLIC_KEY', ['placeholder'], null],
    ['placeholder in angle brackets', 'v=DKIM1; k=rsa; p=<public key>', ['placeholder'], null],
    ['placeholder of dots', 'v=DKIM1; k=rsa; p=MIGfMA0GCSq...', ['placeholder'], null],
    ['truncated at 255 octets', record.slice(0, 255), ['truncated'], null],
    ['truncated elsewhere', record.slice(0, 300), ['truncated'], null],
    ['escaped and truncated', record.replaceAll(';', '\\;').slice(0, 255), ['escaped-semicolon', 'truncated'], null],
  ];
  it.each(cases)('%s', (_, text, damage, correct) => {
    const assessment = assessKeyRecord([text]);
    expect(assessment.usable).toBe(false);
    expect(assessment.problems).toMatchObject([{ kind: 'mangled', damage }]);
    const [problem] = assessment.problems;
    const found = problem?.kind === 'mangled' ? problem.correct : undefined;
    if (correct === null) expect(found).toBeNull();
    else {
      expect(found?.replace(/^v=DKIM1;(?=k)/, 'v=DKIM1; ')).toContain(correct.replace(/^v=DKIM1;(?=k)/, 'v=DKIM1; '));
      expect(assessKeyRecord([found ?? '']).usable).toBe(true);
    }
  });

  it('every repaired text is a usable key record', () => {
    const pieces = fc.constantFrom(
      '\\',
      '"',
      ';',
      ' ',
      '\n',
      '=',
      'v=DKIM1',
      'p=',
      'k=rsa',
      RSA_2048,
      '\xef\xbb\xbf',
      '%3D',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        for (const problem of assessKeyRecord([parts.join('')]).problems) {
          if (problem.kind !== 'mangled' || problem.correct === null) continue;
          expect(problems(problem.correct).filter((kind) => !['revoked', 'weak'].includes(kind))).toEqual([]);
        }
      }),
    );
  });

  it('assessing never throws for any octets', () => {
    const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(fc.array(octets, { maxLength: 3 }), fc.constantFrom('', 'v=DKIM1; p=', 'p='), (strings, start) => {
        expect(typeof assessKeyRecord([start, ...strings]).usable).toBe('boolean');
      }),
    );
  });

  it.each([
    ['spaces', ' '],
    ['quotes', '"'],
    ['escaped quotes after TXT', 'TXT"\\"'],
    ['backslashes', '\\'],
    ['base64 characters', 'A'],
    ['"p="', 'p='],
    ['semicolons', ';'],
  ])('assesses 64 KiB of %s without delay', (_, piece) => {
    const started = cpuMs();
    expect(assessKeyRecord([piece.repeat(65_536 / piece.length)]).usable).toBe(false);
    expect(cpuMs() - started).toBeLessThan(1000);
  });
});
