/** Counts what changed in a fleet. */
import type { FleetChanges, TargetChange } from '../../report/fleet.ts';

/** The most targets that are named as gone. */
const MAX_GONE = 20;

/** The changes so far. */
export class Tally {
  #new = 0;
  #worse = 0;
  #better = 0;
  #gone = 0;
  readonly #first: string[] = [];

  /** Counts one target. A target in which something is worse and something better counts for both. */
  add({ state }: TargetChange): void {
    if (state === 'new') this.#new += 1;
    if (state === 'worse' || state === 'mixed') this.#worse += 1;
    if (state === 'better' || state === 'mixed') this.#better += 1;
  }

  /** Counts a target that is not in the input any more. Only the first ones are asked for their names. */
  gone(nameOf: () => string): void {
    this.#gone += 1;
    if (this.#first.length < MAX_GONE) this.#first.push(nameOf());
  }

  changes(): FleetChanges {
    return {
      new: this.#new,
      worse: this.#worse,
      better: this.#better,
      gone: { count: this.#gone, first: this.#first },
    };
  }
}
