/**
 * Writes the outputs of a fleet as its targets end. An output for a file is written beside it and takes its place at the
 * end, so that the file is always whole.
 */
import { resolve } from 'node:path';
import type { FleetEntry, FleetSummary } from '../../report/fleet.ts';
import { type FleetFormat, fleetFormats, fleetReporters } from '../../reporters/fleet/index.ts';
import type { FleetReporter } from '../../reporters/fleet-reporter.ts';
import type { ReporterOptions } from '../../reporters/reporter.ts';
import { UsageError } from '../../usage-error.ts';
import { parseFormat } from '../options/choices.ts';
import { terminalWidth, USUAL_WIDTH, useColor } from '../terminal/look.ts';
import { writeText } from '../terminal/output.ts';
import { type HtmlFolder, openHtmlFolder } from './html-folder.ts';
import { openWholeFile } from './whole-file.ts';

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

/** The outputs of a run. */
export interface FleetOutputs {
  entry(entry: FleetEntry): Promise<void>;
  /** Writes the end of each output, and puts the files in their places. */
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
      throw new UsageError('--format html is a folder of pages. Name it: --format html=report/');
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
): Promise<FleetOutputs> {
  const opened: { reporter: FleetReporter; options: ReporterOptions; sink: Sink }[] = [];
  const folders: HtmlFolder[] = [];
  const abandon = async (): Promise<void> => {
    await Promise.all([...opened.map(({ sink }) => sink), ...folders].map((one) => one.abandon()));
  };
  try {
    // The line of a plugin is the last, so that it is not there if a file cannot be written.
    const isLast = ({ format, place }: FleetOutput): number => (format === 'nagios' && place === undefined ? 1 : 0);
    for (const { format, place } of [...outputs].sort((one, other) => isLast(one) - isLast(other))) {
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
      opened.push({ reporter, options, sink });
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
      for (const folder of folders) await folder.end(summary);
      for (const { reporter, options, sink } of opened) {
        await sink.write(reporter.end?.(summary, options) ?? '');
        await sink.finish();
      }
    },
    abandon,
  };
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
