/** The EHLO reply: which extensions a server offers (RFC 5321 §4.1.1.1). */
import type { SmtpReply } from './types.ts';

/** @returns keyword (upper case) → its parameters; a keyword listed twice keeps both sets of parameters. */
export function parseExtensions(reply: SmtpReply): ReadonlyMap<string, string> {
  const extensions = new Map<string, string>();
  for (const line of reply.lines.slice(1)) {
    // "AUTH=LOGIN" is how servers older than RFC 4954 wrote "AUTH LOGIN"; several still send both.
    const match = /^\s*([A-Za-z0-9][A-Za-z0-9-]*)(?:(?:=|\s+)(.*))?$/s.exec(line);
    if (!match?.[1]) continue;
    const keyword = match[1].toUpperCase();
    const parameters = [extensions.get(keyword), match[2]?.trim()].filter(Boolean).join(' ');
    extensions.set(keyword, parameters);
  }
  return extensions;
}
