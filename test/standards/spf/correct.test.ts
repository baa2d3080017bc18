/** What the owner of a name meant by its TXT records as SPF: slips of every kind, and texts that are something else. */
import { describe, expect, test } from 'vitest';
import { readMeaning, slipNotes } from '../../../src/standards/spf/index.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';

type Txt = string | readonly string[];

const octets = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** The reading of TXT records, in short: the record meant, `right`, `unrelated`, or the pieces that cannot be read. */
function meant(...records: readonly Txt[]): string | readonly string[] {
  const { meaning } = readMeaning(
    records.map((record) => (typeof record === 'string' ? [record] : record).map(octets)),
  );
  if (meaning.kind === 'corrected') return meaning.text;
  return meaning.kind === 'unclear' ? meaning.unread : meaning.kind;
}

function causes(...records: readonly Txt[]): string[] {
  const { meaning } = readMeaning(
    records.map((record) => (typeof record === 'string' ? [record] : record).map(octets)),
  );
  return 'slips' in meaning ? [...new Set(meaning.slips.map(({ kind }) => kind))] : [];
}

describe('SPF: the version', () => {
  test.each([
    ['-v=spf1 a -all', 'before-version'],
    ['SPF: v=spf1 a -all', 'before-version'],
    ['example.com. 3600 IN TXT "v=spf1 a -all"', 'before-version'],
    ['example.com. IN TXT "v=spf1 a -all" ; the mail servers of the company', 'before-version'],
    ['( "v=spf1 a -all" )', 'quote'],
    ['TXT "v=spf a -all"', 'before-version'],
    ['( "v=spf1 a " "-all" ) ; mail servers', 'quote'],
    ['v=spf1 a + -all', 'separator'],
    ['v=spf1 a- all', 'space-inside'],
    ['txt=v=spf1 a -all', 'before-version'],
    ['"v=spf1 a -all"', 'quote'],
    ['\\"v=spf1 a -all\\"', 'quote'],
    ['v="spf1" a -all', 'quote'],
    ['“v=spf1 a -all”', 'typographic-quote'],
    ['\ufeffv=spf1 a -all', 'invisible'],
    [' v=spf1 a -all', 'before-version'],
    ['v=spf1\ta -all', 'odd-space'],
    ['v=spf1\u00a0a -all', 'odd-space'],
    ['v = spf1 a -all', 'version-spelling'],
    ['v:spf1 a -all', 'version-spelling'],
    ['v-spf1 a -all', 'version-spelling'],
    ['vspf1 a -all', 'version-spelling'],
    ['=spf1 a -all', 'version-spelling'],
    ['spf1 a -all', 'version-spelling'],
    ['v=spf a -all', 'version-spelling'],
    ['v=spf 1 a -all', 'version-spelling'],
    ['v=spf1.0 a -all', 'version-spelling'],
    ['v=sfp1 a -all', 'version-spelling'],
    ['v=spfl a -all', 'version-spelling'],
    ['w=spf1 a -all', 'version-spelling'],
    ['version=spf1 a -all', 'version-spelling'],
    ['v=spf1; a -all', 'version-space'],
    ['v=spf1,a -all', 'version-space'],
    ['v=spf1=a -all', 'version-space'],
    ['v=spf1a -all', 'version-space'],
    ['v=spf1 v=spf1 a -all', 'version-twice'],
    ['spf2.0/mfrom,pra a -all', 'sender-id'],
    ['a -all', 'version-missing'],
  ])('%j is read as v=spf1 a -all: %s', (text, cause) => {
    expect(meant(text)).toBe('v=spf1 a -all');
    expect(causes(text)).toContain(cause);
  });

  test.each([
    ['v=spf1-all', 'v=spf1 -all'],
    ['v=spf1include:spf.example.net -all', 'v=spf1 include:spf.example.net -all'],
    ['google-site-verification=abc v=spf1 a -all', 'v=spf1 a -all'],
    ['@ IN TXT "v=spf1 mx" "include:spf.example.net -all"', 'v=spf1 mx include:spf.example.net -all'],
  ])('%j → %s', (text, expected) => {
    expect(meant(text)).toBe(expected);
  });

  test.each([
    'v=spf10 a -all',
    'v=DMARC1; p=none',
    'v=spf10 is the name of a build of ours',
    'spf is hard',
    'spf a lot',
    'SPF records: see the wiki',
    'Customers: add "v=spf1 include:spf.example.net -all" to your zone, then tell us',
    '“v=spf1 include:spf.example.net” goes into the zone of the customer',
    '{"spf":{"version":"v=spf1","all":"-all"}}',
    'google-site-verification=x',
    'mx',
    '-all',
    '',
  ])('%j is something else', (text) => {
    expect(meant(text)).toBe('unrelated');
  });

  test('a text with a version whose terms cannot be read is unclear, and is not dropped', () => {
    expect(meant('v=spf1;what:mail.example.com')).toEqual(['what:mail.example.com']);
  });
});

describe('SPF: one term', () => {
  test.each([
    // Separators.
    ['include.spf.example.net', 'include:spf.example.net', 'colon'],
    ['include;spf.example.net', 'include:spf.example.net', 'colon'],
    ['include spf.example.net', 'include:spf.example.net', 'colon'],
    ['include-spf.example.net', 'include:spf.example.net', 'colon'],
    ['include-_spf.example.net', 'include:_spf.example.net', 'colon'],
    ['include_spf.example.net', 'include:_spf.example.net', 'colon'],
    ['ip4 192.0.2.1', 'ip4:192.0.2.1', 'colon'],
    ['ip4.192.0.2.1', 'ip4:192.0.2.1', 'colon'],
    ['ip4192.0.2.1', 'ip4:192.0.2.1', 'colon'],
    ['ip4::192.0.2.1', 'ip4:192.0.2.1', 'colon'],
    ['include=spf.example.net', 'include:spf.example.net', 'not-a-modifier'],
    ['mx=example.com', 'mx:example.com', 'not-a-modifier'],
    ['ip4=192.0.2.1', 'ip4:192.0.2.1', 'not-a-modifier'],
    ['redirect:spf.example.net', 'redirect=spf.example.net', 'equals-sign'],
    ['exp:why.example.net', 'exp=why.example.net', 'equals-sign'],
    ['~redirect=spf.example.net', 'redirect=spf.example.net', 'qualified-modifier'],
    // Spaces.
    ['include: spf.example.net', 'include:spf.example.net', 'space-inside'],
    ['ip4 : 192.0.2.1', 'ip4:192.0.2.1', 'space-inside'],
    ['ip4:192.0.2.0 /24', 'ip4:192.0.2.0/24', 'space-inside'],
    ['redirect= spf.example.net', 'redirect=spf.example.net', 'space-inside'],
    ['mx - all', 'mx -all', 'space-inside'],
    ['ip4:192.0.2.1~all', 'ip4:192.0.2.1 ~all', 'space-missing'],
    ['ip4=192.0.2.1-all', 'ip4:192.0.2.1 -all', 'space-missing'],
    ['include:spf.example.net-all', 'include:spf.example.net -all', 'space-missing'],
    ['ip4:192.0.2.1ip4:192.0.2.2', 'ip4:192.0.2.1 ip4:192.0.2.2', 'space-missing'],
    [
      'include:spf.example.netinclude:spf.example.org',
      'include:spf.example.net include:spf.example.org',
      'space-missing',
    ],
    ['mx-all', 'mx -all', 'space-missing'],
    ['a,mx;ip4:192.0.2.1', 'a mx ip4:192.0.2.1', 'separator'],
    ['a and mx', 'a mx', 'separator'],
    ['mx a;', 'mx a', 'separator'],
    ['include:spf.example.net|spf.example.org', 'include:spf.example.net include:spf.example.org', 'name-alone'],
    ['include:spf.example.net spf.example.org', 'include:spf.example.net include:spf.example.org', 'name-alone'],
    ['include:spf.example.net/spf.example.org', 'include:spf.example.net include:spf.example.org', 'name-alone'],
    ['ip4:192.0.2.1,192.0.2.2', 'ip4:192.0.2.1 ip4:192.0.2.2', 'address-alone'],
    ['include:spf.example,net', 'include:spf.example.net', 'punctuation'],
    // Names.
    ['inlcude:spf.example.net', 'include:spf.example.net', 'name-misspelt'],
    ['incude:spf.example.net', 'include:spf.example.net', 'name-misspelt'],
    ['includes:spf.example.net', 'include:spf.example.net', 'name-misspelt'],
    ['exist:%{i}.example.net', 'exists:%{i}.example.net', 'name-misspelt'],
    ['redirec=spf.example.net', 'redirect=spf.example.net', 'name-misspelt'],
    ['ipv4:192.0.2.1', 'ip4:192.0.2.1', 'name-misspelt'],
    ['1p4:192.0.2.1', 'ip4:192.0.2.1', 'name-misspelt'],
    ['mx -al', 'mx -all', 'name-misspelt'],
    ['mx ~a11', 'mx ~all', 'name-misspelt'],
    ['mx all-', 'mx -all', 'qualifier-place'],
    ['mx --all', 'mx -all', 'qualifier-place'],
    ['mx –all', 'mx -all', 'typographic-dash'],
    ['mx ～all', 'mx ~all', 'look-alike'],
    ['ip4:192.0.2.1\u200b', 'ip4:192.0.2.1', 'invisible'],
    // Arguments.
    ['ip4:mail.example.com', 'a:mail.example.com', 'name-for-address'],
    ['a:192.0.2.1', 'ip4:192.0.2.1', 'address-for-name'],
    ['mx:2001:db8::1', 'ip6:2001:db8::1', 'address-for-name'],
    ['ip6:192.0.2.1', 'ip4:192.0.2.1', 'address-family'],
    ['192.0.2.1', 'ip4:192.0.2.1', 'address-alone'],
    ['ip4:192.0.2.0/024', 'ip4:192.0.2.0/24', 'prefix-length'],
    ['ip4:192.0.2.0/255.255.255.0', 'ip4:192.0.2.0/24', 'netmask'],
    ['ip4:192.0.2.*', 'ip4:192.0.2.0/24', 'wildcard'],
    ['ip4:192.0.2/24', 'ip4:192.0.2.0/24', 'wildcard'],
    ['ip4:192.0.2.1-192.0.2.4', 'ip4:192.0.2.1 ip4:192.0.2.2/31 ip4:192.0.2.4', 'range'],
    ['a:mail.example.com:25', 'a:mail.example.com', 'port'],
    ['include:https://spf.example.net/', 'include:spf.example.net', 'url'],
    ['mx:', 'mx', 'punctuation'],
    ['a.', 'a', 'punctuation'],
    ['ip6:[2001:db8::1]', 'ip6:2001:db8::1', 'punctuation'],
    ['include:spf..example.net', 'include:spf.example.net', 'punctuation'],
    ['include:münchen.example.net', 'include:xn--mnchen-3ya.example.net', 'non-ascii-name'],
  ])('%j is read as %j: %s', (terms, expected, cause) => {
    expect(meant(`v=spf1 ${terms}`)).toBe(`v=spf1 ${expected}`);
    expect(causes(`v=spf1 ${terms}`)).toContain(cause);
  });

  test.each([
    ['what:mail.example.com'],
    ['mail.example.com'],
    ['a mail.example.com', 'mail.example.com'],
    ['mx.example.com'],
    ['ip4:192.0.2.0/033'],
    ['ip4:192.0.2.0/00'],
    ['ip4:192.0.2'],
    ['ip4:192.0.2.256'],
    ['ip4:192.0.2.10-20'],
    ['ip4:192.0.2.0/255.0.255.0'],
    ['include:'],
    ['ip4:'],
    ['amx'],
    ['- a', '-'],
    ['al'],
    ['*all'],
    ['=all'],
    ['~-all'],
    ['-recall'],
  ])('%j is not certain, so that nothing is corrected', (terms, piece = terms) => {
    expect(meant(`v=spf1 ${terms} ip4:192.0.2.1 -all`)).toEqual([piece]);
  });

  test.each([
    ['v=spf1   ip4:192.0.2.10   include:spf.example.net  -all   '],
    ['V=SPF1 Ip4:192.0.2.10 MX Include:SPF.Example.NET -ALL'],
    ['v=spf1 +ip4:192.0.2.10 +mx ?include:spf.example.net -all'],
    ['v=spf1 moo=cow.%{d} a=1 ip4:192.0.2.10 -all'],
    ['v=spf1 include:mx-all.example.net a:redirect.example.com a:include.example.com -all'],
    ['v=spf1 exists:%{i}._spf.%{d2r-} exp=why.%{d} -all'],
    ['v=spf1 redirect=_spf.example.net ip4:192.0.2.10'],
    ['v=spf1 a:foo:bar/baz.example.com -all'],
    ['v=spf1 include:spf.example.net. a:mail.internal-all -all'],
    ['v=spf1 a a +all'],
    ['v=spf1'],
  ])('%j is right as it stands', (text) => {
    expect(meant(text)).toBe('right');
  });
});

describe('SPF: strings, order and endings', () => {
  test.each<[string[], string]>([
    [['v=spf1', 'include:spf.example.org', '?all'], 'v=spf1 include:spf.example.org ?all'],
    [['v=spf1', 'a', 'mx', '-all'], 'v=spf1 a mx -all'],
    [['v=spf1 ip4:192.0.2.1', 'include:spf.example.net -all'], 'v=spf1 ip4:192.0.2.1 include:spf.example.net -all'],
    [['v=spf1 a:mail.example.com', 'mx -all'], 'v=spf1 a:mail.example.com mx -all'],
    [['v=spf1 ip4:192.0.2', '.10 -all'], 'right'],
    [['v=spf1 include:spf.exam', 'ple.net -all'], 'right'],
    [['v=spf1 include:spf.example.co', 'm -all'], 'right'],
    [['v=spf1 a:x.intern', 'a -all'], 'right'],
    [['v=spf1', ' a -all'], 'right'],
  ])('the strings %j → %s', (strings, expected) => {
    expect(meant(strings)).toBe(expected);
  });

  test.each([
    ['v=spf1 a -all mx', 'v=spf1 a mx -all'],
    ['v=spf1 ~all -all', 'v=spf1 ~all'],
    ['v=spf1 redirect=_spf.example.net -all', 'v=spf1 include:_spf.example.net -all'],
    [
      'v=spf1 ~all a redirect=_spf.example.net exp=why.example.net',
      'v=spf1 a include:_spf.example.net ~all exp=why.example.net',
    ],
    ['v=spf1 redirect=a.example.net redirect=b.example.net', 'v=spf1 include:a.example.net include:b.example.net ~all'],
    ['v=spf1 redirect=a.example.net redirect=a.example.net', 'v=spf1 redirect=a.example.net'],
    ['v=spf1 exp=a.example.net exp=b.example.net -all', 'v=spf1 -all exp=a.example.net'],
    ['v=spf1 mx ?all MS=ms00000000', 'v=spf1 mx ?all'],
    ['v=spf1 a -all v=spf1 mx ~all', 'v=spf1 a mx -all'],
  ])('%s → %s', (text, expected) => {
    expect(meant(text)).toBe(expected);
  });

  test('a token of another service and a second explanation are named as left out', () => {
    const { meaning } = readMeaning([['v=spf1 a MS=ms00000000 exp=a.example.net exp=b.example.net -all']]);
    expect(meaning).toMatchObject({ leftOut: ['MS=ms00000000', 'exp=b.example.net'] });
  });
});

describe('SPF: several TXT records', () => {
  test.each<[string[], string]>([
    [['v=spf1 a -all', 'v=spf1 MX ~all'], 'v=spf1 a MX -all'],
    [['v=spf1 a ?all', 'v=spf1 mx ~all'], 'v=spf1 a mx ~all'],
    [['v=spf1 a', 'v=spf1 mx'], 'v=spf1 a mx ~all'],
    [['v=spf1 +all', 'v=spf1 a'], 'v=spf1 a ~all'],
    [['v=spf1 a -all', 'v=spf1 A mx -all'], 'v=spf1 a mx -all'],
    [['v=spf1 redirect=a.example.net', 'v=spf1 ip4:192.0.2.1 -all'], 'v=spf1 ip4:192.0.2.1 include:a.example.net -all'],
    [['v=spf1 redirect=a.example.net', 'v=spf1 ip4:192.0.2.1'], 'v=spf1 ip4:192.0.2.1 redirect=a.example.net'],
    [['v=spf1 ipv4:192.0.2.1', 'v=spf1 a -all'], 'v=spf1 ip4:192.0.2.1 a -all'],
    [['v=spf1 a -all', 'v=spf1; mx -all'], 'v=spf1 a mx -all'],
    [['v=spf1 a', 'ip4:192.0.2.1 -all'], 'v=spf1 a ip4:192.0.2.1 -all'],
    [['ip4:192.0.2.1 -all', 'v=spf1 a'], 'v=spf1 a ip4:192.0.2.1 -all'],
    [['v=spf1 a', 'include:spf.example.net', '-all'], 'v=spf1 a include:spf.example.net -all'],
    [['include:spf.example.net', 'v=spf a -all'], 'v=spf1 a include:spf.example.net -all'],
    [['v=spf1 a -all', 'mx'], 'right'],
    [['v=spf1 a -all', '"v=spf1 a -all"'], 'right'],
    [['v=spf1 a -all', 'spf2.0/pra mx -all'], 'right'],
    [['v=spf1 a -all', 'include: ticket number when asking'], 'right'],
    [['v=spf1 a -all', 'v=verifydomain MS=1234567'], 'right'],
  ])('%j → %s', (texts, expected) => {
    expect(meant(...texts)).toBe(expected);
  });

  test('names the records that belong to it, those with a version first', () => {
    expect(readMeaning([['token'], ['ip4:192.0.2.1 -all'], ['v=spf1 a']]).sources).toEqual([2, 1]);
  });

  test('one record that cannot be read keeps the others from being merged without it', () => {
    expect(meant('v=spf1 what:mail.example.com -all', 'v=spf1 a -all')).toEqual(['what:mail.example.com']);
  });
});

describe('SPF: the words of a correction', () => {
  test.each<[Txt[], string[]]>([
    [['v=spf1 mx –all'], ['changes "–all" to "-all": it has a typographic dash instead of a hyphen']],
    [['v=spf1 -all mx'], ['moves "mx" before "all": receivers ignore terms after "all"']],
    [['v=spf1 mx MS=ms1 -all'], ['removes "MS=ms1": it is a token of another service, which needs its own TXT record']],
    [
      ['v=spf1 a', 'mx:example.com -all'],
      ['adds the terms of the TXT record "mx:example.com -all": a record cannot continue in another TXT record'],
    ],
    [
      ['v=spf1\u00a0mx -all'],
      ['puts a space in "v=spf1 mx": it has a tab, line break or no-break space instead of a space'],
    ],
  ])('%j', (records, expected) => {
    const { meaning } = readMeaning(records.map((record) => [octets(String(record))]));
    expect('slips' in meaning ? slipNotes(meaning.slips) : []).toEqual(expected);
  });
});

describe('SPF: any record with slips', () => {
  const TERMS = [
    'a',
    'mx',
    'ip4:192.0.2.1',
    'ip4:198.51.100.0/24',
    'ip6:2001:db8::/32',
    'a:mail.example.com',
    '-ip4:192.0.2.9',
  ];
  const NAMED = [
    ...TERMS,
    'mx:example.com',
    'include:spf.example.net',
    'include:_spf.example.org',
    '?include:x.example.net',
    'exists:%{i}.example.net',
  ];

  /** Each slip changes a text at one of its places, from 0 to 1. Equal texts mean that it does not fit. */
  const replace = (pattern: RegExp, by: string) => (text: string, place: number) => {
    const found = [...text.matchAll(pattern)];
    const one = found[Math.floor(place * found.length)];
    return one
      ? text.slice(0, one.index) +
          one[0].replace(new RegExp(pattern.source, 'i'), by) +
          text.slice(one.index + one[0].length)
      : text;
  };
  const SLIPS = [
    replace(/^v=spf1/g, 'v = spf1'),
    replace(/^v=spf1/g, 'v=spf'),
    replace(/^v=spf1/g, 'vspf1'),
    replace(/^v=spf1 /g, 'v=spf1;'),
    replace(/^/g, '“'),
    replace(/^/g, '-'),
    replace(/$/g, '"'),
    replace(/$/g, '.'),
    replace(/(?<=\S) (?=\S)/g, ', '),
    replace(/ /g, '\u00a0'),
    replace(/(?<=\S) (?=\S)/g, ' ; '),
    replace(/ (?=[-~]all)/g, ''),
    replace(/-(?=all)/g, '–'),
    replace(/(?<= [-~])(?=all)/g, ' '),
    replace(/:/g, ': '),
    replace(/:/g, '='),
    replace(/:/g, '::'),
    replace(/include/g, 'inlcude'),
    replace(/include/g, 'includes'),
    replace(/ip4/g, 'ipv4'),
    replace(/\/24/g, '/024'),
    replace(/ (?=[-~?]all)/g, ' MS=ms00000000 '),
    replace(/(?<= )(?=\S)/g, '\u200b'),
    replace(/ip4:(?=192)/g, ''),
    replace(/\./g, ','),
    replace(/ /g, ''),
    replace(/[a-z]/g, ''),
    replace(/[a-z]/g, 'x'),
  ];

  /** What a term lets pass, without the dress that slips change. */
  const key = (term: string) => term.toLowerCase().replace(/^\+/, '').replace(/\.$/, '');

  test('is read back as it was meant, or is not corrected; nothing is lost in silence, and nobody else passes', () => {
    const record = fc.record({ terms: fc.subarray(NAMED, { minLength: 1 }), ending: fc.constantFrom('-all', '~all') });
    const slip = fc.tuple(fc.nat(SLIPS.length - 5), fc.double({ min: 0, max: 0.999, noNaN: true }));
    fc.assert(
      fc.property(record, fc.array(slip, { minLength: 1, maxLength: 2 }), ({ terms, ending }, slips) => {
        const right = ['v=spf1', ...terms, ending].join(' ');
        const text = slips.reduce((current, [index, place]) => SLIPS[index]?.(current, place) ?? current, right);
        const read = meant(text);
        if (typeof read !== 'string' || read === 'right' || read === 'unrelated') return;
        expect({ text, read: read.split(' ').map(key).sort() }).toEqual({
          text,
          read: right.split(' ').map(key).sort(),
        });
        expect(meant(read)).toBe('right');
      }),
      { numRuns: runs(20_000) },
    );
  });

  test('with any damage, lets nobody pass who is not named in it, and is right once it is corrected', () => {
    const slip = fc.tuple(fc.nat(SLIPS.length - 1), fc.double({ min: 0, max: 0.999, noNaN: true }));
    const record = fc.record({
      terms: fc.subarray(TERMS, { minLength: 1 }),
      ending: fc.constantFrom('-all', '~all', ''),
    });
    fc.assert(
      fc.property(record, fc.array(slip, { maxLength: 4 }), ({ terms, ending }, slips) => {
        const right = ['v=spf1', ...terms, ending].join(' ').trim();
        const text = slips.reduce((current, [index, place]) => SLIPS[index]?.(current, place) ?? current, right);
        const read = meant(text);
        if (typeof read !== 'string' || read === 'right' || read === 'unrelated') return;
        expect({ text, again: meant(read), open: /(^| )\+?all\b/i.test(read) }).toEqual({
          text,
          again: 'right',
          open: false,
        });
      }),
      { numRuns: runs(20_000) },
    );
  });

  test('a hostile text of 64 KiB is read without delay', () => {
    const started = process.cpuUsage().user;
    const hostile = [
      ' '.repeat(65_000),
      '"'.repeat(65_000),
      'a:'.repeat(2000),
      'ip4:'.repeat(1000),
      `v=spf1 ${'a,'.repeat(2000)}`,
      `v=spf1 ${'-'.repeat(4000)}`,
      `v=spf1 ${'a.'.repeat(2000)}`,
    ];
    for (const text of hostile) readMeaning([[text]]);
    readMeaning([Array.from({ length: 4000 }, () => 'a')]);
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(2000);
  });
});
