/** One check in progress: its questions, each asked once, its counts and its time limit (RFC 7208 §4.6.4). */
import type { DnsAnswer, Resolver } from '../../network/dns/answer.ts';
import { AskedOnce } from '../../network/dns/asked-once.ts';
import { observed } from '../../network/fault.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import { TIME_LIMIT_MS } from './limits.ts';
import type { MacroValues } from './macro.ts';

export type AddressType = 'A' | 'AAAA';

/** @returns a resolver that asks each question once; names of any spelling are the same question. */
export function askOnce(resolver: Resolver): Resolver {
  const asked = new AskedOnce();
  return {
    // Some questions are asked ahead and never waited for. Whoever asks again gets the fault.
    query: (name, type) => asked.answer(name, type, () => observed(resolver.query(name, type))),
  };
}

export class Session {
  readonly ip: IpAddress;
  /** Answers the questions of the evaluation; `answers` keeps them. */
  readonly dns: Resolver;
  /** Answers what is asked ahead of the evaluation, which may come to its result without it. */
  readonly ahead: Resolver;
  readonly macros: Omit<MacroValues, 'domain' | 'validatedName'>;
  lookups = 0;
  voidLookups = 0;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #used = new Set<Promise<DnsAnswer>>();

  /** @param dns asks each question once, so that what was asked ahead is not asked again. */
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

  /** The type asked for an address: A for an IPv4 client, AAAA for an IPv6 client (§5). */
  get addressType(): AddressType {
    return ipFamily(this.ip) === 4 ? 'A' : 'AAAA';
  }

  /** @returns the answers that the evaluation used, each once, in the order of its questions. */
  answers(): Promise<readonly DnsAnswer[]> {
    return Promise.all(this.#used);
  }

  isOverTime(): boolean {
    return this.#now() - this.#startedAt > TIME_LIMIT_MS;
  }
}
