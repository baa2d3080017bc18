/**
 * Asks a host the relay vectors without burdening it: at most eight vectors per connection, one connection at a time,
 * RSET between vectors, EHLO for each other name, QUIT at the end, and never AUTH. If a connection is lost, the next one
 * continues at the vector where it was lost. The dialogue ends after two connections in a row without an answer.
 *
 * A reply counts only if it certainly belongs to its vector. Three signs tell that it may not: RSET is refused or has no
 * effect, a command is refused as out of order, or the server sends more or fewer replies than it got commands. Then
 * each sender gets a connection of its own, and its recipients are asked in one transaction.
 */
import { isOwnEnd, type SmtpFailureStatus, type SmtpReply, type SmtpSession } from '../../../network/smtp/types.ts';
import { type Acquaintance, type Asked, type Attempt, attemptOf, type Manner, STRANGER } from './answers.ts';
import { introduce, type RelayClient } from './client.ts';
import { converse, type Turn } from './conversation.ts';
import { type Meaning, meaningOf } from './replies.ts';
import { runOf, VECTORS_PER_CONNECTION, type Vector } from './vectors.ts';

/**
 * The largest number of connections that carry one sender each. It is enough for every vector of a host with the usual
 * names, on both sides of STARTTLS, and leaves enough of the limit per address for the other rules.
 */
export const MAX_CONNECTIONS_ALONE = 56;

/** The failures of a host that an immediate retry would only repeat. */
const FINAL: readonly SmtpFailureStatus[] = ['refused', 'unreachable', 'timeout', 'tls-failed'];

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
    if (learnt.manner === 'alone') pending = bySender(pending);
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
      if (isOwnEnd(connection.status) || FINAL.includes(connection.status)) break;
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
    if (lost && (isOwnEnd(lost.result.status) || lost.result.status === 'tls-failed')) break;
  }
  return { attempts, unanswered: pending, lost, learnt };
}

/** @returns the vectors of the next connection: they are on one side of STARTTLS. */
function nextGroup(pending: readonly Vector[], manner: Manner): Vector[] {
  const [first] = pending;
  const isOther = (vector: Vector) =>
    vector.behindTls !== first?.behindTls ||
    (manner === 'alone' && first !== undefined && keyOf(vector) !== keyOf(first));
  const other = pending.findIndex(isOther);
  const size = other === -1 ? VECTORS_PER_CONNECTION : Math.min(VECTORS_PER_CONNECTION, other);
  return pending.slice(0, size);
}

const keyOf = ({ mailFrom, hello, behindTls }: Vector): string => JSON.stringify([mailFrom, hello, behindTls]);

/** @returns the vectors with those of one sender and EHLO name side by side, and otherwise in their order. */
function bySender(vectors: readonly Vector[]): Vector[] {
  const keys = [...new Set(vectors.map(keyOf))];
  return keys.flatMap((key) => vectors.filter((vector) => keyOf(vector) === key));
}

/** @returns the number of connections for the vectors, if the host takes one EHLO name per connection. */
function connectionsFor(vectors: readonly Vector[]): number {
  let count = 0;
  for (let rest = vectors; rest.length > 0; rest = rest.slice(runOf(nextGroup(rest, 'in-turn')).length)) count += 1;
  return count;
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
      ...attemptOf(vector, 'hello', `EHLO ${name}`, result.reply, session),
      meaning,
    }));
    return { attempts, notOffered: 0, broken: null, learnt };
  }
  return converse(session, client, vectors, learnt);
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
