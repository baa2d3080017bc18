/** Runs several targets at once, and returns the results in the order of the targets. */
import { runFleet } from '../../fleet/run-fleet.ts';
import type { PlannedTarget } from './plan.ts';

/** The most targets that run at once. They share the limits of one process. */
const CONCURRENCY = 16;

/** What runs targets. */
interface Runs<T> {
  readonly runOne: (target: PlannedTarget) => Promise<T>;
  readonly signal: AbortSignal;
  /** Called with the unfinished targets at the start, and whenever a target finishes. */
  readonly onWaiting?: (waiting: readonly PlannedTarget[]) => void;
}

/**
 * Runs the targets. Targets that share an address run one after the other, so that no server is probed by two at once.
 *
 * @returns the result of each target, in the order of the targets. The promise rejects with the first rejection, and with
 *   the reason of the signal.
 */
export async function runTargets<T>(
  targets: readonly PlannedTarget[],
  { runOne, signal, onWaiting = () => {} }: Runs<T>,
): Promise<T[]> {
  const waiting = new Set(targets);
  const results = new Map<number, T>();
  // The last target with an address has waited for the earlier ones.
  const lastWith = new Map<string, Promise<unknown>>();
  onWaiting(targets);
  await runFleet<T>({
    // A target that stands twice in a configuration has two reports.
    source: entriesOf(targets),
    concurrency: CONCURRENCY,
    signal,
    judge({ id, ips }) {
      const planned = targets[Number(id)];
      if (planned === undefined) throw new Error(`there is no target ${id}`);
      const before = new Set(ips.flatMap((ip) => lastWith.get(ip) ?? []));
      const result = Promise.all(before).then(() => runOne(planned));
      for (const ip of ips) lastWith.set(ip, result);
      return result;
    },
    async onJudged({ id }, result) {
      const planned = targets[Number(id)];
      results.set(Number(id), result);
      if (planned !== undefined) waiting.delete(planned);
      onWaiting([...waiting]);
    },
  });
  signal.throwIfAborted();
  return [...results].sort(([one], [other]) => one - other).map(([, result]) => result);
}

async function* entriesOf(targets: readonly PlannedTarget[]) {
  for (const [index, { target }] of targets.entries()) {
    const { domain, ips, selectors } = target;
    yield { id: String(index), place: '', domain, ips, selectors, tags: [] };
  }
}
