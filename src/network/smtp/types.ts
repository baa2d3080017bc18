/** What the SMTP client offers to facts and rules. Nothing here rejects: every failure is a value that can be reported. */
import type { X509Certificate } from 'node:crypto';
import type { EphemeralKeyInfo, SecureVersion } from 'node:tls';
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
  /** This client's own limit of connections or commands to one address is reached. */
  | 'capped'
  /** The run's deadline or Ctrl-C; in a replay, an exchange that was not recorded. */
  | 'aborted';

export interface SmtpFailure {
  readonly status: SmtpFailureStatus;
  /** One line for a person: an errno, what was wrong with the reply. */
  readonly detail: string;
  /** The system's error, where there was one: `ECONNREFUSED`, or OpenSSL's such as `ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION`. */
  readonly errno?: string;
  /** Milliseconds from dialling to the failure; only where the connection itself failed. */
  readonly elapsedMs?: number;
  /** Whether the TCP connection stood when it failed; only where no session came about. */
  readonly connected?: boolean;
}

export type SmtpResult = { readonly status: 'reply'; readonly reply: SmtpReply } | SmtpFailure;

export interface TranscriptLine {
  readonly from: 'client' | 'server' | 'note';
  readonly text: string;
}

export interface Transcript {
  /** Address, port and purpose, such as `203.0.113.5:25 relay`; ` #2` and so on behind it where that was not the first. */
  readonly id: string;
  readonly lines: readonly TranscriptLine[];
}

/** What a handshake is held to. */
export interface HandshakeLimits {
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** OpenSSL cipher list, e.g. `DEFAULT@SECLEVEL=0` to be able to speak TLS 1.0. */
  readonly ciphers?: string;
}

/** How to do TLS: a verdict on the certificate is the caller's, so an untrusted one never ends the handshake. */
export interface TlsOptions extends HandshakeLimits {
  /** Sent as SNI (RFC 6066 §3) when it is a host name; not checked against the certificate. */
  readonly servername?: string;
  /** Milliseconds for the handshake. */
  readonly timeoutMs?: number;
}

/** What a completed handshake showed. */
export interface TlsDetails {
  /** `TLSv1.3` and the like. */
  readonly protocol: string;
  /** OpenSSL name of the suite. */
  readonly cipher: string;
  /** The key agreement: type, and size in bits or curve; empty where none was ephemeral. */
  readonly keyExchange: Partial<EphemeralKeyInfo>;
  /** Leaf first, as far as the server sent the issuers; kept also when untrusted. Empty for anonymous suites. */
  readonly chain: readonly X509Certificate[];
  /** Whether the chain leads to a root of this machine's trust store and is within its dates; names are not considered. */
  readonly trusted: boolean;
  /** OpenSSL's verification result where not trusted: `CERT_HAS_EXPIRED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, … */
  readonly trustError: string | null;
}

export type StartTlsResult =
  | {
      readonly status: 'secured';
      readonly tls: TlsDetails;
      /** The server sent more plaintext behind its 220; discarded (RFC 3207 §4.2, CVE-2011-0411 and the like). */
      readonly plaintextAfterReply: boolean;
    }
  /** Answered other than 220; the session goes on without TLS. */
  | { readonly status: 'declined'; readonly reply: SmtpReply }
  | SmtpFailure;

export interface SmtpTimings {
  /** Milliseconds until the TCP connection stood. */
  readonly connectMs: number;
  /** Milliseconds from there to the complete greeting (a TLS handshake before it included). */
  readonly greetingMs: number;
}

export interface SmtpSession {
  readonly transcript: Transcript;
  readonly greeting: SmtpReply;
  /** Keyword (upper case) → parameters, from the last EHLO (RFC 5321 §4.1.1.1); empty before it and after a fallback to HELO. */
  readonly extensions: ReadonlyMap<string, string>;
  /** The handshake's facts, or `null` while the session is in plaintext. */
  readonly tls: TlsDetails | null;
  readonly timings: SmtpTimings;
  /** EHLO, and HELO where EHLO is answered 5xx (RFC 5321 §3.2). */
  hello(name: string): Promise<SmtpResult>;
  /** Sends one command line (without CRLF; a line holding CR, LF or NUL throws a RangeError) and waits for its reply. */
  command(line: string, timeoutMs?: number): Promise<SmtpResult>;
  /**
   * Sends the commands in one go where PIPELINING was offered (RFC 2920), else one after the other. One result per
   * command; after a failure the remaining results repeat it.
   */
  pipeline(lines: readonly string[]): Promise<readonly SmtpResult[]>;
  /** Sends a message after a 354 (lines without CRLF; dots are stuffed, RFC 5321 §4.5.2) and waits for the verdict. */
  message(lines: readonly string[], timeoutMs?: number): Promise<SmtpResult>;
  /**
   * STARTTLS (RFC 3207). What was learnt in plaintext is forgotten (§4.2): `extensions` is empty and a new `hello` is
   * needed. After a failed handshake the session is over.
   */
  startTls(options?: TlsOptions): Promise<StartTlsResult>;
  /** QUIT where the session still lives, then closes. Idempotent; never waits longer than two seconds. */
  quit(): Promise<void>;
}

export type SmtpConnectResult = { readonly status: 'connected'; readonly session: SmtpSession } | SmtpFailure;

export interface ReachOptions {
  /**
   * What the connection is for, in a word or two. Connections to one address and port at the same time have different
   * ones, so that which is which never depends on the order in which they come about.
   */
  readonly purpose: string;
}

export interface ConnectOptions extends ReachOptions {
  /** TLS before the greeting, as on port 465 (RFC 8314 §3). */
  readonly implicitTls?: TlsOptions;
}

/** Whether a TCP connection can be made at all; what speaks there is not waited for. */
export type ReachResult = { readonly status: 'connected'; readonly connectMs: number } | SmtpFailure;

export interface SmtpClient {
  /** The name given in EHLO. */
  readonly probeName: string;
  /** Connects and waits for the greeting (220 or any other reply: the caller reads the code). */
  connect(ip: IpAddress, port: number, options: ConnectOptions): Promise<SmtpConnectResult>;
  /** Connects and closes at once, for ports that speak something else. */
  reach(ip: IpAddress, port: number, options: ReachOptions): Promise<ReachResult>;
  /** Whether this machine's TLS library can begin such a handshake at all; nothing is connected to. */
  canOffer(options: HandshakeLimits): Promise<boolean>;
  /** Every dialogue of this run, for `--verbose`. */
  readonly transcripts: readonly Transcript[];
}

/** What every finding shows of a reply: its command, codes and last line, and the id of the transcript. */
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
