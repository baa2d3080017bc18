/** Where an annotation points: the file that a person writes the record in, if it is in the working directory. */
import { expect, test } from 'vitest';
import type { FindingResult } from '../../src/report/status.ts';
import { proposedPlace } from '../../src/reporters/proposed-place.ts';
import { judgedReport } from './reports.ts';

const report = await judgedReport();
const [finding] = report.rules.flatMap(({ findings }) => findings);

test.each([
  [
    { file: 'dnsconfig.js', line: 7 },
    { path: 'dnsconfig.js', line: 7 },
  ],
  [
    { file: './zones/a.zone', line: null },
    { path: 'zones/a.zone', line: 1 },
  ],
  [undefined, { path: 'zones/example.net.zone', line: 1 }],
  [{ file: '-', line: 3 }, undefined],
  [{ file: '/etc/a.zone', line: 3 }, undefined],
  [{ file: '../a.zone', line: 3 }, undefined],
])('%j → %j', (place, expected) => {
  const proposed = { ...finding, proposed: true, ...(place === undefined ? {} : { place }) } as FindingResult;
  expect(proposedPlace(report, proposed)).toEqual(expected);
});

test('a finding that rests on nothing proposed points nowhere', () => {
  const { proposed: _proposed, ...published } = finding as FindingResult;
  expect(proposedPlace(report, published)).toBeUndefined();
});
