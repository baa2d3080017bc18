/** Opens what judges the targets of a fleet: the checks in this process, or the workers of a queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../check/run.ts';
import type { SharingOptions } from '../../check/shared-process.ts';
import { openSharedProcess } from '../../check/world.ts';
import type { QueueAddress } from '../../fleet/queue/address.ts';
import { openQueueJudge, QUEUE_CONCURRENCY } from '../../fleet/queue/queue-judge.ts';
import type { Shard } from '../../fleet/shard.ts';
import type { FleetTarget } from '../../fleet/target.ts';
import { abortListeners } from '../../network/abort-listeners.ts';
import { FAILURE_SECONDS } from '../../network/dns/shared-answers.ts';
import type { Report } from '../../report/status.ts';
import { UsageError } from '../../usage-error.ts';
import type { FleetOptions } from '../options/fleet-options.ts';
import { flagOf } from '../options/row.ts';
import { PLACE_OPTIONS } from '../options/worker-options.ts';
import { reportFault } from '../terminal/faults.ts';
import { admissionTo } from './admission.ts';
import type { FleetInput } from './input.ts';
import type { FleetPlan } from './plan.ts';

/** What judges the targets of a fleet. */
export interface FleetJudge {
  /** The most targets under way where the user says nothing. */
  readonly concurrency: number;
  readonly judge: (target: FleetTarget) => Promise<Report>;
  /** Waits until another target may be started. */
  readonly admit?: (target: FleetTarget) => Promise<void>;
  /** Says that the report of a target is kept. */
  kept(target: FleetTarget): void;
  close(): Promise<void>;
}

/** The most targets under way in one process. */
const CONCURRENCY = 16;

interface JudgeOptions {
  readonly plan: FleetPlan;
  readonly input: FleetInput;
  readonly runId: string;
  readonly queue: QueueAddress | undefined;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
  /** The limits of this process. */
  readonly sharing: SharingOptions;
}

/** @throws UsageError if the queue cannot be used. */
export async function openJudge({
  plan,
  input,
  runId,
  queue,
  signal,
  onNotice,
  sharing,
}: JudgeOptions): Promise<FleetJudge> {
  const runOf = (target: FleetTarget) => input.runOf?.(target) ?? plan.runOf(target);
  const { judgement } = plan;
  if (queue === undefined) {
    const shared = openSharedProcess(sharing);
    let judged = 0;
    const admission = admissionTo(shared, { signal, hasJudged: () => judged > 0, onNotice });
    const admit = (target: FleetTarget): Promise<void> => {
      const { target: named, run: given } = runOf(target);
      return admission.admit(named.domain, given.dnsServers);
    };
    return localJudge({
      admit,
      async judge(target, own) {
        const { target: named, run: given } = runOf(target);
        const options = { ...given, judgement, process: shared, signal: own, onFault: reportFault };
        const outages = shared.outagesOf(given.dnsServers);
        const report = await run(named, options);
        judged += 1;
        if (report.verdict !== 'inconclusive') return report;
        const isGone = (await shared.checkResolver(named.domain, given.dnsServers)) !== null;
        if (!isGone && shared.outagesOf(given.dnsServers) === outages) return report;
        // The resolver went away in the middle of it, and may be back. Failed answers are not used again after this time.
        if (!isGone) await sleep(FAILURE_SECONDS * 1000, undefined, { signal: own });
        await admit(target);
        return run(named, options);
      },
      close: () => shared.end(),
      signal,
    });
  }
  const { extraRoots } = plan.run.settings;
  const judge = await openQueueJudge({
    address: queue,
    runId,
    jobOf(target) {
      const { target: named, run: given } = runOf(target);
      return { ...given, target: named, judgement };
    },
    signal,
    onNotice,
    ...(extraRoots === undefined ? {} : { extraRoots }),
  });
  return {
    concurrency: QUEUE_CONCURRENCY,
    judge: (target) => judge.judge(target),
    kept: (target) => judge.kept(target),
    close: () => judge.close(),
  };
}

interface LocalParts {
  readonly judge: (target: FleetTarget, signal: AbortSignal) => Promise<Report>;
  readonly admit: (target: FleetTarget) => Promise<void>;
  readonly close: () => void;
  readonly signal: AbortSignal;
}

/** @returns the judge that runs the checks in this process. */
function localJudge({ judge, admit, close, signal }: LocalParts): FleetJudge {
  const onAbort = abortListeners(signal);
  return {
    concurrency: CONCURRENCY,
    admit,
    async judge(target) {
      signal.throwIfAborted();
      const own = new AbortController();
      const forget = onAbort(() => own.abort(signal.reason));
      try {
        return await judge(target, own.signal);
      } finally {
        forget();
      }
    },
    kept: () => {},
    close: async () => close(),
  };
}

/** The options of a worker's place that a fleet with a queue has too, with another meaning or for both sides. */
const OF_BOTH: readonly string[] = ['allowPrivate', 'caFile'];
/** Options that a job does not carry, because they ask strangers for more than the usual tests. */
const OF_NONE = ['activeData', 'activeInjection'] as const;

/**
 * @param typed the names of the options on the command line.
 * @throws UsageError for options that a fleet with a queue cannot have.
 */
export function refuseWithQueue(
  options: FleetOptions,
  typed: ReadonlySet<string>,
  { queue, shard }: { readonly queue: QueueAddress | undefined; readonly shard: Shard | undefined },
): void {
  if (queue === undefined) return;
  if (shard !== undefined) {
    throw new UsageError(
      '--queue and --shard contradict each other: workers share the targets of a queue by themselves',
    );
  }
  for (const [name, { flags }] of Object.entries(PLACE_OPTIONS)) {
    if (!typed.has(name) || OF_BOTH.includes(name)) continue;
    throw new UsageError(
      `with --queue the workers have this option. Type it there: mailcheck worker … ${flagOf(flags)}`,
    );
  }
  const none = OF_NONE.find((name) => options[name]);
  if (none === undefined) return;
  throw new UsageError(
    `--queue and --${none.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} contradict each other: no worker does this for a queue`,
  );
}
