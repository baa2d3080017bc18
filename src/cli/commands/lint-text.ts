/** Writes what `mailcheck lint` found: a line for each finding, as compilers write them, so that editors find the place. */
import { count } from '../../report/count.ts';
import { type FindingResult, isFault, type Report, weightOf } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';
import type { Tones } from '../../reporters/tones.ts';
import { SEVERITY_STATUS } from '../../reporters/words.ts';

/** What was judged of one file. */
interface JudgedFile {
  /** The number of domains that were judged. */
  readonly domains: number;
  /** The number of domains that were left out. */
  readonly left: number;
}

type Files = ReadonlyMap<string, JudgedFile>;

/**
 * @param files the files that were read, each with what was judged of it.
 * @returns the text with a final newline: `example.com.zone:12: error: … (spf/multiple-records)`, and the counts.
 */
export function lintText(reports: readonly Report[], files: Files, tones: Tones): string {
  // The domains of a file may share a record, such as the DMARC record of their organization.
  const found = new Map<string, FindingResult['severity']>();
  for (const report of reports) {
    const faults = report.rules
      .filter(({ kind }) => kind === 'check')
      .flatMap(({ findings }) => findings.filter((finding) => isFault(finding)))
      .sort((a, b) => lineOf(a) - lineOf(b) || weightOf(b.severity) - weightOf(a.severity));
    for (const finding of faults) found.set(lineFor(finding, report, files, tones), finding.severity);
  }
  const having = (wanted: FindingResult['severity']): number =>
    [...found.values()].filter((severity) => severity === wanted).length;
  const judged = [...files.values()].filter(({ domains }) => domains > 0).length;
  const counts = `${count(having('error'), 'error')}, ${count(having('warning'), 'warning')} in ${count(judged, 'file')}`;
  return [...found.keys(), ...gapLines(files), counts, ''].join('\n');
}

/** @returns what was not judged. */
function gapLines(files: Files): string[] {
  return [...files].flatMap(([file, { domains, left }]) => {
    if (domains === 0) return [`${printable(file)}: nothing to judge: no record is of mail`];
    return left === 0 ? [] : [`${printable(file)}: ${domains} domains were judged, and ${left} were not`];
  });
}

/** @returns the line in the file. What is missing in it stands at no line, and comes first. */
function lineOf({ place }: FindingResult): number {
  return place?.line ?? 0;
}

function lineFor(finding: FindingResult, { proposed, target }: Report, files: Files, tones: Tones): string {
  const judged = proposed?.files[0]?.file ?? '';
  const { file, line } = finding.place ?? { file: judged, line: null };
  const severity = tones.of(SEVERITY_STATUS[finding.severity])(finding.severity);
  // Without a line, only the domain tells the findings of a file with several domains apart.
  const domain = line === null && (files.get(judged)?.domains ?? 0) > 1 ? `${target.domain}: ` : '';
  const place = line === null ? file : `${file}:${line}`;
  return `${printable(place)}: ${severity}: ${printable(`${domain}${finding.message}`)} (${finding.code})`;
}
