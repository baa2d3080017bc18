/**
 * Shows the progress of a fleet on stderr: on a terminal one line that is written anew, elsewhere a line every ten seconds.
 */
import type { Verdict } from '../../report/status.ts';
import { durationWords } from '../../reporters/fleet/words.ts';
import { MARKS } from '../../reporters/words.ts';

/** What a progress line says. */
export interface FleetCounts {
  /** Targets that are judged, with those from before an interruption. */
  readonly done: number;
  /** Targets that are judged since the start of this process. */
  readonly judgedNow: number;
  /** All targets. Absent where the input cannot be read twice. */
  readonly total?: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
}

/** The progress of a fleet. */
export interface FleetProgress {
  /** Says that something has changed. */
  update(): void;
  /** Writes something to a terminal that may show the line. */
  around(write: () => Promise<void>): Promise<void>;
  stop(): void;
}

/** Milliseconds between two lines where stderr is no terminal. */
const LINE_MS = 10_000;

/** Milliseconds between two states of the line on a terminal. */
const SHOWN_MS = 200;

/** Milliseconds over which the speed is measured. */
const SPEED_MS = 30_000;

/** The narrowest terminal, in columns, in which the line is readable. */
const MIN_COLUMNS = 20;

const CLEAR = '\r\u001b[2K';

const SILENT: FleetProgress = { update: () => {}, around: (write) => write(), stop: () => {} };

/**
 * @param quiet whether the user asked for no progress.
 * @param counts gives the counts at any time.
 */
export function startFleetProgress(quiet: boolean, counts: () => FleetCounts): FleetProgress {
  if (quiet) return SILENT;
  const speed = speedOf(() => counts().judgedNow);
  const text = (): string => progressText(counts(), speed());
  const { stderr } = process;
  if (!stderr.isTTY || !(stderr.columns >= MIN_COLUMNS)) {
    const timer = setInterval(() => stderr.write(`mailcheck: ${text()}\n`), LINE_MS);
    return { ...SILENT, stop: () => clearInterval(timer) };
  }
  const show = (): void => {
    stderr.write(`${CLEAR}${text().slice(0, stderr.columns - 1)}`);
  };
  const timer = setInterval(show, SHOWN_MS);
  show();
  return {
    update: () => {},
    async around(write) {
      stderr.write(CLEAR);
      await write();
    },
    stop() {
      clearInterval(timer);
      stderr.write(CLEAR);
    },
  };
}

/** @returns a function that gives the targets a second over the last half minute. */
function speedOf(judged: () => number): () => number {
  const marks = [{ at: performance.now(), judged: judged() }];
  return () => {
    const now = { at: performance.now(), judged: judged() };
    marks.push(now);
    while (marks.length > 2 && now.at - (marks[0]?.at ?? 0) > SPEED_MS) marks.shift();
    const [first = now] = marks;
    const seconds = (now.at - first.at) / 1000;
    return seconds > 0 ? (now.judged - first.judged) / seconds : 0;
  };
}

/** @returns the progress in one line: `87/300 · 61 pass 9 warn 17 FAIL · 12/s · ~3 min`. */
export function progressText({ done, total, verdicts }: FleetCounts, perSecond: number): string {
  const words = (['pass', 'warn', 'fail', 'inconclusive'] as const)
    .filter((verdict) => verdicts[verdict] > 0)
    .map((verdict) => `${verdicts[verdict]} ${MARKS[verdict].word}`)
    .join(' ');
  const rest = total === undefined ? undefined : Math.max(0, total - done);
  return [
    total === undefined ? `${done}` : `${done}/${total}`,
    words,
    perSecond > 0 ? `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)}/s` : '',
    rest !== undefined && perSecond > 0 ? `~${durationWords(Math.ceil(rest / perSecond))}` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
