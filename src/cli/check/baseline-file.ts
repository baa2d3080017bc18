/** The file of `--baseline`. */
import { parseBaseline } from '../../report/baseline.ts';
import type { Report } from '../../report/status.ts';
import { readOptionText } from '../options/files.ts';
import { ofValue } from '../options/value-error.ts';

/**
 * @param domains the targets of this run, each of which must have a report there.
 * @returns the reports of an earlier run. @throws ValueError for a file that holds no such reports
 */
export async function readBaseline(file: string, domains: readonly string[]): Promise<readonly Report[]> {
  const text = await readOptionText(file);
  return ofValue(() => parseBaseline(text, file, domains));
}
