/**
 * Judges the targets of a fleet on other machines: it puts one job for each target into a queue, and waits for the
 * report that a worker writes. Workers say when a report is there. Besides, it looks every other second for reports that
 * nobody told it of, and for jobs that Redis has lost, which it submits again.
 */
import type { Queue } from 'bullmq';
import type { Report } from '../../report/status.ts';
import { UsageError } from '../../usage-error.ts';
import type { FleetTarget } from '../target.ts';
import type { QueueAddress } from './address.ts';
import { insisting } from './insist.ts';
import {
  channelOf,
  dataOf,
  type FleetJob,
  JOB_OPTIONS,
  type JobData,
  jobId,
  type Outcome,
  QUEUE,
  reportKey,
  runKey,
  unpacked,
} from './job.ts';
import { loaded, openRedis, PREFIX, type RedisLink } from './redis.ts';

/** The most jobs that wait or run at the same time, unless the user says another number. */
export const QUEUE_CONCURRENCY = 500;

/** Milliseconds between two looks for what got lost. */
const SWEEP_MS = 2000;
/** Milliseconds without any report after which the user is told that no worker is there. */
const SILENCE_MS = 30_000;
/** How often one job may get lost before the run ends: its target may be what ends the workers. */
const MAX_LOST = 10;
/**
 * Seconds for which an empty mark takes the place of a report that the caller has kept. A job may come back meanwhile:
 * its worker was killed before the job left the queue, or Redis has forgotten that it left. The mark says that it is done.
 */
const MARK_SECONDS = 600;
/** How many reports are read, or deleted, at once. */
const CHUNK = 50;

/** Judges the targets of one run through a queue. */
export interface QueueJudge {
  /**
   * Submits a target.
   *
   * @returns its report, when a worker has judged it.
   * @throws the reason of the signal, and a UsageError for a target that the workers cannot judge.
   */
  judge(target: FleetTarget): Promise<Report>;
  /** Deletes the report of a target from the queue, because the caller has kept it. */
  kept(target: Pick<FleetTarget, 'id'>): void;
  /** Ends the connections. Jobs under way stay in the queue, and a run that goes on finds their reports. */
  close(): Promise<void>;
}

interface QueueJudgeOptions {
  readonly address: QueueAddress;
  /** The certificates (PEM) to trust for TLS besides the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** The id of the run. A job of the same run, target and settings is judged once. */
  readonly runId: string;
  /** @returns what the run of a target needs. */
  readonly jobOf: (target: FleetTarget) => FleetJob;
  readonly signal: AbortSignal;
  /** Receives a line of text for the user. */
  readonly onNotice: (text: string) => void;
}

/**
 * Connects to the queue.
 *
 * @throws UsageError if it cannot be used.
 */
export async function openQueueJudge(options: QueueJudgeOptions): Promise<QueueJudge> {
  const { Queue: BullQueue } = await loaded(() => import('bullmq'));
  const link = await openRedis(options.address, options);
  const queue = new BullQueue<JobData>(QUEUE, { connection: link.another(), prefix: PREFIX });
  // The first connection tells what is wrong.
  queue.on('error', () => {});
  const collector = new Collector(options, link, queue);
  await collector.listen();
  return collector;
}

/** A target whose report is waited for. */
interface Outstanding {
  readonly target: FleetTarget;
  readonly data: JobData;
  readonly resolve: (report: Report) => void;
  readonly reject: (error: unknown) => void;
  /** Whether Redis has confirmed the job. */
  isSubmitted: boolean;
  /** How often the job got lost. */
  lost: number;
}

class Collector implements QueueJudge {
  readonly #options: QueueJudgeOptions;
  readonly #link: RedisLink;
  readonly #queue: Queue<JobData>;
  readonly #run: string;
  readonly #insist: ReturnType<typeof insisting>;
  /** The targets whose reports are waited for, by the ids of their jobs. */
  readonly #outstanding = new Map<string, Outstanding>();
  /** The jobs whose reports are handed over and not deleted, by the ids of their targets. */
  readonly #handedOver = new Map<string, string>();
  /** The jobs whose reports are there, and to be read. */
  readonly #ended = new Set<string>();
  /** The jobs whose reports are to be deleted. */
  #deleted: string[] = [];
  #reading: Promise<void> | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #lastReport = performance.now();
  #isSilenceTold = false;

  constructor(options: QueueJudgeOptions, link: RedisLink, queue: Queue<JobData>) {
    const { runId, signal, onNotice } = options;
    this.#options = options;
    this.#link = link;
    this.#queue = queue;
    this.#run = runKey(runId);
    this.#insist = insisting({ shown: link.shown, onNotice, isOver: () => this.#isClosed || signal.aborted });
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** Begins to listen to the workers, and to look for what got lost. */
  async listen(): Promise<void> {
    const subscriber = this.#link.another();
    subscriber.on('message', (_, job) => {
      if (!this.#outstanding.has(job)) return;
      this.#ended.add(job);
      this.#reading ??= this.#readEnded();
    });
    await subscriber.subscribe(channelOf(this.#run));
    this.#sweepLater();
  }

  judge(target: FleetTarget): Promise<Report> {
    this.#options.signal.throwIfAborted();
    const data = dataOf(this.#options.jobOf(target));
    const job = jobId(this.#run, target.id, data);
    return new Promise((resolve, reject) => {
      if (this.#outstanding.size === 0) this.#lastReport = performance.now();
      this.#outstanding.set(job, { target, data, resolve, reject, isSubmitted: false, lost: 0 });
      this.#start(job).catch((error) => this.#fail(job, error));
    });
  }

  kept({ id }: Pick<FleetTarget, 'id'>): void {
    const job = this.#handedOver.get(id);
    if (job === undefined) return;
    this.#handedOver.delete(id);
    this.#deleted.push(job);
    if (this.#deleted.length % CHUNK === 0) void this.#deleteKept();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#abort);
    // A server that is away now lets the reports expire.
    if (this.#link.client.status === 'ready') await this.#deleteKept();
    this.#link.close();
    await this.#sweeping;
  }

  readonly #abort = (): void => {
    for (const job of [...this.#outstanding.keys()]) this.#fail(job, this.#options.signal.reason);
  };

  /** Submits a job, unless its report is there from an earlier part of the run. */
  async #start(job: string): Promise<void> {
    const marked = await this.#insist(() => this.#read([job]));
    const entry = this.#outstanding.get(job);
    if (entry === undefined) return;
    // The same run was done before, and nobody has kept its reports: it is judged again.
    if (marked.length > 0) await this.#insist(() => this.#link.client.unlink(reportKey(job)));
    await this.#insist(() => this.#queue.add('target', entry.data, { ...JOB_OPTIONS, jobId: job }));
    entry.isSubmitted = true;
  }

  async #readEnded(): Promise<void> {
    while (this.#ended.size > 0) {
      const jobs = [...this.#ended];
      this.#ended.clear();
      // What cannot be read now is found by the next sweep.
      await this.#read(jobs).catch(() => {});
    }
    this.#reading = undefined;
  }

  /**
   * Hands over the reports of these jobs that are there.
   *
   * @returns the jobs that have a mark instead.
   */
  async #read(jobs: readonly string[]): Promise<readonly string[]> {
    const marked: string[] = [];
    for (let at = 0; at < jobs.length; at += CHUNK) {
      const chunk = jobs.slice(at, at + CHUNK);
      const values = await this.#link.client.mgetBuffer(...chunk.map(reportKey));
      for (const [index, job] of chunk.entries()) {
        const value = values[index];
        if (value?.length === 0) marked.push(job);
        else if (value) this.#settle(job, unpacked(value));
      }
    }
    return marked;
  }

  #settle(job: string, outcome: Outcome): void {
    const entry = this.#outstanding.get(job);
    if (entry === undefined) return;
    this.#lastReport = performance.now();
    this.#isSilenceTold = false;
    const { target } = entry;
    if ('report' in outcome && outcome.report.target.domain === target.domain) {
      this.#outstanding.delete(job);
      this.#handedOver.set(target.id, job);
      entry.resolve(outcome.report);
      return;
    }
    // Otherwise the next run would find it again.
    this.#deleted.push(job);
    const why = 'error' in outcome ? outcome.error : 'its report in the queue is about another domain';
    this.#fail(job, new UsageError(`${target.domain} cannot be judged through ${this.#link.shown}: ${why}`));
  }

  #fail(job: string, error: unknown): void {
    const entry = this.#outstanding.get(job);
    this.#outstanding.delete(job);
    entry?.reject(error);
  }

  async #deleteKept(): Promise<void> {
    const jobs = this.#deleted;
    this.#deleted = [];
    if (jobs.length === 0) return;
    const pipeline = this.#link.client.pipeline();
    // A Redis that is full deletes, and refuses the mark.
    pipeline.unlink(...jobs.map(reportKey));
    for (const job of jobs) pipeline.set(reportKey(job), '', 'EX', MARK_SECONDS);
    const answers = await pipeline.exec().catch(() => null);
    // What is never deleted expires.
    if (answers === null || answers[0]?.[0]) this.#deleted.push(...jobs);
  }

  #sweepLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweep()
        .catch(() => {})
        .then(() => this.#sweepLater());
    }, SWEEP_MS);
  }

  /** Finds reports that nobody told of, and jobs that are lost: neither in the queue nor done. */
  async #sweep(): Promise<void> {
    await this.#deleteKept();
    const submitted = [...this.#outstanding].filter(([, { isSubmitted }]) => isSubmitted).map(([job]) => job);
    if (submitted.length === 0) return;
    // A worker writes the report before its job leaves the queue. So a job is lost if it was not there and then has no
    // report.
    const present = await this.#present(submitted);
    await this.#read(submitted);
    for (const job of submitted) if (!present.has(job)) this.#submitAgain(job);
    await this.#tellSilence();
  }

  async #present(jobs: readonly string[]): Promise<ReadonlySet<string>> {
    const pipeline = this.#link.client.pipeline();
    for (const job of jobs) pipeline.exists(this.#queue.toKey(job));
    const answers = (await pipeline.exec()) ?? [];
    const failed = answers.find(([error]) => error)?.[0];
    if (failed) throw failed;
    return new Set(jobs.filter((_, index) => answers[index]?.[1] === 1));
  }

  #submitAgain(job: string): void {
    const entry = this.#outstanding.get(job);
    if (entry === undefined) return;
    entry.lost += 1;
    if (entry.lost > MAX_LOST) {
      const { domain } = entry.target;
      this.#fail(
        job,
        new UsageError(`the job of ${domain} got lost ${entry.lost} times: it may be what ends the workers`),
      );
      return;
    }
    entry.isSubmitted = false;
    this.#start(job).catch((error) => this.#fail(job, error));
  }

  async #tellSilence(): Promise<void> {
    if (this.#isSilenceTold || performance.now() - this.#lastReport < SILENCE_MS) return;
    const { active = 0 } = await this.#queue.getJobCounts('active');
    if (active > 0) return;
    this.#isSilenceTold = true;
    this.#options.onNotice(
      `${this.#outstanding.size} targets wait for a worker. Start one: mailcheck worker --queue ${this.#link.shown}`,
    );
  }
}
