import { describe, expect, test } from 'vitest';
import { isBimiRecord, isMeantAsBimi, parseBimiRecord } from '../../../src/standards/bimi/record.ts';

const LOGO = 'l=https://example.com/logo.svg';

test.each([
  [`v=BIMI1; ${LOGO}`, true, false],
  ['v=BIMI1', true, false],
  [`v = BIMI1 ;${LOGO}`, true, false],
  [`v=bimi1; ${LOGO}`, false, true],
  [`"v=BIMI1; ${LOGO}"`, false, true],
  ['v=BIMI1 garbage', false, true],
  [LOGO, false, true],
  [`${LOGO}; v=BIMI1`, false, true],
  ['v=spf1 -all', false, false],
  ['v=DMARC1; p=none', false, false],
  ['we like BIMI', false, false],
  ['', false, false],
])('%s: a record %s, meant as one %s', (text, isRecord, isMeant) => {
  expect(isBimiRecord(text)).toBe(isRecord);
  expect(isMeantAsBimi(text)).toBe(isMeant);
});

describe('parseBimiRecord', () => {
  const parsed = (tags: string) => parseBimiRecord(`v=BIMI1; ${tags}`) ?? expect.unreachable();

  test('both locations, with what tells local parts and avatars', () => {
    expect(
      parsed('l= https://Img.Example.com/a/logo.svg?v=2#x ; a=https://example.com:8443/m.pem; lps=; avp=personal;'),
    ).toEqual({
      text: 'v=BIMI1; l= https://Img.Example.com/a/logo.svg?v=2#x ; a=https://example.com:8443/m.pem; lps=; avp=personal;',
      logo: {
        uri: 'https://Img.Example.com/a/logo.svg?v=2#x',
        place: { host: 'img.example.com', port: 443, path: '/a/logo.svg?v=2' },
        fault: null,
      },
      evidence: {
        uri: 'https://example.com:8443/m.pem',
        place: { host: 'example.com', port: 8443, path: '/m.pem' },
        fault: null,
      },
      declines: false,
      hasLocalParts: true,
      defects: [],
    });
  });

  test.each([
    ['l=; a=;', true],
    ['l=', true],
    ['l=;a=;lps=brand-', true],
    [`${LOGO}; a=`, false],
    ['a=', false],
  ])('%s: declines %s', (tags, declines) => {
    expect(parsed(tags).declines).toBe(declines);
  });

  test.each([
    ['a=', [{ kind: 'no-location' }]],
    ['l=; a=https://example.com/m.pem', [{ kind: 'empty-location' }]],
    [
      'l=http://example.com/l.svg',
      [{ kind: 'location', tag: 'l', text: 'http://example.com/l.svg', fault: 'not-https' }],
    ],
    [`${LOGO}; a=self`, [{ kind: 'location', tag: 'a', text: 'self', fault: 'not-a-uri' }]],
    ['l=https://192.0.2.1/l.svg', [{ kind: 'location', tag: 'l', text: 'https://192.0.2.1/l.svg', fault: 'no-host' }]],
    ['l=https:///l.svg', [{ kind: 'location', tag: 'l', text: 'https:///l.svg', fault: 'no-host' }]],
    ['l=https://localhost/l.svg', [{ kind: 'location', tag: 'l', text: 'https://localhost/l.svg', fault: 'no-host' }]],
    [
      'l=https://example.com/l.PNG',
      [{ kind: 'location', tag: 'l', text: 'https://example.com/l.PNG', fault: 'other-format' }],
    ],
    [
      `${LOGO},https://example.net/l.svg`,
      [
        {
          kind: 'location',
          tag: 'l',
          text: 'https://example.com/logo.svg,https://example.net/l.svg',
          fault: 'several',
        },
      ],
    ],
    [
      `${LOGO}; lps=a,b_c,-,${'x'.repeat(64)}`,
      [
        { kind: 'prefix', text: 'b_c' },
        { kind: 'prefix', text: 'x'.repeat(64) },
      ],
    ],
    [`${LOGO}; avp=Brand`, [{ kind: 'preference', text: 'Brand' }]],
    [`${LOGO}; ${LOGO}`, [{ kind: 'duplicate', text: 'l' }]],
    [`${LOGO}; xyz=foo`, []],
    [
      `${LOGO};; a`,
      [
        { kind: 'empty', text: '' },
        { kind: 'no-equals', text: 'a' },
      ],
    ],
  ])('%s', (tags, expected) => {
    expect(parsed(tags).defects).toEqual(expected);
  });
});
