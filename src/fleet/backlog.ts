/** Lets no target start while an authority is waited for too long: the target would wait in its own time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rates } from '../network/rates.ts';

/** The longest wait for an authority, in milliseconds, with which a target still starts. */
const MAX_BACKLOG_MS = 1000;
/** Milliseconds between two looks at a long wait. */
const LOOK_MS = 5000;

/** Waits until every authority is free soon. It throws the reason of the signal. */
export async function untilBacklogIsShort(rates: Pick<Rates, 'backlogMs'>, signal: AbortSignal): Promise<void> {
  for (let wait = rates.backlogMs(); wait > MAX_BACKLOG_MS; wait = rates.backlogMs()) {
    await sleep(Math.min(wait - MAX_BACKLOG_MS, LOOK_MS), undefined, { signal });
  }
}
