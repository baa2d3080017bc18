/** What follows from the checks: the receivers' answers, the ways to send mail, and the comparison with the baseline. */
import { isAccepted, type Report } from '../../report/status.ts';
import { planSummary } from '../changes.ts';
import { closingParts, wayWords } from '../closing-words.ts';
import { printable } from '../printable.ts';
import { basisWords, receiverTable } from '../receivers.ts';
import { isShown, MARKS } from '../words.ts';
import { marked, paragraph, type Screen } from './screen.ts';

/** @returns the receivers' answers: one sentence, or the table of all. */
export function receiverLines(report: Report, screen: Screen): string[] {
  if (!screen.isFull) {
    const { receivers } = closingParts(report);
    return receivers.flatMap((text) => paragraph(text, screen));
  }
  const rows = receiverTable(report);
  if (rows.length === 0) return [];
  const volume = report.volume === 'bulk' ? 'in bulk' : 'at low volume';
  return [
    screen.tones.bold(`What receivers would answer (${volume}; ${basisWords(report)})`),
    ...rows.flatMap(({ status, word, text, quote }) => {
      const first = `  ${MARKS[status].symbol} ${word.padEnd(10)}`;
      const indent = ' '.repeat(first.length);
      return [
        ...marked(text, status, first, screen),
        ...(quote === null ? [] : paragraph(quote, screen, indent).map(screen.tones.dim)),
      ];
    }),
    '',
  ];
}

/** @returns whether and how mail can be sent, and with `full` what the changes settle and the other ways. */
export function wayLines(report: Report, screen: Screen): string[] {
  // A change of DNS is judged, not the host.
  if (report.gate !== undefined && !screen.isFull) return [];
  const settled = planSummary(report);
  return [
    ...(screen.isFull && settled !== null ? [...paragraph(settled, screen), ''] : []),
    ...paragraph(screen.isFull && !report.proposed?.offline ? report.advice.summary : wayWords(report), screen),
    ...(screen.isFull ? [''] : []),
  ];
}

/** The codes of answers that are predicted. They follow from other findings. */
const PREDICTED: readonly string[] = ['receiver/refuses', 'receiver/degrades', 'receiver/not-checkable'];

/** @returns the comparison with the baseline: the findings that are fixed or were not seen, and the number of new ones. */
export function baselineLines({ baseline, rules }: Report, screen: Screen): string[] {
  if (baseline === undefined) return [];
  const counted = rules
    .filter(isShown)
    .flatMap(({ findings }) => findings)
    .filter((finding) => finding.severity !== 'info' && !isAccepted(finding));
  const known = counted.filter((finding) => finding.baseline === 'known').length;
  const listed = (status: 'pass' | 'inconclusive', word: string, findings: typeof baseline.fixed) =>
    findings
      .filter(({ code }) => !PREDICTED.includes(code))
      .flatMap(({ code, subject, title }) => {
        const first = `  ${MARKS[status].symbol} ${word.padEnd('not seen'.length)} `;
        return paragraph(`${title} (${code}, ${subject})`, screen, ' '.repeat(first.length), first).map(
          screen.tones.of(status),
        );
      });
  return [
    screen.tones.bold(printable(`Since the baseline of ${baseline.startedAt.slice(0, 10)} (${baseline.file})`)),
    ...listed('pass', 'fixed', baseline.fixed),
    ...listed('inconclusive', 'not seen', baseline.unknown),
    ...paragraph(`${counted.length - known} new, ${known} as before.`, screen, '  '),
    '',
  ];
}
