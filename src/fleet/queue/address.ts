/** Reads the address of the Redis or Valkey that carries a fleet. Its credentials never appear in a message. */
import { isIP } from 'node:net';
import { parseDomain } from '../../network/domain.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** Where Redis is, and how to log in. */
export interface QueueAddress {
  /** The address for messages. It has no credentials. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  /** The number of the database. */
  readonly db: number;
  readonly isEncrypted: boolean;
  readonly username?: string;
  readonly password?: string;
}

const PORT = 6379;
const MAX_DB = 65_535;
const PROTOCOLS: Readonly<Record<string, boolean>> = {
  'redis:': false,
  'valkey:': false,
  'rediss:': true,
  'valkeys:': true,
};

/** The variables of the environment that name who logs in. They count where the address has no credentials. */
export const USERNAME_VARIABLE = 'MAILCHECK_REDIS_USERNAME';
export const PASSWORD_VARIABLE = 'MAILCHECK_REDIS_PASSWORD';

/**
 * Reads an address such as `redis://queue.example.net/`, `rediss://queue.example.net:6380/1` or `valkey://[2001:db8::1]/`.
 *
 * @throws UsageError for any other text. The message shows no credentials.
 */
export function readQueueAddress(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isEncrypted = PROTOCOLS[url?.protocol ?? ''];
  const database = /^\/?(\d{0,5})$/.exec(url?.pathname ?? '/')?.[1];
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  const isHost = isIP(host) !== 0 || host === 'localhost' || /^[a-z0-9-]{1,63}$/i.test(host) || parseDomain(host);
  const db = Number(database ?? Number.NaN);
  if (url === undefined || isEncrypted === undefined || !isHost || !(db <= MAX_DB) || url.search || url.hash) {
    throw new UsageError(
      `${quoteInput(withoutCredentials(text))} is not the address of a queue. Type one such as redis://queue.example.net:6379/ (rediss:// for TLS)`,
    );
  }
  const port = url.port === '' ? PORT : Number(url.port);
  const username = decoded(url.username) || environment[USERNAME_VARIABLE];
  const password = decoded(url.password) || environment[PASSWORD_VARIABLE];
  return {
    shown: `${url.protocol}//${url.hostname}:${port}/${db === 0 ? '' : db}`,
    host,
    port,
    db,
    isEncrypted,
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  };
}

/** Returns a text without what may be a name, a password or an option in it. */
function withoutCredentials(text: string): string {
  return text.replace(/[?#].*$/s, '').replace(/^([a-z]+:\/\/)?.*@/s, '$1');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
