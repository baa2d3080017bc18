/**
 * One request at one address: the TCP connection, the handshake, and the request only if the certificate is trusted and
 * for the host. The connection is used once.
 */
import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { covers } from '../certificate-name.ts';
import { isSystemError } from '../fault.ts';
import { hostPort } from '../gate.ts';
import type { IpAddress } from '../ip.ts';
import { socketFailure } from '../smtp/failure.ts';
import { attributed } from '../smtp/route.ts';
import { secure, type TlsOutcome } from '../smtp/tls.ts';
import type { SmtpFailure } from '../smtp/types.ts';
import { askOver } from './ask.ts';
import type { Lifetime } from './lifetime.ts';
import type { HttpsFailure, HttpsFailureStatus, HttpsOutcome, HttpsRequest, HttpsTls } from './types.ts';

/** The address that is tried, and where the connection really goes. */
export interface Place {
  readonly ip: IpAddress;
  readonly host: string;
  readonly port: number;
  readonly extraRoots: readonly string[];
  /** Milliseconds for the TCP connection. */
  readonly connectMs: number;
}

/** Milliseconds for the TLS handshake. */
const HANDSHAKE_MS = 15_000;

/** Makes the request at one address. Rejects only for a fault of mailcheck itself. */
export async function attemptAt(place: Place, request: HttpsRequest, lifetime: Lifetime): Promise<HttpsOutcome> {
  const { ip, host, port, connectMs, extraRoots } = place;
  const at = hostPort(ip, 443);
  let socket: Socket;
  try {
    socket = connect({ host, port, noDelay: true });
  } catch (error) {
    // Node throws for some addresses before it tries to connect.
    if (!isSystemError(error)) throw error;
    return failed(await attributed(socketFailure(error), host), at);
  }
  // A destroyed socket may still emit an error. Without a listener that error would end the process.
  socket.on('error', () => {});
  try {
    const connected = await lifetime.within(established(socket), 'no connection', connectMs);
    if (connected !== null) return failed(await attributed(connected, host), at);
    const handshake = handshakeOf(socket, request.host, extraRoots);
    const outcome = await lifetime.within(handshake.outcome, 'the TLS handshake did not finish', HANDSHAKE_MS);
    if ('fault' in outcome) throw outcome.fault;
    if (!('tls' in outcome)) return failed(outcome, at);
    const [leaf] = outcome.tls.chain;
    const tls: HttpsTls = { ...outcome.tls, coversName: leaf !== undefined && covers(leaf, request.host) };
    if (!tls.trusted || !tls.coversName) return { status: 'untrusted', ip, tls };
    const answer = await lifetime.within(askOver(handshake.socket, request), 'no response');
    if (answer.status !== 'answer') return { ...failed(answer, at), isSecured: true };
    const { status: _, ...response } = answer;
    return { status: 'response', ip, ...response, tls };
  } finally {
    socket.destroy();
  }
}

/** @returns the failure of the TCP connection, or `null` once it is established. */
function established(socket: Socket): Promise<SmtpFailure | null> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', (error) => resolve(socketFailure(error)));
    socket.once('close', () => resolve({ status: 'reset', detail: 'connection closed' }));
  });
}

function handshakeOf(
  tcp: Socket,
  servername: string,
  extraRoots: readonly string[],
): { readonly socket: TLSSocket; readonly outcome: Promise<TlsOutcome> } {
  let settle: (outcome: TlsOutcome) => void = () => {};
  const outcome = new Promise<TlsOutcome>((resolve) => {
    settle = resolve;
  });
  const socket = secure(tcp, { servername }, extraRoots, (result) => settle(result));
  socket.on('error', () => {});
  return { socket, outcome };
}

/** The failures of a socket that are the same here. All others mean that the server ended the connection. */
const SAME: readonly string[] = ['refused', 'timeout', 'unreachable', 'no-route', 'tls-failed', 'malformed', 'aborted'];

/** @returns the failure, with the address in its detail. */
function failed({ status, detail }: Pick<SmtpFailure | HttpsFailure, 'status' | 'detail'>, at: string): HttpsFailure {
  const known = SAME.includes(status) ? (status as HttpsFailureStatus) : 'reset';
  return { status: known, detail: `${at}: ${detail}` };
}
