/**
 * Asks a host the relay vectors without burdening it: at most eight vectors per connection, one connection at a time,
 * RSET between vectors, EHLO for each other name, QUIT at the end, and never AUTH. If a connection is lost, the next one
 * continues at the vector where it was lost. The dialogue ends after two connections in a row without an answer.
 *
 * A reply counts only if it certainly belongs to its vector. Three signs tell that it may not: RSET is refused or has no
 * effect, a command is refused as out of order, or the server sends more or fewer replies than it got commands. Then
 * each vector is asked again in a connection of its own.
 */
import { quoteReply } from '../../../network/smtp/quote.ts';
import type {
  SmtpConnectResult,
  SmtpFailure,
  SmtpReply,
  SmtpResult,
  SmtpSession,
  Transcript,
} from '../../../network/smtp/types.ts';
import { isSameReply, type Meaning, meaningOf, type Stage } from './replies.ts';
import { isOrdinary, type Vector } from './vectors.ts';

/**
 * The number of vectors per connection. Postfix hangs up after 20 errors and Exim after a few syntax errors, while
 * Exchange and Stalwart delay the reply to each error.
 */
export const VECTORS_PER_CONNECTION = 8;

/**
 * The largest number of connections that carry one vector each. It is enough for every vector of a host with the usual
 * names, on both sides of STARTTLS, and leaves enough of the limit per address for the other rules.
 */
export const MAX_CONNECTIONS_ALONE = 56;

/** The time to wait for the reply to QUIT, in milliseconds. It only confirms that no reply is left over. */
const FAREWELL_MS = 2000;

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

/**
 * How vectors are asked. `at-once`: several vectors in one pipelined group. `in-turn`: several vectors in a connection,
 * each command after the reply to the one before. `alone`: one vector per connection.
 */
export type Manner = 'at-once' | 'in-turn' | 'alone';

/** What a dialogue has learnt of the host, for the next dialogue with it. */
export interface Acquaintance {
  readonly manner: Manner;
  /** Whether a command out of order has shown that RSET ends a transaction. */
  readonly isResetProven: boolean;
  /** Whether the host has offered STARTTLS. `null` when no EHLO was answered. */
  readonly offersStartTls: boolean | null;
  /** The number of connections that carried one vector each. */
  readonly alone: number;
}

/** A host of which nothing is known. */
export const STRANGER: Acquaintance = { manner: 'at-once', isResetProven: false, offersStartTls: null, alone: 0 };

/** The answers of a host to a list of vectors. */
export interface Asked {
  readonly attempts: readonly Attempt[];
  /** The vectors that got no answer. A vector behind STARTTLS is left out where the host does not offer STARTTLS. */
  readonly unanswered: readonly Vector[];
  /** What ended the last connection early. `null` when nothing did. */
  readonly lost: { readonly result: SmtpResult; readonly transcript: Transcript | null } | null;
  readonly learnt: Acquaintance;
}

/** How to connect to the host under test, and how to behave as its client. */
export interface RelayClient {
  connect(): Promise<SmtpConnectResult>;
  /** The EHLO name for vectors that define none. */
  readonly probeName: string;
  /** The name to send as SNI. `null` when none is known. */
  readonly serverName: string | null;
  /** The senders and the recipient to compare a reply with whose words say nothing about relaying. */
  readonly control: { readonly mailFrom: readonly string[]; readonly rcptTo: string };
  /** Waits between two connections. */
  pause(): Promise<void>;
}

/** The failures that an immediate retry would only repeat. */
const FINAL = ['refused', 'unreachable', 'no-route', 'timeout', 'forbidden', 'aborted', 'capped', 'tls-failed'];

/**
 * @param known what an earlier dialogue has learnt of the host.
 * @returns the answer to each vector in the order asked, and the vectors that got none. It never rejects.
 */
export async function ask(
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance = STRANGER,
): Promise<Asked> {
  const attempts: Attempt[] = [];
  let pending = vectors;
  let learnt = known;
  let lost: Asked['lost'] = null;
  let fruitless = 0;
  // The connections needed, the same again for lost ones, and two more.
  const limit = 2 * connectionsFor(vectors) + 2;
  let connections = 0;
  while (pending.length > 0 && fruitless < 2) {
    const group = nextGroup(pending, learnt.manner);
    if (group[0]?.behindTls && learnt.offersStartTls === false) {
      pending = pending.slice(group.length);
      continue;
    }
    const isAlone = learnt.manner === 'alone';
    if (isAlone ? learnt.alone >= MAX_CONNECTIONS_ALONE : connections >= limit) {
      lost ??= { result: { status: 'capped', detail: 'no more connections for relay probes' }, transcript: null };
      break;
    }
    if (connections > 0) await client.pause();
    connections += 1;
    const connection = await client.connect();
    if (isAlone) learnt = { ...learnt, alone: learnt.alone + 1 };
    if (connection.status !== 'connected') {
      lost = { result: connection, transcript: null };
      if (FINAL.includes(connection.status)) break;
      fruitless += 1;
      continue;
    }
    const { session } = connection;
    const turn = await takeTurn(session, client, group, learnt);
    await session.quit();
    attempts.push(...turn.attempts);
    pending = pending.slice(turn.attempts.length + turn.notOffered);
    const isNews = turn.attempts.length + turn.notOffered > 0 || turn.learnt.manner !== learnt.manner;
    fruitless = isNews ? 0 : fruitless + 1;
    learnt = turn.learnt;
    lost = turn.broken ? { result: turn.broken, transcript: session.transcript } : null;
    if (lost && ['aborted', 'capped', 'tls-failed'].includes(lost.result.status)) break;
  }
  return { attempts, unanswered: pending, lost, learnt };
}

/** @returns the vectors of the next connection: they are on one side of STARTTLS. */
function nextGroup(pending: readonly Vector[], manner: Manner): Vector[] {
  const [first] = pending;
  const size = manner === 'alone' ? 1 : VECTORS_PER_CONNECTION;
  const other = pending.findIndex(({ behindTls }) => behindTls !== first?.behindTls);
  return pending.slice(0, other === -1 ? size : Math.min(size, other));
}

/** @returns the number of connections for the vectors, if the host takes one EHLO name per connection. */
function connectionsFor(vectors: readonly Vector[]): number {
  let count = 0;
  for (let rest = vectors; rest.length > 0; rest = rest.slice(runOf(nextGroup(rest, 'in-turn')).length)) count += 1;
  return count;
}

/** @returns the first vectors that share one EHLO name. */
function runOf(vectors: readonly Vector[]): readonly Vector[] {
  const [first] = vectors;
  const other = vectors.findIndex(({ hello }) => hello !== first?.hello);
  return other === -1 ? vectors : vectors.slice(0, other);
}

interface Turn {
  readonly attempts: readonly Attempt[];
  /** The number of vectors that cannot be asked because the host does not offer STARTTLS. */
  readonly notOffered: number;
  /** What ended the connection early. */
  readonly broken: SmtpResult | null;
  readonly learnt: Acquaintance;
}

async function takeTurn(
  session: SmtpSession,
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance,
): Promise<Turn> {
  const nothing = { attempts: [], notOffered: 0, learnt: known };
  const { greeting } = session;
  const [first] = vectors;
  if (greeting.code !== 220) return { ...nothing, broken: { status: 'reply', reply: greeting } };
  if (first === undefined) return { ...nothing, broken: null };
  const name = first.hello ?? client.probeName;
  const hello = await introduce(session, name, first, client);
  const learnt = { ...known, offersStartTls: known.offersStartTls || (hello.offersStartTls ?? known.offersStartTls) };
  const { result } = hello;
  if (result === 'not-offered') {
    // A host that has offered STARTTLS before only withholds it now.
    return known.offersStartTls
      ? { ...nothing, broken: { status: 'tls-failed', detail: 'STARTTLS is not offered any more' } }
      : { ...nothing, learnt, notOffered: vectors.length, broken: null };
  }
  if (result.status !== 'reply' || result.reply.code === 421) return { ...nothing, learnt, broken: result };
  if (result.reply.code !== 250) {
    const meaning = await helloMeaning(session, first, client, result.reply);
    const attempts = runOf(vectors).map((vector) => ({
      ...attempt(vector, 'hello', `EHLO ${name}`, result.reply, session),
      meaning,
    }));
    return { attempts, notOffered: 0, broken: null, learnt };
  }
  return converse(session, client, vectors, learnt);
}

interface Introduction {
  /** The reply to the last EHLO, the failure, or `not-offered` when the vector needs STARTTLS and cannot have it. */
  readonly result: SmtpResult | 'not-offered';
  /** `null` when EHLO was not answered with 250, or named no extension. */
  readonly offersStartTls: boolean | null;
}

/** Says EHLO. If the vector is to be asked behind STARTTLS, it also starts TLS and says EHLO again. */
async function introduce(
  session: SmtpSession,
  name: string,
  { behindTls }: Vector,
  { serverName }: RelayClient,
): Promise<Introduction> {
  const result = await session.hello(name);
  if (result.status !== 'reply' || result.reply.code !== 250) return { result, offersStartTls: null };
  // A host that takes HELO alone, or names nothing, may know STARTTLS all the same.
  const offersStartTls = session.extensions.size === 0 ? null : session.extensions.has('STARTTLS');
  if (!behindTls || session.tls) return { result, offersStartTls };
  if (offersStartTls === false) return { result: 'not-offered', offersStartTls };
  const secured = await session.startTls(serverName === null ? {} : { servername: serverName });
  if (secured.status === 'declined') {
    if (offersStartTls === null && secured.reply.code >= 500) return { result: 'not-offered', offersStartTls };
    const detail = `STARTTLS: ${quoteReply(secured.reply)}`;
    return { result: { status: 'tls-failed', detail }, offersStartTls };
  }
  return { result: secured.status === 'secured' ? await session.hello(name) : secured, offersStartTls };
}

/**
 * Tells whether the host refuses the EHLO name of the vector, or this client whatever its name is. Another name in the
 * same connection shows it.
 */
async function helloMeaning(
  session: SmtpSession,
  { hello }: Vector,
  { probeName }: RelayClient,
  reply: SmtpReply,
): Promise<Meaning> {
  const meaning = meaningOf('hello', reply);
  if (hello === null || meaning !== 'client-refused') return meaning;
  const control = await session.hello(probeName);
  return control.status === 'reply' && control.reply.code === 250 ? meaning : 'unexplained';
}

const OUT_OF_STEP: SmtpFailure = { status: 'malformed', detail: 'RSET has no effect, or commands are out of order' };

/** Asks vectors in a session that has said EHLO. It drops answers that may belong to another command. */
async function converse(
  session: SmtpSession,
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance,
): Promise<Turn> {
  const isAtOnce = known.manner === 'at-once' && session.extensions.has('PIPELINING');
  const asked = isAtOnce ? await askAtOnce(session, client, vectors) : await askInTurn(session, client, vectors, known);
  const learnt = { ...known, isResetProven: known.isResetProven || asked.isResetProven };
  const dropped = (manner: Manner, broken: SmtpResult | null): Turn => {
    return { attempts: [], notOffered: 0, broken, learnt: { ...learnt, manner } };
  };
  const { attempts, broken } = asked;
  if (broken?.status === 'malformed') return dropped('alone', broken);
  if (asked.isOutOfStep) return { ...dropped('alone', OUT_OF_STEP), attempts: isAtOnce ? [] : attempts };
  if (isAtOnce && (broken !== null || attempts.some(needsControl))) {
    const isOwnEnd = broken !== null && ['aborted', 'capped'].includes(broken.status);
    return dropped(isOwnEnd ? 'at-once' : 'in-turn', broken);
  }
  if (broken !== null) return { attempts, notOffered: 0, broken, learnt };
  const proof = learnt.isResetProven || vectors.length === 1 ? null : await provesReset(session, attempts);
  const leftOver = await sayFarewell(session);
  if (proof === false || leftOver !== null) return dropped('alone', leftOver ?? OUT_OF_STEP);
  return {
    attempts,
    notOffered: 0,
    broken: null,
    learnt: { ...learnt, isResetProven: proof ?? learnt.isResetProven },
  };
}

/**
 * Sends the recipient of a vector once more, now without a sender. A server that has ended the transaction refuses it as
 * out of order (RFC 5321 §3.3), which it did not before.
 *
 * @returns whether RSET ended the transaction. `null` when no vector got as far as a recipient.
 */
async function provesReset(session: SmtpSession, attempts: readonly Attempt[]): Promise<boolean | null> {
  const told = attempts.find(({ stage }) => stage === 'rcpt');
  if (told === undefined) return null;
  const result = await session.command(rcptLine(told.vector));
  return result.status === 'reply' && meaningOf('rcpt', result.reply) === 'out-of-order';
}

/**
 * Sends QUIT. Its reply must be 221 (RFC 5321 §4.1.1.10). Any other reply belongs to an earlier command.
 *
 * @returns the failure, or `null` when no reply is left over.
 */
async function sayFarewell(session: SmtpSession): Promise<SmtpFailure | null> {
  const result = await session.command('QUIT', FAREWELL_MS);
  if (result.status === 'malformed') return result;
  if (result.status !== 'reply' || result.reply.code === 221 || result.reply.code === 421) return null;
  return { status: 'malformed', detail: `QUIT was answered with ${result.reply.code}, the reply to another command` };
}

interface Answers {
  readonly attempts: readonly Attempt[];
  readonly broken: SmtpResult | null;
  /** Whether a reply shows that a transaction was not ended, or was not begun. */
  readonly isOutOfStep: boolean;
  readonly isResetProven: boolean;
}

/**
 * Says EHLO with the name of the vector, in a session in which another name was said (RFC 5321 §4.1.4).
 *
 * @returns what ended the session, or whether the host takes the name here.
 */
async function rename(
  session: SmtpSession,
  { probeName }: RelayClient,
  { hello }: Vector,
): Promise<{ readonly broken: SmtpResult | null; readonly isTaken: boolean }> {
  const result = await session.hello(hello ?? probeName);
  if (result.status !== 'reply' || result.reply.code === 421) return { broken: result, isTaken: false };
  return { broken: null, isTaken: result.reply.code === 250 };
}

/**
 * Asks the vectors of each EHLO name in one round trip: RFC 2920 §3.1 allows MAIL, RCPT and RSET in one group. It ends
 * early at a name that the host does not take in this connection. The next connection begins with that name.
 */
async function askAtOnce(session: SmtpSession, client: RelayClient, vectors: readonly Vector[]): Promise<Answers> {
  const attempts: Attempt[] = [];
  let isOutOfStep = false;
  while (attempts.length < vectors.length) {
    const run = runOf(vectors.slice(attempts.length));
    const [first] = run;
    if (first && attempts.length > 0) {
      const { broken, isTaken } = await rename(session, client, first);
      if (!isTaken) return { attempts, broken, isOutOfStep, isResetProven: false };
    }
    const asked = await askRun(session, run);
    attempts.push(...asked.attempts);
    isOutOfStep ||= asked.isOutOfStep;
    if (asked.broken !== null) return { ...asked, attempts, isOutOfStep };
  }
  return { attempts, broken: null, isOutOfStep, isResetProven: false };
}

async function askRun(session: SmtpSession, vectors: readonly Vector[]): Promise<Answers> {
  const results = await session.pipeline(vectors.flatMap((vector) => [mailLine(vector), rcptLine(vector), 'RSET']));
  const attempts: Attempt[] = [];
  let isOutOfStep = false;
  const end = (broken: SmtpResult | null): Answers => ({ attempts, broken, isOutOfStep, isResetProven: false });
  for (const [index, vector] of vectors.entries()) {
    const [mail = NO_REPLY, rcpt = NO_REPLY, reset = NO_REPLY] = results.slice(3 * index, 3 * index + 3);
    const answer = answerOf(session, vector, mail, rcpt);
    if ('broken' in answer) return end(answer.broken);
    attempts.push(answer.attempt);
    if (reset.status !== 'reply' || reset.reply.code === 421) return end(reset);
    isOutOfStep ||= !isPositive(reset.reply) || answer.attempt.meaning === 'out-of-order';
  }
  return end(null);
}

const NO_REPLY: SmtpFailure = { status: 'aborted', detail: 'there is no reply' };

async function askInTurn(
  session: SmtpSession,
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance,
): Promise<Answers> {
  const attempts: Attempt[] = [];
  let { isResetProven } = known;
  const end = (broken: SmtpResult | null, isOutOfStep = false): Answers => {
    return { attempts, broken, isOutOfStep, isResetProven };
  };
  let hello = vectors[0]?.hello;
  for (const vector of vectors) {
    if (vector.hello !== hello) {
      hello = vector.hello;
      const { broken, isTaken } = await rename(session, client, vector);
      if (!isTaken) return end(broken);
    }
    const mail = await session.command(mailLine(vector));
    const isGoing = mail.status === 'reply' && isPositive(mail.reply);
    const rcpt = isGoing ? await session.command(rcptLine(vector)) : mail;
    const answer = answerOf(session, vector, mail, rcpt);
    if ('broken' in answer) return end(answer.broken);
    const isFirst = attempts.length === 0;
    if (answer.attempt.meaning === 'out-of-order' && !isFirst) return end(null, true);
    attempts.push(needsControl(answer.attempt) ? await compared(session, client, answer.attempt) : answer.attempt);
    // QUIT ends the last transaction, unless the end of a transaction is still to be proven.
    if (attempts.length === vectors.length && (isResetProven || vectors.length === 1)) break;
    const reset = await session.command('RSET');
    if (reset.status !== 'reply' || reset.reply.code === 421) return end(reset);
    if (!isPositive(reset.reply)) return end(null, true);
    const proof = isResetProven ? null : await provesReset(session, attempts);
    if (proof === false) return end(null, true);
    isResetProven ||= proof === true;
  }
  return end(null);
}

function answerOf(
  session: SmtpSession,
  vector: Vector,
  mail: SmtpResult,
  rcpt: SmtpResult,
): { attempt: Attempt } | { broken: SmtpResult } {
  if (mail.status !== 'reply') return { broken: mail };
  const [stage, result]: [Stage, SmtpResult] = isPositive(mail.reply) ? ['rcpt', rcpt] : ['mail', mail];
  if (result.status !== 'reply' || result.reply.code === 421) return { broken: result };
  const command = stage === 'mail' ? mailLine(vector) : rcptLine(vector);
  return { attempt: attempt(vector, stage, command, result.reply, session) };
}

/**
 * @returns whether the words of the reply do not show that it is about relaying. A syntax error in an ordinary address
 *   is such a reply, too.
 */
function needsControl({ vector, meaning }: Attempt): boolean {
  if (vector.kind === 'control') return false;
  return meaning === 'unexplained' || (meaning === 'syntax' && isOrdinary(vector));
}

/**
 * Compares the reply with those to controls in the same session: the host's own postmaster as recipient, or other
 * senders. A host that refuses every control in the same words refuses more than relaying.
 */
async function compared(session: SmtpSession, { control }: RelayClient, refused: Attempt): Promise<Attempt> {
  const { stage, vector, reply } = refused;
  const senders = control.mailFrom.filter((sender) => sender !== vector.mailFrom);
  const lines = stage === 'mail' ? senders.map((sender) => `MAIL FROM:${sender}`) : [`RCPT TO:${control.rcptTo}`];
  for (const line of lines) {
    const result = await session.command(line);
    const isAnswer =
      result.status === 'reply' && result.reply.code !== 421 && meaningOf(stage, result.reply) !== 'out-of-order';
    if (!isAnswer) break;
    if (!isSameReply(result.reply, reply))
      return { ...refused, meaning: stage === 'mail' ? 'sender-refused' : 'denied' };
  }
  return { ...refused, meaning: 'unexplained' };
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

function mailLine({ mailFrom }: Vector): string {
  return `MAIL FROM:${mailFrom}`;
}

function rcptLine({ rcptTo }: Vector): string {
  return `RCPT TO:${rcptTo}`;
}

function attempt(vector: Vector, stage: Stage, command: string, reply: SmtpReply, session: SmtpSession): Attempt {
  return {
    vector,
    meaning: meaningOf(stage, reply),
    stage,
    command,
    reply,
    transcript: session.transcript,
  };
}

function isPositive({ code }: SmtpReply): boolean {
  return code >= 200 && code < 300;
}
