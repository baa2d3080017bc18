/** Runs the rules at once under one deadline and builds the Report. */

import { type DnsAnswer, queryEvidence } from '../network/dns/answer.ts';
import type { DnsClient } from '../network/dns/client.ts';
import { overlay, type ProposedZone } from '../network/dns/overlay.ts';
import { type DnsServer, serverLabel } from '../network/dns/servers.ts';
import { orElse, quietly } from '../network/fault.ts';
import type { IpAddress } from '../network/ip.ts';
import type { SmtpClient } from '../network/smtp/types.ts';
import { SCHEMA_VERSION } from '../report/schema-version.ts';
import { type Report, type Transcripts, verdictOf } from '../report/status.ts';
import { VERSION } from '../version.ts';
import { conclude, unconcluded } from './conclusion/conclude.ts';
import type { Judgement } from './conclusion/judgement.ts';
import { markProposed, proposedSection } from './conclusion/proposed.ts';
import { createFacts, type Facts } from './facts/fact.ts';
import { heloName } from './facts/helo-name.ts';
import { gatherMailRoute } from './facts/mx.ts';
import { type Vantage, vantage, vantageTowards } from './facts/vantage.ts';
import type { Clock, Context } from './rules/rule.ts';
import { guarded, type RuleOptions, runRules, selectedRules } from './run-rules.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';
import { tokensOf } from './token.ts';
import { openWorld, type World } from './world.ts';

/** What is under test, as far as it is known before the run. */
export type RunTarget = Omit<Target, 'ipSource'>;

export interface RunOptions extends RuleOptions {
  readonly settings: Settings;
  /** The system's when absent. */
  readonly dnsServers?: readonly DnsServer[];
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
  /** The world to run in; this one when absent. */
  readonly world?: World;
}

/**
 * Checks one target.
 *
 * @returns the Report. Never rejects for anything the network does; rejects with the reason of `options.signal` when
 *   that is aborted.
 */
export async function run(target: RunTarget, given: RunOptions): Promise<Report> {
  given.signal?.throwIfAborted();
  const onFault = quietly(given.onFault);
  const options = { ...given, onFault };
  const { settings } = options;
  const world = options.world ?? openWorld({ ...options, domain: target.domain });
  const onAbort = (): void => world.end();
  options.signal?.addEventListener('abort', onAbort);
  const progress = guarded(options.onProgress, onAbort);
  try {
    const { start, signal, smtp } = world;
    const clock: Clock = { now: () => start.startedAt };
    const token = tokensOf(start.seed);
    const readDuration = world.stopwatch('run');
    const proposed = options.proposed ?? [];
    const published = proposed.length === 0 ? undefined : overlay(world.dns, proposed);
    const dns = published ?? world.dns;
    const asked = withSelectors(target, start.messageSelectors);
    const resolved = await orElse<Target>('the search for addresses', onFault, () => resolveAddresses(asked, dns), {
      ...asked,
      ipSource: 'mx',
    });
    const facts = createFacts({
      target: resolved,
      dns,
      smtp,
      settings,
      clock,
      token,
      pause: (milliseconds) => world.pause(milliseconds),
      own: start.addresses,
      signingKey: start.signingKey,
      verifyMessage: (resolver) => world.verifyMessage(resolver),
      isNeeded: (part) => selectedRules(options.ruleIds).some(({ needs }) => needs.includes(part)),
    });
    const fromHere = (ip: IpAddress): Vantage => vantageTowards(ip, start.addresses, settings.vantage);
    const context: Context = { target: resolved, facts, dns, settings, signal, clock, token };
    const results = await runRules(context, { ...options, onProgress: progress.tell }, world);
    const deadlineReached = signal.aborted;
    const helo = await orElse('the HELO names', onFault, () => heloNames(facts, resolved), []);
    const vantages = await orElse('the vantage', onFault, () => vantagesOf(facts, resolved, fromHere), [UNTOLD]);
    const concluded = await orElse(
      'the conclusion',
      onFault,
      () => {
        const marked = published ? markProposed(results, [...published.used, ...published.denied]) : results;
        return conclude(marked, context, options, published !== undefined && published.used.size > 0);
      },
      undefined,
    );
    const conclusion = concluded ?? unconcluded(results, settings);
    const statuses = conclusion.rules.map(({ status }) => status);
    await world.settled();
    // Whatever was asked but is no longer waited for (a prefetch, a connection) ends here, before the report is out.
    world.end();
    options.signal?.throwIfAborted();
    progress.throwIfFailed();
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
      verdict: verdictOf(concluded ? statuses : [...statuses, 'inconclusive']),
      ...conclusion,
      timing: {
        startedAt: new Date(start.startedAt).toISOString(),
        durationMs: readDuration(),
        dnsQueries: dns.log.length,
        smtpConnections: smtp.transcripts.length,
        deadlineReached,
      },
      ...(options.transcript ? { transcript: transcripts(dns, smtp) } : {}),
    };
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    world.end();
  }
}

const UNTOLD: Vantage = { kind: 'unknown', reason: 'it could not be told, by a fault of mailcheck itself' };

/** The selectors that a message of the host was signed with are in use, whatever else was given. */
function withSelectors(target: RunTarget, found: readonly string[]): RunTarget {
  return { ...target, selectors: [...new Set([...target.selectors, ...found])] };
}

/** Without an address on the command line, those of the domain's MX hosts are tested. */
async function resolveAddresses(target: RunTarget, dns: DnsClient): Promise<Target> {
  if (target.ips.length > 0) return { ...target, ipSource: 'argument' };
  const route = await gatherMailRoute(dns, target.domain);
  const ips = new Set<IpAddress>(route.hosts.flatMap(({ addresses }) => addresses));
  return { ...target, ips: [...ips], ipSource: 'mx' };
}

/** The HELO names that some rule asked for; a name nobody needed is not worth a connection to the host. */
async function heloNames(facts: Facts, target: Target): Promise<Report['target']['helo']> {
  return Promise.all(
    target.ips
      .filter((ip) => facts.known(heloName, ip))
      .map(async (ip) => {
        const helo = await facts(heloName, ip);
        return { ip, name: helo.name, source: helo.name === null ? null : helo.source };
      }),
  );
}

/** The vantages that the checks went by. Where no check needed it, nothing is asked for the sake of the header. */
async function vantagesOf(facts: Facts, { ips }: Target, fromHere: (ip: IpAddress) => Vantage): Promise<Vantage[]> {
  return Promise.all(ips.map((ip) => (facts.known(vantage, ip) ? facts(vantage, ip) : fromHere(ip))));
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
