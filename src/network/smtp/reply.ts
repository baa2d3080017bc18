/**
 * Reads SMTP replies (RFC 5321 §4.2) from bytes as they arrive. Every limit bounds memory against a hostile server;
 * after an error the stream cannot be trusted to be in step again, so the parser stays failed.
 */
import type { SmtpReply } from './types.ts';

/**
 * RFC 5321 §4.5.3.1.5 allows 512 octets; longer lines are seen in the wild (block-list texts with URLs), so four times
 * that is read before giving up.
 */
export const MAX_LINE_BYTES = 2048;
/** The longest honest replies are EHLO (some 30 lines) and HELP (some 100). */
export const MAX_REPLY_LINES = 200;
/** Keeps 200 lines from adding up: no honest reply comes near. */
export const MAX_REPLY_BYTES = 64 * 1024;

export interface ReplyError {
  readonly status: 'malformed' | 'too-long';
  readonly detail: string;
  /** The start of the offending line; latin1, untrusted. */
  readonly excerpt: string;
}

export type ReplyEvent =
  | { readonly kind: 'reply'; readonly reply: SmtpReply }
  | ({ readonly kind: 'error' } & ReplyError);

const EXCERPT_BYTES = 80;
const LF = 0x0a;

export class ReplyParser {
  /** The line begun but not ended; never more than MAX_LINE_BYTES. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #code: number | null = null;
  #lines: string[] = [];
  #replyBytes = 0;
  #failed = false;

  /** Whether bytes of an unfinished reply are held. */
  get midReply(): boolean {
    return this.#partialBytes > 0 || this.#lines.length > 0;
  }

  /** @returns the replies completed by these bytes, in order; an error is always the last event ever returned. */
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
    // A lone LF ends a line too: RFC 5321 §2.3.8 forbids sending it, but reading it harms nobody here.
    const line = this.#text().replace(/\r+$/, '');
    // A code alone, without separator, is the last line of its reply (RFC 5321 §4.2).
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

/** RFC 2034 §4: the class of the enhanced code agrees with the reply code; otherwise it is text like any other. */
function enhancedCode(code: number, text: string): string | null {
  const found = /^([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(text)?.[1];
  return found !== undefined && Number(found[0]) === Math.floor(code / 100) ? found : null;
}
