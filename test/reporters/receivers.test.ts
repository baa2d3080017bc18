/** Tests the rows of the receivers' table: who shares a row, in which words, and that those that accept are counted. */
import { expect, test } from 'vitest';
import type { ReceiverResult } from '../../src/report/status.ts';
import { receiverTable } from '../../src/reporters/receivers.ts';
import { reportOf } from '../world/results.ts';

const answer = (name: string, given: Partial<ReceiverResult> = {}): ReceiverResult => ({
  id: name.toLowerCase(),
  name,
  outcome: 'accepts',
  because: 'none of its published rules is broken',
  causes: [],
  severity: null,
  confirmed: true,
  reply: null,
  replyConfirmed: null,
  notCheckable: [],
  source: 'https://www.example.net/',
  ...given,
});

const rowsOf = (...receivers: ReceiverResult[]) => receiverTable(reportOf([], { receivers }));

const rejects: Partial<ReceiverResult> = {
  outcome: 'refuses',
  because: 'requires a PTR record',
  causes: ['ptr/missing'],
};
const silent: Partial<ReceiverResult> = {
  outcome: 'unknown',
  because: 'no published rule about it',
  causes: ['ptr/missing'],
};

test('receivers: one row for each answer, rejections first, with the number of those that accept', () => {
  expect(
    rowsOf(
      answer('Alpha'),
      answer('Beta', silent),
      answer('Gamma', { outcome: 'degrades', because: 'asks for DKIM' }),
      answer('Delta', rejects),
      answer('Epsilon', { outcome: 'defers', because: 'requires a HELO name' }),
      answer('Zeta', { confirmed: false }),
    ),
  ).toEqual([
    { status: 'fail', word: 'reject', text: 'Delta: requires a PTR record (ptr/missing)', quote: null },
    { status: 'fail', word: 'defer', text: 'Epsilon: requires a HELO name', quote: null },
    { status: 'warn', word: 'spam risk', text: 'Gamma: asks for DKIM', quote: null },
    { status: 'inconclusive', word: 'unknown', text: 'Beta: no published rule about it (ptr/missing)', quote: null },
    { status: 'pass', word: 'accept', text: '2 of 6: Alpha, Zeta (not confirmed)', quote: null },
  ]);
});

test('receivers: the same answer for the same reason shares a row, another reply does not', () => {
  const texts = rowsOf(
    answer('Alpha', rejects),
    answer('Beta', { ...rejects, reply: '550 No', replyConfirmed: true }),
    answer('Gamma', { ...rejects, confirmed: false }),
    answer('Delta', silent),
    answer('Epsilon', { ...silent, because: 'not checked: rbl', causes: [] }),
    answer('Zeta', silent),
  ).map(({ text, quote }) => (quote === null ? text : `${text} ${quote}`));
  expect(texts).toEqual([
    'Alpha, Gamma (not confirmed): requires a PTR record (ptr/missing)',
    'Beta: requires a PTR record (ptr/missing) "550 No"',
    'Delta, Zeta: no published rule about it (ptr/missing)',
    'Epsilon: not checked: rbl',
  ]);
});

test('receivers: several that are not confirmed are marked once in a row', () => {
  const old = { confirmed: false };
  const texts = rowsOf(
    answer('Alpha (One)', old),
    answer('Beta'),
    answer('Gamma', old),
    answer('Delta (Two)', { ...rejects, ...old }),
    answer('Epsilon', { ...rejects, ...old }),
  ).map(({ text }) => text);
  expect(texts).toEqual([
    'Delta (Two), Epsilon: requires a PTR record (ptr/missing); not confirmed: Delta, Epsilon',
    '3 of 5: Alpha (One), Beta, Gamma; not confirmed: Alpha, Gamma',
  ]);
});

test('receivers: no rows without receivers', () => {
  expect(rowsOf()).toEqual([]);
});
