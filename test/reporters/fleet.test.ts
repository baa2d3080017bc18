/** Hostile texts in the outputs of a fleet, and what is counted of it. */
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import type { FleetEntry } from '../../src/report/fleet.ts';
import { FleetTally, summaryOf } from '../../src/report/tally.ts';
import { closingLines } from '../../src/reporters/fleet/causes.ts';
import { csv } from '../../src/reporters/fleet/csv.ts';
import { list } from '../../src/reporters/fleet/list.ts';
import { ndjson } from '../../src/reporters/fleet/ndjson.ts';
import { findingOf, reportOf, resultOf } from '../world/results.ts';

const PLAIN = { color: false, verbose: false };
const HOSTILE = [
  '=1+1',
  '+1',
  '-1',
  '@x',
  '\t=1',
  '\r=1',
  'x; =1',
  'a"b,c',
  "'x",
  'a\u001b[2Jb\nc',
  '\u202Eabc',
  '::error::x',
];

function entryOf(text: string): FleetEntry {
  const finding = findingOf({ code: 'ptr/missing', severity: 'error', title: `No PTR ${text}` });
  const report = { ...reportOf([resultOf('ptr', [finding])]), verdict: 'fail' as const };
  const target = { ...report.target, domain: text, ips: [] };
  return { id: 'a', place: `${text}:2`, tags: [text], report: { ...report, target }, exitCode: 1 };
}

test.each(HOSTILE)('%j stays text', (text) => {
  const entry = entryOf(text);
  const line = list.entry(entry, PLAIN);
  expect(line).toMatch(/^[^\p{Cc}\p{Cf}]+\n$/u);
  expect(line).toContain('(ptr/missing)');
  const row = csv.entry(entry);
  const [cells = []] = parse(row) as string[][];
  expect(cells).toHaveLength(10);
  // A spreadsheet of some countries splits at semicolons, whatever the quotes say.
  expect(cells.flatMap((cell) => cell.split(';')).filter((cell) => /^\s*[=+\-@\t\r]/.test(cell))).toEqual([]);
  expect(row).toMatch(/^[^\p{Cc}\p{Cf}]+\r\n$/u);
  const json = ndjson.entry(entry);
  expect(json).toMatch(/^[^\p{Cc}\p{Cf}]+\n$/u);
  expect(JSON.parse(json)).toMatchObject({ tags: [text], report: { target: { domain: text } } });
  for (const closing of closingLines(summaryOf([entry.report]), PLAIN)) expect(closing).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('a tally counts each target once for a code, with the worst severity, and keeps few names', () => {
  const of = (domain: string, severities: readonly ('error' | 'warning' | 'inconclusive' | 'info')[]) => {
    const findings = severities.map((severity, index) =>
      findingOf({ code: 'rbl/listed', severity, about: { zone: `z${index}.example` } }),
    );
    const report = reportOf([resultOf('rbl', findings)]);
    return { ...report, target: { ...report.target, domain } };
  };
  const until = (hours: number): string =>
    new Date(Date.parse(reportOf([]).timing.startedAt) + hours * 3_600_000).toISOString();
  const tally = new FleetTally();
  for (let index = 0; index < 50; index += 1) {
    const expiries = [{ kind: 'certificate' as const, name: 'x', until: until(index * 24 - 12) }];
    const report = Object.assign(of(`h${index}.example`, ['warning', 'error', 'info']), { expiries });
    tally.add({ report, exitCode: 1 });
  }
  tally.add({ report: of('blind.example', ['inconclusive']), exitCode: 3 });
  const { startedAt } = reportOf([]).timing;
  const summary = tally.summary({
    runId: 'r',
    startedAt,
    endedAt: startedAt,
    resumed: 0,
    repeated: 0,
    wrongLines: { count: 0, first: [] },
    notJudged: 0,
    endedBy: null,
  });
  expect(summary).toMatchObject({
    exitCodes: { 1: 50, 3: 1 },
    causes: [{ code: 'rbl/listed', severity: 'error', targets: 51, first: ['h0.example', 'h1.example', 'h2.example'] }],
    unknown: { rbl: 1 },
    listings: { 'z0.example': 50, 'z1.example': 50 },
    expiries: [
      { kind: 'certificate', seen: 50, domain: 'h0.example', within: { ended: 1, days7: 8, days14: 15, days30: 31 } },
    ],
  });
});
