/**
 * Says which ways to send mail are open: a mail server on the tested address, a relay, or a host elsewhere. It decides
 * from the findings and the provider's policy.
 */

import type { Candidate } from '../../knowledge/providers/detect.ts';
import type { Provider } from '../../knowledge/providers/schema.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import { count } from '../../report/count.ts';
import { listed } from '../../report/listed.ts';
import { lowerFirst } from '../../report/lower-first.ts';
import { receiverCounts } from '../../report/receiver-counts.ts';
import {
  type AdviceStep,
  type AdviceWay,
  asFound,
  type Coverage,
  coverageOf,
  type FindingResult,
  isComplete,
  isExcused,
  type ProviderResult,
  type ReceiverResult,
  type RuleResult,
} from '../../report/status.ts';
import type { Barrier } from '../rules/finding.ts';
import { ruleOf, specOf } from '../rules/index.ts';
import { mayBeClosed, openPolicies, type Policy } from './outbound-port25.ts';
import type { ProvidersOf } from './remediation/index.ts';
import { relayFor, relayText, staysClosed } from './remediation/port25.ts';
import { canSetPtr } from './remediation/ptr.ts';

/** The ways to send mail. */
export interface Ways {
  /** The ways in one text, the best first. */
  readonly summary: string;
  readonly ways: AdviceWay[];
}

/** Whether mail can be sent from the tested addresses: now, after some steps, not at all, or unknown. */
type Here = 'ready' | 'after-steps' | 'closed' | 'unknown';

/** @returns whether a code has this barrier for mail that is sent directly. */
function isBarrier(code: string, barrier: Barrier): boolean {
  return specOf(code)?.barrier === barrier;
}

/** What else the ways depend on. */
export interface WaysOptions {
  /** Milliseconds since the epoch, to mark data about a relay that is too old. */
  readonly now: number;
  /** The results including accepted findings: accepting an obstacle does not remove it. `results` when absent. */
  readonly all?: readonly RuleResult[];
  /** Whether the results rest on records that are not published yet. */
  readonly isProposed?: boolean;
  /** The predicted answers of receivers. */
  readonly receivers?: readonly ReceiverResult[];
  /** What is known of the providers of the tested addresses. */
  readonly addresses?: ProviderResult['addresses'];
}

/**
 * @param results the results without accepted findings.
 * @param steps the steps of the same report.
 * @param ips the tested addresses.
 * @returns the ways to send mail and their summary.
 */
export function waysOut(
  results: readonly RuleResult[],
  steps: readonly AdviceStep[],
  ips: readonly IpAddress[],
  providersOf: ProvidersOf,
  { now, all = results, isProposed = false, receivers = [], addresses = [] }: WaysOptions,
): Ways {
  const findings = results.flatMap((result) => result.findings);
  const everything = all.flatMap((result) => result.findings);
  const candidates = ips.flatMap((ip) => providersOf(ip));
  const providers = [...new Set(candidates.map(({ provider }) => provider))];
  const name = providers.map((provider) => provider.name).join(' or ') || 'the provider';
  const obstacle = obstacleIn(everything, ips, providersOf, name);
  const coverage = coverageOf(all);
  const state = obstacle === null ? stateHere(findings, candidates) : 'closed';
  const here = state === 'ready' && !isComplete(coverage) ? 'unknown' : state;
  const relay = relayFor(strictest(providers), now);
  const ways: AdviceWay[] = [
    {
      way: 'own-server',
      state: here,
      ...(here === 'closed' || mayBeClosed(all, addresses) ? { mayBeBlocked: true as const } : {}),
      ...ownServer(here, {
        obstacle,
        steps,
        coverage,
        policies: openPolicies(all, providers, now),
        excepts: everything.some(isExcused),
        isProposed,
        receivers,
      }),
    },
    ...(relay === undefined
      ? []
      : [
          {
            way: 'relay' as const,
            state: 'open' as const,
            text: `Send through a relay, such as ${relayText(relay)}.`,
            relay,
          },
        ]),
    {
      way: 'other-host',
      state: 'open',
      text: 'Run the mail server at a provider that leaves port 25 open and lets you set the PTR record.',
    },
  ];
  const isBarred = findings.some(({ code, severity }) => severity !== 'info' && specOf(code)?.barrier !== undefined);
  return { summary: summary(here, isBarred, ways), ways };
}

function stateHere(findings: readonly FindingResult[], candidates: readonly Candidate[]): Here {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const isBlocked = errors.some(({ code }) => isBarrier(code, 'port-25-closed'));
  const closedForAll = candidates.length > 0 && candidates.every(({ provider }) => staysClosed(provider));
  if (isBlocked && closedForAll) return 'closed';
  if (findings.some(({ code, severity }) => isBarrier(code, 'other-address') && severity !== 'info')) return 'closed';
  const asksForPort = findings.some(
    ({ code, severity }) => isBarrier(code, 'port-25-on-request') && severity !== 'info',
  );
  if (errors.length > 0 || asksForPort) return 'after-steps';
  return 'ready';
}

/**
 * @param everything all findings, including those that the configuration excuses: that opens no port.
 * @returns why no mail can be sent from here whatever is fixed, or `null` when nothing prevents it.
 */
function obstacleIn(
  everything: readonly FindingResult[],
  ips: readonly IpAddress[],
  providersOf: ProvidersOf,
  name: string,
): string | null {
  const candidates = ips.flatMap((ip) => providersOf(ip));
  const unnamed = ips.filter((ip) => cannotBeNamed(ip, everything, providersOf(ip)));
  // With another address, the host can send over that one.
  if (unnamed.length > 0 && unnamed.length === ips.length) {
    const isOnly6 =
      unnamed.every((ip) => ipFamily(ip) === 6) && candidates.some(({ provider }) => provider.ptr.control !== 'none');
    return isOnly6
      ? `${name} lets nobody set a PTR record for an IPv6 address, so send over IPv4 only`
      : `${name} lets nobody set a PTR record`;
  }
  if (stateHere(everything.map(asFound), candidates) === 'closed') return `${name} blocks port 25`;
  const isExcusedBlock = everything.some((finding) => isBarrier(finding.code, 'port-25-closed') && isExcused(finding));
  return isExcusedBlock ? 'outbound port 25 is blocked, which the configuration accepts' : null;
}

/** @returns the provider that closes most ports, of those that the addresses may belong to. */
function strictest(providers: readonly Provider[]): Provider | undefined {
  return [...providers].sort((a, b) => b.port25.portsClosed.length - a.port25.portsClosed.length)[0];
}

/** @returns whether the address lacks a correct PTR record and its provider lets nobody set one. */
function cannotBeNamed(ip: IpAddress, findings: readonly FindingResult[], candidates: readonly Candidate[]): boolean {
  const isUnnamed = findings.some(
    ({ code, severity, about }) => isBarrier(code, 'reverse-name') && severity === 'error' && about.ip === ip,
  );
  return isUnnamed && candidates.length > 0 && !candidates.some(({ provider }) => canSetPtr(provider, ip));
}

interface Situation {
  /** Why no mail can be sent from here. `null` when nothing prevents it. */
  readonly obstacle: string | null;
  readonly steps: readonly AdviceStep[];
  readonly coverage: Coverage;
  /** What the providers do to outbound port 25, if it was not tried. */
  readonly policies: readonly Policy[];
  /** Whether the configuration accepts or lowers a fault that was found. */
  readonly excepts: boolean;
  readonly isProposed: boolean;
  readonly receivers: readonly ReceiverResult[];
}

/** @returns the text for this host. It judges the host as a whole only if every check was completed. */
function ownServer(here: Here, situation: Situation): Pick<AdviceWay, 'text' | 'stillOpen'> {
  const { obstacle, coverage, policies, excepts, isProposed } = situation;
  const needed = neededSteps(situation);
  const gaps = clauses([...gapsOf(coverage), ...policies.map(({ text }) => text)]);
  const except = excepts ? ', apart from what the configuration accepts' : '';
  switch (here) {
    case 'ready': {
      const once = isProposed ? 'Once the proposed records are published, this' : 'This';
      const answers = answersText(situation, needed);
      return {
        text:
          answers === ''
            ? `${once} host is ready to send mail directly${except}.`
            : `${once} host can send mail directly${except}, but ${answers}.`,
      };
    }
    case 'closed':
      return { text: `This host cannot send mail directly: ${obstacle ?? 'port 25 is blocked'}.` };
    case 'unknown':
      return unknownText(situation, gaps);
    case 'after-steps': {
      const toDo = `${isProposed ? 'Publish the proposed records and complete' : 'Complete'} ${needed || 'the steps'}`;
      return gaps === ''
        ? { text: `${toDo} and this host can deliver mail directly${except}.` }
        : { text: `${toDo} before you send from this host.`, stillOpen: gaps };
    }
  }
}

/** @returns the text when checks are missing. "No reason found" is said only if most checks were completed. */
function unknownText(situation: Situation, gaps: string): Pick<AdviceWay, 'text' | 'stillOpen'> {
  const { coverage, policies, excepts, isProposed } = situation;
  const { ran, incomplete, notRun } = coverage;
  if (ran.length === 0) return { text: 'No check ran, so nothing is known about mail from this host.' };
  const seen = ran.length - incomplete.length;
  if (seen === 0) return { text: 'Nothing is known about mail from this host.', stillOpen: gaps };
  const rejecting = rejectingText(situation, 'mail from this host');
  if (rejecting !== '') return { text: `By their published rules, ${rejecting}.`, stillOpen: gaps };
  if (seen <= incomplete.length + notRun.length || policies.some(({ isReason }) => isReason)) {
    return { text: 'This run does not show whether this host can send mail.', stillOpen: gaps };
  }
  const none = `No ${excepts ? 'other ' : ''}reason found not to send from this host${isProposed ? ' once the proposed records are published' : ''}`;
  return incomplete.length === 0
    ? { text: `${none}, but ${gaps}.` }
    : { text: `${none}, but ${count(incomplete.length, 'check')} could not be completed.`, stillOpen: gaps };
}

/** @returns what the receivers' answers speak against sending, as a clause. Empty when they do not. */
function answersText(situation: Situation, needed: string): string {
  const rejecting = rejectingText(situation, 'it');
  if (rejecting !== '')
    return `by their published rules ${rejecting}${needed === '' ? '' : ` until you complete ${needed}`}`;
  const { total, accepts, degrades } = receiverCounts(situation.receivers);
  return total > 0 && accepts + degrades === 0 ? 'the answers of large receivers are not known' : '';
}

/** @returns how many receivers reject or defer the mail, as a clause. Empty when none does. */
function rejectingText({ receivers }: Situation, mail: string): string {
  const { refuses, defers, total } = receiverCounts(receivers);
  const verbs = [...(refuses > 0 ? ['reject'] : []), ...(defers > 0 ? ['defer'] : [])];
  const number = refuses + defers;
  if (number === 0) return '';
  return `${number} of ${count(total, 'large receiver')} ${verbs.map((verb) => (number === 1 ? `${verb}s` : verb)).join(' or ')} ${mail}`;
}

/**
 * @returns the numbers of the necessary steps in words: the steps that fix an error, open port 25, or end the reason of
 *   a receiver to reject or defer mail. Empty when no step is necessary.
 */
function neededSteps({ steps, receivers }: Situation): string {
  const rejecting = receivers.filter(({ outcome }) => outcome === 'refuses' || outcome === 'defers');
  const reasons = new Set(rejecting.flatMap(({ causes }) => causes));
  const numbers = steps.flatMap(({ severity, codes }, index) =>
    severity === 'error' || codes.some((code) => isBarrier(code, 'port-25-on-request') || reasons.has(code))
      ? [index + 1]
      : [],
  );
  const last = numbers.at(-1);
  if (last === undefined) return '';
  if (numbers.length === 1) return `step ${last}`;
  const isRun = last === numbers.length;
  return `steps ${isRun ? `1–${last}` : listed(numbers.map(String))}`;
}

/** @returns the clauses in one sentence. Each may hold a comma, so that one stands before "and" too. */
function clauses(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')}, and ${last}`;
}

/** @returns the checks that were not completed, one clause for each kind of gap. */
function gapsOf({ incomplete, notRun }: Coverage): string[] {
  const named = (rules: readonly RuleResult[], what: string): string[] =>
    rules.length === 0 ? [] : [`${count(rules.length, 'check')} ${what} (${rules.map(({ id }) => id).join(', ')})`];
  const ownWords = ({ id }: RuleResult): string | undefined => {
    const rule = ruleOf(id);
    return rule?.kind === 'check' ? rule.notRun : undefined;
  };
  return [
    ...named(incomplete, 'could not be completed'),
    ...named(
      notRun.filter((rule) => ownWords(rule) === undefined),
      'did not run',
    ),
    ...notRun.flatMap((rule) => ownWords(rule) ?? []),
  ];
}

/** @returns the ways in one text. Another way is told where the address or its provider is in the way of this one. */
function summary(here: Here, isBarred: boolean, ways: readonly AdviceWay[]): string {
  const [own, ...others] = ways.map(({ text, stillOpen }) =>
    stillOpen === undefined ? text : `${text} Still open: ${stillOpen}.`,
  );
  if (here !== 'closed' && (here !== 'after-steps' || !isBarred)) return own ?? '';
  const [first, ...rest] = others;
  const lead = here === 'closed' ? 'Instead, ' : 'Alternatively, ';
  return [
    own,
    ...(first === undefined ? [] : [`${lead}${lowerFirst(first)}`]),
    ...rest.map((text) => `Or ${lowerFirst(text)}`),
  ].join(' ');
}
