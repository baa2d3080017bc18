/** What mail servers say about a fault in their own words, whatever the receiver. */
import type { CauseName } from '../../../knowledge/receivers/causes.ts';

/** Words that point to a fault. */
interface Wording {
  readonly sign: RegExp;
  /** What the words are about, as the object of "The reply mentions". */
  readonly topic: string;
  /** The faults of the sender that the words can mean. There are none when the sender's setup is not to blame. */
  readonly causes: readonly CauseName[];
  /** What to know about it, as a sentence. */
  readonly note?: string;
  /** Whether the words are about the mailbox of the recipient. */
  readonly isAboutRecipient?: true;
}

/** Words that a domain has no DMARC record. Other words about DMARC mean that the mail fails the policy of a record. */
const NO_DMARC = String.raw`\bdmarc\b.{0,20}\b(?:record|policy)\b.{0,20}\b(?:missing|not found)|\b(?:no|missing|without|have an?)\b.{0,20}\bdmarc\b.{0,20}\b(?:record|policy)`;

// Each pattern looks at no more than 60 characters behind its first word, so that it is fast on hostile text. The pattern
// for a failure of DMARC reads all words once more.
export const WORDINGS: readonly Wording[] = [
  {
    sign: /\breverse[ -](?:dns|host ?name|lookup)|\br-?dns\b|\bptr\b|cannot find your (?:reverse )?host ?name/i,
    topic: 'reverse DNS',
    causes: ['no-ptr'],
  },
  {
    sign: /\b(?:dynamic|dial-?up|residential)\b.{0,60}\b(?:ip|address|host|range|line)|\bgeneric\b.{0,60}\b(?:ptr|reverse|host ?name)/i,
    topic: 'a dynamic or generic host name',
    causes: ['dynamic-ptr', 'default-ptr'],
  },
  { sign: /\bspf\b|sender policy framework/i, topic: 'SPF', causes: ['spf-fail', 'no-spf'] },
  { sign: /\bdkim\b/i, topic: 'DKIM', causes: ['no-dkim'] },
  { sign: new RegExp(NO_DMARC, 'i'), topic: 'a missing DMARC record', causes: ['no-dmarc'] },
  {
    sign: new RegExp(`^(?!.*(?:${NO_DMARC})).*\\bdmarc\\b`, 'is'),
    topic: 'DMARC',
    causes: ['dkim-not-aligned', 'no-dkim', 'spf-fail', 'no-spf'],
    note: 'Mail passes DMARC if SPF or DKIM passes in the name of the From domain.',
  },
  { sign: /\b(?:helo|ehlo)\b/i, topic: 'the HELO name', causes: ['bad-helo', 'unknown-helo'] },
  {
    sign: /\bsender\b.{0,60}\bdomain not found|\bdomain of sender\b.{0,60}\bnot (?:exist|resolve)|\bsender verify failed/i,
    topic: 'the domain of the sender',
    causes: ['no-domain', 'no-return-path'],
  },
  { sign: /\bopen[ -](?:proxy[/ ])?relay/i, topic: 'an open relay', causes: ['open-relay'] },
  {
    sign: /\b(?:user|recipient|mailbox|account|address|alias)\b.{0,20}\b(?:unknown|not found|disabled|inactive)\b|\b(?:unknown|invalid|no such|no|inactive) (?:user|recipient|mailbox|account|local part)\b|\bdoes ?(?:not|n['’]t) exist\b.{0,60}\brecipient|\b(?:mailbox|account|user|address|recipient)\b.{0,60}\bdoes ?(?:not|n['’]t) exist|\b(?:empf(?:ä|ae)nger|benutzer)\w*\b.{0,60}\b(?:unbekannt|existiert nicht)|\brecipient address rejected: access denied|\bdestinataire\b.{0,20}\b(?:invalide|inconnu)/i,
    topic: 'an unknown or disabled recipient',
    causes: [],
    note: 'Correct the address, or remove it from your list.',
    isAboutRecipient: true,
  },
  {
    sign: /\b(?:mailbox|mail ?folder|inbox)\b.{0,20}\bfull\b|\b(?:over|out of|exceed\w*)\b.{0,20}\b(?:quota|storage)|\bquota\b.{0,20}\bexceed|\bpostfach\b.{0,20}\bvoll\b|\bbo(?:î|i)te\b.{0,40}\bpleine\b|\bout of storage\b/i,
    topic: 'a full mailbox',
    causes: [],
    note: 'Only the recipient can make room.',
    isAboutRecipient: true,
  },
  {
    sign: /\b(?:spam|user) complaints\b|\blow reputation\b|\bip reputation\b/i,
    topic: 'the reputation of the sender',
    causes: [],
    note: 'No check can see it. It recovers when you send less, and only to people who want the mail.',
  },
  {
    sign: /\brate[ -]limit|\btoo many (?:e?mails|messages|connections|sessions)\b|\bunusual rate\b|\bthrottl/i,
    topic: 'too much mail at once',
    causes: [],
    note: 'Open fewer connections, and send more slowly.',
  },
  {
    sign: /\bgr[ea]y-?list/i,
    topic: 'greylisting',
    causes: [],
    note: 'The receiver defers the first mail of a sender that it does not know, and takes the next attempt.',
  },
  {
    sign: /\b(?:must|requires?|required|need)\b.{0,30}\b(?:starttls|tls|encrypt\w*)\b|\b(?:starttls|tls|encryption)\b.{0,30}\b(?:required|needed)/i,
    topic: 'required TLS',
    causes: [],
    note: 'Turn on TLS for outgoing mail on the sending server.',
  },
  {
    sign: /\brelay(?:ing)?\b.{0,20}\b(?:denied|not permitted|not allowed|prohibited|access denied)|\bunable to relay\b|\bdo(?:es)? not relay\b/i,
    topic: 'relaying',
    causes: [],
    note: 'The server does not take mail for the domain of the recipient: the MX records of that domain lead to the wrong server, or the sender did not log in.',
  },
];
