/** Runs a fleet once: opens its input and its outputs, judges its targets, and says how it ended. */
import { randomUUID } from 'node:crypto';
import { type FleetRun, runFleet } from '../../fleet/run-fleet.ts';
import { isInShard, type Shard } from '../../fleet/shard.ts';
import type { FleetTarget, UnreadLine } from '../../fleet/target.ts';
import type { FleetEntry, FleetSummary, WrongLine } from '../../report/fleet.ts';
import { EXIT, exitCode, type Report, worstExitCode } from '../../report/status.ts';
import { FleetTally } from '../../report/tally.ts';
import { totalsLines } from '../../reporters/fleet/words.ts';
import { UsageError } from '../../usage-error.ts';
import { loadConfig } from '../config/load.ts';
import { FLEET_OPTIONS, type FleetOptions } from '../options/fleet-options.ts';
import { optionReader } from '../options/read.ts';
import type { Interrupt } from '../terminal/interrupt.ts';
import { warn } from '../terminal/output.ts';
import { type FleetInput, isConfiguration, openConfiguration, openInput } from './input.ts';
import { openJudge, refuseWithQueue } from './judge.ts';
import { openFleetOutputs, parseFleetOutputs } from './outputs.ts';
import { checkOptions, type FleetPlan, planFleet } from './plan.ts';
import { startFleetProgress } from './progress.ts';

/** The most wrong lines that are kept to be told at the end. */
const MAX_WRONG_LINES = 20;

/** How a run of a fleet ended. */
export interface FleetOutcome {
  readonly summary: FleetSummary;
  /** The exit code, without that of a signal. */
  readonly code: number;
}

/**
 * Runs a fleet once.
 *
 * @param file the input, or `-`.
 * @param typed the names of the options on the command line.
 * @throws UsageError for a wrong option, for an input without targets, and for a file that cannot be read or written.
 */
export async function runFleetOnce(
  file: string,
  options: FleetOptions,
  typed: ReadonlySet<string>,
  { signal }: Pick<Interrupt, 'signal'>,
): Promise<FleetOutcome> {
  const reader = optionReader(FLEET_OPTIONS, options);
  const wantedConcurrency = await reader.read('concurrency');
  const queue = await reader.read('queue');
  const shard = await reader.read('shard');
  refuseWithQueue(options, typed, { queue, shard });
  const outputs = parseFleetOutputs(options.format, options.output);
  const { plan, input } = await opened(file, options, typed);
  const runId = options.runId ?? randomUUID();
  const judge = await openJudge({ plan, input, runId, queue, signal, onNotice: warn });
  const startedAt = new Date().toISOString();
  const tally = new FleetTally();
  const wrong: { count: number; first: WrongLine[] } = { count: 0, first: [] };
  const counts = { done: 0, judgedNow: 0, notTargets: 0 };
  const progress = startFleetProgress(options.quiet ?? false, () => ({
    done: counts.done,
    judgedNow: counts.judgedNow,
    ...(input.lines === undefined ? {} : { total: input.lines - counts.notTargets }),
    verdicts: tally.verdicts,
  }));
  const sinks = await openFleetOutputs(outputs, {
    failedOnly: options.failedOnly ?? false,
    policy: plan.policy,
    signal,
    around: progress.around,
  });
  const tell = async (target: Pick<FleetTarget, 'id' | 'place' | 'tags'>, report: Report): Promise<void> => {
    const { id, place, tags } = target;
    const entry: FleetEntry = { id, place, tags, report, exitCode: exitCode(report, plan.policy) };
    tally.add(entry);
    counts.done += 1;
    await sinks.entry(entry);
  };
  const onUnread = (line: UnreadLine): void => {
    const text = `${line.place}: ${line.error}`;
    if (options.strictInput) throw new UsageError(text);
    wrong.count += 1;
    counts.notTargets += 1;
    if (wrong.first.length < MAX_WRONG_LINES) wrong.first.push({ place: line.place, message: line.error });
    warn(text);
  };
  try {
    const done = await runFleet<Report>({
      source: input.targets(),
      judge: judge.judge,
      isWanted: wantedBy(options.tags, shard),
      concurrency: wantedConcurrency ?? judge.concurrency,
      signal,
      async onJudged(target, report) {
        judge.kept(target);
        counts.judgedNow += 1;
        await tell(target, report);
      },
      onUnread,
      onPassedOver: () => {
        counts.notTargets += 1;
      },
    });
    progress.stop();
    refuseEmpty(done, wrong.count, counts.done, signal);
    const summary = tally.summary({
      runId,
      startedAt,
      endedAt: new Date().toISOString(),
      resumed: done.known,
      repeated: done.repeated,
      wrongLines: wrong,
      notJudged: done.left,
      endedBy: signal.aborted ? String(signal.reason?.message ?? 'interrupted') : null,
    });
    await sinks.end(summary);
    const isListed = outputs.some(({ format, place }) => format === 'list' && place === undefined);
    if (!isListed && !options.quiet) for (const line of totalsLines(summary)) warn(line);
    const codes = Object.keys(summary.exitCodes).map(Number);
    return { summary, code: wrong.count > 0 ? EXIT.usage : worstExitCode(codes) };
  } finally {
    progress.stop();
    await judge.close();
    await sinks.abandon();
  }
}

async function opened(
  file: string,
  options: FleetOptions,
  typed: ReadonlySet<string>,
): Promise<{ plan: FleetPlan; input: FleetInput }> {
  if (isConfiguration(file)) {
    const { config, input } = await openConfiguration(file, checkOptions(options, typed));
    return { plan: await planFleet(options, typed, config), input };
  }
  const config = await optionReader(FLEET_OPTIONS, options).about('config', () => loadConfig(options.config, warn));
  const plan = await planFleet(options, typed, config);
  return { plan, input: await openInput(file) };
}

/** @returns whether a target has one of the tags, if there are any, and is of the shard, if there is one. */
function wantedBy(tags: readonly string[] | undefined, shard: Shard | undefined): (target: FleetTarget) => boolean {
  const wanted = new Set(tags);
  return (target) =>
    (tags === undefined || target.tags.some((tag) => wanted.has(tag))) &&
    (shard === undefined || isInShard(target, shard));
}

/** @throws UsageError for an input that names no target. */
function refuseEmpty(done: FleetRun, wrongLines: number, judged: number, signal: AbortSignal): void {
  if (signal.aborted || judged + done.known + done.left > 0) return;
  throw new UsageError(
    wrongLines > 0
      ? 'no line of the input names a target'
      : 'the input names no target. Give one a line: example.com 203.0.113.5',
  );
}
