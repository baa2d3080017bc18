/**
 * Parses SMTP replies (RFC 5321 §4.2) from the bytes of a connection. The limits bound the memory that a hostile server
 * can fill. After an error the parser cannot find the start of the next reply, so it stays failed.
 */
import type { SmtpReply } from './types.ts';

/**
 * Longest line in bytes. RFC 5321 §4.5.3.1.5 allows 512 octets, but real servers send longer lines (texts of block
 * lists with URLs). The parser accepts four times as much.
 */
export const MAX_LINE_BYTES = 2048;
/** Longest reply in lines. The longest honest replies are EHLO (about 30 lines) and HELP (about 100). */
export const MAX_REPLY_LINES = 200;
/** Longest reply in bytes. No honest reply is nearly as long, but 200 lines of full length would be longer. */
export const MAX_REPLY_BYTES = 64 * 1024;

export interface ReplyError {
  readonly status: 'malformed' | 'too-long';
  readonly detail: string;
  /** The start of the line with the error, as latin1. Untrusted. */
  readonly excerpt: string;
}

/** A complete reply, or the error that ends the stream of replies. */
export type ReplyEvent =
  | { readonly kind: 'reply'; readonly reply: SmtpReply }
  | ({ readonly kind: 'error' } & ReplyError);

const EXCERPT_BYTES = 80;
const LF = 0x0a;

/** Parses the bytes of one connection into replies. */
export class ReplyParser {
  /** The pieces of the unfinished line. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #code: number | null = null;
  #lines: string[] = [];
  #replyBytes = 0;
  #failed = false;

  /** Whether the parser holds an unfinished reply. */
  get midReply(): boolean {
    return this.#partialBytes > 0 || this.#lines.length > 0;
  }

  /** @returns the replies that these bytes complete, in order. After an error the parser returns no further events. */
  feed(chunk: Buffer): ReplyEvent[] {
    const events: ReplyEvent[] = [];
    let start = 0;
    while (start < chunk.length && !this.#failed) {
      const end = chunk.indexOf(LF, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      this.#partialBytes += piece.length;
      this.#replyBytes += piece.length;
      this.#partial.push(piece.subarray(0, MAX_LINE_BYTES));
      const event = this.#overLimit() ?? (end === -1 ? undefined : this.#endLine());
      if (event) events.push(event);
      if (end === -1) break;
      start = end + 1;
    }
    return events;
  }

  #overLimit(): ReplyEvent | undefined {
    if (this.#partialBytes > MAX_LINE_BYTES)
      return this.#error('too-long', `a line of more than ${MAX_LINE_BYTES} bytes`);
    if (this.#replyBytes > MAX_REPLY_BYTES)
      return this.#error('too-long', `a reply of more than ${MAX_REPLY_BYTES} bytes`);
    return undefined;
  }

  #endLine(): ReplyEvent | undefined {
    // A lone LF ends a line too. RFC 5321 §2.3.8 forbids servers to send it, but accepting it here does no harm.
    const line = this.#text().replace(/\r+$/, '');
    // A code without separator is the last line of its reply (RFC 5321 §4.2).
    const match = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
    if (!match) return this.#error('malformed', 'not an SMTP reply line');
    const code = Number(match[1]);
    if (this.#code !== null && this.#code !== code) {
      return this.#error('malformed', `the code changes from ${this.#code} to ${code} within one reply`);
    }
    this.#code = code;
    this.#lines.push(match[3] ?? '');
    this.#partial = [];
    this.#partialBytes = 0;
    if (match[2] !== '-') return this.#endReply(code);
    return this.#lines.length >= MAX_REPLY_LINES
      ? this.#error('too-long', `a reply of more than ${MAX_REPLY_LINES} lines`)
      : undefined;
  }

  #endReply(code: number): ReplyEvent {
    const reply = { code, enhanced: enhancedCode(code, this.#lines[0] ?? ''), lines: this.#lines };
    this.#code = null;
    this.#lines = [];
    this.#replyBytes = 0;
    return { kind: 'reply', reply };
  }

  #error(status: ReplyError['status'], detail: string): ReplyEvent {
    const excerpt = this.#text().slice(0, EXCERPT_BYTES);
    this.#failed = true;
    this.#partial = [];
    this.#lines = [];
    return { kind: 'error', status, detail, excerpt };
  }

  #text(): string {
    return Buffer.concat(this.#partial).toString('latin1');
  }
}

/**
 * Reads the enhanced status code. Its class must be the first digit of the reply code (RFC 2034 §4). Otherwise it is
 * ordinary text.
 */
function enhancedCode(code: number, text: string): string | null {
  const found = /^([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(text)?.[1];
  return found !== undefined && Number(found[0]) === Math.floor(code / 100) ? found : null;
}
