/** What the place of the check explains is told once, at the head, in every format for people. */
import { describe, expect, test } from 'vitest';
import { type FindingResult, type Report, withAllowed } from '../../src/report/status.ts';
import { reporters } from '../../src/reporters/index.ts';
import { isObstructed, obstacleTexts } from '../../src/reporters/words.ts';
import { findingOf, reportOf, resultOf } from '../world/results.ts';
import { workflowCommands } from './workflow-commands.ts';

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

const SAYS = 'This machine has no IPv6. Not tested because of this, or only in part: tls, mx.';
const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
const written = (format: 'pretty' | 'markdown' | 'html', verbose = false): string =>
  inOneLine(reporters[format]([report], { color: false, verbose }));

describe('an obstacle', () => {
  test.each(['pretty', 'markdown', 'html'] as const)('is told once in %s', (format) => {
    expect(written(format).split(SAYS)).toHaveLength(2);
  });

  test('stands for the checks that it explains wholly', () => {
    expect(written('pretty')).toContain('? unknown TLS: not tested, see above');
    expect(written('pretty')).not.toContain('tls could not be seen');
  });

  test('stands beside the faults of a check that has others', () => {
    expect(written('pretty')).toContain('✖ FAIL MX hosts Nothing answers (mx/port-closed)');
    expect(written('pretty')).not.toContain('mx could not be seen');
    expect(written('pretty', true)).toContain('? mx could not be seen (mx/inconclusive)');
    // What receivers make of it is said of faults alone.
    expect(written('pretty', true)).toContain('Mail bounces.');
    expect(written('pretty', true)).not.toContain('Nobody knows.');
  });

  test('at the target is told beside those at the place of the check', () => {
    const silent = { kind: 'silent-host', message: 'Port 25 accepts no connection.' };
    const target = {
      ...report.target,
      obstacles: [{ ...silent, rules: ['open-relay'], remediation: { summary: 'Start it.' } }],
    };
    expect(obstacleTexts({ ...report, target })).toEqual([
      SAYS,
      'Port 25 accepts no connection. Not tested because of this, or only in part: open-relay.',
    ]);
  });

  test('does not fold a finding that the configuration made an error', () => {
    const raised = resultOf('tls', [{ ...obstructed('tls'), severity: 'error' }]);
    expect(isObstructed(raised)).toBe(false);
    expect(reporters.pretty([{ ...report, rules: [raised] }], { color: false, verbose: false })).toContain(
      '✖ FAIL    TLS  tls could not be seen (tls/inconclusive)\n',
    );
  });

  test.each(['markdown', 'html'] as const)('folds the checks that it explains wholly in %s', (format) => {
    const [folds = ''] =
      written(format).match(/<details[^>]*> ?<summary>1 check not completed because of this.*/) ?? [];
    expect(folds.slice(0, folds.indexOf('</details>', folds.indexOf('tls could not be seen.')))).toContain(
      'tls/inconclusive',
    );
    expect(folds.indexOf('mx could not be seen.')).toBeGreaterThan(folds.indexOf('</details>'));
    expect(written(format)).not.toContain('Why: Nobody knows.');
  });

  test('has one annotation in github, and its findings have none', () => {
    const commands = workflowCommands(reporters.github([report], { color: false, verbose: false }));
    const annotations = commands.filter(({ name }) => name === 'warning' || name === 'error');
    expect(annotations.map(({ properties, data }) => [properties.get('title'), data])).toEqual([
      ['example.com: mx/port-closed', 'Nothing answers.\nmx/port-closed'],
      ['example.com: not fully checked', `${SAYS}\nUse IPv6.`],
    ]);
  });

  test('replaces the explanation of its findings in junit', () => {
    const xml = reporters.junit([report]);
    expect(xml).toContain('tls could not be seen.');
    expect(xml).not.toContain('Nobody knows.');
    expect(xml).toContain('Why: Mail bounces.');
  });

  test('hides nothing with --verbose', () => {
    expect(written('pretty', true)).toContain('? unknown TLS tls could not be seen (tls/inconclusive)');
  });
});

test.each([
  [[], 'warning'],
  [['tls'], 'warning'],
  [['tls', 'mx'], 'notice'],
])('an obstacle of checks of which %j may be incomplete is a %s in GitHub', (allowed, kind) => {
  const rules = withAllowed(report.rules, allowed);
  const text = reporters.github([{ ...report, rules }], { color: false, verbose: false });
  const told = text.split('\n').filter((line) => /^::\w+ title=example.com%3A not fully checked/.test(line));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(new RegExp(`^::${kind} `));
  expect(told[0]?.includes('Known and allowed.')).toBe(kind === 'notice');
});

test('HTML explains a code by the finding that has an explanation, whichever comes first', () => {
  const open = findingOf({ code: 'tls/inconclusive', severity: 'inconclusive', explanation: 'It is not known.' });
  const pages = [
    [{ ...obstructed('tls'), explanation: '' }, open],
    [open, { ...obstructed('tls'), explanation: '' }],
  ].map((found) => reporters.html([{ ...report, rules: [resultOf('tls', found)] }]));
  for (const page of pages) {
    const explained = page.slice(page.indexOf('id="about-tls-inconclusive"'));
    expect(explained.slice(0, explained.indexOf('</details>'))).toContain('It is not known.');
  }
});
