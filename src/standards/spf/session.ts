/** One check in progress: its questions, each asked once, its counts and its time limit (RFC 7208 §4.6.4). */
import type { DnsAnswer, RecordType, Resolver } from '../../network/dns/answer.ts';
import { canonicalName } from '../../network/domain.ts';
import { observed } from '../../network/fault.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import { TIME_LIMIT_MS } from './limits.ts';
import type { MacroValues } from './macro.ts';

export type AddressType = 'A' | 'AAAA';

/** @returns a resolver that asks each question once; names of any spelling are the same question. */
export function askOnce(resolver: Resolver): Resolver {
  const asked = new Map<string, Promise<DnsAnswer>>();
  return {
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      const key = `${type} ${canonicalName(name)}`;
      const known = asked.get(key);
      // The key holds the type, so the stored answer is one of T.
      if (known) return known as Promise<DnsAnswer<T>>;
      // Some questions are asked ahead, and nobody waits for them. Whoever asks again is told.
      const answer = observed(resolver.query(name, type));
      asked.set(key, answer);
      return answer;
    },
  };
}

export class Session {
  readonly ip: IpAddress;
  readonly dns: Resolver;
  readonly macros: Omit<MacroValues, 'domain' | 'validatedName'>;
  lookups = 0;
  voidLookups = 0;
  readonly #now: () => number;
  readonly #startedAt: number;

  constructor(dns: Resolver, macros: Omit<MacroValues, 'domain' | 'validatedName' | 'now'>, now: () => number) {
    this.dns = dns;
    this.ip = macros.ip;
    this.#now = now;
    this.#startedAt = now();
    this.macros = { ...macros, now: this.#startedAt };
  }

  /** The type asked for an address: A for an IPv4 client, AAAA for an IPv6 client (§5). */
  get addressType(): AddressType {
    return ipFamily(this.ip) === 4 ? 'A' : 'AAAA';
  }

  isOverTime(): boolean {
    return this.#now() - this.#startedAt > TIME_LIMIT_MS;
  }
}
