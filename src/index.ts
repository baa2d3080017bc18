/**
 * mailcheck as a library.
 *
 * ```ts
 * import { check } from 'mailcheck-cli';
 * const report = await check('example.com', ['203.0.113.5']);
 * ```
 *
 * Nothing here writes to stdout or stderr, ends the process or keeps state between calls.
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

export interface CheckOptions extends Partial<Settings> {
  /** The name the host announces in EHLO. */
  readonly helo?: string;
  readonly selectors?: readonly string[];
  /** `address[:port]`, IPv6 in brackets; the system's servers when absent. */
  readonly dnsServers?: readonly string[];
  /** Ids of the rules to run; all when absent. */
  readonly rules?: readonly string[];
  /** Records judged as if they were published: the text of zone files or JSON, and the names errors give them. */
  readonly zones?: readonly { readonly name: string; readonly text: string }[];
  /** Other severities and accepted deviations. */
  readonly judgement?: Judgement;
  /** Milliseconds for the whole run; 60 000 when absent. */
  readonly timeoutMs?: number;
  /** Ends the run early; `check` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Keep the DNS and SMTP dialogues in the report. */
  readonly transcript?: boolean;
  /** Called with a fault of mailcheck itself: what it broke counts as not checked, and the run goes on. */
  readonly onFault?: OnFault;
  /** Called with what happens: a rule started, found something, or finished. An error it throws ends the run. */
  readonly onProgress?: (event: ProgressEvent) => void;
  /**
   * Called once, before the report is returned, with everything the run took from outside: plain data for `replay`.
   * Keys of lists, the private key and the message are not in it; the names and addresses of this machine are.
   */
  readonly record?: (recording: Recording) => void;
}

export interface ReplayOptions {
  /** Ends the replay early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Keep the DNS and SMTP dialogues in the reports; as in the recorded runs when absent. */
  readonly transcript?: boolean;
  readonly onFault?: OnFault;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Called with what the rules asked for and is not in the recording: it counts as not checked. */
  readonly onMissing?: (questions: readonly string[]) => void;
}

/**
 * Checks one domain and the addresses it sends from; without addresses, those of its MX hosts.
 *
 * @returns the Report. What the network does never rejects: it becomes findings.
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
 * Runs the rules over a recording, without network, clock or chance.
 *
 * @param recording what `record` was called with, or what a file of `--record` holds, parsed.
 * @returns a Report of each run in it.
 * @throws UsageError for what is no recording, or one of another version.
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
 * Tells one finding from another with the type of its evidence.
 *
 * ```ts
 * if (hasCode(finding, 'ptr/forward-mismatch')) console.log(finding.evidence.addresses);
 * ```
 *
 * @returns whether a finding has this code.
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
  type Report,
  type Reports,
  type RuleResult,
  type Status,
  type Verdict,
} from './report/status.ts';
export { UsageError } from './usage-error.ts';
