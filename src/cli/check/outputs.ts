/**
 * Writes the reports of a run. One format goes to stdout or the file of `--output`. Any number of other formats go to
 * their own files. In a step of GitHub Actions the report also goes to the job summary.
 */
import { appendFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileErrorText } from '../../network/fault.ts';
import type { ExitPolicy, Report } from '../../report/status.ts';
import { type Format, formats, reporters } from '../../reporters/index.ts';
import { markdownWithin } from '../../reporters/markdown.ts';
import type { ReporterOptions } from '../../reporters/reporter.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { parseFormat } from '../options/choices.ts';
import { terminalWidth, USUAL_WIDTH, useColor } from '../terminal/look.ts';
import { warn, writeFileAtomically, writeText } from '../terminal/output.ts';

/** A format and the file it is written to. Without a file, it is written to stdout. */
export interface ReportOutput {
  readonly format: Format;
  readonly file?: string;
}

/**
 * Reads the values of `--format` and `--output`.
 *
 * @param texts the values of `--format`, each `format` or `format=file`. The default is `pretty`.
 * @param file the value of `--output`, for the format that names no file.
 * @throws UsageError for an unknown format, for two formats that would go to stdout or to the same file, or for a
 *   `file` that no format uses.
 */
export function parseReportOutputs(texts: readonly string[] | undefined, file: string | undefined): ReportOutput[] {
  const outputs = (texts ?? ['pretty']).map((text) => parseOutput(text, file));
  const places = outputs.map((output) => (output.file === undefined ? 'stdout' : resolve(output.file)));
  const seen = new Set<string>();
  const twice = outputs.find((_, index) => seen.size === seen.add(places[index] ?? '').size);
  if (twice !== undefined) {
    throw new UsageError(
      `two formats for ${twice.file ?? 'stdout'}. Give one of them a file of its own: --format ${twice.format}=report.${twice.format}`,
    );
  }
  if (file !== undefined && !outputs.some((output) => output.file === file)) {
    throw new UsageError('every --format has its own file, so --output is not needed');
  }
  return outputs;
}

function parseOutput(text: string, file: string | undefined): ReportOutput {
  const [, name = '', ownFile] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const format = parseFormat(name.trim(), formats);
  if (ownFile === '')
    throw new UsageError(`--format ${format}= has no file name. Type one: --format ${format}=report.txt`);
  const place = ownFile ?? file;
  return place === undefined ? { format } : { format, file: place };
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

/**
 * Writes every output. If one has the format `github`, it also writes the job summary (`GITHUB_STEP_SUMMARY`).
 *
 * @param options.policy the user's choices that the exit code depends on.
 * @param options.signal ends a write that blocks.
 * @throws UsageError when a file cannot be written, and the reason of the signal when it is aborted.
 */
export async function writeReports(
  outputs: readonly ReportOutput[],
  reports: readonly Report[],
  { signal, ...options }: ReportDetail & { readonly policy: ExitPolicy; readonly signal: AbortSignal },
): Promise<void> {
  // A plugin prints one line. It is the last to be written, so that it is not there if a file cannot be written.
  const isLast = ({ format, file }: ReportOutput): number => (format === 'nagios' && file === undefined ? 1 : 0);
  for (const { format, file } of [...outputs].sort((a, b) => isLast(a) - isLast(b))) {
    const color = file === undefined && useColor(process.stdout);
    const width = file === undefined ? terminalWidth() : USUAL_WIDTH;
    const text = reporters[format](reports, { ...options, color, width });
    if (file === undefined) await writeText(process.stdout, text, signal);
    else await writeFileAtomically(file, text, { signal });
  }
  const summary = process.env.GITHUB_STEP_SUMMARY ?? '';
  if (summary !== '' && outputs.some(({ format }) => format === 'github')) await appendSummary(summary, reports);
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
