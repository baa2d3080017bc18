/** Recognises why a mail server refuses a client, by the words in its reply. The first matching row decides. */
import type { SmtpReply } from '../../network/smtp/types.ts';

/** The reason why a server refused the client, as far as the words of its reply show it. */
export type RefusalMeaning = 'block-list' | 'reverse-name' | 'reputation' | 'rate' | 'policy' | 'unknown';

const ROWS: readonly { readonly meaning: RefusalMeaning; readonly says: RegExp }[] = [
  {
    meaning: 'reverse-name',
    says: /\bPTR\b|reverse (?:dns|host|lookup|mapping|name)|\brDNS\b|\b[45]\.7\.(?:23|25)\b/i,
  },
  {
    meaning: 'block-list',
    says: /block(?:ed|[ -]?list)|black[ -]?list|\b(?:rbl|dnsbl|spamhaus|spamcop|barracuda|uceprotect|S3140|S3150)|\bBL\d|listed (?:at|by|in|on)\b/i,
  },
  { meaning: 'reputation', says: /reputation|unsolicited|complaints?|\bNOWL\b|\bspam\b/i },
  { meaning: 'rate', says: /too many|\brate|busy|overload|try again|\blater\b|\b4\.3\.2\b|\b4\.7\.(?:28|500)\b/i },
  { meaning: 'policy', says: /policy|not (?:accepted|allowed|authorized|permitted)|denied|no SMTP service/i },
];

/** @returns the reason for the refusal, as far as the words of the reply show it. `unknown` when no row matches. */
export function refusalMeaning(reply: SmtpReply): RefusalMeaning {
  const text = reply.lines.join(' ');
  return ROWS.find(({ says }) => says.test(text))?.meaning ?? 'unknown';
}
