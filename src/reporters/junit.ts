/**
 * Writes JUnit XML for Jenkins, GitLab and Azure Pipelines. The format has no standard. This file uses only what the
 * schemas of Jenkins (junit-4 to junit-10) and of Ant (Windy Road) have in common, with one exception: a test case may
 * be skipped or have its own output, which Ant's schema does not allow.
 */

import { count } from '../report/count.ts';
import { type FindingResult, isAccepted, type Report, type RuleResult } from '../report/status.ts';
import { changedStatus, isOfChange } from './change-words.ts';
import { closingWords } from './closing-words.ts';
import { fixLines, observationLines } from './finding-text.ts';
import { printable } from './printable.ts';
import { element, textElement } from './xml.ts';

/** @returns the XML document, with a test suite for each report and a test case for each rule. */
export function junit(reports: readonly Report[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', {}, reports.map(suite))}\n`;
}

function suite(report: Report, index: number): string {
  const { rules, target, timing, verdict, vantage, tool } = report;
  const having = (status: RuleResult['status']): number => rules.filter((rule) => caseStatus(rule) === status).length;
  const name = printable([target.domain, ...target.ips].join(' ')).trim() || 'mailcheck';
  return element(
    'testsuite',
    {
      name,
      package: 'mailcheck',
      id: index,
      // Ant's schema requires a time without fractions of a second and without a time zone.
      timestamp: timing.startedAt.slice(0, 19),
      hostname: 'localhost',
      tests: rules.length,
      failures: having('fail'),
      errors: having('inconclusive'),
      skipped: having('skipped'),
      time: seconds(timing.durationMs),
    },
    [
      element('properties', {}, [
        element('property', { name: 'verdict', value: verdict }),
        element('property', { name: 'version', value: tool.version }),
        element('property', { name: 'vantage', value: printable(`${vantage.kind}: ${vantage.reason}`) }),
      ]),
      ...rules.map(testCase),
      textElement(
        'system-out',
        {},
        withoutAttachments(`${printable(closingWords(report))}\n${printable(report.advice.summary)}`),
      ),
      textElement('system-err', {}, ''),
    ],
  );
}

/**
 * Returns the status of the test case. One that could not be completed, as the user allows, counts as skipped. What a change
 * of DNS leaves as it is fails no test.
 */
function caseStatus(rule: RuleResult): RuleResult['status'] {
  return rule.allowed === true && rule.status === 'inconclusive' ? 'skipped' : changedStatus(rule);
}

function testCase(rule: RuleResult): string {
  const attributes = {
    name: printable(rule.title),
    classname: `mailcheck.${printable(rule.id)}`,
    time: seconds(rule.durationMs),
  };
  return element('testcase', attributes, [...outcome(rule), ...output(rule)]);
}

function outcome(rule: RuleResult): string[] {
  switch (caseStatus(rule)) {
    case 'fail':
      return [trouble('failure', open(rule, ['error', 'inconclusive', 'warning']))];
    case 'inconclusive':
      // A check that could not be made must not look as if it had passed.
      return [trouble('error', open(rule, ['inconclusive', 'warning']))];
    case 'skipped':
      // The reason is the text of the element: GitLab shows only the text, and junit-4 has no attribute for it.
      return [textElement('skipped', {}, skippedText(rule))];
    case 'warn':
    case 'pass':
      return [];
  }
}

function skippedText(rule: RuleResult): string {
  if (rule.status === 'skipped') return printable(rule.skipReason ?? 'not run');
  return ['known and allowed', ...open(rule, ['inconclusive']).map(findingText)].join('\n\n');
}

/** Returns the findings of these severities that are not accepted, in the order of the severities. */
function open(rule: RuleResult, severities: readonly FindingResult['severity'][]): FindingResult[] {
  return severities.flatMap((severity) =>
    rule.findings.filter((finding) => finding.severity === severity && !isAccepted(finding) && isOfChange(finding)),
  );
}

function trouble(name: 'failure' | 'error', findings: readonly FindingResult[]): string {
  const [first, ...others] = findings;
  const more = others.length === 0 ? '' : ` (and ${count(others.length, 'more finding')})`;
  return textElement(
    name,
    { message: printable(first?.message ?? '') + more, type: first?.code ?? 'mailcheck' },
    findings.map(findingText).join('\n\n'),
  );
}

function findingText(finding: FindingResult): string {
  const [fix = '', ...typed] = fixLines(finding);
  return [
    ...observationLines(finding),
    // Beside an obstacle the explanation would speak of a fault that nobody saw.
    ...(finding.explanation === '' || finding.obstacle !== undefined ? [] : [`Why: ${printable(finding.explanation)}`]),
    ...(fix === '' ? [] : [`Fix: ${fix}`, ...typed]),
  ].join('\n');
}

/** Returns the output of the test case, which does not fail it: what was seen, warnings, accepted findings, and those as before a change. */
function output(rule: RuleResult): string[] {
  const isWarned = changedStatus(rule) === 'warn' || (rule.allowed === true && rule.status === 'inconclusive');
  const warnings = isWarned ? open(rule, ['warning']) : [];
  const texts = [
    ...(rule.note === undefined || rule.status === 'skipped' ? [] : [printable(rule.note)]),
    ...[...warnings, ...rule.findings.filter((finding) => isAccepted(finding) || !isOfChange(finding))].map(
      findingText,
    ),
  ];
  return texts.length === 0 ? [] : [textElement('system-out', {}, withoutAttachments(texts.join('\n\n')))];
}

/** Escapes `[[ATTACHMENT|path]]`. GitLab and Jenkins would show the file of this path. */
function withoutAttachments(text: string): string {
  return text.replace(/\[(?=\[ATTACHMENT\|)/gi, '\\x5b');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
