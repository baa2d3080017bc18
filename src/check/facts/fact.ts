/**
 * A fact is a function with a memory: it observes something once per run, and gives every rule that asks the same
 * promise. `export const ptr = fact(async ({ dns }: Needs<'dns'>, ip: IpAddress) => …)` makes one; rules ask for it as
 * `facts(ptr, ip)`. There is no list of facts.
 */
import type { Resolver } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { observed } from '../../network/fault.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { SmtpClient } from '../../network/smtp/types.ts';
import type { MessageVerification } from '../../standards/dkim/message.ts';
import type { SigningKeyReading } from '../../standards/dkim/private-key.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import type { Token } from '../token.ts';

/** What facts are made of. */
export interface Sources {
  readonly target: Target;
  readonly dns: DnsClient;
  readonly smtp: SmtpClient;
  readonly settings: Settings;
  /** Milliseconds since the epoch, for what depends on the date, such as selectors named after it. */
  readonly clock: { now(): number };
  readonly token: Token;
  /** Waits so many milliseconds, or until the run ends. */
  pause(milliseconds: number): Promise<void>;
  /** Every address of this machine. */
  readonly own: readonly IpAddress[];
  /** The key the host will sign with; `null` where the user showed none. */
  readonly signingKey: SigningKeyReading | null;
  /** Verifies the user's message with keys fetched through the resolver; gives `null` where there is no message. */
  verifyMessage(resolver: Resolver): Promise<MessageVerification | null>;
  /** Tells whether a selected rule asks for this costly part of a fact (`needs` of `defineRule`). */
  isNeeded(part: CostlyPart): boolean;
}

/** What a fact does only where a rule says that it needs it. */
export type CostlyPart =
  /** To go on to STARTTLS in the connection that reads the greeting. */
  | 'starttls'
  /** To connect to mail servers of others. */
  | 'egress';

/** The sources that a fact takes, and the other facts it builds on. */
export type Needs<K extends keyof Sources> = Pick<Sources, K> & { readonly facts: Facts<K> };

export interface Fact<K extends keyof Sources, A extends readonly unknown[], T> {
  readonly gather: (needs: Needs<K>, ...about: A) => Promise<T>;
}

/** Asks for facts that need no more than the sources `K`. */
export interface Facts<K extends keyof Sources = keyof Sources> {
  <A extends readonly unknown[], T>(fact: Fact<K, A, T>, ...about: A): Promise<T>;
  /** Tells whether anybody has asked for it yet; asks nothing. */
  known<A extends readonly unknown[], T>(fact: Fact<K, A, T>, ...about: A): boolean;
}

/** Declares a fact. `about` are its keys: strings, numbers, or objects that are compared by identity. */
export function fact<K extends keyof Sources, A extends readonly unknown[], T>(
  gather: (needs: Needs<K>, ...about: A) => Promise<T>,
): Fact<K, A, T> {
  return { gather };
}

/** What was asked so far, key by key. */
class Memory {
  result: Promise<unknown> | undefined;
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

/** @returns the facts of one run; each is gathered when it is asked for, and once. */
export function createFacts<K extends keyof Sources>(sources: Pick<Sources, K>): Facts<K> {
  const memory = new Memory();
  const ask = <A extends readonly unknown[], T>(asked: Fact<K, A, T>, ...about: A): Promise<T> => {
    const place = memory.at([asked, ...about]);
    place.result ??= observed(asked.gather({ ...sources, facts }, ...about));
    // The place holds what this fact gathered, and nothing else.
    return place.result as Promise<T>;
  };
  const known = <A extends readonly unknown[], T>(asked: Fact<K, A, T>, ...about: A): boolean =>
    memory.at([asked, ...about]).result !== undefined;
  const facts: Facts<K> = Object.assign(ask, { known });
  return facts;
}
