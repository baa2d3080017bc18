/** Writes a finding as lines of plain text, for formats that are shown as text. Every line is safe to print. */
import type { FindingResult } from '../report/status.ts';
import { STANDING } from './change-words.ts';
import { evidenceRows } from './evidence-rows.ts';
import { copyable, printable } from './printable.ts';
import { typedGroups } from './typed-groups.ts';

/** @returns the lines about the observation: the message, its details, the code and the evidence, key by key. */
export function observationLines(finding: FindingResult): string[] {
  return [
    finding.message,
    ...(finding.details ?? []).map(({ label, text }) => `  ${label}: ${text}`),
    `${finding.code} (${finding.reference})${finding.proposed ? ', based on proposed records' : ''}`,
    ...standingLines(finding),
    ...evidenceLines(finding),
  ].map(printable);
}

/**
 * @returns the lines about the fix: a sentence, then the records, commands and links in the form the user types, each
 *   group below its label.
 */
export function fixLines({ remediation }: Pick<FindingResult, 'remediation'>): string[] {
  const copied = typedGroups(remediation).flatMap(({ label, lines }) => [
    ...(label === null ? [] : [`  ${printable(label)}`]),
    ...lines.map((line) => `${label === null ? '  ' : '    '}${copyable(line)}`),
  ]);
  return [printable(remediation.summary), ...copied].filter((line) => line.trim() !== '');
}

/** @returns the lines about the change, the configuration and the baseline: accepted, changed severity, new or known. */
export function standingLines({ deviation, defaultSeverity, severity, baseline, change }: FindingResult): string[] {
  return [
    ...(change === undefined ? [] : [STANDING[change]]),
    ...(deviation?.state === 'accepted' ? [`Accepted until ${deviation.until}: ${deviation.reason}`] : []),
    ...(deviation?.state === 'expired' ? [`The exception expired on ${deviation.until}: ${deviation.reason}`] : []),
    ...(defaultSeverity === undefined
      ? []
      : [`The configuration sets the severity ${severity} (default: ${defaultSeverity})`]),
    ...(baseline === undefined ? [] : [baseline === 'new' ? 'New since the baseline' : 'Already in the baseline']),
  ].map(printable);
}

function evidenceLines(finding: FindingResult): string[] {
  const { rows, omitted } = evidenceRows(finding);
  const more = (number: number): string[] => (number > 0 ? [`… and ${number} more`] : []);
  return [
    ...rows.map(({ depth, key, items, omitted: left }) =>
      `${'  '.repeat(depth + 1)}${key}: ${[...items, ...more(left)].join(', ')}`.trimEnd(),
    ),
    ...more(omitted).map((text) => `  ${text}`),
  ];
}
