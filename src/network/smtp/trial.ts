/**
 * Finds out what a port waits for that takes a connection and says nothing. Each trial has a connection of its own and
 * sends a few bytes: first the ClientHello of TLS (RFC 8446 §4.1.2), then the header that a proxy sends before the bytes
 * of its client (HAProxy's PROXY protocol, version 1). The header `PROXY UNKNOWN` claims no address.
 */
import type { SmtpFailure, SmtpResult, TlsDetails, TlsOptions, WaitsFor } from './types.ts';

/** What the trials showed: what the port waits for, and the first bytes with which it answered something else. */
export interface Trial {
  readonly waitsFor?: WaitsFor;
  readonly heard?: string;
  /** Whether the port is known to speak no SMTP, so that no greeting will come. */
  readonly isSettled: boolean;
}

/** A connection for one trial. */
export interface TrialConnection {
  readonly tls: TlsDetails | null;
  readonly heard: string;
  established(): Promise<SmtpFailure | null>;
  handshake(options: TlsOptions): Promise<SmtpFailure | null>;
  command(line: string): Promise<SmtpResult>;
  close(): Promise<void>;
}

const PROXY_HEADER = 'PROXY UNKNOWN';

/** The errors with which OpenSSL tells of an alert, or of a TLS server that this client cannot agree with. */
const SPEAKS_TLS =
  /^ERR_SSL_(?:.*ALERT|TLSV1_UNRECOGNIZED_NAME|UNSUPPORTED_PROTOCOL|(?:DH|EE|CA)_KEY_TOO_SMALL|CA_MD_TOO_WEAK)/;

type Connect = (what: string) => Promise<TrialConnection | null>;

/**
 * @param connect starts a connection for what it is told, once the host may be dialled again. It gives `null` when no
 *   further one may be made.
 * @returns what the port waits for, as far as it can be seen.
 */
export async function whatWaitsFor(connect: Connect): Promise<Trial> {
  const isTls = await withConnection(await connect('ClientHello'), async (connection) => {
    const failure = await connection.handshake({});
    return connection.tls !== null || SPEAKS_TLS.test(failure?.errno ?? '');
  });
  if (isTls) return { waitsFor: 'tls', isSettled: true };
  const answer = await withConnection(await connect(PROXY_HEADER), async (connection): Promise<Trial> => {
    const result = await connection.command(PROXY_HEADER);
    const isGreeting = result.status === 'reply' && result.reply.code === 220;
    if (isGreeting) return { waitsFor: 'proxy-header', isSettled: true };
    return { heard: connection.heard, isSettled: result.status === 'malformed' };
  });
  return answer ?? { isSettled: false };
}

async function withConnection<T>(
  connection: TrialConnection | null,
  look: (connection: TrialConnection) => Promise<T>,
): Promise<T | null> {
  if (connection === null) return null;
  const found = (await connection.established()) === null ? await look(connection) : null;
  await connection.close();
  return found;
}
