/** What a scripted mail server can be told to do, and what it keeps of each connection. */
import type { SecureVersion } from 'node:tls';
import type { Issued } from './certificates.ts';
import type { RcptPolicy } from './smtp-policies.ts';

/** Where the dialogue can be cut. */
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
  /** FIN when absent. */
  readonly with?: 'fin' | 'rst';
  /** In the middle of the reply instead of before it. */
  readonly midReply?: boolean;
  /** The n-th time the step is reached in the connection; the first when absent. */
  readonly nth?: number;
}

export interface TlsScript {
  /** The certificate and key; PEM of intermediates may be appended to the certificate. */
  readonly identity: Issued;
  /** Those shown instead to a client that asks for the name (SNI, RFC 6066 §3). */
  readonly identities?: Readonly<Record<string, Issued>>;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly ciphers?: string;
  readonly fault?: /** 454 to STARTTLS. */
    | 'declined'
    /** 220, then bytes that are not TLS in answer to the client's first. */
    | 'garbage'
    /** 220, then nothing. */
    | 'silent'
    /** 220, then FIN. */
    | 'closes'
    /** Another reply, and bytes that are none, in the same packet as the 220. */
    | 'chatty'
    /** Commands that came behind STARTTLS are executed after the handshake (CVE-2011-0411). */
    | 'keeps-plaintext';
}

export interface SmtpScript {
  /** The name it gives itself. */
  readonly name?: string;
  /** Code and text. `null`: the server never says a word. `220 <name> ESMTP Postfix` when absent. */
  readonly greeting?: string | Buffer | null;
  readonly greetingDelayMs?: number;
  /** EHLO keywords besides STARTTLS, which follows from `tls`. */
  readonly extensions?: readonly string[];
  /** EHLO keywords after STARTTLS; as before when absent. */
  readonly extensionsSecured?: readonly string[];
  /** Replies in place of the usual ones, per verb; bytes are sent as they are. */
  readonly replies?: Readonly<Record<string, string | Buffer>>;
  readonly hello?: (name: string) => string;
  readonly mail?: (sender: string) => string;
  readonly rcpt?: RcptPolicy;
  /** The verdict on a message. */
  readonly message?: (text: string) => string;
  readonly drop?: Drop;
  /** 421 and FIN after so many 4xx and 5xx replies. */
  readonly dropAfterErrors?: number;
  /** Milliseconds between two bytes. */
  readonly tarpitMs?: number;
  readonly tls?: TlsScript;
  /** TLS from the first byte, as on port 465. */
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
