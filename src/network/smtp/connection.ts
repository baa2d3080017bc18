/**
 * One SMTP connection of a client (RFC 5321). No operation rejects for what the server does. Each operation resolves
 * with a reply, or with the failure that ended the session. Each wait has a deadline for the whole reply, not for each
 * byte, and the session has a deadline too. So a server that sends one byte per second cannot delay the run.
 */
import { connect as dialTcp, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { faultText, isSystemError, type OnFault } from '../fault.ts';
import { parseExtensions } from './extensions.ts';
import { socketFailure } from './failure.ts';
import { type Presence, QUIET_MS } from './presence.ts';
import { ReplyParser } from './reply.ts';
import { attributed } from './route.ts';
import { secure } from './tls.ts';
import type { TranscriptLog } from './transcript.ts';
import { type Trial, whatWaitsFor } from './trial.ts';
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

/** Deadlines of a connection, all in milliseconds. */
export interface SmtpTimeouts {
  readonly connectMs: number;
  /** RFC 5321 §4.5.3.2.1 allows a server five minutes, but a run has less time. */
  readonly greetingMs: number;
  /** Deadline for the first byte of the greeting. Servers that let a client wait on purpose do so for 30 s at most. */
  readonly silenceMs: number;
  /** Time without a byte after which the client tries what the server waits for. The connection stays open meanwhile. */
  readonly patienceMs: number;
  /** Deadline for the answer to one such trial. */
  readonly trialMs: number;
  readonly replyMs: number;
  /** Deadline for the reply to a message, during which content filters run (RFC 5321 §4.5.3.2.6). */
  readonly messageMs: number;
  readonly handshakeMs: number;
  readonly quitMs: number;
  /** Deadline for the whole connection. */
  readonly sessionMs: number;
  /** The silence after which a host that has answered is suspected to have banned this client. */
  readonly quietMs: number;
  /** The wait after the first refusal for a limit of connections. It doubles with each further one. */
  readonly limitMs: number;
}

/** The deadlines of a run, in milliseconds. */
export const DEFAULT_TIMEOUTS: SmtpTimeouts = {
  connectMs: 5_000,
  greetingMs: 60_000,
  silenceMs: 35_000,
  patienceMs: 12_000,
  trialMs: 4_000,
  replyMs: 30_000,
  messageMs: 60_000,
  handshakeMs: 15_000,
  quitMs: 2_000,
  sessionMs: 180_000,
  quietMs: QUIET_MS,
  limitMs: 1000,
};

/** Largest number of unread replies. An honest server has at most the replies to one pipelined group outstanding. */
const MAX_UNREAD_REPLIES = 128;

/** Number of the first bytes of a server that are kept. They tell what a service is that is no mail server. */
const MAX_HEARD = 80;

/** Commands that may appear anywhere in a pipelined group. Other commands must be the last of it (RFC 2920 §3.1). */
const MAY_BE_FOLLOWED = /^(?:MAIL FROM|RCPT TO|RSET\b|SEND FROM|SOML FROM|SAML FROM)/i;

/** The parameters of one connection. */
export interface Dial {
  readonly host: string;
  readonly port: number;
  readonly transcript: TranscriptLog;
  readonly timeouts: SmtpTimeouts;
  readonly implicitTls?: TlsOptions;
  /** Whether the host answers this client. Absent for a connection that finds that out. */
  readonly presence?: Presence;
  readonly asksSilent?: boolean;
  /** CA certificates (PEM) to trust in addition to the built-in roots. */
  readonly extraRoots: readonly string[];
  /**
   * Registers a function to call on abort.
   *
   * @returns the function that unregisters it.
   */
  onAbort(end: () => void): () => void;
  /**
   * Counts `cost` commands to this address.
   *
   * @returns whether the limit allows them.
   */
  mayCommand(cost: number): boolean;
  /**
   * Counts one more connection to this address.
   *
   * @returns whether the limit allows it.
   */
  mayDial(): boolean;
  /** Called once, after the connection has released all its resources. */
  onClosed(): void;
  /** Receives each fault of mailcheck itself. */
  readonly onFault: OnFault;
}

/**
 * Connects, starts TLS when the dial has `implicitTls`, and waits for the greeting.
 *
 * @returns the session, or the failure with its time in milliseconds. Never rejects.
 */
export async function openConnection(dial: Dial): Promise<SmtpConnectResult> {
  const connection = dialled(dial);
  if (!(connection instanceof Connection)) return attributed(connection, dial.host);
  const started = performance.now();
  const elapsedMs = () => performance.now() - started;
  const refused = await connection.established();
  if (refused) return { ...(await attributed(refused, dial.host)), elapsedMs: elapsedMs(), connected: false };
  const connected = performance.now();
  const failed = (failure: SmtpFailure, { waitsFor, heard = '' }: Partial<Trial> = {}): SmtpFailure => ({
    ...failure,
    heard: connection.heard || heard,
    ...(waitsFor ? { waitsFor } : {}),
    elapsedMs: elapsedMs(),
    connected: true,
  });
  const insecure = dial.implicitTls ? await connection.handshake(dial.implicitTls) : null;
  if (insecure) return failed(insecure);
  const cause = dial.asksSilent ? await causeOfSilence(connection, dial) : null;
  if (cause?.isSettled) {
    await connection.close();
    return failed({ status: 'timeout', detail: 'no greeting' }, cause);
  }
  const result = await connection.greet();
  if (result.status !== 'reply') return failed(result, cause ?? {});
  connection.timings = { connectMs: connected - started, greetingMs: performance.now() - connected };
  return { status: 'connected', session: connection };
}

/** The shortest time after which a server that hangs up without a word may have waited for something, in milliseconds. */
const SHORTEST_WAIT_MS = 1500;

/**
 * Finds out what a server waits for that takes the connection and says nothing, or that hangs up after a while. The
 * connection stays open, so that a greeting that comes late is still read.
 *
 * @returns what the trials showed, or `null` when no trial was due.
 */
async function causeOfSilence(connection: Connection, dial: Dial): Promise<Trial | null> {
  const { patienceMs, silenceMs, greetingMs, trialMs } = dial.timeouts;
  if (patienceMs >= Math.min(silenceMs, greetingMs)) return null;
  const began = performance.now();
  if (!(await connection.saysNothingFor(patienceMs))) return null;
  if (connection.hasEnded && performance.now() - began < SHORTEST_WAIT_MS) return null;
  const timeouts = { ...dial.timeouts, connectMs: trialMs, handshakeMs: trialMs, replyMs: trialMs };
  // The trials share the slot of the silent connection.
  const trial = { ...dial, timeouts, onClosed: () => {} };
  return whatWaitsFor((what) => {
    if (!dial.mayDial()) return null;
    dial.transcript.add('note', `no greeting yet; in another connection: ${what}`);
    const tried = dialled(trial);
    return tried instanceof Connection ? tried : null;
  });
}

/**
 * Connects, and closes at once without sending anything.
 *
 * @returns the milliseconds until the TCP connection was established, or the failure. Never rejects.
 */
export async function reachPort(dial: Dial): Promise<ReachResult> {
  const connection = dialled(dial);
  if (!(connection instanceof Connection)) return { ...(await attributed(connection, dial.host)), elapsedMs: 0 };
  const started = performance.now();
  const refused = await connection.established();
  const connectMs = performance.now() - started;
  await connection.close();
  return refused
    ? { ...(await attributed(refused, dial.host)), elapsedMs: connectMs }
    : { status: 'connected', connectMs };
}

/** Starts the TCP connection. Node throws for some addresses before it tries to connect. */
function dialled(dial: Dial): Connection | SmtpFailure {
  try {
    return new Connection(dial, dialTcp({ host: dial.host, port: dial.port, noDelay: true }));
  } catch (error) {
    dial.onClosed();
    const failure = isSystemError(error) ? socketFailure(error) : brokenOff(dial, error);
    return { ...failure, elapsedMs: 0, connected: false };
  }
}

/** Reports a fault of mailcheck itself. The session ends as `aborted`, because the fault is not the server's. */
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
  /** Replies that have arrived but have not been read yet. */
  #unread: SmtpReply[] = [];
  /** The first bytes of the server as latin1, at most `MAX_HEARD`. */
  heard = '';
  /** Whether STARTTLS is in progress. Plaintext after its reply is not part of the dialogue (RFC 3207 §4.2). */
  #isUpgrading = false;
  #stray: SmtpFailure | null = null;
  #failure: SmtpFailure | null = null;
  /** Resumes the operation that waits for the connection, for a handshake or for a reply. */
  #wake: (() => void) | null = null;
  #hasQuit = false;
  /** The number of times that bytes have arrived. */
  #arrivals = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #stopReading: () => void;
  readonly #closed: Promise<void>;
  readonly #cleanUp: () => void;

  readonly #began = performance.now();

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
        // The TLS socket closes together with the TCP socket. A failure that caused this is already recorded.
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
    await this.#within(() => this.heard !== '', timeoutMs);
    return this.heard === '' && this.#failure?.status !== 'aborted';
  }

  get hasEnded(): boolean {
    return this.#failure !== null;
  }

  async greet(): Promise<SmtpResult> {
    const { silenceMs, greetingMs } = this.#dial.timeouts;
    const restMs = silenceMs - (performance.now() - this.#began);
    if (silenceMs < greetingMs && !(await this.#within(() => this.heard !== '', Math.max(0, restMs)))) {
      this.#fail({ status: 'timeout', detail: `not a byte within ${silenceMs} ms` });
    }
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
        this.#wake?.();
      } else {
        this.#fail('fault' in outcome ? brokenOff(this.#dial, outcome.fault) : outcome);
      }
    });
  }

  async quit(): Promise<void> {
    if (!this.#failure && this.#wake === null && !this.#hasQuit && !this.#send(['QUIT'])) {
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
    const isFarewell = lines[0] === 'QUIT';
    if (!this.#failure && !isFarewell && !this.#dial.mayCommand(cost)) {
      return { status: 'capped', detail: 'no more commands to this address' };
    }
    if (this.#failure) return this.#failure;
    if (isFarewell) this.#hasQuit = true;
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
    const inTime = await this.#within(reached, timeoutMs);
    if (!inTime) this.#fail({ status: 'timeout', detail: `${complaint} within ${Math.round(timeoutMs)} ms` });
  }

  /**
   * Waits until `reached` is true or the session fails.
   *
   * @returns `false` when neither has happened at the deadline.
   */
  async #within(reached: () => boolean, timeoutMs: number): Promise<boolean> {
    if (reached() || this.#failure) return true;
    const stopSuspecting = this.#suspect(timeoutMs);
    return new Promise<boolean>((resolve) => {
      const settle = (inTime: boolean) => {
        clearTimeout(timer);
        stopSuspecting();
        this.#wake = null;
        resolve(inTime);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#wake = () => {
        if (reached() || this.#failure) settle(true);
      };
    });
  }

  /**
   * Finds out whether the host still answers this client at all if it says nothing for a long time.
   *
   * @returns the function that ends the wait.
   */
  #suspect(timeoutMs: number): () => void {
    const { presence } = this.#dial;
    if (presence === undefined || presence.patienceMs >= timeoutMs) return () => {};
    const heard = this.#arrivals;
    let isOver = false;
    const timer = setTimeout(async () => {
      if (this.#arrivals !== heard) return;
      const gone = await presence.check();
      if (gone !== null && !isOver && this.#arrivals === heard) this.#fail(gone);
    }, presence.patienceMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
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
    socket.once('connect', () => this.#wake?.());
    socket.on('error', (error) => this.#fail(socketFailure(error)));
    socket.on('data', onData).on('end', onEnd);
    return () => {
      socket.off('data', onData).off('end', onEnd);
    };
  }

  #read(chunk: Buffer): void {
    if (this.#failure) return;
    this.#arrivals += 1;
    this.#dial.presence?.hear(performance.now());
    const room = MAX_HEARD - this.heard.length;
    if (room > 0) this.heard += chunk.toString('latin1', 0, room);
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

  /** Ends the session. All pending and later operations get the first failure. */
  #fail(failure: SmtpFailure): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.transcript.add('note', `${failure.status}: ${failure.detail}`);
    this.#secured?.destroy();
    this.#tcp.destroy();
    this.#wake?.();
  }
}

/** @returns the verb of a command without its arguments, because error messages must not contain mail addresses. */
function verb(line: string): string {
  return /^(?:MAIL FROM|RCPT TO|\S+)/i.exec(line)?.[0] ?? line;
}

/**
 * Refuses lines that contain CR, LF or NUL. A line may contain names from the network, and a line break in such a name
 * would inject a command.
 *
 * @throws RangeError when a text is not one line.
 */
export function assertLines(lines: readonly string[]): void {
  const broken = lines.find((line) => /[\r\n\0]/.test(line));
  if (broken !== undefined) throw new RangeError(`not one line: ${JSON.stringify(broken)}`);
}
