import { describe, expect, it } from 'vitest';
import { readDmarc } from '../../../src/standards/dmarc/correct.ts';
import { editRecord } from '../../../src/standards/dmarc/edit.ts';
import { policyDefects } from '../../../src/standards/dmarc/policy.ts';
import { isDmarcRecord, parseDmarcRecord } from '../../../src/standards/dmarc/record.ts';
import { parseReportUris } from '../../../src/standards/dmarc/report-uri.ts';
import { cpuMs } from '../../cpu-time.ts';
import fc from '../../fast-check.ts';

describe('DMARC, RFC 9989 §4.7: isDmarcRecord', () => {
  it.each([
    ['v=DMARC1', true],
    ['v=DMARC1;', true],
    ['v = DMARC1 ; p=none', true],
    ['v=DMARC1;p=none', true],
    ['v=dmarc1; p=none', false],
    ['V=DMARC1; p=none', false],
    [' v=DMARC1; p=none', false],
    ['v=DMARC1 p=none', false],
    ['v=DMARC12; p=none', false],
    ['p=none; v=DMARC1', false],
    ['"v=DMARC1; p=none"', false],
    ['', false],
    [';;;;', false],
  ])('%j → %s', (text, expected) => {
    expect(isDmarcRecord(text)).toBe(expected);
    expect(parseDmarcRecord(text) !== undefined).toBe(expected);
  });
});

describe('DMARC, RFC 9989 §4.8: parseDmarcRecord', () => {
  const cases: [string, string, Record<string, unknown>, string[]][] = [
    [
      'tags that are absent have their defaults',
      'v=DMARC1; p=none',
      { adkim: 'relaxed', aspf: 'relaxed', testing: false, psd: 'u', pct: null },
      [],
    ],
    [
      'values in any case',
      'v=DMARC1; p=Reject; adkim=S; t=Y; psd=N',
      { p: { value: 'reject' }, adkim: 'strict', testing: true, psd: 'n' },
      [],
    ],
    [
      'whitespace around names and values',
      'v=DMARC1 ;\tp = none ; sp= reject ;',
      { p: { value: 'none' }, sp: { value: 'reject' } },
      [],
    ],
    [
      'bad values fall back to the default',
      'v=DMARC1; p=none; adkim=x; t=1; psd=yes',
      { adkim: 'relaxed', testing: false, psd: 'u' },
      ['adkim', 't', 'psd'],
    ],
    ['an invalid policy is kept for the finding', 'v=DMARC1; p=block', { p: { invalid: 'block' } }, []],
    ['the first of two tags counts', 'v=DMARC1; p=none; p=reject', { p: { value: 'none' } }, ['p']],
    ['pct from 0 to 100', 'v=DMARC1; p=none; pct=0', { pct: 0 }, []],
    ['pct above 100', 'v=DMARC1; p=none; pct=101', { pct: null }, ['pct']],
    ['pct that is not a number', 'v=DMARC1; p=none; pct=50%', { pct: null }, ['pct']],
    ['fo with several options', 'v=DMARC1; p=none; fo=1:d:s', {}, []],
    ['fo with 0 and 1', 'v=DMARC1; p=none; fo=0:1', {}, ['fo']],
    ['fo with an unknown option', 'v=DMARC1; p=none; fo=x', {}, ['fo']],
    ['a tag without =', 'v=DMARC1; p=none; reject', {}, ['']],
    ['an escape character', 'v=DMARC1; p=none; x=\x1b[2J', {}, ['x']],
    ['a NUL', 'v=DMARC1; p=none\x00', { p: { invalid: 'none\x00' } }, ['p']],
  ];
  it.each(cases)('%s', (_, text, fields, defects) => {
    const record = parseDmarcRecord(text);
    expect(record).toMatchObject(fields);
    expect(record?.defects.map(({ tag }) => tag)).toEqual(defects);
  });

  it.each([
    ['v=DMARC1; p=none', []],
    ['v=DMARC1', ['p']],
    ['v=DMARC1; p=', ['p']],
    ['v=DMARC1; p=none; sp=x; np=y', ['sp', 'np']],
  ])('§4.10.1: the policy tags of %s → %j', (text, tags) => {
    const record = parseDmarcRecord(text);
    expect(record && policyDefects(record).map(({ tag }) => tag)).toEqual(tags);
  });

  it('never throws for any text after the version', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('v=DMARC1;', 'v=DMARC1; rua=', ''), (text, start) => {
        parseDmarcRecord(start + text);
        readDmarc(start + text);
        readDmarc(`${text}v=dmarc1 ${text}`);
      }),
    );
  });

  it.each([';', ' ', '"', 'p=', 'v=DMARC1', 'mailto:a@b.example,', 'dmarc p= ', '\\'])(
    'parses 64 KiB of %j without delay',
    (piece) => {
      const started = cpuMs();
      const text = piece.repeat(Math.ceil(65_536 / piece.length));
      parseDmarcRecord(`v=DMARC1; rua=${text}`);
      readDmarc(`v=dmarc1 ${text}`.slice(0, 4096));
      readDmarc(`v=DMARC1; p=none; rua=${text}`);
      expect(cpuMs() - started).toBeLessThan(1000);
    },
  );
});

describe('DMARC: parseReportUris', () => {
  it.each([
    ['mailto:r@example.com', 'example.com', null],
    ['MAILTO:r@Example.COM', 'example.com', null],
    ['mailto:r@example.com!10m', 'example.com', null],
    ['mailto:r%2Bx@example.com', 'example.com', null],
    ['mailto:r@example.com?subject=x', 'example.com', null],
    ['r@example.com', null, 'missing-mailto'],
    ['https://example.com/reports', null, 'unsupported-scheme'],
    ['example', null, 'not-a-uri'],
    ['mailto:', null, 'bad-address'],
    ['mailto:r', null, 'bad-address'],
    ['mailto:r@localhost', null, 'bad-address'],
    ['mailto:@example.com', null, 'bad-address'],
    ['mailto:a@example.com mailto:b@example.com', null, 'whitespace'],
    ['mailto:a@example.commailto:b@example.com', null, 'bad-address'],
    ['mailto:mailto:a@example.com', null, 'wrong-mailto'],
    ['mailto://a@example.com', null, 'wrong-mailto'],
    ['mailto:a@example.com%', 'example.com%', 'bad-address'],
    ['', null, 'empty'],
  ])('RFC 9989 §4.6: %j → host %s, fault %s', (text, host, fault) => {
    const [uri] = parseReportUris(text);
    expect(uri).toMatchObject({ host: fault ? null : host, fault });
  });

  it('parses several addresses, separated by commas', () => {
    expect(
      parseReportUris('mailto:a@a.example , mailto:b@b.example!5k').map(({ host, sizeLimit }) => [host, sizeLimit]),
    ).toEqual([
      ['a.example', null],
      ['b.example', '5k'],
    ]);
  });
});

describe('DMARC: editRecord', () => {
  it.each([
    ['v=DMARC1; p=none', { p: 'reject' }, 'v=DMARC1; p=reject'],
    ['v=DMARC1;p=none;pct=50;', { pct: null }, 'v=DMARC1; p=none'],
    ['v=DMARC1; rua=mailto:a@b.example', { p: 'none' }, 'v=DMARC1; p=none; rua=mailto:a@b.example'],
    ['v=DMARC1; p=none; constructor=x', { p: 'reject' }, 'v=DMARC1; p=reject; constructor=x'],
    ['v=DMARC1; p=none; p=reject', { p: 'quarantine' }, 'v=DMARC1; p=quarantine'],
    ['v=DMARC1; p=none', { rua: 'mailto:a@b.example', t: null }, 'v=DMARC1; p=none; rua=mailto:a@b.example'],
  ])('%s with %j → %s', (text, changes, expected) => {
    expect(editRecord(text, changes as Record<string, string | null>)).toBe(expected);
  });
});
