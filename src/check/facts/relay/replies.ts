/**
 * What a reply to MAIL or RCPT says about relaying. The code alone does not tell: 450 may be greylisting or a refusal to
 * relay, 550 may mean the recipient, the sender or the client. The first row that fits decides.
 */
import type { SmtpReply } from '../../../network/smtp/types.ts';

export type Meaning =
  | 'accepted'
  /** The server does not say whether it will deliver. */
  | 'undecided'
  /** The server will not relay this mail, or does not know the mailbox. */
  | 'denied'
  /** The address is not understood. */
  | 'syntax'
  /** The client itself is refused, before it matters what it wants: a block list, its reverse name, its HELO. */
  | 'client-refused'
  /** The sender is refused, before the recipient matters. */
  | 'sender-refused'
  /** The recipient's domain publishes a null MX (RFC 7505). */
  | 'null-mx'
  | 'unknown-domain'
  | 'greylisted'
  | 'deferred'
  /** TLS first (RFC 3207 §4). */
  | 'tls-required'
  /** 421: the server is about to hang up. */
  | 'closing';

/** The command whose reply decided. */
export type Stage = 'hello' | 'mail' | 'rcpt';

interface ReplyRow {
  readonly meaning: Meaning;
  readonly code: RegExp;
  /** Matches the text, the enhanced code included; any text fits when it is absent. */
  readonly says?: RegExp;
  readonly stage?: Stage;
}

const ROWS: readonly ReplyRow[] = [
  { meaning: 'accepted', code: /^25[01]$/, stage: 'rcpt' },
  { meaning: 'undecided', code: /^2/ },
  { meaning: 'closing', code: /^421$/ },
  { meaning: 'client-refused', code: /./, stage: 'hello' },
  {
    meaning: 'tls-required',
    code: /^5/,
    says: /STARTTLS|\b5\.7\.10\b|(?:TLS|encryption) (?:is )?(?:required|needed)/i,
  },
  // Domain authentication (SPF, DMARC) is about the sender, and must be told from "authentication required".
  { meaning: 'sender-refused', code: /^[45]/, says: /\bSPF\b|\bDMARC\b|unauthenticated (?:e-?mail|sender|message)/i },
  // Relay refusals by name; postfix defers with 454 4.7.1 under defer_unauth_destination.
  {
    meaning: 'denied',
    code: /^[45]/,
    says: /relay(?:ing)?\b[^.;]{0,200}\b(?:denied|not permitted|not allowed|prohibited|disallowed|refused|rejected)|unable to relay|(?:not|n't|no) (?:\w+ ){0,2}relay|rcpthosts|delivery is not allowed|cannot deliver mail for|non-(?:local|accepted)|not (?:a )?local|\b5\.7\.54\b/i,
  },
  { meaning: 'denied', code: /^[45]/, says: /authenticat|\bauth(?:orization)? (?:is )?(?:required|first)/i },
  { meaning: 'denied', code: /^530$/ },
  {
    meaning: 'sender-refused',
    code: /^[45]/,
    says: /sender (?:address|domain|verif|denied|rejected|refused|is )|domain of sender|reserved domain|\b5\.7\.27\b|\b[45]\.1\.[78]\b/i,
  },
  {
    meaning: 'client-refused',
    code: /^[45]/,
    says: /client host|\b(?:helo|ehlo)\b|block(?:ed|[ -]?list)|black[ -]?list|\b(?:rbl|dnsbl|spamhaus|spamcop|barracuda|uceprotect|abuseat)|listed (?:at|by|in|on)\b|reputation|reverse (?:dns|host|lookup|mapping|name)|\bPTR\b|\brDNS\b|\b5\.7\.25\b|too many (?:connections|errors)|rate limit/i,
  },
  { meaning: 'null-mx', code: /^[45]/, says: /null ?MX|\b5\.1\.10\b|does not accept (?:e-?)?mail/i },
  { meaning: 'null-mx', code: /^556$/ },
  // Recipients verified by asking, which postfix answers with 450.
  {
    meaning: 'denied',
    code: /^[45]/,
    says: /\b[45]\.1\.1\b|user unknown|unknown user|unverified address|undeliverable address/i,
  },
  {
    meaning: 'unknown-domain',
    code: /^[45]/,
    says: /\b[45]\.1\.2\b|\b[45]\.4\.4\b|(?:domain|host)(?: or domain)?(?: name)? (?:not found|does not exist)|unroute?able|no such (?:domain|host)|unknown (?:domain|host)|MX records? point/i,
  },
  { meaning: 'greylisted', code: /^4/, says: /gr[ea]y[ -]?list|try again|retry|come back|later|\b4\.2\.0\b/i },
  { meaning: 'deferred', code: /^4/ },
  {
    meaning: 'syntax',
    code: /^5/,
    says: /syntax|malformed|\b5\.1\.3\b|fully[ -]qualified|invalid (?:address|character)|bad (?:address|sender|recipient)/i,
  },
  { meaning: 'syntax', code: /^(?:50[0124]|555)$/ },
  { meaning: 'sender-refused', code: /^5/, stage: 'mail' },
  { meaning: 'denied', code: /^5/ },
];

/** @returns what the reply means. A 3yz reply, which answers none of the commands sent here, is `undecided`. */
export function meaningOf(stage: Stage, reply: SmtpReply): Meaning {
  const code = String(reply.code);
  const text = reply.lines.join(' ');
  const row = ROWS.find(
    (row) => row.code.test(code) && (row.stage ?? stage) === stage && (row.says?.test(text) ?? true),
  );
  return row?.meaning ?? 'undecided';
}

/** @returns whether the reply refuses the client for a listing, by the words that users of block lists put into replies. */
export function namesBlockList(reply: SmtpReply): boolean {
  return /block(?:ed|[ -]?list)|black[ -]?list|\b(?:rbl|dnsbl|spamhaus|spamcop|barracuda|uceprotect|abuseat)|listed (?:at|by|in|on)\b|reputation/i.test(
    reply.lines.join(' '),
  );
}
