/**
 * Asks relay vectors in one session that has said EHLO, at once or in turn, and proves that each answer belongs to its
 * vector. Answers that may belong to another command are dropped.
 */
import { isOwnEnd, type SmtpFailure, type SmtpResult, type SmtpSession } from '../../../network/smtp/types.ts';
import { type Acquaintance, type Attempt, attemptOf, isPositive, type Manner, mailLine, rcptLine } from './answers.ts';
import { nameFor, type RelayClient } from './client.ts';
import { compared, needsControl } from './control.ts';
import { isSameReply, type Meaning, meaningOf, type Stage } from './replies.ts';
import { runsOf, type Vector } from './vectors.ts';

/** The time to wait for the reply to QUIT, in milliseconds. It only confirms that no reply is left over. */
const FAREWELL_MS = 2000;

/** What one connection brought. `isReady` tells that it has said EHLO for something else. */
export interface Turn {
  readonly attempts: readonly Attempt[];
  /** The number of vectors that cannot be asked because the host does not offer STARTTLS. */
  readonly notOffered: number;
  /** What ended the connection early. */
  readonly broken: SmtpResult | null;
  readonly learnt: Acquaintance;
  readonly isReady?: boolean;
}

const OUT_OF_STEP: SmtpFailure = { status: 'malformed', detail: 'RSET has no effect, or commands are out of order' };

/**
 * Asks vectors in a session that has said EHLO. It drops answers that may belong to another command.
 *
 * @param goesOn whether the session is used for something else then. It has said EHLO for that if all went well.
 */
export async function converse(
  session: SmtpSession,
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance,
  goesOn = false,
): Promise<Turn> {
  const isAtOnce = known.manner === 'at-once' && session.extensions.has('PIPELINING');
  const isTogether = known.manner === 'alone' && vectors.length > 1;
  const needsProof = vectors.length > 1 && !isTogether;
  const asked = isAtOnce
    ? await askAtOnce(session, client, vectors, { wantsProof: needsProof && !known.isResetProven, goesOn })
    : isTogether
      ? await askTogether(session, client, vectors)
      : await askInTurn(session, client, vectors, known);
  const learnt = { ...known, isResetProven: known.isResetProven || asked.isResetProven };
  const dropped = (manner: Manner, broken: SmtpResult | null): Turn => {
    return { attempts: [], notOffered: 0, broken, learnt: { ...learnt, manner } };
  };
  const { attempts, broken } = asked;
  if (broken?.status === 'malformed') return dropped('alone', broken);
  if (asked.isOutOfStep) return { ...dropped('alone', OUT_OF_STEP), attempts: isAtOnce ? [] : attempts };
  if (isAtOnce && (broken !== null || attempts.some(needsControl))) {
    const isHostsEnd = broken === null || !isOwnEnd(broken.status);
    return dropped(isHostsEnd ? 'in-turn' : 'at-once', broken);
  }
  if (broken !== null) return { attempts, notOffered: 0, broken, learnt };
  const proof = learnt.isResetProven || !needsProof ? null : await provesReset(session, attempts, asked.end?.proof);
  const { verb, result } = asked.end?.last ?? { verb: 'QUIT', result: await session.command('QUIT', FAREWELL_MS) };
  if (verb === 'EHLO' && result.status !== 'reply') {
    return dropped(isOwnEnd(result.status) ? 'at-once' : 'in-turn', result);
  }
  const leftOver = leftOverIn(session, verb, result);
  if (proof === false || leftOver !== null) return dropped('alone', leftOver ?? OUT_OF_STEP);
  return {
    attempts,
    notOffered: 0,
    broken: null,
    learnt: { ...learnt, isResetProven: proof ?? learnt.isResetProven },
    isReady: verb === 'EHLO' && isReplyOf(result, ENDS.EHLO),
  };
}

/**
 * Sends the recipient of a vector once more, now without a sender. A server that has ended the transaction refuses it as
 * out of order (RFC 5321 §3.3), which it did not before. A server that turns everybody away or puts everybody off may
 * answer alike at every step, as Postfix's postscreen does with strangers. Such a reply decides nothing about relaying,
 * whichever vector it belongs to, so nothing has to be proven.
 *
 * @param given the reply to such a recipient, if it was sent already.
 * @returns whether RSET ended the transaction. `null` when that need not be known: no vector got as far as a recipient,
 *   or the server answers all of them alike and decides nothing.
 */
async function provesReset(
  session: SmtpSession,
  attempts: readonly Attempt[],
  given?: SmtpResult,
): Promise<boolean | null> {
  const told = attempts.filter(({ stage }) => stage === 'rcpt');
  const [first] = told;
  if (first === undefined) return null;
  const result = given ?? (await session.command(rcptLine(first.vector)));
  if (result.status !== 'reply') return false;
  const { reply } = result;
  const isAlike = told.every((one) => DECIDES_NOTHING.includes(one.meaning) && isSameReply(one.reply, reply));
  return isAlike ? null : meaningOf('rcpt', reply) === 'out-of-order';
}

/** The meanings of a reply with which no host can be called open or closed. */
const DECIDES_NOTHING: readonly Meaning[] = ['greylisted', 'deferred', 'client-refused', 'unexplained'];

/** The commands that end a group, each with the code of its reply (RFC 5321 §4.3.2). */
const ENDS = { QUIT: 221, EHLO: 250 } as const;

/**
 * Looks at the reply to the last command. QUIT is answered with 221, and EHLO with 250 and the extensions. Any other reply
 * belongs to an earlier command.
 *
 * @returns the failure, or `null` when no reply is left over.
 */
function leftOverIn(session: SmtpSession, verb: keyof typeof ENDS, result: SmtpResult): SmtpFailure | null {
  if (result.status === 'malformed') return result;
  if (result.status !== 'reply' || isReplyOf(result, 421)) return null;
  const isOwn = verb === 'QUIT' || session.extensions.has('PIPELINING');
  if (isReplyOf(result, ENDS[verb]) && isOwn) return null;
  return {
    status: 'malformed',
    detail: `${verb} was answered with ${result.reply.code}, the reply to another command`,
  };
}

function isReplyOf(result: SmtpResult, code: number): boolean {
  return result.status === 'reply' && result.reply.code === code;
}

interface Answers {
  readonly attempts: readonly Attempt[];
  readonly broken: SmtpResult | null;
  /** Whether a reply shows that a transaction was not ended, or was not begun. */
  readonly isOutOfStep: boolean;
  readonly isResetProven: boolean;
  /** What the server said at the end of the last group. Absent where nothing was said behind the vectors. */
  readonly end?: GroupEnd;
}

interface GroupEnd {
  /** The reply to a recipient without a sender. Absent where none was sent. */
  readonly proof?: SmtpResult;
  readonly last: { readonly verb: keyof typeof ENDS; readonly result: SmtpResult };
}

/**
 * Says EHLO with the name of the vector, in a session in which another name was said (RFC 5321 §4.1.4).
 *
 * @returns what ended the session, or whether the host takes the name here.
 */
async function rename(
  session: SmtpSession,
  client: RelayClient,
  vector: Vector,
): Promise<{ readonly broken: SmtpResult | null; readonly isTaken: boolean }> {
  const result = await session.hello(nameFor(vector, client));
  if (result.status !== 'reply' || result.reply.code === 421) return { broken: result, isTaken: false };
  return { broken: null, isTaken: result.reply.code === 250 };
}

/**
 * Asks the vectors of each EHLO name in one round trip: RFC 2920 §3.1 allows MAIL, RCPT and RSET anywhere in a group, and
 * EHLO and QUIT at its end. So the next name is said in the group before it, and QUIT in the last one. It ends early at a
 * name that the host does not take in this connection. The next connection begins with that name.
 *
 * `wantsProof`: a recipient without a sender comes last, which shows that RSET ends the transaction. `goesOn`: EHLO comes
 * last in place of QUIT.
 */
async function askAtOnce(
  session: SmtpSession,
  client: RelayClient,
  vectors: readonly Vector[],
  { wantsProof, goesOn }: { readonly wantsProof: boolean; readonly goesOn: boolean },
): Promise<Answers> {
  const attempts: Attempt[] = [];
  let isOutOfStep = false;
  const runs = runsOf(vectors);
  for (const [index, run] of runs.entries()) {
    const next = runs[index + 1]?.[0];
    const proof = wantsProof && next === undefined && run[0] !== undefined ? [rcptLine(run[0])] : [];
    const name = next === undefined ? client.probeName : nameFor(next, client);
    const verb = next === undefined && !goesOn ? 'QUIT' : 'EHLO';
    const last = verb === 'QUIT' ? 'QUIT' : `EHLO ${name}`;
    const results = await session.pipeline([...run.flatMap(linesOf), ...proof, last]);
    const asked = answersIn(session, run, results);
    attempts.push(...asked.attempts);
    isOutOfStep ||= asked.isOutOfStep;
    if (asked.broken !== null) return { ...asked, attempts, isOutOfStep };
    const [told = NO_REPLY, farewell = NO_REPLY] = results.slice(-2);
    if (next === undefined) {
      const end = { ...(proof.length > 0 ? { proof: told } : {}), last: { verb, result: farewell } } as const;
      return { attempts, broken: null, isOutOfStep, isResetProven: false, end };
    }
    if (farewell.status === 'reply' && farewell.reply.code === 250) continue;
    const { broken, isTaken } = await takesName(session, client, next, farewell);
    if (!isTaken) return { attempts, broken, isOutOfStep, isResetProven: false };
  }
  return { attempts, broken: null, isOutOfStep, isResetProven: false };
}

/**
 * Finds out whether a host takes the name that it has not taken as the last command of a group. It may know HELO alone.
 *
 * @param said what it said to EHLO.
 */
async function takesName(session: SmtpSession, client: RelayClient, vector: Vector, said: SmtpResult) {
  if (said.status !== 'reply' || said.reply.code === 421) return { broken: said, isTaken: false };
  return said.reply.code >= 500 ? rename(session, client, vector) : { broken: null, isTaken: false };
}

const linesOf = (vector: Vector): string[] => [mailLine(vector), rcptLine(vector), 'RSET'];

function answersIn(session: SmtpSession, vectors: readonly Vector[], results: readonly SmtpResult[]): Answers {
  const attempts: Attempt[] = [];
  let isOutOfStep = false;
  const end = (broken: SmtpResult | null): Answers => ({ attempts, broken, isOutOfStep, isResetProven: false });
  for (const [index, vector] of vectors.entries()) {
    const [mail = NO_REPLY, rcpt = NO_REPLY, reset = NO_REPLY] = results.slice(3 * index, 3 * index + 3);
    const answer = answerOf(session, vector, mail, rcpt);
    if ('broken' in answer) return end(answer.broken);
    attempts.push(answer.attempt);
    if (reset.status !== 'reply' || reset.reply.code === 421) return end(reset);
    // Where the host has left a reply out, that to QUIT is taken for this one. One by one, it shows which is missing.
    if (reset.reply.code === ENDS.QUIT) return end(MISSING_REPLY);
    isOutOfStep ||= reset.reply.code !== 250 || answer.attempt.meaning === 'out-of-order';
  }
  return end(null);
}

const MISSING_REPLY: SmtpFailure = { status: 'closed', detail: 'a reply is missing in a group of commands' };
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

/**
 * Asks vectors with one sender and one EHLO name as the recipients of one transaction, which needs no RSET. A sender that
 * is refused is refused for all of them.
 */
async function askTogether(session: SmtpSession, client: RelayClient, vectors: readonly Vector[]): Promise<Answers> {
  const attempts: Attempt[] = [];
  const end = (broken: SmtpResult | null, isOutOfStep = false): Answers => {
    return { attempts, broken, isOutOfStep, isResetProven: false };
  };
  const [first] = vectors;
  if (first === undefined) return end(null);
  const mail = await session.command(mailLine(first));
  for (const vector of vectors) {
    const isGoing = mail.status === 'reply' && isPositive(mail.reply);
    const answer = answerOf(session, vector, mail, isGoing ? await session.command(rcptLine(vector)) : mail);
    if ('broken' in answer) return end(answer.broken);
    const [before] = attempts;
    if (answer.attempt.meaning === 'out-of-order' && before !== undefined) return end(null, true);
    if (!isGoing && before !== undefined) attempts.push({ ...answer.attempt, meaning: before.meaning });
    else attempts.push(needsControl(answer.attempt) ? await compared(session, client, answer.attempt) : answer.attempt);
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
  return { attempt: attemptOf(vector, stage, command, result.reply, session) };
}
