/**
 * Everything that is taken from outside: the network, this machine, time and chance. It all comes through here, and from
 * nowhere else, so that a run can be recorded, and replayed without any of it.
 *
 * The world has two parts. What belongs to the process is shared by all its runs: how many questions and connections are
 * under way, and how often each address was asked. What belongs to one run ends with it: its deadline, its clients with
 * their logs, its stopwatches.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { keySecrets } from '../knowledge/lists/catalogue.ts';
import type { Resolver } from '../network/dns/answer.ts';
import { createDnsClient, type DnsClient } from '../network/dns/client.ts';
import type { DnsServer } from '../network/dns/servers.ts';
import { Upstreams } from '../network/dns/upstreams.ts';
import type { OnFault } from '../network/fault.ts';
import type { IpAddress } from '../network/ip.ts';
import { SmtpBudgets } from '../network/smtp/budgets.ts';
import { createSmtpClient } from '../network/smtp/client.ts';
import type { SmtpClient } from '../network/smtp/types.ts';
import { type MessageVerification, selectorsOf, verifyMessage } from '../standards/dkim/message.ts';
import { readSigningKey, type SigningKeyReading } from '../standards/dkim/private-key.ts';
import { type Machine, readMachine } from './machine.ts';
import type { Settings } from './settings.ts';

/** What all runs of a process share. */
export interface ProcessWorld {
  readonly machine: Machine;
  readonly upstreams: Upstreams;
  readonly budgets: SmtpBudgets;
}

/** @returns what the runs of this process are to share, with nothing asked yet. */
export function openProcess(): ProcessWorld {
  return { machine: readMachine(), upstreams: new Upstreams(), budgets: new SmtpBudgets() };
}

/** What a run began with. */
export interface RunStart {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What the run's tokens are made of. */
  readonly seed: string;
  /** Every address of this machine. */
  readonly addresses: readonly IpAddress[];
  /** The name given in EHLO. */
  readonly probeName: string;
  readonly dnsServers: readonly DnsServer[];
  /** What the private key in the settings is; the key itself goes no further. */
  readonly signingKey: SigningKeyReading | null;
  /** The selectors that the message in the settings was signed with for the domain. */
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
  /** Aborted when the time for the run is up, and when it ends. */
  readonly signal: AbortSignal;
  /** Waits so many milliseconds, or until the run ends. */
  pause(milliseconds: number): Promise<void>;
  /** @returns what the user's message is worth, with keys fetched through the resolver; `null` where there is none. */
  verifyMessage(resolver: Resolver): Promise<MessageVerification | null>;
  /** Starts a stopwatch. @returns the function that reads it, in whole milliseconds. */
  stopwatch(what: string): () => number;
  /** @returns the end of the time that a check has, once the deadline has ended every question it had. */
  cutOff(what: string): CutOff;
  /** Resolves when nothing comes any more that would come without waiting. */
  settled(): Promise<void>;
  /** Ends everything that is under way. */
  end(): void;
}

export interface WorldOptions {
  readonly domain: string;
  readonly settings: Settings;
  /** The system's when absent. */
  readonly dnsServers?: readonly DnsServer[];
  readonly clock?: { now(): number };
  /** Milliseconds until `signal` is aborted. */
  readonly timeoutMs: number;
  /** Called with a fault of mailcheck itself. */
  readonly onFault?: OnFault;
}

/**
 * @param process what the run shares with others; its own when absent.
 * @returns the world as it is, for one run.
 */
export function openWorld(options: WorldOptions, process: ProcessWorld = openProcess()): World {
  const { settings, onFault = () => {} } = options;
  const start = startOf(options, process.machine);
  const deadline = new AbortController();
  const { signal } = deadline;
  const timer = setTimeout(() => deadline.abort(), options.timeoutMs);
  return {
    start,
    signal,
    dns: createDnsClient({
      servers: start.dnsServers,
      signal,
      upstreams: process.upstreams,
      secrets: keySecrets(settings.listKeys ?? {}),
      onFault,
    }),
    smtp: createSmtpClient({
      ...smtpOptions(settings),
      probeName: start.probeName,
      signal,
      budgets: process.budgets,
      onFault,
    }),
    async pause(milliseconds) {
      if (milliseconds > 0) await wait(milliseconds, undefined, { signal }).catch(() => {});
    },
    async verifyMessage(resolver) {
      return settings.message ? verifyMessage(settings.message, resolver, start.startedAt) : null;
    },
    stopwatch() {
      const started = performance.now();
      return () => Math.round(performance.now() - started);
    },
    cutOff: () => cutOffAfter(signal),
    settled: async () => {},
    end() {
      clearTimeout(timer);
      deadline.abort();
    },
  };
}

/** The time that a check has to say what it could not see, after the deadline. */
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

function startOf({ domain, settings, dnsServers, clock = Date }: WorldOptions, machine: Machine): RunStart {
  const { dkimKeyPem, message, probeName } = settings;
  return {
    startedAt: clock.now(),
    seed: randomBytes(16).toString('hex'),
    addresses: machine.addresses,
    probeName: probeName ?? machine.name,
    dnsServers: dnsServers ?? machine.dnsServers,
    signingKey: dkimKeyPem === undefined ? null : readSigningKey(dkimKeyPem),
    messageSelectors: message === undefined ? [] : selectorsOf(message, domain),
  };
}

function smtpOptions({ allowPrivate, connectTo, extraRoots }: Settings) {
  return {
    allowPrivate,
    ...(connectTo === undefined ? {} : { connectTo }),
    ...(extraRoots === undefined ? {} : { extraRoots }),
  };
}
