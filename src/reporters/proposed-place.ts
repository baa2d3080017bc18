/** Finds the place in the repository that a finding is about, if the finding depends on proposed records. */
import type { FindingResult, Report } from '../report/status.ts';

/** A place in a file, for an annotation. */
export interface PlaceInFile {
  /** Relative to the working directory. */
  readonly path: string;
  /** From 1. It is 1 when the line is not known. */
  readonly line: number;
}

/**
 * @returns where the records stand that the finding depends on. It is undefined if the finding does not depend on
 *   proposed records, if their file is not known, or if the path leads out of the working directory, which annotations do
 *   not allow.
 */
export function proposedPlace({ proposed }: Report, finding: FindingResult): PlaceInFile | undefined {
  if (!finding.proposed) return undefined;
  const only = proposed?.files.length === 1 ? proposed.files[0]?.file : undefined;
  const path = (finding.place?.file ?? only ?? '').replace(/^(\.\/)+/, '');
  // Standard input is no file.
  const isInside = path !== '' && path !== '-' && !/^([\\/]|[a-z]:)/i.test(path) && !path.split(/[\\/]/).includes('..');
  return isInside ? { path, line: finding.place?.line ?? 1 } : undefined;
}
