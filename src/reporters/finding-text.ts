/** Writes a finding as lines of plain text, for formats that are shown as text. Every line is safe to print. */
import type { FindingResult } from '../report/status.ts';
import { copyable, printable } from './printable.ts';
import { typedGroups } from './typed-groups.ts';

/** @returns the lines about the observation: the message, its details, the code and the evidence. */
export function observationLines(finding: FindingResult): string[] {
  return [
    finding.message,
    ...(finding.details ?? []).map(({ label, text }) => `  ${label}: ${text}`),
    `${finding.code} (${finding.reference})${finding.proposed ? ', by proposed records' : ''}`,
    ...standingLines(finding),
    ...Object.entries(finding.evidence).map(([key, value]) => `  ${key}: ${inWords(value)}`),
  ].map(printable);
}

/**
 * @returns the lines about the fix: a sentence, then the records, commands and links in the form the user types, each
 *   group below its label.
 */
export function fixLines({ remediation }: FindingResult): string[] {
  const copied = typedGroups(remediation).flatMap(({ label, lines }) => [
    ...(label === null ? [] : [`  ${printable(label)}`]),
    ...lines.map((line) => `${label === null ? '  ' : '    '}${copyable(line)}`),
  ]);
  return [printable(remediation.summary), ...copied].filter((line) => line.trim() !== '');
}

/** @returns the lines about the configuration and the baseline: accepted, changed severity, new or known. */
export function standingLines({ deviation, defaultSeverity, severity, baseline }: FindingResult): string[] {
  return [
    ...(deviation?.state === 'accepted' ? [`Accepted until ${deviation.until}: ${deviation.reason}`] : []),
    ...(deviation?.state === 'expired' ? [`Was accepted until ${deviation.until}: ${deviation.reason}`] : []),
    ...(defaultSeverity === undefined
      ? []
      : [`Severity ${severity} by the configuration (usually ${defaultSeverity})`]),
    ...(baseline === undefined ? [] : [baseline === 'new' ? 'New since the baseline' : 'The baseline has it too']),
  ].map(printable);
}

function inWords(value: FindingResult['evidence'][string]): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(inWords).join(', ') || 'none';
  return Object.entries(value)
    .map(([key, item]) => `${key} ${inWords(item)}`)
    .join(' ');
}
