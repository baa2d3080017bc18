/** Runs all rules at the same time under one deadline and builds the Report. */

import { queryEvidence } from '../network/dns/answer.ts';
import type { DnsClient } from '../network/dns/client.ts';
import { type OverlayClient, overlay } from '../network/dns/overlay.ts';
import type { ProposedZone } from '../network/dns/proposal.ts';
import { recordTexts } from '../network/dns/record-texts.ts';
import { typeName } from '../network/dns/record-types.ts';
import { type DnsServer, serverLabel } from '../network/dns/servers.ts';
import { recordText, type SignedExchange } from '../network/dns/signed.ts';
import { vetted } from '../network/dns/vetted.ts';
import { orElse, quietly } from '../network/fault.ts';
import type { IpAddress } from '../network/ip.ts';
import type { SmtpClient } from '../network/smtp/types.ts';
import { SCHEMA_VERSION } from '../report/schema-version.ts';
import {
  type Report,
  type Transcripts,
  type Verdict,
  verdictOf,
  verdictOfChange,
  verdictOfRules,
} from '../report/status.ts';
import { VERSION } from '../version.ts';
import { resolveAddresses } from './addresses.ts';
import { AuthorityCheck, concluded as withNameServers } from './authority/authority-check.ts';
import { conclude, unconcluded } from './conclusion/conclude.ts';
import type { PublishedState } from './conclusion/gate.ts';
import type { Judgement } from './conclusion/judgement.ts';
import { type Obstacles, obstaclesSection } from './conclusion/obstacles-section.ts';
import type { Found } from './conclusion/plan/found.ts';
import { markProposed, proposedSection } from './conclusion/proposed.ts';
import { type DnsRun, dnsRuleIds, runOverDns } from './dns-run.ts';
import { createFacts, type Facts, type Sources } from './facts/fact.ts';
import { Gaps } from './facts/gaps.ts';
import { heloName } from './facts/helo-name.ts';
import type { SeenBefore } from './facts/host-memory.ts';
import { gatherResolver, type ResolverState } from './facts/resolver.ts';
import { type Vantage, vantage, vantageTowards } from './facts/vantage.ts';
import { edgeProxy, proxiedBy, withProxied } from './facts/web-proxy.ts';
import { type BegunRun, judgedResolver, UNKNOWN_RESOLVER } from './opening.ts';
import { preflightOf, validatesIn } from './preflight.ts';
import { publishedState } from './published-state.ts';
import type { Clock } from './rules/rule.ts';
import { guarded, type ProgressEvent, type RuleOptions, rulesToRun, runRules, selectedRules } from './run-rules.ts';
import type { Settings } from './settings.ts';
import { hostSettings } from './shared-process.ts';
import type { Proxied, RunTarget, Target } from './target.ts';
import { tokensOf } from './token.ts';
import { openProcess, openWorld, type ProcessWorld, type World } from './world.ts';

/** The options of one run. */
export interface RunOptions extends RuleOptions {
  readonly settings: Settings;
  /** The DNS servers to ask. The system's when absent. */
  readonly dnsServers?: readonly DnsServer[];
  /** Records that are not published yet. The run judges them as if they were. */
  readonly proposed?: readonly ProposedZone[];
  /** The configured severities and the accepted findings. */
  readonly judgement?: Judgement;
  /** The time limit of the whole run, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborts the run early. The run then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether the report keeps the DNS and SMTP dialogues. */
  readonly transcript?: boolean;
  /** The clock that gives the start of the run. The system's when absent. */
  readonly clock?: Clock;
  /** The world to run in. The real one when absent. */
  readonly world?: World;
  /** What the run shares with the others of this process. The run has its own when absent. */
  readonly process?: ProcessWorld;
  /** The first questions of the run, if they are asked already. Such a run is in the real world, and shares nothing. */
  readonly begun?: BegunRun;
}

/**
 * Checks one target.
 *
 * @returns the Report. The run never rejects for anything the network does. It rejects with the reason of
 *   `given.signal` when that is aborted, and with the error that `given.onProgress` throws.
 */
export async function run(target: RunTarget, given: RunOptions): Promise<Report> {
  if (given.signal?.aborted) given.begun?.end();
  given.signal?.throwIfAborted();
  const onFault = quietly(given.onFault);
  const options = { ...given, onFault };
  const { settings, begun } = options;
  const ownProcess = begun === undefined ? options.process : openProcess(begun.process);
  const world = options.world ?? openWorld({ ...options, domain: target.domain }, ownProcess, begun);
  // A transcript shows the dialogues of its own run, and a world that was given may be a recorded one.
  const shared = options.world === undefined && !settings.offline ? options.process?.sharing : undefined;
  const onAbort = (): void => world.end();
  options.signal?.addEventListener('abort', onAbort);
  const progress = guarded(options.onProgress, onAbort);
  try {
    const { start, signal, smtp, https } = world;
    const clock: Clock = { now: () => start.startedAt };
    const token = tokensOf(start.seed);
    const readDuration = world.stopwatch('run');
    const proposed = options.proposed ?? [];
    const real = vetted(world.dns, target.ips);
    const published = proposed.length === 0 ? undefined : overlay(real, proposed);
    const dns = published ?? real;
    const wanted = withSelectors(target, start.messageSelectors);
    const ofAddresses = new Gaps();
    let asked: Pick<DnsClient, 'log' | 'signedLog'> | undefined;
    const judge = (): ResolverState | Promise<ResolverState> => {
      // Nobody is asked, so no resolver is judged.
      if (settings.offline) return UNKNOWN_RESOLVER;
      const gather = () => gatherResolver(real, target.domain, token);
      return shared === undefined ? gather() : shared.resolvers.judge(real.servers, gather, signal);
    };
    const resolver = begun?.resolver ?? judgedResolver(judge, onFault);
    const preflight = preflightOf(resolver, {
      servers: real.servers,
      own: start.addresses,
      isProposed: published !== undefined,
      end() {
        // Nothing that is asked from now on could be judged.
        asked = { log: [...dns.log], signedLog: [...dns.signedLog] };
        world.end();
      },
    });
    const resolved = await orElse<Target>(
      'the search for addresses',
      onFault,
      () =>
        // The hosts that receive need not be those that send, and no file says which do.
        settings.offline && wanted.ips.length === 0
          ? Promise.resolve<Target>({ ...wanted, ipSource: 'mx' })
          : resolveAddresses(wanted, dns, ofAddresses, clock.now()),
      { ...wanted, ipSource: 'mx' },
    );
    const sources: Sources = {
      target: resolved,
      dns,
      published: published === undefined ? null : real,
      smtp,
      https,
      settings,
      clock,
      token,
      stamps: world.stamps,
      keys: world.keys,
      stopwatch: (what) => world.stopwatch(what),
      patience: (what, milliseconds) => world.patience(what, milliseconds),
      nearEnd: (what) => world.nearEnd(what),
      pause: (milliseconds) => world.pause(milliseconds),
      own: start.addresses,
      signingKey: start.signingKey,
      verifyMessage: (resolver) => world.verifyMessage(resolver),
      resolverFault: async () => {
        const trouble = await preflight;
        return trouble?.endsRun === true ? trouble.fault : null;
      },
      isNeeded: (part) => rulesToRun(options.ruleIds, settings).some(({ needs }) => needs.includes(part)),
    };
    const hosts =
      shared === undefined || options.transcript
        ? undefined
        : { memory: shared.hosts, asker: { domain: target.domain, settings: hostSettings(settings), signal } };
    const facts = createFacts(sources, { ofAddresses, hosts });
    const fromHere = (ip: IpAddress): Vantage => vantageTowards(ip, start.addresses, settings.vantage);
    const open = (): OverlayClient['open'] => published?.open ?? [];
    const context = { target: resolved, facts, dns, settings, clock, token, open };
    const { ruleIds } = options;
    const edges = orElse(
      'the search for web proxies',
      onFault,
      () => edgesOf(facts, resolved, ruleIds, clock.now()),
      [],
    );
    // Records that are not published yet are not at any name server.
    const authority = published === undefined ? new AuthorityCheck({ sources, world }) : undefined;
    const onProgress = (event: ProgressEvent): void => {
      authority?.hear(event);
      progress.tell(event);
    };
    const found = await runRules(context, { ...options, onProgress }, world, preflight, edges);
    const tested = withProxied(resolved, await edges);
    const isUnreliable = (await preflight)?.endsRun === true;
    const deadlineReached = signal.aborted && !isUnreliable;
    const helo = await orElse('the HELO names', onFault, () => (isUnreliable ? [] : heloNames(facts, tested)), []);
    const vantages = await orElse(
      'the vantage',
      onFault,
      () => (isUnreliable ? tested.ips.map(fromHere) : vantagesOf(facts, tested, fromHere)),
      [UNTOLD],
    );
    const again = {
      sources: { ...sources, target: tested },
      facts,
      // A run over planned records reports no progress.
      options: { onFault, ...(ruleIds ? { ruleIds } : {}) },
      timing: world,
    };
    const told =
      authority === undefined || isUnreliable
        ? { found, dns }
        : await withNameServers(authority, found, again, { dns, onFault });
    const before =
      published === undefined || settings.gate !== 'change'
        ? undefined
        : isUnreliable
          ? null
          : await orElse(
              'the published records',
              onFault,
              () =>
                publishedState(wanted, { target: tested, found: told.found, dns: published }, real, {
                  ...again,
                  facts,
                  https,
                }),
              null,
            );
    const concluded = await orElse(
      'the conclusion',
      onFault,
      () =>
        concludeRun(told.found, { ...context, dns: told.dns, target: tested }, options, {
          published,
          isUnreliable,
          again,
          before,
        }),
      undefined,
    );
    const conclusion = concluded ?? unconcluded(told.found.results, settings);
    const obstacles = obstaclesSection(conclusion.rules);
    await world.settled();
    // Ends requests that nobody waits for any more, such as a prefetch, before the report is built.
    world.end();
    options.signal?.throwIfAborted();
    progress.throwIfFailed();
    // The questions that were under way at an early end failed by that.
    const { log, signedLog } = asked ?? dns;
    return {
      schemaVersion: SCHEMA_VERSION,
      tool: { name: 'mailcheck', version: VERSION },
      target: targetSection(tested, { helo, dns, obstacles, seenBefore: facts.seenBefore() }),
      ...(published ? { proposed: proposedSection(proposed, published, settings) } : {}),
      vantage: {
        ...overallVantage(vantages),
        validates: validatesIn(await resolver),
        obstacles: obstacles.here,
      },
      verdict: concluded
        ? concluded.gate === undefined
          ? verdictOfState(concluded.rules, settings)
          : verdictOfChange(concluded.rules)
        : verdictOf([verdictOfRules(conclusion.rules), 'inconclusive']),
      ...conclusion,
      timing: {
        startedAt: new Date(start.startedAt).toISOString(),
        durationMs: readDuration(),
        dnsQueries: log.length + signedLog.length,
        smtpConnections: smtp.transcripts.reduce((sum, { dials = 1 }) => sum + dials, 0),
        ...(https.requests > 0 ? { httpsRequests: https.requests } : {}),
        deadlineReached,
      },
      ...(options.transcript ? { transcript: transcripts({ log, signedLog }, smtp) } : {}),
    };
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    world.end();
  }
}

/** @returns the verdict on all that was checked. With nobody asked, a file that decides nothing is not wrong. */
function verdictOfState(rules: Report['rules'], { offline = false }: Settings): Verdict {
  return offline && rules.every(({ status }) => status === 'skipped') ? 'pass' : verdictOfRules(rules);
}

/** What a conclusion needs besides the findings of the run. */
interface Ended {
  /** The answers with the proposed records, if there are any. */
  readonly published: OverlayClient | undefined;
  /** Whether the resolver cannot be relied on. */
  readonly isUnreliable: boolean;
  /** What a run over planned records takes from this one. */
  readonly again: DnsRun;
  /** What the rules find over the published records. Absent where the change is not judged. */
  readonly before: PublishedState | null | undefined;
}

/** Concludes the run. The findings that rest on proposed records are marked. */
function concludeRun(
  found: Found,
  context: Parameters<typeof conclude>[1],
  options: RunOptions,
  { published, isUnreliable, again, before }: Ended,
): ReturnType<typeof conclude> {
  const results = published ? markProposed(found.results, published) : found.results;
  return conclude({ ...found, results }, context, options, {
    isUnreliable,
    isProposed: published !== undefined && published.used.size > 0,
    rerun: (planned) => runOverDns(planned, again),
    rerunIds: dnsRuleIds(options.ruleIds),
    ...(before === undefined ? {} : { published: before }),
  });
}

function targetSection(
  { domain, ips, ipSource, selectors }: Target,
  {
    helo,
    dns,
    obstacles: { atTarget },
    seenBefore,
  }: {
    readonly helo: Report['target']['helo'];
    readonly dns: DnsClient;
    readonly obstacles: Obstacles;
    readonly seenBefore: readonly SeenBefore[];
  },
): Report['target'] {
  return {
    domain,
    ips: [...ips],
    ipSource,
    helo,
    selectors: [...selectors],
    resolvers: dns.servers.map(serverLabel),
    ...(atTarget.length > 0 ? { obstacles: atTarget } : {}),
    ...(seenBefore.length > 0 ? { shared: seenBefore.map(sharedSection) } : {}),
  };
}

function sharedSection({ ip, domain, at }: SeenBefore): NonNullable<Report['target']['shared']>[number] {
  return { ip, askedFor: domain, askedAt: new Date(at).toISOString() };
}

const UNTOLD: Vantage = { kind: 'unknown', reason: 'it could not be told, by a fault of mailcheck itself' };

/** Adds the selectors that the user's message was signed with: they are in use, whatever else was given. */
function withSelectors(target: RunTarget, found: readonly string[]): RunTarget {
  return { ...target, selectors: [...new Set([...target.selectors, ...found])] };
}

/**
 * Finds the tested addresses that are a web proxy's by their PTR name or their network. The rule that tells of a web proxy
 * looks both up, so this asks nothing that is not asked anyway. Nothing is looked up when that rule is not selected.
 */
async function edgesOf(
  facts: Facts,
  { ips }: Target,
  ruleIds: RuleOptions['ruleIds'],
  now: number,
): Promise<readonly Proxied[]> {
  const isTold = selectedRules(ruleIds).some(({ findings }) => Object.values(findings).some((spec) => spec.tellsProxy));
  if (!isTold) return [];
  const found = await Promise.all(ips.map(async (ip) => ({ ip, proxy: await facts(edgeProxy, ip) })));
  return found.flatMap(({ ip, proxy }) => (proxy === null ? [] : [proxiedBy(proxy, ip, null, now)]));
}

/**
 * @returns the HELO names that the user gave or that a rule asked for. The header of the report alone is no reason to
 *   connect to the host.
 */
async function heloNames(facts: Facts, target: Target): Promise<Report['target']['helo']> {
  return Promise.all(
    target.ips
      .filter((ip) => target.helo !== undefined || facts.known(heloName, ip))
      .map(async (ip) => {
        const helo = await facts(heloName, ip);
        return { ip, name: helo.name, source: helo.name === null ? null : helo.source };
      }),
  );
}

/**
 * @returns the vantage towards each address that the checks used. If no check needed it, it is decided without the
 *   network: the header of the report alone is no reason for a lookup.
 */
async function vantagesOf(facts: Facts, { ips }: Target, fromHere: (ip: IpAddress) => Vantage): Promise<Vantage[]> {
  return Promise.all(ips.map((ip) => (facts.known(vantage, ip) ? facts(vantage, ip) : fromHere(ip))));
}

/** @returns the vantage that limits the results most: one address in a trusted network affects the whole report. */
function overallVantage(vantages: readonly Vantage[]): Vantage {
  for (const kind of ['self', 'same-network', 'unknown', 'outside'] as const) {
    const found = vantages.find((vantage) => vantage.kind === kind);
    if (found) return found;
  }
  return { kind: 'unknown', reason: 'no address was tested' };
}

function transcripts({ log, signedLog }: Pick<DnsClient, 'log' | 'signedLog'>, smtp: SmtpClient): Transcripts {
  return {
    dns: [
      ...log.map((answer) => {
        const { chain, ...query } = queryEvidence(answer);
        return { ...query, ...(chain ? { chain: [...chain] } : {}), data: recordTexts(answer) };
      }),
      ...signedLog.map(signedTranscript),
    ],
    smtp: smtp.transcripts.map(({ id, lines }) => ({ id, lines: [...lines] })),
  };
}

function signedTranscript({ name, type, durationMs, reply }: SignedExchange): Transcripts['dns'][number] {
  const asked = { name: name === '' ? '.' : name, type: typeName(type), ms: Math.round(durationMs) };
  if (reply.kind === 'failed') {
    return { ...asked, server: null, ttl: null, rcode: reply.status, detail: reply.detail, data: [] };
  }
  const records = [...reply.answers, ...reply.authorities];
  const ttl = records.length === 0 ? null : Math.min(...records.map((record) => record.ttl));
  const { server, rcode } = reply;
  return { ...asked, server, ttl, rcode: rcode === 0 ? 'noerror' : 'nxdomain', data: records.map(recordText) };
}
