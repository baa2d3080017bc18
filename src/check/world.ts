/**
 * The world is everything that a run takes from outside: the network, this machine, the time and random numbers. A run
 * gets all of it here and nowhere else. It can therefore be recorded, and replayed without the network.
 *
 * The world has two parts. The process part is shared by all runs: it limits how many queries and connections are under
 * way and how often each address is contacted. The part of one run ends with the run: its deadline, its clients with
 * their logs, and its stopwatches.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { listAllowances } from '../knowledge/lists/rates.ts';
import type { Resolver } from '../network/dns/answer.ts';
import { createDnsClient, type DnsClient } from '../network/dns/client.ts';
import type { DnsServer } from '../network/dns/servers.ts';
import type { SharedDns } from '../network/dns/shared-dns.ts';
import { Upstreams } from '../network/dns/upstreams.ts';
import { vetted } from '../network/dns/vetted.ts';
import type { Domain } from '../network/domain.ts';
import { createHttpsClient, httpsSlots } from '../network/https/client.ts';
import type { HttpsClient } from '../network/https/types.ts';
import { unconnectedHttps } from '../network/https/unconnected.ts';
import type { IpAddress } from '../network/ip.ts';
import { takePlaces } from '../network/rates.ts';
import { SmtpBudgets } from '../network/smtp/budgets.ts';
import { createSmtpClient } from '../network/smtp/client.ts';
import type { Slots } from '../network/smtp/slots.ts';
import type { SmtpClient } from '../network/smtp/types.ts';
import { unconnected } from '../network/smtp/unconnected.ts';
import { type MessageVerification, selectorsOf, verifyMessage } from '../standards/dkim/message.ts';
import { readSigningKey, type SigningKeyReading } from '../standards/dkim/private-key.ts';
import type { StampBook } from './facts/asking/stamp.ts';
import type { Patience } from './facts/fact.ts';
import type { KeyBook } from './facts/key-sighting.ts';
import { ALWAYS_THERE, faultOf, gatherResolver, isPartial, type ResolverFault } from './facts/resolver.ts';
import { keyFiles } from './key-files.ts';
import { type Machine, readMachine } from './machine.ts';
import { type DnsProcess, type Opening, type OpeningOptions, openDns } from './opening.ts';
import { NO_SMTP, NO_WEB, whyNoSmtp, whyNoWeb } from './rules/connections.ts';
import type { Settings } from './settings.ts';
import {
  DEFAULT_CONNECTION_RATE,
  type Sharing,
  type SharingClocks,
  type SharingOptions,
  sharingOf,
} from './shared-process.ts';
import { stampFiles } from './stamp-files.ts';
import { isOwnName, tokensOf } from './token.ts';

/** The part of the world that all runs of a process share. */
export interface ProcessWorld {
  readonly machine: Machine;
  readonly upstreams: Upstreams;
  readonly budgets: SmtpBudgets;
  /** The connections to web servers. */
  readonly httpsSlots: Slots;
  /** What the runs tell each other. Absent: each run asks for itself. */
  readonly sharing?: Sharing;
}

/** The shared part of the world where many targets are checked: what one run has asked, no other one asks again. */
export interface SharedProcess extends ProcessWorld {
  readonly sharing: Sharing;
  /** @returns the longest wait for an authority, in milliseconds. A target that starts meanwhile waits in its own time. */
  backlogMs(): number;
  /** @returns what is wrong with the resolver that was judged last. `null` where it can be relied on. */
  resolverTrouble(): ResolverFault | null;
  /**
   * @param dnsServers the servers of the runs. The system's when absent.
   * @returns how often one of them has begun to leave every question without an answer.
   */
  outagesOf(dnsServers?: readonly DnsServer[]): number;
  /**
   * Finds out whether the resolver can be relied on, without a run. It asks nothing where that is known.
   *
   * @param domain a domain that is to be checked.
   * @param dnsServers the servers of the runs. The system's when absent.
   * @returns what is wrong with it, or `null`.
   */
  checkResolver(domain: Domain, dnsServers?: readonly DnsServer[]): Promise<ResolverFault | null>;
  /** Ends the questions under way that no run waits for any more. */
  end(): void;
}

/**
 * @param clocks the clocks of what is kept. The system's when absent.
 * @returns the shared part of the world for many targets, in its initial state.
 */
export function openSharedProcess(options: SharingOptions = {}, clocks: SharingClocks = CLOCKS): SharedProcess {
  const process = openProcess();
  const { machine, upstreams } = process;
  const end = new AbortController();
  const { signal } = end;
  // Every wait for an authority listens for the end, so many listeners are no sign of a leak.
  setMaxListeners(0, signal);
  const sharing = sharingOf(options, clocks, { own: machine.addresses, upstreams, signal });
  const { rates, resolvers } = sharing;
  const { connectionRate: perSecond = DEFAULT_CONNECTION_RATE } = options;
  return {
    ...process,
    budgets: new SmtpBudgets({ perBlock: { rates, perSecond } }),
    sharing,
    backlogMs: () => rates.backlogMs(),
    resolverTrouble: () => resolvers.fault,
    outagesOf: (servers = machine.dnsServers) => upstreams.outagesOf(servers),
    async checkResolver(domain, servers = machine.dnsServers) {
      const shared = { ...sharedDns(sharing, {}), isOwn: () => true };
      const dns = vetted(createDnsClient({ servers, signal, upstreams, shared }));
      const token = tokensOf(randomBytes(16).toString('hex'));
      const state = await resolvers.judge(servers, () => gatherResolver(dns, domain, token), signal);
      const fault = faultOf(state, dns, machine.addresses);
      return fault !== null && isPartial(fault) ? null : fault;
    },
    end: () => end.abort(),
  };
}

const CLOCKS: SharingClocks = { now: () => performance.now(), date: () => Date.now() };

/** @returns what the DNS clients of several runs share. The lists of the settings set the pace of what is asked of them. */
function sharedDns({ answers, signal, rates, listRates }: Sharing, settings: Partial<Settings>): SharedDns {
  const { dnsblZones: zones, dnsblExcept: except, listKeys: keys } = settings;
  const allowancesOf = listAllowances({ zones, except, keys }, listRates);
  return {
    answers,
    signal,
    async turn(name) {
      const allowances = allowancesOf(name);
      if (allowances.length > 0) await takePlaces(rates, allowances, signal);
    },
    // Whether the resolver answers is seen by asking it, and not by an answer of before.
    isOwn: (name, what) => isOwnName(name) || (name === ALWAYS_THERE && what === 'NS'),
  };
}

/**
 * @param dns the part that a DNS client has used already.
 * @returns the shared part of the world in its initial state.
 */
export function openProcess(dns: DnsProcess = { machine: readMachine(), upstreams: new Upstreams() }): ProcessWorld {
  return {
    ...dns,
    budgets: new SmtpBudgets(),
    httpsSlots: httpsSlots(),
  };
}

/** The facts that are fixed when a run starts. */
export interface RunStart {
  /** The start of the run, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The seed of the run's tokens: 32 hexadecimal digits. */
  readonly seed: string;
  /** The addresses of this machine. */
  readonly addresses: readonly IpAddress[];
  /** The name to send in EHLO. */
  readonly probeName: string;
  readonly dnsServers: readonly DnsServer[];
  /** The reading of the private key in the settings. The key itself is not kept. `null` when there is none. */
  readonly signingKey: SigningKeyReading | null;
  /** The selectors of the tested domain's signatures on the message in the settings. */
  readonly messageSelectors: readonly string[];
}

/** The end of the time that a check has. */
export interface CutOff {
  /** Resolves when the time is up; never where the check has ended before. */
  readonly promise: Promise<'cut off'>;
  /** Says that the check has ended. */
  stop(): void;
}

/** The world of one run. */
export interface World {
  readonly start: RunStart;
  readonly dns: DnsClient;
  readonly smtp: SmtpClient;
  readonly https: HttpsClient;
  /** Keeps when each receiver was asked. */
  readonly stamps: StampBook;
  /** Keeps since when each DKIM key was seen at all name servers. */
  readonly keys: KeyBook;
  /** Aborts when the time limit is reached and when the run ends. */
  readonly signal: AbortSignal;
  /** Waits for the given number of milliseconds, or until the run ends. */
  pause(milliseconds: number): Promise<void>;
  /**
   * @returns the end of the patience with something slow that the run can do without, after this many milliseconds. What
   *   the run does without it then is part of a recording. `what` names it there.
   */
  patience(what: string, milliseconds: number): Patience;
  /** @returns the end of the patience at a time when the run still has a quarter of its time limit. */
  nearEnd(what: string): Patience;
  /** Verifies the user's message with keys fetched through the resolver. Gives `null` when there is no message. */
  verifyMessage(resolver: Resolver): Promise<MessageVerification | null>;
  /** Starts a stopwatch, and gives the function that reads it in whole milliseconds. `what` names it for recordings. */
  stopwatch(what: string): () => number;
  /** @returns the end of the time that a check has after the deadline. The deadline has ended its requests by then. */
  cutOff(what: string): CutOff;
  /** Resolves when everything that can happen without waiting for time to pass has happened. */
  settled(): Promise<void>;
  /** Ends all queries, connections and pauses of the run. */
  end(): void;
}

/** The options of the world of one run. */
export interface WorldOptions extends OpeningOptions {
  /** The tested domain. */
  readonly domain: string;
}

/**
 * Opens the real world for one run, and starts its time limit.
 *
 * @param process the part that the run shares with others. The run has its own when absent.
 * @param opening the DNS of the run, if it is open already.
 * @returns the world of the run.
 */
export function openWorld(
  options: WorldOptions,
  process: ProcessWorld = openProcess(),
  opening: Opening = openDns(options, process, process.sharing && sharedDns(process.sharing, options.settings)),
): World {
  const { settings, onFault = () => {} } = options;
  const start = startOf(options, process.machine, opening);
  const { dns, translators, signal } = opening;
  const noSmtp = whyNoSmtp(settings);
  const noWeb = whyNoWeb(settings);
  return {
    start,
    signal,
    dns,
    smtp:
      noSmtp !== null
        ? unconnected(start.probeName, NO_SMTP[noSmtp])
        : createSmtpClient({
            ...connectionOptions(settings),
            ...spacingOf(settings),
            translators,
            probeName: start.probeName,
            signal,
            budgets: process.budgets.ofRun(),
            onFault,
          }),
    https:
      noWeb !== null
        ? unconnectedHttps(NO_WEB[noWeb])
        : createHttpsClient({
            ...connectionOptions(settings),
            translators,
            signal,
            slots: process.httpsSlots,
            onFault,
          }),
    // The folder is looked for by a run that asks alone.
    stamps: stampFiles(settings.askReceivers === true ? process.machine.cacheFolder : null),
    // Only a run with a private key looks for the folder.
    keys: keyFiles(start.signingKey === null ? null : process.machine.cacheFolder),
    async pause(milliseconds) {
      if (milliseconds > 0) await wait(milliseconds, undefined, { signal }).catch(() => {});
    },
    patience: (_, milliseconds) => patienceOf(milliseconds),
    nearEnd: () => patienceOf(options.timeoutMs * NEAR_END - opening.elapsedMs()),
    async verifyMessage(resolver) {
      return settings.message ? verifyMessage(settings.message, resolver, start.startedAt) : null;
    },
    stopwatch() {
      const started = performance.now();
      return () => Math.round(performance.now() - started);
    },
    cutOff: () => cutOffAfter(signal),
    settled: async () => {},
    end: () => opening.end(),
  };
}

/** The part of the time limit after which nothing slow is begun. */
const NEAR_END = 0.75;

function patienceOf(milliseconds: number): Patience {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<'over'>((resolve) => {
    timer = setTimeout(() => resolve('over'), milliseconds);
  });
  return { promise, stop: () => clearTimeout(timer) };
}

/** The milliseconds that a check has after the deadline to report what it could not see. */
const GRACE_MS = 250;

function cutOffAfter(signal: AbortSignal): CutOff {
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

function startOf(
  { domain, settings, dnsServers }: WorldOptions,
  machine: Machine,
  { startedAt, seed }: Opening,
): RunStart {
  const { dkimKeyPem, message, probeName } = settings;
  return {
    startedAt,
    seed,
    addresses: machine.addresses,
    probeName: probeName ?? machine.name,
    dnsServers: dnsServers ?? machine.dnsServers,
    signingKey: dkimKeyPem === undefined ? null : readSigningKey(dkimKeyPem),
    messageSelectors: message === undefined ? [] : selectorsOf(message, domain),
  };
}

function spacingOf({ probePauseMs }: Settings) {
  return probePauseMs === undefined ? {} : { spacingMs: probePauseMs };
}

function connectionOptions({ allowPrivate, connectTo, extraRoots }: Settings) {
  return {
    allowPrivate,
    ...(connectTo === undefined ? {} : { connectTo }),
    ...(extraRoots === undefined ? {} : { extraRoots }),
  };
}
