/**
 * Opens what a run asks first: the DNS client with the time limit of the run. The rest of the world (world.ts) and the
 * rules take much longer to load, which a process that checks one target does while it waits for the first answers.
 */
import { randomBytes } from 'node:crypto';
import { keySecrets } from '../knowledge/lists/catalogue.ts';
import { createDnsClient, type DnsClient, type DnsClientOptions } from '../network/dns/client.ts';
import type { DnsServer } from '../network/dns/servers.ts';
import { findTranslators } from '../network/dns/translators.ts';
import { unaskedDns } from '../network/dns/unasked.ts';
import { Upstreams } from '../network/dns/upstreams.ts';
import { vetted } from '../network/dns/vetted.ts';
import { type OnFault, orElse, quietly } from '../network/fault.ts';
import { gatherResolver, type ResolverState } from './facts/resolver.ts';
import { type Machine, readMachine } from './machine.ts';
import type { Settings } from './settings.ts';
import type { RunTarget } from './target.ts';
import { tokensOf } from './token.ts';

/** The part of the process that a DNS client needs. */
export interface DnsProcess {
  readonly machine: Machine;
  readonly upstreams: Upstreams;
}

/** What the DNS client of a run is made of. */
export interface OpeningOptions {
  readonly settings: Settings;
  /** The DNS servers to ask. The system's when absent. */
  readonly dnsServers?: readonly DnsServer[];
  /** Gives milliseconds since the epoch. The system's clock when absent. */
  readonly clock?: { now(): number };
  /** The time limit: milliseconds until `signal` aborts. */
  readonly timeoutMs: number;
  /** Receives a fault in mailcheck itself. */
  readonly onFault?: OnFault;
}

/** The DNS of a run, and its time limit, which has started. */
export interface Opening {
  readonly process: DnsProcess;
  /** The start of the run, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The seed of the tokens of the run: 32 hexadecimal digits. */
  readonly seed: string;
  readonly dns: DnsClient;
  /** @returns the translators of this network from IPv6 to IPv4. */
  readonly translators: () => ReturnType<typeof findTranslators>;
  /** Aborts when the time limit is reached and when the run ends. */
  readonly signal: AbortSignal;
  /** @returns the milliseconds since the time limit started. */
  elapsedMs(): number;
  /** Ends all queries of the run. */
  end(): void;
}

/** The opening of a run that has asked its first questions. */
export interface BegunRun extends Opening {
  /** What can be said of the resolver. */
  readonly resolver: Promise<ResolverState>;
}

/**
 * Opens the DNS of a run, and starts its time limit.
 *
 * @param shared what the run shares with the others of this process. It shares nothing when absent.
 */
export function openDns(
  { settings, dnsServers, clock = Date, timeoutMs, onFault = () => {} }: OpeningOptions,
  process: DnsProcess,
  shared?: DnsClientOptions['shared'],
): Opening {
  const deadline = new AbortController();
  const { signal } = deadline;
  const began = performance.now();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const servers = dnsServers ?? process.machine.dnsServers;
  const { allowPrivate, connectTo } = settings;
  const dnsOptions = {
    servers,
    signal,
    upstreams: process.upstreams,
    secrets: keySecrets(settings.listKeys ?? {}),
    onFault,
    ...(shared === undefined ? {} : { shared }),
  };
  // Its question is part of the connection that it decides on. A replay has the connection, and does not ask again.
  const gateDns = createDnsClient(dnsOptions);
  const translators = () => findTranslators(gateDns);
  const gate = { allowPrivate, translators, ...(connectTo === undefined ? {} : { connectTo }) };
  return {
    process,
    startedAt: clock.now(),
    seed: randomBytes(16).toString('hex'),
    dns: settings.offline ? unaskedDns(servers, signal) : createDnsClient({ ...dnsOptions, gate }),
    translators,
    signal,
    elapsedMs: () => performance.now() - began,
    end() {
      clearTimeout(timer);
      deadline.abort();
    },
  };
}

/**
 * Begins a run that shares nothing with others: asks what tells whether the resolver can be relied on.
 *
 * @returns the opening, which the run goes on with.
 */
export function beginRun({ domain, ips }: Pick<RunTarget, 'domain' | 'ips'>, options: OpeningOptions): BegunRun {
  const onFault = quietly(options.onFault);
  const opening = openDns({ ...options, onFault }, { machine: readMachine(), upstreams: new Upstreams() });
  const real = vetted(opening.dns, ips);
  return { ...opening, resolver: judgedResolver(() => gatherResolver(real, domain, tokensOf(opening.seed)), onFault) };
}

/** @returns what `gather` says of the resolver. Nothing can be said after a fault of mailcheck itself. */
export function judgedResolver(
  gather: () => ResolverState | Promise<ResolverState>,
  onFault: OnFault,
): Promise<ResolverState> {
  return orElse('the preflight', onFault, gather, UNKNOWN_RESOLVER);
}

/** The state of a resolver that is not asked. */
export const UNKNOWN_RESOLVER: ResolverState = { kind: 'unknown' };
