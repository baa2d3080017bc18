/**
 * Writes the outputs of a fleet as its targets end. An output for a file is written beside it and takes its place at the
 * end, so that the file is always whole.
 */
import { lstat, stat } from 'node:fs/promises';
import type { FleetEntry, FleetSummary } from '../../report/fleet.ts';
import { type FleetFormat, fleetFormats, fleetReporters } from '../../reporters/fleet/index.ts';
import type { FleetReporter } from '../../reporters/fleet-reporter.ts';
import type { ReporterOptions } from '../../reporters/reporter.ts';
import { UsageError } from '../../usage-error.ts';
import type { FleetOptions } from '../options/fleet-options.ts';
import { isPluginLine, type Output, parseOutputs } from '../options/outputs.ts';
import { terminalWidth, USUAL_WIDTH, useColor } from '../terminal/look.ts';
import { writeText } from '../terminal/output.ts';
import { type HtmlFolder, openHtmlFolder } from './html-folder.ts';
import { openWholeFile } from './whole-file.ts';

/** A format and the file or folder that it is written to. */
export type FleetOutput = Output<FleetFormat>;

/** Takes what an output says. */
interface Sink {
  write(text: string): Promise<void>;
  /** Puts what was written in its place. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** The outputs of a run. */
export interface FleetOutputs {
  entry(entry: FleetEntry): Promise<void>;
  /**
   * Writes the end of each output, and puts the files in their places. The line of a plugin still waits. A run that judged
   * nothing and was broken off replaces no list of targets.
   */
  end(summary: FleetSummary): Promise<void>;
  /** Writes the line of a plugin to stdout, if the user asks for it. Called when nothing can fail any more. */
  last(summary: FleetSummary): Promise<void>;
  /** Removes what is not in its place yet. */
  abandon(): Promise<void>;
}

const exampleOf = (format: FleetFormat): string => `result.${format}`;

/** Reads the values of `--format` and `--output`. */
export function parseFleetOutputs(texts: readonly string[] | undefined, file: string | undefined): FleetOutput[] {
  return parseOutputs(texts, file, {
    formats: fleetFormats,
    usual: 'list',
    example: exampleOf,
    exampleOfNone: exampleOf,
    refuse({ format, file: place }) {
      if (format === 'html' && place === undefined)
        throw new UsageError('--format html is a folder of pages. Name it: --format html=report/');
    },
  });
}

/**
 * @param input the file of the targets, or `-`.
 * @throws UsageError for an output that would take the place of a file that the run reads.
 */
export async function refuseOverwriting(
  input: string,
  outputs: readonly FleetOutput[],
  { baseline, config, failedOnly = false }: Pick<FleetOptions, 'baseline' | 'config' | 'failedOnly'>,
): Promise<void> {
  for (const { format, file } of outputs) {
    if (file === undefined || format === 'html') continue;
    if (await isSameFile(file, input))
      throw new UsageError(`--format ${format}=${file} would overwrite the list of targets. Name another file`);
    if (typeof config === 'string' && (await isSameFile(file, config)))
      throw new UsageError(`--format ${format}=${file} would overwrite the configuration. Name another file`);
    if (failedOnly && baseline !== undefined && (await isSameFile(file, baseline))) {
      throw new UsageError(
        `with --failed-only, ${file} would lack targets and be no baseline any more. Name another file for --format ${format}`,
      );
    }
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  // A link at the place of an output is replaced, and not followed.
  const [found, read] = await Promise.all([lstat(one), stat(other)]).catch(() => []);
  return found !== undefined && read !== undefined && found.ino === read.ino && found.dev === read.dev;
}

/** An output of one text. */
interface OpenOutput {
  readonly reporter: FleetReporter;
  readonly options: ReporterOptions;
  readonly sink: Sink;
  /** Whether it is written when nothing can fail any more. */
  readonly isLast: boolean;
  /** Whether it is a file that lists targets. */
  readonly isList: boolean;
}

/** What the outputs of a run share. */
interface OutputsOptions {
  readonly failedOnly: boolean;
  readonly policy: ReporterOptions['policy'];
  /** Ends a write that blocks. */
  readonly signal: AbortSignal;
  /** Called around each write to stdout, so that a progress line does not stand in its way. */
  readonly around: (write: () => Promise<void>) => Promise<void>;
}

/**
 * Opens the outputs, and writes what stands before the first target.
 *
 * @throws UsageError for a file that cannot be written.
 */
export async function openFleetOutputs(
  outputs: readonly FleetOutput[],
  { failedOnly, policy, signal, around }: OutputsOptions,
): Promise<FleetOutputs> {
  const opened: OpenOutput[] = [];
  const folders: HtmlFolder[] = [];
  const abandon = async (): Promise<void> => {
    await Promise.all([...opened.map(({ sink }) => sink), ...folders].map((one) => one.abandon()));
  };
  try {
    for (const output of outputs) {
      const { format, file: place } = output;
      if (format === 'html') {
        folders.push(await openHtmlFolder(place ?? '', signal));
        continue;
      }
      const sink = place === undefined ? stdoutSink(signal, around) : await openWholeFile(place);
      const options: ReporterOptions = {
        color: place === undefined && useColor(process.stdout),
        verbose: false,
        width: place === undefined ? terminalWidth() : USUAL_WIDTH,
        ...(policy === undefined ? {} : { policy }),
      };
      const reporter: FleetReporter = fleetReporters[format];
      const isList = place !== undefined && reporter.entry !== undefined;
      opened.push({ reporter, options, sink, isLast: isPluginLine(output), isList });
      await sink.write(reporter.begin?.(options) ?? '');
    }
  } catch (error) {
    await abandon();
    throw error;
  }
  return {
    async entry(entry) {
      if (failedOnly && entry.exitCode === 0) return;
      for (const { reporter, options, sink } of opened) await sink.write(reporter.entry?.(entry, options) ?? '');
      for (const folder of folders) await folder.entry(entry);
    },
    async end(summary) {
      const hasResult = summary.endedBy === null || Object.keys(summary.exitCodes).length > 0;
      for (const folder of folders) await (hasResult ? folder.end(summary) : folder.abandon());
      for (const output of opened) {
        if (output.isLast) continue;
        if (hasResult || !output.isList) await endOf(output, summary);
        else await output.sink.abandon();
      }
    },
    async last(summary) {
      for (const output of opened) if (output.isLast) await endOf(output, summary);
    },
    abandon,
  };
}

async function endOf({ reporter, options, sink }: OpenOutput, summary: FleetSummary): Promise<void> {
  await sink.write(reporter.end?.(summary, options) ?? '');
  await sink.finish();
}

function stdoutSink(signal: AbortSignal, around: OutputsOptions['around']): Sink {
  return {
    async write(text) {
      // The end of an interrupted run is still written.
      if (text !== '') await around(() => writeText(process.stdout, text, signal.aborted ? undefined : signal));
    },
    finish: async () => {},
    abandon: async () => {},
  };
}
