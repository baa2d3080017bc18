/** The report for a terminal: what stands where, how wide it is, and what `--full` and `--summary` change. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../../src/report/status.ts';
import { closingParts } from '../../../src/reporters/closing-words.ts';
import { pretty } from '../../../src/reporters/pretty.ts';
import type { ReporterOptions } from '../../../src/reporters/reporter.ts';
import { runs } from '../reports.ts';

const PLAIN = { color: false, verbose: false } satisfies ReporterOptions;

const reports = new Map<string, readonly Report[]>();
beforeAll(async () => {
  for (const [name, run] of Object.entries(runs)) reports.set(name, await run());
});

function reportsOf(name: string): readonly Report[] {
  const found = reports.get(name);
  if (found === undefined) throw new Error(`no run ${name}`);
  return found;
}

const written = (name: string, options: Partial<ReporterOptions> = {}): string =>
  pretty(reportsOf(name), { ...PLAIN, ...options });

/** A line that is pasted or opened is never cut, however long it is. */
const isTyped = (line: string): boolean =>
  /^ {5,}(?:- )?\S+\. IN [A-Z]+ |^ {7}\S|^ {12}mailcheck |https?:|\S{60,}/.test(line);

test('wraps the hint about --full on a narrow screen', () => {
  const lines = written('fresh', { width: 40 }).split('\n');
  const first = lines.findIndex((line) => line.startsWith('  --full shows the codes'));
  expect(lines[first]?.length).toBeLessThanOrEqual(40);
  expect(lines[first + 1]).toMatch(/^ {2}(?:the )?(?:reasons|receivers)/);
});

describe.each(Object.keys(runs))('%s', (name) => {
  test('begins with the verdict and ends with it', () => {
    for (const report of reportsOf(name)) {
      const lines = pretty([report], PLAIN).trimEnd().split('\n');
      const { verdict } = closingParts(report);
      const word = { pass: 'PASS', warn: 'PASS with warnings', fail: 'FAIL', inconclusive: 'INCOMPLETE' };
      expect(verdict.startsWith(word[report.verdict])).toBe(true);
      expect(lines.slice(0, 4).join(' ').startsWith(verdict)).toBe(true);
      // The last verdict begins a line of its own.
      const from = lines.findLastIndex((line) => line.startsWith(word[report.verdict]));
      expect(from).toBeGreaterThan(0);
      expect(lines.slice(from).join(' ')).toBe(verdict);
    }
  });

  test.each([80, 100])('keeps to %i columns, apart from what is pasted', (width) => {
    for (const options of [{}, { full: true }, { verbose: true }]) {
      const text = written(name, { ...options, width });
      const shown = options.verbose ? text.slice(0, text.indexOf('\nDNS\n')) : text;
      expect(shown.split('\n').filter((line) => [...line].length > width && !isTyped(line))).toEqual([]);
    }
  });

  test('has a line for each check, with a value where it passed', () => {
    for (const report of reportsOf(name)) {
      // A change is told by what it does, and by each check with --full.
      const text = pretty([report], { ...PLAIN, full: report.gate !== undefined }).replace(/\s+/g, ' ');
      for (const { kind, title, status, note } of report.rules) {
        if (kind !== 'check') continue;
        expect(text).toContain(title);
        if (status === 'pass') expect(note, `the value of ${title}`).toMatch(/\S/);
      }
    }
  });

  test('--summary is one line for each report', () => {
    const lines = written(name, { summary: true }).trimEnd().split('\n');
    expect(lines).toHaveLength(reportsOf(name).length);
    for (const [index, { target }] of reportsOf(name).entries()) expect(lines[index]).toContain(target.domain);
  });

  test('--full adds to what is shown and takes nothing out', () => {
    const words = (text: string): string[] => text.split(/\s+/).filter((word) => /[a-z]\/[a-z]|^"?v=/.test(word));
    const full = new Set(words(written(name, { full: true })).map((word) => word.replace(/[(),]/g, '')));
    for (const word of words(written(name))) expect([...full]).toContain(word.replace(/[(),]/g, ''));
  });
});

test('a finding names the step that fixes it', () => {
  const [report] = reportsOf('fresh');
  const number = (report?.advice.steps ?? []).findIndex(({ codes }) => codes.includes('ptr/missing')) + 1;
  expect(number).toBeGreaterThan(0);
  const says = '198.51.100.7 has no PTR record (7.100.51.198.in-addr.arpa does not exist)';
  const inOneLine = (options: Partial<ReporterOptions>) => written('fresh', options).replace(/\s+/g, ' ');
  expect(inOneLine({})).toContain(`${says} (step ${number})`);
  expect(inOneLine({ full: true })).toContain(`${says} (ptr/missing, step ${number})`);
});

test('evidence is lines of a key and a value', () => {
  const text = written('fresh', { verbose: true });
  expect(text).toMatch(/^ +query\.rcode \S+$/m);
  expect(text).not.toMatch(/\{"/);
});
