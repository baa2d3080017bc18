/** Decides when a run begins. */

/** When runs begin. All times are in milliseconds. */
export interface Schedule {
  /** The time from the start of one run to that of the next. */
  readonly everyMs: number;
  /** How much later a run may begin. */
  readonly jitterMs: number;
}

/** The share of `--every` by which a run may begin later, where the user says nothing. */
const USUAL_JITTER = 1 / 20;

/** @returns the schedule. The jitter is never longer than the time between two runs. */
export function scheduleOf(everyMs: number, jitterMs: number | undefined): Schedule {
  return { everyMs, jitterMs: Math.min(jitterMs ?? everyMs * USUAL_JITTER, everyMs) };
}

/**
 * Decides when the next run begins. Runs do not overlap: the starts that a long run has missed are left out.
 *
 * @param due when the last run was due, in milliseconds since 1970. The jitter does not count, so that it does not add up.
 * @param now the end of the last run.
 * @param random a number from 0 to below 1.
 * @returns when the next run is due, and when it begins.
 */
export function nextRun(
  due: number,
  now: number,
  { everyMs, jitterMs }: Schedule,
  random: number,
): { readonly due: number; readonly start: number } {
  const next = due + Math.max(1, Math.ceil((now - due) / everyMs)) * everyMs;
  return { due: next, start: next + Math.floor(random * jitterMs) };
}
