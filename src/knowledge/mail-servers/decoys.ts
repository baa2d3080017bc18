/**
 * Recognises programs that only look like a mail server and name themselves: filters that keep strangers busy, honeypots,
 * and traps for developers. They say yes to everything and deliver nothing, so what they say tells nothing of the mail
 * host behind them.
 */
import { recogniseMta } from './mta.ts';

/** What a decoy is for. */
export type DecoyKind = 'tarpit' | 'honeypot' | 'trap';

/** A program that only looks like a mail server. */
export interface Decoy {
  readonly name: string;
  readonly kind: DecoyKind;
}

interface DecoyRow extends Decoy {
  /** Matches what only this program says in its greeting or EHLO reply. */
  readonly says: RegExp;
}

const DECOYS: readonly DecoyRow[] = [
  {
    name: 'OpenBSD spamd',
    kind: 'tarpit',
    says: /\bE?SMTP spamd\b|\bspamd IP-based\b|IP-based SPAM blocker|pleased to be wasting your time/i,
  },
  { name: 'Jackpot Mailswitch', kind: 'honeypot', says: /\bJackpot (?:Mailswitch|SMTP)\b/i },
  { name: 'SpamPot', kind: 'honeypot', says: /\bspam ?pot\b/i },
  { name: 'Mailoney', kind: 'honeypot', says: /\bmailoney\b|\bschizo\b/i },
  { name: 'OpenCanary', kind: 'honeypot', says: /\bopencanary\b/i },
  { name: 'INetSim', kind: 'honeypot', says: /\bINetSim\b/i },
  { name: 'MailHog', kind: 'trap', says: /\bMailHog\b/i },
  { name: 'Mailpit', kind: 'trap', says: /\bMailpit\b/i },
  { name: 'MailCatcher', kind: 'trap', says: /\bMailCatcher\b|\bEventMachine SMTP Server\b/i },
  { name: 'smtp4dev', kind: 'trap', says: /\bsmtp4dev\b/i },
  { name: 'GreenMail', kind: 'trap', says: /\bGreenMail\b/i },
  { name: 'Inbucket', kind: 'trap', says: /\bInbucket\b/i },
  { name: 'Papercut', kind: 'trap', says: /\bPapercut\b/i },
  { name: 'FakeSMTP', kind: 'trap', says: /\bFakeSMTP\b/i },
];

/** The words by which others say what they are. */
const OTHERS: readonly DecoyRow[] = [
  {
    name: 'a tarpit',
    kind: 'tarpit',
    says: /\b(?:smtp )?tar[ -]?pit(?:d|ting)?\b|\bteergrube\b|\bspam ?block(?:er|ing) service\b/i,
  },
  { name: 'a honeypot', kind: 'honeypot', says: /\bhoney[ -]?(?:pot|d|trap)\b|\bspam ?trap\b/i },
];

/** A host name or mail address. It says who runs a server, and not what the server is. */
const NAMES = /\S*@\S*|(?<![\w.-])[\w-]+(?:\.[\w-]+)+/g;

/** @returns the decoy that names itself in the text of a greeting or EHLO reply, or `null`. */
export function recogniseDecoy(text: string): Decoy | null {
  const words = text.replaceAll(NAMES, ' ');
  const row =
    DECOYS.find(({ says }) => says.test(words)) ??
    // A mail server may joke about spam traps in its greeting.
    (recogniseMta(words) === null ? OTHERS.find(({ says }) => says.test(words)) : undefined);
  return row ? { name: row.name, kind: row.kind } : null;
}
