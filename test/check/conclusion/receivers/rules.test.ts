/** Tests the rules of the data: each is reached by its causes, and silence about a serious fault is not acceptance. */
import { describe, expect, test } from 'vitest';
import { isBlind, predict, type Volume } from '../../../../src/check/conclusion/receivers/predict.ts';
import { codes, rules, specOf } from '../../../../src/check/rules/index.ts';
import { allReceivers } from '../../../../src/knowledge/receivers/catalogue.ts';
import { CAUSES, type Cause, type CauseName, SERIOUS_FAULTS } from '../../../../src/knowledge/receivers/causes.ts';
import type { Receiver } from '../../../../src/knowledge/receivers/schema.ts';
import { NOW } from '../../../world/clock.ts';
import { resultsWith } from '../../../world/results.ts';
import { answerOf, answers, byOutcome, type Given, v4, v6, zen } from './given.ts';

/** Every code of a finding that can be the cause, as findings about an address. */
function findingsOf(name: CauseName, { about }: typeof v4): Given[] {
  const { zones = ['bl.example'] }: Cause = CAUSES[name];
  return codes
    .filter((code) => specOf(code)?.causes?.includes(name))
    .map((code) => ({ code, severity: 'warning' as const, about: { ...about, zone: zones[0] ?? '' } }));
}

/**
 * Ways to meet a condition over IPv4 and over IPv6: each finding of each group, with the first finding of every other
 * group.
 */
function waysToMeet(condition: readonly (readonly CauseName[])[]): Given[][] {
  return [v4, v6].flatMap((address) => {
    const groups = condition.map((names) => names.flatMap((name) => findingsOf(name, address)));
    return groups.flatMap((group, index) =>
      group.map((finding) => groups.flatMap((other, place) => (place === index ? [finding] : other.slice(0, 1)))),
    );
  });
}

describe('receivers: silence is not acceptance', () => {
  test.each(SERIOUS_FAULTS)('$says', ({ when, says }) => {
    const ways = waysToMeet(when);
    expect(ways.length).toBeGreaterThan(0);
    for (const given of ways) {
      for (const volume of ['low', 'bulk'] as const) {
        expect(byOutcome(given, volume).accepts).toBeUndefined();
        const silent = answers(given, volume).filter(({ because }) => because.startsWith('no published rule'));
        for (const { outcome, because, causes, confirmed, severity } of silent) {
          expect({ outcome, confirmed, severity }).toEqual({ outcome: 'unknown', confirmed: true, severity: null });
          expect(because).toContain(says);
          expect(given.map(({ code }) => code)).toEqual(expect.arrayContaining(causes));
        }
      }
    }
  });

  test('the text says for which case the receiver publishes nothing', () => {
    const noPtr = [{ code: 'ptr/missing', ...v4 }];
    expect(answerOf('qq', noPtr)?.because).toBe('no published rule about a missing or unconfirmed PTR record');
    expect(answerOf('microsoft-365', noPtr)?.because).toBe(
      'no published rule about a missing or unconfirmed PTR record over IPv4',
    );
    const all = [...noPtr, { code: 'rbl/listed', ...zen }, { code: 'open-relay/open', ...v4 }];
    expect(answerOf('qq', all)?.because).toBe(
      'no published rule about a missing or unconfirmed PTR record, Spamhaus SBL and XBL or open relays',
    );
    expect(answerOf('qq', all)?.causes).toEqual(['ptr/missing', 'rbl/listed', 'open-relay/open']);
  });

  test('a rule for bulk senders only says nothing about a sender of low volume', () => {
    const [row] = allReceivers;
    const because = 'requires a PTR record from bulk senders';
    const rule: Receiver['rules'][number] = {
      outcome: 'refuses',
      volume: 'bulk',
      when: [['no-ptr']],
      because,
      reply: null,
    };
    const rows = row === undefined ? [] : [{ ...row, rules: [rule] }];
    const textAt = (volume: Volume) =>
      predict(resultsWith([{ code: 'ptr/missing', ...v4 }]), { volume, now: NOW, families: [4] }, rows).map(
        (answer) => answer.because,
      );
    expect(textAt('low')).toEqual(['no published rule about a missing or unconfirmed PTR record at low volume']);
    expect(textAt('bulk')).toEqual([because]);
  });

  test('a rule for bulk senders over IPv6 says nothing about a sender of low volume over IPv6', () => {
    const [row] = allReceivers;
    const rule: Receiver['rules'][number] = {
      outcome: 'refuses',
      volume: 'bulk',
      family: 6,
      when: [['no-ptr']],
      because: 'requires a PTR record from bulk senders over IPv6',
      reply: null,
    };
    const rows = row === undefined ? [] : [{ ...row, rules: [rule] }];
    const textAt = (volume: Volume, address: typeof v4, family: 4 | 6) =>
      predict(resultsWith([{ code: 'ptr/missing', ...address }]), { volume, now: NOW, families: [family] }, rows).map(
        (answer) => answer.because,
      );
    const silent = 'no published rule about a missing or unconfirmed PTR record';
    expect(textAt('low', v6, 6)).toEqual([`${silent} at low volume`]);
    expect(textAt('bulk', v4, 4)).toEqual([`${silent} over IPv4`]);
    expect(textAt('bulk', v6, 6)).toEqual([rule.because]);
  });

  test.each(['dns/ip-not-public', 'egress/source-mismatch'])('no receiver accepts after %s', (code) => {
    const given = [{ code, severity: 'warning' as const }];
    const [answer, ...others] = answers(given);
    expect(answer).toMatchObject({
      outcome: 'unknown',
      because: 'sees another address than the tested one',
      causes: [code],
      severity: null,
      confirmed: true,
    });
    expect(new Set(others.map(({ because }) => because))).toEqual(new Set([answer?.because]));
    expect(byOutcome([...given, { code: 'spf/missing' }, { code: 'dkim/none-exist' }]).refuses).toContain('gmail');
  });

  test.each([
    ['ptr', 'qq'],
    ['rbl', 'qq'],
    ['ptr', 'laposte'],
  ])('if %s was not checked, the answer of %s is unknown', (skipped, id) => {
    const answer = answerOf(id, [], 'low', [skipped]);
    expect(answer).toMatchObject({ outcome: 'unknown', because: `not checked: ${skipped}`, causes: [] });
    expect(answer && isBlind(answer)).toBe(true);
  });
});

test('receivers: the checks that an answer waits for are named in the order of the report', () => {
  const texts = ['gmail', 'apple', 'qq'].map((id) => answerOf(id, [], 'low', ['rbl', 'spf', 'ptr', 'helo'])?.because);
  expect(texts).toEqual([
    'not checked: ptr, spf, rbl',
    'not checked: ptr, helo, spf, rbl',
    'not checked: ptr, spf, rbl',
  ]);
});

describe('receivers: the rules of the data', () => {
  test('every cause is the cause of some finding, and of the rule of some receiver', () => {
    const had = new Set(rules.flatMap(({ findings }) => Object.values(findings).flatMap(({ causes = [] }) => causes)));
    expect([...had].sort()).toEqual(Object.keys(CAUSES).sort());
    const used = new Set(allReceivers.flatMap((receiver) => receiver.rules.flatMap(({ when }) => when.flat())));
    // Whatever the rules of a receiver are, they are about the address that it sees.
    expect([...used, 'other-source'].sort()).toEqual(Object.keys(CAUSES).sort());
  });

  test('a receiver that may reject is not said to reject', () => {
    for (const receiver of allReceivers) {
      const certain = receiver.rules.filter(({ outcome }) => outcome !== 'degrades');
      for (const { because } of certain) expect(because).not.toMatch(/\bmay\b/);
    }
  });

  test('no two rules of a receiver have the same text', () => {
    for (const receiver of allReceivers) {
      const texts = receiver.rules.map(({ because }) => because);
      expect(texts).toEqual([...new Set(texts)]);
    }
  });

  const everyRule = allReceivers.flatMap(({ id, rules: all }) => all.map((rule) => [id, rule.because, rule] as const));

  test.each(everyRule)(
    '%s: "%s" is reached by each of its causes',
    (id, _, { when, volume, because, outcome, family }) => {
      const target = volume === 'bulk' ? 'bulk' : 'low';
      for (const name of new Set(when.flat())) {
        const ways = waysToMeet(when.map((group) => (group.includes(name) ? [name] : group)));
        const deciding = ways.filter((given) => answerOf(id, given, target)?.because === because);
        expect(deciding.length, name).toBeGreaterThan(0);
        for (const given of deciding) {
          expect(answerOf(id, given, target)?.outcome).toBe(outcome);
          if (family !== undefined)
            expect(given.some(({ about }) => about?.ip?.includes(':') === (family === 6))).toBe(true);
        }
      }
    },
  );
});
