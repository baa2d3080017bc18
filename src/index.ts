/**
 * mailcheck as a library.
 *
 * ```ts
 * import { check } from 'mailcheck';
 * const report = await check('example.com', ['203.0.113.5']);
 * ```
 *
 * Nothing here writes to stdout, ends the process or keeps state between calls.
 */
import { parseServer } from './dns/servers.ts';
import type { Judgement } from './judgement.ts';
import type { Report } from './report.ts';
import { type ProgressEvent, run } from './run.ts';
import type { Settings } from './settings.ts';
import { parseArguments, parseHelo, parseSelector } from './target.ts';
import { parseZone } from './zone-file/parse.ts';

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
  /** Called with what happens: a rule started, found something, or finished. */
  readonly onProgress?: (event: ProgressEvent) => void;
}

/**
 * Checks one domain and the addresses it sends from; without addresses, those of its MX hosts.
 *
 * @returns the Report. What the network does never rejects: it becomes findings.
 * @throws UsageError for a domain, address, name, server or zone that cannot be read.
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
    onProgress,
    ...settings
  } = options;
  const target = {
    ...parseArguments(domain, ips),
    selectors: selectors.map(parseSelector),
    ...(helo === undefined ? {} : { helo: parseHelo(helo) }),
  };
  return run(target, {
    settings: { smtpPort: 25, allowPrivate: false, ...settings },
    timeoutMs,
    proposed: zones.map(({ name, text }) => parseZone(text, name, target.domain)),
    ...(dnsServers ? { dnsServers: dnsServers.map(parseServer) } : {}),
    ...(rules ? { ruleIds: rules } : {}),
    ...(judgement ? { judgement } : {}),
    ...(signal ? { signal } : {}),
    ...(transcript ? { transcript } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
}

export { type Config, configSchema } from './config/schema.ts';
export type { Acceptance, ConfiguredSeverity, Judgement } from './judgement.ts';
export {
  type ExitPolicy,
  exitCode,
  type FindingResult,
  type Report,
  type Reports,
  type RuleResult,
  type Status,
  type Verdict,
} from './report.ts';
export { reportSchema, reportsSchema } from './report-schema.ts';
export type { ProgressEvent } from './run.ts';
export type { Settings } from './settings.ts';
export { UsageError } from './target.ts';
