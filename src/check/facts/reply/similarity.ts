/** Compares the words of a reply with the beginning of a reply that a receiver is known to give. */

/** The known reply, as the data about the receiver has it. */
export interface KnownReply {
  readonly basic: string | null;
  readonly enhanced: string | null;
  readonly words: readonly string[];
  /** The same words, cut where they differ from mail to mail. */
  readonly phrases: readonly string[];
  /** The receiver's own numbers in it, such as `DY-001`. They identify the reply. */
  readonly marks: readonly string[];
}

/** @returns the parts of a known reply. "…" stands for what differs from mail to mail. */
export function knownReply(text: string): KnownReply {
  const codes = /^([245]\d\d)?[-;, ]*(\d\.\d{1,3}\.\d{1,3})?[-;, ]*/.exec(text);
  const rest = text.slice(codes?.[0].length ?? 0);
  return {
    basic: codes?.[1] ?? null,
    enhanced: codes?.[2] ?? null,
    words: wordsOf(rest),
    phrases: rest
      .split('…')
      .map((part) => wordsOf(part).join(' '))
      .filter((phrase) => phrase !== ''),
    marks: marksIn(rest),
  };
}

/** @returns the words in small letters, without punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];
}

/** @returns the numbers by which receivers tell their replies apart: capital letters with digits. */
export function marksIn(text: string): string[] {
  const marks = text.match(/(?<![\w.])(?=[A-Z#_-]*\d)[A-Z][A-Z0-9#_-]{3,20}(?!\w)/g) ?? [];
  return marks.filter((mark) => /\d/.test(mark));
}

/** The part of the words of a known reply that a reply must have, in their order. The receivers change a word now and then. */
const ENOUGH = 0.75;
/** With fewer words, all must be there, and those of a phrase side by side. */
const FEW = 5;

/** @returns whether the words of a reply are those of the known one. */
export function isSameReply(words: readonly string[], marks: readonly string[], known: KnownReply): boolean {
  if (known.marks.length > 0) return known.marks.some((mark) => marks.includes(mark));
  if (known.words.length < 3) return false;
  if (known.words.length < FEW) return known.phrases.every((phrase) => ` ${words.join(' ')} `.includes(` ${phrase} `));
  return commonInOrder(words, known.words) >= Math.ceil(ENOUGH * known.words.length);
}

/** The most words of a reply that are compared. What a receiver says first is what is known of its reply. */
const MAX_COMPARED = 120;

/** Returns the length of the longest common subsequence. */
function commonInOrder(words: readonly string[], known: readonly string[]): number {
  let row = new Array<number>(known.length + 1).fill(0);
  for (const word of words.slice(0, MAX_COMPARED)) {
    const next = [0];
    for (const [index, other] of known.entries()) {
      const longer = word === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0);
      next.push(longer);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
