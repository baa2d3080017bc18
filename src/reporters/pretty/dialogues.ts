/** What was asked and answered, and how long it took. */
import type { Report } from '../../report/status.ts';
import { printable } from '../printable.ts';
import { dnsLine, smtpLine } from '../transcript.ts';
import { waterfallLines } from '../waterfall.ts';
import type { Screen } from './screen.ts';

/** @returns the DNS and SMTP dialogues of a verbose report. */
export function transcriptLines({ transcript }: Report, { tones, isVerbose }: Screen): string[] {
  if (transcript === undefined || !isVerbose) return [];
  const { dns, smtp } = transcript;
  return [
    tones.bold('DNS'),
    ...dns.map((line) => `  ${printable(dnsLine(line))}`),
    '',
    ...smtp.flatMap(({ id, lines }) => [
      tones.bold(`SMTP ${printable(id)}`),
      ...lines.map((line) => `  ${printable(smtpLine(line))}`),
      '',
    ]),
  ];
}

/** @returns what waited for what, if the run was timed. */
export function timingLines(report: Report, screen: Screen): string[] {
  const lines = waterfallLines(report);
  return lines.length === 0 ? [] : [screen.tones.bold('What waited for what'), ...lines, ''];
}
