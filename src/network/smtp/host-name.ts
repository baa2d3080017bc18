/** The name that a mail server gives itself: the first word of its greeting and of its EHLO reply (RFC 5321 §4.2, §4.1.1.1). */
import { isHostName } from '../domain.ts';
import type { SmtpReply } from './types.ts';

/** @returns the first word of the reply as it is written, or `null` where that word is not a host name. */
export function hostNameIn(reply: SmtpReply): string | null {
  const word = reply.lines[0]?.trim().split(/\s+/)[0] ?? '';
  return isHostName(word) ? word : null;
}
