/**
 * Draws the conclusions from the findings: the steps at the provider, the receivers' predicted answers, the next steps,
 * and the ways to send mail.
 */

import { isConfirmed } from '../../knowledge/verification.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import {
  type FindingResult,
  type ProviderResult,
  type ReceiverResult,
  type Report,
  type RuleResult,
  statusOf,
  withAllowed,
} from '../../report/status.ts';
import { type EgressFact, egress, port25Of } from '../facts/egress.ts';
import type { Facts } from '../facts/fact.ts';
import { heloName } from '../facts/helo-name.ts';
import { type ProviderFact, provider } from '../facts/provider.ts';
import type { Finding } from '../rules/finding.ts';
import receiver, { receiverFindings } from '../rules/receiver/rule.ts';
import { type Context, identityOf } from '../rules/rule.ts';
import type { Target } from '../target.ts';
import { dkimKeysSection } from './dkim-keys-section.ts';
import { hostingOf, withHosts } from './dns-host/section.ts';
import { expiriesSection } from './expiries-section.ts';
import { gated, gatedConsequences, type PublishedState } from './gate.ts';
import { type Judgement, judge, judgeConsequences, judgeFinding, unjudged, withoutAccepted } from './judgement.ts';
import { mtaStsSection } from './mta-sts-section.ts';
import { neighboursSection } from './neighbours-section.ts';
import type { Found } from './plan/found.ts';
import { planOf, type Rerun, unplanned } from './plan/plan.ts';
import { planSection, withRecords } from './plan/section.ts';
import { realAnswers, withCauses, withoutFollowing } from './receivers/answers.ts';
import { isBlind, predict } from './receivers/predict.ts';
import { remedy } from './remediation/index.ts';
import { unremoved, withKept, withStoppedMail } from './removal.ts';
import { spfSection } from './spf-section.ts';
import { stepsOf } from './steps.ts';
import { waysOut } from './ways.ts';

/** The user's choices that the conclusion depends on. */
interface Asked {
  /** The ids of the selected rules. All rules when absent. */
  readonly ruleIds?: readonly string[];
  /** The configured severities and accepted findings, which are applied before any conclusion. */
  readonly judgement?: Judgement;
}

/** What else a conclusion rests on. */
interface Basis {
  /** Whether the resolver cannot be relied on. Then nothing is concluded from what the DNS says. */
  readonly isUnreliable: boolean;
  /** Whether some result rests on records that are not published yet. */
  readonly isProposed: boolean;
  /** Runs the rules that rest on the DNS again, over other answers. */
  readonly rerun: Rerun;
  /** The ids of the rules that `rerun` runs. */
  readonly rerunIds: readonly string[];
  /**
   * What the rules find over the published records, for a change that is judged by what it makes worse. `null` where
   * nothing is known of them. Absent without such a change.
   */
  readonly published?: PublishedState | null;
}

type Conclusion = Pick<
  Report,
  | 'rules'
  | 'gate'
  | 'spf'
  | 'mtaSts'
  | 'dkimKeys'
  | 'expiries'
  | 'neighbours'
  | 'provider'
  | 'volume'
  | 'receivers'
  | 'plan'
  | 'dnsHosts'
  | 'advice'
>;

/**
 * Concludes a run: applies the configuration to the findings, adds the providers' steps, predicts the receivers'
 * answers and derives the advice.
 *
 * @param found the results of the rules as they were found, and the edits that they ask for.
 * @returns the sections of the Report that follow from the results.
 */
export async function conclude(
  { results: found, edits, ofHosts }: Found,
  context: Omit<Context, 'leaveOut'>,
  { ruleIds, judgement = {} }: Asked,
  { isUnreliable, isProposed, rerun, rerunIds, published }: Basis,
): Promise<Conclusion> {
  const { target, facts, settings, clock } = context;
  const now = clock.now();
  const inGate = published ?? undefined;
  const results = withCauses(inGate === undefined ? found : withStoppedMail(found, inGate, settings));
  const circumstances = { domain: target.domain, now };
  const known = isUnreliable ? [] : await knownProviders(target.ips, facts, settings.provider !== undefined);
  const outward = facts.known(egress) ? await facts(egress) : null;
  const providersOf = (ip: string) => known.find((fact) => fact.ip === ip)?.candidates ?? [];
  const judged = judge(results, judgement, circumstances);
  const { results: remediable, impossible } = remedy(judged, target.ips, providersOf, now);
  const allowed = (rules: readonly RuleResult[]) => withAllowed(rules, judgement.allowInconclusive ?? []);
  const before = published && {
    ...published,
    results: allowed(judge(withCauses(published.results), judgement, circumstances)),
  };
  const compared = before === undefined ? undefined : gated(allowed(remediable), before);
  const advised = compared?.rules ?? allowed(remediable);
  const { results: told, advice, settled } = inGate === undefined ? unremoved(advised) : withKept(advised, inGate);
  const possible = new Map([...edits].filter(([key]) => !impossible.has(key) && !settled.has(key)));
  const plan = isUnreliable
    ? unplanned(told)
    : await planOf({ results, edits: possible, ofHosts }, told, {
        target,
        dns: context.dns,
        heloName: await heloNamesOf(context),
        rerun,
        judge: (again) => judge(again, judgement, circumstances),
      });
  const hosting = await hostingOf(plan, facts, { now, isProposed });
  const remedied = withHosts(withRecords(told, plan), plan, hosting);
  const volume = settings.volume ?? 'low';
  const isSelected = ruleIds?.includes(receiver.id) ?? true;
  // The receivers do not know the user's configuration, so their answers are predicted from the unchanged severities.
  const answers = await realAnswers(target.ips, facts, remedied);
  const sending = { volume, now, families: target.ips.map(ipFamily), answers };
  const receivers = isSelected ? predict(unjudged(remedied), sending) : [];
  const predicted = isSelected ? receiverFindings(receivers, target).map(findingResult) : [];
  const following = judgeConsequences(
    predicted.map((finding) => judgeFinding(finding, judgement, circumstances)),
    remedied,
  );
  const findings = compared === undefined ? following : gatedConsequences(following, remedied);
  const predictions: RuleResult = {
    ...identityOf(receiver),
    ...answersStatus(isSelected, receivers, findings),
    durationMs: 0,
    findings,
  };
  const open = withoutAccepted(remedied);
  const steps = hosting.inSteps(stepsOf(withoutFollowing(open), plan, possible, advice));
  const addresses = known.map((fact) => addressResult(fact, outward, now));
  return {
    rules: [...remedied, predictions],
    ...(compared === undefined ? {} : { gate: compared.gate }),
    ...(isUnreliable ? {} : await sectionsOf(target, facts, now)),
    provider: known.length === 0 ? null : { addresses },
    volume,
    receivers,
    plan: hosting.inPlan(planSection(plan, steps, remedied, rerunIds)),
    ...(hosting.zones.length === 0 ? {} : { dnsHosts: [...hosting.zones] }),
    advice: {
      ...waysOut(open, steps, target.ips, providersOf, { now, all: remedied, isProposed, receivers, addresses }),
      steps,
    },
  };
}

/** @returns the sections of the Report on what the rules have read. */
async function sectionsOf(
  target: Target,
  facts: Facts,
  now: number,
): Promise<Pick<Report, 'spf' | 'mtaSts' | 'dkimKeys' | 'expiries' | 'neighbours'>> {
  return {
    ...(await spfSection(target, facts)),
    ...(await mtaStsSection(facts)),
    ...(await dkimKeysSection(facts)),
    ...(await expiriesSection(target, facts, now)),
    ...(await neighboursSection(target.ips, facts)),
  };
}

/**
 * @returns the sections of the Report when a bug in mailcheck prevented a conclusion: the rules' results and no advice.
 */
export function unconcluded(results: readonly RuleResult[], { volume = 'low' }: Context['settings']): Conclusion {
  const summary = 'mailcheck has a bug and could not work out what to do.';
  return {
    rules: [...results],
    provider: null,
    volume,
    receivers: [],
    plan: null,
    advice: { summary, ways: [], steps: [] },
  };
}

/**
 * The receivers' answers only follow from the checks. If a check that they rest on could not be made and the other
 * checks found no fault, there is no answer to report: acceptance would be a guess.
 *
 * @returns the status of the receiver rule, with the reason when it is skipped.
 */
function answersStatus(
  isSelected: boolean,
  receivers: readonly ReceiverResult[],
  findings: readonly FindingResult[],
): Pick<RuleResult, 'status' | 'skipReason'> {
  if (!isSelected) return { status: 'skipped', skipReason: 'not selected' };
  const status = statusOf(findings);
  const isUnknown = receivers.some(isBlind) || receivers.every(({ outcome }) => outcome === 'unknown');
  const isOpen = status === 'pass' && isUnknown;
  return isOpen ? { status: 'skipped', skipReason: 'some answers depend on checks that did not run' } : { status };
}

/** @returns the name that the host at an address announces, as far as the rules asked for it. */
async function heloNamesOf({ target, facts }: Pick<Context, 'target' | 'facts'>): Promise<(ip: IpAddress) => string> {
  const known = target.ips.filter((ip) => facts.known(heloName, ip));
  const names = new Map(await Promise.all(known.map(async (ip) => [ip, (await facts(heloName, ip)).name] as const)));
  return (ip) => names.get(ip) ?? target.helo ?? target.domain;
}

/** @returns the providers that a rule looked up or the user named. The advice alone is no reason for a lookup. */
function knownProviders(
  ips: readonly ProviderFact['ip'][],
  facts: Facts,
  isGiven: boolean,
): Promise<readonly ProviderFact[]> {
  return Promise.all(ips.filter((ip) => isGiven || facts.known(provider, ip)).map((ip) => facts(provider, ip)));
}

function addressResult(
  { ip, candidates, certainty, network }: ProviderFact,
  outward: EgressFact | null,
  now: number,
): ProviderResult['addresses'][number] {
  const port25 = outward === null ? 'unknown' : port25Of(outward, ip);
  return {
    ip,
    certainty,
    candidates: candidates.map(({ provider, signals }) => ({
      id: provider.id,
      name: provider.name,
      status: provider.status,
      confidence: provider.confidence,
      confirmed: isConfirmed(provider, now),
      signals: [...signals],
      port25: {
        egress: provider.port25.egress,
        unblock: provider.port25.unblock,
        url: provider.port25.url,
        portsClosed: [...provider.port25.portsClosed],
      },
      ptr: { control: provider.ptr.control, url: provider.ptr.url },
    })),
    network: network && { asns: [...network.asns], prefix: network.prefix },
    port25Seen: port25 === 'unknown' ? null : port25,
  };
}

/** @returns the finding with its evidence as plain JSON, exactly as a consumer of the report will read it. */
export function findingResult({ edits, isOfHost, ...finding }: Finding): FindingResult {
  return JSON.parse(JSON.stringify(finding)) as FindingResult;
}
