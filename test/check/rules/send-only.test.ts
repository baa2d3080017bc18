import { expect, test } from 'vitest';
import type { Silence } from '../../../src/check/facts/silent-port.ts';
import { isAllTold, silenceWords } from '../../../src/check/rules/send-only.ts';
import { sendOnlyHint } from '../../../src/check/rules/send-only-hint.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';

const silent = (...kinds: Silence[]): ReadonlyMap<IpAddress, Silence> =>
  new Map(
    kinds.flatMap((kind, index) => {
      const ip = parseIp(`203.0.113.${index + 5}`);
      return ip === undefined ? [] : [[ip, kind] as const];
    }),
  );

test.each<[Silence[], boolean, string]>([
  [['closed', 'closed'], true, 'nothing listens on port 25, as expected with --send-only'],
  [['closed', 'no-answer'], true, 'port 25 does not answer, as expected with --send-only'],
  [
    ['closed', 'untold'],
    false,
    'it is not known whether anything listens on port 25 of 203.0.113.6: it does not answer, and this network may block the port',
  ],
  [
    ['untold', 'blocked', 'blocked'],
    false,
    'it is not known whether anything listens on port 25 of 203.0.113.6, 203.0.113.7: this network blocks the port',
  ],
])('send-only: %j is told as it was seen', (kinds, told, words) => {
  expect(silenceWords(silent(...kinds), 25)).toBe(words);
  expect(isAllTold(silent(...kinds))).toBe(told);
});

test('send-only: the hint is for addresses that the user typed, and not for MX hosts', () => {
  const target = { ...parseArguments('example.com', ['203.0.113.5']), selectors: [] };
  expect(sendOnlyHint(['203.0.113.5'], { ...target, ipSource: 'argument' })).toBe(
    ' If the host only sends, check it with --send-only.',
  );
  expect(sendOnlyHint(['203.0.113.6'], { ...target, ipSource: 'argument' })).toBe('');
  expect(sendOnlyHint(['203.0.113.5'], { ...target, ipSource: 'mx' })).toBe('');
});
