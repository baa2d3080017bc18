/** The deadlines of SMTP connections, all in milliseconds. */

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

/** The shortest silence that is suspicious, in milliseconds. Servers that delay refusals do so for up to five seconds. */
const QUIET_MS = 6000;

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
