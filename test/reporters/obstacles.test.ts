/** What the place of the check explains is told once, at the head, in every format for people. */
import { describe, expect, test } from 'vitest';
import type { FindingResult, Report } from '../../src/report/status.ts';
import { reporters } from '../../src/reporters/index.ts';
import { findingOf, reportOf, resultOf } from '../world/results.ts';

const obstacle = { kind: 'no-ipv6', message: 'This machine has no IPv6.' };
const obstructed = (id: string): FindingResult =>
  findingOf({
    code: `${id}/inconclusive`,
    severity: 'inconclusive',
    message: `${id} could not be seen.`,
    explanation: 'Nobody knows.',
    obstacle,
  });

const fault = findingOf({ code: 'mx/port-closed', message: 'Nothing answers.', explanation: 'Mail bounces.' });

const report: Report = reportOf(
  [resultOf('tls', [obstructed('tls')]), resultOf('mx', [fault, obstructed('mx')]), resultOf('ptr', [])],
  {
    vantage: {
      kind: 'outside',
      validates: true,
      reason: 'set by --vantage or --on-host',
      obstacles: [{ ...obstacle, rules: ['tls', 'mx'], remediation: { summary: 'Use IPv6.' } }],
    },
  },
);

const SAYS = 'This machine has no IPv6. Not fully checked because of this: tls, mx.';
const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
const written = (format: 'pretty' | 'markdown' | 'html', verbose = false): string =>
  inOneLine(reporters[format]([report], { color: false, verbose }));

describe('an obstacle', () => {
  test.each(['pretty', 'markdown', 'html'] as const)('is told once in %s', (format) => {
    expect(written(format).split(SAYS)).toHaveLength(2);
  });

  test('stands for the checks that it explains wholly', () => {
    expect(written('pretty')).toContain('? unknown tls (see "Not seen" above)');
    expect(written('pretty')).not.toContain('tls could not be seen.');
  });

  test('stands beside the faults of a check that has others', () => {
    expect(written('pretty')).toContain('Nothing answers.');
    expect(written('pretty')).toContain('mx could not be seen.');
    // What receivers make of it is said of faults alone.
    expect(written('pretty')).toContain('Mail bounces.');
    expect(written('pretty')).not.toContain('Nobody knows.');
  });

  test('hides nothing with --verbose', () => {
    expect(written('pretty', true)).toContain('tls could not be seen.');
  });
});
