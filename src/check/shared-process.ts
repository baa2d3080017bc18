/**
 * What the runs of one process share where many targets are checked: DNS answers, the judgement of the resolver, what
 * connections to hosts have shown, and how fast each authority is asked.
 */
import type { ListRates } from '../knowledge/lists/rates.ts';
import { SharedAnswers } from '../network/dns/shared-answers.ts';
import type { Upstreams } from '../network/dns/upstreams.ts';
import type { IpAddress } from '../network/ip.ts';
import { LocalRates, type Rates } from '../network/rates.ts';
import { HostMemory } from './facts/host-memory.ts';
import { ResolverMemory } from './resolver-memory.ts';
import type { Settings } from './settings.ts';

/** Connections a second to each block of addresses. */
export const DEFAULT_CONNECTION_RATE = 10;

/** The options of what runs share. */
export interface SharingOptions {
  /** The user's limits for block lists. Those of the lists when absent. */
  readonly listRates?: ListRates;
  /** Connections a second to each block of addresses: a /24, or a /48 for IPv6. */
  readonly connectionRate?: number;
  /** The rates, where other processes share them. Those of this process when absent. */
  readonly rates?: Rates;
}

/** The clocks of what runs share. */
export interface SharingClocks {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Milliseconds since the epoch. */
  readonly date: () => number;
}

/** What runs share. */
export interface Sharing {
  readonly answers: SharedAnswers;
  readonly hosts: HostMemory;
  readonly resolvers: ResolverMemory;
  readonly rates: Rates;
  readonly listRates: ListRates;
  /** Aborts at the end of the process that the runs share. */
  readonly signal: AbortSignal;
}

/** @returns what runs share, in its initial state. */
export function sharingOf(
  { listRates = {}, rates: given }: SharingOptions,
  { now, date }: SharingClocks,
  {
    own,
    upstreams,
    signal,
  }: { readonly own: readonly IpAddress[]; readonly upstreams: Upstreams; readonly signal: AbortSignal },
): Sharing {
  return {
    answers: new SharedAnswers({ now }),
    hosts: new HostMemory(date),
    resolvers: new ResolverMemory({ now, own, areSilent: (servers) => upstreams.areSilent(servers) }),
    rates: given ?? new LocalRates(now),
    listRates,
    signal,
  };
}

/** The settings that no answer of a host depends on. Any other one counts, so that a new one cannot be forgotten. */
const IRRELEVANT: readonly (keyof Settings)[] = [
  'authoritative',
  'dkimKeyPem',
  'dnsHost',
  'dnsblExcept',
  'dnsblZones',
  'dnssecResolver',
  'earlierKeys',
  'earlierPolicy',
  'listKeys',
  'listsDirect',
  'message',
  'neighbours',
  'nextCertificate',
  'provider',
  'reportsTo',
  'trustAnchors',
  'untilSafe',
  'volume',
];

/** @returns the settings that the answers of hosts depend on, as a text. */
export function hostSettings(settings: Settings): string {
  const relevant = Object.entries(settings).filter(([name]) => !IRRELEVANT.some((other) => other === name));
  return JSON.stringify(relevant.sort(), (_, value: unknown) => (value instanceof Map ? [...value] : value));
}
