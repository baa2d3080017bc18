/** Defines the script of a mail server, and what the server keeps of each connection. */
import type { SecureVersion } from 'node:tls';
import type { Issued } from './certificates.ts';
import type { RcptPolicy } from './smtp-policies.ts';

/** The step at which the connection is cut. */
export const STEPS = [
  'connect',
  'greeting',
  'ehlo',
  'starttls',
  'mail',
  'rcpt',
  'rset',
  'data',
  'message',
  'quit',
] as const;
export type Step = (typeof STEPS)[number];

export interface Drop {
  readonly at: Step;
  /** How the connection is cut. Default: FIN. */
  readonly with?: 'fin' | 'rst';
  /** Whether it is cut in the middle of the reply instead of before it. */
  readonly midReply?: boolean;
  /** The occurrence of the step in the connection at which it is cut. Default: the first. */
  readonly nth?: number;
}

export interface TlsScript {
  /** The certificate and key. The certificate may be followed by the PEM of intermediates. */
  readonly identity: Issued;
  /** Name → the certificate and key for a client that sends the name as SNI (RFC 6066 §3). */
  readonly identities?: Readonly<Record<string, Issued>>;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly ciphers?: string;
  readonly fault?: /** Answers 454 to STARTTLS. */
    | 'declined'
    /** Answers 220, then sends bytes that are not TLS after the client's first bytes. */
    | 'garbage'
    /** Answers 220, then nothing. */
    | 'silent'
    /** Answers 220, then closes the connection (FIN). */
    | 'closes'
    /** Sends another reply, and bytes that are no reply, in the same packet as the 220. */
    | 'chatty'
    /** Has no certificate for clients that send no SNI. */
    | 'unnamed'
    /** Executes commands that came in the same packet as STARTTLS after the handshake (CVE-2011-0411). */
    | 'keeps-plaintext';
}

export interface SmtpScript {
  /** The name that the server announces. */
  readonly name?: string;
  /** The greeting: code and text. With `null` the server stays silent. Default: `220 <name> ESMTP Postfix`. */
  readonly greeting?: string | Buffer | null;
  readonly greetingDelayMs?: number;
  /** The EHLO keywords besides STARTTLS, which follows from `tls`. */
  readonly extensions?: readonly string[];
  /** The EHLO keywords after STARTTLS. The same as before when absent. */
  readonly extensionsSecured?: readonly string[];
  /** Verb → the reply instead of the usual one. Bytes are sent unchanged. */
  readonly replies?: Readonly<Record<string, string | Buffer>>;
  readonly hello?: (name: string) => string;
  readonly mail?: (sender: string) => string;
  readonly rcpt?: RcptPolicy;
  /** The reply to a message. */
  readonly message?: (text: string) => string;
  readonly drop?: Drop;
  /** The number of 4xx and 5xx replies after which the server answers 421 and closes the connection. */
  readonly dropAfterErrors?: number;
  /** The delay between two bytes, in milliseconds. */
  readonly tarpitMs?: number;
  /** Milliseconds that each 4xx and 5xx reply is held back. */
  readonly refusalDelayMs?: number;
  readonly tls?: TlsScript;
  /**
   * Whether the server waits for the header of a proxy, and hangs up on a client that sends something else. A text is
   * what it answers to the header in place of a greeting.
   */
  readonly proxyHeader?: true | string;
  /** Whether TLS starts with the first byte, as on port 465. */
  readonly implicitTls?: boolean;
}

/** One connection as the server saw it. */
export interface ServedSession {
  readonly commands: string[];
  readonly messages: string[];
  secured: boolean;
  /** Whether the connection is over. */
  ended: boolean;
}
