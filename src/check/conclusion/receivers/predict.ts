/**
 * Predicts from the findings what the large receivers would answer. It is a pure function: no receiver is contacted.
 * The prediction follows the rules that the receivers publish (one file each in `src/knowledge/receivers/data`). If a
 * check could not be made, a prediction that rests on it is unknown. If a receiver publishes no rule about a serious
 * fault that was found, its answer is unknown too: silence is no acceptance.
 */

import { allReceivers } from '../../../knowledge/receivers/catalogue.ts';
import { SERIOUS_FAULTS, type SeriousFault } from '../../../knowledge/receivers/causes.ts';
import type { Receiver } from '../../../knowledge/receivers/schema.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import type { IpFamily } from '../../../network/ip.ts';
import { listed } from '../../../report/listed.ts';
import type { FindingResult, ReceiverResult, RuleResult } from '../../../report/status.ts';
import type { Settings } from '../../settings.ts';
import { isOver, type State, stateOf } from './condition.ts';

/** How much mail the host sends. */
export type Volume = NonNullable<Settings['volume']>;

type ReceiverRule = Receiver['rules'][number];

const NOT_CHECKED = 'not checked: ';

/** @returns whether the prediction is unknown because a check that it rests on was not made or not completed. */
export function isBlind({ outcome, because }: ReceiverResult): boolean {
  return outcome === 'unknown' && because.startsWith(NOT_CHECKED);
}

/** Where in the dialogue a receiver said something. */
const STAGES = { greeting: 'at the greeting', ehlo: 'after EHLO', 'mail-from': 'after MAIL FROM' } as const;

/** What a receiver said when it was asked. */
export interface RealAnswer {
  /** `accepts`: it took MAIL FROM. */
  readonly outcome: 'refuses' | 'defers' | 'accepts';
  readonly severity: 'error' | 'warning' | null;
  /** The reply with its code. */
  readonly quote: string;
  readonly asked: NonNullable<ReceiverResult['asked']>;
  /** The codes of the findings that it names. */
  readonly causes: readonly string[];
}

/** What the answers depend on besides the findings. */
export interface Sending {
  readonly volume: Volume;
  /** Milliseconds since the epoch. A receiver's data counts as confirmed for two years after it was verified. */
  readonly now: number;
  /** The IP versions of the tested addresses. */
  readonly families: readonly IpFamily[];
  /** What the receivers said that were asked, by their ids. */
  readonly answers?: ReadonlyMap<string, RealAnswer>;
}

/**
 * Predicts the answer of each receiver.
 *
 * @param receivers the rows of the data. All that mailcheck knows when absent.
 * @returns one prediction per receiver, in the order of the report.
 */
export function predict(
  results: readonly RuleResult[],
  sending: Sending,
  receivers: readonly Receiver[] = allReceivers,
): ReceiverResult[] {
  return receivers.map((receiver) => {
    const answer = sending.answers?.get(receiver.id);
    const predicted = judge(receiver, results, sending, answer?.outcome === 'accepts');
    return answer === undefined ? predicted : corrected(predicted, answer);
  });
}

/**
 * @returns the prediction with what the receiver really said. A refusal decides. That it took MAIL FROM decides nothing: most
 *   receivers refuse at a later point.
 */
function corrected(predicted: ReceiverResult, { outcome, severity, quote, asked, causes }: RealAnswer): ReceiverResult {
  if (outcome === 'accepts') return { ...predicted, asked };
  return {
    ...predicted,
    outcome,
    because: `said so ${STAGES[asked.stage]} when it was asked`,
    causes: [...causes],
    severity,
    confirmed: true,
    reply: quote,
    replyConfirmed: true,
    asked,
  };
}

/** @param isAsked whether the receiver was asked and took MAIL FROM, so that it knows the address. */
function judge(
  receiver: Receiver,
  everything: readonly RuleResult[],
  sending: Sending,
  isAsked: boolean,
): ReceiverResult {
  const { id, name, source, notCheckable, askFirst, takes } = receiver;
  const { volume, now, families } = sending;
  const common = { id, name, notCheckable, source, confirmed: isConfirmed(receiver, now) };
  const unanswered = { ...common, outcome: 'unknown' as const, causes: [], severity: null, ...NO_REPLY };
  if (takes !== undefined && families.length > 0 && !families.includes(takes.family))
    return { ...unanswered, because: takes.because };
  const results = takes === undefined ? everything : everything.map((result) => overOnly(result, takes.family));
  const applicable = receiver.rules
    .filter((rule) => isForVolume(rule, volume))
    .filter((rule) => rule.family === undefined || families.includes(rule.family))
    .map((rule) => ({ rule, state: stateOf(rule.when, results, rule.family) }));
  const met = applicable.findIndex(({ state }) => state.kind === 'met');
  const decisive = applicable[met];
  if (decisive?.state.kind === 'met') {
    const { rule, state } = decisive;
    // A harder rule that was not seen may be met as well.
    const harder = checksOf(
      applicable.slice(0, met).filter((one) => one.rule.outcome !== rule.outcome),
      results,
    );
    if (harder.length > 0) {
      const least = `at least ${OUTCOMES[rule.outcome]}: ${rule.because}`;
      return { ...unanswered, because: `${NOT_CHECKED}${harder.join(', ')}; ${least}` };
    }
    return {
      ...common,
      ...basisOf(rule, receiver, now),
      outcome: rule.outcome,
      because: rule.because,
      causes: codesOf(state.causes),
      severity: state.causes.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
      ...quoted(rule.reply, now),
    };
  }
  // The texts below quote no rule of the receiver, so they need no mark for unconfirmed data.
  const elsewhere = stateOf([['other-source']], results);
  if (elsewhere.kind === 'met') {
    const causes = codesOf(elsewhere.causes);
    return { ...unanswered, confirmed: true, causes, because: 'sees another address than the tested one' };
  }
  const serious = SERIOUS_FAULTS.map((fault) => ({ fault, state: stateOf(fault.when, results) }));
  const open = checksOf([...applicable, ...serious.filter(({ fault }) => fault.isOnlyIfFound !== true)], results);
  if (askFirst !== null && open.length === 0 && !isAsked) return { ...unanswered, because: askFirst };
  const found = serious.flatMap(({ fault, state }) => (state.kind === 'met' ? [{ fault, causes: state.causes }] : []));
  if (found.length > 0) {
    const faults = found.map(({ fault }) => `${fault.says}${limitOf(fault, receiver, volume)}`);
    const causes = codesOf(found.flatMap((one) => one.causes));
    return { ...unanswered, confirmed: true, causes, because: `no published rule about ${listed(faults, 'or')}` };
  }
  if (open.length > 0) return { ...unanswered, confirmed: true, because: `${NOT_CHECKED}${open.join(', ')}` };
  return {
    ...common,
    outcome: 'accepts',
    because: 'none of its published rules is broken',
    causes: [],
    severity: null,
    ...NO_REPLY,
  };
}

/** The answers to faults, in words. */
const OUTCOMES: Readonly<Record<ReceiverRule['outcome'], string>> = {
  refuses: 'rejected',
  defers: 'deferred',
  degrades: 'spam risk',
};

/**
 * @returns the ids of the checks that the states wait for, in the order of the report, so that receivers that wait for the
 *   same checks have the same text.
 */
function checksOf(waiting: readonly { readonly state: State }[], results: readonly RuleResult[]): string[] {
  const awaited = waiting.flatMap(({ state }) => (state.kind === 'unknown' ? state.checks : []));
  return results.map((result) => result.id).filter((check) => awaited.includes(check));
}

const NO_REPLY = { reply: null, replyConfirmed: null } as const;

/** @returns the result without the findings about addresses of the other IP version: no mail goes out from those. */
function overOnly(result: RuleResult, family: IpFamily): RuleResult {
  return { ...result, findings: result.findings.filter((finding) => isOver(finding, family)) };
}

function isForVolume(rule: ReceiverRule, volume: Volume): boolean {
  return rule.volume === 'any' || volume === 'bulk';
}

function codesOf(findings: readonly FindingResult[]): string[] {
  return [...new Set(findings.map(({ code }) => code))];
}

/** @returns where the rule was seen, and whether that is recent enough to be printed without a mark. */
function basisOf({ basis }: ReceiverRule, row: Receiver, now: number): Pick<ReceiverResult, 'source' | 'confirmed'> {
  if (basis === undefined) return { source: row.source, confirmed: isConfirmed(row, now) };
  return { source: basis.source ?? row.source, confirmed: isConfirmed(basis, now) };
}

function quoted(reply: ReceiverRule['reply'], now: number): Pick<ReceiverResult, 'reply' | 'replyConfirmed'> {
  if (reply === null) return NO_REPLY;
  return { reply: reply.text, replyConfirmed: isConfirmed(reply, now) };
}

/**
 * @returns why the receiver's rules about the fault do not apply here, with a space before. Empty when it has none.
 */
function limitOf({ when }: SeriousFault, { rules }: Receiver, volume: Volume): string {
  const about = rules.filter((rule) =>
    when.every((names) => rule.when.some((group) => group.some((name) => names.includes(name)))),
  );
  const other = about.find((rule) => rule.family !== undefined && isForVolume(rule, volume))?.family;
  if (other !== undefined) return ` over IPv${other === 6 ? 4 : 6}`;
  return about.some((rule) => !isForVolume(rule, volume)) ? ' at low volume' : '';
}
