/**
 * Interprets what a reply to EHLO, MAIL or RCPT says about relaying. The code alone is not enough: 450 may be
 * greylisting or a refusal to relay, and 550 may concern the recipient, the sender or the client. The first matching
 * row decides.
 */
import type { SmtpReply } from '../../../network/smtp/types.ts';

/** The meaning of a reply for the question whether a host relays. */
export type Meaning =
  | 'accepted'
  /** The reply does not say whether the server will deliver the mail. */
  | 'undecided'
  /** The server refuses to relay the mail or does not know the mailbox. */
  | 'denied'
  /** The server does not understand the address. */
  | 'syntax'
  /** The server refuses the client whatever it asks for, because of a block list, its PTR record or its HELO name. */
  | 'client-refused'
  /** The server refuses the sender, whoever the recipient is. */
  | 'sender-refused'
  /** The recipient's domain publishes a null MX (RFC 7505). */
  | 'null-mx'
  /** The server cannot find the recipient's domain. */
  | 'unknown-domain'
  /** The server asks to try again later. */
  | 'greylisted'
  /** Any other temporary refusal. */
  | 'deferred'
  /** The server wants STARTTLS first (RFC 3207 §4). */
  | 'tls-required'
  /** The server expected another command (503). The reply belongs to another transaction, or to none. */
  | 'out-of-order'
  /** The words of a 5yz reply do not show what it refuses. A comparison with a control may show it. */
  | 'unexplained'
  /** The server is about to hang up (421). */
  | 'closing';

/** The command whose reply decided: EHLO, MAIL or RCPT. */
export type Stage = 'hello' | 'mail' | 'rcpt';

interface ReplyRow {
  readonly meaning: Meaning;
  readonly code: RegExp;
  /** Matches the text together with the enhanced code. Any text matches when absent. */
  readonly says?: RegExp;
  /** The only stage the row applies to. Every stage when absent. */
  readonly stage?: Stage;
}

const ROWS: readonly ReplyRow[] = [
  { meaning: 'accepted', code: /^25[01]$/, stage: 'rcpt' },
  { meaning: 'undecided', code: /^2/ },
  { meaning: 'closing', code: /^421$/ },
  { meaning: 'deferred', code: /^4/, stage: 'hello' },
  { meaning: 'client-refused', code: /./, stage: 'hello' },
  {
    meaning: 'tls-required',
    code: /^5/,
    says: /STARTTLS|\b5\.7\.10\b|(?:TLS|encryption) (?:is )?(?:required|needed)/i,
  },
  // A block list refuses the client, whatever else the text says.
  {
    meaning: 'client-refused',
    code: /^5/,
    says: /\bblocked using\b|client host \[[^\]]*\] (?:is )?(?:blocked|listed)/i,
  },
  // SPF and DMARC concern the sender. This row must come before "authentication required", which is a relay refusal.
  { meaning: 'sender-refused', code: /^[45]/, says: /\bSPF\b|\bDMARC\b|unauthenticated (?:e-?mail|sender|message)/i },
  // These texts refuse relaying by name. Postfix defers with 454 4.7.1 under defer_unauth_destination.
  {
    meaning: 'denied',
    code: /^[45]/,
    says: /relay(?:ing)?\b[^.;]{0,200}\b(?:denied|not permitted|not allowed|prohibited|disallowed|refused|rejected)|unable to relay\b(?!:)|(?:not|n't|no) (?:\w+ ){0,2}relay|rcpthosts|delivery is not allowed|cannot deliver mail for|non-(?:local|accepted) (?:domain|recipient|user|address)|not (?:a )?local\b(?! lookup)|\b5\.7\.54\b/i,
  },
  {
    meaning: 'denied',
    code: /^5/,
    says: /\bauth(?:entication|orization)? (?:is )?(?:required|needed|first)|(?:must|please|need to|have to|not) (?:\w+ )?(?:authenticate|auth|log ?in)|not authenticated|requires? auth|unauthenticated|(?:after|before|without|use) (?:smtp )?auth|\bsmtp auth/i,
  },
  { meaning: 'denied', code: /^530$/ },
  {
    meaning: 'out-of-order',
    code: /^5/,
    says: /sender already|nested MAIL|need MAIL|MAIL first|bad sequence|out of (?:order|sequence)|(?:send|need) (?:HELO|EHLO)|(?:HELO|EHLO) first/i,
  },
  { meaning: 'out-of-order', code: /^503$/ },
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
  // Postfix answers 450 when its address verification fails.
  { meaning: 'denied', code: /^4/, says: /\b4\.1\.1\b|unverified address|undeliverable address/i },
  {
    meaning: 'denied',
    code: /^5/,
    says: /\b5\.1\.1\b|user unknown|unknown user|no such (?:user|mailbox|recipient)|invalid recipient|unverified address|undeliverable address/i,
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
  { meaning: 'unexplained', code: /^5/ },
];

/**
 * @param stage the command that the reply answers.
 * @returns the meaning of the reply. A 3yz reply is `undecided`, because it answers none of these commands.
 */
export function meaningOf(stage: Stage, reply: SmtpReply): Meaning {
  const code = String(reply.code);
  const text = reply.lines.join(' ');
  const row = ROWS.find(
    (row) => row.code.test(code) && (row.stage ?? stage) === stage && (row.says?.test(text) ?? true),
  );
  return row?.meaning ?? 'undecided';
}

/** @returns whether the reply names a block list or reputation as the reason, in the words that mail servers use. */
export function namesBlockList(reply: SmtpReply): boolean {
  return /block(?:ed|[ -]?list)|black[ -]?list|\b(?:rbl|dnsbl|spamhaus|spamcop|barracuda|uceprotect|abuseat)|listed (?:at|by|in|on)\b|reputation/i.test(
    reply.lines.join(' '),
  );
}

/** @returns whether two replies have the same code and the same words, apart from the addresses and names in them. */
export function isSameReply(one: SmtpReply, other: SmtpReply): boolean {
  return one.code === other.code && wordsOf(one) === wordsOf(other);
}

/**
 * Matches addresses, host names and numbers such as queue ids, which differ between two replies that say the same. Each
 * alternative begins only where a word begins, so that the time is linear in the length of the reply.
 */
const PARTICULARS = /<[^<>]*>|(?<!\S)\S*@\S*|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b|\b(?=\w*\d)\w{6,}\b/gi;

function wordsOf({ lines }: SmtpReply): string {
  return lines.join(' ').replaceAll(PARTICULARS, '').replaceAll(/\s+/g, ' ').trim().toLowerCase();
}
