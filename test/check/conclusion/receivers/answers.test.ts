/** What the answer of an asked receiver follows from, and whether it took the mail. */
import { expect, test } from 'vitest';
import { withCauses } from '../../../../src/check/conclusion/receivers/answers.ts';
import { isSaid, isTaken } from '../../../../src/report/receiver-counts.ts';
import { findingOf, resultOf } from '../../../world/results.ts';

const answer = findingOf({ code: 'receiver/refuses-now', faults: ['listed-spamhaus'] });
const listedOn = (zone: string) => resultOf('rbl', [findingOf({ code: 'rbl/listed', about: { zone } })]);

const causesOf = (zone: string) =>
  withCauses([listedOn(zone), resultOf('asked', [answer])]).flatMap(({ findings }) =>
    findings.flatMap(({ causes = [] }) => causes),
  );

test('a reply that names Spamhaus follows from a listing there, and from no other list', () => {
  expect(causesOf('zen.spamhaus.org')).toEqual(['rbl/listed']);
  expect(causesOf('bl.spamcop.net')).toEqual([]);
});

test('a receiver took the mail only if it said so to MAIL FROM', () => {
  expect(isTaken({ stage: 'mail-from', code: 250 })).toBe(true);
  expect(isTaken({ stage: 'mail-from', code: 450 })).toBe(false);
  // A greeting with a code of success that is not 220 is no greeting (RFC 5321 §4.3.2).
  const asked = { ip: '203.0.113.5', at: '2026-11-30T00:00:00.000Z', stage: 'greeting', code: 250 } as const;
  expect(isTaken(asked)).toBe(false);
  expect(isSaid({ asked })).toBe(true);
  expect(isSaid({})).toBe(false);
});
