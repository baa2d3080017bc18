import { expect, test } from 'vitest';
import {
  correctStsRecord,
  idOf,
  isDiscarded,
  isStsRecord,
  parseStsRecord,
  stsNearMiss,
} from '../../../src/standards/mta-sts/record.ts';

const NOW = Date.UTC(2026, 10, 30, 1, 2, 3);

test.each([
  ['v=STSv1; id=1;', '1'],
  ['v=STSv1; id=1', '1'],
  ['v=STSv1;id=1', '1'],
  ['v=STSv1; \t id=20160831085700Z \t; ', '20160831085700Z'],
  ['v=STSv1; ext=1; id=a', 'a'],
  [`v=STSv1; id=${'a'.repeat(32)}; x-1_2.3=!"#$%&'()*+,-./:<>?@[\\]^_\`{|}~;`, 'a'.repeat(32)],
])('mta-sts: senders read %j', (text, id) => {
  expect(isStsRecord(text)).toBe(true);
  expect(parseStsRecord(text)).toEqual({ text, id, defects: [] });
});

test.each([
  ['v=STSv1;', [{ kind: 'no-id' }]],
  ['v=STSv1; ID=1', [{ kind: 'no-id' }]],
  ['v=STSv1; id=', [{ kind: 'bad-id', value: '' }]],
  ['v=STSv1; id=a-b', [{ kind: 'bad-id', value: 'a-b' }]],
  [`v=STSv1; id=${'a'.repeat(33)}`, [{ kind: 'bad-id', value: 'a'.repeat(33) }]],
  ['v=STSv1; id=1; id=1', [{ kind: 'several-ids' }]],
  ['v=STSv1; id=1;;', [{ kind: 'empty-field' }]],
  ['v=STSv1;; id=1', [{ kind: 'empty-field' }]],
  ['v=STSv1; id=1; test==', [{ kind: 'bad-field', text: 'test==' }]],
  ['v=STSv1; id=1; x', [{ kind: 'bad-field', text: 'x' }]],
  ['v=STSv1; id=1; _x=1', [{ kind: 'bad-field', text: '_x=1' }]],
  [`v=STSv1; id=1; ${'a'.repeat(33)}=1`, [{ kind: 'bad-field', text: `${'a'.repeat(33)}=1` }]],
  ['v=STSv1; id=1; n=caf\xe9', [{ kind: 'bad-field', text: 'n=caf\xe9' }]],
])('mta-sts: senders discard %j', (text, defects) => {
  const record = parseStsRecord(text);
  expect(record.defects).toEqual(defects);
  expect(isDiscarded(record)).toBe(true);
});

test('mta-sts: a blank at the end is a defect that many senders ignore', () => {
  const record = parseStsRecord('v=STSv1; id=1 ');
  expect(record).toMatchObject({ id: '1', defects: [{ kind: 'blank-at-end' }] });
  expect(isDiscarded(record)).toBe(false);
});

test.each([
  [' v=STSv1; id=1', 'blank-before'],
  ['v=stsv1; id=1', 'case'],
  ['"v=STSv1; id=1"', 'quotes'],
  ['v=STSv1 ; id=1', 'blank-inside'],
  ['v=STSv1', 'no-semicolon'],
  ['v=STSv10; id=1', 'version'],
  ['id=1; v=STSv1', 'order'],
])('mta-sts: %j is a near miss', (text, slip) => {
  expect(isStsRecord(text)).toBe(false);
  expect(stsNearMiss(text)).toEqual({ text, slip });
});

test.each(['v=spf1 -all', 'v=STS', 'v=TLSRPTv1; rua=mailto:a@example.com', 'about v=STSv1 records', 'v=STSv1; id=1'])(
  'mta-sts: %j is no near miss',
  (text) => {
    expect(stsNearMiss(text)).toBeNull();
  },
);

test.each([
  [['v=STSv1; id=2026-01-02'], 'v=STSv1; id=20260102;'],
  [[`v=STSv1; id=${'a'.repeat(40)}`], `v=STSv1; id=${'a'.repeat(32)};`],
  [['v=STSv1 ID = "7"'], 'v=STSv1; id=7;'],
  [['v=STSv1; id=*'], 'v=STSv1; id=20261130010203Z;'],
  [['v=STSv1; grid=5'], 'v=STSv1; id=20261130010203Z;'],
  [['v=STSv1; id=1', 'v=STSv1; id=2'], 'v=STSv1; id=20261130010203Z;'],
  [[], 'v=STSv1; id=20261130010203Z;'],
])('mta-sts: %j is corrected to %j, which senders read', (texts, correct) => {
  expect(correctStsRecord(texts, NOW)).toBe(correct);
  expect(parseStsRecord(correct).defects).toEqual([]);
});

test('mta-sts: an id is the time', () => {
  expect(idOf(NOW)).toBe('20261130010203Z');
});
