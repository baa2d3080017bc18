/**
 * Lets the DNS clients of several runs ask each question once. A question belongs to all of them, so the end of one run
 * ends none. A run that ends only stops to wait.
 */
import { setMaxListeners } from 'node:events';
import { canonicalName } from '../domain.ts';
import { untilEnd } from '../until-end.ts';
import { type DnsServer, serverLabel } from './servers.ts';
import type { Keeping, SharedAnswers } from './shared-answers.ts';

/** What the clients of several runs share. */
export interface SharedDns {
  readonly answers: SharedAnswers;
  /** Aborts at the end of what the runs share. */
  readonly signal: AbortSignal;
  /** Waits until the question may be sent to whoever has the name, such as a block list. */
  turn(name: string): Promise<void>;
  /** Tells whether only this run asks for the name, so that its answer is not kept. */
  isOwn(name: string): boolean;
}

/** A question of one run. */
export interface Asking<T> {
  readonly name: string;
  /** What is asked about the name, such as the record type. */
  readonly what: string | number;
  readonly keeping: Keeping<T>;
  readonly ask: () => Promise<T>;
  /** Gives the answer of a run that ends before. */
  readonly ended: () => T;
}

/** Asks a question, or takes its answer from another run. */
export type AskShared = <T>(asking: Asking<T>) => Promise<T>;

/**
 * @param signal aborts at the end of the run.
 * @param place names who is asked.
 * @returns the function that asks for all runs, or for this one alone where nothing is shared.
 */
export function askShared(shared: SharedDns | undefined, signal: AbortSignal, place: () => string): AskShared {
  if (shared === undefined) return ({ ask }) => ask();
  const where = place();
  // Each question that waits listens for the end of the run, so many listeners are no sign of a leak.
  setMaxListeners(0, signal);
  return async ({ name, what, keeping, ask, ended }) => {
    if (signal.aborted) return ended();
    const inTurn = async () => {
      await shared.turn(name);
      return ask();
    };
    const answer = shared.isOwn(name)
      ? inTurn()
      : shared.answers.answer(`${where} ${what} ${canonicalName(name)}`, keeping, inTurn);
    return answer instanceof Promise ? untilEnd(signal, answer, ended) : answer;
  };
}

/** @returns the servers as the key of a question names them. */
export function placeOf(servers: readonly DnsServer[]): string {
  return servers.map(serverLabel).join(' ');
}

/**
 * A client towards the servers that are asked anyway is there to ask again. It takes no answers of other runs.
 *
 * @returns what a client towards other servers shares.
 */
export function sharedTowards(
  shared: SharedDns | undefined,
  servers: readonly DnsServer[],
  others: readonly DnsServer[],
): SharedDns | undefined {
  if (shared === undefined || placeOf(servers) !== placeOf(others)) return shared;
  return { ...shared, isOwn: () => true };
}
