/**
 * Collects what a check did not get to see: the lookups that failed, and what a limit left out. A fact carries the gaps
 * of its own lookups and of every fact that it builds on, and a check carries those of every fact that it asked for. A
 * check therefore cannot read what is known without what is missing: gaps that none of its findings reports make it
 * inconclusive (`run-rules.ts`).
 */
import type { DnsAnswer, DnsFailure, RecordType, Resolver } from '../../network/dns/answer.ts';
import { isFailure } from '../../network/dns/answer.ts';
import type { DnsClient, NameServerClient } from '../../network/dns/client.ts';
import { through } from '../../network/dns/through.ts';
import type { Target } from '../target.ts';

/** What a limit of mailcheck left out. */
export interface LeftOut {
  /** What was counted, in the plural, such as `MX hosts of example.com`. */
  readonly what: string;
  /** How many of them were looked at. */
  readonly looked: number;
  readonly of: number;
  /** The questions whose answers hold them. */
  readonly rests: readonly { readonly name: string; readonly type: string }[];
}

/** The gaps of one fact or check, with those of the facts that it builds on. */
export class Gaps {
  readonly #failures: DnsFailure[] = [];
  readonly #leftOut: LeftOut[] = [];
  readonly #parts = new Set<Gaps>();

  /** Adds the gaps of a part, including those that the part gets later. */
  include(part: Gaps): void {
    this.#parts.add(part);
  }

  /** Adds a lookup that failed. */
  addFailure(answer: DnsFailure): void {
    this.#failures.push(answer);
  }

  /** Adds what a limit left out. */
  addLeftOut(leftOut: LeftOut): void {
    if (leftOut.looked < leftOut.of) this.#leftOut.push(leftOut);
  }

  /** @returns the failed lookups, each question once, by name and type. Those that the end of the run cuts off have no order. */
  failures(): DnsFailure[] {
    const all = [...this.#all()].flatMap((gaps) => gaps.#failures);
    const byQuestion = new Map(all.map((answer) => [`${answer.name} ${answer.type}`, answer] as const));
    return [...byQuestion].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, answer]) => answer);
  }

  /** @returns what limits left out, each once. */
  leftOut(): LeftOut[] {
    const all = [...this.#all()].flatMap((gaps) => gaps.#leftOut);
    return [...new Map(all.map((leftOut) => [leftOut.what, leftOut])).values()];
  }

  #all(seen = new Set<Gaps>()): Set<Gaps> {
    if (seen.has(this)) return seen;
    seen.add(this);
    for (const part of this.#parts) part.#all(seen);
    return seen;
  }
}

/** The client behind each watched one. */
const unwatchedClients = new WeakMap<Resolver, Resolver>();

function watchedQuery(dns: Resolver, gaps: Gaps): Resolver['query'] {
  return async <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    const answer = await dns.query(name, type);
    if (isFailure(answer)) gaps.addFailure(answer);
    return answer;
  };
}

/**
 * @returns the client, which now adds each lookup that fails to the gaps. A question for signatures adds none: whoever
 *   validates its reply says of every result whether it is known (`security.ts`).
 */
export function watched(dns: DnsClient, gaps: Gaps): DnsClient {
  const client = through(dns, {
    towards: (servers) => watched(dns.towards(servers), gaps),
    atNameServers: (from) => watchedNameServers(dns.atNameServers(from), gaps),
    query: watchedQuery(dns, gaps),
  });
  unwatchedClients.set(client, dns);
  return client;
}

function watchedNameServers(dns: NameServerClient, gaps: Gaps): NameServerClient {
  const client: NameServerClient = {
    servers: dns.servers,
    towards: (servers) => watchedNameServers(dns.towards(servers), gaps),
    query: watchedQuery(dns, gaps),
    signed: (name, type) => dns.signed(name, type),
  };
  unwatchedClients.set(client, dns);
  return client;
}

/**
 * Gives the client for a lookup whose failure is no gap. Each use says why in a comment: the answer is for words only, or
 * the caller reports the failure itself.
 */
export function unwatched<C extends Resolver>(dns: C): C {
  // A client and its watched form are of the same kind.
  return (unwatchedClients.get(dns) as C | undefined) ?? dns;
}

/** @returns the target, whose addresses now carry the gaps of the lookups that found them. */
export function targetWithGaps(target: Target, ofAddresses: Gaps, gaps: Gaps): Target {
  return {
    ...target,
    get ips() {
      gaps.include(ofAddresses);
      return target.ips;
    },
  };
}
