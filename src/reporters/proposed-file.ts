/** Finds the file in the repository that a finding is about, if the finding depends on a proposed zone file. */
import type { FindingResult, Report } from '../report/status.ts';

/**
 * @returns the path of the file, relative to the working directory. It is undefined if the finding does not depend on
 *   proposed records, if there are several files, or if the path leads out of the working directory, which annotations
 *   do not allow.
 */
export function proposedFile({ proposed }: Report, finding: FindingResult): string | undefined {
  if (!finding.proposed || proposed?.files.length !== 1) return undefined;
  const path = proposed.files[0]?.file.replace(/^(\.\/)+/, '') ?? '';
  const isInside = path !== '' && !/^([\\/]|[a-z]:)/i.test(path) && !path.split(/[\\/]/).includes('..');
  return isInside ? path : undefined;
}
