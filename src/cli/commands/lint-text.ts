/** Writes what `mailcheck lint` found: a line for each finding, as compilers write them, so that editors find the place. */
import { count } from '../../report/count.ts';
import { type FindingResult, isFault, type Report, weightOf } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';
import type { Tones } from '../../reporters/tones.ts';
import { SEVERITY_STATUS } from '../../reporters/words.ts';

/**
 * @param files the number of files that were read.
 * @returns the text with a final newline: `example.com.zone:12: error: … (spf/multiple-records)`, and the counts.
 */
export function lintText(reports: readonly Report[], files: number, tones: Tones): string {
  const found = reports.flatMap((report) =>
    report.rules
      .filter(({ kind }) => kind === 'check')
      .flatMap(({ findings }) => findings.filter((finding) => isFault(finding)))
      .sort((a, b) => lineOf(a) - lineOf(b) || weightOf(b.severity) - weightOf(a.severity))
      .map((finding) => ({ report, finding })),
  );
  const having = (severity: FindingResult['severity']): number =>
    found.filter(({ finding }) => finding.severity === severity).length;
  const counts = `${count(having('error'), 'error')}, ${count(having('warning'), 'warning')} in ${count(files, 'file')}`;
  return [...found.map(({ report, finding }) => lineFor(finding, report, tones)), counts, ''].join('\n');
}

/** @returns the line in the file. What is missing in it stands at no line, and comes first. */
function lineOf({ place }: FindingResult): number {
  return place?.line ?? 0;
}

function lineFor(finding: FindingResult, { proposed }: Report, tones: Tones): string {
  const file = finding.place?.file ?? proposed?.files[0]?.file ?? '';
  const place = finding.place?.line ? `${file}:${finding.place.line}` : file;
  const severity = tones.of(SEVERITY_STATUS[finding.severity])(finding.severity);
  return `${printable(place)}: ${severity}: ${printable(finding.message)} (${finding.code})`;
}
