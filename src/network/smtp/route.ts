/**
 * Tells whether this machine has a route to an address. A UDP socket that connects looks the route up and sends nothing,
 * so the answer is about this machine alone. An errno of TCP may also come from a router on the way.
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { SmtpFailure } from './types.ts';

/** Any port will do, because nothing is sent to it. */
const DISCARD_PORT = 9;

/** The failures of TCP that this machine and the network report with the same errno. */
const AMBIGUOUS: readonly string[] = ['ENETUNREACH', 'EHOSTUNREACH'];

/** @returns whether this machine has a route to the address. Never rejects. */
export function hasRoute(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const settle = (found: boolean) => {
      socket.close();
      resolve(found);
    };
    socket.once('error', () => settle(false));
    socket.once('connect', () => settle(true));
    socket.connect(DISCARD_PORT, host);
  });
}

/** @returns the failure with the status `no-route` if this machine, and not the network, has no route to the address. */
export async function attributed(failure: SmtpFailure, host: string): Promise<SmtpFailure> {
  const isOpen = failure.status === 'unreachable' && AMBIGUOUS.includes(failure.errno ?? '');
  return isOpen && !(await hasRoute(host)) ? { ...failure, status: 'no-route' } : failure;
}
