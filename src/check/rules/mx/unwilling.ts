/**
 * Tells what it means that an MX host answers but does not go on to take mail. Most refusals before MAIL are about the
 * client: its address, its missing PTR record, its EHLO name. Then other senders may be welcome. The words of a few
 * replies say that the host takes mail from nobody (RFC 7504). The first matching row decides.
 */
import type { SmtpReply } from '../../../network/smtp/types.ts';

/**
 * Why a host does not go on:
 * - `no-mail`: it says that it takes no mail at all, or does not speak SMTP.
 * - `put-off`: it asks to try again later.
 * - `client-refused`: it refuses this client, perhaps not others.
 * - `dialogue-lost`: the connection ended without a reply.
 */
export type Unwilling = 'no-mail' | 'put-off' | 'client-refused' | 'dialogue-lost';

interface Row {
  readonly why: Unwilling;
  readonly code: RegExp;
  /** Matches the text of the reply. Any text matches when absent. */
  readonly says?: RegExp;
}

const ROWS: readonly Row[] = [
  { why: 'put-off', code: /^4/ },
  // A text that speaks of the client, its address or a list is about this vantage, even if it also says "no SMTP service".
  {
    why: 'client-refused',
    code: /^5/,
    says: /\b(?:you|your|client)\b|\[[\da-f.:]+\]|\b\d{1,3}(?:\.\d{1,3}){3}\b|block|black|reject list|listed|\b(?:rbl|dnsbl|spam\w*|barracuda|uceprotect)\b|reputation|policy|\bPTR\b|\brDNS\b|reverse|too many|rate/i,
  },
  // RFC 7504 defines 521 for a host that accepts no mail.
  { why: 'no-mail', code: /^521$/ },
  {
    why: 'no-mail',
    code: /^5/,
    says: /no SMTP service|SMTP service (?:is )?(?:not available|disabled)|(?:does|do) not accept (?:e-?)?mail|accepts? no (?:e-?)?mail|\b5\.3\.2\b/i,
  },
  { why: 'client-refused', code: /^5/ },
];

/** @returns why the host does not go on. Any other code than 4yz and 5yz is no reply that SMTP has at this step. */
export function unwillingness(reply: SmtpReply): Unwilling {
  const code = String(reply.code);
  const text = reply.lines.join(' ');
  return ROWS.find((row) => row.code.test(code) && (row.says?.test(text) ?? true))?.why ?? 'no-mail';
}
