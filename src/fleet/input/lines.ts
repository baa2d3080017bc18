/** Splits a stream into lines, in constant memory: a line that is too long is passed over and not held. */

/** A line of the input, without its end. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** Whether the line is longer than the limit. Its text is then a beginning of it. */
  readonly isTooLong: boolean;
  /** Whether a line feed ends it. Only the last line of a stream may have none. */
  readonly isEnded: boolean;
  /** The length in bytes, with its end. */
  readonly bytes: number;
}

/** The longest line of an input, in bytes. A target with a hundred addresses has some 4 000. */
export const MAX_LINE_BYTES = 64 * 1024;

const LF = 0x0a;
const BOM = '\uFEFF';

/**
 * @param maxBytes the longest line, without its end.
 * @returns the lines of the stream as UTF-8. The end of a line is LF or CR LF. A byte order mark is left out.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, maxBytes = MAX_LINE_BYTES): AsyncIterable<Line> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let number = 0;

  const hold = (part: Uint8Array): void => {
    const room = maxBytes - bytes;
    if (room > 0 && part.length > 0) held.push(part.subarray(0, room));
    bytes += part.length;
  };
  const take = (isEnded: boolean): Line => {
    number += 1;
    const all = Buffer.concat(held).toString('utf8').replace(/\r$/, '');
    const text = number === 1 && all.startsWith(BOM) ? all.slice(1) : all;
    const line = { number, text, isTooLong: bytes > maxBytes, isEnded, bytes: isEnded ? bytes + 1 : bytes };
    held = [];
    bytes = 0;
    return line;
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      hold(chunk.subarray(from, at));
      from = at + 1;
      yield take(true);
    }
    // A copy, since the stream may use the memory of the chunk again.
    hold(Uint8Array.from(chunk.subarray(from)));
  }
  if (bytes > 0) yield take(false);
}
