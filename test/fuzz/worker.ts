/** Reads long texts with the readers in a thread of its own, which can be ended when one hangs. */
import { parentPort } from 'node:worker_threads';
import { readers } from './parsers.ts';

export interface Job {
  readonly reader: string;
  readonly text: string;
}

export interface Outcome {
  /** Milliseconds of the processor, so that a busy machine makes no reader slow. */
  readonly ms: number;
  /** The name of the error, where one was thrown. */
  readonly refusal: string | null;
}

parentPort?.on('message', async ({ reader, text }: Job) => {
  const started = process.cpuUsage();
  let refusal: string | null = null;
  try {
    await readers[reader]?.read(text);
  } catch (error) {
    refusal = error instanceof Error ? error.name : String(error);
  }
  const { user, system } = process.cpuUsage(started);
  const outcome: Outcome = { ms: (user + system) / 1000, refusal };
  parentPort?.postMessage(outcome);
});
