/**
 * What is remembered of one target from run to run, and how a run changes it. A fault that comes and goes is not told
 * each time: of what is held so far, the last run and this run, two must agree.
 */
import { wasLookedFor } from '../../report/baseline.ts';
import type { ChangedFinding, TargetChange } from '../../report/fleet.ts';
import { isConclusive, type Report } from '../../report/status.ts';
import { type Fault, type Faults, faultsOf, severityOf, type Weight } from './faults.ts';

/** A fault of the runs so far. */
export interface Remembered extends Omit<Fault, 'weight'> {
  /** What is held to be true. */
  readonly held: Weight;
  /** What the last run said that could see it. */
  readonly last: Weight;
  /** The number of runs in a row that did not test its address. */
  readonly untested: number;
}

/** What is remembered of one target. */
export interface Memory {
  /** The ids of the rules that could see everything in some run. */
  readonly rules: readonly string[];
  readonly faults: readonly Remembered[];
}

/** Decides what is held after a run. */
export type Settle = (held: Weight, last: Weight, now: Weight) => Weight;

/** @returns what two of the three agree on: the middle one. */
export const settleByTwo: Settle = (held, last, now) => {
  const [, middle = held] = [held, last, now].sort((a, b) => a - b);
  return middle;
};

/** @returns what this run says. */
export const settleAtOnce: Settle = (_held, _last, now) => now;

/** After so many runs in a row that do not test an address, its faults are forgotten. */
const FORGET_AFTER = 3;
/** The most faults of one target that are remembered. The oldest are forgotten first. */
const MAX_REMEMBERED = 1000;

/** What a run makes of what was remembered. */
export interface Recalled {
  readonly memory: Memory;
  readonly change: TargetChange;
}

/** @returns what is remembered after the first run of a target: all its faults, and none of them is a change. */
export function firstMemory(report: Pick<Report, 'target' | 'rules'>): Memory {
  return {
    rules: report.rules.filter(isConclusive).map(({ id }) => id),
    faults: [...faultsOf(report).open.values()].map((fault) => firstSeen(fault, fault.weight)),
  };
}

function firstSeen({ weight, ...fault }: Fault, held: Weight): Remembered {
  return { ...fault, held, last: weight, untested: 0 };
}

/**
 * Compares a run with what is remembered. A run says nothing of a fault that it does not have if the rule of the fault
 * could not see everything. The first run in which a rule can see everything is no change.
 *
 * @param settle how much it takes until a change counts.
 * @returns what is remembered now, and what changed.
 */
export function recall(before: Memory, report: Report, settle: Settle): Recalled {
  const now = faultsOf(report);
  const worse: ChangedFinding[] = [];
  const better: ChangedFinding[] = [];
  const faults: Remembered[] = [];
  const tell = (fault: Pick<Fault, 'code' | 'subject' | 'title'>, key: string, from: Weight, to: Weight): void => {
    if (to > from) worse.push(told(fault, to));
    if (to < from && !now.excused.has(key)) better.push(told(fault, from));
  };
  for (const fault of before.faults) {
    const weight = weightNow(fault, report, now);
    if (weight === undefined) {
      const isTested = fault.ip === null || report.target.ips.includes(fault.ip);
      const untested = isTested ? 0 : fault.untested + 1;
      if (untested < FORGET_AFTER) faults.push({ ...fault, untested });
      continue;
    }
    const held = settle(fault.held, fault.last, weight);
    const { weight: _, ...seen } = now.open.get(fault.key) ?? { ...fault, weight };
    tell(seen, fault.key, fault.held, held);
    if (held > 0 || weight > 0) faults.push({ ...seen, held, last: weight, untested: 0 });
  }
  const known = new Set(before.faults.map(({ key }) => key));
  const couldSee = new Set(before.rules);
  for (const fault of now.open.values()) {
    if (known.has(fault.key)) continue;
    const from = settle === settleAtOnce || couldSee.has(fault.rule) ? 0 : fault.weight;
    const held = settle(from, from, fault.weight);
    tell(fault, fault.key, from, held);
    faults.push(firstSeen(fault, held));
  }
  for (const { id } of report.rules.filter(isConclusive)) couldSee.add(id);
  const memory = { rules: [...couldSee], faults: faults.slice(-MAX_REMEMBERED) };
  return { memory, change: { state: stateOf(worse, better), worse, better } };
}

/** @returns what this run says of the fault, or `undefined` if it could not see it. */
function weightNow(fault: Remembered, report: Report, { open, excused, isWhole }: Faults): Weight | undefined {
  const seen = open.get(fault.key);
  if (seen !== undefined) return seen.weight;
  if (excused.has(fault.key)) return 0;
  return isWhole && wasLookedFor(fault.rule, fault.ip, report) ? 0 : undefined;
}

function told({ code, subject, title }: Pick<Fault, 'code' | 'subject' | 'title'>, weight: Weight): ChangedFinding {
  return { code, severity: severityOf(weight), subject, title };
}

function stateOf(worse: readonly ChangedFinding[], better: readonly ChangedFinding[]): TargetChange['state'] {
  if (worse.length > 0) return better.length > 0 ? 'mixed' : 'worse';
  return better.length > 0 ? 'better' : 'same';
}
