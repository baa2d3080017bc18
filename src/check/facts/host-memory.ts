/**
 * Keeps for all runs of a process what connections to hosts have shown. Thousands of domains share one mail server, and it is
 * asked once.
 *
 * What the end or a limit of a run cut off is not kept: the next run asks itself.
 */
import { forgetOldest } from '../../network/forget.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { SmtpFailure, SmtpFailureStatus } from '../../network/smtp/types.ts';
import { untilEnd } from '../../network/until-end.ts';

/** The most results that are kept. The one that was not used for longest is forgotten first. */
const MAX_HOST_RESULTS = 4000;
/** Milliseconds for which a result is used again. */
const MAX_HOST_AGE_MS = 15 * 60_000;
/** The same where the host did not answer, or put this client off. It may be restarting, and must not fail thousands. */
const UNSURE_AGE_MS = 60_000;

/** Where a result comes from that a run did not gather itself. */
export interface SeenBefore {
  readonly ip: IpAddress;
  /** The domain of the run that gathered it. */
  readonly domain: string;
  /** When it began to, in milliseconds since the epoch. */
  readonly at: number;
}

/** How far a result holds for other runs: `unsure` where the host did not answer, or put this client off. */
export type Sureness = 'sure' | 'unsure' | 'incomplete';

const SURENESSES: readonly Sureness[] = ['incomplete', 'unsure', 'sure'];

/** @returns the least of several. `sure` for none. */
export function leastSure(all: readonly Sureness[]): Sureness {
  return SURENESSES.find((one) => all.includes(one)) ?? 'sure';
}

/** @returns how far the end of a dialogue holds for other runs. A failed handshake is an answer. `null`: it did not fail. */
export function surenessOf(failure: Pick<SmtpFailure, 'status'> | null): Sureness {
  if (failure === null || failure.status === 'tls-failed') return 'sure';
  return CUT_OFF.includes(failure.status) ? 'incomplete' : 'unsure';
}

const CUT_OFF: readonly SmtpFailureStatus[] = ['capped', 'unasked', 'aborted'];

interface Done {
  readonly result: unknown;
  readonly isSure: boolean;
}

interface Kept {
  readonly domain: string;
  readonly at: number;
  /** Resolves to the result when it is complete, or to `null` when its run could not complete it. */
  readonly done: Promise<Done | null>;
  /** Milliseconds for which it is used again. */
  ageMs: number;
}

/** The run that asks. */
export interface Asker {
  readonly domain: string;
  /** Names the settings that a result depends on. */
  readonly settings: string;
  /** Aborts at the deadline and at the end of the run. */
  readonly signal: AbortSignal;
}

/** A result, and where it comes from if another run gathered it. */
export interface Recalled<T> {
  readonly result: T;
  readonly from?: Pick<SeenBefore, 'domain' | 'at'>;
}

/** What the runs of a process know of hosts. */
export class HostMemory {
  readonly #now: () => number;
  /** The order of the map is that of the last use. */
  readonly #kept = new Map<string, Kept>();

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * @param key names the result, with all that it depends on besides the settings.
   * @param gather gathers it.
   * @param complete resolves when all parts of the result are known, to how far it holds for other runs.
   * @returns the result of another run, if there is a complete one, otherwise that of `gather`.
   */
  async recall<T>(
    key: string,
    { domain, settings, signal }: Asker,
    gather: () => Promise<T>,
    complete: (result: T) => Promise<Sureness>,
  ): Promise<Recalled<T>> {
    const name = `${settings} ${key}`;
    for (let known = this.#find(name); known !== undefined && !signal.aborted; known = this.#find(name)) {
      const done = await untilEnd(signal, known.done, () => null);
      // The key names the kind of the result, so it is of this type.
      if (done !== null) return { result: done.result as T, from: known };
    }
    const gathered = gather();
    if (!signal.aborted) {
      const done = completed(gathered, complete, signal);
      const kept = { domain, at: this.#now(), done, ageMs: MAX_HOST_AGE_MS };
      this.#kept.set(name, kept);
      forgetOldest(this.#kept, MAX_HOST_RESULTS);
      void kept.done.then((done) => {
        if (done?.isSure === false) kept.ageMs = this.#now() - kept.at + UNSURE_AGE_MS;
        if (done === null && this.#kept.get(name) === kept) this.#kept.delete(name);
      });
    }
    return { result: await gathered };
  }

  #find(name: string): Kept | undefined {
    const known = this.#kept.get(name);
    if (known === undefined) return undefined;
    this.#kept.delete(name);
    if (this.#now() - known.at > known.ageMs) return undefined;
    this.#kept.set(name, known);
    return known;
  }
}

async function completed<T>(
  gathered: Promise<T>,
  complete: (result: T) => Promise<Sureness>,
  signal: AbortSignal,
): Promise<Done | null> {
  try {
    const result = await gathered;
    const sureness = await complete(result);
    return signal.aborted || sureness === 'incomplete' ? null : { result, isSure: sureness === 'sure' };
  } catch {
    return null;
  }
}
