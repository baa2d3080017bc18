/** Sends test messages with relay vectors that the host accepted at RCPT. */
import type { SmtpResult, SmtpSession, Transcript } from '../../../network/smtp/types.ts';
import { isPositive, mailLine, rcptLine } from './answers.ts';
import { introduce, nameFor, type RelayClient } from './client.ts';
import { VECTORS_PER_CONNECTION, type Vector } from './vectors.ts';

/** The outcome of sending one test message. */
export interface Sent {
  readonly vector: Vector;
  /** The command whose reply decides, or `end of data`. */
  readonly command: string;
  readonly result: SmtpResult;
  /** `null` when no connection was made. */
  readonly transcript: Transcript | null;
}

/**
 * Sends one message per vector until the caller stops or a connection is lost. A connection carries as many messages as
 * `ask` asks vectors. EHLO resets the session before each message (RFC 5321 §4.1.4).
 *
 * @param compose gives the lines of the message for a vector.
 */
export async function* sendEach(
  client: RelayClient,
  vectors: readonly Vector[],
  compose: (vector: Vector) => readonly string[],
): AsyncGenerator<Sent> {
  for (let start = 0; start < vectors.length; start += VECTORS_PER_CONNECTION) {
    await client.pause();
    const batch = vectors.slice(start, start + VECTORS_PER_CONNECTION);
    const connection = await client.connect();
    if (connection.status !== 'connected') {
      for (const vector of batch) yield { vector, command: 'connect', result: connection, transcript: null };
      return;
    }
    const { session } = connection;
    try {
      for (const vector of batch) {
        const sent = await sendOne(session, client, vector, compose(vector));
        yield sent;
        if (sent.result.status !== 'reply' || sent.result.reply.code === 421) return;
      }
    } finally {
      await session.quit();
    }
  }
}

async function sendOne(
  session: SmtpSession,
  client: RelayClient,
  vector: Vector,
  message: readonly string[],
): Promise<Sent> {
  const { transcript } = session;
  const name = nameFor(vector, client);
  const steps: readonly [string, () => Promise<SmtpResult>][] = [
    [`EHLO ${name}`, () => greetAgain(session, name, vector, client)],
    [mailLine(vector), () => session.command(mailLine(vector))],
    [rcptLine(vector), () => session.command(rcptLine(vector))],
    ['DATA', () => session.command('DATA')],
  ];
  for (const [command, take] of steps) {
    const result = await take();
    const goesOn =
      result.status === 'reply' && (command === 'DATA' ? result.reply.code === 354 : isPositive(result.reply));
    if (!goesOn) return { vector, command, result, transcript };
  }
  return { vector, command: 'end of data', result: await session.message(message), transcript };
}

async function greetAgain(
  session: SmtpSession,
  name: string,
  vector: Vector,
  client: RelayClient,
): Promise<SmtpResult> {
  const { result } = await introduce(session, name, vector, client);
  return result === 'not-offered' ? { status: 'tls-failed', detail: 'STARTTLS is not offered any more' } : result;
}
