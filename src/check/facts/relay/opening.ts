/**
 * Asks a host the first group of vectors, which shows how the others are to be asked. A host that takes long for it is
 * asked others meanwhile, few at a time, until the run nears its time limit.
 */
import type { Needs } from '../fact.ts';
import { type Asked, isPutOff, STRANGER, usableSender, wantsTls } from './answers.ts';
import type { RelayClient } from './client.ts';
import { ask } from './dialogue.ts';
import { SlowTest } from './slow.ts';
import type { Vector } from './vectors.ts';

/** Milliseconds without the answers to the first group of vectors after which others are asked beside it. */
const SLOW_OPENING_MS = 2500;
/** Milliseconds that a refusal takes at a host that delays them. */
const SLOW_REFUSAL_MS = 500;

export interface OpeningOptions {
  /** Names the test for recordings. */
  readonly what: string;
  /** Called when the host takes long. */
  readonly onSlow: () => void;
  /** Whether the host offers STARTTLS. `null` when that is not known. */
  readonly offersStartTls: boolean | null;
  /** Gives the other vectors. */
  readonly others: () => Promise<readonly Vector[]>;
}

/** @returns the answers to the first group, and those to the others if the host delays its refusals. */
export async function askOpening(
  needs: Needs<'nearEnd' | 'patience' | 'stopwatch'>,
  client: RelayClient,
  first: readonly Vector[],
  { what, onSlow, offersStartTls, others }: OpeningOptions,
): Promise<{ readonly opening: Asked; readonly slow: Asked | null }> {
  let readTime = (): number => 0;
  let greet = (): void => {};
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const connect: RelayClient['connect'] = async () => {
    const connection = await client.connect();
    readTime = needs.stopwatch(`${what}: refusals`);
    greet();
    return connection;
  };
  const pending = ask({ ...client, connect }, first, STRANGER);
  await Promise.race([pending, greeted]);
  const slowness = needs.patience(`${what}: refusals`, SLOW_OPENING_MS);
  const isLate = await Promise.race([pending.then(() => false), slowness.promise.then(() => true)]);
  slowness.stop();
  if (isLate) onSlow();
  if (!isLate || client.atATime < 2) return { opening: await pending, slow: null };
  const test = new SlowTest(client, await others(), offersStartTls);
  const end = needs.nearEnd(`${what}: end`);
  end.promise.then(() => test.stop());
  test.askIn(client.atATime - 1);
  const opening = await pending;
  const isSlow = keepsStep(opening) && readTime() > SLOW_REFUSAL_MS * first.length;
  const counts = isSlow && !isPutOff(opening) && !wantsTls(opening);
  if (counts) {
    test.learn(usableSender(opening.attempts));
    test.askIn(client.atATime);
  } else {
    test.stop();
  }
  const slow = await test.result(opening.learnt);
  end.stop();
  return { opening, slow: counts ? slow : null };
}

function keepsStep({ unanswered, learnt }: Asked): boolean {
  return unanswered.length === 0 && learnt.manner === 'at-once' && learnt.isResetProven;
}
