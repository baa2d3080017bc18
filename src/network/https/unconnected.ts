/** An HTTPS client that makes no connection: for `--dns-only`, and for planned records. */
import type { HttpsClient } from './types.ts';

/**
 * @param why why no request is made, for people.
 * @returns a client whose requests all fail with `unasked`.
 */
export function unconnectedHttps(why: string): HttpsClient {
  return { requests: 0, get: async () => ({ status: 'unasked', detail: why }) };
}
