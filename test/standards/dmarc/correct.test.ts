import { describe, expect, it } from 'vitest';
import { readDmarc, readDmarcTexts } from '../../../src/standards/dmarc/correct.ts';
import { POLICIES, parseDmarcRecord } from '../../../src/standards/dmarc/record.ts';
import { cpuMs } from '../../cpu-time.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';

/** @returns the octets of a text in UTF-8, one character each. */
function octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const RUA = 'rua=mailto:r@example.com';
const RIGHT = `v=DMARC1; p=reject; ${RUA}`;

/** Texts with slips, what was meant, and the kinds of the slips. */
const corrected: readonly (readonly [text: string, meant: string, ...slips: string[]])[] = [
  // The version.
  [`v=DMARCl; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=DMARCv1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=vDMARC1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=DMARC 1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=DMARC-1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=DMARC; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=DMARC1.0; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=DMRAC1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v:DMARC1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v==DMARC1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v DMARC1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`=DMARC1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`DMARC1; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`v=DMARC2; p=reject; ${RUA}`, RIGHT, 'version-spelling'],
  [`V=dmarc1; p=reject; ${RUA}`, RIGHT, 'version-case'],
  [`p=reject; v=DMARC1; ${RUA}`, RIGHT, 'version-not-first'],
  [`v=DMARC1; v=DMARC1; p=reject; ${RUA}`, RIGHT, 'duplicate'],
  [`p=reject; ${RUA}`, RIGHT, 'no-version'],
  [`v=DMARC1;; p=reject; ${RUA}.`, RIGHT, 'stray', 'address-form'],
  [`v=DMARC1; p=reject; ${RUA}.`, RIGHT, 'address-form'],
  // Separators.
  [`v=DMARC1; p=reject ${RUA}`, RIGHT, 'missing-semicolon'],
  [`v=DMARC1 p=reject ${RUA}`, RIGHT, 'missing-semicolon', 'missing-semicolon'],
  [`v=DMARC1p=reject${RUA}`, RIGHT, 'missing-semicolon', 'missing-semicolon'],
  [`v=DMARC1, p=reject, ${RUA}`, RIGHT, 'wrong-separator', 'wrong-separator'],
  [`v=DMARC1| p=reject| ${RUA}`, RIGHT, 'wrong-separator', 'wrong-separator'],
  [`v=DMARC1: p=reject: ${RUA}`, RIGHT, 'wrong-separator', 'wrong-separator'],
  [`v=DMARC1\\; p=reject\\; ${RUA}`, RIGHT, 'escaped-semicolon'],
  [`v=DMARC1\\059 p=reject\\059 ${RUA}`, RIGHT, 'escaped-semicolon'],
  [`v=DMARC1；p=reject；${RUA}`, RIGHT, 'lookalike'],
  [`v=DMARC1;; p=reject; ${RUA}`, RIGHT, 'stray'],
  [`v=DMARC1\np=reject\n${RUA}`, RIGHT, 'line-break', 'missing-semicolon', 'missing-semicolon'],
  [
    `v=DMARC1; p=reject; ${RUA}; fo=1 ruf=mailto:f@example.com`,
    `${RIGHT}; fo=1; ruf=mailto:f@example.com`,
    'missing-semicolon',
  ],
  // Around the record.
  [` ${RIGHT}`, RIGHT, 'leading-space'],
  [`"${RIGHT}"`, RIGHT, 'quotes'],
  [`“${RIGHT}”`, RIGHT, 'quotes'],
  [`\ufeff${RIGHT}`, RIGHT, 'invisible-characters'],
  [`v=DMARC1;\u00a0p=rejec\u200bt; ${RUA}`, RIGHT, 'invisible-characters'],
  [`_dmarc.example.com. 3600 IN TXT "${RIGHT}"`, RIGHT, 'zone-file-line', 'quotes'],
  [`_dmarc IN TXT ( "v=DMARC1; p=rej" "ect; ${RUA}" ) ; for mail`, RIGHT, 'zone-file-line', 'quotes'],
  [`Value: ${RIGHT}`, RIGHT, 'zone-file-line'],
  // Names and the equals sign.
  [`v=DMARC1; policy=reject; ${RUA}`, RIGHT, 'tag-name'],
  [`v=DMARC1; P=reject; ${RUA}`, RIGHT, 'tag-name'],
  [`v=DMARC1; p=reject; rau=mailto:r@example.com`, RIGHT, 'tag-name'],
  [`v=DMARC1; p=reject; ${RUA}; subdomain=reject`, `${RIGHT}; sp=reject`, 'tag-name'],
  [`v=DMARC1; p-reject; ${RUA}`, RIGHT, 'wrong-equals'],
  [`v=DMARC1; p reject; ${RUA}`, RIGHT, 'wrong-equals'],
  [`v=DMARC1; p–reject; ${RUA}`, RIGHT, 'lookalike', 'wrong-equals'],
  [`v=DMARC1; p=reject; ${RUA}; sp:none`, `${RIGHT}; sp=none`, 'wrong-equals'],
  [`v=DMARC1; p=reject; ${RUA}; fo:0`, `${RIGHT}; fo=0`, 'wrong-equals'],
  [`v=DMARC1; p=reject; ${RUA}; aspf-s; sp- reject`, `${RIGHT}; aspf=s; sp=reject`, 'wrong-equals', 'wrong-equals'],
  // Values.
  [`v=DMARC1; p=jerect; sp=reject; ${RUA}`, `v=DMARC1; p=reject; sp=reject; ${RUA}`, 'value'],
  [`v=DMARC1; p=rejct; ${RUA}`, RIGHT, 'value'],
  [`v=DMARC1; p=rejected; ${RUA}`, RIGHT, 'value'],
  [`v=DMARC1; p=quarantaine; ${RUA}`, `v=DMARC1; p=quarantine; ${RUA}`, 'value'],
  [`v=DMARC1; p=none!; ${RUA}`, `v=DMARC1; p=none; ${RUA}`, 'value'],
  [`v=DMARC1; p="reject"; ${RUA}`, RIGHT, 'quotes'],
  [`v=DMARC1; p=reject; sp=rejct; ${RUA}`, `v=DMARC1; p=reject; sp=reject; ${RUA}`, 'value'],
  [`${RIGHT}; adkim=relaxed; aspf=strict`, `${RIGHT}; adkim=r; aspf=s`, 'value', 'value'],
  [`${RIGHT}; adkim=strickt`, `${RIGHT}; adkim=s`, 'value'],
  [`${RIGHT}; pct=100%`, `${RIGHT}; pct=100`, 'value'],
  [`${RIGHT}; fo=0,1`, `${RIGHT}; fo=1`, 'value'],
  [`${RIGHT}; fo=0:1:d:s`, `${RIGHT}; fo=1:d:s`, 'value'],
  [`v=DMARC1; p=none; p=reject; ${RUA}`, RIGHT, 'duplicate'],
  // What is missing has the value that receivers assume.
  [`v=DMARC1; ${RUA}`, `v=DMARC1; p=none; ${RUA}`, 'no-policy'],
  // Report addresses.
  ['v=DMARC1; p=reject; rua=r@example.com', RIGHT, 'mailto'],
  ['v=DMARC1; p=reject; rua=dmarc@example.com', 'v=DMARC1; p=reject; rua=mailto:dmarc@example.com', 'mailto'],
  ['v=DMARC1; p=reject; rua=mailto:mailto:r@example.com', RIGHT, 'mailto'],
  ['v=DMARC1; p=reject; rua=mailto//r@example.com', RIGHT, 'mailto'],
  ['v=DMARC1; p=reject; rua=malto:r@example.com', RIGHT, 'mailto'],
  ['v=DMARC1; p=reject; rua=<r@example.com>', RIGHT, 'address-form', 'mailto'],
  ['v=DMARC1; p=reject; rua=mailto:r @example.com', RIGHT, 'address-form'],
  ['v=DMARC1; p=reject; rua=mailto: r@example.com', RIGHT, 'address-form'],
  ['v=DMARC1; p=reject; rua=mailto:r@example,com', RIGHT, 'address-form'],
  [`v=DMARC1; p=reject; ${RUA}; mailto:b@example.net`, `${RIGHT},mailto:b@example.net`, 'address-separator'],
  [`v=DMARC1; p=reject; ${RUA} mailto:b@example.net`, `${RIGHT},mailto:b@example.net`, 'address-separator'],
  [`v=DMARC1; p=reject; ${RUA}|mailto:b@example.net`, `${RIGHT},mailto:b@example.net`, 'address-separator'],
  [`v=DMARC1; p=reject; ${RUA}mailto:b@example.net`, `${RIGHT},mailto:b@example.net`, 'address-separator'],
  [`v=DMARC1; p=reject; ${RUA}; rua=mailto:b@example.net`, `${RIGHT},mailto:b@example.net`, 'duplicate'],
  [
    'v=DMARC1; p=reject; rua=mailto:info@bücher.example',
    'v=DMARC1; p=reject; rua=mailto:info@xn--bcher-kva.example',
    'address-characters',
  ],
  [
    'v=DMARC1; p=reject; rua=mailto:müller@example.com',
    'v=DMARC1; p=reject; rua=mailto:m%C3%BCller@example.com',
    'address-characters',
  ],
  [`v=DMARC1; p=reject; rua=; ruf=`, 'v=DMARC1; p=reject', 'empty-address', 'empty-address'],
  [`v=DMARC1; p=reject; ${RUA},`, RIGHT, 'empty-address'],
];

describe('DMARC: readDmarc reads what was meant', () => {
  it.each(corrected)('%j → %j', (text, meant, ...slips) => {
    const meaning = readDmarc(octets(text));
    expect(meaning).toMatchObject({ kind: 'corrected', text: meant });
    expect('slips' in meaning ? meaning.slips.map(({ kind }) => kind) : []).toEqual(slips);
  });

  it.each([
    [`${RIGHT}; t=yes`, RIGHT, ['t=yes']],
    [`${RIGHT}; sp=; adkim=`, RIGHT, ['sp=', 'adkim=']],
    [`${RIGHT}; pct=50%`, RIGHT, ['pct=50%']],
    [`v=DMARC1; p=reject; sp=all; ${RUA}`, RIGHT, ['sp=all']],
    [`${RIGHT}; 1x=1; hello`, RIGHT, ['1x=1', 'hello']],
    [`${RIGHT}; adkim=s; adkim=r`, `${RIGHT}; adkim=s`, ['adkim=r']],
  ])('%j → %j without %j', (text, meant, leftOut) => {
    expect(readDmarc(text)).toMatchObject({ kind: 'corrected', text: meant, leftOut });
  });

  it.each([
    ['a policy in other words', `v=DMARC1; p=block; ${RUA}`, ['p=block']],
    [
      'an address with a bracket inside',
      'v=DMARC1; p=reject; rua=mailto:<script>@example.com',
      ['rua=mailto:<script>@example.com'],
    ],
    [
      'an address with a quotation mark inside',
      'v=DMARC1; p=reject; rua=mailto:a"b@example.com',
      ['rua=mailto:a"b@example.com'],
    ],
    ['no policy beside one for subdomains', `v=DMARC1; sp=reject; ${RUA}`, ['p']],
    ['a policy for subdomains in other words', `v=DMARC1; p=none; sp=block; ${RUA}`, ['sp=block']],
    ['a policy that stands alone', `v=DMARC1; p=none; reject; ${RUA}`, ['reject']],
    ['an address without host', 'v=DMARC1; p=reject; rua=mailto:dmarc', ['rua=mailto:dmarc']],
    [
      'an address in a tag near both rua and ruf',
      'v=DMARC1; p=reject; rue=mailto:r@example.com',
      ['rue=mailto:r@example.com'],
    ],
  ])('%s is unclear', (_, text, unread) => {
    expect(readDmarc(text)).toMatchObject({ kind: 'unclear', unread });
  });

  it.each([
    RIGHT,
    'v=DMARC1; p=none',
    'v = DMARC1 ; p = reject ; rua = mailto:dmarc@example.com',
    'v=DMARC1; p=Reject; rua=MAILTO:DMARC@Example.com',
    'v=DMARC1; rua=mailto:dmarc@example.com; adkim=s; sp=reject; aspf=r; p=reject; np=reject',
    'v=DMARC1; p=quarantine; fo=1:d:s; rf=afrf; ri=86400; pct=100; rua=mailto:d@example.com!10m',
    'v=DMARC1; p=reject; rua=mailto:dmarc+agg@example.com,mailto:dmarc%2Bagg@example.com',
    `${RIGHT},https://example.com/r`,
    `${RIGHT}; foo=bar`,
  ])('%j is right', (text) => {
    expect(readDmarc(text)).toEqual({ kind: 'right' });
  });

  it.each([
    'v=spf1 -all',
    'v=DKIM1; p=MIIBIjANBg',
    'v=BIMI1; l=https://example.com/logo.svg',
    'v=TLSRPTv1; rua=mailto:r@example.com',
    'google-site-verification=abc',
    'unrelated=1',
    'DMARC of this domain is looked after by noc, ask before you add a record',
    'DMARC for this domain is run by noc; see v=DMARC1 below',
    'p=reject is what we want to have later on',
    'Bitte nicht löschen: für DMARC',
    ';;;;',
    '',
  ])('%j is something else', (text) => {
    expect(readDmarc(octets(text))).toEqual({ kind: 'unrelated' });
  });
});

describe('DMARC: readDmarcTexts reads the records of one name together', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['the fuller record', ['v=DMARC1; p=none', `v=DMARC1; p=none; fo=1; ${RUA}`], `v=DMARC1; p=none; fo=1; ${RUA}`],
    [
      'the stricter policy and both addresses',
      [`v=DMARC1; p=none; ${RUA}`, 'v=DMARC1; p=reject; rua=mailto:b@example.com'],
      'v=DMARC1; p=reject; rua=mailto:b@example.com,mailto:r@example.com',
    ],
    [
      'the policy of subdomains that is the stricter one',
      ['v=DMARC1; p=none; sp=reject', 'v=DMARC1; p=none'],
      'v=DMARC1; p=none; sp=reject',
    ],
    [
      'no test of one record beside the policy of another',
      ['v=DMARC1; p=reject; t=y', 'v=DMARC1; p=reject'],
      'v=DMARC1; p=reject',
    ],
    ['two misspelt records', [`v=DMARCl; p=reject`, `v=dmarc1; p=none; ${RUA}`], RIGHT],
    [
      'the address of a misspelt record beside one without',
      ['v=DMARC1; p=none', `v=dmarc1; p=none; ${RUA}`],
      `v=DMARC1; p=none; ${RUA}`,
    ],
    ['a record in two texts', ['v=DMARC1; p=reject', RUA], RIGHT],
    ['a policy in a text of its own', [`v=DMARC1; ${RUA}`, 'p=reject'], RIGHT],
  ];
  it.each(cases)('%s', (_, texts, expected) => {
    for (const order of [texts, [...texts].reverse()]) {
      const { meaning, texts: meant } = readDmarcTexts(order);
      expect(meaning).toMatchObject({ kind: 'corrected', text: expected });
      expect([...meant].sort()).toEqual([...texts].sort());
    }
  });

  it('leaves a misspelt record beside a good one alone', () => {
    expect(readDmarcTexts([RIGHT, 'v=dmarc1; p=none', 'hello'])).toEqual({
      texts: [RIGHT],
      meaning: { kind: 'right' },
    });
  });

  it('offers nothing if one of two records cannot be read', () => {
    expect(readDmarcTexts([RIGHT, 'v=DMARC1; p=block']).meaning).toMatchObject({
      kind: 'unclear',
      unread: ['p=block'],
    });
  });
});

/** A record as its owner meant it. */
interface Meant {
  readonly p: string;
  readonly sp: string | undefined;
  readonly addresses: readonly string[];
}

const policies = fc.constantFrom('none', 'quarantine', 'reject');
const address = fc.constantFrom(
  'dmarc@example.com',
  'a@example.com',
  'dmarc+agg@example.net',
  'd-m.arc@mail.example.org',
  'x_y@reports.example.com',
);
const meantRecords = fc.record({
  p: policies,
  sp: fc.option(policies, { nil: undefined }),
  addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
  others: fc.subarray(['adkim=s', 'aspf=r', 'fo=1:d', 'pct=100', 'ri=86400']),
});

/** One slip, made at the place in a text that a number picks. */
type Slip = (text: string, at: number) => string;

/** @returns the slip that replaces one of the matches of a pattern. */
function replacing(pattern: RegExp, by: string | ((found: string) => string)): Slip {
  return (text, at) => {
    const matches = [...text.matchAll(pattern)];
    const match = matches[at % Math.max(matches.length, 1)];
    if (!match) return text;
    const [found] = match;
    return (
      text.slice(0, match.index) + (typeof by === 'string' ? by : by(found)) + text.slice(match.index + found.length)
    );
  };
}

const VERSION = /v=DMARC1/g;
const POLICY = /(?<=p=)(?:quarantine|reject)/g;
const slips = fc.constantFrom<Slip>(
  ...['v=DMARCl', 'v=DMARC', 'v=vDMARC1', 'V=dmarc1', 'v=DMARC1.0', 'v:DMARC1', 'v=DMRAC1', 'DMARC1'].map((by) =>
    replacing(VERSION, by),
  ),
  ...[' ', ',', ' |', '\\;', '；', ';;', '\n'].map((by) => replacing(/;/g, by)),
  ...['-', ':', ' ', '==', ' = '].map((by) => replacing(/(?<=\b(?:p|sp|adkim))=/g, by)),
  replacing(/\bp=/g, 'policy='),
  replacing(/\bsp=/g, 'SP='),
  replacing(/\brua=/g, 'rau='),
  replacing(POLICY, (word) => `${word[1]}${word[0]}${word.slice(2)}`),
  replacing(POLICY, (word) => word.slice(0, 3) + word.slice(4)),
  replacing(POLICY, (word) => `${word}ed`),
  replacing(POLICY, (word) => `"${word}"`),
  replacing(/mailto:/g, ''),
  replacing(/mailto:/g, 'mailto:mailto:'),
  replacing(/mailto:/g, 'mailto: '),
  replacing(/,mailto/g, ' mailto'),
  replacing(/,mailto/g, ';mailto'),
  replacing(/(?<=\w)@/g, ' @'),
  (text) => `"${text}"`,
  (text) => ` ${text}`,
  (text) => `\ufeff${text}`,
  (text) => (text.includes('IN TXT') ? text : `_dmarc IN TXT "${text}"`),
);

describe('DMARC: what was meant survives slips', () => {
  it('the policy stays or is unclear, and no address is lost or invented', () => {
    const places = fc.array(fc.tuple(slips, fc.nat()), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(meantRecords, places, ({ p, sp, addresses, others }, made) => {
        const list = addresses.map((one) => `mailto:${one}`).join(',');
        const tags = [`v=DMARC1`, `p=${p}`, ...(sp ? [`sp=${sp}`] : []), `rua=${list}`, ...others];
        const text = made.reduce((current, [slip, at]) => slip(current, at), tags.join('; '));
        holdsMeant(text, { p, sp, addresses });
      }),
      { numRuns: runs(3000) },
    );
  });
});

function holdsMeant(text: string, { p, sp, addresses }: Meant): void {
  const meaning = readDmarc(octets(text));
  expect(meaning.kind, text).not.toBe('unrelated');
  if (meaning.kind === 'unclear' || meaning.kind === 'unrelated') return;
  const record = parseDmarcRecord(meaning.kind === 'corrected' ? meaning.text : text);
  expect(record?.p, text).toEqual({ value: p });
  expect(record?.rua.map((uri) => uri.address).sort(), text).toEqual([...addresses].sort());
  const strictness = (policy: string) => (POLICIES as readonly string[]).indexOf(policy);
  const found = record?.sp && 'value' in record.sp ? record.sp.value : p;
  expect(strictness(found), text).toBeGreaterThanOrEqual(strictness(sp ?? p));
  if (meaning.kind === 'corrected') expect(readDmarc(meaning.text)).toEqual({ kind: 'right' });
}

describe('DMARC: readDmarc takes linear time', () => {
  it.each([
    'p=none ',
    'rua=a@b ',
    'mailto:',
    '"',
    ' ',
    '\\;',
    'v=DMARC1',
    '<a',
    'fo=1',
    'x=',
    'a@example.com',
    '. ',
    'dmarc ',
  ])('text of %j', (piece) => {
    const started = cpuMs();
    for (const start of ['v=dmarc1; ', 'v=DMARC1; rua=', '_dmarc IN TXT '])
      readDmarc(start + piece.repeat(4000 / piece.length));
    expect(cpuMs() - started).toBeLessThan(500);
  });
});
