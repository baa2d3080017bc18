/** Explains a bounce: which receiver gave each reply, which findings of a check are behind it, and how sure that is. */
import { type ReadReply, readReplies, type Statement } from '../../../check/facts/reply/reading.ts';
import { codesOf } from '../../../check/rules/index.ts';

/** One statement about a reply. */
export interface ExplainedStatement extends Omit<Statement, 'causes' | 'listing'> {
  /** The findings of a check that can be behind it, the likeliest first. */
  readonly codes: readonly string[];
}

/** A reply, and what is known about it. */
export interface ExplainedReply extends Omit<ReadReply, 'statements'> {
  /** The surest first. */
  readonly statements: readonly ExplainedStatement[];
}

/** A bounce, and what is known about its replies. */
export interface Bounce {
  readonly replies: readonly ExplainedReply[];
  /** The number of further replies in the text. They are not explained. */
  readonly left: number;
}

/** @returns the explanation of every reply in the text, or `undefined` when there is none. */
export function explainBounce(text: string): Bounce | undefined {
  const read = readReplies(text);
  if (read === undefined) return undefined;
  return { replies: read.replies.map(explained), left: read.left };
}

function explained({ statements, ...reply }: ReadReply): ExplainedReply {
  return {
    ...reply,
    statements: statements.map(({ certainty, says, receiver, causes, listing, source }) => ({
      certainty,
      says,
      receiver,
      codes: listing === null ? codesOf(causes) : [listing],
      source,
    })),
  };
}
