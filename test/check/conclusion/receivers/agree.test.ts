/**
 * The ways to send mail and the closing words agree with the answers of receivers, whatever is found: no host is ready
 * whose mail is rejected, and no step is missing that ends a rejection.
 */
import { describe, expect, test } from 'vitest';
import type { Volume } from '../../../../src/check/conclusion/receivers/predict.ts';
import { stepsOf } from '../../../../src/check/conclusion/steps.ts';
import { waysOut } from '../../../../src/check/conclusion/ways.ts';
import { checks, specOf } from '../../../../src/check/rules/index.ts';
import { parseIp } from '../../../../src/network/ip.ts';
import { receiverCounts } from '../../../../src/report/receiver-counts.ts';
import type { Severity } from '../../../../src/report/status.ts';
import { closingWords } from '../../../../src/reporters/closing-words.ts';
import { NOW } from '../../../world/clock.ts';
import { NO_PLAN, reportOf, resultsWith } from '../../../world/results.ts';
import { answers, type Given } from './given.ts';

const ip = parseIp('203.0.113.5');

function conclusionOf(given: readonly Given[], volume: Volume = 'low', skipped: readonly string[] = []) {
  const results = resultsWith(given, skipped).filter(({ kind }) => kind === 'check');
  const receivers = answers(given, volume, skipped);
  const steps = stepsOf(results, NO_PLAN, new Map());
  const ways = waysOut(results, steps, ip ? [ip] : [], () => [], { now: NOW, receivers });
  const closing = closingWords(reportOf(results, { receivers, volume, advice: { ...ways, steps } }));
  return {
    closing,
    receivers,
    steps,
    text: ways.ways[0]?.text ?? '',
    summary: ways.summary,
    counts: receiverCounts(receivers),
  };
}

/** Every fault that a check can find, with the severity of its catalogue, on a list that receivers use. */
const faults = checks.flatMap(({ id, findings }) =>
  Object.keys(findings).flatMap((code): Given[] => {
    const severity: Severity = specOf(code)?.severity ?? 'error';
    const about = { ip: '203.0.113.5', ...(id === 'rbl' ? { zone: 'zen.spamhaus.org' } : {}) };
    return severity === 'error' || severity === 'warning' ? [{ code, severity, about }] : [];
  }),
);

const someRejects = ({ refuses, defers }: ReturnType<typeof receiverCounts>): boolean => refuses + defers > 0;

describe.each<Volume>(['low', 'bulk'])('at volume %s', (volume) => {
  test('no host is ready whose mail is rejected, and none is said to be rejected without a receiver', () => {
    let rejected = 0;
    for (const fault of faults) {
      const { text, closing, counts } = conclusionOf([fault], volume);
      const isRejected = someRejects(counts);
      if (isRejected) expect(text, fault.code).not.toMatch(/\bready\b/);
      expect(/\d+ (?:of \d+ large receivers? )?(?:rejects?|defers?) /.test(closing), `${fault.code}: ${closing}`).toBe(
        isRejected,
      );
      rejected += isRejected ? 1 : 0;
    }
    expect(rejected).toBeGreaterThan(30);
  });

  test('every step that ends a rejection is necessary', () => {
    for (const fault of faults) {
      const { text, receivers, steps } = conclusionOf([fault, { code: 'tls/cert-expired' }], volume);
      const isReason = receivers.some(
        ({ outcome, causes }) => /^(?:refuses|defers)$/.test(outcome) && causes.includes(fault.code),
      );
      if (!isReason || !text.startsWith('Complete')) continue;
      expect(text, fault.code).toMatch(steps.length === 1 ? /^Complete step 1 / : /^Complete steps 1–2 /);
    }
  });
});

describe('the text about the host', () => {
  const NO_DMARC: Given = { code: 'dmarc/missing', severity: 'warning' };
  const NULL_MX: Given = { code: 'mx/null-mx', severity: 'warning' };

  test.each<[name: string, given: Given[], skipped: string[], text: string]>([
    ['nothing found', [], [], 'This host is ready to send mail directly.'],
    [
      'one receiver rejects',
      [NO_DMARC],
      [],
      'This host can send mail directly, but by their published rules 1 of 17 large receivers rejects it until you complete step 1.',
    ],
    [
      'some defer',
      [{ code: 'helo/unresolvable', severity: 'warning' }],
      [],
      'This host can send mail directly, but by their published rules 3 of 17 large receivers reject or defer it until you complete step 1.',
    ],
    [
      'a check is missing',
      [NULL_MX],
      ['tls'],
      'By their published rules, 2 of 17 large receivers reject mail from this host. Still open: 1 check did not run (tls).',
    ],
    [
      'receivers see another address',
      [{ code: 'egress/source-mismatch', severity: 'warning' }],
      [],
      'This host can send mail directly, but the answers of large receivers are not known.',
    ],
  ])('%s', (_, given, skipped, text) => {
    expect(conclusionOf(given, 'low', skipped).summary).toBe(text);
  });
});
