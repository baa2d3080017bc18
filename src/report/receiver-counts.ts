/** Counts the answers of receivers, for a sentence about all of them. */
import type { ReceiverResult } from './schema.ts';

/** How many receivers give each answer. */
export interface ReceiverCounts extends Readonly<Record<ReceiverResult['outcome'], number>> {
  readonly total: number;
}

/** @returns how many receivers reject (`refuses`), defer, degrade, accept and are unknown, and how many there are. */
export function receiverCounts(receivers: readonly Pick<ReceiverResult, 'outcome'>[]): ReceiverCounts {
  const counts = { refuses: 0, defers: 0, degrades: 0, unknown: 0, accepts: 0 };
  for (const { outcome } of receivers) counts[outcome] += 1;
  return { ...counts, total: receivers.length };
}

/** @returns whether a receiver that was asked took MAIL FROM. */
export function isTaken({ stage, code }: Pick<NonNullable<ReceiverResult['asked']>, 'stage' | 'code'>): boolean {
  return stage === 'mail-from' && code < 300;
}

/** @returns whether the receiver was asked and said itself that it takes no mail from the host, so that nothing is predicted. */
export function isSaid({ asked }: Pick<ReceiverResult, 'asked'>): boolean {
  return asked !== undefined && !isTaken(asked);
}
