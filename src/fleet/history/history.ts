/**
 * Compares a fleet with its earlier runs: with what the state folder remembers of them, or with the reports of one of
 * them, which the user names.
 */
import { compared } from '../../report/baseline.ts';
import type { FleetChanges, FleetEntry, TargetChange } from '../../report/fleet.ts';
import type { BaselineReport, Report } from '../../report/status.ts';
import type { FleetTarget } from '../target.ts';
import { type EarlierReports, openEarlierReports } from './earlier-reports.ts';
import { firstMemory, recall, settleAtOnce } from './memory.ts';
import { RunMemory } from './run-memory.ts';
import { Tally } from './tally.ts';

/** The earlier runs of a fleet. Its calls stand in the order of these functions. */
export interface History {
  /**
   * @returns the report, in which each finding is marked as new or known. Without a baseline it is the same report. The
   *   exit code of the target is that of the marked report.
   */
  marked(judged: Pick<FleetEntry, 'id' | 'report'>): Report;
  /**
   * Compares a target with the earlier runs. Called once for each judged target, also for those that an earlier part of
   * the run has judged.
   *
   * @param judged the report may be the marked one.
   * @returns what changed. It is `undefined` if there is no earlier run.
   */
  changeOf(judged: Pick<FleetEntry, 'id' | 'report'>): TargetChange | undefined;
  /** Tells that a target of the input is not judged in this run, by its tags or its shard. It is not gone then. */
  leave(target: Pick<FleetTarget, 'id' | 'domain' | 'ips'>): void;
  /**
   * @param isComplete whether every target of the input was judged or left. Otherwise no target counts as gone, as where
   *   a line of the input could not be read.
   * @returns what changed in all targets. It is `undefined` if there is no earlier run.
   */
  end(isComplete: boolean): FleetChanges | undefined;
  /** Makes this run the last one in the state folder. Called when the run is complete and its outputs are written. */
  keep(): void;
  /** Closes all files. Called at the end, whatever happened. */
  close(): void;
}

/** Where the earlier runs are. With both, changes are those since the baseline, and the state folder is kept as well. */
export interface HistoryOptions {
  /** The state folder, which exists. */
  readonly state?: string | undefined;
  /** The file that `--baseline` names. */
  readonly baseline?: string | undefined;
  readonly runId: string;
}

/** @throws UsageError if a file cannot be used. */
export async function openHistory({ state, baseline, runId }: HistoryOptions): Promise<History> {
  const since = baseline === undefined ? undefined : new SinceBaseline(baseline, await openEarlierReports(baseline));
  const memory = state === undefined ? undefined : new RunMemory(state, runId);
  return {
    marked: (judged) => since?.marked(judged) ?? judged.report,
    changeOf(judged) {
      const remembered = memory?.changeOf(judged);
      return since === undefined ? remembered : since.changeOf(judged);
    },
    leave(target) {
      memory?.leave(target.id);
      since?.leave(target);
    },
    end(isComplete) {
      const remembered = memory?.end(isComplete);
      return since === undefined ? remembered : since.end(isComplete);
    },
    keep: () => memory?.keep(),
    close() {
      since?.close();
      memory?.close();
    },
  };
}

/** Compares with one earlier run. Every change counts at once. */
class SinceBaseline {
  readonly #file: string;
  readonly #reports: EarlierReports;
  readonly #tally = new Tally();
  /** The last target that was asked for, and its earlier report. */
  #last: { readonly id: string; readonly earlier: BaselineReport | undefined } | undefined;

  constructor(file: string, reports: EarlierReports) {
    this.#file = file;
    this.#reports = reports;
  }

  marked({ id, report }: Pick<FleetEntry, 'id' | 'report'>): Report {
    const earlier = this.#earlier(id, report);
    return earlier === undefined ? report : compared(report, { file: this.#file, reports: [earlier] });
  }

  changeOf({ id, report }: Pick<FleetEntry, 'id' | 'report'>): TargetChange {
    const earlier = this.#earlier(id, report);
    const change: TargetChange =
      earlier === undefined
        ? { state: 'new', worse: [], better: [] }
        : recall(firstMemory(earlier), report, settleAtOnce).change;
    this.#tally.add(change);
    return change;
  }

  leave({ id, domain, ips }: Pick<FleetTarget, 'id' | 'domain' | 'ips'>): void {
    this.#reports.pass({ id, target: { domain, ips } });
  }

  end(isComplete: boolean): FleetChanges {
    if (isComplete) this.#reports.eachUnused((domainOf) => this.#tally.gone(domainOf));
    return this.#tally.changes();
  }

  close(): void {
    this.#reports.close();
  }

  #earlier(id: string, { target }: Report): BaselineReport | undefined {
    if (this.#last?.id !== id) this.#last = { id, earlier: this.#reports.of({ id, target }) };
    return this.#last.earlier;
  }
}
