/** Takes jobs from the queue of a fleet, judges their targets, and writes the reports before the jobs leave the queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { ResolverFault } from '../../check/facts/resolver.ts';
import { run } from '../../check/run.ts';
import type { Settings } from '../../check/settings.ts';
import type { SharedProcess } from '../../check/world.ts';
import type { DnsServer } from '../../network/dns/servers.ts';
import { faultText, type OnFault } from '../../network/fault.ts';
import type { Rates } from '../../network/rates.ts';
import type { QueueAddress } from './address.ts';
import { insisting } from './insist.ts';
import {
  channelOf,
  type JobData,
  type Outcome,
  packed,
  QUEUE,
  REPORT_SECONDS,
  readJob,
  reportKey,
  runOfJob,
  settingsOf,
} from './job.ts';
import { RedisRates } from './rates.ts';
import { NotNow, type Readiness, readinessOf } from './readiness.ts';
import { loaded, openRedis, PREFIX, type RedisLink } from './redis.ts';

/**
 * A worker that died is noticed within seconds: its locks end, and the next look gives its jobs to others. With the
 * defaults of BullMQ (30 s, and one such loss for each job) a killed worker costs a minute, and a few lose jobs.
 */
const RECOVERY = { lockDuration: 5000, stalledInterval: 2000, maxStalledCount: 100 } as const;

/** Milliseconds that a worker waits at its end for a Redis that is away. */
const AWAY_MS = 5000;
const LOOK_MS = 500;

/** Milliseconds until another worker may take a job that this one gives back. */
const BACK_MS = 500;

/** What a worker has done, and what there is to do. */
export interface WorkerCounts {
  readonly judged: number;
  readonly underWay: number;
  /** The jobs of all runs that no worker has taken. */
  readonly waiting: number;
}

/** A worker of a queue. */
export interface QueueWorker {
  counts(): Promise<WorkerCounts>;
  /**
   * Takes no more jobs, and waits until those under way are done.
   *
   * @returns whether they are. Without Redis they cannot end; another worker judges their targets.
   */
  drain(): Promise<boolean>;
}

interface QueueWorkerOptions {
  readonly address: QueueAddress;
  readonly concurrency: number;
  /** The settings that are the worker's own. They replace those of a job. */
  readonly settings: Settings;
  /** The DNS servers to ask. The system's when absent. */
  readonly dnsServers?: readonly DnsServer[];
  /** @returns what all runs of the worker share, with the rates of all workers. */
  readonly openProcess: (rates: Rates) => SharedProcess;
  /** @returns what is wrong with the resolver, in words. */
  readonly resolverFaultWords: (fault: ResolverFault) => string;
  readonly onFault: OnFault;
  /** Receives a line of text for the user. */
  readonly onNotice: (text: string) => void;
}

/**
 * Connects to the queue, and begins to take jobs.
 *
 * @throws UsageError if the queue cannot be used.
 */
export async function openQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { Queue, Worker: BullWorker, DelayedError } = await loaded(() => import('bullmq'));
  const { address, concurrency, settings, onNotice } = options;
  const { extraRoots } = settings;
  const link = await openRedis(address, { onNotice, ...(extraRoots === undefined ? {} : { extraRoots }) });
  const process = options.openProcess(new RedisRates(link.client, () => performance.now()));
  const queue = new Queue<JobData>(QUEUE, { connection: link.another(), prefix: PREFIX });
  let judged = 0;
  let underWay = 0;
  const end = new AbortController();
  const readiness = readinessOf(process, {
    dnsServers: options.dnsServers,
    signal: end.signal,
    pause: () => void worker.pause(true),
    resume: () => void worker.resume(),
    wordsOf: options.resolverFaultWords,
    onNotice,
  });
  const judge = judging(options, link, process, readiness);
  const worker: Worker<JobData> = new BullWorker<JobData>(
    QUEUE,
    async (job, token) => {
      underWay += 1;
      try {
        await judge(job);
        judged += 1;
      } catch (error) {
        if (!(error instanceof NotNow)) throw error;
        await job.moveToDelayed(Date.now() + BACK_MS, token);
        throw new DelayedError();
      } finally {
        underWay -= 1;
      }
    },
    { connection: link.another(), prefix: PREFIX, concurrency, ...RECOVERY },
  );
  // The first connection tells what is wrong with Redis. A job that failed is tried again.
  queue.on('error', () => {});
  worker.on('error', () => {});
  await worker.waitUntilReady();
  return {
    async counts() {
      return { judged, underWay, waiting: await queue.getWaitingCount() };
    },
    async drain() {
      // It rejects where the connection is closed meanwhile.
      const closed = worker.close().then(
        () => true,
        () => false,
      );
      end.abort();
      const isDone = await Promise.race([closed, awayFor(link, AWAY_MS)]);
      process.end();
      link.close();
      return isDone;
    },
  };
}

/** Resolves with `false` when Redis has been away for so many milliseconds at a stretch. */
async function awayFor({ client }: RedisLink, milliseconds: number): Promise<false> {
  for (let away = 0; away < milliseconds; away = client.status === 'ready' ? 0 : away + LOOK_MS) {
    await sleep(LOOK_MS, undefined, { ref: false });
    if (client.status === 'end') break;
  }
  return false;
}

/** Returns the function that judges one job. */
function judging(
  { settings, dnsServers, onFault, onNotice }: QueueWorkerOptions,
  { client, shown, losses }: RedisLink,
  process: SharedProcess,
  readiness: Readiness,
): (job: Job<JobData>) => Promise<void> {
  const insist = insisting({ shown, onNotice, isOver: () => false });

  const outcomeOf = async (data: unknown): Promise<Outcome> => {
    let job: JobData;
    try {
      job = readJob(data);
    } catch {
      return { error: 'a worker cannot read its job. It may have another version of mailcheck' };
    }
    const { target, ruleIds, judgement, timeoutMs } = job;
    await readiness.admit(target.domain);
    try {
      const report = await run(target, {
        settings: settingsOf(job, settings),
        timeoutMs,
        process,
        onFault,
        ...(dnsServers === undefined ? {} : { dnsServers }),
        ...(ruleIds === undefined ? {} : { ruleIds }),
        ...(judgement === undefined ? {} : { judgement }),
      });
      // The resolver may have gone away in the middle of it.
      if (report.verdict === 'inconclusive') await readiness.confirm(target.domain);
      return { report };
    } catch (error) {
      if (error instanceof NotNow) throw error;
      onFault('the judgement of a job', error);
      return { error: `a worker failed (${faultText(error)})` };
    }
  };

  return async ({ id = '', data }) => {
    const run = runOfJob(id);
    // Somebody else uses the queue. Nobody waits for a report.
    if (run === undefined) return onNotice('ignored a job that no mailcheck has submitted');
    const key = reportKey(id);
    // A worker wrote it and was ended before the job left the queue. The fleet may have it already.
    if ((await client.exists(key)) === 0) {
      const before = losses();
      const outcome = await outcomeOf(data);
      // What waited for the rates of all workers may have had no time left.
      if (losses() !== before) throw new Error('the connection to Redis was lost meanwhile');
      const bytes = packed(outcome);
      await insist(() => client.set(key, bytes, 'EX', REPORT_SECONDS, 'NX'));
    }
    await client.publish(channelOf(run), id);
  };
}
