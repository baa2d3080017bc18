/** From what the lists answered to findings, without asking any: by class, by what was not seen, by what is known of a list. */
import { describe, expect, test } from 'vitest';
import type { ListOutcome } from '../../../src/check/facts/list-outcome.ts';
import type { DirectFault, ListResult } from '../../../src/check/facts/lists.ts';
import type { AskedResolver } from '../../../src/check/facts/resolvers.ts';
import { emitter } from '../../../src/check/rules/finding.ts';
import { fixOfRefusal, resolversText } from '../../../src/check/rules/rbl/asking.ts';
import { blindFindings } from '../../../src/check/rules/rbl/blind.ts';
import { findings } from '../../../src/check/rules/rbl/findings.ts';
import { isClean, type Listing, listingFindings, listingsOf } from '../../../src/check/rules/rbl/listings.ts';
import { lostLists } from '../../../src/check/rules/rbl/lost.ts';
import { parseArguments, type Target } from '../../../src/check/target.ts';
import { type AskedList, listOfZone } from '../../../src/knowledge/lists/catalogue.ts';
import type { ListCode, Removal } from '../../../src/knowledge/lists/schema.ts';
import { type DnsAnswer, unasked } from '../../../src/network/dns/answer.ts';
import { fixedClock, NOW } from '../../world/clock.ts';

const ip = '203.0.113.5';
const target = (ips: readonly string[] = [ip]): Target => ({
  ...parseArguments('example.com', ips),
  ipSource: 'argument',
  selectors: [],
});

const list = (changes: Partial<AskedList> = {}): AskedList => ({
  ...listOfZone('bl.example.net'),
  queryZone: 'bl.example.net',
  keyedBy: null,
  isNamed: true,
  ...changes,
});

const code = (kind: ListCode['class'], changes: Partial<ListCode> = {}): ListCode => ({
  match: '127.0.0.2',
  name: kind,
  meaning: `it is ${kind}`,
  class: kind,
  scope: 'ip',
  ...changes,
});

const answer = (...records: string[]): DnsAnswer<'A'> => ({
  ...unasked('5.113.0.203.bl.example.net', 'A'),
  status: 'answer',
  records,
  ttl: 60,
});
const absent: DnsAnswer<'A'> = { ...unasked('x.bl.example.net', 'A'), status: 'nxdomain', ttl: 60, zone: null };

type Listed = Extract<ListOutcome, { kind: 'listed' }>;
const listed = (codes: readonly ListCode[], changes: Partial<Listed> = {}): Listed => ({
  kind: 'listed',
  codes,
  unknown: [],
  reasons: [],
  network: null,
  ...changes,
});

const result = (outcome: ListOutcome, of: AskedList = list(), subject: string = ip): ListResult => ({
  list: of,
  subject,
  answer: answer('127.0.0.2'),
  outcome,
  isHeard: false,
  direct: null,
});

describe('clean', () => {
  const remark = code('informational');
  test.each<[string, ListOutcome, boolean]>([
    ['not listed', { kind: 'clean' }, true],
    ['a remark', listed([remark]), true],
    ['a place on an allow list', listed([code('allow')]), true],
    ['a listing', listed([code('reputation')]), false],
    ['a listing beside a remark', listed([remark, code('policy')]), false],
    ['a code that is not known', listed([], { unknown: ['127.0.0.77'] }), false],
    ['a code that is not known, beside a remark', listed([remark], { unknown: ['127.0.0.77'] }), false],
    ['silence that cannot be verified', { kind: 'unverified', reason: 'no-known-test-entry' }, false],
    ['a refusal', { kind: 'refused', answers: [], codes: [] }, false],
    ['a failure', { kind: 'failed', status: 'servfail' }, false],
  ])('%s: %#', (_, outcome, clean) => {
    expect(isClean(result(outcome))).toBe(clean);
  });
});

describe('one listing per class of codes', () => {
  const shown = (listings: readonly Listing[]) =>
    listings.map(({ code, severity, evidence: { codes } }) =>
      [code, ...(severity ? [severity] : []), ...codes.map(({ name }) => name)].join(' '),
    );
  const block = code('block');
  const wide = code('reputation', { scope: 'block' });
  const low = list({ impact: 'low' });
  const domain = list({ kind: 'domain' });
  const unknown = { unknown: ['127.0.0.77'] };

  test.each<[string, AskedList, Listed, readonly string[]]>([
    ['reputation', list(), listed([code('reputation')]), ['rbl/listed reputation']],
    ['on a critical list', list({ impact: 'critical' }), listed([code('exploit')]), ['rbl/listed exploit']],
    ['on a medium one', list({ impact: 'medium' }), listed([code('exploit')]), ['rbl/listed-minor exploit']],
    ['on a low one', low, listed([code('reputation')]), ['rbl/listed-minor reputation']],
    [
      'reputation and exploit are one, policy another',
      list(),
      listed([code('policy'), code('reputation'), code('exploit')]),
      ['rbl/listed reputation exploit', 'rbl/listed-policy policy'],
    ],
    ['a remark is none', list(), listed([code('informational'), code('allow')]), []],
    ['classes of names say nothing of an address', list(), listed([code('abused'), code('new')]), []],

    ['a block, on a heavy list', list(), listed([block]), ['rbl/block-listed error block']],
    ['a block, on a light one', low, listed([block]), ['rbl/block-listed block']],
    ['a code that speaks for a network', list(), listed([wide]), ['rbl/block-listed error reputation']],
    [
      'the same, of this address alone',
      list(),
      listed([wide], { reasons: ['see SBL1', `${ip}/32 is listed`] }),
      ['rbl/listed reputation'],
    ],
    ['of one IPv6 address', list(), listed([wide], { reasons: ['2001:db8::5/128'] }), ['rbl/listed reputation']],
    [
      'a longer number is no /32',
      list(),
      listed([wide], { reasons: ['AS65536/321'] }),
      ['rbl/block-listed error reputation'],
    ],
    [
      'a network that the list names',
      list(),
      listed([code('reputation')], { network: '203.0.113.0/24' }),
      ['rbl/block-listed error reputation'],
    ],
    [
      'one of each',
      list(),
      listed([code('exploit'), wide, block]),
      ['rbl/listed exploit', 'rbl/block-listed error block reputation'],
    ],
    [
      'a policy code stays one, whatever network is named',
      list(),
      listed([code('policy', { scope: 'block' })], { network: '203.0.113.0/24' }),
      ['rbl/listed-policy policy'],
    ],

    ['a code that is not known', list(), listed([], unknown), ['rbl/code-unknown', 'rbl/listed-minor']],
    ['beside a remark', list(), listed([code('informational')], unknown), ['rbl/code-unknown', 'rbl/listed-minor']],
    ['beside a listing', list(), listed([code('policy')], unknown), ['rbl/listed-policy policy', 'rbl/code-unknown']],
    ['where only known codes count', list({ onlyKnownCodes: true }), listed([], unknown), ['rbl/code-unknown']],

    ['a name', domain, listed([code('reputation'), code('exploit')]), ['rbl/domain-listed reputation exploit']],
    [
      'a name of every class',
      domain,
      listed([code('new'), code('abused'), code('exploit'), code('informational')]),
      ['rbl/domain-listed exploit', 'rbl/domain-abused abused', 'rbl/domain-new new'],
    ],
    ['a name with a code that is not known', domain, listed([], unknown), ['rbl/code-unknown warning']],
    [
      'the same where only known codes count',
      list({ kind: 'domain', onlyKnownCodes: true }),
      listed([], unknown),
      ['rbl/code-unknown'],
    ],
    [
      'the same beside a known one',
      domain,
      listed([code('abused')], unknown),
      ['rbl/domain-abused abused', 'rbl/code-unknown'],
    ],

    [
      'an allow list, whatever else it answers',
      list({ kind: 'allow' }),
      listed([code('allow'), code('reputation')], unknown),
      ['rbl/welcome-listed allow'],
    ],
  ])('%s', (_, of, outcome, expected) => {
    expect(shown(listingsOf(result(outcome, of), NOW))).toEqual(expected);
  });

  test('what is no listing gives none', () => {
    expect(listingsOf(result({ kind: 'clean' }), NOW)).toEqual([]);
    expect(listingsOf(result({ kind: 'broken', fault: 'lists-everything', answers: ['127.0.0.2'] }), NOW)).toEqual([]);
  });

  test('a finding is about the subject, and of another severity only where the listing says so', () => {
    const finding = emitter(findings, target());
    const of = (outcome: ListOutcome) =>
      [...listingFindings(result(outcome), NOW, finding)].map(({ code, subject, severity }) => [
        code,
        subject,
        severity,
      ]);
    expect(of(listed([code('policy'), block]))).toEqual([
      ['rbl/block-listed', ip, 'error'],
      ['rbl/listed-policy', ip, 'error'],
    ]);
    expect([...listingFindings(result(listed([block]), low), NOW, finding)][0]?.severity).toBe('warning');
  });
});

describe('what is kept of a listing', () => {
  const usual: Removal = {
    url: 'https://bl.example.net/',
    how: 'By the form',
    self: true,
    paid: false,
    autoExpiry: null,
  };
  const special: Removal = { ...usual, how: 'By mail', self: false };
  const evidenceOf = (of: AskedList, outcome: Listed, subject?: string) =>
    listingsOf(result(outcome, of, subject), NOW)[0]?.evidence;

  test('the answer, the codes, the words of the list, and what its data says', () => {
    const of = list({
      impact: 'critical',
      confidence: 'medium',
      keyedBy: 'EXAMPLE_KEY',
      lookupUrl: 'https://bl.example.net/?q={ip}',
      delist: usual,
      v6Prefix: 64,
      name: 'Example List',
    });
    expect(evidenceOf(of, listed([code('exploit')], { reasons: ['see https://bl.example.net/'] }))).toEqual({
      subject: ip,
      list: 'Example List',
      zone: 'bl.example.net',
      answers: ['127.0.0.2'],
      codes: [{ match: '127.0.0.2', name: 'exploit', meaning: 'it is exploit', class: 'exploit' }],
      unknown: [],
      txt: ['see https://bl.example.net/'],
      network: null,
      listedPrefix: null,
      impact: 'critical',
      lookup: 'https://bl.example.net/?q=203.0.113.5',
      removals: [{ ...usual, codes: ['exploit'] }],
      confidence: 'medium',
      confirmed: false,
      keyedBy: 'EXAMPLE_KEY',
    });
  });

  test.each([
    ['recent', '2026-01-01', true],
    ['of more than two years ago', '2024-01-01', false],
    ['without a date', null, false],
  ])('data %s about the list', (_, verifiedOn, confirmed) => {
    const of = list({ verifiedOn, confidence: 'high' });
    expect(evidenceOf(of, listed([code('exploit')]))?.confirmed).toBe(confirmed);
  });

  test('no answer, no lookup page, no way off', () => {
    const [listing] = listingsOf({ ...result(listed([code('exploit')])), answer: absent }, NOW);
    expect(listing?.evidence).toMatchObject({ answers: [], lookup: null, removals: [], keyedBy: null });
  });

  test.each([
    ['an IPv6 address, of a list that lists prefixes', '2001:db8::5', 64, 64],
    ['an IPv6 address, of one of which that is not known', '2001:db8::5', undefined, null],
    ['an IPv4 address', ip, 64, null],
    ['a name', 'example.com', 64, null],
  ])('the prefix of %s', (_, subject, v6Prefix, listedPrefix) => {
    const of = list(v6Prefix === undefined ? {} : { v6Prefix });
    expect(evidenceOf(of, listed([code('exploit')]), subject)?.listedPrefix).toBe(listedPrefix);
  });

  test.each([
    ['https://bl.example.net/?q={ip}', '2001:db8::5', 'https://bl.example.net/?q=2001%3Adb8%3A%3A5'],
    ['https://bl.example.net/{domain}', 'example.com', 'https://bl.example.net/example.com'],
    ['https://bl.example.net/', ip, 'https://bl.example.net/'],
  ])('the lookup page %s of %s', (lookupUrl, subject, lookup) => {
    expect(evidenceOf(list({ lookupUrl }), listed([code('exploit')]), subject)?.lookup).toBe(lookup);
  });

  const mailed = (name: string) => code('reputation', { name, delist: special });
  const formed = (name: string) => code('exploit', { name });
  test.each<[string, Removal | null, readonly ListCode[], object[]]>([
    [
      'each with the codes it is for',
      usual,
      [formed('A'), mailed('B')],
      [
        { ...usual, codes: ['A'] },
        { ...special, codes: ['B'] },
      ],
    ],
    [
      'the same one once',
      usual,
      [mailed('A'), formed('B'), mailed('C'), mailed('A')],
      [
        { ...special, codes: ['A', 'C'] },
        { ...usual, codes: ['B'] },
      ],
    ],
    ['none where the list names none', null, [formed('A')], []],
    ['only that of the code', null, [formed('A'), mailed('B')], [{ ...special, codes: ['B'] }]],
  ])('the ways off: %s', (_, delist, codes, removals) => {
    expect(evidenceOf(list({ delist }), listed(codes))?.removals).toEqual(removals);
  });

  test('the way off of a code that is not known is the list’s usual one', () => {
    const evidence = evidenceOf(list({ delist: usual }), listed([], { unknown: ['127.0.0.77'] }));
    expect(evidence).toMatchObject({ codes: [], unknown: ['127.0.0.77'], removals: [{ ...usual, codes: [''] }] });
  });
});

describe('what could not be seen', () => {
  interface Seen {
    readonly results?: readonly ListResult[];
    readonly asked?: readonly AskedList[];
    readonly dead?: readonly { zone: string; reason: string; since: string | null }[];
    readonly keyless?: readonly { zone: string; variable: string | null }[];
    readonly ips?: readonly string[];
    readonly asking?: readonly AskedResolver[];
    readonly hasEntryText?: boolean;
  }
  function blind({
    results = [],
    asked,
    dead = [],
    keyless = [],
    ips,
    asking = resolvers,
    hasEntryText = false,
  }: Seen) {
    const chosen = {
      asked: asked ?? results.map(({ list }) => list),
      dead: dead.map((row) => ({ ...row, verifiedOn: '2026-01-01', confidence: 'high' as const })),
      keyless,
    };
    const context = { target: target(ips), clock: fixedClock };
    const blindness = { results, chosen, lost: lostLists(results), resolvers: asking, hasEntryText };
    return [...blindFindings(blindness, context, emitter(findings, context.target))].map(
      ({ code, subject, evidence }) => ({ code, subject, evidence }),
    );
  }
  const refused = (...codes: ListCode[]): ListOutcome => ({ kind: 'refused', answers: ['127.255.255.254'], codes });
  const servfail: DnsAnswer<'A'> = { ...unasked('q', 'A'), status: 'servfail', detail: 'SERVFAIL' };
  const failed = { kind: 'failed', status: 'servfail' } as const;
  const unverified: ListOutcome = { kind: 'unverified', reason: 'resolver-not-registered' };
  const resolvers: readonly AskedResolver[] = [
    { server: '192.0.2.53#53', sharedBy: null, kind: null, confirmed: true },
  ];
  const STUB: AskedResolver = { server: '127.0.0.53#53', sharedBy: 'systemd-resolved', kind: 'stub', confirmed: false };

  test('a refusal: its reason, the variable for a key, and through whom it was asked', () => {
    const key = { env: 'EXAMPLE_KEY', zoneTemplate: '{key}.bl.example.net' };
    const keyed = list({ access: { ...list().access, key } });
    const [finding, ...rest] = blind({
      results: [result(refused(code('refusal', { meaning: 'Too many queries' })), keyed)],
      asking: [...resolvers, STUB],
    });
    expect(rest).toEqual([]);
    expect(finding).toEqual({
      code: 'rbl/query-refused',
      subject: ip,
      evidence: {
        lists: [
          {
            zone: 'bl.example.net',
            reason: 'Too many queries',
            needsKey: false,
            variable: 'EXAMPLE_KEY',
            keyedBy: null,
            lookup: null,
          },
        ],
        answers: ['127.255.255.254'],
        resolvers: [...resolvers, STUB],
        direct: [],
      },
    });
  });

  test('a refusal of which nothing is known; each answer once', () => {
    const other = list({ zone: 'other.example.net' });
    expect(blind({ results: [result(refused()), result(refused(), other)] })).toEqual([
      {
        code: 'rbl/query-refused',
        subject: ip,
        evidence: {
          lists: ['bl.example.net', 'other.example.net'].map((zone) => ({
            zone,
            reason: null,
            needsKey: false,
            variable: null,
            keyedBy: null,
            lookup: null,
          })),
          answers: ['127.255.255.254'],
          resolvers,
          direct: [],
        },
      },
    ]);
  });

  test('a list that was not asked for want of a key', () => {
    expect(blind({ keyless: [{ zone: 'key.example.net', variable: 'EXAMPLE_KEY' }] })).toEqual([
      {
        code: 'rbl/query-refused',
        subject: ip,
        evidence: {
          lists: [
            {
              zone: 'key.example.net',
              reason: null,
              needsKey: true,
              variable: 'EXAMPLE_KEY',
              keyedBy: null,
              lookup: null,
            },
          ],
          answers: [],
          resolvers,
          direct: [],
        },
      },
    ]);
  });

  test('a list that was not asked for being dead', () => {
    expect(blind({ dead: [{ zone: 'old.example.net', reason: 'Closed', since: '2020' }] })).toEqual([
      {
        code: 'rbl/list-broken',
        subject: ip,
        evidence: {
          lists: [
            {
              zone: 'old.example.net',
              fault: 'dead',
              isKey: false,
              reason: 'Closed',
              since: '2020',
              confidence: 'high',
              confirmed: true,
            },
          ],
          answers: [],
          resolvers,
          direct: [],
        },
      },
    ]);
  });

  test.each([
    ['of which nothing is known', 'bl.example.net', { reason: null, since: null, confidence: 'high', confirmed: true }],
    [
      'that is said to have been given up',
      'blackholes.us',
      { reason: 'Country and ISP lists abandoned', since: 'before 2009-10', confidence: 'low', confirmed: false },
    ],
  ])('a broken list %s', (_, zone, known) => {
    const outcome = { kind: 'broken', fault: 'outside-127', answers: ['198.51.100.1'] } as const;
    expect(blind({ results: [result(outcome, list({ zone, keyedBy: 'EXAMPLE_KEY' }))] })).toEqual([
      {
        code: 'rbl/list-broken',
        subject: ip,
        evidence: {
          lists: [{ zone, fault: 'outside-127', isKey: false, ...known, keyedBy: 'EXAMPLE_KEY' }],
          answers: ['198.51.100.1'],
          resolvers,
          direct: [],
        },
      },
    ]);
  });

  test.each([
    ['of which nothing is known', 'bl.example.net', { reason: null, confirmed: true }],
    ['that is said to be closed', 'bl.tiopan.com', { reason: 'Closed', confirmed: false }],
  ])('a silent list %s, with the query', (_, zone, known) => {
    const results = [{ ...result(failed, list({ zone })), answer: servfail }];
    expect(blind({ results })).toEqual([
      {
        code: 'rbl/inconclusive',
        subject: ip,
        evidence: {
          reason: 'silent',
          lists: [{ zone, status: 'servfail', isKey: false, ...known }],
          queries: [{ name: 'q', type: 'A', server: null, rcode: 'servfail', ttl: null, ms: 0, detail: 'SERVFAIL' }],
          resolvers,
          direct: [],
        },
      },
    ]);
  });

  test('silence that cannot be verified, on every list', () => {
    const rats = list({ name: 'Rats', zone: 'rats.example.net' });
    expect(blind({ results: [result(unverified, rats)] })).toEqual([
      {
        code: 'rbl/not-verified',
        subject: ip,
        evidence: { lists: [{ zone: 'rats.example.net', list: 'Rats', reason: 'resolver-not-registered' }] },
      },
      {
        code: 'rbl/inconclusive',
        subject: ip,
        evidence: { reason: 'none-works', ip },
      },
    ]);
  });

  test('each kind of blindness is one finding; what is named is not said twice', () => {
    const of = (zone: string) => list({ zone });
    const results = [
      result(refused(), of('a.example.net')),
      result({ kind: 'broken', fault: 'lists-everything', answers: [] }, of('b.example.net')),
      result(failed, of('c.example.net')),
      result(unverified, of('d.example.net')),
    ];
    expect(blind({ results }).map(({ code }) => code)).toEqual([
      'rbl/query-refused',
      'rbl/list-broken',
      'rbl/inconclusive',
      'rbl/not-verified',
    ]);
  });

  const other = '203.0.113.6';
  const allow = list({ kind: 'allow' });
  const domain = list({ kind: 'domain' });
  const unseen = (subject: string) => ['rbl/inconclusive', subject];
  test.each<[string, Seen, unknown[]]>([
    ['a clean list beside it is enough', { results: [result({ kind: 'clean' }), result(unverified)] }, []],
    ['so is a listing', { results: [result(listed([code('policy')])), result(unverified)] }, []],
    [
      'but not for another address',
      { results: [result({ kind: 'clean' }), result(unverified, list(), other)], ips: [ip, other] },
      [unseen(other)],
    ],
    ['nor an allow list', { results: [result({ kind: 'clean' }, allow), result(unverified)] }, [unseen(ip)]],
    ['only lists of names were chosen', { asked: [domain] }, []],
    ['only an allow list was chosen', { asked: [allow] }, []],
    ['lists of both kinds were chosen', { asked: [domain, list()] }, [unseen(ip)]],
    ['no list was chosen', { asked: [] }, [unseen(ip)]],
    ['and no address given', { asked: [], ips: [] }, []],
  ])('an address is unchecked unless a list worked for it: %s', (_, seen, expected) => {
    const found = blind(seen).filter(({ code }) => code !== 'rbl/not-verified');
    expect(found.map(({ code, subject }) => [code, subject])).toEqual(expected);
  });

  test('no chosen list carries the address', () => {
    expect(blind({ asked: [list()] })).toMatchObject([{ evidence: { reason: 'no-list-carries', ip } }]);
  });

  test.each([
    ['refusal', refused(), 'rbl/query-refused'],
    ['silence', failed, 'rbl/inconclusive'],
  ])('without an address it is about the domain: %s', (_, outcome, code) => {
    const results = [{ ...result(outcome, domain, 'example.com'), answer: servfail }];
    expect(blind({ results, ips: [] })).toMatchObject([{ code, subject: 'example.com' }]);
  });

  const zoned = (zone: string, changes: Partial<AskedList> = {}): AskedList =>
    list({ zone, isNamed: false, ...changes });
  const key = (zone: string): AskedList => zoned(zone, { gates: true });
  const clean: ListOutcome = { kind: 'clean' };
  const missing: ListOutcome = { kind: 'broken', fault: 'no-test-entry', answers: [] };
  const rewritten: ListOutcome = { kind: 'broken', fault: 'outside-127', answers: ['198.18.0.7'] };

  describe('what a silent list weighs', () => {
    test.each<[string, ListResult, string]>([
      ['a list that gates', result(failed, key('b.example.net')), 'rbl/inconclusive'],
      ['a list that does not', result(failed, zoned('b.example.net')), 'rbl/not-asked'],
      [
        'one that does not, and that the user named',
        result(failed, list({ zone: 'b.example.net' })),
        'rbl/inconclusive',
      ],
      [
        'one that does not, and that answered in part',
        { ...result(failed, zoned('b.example.net')), isHeard: true },
        'rbl/inconclusive',
      ],
      ['an allow list that refuses', result(refused(), zoned('b.example.net', { kind: 'allow' })), 'rbl/not-asked'],
      [
        'an allow list that is broken, and that the user named',
        { ...result(rewritten, zoned('b.example.net', { kind: 'allow', isNamed: true })), isHeard: true },
        'rbl/not-asked',
      ],
    ])('%s', (_, silent, code) => {
      expect(blind({ results: [result(clean, key('a.example.net')), silent] }).map((found) => found.code)).toEqual([
        code,
      ]);
    });

    test('a list that does not gate is needed where no other answers', () => {
      const results = [result(failed, zoned('a.example.net')), result(refused(), zoned('b.example.net'))];
      expect(blind({ results }).map((found) => found.code)).toEqual(['rbl/query-refused', 'rbl/inconclusive']);
    });
  });

  describe('a cause that all lists have in common is one finding', () => {
    const all = (outcome: ListOutcome, ...others: ListResult[]): ListResult[] => [
      ...['a', 'b', 'c'].map((letter) => result(outcome, zoned(`${letter}.example.net`))),
      ...others,
    ];
    const allow = result(refused(), zoned('allow.example.net', { kind: 'allow' }));
    test.each<[string, Seen, object]>([
      ['the entries are missing', { results: all(missing) }, { reason: 'answers-removed', isSeen: false }],
      [
        'the entries are missing, and their texts are there',
        { results: all(missing, allow), hasEntryText: true },
        { reason: 'answers-removed', isSeen: true },
      ],
      [
        'every lookup fails, and the texts of the entries are there',
        { results: all(failed), hasEntryText: true },
        { reason: 'answers-removed', isSeen: true },
      ],
      ['every lookup fails', { results: all(failed) }, { reason: 'all-fail', status: 'servfail' }],
      [
        'the answers are no lists’',
        { results: all(rewritten) },
        { reason: 'answers-rewritten', answers: ['198.18.0.7'] },
      ],
      [
        'one list is out of service besides',
        { results: all(missing, result(failed, zoned('d.example.net'))) },
        { reason: 'answers-removed', lists: ['a', 'b', 'c', 'd'].map((letter) => `${letter}.example.net`) },
      ],
      [
        'the silence of another cannot be verified',
        { results: all(missing, result(unverified, zoned('d.example.net'))) },
        { reason: 'answers-removed', lists: ['a', 'b', 'c', 'd'].map((letter) => `${letter}.example.net`) },
      ],
    ])('%s', (_, seen, evidence) => {
      expect(blind(seen)).toMatchObject([{ code: 'rbl/inconclusive', evidence }]);
    });

    test('no cause is told where one list answers', () => {
      const found = blind({ results: all(missing, result(clean, zoned('d.example.net'))) });
      expect(found.map(({ code }) => code)).toEqual(['rbl/not-asked']);
    });
  });
});

test.each<[AskedResolver['kind'], string | null, boolean, string]>([
  ['public', 'Quad9', true, '192.0.2.53#53 (Quad9, a public resolver)'],
  [
    'provider',
    'Example’s resolver',
    true,
    '192.0.2.53#53 (Example’s resolver, shared by the customers of the hosting provider)',
  ],
  ['stub', 'a forwarder', false, '192.0.2.53#53 (a forwarder, which forwards to an unknown resolver) (not confirmed)'],
  ['own', null, true, '192.0.2.53#53'],
  [null, null, true, '192.0.2.53#53'],
])('a resolver of the kind %s says what it does with questions', (kind, sharedBy, confirmed, text) => {
  expect(resolversText([{ server: '192.0.2.53#53', sharedBy, kind, confirmed }])).toBe(text);
});

describe('the step that can help, when lists refuse', () => {
  const resolver = (kind: AskedResolver['kind']): AskedResolver[] => [
    { server: '192.0.2.53#53', sharedBy: null, kind, confirmed: true },
  ];
  const row = { zone: 'bl.example.net', reason: null, needsKey: false, variable: null, keyedBy: null, lookup: null };
  const keyed = { ...row, variable: 'EXAMPLE_KEY' };
  const direct = (fault: DirectFault) => [{ fault, zones: ['bl.example.net'] }];
  const KEY = 'Get a free key from the list and put it into the environment variable EXAMPLE_KEY.';
  const OR_KEY = KEY.replace('Get', 'Or get');
  const OWN = 'Use your own recursive resolver, such as unbound on this machine.';
  const PORT =
    'Allow this machine to send DNS queries to any server (UDP and TCP port 53), or run the check from another network.';
  const ELSEWHERE =
    'Run the check from another network, or look the address up on the website of the list (bl.example.net).';
  test.each<[string, Parameters<typeof fixOfRefusal>[0], string]>([
    [
      'a public resolver alone',
      { lists: [keyed], resolvers: resolver('public'), direct: direct('not-found') },
      `${OWN} ${OR_KEY}`,
    ],
    [
      'a forwarder',
      { lists: [row], resolvers: resolver('stub'), direct: direct('not-found') },
      'Use your own recursive resolver, such as unbound. The current resolver only forwards queries.',
    ],
    ['a resolver of one’s own', { lists: [keyed], resolvers: resolver('own'), direct: direct('not-found') }, KEY],
    [
      'the name servers refuse as well',
      { lists: [keyed], resolvers: resolver('public'), direct: direct('refused') },
      KEY,
    ],
    [
      'they refuse, and there is no key',
      { lists: [row], resolvers: resolver('public'), direct: direct('refused') },
      ELSEWHERE,
    ],
    [
      'they do not answer',
      { lists: [keyed], resolvers: resolver('own'), direct: direct('silent') },
      `${PORT} ${OR_KEY}`,
    ],
    ['another server answers', { lists: [row], resolvers: resolver(null), direct: direct('not-authoritative') }, PORT],
    [
      'they were not asked',
      { lists: [keyed], resolvers: resolver('public'), direct: direct('off') },
      `Run the check again without --no-lists-direct. ${OR_KEY}`,
    ],
    [
      'a key is in use',
      { lists: [{ ...row, keyedBy: 'EXAMPLE_KEY' }], resolvers: resolver('own'), direct: [] },
      'Check the key in EXAMPLE_KEY: it may be wrong or used up.',
    ],
    [
      'a list for users with a key',
      { lists: [{ ...keyed, needsKey: true }], resolvers: resolver('public'), direct: [] },
      KEY,
    ],
    [
      'a list for registered users without a key by DNS',
      { lists: [{ ...row, needsKey: true }], resolvers: resolver('public'), direct: [] },
      'Choose other lists with --dnsbl, because these answer only registered users.',
    ],
  ])('%s', (_, evidence, summary) => {
    expect(fixOfRefusal(evidence, target()).summary).toBe(summary);
  });
});
