/** Tests the count of the receivers' predicted answers. */
import { expect, test } from 'vitest';
import { type ReceiverCounts, receiverCounts } from '../../src/report/receiver-counts.ts';
import type { ReceiverResult } from '../../src/report/status.ts';

const none: ReceiverCounts = { refuses: 0, defers: 0, degrades: 0, unknown: 0, accepts: 0, total: 0 };

const cases: [name: string, outcomes: ReceiverResult['outcome'][], expected: Partial<ReceiverCounts>][] = [
  ['no receiver', [], {}],
  [
    'one of each',
    ['refuses', 'defers', 'degrades', 'unknown', 'accepts'],
    {
      refuses: 1,
      defers: 1,
      degrades: 1,
      unknown: 1,
      accepts: 1,
      total: 5,
    },
  ],
  ['several of one kind', ['refuses', 'accepts', 'refuses'], { refuses: 2, accepts: 1, total: 3 }],
];

test.each(cases)('receiver counts: %s', (_, outcomes, expected) => {
  expect(receiverCounts(outcomes.map((outcome) => ({ outcome })))).toEqual({ ...none, ...expected });
});
