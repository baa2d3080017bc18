/**
 * A fact is a memoised observation: it is gathered once per run, and every rule that asks for it gets the same promise.
 * `export const ptr = fact(async ({ dns }: Needs<'dns'>, ip: IpAddress) => …)` declares a fact, and a rule asks for it
 * with `facts(ptr, ip)`. There is no list of facts.
 */
import type { Resolver } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { observed } from '../../network/fault.ts';
import type { HttpsClient } from '../../network/https/types.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { SmtpClient } from '../../network/smtp/types.ts';
import type { MessageVerification } from '../../standards/dkim/message.ts';
import type { SigningKeyReading } from '../../standards/dkim/private-key.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import type { Token } from '../token.ts';
import type { StampBook } from './asking/stamp.ts';
import { Gaps, type LeftOut, targetWithGaps, watched } from './gaps.ts';
import type { Asker, HostMemory, SeenBefore, Sureness } from './host-memory.ts';
import type { KeyBook } from './key-sighting.ts';
import type { ResolverFault } from './resolver.ts';

/** The end of the patience with something slow. */
export interface Patience {
  /** Resolves when the patience is over; never where it was not needed. */
  readonly promise: Promise<'over'>;
  /** Says that nothing is waited for any more. */
  stop(): void;
}

/** Everything that a fact may observe or use. */
export interface Sources {
  readonly target: Target;
  readonly dns: DnsClient;
  /** Answers with the records that are published now, where `dns` has proposed ones. `null` when there are none. */
  readonly published: Resolver | null;
  readonly smtp: SmtpClient;
  readonly https: HttpsClient;
  readonly settings: Settings;
  /**
   * Gives milliseconds since the epoch, for facts that depend on the date, such as DKIM selectors that name a month.
   */
  readonly clock: { now(): number };
  readonly token: Token;
  /** Keeps when each receiver was asked. */
  readonly stamps: StampBook;
  /** Keeps since when each DKIM key was seen at all name servers. `null` where none is asked about a key. */
  readonly keys: KeyBook | null;
  /** Starts a stopwatch, and gives the function that reads it in whole milliseconds. `what` names it for recordings. */
  stopwatch(what: string): () => number;
  /** @returns the end of the patience with something slow, after this many milliseconds. `what` names it for recordings. */
  patience(what: string, milliseconds: number): Patience;
  /** @returns the end of the patience at a time when the run still has a quarter of its time limit. */
  nearEnd(what: string): Patience;
  /** Waits for the given number of milliseconds, or until the run ends. */
  pause(milliseconds: number): Promise<void>;
  /** The addresses of this machine. */
  readonly own: readonly IpAddress[];
  /** The private key that the host will sign with. `null` when the user gave none. */
  readonly signingKey: SigningKeyReading | null;
  /**
   * Verifies the signatures of the user's message with keys fetched through the resolver. `null` when there is no
   * message.
   */
  verifyMessage(resolver: Resolver): Promise<MessageVerification | null>;
  /** Tells what is wrong with the resolver, if nothing can be judged by its answers. */
  resolverFault(): Promise<ResolverFault | null>;
  /** Tells whether a selected rule asks for this costly part of a fact (`needs` of `defineRule`). */
  isNeeded(part: CostlyPart): boolean;
}

/** A part of a fact that is gathered only if a selected rule declares that it needs it. */
export type CostlyPart =
  /** STARTTLS, in the connection that reads the greeting. */
  | 'starttls'
  /** Further handshakes: TLS versions, weak suites, no name. */
  | 'tls-trials'
  /** The answers of block lists. */
  | 'lists'
  /** VRFY and EXPN, in the same connection. */
  | 'users'
  /** Connections to mail servers of other operators. */
  | 'egress';

/** The sources that a fact uses, and access to the other facts that it builds on. */
export type Needs<K extends keyof Sources> = Pick<Sources, K> & {
  readonly facts: Facts<K>;
  /** Says what a limit leaves out of the fact. Every check that uses the fact reports it. */
  leaveOut(leftOut: LeftOut): void;
};

/**
 * The sources that a fact about the host uses. What rests on answers of the DNS changes with the records, so such a fact
 * asks no question itself.
 */
export type HostNeeds<K extends keyof Sources> = Pick<Sources, Exclude<K, AnswersOfDns>> & {
  readonly facts: Facts<K>;
  leaveOut(leftOut: LeftOut): void;
};

type AnswersOfDns = 'dns' | 'published' | 'verifyMessage';

/**
 * The kind of a fact. A fact about the `host` is seen in a connection to it. It stays as it was when the rules run again
 * over other records. Every other fact is gathered again.
 */
export type FactKind = 'host' | 'other';

/** A declared fact. `K` are the sources it uses, `A` its arguments and `T` its result. */
export interface Fact<K extends keyof Sources, A extends readonly unknown[], T> {
  readonly kind: FactKind;
  readonly gather: (needs: Needs<K>, ...about: A) => Promise<T>;
  /** How runs share what it is. Absent: each run gathers it. */
  readonly sharing?: Sharing<K, A, T>;
}

/** How the runs of a process share a fact. It is seen in connections, and is the same for other targets. */
export interface Sharing<K extends keyof Sources, A extends readonly unknown[], T> {
  /** The name of the fact. */
  readonly name: string;
  /** @returns what the fact depends on besides the settings, or `null` where it is one of this target alone. */
  readonly key: (needs: Needs<K>, ...about: A) => Promise<string | null> | string | null;
  /** Resolves when all parts of the result are known, to how far it holds for other runs. */
  readonly complete: (result: T) => Promise<Sureness>;
  /** @returns the address that it is seen at. `null` where the reader of the report need not know. */
  readonly at: (...about: A) => IpAddress | null;
}

/** Gathers facts that need no more than the sources `K`. */
export interface Facts<K extends keyof Sources = keyof Sources> {
  <A extends readonly unknown[], T>(fact: Fact<K, A, T>, ...about: A): Promise<T>;
  /** Tells whether the fact has been asked for in this run. It gathers nothing. */
  known<A extends readonly unknown[], T>(fact: Fact<K, A, T>, ...about: A): boolean;
}

/**
 * Declares a fact.
 *
 * @param gather observes the fact. Its arguments `about` are the keys under which the result is remembered: strings,
 *   numbers, or objects that are compared by identity.
 */
export function fact<K extends keyof Sources, A extends readonly unknown[], T>(
  gather: (needs: Needs<K>, ...about: A) => Promise<T>,
  sharing?: Sharing<K, A, T>,
  kind: FactKind = 'other',
): Fact<K, A, T> {
  return { kind, gather, ...(sharing ? { sharing } : {}) };
}

/** Declares a fact about the host, as `fact` does. */
export function hostFact<K extends keyof Sources, A extends readonly unknown[], T>(
  gather: (needs: HostNeeds<K>, ...about: A) => Promise<T>,
  sharing?: Sharing<K, A, T>,
): Fact<K, A, T> {
  // The sources are there, and only hidden from it.
  return fact(gather as unknown as Fact<K, A, T>['gather'], sharing, 'host');
}

/** One fact about one object: its promise, and what its lookups did not get to see. */
interface Gathered {
  readonly result: Promise<unknown>;
  readonly gaps: Gaps;
}

/** A tree of results: each level holds one key of a question. */
class Memory {
  gathered: Gathered | undefined;
  readonly #next = new Map<unknown, Memory>();

  at(keys: readonly unknown[]): Memory {
    const [key, ...rest] = keys;
    if (keys.length === 0) return this;
    let next = this.#next.get(key);
    if (next === undefined) {
      next = new Memory();
      this.#next.set(key, next);
    }
    return next.at(rest);
  }
}

/** The facts of one run, for those who have to say what they did not see. */
export interface FactsOfRun<K extends keyof Sources> extends Facts<K> {
  /** The gaps of the lookups that found the addresses of the target. */
  readonly ofAddresses: Gaps;
  /** @returns the addresses whose answers were seen for another target, and when. */
  seenBefore(): readonly SeenBefore[];
  /** @returns the sources and the facts. What they do not get to see is added to the gaps. */
  needs(gaps: Gaps): Needs<K>;
}

/** What the runs of a process know of hosts, and the run that asks for it. */
export interface SharedHosts {
  readonly memory: HostMemory;
  readonly asker: Asker;
}

/**
 * @param earlier the facts of a run over other DNS answers. What it knows of the host is not gathered again.
 * @param ofAddresses the gaps of the lookups that found the addresses of the target. Those of the earlier run when absent.
 * @returns a function that gathers the facts of one run. Each fact is gathered once, when it is first asked for.
 */
export function createFacts<K extends keyof Sources>(
  sources: Pick<Sources, K>,
  {
    earlier,
    ofAddresses = earlier?.ofAddresses ?? new Gaps(),
    hosts,
  }: {
    readonly earlier?: FactsOfRun<K> | undefined;
    readonly ofAddresses?: Gaps;
    readonly hosts?: SharedHosts | undefined;
  } = {},
): FactsOfRun<K> {
  const memory = new Memory();
  const seenBefore = new Map<IpAddress, SeenBefore>();
  const known = <A extends readonly unknown[], T>(asked: Fact<K, A, T>, ...about: A): boolean =>
    memory.at([asked, ...about]).gathered !== undefined;

  function gather<A extends readonly unknown[], T>(asked: Fact<K, A, T>, about: A): Gathered {
    const gaps = new Gaps();
    const own = needs(gaps);
    const result =
      hosts && asked.sharing ? shared(asked, asked.sharing, hosts, own, about) : asked.gather(own, ...about);
    return { result: observed(result), gaps };
  }

  /** @returns the fact as another run saw it. This run gathers it if no other has. */
  async function shared<A extends readonly unknown[], T>(
    { gather }: Fact<K, A, T>,
    { name, key, complete, at }: Sharing<K, A, T>,
    { memory, asker }: SharedHosts,
    own: Needs<K>,
    about: A,
  ): Promise<T> {
    const depends = await key(own, ...about);
    if (depends === null) return gather(own, ...about);
    const { result, from } = await memory.recall(`${name} ${depends}`, asker, () => gather(own, ...about), complete);
    const ip = at(...about);
    const known = ip === null ? undefined : seenBefore.get(ip);
    if (from !== undefined && ip !== null && (known === undefined || from.at < known.at)) {
      seenBefore.set(ip, { ip, domain: from.domain, at: from.at });
    }
    return result;
  }

  function needs(gaps: Gaps): Needs<K> {
    const given: Partial<Sources> = sources;
    return {
      ...sources,
      ...(given.dns ? { dns: watched(given.dns, gaps) } : {}),
      ...(given.target ? { target: targetWithGaps(given.target, ofAddresses, gaps) } : {}),
      facts: into(gaps),
      leaveOut: (leftOut) => gaps.addLeftOut(leftOut),
    };
  }

  /** @returns the facts. The gaps of each that is asked for are included in the given gaps. */
  function into(gaps: Gaps): Facts<K> {
    const ask = <A extends readonly unknown[], T>(asked: Fact<K, A, T>, ...about: A): Promise<T> => {
      if (asked.kind === 'host' && earlier?.known(asked, ...about)) return earlier.needs(gaps).facts(asked, ...about);
      const place = memory.at([asked, ...about]);
      place.gathered ??= gather(asked, about);
      gaps.include(place.gathered.gaps);
      // The path to the place begins with the fact itself, so the result has that fact's type.
      return place.gathered.result as Promise<T>;
    };
    return Object.assign(ask, { known });
  }

  return Object.assign(into(new Gaps()), {
    ofAddresses,
    needs,
    seenBefore: () => [...seenBefore.values()],
  });
}
