/**
 * The DNS client: a stub resolver that keeps what `node:dns` hides. Identical questions are asked once, retried on
 * another server and over TCP before anything is called unknown, and an aborted run ends every question at once.
 *
 * No search suffixes, no hosts file: what is asked is what receivers would ask.
 */
import { setMaxListeners } from 'node:events';
import { canonicalName } from '../domain.ts';
import type { OnFault } from '../fault.ts';
import { type DnsAnswer, type DnsFailure, type Exchange, type RecordType, type Resolver, unasked } from './answer.ts';
import { isCanaryListed } from './canary.ts';
import { interpret } from './interpret.ts';
import { isEncodable, type Question, type Reply } from './message.ts';
import { redactor, type Secrets } from './redact.ts';
import { type DnsServer, serverLabel } from './servers.ts';
import { brokenOff, exchangeTcp, exchangeUdp, type Transport, type TransportResult } from './transport.ts';
import { type ServerState, Upstreams } from './upstreams.ts';

export interface DnsClient extends Resolver {
  readonly servers: readonly DnsServer[];
  /** Aborted at the end of the run. */
  readonly signal: AbortSignal;
  /** Every question of this run that went to the network, in the order the answers came. */
  readonly log: readonly DnsAnswer[];
  /**
   * Asks, through a package of its own, for a block list's test entry (RFC 5782 §5).
   *
   * @param testAddress `127.0.0.2` or `::ffff:7f00:2`
   * @returns whether it is listed in the zone; `false` for any failure.
   */
  isCanaryListed(testAddress: string, zone: string): Promise<boolean>;
  /** A client that asks these servers instead, with answers of its own and the same log. */
  towards(servers: readonly DnsServer[]): DnsClient;
}

export interface DnsClientOptions {
  readonly servers: readonly DnsServer[];
  readonly signal: AbortSignal;
  /** How long one try waits for a reply, in milliseconds. */
  readonly tryTimeoutMs?: number;
  /** After how many milliseconds of silence the next try starts, while the first still listens. */
  readonly retryAfterMs?: number;
  /** What other clients of this process share with it; its own when absent. */
  readonly upstreams?: Upstreams;
  /** Parts of query names that no answer may show. */
  readonly secrets?: Secrets;
  /** Called with a fault of mailcheck itself; the question then counts as not answered. */
  readonly onFault?: OnFault;
}

/** Resolvers give up on a name server after some seconds; a question has two tries of 3 s each. */
const TRY_TIMEOUT_MS = 3000;
const RETRY_AFTER_MS = 1500;
/** The canary goes through a package that does not retry as we do. */
const CANARY_TIMEOUT_MS = 3000;
/** Links of a CNAME chain followed by our own queries; resolvers follow 8 to 16 themselves. */
const MAX_CHAIN = 12;
/** After this many unanswered tries and never a reply, a server is asked once per question and no more. */
const DEAF_AFTER = 4;

interface Attempt {
  readonly state: ServerState;
  readonly transport: Transport;
  readonly result: TransportResult;
}

export function createDnsClient(options: DnsClientOptions): DnsClient {
  return clientOf(options, []);
}

function clientOf(options: DnsClientOptions, log: DnsAnswer[]): DnsClient {
  const { servers, signal, onFault = () => {} } = options;
  const bounds = { timeoutMs: options.tryTimeoutMs ?? TRY_TIMEOUT_MS, signal, onFault };
  const retryAfterMs = options.retryAfterMs ?? RETRY_AFTER_MS;
  const { upstreams = new Upstreams() } = options;
  const { limit } = upstreams;
  const redact = redactor(options.secrets ?? new Map());
  const states = servers.map((server) => upstreams.stateOf(server));
  const answers = new Map<string, Promise<DnsAnswer>>();
  // Each question under way listens for the end of the run; there is no leak to warn of.
  setMaxListeners(0, signal);

  const isDeaf = (state: ServerState): boolean => state.replies === 0 && state.silences >= DEAF_AFTER;

  async function attempt(state: ServerState, question: Question, transport: Transport): Promise<Attempt> {
    const exchange = transport === 'udp' ? exchangeUdp : exchangeTcp;
    const result = await exchange(state.server, question, bounds);
    if (result.kind === 'reply') state.replies += 1;
    else if (result.kind === 'timeout' && !signal.aborted) state.silences += 1;
    if (transport === 'udp') state.isUnreachable = result.kind === 'unreachable';
    return { state, transport, result };
  }

  /** One server: UDP, and TCP where the reply was truncated. */
  async function askServer(state: ServerState, question: Question): Promise<Attempt> {
    const offered = await attempt(state, question, 'udp');
    const first = refusesEdns(offered) ? await attempt(state, { ...question, plain: true }, 'udp') : offered;
    if (first.result.kind !== 'reply' || !first.result.reply.truncated) return first;
    const second = await attempt(state, question, 'tcp');
    return isConclusive(second) ? second : first;
  }

  /** The servers worth asking, those first that can be reached. */
  function inOrder(): ServerState[] {
    const usable = states.filter((state) => !isDeaf(state));
    const asked = usable.length > 0 ? usable : states;
    return [
      ...asked.filter(({ isUnreachable }) => !isUnreachable),
      ...asked.filter(({ isUnreachable }) => isUnreachable),
    ];
  }

  /** The tries of one question, until one of them is conclusive; else the most telling of the failures. */
  async function ask(question: Question): Promise<Attempt | undefined> {
    const waiting = inOrder();
    const [first] = waiting;
    if (first === undefined) return undefined;
    if (isDeaf(first)) return askServer(first, question);
    const unreachable: Attempt[] = [];
    /** The servers that the question could be sent to. */
    const asked = new Set<ServerState>();
    let isSettled = false;
    // A server that cannot be reached says so at once, and another one is asked in its place.
    const askNext = async (): Promise<Attempt> => {
      const [again] = asked;
      const state = waiting.shift() ?? again ?? first;
      asked.add(state);
      const attempted = await askServer(state, question);
      if (attempted.result.kind !== 'unreachable') return attempted;
      asked.delete(state);
      unreachable.push(attempted);
      const isLast = waiting.length === 0 && asked.size === 0;
      return isSettled || isLast || signal.aborted ? attempted : askNext();
    };
    const early = askNext();
    const head = await within(retryAfterMs, early, signal);
    isSettled = head !== undefined && isConclusive(head);
    if (isSettled) return head;
    const late = askNext();
    const conclusive = await firstConclusive([early, late]);
    isSettled = true;
    if (conclusive) return conclusive;
    const tries = [await early, await late];
    const reachedTcp = tries.some(({ transport }) => transport === 'tcp');
    if (!signal.aborted && !reachedTcp && !tries.some(isTruncated)) {
      const silent = tries.find(({ result }) => result.kind === 'timeout')?.state ?? first;
      tries.push(await attempt(silent, question, 'tcp'));
    }
    const found = tries.find(isConclusive) ?? mostTelling(tries);
    return found?.result.kind === 'unreachable' ? { ...found, result: together(unreachable, found.result) } : found;
  }

  async function resolve(name: string, type: RecordType): Promise<DnsAnswer> {
    const started = performance.now();
    const chain: string[] = [];
    let current = canonicalName(name);
    let ttl = Number.POSITIVE_INFINITY;
    for (;;) {
      const question: Question = { name: current, type, checkingDisabled: false };
      const found = await limit(() => ask(question));
      const exchange: Exchange = {
        name: canonicalName(name),
        type,
        server: found && found.result.kind === 'reply' ? serverLabel(found.state.server) : null,
        transport: found?.transport ?? 'udp',
        durationMs: performance.now() - started,
        chain,
        authenticated: replyOf(found)?.authenticated ?? false,
        authoritative: replyOf(found)?.authoritative ?? false,
        extendedErrors: replyOf(found)?.extendedErrors ?? [],
      };
      if (found === undefined) return { ...exchange, status: 'unreachable', detail: 'no DNS server is configured' };
      const { result } = found;
      if (result.kind !== 'reply') return { ...exchange, status: result.kind, detail: result.detail };
      if (result.reply.truncated) {
        return { ...exchange, status: 'truncated-no-tcp', detail: 'truncated over UDP and no answer over TCP' };
      }
      const meaning = interpret(result.reply, current, type);
      chain.push(...('chain' in meaning ? meaning.chain : []));
      if ('ttl' in meaning && meaning.ttl !== null) ttl = Math.min(ttl, meaning.ttl);
      switch (meaning.status) {
        case 'answer':
          return { ...exchange, status: 'answer', records: meaning.records, ttl };
        case 'nodata':
        case 'nxdomain':
          return { ...exchange, status: meaning.status, ttl: meaning.ttl, zone: meaning.zone };
        case 'alias': {
          const next = chain.at(-1) ?? current;
          if (chain.length > MAX_CHAIN || chain.indexOf(next) !== chain.length - 1 || next === exchange.name) {
            return { ...exchange, status: 'malformed', detail: 'the CNAME chain loops or is too long' };
          }
          if (!isEncodable(next)) return { ...exchange, status: 'nxdomain', ttl: null, zone: null };
          current = next;
          break;
        }
        case 'servfail':
          return (await isBogus(question)) ?? { ...exchange, status: 'servfail', detail: meaning.detail };
        default:
          return { ...exchange, status: meaning.status, detail: meaning.detail };
      }

      /** SERVFAIL that becomes an answer with checking disabled is a failed DNSSEC validation (RFC 4035 §5.5). */
      async function isBogus(failed: Question): Promise<DnsFailure | undefined> {
        if (found === undefined || signal.aborted) return undefined;
        const unchecked = await limit(() => askServer(found.state, { ...failed, checkingDisabled: true }));
        if (unchecked.result.kind !== 'reply') return undefined;
        const { status } = interpret(unchecked.result.reply, current, type);
        const becameAnswer = status === 'answer' || status === 'nodata' || status === 'nxdomain' || status === 'alias';
        return becameAnswer
          ? {
              ...exchange,
              status: 'bogus',
              detail: 'DNSSEC validation fails: SERVFAIL, but an answer with checking disabled',
            }
          : undefined;
      }
    }
  }

  /** A fault of this client costs one answer, and no more. */
  function broken(name: string, type: RecordType, error: unknown): DnsFailure {
    const { kind: status, detail } = brokenOff(onFault, error);
    return { ...unasked(name, type), status, detail };
  }

  async function askOnce<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const answer = redact(await resolve(name, type).catch((error: unknown) => broken(name, type, error)));
    log.push(answer);
    // `interpret` read the data as `type`, which is T here.
    return answer as DnsAnswer<T>;
  }

  return {
    servers,
    signal,
    log,
    isCanaryListed: (testAddress, zone) =>
      isCanaryListed(testAddress, zone, { servers, timeoutMs: CANARY_TIMEOUT_MS, signal }),
    towards: (others) => clientOf({ ...options, upstreams, servers: others }, log),
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      if (!isEncodable(name)) return Promise.resolve(redact(impossible(name, type)));
      const key = `${type} ${canonicalName(name)}`;
      const known = answers.get(key);
      if (known) return known as Promise<DnsAnswer<T>>;
      const answer = askOnce(name, type);
      answers.set(key, answer);
      return answer;
    },
  };
}

/** @returns the answer for a name that no message can carry: it cannot exist. */
export function impossible<T extends RecordType>(name: string, type: T): DnsAnswer<T> {
  return { ...unasked(name, type), status: 'nxdomain', ttl: null, zone: null };
}

function replyOf(attempt: Attempt | undefined): Reply | undefined {
  return attempt?.result.kind === 'reply' ? attempt.result.reply : undefined;
}

/** "Responders that choose not to implement [EDNS] MUST respond with FORMERR" (RFC 6891 §7); some say NOTIMP. */
function refusesEdns(attempt: Attempt): boolean {
  const rcode = replyOf(attempt)?.rcode;
  return rcode === 'FORMERR' || rcode === 'NOTIMP';
}

function isTruncated(attempt: Attempt): boolean {
  return replyOf(attempt)?.truncated ?? false;
}

/** Whether the reply settles the question: SERVFAIL, REFUSED and the like may be that one server's trouble. */
function isConclusive(attempt: Attempt): boolean {
  const reply = replyOf(attempt);
  return reply !== undefined && !reply.truncated && (reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN');
}

function firstConclusive(attempts: readonly Promise<Attempt>[]): Promise<Attempt | undefined> {
  const conclusive = attempts.map(async (pending) => {
    const attempt = await pending;
    if (!isConclusive(attempt)) throw new Error('not conclusive');
    return attempt;
  });
  return Promise.any(conclusive).catch(() => undefined);
}

/** A reply says more than silence, and a malformed one more than none at all. */
function mostTelling(attempts: readonly Attempt[]): Attempt | undefined {
  const rank = (attempt: Attempt): number =>
    ['reply', 'malformed', 'unreachable', 'timeout'].indexOf(attempt.result.kind);
  return [...attempts].sort((a, b) => rank(a) - rank(b))[0];
}

/** Why none of the servers could be reached, each reason once. */
function together(attempts: readonly Attempt[], last: TransportResult & { kind: 'unreachable' }): TransportResult {
  const details = attempts.flatMap(({ result }) => (result.kind === 'unreachable' ? [result.detail] : []));
  return { ...last, detail: [...new Set([...details, last.detail])].join('; ') };
}

/**
 * Waits for `pending`, but no longer than `ms` or the run; its failure is left to whoever waits for it next. Nothing is
 * left behind once it has come: most questions are answered long before their retry is due.
 *
 * @returns `undefined` where it did not come in time.
 */
function within<T>(ms: number, pending: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve) => {
    const settle = (value: T | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      resolve(value);
    };
    const giveUp = (): void => settle(undefined);
    const timer = setTimeout(giveUp, ms);
    signal.addEventListener('abort', giveUp);
    pending.then(settle, giveUp);
    if (signal.aborted) giveUp();
  });
}
