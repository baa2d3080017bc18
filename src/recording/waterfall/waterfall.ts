/**
 * Computes the waterfall of a run: which exchange waited for which, and the longest chain of them. For this the rules
 * run once more over the recording, in virtual time (virtual-timeline.ts).
 */

import type { Report, Waterfall } from '../../report/status.ts';
import type { Clocking } from '../notebook.ts';
import { replayRun } from '../replay.ts';
import type { Exchange, RecordedRun } from '../schema.ts';
import { connectionOf, roundTrips, traffic } from './round-trips.ts';
import { type VirtualStep, VirtualTimeline } from './virtual-timeline.ts';

/** @returns the report with the waterfall of its run added to its timing. */
export async function withWaterfall(
  report: Report,
  recorded: RecordedRun,
  clockings: readonly Clocking[],
): Promise<Report> {
  const found = await waterfallOf(recorded, clockings);
  const { durationMs } = report.timing;
  const waterfall = found && { ...found, ratio: durationMs / Math.max(1, found.chain.durationMs) };
  return { ...report, timing: { ...report.timing, waterfall } };
}

/**
 * @param clockings the times of the exchanges, at the same positions as in the recording.
 * @returns every step in the order of its start, and the longest chain, in milliseconds. It is `null` for a run that
 *   the time limit cut off, because its last exchanges did not end by themselves.
 */
export async function waterfallOf(
  recorded: RecordedRun,
  clockings: readonly Clocking[],
): Promise<Omit<Waterfall, 'ratio'> | null> {
  const { exchanges } = recorded;
  if (exchanges.some(({ kind }) => kind === 'deadline')) return null;
  const trips = roundTrips(exchanges);
  const duration = (position: number): number => {
    const exchange = exchanges[position];
    const clocking = clockings[position];
    const own = exchange && ownDuration(exchange);
    return own ?? (clocking === undefined ? 0 : clocking.endMs - clocking.startMs);
  };
  const timeline = new VirtualTimeline(exchanges, duration, traffic);
  await replayRun(recorded, { transcript: false }, () => timeline);
  const steps = timeline.steps;
  const chain = chainOf(steps);
  const ends = new Map<number, number>();
  const rows = steps.map((step, index) => {
    const exchange = step.position === null ? undefined : exchanges[step.position];
    const clocking = step.position === null ? undefined : clockings[step.position];
    const took = step.endMs - step.startMs;
    // A pause has no exchange in the recording. It started when the step before it ended.
    const endMs = clocking?.endMs ?? (ends.get(step.after ?? -1) ?? 0) + took;
    ends.set(index, endMs);
    return {
      what: exchange === undefined ? 'pause' : describe(exchange),
      startMs: round(endMs - took),
      durationMs: round(took),
      roundTrips: step.position === null ? 0 : (trips[step.position] ?? 0),
      after: step.after,
    };
  });
  const pausesMs = chain.reduce(
    (sum, index) => sum + (steps[index]?.position === null ? lengthOf(steps[index]) : 0),
    0,
  );
  return {
    steps: rows,
    chain: {
      steps: chain,
      durationMs: round(chain.reduce((sum, index) => sum + lengthOf(steps[index]), 0)),
      roundTrips: chain.reduce((sum, index) => sum + (rows[index]?.roundTrips ?? 0), 0),
      pausesMs: round(pausesMs),
    },
  };
}

/**
 * Returns the indices of the longest chain, in order of time. It follows the links back from the step that ended last.
 */
function chainOf(steps: readonly VirtualStep[]): number[] {
  let last = steps.reduce((latest, { endMs }, index) => (endMs > (steps[latest]?.endMs ?? -1) ? index : latest), 0);
  const chain: number[] = [];
  for (;;) {
    const step = steps[last];
    if (step === undefined) return chain;
    chain.unshift(last);
    if (step.after === null) return chain;
    last = step.after;
  }
}

function lengthOf(step: VirtualStep | undefined): number {
  return step === undefined ? 0 : step.endMs - step.startMs;
}

/**
 * Returns the milliseconds that a connection attempt itself took, without its wait for a free connection to the
 * address.
 */
function ownDuration(exchange: Exchange): number | undefined {
  if (exchange.kind === 'connect') {
    const { result } = exchange;
    if (result.status === 'connected') return result.timings.connectMs + result.timings.greetingMs;
    return result.elapsedMs;
  }
  if (exchange.kind !== 'reach') return undefined;
  const { result } = exchange;
  return result.status === 'connected' ? result.connectMs : result.elapsedMs;
}

/** Returns what the exchange did and with whom. The text is short because a report has little room for it. */
function describe({ kind, asked }: Exchange): string {
  const [head = '', ...lines] = asked.split('\n');
  switch (kind) {
    case 'dns':
      return `DNS ${head.replace(/^.*: (?=\S+ [A-Z]+$)/, '')}`;
    case 'signed':
      return `DNS ${head.replace(/^.*: (?=\S+ [A-Z0-9]+ with signatures$)/, '')}`;
    case 'yes-or-no':
      return head.replace(/^.*: (?=test entry )/, '');
    case 'connect':
    case 'reach':
      return `connect ${head}`;
    case 'hello':
      return `EHLO ${connectionOf(asked)}`;
    case 'reply':
    case 'replies':
      return `${verbs(lines)} ${connectionOf(asked)}`;
    case 'starttls':
      return `STARTTLS ${connectionOf(asked)}`;
    case 'quit':
      return `QUIT ${connectionOf(asked)}`;
    default:
      return head;
  }
}

/** Returns the verb of the first command and the number of others: `MAIL+3` for a group of four. */
function verbs([first = '', ...rest]: readonly string[]): string {
  const [verb = ''] = first.split(/[ :]/, 1);
  return rest.length === 0 ? verb : `${verb}+${rest.length}`;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
