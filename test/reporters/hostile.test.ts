/**
 * Strings from the network that want to be more than text, in every place of a report, in every format: harmless, and
 * the structure of the output is that of the same report with harmless words in these places.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { formats } from '../../src/reporters/formats.ts';
import { reporters } from '../../src/reporters/index.ts';
import type { Reporter } from '../../src/reporters/reporter.ts';
import { isLong, isWhole, sample } from '../sample.ts';
import { HOSTILE, harmless } from './hostile-strings.ts';
import { proofs } from './proofs.ts';
import { changedReport, judgedReport, mixedReport } from './reports.ts';

const MEGABYTE = 'A'.repeat(1_000_000);

/** What the code decides, whatever the network says. */
const OWN = new Set(
  'schemaVersion tool change policy format code codes action id severity defaultSeverity status verdict kind state baseline outcome ipSource volume way type from startedAt until result proposed owner passing rule certainty causes egress unblock control confidence source'.split(
    ' ',
  ),
);

/** @returns the same report with `text` for every other string in it, and in the keys of the evidence. */
function withStrings(report: Report, text: string): Report {
  const replaced = (value: unknown, key: string): unknown => {
    // A path is never empty: without one there is no place of a record.
    if (typeof value === 'string') return OWN.has(key) || (key === 'file' && text === '') ? value : text;
    if (Array.isArray(value)) return value.map((item) => replaced(item, key));
    if (typeof value !== 'object' || value === null) return value;
    if (key === 'tool') return value;
    const entries = Object.entries(value).map(([name, item], index): [string, unknown] => [
      key === 'evidence' ? `${text}${index}` : name,
      replaced(item, key === 'evidence' ? '' : name),
    ]);
    return Object.fromEntries(entries);
  };
  return reportSchema.parse(replaced(report, ''));
}

const reports: Report[] = [];
const skeletons = new Map<string, string[]>();

beforeAll(async () => {
  for (const report of [await mixedReport(), await judgedReport(), await changedReport()]) {
    const { dns = [], smtp = [] } = report.transcript ?? {};
    const shortened = smtp.slice(0, 2).map(({ id, lines }) => ({ id, lines: lines.slice(0, 8) }));
    reports.push({ ...report, transcript: { dns: dns.slice(0, 5), smtp: shortened } });
  }
  for (const [format, proof] of Object.entries(proofs)) {
    skeletons.set(format, (await proof?.(written(format, 'harmless'))) ?? []);
  }
});

const render: Readonly<Record<string, Reporter>> = reporters;

/** The reports with a string in every place. All formats write the same ones. */
const poisoned = new Map<string, Report[]>();
afterAll(() => poisoned.clear());

function poisonedBy(string: string): Report[] {
  const known = poisoned.get(string) ?? reports.map((report) => withStrings(report, string));
  if (string.length < MEGABYTE.length) poisoned.set(string, known);
  return known;
}

function written(format: string, string: string): string {
  return render[format]?.(poisonedBy(string), { color: false, verbose: true }) ?? '';
}

describe.each(formats)('%s', (format) => {
  test.concurrent.each(sample(Object.entries(HOSTILE), 15))('%s', async (_, string) => {
    const text = written(format, string);
    harmless(text, string);
    const skeleton = await proofs[format]?.(text);
    // What Markdown folds and cuts depends on the length; nothing else may change.
    if (format !== 'markdown') expect(skeleton ?? []).toEqual(skeletons.get(format) ?? []);
  });
});

/** The report, with this string in each of its places, has hundreds of megabytes: writing and proving it takes many seconds. */
describe.each(sample(formats, isWhole ? 4 : 2, isLong))('%s', (format) => {
  test('a string of a megabyte, where it is read and where it is shown, does not swell the report', async () => {
    const [report] = reports;
    if (report === undefined) throw new Error('no report');
    // As data it is kept whole, once for each place: JSON gets it in one.
    const inOnePlace = { ...report, vantage: { ...report.vantage, reason: MEGABYTE } };
    const text = format === 'json' ? reporters.json([inOnePlace]) : written(format, MEGABYTE);
    harmless(text, MEGABYTE);
    await proofs[format]?.(text);
  });
});
