/** Keeps what was said in one connection, for `--verbose` and as evidence; bounded however talkative the server is. */
import type { Transcript, TranscriptLine } from './types.ts';

/** A full relay test on one connection says about 60 lines. */
export const MAX_TRANSCRIPT_LINES = 500;
export const MAX_TRANSCRIPT_CHARACTERS = 64 * 1024;

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
