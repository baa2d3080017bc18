/**
 * The reports of an earlier run that `--baseline` names: NDJSON with one report a line, or a JSON report of one or of
 * several targets. Of NDJSON, no more than one report is held in memory.
 */

import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { parseBaseline } from '../../report/baseline.ts';
import { jsonOf } from '../../report/json-of.ts';
import { baselineSchema } from '../../report/schema.ts';
import { SCHEMA_VERSION } from '../../report/schema-version.ts';
import type { BaselineReport } from '../../report/status.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { LineFile } from './lines.ts';
import { Offsets } from './offsets.ts';

/** The largest JSON report of several targets, in bytes. */
const MAX_JSON = 256 * 1024 * 1024;

/** A target, by what earlier reports know of it. */
export interface Named {
  /** Its id, where the line has one. */
  readonly id?: string | undefined;
  readonly target: { readonly domain: string; readonly ips: readonly string[] };
}

/** The reports of an earlier run. */
export interface EarlierReports {
  /**
   * @returns the earlier report on a target: the one with its id, else on its domain and addresses, else on its domain.
   * @throws UsageError if the report is not whole.
   */
  of(named: Named): BaselineReport | undefined;
  /** Marks the earlier report on a target as asked for. */
  pass(named: Named): void;
  /** Calls the function for each report that nobody asked for, with what tells its domain. */
  eachUnused(call: (domainOf: () => string) => void): void;
  close(): void;
}

/**
 * Reads the file once, to know which reports it has.
 *
 * @throws UsageError if the file cannot be read, or has something else than reports.
 */
export async function openEarlierReports(file: string): Promise<EarlierReports> {
  const lines = new LineFile(file);
  try {
    return byLine(lines, file) ?? (await allAtOnce(lines, file));
  } catch (error) {
    lines.close();
    throw error;
  }
}

/** @returns the reports of an NDJSON file, or `undefined` if its first line is no report. */
function byLine(lines: LineFile, file: string): EarlierReports | undefined {
  const index = new Index();
  const offsets = new Offsets();
  for (const { text, isTorn, number, ...place } of lines.lines()) {
    const line = lineOf(text);
    if (line === undefined) {
      if (offsets.count === 0) return undefined;
      // The run that wrote the file was killed in the middle of its last line.
      if (isTorn) break;
      throw new UsageError(`line ${number} of ${quoteInput(file)} is not a report`);
    }
    if (line.schemaVersion !== SCHEMA_VERSION) throw otherVersion(file, line.schemaVersion);
    const replaced = index.add(line, offsets.add(place));
    if (replaced !== undefined) offsets.use(replaced);
  }
  if (offsets.count === 0) return undefined;
  const read = (number: number): BaselineReport => {
    const line = baselineSchema.safeParse(reportIn(jsonOf(lines.at(offsets.at(number)))));
    if (line.success) return line.data;
    const [issue] = line.error.issues;
    const problem = `${issue?.path.map(String).join('.')}: ${issue?.message}`;
    throw new UsageError(`${quoteInput(file)} has a report that is not whole: ${problem}`);
  };
  const numberOf = (named: Named): number | undefined => {
    const number = index.numberOf(named);
    if (number !== undefined) offsets.use(number);
    return number;
  };
  return {
    of(named) {
      const number = numberOf(named);
      return number === undefined ? undefined : read(number);
    },
    pass: numberOf,
    eachUnused(call) {
      for (const number of offsets.unused()) call(() => read(number).target.domain);
    },
    close: () => lines.close(),
  };
}

/** Reads a JSON report, which may stand on many lines. */
async function allAtOnce(lines: LineFile, file: string): Promise<EarlierReports> {
  if (statSync(file).size > MAX_JSON)
    throw new UsageError(
      `${quoteInput(file)} is larger than ${MAX_JSON >> 20} MiB. Write it anew as NDJSON: -f ndjson=last.ndjson`,
    );
  const reports = await parseBaseline(readFileSync(file, 'utf8'), file, [], '--format ndjson=last.ndjson');
  lines.close();
  const index = new Index();
  const unused = new Set(reports);
  for (const [number, report] of reports.entries()) {
    const replaced = reports[index.add(report, number) ?? -1];
    if (replaced !== undefined) unused.delete(replaced);
  }
  const of = (named: Named): BaselineReport | undefined => {
    const report = reports[index.numberOf(named) ?? -1];
    if (report !== undefined) unused.delete(report);
    return report;
  };
  return {
    of,
    pass: of,
    eachUnused(call) {
      for (const { target } of unused) call(() => target.domain);
    },
    close: () => {},
  };
}

/** Finds the number of a report by its target. */
class Index {
  readonly #numbers = new Map<string, number>();

  /**
   * Of several reports on one target, the last counts, and of several on one domain the first.
   *
   * @returns the number of the report on the same target that this one takes the place of.
   */
  add(named: Named, number: number): number | undefined {
    const [byId, byAddresses, byDomain] = keysOf(named);
    const replaced = this.#numbers.get(byId ?? byAddresses);
    if (byId !== undefined) this.#numbers.set(byId, number);
    this.#numbers.set(byAddresses, number);
    if (!this.#numbers.has(byDomain)) this.#numbers.set(byDomain, number);
    return replaced;
  }

  numberOf(named: Named): number | undefined {
    for (const key of keysOf(named)) {
      const number = key === undefined ? undefined : this.#numbers.get(key);
      if (number !== undefined) return number;
    }
    return undefined;
  }
}

/** @returns short keys of a target, the most exact first. */
function keysOf({ id, target: { domain, ips } }: Named): readonly [string | undefined, string, string] {
  const short = (...parts: readonly string[]): string =>
    createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
  return [
    id === undefined ? undefined : short('id', id),
    short('ips', domain, ...[...ips].sort()),
    short('domain', domain),
  ];
}

/** What a line of NDJSON says at first sight. */
interface Line extends Named {
  readonly schemaVersion: unknown;
}

/** @returns what the line says, or `undefined` if it is no report. */
function lineOf(text: string): Line | undefined {
  const value = jsonOf(text);
  const report = reportIn(value);
  if (!isObject(report) || !isObject(report.target) || !('rules' in report)) return undefined;
  const { domain, ips } = report.target;
  if (typeof domain !== 'string' || !Array.isArray(ips)) return undefined;
  const id = isObject(value) && typeof value.id === 'string' ? value.id : undefined;
  return { id, schemaVersion: report.schemaVersion, target: { domain, ips: ips.map(String) } };
}

/** @returns the report of a line, which may stand beside what else is known of the target. */
function reportIn(value: unknown): unknown {
  return isObject(value) && isObject(value.report) ? value.report : value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function otherVersion(file: string, version: unknown): UsageError {
  const found = quoteInput(String(version)).slice(1, -1);
  return new UsageError(
    `${quoteInput(file)} has schema version ${found}, and this mailcheck reads ${SCHEMA_VERSION}. Write it anew with -f ndjson=last.ndjson`,
  );
}
