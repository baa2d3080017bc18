/** Runs the rules of one target at the same time, each to its end or to the deadline, and reports progress. */

import { faultText, type OnFault } from '../network/fault.ts';
import { findingKey } from '../report/fingerprint.ts';
import { type FindingResult, type RuleResult, type Status, statusOf } from '../report/status.ts';
import { findingResult } from './conclusion/conclude.ts';
import type { EditsOf, Found } from './conclusion/plan/found.ts';
import type { FactsOfRun, Sources } from './facts/fact.ts';
import { Gaps } from './facts/gaps.ts';
import type { Finding } from './rules/finding.ts';
import { noAddress } from './rules/inconclusive.ts';
import { checks } from './rules/index.ts';
import { type Context, identityOf, type Rule } from './rules/rule.ts';
import { unseen } from './rules/unseen.ts';
import type { World } from './world.ts';

/** An event during a run. */
export type ProgressEvent =
  | { readonly kind: 'started'; readonly rule: string }
  /** The finding as the rule gave it. Only the report has the configured severity and the provider's steps. */
  | { readonly kind: 'found'; readonly rule: string; readonly finding: FindingResult }
  | {
      readonly kind: 'finished';
      readonly rule: string;
      readonly status: Status;
      /** The ids of the rules that still run. */
      readonly waiting: readonly string[];
    };

/** The options for running the rules. */
export interface RuleOptions {
  /** The ids of the rules to run. All rules when absent. Other rules are reported as skipped. */
  readonly ruleIds?: readonly string[];
  /** Receives each progress event. If it throws, the run ends and rejects with that error. */
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Receives a fault in mailcheck itself. The run goes on, and the affected check counts as not made. */
  readonly onFault?: OnFault;
}

/** @returns the rules with these ids, in report order. All rules when `ids` is `undefined`. */
export function selectedRules(ids: readonly string[] | undefined): readonly Rule[] {
  return checks.filter(({ id }) => ids?.includes(id) ?? true);
}

/** What the checks of a run share. */
export interface RunContext extends Omit<Context, 'leaveOut'> {
  readonly facts: FactsOfRun<keyof Sources>;
}

/** The clocks of the rules. */
export type RuleTiming = Pick<World, 'stopwatch' | 'cutOff'>;

/**
 * @returns the result of every rule, in report order, and the edits that the findings ask for. Rules that are not
 *   selected have the status `skipped`.
 */
export async function runRules(context: RunContext, options: RuleOptions, timing: RuleTiming): Promise<Found> {
  const waiting = new Set(selectedRules(options.ruleIds).map(({ id }) => id));
  const edits: EditsOf = new Map();
  const ofHosts = new Set<string>();
  const kept = (finding: Finding): void => {
    const key = findingKey(finding);
    if (finding.edits.length > 0) edits.set(key, [...(edits.get(key) ?? []), ...finding.edits]);
    if (finding.isOfHost) ofHosts.add(key);
  };
  const results = await Promise.all(
    checks.map(async (rule) => {
      const { id } = rule;
      if (!waiting.has(id)) return { ...skipped(rule, 'not selected'), durationMs: 0 };
      options.onProgress?.({ kind: 'started', rule: id });
      const readDuration = timing.stopwatch(id);
      const result = await runRule(rule, context, options, timing, kept);
      const durationMs = readDuration();
      waiting.delete(id);
      options.onProgress?.({ kind: 'finished', rule: id, status: result.status, waiting: [...waiting] });
      return { ...result, durationMs };
    }),
  );
  return { results, edits, ofHosts };
}

type Outcome = Omit<RuleResult, 'durationMs'>;

/**
 * Runs one rule to its end or to the deadline. At the deadline, its findings so far stay and an inconclusive one is
 * added.
 */
async function runRule(
  rule: Rule,
  shared: RunContext,
  options: RuleOptions,
  timing: RuleTiming,
  kept: (finding: Finding) => void,
): Promise<Outcome> {
  const findings: FindingResult[] = [];
  const made: Finding[] = [];
  const found = (finding: Finding): void => {
    made.push(finding);
    const result = findingResult(finding);
    findings.push(result);
    kept(finding);
    options.onProgress?.({ kind: 'found', rule: rule.id, finding: result });
  };
  const gaps = new Gaps();
  const { target } = shared;
  const context = contextWith(gaps, shared);
  const foundUnseen = (): void => {
    const left = unseen(gaps, made);
    if (left) found(rule.unfinished(left.evidence, target, left.rests));
  };
  if (rule.needsAddress && context.target.ips.length === 0) {
    found(rule.unfinished(noAddress(target), target));
    foundUnseen();
    return { ...identityOf(rule), status: statusOf(findings), findings };
  }
  let note: string | undefined;
  const iterator = rule.check(context, target);
  const cutOff = timing.cutOff(rule.id);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), cutOff.promise]);
      if (next === 'cut off') {
        found(rule.unfinished({ reason: 'deadline' }, target));
        break;
      }
      if (!next.done) {
        found(next.value);
        continue;
      }
      foundUnseen();
      if (next.value && 'skip' in next.value && findings.length === 0) return skipped(rule, next.value.skip);
      if (next.value && 'note' in next.value) note = next.value.note;
      break;
    }
  } catch (error) {
    options.onFault?.(`the check "${rule.id}"`, error);
    found(rule.unfinished({ reason: 'fault', fault: faultText(error) }, target));
  } finally {
    cutOff.stop();
  }
  return {
    ...identityOf(rule),
    status: statusOf(findings),
    ...(note === undefined ? {} : { note }),
    findings,
  };
}

/** @returns the context of one check. What the check does not get to see is added to the gaps. */
function contextWith(gaps: Gaps, shared: RunContext): Context {
  const { target, dns, facts, leaveOut } = shared.facts.needs(gaps);
  return { ...shared, target, dns, facts, leaveOut };
}

function skipped(rule: Rule, skipReason: string): Outcome {
  return { ...identityOf(rule), status: 'skipped', skipReason, findings: [] };
}

/**
 * Wraps the progress listener, so that an error it throws does not look like a fault of a rule.
 *
 * @param onFailure called when the listener throws for the first time. The listener gets no further events.
 * @returns `tell`, which never throws, and `throwIfFailed`, which throws the listener's error.
 */
export function guarded(tell: RuleOptions['onProgress'], onFailure: () => void) {
  let failed: { readonly error: unknown } | undefined;
  return {
    tell(event: ProgressEvent): void {
      try {
        if (!failed) tell?.(event);
      } catch (error) {
        failed = { error };
        onFailure();
      }
    },
    throwIfFailed(): void {
      if (failed) throw failed.error;
    },
  };
}
