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

/** The parts of a fleet run. */
export interface FleetParts<T> {
  /** The targets in order, and the lines that are none. It is read no faster than targets are judged. */
  readonly source: AsyncIterable<FleetTarget | UnreadLine>;
  /** Judges one target. It rejects when the run is aborted, and with a fault that ends the run. */
  readonly judge: (target: FleetTarget) => Promise<T>;
  /** Called before each target is started. The target waits for the promise. */
  readonly admit?: () => Promise<void>;
  readonly journal?: Journal<T>;
  /** Tells whether the target belongs to this run: by its tags, or by its shard. */
  readonly isWanted?: (target: FleetTarget) => boolean;
  /** The most targets under way. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called with each judged target, one after the other, in the order of their ends. The next ones wait for the promise. */
  readonly onJudged: (target: FleetTarget, judged: T) => Promise<void>;
  readonly onUnread?: (line: UnreadLine) => void;
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
}: FleetParts<T>): Promise<FleetRun> {
  const seen = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const counts = { judged: 0, known: 0, repeated: 0, unread: 0, left: 0 };
  let failure: { readonly error: unknown } | undefined;
  let told: Promise<void> = Promise.resolve();
  const isOver = (): boolean => signal.aborted || failure !== undefined;

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
      if (!signal.aborted) failure ??= { error };
    }
  };

  for await (const item of source) {
    if (isOver()) break;
    if ('error' in item) {
      counts.unread += 1;
      onUnread(item);
      continue;
    }
    if (!isWanted(item)) continue;
    if (seen.has(item.id)) {
      counts.repeated += 1;
      continue;
    }
    seen.add(item.id);
    if (journal?.has(item.id)) {
      counts.known += 1;
      continue;
    }
    await admit();
    while (underWay.size >= concurrency) await Promise.race(underWay);
    if (isOver()) break;
    const work = judgeOne(item).finally(() => underWay.delete(work));
    underWay.add(work);
  }
  await Promise.all(underWay);
  await told;
  if (failure !== undefined) throw failure.error;
  return counts;
}
