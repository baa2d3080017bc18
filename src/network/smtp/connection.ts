/**
 * One SMTP connection of a client (RFC 5321). No operation rejects for what the server does. Each operation resolves
 * with a reply, or with the failure that ended the session. Each wait has a deadline for the whole reply, not for each
 * byte, and the session has a deadline too. So a server that sends one byte per second cannot delay the run.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { brokenOff, type Dial } from './dial.ts';
import { parseExtensions } from './extensions.ts';
import { socketFailure } from './failure.ts';
import { assertGroup, assertLines, endsInHello, verb } from './lines.ts';
import type { Visit } from './presence.ts';
import { ReplyParser } from './reply.ts';
import { secure } from './tls.ts';
import type { TranscriptLog } from './transcript.ts';
import type {
  SmtpFailure,
  SmtpFailureStatus,
  SmtpReply,
  SmtpResult,
  SmtpSession,
  SmtpTimings,
  StartTlsResult,
  TlsDetails,
  TlsOptions,
} from './types.ts';
import { Wait } from './wait.ts';

/** Largest number of unread replies. An honest server has at most the replies to one pipelined group outstanding. */
const MAX_UNREAD_REPLIES = 128;

/** Number of the first bytes of a server that are kept. They tell what a service is that is no mail server. */
const MAX_HEARD = 80;

/** A command that no server knows. */
const UNKNOWN_COMMAND = 'XMAILCHECK';

/** The ends by which a server hangs up. */
const HUNG_UP: readonly SmtpFailureStatus[] = ['closed', 'reset'];

/** One connection, from dialling to its end. */
export class Connection implements SmtpSession {
  readonly transcript: TranscriptLog;
  greeting: SmtpReply = { code: 0, enhanced: null, lines: [] };
  extensions: ReadonlyMap<string, string> = new Map();
  tls: TlsDetails | null = null;
  timings: SmtpTimings = { connectMs: 0, greetingMs: 0 };

  readonly #dial: Dial;
  readonly #tcp: Socket;
  #secured: TLSSocket | null = null;
  #parser = new ReplyParser();
  /** Replies that have arrived but have not been read yet. */
  #unread: SmtpReply[] = [];
  /** The first bytes of the server as latin1, at most `MAX_HEARD`. */
  heard = '';
  /** Resolves when the server has said something, or when this client has ended the connection. */
  readonly spoken: Promise<null>;
  readonly #speak: () => void;
  /** Whether STARTTLS is in progress. Plaintext after its reply is not part of the dialogue (RFC 3207 §4.2). */
  #isUpgrading = false;
  #stray: SmtpFailure | null = null;
  #failure: SmtpFailure | null = null;
  readonly #wait: Wait;
  readonly #visit: Visit | undefined;
  #hasQuit = false;
  #turn: Promise<unknown> = Promise.resolve();
  #stopReading: () => void;
  readonly #closed: Promise<void>;

  readonly #began = performance.now();

  constructor(dial: Dial, tcp: Socket) {
    this.#dial = dial;
    let speak = () => {};
    this.spoken = new Promise((resolve) => {
      speak = () => resolve(null);
    });
    this.#speak = speak;
    this.transcript = dial.transcript;
    this.#visit = dial.presence?.visit();
    const stopListening = dial.onAbort(() => this.#fail({ status: 'aborted', detail: 'the run was cut short' }));
    const waiting = {
      id: dial.transcript.id,
      presence: dial.presence,
      hasEnded: () => this.hasEnded,
      isOneTooMany: () => dial.isBeside === true && this.greeting.code === 0 && this.heard === '',
      end: (failure: SmtpFailure) => this.#fail(failure),
      breakOff: (error: unknown) => this.#fail(brokenOff(dial, error)),
    };
    this.#wait = new Wait(waiting, dial.timeouts.sessionMs);
    this.#tcp = tcp;
    this.#stopReading = this.#listen(this.#tcp);
    this.#closed = new Promise((resolve) => {
      this.#tcp.once('close', () => {
        // The TLS socket closes together with the TCP socket. A failure that caused this is already recorded.
        this.#fail({ status: 'closed', detail: 'connection closed' });
        this.#wait.stop();
        stopListening();
        this.#visit?.close();
        dial.onClosed();
        resolve();
      });
    });
  }

  get #socket(): Socket | TLSSocket {
    return this.#secured ?? this.#tcp;
  }

  /**
   * Waits for the TCP connection.
   *
   * @returns the failure, or `null` when it is established.
   */
  async established(): Promise<SmtpFailure | null> {
    await this.#until(() => !this.#tcp.connecting, this.#dial.timeouts.connectMs, 'no connection');
    return this.#failure;
  }

  /**
   * Waits for the first byte of the server, or for the end of the connection.
   *
   * @returns whether the server has said nothing until then. The connection stays open at the deadline.
   */
  async saysNothingFor(timeoutMs: number): Promise<boolean> {
    await this.#wait.within(() => this.heard !== '', timeoutMs);
    return this.isSilent;
  }

  /** Whether the server has said nothing until now, and nothing but the server has ended the connection. */
  get isSilent(): boolean {
    return this.heard === '' && (this.#failure === null || HUNG_UP.includes(this.#failure.status));
  }

  get hasEnded(): boolean {
    return this.#failure !== null;
  }

  async greet(): Promise<SmtpResult> {
    const { silenceMs, greetingMs } = this.#dial.timeouts;
    const restMs = silenceMs - (performance.now() - this.#began);
    if (silenceMs < greetingMs && !(await this.#wait.within(() => this.heard !== '', Math.max(0, restMs)))) {
      this.#fail({ status: 'timeout', detail: `not a byte within ${silenceMs} ms` });
    }
    const result = await this.#reply(this.#dial.timeouts.greetingMs, 'no greeting');
    if (result.status !== 'reply') return result;
    this.greeting = result.reply;
    if (result.reply.code < 400) this.#visit?.welcome();
    return result;
  }

  hello(name: string): Promise<SmtpResult> {
    assertLines([name]);
    return this.#exclusively(async () => {
      this.extensions = new Map();
      const extended = await this.#exchange(`EHLO ${name}`);
      if (extended.status !== 'reply') return extended;
      if (extended.reply.code === 250) this.extensions = parseExtensions(extended.reply);
      const isUnknown = extended.reply.code >= 500;
      return isUnknown ? this.#exchange(`HELO ${name}`) : extended;
    });
  }

  command(line: string, timeoutMs = this.#dial.timeouts.replyMs): Promise<SmtpResult> {
    assertLines([line]);
    return this.#exclusively(() => this.#exchange(line, timeoutMs));
  }

  pipeline(lines: readonly string[]): Promise<readonly SmtpResult[]> {
    assertGroup(lines);
    return this.#exclusively(async () => {
      const results = this.extensions.has('PIPELINING') ? await this.#atOnce(lines) : await this.#inTurn(lines);
      if (endsInHello(lines)) {
        const last = results.at(-1);
        const isTaken = last?.status === 'reply' && last.reply.code === 250;
        this.extensions = isTaken ? parseExtensions(last.reply) : new Map();
      }
      return results;
    });
  }

  async #atOnce(lines: readonly string[]): Promise<readonly SmtpResult[]> {
    const interrupted = this.#send(lines);
    if (interrupted) return lines.map(() => interrupted);
    const results: SmtpResult[] = [];
    for (const line of lines) results.push(await this.#reply(this.#patienceFor(line), `no reply to ${verb(line)}`));
    return results;
  }

  async #inTurn(lines: readonly string[]): Promise<readonly SmtpResult[]> {
    const results: SmtpResult[] = [];
    for (const line of lines) results.push(await this.#exchange(line, this.#patienceFor(line)));
    return results;
  }

  #patienceFor(line: string): number {
    const { quitMs, replyMs } = this.#dial.timeouts;
    return line === 'QUIT' ? quitMs : replyMs;
  }

  message(lines: readonly string[], timeoutMs = this.#dial.timeouts.messageMs): Promise<SmtpResult> {
    assertLines(lines);
    return this.#exclusively(async () => {
      const stuffed = lines.map((line) => (line.startsWith('.') ? `.${line}` : line));
      const interrupted = this.#send([...stuffed, '.'], 1);
      return interrupted ?? this.#reply(timeoutMs, 'no reply to the message');
    });
  }

  startTls(options: TlsOptions = {}): Promise<StartTlsResult> {
    return this.#exclusively(async (): Promise<StartTlsResult> => {
      this.#isUpgrading = true;
      const lines = options.injects ? ['STARTTLS', 'NOOP'] : ['STARTTLS'];
      const answer = this.#send(lines) ?? (await this.#reply(this.#dial.timeouts.replyMs, 'no reply to STARTTLS'));
      this.#isUpgrading = false;
      if (answer.status !== 'reply') return answer;
      if (answer.reply.code !== 220) {
        if (this.#stray) this.#fail(this.#stray);
        return { status: 'declined', reply: answer.reply };
      }
      const plaintextAfterReply = this.#unread.length > 0 || this.#parser.midReply || this.#stray !== null;
      if (plaintextAfterReply) this.transcript.add('note', 'more plaintext came behind the 220; discarded');
      this.extensions = new Map();
      const failure = await this.handshake(options);
      if (failure || !this.tls) return failure ?? { status: 'tls-failed', detail: 'no handshake' };
      const executed = options.injects ? await this.#executesInjected() : null;
      const told = executed === null ? {} : { executed };
      return { status: 'secured', tls: this.tls, plaintextAfterReply, ...told };
    });
  }

  /**
   * Tells behind the handshake whether the server executes a NOOP that came with STARTTLS. A command that no server knows
   * follows twice. If the server executes the NOOP, its reply comes first, and the refusals come one reply late.
   *
   * @returns `null` when the server did not answer.
   */
  async #executesInjected(): Promise<boolean | null> {
    const replies: number[] = [];
    for (let step = 0; step < 2; step += 1) {
      if (this.#failure || !this.#dial.mayCommand(1)) return null;
      this.transcript.add('client', UNKNOWN_COMMAND);
      this.#socket.write(`${UNKNOWN_COMMAND}\r\n`, 'latin1');
      const result = await this.#reply(this.#dial.timeouts.replyMs, `no reply to ${UNKNOWN_COMMAND}`);
      if (result.status !== 'reply') return null;
      replies.push(result.reply.code);
    }
    const [first = 0, second = 0] = replies;
    return first < 300 && second >= 500;
  }

  /**
   * Runs a TLS handshake.
   *
   * @returns the failure, or `null` when it has succeeded and `tls` is set.
   */
  async handshake(options: TlsOptions): Promise<SmtpFailure | null> {
    if (this.#failure) return this.#failure;
    this.#stopReading();
    this.#unread = [];
    this.#parser = new ReplyParser();
    try {
      this.#secured = this.#secure(options);
    } catch (error) {
      this.#fail(brokenOff(this.#dial, error));
      return this.#failure;
    }
    // A destroyed TLS socket may still emit an error. Without a listener that error would end the process.
    this.#secured.on('error', () => {});
    const patience = options.timeoutMs ?? this.#dial.timeouts.handshakeMs;
    await this.#until(() => this.tls !== null, patience, 'the TLS handshake did not finish');
    if (this.tls) this.transcript.add('note', `TLS: ${this.tls.protocol} ${this.tls.cipher}`);
    return this.#failure;
  }

  /** Starts the handshake. Its outcome resumes the operation that waits for it. */
  #secure(options: TlsOptions): TLSSocket {
    return secure(this.#tcp, options, this.#dial.extraRoots, (outcome) => {
      if ('tls' in outcome) {
        this.tls = outcome.tls;
        if (this.#secured) this.#stopReading = this.#listen(this.#secured);
        this.#wait.wake();
      } else {
        this.#fail('fault' in outcome ? brokenOff(this.#dial, outcome.fault) : outcome);
      }
    });
  }

  async quit(): Promise<void> {
    if (!this.#failure && !this.#wait.isBusy && !this.#hasQuit && !this.#send(['QUIT'])) {
      await this.#reply(this.#dial.timeouts.quitMs, 'no reply to QUIT');
    }
    await this.close();
  }

  async close(): Promise<void> {
    this.#fail({ status: 'closed', detail: 'the session was ended' });
    await this.#closed;
  }

  async #exchange(line: string, timeoutMs = this.#dial.timeouts.replyMs): Promise<SmtpResult> {
    return this.#send([line]) ?? this.#reply(timeoutMs, `no reply to ${verb(line)}`);
  }

  /**
   * Writes the lines. First checks for a reply that arrived before its command. Reply 421 may arrive at any time
   * (RFC 5321 §3.8). Any other early reply ends the session, because the client would assign every later reply to the
   * wrong command.
   *
   * @returns the result when the lines must not be sent, or `null` when they were sent.
   */
  #send(lines: readonly string[], cost = lines.length): SmtpResult | null {
    const early = this.#unread.shift();
    if (early?.code === 421) return { status: 'reply', reply: early };
    if (early) this.#fail({ status: 'malformed', detail: `a reply (${early.code}) that no command asked for` });
    if (!this.#failure && lines[0] !== 'QUIT' && !this.#dial.mayCommand(cost)) {
      return { status: 'capped', detail: 'no more commands to this address' };
    }
    if (this.#failure) return this.#failure;
    if (lines.at(-1) === 'QUIT') {
      this.#hasQuit = true;
      // A server that is silent to a group has not heard the QUIT in it either.
      if (lines.length === 1) this.#visit?.leave();
    }
    for (const line of lines) this.transcript.add('client', line);
    this.#socket.write(`${lines.join('\r\n')}\r\n`, 'latin1');
    return null;
  }

  /** Waits for the next reply. Replies that arrived before the connection failed are still returned. */
  async #reply(timeoutMs: number, complaint: string): Promise<SmtpResult> {
    const started = performance.now();
    await this.#until(() => this.#unread.length > 0, timeoutMs, complaint);
    const reply = this.#unread.shift();
    if (reply) {
      this.#dial.presence?.answer(performance.now() - started);
      return { status: 'reply', reply };
    }
    return this.#failure ?? { status: 'timeout', detail: complaint };
  }

  /** Waits until `reached` is true or the session fails. The session fails with `complaint` at the deadline. */
  async #until(reached: () => boolean, timeoutMs: number, complaint: string): Promise<void> {
    const inTime = await this.#wait.within(reached, timeoutMs);
    if (inTime) return;
    this.#fail({ status: 'timeout', detail: `${complaint} within ${Math.round(timeoutMs)} ms` });
    if (this.#wait.isDoubtful) await this.#reconsider();
  }

  /** Finds out, once this connection is over, whether it was silent because the host does not answer this client. */
  async #reconsider(): Promise<void> {
    const gone = await this.#dial.presence?.check(this.transcript.id).catch((error) => brokenOff(this.#dial, error));
    if (!gone) return;
    this.#failure = gone;
    this.transcript.add('note', `${gone.status}: ${gone.detail}`);
  }

  /** Runs one operation at a time, in the order of the calls. */
  #exclusively<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(operation);
    this.#turn = result.catch(() => {});
    return result;
  }

  /**
   * Reads from a socket.
   *
   * @returns the function that stops reading, so that another reader can take over.
   */
  #listen(socket: Socket): () => void {
    const onData = (chunk: Buffer) => {
      try {
        this.#read(chunk);
      } catch (error) {
        // An error thrown in an event listener would end the process.
        this.#fail(brokenOff(this.#dial, error));
      }
    };
    const onEnd = () => {
      const when = this.#parser.midReply ? 'in the middle of a reply' : 'where a reply was due';
      this.#fail({ status: 'closed', detail: `the server closed the connection ${when}` });
    };
    socket.once('connect', () => this.#wait.wake());
    socket.on('error', (error) => this.#fail(socketFailure(error)));
    socket.on('data', onData).on('end', onEnd);
    return () => {
      socket.off('data', onData).off('end', onEnd);
    };
  }

  #read(chunk: Buffer): void {
    if (this.#failure) return;
    this.#wait.arrive();
    const room = MAX_HEARD - this.heard.length;
    if (room > 0) this.heard += chunk.toString('latin1', 0, room);
    this.#speak();
    for (const event of this.#parser.feed(chunk)) {
      if (event.kind === 'error') {
        this.transcript.add('server', event.excerpt);
        const failure: SmtpFailure = { status: event.status, detail: event.detail };
        if (this.#isUpgrading && this.#unread.length > 0) this.#stray = failure;
        else this.#fail(failure);
        break;
      }
      const { code, lines } = event.reply;
      lines.forEach((text, index) => {
        this.transcript.add('server', `${code}${index < lines.length - 1 ? '-' : ' '}${text}`);
      });
      this.#unread.push(event.reply);
      if (this.#unread.length > MAX_UNREAD_REPLIES) {
        this.#fail({ status: 'malformed', detail: 'replies that no command asked for' });
        return;
      }
    }
    this.#wait.wake();
  }

  /** Ends the session. All pending and later operations get the first failure. */
  #fail(failure: SmtpFailure): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#visit?.leave();
    if (!this.isSilent) this.#speak();
    this.transcript.add('note', `${failure.status}: ${failure.detail}`);
    this.#secured?.destroy();
    this.#tcp.destroy();
    this.#wait.wake();
  }
}
