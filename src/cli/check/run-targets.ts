/** Runs several targets at once, within bounds, and keeps their order. */
import { createLimiter } from '../../network/dns/limiter.ts';
import type { PlannedTarget } from './plan.ts';

/** Each run has its own sockets and its own limit of questions under way; more would be a flood to a resolver. */
const CONCURRENCY = 8;

/**
 * The promises about how much is asked of one address hold for a run, so that targets with an address in common are run
 * one after the other.
 *
 * @param onWaiting is called with the targets that are not done, whenever one is.
 * @returns what came of each target, in their order. Rejects with the first rejection.
 */
export async function runTargets<T>(
  targets: readonly PlannedTarget[],
  runOne: (target: PlannedTarget) => Promise<T>,
  onWaiting: (waiting: readonly PlannedTarget[]) => void = () => {},
): Promise<T[]> {
  const limit = createLimiter(CONCURRENCY);
  const waiting = new Set(targets);
  onWaiting(targets);
  const running: Promise<T>[] = [];
  for (const [index, planned] of targets.entries()) {
    const before = running.filter((_, other) => other < index && shareAddress(planned, targets[other]));
    running.push(
      Promise.all(before)
        .then(() => limit(() => runOne(planned)))
        .then((result) => {
          waiting.delete(planned);
          onWaiting([...waiting]);
          return result;
        }),
    );
  }
  return Promise.all(running);
}

function shareAddress({ target }: PlannedTarget, other: PlannedTarget | undefined): boolean {
  return other?.target.ips.some((ip) => target.ips.includes(ip)) ?? false;
}
