/** Tests the predicted answers of receivers: what each of them answers to a host with a fault. */
import { describe, expect, test } from 'vitest';
import { predict, type Volume } from '../../../../src/check/conclusion/receivers/predict.ts';
import { allReceivers } from '../../../../src/knowledge/receivers/catalogue.ts';
import type { IpFamily } from '../../../../src/network/ip.ts';
import { NOW } from '../../../world/clock.ts';
import { findingOf, resultsWith } from '../../../world/results.ts';
import { answerOf, answers, byOutcome, domainOn, type Given, type Outcome, onList, v4, v6, zen } from './given.ts';

const ALL = [
  'gmail',
  'microsoft-365',
  'microsoft',
  'yahoo',
  'apple',
  'qq',
  'mail-ru',
  'yandex',
  'gmx',
  't-online',
  'orange',
  'spectrum',
  'laposte',
  'free',
  'proximus',
  'business-gateways',
  'postfix',
];

test('receivers: the list, in the order of the report', () => {
  expect(allReceivers.map(({ id }) => id)).toEqual(ALL);
});

/**
 * What every receiver answers to a host with these faults. `accepts` are those that are named nowhere else. T-Online
 * rejects addresses that it does not know, so that it never accepts one beforehand.
 */
const cases: [
  name: string,
  given: Given[],
  volume: Volume,
  expected: Partial<Record<Exclude<Outcome, 'accepts'>, string[]>>,
][] = [
  ['everything is right', [], 'low', { unknown: ['t-online'] }],
  ['everything is right, in bulk', [], 'bulk', { unknown: ['t-online'] }],
  [
    'a fresh IPv4 address without a PTR record',
    [{ code: 'ptr/missing', ...v4 }],
    'low',
    {
      refuses: ['gmail', 'microsoft', 'yahoo', 'gmx', 't-online', 'orange', 'spectrum', 'laposte', 'proximus'],
      defers: ['free', 'postfix'],
      degrades: ['apple'],
      unknown: ['microsoft-365', 'qq', 'mail-ru', 'yandex', 'business-gateways'],
    },
  ],
  [
    'an IPv6 address without a PTR record',
    [{ code: 'ptr/missing', ...v6 }],
    'low',
    {
      refuses: ['gmail', 'microsoft-365', 'microsoft', 'yahoo', 'gmx', 't-online', 'orange', 'laposte', 'proximus'],
      defers: ['free', 'postfix'],
      degrades: ['apple'],
      unknown: ['qq', 'mail-ru', 'yandex', 'spectrum', 'business-gateways'],
    },
  ],
  [
    'no PTR record, in bulk: Apple rejects',
    [{ code: 'ptr/missing', ...v4 }],
    'bulk',
    {
      refuses: ['gmail', 'microsoft', 'yahoo', 'apple', 'gmx', 't-online', 'orange', 'spectrum', 'laposte', 'proximus'],
      defers: ['free', 'postfix'],
      unknown: ['microsoft-365', 'qq', 'mail-ru', 'yandex', 'business-gateways'],
    },
  ],
  [
    'a default PTR name',
    [{ code: 'ptr/generic', severity: 'warning', ...v4 }],
    'low',
    { refuses: ['gmx', 't-online'], degrades: ['apple'] },
  ],
  [
    'a default PTR name as info is no cause',
    [{ code: 'ptr/generic', severity: 'info', ...v4 }],
    'low',
    { unknown: ['t-online'] },
  ],
  [
    'the PTR name of an end-user line',
    [{ code: 'ptr/dynamic', ...v4 }],
    'low',
    {
      refuses: ['microsoft', 'gmx', 't-online', 'proximus'],
      degrades: ['apple'],
      unknown: [
        'gmail',
        'microsoft-365',
        'yahoo',
        'qq',
        'mail-ru',
        'yandex',
        'orange',
        'spectrum',
        'laposte',
        'free',
        'business-gateways',
        'postfix',
      ],
    },
  ],
  [
    'SPF ends in softfail, with DKIM',
    [{ code: 'spf/ip-not-authorized', ...v4, faults: ['no-spf'] }],
    'low',
    { refuses: ['orange'], degrades: ['apple'], unknown: ['t-online'] },
  ],
  [
    'SPF ends in fail, with DKIM',
    [{ code: 'spf/ip-not-authorized', ...v4 }],
    'low',
    {
      refuses: ['qq', 'orange', 'laposte', 'business-gateways'],
      degrades: ['gmail', 'microsoft-365', 'apple'],
      unknown: ['t-online'],
    },
  ],
  [
    'no SPF, but DKIM',
    [{ code: 'spf/missing' }],
    'low',
    { refuses: ['orange'], degrades: ['apple'], unknown: ['t-online'] },
  ],
  [
    'SPF, but no DKIM',
    [{ code: 'dkim/none-exist' }],
    'low',
    { refuses: ['gmx', 'orange'], degrades: ['apple'], unknown: ['t-online'] },
  ],
  [
    'neither SPF nor DKIM',
    [{ code: 'spf/missing' }, { code: 'dkim/none-exist' }],
    'low',
    {
      refuses: ['gmail', 'yahoo', 'apple', 'mail-ru', 'gmx', 'orange'],
      degrades: ['microsoft', 'yandex', 'laposte'],
      unknown: ['microsoft-365', 'qq', 't-online', 'spectrum', 'free', 'proximus', 'business-gateways', 'postfix'],
    },
  ],
  ['no DMARC', [{ code: 'dmarc/missing' }], 'low', { refuses: ['orange'], unknown: ['t-online'] }],
  [
    'no DMARC, in bulk: Microsoft uses the spam folder first',
    [{ code: 'dmarc/missing' }],
    'bulk',
    { refuses: ['gmail', 'yahoo', 'apple', 'orange'], degrades: ['microsoft'], unknown: ['t-online'] },
  ],
  [
    'on Spamhaus SBL or XBL',
    [{ code: 'rbl/listed', ...zen }],
    'low',
    {
      refuses: ['microsoft', 'yahoo', 'apple', 'gmx', 'spectrum', 'laposte', 'free', 'business-gateways', 'postfix'],
      degrades: ['gmail', 'orange'],
      unknown: ['microsoft-365', 'qq', 'mail-ru', 'yandex', 't-online', 'proximus'],
    },
  ],
  [
    'on Spamhaus SBL with its network',
    [{ code: 'rbl/block-listed', ...zen }],
    'low',
    {
      refuses: ['microsoft', 'yahoo', 'apple', 'gmx', 'spectrum', 'laposte', 'free', 'business-gateways', 'postfix'],
      degrades: ['gmail', 'orange'],
      unknown: ['microsoft-365', 'qq', 'mail-ru', 'yandex', 't-online', 'proximus'],
    },
  ],
  [
    'on Spamhaus PBL',
    [{ code: 'rbl/listed-policy', ...zen }],
    'low',
    {
      refuses: ['microsoft', 'yahoo', 'gmx', 'spectrum', 'laposte', 'business-gateways', 'postfix'],
      degrades: ['gmail', 'orange'],
      unknown: ['microsoft-365', 'apple', 'qq', 'mail-ru', 'yandex', 't-online', 'free', 'proximus'],
    },
  ],
  [
    'on another list',
    [{ code: 'rbl/listed', ...onList('bl.example') }],
    'low',
    { refuses: ['gmx'], degrades: ['gmail'], unknown: ['t-online'] },
  ],
  [
    'the network is listed',
    [
      {
        code: 'rbl/block-listed',
        severity: 'warning',
        about: { network: '203.0.113.0/24', zone: 'bl.example' },
        faults: ['range-listed'],
      },
    ],
    'low',
    { degrades: ['microsoft'], unknown: ['t-online'] },
  ],
  [
    'the domain is on Spamhaus DBL',
    [{ code: 'rbl/domain-listed', ...domainOn('dbl.spamhaus.org') }],
    'low',
    { refuses: ['apple', 'gmx'], unknown: ALL.filter((id) => id !== 'apple' && id !== 'gmx') },
  ],
  [
    'the domain is on another list',
    [{ code: 'rbl/domain-listed', ...domainOn('multi.surbl.org') }],
    'low',
    { refuses: ['gmx'], unknown: ALL.filter((id) => id !== 'gmx') },
  ],
  [
    'an open relay',
    [{ code: 'open-relay/open', ...v4 }],
    'low',
    {
      refuses: ['microsoft', 'yahoo', 'proximus'],
      unknown: ALL.filter((id) => !['microsoft', 'yahoo', 'proximus'].includes(id)),
    },
  ],
  [
    'a null MX record',
    [{ code: 'mx/null-mx', severity: 'warning' }],
    'low',
    { refuses: ['gmx', 'postfix'], degrades: ['yahoo', 'orange', 'proximus'], unknown: ['t-online'] },
  ],
  [
    'neither MX nor address',
    [{ code: 'mx/no-address' }],
    'low',
    { refuses: ['gmx'], defers: ['postfix'], degrades: ['orange', 'proximus'], unknown: ['t-online'] },
  ],
  [
    'a real message without a signature',
    [{ code: 'dkim/message-unsigned' }],
    'low',
    { refuses: ['gmx', 'orange'], degrades: ['apple'], unknown: ['t-online'] },
  ],
  [
    'a real message with a valid signature of another domain',
    [{ code: 'dkim/message-not-aligned' }],
    'low',
    { refuses: ['gmx'], unknown: ['t-online'] },
  ],
  [
    'a HELO name that is no host name',
    [{ code: 'helo/not-fqdn', ...v4 }],
    'low',
    { refuses: ['gmx', 'orange', 'postfix'], unknown: ['t-online'] },
  ],
  [
    'a HELO name without an address',
    [{ code: 'helo/unresolvable', ...v4 }],
    'low',
    { refuses: ['orange'], defers: ['apple', 'postfix'], unknown: ['t-online'] },
  ],
  [
    'a domain that does not exist',
    [{ code: 'dns/domain-nonexistent' }],
    'low',
    { refuses: ALL.filter((id) => id !== 'apple' && id !== 'postfix'), defers: ['apple', 'postfix'] },
  ],
];

test.each(cases)('receivers: %s', (_, given, volume, expected) => {
  const named = new Set(Object.values(expected).flat());
  const accepts = ALL.filter((id) => !named.has(id));
  expect(byOutcome(given, volume)).toEqual({ ...expected, ...(accepts.length > 0 ? { accepts } : {}) });
});

describe('receivers: the answer is unknown', () => {
  const unseen = (code: string, given: Partial<Given> = {}): Given => ({ code, severity: 'inconclusive', ...given });

  test.each<[name: string, given: Given[], id: string, outcome: Outcome]>([
    ['PTR unknown', [unseen('ptr/inconclusive', v4)], 'gmail', 'unknown'],
    ['PTR of IPv4 unknown', [unseen('ptr/inconclusive', v4)], 'microsoft-365', 'unknown'],
    ['DKIM unknown, but SPF is enough', [unseen('dkim/selector-unknown')], 'gmail', 'accepts'],
    ['DKIM unknown, and it is the minimum', [unseen('dkim/selector-unknown')], 'gmx', 'unknown'],
    ['DKIM unknown, and SPF missing', [{ code: 'spf/missing' }, unseen('dkim/selector-unknown')], 'laposte', 'unknown'],
    ['lookup of MX failed', [unseen('mx/inconclusive')], 'yahoo', 'unknown'],
    [
      'an MX host was not reached, but its record was seen',
      [unseen('mx/inconclusive', { faults: [] })],
      'yahoo',
      'accepts',
    ],
    [
      'relaying not tested, for one that publishes a rule about open relays',
      [unseen('open-relay/inconclusive')],
      'microsoft',
      'unknown',
    ],
    ['relaying not tested, for one that does not', [unseen('open-relay/inconclusive')], 'gmail', 'accepts'],
  ])('%s', (_, given, id, outcome) => {
    expect(answerOf(id, given)?.outcome).toBe(outcome);
  });

  test('a lesser rule that is broken says the least where a harder one was not seen', () => {
    const given = [{ code: 'ptr/missing' }, unseen('rbl/inconclusive')];
    expect(answerOf('free', given)).toMatchObject({
      outcome: 'unknown',
      because: expect.stringMatching(/^not checked: rbl; at least deferred: requires a PTR record/),
      causes: [],
      severity: null,
    });
    expect(answerOf('free', [{ code: 'ptr/missing' }])?.outcome).toBe('defers');
  });
});

describe('receivers: the IP version of the tested addresses', () => {
  const IPV4_ONLY = 'accepts mail over IPv4 only (AUP#I-1260), and no IPv4 address was tested';
  const NEITHER = [{ code: 'spf/missing' }, { code: 'dkim/none-exist' }];
  const NOT_PUBLISHED = 'no published rule about mail that passes neither SPF nor DKIM over IPv4';
  const BROKEN_BY_NONE = 'none of its published rules is broken';

  test.each<[id: string, families: IpFamily[], given: Given[], outcome: Outcome, because: string]>([
    ['spectrum', [6], [], 'unknown', IPV4_ONLY],
    ['spectrum', [6], [{ code: 'ptr/missing', ...v6 }], 'unknown', IPV4_ONLY],
    ['spectrum', [4, 6], [{ code: 'ptr/missing', ...v6 }], 'accepts', BROKEN_BY_NONE],
    ['spectrum', [4, 6], [{ code: 'ptr/missing', ...v4 }], 'refuses', expect.stringMatching(/^requires a PTR/)],
    ['spectrum', [4], [{ code: 'dns/domain-nonexistent' }], 'refuses', expect.stringMatching(/^rejects mail from a/)],
    ['microsoft-365', [4], NEITHER, 'unknown', NOT_PUBLISHED],
    ['microsoft-365', [6], NEITHER, 'defers', 'requires SPF or DKIM to pass over IPv6'],
    ['microsoft-365', [4, 6], NEITHER, 'defers', 'requires SPF or DKIM to pass over IPv6'],
  ])('%s over IPv%j', (id, families, given, outcome, because) => {
    expect(answers(given, 'low', [], families).find((answer) => answer.id === id)).toMatchObject({ outcome, because });
  });
});

describe('receivers: data is confirmed by its age', () => {
  const YEAR_MS = 365 * 86_400_000;
  const at = (id: string, now: number, given: readonly Given[], volume: Volume = 'low') =>
    predict(resultsWith(given), { volume, now, families: [4] }).find((answer) => answer.id === id);

  test.each([
    ['recent data', NOW, true],
    ['data of three years ago', NOW + 3 * YEAR_MS, false],
  ])('%s', (_, now, confirmed) => {
    expect(at('gmail', now, [])).toMatchObject({ outcome: 'accepts', confirmed, replyConfirmed: null });
    const answer = at('gmail', now, [{ code: 'dmarc/missing' }], 'bulk');
    expect(answer).toMatchObject({ confirmed, replyConfirmed: confirmed });
    expect(answer?.reply).toMatch(/^550-5\.7\.40 /);
  });

  test('a rule that rests on another source than its row has the date and the source of that', () => {
    const row = allReceivers.find(({ id }) => id === 'free');
    expect(at('free', NOW, [])).toMatchObject({ confirmed: false, source: row?.source });
    const answer = at('free', NOW, [{ code: 'ptr/missing', ...v4 }]);
    expect(answer).toMatchObject({ outcome: 'defers', confirmed: true, replyConfirmed: true });
    expect(answer?.source).toContain('github.com/osm-fr');
    expect(at('gmail', NOW, [{ code: 'dns/domain-nonexistent' }])).toMatchObject({
      outcome: 'refuses',
      confirmed: false,
    });
  });

  test('a rule and its reply age by themselves', () => {
    const noPtr = [{ code: 'ptr/missing', ...v4 }];
    expect(at('gmx', NOW, noPtr)).toMatchObject({ confirmed: true, replyConfirmed: true });
    expect(at('gmx', NOW + YEAR_MS, noPtr)).toMatchObject({ confirmed: true, replyConfirmed: false });
  });

  test('a rule and a reply of low confidence are not confirmed, whatever the confidence of the row', () => {
    const answer = at('apple', NOW, [{ code: 'helo/unresolvable', ...v4 }]);
    expect(answer).toMatchObject({ outcome: 'defers', confirmed: false, replyConfirmed: false });
    expect(at('apple', NOW, [])).toMatchObject({ outcome: 'accepts', confirmed: true });
  });

  test('an answer that quotes no rule is not marked', () => {
    expect(answerOf('free', [], 'low', ['rbl', 'ptr'])).toMatchObject({ outcome: 'unknown', confirmed: true });
  });
});

test('receivers: the answer is as severe as its cause', () => {
  const gmx = (given: Given) => answerOf('gmx', [findingOf(given)]);
  expect(gmx({ code: 'ptr/missing' })?.severity).toBe('error');
  expect(gmx({ code: 'ptr/generic', severity: 'warning' })?.severity).toBe('warning');
});
