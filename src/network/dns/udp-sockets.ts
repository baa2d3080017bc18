/**
 * The UDP sockets that the questions to one server share. Who wants to forge a reply must guess the source port and the
 * ID (RFC 5452 §9.2). So there are several sockets, each question takes one by chance, and a socket is soon replaced by
 * one with another random port. Each is connected, so the kernel drops packets from other addresses (RFC 5452 §9.1) and
 * tells when the server is unreachable.
 */
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { ipFamily } from '../ip.ts';
import { decodeReply, encodeQuery, type Question, type Reply, type SignedQuestion } from './message.ts';
import { type DnsServer, serverHost } from './servers.ts';

/** Sockets to one server that take new questions. More of them make a port harder to guess, and cost more. */
const SOCKETS_PER_SERVER = 8;
/** A socket takes no more questions than these. The next question opens another one. */
export const MAX_QUESTIONS_PER_SOCKET = 200;
/** Milliseconds after which a socket takes no new question. */
export const MAX_SOCKET_AGE_MS = 5000;
/**
 * Replies to other questions are ignored. This many of them mean that an attacker is guessing, so the socket is given up.
 */
const MAX_STRAY_REPLIES = 100;

/** A question that waits for its reply. */
export interface WaitingQuestion {
  readonly question: Question | SignedQuestion;
  /** Takes the reply, or `'malformed'` when it cannot be decoded, or `'strays'` when someone guesses at replies. */
  take(reply: Reply | 'malformed' | 'strays'): void;
  /** Takes the error of the socket, or a fault of mailcheck. */
  fail(error: unknown): void;
}

export interface UdpSocketsOptions {
  /** Sockets that take new questions. Each has a random port. */
  readonly places?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
  /** Called when no socket is open any more. */
  readonly onIdle?: () => void;
}

/** The sockets to one server. They are open only while a question waits. */
export class UdpSockets {
  readonly #server: DnsServer;
  readonly #now: () => number;
  readonly #onIdle: () => void;
  /** The sockets that take new questions. */
  readonly #places: (SharedSocket | undefined)[];
  /** Questions that wait, on all sockets. */
  #waiting = 0;
  /** The sockets with packets that are not sent yet. */
  readonly #unsent = new Set<SharedSocket>();

  constructor(
    server: DnsServer,
    { places = SOCKETS_PER_SERVER, now = () => performance.now(), onIdle = () => {} }: UdpSocketsOptions = {},
  ) {
    this.#server = server;
    this.#places = new Array(places).fill(undefined);
    this.#now = now;
    this.#onIdle = onIdle;
  }

  /**
   * Sends a question once, with the others of this turn. Calls one of the methods of `waiting` when it ends, unless the
   * caller ends it before.
   *
   * @returns the function that ends the question. The caller must call it once, whoever ended the question.
   */
  send(waiting: WaitingQuestion): () => void {
    const query = encodeQuery(0, waiting.question);
    const socket = this.#pick();
    const id = socket.take(waiting, query);
    this.#waiting += 1;
    // A server that sleeps must be woken for a packet, which takes about as long as sending it. So all go in one burst.
    if (this.#unsent.size === 0) setImmediate(this.#flush);
    this.#unsent.add(socket);
    return () => {
      this.#waiting -= 1;
      socket.forget(id);
      if (this.#waiting === 0) this.#closeAll();
    };
  }

  /** @returns one of the sockets by chance, or a new one in the place of one that has served its time. */
  #pick(): SharedSocket {
    const place = randomInt(this.#places.length);
    const now = this.#now();
    const known = this.#places[place];
    if (known?.isFresh(now)) return known;
    known?.retire();
    const opened = new SharedSocket(this.#server, now);
    this.#places[place] = opened;
    return opened;
  }

  readonly #flush = (): void => {
    for (const socket of this.#unsent) socket.flush();
    this.#unsent.clear();
  };

  #closeAll(): void {
    for (const socket of this.#places) socket?.retire();
    this.#places.fill(undefined);
    this.#onIdle();
  }
}

/** A socket with the questions that wait on it. */
class SharedSocket {
  readonly #socket: Socket;
  readonly #openedAt: number;
  readonly #waiting = new Map<number, WaitingQuestion>();
  #unsent: Buffer[] = [];
  /** The IDs of all questions. A late or second reply to one is no guess of an attacker. */
  readonly #ids = new Set<number>();
  #isConnected = false;
  #isRetired = false;
  #isOpen = true;
  #strays = 0;

  constructor(server: DnsServer, now: number) {
    this.#openedAt = now;
    const socket = createSocket(ipFamily(server.address) === 4 ? 'udp4' : 'udp6');
    this.#socket = socket;
    socket.on('error', this.#onError);
    socket.on('message', (bytes: Buffer) => this.#read(bytes));
    // A callback of `connect` also runs, with an error, when there is no route. The event occurs only after success.
    socket.on('connect', () => this.#onConnect());
    try {
      socket.connect(server.port, serverHost(server));
    } catch (error) {
      process.nextTick(this.#onError, error);
    }
  }

  /** @returns whether the socket takes a new question at this time. */
  isFresh(now: number): boolean {
    return this.#isOpen && this.#ids.size < MAX_QUESTIONS_PER_SOCKET && now - this.#openedAt < MAX_SOCKET_AGE_MS;
  }

  /** Gives the query an ID, and keeps it until the packets are sent. Returns the ID. */
  take(waiting: WaitingQuestion, query: Buffer): number {
    let id = randomInt(0x10000);
    while (this.#ids.has(id)) id = randomInt(0x10000);
    query.writeUInt16BE(id, 0);
    this.#ids.add(id);
    this.#waiting.set(id, waiting);
    this.#unsent.push(query);
    return id;
  }

  /** Forgets a question. A reply to it is then late. */
  forget(id: number): void {
    this.#waiting.delete(id);
    this.#closeIfDone();
  }

  /** Closes the socket as soon as nothing waits on it. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfDone();
  }

  /** Sends the packets that it keeps, as soon as the socket is connected. */
  flush(): void {
    if (!this.#isConnected) return;
    const queries = this.#unsent;
    this.#unsent = [];
    for (const query of queries) {
      if (this.#isOpen) this.#socket.send(query, this.#onSent);
    }
  }

  #closeIfDone(): void {
    if (this.#isRetired && this.#waiting.size === 0) this.#close();
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.close();
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.flush();
  }

  /** The error of an earlier packet may come with the next one that is sent (udp(7)), and then comes with no event. */
  readonly #onSent = (error: Error | null): void => {
    if (error !== null) this.#onError(error);
  };

  readonly #onError = (error: unknown): void => this.#endAll((waiting) => waiting.fail(error));

  /** Gives the socket up, with all questions that wait on it. */
  #endAll(end: (waiting: WaitingQuestion) => void): void {
    this.#close();
    for (const waiting of [...this.#waiting.values()]) end(waiting);
  }

  #read(bytes: Buffer): void {
    // A packet that was read before the socket was closed.
    if (!this.#isOpen) return;
    const id = bytes.length < 2 ? -1 : bytes.readUInt16BE(0);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      if (!this.#ids.has(id)) this.#noteStray();
      return;
    }
    try {
      const reply = decodeReply(bytes, id, waiting.question);
      if (reply === 'mismatch') this.#noteStray();
      else waiting.take(reply);
    } catch (error) {
      waiting.fail(error);
    }
  }

  #noteStray(): void {
    this.#strays += 1;
    if (this.#strays > MAX_STRAY_REPLIES) this.#endAll((waiting) => waiting.take('strays'));
  }
}
