/** Tests the predicted answers of receivers: each rule of a receiver is met by its causes and by nothing less. */
import { describe, expect, test } from 'vitest';
import { predict, type Volume } from '../../../../src/check/conclusion/receivers/predict.ts';
import { codes, rules, specOf } from '../../../../src/check/rules/index.ts';
import { allReceivers } from '../../../../src/knowledge/receivers/catalogue.ts';
import { CAUSES } from '../../../../src/knowledge/receivers/causes.ts';
import { NOW } from '../../../world/clock.ts';
import { type GivenFinding, resultsWith } from '../../../world/results.ts';

type Given = GivenFinding;

const outcomes = (given: readonly Given[], volume: Volume = 'low', skipped: readonly string[] = []) =>
  Object.fromEntries(predict(resultsWith(given, skipped), volume, NOW).map(({ id, outcome }) => [id, outcome]));

const zen = { about: { ip: '203.0.113.5', zone: 'zen.spamhaus.org' } };

test('receivers: the list, in the order of the report', () => {
  expect(allReceivers.map(({ id }) => id)).toEqual([
    'gmail',
    'microsoft',
    'yahoo',
    'apple',
    'gmx',
    't-online',
    'laposte',
    'comcast',
    'postfix',
  ]);
});

test('receivers: every cause is the cause of some finding', () => {
  const had = new Set(rules.flatMap(({ findings }) => Object.values(findings).flatMap(({ causes = [] }) => causes)));
  expect([...had].sort()).toEqual(Object.keys(CAUSES).sort());
});

test('receivers: without a finding, all accept except T-Online, which rejects unknown addresses', () => {
  const { 't-online': stranger, ...others } = outcomes([]);
  expect(stranger).toBe('unknown');
  expect(new Set(Object.values(others))).toEqual(new Set(['accepts']));
  expect(predict(resultsWith([]), 'low', NOW).find(({ id }) => id === 't-online')?.because).toContain(
    'tobr@rx.t-online.de',
  );
});

const cases: [name: string, given: Given[], volume: Volume, expected: Record<string, string>][] = [
  [
    'no PTR',
    [{ code: 'ptr/missing' }],
    'low',
    { gmail: 'refuses', comcast: 'defers', apple: 'degrades', laposte: 'accepts' },
  ],
  ['no SPF, but DKIM', [{ code: 'spf/missing' }], 'low', { gmail: 'accepts', laposte: 'accepts', gmx: 'accepts' }],
  ['no SPF, but DKIM, in bulk', [{ code: 'spf/missing' }], 'bulk', { gmail: 'refuses', microsoft: 'refuses' }],
  [
    'neither SPF nor DKIM',
    [{ code: 'spf/missing' }, { code: 'dkim/none-exist' }],
    'low',
    { gmail: 'refuses', microsoft: 'degrades', laposte: 'degrades', gmx: 'refuses' },
  ],
  ['no DMARC', [{ code: 'dmarc/missing' }], 'low', { gmail: 'accepts', microsoft: 'accepts', yahoo: 'accepts' }],
  [
    'no DMARC, in bulk',
    [{ code: 'dmarc/missing' }],
    'bulk',
    { gmail: 'refuses', microsoft: 'refuses', yahoo: 'refuses' },
  ],
  [
    'listed by Spamhaus',
    [{ code: 'rbl/listed', ...zen }],
    'low',
    { yahoo: 'refuses', comcast: 'refuses', gmail: 'accepts' },
  ],
  [
    'listed elsewhere',
    [{ code: 'rbl/listed', about: { ip: '203.0.113.5', zone: 'bl.example' } }],
    'low',
    { yahoo: 'accepts', gmx: 'refuses' },
  ],
  ['a default PTR name', [{ code: 'ptr/generic', severity: 'warning' }], 'low', { gmx: 'refuses', gmail: 'accepts' }],
  ['a default PTR name as info is no cause', [{ code: 'ptr/generic', severity: 'info' }], 'low', { gmx: 'accepts' }],
  ['an invalid HELO name', [{ code: 'helo/not-fqdn' }], 'low', { postfix: 'refuses', gmail: 'accepts' }],
  [
    'PTR unknown',
    [{ code: 'ptr/inconclusive', severity: 'inconclusive' }],
    'low',
    { gmail: 'unknown', laposte: 'accepts' },
  ],
  [
    'DKIM unknown, but SPF is enough',
    [{ code: 'dkim/selector-unknown', severity: 'inconclusive' }],
    'low',
    { gmail: 'accepts', gmx: 'unknown' },
  ],
  [
    'DKIM unknown, and SPF missing',
    [{ code: 'spf/missing' }, { code: 'dkim/selector-unknown', severity: 'inconclusive' }],
    'low',
    { gmail: 'unknown', laposte: 'unknown' },
  ],
];

test.each(cases)('receivers: %s', (_, given, volume, expected) => {
  expect(outcomes(given, volume)).toMatchObject(expected);
});

describe('receivers: the answer is unknown', () => {
  test('if a check was not made', () => {
    expect(outcomes([], 'low', ['ptr'])).toMatchObject({ gmail: 'unknown', postfix: 'unknown', laposte: 'accepts' });
  });
});

describe('receivers: data is confirmed by its age', () => {
  const YEAR_MS = 365 * 86_400_000;
  const gmailAt = (now: number, given: readonly Given[], volume: Volume = 'low') =>
    predict(resultsWith(given), volume, now).find(({ id }) => id === 'gmail');

  test.each([
    ['recent data', NOW, true],
    ['data of three years ago', NOW + 3 * YEAR_MS, false],
  ])('%s', (_, now, confirmed) => {
    expect(gmailAt(now, [])).toMatchObject({ outcome: 'accepts', confirmed, replyConfirmed: null });
    const given = [{ code: 'dmarc/missing' }];
    expect(gmailAt(now, given, 'bulk')).toMatchObject({ reply: '550-5.7.40', confirmed, replyConfirmed: confirmed });
  });

  test('an answer that quotes no rule is not marked', () => {
    const blind = predict(resultsWith([], ['rbl', 'ptr']), 'low', NOW).find(({ id }) => id === 'comcast');
    expect(blind).toMatchObject({ outcome: 'unknown', confirmed: true });
  });
});

describe('receivers: replies', () => {
  test('a reply that was seen in no source is not quoted', () => {
    const unseen = allReceivers.flatMap(({ rules: rows }) =>
      rows.flatMap(({ reply }) => (reply?.provenance === 'none' ? [reply.text] : [])),
    );
    expect(unseen.length).toBeGreaterThan(0);
    const everything = codes.filter((code) => specOf(code)?.causes !== undefined).map((code) => ({ code, ...zen }));
    const one = everything.map((given) => predict(resultsWith([given]), 'bulk', NOW));
    const quoted = one.flat().map(({ reply }) => reply);
    expect(quoted.filter((reply) => reply !== null && unseen.includes(reply))).toEqual([]);
    expect(quoted).toContain('421 Reverse DNS failure: try again later');
  });
});

test('receivers: the answer is as severe as its cause', () => {
  const gmx = (given: Given) => predict(resultsWith([given]), 'low', NOW).find(({ id }) => id === 'gmx');
  expect(gmx({ code: 'ptr/missing' })?.severity).toBe('error');
  expect(gmx({ code: 'ptr/generic', severity: 'warning' })?.severity).toBe('warning');
});
