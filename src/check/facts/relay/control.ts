/** Compares a refusal whose words do not show what it refuses with the replies to controls in the same session. */
import type { SmtpSession } from '../../../network/smtp/types.ts';
import type { Attempt } from './answers.ts';
import type { RelayClient } from './client.ts';
import { isSameReply, meaningOf } from './replies.ts';
import { isOrdinary } from './vectors.ts';

/**
 * @returns whether the words of the reply do not show that it is about relaying. A syntax error in an ordinary address
 *   is such a reply, too.
 */
export function needsControl({ vector, meaning }: Attempt): boolean {
  if (vector.kind === 'control') return false;
  return meaning === 'unexplained' || (meaning === 'syntax' && isOrdinary(vector));
}

/**
 * Compares the reply with those to controls in the same session: the host's own postmaster as recipient, or other
 * senders. A host that refuses every control in the same words refuses more than relaying.
 */
export async function compared(session: SmtpSession, { control }: RelayClient, refused: Attempt): Promise<Attempt> {
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
