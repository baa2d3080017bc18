/** The interface of the SMTP client for facts and rules. No method rejects: every failure is a value for the report. */
import type { X509Certificate } from 'node:crypto';
import type { EphemeralKeyInfo, SecureVersion } from 'node:tls';
import type { IpAddress } from '../ip.ts';
import { quoteLines } from './quote.ts';

/** One complete reply (RFC 5321 §4.2). */
export interface SmtpReply {
  readonly code: number;
  /** Enhanced status code (RFC 3463), e.g. `5.7.1`, or `null` when the first line carries none. */
  readonly enhanced: string | null;
  /** The text of each line as latin1, without code and separator. Untrusted. */
  readonly lines: readonly string[];
}

export type SmtpFailureStatus =
  /** ECONNREFUSED. */
  | 'refused'
  /** No connection or no complete reply in time. */
  | 'timeout'
  /** The network answers that the address cannot be reached (EHOSTUNREACH or a similar errno). */
  | 'unreachable'
  /** This machine has no route to the address, or its own firewall forbids the connection. Nothing was asked. */
  | 'no-route'
  /** The server closed the connection instead of sending a reply. */
  | 'closed'
  /** ECONNRESET or another socket error. */
  | 'reset'
  /** The text is not an SMTP reply, or the code changes within one reply. */
  | 'malformed'
  /** A line or reply exceeds the client's limits. */
  | 'too-long'
  /** The TLS handshake failed. */
  | 'tls-failed'
  /** The client did not connect: a private or special address without `--allow-private`. */
  | 'forbidden'
  /** The server refused the connection for a limit of connections, as long as the client could wait. */
  | 'limited'
  /** The server answered before, and then stopped answering this client, in a new connection as well. */
  | 'shut-out'
  /** The client reached its own limit of connections or commands to one address. */
  | 'capped'
  /** Nobody asked: with `--dns-only`, or when the rules run again over planned records, no connection is made. */
  | 'unasked'
  /** The run ended (deadline or Ctrl-C). In a replay: the recording does not contain the exchange. */
  | 'aborted';

/** The failures by which a host holds this client back: it limits connections, or has stopped answering this client. */
export type HeldBackStatus = Extract<SmtpFailureStatus, 'limited' | 'shut-out'>;

/** @returns whether the failure says that the host holds this client back. */
export function isHeldBack(status: SmtpFailureStatus | 'reply' | 'connected'): status is HeldBackStatus {
  return status === 'limited' || status === 'shut-out';
}

/** The ends for which this client or this machine is the reason. */
const OWN_ENDS: readonly string[] = ['no-route', 'forbidden', 'capped', 'unasked', 'aborted'];

/**
 * Tells whether a dialogue ended, or never began, because of who asks: the host holds this client back, or this client
 * or its machine stopped. Such an end says nothing about how the host treats others, and another try would not help.
 */
export function isOwnEnd(status: SmtpFailureStatus | 'reply' | 'connected'): boolean {
  return isHeldBack(status) || OWN_ENDS.includes(status);
}

export interface SmtpFailure {
  readonly status: SmtpFailureStatus;
  /** One line of text for users: the errno, or the defect of the reply. */
  readonly detail: string;
  /**
   * The code of the system's error (`ECONNREFUSED`) or of OpenSSL's (`ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION`), if any.
   */
  readonly errno?: string;
  /** Milliseconds from dialling to the failure. Present only when no session was established. */
  readonly elapsedMs?: number;
  /** Whether the TCP connection was established before the failure. Present only when no session was established. */
  readonly connected?: boolean;
  /** The seconds between two connections that the server probably takes. Present only when it limits connections. */
  readonly pauseSeconds?: number;
  /**
   * The first bytes of the server as latin1, or of its answer to a trial, at most `MAX_HEARD` of them. Empty when it
   * said nothing. Present only when no session was established. Untrusted.
   */
  readonly heard?: string;
  /** What a port that said nothing turned out to wait for. Present only when a trial showed it. */
  readonly waitsFor?: WaitsFor;
}

/** What a server that says nothing may wait for: the ClientHello of TLS, or the header of a proxy before it. */
export type WaitsFor = 'tls' | 'proxy-header';

export type SmtpResult = { readonly status: 'reply'; readonly reply: SmtpReply } | SmtpFailure;

export interface TranscriptLine {
  readonly from: 'client' | 'server' | 'note';
  readonly text: string;
}

export interface Transcript {
  /** Address, port and purpose, such as `203.0.113.5:25 relay`, with ` #2` and so on for later connections. */
  readonly id: string;
  /**
   * The id of the connection for which the client made this one by itself, to find out why the host says nothing or
   * takes no further connection. Absent for a connection that was asked for.
   */
  readonly cause?: string;
  /** The number of times that the client connected. Absent when it connected once. */
  readonly dials?: number;
  readonly lines: readonly TranscriptLine[];
}

/** The TLS versions and cipher suites that a handshake may use. */
export interface HandshakeLimits {
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** OpenSSL cipher list. `DEFAULT@SECLEVEL=0`, for example, enables TLS 1.0. */
  readonly ciphers?: string;
}

/** The options of a handshake. The caller judges the certificate, so an untrusted one never ends the handshake. */
export interface TlsOptions extends HandshakeLimits {
  /** The name for SNI (RFC 6066 §3). Not sent for an IP address, and not compared with the certificate. */
  readonly servername?: string;
  /** Milliseconds for the handshake. */
  readonly timeoutMs?: number;
  /**
   * Sends NOOP in the packet of STARTTLS, against RFC 3207, to see whether the server executes it behind the handshake. The
   * session is of no use afterwards.
   */
  readonly injects?: true;
}

/** The facts about a completed handshake. */
export interface TlsDetails {
  /** The version in Node's notation, such as `TLSv1.3`. */
  readonly protocol: string;
  /** OpenSSL's name of the cipher suite. */
  readonly cipher: string;
  /**
   * The ephemeral key agreement: its type, with the size in bits or the curve. Empty when the key was not ephemeral.
   */
  readonly keyExchange: Partial<EphemeralKeyInfo>;
  /** The certificates that the server sent, leaf first, trusted or not. Empty for anonymous cipher suites. */
  readonly chain: readonly X509Certificate[];
  /** Whether the chain is valid and leads to a trusted root. The names in the certificate are not checked. */
  readonly trusted: boolean;
  /** OpenSSL's verification result (`CERT_HAS_EXPIRED`, `DEPTH_ZERO_SELF_SIGNED_CERT` …), or `null` when trusted. */
  readonly trustError: string | null;
}

export type StartTlsResult =
  | {
      readonly status: 'secured';
      readonly tls: TlsDetails;
      /** Whether the server sent plaintext after its 220. It is discarded (RFC 3207 §4.2, compare CVE-2011-0411). */
      readonly plaintextAfterReply: boolean;
      /** Whether the server executed the command that came with STARTTLS (`injects`). Absent when it is not known. */
      readonly executed?: boolean;
    }
  /** The server's reply is not 220. The session continues without TLS. */
  | { readonly status: 'declined'; readonly reply: SmtpReply }
  | SmtpFailure;

export interface SmtpTimings {
  /** Milliseconds from dialling to the established TCP connection. */
  readonly connectMs: number;
  /** Milliseconds from the TCP connection to the complete greeting, including an implicit TLS handshake. */
  readonly greetingMs: number;
}

export interface SmtpSession {
  readonly transcript: Transcript;
  readonly greeting: SmtpReply;
  /**
   * Parameters by keyword (upper case) from the last EHLO reply (RFC 5321 §4.1.1.1). Empty before EHLO and after a
   * fallback to HELO.
   */
  readonly extensions: ReadonlyMap<string, string>;
  /** The facts about the handshake, or `null` while the session is in plaintext. */
  readonly tls: TlsDetails | null;
  readonly timings: SmtpTimings;
  /**
   * Sends EHLO, and HELO when the reply to EHLO is 5xx (RFC 5321 §3.2).
   *
   * @throws RangeError when `name` contains CR, LF or NUL.
   */
  hello(name: string): Promise<SmtpResult>;
  /**
   * Sends one command line, without CRLF, and waits for its reply.
   *
   * @throws RangeError when the line contains CR, LF or NUL.
   */
  command(line: string, timeoutMs?: number): Promise<SmtpResult>;
  /**
   * Sends all commands at once when the server offers PIPELINING (RFC 2920), and otherwise one after the other. EHLO at
   * the end sets `extensions`, and is not repeated as HELO. QUIT at the end is waited for as in `quit`.
   *
   * @returns one result for each command. After a failure the remaining results repeat it.
   * @throws RangeError when a command that must end the group is not its last (RFC 2920 §3.1), or contains CR, LF or
   *   NUL.
   */
  pipeline(lines: readonly string[]): Promise<readonly SmtpResult[]>;
  /**
   * Sends a message after reply 354, with dot-stuffing (RFC 5321 §4.5.2), and waits for the reply to it.
   *
   * @param lines the lines of the message without CRLF.
   * @throws RangeError when a line contains CR, LF or NUL.
   */
  message(lines: readonly string[], timeoutMs?: number): Promise<SmtpResult>;
  /**
   * Sends STARTTLS and runs the handshake (RFC 3207). Discards what the server said in plaintext (§4.2): `extensions`
   * is empty, and the caller must call `hello` again. A failed handshake ends the session.
   */
  startTls(options?: TlsOptions): Promise<StartTlsResult>;
  /**
   * Sends QUIT, unless the session has ended or has sent QUIT before, and closes the session. Idempotent. Waits at most
   * two seconds for the reply.
   */
  quit(): Promise<void>;
}

export type SmtpConnectResult = { readonly status: 'connected'; readonly session: SmtpSession } | SmtpFailure;

export interface ReachOptions {
  /**
   * The purpose of the connection in one or two words. Parallel connections to one address and port must have different
   * purposes, so that the ids of their transcripts do not depend on the order of connecting.
   */
  readonly purpose: string;
}

export interface ConnectOptions extends ReachOptions {
  /** Whether to take a greeting that speaks of a limit as it is. By default the client waits and tries again. */
  readonly takesLimit?: boolean;
  /**
   * The address of this machine to connect from. The system picks one when absent, and for a connection that is
   * redirected.
   */
  readonly from?: IpAddress;
  /** Starts TLS before the greeting, as on port 465 (RFC 8314 §3). */
  readonly implicitTls?: TlsOptions;
  /** Whether to find out what a port waits for that takes the connection and says nothing (`waitsFor`). */
  readonly asksSilent?: boolean;
}

/** The result of a TCP connection without any dialogue. `connectMs` is in milliseconds. */
export type ReachResult = { readonly status: 'connected'; readonly connectMs: number } | SmtpFailure;

export interface SmtpClient {
  /** The name that the client sends in EHLO. */
  readonly probeName: string;
  /** Connects and waits for the greeting. The greeting may have any code, and the caller checks it. */
  connect(ip: IpAddress, port: number, options: ConnectOptions): Promise<SmtpConnectResult>;
  /** Connects and closes at once, for ports with another protocol. */
  reach(ip: IpAddress, port: number, options: ReachOptions): Promise<ReachResult>;
  /** Tells whether this machine's TLS library can start such a handshake. Makes no connection. */
  canOffer(options: HandshakeLimits): Promise<boolean>;
  /** All dialogues of this run, for `--verbose`. */
  readonly transcripts: readonly Transcript[];
}

/** The evidence that findings show about a reply: its command, codes and text, and the id of the transcript. */
export interface SmtpEvidence {
  readonly command: string;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  readonly transcript?: string;
}

/** @returns the reply to a command, or its failure, in the form of a finding's evidence. */
export function smtpEvidence(command: string, result: SmtpResult, transcript?: Transcript): SmtpEvidence {
  const id = transcript ? { transcript: transcript.id } : {};
  if (result.status !== 'reply') {
    return { command, code: null, enhanced: null, text: `${result.status}: ${result.detail}`, ...id };
  }
  const { code, enhanced, lines } = result.reply;
  return { command, code, enhanced, text: quoteLines(lines), ...id };
}
