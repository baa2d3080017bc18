/** Splits a stream into lines, in constant memory: a line that is too long is passed over and not held. */

/** A line of the input, without its end. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** Whether the line is longer than `MAX_LINE_BYTES`. Its text is then a beginning of it. */
  readonly isTooLong: boolean;
}

/** The longest line of an input, in bytes. A target with a hundred addresses has some 4 000. */
export const MAX_LINE_BYTES = 64 * 1024;

const LF = 0x0a;
const BOM = '\uFEFF';

/** @returns the lines of the stream as UTF-8. The end of a line is LF or CR LF. A byte order mark is left out. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Line> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isTooLong = false;
  let number = 0;

  const hold = (part: Uint8Array): void => {
    const room = MAX_LINE_BYTES - heldBytes;
    if (part.length > room) isTooLong = true;
    if (room > 0 && part.length > 0) held.push(part.subarray(0, room));
    heldBytes += Math.min(part.length, Math.max(room, 0));
  };
  const take = (): Line => {
    number += 1;
    const text = Buffer.concat(held).toString('utf8').replace(/\r$/, '');
    const line = { number, text: number === 1 && text.startsWith(BOM) ? text.slice(1) : text, isTooLong };
    held = [];
    heldBytes = 0;
    isTooLong = false;
    return line;
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      hold(chunk.subarray(from, at));
      from = at + 1;
      yield take();
    }
    // A copy, since the stream may use the memory of the chunk again.
    hold(Uint8Array.from(chunk.subarray(from)));
  }
  if (heldBytes > 0) yield take();
}
