/** "What to do next": the findings' remediations, most important first, each said once. */
import type { AdviceStep, FindingResult, RuleResult } from '../../report/status.ts';

/**
 * What has to be right before what: an open relay is closed before anything else, the forward record exists before
 * the reverse one is asked for, and lists are asked to delist only when the host is in order.
 */
const ORDER = [
  'dns/domain-nonexistent',
  'dns/unreachable',
  'dns/resolver-rewrites',
  'dns/ip-not-public',
  'open-relay/',
  'helo/unresolvable',
  'ptr/forward-missing',
  'ptr/forward-mismatch',
  'helo/not-fqdn',
  'ptr/',
  'helo/',
  'egress/',
  'provider/',
  'spf/',
  'dkim/',
  'dmarc/',
  'rbl/',
  'tls/',
  'mx/',
] as const;

const SEVERITIES = ['error', 'warning', 'inconclusive', 'info'] as const;

/** Providers look at the reverse name before they open port 25, so it comes first however small its fault is. */
const BEFORE_PORT_25 = /^(?:ptr|helo)\//;
const PORT_25 = /^(?:egress\/blocked|provider\/port25-restricted)$/;

function rank({ code, severity }: FindingResult, asksForPort25: boolean): number {
  const place = ORDER.findIndex((prefix) => code.startsWith(prefix));
  const weight = asksForPort25 && severity === 'warning' && BEFORE_PORT_25.test(code) ? 'error' : severity;
  return SEVERITIES.indexOf(weight) * 100 + (place < 0 ? ORDER.length : place);
}

/** @returns the steps; findings that are only informational, and those that follow from others, need none. */
export function stepsOf(rules: readonly RuleResult[]): AdviceStep[] {
  const findings = rules
    .flatMap((rule) => rule.findings)
    .filter(({ code, severity }) => severity !== 'info' && !code.startsWith('receiver/'));
  const asksForPort25 = findings.some(({ code, severity }) => severity === 'error' && PORT_25.test(code));
  findings.sort((a, b) => rank(a, asksForPort25) - rank(b, asksForPort25));
  const steps = new Map<string, AdviceStep>();
  for (const { code, severity, subject, remediation } of findings) {
    const { summary, records = [], commands = [], links = [] } = remediation;
    const known = steps.get(summary);
    if (known === undefined) {
      steps.set(summary, {
        summary,
        severity,
        codes: [code],
        subjects: [subject],
        records: [...records],
        commands: [...commands],
        links: [...links],
      });
      continue;
    }
    if (!known.codes.includes(code)) known.codes.push(code);
    if (!known.subjects.includes(subject)) known.subjects.push(subject);
    known.records.push(...records.filter(({ line }) => !known.records.some((record) => record.line === line)));
    known.commands.push(...commands.filter((command) => !known.commands.includes(command)));
    known.links.push(...links.filter((link) => !known.links.includes(link)));
  }
  return [...steps.values()];
}
