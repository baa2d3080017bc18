/** Runs the rules at once under one deadline and builds the Report. */
import { conclude, findingResult } from './conclude.ts';
import { selectorsOf } from './dkim/message.ts';
import { type DnsAnswer, queryEvidence } from './dns/answer.ts';
import { createDnsClient, type DnsClient } from './dns/client.ts';
import { overlay, type ProposedZone } from './dns/overlay.ts';
import { type DnsServer, serverLabel, systemServers } from './dns/servers.ts';
import { createFacts, type Facts } from './facts/index.ts';
import { gatherMailRoute } from './facts/mx.ts';
import type { Vantage } from './facts/vantage.ts';
import type { IpAddress } from './ip.ts';
import type { Judgement } from './judgement.ts';
import { keySecrets } from './lists/catalogue.ts';
import { markProposed, proposedSection } from './proposed.ts';
import { type Report, type RuleResult, SCHEMA_VERSION, statusOf, type Transcripts, verdictOf } from './report.ts';
import { rules as allRules } from './rules/index.ts';
import { type Clock, type Context, emitter, type Finding, type Rule, type UnfinishedEvidence } from './rules/rule.ts';
import type { Settings } from './settings.ts';
import { createSmtpClient } from './smtp/client.ts';
import type { SmtpClient } from './smtp/types.ts';
import type { Target } from './target.ts';
import { VERSION } from './version.ts';

export interface RunOptions {
  readonly settings: Settings;
  /** The system's when absent. */
  readonly dnsServers?: readonly DnsServer[];
  /** Rules to run; all when absent. Every other rule is reported as skipped. */
  readonly ruleIds?: readonly string[];
  /** Records that are not published yet, to be judged as if they were. */
  readonly proposed?: readonly ProposedZone[];
  /** Other severities and accepted deviations. */
  readonly judgement?: Judgement;
  /** Milliseconds for the whole run. */
  readonly timeoutMs: number;
  /** Aborts the run early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Keep the DNS and SMTP dialogues in the report. */
  readonly transcript?: boolean;
  readonly clock?: Clock;
  /** Called whenever the set of rules still running changes. */
  readonly onProgress?: (waiting: readonly string[]) => void;
  /** Called when a rule has a bug: it counts as inconclusive, and the others go on. */
  readonly onRuleError?: (ruleId: string, error: unknown) => void;
}

/** The rules' own time to say what they could not see, once the deadline has ended every question they had. */
const GRACE_MS = 250;

/**
 * Checks one target.
 *
 * @returns the Report. Never rejects for anything the network does; rejects with the reason of `options.signal` when
 *   that is aborted.
 */
export async function run(target: Omit<Target, 'ipSource'>, options: RunOptions): Promise<Report> {
  const clock = options.clock ?? Date;
  const startedAt = clock.now();
  const started = performance.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.timeoutMs);
  const onAbort = (): void => deadline.abort();
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted) deadline.abort();
  try {
    const { signal } = deadline;
    const live = createDnsClient({
      servers: options.dnsServers ?? systemServers(),
      signal,
      secrets: keySecrets(options.settings.listKeys ?? {}),
    });
    const proposed = options.proposed ?? [];
    const published = proposed.length === 0 ? undefined : overlay(live, proposed);
    const dns = published ?? live;
    const smtp = createSmtpClient({ ...smtpOptions(options.settings), signal });
    const resolved = await resolveAddresses(withSelectorsOfMessage(target, options.settings), dns);
    const wants = (id: string): boolean => options.ruleIds?.includes(id) ?? true;
    const facts = createFacts({
      target: resolved,
      dns,
      smtp,
      settings: options.settings,
      clock,
      startTls: wants('tls'),
      egress: wants('egress'),
    });
    const context: Context = { target: resolved, facts, dns, smtp, settings: options.settings, signal, clock };
    const results = await runRules(context, options);
    const deadlineReached = signal.aborted;
    const helo = await heloNames(facts, resolved);
    const vantages = await Promise.all(resolved.ips.map((ip) => vantageOf(facts, ip)));
    const marked = published ? markProposed(results, [...published.used, ...published.denied]) : results;
    const conclusion = await conclude(marked, context, options.ruleIds, options.judgement ?? {});
    // Whatever was asked but is no longer waited for (a prefetch, a connection) ends here, before the report is out.
    deadline.abort();
    options.signal?.throwIfAborted();
    return {
      schemaVersion: SCHEMA_VERSION,
      tool: { name: 'mailcheck', version: VERSION },
      target: {
        domain: resolved.domain,
        ips: [...resolved.ips],
        ipSource: resolved.ipSource,
        helo,
        selectors: [...resolved.selectors],
        resolvers: dns.servers.map(serverLabel),
      },
      ...(published ? { proposed: proposedSection(proposed, published.used) } : {}),
      vantage: overallVantage(vantages),
      verdict: verdictOf(conclusion.rules.map(({ status }) => status)),
      ...conclusion,
      timing: {
        startedAt: new Date(startedAt).toISOString(),
        durationMs: Math.round(performance.now() - started),
        dnsQueries: dns.log.length,
        smtpConnections: smtp.transcripts.length,
        deadlineReached,
      },
      ...(options.transcript ? { transcript: transcripts(dns, smtp) } : {}),
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    deadline.abort();
  }
}

function smtpOptions(settings: Settings) {
  const { allowPrivate, probeName, connectTo, extraRoots } = settings;
  return {
    allowPrivate,
    ...(probeName === undefined ? {} : { probeName }),
    ...(connectTo === undefined ? {} : { connectTo }),
    ...(extraRoots === undefined ? {} : { extraRoots }),
  };
}

/** The selectors that a message of the host was signed with are in use, whatever else was given. */
function withSelectorsOfMessage<T extends Pick<Target, 'domain' | 'selectors'>>(target: T, settings: Settings): T {
  const found = settings.message ? selectorsOf(settings.message, target.domain) : [];
  return { ...target, selectors: [...new Set([...target.selectors, ...found])] };
}

/** Without an address on the command line, those of the domain's MX hosts are tested. */
async function resolveAddresses(target: Omit<Target, 'ipSource'>, dns: DnsClient): Promise<Target> {
  if (target.ips.length > 0) return { ...target, ipSource: 'argument' };
  const route = await gatherMailRoute(dns, target.domain);
  const ips = new Set<IpAddress>(route.hosts.flatMap(({ addresses }) => addresses));
  return { ...target, ips: [...ips], ipSource: 'mx' };
}

async function runRules(context: Context, options: RunOptions): Promise<RuleResult[]> {
  const selected = options.ruleIds;
  const waiting = new Set(allRules.filter(({ id }) => selected?.includes(id) ?? true).map(({ id }) => id));
  const progress = (): void => options.onProgress?.([...waiting]);
  progress();
  return Promise.all(
    allRules.map(async (rule) => {
      if (!waiting.has(rule.id)) return { ...skipped(rule, 'not selected'), durationMs: 0 };
      const started = performance.now();
      const result = await runRule(rule, context, options);
      waiting.delete(rule.id);
      progress();
      return { ...result, durationMs: Math.round(performance.now() - started) };
    }),
  );
}

type Outcome = Omit<RuleResult, 'durationMs'>;

/** One rule to its end, or to the deadline: what it had found by then stays, and the rest is said to be unknown. */
async function runRule(rule: Rule, context: Context, options: RunOptions): Promise<Outcome> {
  const findings: Finding[] = [];
  let note: string | undefined;
  const iterator = rule.check(context);
  const cutOff = deadlinePassed(context.signal);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), cutOff.promise]);
      if (next === 'cut off') {
        findings.push(unfinished(rule, context, 'The time for the whole run was up before this check was done'));
        break;
      }
      if (!next.done) {
        findings.push(next.value);
        continue;
      }
      if (next.value && 'skip' in next.value && findings.length === 0) return skipped(rule, next.value.skip);
      if (next.value && 'note' in next.value) note = next.value.note;
      break;
    }
  } catch (error) {
    options.onRuleError?.(rule.id, error);
    findings.push(unfinished(rule, context, `This check broke off by a fault of its own (${String(error)})`));
  } finally {
    cutOff.stop();
  }
  const { id, title, reference } = rule;
  return {
    id,
    title,
    reference,
    status: statusOf(findings),
    ...(note === undefined ? {} : { note }),
    findings: findings.map(findingResult),
  };
}

function deadlinePassed(signal: AbortSignal): { promise: Promise<'cut off'>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const promise = new Promise<'cut off'>((resolve) => {
    onAbort = () => {
      timer = setTimeout(() => resolve('cut off'), GRACE_MS);
    };
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  return {
    promise,
    stop: () => {
      clearTimeout(timer);
      if (onAbort) signal.removeEventListener('abort', onAbort);
    },
  };
}

function unfinished(rule: Rule, context: Context, reason: string): Finding {
  const evidence: UnfinishedEvidence = { reason };
  // Every rule's `unfinished` code accepts UnfinishedEvidence; the catalogue's own type cannot say so.
  return emitter(rule.findings, context.target)(rule.unfinished, evidence as never, { subject: context.target.domain });
}

function skipped({ id, title, reference }: Rule, skipReason: string): Outcome {
  return { id, title, reference, status: 'skipped', skipReason, findings: [] };
}

/** The HELO names that some rule asked for; a name nobody needed is not worth a connection to the host. */
async function heloNames(facts: Facts, target: Target): Promise<Report['target']['helo']> {
  return Promise.all(
    target.ips
      .filter((ip) => facts.heloName.known(ip))
      .map(async (ip) => {
        const helo = await facts.heloName(ip);
        return { ip, name: helo.name, source: helo.name === null ? null : helo.source };
      }),
  );
}

/** What the checks went by; where none needed it, nobody outside is asked for the sake of the header. */
async function vantageOf(facts: Facts, ip: IpAddress): Promise<Vantage> {
  return facts.vantage.known(ip) ? facts.vantage(ip) : facts.vantageFromHere(ip);
}

/** The vantage that most limits what was seen: one address in reach of a trusted network colours the whole report. */
function overallVantage(vantages: readonly Vantage[]): Vantage {
  for (const kind of ['self', 'same-network', 'unknown', 'outside'] as const) {
    const found = vantages.find((vantage) => vantage.kind === kind);
    if (found) return found;
  }
  return { kind: 'unknown', reason: 'no address was tested' };
}

function transcripts(dns: DnsClient, smtp: SmtpClient): Transcripts {
  return {
    dns: dns.log.map((answer) => {
      const { chain, ...query } = queryEvidence(answer);
      return { ...query, ...(chain ? { chain: [...chain] } : {}), data: recordTexts(answer) };
    }),
    smtp: smtp.transcripts.map(({ id, lines }) => ({ id, lines: [...lines] })),
  };
}

function recordTexts(answer: DnsAnswer): string[] {
  if (answer.status !== 'answer') return [];
  return answer.records.map((record) => {
    if (typeof record === 'string') return record;
    if ('exchange' in record) return `${record.preference} ${record.exchange}.`;
    if ('serial' in record) return `${record.mname} ${record.rname} ${record.serial}`;
    return record.map((part) => JSON.stringify(part)).join(' ');
  });
}
