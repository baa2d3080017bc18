/** Reads the name of a mail server from its greeting (RFC 5321 §4.2) or EHLO reply (§4.1.1.1): the first word. */
import { isHostName } from '../domain.ts';
import type { SmtpReply } from './types.ts';

/** @returns the first word of the reply, unchanged, or `null` when that word is not a host name. */
export function hostNameIn(reply: SmtpReply): string | null {
  const word = reply.lines[0]?.trim().split(/\s+/)[0] ?? '';
  return isHostName(word) ? word : null;
}
