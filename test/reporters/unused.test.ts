/** What a domain does not use has one line for all of it, in each format for people. */
import { expect, test } from 'vitest';
import type { Report, RuleResult } from '../../src/report/status.ts';
import { reporters } from '../../src/reporters/index.ts';
import { findingOf, reportOf, resultOf } from '../world/results.ts';

const OPTIONS = { color: false, verbose: false, width: 100 } as const;
const LINE = 'MTA-STS, DANE: not used (optional)';

function absent(title: string, severity: 'info' | 'warning' = 'info'): RuleResult {
  const finding = findingOf({ code: `made-up/${title}`, severity, message: `There is no ${title} record.` });
  return { ...resultOf('made-up', [finding]), id: title, title, unused: true };
}

const report: Report = reportOf([resultOf('ptr', []), absent('MTA-STS'), absent('DANE')]);

test('one line of the terminal report', () => {
  const lines = reporters.pretty([report], OPTIONS).split('\n');
  expect(lines.filter((line) => /MTA-STS|DANE/.test(line))).toEqual([`  ✔ pass    ${LINE}`]);
});

test('--full has a line and the note for each', () => {
  const text = reporters.pretty([report], { ...OPTIONS, full: true });
  expect(text).not.toContain(LINE);
  expect(text).toContain('There is no MTA-STS record');
  expect(text).toContain('There is no DANE record');
});

test('Markdown and HTML fold them', () => {
  expect(reporters.markdown([report])).toContain(`\n\n${LINE}.\n`);
  const page = reporters.html([report]);
  expect(page).toContain(`<summary>${LINE}</summary>`);
  expect(page).toContain('There is no DANE record.');
});

test('a warning about what is not used is told by itself', () => {
  const warned = reportOf([resultOf('ptr', []), absent('MTA-STS'), absent('DANE', 'warning')]);
  const text = reporters.pretty([warned], OPTIONS);
  expect(text).toContain('MTA-STS: not used (optional)');
  expect(text).toContain('There is no DANE record');
});
