/**
 * Tells what it means that an MX host answers but does not go on to take mail. A refusal before MAIL is about the client
 * as a rule: its address, its missing PTR record, its EHLO name. Even one in the words of RFC 7504 ("no SMTP service") is
 * given to listed clients by large receivers, so that other senders may be welcome. A service that knows neither EHLO nor
 * HELO is no mail server. The first matching row decides.
 */
import type { SmtpReply } from '../../../network/smtp/types.ts';

/**
 * Why a host does not go on:
 * - `no-mail-server`: what answers does not speak SMTP.
 * - `put-off`: it asks to try again later.
 * - `client-refused`: it refuses this client, perhaps not others.
 * - `dialogue-lost`: the connection ended without a reply.
 * - `no-greeting`: it takes the connection and does not greet.
 */
export type Unwilling = 'no-mail-server' | 'put-off' | 'client-refused' | 'dialogue-lost' | 'no-greeting';

interface Row {
  readonly why: Unwilling;
  readonly code: RegExp;
  /** The step at which the reply came. Any step when absent. */
  readonly at?: 'connect' | 'EHLO';
  /** Matches the text of the reply. Any text matches when absent. */
  readonly says?: RegExp;
}

const ROWS: readonly Row[] = [
  { why: 'put-off', code: /^4/ },
  // A text that speaks of the client, its address or a list is about this vantage.
  {
    why: 'client-refused',
    code: /^5/,
    says: /\b(?:you|your|client|access|denied)\b|\[[\da-f.:]+\]|\b\d{1,3}(?:\.\d{1,3}){3}\b|block|black|reject|listed|\b(?:rbl|dnsbl|spam\w*|barracuda|uceprotect)\b|reputation|policy|\bPTR\b|\brDNS\b|reverse|too many|rate/i,
  },
  // The codes for a command that is not known (RFC 5321 §4.2.4). Every mail server knows HELO.
  { why: 'no-mail-server', code: /^50[02]$/, at: 'EHLO' },
  { why: 'client-refused', code: /^5/ },
];

/** @returns why the host does not go on. Any other code than 4yz and 5yz is no reply that SMTP has at this step. */
export function unwillingness(reply: SmtpReply, step: 'connect' | 'EHLO'): Unwilling {
  const code = String(reply.code);
  const text = reply.lines.join(' ');
  const row = ROWS.find(
    ({ code: codes, at = step, says }) => codes.test(code) && at === step && (says?.test(text) ?? true),
  );
  return row?.why ?? 'no-mail-server';
}
