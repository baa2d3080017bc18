/**
 * Predicts from the findings what the large receivers would answer. It is a pure function: no receiver is contacted.
 * The prediction follows the rules that the receivers publish (one file each in `src/knowledge/receivers/data`). If a
 * check could not be made, a prediction that rests on it is unknown.
 */

import { allReceivers } from '../../../knowledge/receivers/catalogue.ts';
import { CAUSES, type Cause, type CauseName } from '../../../knowledge/receivers/causes.ts';
import type { Receiver } from '../../../knowledge/receivers/schema.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import type { FindingResult, ReceiverResult, RuleResult } from '../../../report/status.ts';
import { rules, specOf } from '../../rules/index.ts';
import type { Settings } from '../../settings.ts';

/** How much mail the host sends. */
export type Volume = NonNullable<Settings['volume']>;

/** Whether a condition of a receiver's rule is met. */
type State =
  | { readonly kind: 'met'; readonly causes: readonly FindingResult[] }
  | { readonly kind: 'unmet' }
  /** A check that would show it was not made or could not be completed. `checks` are the ids of those rules. */
  | { readonly kind: 'unknown'; readonly checks: readonly string[] };

const NOT_CHECKED = 'not checked: ';

/** @returns whether the prediction is unknown because a check that it rests on was not made or not completed. */
export function isBlind({ outcome, because }: ReceiverResult): boolean {
  return outcome === 'unknown' && because.startsWith(NOT_CHECKED);
}

const UNMET: State = { kind: 'unmet' };

/**
 * Predicts the answer of each known receiver.
 *
 * @param now milliseconds since the epoch. A receiver's data counts as confirmed for two years after it was verified.
 * @returns one prediction per receiver, in the order of the report.
 */
export function predict(results: readonly RuleResult[], volume: Volume, now: number): ReceiverResult[] {
  return allReceivers.map((receiver) => judge(receiver, results, volume, now));
}

function judge(receiver: Receiver, results: readonly RuleResult[], volume: Volume, now: number): ReceiverResult {
  const { id, name, source, notCheckable, askFirst } = receiver;
  const applicable = receiver.rules
    .filter((rule) => rule.volume === 'any' || volume === 'bulk')
    .map((rule) => ({ rule, state: allOf(rule.when, results) }));
  const common = { id, name, notCheckable, source, confirmed: isConfirmed(receiver, now) };
  for (const { rule, state } of applicable) {
    if (state.kind !== 'met') continue;
    return {
      ...common,
      outcome: rule.outcome,
      because: rule.because,
      causes: [...new Set(state.causes.map(({ code }) => code))],
      severity: state.causes.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
      ...quoted(rule.reply, now),
    };
  }
  const open = applicable.flatMap(({ state }) => (state.kind === 'unknown' ? state.checks : []));
  const unanswered = { ...common, outcome: 'unknown' as const, causes: [], severity: null, ...NO_REPLY };
  // The text quotes no rule of the receiver, so it needs no mark for unconfirmed data.
  if (open.length > 0)
    return { ...unanswered, confirmed: true, because: `${NOT_CHECKED}${[...new Set(open)].join(', ')}` };
  if (askFirst !== null) return { ...unanswered, because: askFirst };
  return {
    ...common,
    outcome: 'accepts',
    because: 'none of its published rules is broken',
    causes: [],
    severity: null,
    ...NO_REPLY,
  };
}

const NO_REPLY = { reply: null, replyConfirmed: null } as const;

/** @returns the reply to quote. A reply that was not seen in any source is not quoted. */
function quoted(
  reply: Receiver['rules'][number]['reply'],
  now: number,
): Pick<ReceiverResult, 'reply' | 'replyConfirmed'> {
  if (reply === null || reply.provenance === 'none') return NO_REPLY;
  return { reply: reply.text, replyConfirmed: isConfirmed(reply, now) };
}

/** Combines the groups of a condition: all must be met, so one group that is certainly not met decides. */
function allOf(groups: readonly (readonly CauseName[])[], results: readonly RuleResult[]): State {
  const states = groups.map((names) => anyOf(names, results));
  if (states.some(({ kind }) => kind === 'unmet')) return UNMET;
  const checks = states.flatMap((state) => (state.kind === 'unknown' ? state.checks : []));
  if (checks.length > 0) return { kind: 'unknown', checks };
  return { kind: 'met', causes: states.flatMap((state) => (state.kind === 'met' ? state.causes : [])) };
}

function anyOf(names: readonly CauseName[], results: readonly RuleResult[]): State {
  const found = names.flatMap((name) =>
    results.flatMap(({ findings }) => findings.filter((finding) => isCausedBy(finding, name))),
  );
  if (found.length > 0) return { kind: 'met', causes: found };
  const tellers = new Set(names.flatMap(rulesThatTell));
  const blind = results.filter(
    ({ id, status, findings }) =>
      tellers.has(id) && (status === 'skipped' || findings.some(({ severity }) => severity === 'inconclusive')),
  );
  return blind.length > 0 ? { kind: 'unknown', checks: blind.map(({ id }) => id) } : UNMET;
}

/** @returns the ids of the rules that can find a cause. */
function rulesThatTell(name: CauseName): string[] {
  return rules
    .filter(({ findings }) => Object.values(findings).some(({ causes = [] }) => causes.includes(name)))
    .map(({ id }) => id);
}

/**
 * Tells whether a finding is an instance of a cause. Only an error or warning counts: a documentation address in a lab
 * is reported as info and gives receivers no reason to refuse.
 */
function isCausedBy({ code, severity, about: { zone } }: FindingResult, name: CauseName): boolean {
  if (severity !== 'error' && severity !== 'warning') return false;
  if (!specOf(code)?.causes?.includes(name)) return false;
  const { zones }: Cause = CAUSES[name];
  return zones === undefined || (zone !== undefined && zones.some((end) => zone === end || zone.endsWith(`.${end}`)));
}
