/**
 * Writes the reports of a run. One format goes to stdout or the file of `--output`. Any number of other formats go to
 * their own files. In a step of GitHub Actions the report also goes to the job summary.
 */
import { appendFile, stat } from 'node:fs/promises';
import { fileErrorText } from '../../network/fault.ts';
import type { ExitPolicy, Report } from '../../report/status.ts';
import { type Format, formats } from '../../reporters/formats.ts';
import type { ReporterOptions } from '../../reporters/reporter.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { isPluginLine, type Output, parseOutputs } from '../options/outputs.ts';
import { readersCommandLine, terminalWidth, USUAL_WIDTH, useColor } from '../terminal/look.ts';
import { warn, writeFileAtomically, writeText } from '../terminal/output.ts';

/** A format and the file it is written to. */
export type ReportOutput = Output<Format>;

/** Reads the values of `--format` and `--output`. */
export function parseReportOutputs(texts: readonly string[] | undefined, file: string | undefined): ReportOutput[] {
  return parseOutputs(texts, file, {
    formats,
    usual: 'pretty',
    example: (format) => `report.${format}`,
    exampleOfNone: () => 'report.txt',
  });
}

/** How much a report says. */
export type ReportDetail = Required<Pick<ReporterOptions, 'verbose' | 'full' | 'summary'>>;

/**
 * @returns how much a report says, as the options of the command line ask.
 * @throws UsageError for options that contradict each other.
 */
export function reportDetail({ verbose = false, full = false, summary = false }: Partial<ReportDetail>): ReportDetail {
  if (summary && (full || verbose)) {
    throw new UsageError(`--summary and --${full ? 'full' : 'verbose'} contradict each other`);
  }
  return { verbose, full, summary };
}

/** Loads the reporters. A check does so while it waits for the network. */
export async function loadReporters() {
  const { reporters } = await import('../../reporters/index.ts');
  return reporters;
}

/**
 * Writes every output. If one has the format `github`, it also writes the job summary (`GITHUB_STEP_SUMMARY`). A plugin
 * prints one line. It is the last to be written, so that it is not there if a file cannot be written.
 *
 * @param options.policy the user's choices that the exit code depends on.
 * @param options.otherFiles writes the files of the run that are no reports.
 * @param options.signal ends a write that blocks.
 * @throws UsageError when a file cannot be written, and the reason of the signal when it is aborted.
 */
export async function writeReports(
  outputs: readonly ReportOutput[],
  reports: readonly Report[],
  {
    signal,
    otherFiles,
    ...options
  }: ReportDetail & {
    readonly policy: ExitPolicy;
    readonly signal: AbortSignal;
    readonly otherFiles: () => Promise<void>;
  },
): Promise<void> {
  const reporters = await loadReporters();
  // A file may be read elsewhere, so it has the commands for a POSIX shell.
  const commandLine = await readersCommandLine();
  const write = async ({ format, file }: ReportOutput): Promise<void> => {
    const color = file === undefined && useColor(process.stdout);
    const width = file === undefined ? terminalWidth() : USUAL_WIDTH;
    const shell = file === undefined ? { commandLine } : {};
    const text = reporters[format](reports, { ...options, ...shell, color, width });
    if (file === undefined) await writeText(process.stdout, text, signal);
    else await writeFileAtomically(file, text, { signal });
  };
  for (const output of outputs) if (!isPluginLine(output)) await write(output);
  const summary = process.env.GITHUB_STEP_SUMMARY ?? '';
  if (summary !== '' && outputs.some(({ format }) => format === 'github')) await appendSummary(summary, reports);
  await otherFiles();
  for (const output of outputs) if (isPluginLine(output)) await write(output);
}

/** The longest job summary of a step, in bytes. GitHub rejects a longer one as a whole. */
const SUMMARY_BYTES = 1024 * 1024;

/** Appends the reports to the job summary, since earlier commands of the step may have written to it. */
async function appendSummary(file: string, reports: readonly Report[]): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && !found.isFile()) {
    throw new UsageError(`cannot write ${quoteInput(file)} (GITHUB_STEP_SUMMARY): it is not a regular file`);
  }
  const used = found?.size ?? 0;
  const before = used > 0 ? '\n' : '';
  const { markdownWithin } = await import('../../reporters/markdown.ts');
  const text = markdownWithin(reports, SUMMARY_BYTES - used - before.length);
  if (text === '') {
    warn('the job summary of this step is full (1 MiB), so it does not contain the report');
    return;
  }
  try {
    await appendFile(file, before + text);
  } catch (error) {
    throw new UsageError(`cannot write ${quoteInput(file)} (GITHUB_STEP_SUMMARY): ${fileErrorText(error, 'write')}`);
  }
}
