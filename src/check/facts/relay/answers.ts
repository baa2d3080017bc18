/** What a host answers to relay vectors, and how the next vectors are to be asked. */
import type { SmtpReply, SmtpResult, SmtpSession, Transcript } from '../../../network/smtp/types.ts';
import { type Meaning, meaningOf, type Stage } from './replies.ts';
import { SENDERS_FOR_DISGUISE, type Vector } from './vectors.ts';

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
 * each command after the reply to the one before. `alone`: one sender per connection.
 */
export type Manner = 'at-once' | 'in-turn' | 'alone';

/** What a dialogue has learnt of the host, for the next dialogue with it. */
export interface Acquaintance {
  readonly manner: Manner;
  /** Whether a command out of order has shown that RSET ends a transaction. */
  readonly isResetProven: boolean;
  /** Whether the host has offered STARTTLS. `null` when no EHLO was answered. */
  readonly offersStartTls: boolean | null;
  /** The number of connections that carried one sender each. */
  readonly alone: number;
}

/** A host of which nothing is known. */
export const STRANGER: Acquaintance = { manner: 'at-once', isResetProven: false, offersStartTls: null, alone: 0 };

/** The answers of a host to a list of vectors. */
export interface Asked {
  readonly attempts: readonly Attempt[];
  /** The vectors that got no answer. A vector behind STARTTLS is left out where the host does not offer STARTTLS. */
  readonly unanswered: readonly Vector[];
  /** The vectors for which a host that delays its refusals left no time. None when absent. */
  readonly leftOut?: readonly Vector[];
  /** What ended the last connection early. `null` when nothing did. */
  readonly lost: { readonly result: SmtpResult; readonly transcript: Transcript | null } | null;
  readonly learnt: Acquaintance;
}

/** @returns the command that names the sender of a vector. */
export function mailLine({ mailFrom }: Vector): string {
  return `MAIL FROM:${mailFrom}`;
}

/** @returns the command that names the recipient of a vector. */
export function rcptLine({ rcptTo }: Vector): string {
  return `RCPT TO:${rcptTo}`;
}

/** @returns the vector with the reply that decides, and what the words of the reply mean. */
export function attemptOf(
  vector: Vector,
  stage: Stage,
  command: string,
  reply: SmtpReply,
  session: SmtpSession,
): Attempt {
  return {
    vector,
    meaning: meaningOf(stage, reply),
    stage,
    command,
    reply,
    transcript: session.transcript,
  };
}

/** @returns whether the reply accepts the command (2yz). */
export function isPositive({ code }: SmtpReply): boolean {
  return code >= 200 && code < 300;
}

/**
 * Tells whether the host puts this client off whatever it asks, even for an address of its own. More vectors would be
 * put off too, and postscreen makes each connection wait six seconds.
 */
export function isPutOff({ attempts, unanswered }: Asked): boolean {
  const isDeferred = ({ meaning }: Attempt) => meaning === 'greylisted' || meaning === 'deferred';
  return unanswered.length === 0 && attempts.length > 0 && attempts.every(isDeferred);
}

/** @returns whether the host wants STARTTLS before some of the vectors. */
export function wantsTls({ attempts }: Asked): boolean {
  return attempts.some(({ meaning }) => meaning === 'tls-required');
}

/** @returns the sender for disguised recipients: the first one with which the host has judged a recipient, or `null`. */
export function usableSender(attempts: readonly Attempt[]): string | null {
  const gotThrough = SENDERS_FOR_DISGUISE.map((id) => attempts.find(({ vector }) => vector.id === id)).find(
    (attempt) => attempt?.stage === 'rcpt' && attempt.meaning !== 'sender-refused',
  );
  return gotThrough?.vector.mailFrom ?? null;
}
