/** Writes a fleet as a folder of web pages: one for each target as it ends, and an overview at the end. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorText } from '../../network/fault.ts';
import type { FleetEntry, FleetSummary } from '../../report/fleet.ts';
import {
  fileNameOf,
  OVERVIEW_FILE,
  overviewFoot,
  overviewHead,
  overviewRow,
  targetPage,
} from '../../reporters/fleet/html.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { writeFileAtomically } from '../terminal/output.ts';
import { openWholeFile } from './whole-file.ts';

/** A folder of pages that is being written. */
export interface HtmlFolder {
  entry(entry: FleetEntry): Promise<void>;
  /** Writes the overview. */
  end(summary: FleetSummary): Promise<void>;
  /** Removes what is not in its place yet. The pages of targets stay. */
  abandon(): Promise<void>;
}

/**
 * Opens the folder. Pages that are there already stay, unless the same target is judged again.
 *
 * @throws UsageError if the folder cannot be made, and later if a page cannot be written.
 */
export async function openHtmlFolder(folder: string, signal: AbortSignal): Promise<HtmlFolder> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot make the folder ${quoteInput(folder)}: ${fileErrorText(error, 'write')}`);
  }
  // The head of the overview has the totals, so the rows wait in a file of their own.
  const rows = await openWholeFile(join(folder, 'rows.part'));
  return {
    async entry(entry) {
      // The report of a target that is judged is written, although the run is interrupted.
      const ending = signal.aborted ? {} : { signal };
      await writeFileAtomically(join(folder, fileNameOf(entry)), targetPage(entry), ending);
      await rows.write(overviewRow(entry));
    },
    async end(summary) {
      const overview = await openWholeFile(join(folder, OVERVIEW_FILE));
      try {
        await overview.write(overviewHead(summary));
        for await (const text of rows.take()) await overview.write(text);
        await overview.write(overviewFoot(summary));
        await overview.finish();
      } finally {
        await overview.abandon();
      }
    },
    abandon: () => rows.abandon(),
  };
}
