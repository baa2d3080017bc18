/** Runs the rules of one target at once, each to its end or to the deadline, and tells whoever listens. */

import { faultText, type OnFault } from '../network/fault.ts';
import { type FindingResult, type RuleResult, type Status, statusOf } from '../report/status.ts';
import { findingResult } from './conclusion/conclude.ts';
import type { Finding } from './rules/finding.ts';
import { checks } from './rules/index.ts';
import { type Context, identityOf, type Rule } from './rules/rule.ts';
import type { World } from './world.ts';

/** What happens while a run goes on, rule by rule. */
export type ProgressEvent =
  | { readonly kind: 'started'; readonly rule: string }
  /** As it was found: what the configuration makes of it, and what to do, is only in the report. */
  | { readonly kind: 'found'; readonly rule: string; readonly finding: FindingResult }
  | {
      readonly kind: 'finished';
      readonly rule: string;
      readonly status: Status;
      /** The rules that still run. */
      readonly waiting: readonly string[];
    };

export interface RuleOptions {
  /** Rules to run; all when absent. Every other rule is reported as skipped. */
  readonly ruleIds?: readonly string[];
  /** An error it throws ends the run, which then rejects with it. */
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Called when mailcheck itself has a fault: what it broke counts as not checked, and the run goes on. */
  readonly onFault?: OnFault;
}

/** @returns the rules with these ids; all when `ids` is absent. */
export function selectedRules(ids: readonly string[] | undefined): readonly Rule[] {
  return checks.filter(({ id }) => ids?.includes(id) ?? true);
}

/** @returns the result of every rule, in report order: those that are not selected are skipped. */
export async function runRules(context: Context, options: RuleOptions, world: World): Promise<RuleResult[]> {
  const waiting = new Set(selectedRules(options.ruleIds).map(({ id }) => id));
  return Promise.all(
    checks.map(async (rule) => {
      const { id } = rule;
      if (!waiting.has(id)) return { ...skipped(rule, 'not selected'), durationMs: 0 };
      options.onProgress?.({ kind: 'started', rule: id });
      const readDuration = world.stopwatch(id);
      const result = await runRule(rule, context, options, world);
      const durationMs = readDuration();
      waiting.delete(id);
      options.onProgress?.({ kind: 'finished', rule: id, status: result.status, waiting: [...waiting] });
      return { ...result, durationMs };
    }),
  );
}

type Outcome = Omit<RuleResult, 'durationMs'>;

/** One rule to its end, or to the deadline: what it had found by then stays, and the rest is said to be unknown. */
async function runRule(rule: Rule, context: Context, options: RuleOptions, world: World): Promise<Outcome> {
  const findings: FindingResult[] = [];
  const found = (finding: Finding): void => {
    const result = findingResult(finding);
    findings.push(result);
    options.onProgress?.({ kind: 'found', rule: rule.id, finding: result });
  };
  if (rule.needsAddress && context.target.ips.length === 0) {
    found(rule.unfinished({ reason: 'no-address' }, context.target));
    return { ...identityOf(rule), status: statusOf(findings), findings };
  }
  let note: string | undefined;
  const iterator = rule.check(context);
  const cutOff = world.cutOff(rule.id);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), cutOff.promise]);
      if (next === 'cut off') {
        found(rule.unfinished({ reason: 'deadline' }, context.target));
        break;
      }
      if (!next.done) {
        found(next.value);
        continue;
      }
      if (next.value && 'skip' in next.value && findings.length === 0) return skipped(rule, next.value.skip);
      if (next.value && 'note' in next.value) note = next.value.note;
      break;
    }
  } catch (error) {
    options.onFault?.(`the check "${rule.id}"`, error);
    found(rule.unfinished({ reason: 'fault', fault: faultText(error) }, context.target));
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

function skipped(rule: Rule, skipReason: string): Outcome {
  return { ...identityOf(rule), status: 'skipped', skipReason, findings: [] };
}

/** @returns what tells the listener: it may fail, and that is neither a rule's fault nor to be kept quiet about. */
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
