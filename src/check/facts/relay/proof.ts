/**
 * Sends test messages (`--active-data`) with the vectors accepted at RCPT, to see whether the host accepts the
 * messages.
 */
import { type SmtpEvidence, smtpEvidence } from '../../../network/smtp/types.ts';
import type { Needs } from '../fact.ts';
import type { Attempt } from './answers.ts';
import type { Assessment } from './assessment.ts';
import type { RelayClient } from './client.ts';
import { meaningOf } from './replies.ts';
import { type Sent, sendEach } from './sending.ts';
import { testMessage } from './test-message.ts';
import type { Vector } from './vectors.ts';

/** The reply that decided the fate of a test message. */
export interface DataReply {
  /** The id of the vector that the message was sent with. */
  readonly vector: string;
  /** The word by which the user finds the message in the mailbox. */
  readonly token: string;
  readonly smtp: SmtpEvidence;
}

/**
 * The outcome of the test messages of one kind. `untested`: none was sent. `delivered`: the host accepted one.
 * `refused`: it refused all, in words about relaying. `unknown`: a connection failed, or a reply was not final or may be
 * about this message only.
 */
export interface Proof {
  readonly outcome: 'untested' | 'delivered' | 'refused' | 'unknown';
  readonly data: DataReply | null;
}

/** The outcome for each kind of accepted vector. */
export type Proofs = Readonly<Record<'direct' | 'sender' | 'rewrite', Proof>>;

const UNTESTED: Proof = { outcome: 'untested', data: null };

/** The proofs when no message was sent. */
export const NO_PROOFS: Proofs = { direct: UNTESTED, sender: UNTESTED, rewrite: UNTESTED };

/**
 * Sends test messages with one kind of vector after the other, until the host accepts one. One accepted message is
 * proof enough.
 */
export async function prove(
  { settings, smtp, clock, token }: Needs<'clock' | 'settings' | 'smtp' | 'token'>,
  ip: string,
  client: RelayClient,
  { direct, sender, rewrite }: Assessment,
): Promise<Proofs> {
  const recipient = settings.relayRecipient ?? '';
  let isDelivered = false;
  const proveKind = async (name: keyof Proofs, attempts: readonly Attempt[]): Promise<Proof> => {
    if (isDelivered) return UNTESTED;
    // The domain of the control cannot exist, so a message to it would arrive nowhere.
    const vectors = attempts.map(({ vector }) => vector).filter(({ kind }) => kind !== 'control');
    const word = `mailcheck-${token(`relay message ${ip} ${name}`)}`;
    const compose = ({ id }: Vector) =>
      testMessage({ token: word, recipient, vector: id, now: clock.now(), probeName: smtp.probeName });
    let proof: Proof = UNTESTED;
    for await (const sent of sendEach(client, vectors, compose)) {
      const next = proofOf(sent, word);
      // One message that was refused in other words leaves the question open, whatever came of the others.
      proof = proof.outcome === 'unknown' && next.outcome === 'refused' ? proof : next;
      isDelivered = proof.outcome === 'delivered';
      if (isDelivered || !isRefusal(sent)) break;
    }
    return proof;
  };
  return {
    direct: await proveKind('direct', direct),
    sender: await proveKind('sender', sender),
    rewrite: await proveKind('rewrite', rewrite),
  };
}

function proofOf({ vector, command, result, transcript }: Sent, token: string): Proof {
  const data = { vector: vector.id, token, smtp: smtpEvidence(command, result, transcript ?? undefined) };
  if (result.status !== 'reply') return { outcome: 'unknown', data };
  if (command === 'end of data' && result.reply.code < 300) return { outcome: 'delivered', data };
  // A host may refuse what the message says, and relay another one.
  const isAboutRelaying = result.reply.code >= 500 && meaningOf('rcpt', result.reply) === 'denied';
  return { outcome: isAboutRelaying ? 'refused' : 'unknown', data };
}

const isRefusal = ({ result }: Sent): boolean => result.status === 'reply' && result.reply.code >= 500;
