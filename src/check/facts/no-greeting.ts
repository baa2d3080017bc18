/** Tells what a port does when it accepts a connection but sends no SMTP greeting (RFC 5321 §3.1). */
import { serviceOf } from '../../knowledge/mail-servers/services.ts';
import type { SmtpFailure } from '../../network/smtp/types.ts';

/**
 * What the port does:
 * - `tls-first`: it waits for TLS to begin, as port 465 does.
 * - `proxy-first`: it waits for the header of a proxy that should stand before it.
 * - `service`: it is known as another service.
 * - `no-smtp`: it says something that is no SMTP.
 * - `silent`: it says nothing.
 * - `slow`: it has begun to greet, and does not come to an end.
 * - `hung-up`: it ends the connection.
 * - `unfinished`: the time for the run was up first.
 */
export type NoGreeting =
  | { readonly does: 'tls-first' | 'proxy-first' | 'unfinished' }
  | { readonly does: 'service'; readonly service: string }
  | { readonly does: 'no-smtp' }
  | { readonly does: 'silent' | 'slow' | 'hung-up'; readonly seconds: number };

/** @returns what the port does, or `null` when no connection was made, or its TLS failed. */
export function noGreetingOf(failure: SmtpFailure): NoGreeting | null {
  const { status, connected = false, waitsFor, heard = '', elapsedMs = 0 } = failure;
  if (!connected) return null;
  if (waitsFor !== undefined) return { does: waitsFor === 'tls' ? 'tls-first' : 'proxy-first' };
  const seconds = Math.round(elapsedMs / 1000);
  const service = serviceOf(heard);
  if (service !== null && status !== 'tls-failed') return { does: 'service', service };
  switch (status) {
    case 'malformed':
    case 'too-long':
      return { does: 'no-smtp' };
    case 'timeout':
      return { does: heard === '' ? 'silent' : 'slow', seconds: Math.max(1, seconds) };
    case 'closed':
    case 'reset':
      return { does: 'hung-up', seconds };
    case 'aborted':
      return { does: 'unfinished' };
    default:
      return null;
  }
}

/** @returns whether the port shows to every client that it is no mail server. */
export function isNoMailServer({ does }: NoGreeting): boolean {
  return does === 'tls-first' || does === 'proxy-first' || does === 'service';
}
