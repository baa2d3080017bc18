/** Reads what a receiver said, by the knowledge that also explains bounces. */
import type { CauseName } from '../../../knowledge/receivers/causes.ts';
import type { Receiver } from '../../../knowledge/receivers/schema.ts';
import { quoteLines } from '../../../network/smtp/quote.ts';
import type { NamedList } from '../reply/named-list.ts';
import { readReply } from '../reply/reading.ts';
import type { Said } from './stamp-schema.ts';

/** What the answer of a receiver means. */
export interface Meaning {
  /** Sentences about it, the surest first. */
  readonly says: readonly string[];
  /** The faults of the sender that the surest of them name. */
  readonly causes: readonly CauseName[];
  /** The block list that it names. */
  readonly list: NamedList | null;
  /** Where removal is requested. */
  readonly removal: NonNullable<Receiver['removals']>[number] | null;
}

/** The most sentences that are kept. */
const MAX_SAYS = 3;

/** @returns what an answer that accepts nothing means. */
export function meaningOf(receiver: Receiver, { host, reply }: Said): Meaning {
  const { code, enhanced, lines } = reply;
  const text = quoteLines(lines);
  const words = enhanced !== null && text.startsWith(enhanced) ? text.slice(enhanced.length).trim() : text;
  const { statements, list } = readReply({ basic: String(code), enhanced, words }, [{ receiver, host }]);
  const telling = statements.filter(({ certainty }) => certainty !== 'general');
  const named = telling.filter(({ causes }) => causes.length > 0);
  const [surest] = named;
  const removals = receiver.removals ?? [];
  const isSigned = ({ sign }: (typeof removals)[number]): boolean =>
    sign !== undefined && text.toLowerCase().includes(sign.toLowerCase());
  return {
    says: telling.slice(0, MAX_SAYS).map(({ says }) => says),
    causes: [
      ...new Set(named.filter(({ certainty }) => certainty === surest?.certainty).flatMap(({ causes }) => causes)),
    ],
    list,
    removal: removals.find(isSigned) ?? removals.find(({ sign }) => sign === undefined) ?? null,
  };
}
