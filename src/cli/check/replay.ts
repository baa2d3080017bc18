/** Runs `mailcheck --replay run.json`: the rules run over a recording, and the report is that of the recorded run. */

import { parseArguments } from '../../check/target.ts';
import type { RecordedRun } from '../../recording/schema.ts';
import { compared } from '../../report/baseline.ts';
import type { Report } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { VERSION } from '../../version.ts';
import { optionReader } from '../options/read.ts';
import { flagOf, type OptionRows } from '../options/row.ts';
import { type CheckArguments, OPTIONS } from '../options/table.ts';
import { refuseForProposed } from '../plan-file/formats.ts';
import { parsePlanOutputs, writePlans } from '../plan-file/outputs.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';
import { warn } from '../terminal/output.ts';
import { readBaseline } from './baseline-file.ts';
import { exitCodeOf } from './exit.ts';
import { parseReportOutputs, reportDetail, writeReports } from './outputs.ts';
import { type Arguments, judgementOf, policyOf } from './plan.ts';
import { readRecordingFile } from './recording-file.ts';

/** The most missing questions that the warning names. It counts the others. */
const MAX_NAMED = 3;

/**
 * Replays a recording and writes the report.
 *
 * @param typed the names of the options on the command line.
 * @returns the exit code.
 * @throws UsageError for an option or argument that contradicts the recording, or for a file that cannot be used.
 */
export async function replay(
  file: string,
  words: Arguments,
  options: CheckArguments,
  typed: ReadonlySet<string>,
): Promise<number> {
  refuseOthers(options, typed);
  const reader = optionReader(OPTIONS, options);
  const outputs = parseReportOutputs(options.format, options.output);
  const planFiles = parsePlanOutputs(options.plan, outputs);
  const policy = await policyOf(options, reader);
  const detail = reportDetail(options);
  const recording = await reader.about('replay', () => readRecordingFile(file));
  const runs = chosen(recording.runs, words, file);
  if (runs.some(({ proposed }) => proposed.length > 0)) refuseForProposed(planFiles.flatMap(({ formats }) => formats));
  const domains = runs.map(({ target }) => target.domain);
  const earlier = options.baseline;
  const baseline =
    earlier === undefined
      ? undefined
      : { file: earlier, reports: await reader.about('baseline', () => readBaseline(earlier, domains)) };
  const { version } = recording.tool;
  if (version !== VERSION) {
    warn(
      `${quoteInput(file)} was recorded by version ${printable(version)}; this version ${VERSION} may judge differently`,
    );
  }
  const interrupt = interruptible();
  try {
    const reports: Report[] = [];
    const missing: string[] = [];
    const { replayRun } = await import('../../recording/replay.ts');
    for (const run of runs) {
      const replayed = await replayRun(run, {
        signal: interrupt.signal,
        // Without --verbose, the recorded run decides whether the report contains the dialogues.
        ...(options.verbose ? { transcript: true } : {}),
        // Without the option, the recorded run decides which checks may be incomplete.
        ...(options.allowInconclusive === undefined ? {} : judgementOf(policy)),
        onFault: reportFault,
      });
      missing.push(...replayed.missing);
      reports.push(baseline === undefined ? replayed.report : compared(replayed.report, baseline));
    }
    await writeReports(outputs, reports, { ...detail, policy, signal: interrupt.signal });
    await writePlans(planFiles, reports, interrupt.signal);
    if (missing.length > 0) warn(missingText(missing));
    return exitCodeOf(outputs, reports, policy);
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.exitCode();
    throw error;
  } finally {
    interrupt.stop();
  }
}

const rows: OptionRows = OPTIONS;

/**
 * Refuses options that contradict `--replay`. Allowed are options of the report, and `--no-config`, because a replay
 * reads no configuration file anyway.
 */
function refuseOthers(options: CheckArguments, typed: ReadonlySet<string>): void {
  const isAllowed = (name: string): boolean =>
    rows[name]?.isForReplay === true || (name === 'config' && options.config === false);
  const other = [...typed].find((name) => !isAllowed(name));
  if (other === undefined) return;
  throw new UsageError(
    `--replay and ${flagOf(rows[other]?.flags ?? other)} contradict each other: a replay repeats the recorded run, and only report options can change`,
  );
}

/** Returns the runs of the domain that the user typed. Without a domain it returns all runs. */
function chosen(runs: readonly RecordedRun[], { domain, ips }: Arguments, file: string): readonly RecordedRun[] {
  if (domain === undefined) return runs;
  const typed = parseArguments(domain, ips);
  const found = runs.filter(({ target }) => target.domain === typed.domain);
  const other = typed.ips.find((ip) => !found.some(({ target }) => target.ips.includes(ip)));
  if (found.length > 0 && other === undefined) return found;
  const held = [...new Set(runs.map(({ target }) => [target.domain, ...target.ips].join(' ')))].join(', ');
  throw new UsageError(
    `--replay: ${quoteInput(file)} is of ${held}, not of ${other ?? typed.domain}. Type no domain: mailcheck --replay ${file}`,
  );
}

function missingText(missing: readonly string[]): string {
  const distinct = [...new Set(missing)];
  const named = distinct.slice(0, MAX_NAMED).map(printable).join('; ');
  const more = distinct.length > MAX_NAMED ? `; and ${distinct.length - MAX_NAMED} more` : '';
  return `these questions are not in the recording, so their checks could not run: ${named}${more}`;
}
