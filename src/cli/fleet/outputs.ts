/**
 * Writes the outputs of a fleet as its targets end. An output for a file is written beside it and takes its place at the
 * end, so that the file is always whole.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileErrorText } from '../../network/fault.ts';
import type { FleetEntry, FleetSummary } from '../../report/fleet.ts';
import { type FleetFormat, fleetFormats, fleetReporters } from '../../reporters/fleet/index.ts';
import type { FleetReporter } from '../../reporters/fleet-reporter.ts';
import type { ReporterOptions } from '../../reporters/reporter.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { parseFormat } from '../options/choices.ts';
import { terminalWidth, USUAL_WIDTH, useColor } from '../terminal/look.ts';
import { openFileOf } from '../terminal/open-files.ts';
import { writeText } from '../terminal/output.ts';

/** A format and the place that it is written to: a file, or stdout where it is absent. */
export interface FleetOutput {
  readonly format: FleetFormat;
  readonly place?: string;
}

/** Takes what an output says. */
interface Sink {
  write(text: string): Promise<void>;
  /** Puts what was written in its place. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** One output of a run, or all of them. */
export interface Output {
  entry(entry: FleetEntry): Promise<void>;
  /** Writes the end, and puts the files in their places. */
  end(summary: FleetSummary): Promise<void>;
  /** Removes what is not in its place yet. */
  abandon(): Promise<void>;
}

/**
 * Reads the values of `--format` and `--output`.
 *
 * @throws UsageError for an unknown format, or for two formats with the same place.
 */
export function parseFleetOutputs(texts: readonly string[] | undefined, file: string | undefined): FleetOutput[] {
  const outputs = (texts ?? ['list']).map((text): FleetOutput => {
    const [, name = '', own] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const format = parseFormat(name.trim(), fleetFormats);
    if (own === '')
      throw new UsageError(`--format ${format}= has no file name. Type one: --format ${format}=result.${format}`);
    const place = own ?? file;
    if (format === 'html' && place === undefined)
      throw new UsageError('--format html writes a folder. Type its name: --format html=report/');
    return place === undefined ? { format } : { format, place };
  });
  const places = outputs.map(({ place }) => (place === undefined ? 'stdout' : resolve(place)));
  const twice = outputs.find((_, index) => places.indexOf(places[index] ?? '') < index);
  if (twice !== undefined) {
    throw new UsageError(
      `two formats for ${twice.place ?? 'stdout'}. Give one of them a file of its own: --format ${twice.format}=result.${twice.format}`,
    );
  }
  if (file !== undefined && !outputs.some(({ place }) => place === file)) {
    throw new UsageError('every --format has its own file, so --output is not needed');
  }
  return outputs;
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
): Promise<Output> {
  const opened: Output[] = [];
  const abandon = async (): Promise<void> => {
    await Promise.all(opened.map((output) => output.abandon()));
  };
  try {
    // The line of a plugin is the last, so that it is not there if a file cannot be written.
    const isLast = ({ format, place }: FleetOutput): number => (format === 'nagios' && place === undefined ? 1 : 0);
    for (const { format, place } of [...outputs].sort((one, other) => isLast(one) - isLast(other))) {
      if (format === 'html') {
        const { htmlOutput } = await import('./html-output.ts');
        opened.push(await htmlOutput(place ?? '', temporaryBeside));
        continue;
      }
      const sink = place === undefined ? stdoutSink(signal, around) : await fileSink(place);
      const options: ReporterOptions = {
        color: place === undefined && useColor(process.stdout),
        verbose: false,
        width: place === undefined ? terminalWidth() : USUAL_WIDTH,
        ...(policy === undefined ? {} : { policy }),
      };
      const reporter: FleetReporter = fleetReporters[format];
      opened.push(textOutput(reporter, options, sink));
      await sink.write(reporter.begin?.(options) ?? '');
    }
  } catch (error) {
    await abandon();
    throw error;
  }
  return {
    async entry(entry) {
      if (failedOnly && entry.exitCode === 0) return;
      for (const output of opened) await output.entry(entry);
    },
    async end(summary) {
      for (const output of opened) await output.end(summary);
    },
    abandon,
  };
}

function textOutput(reporter: FleetReporter, options: ReporterOptions, sink: Sink): Output {
  return {
    entry: (entry) => sink.write(reporter.entry?.(entry, options) ?? ''),
    async end(summary) {
      await sink.write(reporter.end?.(summary, options) ?? '');
      await sink.finish();
    },
    abandon: () => sink.abandon(),
  };
}

/** @returns the name of a file beside another one, which nobody else uses. */
function temporaryBeside(file: string): string {
  return `${file}.${randomBytes(4).toString('hex')}.tmp`;
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

async function fileSink(file: string): Promise<Sink> {
  const temporary = temporaryBeside(file);
  const failure = (error: unknown): UsageError =>
    new UsageError(`cannot write ${quoteInput(file)}: ${fileErrorText(error, 'write')}`);
  const trying = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw failure(error);
    }
  };
  const found = await lstat(file).catch(() => undefined);
  if (openFileOf(file) !== undefined || (found !== undefined && !found.isFile() && !found.isSymbolicLink())) {
    throw failure(new Error('it is not a regular file'));
  }
  // The flag `wx` refuses a file that somebody else has put there, and also a symbolic link.
  let handle: FileHandle | undefined = await trying(() => open(temporary, 'wx', 0o644));
  let isThere = true;
  const close = async (): Promise<void> => {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  };
  return {
    async write(text) {
      if (text !== '') await trying(async () => handle?.appendFile(text));
    },
    finish: () =>
      trying(async () => {
        await close();
        await rename(temporary, file);
        isThere = false;
      }),
    async abandon() {
      await close().catch(() => {});
      if (isThere) await rm(temporary, { force: true }).catch(() => {});
    },
  };
}
