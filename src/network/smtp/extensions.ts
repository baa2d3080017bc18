/** Reads the extensions that a server offers from its EHLO reply (RFC 5321 §4.1.1.1). */
import type { SmtpReply } from './types.ts';

/**
 * Reads the extensions from the lines of an EHLO reply (RFC 5321 §4.1.1.1).
 *
 * @returns the parameters by keyword in upper case. A keyword on two lines has the parameters of both.
 */
export function parseExtensions(reply: SmtpReply): ReadonlyMap<string, string> {
  const extensions = new Map<string, string>();
  for (const line of reply.lines.slice(1)) {
    // Servers older than RFC 4954 write "AUTH=LOGIN" instead of "AUTH LOGIN", and several servers still send both.
    const match = /^\s*([A-Za-z0-9][A-Za-z0-9-]*)(?:(?:=|\s+)(.*))?$/s.exec(line);
    if (!match?.[1]) continue;
    const keyword = match[1].toUpperCase();
    const parameters = [extensions.get(keyword), match[2]?.trim()].filter(Boolean).join(' ');
    extensions.set(keyword, parameters);
  }
  return extensions;
}
