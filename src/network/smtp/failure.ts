/** Translates socket and TLS errors into failures of an SMTP session. */
import type { SmtpFailure, SmtpFailureStatus } from './types.ts';

/** The failure status for each errno. Every other errno counts as `reset`. */
const STATUS_BY_ERRNO: Readonly<Record<string, SmtpFailureStatus>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  // These may come from this machine or from a router. `attributed` tells them apart.
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  // This machine has no address of the family, or its own firewall refuses the packet.
  ENETDOWN: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  EAFNOSUPPORT: 'no-route',
  EACCES: 'no-route',
  EPERM: 'no-route',
  EINVAL: 'no-route',
  ENODEV: 'no-route',
  EPIPE: 'closed',
  // This machine lacks file descriptors or memory. That is no property of the server.
  EMFILE: 'aborted',
  ENFILE: 'aborted',
  ENOBUFS: 'aborted',
  ENOMEM: 'aborted',
  ECONNRESET: 'reset',
};

/** @returns the failure for the error of a socket. */
export function socketFailure(error: Error): SmtpFailure {
  const errno = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const status = (errno === undefined ? undefined : STATUS_BY_ERRNO[errno]) ?? 'reset';
  return { status, detail: errno ?? error.message, ...(errno === undefined ? {} : { errno }) };
}

/** @returns the failure of a TLS handshake, with the reason that the server or OpenSSL gives. */
export function handshakeFailure(error: Error): SmtpFailure {
  const { errno } = socketFailure(error);
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  return { status: 'tls-failed', detail: reason, ...(errno === undefined ? {} : { errno }) };
}
