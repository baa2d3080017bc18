/**
 * Compares a refusal whose words do not show what it refuses with the replies to controls in the same session. The words
 * may be of any language, and their code may be any.
 */
import type { SmtpReply, SmtpSession } from '../../../network/smtp/types.ts';
import type { Attempt } from './answers.ts';
import type { RelayClient } from './client.ts';
import { isSameReply, meaningOf, type Stage } from './replies.ts';
import { isOrdinary } from './vectors.ts';

/**
 * @returns whether the words of the reply do not show that it is about relaying. A syntax error in an ordinary address
 *   is such a reply, too. So is an unknown mailbox, unless the host may read the recipient as one of its own.
 */
export function needsControl({ vector, meaning }: Attempt): boolean {
  if (vector.kind === 'control') return false;
  if (meaning === 'unknown-user') return vector.kind !== 'rewrite';
  return meaning === 'unexplained' || (meaning === 'syntax' && isOrdinary(vector));
}

/**
 * Compares the reply with those to controls. A host that refuses every control in the same words refuses more than
 * relaying: other senders after a refusal at MAIL, its own postmaster after one at RCPT.
 */
export async function compared(session: SmtpSession, client: RelayClient, refused: Attempt): Promise<Attempt> {
  const { control } = client;
  const { stage, vector, reply } = refused;
  if (stage !== 'mail') return { ...refused, meaning: await recipientMeaning(session, client, refused) };
  for (const sender of control.mailFrom.filter((other) => other !== vector.mailFrom)) {
    const answer = await answerTo(session, stage, `MAIL FROM:${sender}`);
    if (answer === null) break;
    if (!isSameReply(answer, reply)) return { ...refused, meaning: 'sender-refused' };
  }
  return { ...refused, meaning: 'unexplained' };
}

/**
 * Compares the refusal of a recipient with the reply to the host's own postmaster. If they differ, the host may refuse to
 * relay, or the recipient for its domain, which is a reserved name. Another foreign recipient tells these apart: an
 * address literal, to which no rule about names applies, or a name that a host without literals does not serve.
 */
async function recipientMeaning(session: SmtpSession, client: RelayClient, refused: Attempt) {
  const { vector, meaning, reply } = refused;
  const { rcptTo, foreign } = client.control;
  const own = await answerTo(session, 'rcpt', `RCPT TO:${rcptTo}`);
  if (own === null || isSameReply(own, reply)) return 'unexplained';
  if (vector.kind === 'rewrite' || meaning === 'unknown-user') return 'denied';
  for (const recipient of foreign) {
    const other = await answerTo(session, 'rcpt', `RCPT TO:${recipient}`);
    if (other === null) break;
    const otherMeaning = meaningOf('rcpt', other);
    if (isSameReply(other, reply) || otherMeaning === 'denied') return 'denied';
    if (otherMeaning !== 'syntax') break;
  }
  return 'recipient-refused';
}

/** @returns the reply to a control, or `null` if the session ended or the reply belongs to no transaction. */
async function answerTo(session: SmtpSession, stage: Stage, line: string): Promise<SmtpReply | null> {
  const result = await session.command(line);
  if (result.status !== 'reply' || result.reply.code === 421) return null;
  return meaningOf(stage, result.reply) === 'out-of-order' ? null : result.reply;
}
