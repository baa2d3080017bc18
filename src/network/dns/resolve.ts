/**
 * Resolves one question. Follows aliases that the resolver did not follow, and tells a failed DNSSEC validation from a
 * failed server.
 */
import { canonicalName } from '../domain.ts';
import type { DnsAnswer, DnsRecords, Exchange, RecordType } from './answer.ts';
import { type Asker, type Attempt, NO_ANSWER_OVER_TCP, replyOf } from './asker.ts';
import { interpret } from './interpret.ts';
import { isEncodable, type Question } from './message.ts';
import { serverLabel } from './servers.ts';
import type { Upstreams } from './upstreams.ts';

/** Longest CNAME chain that is followed. Resolvers themselves follow 8 to 16 aliases. */
export const MAX_CHAIN = 12;

/** The parts of the DNS client that resolve a question. */
export interface ResolvingParts {
  readonly asker: Asker;
  readonly limit: Upstreams['limit'];
  readonly signal: AbortSignal;
}

/**
 * Resolves one question, through aliases where the name has them.
 *
 * @returns the answer with its CNAME chain. Failures of the network are answers too. Rejects only for a fault of
 *   mailcheck.
 */
export async function resolve(name: string, type: RecordType, parts: ResolvingParts): Promise<DnsAnswer> {
  const walk: Walk = {
    name: canonicalName(name),
    type,
    chain: [],
    started: performance.now(),
    current: canonicalName(name),
    ttl: Number.POSITIVE_INFINITY,
  };
  for (;;) {
    const question: Question = { name: walk.current, type, checkingDisabled: false };
    const found = await parts.limit(() => parts.asker.ask(question));
    const answer = answerOf(walk, found);
    if (answer?.status === 'servfail' && found !== undefined && (await isBogus(found, question, parts))) {
      return { ...answer, status: 'bogus', detail: BOGUS };
    }
    if (answer !== undefined) return answer;
  }
}

/** The way from the name along its aliases. */
interface Walk extends Asked {
  readonly chain: string[];
  /** The name that is asked for now. */
  current: string;
  /** Seconds: the smallest TTL so far. */
  ttl: number;
}

/** @returns the answer, or `undefined` where the reply leads to another name, which is then the current one. */
function answerOf(walk: Walk, found: Attempt | undefined): DnsAnswer | undefined {
  const exchange = exchangeOf(walk, found);
  if (found === undefined) return { ...exchange, status: 'unreachable', detail: 'no DNS server is configured' };
  const { result } = found;
  if (result.kind !== 'reply') return { ...exchange, status: result.kind, detail: result.detail };
  if (result.reply.truncated) {
    return { ...exchange, status: 'truncated-no-tcp', detail: NO_ANSWER_OVER_TCP };
  }
  const meaning = interpret(result.reply, walk.current, walk.type);
  if ('chain' in meaning) walk.chain.push(...meaning.chain);
  if ('ttl' in meaning && meaning.ttl !== null) walk.ttl = Math.min(walk.ttl, meaning.ttl);
  switch (meaning.status) {
    case 'answer':
      return answered(exchange, meaning.records, walk.ttl);
    case 'nodata':
    case 'nxdomain':
      return { ...exchange, status: meaning.status, ttl: meaning.ttl, zone: meaning.zone };
    case 'alias':
      return followed(walk, exchange);
    default:
      return { ...exchange, status: meaning.status, detail: meaning.detail };
  }
}

/** Makes the last name of the chain the current one. Returns an answer where there is nothing to ask for. */
function followed(walk: Walk, exchange: Exchange): DnsAnswer | undefined {
  const { chain } = walk;
  const next = chain.at(-1) ?? walk.current;
  if (chain.length > MAX_CHAIN || chain.indexOf(next) !== chain.length - 1 || next === exchange.name) {
    return { ...exchange, status: 'malformed', detail: 'the CNAME chain loops or is too long' };
  }
  if (!isEncodable(next)) return { ...exchange, status: 'nxdomain', ttl: null, zone: null };
  walk.current = next;
  return undefined;
}

interface Asked {
  readonly name: string;
  readonly type: RecordType;
  readonly chain: readonly string[];
  /** Start in milliseconds of `performance.now()`. */
  readonly started: number;
}

function exchangeOf({ name, type, chain, started }: Asked, found: Attempt | undefined): Exchange {
  const reply = replyOf(found);
  return {
    name,
    type,
    server: found && reply ? serverLabel(found.state.server) : null,
    transport: found?.transport ?? 'udp',
    durationMs: performance.now() - started,
    chain,
    authenticated: reply?.authenticated ?? false,
    authoritative: reply?.authoritative ?? false,
    extendedErrors: reply?.extendedErrors ?? [],
  };
}

/** Builds the answer field by field. A spread takes several microseconds, and a run has some hundred answers. */
function answered(exchange: Exchange, records: DnsRecords['records'], ttl: number): DnsRecords {
  return {
    name: exchange.name,
    type: exchange.type,
    server: exchange.server,
    transport: exchange.transport,
    durationMs: exchange.durationMs,
    chain: exchange.chain,
    authenticated: exchange.authenticated,
    authoritative: exchange.authoritative,
    extendedErrors: exchange.extendedErrors,
    status: 'answer',
    records,
    ttl,
  };
}

const BOGUS = 'DNSSEC validation fails: SERVFAIL, but an answer with checking disabled';

/** Tells whether DNSSEC validation failed: SERVFAIL turns into an answer with checking disabled (RFC 4035 §5.5). */
async function isBogus(
  { state }: Attempt,
  failed: Question,
  { asker, limit, signal }: ResolvingParts,
): Promise<boolean> {
  if (signal.aborted) return false;
  const unchecked = replyOf(await limit(() => asker.askServer(state, { ...failed, checkingDisabled: true })));
  if (unchecked === undefined) return false;
  const { status } = interpret(unchecked, failed.name, failed.type);
  return status === 'answer' || status === 'nodata' || status === 'nxdomain' || status === 'alias';
}
