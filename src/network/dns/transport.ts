/**
 * Sends one question to one server over UDP or TCP, and waits for the reply. Each query has a random ID. Over UDP the
 * questions under way share a few sockets (udp-sockets.ts). Over TCP each has its own connection.
 */

import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import type { WhenAborted } from '../abort-listeners.ts';
import { faultText, isSystemError, type OnFault } from '../fault.ts';
import { RUN_ENDED } from './answer.ts';
import { decodeReply, encodeQuery, type Question, type Reply, type SignedQuestion } from './message.ts';
import { type DnsServer, serverHost } from './servers.ts';
import type { WaitingQuestion } from './udp-sockets.ts';
import { unreachableReason } from './unreachable.ts';
import type { Upstreams } from './upstreams.ts';

export type TransportResult =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'timeout'; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'malformed'; readonly detail: string };

export type Transport = 'udp' | 'tcp';

export interface ExchangeOptions {
  readonly timeoutMs: number;
  /** Ends the exchange early. */
  readonly signal: AbortSignal;
  /** Registers what to call when the signal aborts. Returns the function that unregisters it. */
  readonly whenAborted: WhenAborted;
  /** Receives each fault of mailcheck itself. */
  readonly onFault: OnFault;
  /** Has the UDP sockets. */
  readonly upstreams: Upstreams;
}

/** One exchange. It ends with its first result, at its deadline, or at the end of the run. */
class Exchange implements WaitingQuestion {
  readonly server: DnsServer;
  readonly question: Question | SignedQuestion;
  readonly options: ExchangeOptions;
  readonly #end: (result: TransportResult) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #unregister: () => void;
  #cleanUp: (() => void) | undefined;
  #isSettled = false;

  constructor(
    server: DnsServer,
    question: Question | SignedQuestion,
    options: ExchangeOptions,
    end: (result: TransportResult) => void,
  ) {
    this.server = server;
    this.question = question;
    this.options = options;
    this.#end = end;
    this.#timer = setTimeout(endLate, options.timeoutMs, this);
    this.#unregister = options.whenAborted(() => this.#cutOff());
  }

  /** Runs `start`, whose clean-up function is called when the exchange ends. */
  begin(start: Start): void {
    try {
      this.#cleanUp = start(this);
    } catch (error) {
      this.fail(error);
    }
    if (this.#isSettled) this.#cleanUp?.();
  }

  /** Ends the exchange with this result. Later results are ignored. */
  settle(result: TransportResult): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#unregister();
    this.#cleanUp?.();
    this.#end(result);
  }

  /** Ends an exchange over UDP with the reply, or without a usable one. */
  take(reply: Reply | 'malformed' | 'strays'): void {
    this.settle(typeof reply === 'string' ? UNREADABLE[reply] : { kind: 'reply', reply });
  }

  /** Ends the exchange at the end of the run. */
  #cutOff(): void {
    this.settle({ kind: 'timeout', detail: `${RUN_ENDED} a reply came` });
  }

  /** Ends the exchange without a reply in time. */
  timeOut(): void {
    this.settle({ kind: 'timeout', detail: `no reply within ${this.options.timeoutMs} ms` });
  }

  /** Ends the exchange: as unreachable for a system error, as malformed for a fault of mailcheck itself. */
  fail(error: unknown): void {
    this.settle(
      isSystemError(error)
        ? { kind: 'unreachable', detail: unreachableReason(this.server, error) }
        : brokenOff(this.options.onFault, error),
    );
  }

  /** @returns a listener whose errors end this exchange instead of the process. */
  guarded<A extends readonly unknown[]>(listener: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        listener(...args);
      } catch (error) {
        this.fail(error);
      }
    };
  }
}

/** Begins an exchange. Returns the function that cleans up after it. */
type Start = (exchange: Exchange) => () => void;

const endLate = (exchange: Exchange): void => exchange.timeOut();

/**
 * Runs `start` with a deadline. Always calls the clean-up function that `start` returned when the exchange ends, and
 * removes its own timer and listener.
 *
 * @returns what `finish` makes of the result. Never rejects.
 */
function bounded<T>(
  server: DnsServer,
  question: Question | SignedQuestion,
  options: ExchangeOptions,
  finish: (result: TransportResult) => T,
  start: Start,
): Promise<T> {
  return new Promise((resolve) => {
    if (options.signal.aborted) resolve(finish({ kind: 'timeout', detail: `${RUN_ENDED} the query was sent` }));
    else new Exchange(server, question, options, (result) => resolve(finish(result))).begin(start);
  });
}

/** Reports a fault of mailcheck itself to `onFault`, and returns a result that counts as no answer. */
export function brokenOff(onFault: OnFault, error: unknown): TransportResult & { readonly kind: 'malformed' } {
  onFault('the DNS client', error);
  return { kind: 'malformed', detail: `mailcheck could not read the answer (${faultText(error)})` };
}

/**
 * Sends one question over UDP (RFC 1035 §4.2.1), on one of the sockets to its server. Sends it once.
 *
 * @returns what `finish` makes of the result. Never rejects.
 */
export function exchangeUdp<T>(
  server: DnsServer,
  question: Question | SignedQuestion,
  options: ExchangeOptions,
  finish: (result: TransportResult) => T,
): Promise<T> {
  return bounded(server, question, options, finish, overUdp);
}

const overUdp: Start = (exchange) => exchange.options.upstreams.socketsTo(exchange.server).send(exchange);

const UNREADABLE = {
  malformed: { kind: 'malformed', detail: 'the reply cannot be decoded' },
  strays: { kind: 'malformed', detail: 'replies to another question' },
} as const;

/**
 * Sends one question to one server over TCP, with the two-octet length prefix (RFC 1035 §4.2.2).
 *
 * @returns what `finish` makes of the result. Never rejects.
 */
export function exchangeTcp<T>(
  server: DnsServer,
  question: Question | SignedQuestion,
  options: ExchangeOptions,
  finish: (result: TransportResult) => T,
): Promise<T> {
  return bounded(server, question, options, finish, overTcp);
}

const overTcp: Start = (exchange) => {
  const { server, question } = exchange;
  const id = randomInt(0x10000);
  const query = encodeQuery(id, question);
  const socket = connect({ host: serverHost(server), port: server.port, noDelay: true });
  let received = Buffer.alloc(0);
  socket.on('error', (error) => exchange.fail(error));
  socket.on('close', () =>
    exchange.settle({ kind: 'unreachable', detail: 'the server closed the TCP connection without a reply' }),
  );
  socket.on('connect', () => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
  socket.on(
    'data',
    exchange.guarded((chunk: Buffer) => {
      // The two-octet length limits the buffer to 64 KiB and one chunk.
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const length = received.readUInt16BE(0);
      if (received.length < length + 2) return;
      const reply = decodeReply(received.subarray(2, length + 2), id, question);
      exchange.settle(
        typeof reply === 'string'
          ? { kind: 'malformed', detail: 'the reply over TCP does not fit the question' }
          : { kind: 'reply', reply },
      );
    }),
  );
  return () => socket.destroy();
};
