/** The client of the relay test: how it connects, and how it introduces itself in a connection. */
import { quoteReply } from '../../../network/smtp/quote.ts';
import type { SmtpConnectResult, SmtpResult, SmtpSession } from '../../../network/smtp/types.ts';
import { sni } from '../handshake.ts';
import type { Vector } from './vectors.ts';

/** How to connect to the host under test, and how to behave as its client. */
export interface RelayClient {
  connect(): Promise<SmtpConnectResult>;
  /** The EHLO name for vectors that define none. */
  readonly probeName: string;
  /** The name to send as SNI. `null` when none is known. */
  readonly serverName: string | null;
  /** What to compare a reply with whose words say nothing about relaying. */
  readonly control: {
    readonly mailFrom: readonly string[];
    /** A recipient that the host serves. */
    readonly rcptTo: string;
    /** Recipients that the host does not serve, at no reserved name. */
    readonly foreign: readonly string[];
  };
  /** Waits between two connections. */
  pause(): Promise<void>;
  /** The number of connections at a time. */
  readonly atATime: number;
  /**
   * Starts TLS in a session that has said EHLO, and says EHLO again. Gives whether the host took it. STARTTLS with
   * `serverName` when absent.
   */
  readonly secure?: Passenger['ride'];
}

/** Something else that a connection of the relay test is used for, because it would take one of its own. */
export interface Passenger {
  /** The round trips that it takes. */
  readonly trips: number;
  /** Whether it starts TLS before vectors that are asked behind STARTTLS. Otherwise it comes behind plain ones. */
  readonly isFirst: boolean;
  /**
   * Uses a session that has said EHLO.
   *
   * @param name the EHLO name for the secured session.
   * @returns whether the session is secured and answers.
   */
  ride(session: SmtpSession, name: string): Promise<boolean>;
}

/** @returns the EHLO name to ask a vector with. */
export function nameFor({ hello }: Vector, { probeName }: RelayClient): string {
  return hello ?? probeName;
}

const UNSECURED: SmtpResult = { status: 'tls-failed', detail: 'the handshake failed' };

interface Introduction {
  /** The reply to the last EHLO, the failure, or `not-offered` when the vector needs STARTTLS and cannot have it. */
  readonly result: SmtpResult | 'not-offered';
  /** `null` when EHLO was not answered with 250, or named no extension. */
  readonly offersStartTls: boolean | null;
}

/** Says EHLO. If the vector is to be asked behind STARTTLS, it also starts TLS and says EHLO again. */
export async function introduce(
  session: SmtpSession,
  name: string,
  { behindTls }: Vector,
  { serverName, secure }: RelayClient,
): Promise<Introduction> {
  const result = await session.hello(name);
  if (result.status !== 'reply' || result.reply.code !== 250) return { result, offersStartTls: null };
  // A host that takes HELO alone, or names nothing, may know STARTTLS all the same.
  const offersStartTls = session.extensions.size === 0 ? null : session.extensions.has('STARTTLS');
  if (!behindTls || session.tls) return { result, offersStartTls };
  if (offersStartTls === false) return { result: 'not-offered', offersStartTls };
  if (secure !== undefined) {
    return { result: (await secure(session, name)) ? result : UNSECURED, offersStartTls };
  }
  const secured = await session.startTls(sni(serverName));
  if (secured.status === 'declined') {
    if (offersStartTls === null && secured.reply.code >= 500) return { result: 'not-offered', offersStartTls };
    const detail = `STARTTLS: ${quoteReply(secured.reply)}`;
    return { result: { status: 'tls-failed', detail }, offersStartTls };
  }
  return { result: secured.status === 'secured' ? await session.hello(name) : secured, offersStartTls };
}
