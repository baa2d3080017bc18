/** The times of a terminal cast: somebody types a command, its report appears, and the terminal scrolls through it. */

/** In seconds since the start. */
export interface Timeline {
  readonly typingStarts: number;
  readonly typingTakes: number;
  readonly reportAppears: number;
  readonly scrollTakes: number;
  /** Where the screen stands: the first line that is visible, by the time since the report has appeared. */
  readonly stops: readonly { readonly at: number; readonly line: number }[];
}

const PAUSE = 0.8;
const PER_CHARACTER = 0.045;
const READING = 3;
const MOVING = 0.7;
/** Lines of the screen before that stay visible, so that a reader keeps the place. */
const OVERLAP = 3;

/**
 * @param characters the length of the command.
 * @param lines all lines, that of the command included.
 * @param rows the lines that the terminal shows at a time.
 * @returns the times. The screen ends at its first line again, where the verdict is.
 */
export function timeline(characters: number, lines: number, rows: number): Timeline {
  const typingTakes = characters * PER_CHARACTER;
  const last = Math.max(0, lines - rows);
  const firsts: number[] = [];
  for (let line = rows - OVERLAP; firsts.at(-1) !== last && last > 0; line += rows - OVERLAP) {
    firsts.push(Math.min(line, last));
  }
  const stops = [{ at: 0, line: 0 }];
  let now = 0;
  for (const line of last > 0 ? [...firsts, 0] : []) {
    const before = stops.at(-1)?.line ?? 0;
    now += READING;
    stops.push({ at: now, line: before }, { at: now + MOVING, line });
    now += MOVING;
  }
  return {
    typingStarts: PAUSE,
    typingTakes,
    reportAppears: PAUSE + typingTakes + PAUSE,
    scrollTakes: now,
    stops,
  };
}
