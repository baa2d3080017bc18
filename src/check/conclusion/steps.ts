/** Builds "What to do next": the remediations of the findings, most important first, each one once. */
import type { AdviceStep, FindingResult, RuleResult } from '../../report/status.ts';
import { phaseOf, specOf } from '../rules/index.ts';
import { NAMES_OF_THE_HOST, PHASES } from '../rules/phases.ts';

const SEVERITIES = ['error', 'warning', 'inconclusive', 'info'] as const;

/**
 * Ranks a finding by severity, then by phase. If port 25 must be requested, warnings about the host's names rank as
 * errors, because providers check those names before they open the port.
 */
function rank({ code, severity }: FindingResult, asksForPort25: boolean): number {
  const phase = phaseOf(code);
  const isAskedFor = asksForPort25 && severity === 'warning' && NAMES_OF_THE_HOST.includes(phase);
  return SEVERITIES.indexOf(isAskedFor ? 'error' : severity) * PHASES.length + PHASES.indexOf(phase);
}

/** @returns whether the finding means that somebody has to be asked to open port 25. */
function isPort25Closed({ code, severity }: FindingResult): boolean {
  const barrier = specOf(code)?.barrier;
  return severity === 'error' && (barrier === 'port-25-closed' || barrier === 'port-25-on-request');
}

/**
 * @returns the steps in order, one for each different remediation. Info findings and the receivers' answers need none.
 */
export function stepsOf(results: readonly RuleResult[]): AdviceStep[] {
  const findings = results
    .filter(({ kind }) => kind === 'check')
    .flatMap((result) => result.findings)
    .filter(({ severity }) => severity !== 'info');
  const asksForPort25 = findings.some(isPort25Closed);
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
