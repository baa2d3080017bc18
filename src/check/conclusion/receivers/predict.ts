/**
 * What the large receivers would answer, predicted from the findings: a pure function, no receiver is asked. It follows
 * what they publish (one file each in `data/`); where a check could not be made, so could not the prediction.
 */

import { allReceivers } from '../../../knowledge/receivers/catalogue.ts';
import { CAUSES, type Cause, type CauseName } from '../../../knowledge/receivers/causes.ts';
import type { Receiver } from '../../../knowledge/receivers/schema.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import type { FindingResult, ReceiverResult, RuleResult } from '../../../report/status.ts';
import { rules, specOf } from '../../rules/index.ts';
import type { Settings } from '../../settings.ts';

export type Volume = NonNullable<Settings['volume']>;

type State =
  | { readonly kind: 'met'; readonly causes: readonly FindingResult[] }
  | { readonly kind: 'unmet' }
  /** A check that would tell was not made, or could not be. */
  | { readonly kind: 'unknown'; readonly checks: readonly string[] };

const NOT_CHECKED = 'not checked: ';

/** @returns whether the prediction is open because a check it rests on could not be made. */
export function isBlind({ outcome, because }: ReceiverResult): boolean {
  return outcome === 'unknown' && because.startsWith(NOT_CHECKED);
}

const UNMET: State = { kind: 'unmet' };

/**
 * @param now milliseconds since the epoch: what is known of a receiver counts as confirmed for two years.
 * @returns one prediction for each receiver that is known, in the order of the report.
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
  // Nothing is said of its rules, so there is nothing to mark.
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

/** A reply that was seen in no source is not quoted. */
function quoted(
  reply: Receiver['rules'][number]['reply'],
  now: number,
): Pick<ReceiverResult, 'reply' | 'replyConfirmed'> {
  if (reply === null || reply.provenance === 'none') return NO_REPLY;
  return { reply: reply.text, replyConfirmed: isConfirmed(reply, now) };
}

/** Every group of a condition must be met; one that is certainly not met settles it. */
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

/** Only what is a fault here is a reason elsewhere: a lab's documentation address is none. */
function isCausedBy({ code, severity, about: { zone } }: FindingResult, name: CauseName): boolean {
  if (severity !== 'error' && severity !== 'warning') return false;
  if (!specOf(code)?.causes?.includes(name)) return false;
  const { zones }: Cause = CAUSES[name];
  return zones === undefined || (zone !== undefined && zones.some((end) => zone === end || zone.endsWith(`.${end}`)));
}
