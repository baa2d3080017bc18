/** Tests what the report says of checks that could not be made, if the user allows that. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/check/conclusion/judgement.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { exitCode, type Report } from '../../src/report/status.ts';
import { closingWords } from '../../src/reporters/closing-words.ts';
import { reporters } from '../../src/reporters/index.ts';
import { checkIn } from '../world/check.ts';
import { scenes } from '../world/scenes.ts';

const { dns } = scenes.healthy.world;
const plain = { color: false, verbose: false };

/** A healthy host in whose place nothing could be connected to, so that three checks are not completed. */
const unreached = (allowInconclusive: Judgement['allowInconclusive']): Promise<Report> =>
  checkIn(
    {
      dns,
      hosts: { '203.0.113.5': 'refused', '198.51.100.1': 'refused' },
      selectors: ['s1'],
      helo: 'mail.example.com',
      settings: { egressTargets: [{ host: '198.51.100.1', port: 25 }] },
      rules: ['open-relay', 'tls', 'mx', 'ptr', 'spf'],
    },
    { judgement: allowInconclusive === undefined ? {} : { allowInconclusive } },
  );

const GAPS = ['open-relay', 'tls', 'mx'];
let none: Report;
let some: Report;
let all: Report;

beforeAll(async () => {
  none = await unreached(undefined);
  some = await unreached(['tls']);
  all = await unreached('all');
});

const codesOf = ({ advice }: Report) => advice.steps.flatMap(({ codes }) => codes).sort();
const allowedIn = ({ rules }: Report) => rules.filter(({ allowed }) => allowed).map(({ id }) => id);

describe('allowed gaps', () => {
  test('nothing is allowed by default', () => {
    expect(allowedIn(none)).toEqual([]);
    expect(none.verdict).toBe('inconclusive');
    expect(codesOf(none)).toEqual(expect.arrayContaining(GAPS.map((id) => `${id}/inconclusive`)));
    expect(exitCode(none)).toBe(3);
  });

  test('one of three is allowed: it is named, its step is left out, and the others still count', () => {
    expect(allowedIn(some)).toEqual(['tls']);
    expect(some.verdict).toBe('inconclusive');
    expect(codesOf(some)).toEqual(codesOf(none).filter((code) => code !== 'tls/inconclusive'));
    expect(exitCode(some)).toBe(3);
    const words = closingWords(some);
    expect(words).toMatch(/^INCOMPLETE: no failures, but 2 of 5 checks could not be completed \(.*\)\./);
    expect(words).toContain('Known and allowed: tls.');
  });

  test('all are allowed: the verdict and the exit code say the same, and no step is left for a gap', () => {
    expect(allowedIn(all).sort()).toEqual(GAPS.toSorted());
    expect(all.verdict).toBe('pass');
    expect(exitCode(all)).toBe(0);
    expect(codesOf(all)).toEqual([]);
    expect(closingWords(all)).toBe(
      `PASS: no problem found in the 2 checks that could run; known and allowed: ${allowedIn(all).join(', ')}. Not tested: ${all.rules
        .filter(({ status, kind }) => status === 'skipped' && kind === 'check')
        .map(({ id }) => id)
        .join(', ')} (not selected).`,
    );
    expect(`${closingWords(all)} ${all.advice.summary}`).not.toMatch(/\bready\b|accept|can deliver/);
  });

  test('where nothing could be checked, nothing passes', async () => {
    const report = await checkIn(
      { dns, hosts: { '203.0.113.5': 'refused' }, rules: ['open-relay'] },
      { judgement: { allowInconclusive: 'all' } },
    );
    expect(report.verdict).toBe('inconclusive');
    expect(closingWords(report)).toMatch(/^INCOMPLETE: none of the one check that ran could be completed \(/);
    expect(exitCode(report)).toBe(0);
  });
});

describe('allowed gaps in each format', () => {
  test('JSON: the field is in the schema', () => {
    const read = reportSchema.parse(JSON.parse(reporters.json([all])));
    expect(allowedIn(read)).toEqual(allowedIn(all));
  });

  test('JUnit: the test cases are skipped and are no errors', () => {
    expect(reporters.junit([none])).toMatch(/ errors="3" /);
    const text = reporters.junit([all]);
    expect(text).toMatch(/ errors="0" /);
    expect(text.match(/<skipped>known and allowed/g)).toHaveLength(3);
    expect(text).not.toContain('<error');
  });

  test('GitHub: the annotations are notices', () => {
    // What one cause explains has one annotation, which names no code.
    const kinds = (report: Report) =>
      [...reporters.github([report], plain).matchAll(/^::(error|warning|notice) .*title=example.com%3A ([^:]+)::/gm)]
        .filter(([, , title]) => title === 'not fully checked' || title?.endsWith('/inconclusive'))
        .map(([, kind]) => kind);
    expect(new Set(kinds(none))).toEqual(new Set(['warning']));
    expect(new Set(kinds(all))).toEqual(new Set(['notice']));
    expect(kinds(all)).toHaveLength(kinds(none).length);
  });

  test('SARIF: the results are suppressed, and the notifications are notes', () => {
    const runOf = (report: Report) => JSON.parse(reporters.sarif([report])).runs[0];
    const suppressed = (report: Report): string[] =>
      runOf(report)
        .results.filter(({ suppressions }: { suppressions?: unknown }) => suppressions !== undefined)
        .map(({ ruleId }: { ruleId: string }) => ruleId)
        .sort();
    expect(suppressed(none)).toEqual([]);
    expect(suppressed(some)).toEqual(['tls/inconclusive']);
    expect(suppressed(all)).toEqual(expect.arrayContaining(GAPS.map((id) => `${id}/inconclusive`)));
    const levels = (report: Report): string[] =>
      runOf(report).invocations[0].toolExecutionNotifications.map(({ level }: { level: string }) => level);
    expect(levels(none)).toContain('warning');
    expect(levels(all)).not.toContain('warning');
  });

  test.each(['pretty', 'markdown', 'html'] as const)('%s: the report says it', (format) => {
    const textOf = (report: Report) => reporters[format]([report], plain).replace(/\s+/g, ' ');
    expect(textOf(none)).not.toMatch(/known and allowed/i);
    expect(textOf(all)).toContain(`known and allowed: ${allowedIn(all).join(', ')}.`);
  });
});
