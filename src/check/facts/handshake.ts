/** Makes TLS handshakes in connections of their own, with a name or limits that the first connection did not have. */
import type { IpAddress } from '../../network/ip.ts';
import { quoteReply } from '../../network/smtp/quote.ts';
import {
  isOwnEnd,
  type SmtpFailure,
  type SmtpSession,
  type TlsDetails,
  type TlsOptions,
} from '../../network/smtp/types.ts';
import { IMPLICIT_TLS_PORT } from '../../standards/submission-ports.ts';
import { hostFact, type Needs } from './fact.ts';
import { surenessOf } from './host-memory.ts';

/** The result of a handshake in a connection of its own. */
export type Handshake = { readonly tls: TlsDetails } | { readonly failure: SmtpFailure };

/** Where a handshake is made. */
interface Place {
  readonly ip: IpAddress;
  readonly port: number;
  readonly isSubmission: boolean;
}

/** Makes a handshake on the SMTP port of an address that names the host (SNI). Each name is tried once. */
export const tlsNamed = hostFact(
  (needs: Needs<'settings' | 'smtp'>, ip: IpAddress, name: string): Promise<Handshake> =>
    handshake(needs, { ip, port: needs.settings.smtpPort, isSubmission: false }, `certificate for ${name}`, sni(name)),
  {
    name: 'tls named',
    key: (_, ip, name) => JSON.stringify([ip, name]),
    complete: async (result) => surenessOf('tls' in result ? null : result.failure),
    at: (ip) => ip,
  },
);

/** @returns the options that name the host, or none without a name. */
export function sni(serverName: string | null): TlsOptions {
  return serverName === null ? {} : { servername: serverName };
}

/**
 * Opens one connection for one handshake, and ends it with QUIT.
 *
 * @param trial what the handshake is for, in a few words.
 */
export async function handshake(
  { smtp }: Pick<Needs<'smtp'>, 'smtp'>,
  { ip, port, isSubmission }: Place,
  trial: string,
  options: TlsOptions,
): Promise<Handshake> {
  const isImplicit = port === IMPLICIT_TLS_PORT;
  const purpose = isSubmission ? `submission, ${trial}` : trial;
  const connection = await smtp.connect(ip, port, isImplicit ? { purpose, implicitTls: options } : { purpose });
  if (connection.status !== 'connected') return { failure: connection };
  const { session } = connection;
  try {
    if (session.tls) return { tls: session.tls };
    const { greeting } = session;
    if (greeting.code !== 220) return { failure: { status: 'closed', detail: `greeted with ${quoteReply(greeting)}` } };
    const hello = await session.hello(smtp.probeName);
    if (hello.status !== 'reply') return { failure: hello };
    return await secureIn(session, smtp.probeName, options);
  } finally {
    await session.quit();
  }
}

/**
 * Makes a handshake in a session that has said EHLO, and says EHLO once more.
 *
 * @param name the EHLO name.
 */
export async function secureIn(session: SmtpSession, name: string, options: TlsOptions): Promise<Handshake> {
  const result = await session.startTls(options);
  if (result.status === 'declined') {
    return { failure: { status: 'closed', detail: `STARTTLS: ${quoteReply(result.reply)}` } };
  }
  if (result.status !== 'secured') return { failure: result };
  // In TLS 1.3 the server may still refuse the client once the client's own handshake is complete (RFC 8446 §4.4.2.4).
  const again = await session.hello(name);
  if (again.status !== 'reply') {
    return {
      failure: isOwnEnd(again.status) ? again : { ...again, detail: `behind the handshake: ${again.detail}` },
    };
  }
  if (again.reply.code !== 250) {
    return { failure: { status: 'closed', detail: `EHLO behind the handshake: ${quoteReply(again.reply)}` } };
  }
  return { tls: result.tls };
}
