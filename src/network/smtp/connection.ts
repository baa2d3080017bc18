/**
 * One SMTP connection as a client (RFC 5321). Nothing rejects: each operation resolves with a reply or with the one
 * failure that ended the session. Every wait has a deadline for the whole reply, not per byte, and the session has one
 * for its life, so a server that sends a byte per second holds nobody.
 */
import { connect as dialTcp, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { faultText, isSystemError, type OnFault } from '../fault.ts';
import { parseExtensions } from './extensions.ts';
import { socketFailure } from './failure.ts';
import { ReplyParser } from './reply.ts';
import { secure } from './tls.ts';
import type { TranscriptLog } from './transcript.ts';
import type {
  ReachResult,
  SmtpConnectResult,
  SmtpFailure,
  SmtpReply,
  SmtpResult,
  SmtpSession,
  SmtpTimings,
  StartTlsResult,
  TlsDetails,
  TlsOptions,
} from './types.ts';

/** Milliseconds. */
export interface SmtpTimeouts {
  readonly connectMs: number;
  /** RFC 5321 §4.5.3.2.1 lets a server take five minutes; the run's budget does not. */
  readonly greetingMs: number;
  readonly replyMs: number;
  /** After the end of a message, when content filters run (RFC 5321 §4.5.3.2.6). */
  readonly messageMs: number;
  readonly handshakeMs: number;
  readonly quitMs: number;
  /** The life of one connection, whatever happens in it. */
  readonly sessionMs: number;
}

export const DEFAULT_TIMEOUTS: SmtpTimeouts = {
  connectMs: 10_000,
  greetingMs: 60_000,
  replyMs: 30_000,
  messageMs: 60_000,
  handshakeMs: 15_000,
  quitMs: 2_000,
  sessionMs: 180_000,
};

/** Replies that nobody has asked for yet: the rest of a pipelined batch, at most. Beyond, the server is babbling. */
const MAX_UNREAD_REPLIES = 128;

/** Commands that may stand inside a pipelined group; any other must be its last (RFC 2920 §3.1). */
const MAY_BE_FOLLOWED = /^(?:MAIL FROM|RCPT TO|RSET\b|SEND FROM|SOML FROM|SAML FROM)/i;

export interface Dial {
  readonly host: string;
  readonly port: number;
  readonly transcript: TranscriptLog;
  readonly timeouts: SmtpTimeouts;
  readonly implicitTls?: TlsOptions;
  /** PEM certificates trusted besides the built-in roots. */
  readonly extraRoots: readonly string[];
  /** Registers what to do on abort; @returns the function that unregisters it. */
  onAbort(end: () => void): () => void;
  /** Whether so many more commands may be sent to this address. */
  mayCommand(cost: number): boolean;
  /** Called once, when the connection holds no resource any more. */
  onClosed(): void;
  /** Called with a fault of mailcheck itself. */
  readonly onFault: OnFault;
}

/** Connects, starts TLS first where that was asked for, and waits for the greeting. */
export async function openConnection(dial: Dial): Promise<SmtpConnectResult> {
  const connection = dialled(dial);
  if (!(connection instanceof Connection)) return connection;
  const started = performance.now();
  const failed = (failure: SmtpFailure, wasConnected = true): SmtpFailure => ({
    ...failure,
    elapsedMs: performance.now() - started,
    connected: wasConnected,
  });
  const refused = await connection.established();
  if (refused) return failed(refused, false);
  const connected = performance.now();
  const insecure = dial.implicitTls ? await connection.handshake(dial.implicitTls) : null;
  if (insecure) return failed(insecure);
  const result = await connection.greet();
  if (result.status !== 'reply') return failed(result);
  connection.timings = { connectMs: connected - started, greetingMs: performance.now() - connected };
  return { status: 'connected', session: connection };
}

/** Connects, and closes without a word. */
export async function reachPort(dial: Dial): Promise<ReachResult> {
  const connection = dialled(dial);
  if (!(connection instanceof Connection)) return { ...connection, elapsedMs: 0 };
  const started = performance.now();
  const refused = await connection.established();
  const connectMs = performance.now() - started;
  await connection.close();
  return refused ? { ...refused, elapsedMs: connectMs } : { status: 'connected', connectMs };
}

/** Node throws for what it does not even try to connect to. */
function dialled(dial: Dial): Connection | SmtpFailure {
  try {
    return new Connection(dial, dialTcp({ host: dial.host, port: dial.port, noDelay: true }));
  } catch (error) {
    dial.onClosed();
    const failure = isSystemError(error) ? socketFailure(error) : brokenOff(dial, error);
    return { ...failure, elapsedMs: 0, connected: false };
  }
}

/** A fault of mailcheck itself says nothing of the server: the session ends as if the run had been cut short. */
function brokenOff({ onFault }: Pick<Dial, 'onFault'>, error: unknown): SmtpFailure {
  onFault('the SMTP client', error);
  return { status: 'aborted', detail: `mailcheck broke off by a fault of its own (${faultText(error)})` };
}

class Connection implements SmtpSession {
  readonly transcript: TranscriptLog;
  greeting: SmtpReply = { code: 0, enhanced: null, lines: [] };
  extensions: ReadonlyMap<string, string> = new Map();
  tls: TlsDetails | null = null;
  timings: SmtpTimings = { connectMs: 0, greetingMs: 0 };

  readonly #dial: Dial;
  readonly #tcp: Socket;
  #secured: TLSSocket | null = null;
  #parser = new ReplyParser();
  /** Arrived, not yet asked for. */
  #unread: SmtpReply[] = [];
  /** After STARTTLS, what comes behind the reply is not part of the dialogue, whatever it is (RFC 3207 §4.2). */
  #isUpgrading = false;
  #stray: SmtpFailure | null = null;
  #failure: SmtpFailure | null = null;
  /** Whoever waits for the connection, a handshake or a reply is woken through this. */
  #wake: (() => void) | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #stopReading: () => void;
  readonly #closed: Promise<void>;
  readonly #cleanUp: () => void;

  constructor(dial: Dial, tcp: Socket) {
    this.#dial = dial;
    this.transcript = dial.transcript;
    const stopListening = dial.onAbort(() => this.#fail({ status: 'aborted', detail: 'the run was cut short' }));
    const lifetime = setTimeout(() => {
      this.#fail({ status: 'timeout', detail: `the session took longer than ${dial.timeouts.sessionMs} ms` });
    }, dial.timeouts.sessionMs);
    this.#cleanUp = () => {
      clearTimeout(lifetime);
      stopListening();
    };
    this.#tcp = tcp;
    this.#stopReading = this.#listen(this.#tcp);
    this.#closed = new Promise((resolve) => {
      this.#tcp.once('close', () => {
        // A TLS socket on top closes with it; by now the failure that caused it is known.
        this.#fail({ status: 'closed', detail: 'connection closed' });
        this.#cleanUp();
        dial.onClosed();
        resolve();
      });
    });
  }

  get #socket(): Socket | TLSSocket {
    return this.#secured ?? this.#tcp;
  }

  /** @returns the failure, or `null` once connected. */
  async established(): Promise<SmtpFailure | null> {
    await this.#until(() => !this.#tcp.connecting, this.#dial.timeouts.connectMs, 'no connection');
    return this.#failure;
  }

  async greet(): Promise<SmtpResult> {
    const result = await this.#reply(this.#dial.timeouts.greetingMs, 'no greeting');
    if (result.status === 'reply') this.greeting = result.reply;
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
    assertLines(lines);
    const early = lines.slice(0, -1).find((line) => !MAY_BE_FOLLOWED.test(line));
    if (early !== undefined) throw new RangeError(`"${early}" must be the last command of a pipelined group`);
    return this.#exclusively(async () => {
      const results: SmtpResult[] = [];
      if (!this.extensions.has('PIPELINING')) {
        for (const line of lines) results.push(await this.#exchange(line));
        return results;
      }
      const interrupted = this.#send(lines);
      if (interrupted) return lines.map(() => interrupted);
      for (const line of lines)
        results.push(await this.#reply(this.#dial.timeouts.replyMs, `no reply to ${verb(line)}`));
      return results;
    });
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
      const answer = await this.#exchange('STARTTLS');
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
      return { status: 'secured', tls: this.tls, plaintextAfterReply };
    });
  }

  /** @returns the failure, or `null` once the socket is secured and `tls` is set. */
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
    // A late error of a destroyed TLS socket concerns nobody, but unheard it would end the process.
    this.#secured.on('error', () => {});
    const patience = options.timeoutMs ?? this.#dial.timeouts.handshakeMs;
    await this.#until(() => this.tls !== null, patience, 'the TLS handshake did not finish');
    if (this.tls) this.transcript.add('note', `TLS: ${this.tls.protocol} ${this.tls.cipher}`);
    return this.#failure;
  }

  /** Starts the handshake; its outcome wakes whoever waits for it. */
  #secure(options: TlsOptions): TLSSocket {
    return secure(this.#tcp, options, this.#dial.extraRoots, (outcome) => {
      if ('tls' in outcome) {
        this.tls = outcome.tls;
        if (this.#secured) this.#stopReading = this.#listen(this.#secured);
        this.#wake?.();
      } else {
        this.#fail('fault' in outcome ? brokenOff(this.#dial, outcome.fault) : outcome);
      }
    });
  }

  async quit(): Promise<void> {
    if (!this.#failure && this.#wake === null && !this.#send(['QUIT'])) {
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
   * Writes the lines; @returns what prevents it. A reply that was there before its command is either a farewell (421
   * may come at any time, RFC 5321 §3.8) or the dialogue is out of step, where every further reply would be credited to
   * the wrong command.
   */
  #send(lines: readonly string[], cost = lines.length): SmtpResult | null {
    const early = this.#unread.shift();
    if (early?.code === 421) return { status: 'reply', reply: early };
    if (early) this.#fail({ status: 'malformed', detail: `a reply (${early.code}) that no command asked for` });
    const isFarewell = lines[0] === 'QUIT';
    if (!this.#failure && !isFarewell && !this.#dial.mayCommand(cost)) {
      return { status: 'capped', detail: 'no more commands to this address' };
    }
    if (this.#failure) return this.#failure;
    for (const line of lines) this.transcript.add('client', line);
    this.#socket.write(`${lines.join('\r\n')}\r\n`, 'latin1');
    return null;
  }

  /** The next reply in order; those that arrived before the connection failed still count. */
  async #reply(timeoutMs: number, complaint: string): Promise<SmtpResult> {
    await this.#until(() => this.#unread.length > 0, timeoutMs, complaint);
    const reply = this.#unread.shift();
    if (reply) return { status: 'reply', reply };
    return this.#failure ?? { status: 'timeout', detail: complaint };
  }

  /** Waits until `reached` or failure; past the deadline the session fails with the complaint. */
  async #until(reached: () => boolean, timeoutMs: number, complaint: string): Promise<void> {
    if (reached() || this.#failure) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(
        () => this.#fail({ status: 'timeout', detail: `${complaint} within ${timeoutMs} ms` }),
        timeoutMs,
      );
      this.#wake = () => {
        if (!reached() && !this.#failure) return;
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  /** One operation at a time, in the order asked for. */
  #exclusively<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(operation);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** @returns the function that leaves the socket's data to another reader. */
  #listen(socket: Socket): () => void {
    const onData = (chunk: Buffer) => {
      try {
        this.#read(chunk);
      } catch (error) {
        // Thrown from an event, it would end the process.
        this.#fail(brokenOff(this.#dial, error));
      }
    };
    const onEnd = () => {
      const when = this.#parser.midReply ? 'in the middle of a reply' : 'where a reply was due';
      this.#fail({ status: 'closed', detail: `the server closed the connection ${when}` });
    };
    socket.once('connect', () => this.#wake?.());
    socket.on('error', (error) => this.#fail(socketFailure(error)));
    socket.on('data', onData).on('end', onEnd);
    return () => {
      socket.off('data', onData).off('end', onEnd);
    };
  }

  #read(chunk: Buffer): void {
    if (this.#failure) return;
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
    this.#wake?.();
  }

  /** Ends the session; the first failure is the one everybody is told. */
  #fail(failure: SmtpFailure): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.transcript.add('note', `${failure.status}: ${failure.detail}`);
    this.#secured?.destroy();
    this.#tcp.destroy();
    this.#wake?.();
  }
}

/** The command's verb, for a complaint that must not quote addresses. */
function verb(line: string): string {
  return /^(?:MAIL FROM|RCPT TO|\S+)/i.exec(line)?.[0] ?? line;
}

/**
 * What is sent may hold names that came from the network; a line break in one would smuggle in a command.
 *
 * @throws RangeError
 */
export function assertLines(lines: readonly string[]): void {
  const broken = lines.find((line) => /[\r\n\0]/.test(line));
  if (broken !== undefined) throw new RangeError(`not one line: ${JSON.stringify(broken)}`);
}
