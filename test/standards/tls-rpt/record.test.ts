import { describe, expect, test } from 'vitest';
import { isRight, readTlsRpt } from '../../../src/standards/tls-rpt/correct.ts';
import { isTlsRptRecord, parseDestination, parseTlsRptRecord } from '../../../src/standards/tls-rpt/record.ts';

const RUA = 'rua=mailto:t@example.com';

describe('isTlsRptRecord (RFC 8460 §3)', () => {
  test.each([
    [`v=TLSRPTv1; ${RUA}`, true],
    [`v=TLSRPTv1 ;${RUA}`, true],
    ['v=TLSRPTv1', true],
    [`v=TLSRPTv10; ${RUA}`, false],
    [`v=tlsrptv1; ${RUA}`, false],
    [` v=TLSRPTv1; ${RUA}`, false],
    [`v=TLSRPTv1 ${RUA}`, false],
    [`${RUA}; v=TLSRPTv1`, false],
  ])('%s: %s', (text, expected) => {
    expect(isTlsRptRecord(text)).toBe(expected);
  });
});

describe('parseTlsRptRecord', () => {
  const parsed = (text: string) => parseTlsRptRecord(text) ?? expect.unreachable();

  test('several addresses in several fields, with whitespace around commas and semicolons', () => {
    const text = `v=TLSRPTv1\t; rua=mailto:a@example.com ,\t https://r.example.net/v1 ;rua=mailto:b@example.com;`;
    expect(parsed(text)).toEqual({
      text,
      destinations: [
        { uri: 'mailto:a@example.com', scheme: 'mailto', host: 'example.com', fault: null },
        { uri: 'https://r.example.net/v1', scheme: 'https', host: 'r.example.net', fault: null },
        { uri: 'mailto:b@example.com', scheme: 'mailto', host: 'example.com', fault: null },
      ],
      extensions: [],
      defects: [],
    });
  });

  test('unknown fields are no defects, whatever their case', () => {
    const { extensions, defects } = parsed(`v=TLSRPTv1; p=none; RUA=x; 9-a_b.c=:<~; ${RUA}`);
    expect({ extensions, defects }).toEqual({ extensions: ['p', 'RUA', '9-a_b.c'], defects: [] });
  });

  test.each([
    [`${RUA};;`, [{ kind: 'empty-field' }]],
    [`${RUA}; other`, [{ kind: 'no-equals', text: 'other' }]],
    [`${RUA}; ${'a'.repeat(33)}=1`, [{ kind: 'bad-name', text: 'a'.repeat(33) }]],
    [`${RUA}; ${'a'.repeat(32)}=1`, []],
    [`${RUA}; _a=1`, [{ kind: 'bad-name', text: '_a' }]],
    [`${RUA}; a==`, [{ kind: 'bad-value', text: 'a' }]],
    [`${RUA}; a=`, [{ kind: 'bad-value', text: 'a' }]],
    [`${RUA}; a=b c`, [{ kind: 'bad-value', text: 'a' }]],
    ['a=b', [{ kind: 'no-rua' }]],
    ['rua =mailto:t@example.com', [{ kind: 'bad-name', text: 'rua ' }, { kind: 'no-rua' }]],
  ])('%s', (fields, expected) => {
    expect(parsed(`v=TLSRPTv1; ${fields}`).defects).toEqual(expected);
  });
});

test.each([
  ['mailto:t@example.com', 'example.com', null],
  ['MAILTO:t@EXAMPLE.com?subject=x', 'example.com', null],
  ['mailto:t%40x@example.com', 'example.com', null],
  ['https://R.example.com', 'r.example.com', null],
  ['https://user@r.example.com:8443/a?b#c', 'r.example.com', null],
  ['https://192.0.2.1/', '192.0.2.1', null],
  ['https://[2001:db8::1]/', '2001:db8::1', null],
  ['', null, 'empty'],
  ['t@example.com', null, 'missing-mailto'],
  ['!!', null, 'not-a-uri'],
  ['mailto:t@exämple.com', null, 'not-a-uri'],
  ['http://r.example.com/', null, 'unsupported-scheme'],
  ['mailto:t@example.com other', null, 'whitespace'],
  ['mailto:t@example.com!10m', null, 'exclamation-mark'],
  ['mailto:example.com', null, 'bad-address'],
  ['mailto://t@example.com', null, 'bad-address'],
  ['mailto:t@localhost', null, 'bad-address'],
  ['https:r.example.com', null, 'bad-host'],
  ['https:///v1', null, 'bad-host'],
  ['https://a.example.com.evil_/x', null, 'bad-host'],
])('parseDestination: %s', (uri, host, fault) => {
  expect(parseDestination(uri)).toMatchObject({ uri, host, fault });
});

describe('readTlsRpt: what the owner meant', () => {
  const meantBy = (...texts: string[]) => {
    const { slips, meant } = readTlsRpt(texts);
    return { kinds: slips.map(({ kind }) => kind), meant };
  };
  const right = `v=TLSRPTv1; ${RUA}`;

  test.each([
    [`v=tlsrptv1; ${RUA}`, ['version']],
    [`v=TLS-RPTv1; ${RUA}`, ['version']],
    [`v=TLSRPT1; ${RUA}`, ['version']],
    [`v:TLSRPTv1; ${RUA}`, ['version']],
    [` v=TLSRPTv1; ${RUA}`, ['characters']],
    [`"v=TLSRPTv1; ${RUA}"`, ['characters']],
    [`v=TLSRPTv1\\; ${RUA}`, ['characters']],
    [`_smtp._tls.example.com. 300 IN TXT "v=TLSRPTv1; ${RUA}"`, ['zone-file-line', 'characters']],
    [`v=TLSRPTv1 ${RUA}`, ['separator']],
    [`v=TLSRPTv1, ${RUA}`, ['separator']],
    [`${RUA}; v=TLSRPTv1`, ['version-not-first']],
    [RUA, ['no-version']],
    ['v=TLSRPTv1; rua=t@example.com', ['address']],
    ['v=TLSRPTv1; rua=mailto://t@example.com', ['address']],
    ['v=TLSRPTv1; rua=mailto: t@example.com', []],
    ['v=TLSRPTv1; rua=mailto:t@example.com!10m', ['address']],
    ['v=TLSRPTv1; rua=<mailto:t@example.com>', ['address']],
    ['v=TLSRPTv1; RUA:mailto:t@example.com', ['field-name']],
    [`v=TLSRPTv1; p=none; ${RUA};;`, []],
  ])('%s', (text, kinds) => {
    expect(meantBy(text)).toEqual({ kinds, meant: right });
    expect(isRight(right)).toBe(true);
    expect(isRight(text)).toBe(false);
  });

  test('a misspelt web address', () => {
    expect(meantBy('v=TLSRPTv1; rua=htps://r.example.net/x').meant).toBe('v=TLSRPTv1; rua=https://r.example.net/x');
  });

  test('several records are joined, each address once', () => {
    const other = 'v=TLSRPTv1; rua=mailto:t@example.com, mailto:b@example.com';
    expect(meantBy(right, other).meant).toBe('v=TLSRPTv1; rua=mailto:t@example.com,mailto:b@example.com');
  });

  test('a misspelt record beside a right one stays as it is', () => {
    expect(readTlsRpt([right, `v=tlsrptv1; ${RUA}`]).texts).toEqual([right]);
  });

  test.each([
    'v=TLSRPTv1',
    'v=TLSRPTv1; rua=http://r.example.net/',
    'v=TLSRPTv1; rua=mailto:t@example.com, reports',
    `v=TLSRPTv1; ${RUA}; whatever`,
    `v=TLSRPTv1; ${RUA}; a=${'x'.repeat(5000)}`,
  ])('%s: nothing is proposed for what cannot be read', (text) => {
    expect(readTlsRpt([text])).toMatchObject({ texts: [text], meant: null });
  });

  test.each(['v=spf1 -all', `v=DMARC1; p=none; ${RUA}`, 'verification=abc', '', 'see our page about TLSRPT'])(
    '%s: has nothing to do with TLS-RPT',
    (text) => {
      expect(readTlsRpt([text])).toEqual({ texts: [], slips: [], meant: null });
    },
  );

  test('whatever is meant is right', () => {
    for (const text of [
      `v=TLSRPTv1; rua=a@example.com b@example.com | https:/r.example.net/x`,
      'v=TLSRPTv1 rua=a@b.example',
    ]) {
      const { meant } = readTlsRpt([text]);
      expect(isRight(meant ?? '')).toBe(true);
    }
  });
});
