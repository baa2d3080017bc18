/** Runs several targets at once, and returns the results in the order of the targets. */
import { createLimiter } from '../../network/dns/limiter.ts';
import type { PlannedTarget } from './plan.ts';

/**
 * The most targets that run at once. Each run has its own limit of open DNS questions, so more would flood a resolver.
 */
const CONCURRENCY = 8;

/**
 * Runs the targets. The limits on how often mailcheck contacts one address hold within a run. Targets that share an
 * address therefore run one after the other.
 *
 * @param onWaiting called with the unfinished targets at the start, and whenever a target finishes.
 * @returns the result of each target, in the order of the targets. The promise rejects with the first rejection.
 */
export async function runTargets<T>(
  targets: readonly PlannedTarget[],
  runOne: (target: PlannedTarget) => Promise<T>,
  onWaiting: (waiting: readonly PlannedTarget[]) => void = () => {},
): Promise<T[]> {
  const limit = createLimiter(CONCURRENCY);
  const waiting = new Set(targets);
  onWaiting(targets);
  // The last target with an address has waited for the earlier ones.
  const lastWith = new Map<string, Promise<T>>();
  const running = targets.map((planned) => {
    const { ips } = planned.target;
    const before = new Set(ips.flatMap((ip) => lastWith.get(ip) ?? []));
    const result = Promise.all(before)
      .then(() => limit(() => runOne(planned)))
      .then((done) => {
        waiting.delete(planned);
        onWaiting([...waiting]);
        return done;
      });
    for (const ip of ips) lastWith.set(ip, result);
    return result;
  });
  return Promise.all(running);
}
