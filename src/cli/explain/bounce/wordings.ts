/** What mail servers say about a fault in their own words, whatever the receiver. */
import type { CauseName } from '../../../knowledge/receivers/causes.ts';

/** Words that point to a fault. */
interface Wording {
  readonly sign: RegExp;
  /** What the words are about, as the object of "The reply mentions". */
  readonly topic: string;
  readonly causes: readonly CauseName[];
}

// Each pattern looks at no more than 60 characters behind its first word, so that it is fast on hostile text.
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
  { sign: /\bdmarc\b/i, topic: 'DMARC', causes: ['no-dmarc', 'dkim-not-aligned', 'no-spf', 'no-dkim'] },
  { sign: /\b(?:helo|ehlo)\b/i, topic: 'the HELO name', causes: ['bad-helo', 'unknown-helo'] },
  {
    sign: /\bsender\b.{0,60}\bdomain not found|\bdomain of sender\b.{0,60}\bnot (?:exist|resolve)|\bsender verify failed/i,
    topic: 'the domain of the sender',
    causes: ['no-domain', 'no-return-path'],
  },
  { sign: /\bopen[ -](?:proxy[/ ])?relay/i, topic: 'an open relay', causes: ['open-relay'] },
];
