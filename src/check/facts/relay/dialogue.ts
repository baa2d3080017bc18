/**
 * Asks a host the relay vectors without burdening it: at most eight vectors per connection, one connection at a time,
 * RSET between vectors, QUIT at the end, and never AUTH. If a connection is lost, the next one continues at the vector
 * where it was lost. The dialogue ends after two connections in a row without an answer.
 */
import type { SmtpConnectResult, SmtpReply, SmtpResult, SmtpSession, Transcript } from '../../../network/smtp/types.ts';
import { type Meaning, meaningOf, type Stage } from './replies.ts';
import type { Vector } from './vectors.ts';

/**
 * The number of vectors per connection. Postfix hangs up after 20 errors and Exim after a few syntax errors, while
 * Exchange and Stalwart delay the reply to each error.
 */
export const VECTORS_PER_CONNECTION = 8;

/** One vector and its answer. */
export interface Attempt {
  readonly vector: Vector;
  readonly meaning: Meaning;
  readonly stage: Stage;
  /** The command whose reply decides. */
  readonly command: string;
  readonly reply: SmtpReply;
  readonly transcript: Transcript;
}

/** The answers of a host to a list of vectors. */
export interface Asked {
  readonly attempts: readonly Attempt[];
  /** The vectors that got no answer. */
  readonly unanswered: readonly Vector[];
  /** What ended the last connection early. `null` when nothing did. */
  readonly lost: { readonly result: SmtpResult; readonly transcript: Transcript | null } | null;
}

/** How to connect to the host under test, and how to behave as its client. */
export interface RelayClient {
  connect(): Promise<SmtpConnectResult>;
  /** The EHLO name for vectors that define none. */
  readonly probeName: string;
  /** Whether to use STARTTLS if the server offers it. */
  readonly startTls: boolean;
  /** The name to send as SNI. `null` when none is known. */
  readonly serverName: string | null;
  /** Waits between two connections. */
  pause(): Promise<void>;
}

/**
 * @returns the limit of connections for `count` vectors: the number needed, the same again for lost ones, and two more.
 */
function maxConnections(count: number): number {
  return 2 * Math.ceil(count / VECTORS_PER_CONNECTION) + 2;
}

/** The failures that an immediate retry would only repeat. */
const FINAL = ['refused', 'unreachable', 'timeout', 'forbidden', 'aborted', 'capped', 'tls-failed'];

/** @returns the answer to each vector in the order asked, and the vectors that got none. It never rejects. */
export async function ask(client: RelayClient, vectors: readonly Vector[]): Promise<Asked> {
  const attempts: Attempt[] = [];
  let pending = vectors;
  let lost: Asked['lost'] = null;
  let fruitless = 0;
  const limit = maxConnections(vectors.length);
  for (let connections = 0; pending.length > 0 && fruitless < 2 && connections < limit; connections += 1) {
    if (connections > 0) await client.pause();
    const connection = await client.connect();
    if (connection.status !== 'connected') {
      lost = { result: connection, transcript: null };
      if (FINAL.includes(connection.status)) break;
      fruitless += 1;
      continue;
    }
    const { session } = connection;
    const turn = await converse(session, client, pending.slice(0, VECTORS_PER_CONNECTION));
    await session.quit();
    attempts.push(...turn.attempts);
    pending = pending.slice(turn.attempts.length);
    fruitless = turn.attempts.length > 0 ? 0 : fruitless + 1;
    lost = turn.broken ? { result: turn.broken, transcript: session.transcript } : null;
    if (lost && ['aborted', 'capped'].includes(lost.result.status)) break;
  }
  return { attempts, unanswered: pending, lost };
}

interface Turn {
  readonly attempts: readonly Attempt[];
  /** What ended the connection early. */
  readonly broken: SmtpResult | null;
}

async function converse(session: SmtpSession, client: RelayClient, vectors: readonly Vector[]): Promise<Turn> {
  const { greeting } = session;
  if (greeting.code !== 220) return { attempts: [], broken: { status: 'reply', reply: greeting } };
  const attempts: Attempt[] = [];
  for (const group of groupByHello(vectors)) {
    const name = group[0]?.hello ?? client.probeName;
    const hello = await introduce(session, name, client);
    if (hello.status !== 'reply' || hello.reply.code === 421) return { attempts, broken: hello };
    if (hello.reply.code !== 250) {
      attempts.push(...group.map((vector) => attempt(vector, 'hello', `EHLO ${name}`, hello.reply, session)));
      continue;
    }
    const turn = await askGroup(session, group);
    attempts.push(...turn.attempts);
    if (turn.broken) return { attempts, broken: turn.broken };
  }
  return { attempts, broken: null };
}

async function introduce(session: SmtpSession, name: string, client: RelayClient): Promise<SmtpResult> {
  const hello = await session.hello(name);
  if (!client.startTls || session.tls || !session.extensions.has('STARTTLS')) return hello;
  const secured = await session.startTls(client.serverName === null ? {} : { servername: client.serverName });
  if (secured.status === 'declined') return hello;
  return secured.status === 'secured' ? session.hello(name) : secured;
}

async function askGroup(session: SmtpSession, vectors: readonly Vector[]): Promise<Turn> {
  const answers = session.extensions.has('PIPELINING')
    ? await askAtOnce(session, vectors)
    : askInTurn(session, vectors);
  const attempts: Attempt[] = [];
  for await (const { vector, mail, rcpt } of answers) {
    if (mail.status !== 'reply') return { attempts, broken: mail };
    const [stage, result]: [Stage, SmtpResult] = isPositive(mail.reply) ? ['rcpt', rcpt] : ['mail', mail];
    if (result.status !== 'reply' || result.reply.code === 421) return { attempts, broken: result };
    const command = stage === 'mail' ? mailLine(vector) : rcptLine(vector);
    attempts.push(attempt(vector, stage, command, result.reply, session));
  }
  return { attempts, broken: null };
}

interface Answer {
  readonly vector: Vector;
  readonly mail: SmtpResult;
  readonly rcpt: SmtpResult;
}

/** Asks all vectors in one round trip: RFC 2920 §3.1 allows MAIL, RCPT and RSET in one group. */
async function askAtOnce(session: SmtpSession, vectors: readonly Vector[]): Promise<Answer[]> {
  const results = await session.pipeline(vectors.flatMap((vector) => [mailLine(vector), rcptLine(vector), 'RSET']));
  return vectors.flatMap((vector, index) => {
    const mail = results[3 * index];
    const rcpt = results[3 * index + 1];
    return mail && rcpt ? [{ vector, mail, rcpt }] : [];
  });
}

async function* askInTurn(session: SmtpSession, vectors: readonly Vector[]): AsyncGenerator<Answer> {
  for (const vector of vectors) {
    const mail = await session.command(mailLine(vector));
    const isGoing = mail.status === 'reply' && isPositive(mail.reply);
    const rcpt = isGoing ? await session.command(rcptLine(vector)) : mail;
    // The caller stops here if the connection is lost, so RSET is not sent.
    yield { vector, mail, rcpt };
    await session.command('RSET');
  }
}

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
  const name = vector.hello ?? client.probeName;
  const steps: readonly [string, () => Promise<SmtpResult>][] = [
    [`EHLO ${name}`, () => introduce(session, name, client)],
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

function mailLine({ mailFrom }: Vector): string {
  return `MAIL FROM:${mailFrom}`;
}

function rcptLine({ rcptTo }: Vector): string {
  return `RCPT TO:${rcptTo}`;
}

function attempt(vector: Vector, stage: Stage, command: string, reply: SmtpReply, session: SmtpSession): Attempt {
  return { vector, meaning: meaningOf(stage, reply), stage, command, reply, transcript: session.transcript };
}

function isPositive({ code }: SmtpReply): boolean {
  return code >= 200 && code < 300;
}

function groupByHello(vectors: readonly Vector[]): Vector[][] {
  const groups: Vector[][] = [];
  for (const vector of vectors) {
    const last = groups.at(-1);
    if (last?.[0]?.hello === vector.hello) last.push(vector);
    else groups.push([vector]);
  }
  return groups;
}
