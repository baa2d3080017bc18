/** Repeats what Redis refuses only for the moment: its memory or disk is full, or it is still loading its data. */
import { setTimeout as wait } from 'node:timers/promises';

const FOR_THE_MOMENT =
  /^(?:OOM|READONLY|LOADING|BUSY|MASTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|CLUSTERDOWN)\b|Connection is closed/;
const PAUSE_MS = 1000;

interface Insistence {
  /** The address of Redis, for messages. */
  readonly shown: string;
  readonly onNotice: (text: string) => void;
  /** Tells whether nobody waits for the work any more. */
  readonly isOver: () => boolean;
}

/**
 * @returns a function that runs `work` until Redis takes it, and tells the user once what Redis says. It throws any error
 *   that waiting does not help against.
 */
export function insisting({ shown, onNotice, isOver }: Insistence) {
  let told = '';
  return async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        const result = await work();
        told = '';
        return result;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (isOver() || !FOR_THE_MOMENT.test(text)) throw error;
        if (text !== told) onNotice(`${shown} refuses for now: ${text}. It is tried again`);
        told = text;
        await wait(PAUSE_MS);
      }
    }
  };
}
