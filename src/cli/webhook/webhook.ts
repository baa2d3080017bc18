/**
 * Sends what changed to a webhook. With a state folder, a message that could not be sent is kept there and sent after the
 * next run, the oldest first.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../network/fault.ts';
import { count } from '../../report/count.ts';
import { warn, writeFileAtomically } from '../terminal/output.ts';
import { shownAddress } from './address.ts';
import { type Message, post, type Receiver } from './post.ts';

/** The environment variable with the secret that signs the messages. */
export const WEBHOOK_SECRET = 'MAILCHECK_WEBHOOK_SECRET';

/** The most messages that are kept. The oldest are dropped first. */
const MAX_KEPT = 20;

/** A webhook and the messages for it. */
export interface Webhook {
  /**
   * Keeps a message in the state folder, before the run counts as complete. So no change is lost.
   *
   * @throws UsageError if it cannot be kept.
   */
  keep(message: Message): Promise<void>;
  /** Sends all messages, the oldest first. What cannot be sent is told on stderr, and does not change the exit code. */
  send(signal: AbortSignal): Promise<void>;
}

/**
 * @param state the state folder, if there is one.
 * @param waitsMs see `Receiver`.
 */
export async function openWebhook(
  url: URL,
  state: string | undefined,
  { waitsMs }: Pick<Receiver, 'waitsMs'> = {},
): Promise<Webhook> {
  const secret = process.env[WEBHOOK_SECRET] || undefined;
  if (secret === undefined) warn(`${WEBHOOK_SECRET} is not set in the environment, so the webhook is not signed`);
  const file = state === undefined ? undefined : join(state, 'unsent.json');
  let messages = file === undefined ? [] : await readKept(file);
  const write = async (): Promise<void> => {
    if (file === undefined) return;
    if (messages.length === 0) await rm(file, { force: true });
    else await writeFileAtomically(file, JSON.stringify(messages), { mode: 0o600 });
  };
  return {
    async keep(message) {
      messages = [...messages.filter(({ id }) => id !== message.id), message];
      const dropped = messages.length - MAX_KEPT;
      if (dropped > 0) {
        warn(`the webhook has taken nothing for long: ${count(dropped, 'old message')} dropped`);
        messages = messages.slice(dropped);
      }
      await write();
    },
    async send(signal) {
      for (const message of messages) {
        const problem = await post(message, { url, secret, signal, ...(waitsMs === undefined ? {} : { waitsMs }) });
        if (problem !== null) {
          const later = file === undefined ? 'what changed is not sent again' : 'it is sent after the next run';
          warn(`the webhook at ${shownAddress(url)} was not reached: ${problem}; ${later}`);
          break;
        }
        messages = messages.filter((one) => one !== message);
        await write();
      }
    },
  };
}

/** @returns the messages of earlier runs. Anything else in the file counts as none. */
async function readKept(file: string): Promise<Message[]> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (Array.isArray(kept)) return kept.filter(isMessage).slice(-MAX_KEPT);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
  }
  warn('what was kept for the webhook cannot be read, and is dropped');
  return [];
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  return 'id' in value && /^[0-9a-f]{32}$/.test(String(value.id)) && 'body' in value && typeof value.body === 'string';
}
