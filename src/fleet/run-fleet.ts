/**
 * Streams many targets through one judge: so many at a time, in constant memory, each target once. What is judged is
 * written to the journal before anybody hears of it, so that an interrupted run goes on where it was.
 */
import type { FleetTarget, UnreadLine } from './target.ts';

/** Where the judged targets are kept. */
export interface Journal<T> {
  /** @returns whether the target is judged already. */
  has(id: string): boolean;
  /** Keeps a judged target. The promise resolves when it is written, so that it survives the end of the process. */
  keep(target: FleetTarget, judged: T): Promise<void>;
}

/** Why a target of the source is not judged: the journal has it, an earlier line names it, or the run does not want it. */
export type PassedOver = 'known' | 'repeated' | 'unwanted';

/** The parts of a fleet run. */
export interface FleetParts<T> {
  /** The targets in order, and the lines that are none. It is read no faster than targets are judged. */
  readonly source: AsyncIterable<FleetTarget | UnreadLine>;
  /** Judges one target. It rejects when the run is aborted, and with a fault that ends the run. */
  readonly judge: (target: FleetTarget) => Promise<T>;
  /** Called before each target is started. The target waits for the promise, whose rejection ends the run. */
  readonly admit?: (target: FleetTarget) => Promise<void>;
  readonly journal?: Journal<T>;
  /** Tells whether the target belongs to this run: by its tags, or by its shard. */
  readonly isWanted?: (target: FleetTarget) => boolean;
  /** The most targets under way. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called with each judged target, one after the other, in the order of their ends. The next ones wait for the promise. */
  readonly onJudged: (target: FleetTarget, judged: T) => Promise<void>;
  /** Called with a line that is no target. What it throws ends the run. */
  readonly onUnread?: (line: UnreadLine) => void;
  /** Called with a target that is not judged. */
  readonly onPassedOver?: (why: PassedOver, target: FleetTarget) => void;
}

/** What a fleet run did. */
export interface FleetRun {
  /** Targets that were judged now. */
  readonly judged: number;
  /** Targets that the journal had already. */
  readonly known: number;
  /** Lines that name a target again. */
  readonly repeated: number;
  /** Lines that are no target. */
  readonly unread: number;
  /** Targets that were under way and are not judged. */
  readonly left: number;
}

/**
 * Judges the targets.
 *
 * @returns what was done, when the source is at its end or the signal is aborted.
 * @throws what the source, the judge, the journal or `onJudged` throws, but for the end by the signal.
 */
export async function runFleet<T>({
  source,
  judge,
  admit = async () => {},
  journal,
  isWanted = () => true,
  concurrency,
  signal,
  onJudged,
  onUnread = () => {},
  onPassedOver = () => {},
}: FleetParts<T>): Promise<FleetRun> {
  const seen = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const counts = { judged: 0, known: 0, repeated: 0, unread: 0, left: 0 };
  const end = endOf(signal);
  let told: Promise<void> = Promise.resolve();

  const judgeOne = async (target: FleetTarget): Promise<void> => {
    try {
      const judged = await judge(target);
      await journal?.keep(target, judged);
      const telling = told.then(() => onJudged(target, judged));
      told = telling.catch(() => {});
      await telling;
      counts.judged += 1;
    } catch (error) {
      counts.left += 1;
      end.by(error);
    }
  };

  const isToJudge = (target: FleetTarget): boolean => {
    const why = !isWanted(target)
      ? 'unwanted'
      : seen.has(target.id)
        ? 'repeated'
        : journal?.has(target.id)
          ? 'known'
          : undefined;
    seen.add(target.id);
    if (why === undefined) return true;
    if (why !== 'unwanted') counts[why] += 1;
    onPassedOver(why, target);
    return false;
  };

  const items = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      // A source may wait for ever, such as a pipe that nobody writes to.
      const next = await end.or(items.next());
      if (next === undefined || next.done) break;
      const item = next.value;
      if ('error' in item) {
        counts.unread += 1;
        onUnread(item);
        continue;
      }
      if (!isToJudge(item)) continue;
      await end.or(admit(item));
      while (underWay.size >= concurrency && !end.isOver()) await end.or(Promise.race(underWay));
      if (end.isOver()) break;
      const work = judgeOne(item).finally(() => underWay.delete(work));
      underWay.add(work);
    }
  } catch (error) {
    end.by(error);
  }
  // Nobody waits for it: a source that is waiting itself ends only afterwards.
  items.return?.()?.catch(() => {});
  await Promise.all(underWay);
  await told;
  end.stop();
  end.throwFailure();
  return counts;
}

/** The end of a run before its last target: by the signal, or by a failure. */
function endOf(signal: AbortSignal) {
  let failure: { readonly error: unknown } | undefined;
  const waiting = new Set<() => void>();
  const tell = (): void => {
    for (const give of waiting) give();
  };
  const onAbort = (): void => tell();
  signal.addEventListener('abort', onAbort);
  const isOver = (): boolean => signal.aborted || failure !== undefined;
  return {
    isOver,
    /** Ends the run with an error. After the end by the signal it is no failure. */
    by(error: unknown): void {
      if (!signal.aborted) failure ??= { error };
      tell();
    },
    /** @returns the result of the work, or `undefined` as soon as the run is over. */
    async or<V>(work: Promise<V>): Promise<V | undefined> {
      if (isOver()) {
        work.catch(() => {});
        return undefined;
      }
      let give = (): void => {};
      // One promise for the whole run would keep what waits for it until the end: some kilobytes for each target.
      const over = new Promise<undefined>((resolve) => {
        give = () => resolve(undefined);
      });
      waiting.add(give);
      return Promise.race([work, over]).finally(() => waiting.delete(give));
    },
    stop: () => signal.removeEventListener('abort', onAbort),
    throwFailure(): void {
      if (failure !== undefined) throw failure.error;
    },
  };
}
