/** The state of one check in progress: its DNS answers, its lookup counts and its time limit (RFC 7208 §4.6.4). */
import type { DnsAnswer, Resolver } from '../../network/dns/answer.ts';
import { AskedOnce } from '../../network/dns/asked-once.ts';
import { observed } from '../../network/fault.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import { TIME_LIMIT_MS } from './limits.ts';
import type { MacroValues } from './macro.ts';

export type AddressType = 'A' | 'AAAA';

/** @returns a resolver that asks each question once and keeps the answer. The case of a name makes no difference. */
export function askOnce(resolver: Resolver): Resolver {
  const asked = new AskedOnce();
  return {
    // Prefetching does not await its answers. The evaluation gets a rejection when it asks the same question.
    query: (name, type) => asked.answer(name, type, () => observed(resolver.query(name, type))),
  };
}

/** One check in progress. */
export class Session {
  readonly ip: IpAddress;
  /** The resolver for the evaluation. `answers` returns the answers that it gave. */
  readonly dns: Resolver;
  /** The resolver for prefetching. Its answers count only when the evaluation asks the same question. */
  readonly ahead: Resolver;
  readonly macros: Omit<MacroValues, 'domain' | 'validatedName'>;
  /** Terms with a DNS query so far. */
  lookups = 0;
  /** Terms so far whose query found no record. */
  voidLookups = 0;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #used = new Set<Promise<DnsAnswer>>();

  /**
   * @param dns a resolver that asks each question once (see `askOnce`), so that the evaluation gets prefetched answers.
   * @param now the clock in milliseconds since the epoch.
   */
  constructor(dns: Resolver, macros: Omit<MacroValues, 'domain' | 'validatedName' | 'now'>, now: () => number) {
    this.ahead = dns;
    this.dns = {
      query: (name, type) => {
        const answer = dns.query(name, type);
        this.#used.add(answer);
        return answer;
      },
    };
    this.ip = macros.ip;
    this.#now = now;
    this.#startedAt = now();
    this.macros = { ...macros, now: this.#startedAt };
  }

  /** The record type of address lookups: A for an IPv4 client, AAAA for an IPv6 client (§5). */
  get addressType(): AddressType {
    return ipFamily(this.ip) === 4 ? 'A' : 'AAAA';
  }

  /** @returns the answers that the evaluation used, each once, in the order of its queries. */
  answers(): Promise<readonly DnsAnswer[]> {
    return Promise.all(this.#used);
  }

  /** @returns whether the check has taken longer than the time limit (§4.6.4). */
  isOverTime(): boolean {
    return this.#now() - this.#startedAt > TIME_LIMIT_MS;
  }
}
