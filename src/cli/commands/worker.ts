/** Runs `mailcheck worker`: judges the targets that `mailcheck fleet --queue` submits, until it is told to end. */
import { openSharedProcess } from '../../check/world.ts';
import { openQueueWorker, type QueueWorker } from '../../fleet/queue/worker.ts';
import { EXIT } from '../../report/status.ts';
import { UsageError } from '../../usage-error.ts';
import { resolverFaultWords } from '../fleet/admission.ts';
import { SMTP_PORT } from '../options/check-options.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { listKeysOf } from '../options/lists.ts';
import { readRates } from '../options/rate-options.ts';
import { optionReader } from '../options/read.ts';
import { WORKER_OPTIONS, type WorkerOptions } from '../options/worker-options.ts';
import { reportFault } from '../terminal/faults.ts';
import { keepHeapSmall } from '../terminal/heap.ts';
import { interruptible } from '../terminal/interrupt.ts';
import { warn } from '../terminal/output.ts';

/** Milliseconds between two lines with counts. */
const LINE_MS = 10_000;

/**
 * Works until a signal. The first one lets the targets under way end, and takes no others. The second one ends the
 * process at once; another worker then judges what was under way.
 *
 * @returns the exit code.
 * @throws UsageError for an option that cannot be used, and for a queue that cannot be used.
 */
export async function workerCommand(options: WorkerOptions): Promise<number> {
  keepHeapSmall();
  const reader = optionReader(WORKER_OPTIONS, options);
  const { read, settings } = reader;
  const address = await read('queue');
  if (address === undefined) {
    throw new UsageError('which queue? Type: mailcheck worker --queue redis://queue.example.net:6379/');
  }
  const concurrency = await read('concurrency');
  const limits = await readRates(reader);
  const dnsServers = dnsServersOf(await read('dns'));
  const local = { smtpPort: SMTP_PORT, allowPrivate: false, ...listKeysOf(process.env), ...(await settings()) };
  const isQuiet = options.quiet ?? false;
  const interrupt = interruptible();
  try {
    const worker = await openQueueWorker({
      address,
      concurrency,
      dnsServers,
      settings: local,
      openProcess: (rates) => openSharedProcess({ ...limits, rates }),
      resolverFaultWords,
      onFault: reportFault,
      onNotice: warn,
    });
    if (!isQuiet) warn(`takes targets from ${address.shown}, at most ${concurrency} at once`);
    const timer = setInterval(() => void tell(worker, isQuiet), LINE_MS);
    await ended(interrupt.signal);
    clearInterval(timer);
    if (!isQuiet) warn('takes no more targets, and ends with those under way. A second signal ends it at once');
    if (!(await worker.drain())) warn(`${address.shown} is away, so another worker judges what was under way`);
    return EXIT.ok;
  } finally {
    interrupt.stop();
  }
}

/** Resolves when the signal is aborted. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function tell(worker: QueueWorker, isQuiet: boolean): Promise<void> {
  if (isQuiet) return;
  const counts = await worker.counts().catch(() => undefined);
  if (counts === undefined) return;
  const { judged, underWay, waiting } = counts;
  warn(`${judged} judged, ${underWay} under way, ${waiting} waiting in the queue`);
}
