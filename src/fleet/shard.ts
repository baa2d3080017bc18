/** Shares a fleet out among processes that know nothing of each other: each judges the targets of its shard. */
import type { Rates } from '../network/rates.ts';
import { quoteInput, UsageError } from '../usage-error.ts';
import type { FleetTarget } from './target.ts';

/** One of the shards of a fleet. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

const MAX_SHARDS = 10_000;
/** The variable in which Kubernetes gives a pod of an Indexed Job its place, from 0. */
const JOB_INDEX = 'JOB_COMPLETION_INDEX';

/**
 * Reads `2/5`, the second of five shards, or `job/5`, the shard of this pod of a Kubernetes Indexed Job.
 *
 * @throws UsageError for any other text. A shard 0 is an error, so that nobody who counts from 0 loses the last shard.
 */
export function readShard(text: string, environment: Readonly<Record<string, string | undefined>>): Shard {
  const [, word = '', of = ''] = /^(job|\d{1,5})\/(\d{1,5})$/.exec(text.trim()) ?? [];
  const count = Number(of);
  if (word === '' || count < 1 || count > MAX_SHARDS) {
    throw new UsageError(
      `${quoteInput(text)} is not a shard. Type --shard 1/5 to --shard 5/5, or --shard job/5 in a Kubernetes Indexed Job`,
    );
  }
  if (word === 'job') return { index: jobIndex(environment[JOB_INDEX], count) + 1, count };
  const index = Number(word);
  if (index >= 1 && index <= count) return { index, count };
  throw new UsageError(
    `there is no shard ${index} of ${count}: shards are counted from 1 to ${count}. In a Kubernetes Indexed Job type --shard job/${count}`,
  );
}

/** Returns the place of the pod, from 0. */
function jobIndex(text: string | undefined, count: number): number {
  const index = /^\d{1,5}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (index < count) return index;
  throw new UsageError(
    text === undefined
      ? `--shard job/${count} needs the variable ${JOB_INDEX}, which Kubernetes sets in a Job with completionMode: Indexed`
      : `--shard job/${count} does not fit ${JOB_INDEX}=${quoteInput(text)}: the Job needs completions: ${count}`,
  );
}

/** @returns whether the target belongs to the shard: the same one in every run. */
export function isInShard({ id }: Pick<FleetTarget, 'id'>, { index, count }: Shard): boolean {
  return Number.parseInt(id.slice(0, 12), 16) % count === index - 1;
}

/** @returns the rates of one shard: its share of each limit, so that all shards together keep the limit. */
export function ratesOfShard(rates: Rates, { count }: Shard): Rates {
  return {
    reserve: (key, perSecond, burst = 1) =>
      rates.reserve(key, perSecond / count, Math.max(1, Math.floor(burst / count))),
    backlogMs: () => rates.backlogMs(),
  };
}
