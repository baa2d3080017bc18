/** An SMTP client that makes no connection: for `--dns-only`, and for planned records. */
import type { SmtpClient, SmtpFailure } from './types.ts';

/**
 * @param why why no connection is made, for people.
 * @returns a client whose connections all fail with `unasked`.
 */
export function unconnected(probeName: string, why: string): SmtpClient {
  const failure: SmtpFailure = { status: 'unasked', detail: why };
  return {
    probeName,
    transcripts: [],
    canOffer: async () => false,
    connect: async () => failure,
    reach: async () => failure,
  };
}
