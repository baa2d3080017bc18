/** What an errno means for a mail server that was dialled or spoken to. */
import type { SmtpFailure, SmtpFailureStatus } from './types.ts';

const STATUS_BY_ERRNO: Readonly<Record<string, SmtpFailureStatus>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  // A firewall of this machine, or "administratively prohibited" from one on the way.
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  EINVAL: 'unreachable',
  ENODEV: 'unreachable',
  EPIPE: 'closed',
  // This machine's own want says nothing of the server.
  EMFILE: 'aborted',
  ENFILE: 'aborted',
  ENOBUFS: 'aborted',
  ENOMEM: 'aborted',
  ECONNRESET: 'reset',
};

/** @returns the failure a socket's error stands for. */
export function socketFailure(error: Error): SmtpFailure {
  const errno = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const status = (errno === undefined ? undefined : STATUS_BY_ERRNO[errno]) ?? 'reset';
  return { status, detail: errno ?? error.message, ...(errno === undefined ? {} : { errno }) };
}

/** @returns the failure of a TLS handshake: what the server or OpenSSL objected to. */
export function handshakeFailure(error: Error): SmtpFailure {
  const { errno } = socketFailure(error);
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  return { status: 'tls-failed', detail: reason, ...(errno === undefined ? {} : { errno }) };
}
