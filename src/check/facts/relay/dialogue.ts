/**
 * Asks a host the relay vectors without burdening it: at most eight vectors per connection, RSET between vectors, EHLO for
 * each other name, QUIT at the end, and never AUTH. If a connection is lost, the next one continues at the vector where
 * it was lost. The dialogue ends after two connections in a row without an answer.
 *
 * A host that has kept step in a first connection is asked in two connections at a time. Any other gets one connection after
 * the other.
 *
 * A reply counts only if it certainly belongs to its vector. Three signs tell that it may not: RSET is refused or has no
 * effect, a command is refused as out of order, or the server sends more or fewer replies than it got commands. Then
 * each sender gets a connection of its own, and its recipients are asked in one transaction.
 */
import {
  isOwnEnd,
  type SmtpFailureStatus,
  type SmtpReply,
  type SmtpResult,
  type SmtpSession,
} from '../../../network/smtp/types.ts';
import { type Acquaintance, type Asked, type Attempt, attemptOf, type Manner, STRANGER } from './answers.ts';
import { introduce, nameFor, type Passenger, type RelayClient } from './client.ts';
import { converse, type Turn } from './conversation.ts';
import { type Meaning, meaningOf } from './replies.ts';
import { runOf, runsOf, VECTORS_PER_CONNECTION, type Vector } from './vectors.ts';

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
    if (isAlone) learnt = { ...learnt, alone: learnt.alone + 1 };
    const { turn, loss, isConnected } = await askGroup(client, { vectors: group }, learnt);
    attempts.push(...turn.attempts);
    pending = pending.slice(turn.attempts.length + turn.notOffered);
    const isNews = turn.attempts.length + turn.notOffered > 0 || turn.learnt.manner !== learnt.manner;
    fruitless = isNews ? 0 : fruitless + 1;
    learnt = turn.learnt;
    lost = loss;
    if (lost !== null && isLast(lost.result.status, isConnected)) break;
  }
  return { attempts, unanswered: pending, lost, learnt };
}

/** @returns whether no further connection would bring more after one that ended so. */
function isLast(status: SmtpResult['status'], isConnected: boolean): boolean {
  if (status === 'reply') return false;
  return isOwnEnd(status) || (isConnected ? status === 'tls-failed' : FINAL.includes(status));
}

/** @returns whether the host is asked in several connections at a time. */
export function goesBeside({ atATime }: RelayClient, { manner, isResetProven }: Acquaintance): boolean {
  return atATime > 1 && manner === 'at-once' && isResetProven;
}

/**
 * Asks further vectors: in several connections at a time, as long as the host answers groups of commands, and what is left
 * then as `ask` does.
 *
 * @param known what the first dialogue has learnt of the host.
 * @param passengers what else the connections are used for, as far as there are enough.
 * @returns the answers in the order of the vectors. It never rejects.
 */
export async function askFurther(
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance,
  passengers: readonly Passenger[] = [],
): Promise<Asked> {
  if (!goesBeside(client, known)) return ask(client, vectors, known);
  const beside = await askBeside(client, vectors, known, passengers);
  const { unanswered, lost } = beside;
  if (unanswered.length === 0 || (lost !== null && isOwnEnd(lost.result.status))) return beside;
  await client.pause();
  const rest = await ask(client, unanswered, beside.learnt);
  const attempts = [...beside.attempts, ...rest.attempts];
  const place = (attempt: Attempt): number => vectors.indexOf(attempt.vector);
  return { ...rest, attempts: attempts.sort((one, other) => place(one) - place(other)) };
}

/** Makes one connection for each group, several at a time, until one of them goes wrong. */
async function askBeside(
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance,
  passengers: readonly Passenger[],
): Promise<Asked> {
  const isOffered = (vector: Vector): boolean => !vector.behindTls || known.offersStartTls !== false;
  const groups = groupsOf(vectors.filter(isOffered), passengers);
  const attempts = new Map<Vector, Attempt>();
  const done = new Set<Vector>(vectors.filter((vector) => !isOffered(vector)));
  let learnt = known;
  let lost: Asked['lost'] = null;
  const askNextGroups = async (): Promise<void> => {
    for (let group = groups.shift(); group !== undefined && lost === null; group = groups.shift()) {
      if (learnt.manner !== 'at-once') return;
      const { turn, loss } = await askGroup(client, group, known);
      for (const attempt of turn.attempts) attempts.set(attempt.vector, attempt);
      const answered = group.vectors.slice(0, turn.attempts.length + turn.notOffered);
      for (const vector of answered) done.add(vector);
      learnt = { ...turn.learnt, manner: worseOf(learnt.manner, turn.learnt.manner) };
      // The handshake of the passenger says nothing of one that names the host.
      const isRefused = group.passenger?.isFirst === true && loss?.result.status === 'tls-failed';
      if (!isRefused) lost ??= loss;
      if (answered.length === 0 && !isRefused) return;
      // A host that does not take the next name in this connection may take it in another one.
      const rest = group.vectors.slice(answered.length);
      if (rest.length > 0) groups.unshift({ vectors: rest });
    }
  };
  await Promise.all(Array.from({ length: client.atATime }, askNextGroups));
  return {
    attempts: vectors.flatMap((vector) => attempts.get(vector) ?? []),
    unanswered: vectors.filter((vector) => !done.has(vector)),
    lost,
    learnt,
  };
}

const MANNERS: readonly Manner[] = ['at-once', 'in-turn', 'alone'];

function worseOf(one: Manner, other: Manner): Manner {
  return MANNERS.indexOf(one) > MANNERS.indexOf(other) ? one : other;
}

/** What one connection brought, and what ended it early. */
interface GroupAnswers {
  readonly turn: Turn;
  readonly loss: Asked['lost'];
  readonly isConnected: boolean;
}

/** Asks the vectors of one connection. The passenger is left out if they went wrong. */
export async function askGroup(
  client: RelayClient,
  { vectors, passenger }: Group,
  known: Acquaintance,
): Promise<GroupAnswers> {
  const connection = await client.connect();
  if (connection.status !== 'connected') {
    const turn: Turn = { attempts: [], notOffered: 0, broken: connection, learnt: known };
    return { turn, loss: { result: connection, transcript: null }, isConnected: false };
  }
  const { session } = connection;
  const isFirst = passenger?.isFirst === true;
  const own = isFirst ? { ...client, secure: passenger.ride } : client;
  const turn = await takeTurn(session, own, vectors, known, passenger !== undefined && !isFirst);
  if (turn.isReady === true) await passenger?.ride(session, client.probeName);
  await session.quit();
  const loss = turn.broken ? { result: turn.broken, transcript: session.transcript } : null;
  return { turn, loss, isConnected: true };
}

/** The vectors of one connection, and what else it is used for. */
interface Group {
  readonly vectors: readonly Vector[];
  readonly passenger?: Passenger | undefined;
}

/** Round trips before the first vector behind STARTTLS: for STARTTLS, the handshake and EHLO. */
const TRIPS_TO_TLS = 3;

/**
 * @returns the groups, those that take most round trips first. A passenger that starts TLS rides with vectors behind
 *   STARTTLS, and the others with plain ones: the quickest with those that take longest.
 */
function groupsOf(vectors: readonly Vector[], passengers: readonly Passenger[]): Group[] {
  const lists: Vector[][] = [];
  for (let rest = vectors; rest.length > 0; rest = rest.slice(lists.at(-1)?.length)) {
    lists.push(nextGroup(rest, 'at-once'));
  }
  const isSecured = (list: readonly Vector[]): boolean => list[0]?.behindTls === true;
  const trips = (list: readonly Vector[]): number => runsOf(list).length + (isSecured(list) ? TRIPS_TO_TLS : 0);
  const waiting = {
    first: passengers.filter(({ isFirst }) => isFirst),
    behind: passengers.filter(({ isFirst }) => !isFirst).sort((one, other) => one.trips - other.trips),
  };
  const groups = lists
    .sort((one, other) => trips(other) - trips(one))
    .map((list) => ({ vectors: list, passenger: (isSecured(list) ? waiting.first : waiting.behind).shift() }));
  const all = ({ vectors, passenger }: Group): number =>
    trips(vectors) + (passenger === undefined || passenger.isFirst ? 0 : passenger.trips);
  return groups.sort((one, other) => all(other) - all(one));
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
  goesOn = false,
): Promise<Turn> {
  const nothing = { attempts: [], notOffered: 0, learnt: known };
  const { greeting } = session;
  const [first] = vectors;
  if (greeting.code !== 220) return { ...nothing, broken: { status: 'reply', reply: greeting } };
  if (first === undefined) return { ...nothing, broken: null };
  const name = nameFor(first, client);
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
  return converse(session, client, vectors, learnt, goesOn);
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
