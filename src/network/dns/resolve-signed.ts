/** Asks one question for records with their signatures. Follows no alias: the caller judges each one. */
import { canonicalName } from '../domain.ts';
import { type Asker, type Attempt, NO_ANSWER_OVER_TCP } from './asker.ts';
import { failureOf } from './interpret.ts';
import { isEncodable, type SignedQuestion } from './message.ts';
import { lastReply, type NameServerParts, NOT_AUTHORITATIVE, type ZoneServers } from './name-servers.ts';
import { serverLabel } from './servers.ts';
import type { SignedExchange, SignedReply } from './signed.ts';
import type { Upstreams } from './upstreams.ts';

/** The response codes of replies with data or a denial (RFC 1035 §4.1.1). */
const RCODES: Readonly<Record<string, number>> = { NOERROR: 0, NXDOMAIN: 3 };

/** @returns whether the name can be asked for. Unlike `isEncodable`, it may be the root. */
export function isEncodableOrRoot(name: string): boolean {
  return canonicalName(name) === '' || isEncodable(name);
}

/**
 * Asks a resolver.
 *
 * @returns the exchange. Failures of the network are replies too. Rejects only for a fault of mailcheck.
 */
export async function resolveSigned(
  name: string,
  type: number,
  { asker, limit }: { readonly asker: Asker; readonly limit: Upstreams['limit'] },
): Promise<SignedExchange> {
  const started = performance.now();
  const question: SignedQuestion = { name: canonicalName(name), type };
  const found = await limit(() => asker.ask(question));
  return exchangeOf(question, found, started, replyIn(found, 'no DNS server is configured'));
}

/**
 * Asks the name servers of a zone, and those of the zones below along the referrals.
 *
 * @returns the exchange. A reply that is not authoritative is a failure. Rejects only for a fault of mailcheck.
 */
export async function resolveSignedAt(
  from: ZoneServers,
  name: string,
  type: number,
  parts: NameServerParts,
): Promise<SignedExchange> {
  const started = performance.now();
  const question: SignedQuestion = { name: canonicalName(name), type, isIterative: true };
  const { zone, found } = await lastReply(from, question, parts);
  const reply = replyIn(found, `${zone} has no name server to ask`);
  const isForeign = reply.kind === 'reply' && !reply.authoritative;
  return exchangeOf(
    question,
    found,
    started,
    isForeign ? { kind: 'failed', status: 'malformed', detail: NOT_AUTHORITATIVE } : reply,
  );
}

function exchangeOf(
  { name, type }: SignedQuestion,
  found: Attempt | undefined,
  started: number,
  reply: SignedReply,
): SignedExchange {
  return { name, type, transport: found?.transport ?? 'udp', durationMs: performance.now() - started, reply };
}

function replyIn(found: Attempt | undefined, withoutServer: string): SignedReply {
  if (found === undefined) return { kind: 'failed', status: 'unreachable', detail: withoutServer };
  const { result, state } = found;
  if (result.kind !== 'reply') return { kind: 'failed', status: result.kind, detail: result.detail };
  const { reply } = result;
  if (reply.truncated) {
    return { kind: 'failed', status: 'truncated-no-tcp', detail: NO_ANSWER_OVER_TCP };
  }
  const rcode = RCODES[reply.rcode];
  if (rcode === undefined || reply.signed === undefined) return { kind: 'failed', ...failureOf(reply) };
  const { authoritative, authenticated, extendedErrors, signed } = reply;
  return {
    kind: 'reply',
    server: serverLabel(state.server),
    rcode,
    authoritative,
    authenticated,
    ...signed,
    extendedErrors,
  };
}
