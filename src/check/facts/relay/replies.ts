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
  /** The server refuses to relay the mail. */
  | 'denied'
  /** The server does not know the mailbox. Of a foreign mailbox, only a comparison shows that it is not relayed to. */
  | 'unknown-user'
  /** The server does not understand the address. */
  | 'syntax'
  /** The server refuses the client whatever it asks for, because of a block list, its PTR record or its HELO name. */
  | 'client-refused'
  /** The server refuses the sender, whoever the recipient is. */
  | 'sender-refused'
  /** The recipient's domain publishes a null MX (RFC 7505). */
  | 'null-mx'
  /** The server takes no recipient at a name that is reserved for documentation (RFC 2606, RFC 6761). */
  | 'reserved-domain'
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
  /** A comparison shows that the server refuses this recipient, but not that it refuses other foreign ones. */
  | 'recipient-refused'
  /** The server is about to hang up (421). */
  | 'closing';

/** The command whose reply decided: EHLO, MAIL or RCPT. */
export type Stage = 'hello' | 'mail' | 'rcpt';

interface ReplyRow {
  readonly meaning: Meaning;
  readonly code: RegExp;
  /** Matches the text together with the enhanced code. Any text matches when absent. */
  readonly says?: RegExp;
  /** The row does not apply if this matches the text. */
  readonly unless?: RegExp;
  /** The only stage the row applies to. Every stage when absent. */
  readonly stage?: Stage;
}

/** Matches a text that speaks of the sender, even in the reply to a recipient: many servers refuse senders there. */
const ABOUT_SENDER =
  /\bsender\b|\bMAIL FROM\b|absender|exp\S{1,2}diteur|remitente|mittente|\b[45]\.1\.[78]\b|\b5\.7\.27\b/i;

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
    says: /relay(?:ing)?\b[^.;]{0,200}\b(?:denied|not permitted|not allowed|prohibited|disallowed|disabled|forbidden|refused|rejected)|unable to relay\b(?!:)|(?:not|n't|no) (?:\w+ ){0,2}relay|(?:not|n't) (?:act|work|serve|function) as an? (?:\w+ )?relay|rcpthosts|delivery is not allowed|cannot deliver mail for|non-(?:local|accepted) (?:domain|recipient|user|address)|not (?:a )?local\b(?! lookup)|\b5\.7\.54\b/i,
  },
  // The same in German, French, Spanish, Italian and Portuguese.
  {
    meaning: 'denied',
    code: /^[45]/,
    says: /(?:rela(?:y|is)|weiterleitung|retransmisi|retransmiss|inoltro)[^.;]{0,120}(?:verweigert|verboten|abgelehnt|nicht (?:erlaubt|gestattet|zul)|interdit|refus|non autoris|no permitid|no autorizad|denegad|prohibid|non consentit|non permess|vietat|negad|proibid)|kein (?:\w+ ){0,2}relay/i,
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
  // The probes' recipients are at names that are reserved. A refusal for that says nothing about other recipients.
  {
    meaning: 'reserved-domain',
    code: /^[45]/,
    stage: 'rcpt',
    says: /(?<!rights )\breserv(?:ed|iert|ad[oa]|at[oa]|\W)|\bRFC[ -]?(?:2606|6761)\b|special[- ]use (?:domain|name)|(?:documentation|example|test|fake|bogus|dummy) (?:domain|recipient|address)/i,
    unless: ABOUT_SENDER,
  },
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
  {
    meaning: 'null-mx',
    code: /^[45]/,
    says: /null ?MX|(?:does|do)(?: not|n't) (?:accept|take|receive) (?:any )?(?:e-?)?mail(?! from)|(?:accepts?|takes?|receives?) no (?:e-?)?mail(?! from)/i,
  },
  { meaning: 'null-mx', code: /^556$/ },
  {
    meaning: 'unknown-domain',
    code: /^[45]/,
    says: /(?:domain|host)(?: or domain)?(?: name)?(?: \S+){0,2} (?:was )?(?:not found|(?:does not|doesn't) exist|(?:is )?(?:unknown|invalid|not valid|unresolvable|unreachable)|(?:cannot|could not) be (?:found|resolved)|has no (?:MX|A|mail|DNS|address))|unroute?able|no such (?:domain|host)|(?:unknown|non-?existent|invalid|bad) (?:recipient |destination )?(?:domain|host)\b|NXDOMAIN|no (?:valid )?(?:MX|mail exchanger)\b|MX records? point|DNS (?:lookup|error|fail|record)|\b[45]\.4\.310\b/i,
    unless: ABOUT_SENDER,
  },
  // The same in German, French, Spanish, Italian and Portuguese.
  {
    meaning: 'unknown-domain',
    code: /^[45]/,
    says: /dom(?:ain|\W{1,2}n|aine|inio|\W{1,2}nio)\w*(?: \S+){0,3} (?:nicht gefunden|existiert nicht|unbekannt|inconnu|introuvable|n'existe pas|no existe|desconocid|inesistente|sconosciut|inexistente)|unbekannte dom|domaine inconnu/i,
    unless: ABOUT_SENDER,
  },
  // Postfix answers 450 when its address verification fails.
  { meaning: 'unknown-user', code: /^4/, says: /\b4\.1\.1\b|unverified address|undeliverable address/i },
  // Exchange says 5.1.10 of a mailbox that it does not know. RFC 7505 §4.2 has it for a null MX, whose words come before.
  {
    meaning: 'unknown-user',
    code: /^5/,
    says: /\b5\.1\.10?\b|user unknown|unknown user|no such (?:user|mailbox|recipient)|invalid recipient|recipient ?not ?found|unverified address|undeliverable address/i,
  },
  { meaning: 'unknown-domain', code: /^[45]/, says: /\b[45]\.1\.2\b|\b[45]\.4\.4\b/ },
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
    (row) =>
      row.code.test(code) &&
      (row.stage ?? stage) === stage &&
      (row.says?.test(text) ?? true) &&
      !(row.unless?.test(text) ?? false),
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
