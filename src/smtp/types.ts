/** What the SMTP client offers to facts and rules. Nothing here rejects: every failure is a value that can be reported. */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { IpAddress } from '../ip.ts';

/** One complete reply (RFC 5321 §4.2). */
export interface SmtpReply {
  readonly code: number;
  /** Enhanced status code (RFC 3463), e.g. `5.7.1`, or `null` when the first line carries none. */
  readonly enhanced: string | null;
  /** The text of each line, without code and separator; latin1, untrusted. */
  readonly lines: readonly string[];
}

export type SmtpFailureStatus =
  /** ECONNREFUSED. */
  | 'refused'
  /** No connection, or no (complete) reply in time. */
  | 'timeout'
  /** EHOSTUNREACH, ENETUNREACH and the like. */
  | 'unreachable'
  /** The server closed the connection where a reply was due. */
  | 'closed'
  /** ECONNRESET or another socket error. */
  | 'reset'
  /** Not an SMTP reply, or the code changes within one reply. */
  | 'malformed'
  /** A line or reply beyond the limits. */
  | 'too-long'
  /** TLS handshake failed. */
  | 'tls-failed'
  /** Not connected to: a private or special address without `--allow-private`. */
  | 'forbidden'
  /** The run's deadline or Ctrl-C. */
  | 'aborted';

export interface SmtpFailure {
  readonly status: SmtpFailureStatus;
  /** One line for a person: an errno, what was wrong with the reply. */
  readonly detail: string;
}

export type SmtpResult = { readonly status: 'reply'; readonly reply: SmtpReply } | SmtpFailure;

export interface TranscriptLine {
  readonly from: 'client' | 'server' | 'note';
  readonly text: string;
}

export interface Transcript {
  /** Stable within a run: `203.0.113.5:25 #1`. */
  readonly id: string;
  readonly lines: readonly TranscriptLine[];
}

export interface SmtpSession {
  readonly transcript: Transcript;
  readonly greeting: SmtpReply;
  /** Keyword (upper case) → parameters, from the last EHLO (RFC 5321 §4.1.1.1); empty before it and after a fallback to HELO. */
  readonly extensions: ReadonlyMap<string, string>;
  /** The socket in use, for TLS facts; the TLS socket after `startTls`. */
  readonly socket: Duplex | TLSSocket;
  /** EHLO, and HELO where EHLO is answered 5xx (RFC 5321 §3.2). */
  hello(name: string): Promise<SmtpResult>;
  /** Sends one command line (without CRLF; a line holding CR, LF or NUL throws a RangeError) and waits for its reply. */
  command(line: string, timeoutMs?: number): Promise<SmtpResult>;
  /**
   * Sends the commands in one go where PIPELINING was offered (RFC 2920), else one after the other. One result per
   * command; after a failure the remaining results repeat it.
   */
  pipeline(lines: readonly string[]): Promise<readonly SmtpResult[]>;
  /** QUIT where the session still lives, then closes. Idempotent; never waits longer than two seconds. */
  quit(): Promise<void>;
}

export type SmtpConnectResult = { readonly status: 'connected'; readonly session: SmtpSession } | SmtpFailure;

export interface SmtpClient {
  /** The name given in EHLO. */
  readonly probeName: string;
  /** Connects and waits for the greeting (220 or any other reply: the caller reads the code). */
  connect(ip: IpAddress, port: number): Promise<SmtpConnectResult>;
  /** Every dialogue of this run, for `--verbose`. */
  readonly transcripts: readonly Transcript[];
}

/** Common evidence of a reply (RULES: `smtp {command, code, enhanced, text}`, last line, and the transcript's id). */
export interface SmtpEvidence {
  readonly command: string;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  readonly transcript?: string;
}

/** @returns the reply, or the failure in its place, as raw facts for a finding's evidence. */
export function smtpEvidence(command: string, result: SmtpResult, transcript?: Transcript): SmtpEvidence {
  const id = transcript ? { transcript: transcript.id } : {};
  if (result.status !== 'reply') {
    return { command, code: null, enhanced: null, text: `${result.status}: ${result.detail}`, ...id };
  }
  const { code, enhanced, lines } = result.reply;
  return { command, code, enhanced, text: lines.at(-1) ?? '', ...id };
}
