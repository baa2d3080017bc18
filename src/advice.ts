/** "What to do next": the findings' remediations, most important first, each said once. */
import type { AdviceStep, FindingResult, RuleResult } from './report.ts';

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
  'spf/',
  'dkim/',
  'dmarc/',
  'rbl/',
  'tls/',
  'mx/',
] as const;

const SEVERITIES = ['error', 'warning', 'inconclusive', 'info'] as const;

function rank({ code, severity }: FindingResult): number {
  const place = ORDER.findIndex((prefix) => code.startsWith(prefix));
  return SEVERITIES.indexOf(severity) * 100 + (place < 0 ? ORDER.length : place);
}

/** @returns the steps; findings that are only informational need none. */
export function stepsOf(rules: readonly RuleResult[]): AdviceStep[] {
  const findings = rules
    .flatMap((rule) => rule.findings)
    .filter(({ severity }) => severity !== 'info')
    .sort((a, b) => rank(a) - rank(b));
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
