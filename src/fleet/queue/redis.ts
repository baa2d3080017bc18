/**
 * Connects to the Redis or Valkey that carries a fleet. At the start a server that cannot be used is an error at once.
 * Later a lost connection is made again, and what was asked meanwhile waits for it.
 */
import { rootCertificates } from 'node:tls';
import type { Redis, RedisOptions } from 'ioredis';
import { faultText } from '../../network/fault.ts';
import { UsageError } from '../../usage-error.ts';
import { PASSWORD_VARIABLE, type QueueAddress, USERNAME_VARIABLE } from './address.ts';

/** What begins the name of every key. */
export const PREFIX = 'mailcheck';

const CONNECT_TIMEOUT_MS = 5000;
/** Milliseconds between two attempts to connect again. */
const RETRY_MS = 500;

/** The connections of one process to Redis. */
export interface RedisLink {
  /** The address for messages. */
  readonly shown: string;
  readonly client: Redis;
  /** How many times the connection was lost. */
  losses(): number;
  /** @returns one more connection to the same server. It is closed with the others. */
  another(): Redis;
  close(): void;
}

interface LinkOptions {
  /** The certificates (PEM) to trust for TLS besides the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** Receives a line of text for the user. */
  readonly onNotice: (text: string) => void;
}

/**
 * @returns the connection, when the server has shown that it can be used.
 * @throws UsageError if the packages are not installed, if the server does not answer within 5 seconds or refuses the
 *   login, and if it forgets keys when its memory is full.
 */
export async function openRedis(address: QueueAddress, { extraRoots = [], onNotice }: LinkOptions): Promise<RedisLink> {
  const { Redis: Client } = await loaded(() => import('ioredis'));
  const { host, port, db, username, password, isEncrypted, shown } = address;
  let isOpen = false;
  let losses = 0;
  const options: RedisOptions = {
    host,
    port,
    db,
    family: 0,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: PREFIX,
    // What is asked while the server is away waits for it.
    maxRetriesPerRequest: null,
    retryStrategy: () => (isOpen ? RETRY_MS : null),
    reconnectOnError: (error) => /^(?:READONLY|LOADING|MASTERDOWN)\b/.test(error.message),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(isEncrypted ? { tls: { ca: [...rootCertificates, ...extraRoots] } } : {}),
  };
  const client = new Client(options);
  const clients = [client];
  let failure: Error | undefined;
  client.on('error', (error: Error) => {
    failure ??= error;
  });
  const tooLate = within(CONNECT_TIMEOUT_MS);
  try {
    await Promise.race([tooLate.promise, client.connect().then(() => checkServer(client, address, onNotice))]);
  } catch (error) {
    client.disconnect();
    if (error instanceof UsageError) throw error;
    throw new UsageError(whyUnusable(failure ?? error, address));
  } finally {
    tooLate.stop();
  }
  isOpen = true;
  let isLost = false;
  client.on('close', () => {
    // Every attempt that fails is a close too.
    if (!isOpen || isLost) return;
    isLost = true;
    losses += 1;
    onNotice(`lost the connection to ${shown}; it is tried again until it works`);
  });
  client.on('ready', () => {
    isLost = false;
    onNotice(`connected to ${shown} again`);
  });
  return {
    shown,
    client,
    losses: () => losses,
    another() {
      const other = client.duplicate({ lazyConnect: false });
      // The first connection tells what is wrong.
      other.on('error', () => {});
      clients.push(other);
      return other;
    },
    close() {
      isOpen = false;
      for (const one of clients) one.disconnect();
    },
  };
}

/** @returns the milliseconds that the promise of `work` may take: it rejects after them. */
function within(milliseconds: number): { readonly promise: Promise<never>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  return { promise, stop: () => clearTimeout(timer) };
}

/**
 * Loads a package that mailcheck does not bring along.
 *
 * @throws UsageError if it is not installed.
 */
export async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new UsageError(
      'a queue needs the packages bullmq and ioredis, which are not installed beside mailcheck. Type: npm install bullmq ioredis (with -g if mailcheck was installed so)',
    );
  }
}

/** Refuses a server that forgets jobs and reports when its memory is full. */
async function checkServer(
  client: Redis,
  { shown, db }: QueueAddress,
  onNotice: (text: string) => void,
): Promise<void> {
  // The connection ignores that there is no such database.
  await client.select(db);
  const info = await client.info('memory').catch((error: Error) => {
    if (/^NOAUTH/.test(error.message)) throw error;
    return '';
  });
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy === undefined) {
    onNotice(`${shown} does not tell its maxmemory-policy. It must be noeviction, or targets may be lost`);
  } else if (policy !== 'noeviction') {
    throw new UsageError(
      `${shown} deletes keys when its memory is full (maxmemory-policy ${policy}), so targets may be lost. Type: redis-cli config set maxmemory-policy noeviction`,
    );
  }
}

/** Returns the message about a server that cannot be used. */
function whyUnusable(error: unknown, { shown, password }: QueueAddress): string {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const texts = errors.map((one) => faultText(one).replace(/^\w*Error: |\.$/g, ''));
  const text = masked(texts.join(', '), password);
  if (/NOAUTH|WRONGPASS|NOPERM|AUTH failed|invalid password/i.test(text)) {
    return `${shown} refuses the login (${text}). Set ${USERNAME_VARIABLE} and ${PASSWORD_VARIABLE} in the environment`;
  }
  return `cannot use the queue at ${shown}: ${text}. Start Redis or Valkey there, or type another address`;
}

function masked(text: string, password: string | undefined): string {
  return password === undefined ? text : text.replaceAll(password, '***');
}
