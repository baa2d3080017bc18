/** Tests that a report says why the exit code is not the one that its verdict suggests. */
import { describe, expect, test } from 'vitest';
import { type ExitPolicy, exitCode, type Report, verdictOfRules, withAllowed } from '../../src/report/status.ts';
import { exitWords } from '../../src/reporters/exit-words.ts';
import { reporters } from '../../src/reporters/index.ts';
import { findingOf, reportOf, resultOf } from '../world/results.ts';

const error = findingOf({ code: 'ptr/missing', severity: 'error' });
const warning = findingOf({ code: 'ptr/generic', severity: 'warning' });
const gap = findingOf({ code: 'ptr/inconclusive', severity: 'inconclusive' });
const known = { ...error, baseline: 'known' as const };

type Findings = readonly (typeof error)[];

function reportWith(findings: Findings, others: Findings = [], { allowInconclusive = [] }: ExitPolicy = {}): Report {
  const rules = withAllowed([resultOf('ptr', findings), resultOf('spf', others)], allowInconclusive);
  return reportOf(rules, { verdict: verdictOfRules(rules) });
}

const cases: [when: string, findings: Findings, others: Findings, policy: ExitPolicy, words: string | null][] = [
  ['a failure', [error], [], {}, null],
  ['a warning', [warning], [], {}, null],
  ['a gap', [gap], [], {}, null],
  ['no finding', [], [], { failOn: 'warning' }, null],
  ['a gap that is allowed, which the verdict says', [gap], [], { allowInconclusive: ['ptr'] }, null],
  ['a failure of the baseline', [known], [], {}, 'Exit code 0: the baseline has every failure already.'],
  [
    'a failure of the baseline beside a gap',
    [known],
    [gap],
    {},
    'Exit code 3: the baseline has every failure already, but some checks could not be completed.',
  ],
  [
    'a failure that does not count',
    [error],
    [],
    { failOn: 'never' },
    'Exit code 0: with --fail-on never, no finding fails the run.',
  ],
  [
    'a warning that counts',
    [warning],
    [],
    { failOn: 'warning' },
    'Exit code 1: with --fail-on warning, warnings fail the run.',
  ],
  [
    'nothing but gaps, all allowed',
    [gap],
    [gap],
    { allowInconclusive: 'all' },
    'Exit code 0: --allow-inconclusive allows the checks that could not be completed.',
  ],
];

describe('exit code in words', () => {
  test.each(cases)('%s', (_, findings, others, policy, words) => {
    const report = reportWith(findings, others, policy);
    expect(exitWords([report], policy)).toBe(words);
    if (words !== null) expect(words).toContain(`Exit code ${exitCode(report, policy)}:`);
  });

  test.each(['pretty', 'github'] as const)('%s: it is the last line, once, and only where it differs', (format) => {
    const options = { color: false, verbose: false };
    const report = reportWith([known]);
    const lines = reporters[format]([report, report], { ...options, policy: {} })
      .trimEnd()
      .split('\n');
    expect(lines.at(-1)).toBe('Exit code 0: the baseline has every failure already.');
    expect(lines.filter((line) => line.includes('Exit code'))).toHaveLength(1);
    expect(reporters[format]([report], options)).not.toContain('Exit code');
    expect(reporters[format]([reportWith([error])], { ...options, policy: {} })).not.toContain('Exit code');
  });
});
