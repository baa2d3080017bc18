/** Makes findings, results of rules and reports as plain data, for tests of the code that uses them. */
import type { Plan } from '../../src/check/conclusion/plan/plan.ts';
import { type RuleId, rules } from '../../src/check/rules/index.ts';
import { identityOf } from '../../src/check/rules/rule.ts';
import { SCHEMA_VERSION } from '../../src/report/schema-version.ts';
import { type FindingResult, type Report, type RuleResult, statusOf, verdictOf } from '../../src/report/status.ts';

export type GivenFinding = Partial<FindingResult> & { readonly code: string };

/** @returns a finding with the code. Members that are not given are empty, and the severity is `error`. */
export function findingOf(given: GivenFinding): FindingResult {
  const { code } = given;
  return {
    severity: 'error',
    title: code,
    message: code,
    explanation: '',
    subject: 'example.com',
    about: {},
    rests: [],
    evidence: {},
    remediation: { summary: code },
    reference: '',
    ...given,
  };
}

/** @returns the results of every rule. Each ran to its end with only the given findings, or was skipped. */
export function resultsWith(given: readonly GivenFinding[], skipped: readonly string[] = []): RuleResult[] {
  return rules.map((rule) => {
    const findings = given.filter(({ code }) => code.startsWith(`${rule.id}/`)).map(findingOf);
    return skipped.includes(rule.id)
      ? { ...identityOf(rule), status: 'skipped', skipReason: 'not selected', durationMs: 0, findings: [] }
      : { ...identityOf(rule), status: statusOf(findings), durationMs: 0, findings };
  });
}

/** @returns the result of one rule that ended with a finding of this severity, or was skipped (`null`). */
export function resultOf(id: RuleId | string, findings: readonly FindingResult[] | null): RuleResult {
  const rule = rules.find((known) => known.id === id);
  const identity = rule ? identityOf(rule) : { id, kind: 'check' as const, title: id, reference: '' };
  return findings === null
    ? { ...identity, status: 'skipped', skipReason: 'not selected', durationMs: 0, findings: [] }
    : { ...identity, status: statusOf(findings), durationMs: 0, findings: [...findings] };
}

/** A plan that changes nothing. */
export const NO_PLAN: Plan = { sets: [], undecided: [], unproven: [], after: [] };

/** @returns a report on example.com with these results. */
export function reportOf(results: readonly RuleResult[], given: Partial<Report> = {}): Report {
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: 'mailcheck', version: '0' },
    target: { domain: 'example.com', ips: [], ipSource: 'argument', helo: [], selectors: [], resolvers: [] },
    vantage: { kind: 'outside', validates: null, obstacles: [], reason: '' },
    verdict: verdictOf(results.map(({ status }) => status)),
    rules: [...results],
    provider: null,
    volume: 'low',
    receivers: [],
    plan: null,
    advice: { summary: '', ways: [], steps: [] },
    timing: {
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 0,
      dnsQueries: 0,
      smtpConnections: 0,
      deadlineReached: false,
    },
    ...given,
  };
}
