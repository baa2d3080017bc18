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

import type { Judgement } from './check/conclusion/judgement.ts';
import { type Code, type FindingEvidence, ruleIds } from './check/rules/index.ts';
import { type RunOptions, run } from './check/run.ts';
import type { ProgressEvent } from './check/run-rules.ts';
import type { Settings } from './check/settings.ts';
import { parseArguments, parseHelo, parseSelector } from './check/target.ts';
import { nodeTooOld } from './cli/node-version.ts';
import { parseServer } from './network/dns/servers.ts';
import type { OnFault } from './network/fault.ts';
import { readRecording, recordingOf } from './recording/read.ts';
import { recordRun } from './recording/record-run.ts';
import { replayRun } from './recording/replay.ts';
import type { Recording } from './recording/schema.ts';
import type { FindingResult, Report } from './report/status.ts';
import { refusalOf } from './standards/dkim/sample-message.ts';
import { parseZone } from './standards/zone-file/parse.ts';
import { quoteInput, UsageError } from './usage-error.ts';

/** The options of `check`: the settings of the run, and how to run it. */
export interface CheckOptions extends Partial<Settings> {
  /** The name that the tested host announces in EHLO. */
  readonly helo?: string;
  /** The DKIM selectors that the host signs with. */
  readonly selectors?: readonly string[];
  /** DNS servers to ask, as `address[:port]` with IPv6 addresses in brackets. The default is the system's servers. */
  readonly dnsServers?: readonly string[];
  /** Ids of the rules to run. The default is all rules. */
  readonly rules?: readonly string[];
  /**
   * Proposed records, which are checked as if they were published. `text` is a zone file or JSON. Error messages call
   * it `name`.
   */
  readonly zones?: readonly { readonly name: string; readonly text: string }[];
  /** Severities that replace the default ones, and findings that are accepted for a time. */
  readonly judgement?: Judgement;
  /** Time limit of the whole run, in milliseconds. The default is 60 000. */
  readonly timeoutMs?: number;
  /** Ends the run early when it is aborted. `check` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether the report contains the DNS and SMTP dialogues. */
  readonly transcript?: boolean;
  /**
   * Called with each internal error of mailcheck. The part that failed counts as not checked, and the run continues.
   */
  readonly onFault?: OnFault;
  /** Called when a rule starts, reports a finding, or finishes. An error that it throws ends the run. */
  readonly onProgress?: (event: ProgressEvent) => void;
  /**
   * Called once, before the report is returned, with everything the run received from the network and this machine. The
   * recording is plain data for `replay`. It does not contain the keys of block lists, the private key or the message.
   * It does contain the names and addresses of this machine.
   */
  readonly record?: (recording: Recording) => void;
}

/** The options of `replay`. */
export interface ReplayOptions {
  /** Ends the replay early when it is aborted. `replay` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
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
 * @throws UsageError for a domain, address, name, server, rule, zone or message that cannot be read.
 */
export async function check(domain: string, ips: readonly string[] = [], options: CheckOptions = {}): Promise<Report> {
  const {
    helo,
    selectors = [],
    dnsServers,
    rules,
    zones = [],
    judgement,
    timeoutMs = 60_000,
    signal,
    transcript,
    onFault,
    onProgress,
    record,
    ...settings
  } = options;
  assertSupportedNode();
  const unknown = rules?.find((id) => !ruleIds.includes(id));
  if (unknown !== undefined) {
    throw new UsageError(`there is no check ${quoteInput(unknown)}. Any of: ${ruleIds.join(', ')}`);
  }
  const refusal = settings.message && refusalOf(settings.message);
  if (refusal !== undefined) throw new UsageError(`the message given ${refusal}`);
  const target = {
    ...parseArguments(domain, ips),
    selectors: selectors.map(parseSelector),
    ...(helo === undefined ? {} : { helo: parseHelo(helo) }),
  };
  const runOptions: RunOptions = {
    settings: { smtpPort: 25, allowPrivate: false, ...settings },
    timeoutMs,
    proposed: zones.map(({ name, text }) => parseZone(text, name, target.domain)),
    ...(dnsServers ? { dnsServers: dnsServers.map(parseServer) } : {}),
    ...(rules ? { ruleIds: rules } : {}),
    ...(judgement ? { judgement } : {}),
    ...(signal ? { signal } : {}),
    ...(transcript ? { transcript } : {}),
    ...(onFault ? { onFault } : {}),
    ...(onProgress ? { onProgress } : {}),
  };
  if (record === undefined) return run(target, runOptions);
  const { report, recorded } = await recordRun(target, runOptions);
  if (recorded !== undefined) record(recordingOf([recorded]));
  return report;
}

/**
 * Runs the rules over a recording. A replay uses no network, no clock and no random numbers.
 *
 * @param recording the value that `record` was called with, or the parsed JSON of a file that `--record` wrote.
 * @returns one report for each recorded run, in the order of the recording.
 * @throws UsageError for a value that is not a recording, or for a recording of another version.
 */
export async function replay(recording: unknown, options: ReplayOptions = {}): Promise<Report[]> {
  assertSupportedNode();
  const { onMissing, ...others } = options;
  const reports: Report[] = [];
  for (const run of readRecording(recording).runs) {
    const { report, missing } = await replayRun(run, others);
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

export type { Acceptance, ConfiguredSeverity, Judgement } from './check/conclusion/judgement.ts';
export type { Code, FindingEvidence, RuleId } from './check/rules/index.ts';
export type { ProgressEvent } from './check/run-rules.ts';
export type { Settings } from './check/settings.ts';
export { type Config, configSchema } from './cli/config/schema.ts';
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
