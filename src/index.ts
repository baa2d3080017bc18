/**
 * The library: it checks a mail host, and replays recorded checks.
 *
 * ```ts
 * import { check } from 'mailcheck-cli';
 * const report = await check('example.com', ['203.0.113.5']);
 * ```
 *
 * No function of the library writes to stdout or stderr, ends the process or keeps state between calls.
 */

import type { Code, FindingEvidence } from './check/rules/index.ts';
import { run } from './check/run.ts';
import type { ProgressEvent } from './check/run-rules.ts';
import { parseArguments } from './check/target.ts';
import {
  allowedOf,
  type CheckOptions,
  checkedOptions,
  readCheckOptions,
  replayOptionsSchema,
} from './cli/config/library-options.ts';
import { nodeTooOld } from './cli/node-version.ts';
import type { OnFault } from './network/fault.ts';
import { readRecording, recordingOf } from './recording/read.ts';
import { recordRun } from './recording/record-run.ts';
import { replayRun } from './recording/replay.ts';
import type { FindingResult, Report } from './report/status.ts';
import { UsageError } from './usage-error.ts';

/** The options of `replay`. */
export interface ReplayOptions {
  /** Ends the replay early when it is aborted. `replay` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The ids of the checks that may be incomplete, or `true` for all. The default is the choice of the recorded run. */
  readonly allowInconclusive?: boolean | readonly string[];
  /** Whether the reports contain the DNS and SMTP dialogues. The default is the choice of the recorded run. */
  readonly transcript?: boolean;
  readonly onFault?: OnFault;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Called with the questions of the rules that are not in the recording. Each of them counts as not checked. */
  readonly onMissing?: (questions: readonly string[]) => void;
}

/**
 * Checks one domain and the addresses it sends mail from. Without addresses it checks those of the domain's MX hosts.
 *
 * @returns the report. Network failures do not reject the promise: the report has findings for them.
 * @throws UsageError for an unknown option, and for a domain, an address or the value of an option that cannot be read.
 */
export async function check(domain: string, ips: readonly string[] = [], options: CheckOptions = {}): Promise<Report> {
  assertSupportedNode();
  // A program without types can give anything.
  if (typeof domain !== 'string') throw new UsageError('the first argument is the mail domain, a string');
  if (!Array.isArray(ips)) throw new UsageError('the second argument is a list of addresses, such as ["203.0.113.5"]');
  const named = parseArguments(domain, ips.map(String));
  const read = await readCheckOptions(options, named.domain);
  const target = { ...named, ...read.target };
  if (options.record === undefined) return run(target, read.run);
  const { report, recorded } = await recordRun(target, read.run);
  if (recorded !== undefined) options.record(recordingOf([recorded]));
  return report;
}

/**
 * Runs the rules over a recording. A replay uses no network, no clock and no random numbers.
 *
 * @param recording the value that `record` was called with, or the parsed JSON of a file that `--record` wrote.
 * @returns one report for each recorded run, in the order of the recording.
 * @throws UsageError for a value that is not a recording, for a recording of another version, and for an unknown option.
 */
export async function replay(recording: unknown, options: ReplayOptions = {}): Promise<Report[]> {
  assertSupportedNode();
  const { onMissing, allowInconclusive, ...others } = checkedOptions(replayOptionsSchema, options);
  const allowed = allowInconclusive === undefined ? {} : { allowInconclusive: await allowedOf(allowInconclusive) };
  const reports: Report[] = [];
  for (const run of readRecording(recording).runs) {
    const { report, missing } = await replayRun(run, { ...others, ...allowed });
    if (missing.length > 0) onMissing?.(missing);
    reports.push(report);
  }
  return reports;
}

function assertSupportedNode(): void {
  const tooOld = nodeTooOld(process.versions.node);
  if (tooOld !== undefined) throw new UsageError(tooOld);
}

/**
 * Checks the code of a finding, and narrows the type of its evidence accordingly.
 *
 * ```ts
 * if (hasCode(finding, 'ptr/forward-mismatch')) console.log(finding.evidence.addresses);
 * ```
 *
 * @returns whether the finding has this code.
 */
export function hasCode<C extends Code>(
  finding: FindingResult,
  code: C,
): finding is FindingResult & Extract<FindingEvidence, { readonly code: C }> {
  return finding.code === code;
}

export type { Acceptance, ConfiguredSeverity } from './check/conclusion/judgement.ts';
export type { Code, FindingEvidence, RuleId } from './check/rules/index.ts';
export type { ProgressEvent } from './check/run-rules.ts';
export type { CheckOptions } from './cli/config/library-options.ts';
export { type Config, configSchema } from './cli/config/schema.ts';
export { planFile } from './cli/plan-file/text.ts';
export type { OnFault } from './network/fault.ts';
export type { RecordedRun, Recording } from './recording/schema.ts';
export { reportSchema, reportsSchema } from './report/schema.ts';
export {
  type ExitPolicy,
  exitCode,
  type FindingResult,
  type RecordChange,
  type Report,
  type ReportPlan,
  type Reports,
  type RuleResult,
  type Status,
  type Verdict,
} from './report/status.ts';
export { UsageError } from './usage-error.ts';
