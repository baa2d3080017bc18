/** Reads the values of `--plan`, and writes the files. */
import { resolve } from 'node:path';
import type { Report } from '../../report/status.ts';
import type { PlanFormat } from '../../standards/dns-plan/formats.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import type { ReportOutput } from '../check/outputs.ts';
import { warn, writeFileAtomically, writeText } from '../terminal/output.ts';
import { formatFor, formatNamed, formatsOfFile } from './formats.ts';

/** A plan file that the user wants. */
export interface PlanOutput {
  /** The name of the file. `-` means stdout. */
  readonly file: string;
  /** The formats that it can have. With several, the DNS host decides. */
  readonly formats: readonly PlanFormat[];
}

const STDOUT = '-';

/**
 * Reads the values of `--plan`.
 *
 * @param texts the values, each `file` or `format=file`.
 * @param reports where the reports go. No plan goes to the same place.
 * @throws UsageError for an unknown format, and for two plans, or a plan and a report, that would go to the same place.
 */
export function parsePlanOutputs(
  texts: readonly string[] | undefined = [],
  reports: readonly ReportOutput[],
): PlanOutput[] {
  const outputs = texts.map(parseOutput);
  const taken = new Set(reports.map(({ file }) => placeOf(file ?? STDOUT)));
  for (const { file } of outputs) {
    const place = placeOf(file);
    if (taken.has(place)) {
      throw new UsageError(
        file === STDOUT && reports.some((report) => report.file === undefined)
          ? '--plan: the report goes to stdout too. Write it to a file: --output report.txt'
          : `--plan: something else goes to ${file === STDOUT ? 'stdout' : quoteInput(file)} too. Give each a file of its own`,
      );
    }
    taken.add(place);
  }
  return outputs;
}

const placeOf = (file: string): string => (file === STDOUT ? STDOUT : resolve(file));

function parseOutput(text: string): PlanOutput {
  // A name of a format has letters and dashes, so what else stands before "=" belongs to the name of the file.
  const [, name, named] = /^\s*([a-z0-9-]+)\s*=(.*)$/is.exec(text) ?? [];
  const file = named ?? text;
  if (file === '') throw new UsageError('--plan has no file name. Type one: --plan zone=plan.zone');
  if (name !== undefined) return { file, formats: [formatNamed(name)] };
  return { file, formats: formatsOfFile(file) };
}

/**
 * Writes the changes that the reports propose into each file. A format without comments has no place for what others have
 * to change and what is not decided yet, so that goes to stderr.
 *
 * @param signal ends a write that blocks.
 * @throws UsageError when a file cannot be written, and the reason of the signal when it is aborted.
 */
export async function writePlans(
  outputs: readonly PlanOutput[],
  reports: readonly Report[],
  signal: AbortSignal,
): Promise<void> {
  if (outputs.length === 0) return;
  const { changesOf } = await import('./changes.ts');
  const { planText } = await import('./text.ts');
  const content = changesOf(reports);
  for (const { file, formats } of outputs) {
    const format = formatFor(file, formats, content.zones);
    const text = await planText(content, format);
    if (file === STDOUT) await writeText(process.stdout, text, signal);
    else await writeFileAtomically(file, text, { signal });
    if (format.comment === null) for (const note of content.notes.slice(1)) warn(note);
  }
}
