/** Sums up the reports of one run as a fleet is summed up, for the formats that monitoring reads. */
import type { Cause, ExpirySummary, FleetSummary } from '../../report/fleet.ts';
import { incompleteRules, listedZones, openFindings } from '../../report/open-findings.ts';
import {
  type ExitPolicy,
  type Expiry,
  exitCode,
  type Report,
  type Severity,
  type Verdict,
  weightOf,
} from '../../report/status.ts';

/** The most domains that are named for one cause. */
const MAX_FIRST = 3;

/** @param policy the user's choices that the exit code of each report depends on. */
export function summaryOf(reports: readonly Report[], policy: ExitPolicy = {}): FleetSummary {
  const verdicts: Record<Verdict, number> = { pass: 0, warn: 0, fail: 0, inconclusive: 0 };
  const exitCodes: Record<number, number> = {};
  for (const report of reports) {
    verdicts[report.verdict] += 1;
    const code = exitCode(report, policy);
    exitCodes[code] = (exitCodes[code] ?? 0) + 1;
  }
  const starts = reports.map(({ timing }) => Date.parse(timing.startedAt));
  const ends = reports.map(({ timing }) => Date.parse(timing.startedAt) + timing.durationMs);
  const endedAt = Math.max(...ends);
  return {
    runId: '',
    startedAt: new Date(Math.min(...starts)).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    verdicts,
    exitCodes,
    resumed: 0,
    repeated: 0,
    wrongLines: { count: 0, first: [] },
    notJudged: 0,
    endedBy: null,
    causes: causesOf(reports),
    unknown: counted(reports.flatMap(incompleteRules)),
    listings: counted(reports.flatMap(listedZones)),
    expiries: (['certificate', 'signature'] as const).flatMap((kind) => expiryOf(kind, reports, endedAt)),
  };
}

function counted(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function causesOf(reports: readonly Report[]): Cause[] {
  const causes = new Map<string, { severity: Severity; title: string; domains: string[] }>();
  for (const report of reports) {
    const seen = new Set<string>();
    for (const { code, severity, title } of openFindings(report)) {
      const cause = causes.get(code) ?? { severity, title, domains: [] };
      causes.set(code, cause);
      if (weightOf(severity) > weightOf(cause.severity)) cause.severity = severity;
      if (!seen.has(code)) cause.domains.push(report.target.domain);
      seen.add(code);
    }
  }
  return [...causes]
    .map(([code, { domains, ...cause }]) => ({
      code,
      ...cause,
      targets: domains.length,
      first: domains.slice(0, MAX_FIRST),
    }))
    .sort((a, b) => weightOf(b.severity) - weightOf(a.severity) || b.targets - a.targets);
}

const DAY_MS = 86_400_000;

function expiryOf(kind: Expiry['kind'], reports: readonly Report[], now: number): ExpirySummary[] {
  const seen = reports
    .flatMap(({ target, expiries = [] }) => expiries.map((expiry) => ({ ...expiry, domain: target.domain })))
    .filter((expiry) => expiry.kind === kind)
    .sort((a, b) => Date.parse(a.until) - Date.parse(b.until));
  const [first] = seen;
  if (first === undefined) return [];
  const within = (days: number): number => seen.filter(({ until }) => Date.parse(until) <= now + days * DAY_MS).length;
  const ends = { ended: within(0), days7: within(7), days14: within(14), days30: within(30) };
  return [{ kind, seen: seen.length, first: first.until, domain: first.domain, within: ends }];
}
