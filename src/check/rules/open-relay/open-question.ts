/** Decides whether a host that relayed nothing can be called closed. It does no I/O. */
import type { Asked, Attempt } from '../../facts/relay/answers.ts';
import { type Meaning, namesBlockList } from '../../facts/relay/replies.ts';
import { isOrdinary } from '../../facts/relay/vectors.ts';

/** Why a host that relayed nothing still cannot be called closed. */
export type OpenQuestion =
  | 'connection-lost'
  | 'prober-listed'
  | 'prober-refused'
  | 'sender-refused'
  | 'recipient-domain'
  | 'recipient-refused'
  | 'tls-required'
  | 'greylisted'
  | 'deferred'
  | 'out-of-step'
  | 'unexplained'
  | 'undecided';

/**
 * Looks for a reason not to call a host closed that accepted no foreign recipient.
 *
 * @returns the reason and the attempts that show it. `null` when the host is closed: it refused every vector, and
 *   refused at least one direct vector because it does not relay.
 */
export function openQuestion({ attempts, unanswered }: Asked): { why: OpenQuestion; shown: readonly Attempt[] } | null {
  const asked = attempts.filter(({ vector }) => vector.kind !== 'control');
  const having = (among: readonly Attempt[], ...meanings: Meaning[]) =>
    among.filter(({ meaning }) => meanings.includes(meaning));
  if (unanswered.length > 0) return { why: 'connection-lost', shown: [] };

  const refusedClient = having(asked, 'client-refused');
  if (refusedClient.length === asked.length) return { why: refusalOfClient(refusedClient), shown: refusedClient };

  const outOfStep = having(asked, 'out-of-order');
  if (outOfStep.length > 0) return { why: 'out-of-step', shown: outOfStep };
  const unexplained = having(asked, 'unexplained');
  if (unexplained.length === asked.length) return { why: 'prober-refused', shown: unexplained };

  const direct = asked.filter(({ vector }) => vector.kind === 'direct');
  const isClosed = having(direct, 'denied').length > 0;
  // For a rewritten address, these are refusals. For a plain foreign address they may be about its domain alone.
  const domain = asked.filter(
    ({ vector, meaning }) =>
      meaning === 'null-mx' ||
      (vector.kind !== 'rewrite' && (meaning === 'unknown-domain' || meaning === 'reserved-domain')),
  );
  const recipient = having(asked, 'recipient-refused');
  const deferred = having(asked, 'greylisted', 'deferred');
  if (deferred.length > 0) {
    const isAll = !isClosed && having(direct, 'greylisted', 'deferred').length > 0;
    return { why: isAll ? 'greylisted' : 'deferred', shown: deferred };
  }
  if (domain.length > 0) return { why: 'recipient-domain', shown: domain };
  if (recipient.length > 0) return { why: 'recipient-refused', shown: recipient };
  const needTls = having(asked, 'tls-required');
  if (needTls.length > 0) return { why: 'tls-required', shown: needTls };
  const undecided = having(asked, 'undecided', 'closing');
  if (undecided.length > 0) return { why: 'undecided', shown: undecided };
  if (unexplained.length > 0) return { why: 'unexplained', shown: unexplained };
  const temporary = asked.filter(settlesNothing);
  if (temporary.length > 0) return { why: 'deferred', shown: temporary };
  const client = refusedClient.filter(isAboutClient);
  if (client.length > 0) return { why: refusalOfClient(client), shown: client };
  if (isClosed) return null;
  const refused = having(direct, 'sender-refused', 'syntax', 'unknown-user');
  const bySender = refused.filter(({ stage, meaning }) => stage === 'mail' || meaning === 'sender-refused');
  return bySender.length > 0 || refused.length === 0
    ? { why: 'sender-refused', shown: bySender }
    : { why: 'recipient-refused', shown: refused };
}

/**
 * @returns whether the client was refused whatever it asks. A sender or EHLO name that is part of the trick may itself be
 *   what the host dislikes. Then the trick has failed.
 */
function isAboutClient({ vector, reply }: Attempt): boolean {
  return vector.kind !== 'sender' || namesBlockList(reply);
}

/**
 * Tells whether the client or the sender is refused for the moment only. A sender or an EHLO name that a host may dislike
 * is not the same at another moment.
 */
function settlesNothing({ vector, meaning, reply }: Attempt): boolean {
  const isTemporary = reply.code < 500 && (meaning === 'client-refused' || meaning === 'sender-refused');
  return isTemporary && vector.hello === null && isOrdinary(vector);
}

function refusalOfClient(refused: readonly Attempt[]): 'prober-listed' | 'prober-refused' {
  return refused.some(({ reply }) => namesBlockList(reply)) ? 'prober-listed' : 'prober-refused';
}
