/** The dialogue of one connection, for `--verbose` and as evidence. Its size is limited whatever the server sends. */
import type { Transcript, TranscriptLine } from './types.ts';

/** Largest number of lines. A full relay test on one connection has about 60. */
export const MAX_TRANSCRIPT_LINES = 500;
/** Largest number of characters in all lines together. */
export const MAX_TRANSCRIPT_CHARACTERS = 64 * 1024;

/** Records the lines of one dialogue until a limit is reached. */
export class TranscriptLog implements Transcript {
  readonly id: string;
  readonly lines: TranscriptLine[] = [];
  #characters = 0;
  #full = false;

  constructor(id: string) {
    this.id = id;
  }

  add(from: TranscriptLine['from'], text: string): void {
    if (this.#full) return;
    this.#characters += text.length;
    this.#full = this.lines.length >= MAX_TRANSCRIPT_LINES || this.#characters > MAX_TRANSCRIPT_CHARACTERS;
    this.lines.push(this.#full ? { from: 'note', text: 'the rest of this dialogue was not kept' } : { from, text });
  }
}
