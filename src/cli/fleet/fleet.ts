/** Runs a fleet once: opens its input, its state and its outputs, judges its targets, and says how the run ended. */
import type { SharingOptions } from '../../check/shared-process.ts';
import { runFleet } from '../../fleet/run-fleet.ts';
import { isInShard, ratesOfShard, type Shard } from '../../fleet/shard.ts';
import type { FleetTarget, UnreadLine } from '../../fleet/target.ts';
import { LocalRates } from '../../network/rates.ts';
import type { FleetEntry, FleetSummary, WrongLine } from '../../report/fleet.ts';
import { EXIT, exitCode, type Report, worstExitCode } from '../../report/status.ts';
import { FleetTally } from '../../report/tally.ts';
import { nagiosExit } from '../../reporters/fleet/nagios.ts';
import { totalsLines } from '../../reporters/fleet/words.ts';
import { UsageError } from '../../usage-error.ts';
import { loadConfig } from '../config/load.ts';
import { FLEET_OPTIONS, type FleetOptions } from '../options/fleet-options.ts';
import { isPluginLine } from '../options/outputs.ts';
import { readRates } from '../options/rate-options.ts';
import { type OptionReader, optionReader } from '../options/read.ts';
import { keepHeapSmall } from '../terminal/heap.ts';
import type { Interrupt } from '../terminal/interrupt.ts';
import { warn } from '../terminal/output.ts';
import type { ChangedTarget } from '../webhook/body.ts';
import { NothingJudged } from './admission.ts';
import { type FleetInput, isConfiguration, openConfiguration, openInput } from './input.ts';
import { type FleetJudge, openJudge, refuseWithQueue } from './judge.ts';
import {
  type FleetOutput,
  type FleetOutputs,
  openFleetOutputs,
  parseFleetOutputs,
  refuseOverwriting,
} from './outputs.ts';
import { openPast, type Past, passingOn } from './past.ts';
import { checkOptions, type FleetPlan, fingerprintOf, planFleet } from './plan.ts';
import { type FleetCounts, startFleetProgress } from './progress.ts';
import { type FleetState, newRun, openState, parseRunId, type RunIdentity } from './state.ts';

/** The most wrong lines that are kept for the summary. Each is printed as it is read. */
const MAX_WRONG_LINES = 20;

/** How a run of a fleet ended. */
export interface FleetOutcome {
  readonly summary: FleetSummary;
  /** The exit code, without that of a signal. */
  readonly code: number;
  /** Whether the run is a plugin of Nagios. A signal then has no exit code of its own. */
  readonly isPlugin: boolean;
  /** The first targets in which something changed since the earlier runs, those with something worse first. */
  readonly changed: readonly ChangedTarget[];
}

/**
 * Runs a fleet once.
 *
 * @param file the input, or `-` for standard input.
 * @param typed the names of the options on the command line.
 * @param ending aborts the run; `isWatched` tells that the caller has locked the state folder for several runs, and that an
 *   interrupted run with other options is given up. By default that is an error.
 * @returns how the run ended: at its last target, or by the signal.
 * @throws UsageError for a wrong option, for an input without targets, and for a file that cannot be read or written.
 */
export async function runFleetOnce(
  file: string,
  options: FleetOptions,
  typed: ReadonlySet<string>,
  { signal, isWatched = false }: Pick<Interrupt, 'signal'> & { readonly isWatched?: boolean },
): Promise<FleetOutcome> {
  keepHeapSmall();
  const reader = optionReader(FLEET_OPTIONS, options);
  const concurrency = await reader.read('concurrency');
  const queue = await reader.read('queue');
  const shard = await reader.read('shard');
  refuseWithQueue(options, typed, { queue, shard });
  const outputs = parseFleetOutputs(options.format, options.output);
  await refuseOverwriting(file, outputs, options);
  const runId = parseRunId(options.runId);
  const webhook = await reader.read('webhook');
  const { plan, input } = await openPlan(file, options, typed);
  const now = new Date();
  const settings = fingerprintOf(plan, options, shard);
  const wanted = { runId, settings, now, mayGiveUp: isWatched, isLocked: isWatched };
  const state = options.state === undefined ? undefined : await openState(options.state, wanted);
  try {
    const identity = state ?? newRun(runId, now);
    const past = await openPast(options, webhook, identity);
    try {
      const sharing = await sharingOf(reader, shard);
      const judge = await openJudge({ plan, input, runId: identity.runId, queue, signal, onNotice: warn, sharing });
      try {
        const isWanted = passingOn(wantedBy(options.tags, shard), past);
        const parts = { judge, state, isWanted, concurrency: concurrency ?? judge.concurrency, signal };
        return await new OneRun(identity, options, plan, input, past).run(outputs, parts);
      } finally {
        await judge.close();
      }
    } finally {
      past.close();
    }
  } finally {
    await state?.close();
  }
}

/** What judges the targets of a run, which ones, and how many at a time. */
interface RunParts {
  readonly judge: FleetJudge;
  readonly state: FleetState | undefined;
  readonly isWanted: (target: FleetTarget) => boolean;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** The run of a fleet that is under way. */
class OneRun {
  readonly #identity: RunIdentity;
  readonly #options: FleetOptions;
  readonly #plan: FleetPlan;
  readonly #input: FleetInput;
  readonly #past: Past;
  readonly #tally = new FleetTally();
  readonly #wrong: { count: number; readonly first: WrongLine[] } = { count: 0, first: [] };
  /** Targets that are judged, of which so many were judged by an interrupted process, or by this one. */
  readonly #judged = { before: 0, now: 0 };
  /** Lines that are no target of this run. */
  #notTargets = 0;
  #repeated = 0;

  constructor(
    { runId, startedAt }: RunIdentity,
    options: FleetOptions,
    plan: FleetPlan,
    input: FleetInput,
    past: Past,
  ) {
    this.#identity = { runId, startedAt };
    this.#options = options;
    this.#plan = plan;
    this.#input = input;
    this.#past = past;
  }

  async run(outputs: readonly FleetOutput[], parts: RunParts): Promise<FleetOutcome> {
    const { state, signal } = parts;
    const { quiet = false, failedOnly = false } = this.#options;
    const progress = startFleetProgress(quiet, () => this.#counts());
    const { policy } = this.#plan;
    const around = progress.around;
    try {
      const sinks = await openFleetOutputs(outputs, { failedOnly, policy, signal, around });
      try {
        const facts = await this.#judgeAll(sinks, parts);
        progress.stop();
        const changes = this.#past.history?.end(facts.endedBy === null && this.#wrong.count === 0);
        const summary = { ...this.#tally.summary(facts), ...(changes === undefined ? {} : { changes }) };
        await sinks.end(summary);
        if (summary.endedBy === null) {
          await this.#past.keep(summary);
          await state?.finish(summary.endedAt);
        }
        await sinks.last(summary);
        if (summary.endedBy === null) await this.#past.send(signal);
        this.#tellEnd(summary, outputs, signal.aborted);
        const isPlugin = outputs.some(isPluginLine);
        const code = isPlugin ? nagiosExit(summary) : this.#codeOf(summary);
        return { summary, changed: this.#past.changed(), code, isPlugin };
      } finally {
        await sinks.abandon();
      }
    } finally {
      progress.stop();
    }
  }

  async #judgeAll(sinks: FleetOutputs, { judge, state, isWanted, concurrency, signal }: RunParts) {
    // The outputs have what an interrupted process has judged, too.
    for await (const { report, ...target } of state?.journal.entries() ?? []) {
      if (signal.aborted) break;
      this.#judged.before += 1;
      await this.#tell(target, report, sinks);
    }
    let left = 0;
    let leftOver = 0;
    let endedBy: string | null = null;
    try {
      const done = await runFleet<Report>({
        source: this.#input.targets(),
        judge: judge.judge,
        ...(judge.admit === undefined ? {} : { admit: judge.admit }),
        ...(state === undefined ? {} : { journal: state.journal }),
        isWanted,
        concurrency,
        signal,
        onJudged: async (target, report) => {
          judge.kept(target);
          this.#judged.now += 1;
          await this.#tell(target, report, sinks);
        },
        onUnread: (line) => this.#unread(line),
        onPassedOver: (why) => {
          if (why !== 'known') this.#notTargets += 1;
          if (why === 'repeated') this.#repeated += 1;
        },
      });
      left = done.left;
      if (signal.aborted) endedBy = reasonOf(signal);
      else {
        this.#refuseEmpty();
        leftOver = this.#judged.before - done.known;
      }
    } catch (error) {
      if (!(error instanceof NothingJudged)) throw error;
      endedBy = error.message;
    }
    return {
      ...this.#identity,
      endedAt: new Date().toISOString(),
      resumed: this.#judged.before,
      ...(leftOver > 0 ? { leftOver } : {}),
      repeated: this.#repeated,
      wrongLines: this.#wrong,
      notJudged: endedBy === null ? left : this.#notJudged(left),
      endedBy,
    };
  }

  /** Counts a judged target, and writes it to the outputs. */
  async #tell(target: Pick<FleetTarget, 'id' | 'place' | 'tags'>, judged: Report, sinks: FleetOutputs): Promise<void> {
    const { id, place, tags } = target;
    const { history } = this.#past;
    const report = history?.marked({ id, report: judged }) ?? judged;
    const change = history?.changeOf({ id, report });
    const entry: FleetEntry = {
      ...{ id, place, tags, report, exitCode: exitCode(report, this.#plan.policy) },
      ...(change === undefined ? {} : { change }),
    };
    this.#tally.add(entry);
    this.#past.add(entry);
    await sinks.entry(entry);
  }

  #unread({ place, error }: UnreadLine): void {
    const text = `${place}: ${error}`;
    if (this.#options.strictInput) throw new UsageError(text);
    this.#notTargets += 1;
    this.#wrong.count += 1;
    if (this.#wrong.first.length < MAX_WRONG_LINES) this.#wrong.first.push({ place, message: error });
    warn(text);
  }

  /** @param left those that were under way. More is not known of an input that was not read to its end. */
  #notJudged(left: number): number {
    const { done, total } = this.#counts();
    return total === undefined ? left : total - done;
  }

  #counts(): FleetCounts {
    const { before, now } = this.#judged;
    const { lines } = this.#input;
    const done = before + now;
    return {
      done,
      judgedNow: now,
      ...(lines === undefined ? {} : { total: Math.max(done, lines - this.#notTargets) }),
      verdicts: this.#tally.verdicts,
    };
  }

  /** @throws UsageError for an input that names no target of this run. A shard may be empty. */
  #refuseEmpty(): void {
    if (this.#judged.before + this.#judged.now > 0) return;
    const { tags, shard } = this.#options;
    if (this.#wrong.count > 0 && this.#notTargets === this.#wrong.count)
      throw new UsageError('no line of the input names a target');
    if (shard !== undefined && this.#notTargets > 0) return;
    if (tags !== undefined && this.#notTargets > 0) throw new UsageError(`no target has the tag ${tags.join(' or ')}`);
    throw new UsageError('the input names no target. Give one a line, such as: example.com 203.0.113.5');
  }

  /** The exit code: that of the worst target, unless the input is wrong, or the run could not reach its end. */
  #codeOf({ exitCodes, endedBy }: FleetSummary): number {
    if (this.#wrong.count > 0) return EXIT.usage;
    return endedBy === null ? worstExitCode(Object.keys(exitCodes).map(Number)) : EXIT.inconclusive;
  }

  /** Prints the totals to stderr, where stdout has them not, and what to do after an interruption. */
  #tellEnd(summary: FleetSummary, outputs: readonly FleetOutput[], isAborted: boolean): void {
    const { done, total } = this.#counts();
    if (summary.endedBy !== null) {
      if (!isAborted) warn(summary.endedBy);
      const rest =
        this.#options.state === undefined ? 'with --state <folder> it could go on' : 'the same command goes on';
      warn(`${done}${total === undefined ? '' : ` of ${total}`} judged; ${rest}`);
      return;
    }
    const isListed = outputs.some(({ format, file }) => format === 'list' && file === undefined);
    if (!isListed && !this.#options.quiet) for (const line of totalsLines(summary)) warn(line);
  }
}

/** Reads what holds for all targets, and opens the input. */
async function openPlan(
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

/** Returns the limits of this process. A shard has its share of each. */
async function sharingOf(
  reader: OptionReader<typeof FLEET_OPTIONS>,
  shard: Shard | undefined,
): Promise<SharingOptions> {
  const rates = shard === undefined ? undefined : ratesOfShard(new LocalRates(() => performance.now()), shard);
  return { ...(await readRates(reader)), ...(rates === undefined ? {} : { rates }) };
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}
