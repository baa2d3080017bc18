import { describe, expect, it } from 'vitest';
import { intendedAlias } from '../../../src/standards/dkim/intended-alias.ts';
import { meaningOfSelector, type SelectorMeaning } from '../../../src/standards/dkim/selector-meaning.ts';
import type { DkimSlip } from '../../../src/standards/dkim/slips.ts';
import { cpuMs } from '../../cpu-time.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import { ED25519, KEY_WITH_SIGNS, PAIR, RSA_2048 } from './keys.ts';

const KEY = KEY_WITH_SIGNS;
const RECORD = `v=DKIM1; k=rsa; p=${KEY}`;
const OTHER = `v=DKIM1; k=rsa; p=${RSA_2048}`;
const QUOTED = `v=DKIM1; k=rsa;" "p=${KEY.slice(0, 100)}" "${KEY.slice(100)}`;
const TOKEN = 'google-site-verification=rXOxyZounnZasA8Z7oaD3c14JdjS9aKSWvsR1EbUSIQ';
const PROSE = 'This name is for mail keys.';

/** The meaning must not depend on the order of the answer. */
function meaningInAnyOrder(texts: readonly string[]): SelectorMeaning {
  const meaning = meaningOfSelector(texts);
  expect(meaningOfSelector([...texts].reverse())).toEqual(meaning);
  return meaning;
}

describe('DKIM: several TXT records of which one record is meant', () => {
  const cases: [string, string[], DkimSlip[], string[], string?][] = [
    ['two parts of one record', [RECORD.slice(0, 255), RECORD.slice(255)], ['in-parts'], []],
    [
      'two parts, each in quotation marks',
      [`"${RECORD.slice(0, 255)}"`, `"${RECORD.slice(255)}"`],
      ['in-parts', 'quotes'],
      [],
    ],
    ['three parts', [RECORD.slice(0, 100), RECORD.slice(100, 300), RECORD.slice(300)], ['in-parts'], []],
    ['the tags and the key apart', ['v=DKIM1; k=rsa; ', `p=${KEY}`], ['in-parts'], []],
    [
      'two parts that both have tags',
      [`v=DKIM1; p=${KEY.slice(0, 200)}`, `v=DKIM1; p=${KEY.slice(200)}`],
      ['in-parts', 'repeated-tag'],
      [],
      `v=DKIM1; p=${KEY}`,
    ],
    ['two parts and a token', [RECORD.slice(0, 255), TOKEN, RECORD.slice(255)], ['in-parts', 'other-beside'], [TOKEN]],
    ['a record and its second part', [RECORD, KEY.slice(200)], ['part-beside'], [KEY.slice(200)]],
    ['a record and its first part', [RECORD, RECORD.slice(0, 255)], ['part-beside'], [RECORD.slice(0, 255)]],
    [
      'a record and both of its parts',
      [RECORD, RECORD.slice(0, 255), RECORD.slice(255)],
      ['part-beside'],
      [RECORD.slice(0, 255), RECORD.slice(255)].sort(),
    ],
    ['a record and a part of another key', [RECORD, OTHER.slice(255)], ['part-beside'], [OTHER.slice(255)]],
    [
      'a record and another one that is cut off',
      [RECORD, OTHER.slice(0, 255)],
      ['damaged-beside'],
      [OTHER.slice(0, 255)],
    ],
    ['a record and a damaged copy', [RECORD, QUOTED], ['damaged-beside'], [QUOTED]],
    ['a record and a token', [RECORD, TOKEN], ['other-beside'], [TOKEN]],
    ['a record and prose', [RECORD, PROSE], ['other-beside'], [PROSE]],
    ['a record and an SPF record', [RECORD, 'v=spf1 -all'], ['other-beside'], ['v=spf1 -all']],
    [
      'a record, a part and a token',
      [RECORD, KEY.slice(200), TOKEN],
      ['part-beside', 'other-beside'],
      [KEY.slice(200), TOKEN].sort(),
    ],
    ['a damaged record and a token', [QUOTED, TOKEN], ['quotes', 'other-beside'], [TOKEN]],
    [
      'the same key with and without a test flag',
      [RECORD, `v=DKIM1; t=y; p=${KEY}`],
      ['repeated-record'],
      [`v=DKIM1; t=y; p=${KEY}`],
    ],
    ['one text in different strings', [RECORD, RECORD], ['repeated-record'], []],
  ];
  it.each(cases)('%s', (_, texts, slips, leftOut, expected = RECORD) => {
    const meaning = meaningInAnyOrder(texts);
    expect(meaning).toMatchObject({ kind: 'corrected', text: expected });
    if (meaning.kind !== 'corrected') return;
    expect([...meaning.slips].sort()).toEqual([...slips].sort());
    expect([...meaning.leftOut].sort()).toEqual([...leftOut].sort());
  });

  it.each([
    ['two keys', [RECORD, OTHER]],
    ['an RSA key and an Ed25519 key', [RECORD, `v=DKIM1; k=ed25519; p=${ED25519}`]],
    ['a key and its revocation', [RECORD, 'v=DKIM1; p=']],
    ['a key and two parts of another', [RECORD, OTHER.slice(0, 255), OTHER.slice(255)]],
    ['a key and another that is damaged', [OTHER, QUOTED]],
  ])('the owner has to choose: %s', (_, texts) => {
    expect(meaningInAnyOrder(texts)).toEqual({ kind: 'several', texts: [...texts].sort() });
  });

  it.each([
    ['parts of which one is missing', [RECORD.slice(0, 100), RECORD.slice(200)]],
    ['a part and a token', [RECORD.slice(0, 255), TOKEN]],
    ['a public and a private key', [RECORD, `v=DKIM1; p=${PAIR.privateBase64}`]],
  ])('nothing is certain: %s', (_, texts) => {
    expect(meaningInAnyOrder(texts)).toMatchObject({ kind: 'unclear' });
  });

  it('nothing is a key record', () => {
    expect(meaningInAnyOrder([TOKEN, PROSE])).toEqual({ kind: 'unrelated' });
  });

  it('what stands at the name is kept exactly if it is right', () => {
    const odd = `v = DKIM1;k=rsa ;p=${KEY.slice(0, 20)} ${KEY.slice(20)};`;
    expect(meaningInAnyOrder([odd, TOKEN])).toMatchObject({ kind: 'corrected', text: odd });
  });

  it('parts cut at any places are joined, whatever their order', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 30, max: RECORD.length - 30 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(cuts, fc.nat(23), (places, turn) => {
        const ends = [...places.sort((a, b) => a - b), RECORD.length];
        const parts = ends.map((end, index) => RECORD.slice(ends[index - 1] ?? 0, end));
        const turned = [...parts.slice(turn % parts.length), ...parts.slice(0, turn % parts.length)];
        const meaning = meaningOfSelector(turned);
        // With four parts, the two in the middle may be swapped without a trace.
        if (meaning.kind === 'corrected') expect(meaning.text).toBe(RECORD);
        else
          expect([meaning.kind, parts.length > 3 || parts.some((part) => part.length < 70)]).toEqual(['unclear', true]);
      }),
      { numRuns: runs(500) },
    );
  });

  it('never throws for any octets', () => {
    const octets = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(fc.array(octets, { minLength: 1, maxLength: 5 }), (texts) => {
        expect(typeof meaningOfSelector(texts).kind).toBe('string');
      }),
      { numRuns: runs(3000) },
    );
  });

  it('reads 500 records of 255 octets without delay', () => {
    const started = cpuMs();
    meaningOfSelector(Array.from({ length: 500 }, (_, index) => `p=${'A'.repeat(248)}${index}`));
    expect(cpuMs() - started).toBeLessThan(2000);
  });
});

describe('DKIM: the target of a CNAME record typed as text', () => {
  const TARGET = 'mail.dkim.example.net';
  it.each([
    ['the name', TARGET],
    ['the name with its final dot', `${TARGET}.`],
    ['the name in quotation marks', `"${TARGET}."`],
    ['the name in typographic quotation marks', Buffer.from(`“${TARGET}”`, 'utf8').toString('latin1')],
    ['the name in upper case', TARGET.toUpperCase()],
    ['the type and the name', `CNAME ${TARGET}.`],
    ['the class, the type and the name', `IN CNAME ${TARGET}.`],
    ['TTL, class, type and name', `3600 IN CNAME ${TARGET}.`],
    ['a whole line of a zone file', `mail._domainkey.example.com. 3600 IN CNAME ${TARGET}.`],
    ['a line with the TTL behind the class', `mail._domainkey IN 300 CNAME ${TARGET}`],
    ['a label and the name', `CNAME: ${TARGET}`],
    ['an equals sign', `cname=${TARGET}`],
    ['spaces around', `  ${TARGET} `],
    ['a semicolon at the end', `${TARGET};`],
  ])('%s', (_, text) => {
    expect(intendedAlias(text)).toBe(TARGET);
    expect(meaningOfSelector([text])).toEqual({ kind: 'alias', target: TARGET });
  });

  it('a name with underscores', () => {
    expect(intendedAlias('s1._domainkey.example.net')).toBe('s1._domainkey.example.net');
  });

  it.each([
    ['a name of two labels', 'example.net'],
    ['an address', '192.0.2.1'],
    ['a version number', '1.2.3'],
    ['a token', TOKEN],
    ['prose', 'see www.example.net for keys'],
    ['a URL', 'https://mail.dkim.example.net/'],
    ['an SPF record', 'v=spf1 include:mail.dkim.example.net -all'],
    ['a key record', RECORD],
    ['nothing', ''],
    ['too long a name', `${'a.'.repeat(200)}example.net`],
    ['64 KiB of labels', 'a.'.repeat(32_768)],
  ])('not %s', (_, text) => {
    expect(intendedAlias(text)).toBeUndefined();
  });
});
