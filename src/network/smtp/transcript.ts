/** The dialogue of one connection, for `--verbose` and as evidence. Its size is limited whatever the server sends. */
import type { Transcript, TranscriptLine } from './types.ts';

/** Largest number of lines. A full relay test on one connection has about 60. */
export const MAX_TRANSCRIPT_LINES = 500;
/** Largest number of characters in all lines together. */
export const MAX_TRANSCRIPT_CHARACTERS = 64 * 1024;

/** Records the lines of one dialogue until a limit is reached. */
export class TranscriptLog implements Transcript {
  readonly id: string;
  readonly cause?: string;
  readonly lines: TranscriptLine[] = [];
  #dials = 0;
  #characters = 0;
  #full = false;

  /** @param cause the id of the connection for which the client makes this one by itself. */
  constructor(id: string, cause?: string) {
    this.id = id;
    if (cause !== undefined) this.cause = cause;
  }

  /** The number of times that the client connected. */
  get dials(): number {
    return this.#dials;
  }

  /** Notes that the client connects. */
  dial(): void {
    this.#dials += 1;
  }

  add(from: TranscriptLine['from'], text: string): void {
    if (this.#full) return;
    this.#characters += text.length;
    this.#full = this.lines.length >= MAX_TRANSCRIPT_LINES || this.#characters > MAX_TRANSCRIPT_CHARACTERS;
    this.lines.push(this.#full ? { from: 'note', text: 'the rest of this dialogue was not kept' } : { from, text });
  }
}
