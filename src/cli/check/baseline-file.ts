/** Reads the file that `--baseline` names. */
import { parseBaseline } from '../../report/baseline.ts';
import type { BaselineReport } from '../../report/status.ts';
import { readOptionText } from '../options/files.ts';
import { ofValue } from '../options/value-error.ts';

/**
 * @param domains the domains of this run. The file must contain a report of each.
 * @returns the reports of the earlier run, as far as a later one is compared with them.
 * @throws ValueError for a file that cannot be read or does not contain these reports.
 */
export async function readBaseline(file: string, domains: readonly string[]): Promise<readonly BaselineReport[]> {
  const text = await readOptionText(file);
  return ofValue(() => parseBaseline(text, file, domains));
}
