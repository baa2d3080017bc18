/** Converts a question for signatures and its reply to the form that a recording keeps, and back for a replay. */
import type { SignedExchange, SignedRecord, SignedReply } from '../network/dns/signed.ts';
import type { ExchangeOf } from './schema.ts';

type Kept = ExchangeOf<'signed'>;
type KeptRecord = Extract<Kept['result'], { readonly kind: 'reply' }>['answers'][number];

/** @returns the exchange with the data of its records as Base64. */
export function keepSigned(asked: string, { name, type, transport, durationMs, reply }: SignedExchange): Kept {
  return { kind: 'signed', asked, name, type, transport, durationMs, result: keepReply(reply) };
}

function keepReply(reply: SignedReply): Kept['result'] {
  if (reply.kind === 'failed') return reply;
  return { ...reply, answers: reply.answers.map(keepRecord), authorities: reply.authorities.map(keepRecord) };
}

function keepRecord({ data, ...record }: SignedRecord): KeptRecord {
  return { ...record, data: data.toString('base64') };
}

/** @returns the exchange of a recorded run. */
export function giveSigned({ name, type, transport, durationMs, result }: Kept): SignedExchange {
  return { name, type, transport, durationMs, reply: giveReply(result) };
}

function giveReply(result: Kept['result']): SignedReply {
  if (result.kind === 'failed') return result;
  return { ...result, answers: result.answers.map(giveRecord), authorities: result.authorities.map(giveRecord) };
}

function giveRecord({ data, ...record }: KeptRecord): SignedRecord {
  return { ...record, data: Buffer.from(data, 'base64') };
}
