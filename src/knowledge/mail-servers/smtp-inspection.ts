/**
 * Recognises the marks of a firewall that inspects SMTP and overwrites what it does not let pass. Cisco's `fixup
 * protocol smtp` (PIX) and `inspect esmtp` (ASA) write asterisks over the greeting and the letter X over keywords and
 * commands that they do not know, STARTTLS among them. A firewall that leaves words out leaves no mark.
 */
import { type ConfigurationLine, unconfirmedLines } from './configuration-line.ts';

/** What of a dialogue is overwritten. */
export type OverwrittenPart = 'greeting' | 'keyword' | 'reply';

interface Row {
  readonly part: OverwrittenPart;
  /** Matches the text of the greeting, one keyword of the EHLO reply, or the text of the reply to STARTTLS. */
  readonly looks: RegExp;
}

const ROWS: readonly Row[] = [
  // The firewall leaves the digits of the code 220, and perhaps the name. A frame of asterisks around words is no mark.
  { part: 'greeting', looks: /^(?:[\w.-]+ )?[*02\s]*\*{5}[*02\s]*$/ },
  // The last letter counts the keywords: XXXXXXXA, XXXXXXXB.
  { part: 'keyword', looks: /^(?:X{3,}[A-Z]?|([X*#._-])\1{3,}[A-Z]?)$/i },
  // Servers repeat the command that they do not know.
  { part: 'reply', looks: /(?:^|[^\w*])(?:X{4,}[A-Z]?|\*{4,})(?:$|[^\w*])/ },
];

const looksOverwritten = (part: OverwrittenPart, text: string): boolean =>
  ROWS.some((row) => row.part === part && row.looks.test(text));

/** @returns whether a keyword, or a name, has been overwritten. */
export function isOverwritten(word: string): boolean {
  return looksOverwritten('keyword', word);
}

/** The parts of a dialogue in which marks are looked for. The lines are without code and separator. */
export interface InspectedDialogue {
  readonly greeting: readonly string[];
  /** The lines of the EHLO reply behind the first. */
  readonly keywords: readonly string[];
  /** The reply to STARTTLS. */
  readonly startTls?: readonly string[];
}

/** @returns the parts that are overwritten. Empty when the dialogue has no mark. */
export function overwrittenParts({ greeting, keywords, startTls = [] }: InspectedDialogue): OverwrittenPart[] {
  const words = keywords.map((line) => line.trim().split(/\s/)[0] ?? '');
  return [
    ...(looksOverwritten('greeting', greeting.join(' ')) ? (['greeting'] as const) : []),
    ...(words.some(isOverwritten) ? (['keyword'] as const) : []),
    ...(startTls.some((line) => looksOverwritten('reply', line)) ? (['reply'] as const) : []),
  ];
}

/** The commands that switch the inspection off, on the firewalls whose commands are known. */
export const INSPECTION_OFF: readonly ConfigurationLine[] = unconfirmedLines(
  '# Cisco ASA, in the configuration mode:',
  'policy-map global_policy',
  ' class inspection_default',
  '  no inspect esmtp',
  '# Cisco PIX:',
  'no fixup protocol smtp 25',
);

/** What to do on firewalls whose commands are not known. */
export const OTHER_FIREWALLS =
  'On another firewall, switch off the SMTP proxy, the SMTP inspection or the ALG of the rule that lets port 25 in.';
