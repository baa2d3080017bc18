/** Targets of a fleet and their sums, made without a run, with a text of choice in every place that is untrusted. */
import type { FleetEntry, FleetSummary } from '../../../src/report/fleet.ts';
import { SCHEMA_VERSION } from '../../../src/report/schema-version.ts';
import type { FindingResult, Report, Severity, Verdict } from '../../../src/report/status.ts';

export const STARTED_AT = '2026-11-29T00:00:00.000Z';

export function finding(code: string, severity: Severity, text = 'a fault'): FindingResult {
  return {
    code,
    severity,
    title: text,
    message: text,
    explanation: text,
    subject: text,
    about: { name: text },
    rests: [],
    evidence: {},
    remediation: { summary: text },
    reference: 'RFC 5321',
  };
}

export function report(
  domain: string,
  verdict: Verdict,
  findings: readonly FindingResult[] = [],
  ips: readonly string[] = ['203.0.113.5'],
): Report {
  const rules = [...new Set(['dns', ...findings.map(({ code }) => code.split('/')[0] ?? '')])].map((id) => ({
    id,
    kind: 'check' as const,
    title: id,
    reference: 'RFC 5321',
    status: verdict,
    durationMs: 1,
    findings: findings.filter(({ code }) => code.startsWith(`${id}/`)),
  }));
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: 'mailcheck', version: '0.1.0' },
    target: { domain, ips: [...ips], ipSource: 'argument', helo: [], selectors: [], resolvers: [] },
    vantage: { kind: 'outside', reason: 'given', validates: null, obstacles: [] },
    verdict,
    rules,
    provider: null,
    volume: 'low',
    receivers: [],
    plan: null,
    advice: { summary: '', ways: [], steps: [] },
    timing: { startedAt: STARTED_AT, durationMs: 1500, dnsQueries: 1, smtpConnections: 0, deadlineReached: false },
  };
}

/** @returns an entry whose id is its number. */
export function entry(number: number, of: Report, tags: readonly string[] = []): FleetEntry {
  const id = number.toString(16).padStart(32, '0');
  return { id, place: `fleet.csv:${number}`, tags, report: of, exitCode: 0 };
}

/** @returns the sums of a fleet, with the text in every place that comes from outside. */
export function summary(text: string, more: Partial<FleetSummary> = {}): FleetSummary {
  return {
    runId: text,
    startedAt: STARTED_AT,
    endedAt: '2026-11-29T01:00:00.000Z',
    verdicts: { pass: 61, warn: 9, fail: 17, inconclusive: 2 },
    exitCodes: { 0: 70, 1: 17, 3: 2 },
    resumed: 1,
    repeated: 2,
    wrongLines: { count: 3, first: [{ place: text, message: text }] },
    notJudged: 4,
    endedBy: text,
    causes: [
      { code: 'ptr/missing', severity: 'error', title: text, targets: 24, first: [text, text] },
      { code: text, severity: 'warning', title: text, targets: 2, first: [text] },
      { code: `x${text}`, severity: 'warning', title: text, targets: 3, first: [text] },
    ],
    unknown: { tls: 5, [text]: 1 },
    listings: { 'zen.spamhaus.org': 6, [text]: 1, [`${text}.example`]: 2 },
    expiries: [
      {
        kind: 'certificate',
        seen: 90,
        first: '2026-12-05T00:00:00.000Z',
        domain: text,
        within: { ended: 0, days7: 1, days14: 2, days30: 12 },
      },
    ],
    changes: { new: 1, worse: 2, better: 3, gone: { count: 5, first: [text, text] } },
    ...more,
  };
}
