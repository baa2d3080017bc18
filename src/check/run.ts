/** Runs all rules at the same time under one deadline and builds the Report. */

import { type DnsAnswer, isAbsent, queryEvidence, type RecordType } from '../network/dns/answer.ts';
import type { DnsClient } from '../network/dns/client.ts';
import { type OverlayClient, overlay } from '../network/dns/overlay.ts';
import type { ProposedZone } from '../network/dns/proposal.ts';
import { recordTexts } from '../network/dns/record-texts.ts';
import { typeName } from '../network/dns/record-types.ts';
import { type DnsServer, serverLabel } from '../network/dns/servers.ts';
import { recordText, type SignedExchange } from '../network/dns/signed.ts';
import { vetted } from '../network/dns/vetted.ts';
import { canonicalName } from '../network/domain.ts';
import { orElse, quietly } from '../network/fault.ts';
import type { IpAddress } from '../network/ip.ts';
import type { SmtpClient } from '../network/smtp/types.ts';
import { SCHEMA_VERSION } from '../report/schema-version.ts';
import {
  type Question,
  type Report,
  type Transcripts,
  type Verdict,
  verdictOf,
  verdictOfChange,
  verdictOfRules,
} from '../report/status.ts';
import { organizationalDomain } from '../standards/organizational-domain.ts';
import { VERSION } from '../version.ts';
import { AuthorityCheck, concluded as withNameServers } from './authority/authority-check.ts';
import { conclude, unconcluded } from './conclusion/conclude.ts';
import { type PublishedState, questionKey } from './conclusion/gate.ts';
import type { Judgement } from './conclusion/judgement.ts';
import { type Obstacles, obstaclesSection } from './conclusion/obstacles-section.ts';
import type { Found } from './conclusion/plan/found.ts';
import { markProposed, proposedSection } from './conclusion/proposed.ts';
import { alteredRuleIds, type DnsRun, dnsRuleIds, factsOverDns, runOverDns } from './dns-run.ts';
import { createFacts, type Facts, type FactsOfRun, type Sources } from './facts/fact.ts';
import { Gaps, watched } from './facts/gaps.ts';
import { heloName } from './facts/helo-name.ts';
import { gatherMailRoute, mailRoute } from './facts/mx.ts';
import { ptr } from './facts/ptr.ts';
import { gatherResolver, type ResolverState } from './facts/resolver.ts';
import { type Vantage, vantage, vantageTowards } from './facts/vantage.ts';
import { edgeProxy, proxiedBy, withoutProxies, withProxied } from './facts/web-proxy.ts';
import { preflightOf, validatesIn } from './preflight.ts';
import type { Clock } from './rules/rule.ts';
import { guarded, type ProgressEvent, type RuleOptions, rulesToRun, runRules, selectedRules } from './run-rules.ts';
import type { Settings } from './settings.ts';
import type { Proxied, Target } from './target.ts';
import { tokensOf } from './token.ts';
import { openWorld, type World } from './world.ts';

/** The target as it is known before the run, without the addresses of MX hosts. */
export type RunTarget = Omit<Target, 'ipSource'>;

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
}

/**
 * Checks one target.
 *
 * @returns the Report. The run never rejects for anything the network does. It rejects with the reason of
 *   `given.signal` when that is aborted, and with the error that `given.onProgress` throws.
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
    const resolver = orElse(
      'the preflight',
      onFault,
      // Nobody is asked, so no resolver is judged.
      async () => (settings.offline ? UNKNOWN_RESOLVER : gatherResolver(real, target.domain, token)),
      UNKNOWN_RESOLVER,
    );
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
      async () =>
        // The hosts that receive need not be those that send, and no file says which do.
        settings.offline && wanted.ips.length === 0
          ? { ...wanted, ipSource: 'mx' }
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
    const facts = createFacts(sources, { ofAddresses });
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
      target: targetSection(tested, { helo, dns, obstacles }),
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

/** What is found with the proposed records. */
interface ProposedState {
  readonly target: Target;
  readonly found: Found;
  readonly dns: OverlayClient;
}

/**
 * Runs the rules over the published records, for what the proposed ones change.
 *
 * @param wanted the target as the user typed it.
 */
async function publishedState(
  wanted: RunTarget,
  proposed: ProposedState,
  dns: DnsClient,
  run: DnsRun & { readonly facts: FactsOfRun<keyof Sources> },
): Promise<PublishedState> {
  const { sources, options } = run;
  const { settings, clock } = sources;
  const ids = alteredRuleIds(options.ruleIds, settings);
  const ofAddresses = new Gaps();
  const target =
    wanted.ips.length > 0 ? proposed.target : await resolveAddresses(wanted, dns, ofAddresses, clock.now());
  const over = 'the published records';
  const gaps = wanted.ips.length > 0 ? {} : { ofAddresses };
  const again = { ...run, sources: { ...sources, target, published: null }, over, ...gaps };
  const facts = factsOverDns(dns, again);
  const { results } = await runOverDns(dns, again, ids, facts);
  // The comparison alone is no reason to ask for more.
  const asked = {
    route: run.facts.known(mailRoute),
    helo: proposed.target.ips.some((ip) => run.facts.known(heloName, ip)),
    reverse: proposed.target.ips.some((ip) => run.facts.known(ptr, ip)),
  };
  const before = await leadsOf(facts, target, asked);
  const now = await leadsOf(run.facts, proposed.target, asked);
  return {
    results: results.filter(({ id }) => ids.includes(id)),
    ips: [...target.ips, ...before.ips],
    newNames: new Set(now.names.filter((name) => !before.names.includes(name))),
    receiving: before.receiving,
    ...(await changedQuestions(proposed.found, { ids, proposed: proposed.dns, dns })),
  };
}

/** What the records of a domain lead to. */
interface Leads {
  readonly names: readonly string[];
  readonly ips: readonly IpAddress[];
  /** Those of `ips` that MX records lead mail to. */
  readonly receiving: readonly IpAddress[];
}

/**
 * @param asked what the rules asked for.
 * @returns the names and the addresses that the records of the domain lead to: those of the MX hosts, and the names that the
 *   tested addresses announce and have in the reverse DNS. Block lists are asked for their organizational domains.
 */
async function leadsOf(
  facts: Facts,
  { domain, ips, helo }: Target,
  asked: { readonly route: boolean; readonly helo: boolean; readonly reverse: boolean },
): Promise<Leads> {
  const { kind, hosts } = asked.route ? await facts(mailRoute) : { kind: 'unknown', hosts: [] };
  const ofAddresses = await Promise.all(
    ips.map(async (ip) => [
      ...(asked.helo ? [(await facts(heloName, ip)).name] : []),
      ...(asked.reverse ? (await facts(ptr, ip)).names.map(({ name }) => name) : []),
    ]),
  );
  const names = [domain, helo, ...hosts.map(({ name }) => name), ...ofAddresses.flat()]
    .filter((name) => name !== null && name !== undefined)
    .map(canonicalName);
  return {
    names: [...new Set(names.flatMap((name) => [name, organizationalDomain(name)]))],
    ips: hosts.flatMap(({ addresses }) => addresses),
    receiving: kind === 'mx' ? hosts.flatMap(({ addresses }) => addresses) : [],
  };
}

/** The types of the questions that proposed records may answer. */
const ANSWERED: Record<RecordType, true> = {
  A: true,
  AAAA: true,
  CNAME: true,
  MX: true,
  NS: true,
  PTR: true,
  DS: true,
  SOA: true,
  SPF: true,
  TLSA: true,
  TXT: true,
};

const isAnswered = (type: string): type is RecordType => Object.hasOwn(ANSWERED, type);

/**
 * Compares the answers behind the findings that rest on proposed records. The rules in `ids` ran over both states: of what they
 * find, only what may rest on a removed set is compared.
 *
 * @returns the questions that have another answer with the proposed records, and those whose records go.
 */
async function changedQuestions(
  { results }: Found,
  {
    ids,
    proposed,
    dns,
  }: { readonly ids: readonly string[]; readonly proposed: OverlayClient; readonly dns: DnsClient },
): Promise<Pick<PublishedState, 'changed' | 'removed'>> {
  const takenAway = takenAwayBy(proposed);
  const resting = markProposed(results, proposed).flatMap(({ id, findings }) =>
    findings
      .filter((finding) => finding.proposed === true && (!ids.includes(id) || finding.rests.some(takenAway)))
      .flatMap(({ rests }) => rests),
  );
  const questions = new Map(resting.map((question) => [questionKey(question), question]));
  const told = ({ status, chain, ...answer }: DnsAnswer): string =>
    JSON.stringify([status, chain, recordTexts({ status, chain, ...answer } as DnsAnswer).sort()]);
  const compared = await Promise.all(
    [...questions].map(async ([key, question]) => {
      const { name, type } = question;
      if (!isAnswered(type)) return [];
      const [before, now] = await Promise.all([dns.query(name, type), proposed.query(name, type)]);
      if (told(before) === told(now)) return [];
      // An alias takes the place of the records. Another target of an alias removes nothing.
      const isGone = now.chain.length > 0 ? before.chain.length === 0 : isAbsent(now);
      const isRemoved = before.status === 'answer' && isGone && takenAway(question);
      // What an alias answered with goes with the alias.
      const set = { name: canonicalName(name), type: before.chain.length > 0 ? 'CNAME' : type };
      return [{ key, set: isRemoved ? set : null }];
    }),
  );
  const changes = compared.flat();
  return {
    changed: new Set(changes.map(({ key }) => key)),
    removed: new Map(changes.flatMap(({ key, set }) => (set === null ? [] : [[key, set] as const]))),
  };
}

/** @returns whether proposed records leave a question without records of its type, or put an alias in their place. */
function takenAwayBy({ used, denied }: OverlayClient): (question: Question) => boolean {
  return ({ name, type }) =>
    denied.has(`${canonicalName(name)} ${type}`) || (type !== 'CNAME' && used.has(`${canonicalName(name)} CNAME`));
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
  }: { readonly helo: Report['target']['helo']; readonly dns: DnsClient; readonly obstacles: Obstacles },
): Report['target'] {
  return {
    domain,
    ips: [...ips],
    ipSource,
    helo,
    selectors: [...selectors],
    resolvers: dns.servers.map(serverLabel),
    ...(atTarget.length > 0 ? { obstacles: atTarget } : {}),
  };
}

const UNTOLD: Vantage = { kind: 'unknown', reason: 'it could not be told, by a fault of mailcheck itself' };

const UNKNOWN_RESOLVER: ResolverState = { kind: 'unknown' };

/** Adds the selectors that the user's message was signed with: they are in use, whatever else was given. */
function withSelectors(target: RunTarget, found: readonly string[]): RunTarget {
  return { ...target, selectors: [...new Set([...target.selectors, ...found])] };
}

/**
 * Completes the target: without an address on the command line, it takes the addresses of the domain's MX hosts. It
 * leaves out the addresses of web proxies.
 */
async function resolveAddresses(target: RunTarget, dns: DnsClient, gaps: Gaps, now: number): Promise<Target> {
  if (target.ips.length > 0) return withoutProxies({ ...target, ipSource: 'argument' }, [], now);
  const route = await gatherMailRoute(watched(dns, gaps), target.domain, (leftOut) => gaps.addLeftOut(leftOut));
  const ips = new Set<IpAddress>(route.hosts.flatMap(({ addresses }) => addresses));
  return withoutProxies({ ...target, ips: [...ips], ipSource: 'mx' }, route.hosts, now);
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
