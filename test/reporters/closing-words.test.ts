/**
 * The closing words of a report claim no more than the checks that ran, and say which did not: over subsets of the rules,
 * every status, and in every format.
 */

import { describe, expect, test } from 'vitest';
import { withoutAccepted } from '../../src/check/conclusion/judgement.ts';
import { waysOut } from '../../src/check/conclusion/ways.ts';
import { checks } from '../../src/check/rules/index.ts';
import {
  type FindingResult,
  type ReceiverResult,
  type Report,
  type RuleResult,
  type Severity,
  type Status,
  verdictOf,
} from '../../src/report/status.ts';
import { closingParts, closingWords, closingWordsOfSeveral } from '../../src/reporters/closing-words.ts';
import { reporters } from '../../src/reporters/index.ts';
import fc from '../fast-check.ts';
import { runs, sample } from '../sample.ts';
import { NOW } from '../world/clock.ts';
import { findingOf, reportOf, resultOf } from '../world/results.ts';
import { wholeFormats } from './whole-formats.ts';

const SEVERITIES = { fail: 'error', warn: 'warning', inconclusive: 'inconclusive', pass: 'info' } as const;
const STATUSES: readonly Status[] = ['pass', 'warn', 'fail', 'inconclusive', 'skipped'];
const RAN = STATUSES.filter((status): status is Exclude<Status, 'skipped'> => status !== 'skipped');

/** What may be said of a host only where every check ran to its end. */
const OF_THE_WHOLE_HOST = /\bready\b|would stop mail|can deliver mail|mail (?:will|can) flow|some receivers may/i;

const faultOf = (id: string, severity: Severity): FindingResult =>
  findingOf({ code: `${id}/${severity}`, severity, remediation: { summary: `Fix ${id}` } });

const endedAs = (id: string, status: Status): RuleResult =>
  resultOf(id, status === 'skipped' ? null : [faultOf(id, SEVERITIES[status])]);

/** A report in which the rules ended so, in their order. */
function reportEnding(statuses: readonly Status[]): Report {
  const results = checks.map(({ id }, index) => endedAs(id, statuses[index] ?? 'skipped'));
  const steps = results
    .filter(({ status }) => status === 'fail')
    .map(({ id }) => ({
      summary: `Fix ${id}`,
      severity: 'error' as const,
      codes: [`${id}/error`],
      subjects: ['example.com'],
      changes: [],
      records: [],
      commands: [],
      links: [],
    }));
  return reportOf(results, {
    verdict: verdictOf(statuses),
    advice: { ...waysOut(results, steps, [], () => [], { now: NOW }), steps },
  });
}

const idsWith = (statuses: readonly Status[], wanted: Status): string[] =>
  checks.flatMap(({ id }, index) => (statuses[index] === wanted ? [id] : []));

function hold(statuses: readonly Status[]): void {
  const report = reportEnding(statuses);
  const closing = closingWords(report);
  const all = [closing, report.advice.summary, ...report.advice.ways.map(({ text }) => text)].join('\n');
  const unseen = [...idsWith(statuses, 'skipped'), ...idsWith(statuses, 'inconclusive')];
  const isWhole = unseen.length === 0;
  if (!isWhole) expect(all).not.toMatch(OF_THE_WHOLE_HOST);
  if (isWhole && report.verdict === 'pass') expect(all).toMatch(OF_THE_WHOLE_HOST);
  const isNothing = idsWith(statuses, 'skipped').length === checks.length;
  // Where none of the checks that ran was completed, their number says which: all that are not named as not tested.
  const isNone = /^INCOMPLETE: none of the \d+ checks that ran /.test(closing);
  for (const id of unseen) {
    if (!isNone || statuses[checks.findIndex((rule) => rule.id === id)] === 'skipped') {
      expect(closing).toMatch(new RegExp(`\\b${id}\\b`));
    }
    if (!isNothing && report.advice.ways[0]?.state !== 'closed') expect(report.advice.summary).toMatch(`${id}`);
  }
  expect(
    closing.startsWith(
      { pass: 'PASS:', warn: 'PASS with warnings', fail: 'FAIL:', inconclusive: 'INCOMPLETE:' }[report.verdict],
    ),
  ).toBe(true);
  if (report.advice.ways[0]?.state === 'ready') expect(isWhole).toBe(true);
}

const bitsIn = (bits: number): number => (bits === 0 ? 0 : (bits & 1) + bitsIn(bits >> 1));

/**
 * The subsets of the rules that have two rules at most, or all but two: those of the set bits ran. Mixtures of more are
 * drawn below.
 */
const subsets = sample(
  Array.from({ length: 2 ** checks.length }, (_, bits) => bits)
    .filter((bits) => Math.min(bitsIn(bits), checks.length - bitsIn(bits)) <= 2)
    .map((bits) => checks.map((_rule, index) => (bits >> index) & 1)),
  400,
);

describe('words', () => {
  test.each(RAN)('a subset of the rules, all of them %s', (status) => {
    for (const subset of subsets) hold(subset.map((bit) => (bit === 1 ? status : 'skipped')));
  });

  test.each(STATUSES)('a subset of the rules %s, the others pass', (status) => {
    for (const subset of subsets) hold(subset.map((bit) => (bit === 1 ? status : 'pass')));
  });

  test('any mixture of statuses', () => {
    const any = fc.array(fc.constantFrom(...STATUSES), { minLength: checks.length, maxLength: checks.length });
    fc.assert(fc.property(any, hold), { numRuns: runs(3000) });
  });

  test('what the configuration excuses is named, and no claim is made over it', () => {
    const report = reportEnding(checks.map(() => 'pass'));
    const [first, ...others] = report.rules;
    const accepted = { reason: 'known', until: '2030-01-01', state: 'accepted' } as const;
    const excused = [
      { ...faultOf('dns', 'error'), deviation: accepted },
      { ...faultOf('dns', 'info'), defaultSeverity: 'error' as const },
    ];
    for (const finding of excused) {
      const results = first ? [{ ...first, findings: [finding] }, ...others] : [];
      for (const verdict of ['pass', 'warn', 'inconclusive'] as const) {
        const words = closingWords({ ...report, verdict, rules: results });
        expect(words).toContain(`Excused by the configuration: ${finding.code}.`);
        expect(words).not.toMatch(OF_THE_WHOLE_HOST);
        expect(words).not.toMatch(/\bno (?:problem|failure)/);
      }
      const { summary } = waysOut(withoutAccepted(results), [], [], () => [], { now: NOW, all: results });
      expect(summary).toContain('apart from what the configuration accepts');
    }
  });

  test('what rests on proposed records is told, and no claim is made over it', () => {
    const report = reportEnding(checks.map(() => 'pass'));
    const files = [
      { file: 'new.zone', format: 'zone' as const, records: 1, removed: 0, undetermined: [], wholeZone: false },
    ];
    expect(closingWords({ ...report, proposed: { files, used: [] } })).toMatch(OF_THE_WHOLE_HOST);
    const words = closingWords({ ...report, proposed: { files, used: ['example.com TXT'] } });
    expect(words).toContain('Judged with proposed records that are not published yet.');
    expect(words).not.toMatch(OF_THE_WHOLE_HOST);
    expect(waysOut(report.rules, [], [], () => [], { now: NOW, isProposed: true }).summary).toBe(
      'Once the proposed records are published, this host is ready to send mail directly.',
    );
  });

  test('a run that could not conclude passes nothing', () => {
    const report = reportEnding(checks.map(() => 'pass'));
    expect(closingWords({ ...report, verdict: 'inconclusive' })).toBe(
      'INCOMPLETE: the checks ran, but mailcheck has a bug and could not conclude.',
    );
  });

  test('of several targets, the words hold for all of them', () => {
    const whole = reportEnding(checks.map(() => 'pass'));
    const partial = reportEnding(checks.map(({ id }) => (id === 'egress' ? 'skipped' : 'pass')));
    expect(closingWordsOfSeveral([whole, whole])).toMatch(OF_THE_WHOLE_HOST);
    expect(closingWordsOfSeveral([whole, partial])).not.toMatch(OF_THE_WHOLE_HOST);
  });
});

describe('receivers', () => {
  const answers = (...outcomes: ReceiverResult['outcome'][]): ReceiverResult[] =>
    outcomes.map((outcome, index) => ({
      id: `r-${index + 1}`,
      name: `R${index + 1} (mail.example)`,
      outcome,
      because: '',
      causes: [],
      severity: null,
      confirmed: true,
      reply: null,
      replyConfirmed: null,
      notCheckable: [],
      source: 'https://example.com/',
    }));
  const words = (status: Exclude<Status, 'skipped'>, receivers: ReceiverResult[]): string =>
    closingWords({ ...reportEnding(checks.map(({ id }) => (id === 'ptr' ? status : 'pass'))), receivers });

  test.each([
    [
      'who rejects is named',
      answers('refuses', 'accepts', 'refuses', 'accepts'),
      'By their published rules, 2 of 4 large receivers reject mail from this host (R1, R3).',
    ],
    [
      'many are counted',
      answers('refuses', 'refuses', 'refuses', 'refuses', 'refuses', 'accepts'),
      'By their published rules, 5 of 6 large receivers reject mail from this host (R1, R2, R3 and 2 more).',
    ],
    [
      'every kind of answer',
      answers('refuses', 'defers', 'degrades', 'unknown'),
      'By their published rules, 1 of 4 large receivers rejects mail from this host (R1), 1 defers it (R2), 1 may reject it or file it as spam (R3), the answer of 1 is not known.',
    ],
    [
      'all accept',
      answers('accepts', 'accepts'),
      'By their published rules, 2 of 2 large receivers accept mail from this host.',
    ],
    [
      'some accept',
      answers('accepts', 'unknown', 'accepts'),
      'By their published rules, 2 of 3 large receivers accept mail from this host, and the answer of 1 is not known.',
    ],
  ])('%s', (_, receivers, sentence) => {
    expect(words('fail', receivers)).toBe(`FAIL: 1 of ${checks.length} checks failed (ptr). ${sentence}`);
    expect(words('warn', receivers)).toBe(`PASS with warnings (ptr). ${sentence}`);
  });

  test('receivers accept mail only if it can leave the host', () => {
    const sentence = '2 of 2 large receivers accept mail from this host';
    const base = {
      ...reportEnding(checks.map(({ id }) => (id === 'tls' ? 'fail' : 'pass'))),
      receivers: answers('accepts', 'accepts'),
    };
    expect(closingWords(base)).toContain(`${sentence}.`);
    const closed = `${sentence} if it can send on port 25.`;
    const ways = [{ way: 'own-server' as const, state: 'unknown' as const, text: '', mayBeBlocked: true as const }];
    expect(closingWords({ ...base, advice: { ...base.advice, ways } })).toContain(closed);
  });

  test('a receiver whose data is old is marked', () => {
    const [first] = answers('refuses');
    expect(words('fail', first === undefined ? [] : [{ ...first, confirmed: false }])).toContain('(R1, not confirmed)');
  });

  test('the receivers whose data is old are marked once', () => {
    const old = (number: number) =>
      answers('refuses', 'refuses', 'refuses').map((one, index) => ({ ...one, confirmed: index >= number }));
    expect(words('fail', old(1))).toContain('(R1 (not confirmed), R2, R3)');
    expect(words('fail', old(2))).toContain('(R1, R2, R3; not confirmed: R1, R2)');
  });

  test('nothing known is told, unless checks are missing, and a pass needs no answers', () => {
    const sentence = 'The answers of 2 large receivers are not known.';
    const unknown = answers('unknown', 'unknown');
    expect(words('fail', unknown)).toBe(`FAIL: 1 of ${checks.length} checks failed (ptr). ${sentence}`);
    expect(words('warn', unknown)).toBe(`PASS with warnings (ptr). ${sentence}`);
    expect(words('inconclusive', unknown)).not.toContain('receiver');
    expect(words('pass', answers('accepts', 'unknown'))).toBe(
      'PASS: no problem found that would stop mail from this host.',
    );
  });

  test('without an answer, a warning may still matter to some', () => {
    expect(words('warn', [])).toBe('PASS with warnings (ptr): some receivers may reject this mail or file it as spam.');
  });
});

test('what the faults mean for the host is told once, the worst first, and not for an accepted one', () => {
  const told = (severity: Severity, headline: string): FindingResult => ({ ...faultOf('ptr', severity), headline });
  const accepted = { reason: 'known', until: '2030-01-01', state: 'accepted' } as const;
  const findings = [
    told('warning', 'Second.'),
    told('error', 'First.'),
    told('error', 'First.'),
    told('info', 'Never.'),
    { ...told('error', 'Accepted.'), deviation: accepted },
  ];
  const report = reportOf([resultOf('ptr', findings)], { verdict: 'fail' });
  expect(closingWords(report)).toMatch(/^FAIL: the one check that ran failed \(ptr\)\. First\. Second\. Excused/);
});

/** Markdown puts a backslash before what it would read as its own. */
const unescaped = (text: string): string => text.replace(/\\([-_().:!])/g, '$1');

describe('formats', () => {
  const samples: readonly (readonly Status[])[] = [
    checks.map(() => 'skipped'),
    checks.map(({ id }) => (id === 'spf' ? 'pass' : 'skipped')),
    checks.map(({ id }) => (id === 'egress' ? 'skipped' : 'pass')),
    checks.map(({ id }) => (id === 'tls' ? 'inconclusive' : 'pass')),
    checks.map(({ id }) => (id === 'ptr' ? 'fail' : id === 'egress' ? 'skipped' : 'warn')),
  ];

  test.each(wholeFormats)('%s claims no more', (format) => {
    for (const statuses of samples) {
      const report = reportEnding(statuses);
      const text = reporters[format]([report], { color: false, verbose: true }).replace(/\s+/g, ' ');
      expect(text).not.toMatch(OF_THE_WHOLE_HOST);
      const closing = closingWords(report);
      // SARIF and JSON have no last line: what did not run is in the notifications, and in the advice.
      // The terminal has more words between the verdict and the rest.
      const isInParts = format === 'pretty' || format === 'html' || format === 'markdown';
      const said = isInParts ? Object.values(closingParts(report)).flat() : [closing];
      if (format !== 'sarif' && format !== 'json') for (const words of said) expect(unescaped(text)).toContain(words);
      const unseen = [...idsWith(statuses, 'skipped'), ...idsWith(statuses, 'inconclusive')];
      const advised = format === 'json' ? String(JSON.parse(text).advice.summary) : text;
      if (unseen.length < checks.length) for (const id of unseen) expect(advised).toContain(id);
    }
  });
});
