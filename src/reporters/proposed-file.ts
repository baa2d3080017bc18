/** The file in the repository that a finding is about, where it is judged by records of a proposed zone file. */
import type { FindingResult, Report } from '../report/status.ts';

/**
 * @returns its path, or undefined where the finding does not rest on proposed records, where several files may be
 *   meant, or where the path leads out of the working directory: annotations know paths below it only.
 */
export function proposedFile({ proposed }: Report, finding: FindingResult): string | undefined {
  if (!finding.proposed || proposed?.files.length !== 1) return undefined;
  const path = proposed.files[0]?.file.replace(/^(\.\/)+/, '') ?? '';
  const isInside = path !== '' && !/^([\\/]|[a-z]:)/i.test(path) && !path.split(/[\\/]/).includes('..');
  return isInside ? path : undefined;
}
