/** Status, verdict and exit code: every case of the promises that a pipeline rests on. */
import { describe, expect, test } from 'vitest';
import {
  EXIT,
  type ExitPolicy,
  exitCode,
  type FindingResult,
  fails,
  isAccepted,
  type Report,
  type Severity,
  type Status,
  statusOf,
  type Verdict,
  verdictOf,
  worstExitCode,
} from '../../src/report/status.ts';
import { findingOf, reportOf, resultOf } from '../world/results.ts';

type Extra = Partial<Pick<FindingResult, 'deviation' | 'baseline'>>;

const finding = (severity: Severity, extra: Extra = {}): FindingResult =>
  findingOf({ code: `x/${severity}`, severity, ...extra });

const accepted = { deviation: { reason: 'known', until: '2030-01-01', state: 'accepted' } } as const;
const expired = { deviation: { reason: 'known', until: '2020-01-01', state: 'expired' } } as const;
const known = { baseline: 'known' } as const;
const fresh = { baseline: 'new' } as const;

/** A report with these rules: each a list of findings, or null where it was skipped. */
const reportWith = (rules: Readonly<Record<string, readonly FindingResult[] | null>>): Report =>
  reportOf(Object.entries(rules).map(([id, findings]) => resultOf(id, findings)));

describe('status of a rule', () => {
  const cases: [findings: FindingResult[], status: Status][] = [
    [[], 'pass'],
    [[finding('info')], 'pass'],
    [[finding('info'), finding('warning')], 'warn'],
    [[finding('warning'), finding('inconclusive')], 'inconclusive'],
    [[finding('inconclusive'), finding('error'), finding('warning')], 'fail'],
    [[finding('error', accepted)], 'pass'],
    [[finding('warning', accepted), finding('info')], 'pass'],
    [[finding('error', expired)], 'fail'],
    [[finding('error', accepted), finding('warning')], 'warn'],
    [[finding('error', known)], 'fail'],
  ];
  test.each(cases)('%j', (findings, status) => {
    expect(statusOf(findings)).toBe(status);
  });

  test('only what is accepted today is accepted', () => {
    expect([accepted, expired, {}].map(isAccepted)).toEqual([true, false, false]);
  });
});

describe('verdict over all rules', () => {
  const cases: [statuses: Status[], verdict: Verdict][] = [
    [[], 'inconclusive'],
    [['skipped', 'skipped'], 'inconclusive'],
    [['skipped', 'pass'], 'pass'],
    [['pass', 'warn'], 'warn'],
    [['warn', 'inconclusive', 'pass'], 'inconclusive'],
    [['pass', 'inconclusive', 'fail', 'warn'], 'fail'],
  ];
  test.each(cases)('%j is %s', (statuses, verdict) => {
    expect(verdictOf(statuses)).toBe(verdict);
  });
});

describe('exit code', () => {
  const cases: [what: string, rules: Record<string, FindingResult[] | null>, policy: ExitPolicy, code: number][] = [
    ['all pass', { spf: [] }, {}, 0],
    ['an error', { spf: [finding('error')] }, {}, 1],
    ['an error beside something unknown', { spf: [finding('error')], ptr: [finding('inconclusive')] }, {}, 1],
    ['an error where unknowns are allowed', { spf: [finding('error')] }, { allowInconclusive: 'all' }, 1],
    ['a warning', { spf: [finding('warning')] }, {}, 0],
    ['a warning, when warnings fail', { spf: [finding('warning')] }, { failOn: 'warning' }, 1],
    ['a note, when warnings fail', { spf: [finding('info')] }, { failOn: 'warning' }, 0],
    ['an error, when warnings fail', { spf: [finding('error')] }, { failOn: 'warning' }, 1],
    ['an error, when nothing fails', { spf: [finding('error')] }, { failOn: 'never' }, 0],
    ['an unknown, when nothing fails', { spf: [finding('inconclusive')] }, { failOn: 'never' }, 0],
    ['an unknown', { spf: [finding('inconclusive')] }, {}, 3],
    ['an unknown, when warnings fail', { spf: [finding('inconclusive')] }, { failOn: 'warning' }, 3],
    ['an unknown that is allowed by name', { spf: [finding('inconclusive')] }, { allowInconclusive: ['spf'] }, 0],
    ['another allowed', { spf: [finding('inconclusive')] }, { allowInconclusive: ['ptr'] }, 3],
    [
      'one of two allowed',
      { spf: [finding('inconclusive')], ptr: [finding('inconclusive')] },
      { allowInconclusive: ['spf'] },
      3,
    ],
    ['all allowed', { spf: [finding('inconclusive')] }, { allowInconclusive: 'all' }, 0],
    ['nothing was checked', { spf: null }, {}, 3],
    ['nothing was checked, by name', { spf: null }, { allowInconclusive: ['spf'] }, 3],
    ['nothing was checked, and that is allowed', { spf: null }, { allowInconclusive: 'all' }, 0],
    ['an error in the past of a skipped rule', { spf: null, ptr: [] }, {}, 0],
    ['an accepted error', { spf: [finding('error', accepted)] }, {}, 0],
    ['an expired one', { spf: [finding('error', expired)] }, {}, 1],
    ['an error of the baseline', { spf: [finding('error', known)] }, {}, 0],
    ['a new error', { spf: [finding('error', known), finding('error', fresh)] }, {}, 1],
    ['a warning of the baseline, when warnings fail', { spf: [finding('warning', known)] }, { failOn: 'warning' }, 0],
    ['an unknown of the baseline', { spf: [finding('inconclusive', known)] }, {}, 3],
  ];
  test.each(cases)('%s', (_, rules, policy, code) => {
    expect(exitCode(reportWith(rules), policy)).toBe(code);
  });

  test('without a policy, errors fail and unknowns tell', () => {
    expect(exitCode(reportWith({ spf: [finding('error')] }))).toBe(EXIT.failed);
    expect(exitCode(reportWith({ spf: [finding('inconclusive')] }))).toBe(EXIT.inconclusive);
  });

  test('findings of a skipped rule fail nothing', () => {
    const report = reportWith({ spf: [finding('error')], ptr: [] });
    const rules = report.rules.map((rule) => (rule.id === 'spf' ? { ...rule, status: 'skipped' as const } : rule));
    expect(exitCode({ ...report, rules })).toBe(EXIT.ok);
  });

  test.each([
    [[], 0],
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1, 0], 1],
    [[1], 1],
  ] as const)('of several reports: %j is %i', (codes, code) => {
    expect(worstExitCode(codes)).toBe(code);
  });
});

test('what fails a run by itself', () => {
  const failing = (failOn: 'error' | 'warning' | 'never') =>
    (['error', 'warning', 'info', 'inconclusive'] as const).filter((severity) => fails(finding(severity), failOn));
  expect(failing('error')).toEqual(['error']);
  expect(failing('warning')).toEqual(['error', 'warning']);
  expect(failing('never')).toEqual([]);
  expect(fails(finding('error', accepted), 'error')).toBe(false);
  expect(fails(finding('error', known), 'error')).toBe(false);
});
