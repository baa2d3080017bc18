/**
 * Sends one question to the configured servers. The question is retried on another server and over TCP before its
 * answer counts as unknown. A server that is silent where another one answers is asked after the others, and one that
 * never replies gets fewer tries, so that neither delays every question.
 */
import { setMaxListeners } from 'node:events';
import { abortListeners } from '../abort-listeners.ts';
import type { OnFault } from '../fault.ts';
import { isForSignatures, type Question, type Reply, type SignedQuestion } from './message.ts';
import type { DnsServer } from './servers.ts';
import { type ExchangeOptions, exchangeTcp, exchangeUdp, type Transport, type TransportResult } from './transport.ts';
import type { ServerState, Upstreams } from './upstreams.ts';

/**
 * A server that has never replied counts as deaf after this many unanswered tries. It then gets one try per question.
 */
const DEAF_AFTER = 4;

/**
 * Milliseconds. While no server has ever replied, a question fails within this time: a resolver that is alive replies to
 * something long before.
 */
const FIRST_SIGN_MS = 4000;

/** The detail of an answer that is truncated, where TCP brings no answer either. */
export const NO_ANSWER_OVER_TCP = 'truncated over UDP and no answer over TCP';

/** One try: the server, the transport and the result. */
export interface Attempt {
  readonly state: ServerState;
  readonly transport: Transport;
  readonly result: TransportResult;
}

/** The try that begins a question, and what was so then. */
interface FirstTry {
  readonly first: ServerState;
  readonly sent: Promise<Attempt>;
  /** Its result, when it came in time. */
  readonly offered: Attempt | undefined;
  /** The replies of the server until then. */
  readonly replies: number;
  /** Milliseconds of `performance.now()`. */
  readonly started: number;
}

/** The reason why no question may be sent to a server. */
export interface NoRoute {
  readonly detail: string;
}

export interface AskerOptions {
  readonly servers: readonly DnsServer[];
  readonly upstreams: Upstreams;
  readonly signal: AbortSignal;
  /** Milliseconds that one try waits for a reply. */
  readonly timeoutMs: number;
  /** Milliseconds without a reply after which the next try starts. The first try keeps waiting. */
  readonly retryAfterMs: number;
  /** Gives where to send the questions for a server, or why none may be sent. To the server itself when absent. */
  readonly routeTo?: (server: DnsServer) => Promise<DnsServer | NoRoute>;
  readonly onFault: OnFault;
}

/** Sends questions to a list of servers, with retries. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #states: readonly ServerState[];
  readonly #patient: ExchangeOptions;
  /** While no server has ever replied, a try waits less. */
  readonly #hasty: ExchangeOptions;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#states = options.servers.map((server) => options.upstreams.stateOf(server));
    const { signal, onFault, upstreams, timeoutMs, retryAfterMs } = options;
    // All questions of this asker share one listener, because a signal searches all its listeners for each new one.
    const whenAborted = abortListeners(signal);
    this.#patient = { timeoutMs, signal, whenAborted, onFault, upstreams };
    const firstSignMs = Math.min(timeoutMs, Math.max(retryAfterMs, FIRST_SIGN_MS - retryAfterMs));
    this.#hasty = { ...this.#patient, timeoutMs: firstSignMs };
    // A run has an asker for each zone whose name servers it asks, so many listeners are no sign of a leak.
    setMaxListeners(0, signal);
  }

  /**
   * Asks the question until a server answers it.
   *
   * @returns the try with a conclusive reply. If there is none: the most informative failure. `undefined` when there is
   *   no server. Never rejects.
   */
  ask(question: Question | SignedQuestion): Promise<Attempt | undefined> {
    const servers = this.#inOrder();
    const first = servers[0];
    if (first === undefined) return Promise.resolve(undefined);
    if (isDeaf(first)) return this.askServer(first, question);
    if (servers !== this.#states) this.#retrySilent(first, question);
    const { replies } = first;
    const started = performance.now();
    const sent = this.#attempt(first, question, 'udp');
    return conclusiveOr(this.#options.retryAfterMs, sent, (offered) =>
      this.#askFurther(question, servers, { first, sent, offered, replies, started }),
    );
  }

  /** Asks the question again, and other servers, when the first try brought no conclusive reply in time. */
  async #askFurther(
    question: Question | SignedQuestion,
    servers: readonly ServerState[],
    { first, sent, offered, replies, started }: FirstTry,
  ): Promise<Attempt | undefined> {
    const { retryAfterMs, signal, upstreams } = this.#options;
    const retryAt = started + retryAfterMs;
    const begun = this.#concluded(sent, question);
    const head = offered === undefined ? undefined : await within(retryAt - performance.now(), begun);
    if (head !== undefined && isConclusive(head)) return head;
    const tries = new Tries(servers, signal, begun, (state) => this.askServer(state, question));
    const early = tries.next(first);
    if (head?.result.kind === 'unreachable') {
      const other = await within(retryAt - performance.now(), early);
      if (other !== undefined && isConclusive(other)) {
        tries.settle();
        return other;
      }
    }
    const late = tries.next(first);
    // The servers may all be dead, so the last resort is tried at the same time.
    const last = this.#isWithoutSign() ? [this.#attempt(tries.pending ?? first, question, 'tcp')] : [];
    const conclusive = await firstConclusive([early, late, ...last]);
    tries.settle();
    // A server that replied to other questions meanwhile is not silent: a packet was lost, or the question is slow.
    const wasSilent = head === undefined && first.replies === replies && !signal.aborted;
    if (wasSilent && conclusive !== undefined && conclusive.state !== first) upstreams.noteSilent(first);
    return (
      conclusive ??
      this.#lastResort(question, first, [await early, await late, ...(await Promise.all(last))], tries.unreachable)
    );
  }

  /**
   * Sends the question to silent servers too, when it is time to try them again. Nobody waits for their replies. A reply
   * makes the configured order hold again.
   */
  #retrySilent(asked: ServerState, question: Question | SignedQuestion): void {
    const others = this.#states.filter((state) => state !== asked && !isDeaf(state));
    for (const state of this.#options.upstreams.takeRetries(others)) void this.#attempt(state, question, 'udp');
  }

  /** Tells whether no server has ever replied, in this run or an earlier one of this process. */
  #isWithoutSign(): boolean {
    for (const { replies } of this.#states) if (replies > 0) return false;
    return true;
  }

  /**
   * Asks one server over UDP. Asks again without EDNS0 when the server does not support it, and over TCP when the reply
   * is truncated.
   *
   * @returns the last try; the truncated one when TCP brings no conclusive reply.
   */
  askServer(state: ServerState, question: Question | SignedQuestion): Promise<Attempt> {
    return this.#concluded(this.#attempt(state, question, 'udp'), question);
  }

  async #concluded(sent: Promise<Attempt>, question: Question | SignedQuestion): Promise<Attempt> {
    const offered = await sent;
    return isConclusive(offered) ? offered : this.#askDifferently(offered, question);
  }

  /** Asks the server again, without EDNS0 or over TCP, where its reply says that this may help. */
  async #askDifferently(offered: Attempt, question: Question | SignedQuestion): Promise<Attempt> {
    const { state } = offered;
    // There are no signatures without EDNS0.
    const understood = isForSignatures(question) || !refusesEdns(offered) ? question : { ...question, plain: true };
    const first = understood === question ? offered : await this.#attempt(state, understood, 'udp');
    if (first.result.kind !== 'reply' || !first.result.reply.truncated) return first;
    const second = await this.#attempt(state, understood, 'tcp');
    return isConclusive(second) ? second : first;
  }

  /** Asks a silent server over TCP, because two tries over UDP have failed. */
  async #lastResort(
    question: Question | SignedQuestion,
    first: ServerState,
    made: readonly Attempt[],
    unreachable: readonly Attempt[],
  ): Promise<Attempt | undefined> {
    const tries = [...made];
    const reachedTcp = tries.some(({ transport }) => transport === 'tcp');
    if (!this.#options.signal.aborted && !reachedTcp && !tries.some(isTruncated)) {
      const silent = tries.find(({ result }) => result.kind === 'timeout')?.state ?? first;
      tries.push(await this.#attempt(silent, question, 'tcp'));
    }
    const found = tries.find(isConclusive) ?? mostTelling(tries);
    return found?.result.kind === 'unreachable' ? { ...found, result: together(unreachable, found.result) } : found;
  }

  #attempt(state: ServerState, question: Question | SignedQuestion, transport: Transport): Promise<Attempt> {
    const { routeTo } = this.#options;
    // A question to a server that needs no route is sent at once.
    return routeTo === undefined
      ? this.#exchange(state, state.server, question, transport)
      : this.#attemptThrough(routeTo(state.server), state, question, transport);
  }

  async #attemptThrough(
    routing: Promise<DnsServer | NoRoute>,
    state: ServerState,
    question: Question | SignedQuestion,
    transport: Transport,
  ): Promise<Attempt> {
    const route = await routing;
    return 'detail' in route
      ? this.#noted(state, transport, { kind: 'unreachable', detail: route.detail })
      : this.#exchange(state, route, question, transport);
  }

  #exchange(
    state: ServerState,
    server: DnsServer,
    question: Question | SignedQuestion,
    transport: Transport,
  ): Promise<Attempt> {
    const options = this.#isWithoutSign() ? this.#hasty : this.#patient;
    const exchange = transport === 'udp' ? exchangeUdp : exchangeTcp;
    return exchange(server, question, options, (result) => this.#noted(state, transport, result));
  }

  /** Notes the result of a try in the history of the server. */
  #noted(state: ServerState, transport: Transport, result: TransportResult): Attempt {
    const { signal, upstreams } = this.#options;
    if (result.kind === 'reply') {
      state.replies += 1;
      state.retryAt = null;
      if (isAnswer(result.reply)) state.failuresInARow = 0;
      else upstreams.noteFailure(state);
    } else if (result.kind !== 'malformed' && !signal.aborted) {
      if (result.kind === 'timeout') state.silences += 1;
      upstreams.noteFailure(state);
    }
    if (transport === 'udp') state.isUnreachable = result.kind === 'unreachable';
    return { state, transport, result };
  }

  /**
   * @returns the servers that are not deaf (all servers when all are deaf), in the configured order. Those that are silent
   *   come after the others, and those that are unreachable come last.
   */
  #inOrder(): readonly ServerState[] {
    if (!this.#states.some(isHeldBack)) return this.#states;
    const usable = this.#states.filter((state) => !isDeaf(state));
    const asked = usable.length > 0 ? usable : this.#states;
    // The sort keeps the order of equal ones.
    return [...asked].sort((a, b) => delayOf(a) - delayOf(b));
  }
}

/** Tells whether the server is not asked in its place in the configured order. */
function isHeldBack(state: ServerState): boolean {
  return isDeaf(state) || delayOf(state) > 0;
}

/** @returns how far behind the configured order the server is asked. */
function delayOf({ isUnreachable, retryAt }: ServerState): number {
  return isUnreachable ? 2 : retryAt === null ? 0 : 1;
}

/**
 * The tries of one question, over the servers in order. When a server is unreachable, the next one is asked at once.
 */
class Tries {
  readonly unreachable: Attempt[] = [];
  readonly #waiting: ServerState[];
  readonly #signal: AbortSignal;
  readonly #ask: (state: ServerState) => Promise<Attempt>;
  /** The servers to which the question could be sent. */
  readonly #asked = new Set<ServerState>();
  /** The try at the first server, until it is waited for. */
  #begun: Promise<Attempt> | undefined;
  #isSettled = false;

  /** @param begun the try at the first server, which is under way. */
  constructor(
    servers: readonly ServerState[],
    signal: AbortSignal,
    begun: Promise<Attempt>,
    ask: (state: ServerState) => Promise<Attempt>,
  ) {
    this.#waiting = [...servers];
    this.#begun = begun;
    this.#signal = signal;
    this.#ask = ask;
  }

  /** The first server whose reply is waited for. */
  get pending(): ServerState | undefined {
    return [...this.#asked][0];
  }

  /** Asks the next server. Asks the first one again when no other is left. */
  async next(fallback: ServerState): Promise<Attempt> {
    const [again] = this.#asked;
    const state = this.#waiting.shift() ?? again ?? fallback;
    this.#asked.add(state);
    const attempt = this.#begun ?? this.#ask(state);
    this.#begun = undefined;
    const attempted = await attempt;
    if (attempted.result.kind !== 'unreachable') return attempted;
    this.#asked.delete(state);
    this.unreachable.push(attempted);
    const isLast = this.#waiting.length === 0 && this.#asked.size === 0;
    return this.#isSettled || isLast || this.#signal.aborted ? attempted : this.next(fallback);
  }

  /** Stops the tries: no further server is asked. */
  settle(): void {
    this.#isSettled = true;
  }
}

function isDeaf(state: ServerState): boolean {
  return state.replies === 0 && state.silences >= DEAF_AFTER;
}

/** @returns the reply of a try, or `undefined` when it got none. */
export function replyOf(attempt: Attempt | undefined): Reply | undefined {
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

/** Tells whether the reply answers the question. SERVFAIL and REFUSED do not: another server may still answer. */
function isConclusive(attempt: Attempt): boolean {
  const reply = replyOf(attempt);
  return reply !== undefined && !reply.truncated && isAnswer(reply);
}

function isAnswer({ rcode }: { readonly rcode: string }): boolean {
  return rcode === 'NOERROR' || rcode === 'NXDOMAIN';
}

function firstConclusive(attempts: readonly Promise<Attempt>[]): Promise<Attempt | undefined> {
  const conclusive = attempts.map(async (pending) => {
    const attempt = await pending;
    if (!isConclusive(attempt)) throw new Error('not conclusive');
    return attempt;
  });
  return Promise.any(conclusive).catch(() => undefined);
}

/** Picks the most informative failure: a reply first, then a malformed one, an unreachable server, and silence last. */
function mostTelling(attempts: readonly Attempt[]): Attempt | undefined {
  const rank = (attempt: Attempt): number =>
    ['reply', 'malformed', 'unreachable', 'timeout'].indexOf(attempt.result.kind);
  return [...attempts].sort((a, b) => rank(a) - rank(b))[0];
}

/** Joins the reasons why the servers could not be reached, each reason once. */
function together(attempts: readonly Attempt[], last: TransportResult & { kind: 'unreachable' }): TransportResult {
  const details = attempts.flatMap(({ result }) => (result.kind === 'unreachable' ? [result.detail] : []));
  return { ...last, detail: [...new Set([...details, last.detail])].join('; ') };
}

/**
 * Waits for `pending`, for at most `ms` milliseconds. Removes its timer when the value comes, because most questions are
 * answered long before their retry is due. The end of the run ends `pending`.
 *
 * @returns the value, or `undefined` when it did not come in time or `pending` rejected.
 */
function within<T>(ms: number, pending: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const settle = (value: T | undefined): void => {
      clearTimeout(timer);
      resolve(value);
    };
    const giveUp = (): void => settle(undefined);
    const timer = setTimeout(giveUp, ms);
    pending.then(settle, giveUp);
  });
}

/**
 * Waits for the first try, for at most `ms` milliseconds. It is one promise, because most questions need no more.
 *
 * @param otherwise gives the result when the try is not conclusive, or when it did not come in time.
 */
function conclusiveOr(
  ms: number,
  sent: Promise<Attempt>,
  otherwise: (offered: Attempt | undefined) => Promise<Attempt | undefined>,
): Promise<Attempt | undefined> {
  return new Promise((resolve) => {
    let isSettled = false;
    const settle = (offered: Attempt | undefined): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      resolve(offered !== undefined && isConclusive(offered) ? offered : otherwise(offered));
    };
    const giveUp = (): void => settle(undefined);
    const timer = setTimeout(giveUp, ms);
    sent.then(settle, giveUp);
  });
}
