/** Tests the status, verdict and exit code, on which pipelines rely. */
import { describe, expect, test } from 'vitest';
import {
  type AllowedGaps,
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
  verdictOfRules,
  withAllowed,
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

/** Makes a report with these rules. Each has a list of findings, or `null` when it was skipped. */
const reportWith = (rules: Readonly<Record<string, readonly FindingResult[] | null>>): Report =>
  reportOf(Object.entries(rules).map(([id, findings]) => resultOf(id, findings)));

describe('status of a rule', () => {
  const cases: [name: string, findings: FindingResult[], status: Status][] = [
    ['no finding', [], 'pass'],
    ['info', [finding('info')], 'pass'],
    ['info and warning', [finding('info'), finding('warning')], 'warn'],
    ['warning and inconclusive', [finding('warning'), finding('inconclusive')], 'inconclusive'],
    ['inconclusive, error and warning', [finding('inconclusive'), finding('error'), finding('warning')], 'fail'],
    ['accepted error', [finding('error', accepted)], 'pass'],
    ['accepted warning and info', [finding('warning', accepted), finding('info')], 'pass'],
    ['error whose acceptance has expired', [finding('error', expired)], 'fail'],
    ['accepted error and warning', [finding('error', accepted), finding('warning')], 'warn'],
    ['error of the baseline', [finding('error', known)], 'fail'],
  ];
  test.each(cases)('%s', (_, findings, status) => {
    expect(statusOf(findings)).toBe(status);
  });

  test('an expired acceptance does not count', () => {
    expect([accepted, expired, {}].map(isAccepted)).toEqual([true, false, false]);
  });
});

describe('verdict', () => {
  const cases: [statuses: Status[], verdict: Verdict][] = [
    [[], 'inconclusive'],
    [['skipped', 'skipped'], 'inconclusive'],
    [['skipped', 'pass'], 'pass'],
    [['pass', 'warn'], 'warn'],
    [['warn', 'inconclusive', 'pass'], 'inconclusive'],
    [['pass', 'inconclusive', 'fail', 'warn'], 'fail'],
  ];
  test.each(cases)('rules with %j → %s', (statuses, verdict) => {
    expect(verdictOf(statuses)).toBe(verdict);
  });
});

describe('verdict with gaps that are allowed', () => {
  const open = finding('inconclusive');
  const cases: [name: string, rules: Parameters<typeof reportWith>[0], allowed: AllowedGaps, verdict: Verdict][] = [
    ['the only gap', { spf: [open], ptr: [] }, ['spf'], 'pass'],
    ['one gap of two', { spf: [open], tls: [open], ptr: [] }, ['spf'], 'inconclusive'],
    ['all gaps', { spf: [open], tls: [open], ptr: [] }, 'all', 'pass'],
    ['a gap beside a warning of the same rule', { spf: [open, finding('warning')], ptr: [] }, 'all', 'warn'],
    ['a gap beside an error of the same rule', { spf: [open, finding('error')], ptr: [] }, 'all', 'fail'],
    ['every check', { spf: [open], ptr: [open] }, 'all', 'inconclusive'],
    ['a rule that was skipped', { spf: null, ptr: [] }, 'all', 'pass'],
  ];
  test.each(cases)('%s', (_, rules, allowed, verdict) => {
    expect(verdictOfRules(withAllowed(reportWith(rules).rules, allowed))).toBe(verdict);
  });

  test('only a rule with a gap is marked', () => {
    const { rules } = reportWith({ spf: [open], ptr: [], tls: [finding('error')], mx: null });
    expect(withAllowed(rules, 'all').map(({ id, allowed = false }) => [id, allowed])).toEqual([
      ['spf', true],
      ['ptr', false],
      ['tls', false],
      ['mx', false],
    ]);
  });
});

describe('exit code', () => {
  const cases: [what: string, rules: Record<string, FindingResult[] | null>, policy: ExitPolicy, code: number][] = [
    ['all rules pass → 0', { spf: [] }, {}, 0],
    ['an error → 1', { spf: [finding('error')] }, {}, 1],
    ['an error and an inconclusive finding → 1', { spf: [finding('error')], ptr: [finding('inconclusive')] }, {}, 1],
    ['an error, with inconclusive findings allowed → 1', { spf: [finding('error')] }, { allowInconclusive: 'all' }, 1],
    ['a warning → 0', { spf: [finding('warning')] }, {}, 0],
    ['a warning, when warnings fail → 1', { spf: [finding('warning')] }, { failOn: 'warning' }, 1],
    ['an info finding, when warnings fail → 0', { spf: [finding('info')] }, { failOn: 'warning' }, 0],
    ['an error, when warnings fail → 1', { spf: [finding('error')] }, { failOn: 'warning' }, 1],
    ['an error, when nothing fails → 0', { spf: [finding('error')] }, { failOn: 'never' }, 0],
    ['an inconclusive finding, when nothing fails → 0', { spf: [finding('inconclusive')] }, { failOn: 'never' }, 0],
    ['an inconclusive finding → 3', { spf: [finding('inconclusive')] }, {}, 3],
    ['an inconclusive finding, when warnings fail → 3', { spf: [finding('inconclusive')] }, { failOn: 'warning' }, 3],
    [
      'an inconclusive finding that is allowed by name → 0',
      { spf: [finding('inconclusive')] },
      { allowInconclusive: ['spf'] },
      0,
    ],
    [
      'an inconclusive finding, with another rule allowed → 3',
      { spf: [finding('inconclusive')] },
      { allowInconclusive: ['ptr'] },
      3,
    ],
    [
      'two inconclusive findings, one of them allowed → 3',
      { spf: [finding('inconclusive')], ptr: [finding('inconclusive')] },
      { allowInconclusive: ['spf'] },
      3,
    ],
    [
      'an inconclusive finding, with all allowed → 0',
      { spf: [finding('inconclusive')] },
      { allowInconclusive: 'all' },
      0,
    ],
    ['no rule ran → 3', { spf: null }, {}, 3],
    ['no rule ran, one rule allowed → 3', { spf: null }, { allowInconclusive: ['spf'] }, 3],
    ['no rule ran, all allowed → 0', { spf: null }, { allowInconclusive: 'all' }, 0],
    ['a skipped rule beside one that passes → 0', { spf: null, ptr: [] }, {}, 0],
    ['an accepted error → 0', { spf: [finding('error', accepted)] }, {}, 0],
    ['an error whose acceptance has expired → 1', { spf: [finding('error', expired)] }, {}, 1],
    ['an error of the baseline → 0', { spf: [finding('error', known)] }, {}, 0],
    ['an error beyond the baseline → 1', { spf: [finding('error', known), finding('error', fresh)] }, {}, 1],
    [
      'a warning of the baseline, when warnings fail → 0',
      { spf: [finding('warning', known)] },
      { failOn: 'warning' },
      0,
    ],
    ['an inconclusive finding of the baseline → 3', { spf: [finding('inconclusive', known)] }, {}, 3],
  ];
  test.each(cases)('%s', (_, rules, policy, code) => {
    expect(exitCode(reportWith(rules), policy)).toBe(code);
  });

  test('without a policy: an error → 1, an inconclusive finding → 3', () => {
    expect(exitCode(reportWith({ spf: [finding('error')] }))).toBe(EXIT.failed);
    expect(exitCode(reportWith({ spf: [finding('inconclusive')] }))).toBe(EXIT.inconclusive);
  });

  test('findings of a skipped rule do not count', () => {
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
  ] as const)('reports with exit codes %j → %i', (codes, code) => {
    expect(worstExitCode(codes)).toBe(code);
  });
});

test('failing findings: by severity and policy, without accepted and known ones', () => {
  const failing = (failOn: 'error' | 'warning' | 'never') =>
    (['error', 'warning', 'info', 'inconclusive'] as const).filter((severity) => fails(finding(severity), failOn));
  expect(failing('error')).toEqual(['error']);
  expect(failing('warning')).toEqual(['error', 'warning']);
  expect(failing('never')).toEqual([]);
  expect(fails(finding('error', accepted), 'error')).toBe(false);
  expect(fails(finding('error', known), 'error')).toBe(false);
});
