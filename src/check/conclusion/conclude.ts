/** What follows from the findings: the provider's own steps, the receivers' answers, what to do next, and which way is open. */

import { isConfirmed } from '../../knowledge/verification.ts';
import {
  type FindingResult,
  type ProviderResult,
  type ReceiverResult,
  type Report,
  type RuleResult,
  statusOf,
} from '../../report/status.ts';
import type { Facts } from '../facts/fact.ts';
import { type ProviderFact, provider } from '../facts/provider.ts';
import type { Finding } from '../rules/finding.ts';
import receiver, { receiverFindings } from '../rules/receiver/rule.ts';
import { type Context, identityOf } from '../rules/rule.ts';
import { type Judgement, judge, judgeConsequences, judgeFinding, unjudged, withoutAccepted } from './judgement.ts';
import { neighboursSection } from './neighbours-section.ts';
import { isBlind, predict } from './receivers/predict.ts';
import { remedy } from './remediation/index.ts';
import { spfSection } from './spf-section.ts';
import { stepsOf } from './steps.ts';
import { waysOut } from './ways.ts';

interface Asked {
  /** The rules selected; all when absent. */
  readonly ruleIds?: readonly string[];
  /** What the configuration makes of the findings, before anything is concluded from them. */
  readonly judgement?: Judgement;
}

type Conclusion = Pick<Report, 'rules' | 'spf' | 'neighbours' | 'provider' | 'volume' | 'receivers' | 'advice'>;

/**
 * @param isProposed whether some of it rests on records that are not published yet.
 */
export async function conclude(
  results: readonly RuleResult[],
  { target, facts, settings, clock }: Context,
  { ruleIds, judgement = {} }: Asked,
  isProposed: boolean,
): Promise<Conclusion> {
  const now = clock.now();
  const circumstances = { domain: target.domain, now };
  const known = await knownProviders(target.ips, facts, settings.provider !== undefined);
  const providersOf = (ip: string) => known.find((fact) => fact.ip === ip)?.candidates ?? [];
  const remedied = remedy(judge(results, judgement, circumstances), target.ips, providersOf, now);
  const volume = settings.volume ?? 'low';
  const isSelected = ruleIds?.includes(receiver.id) ?? true;
  // No receiver knows the configuration: the table shows what it would answer all the same.
  const receivers = isSelected ? predict(unjudged(remedied), volume, now) : [];
  const predicted = isSelected ? receiverFindings(receivers, target).map(findingResult) : [];
  const findings = judgeConsequences(
    predicted.map((finding) => judgeFinding(finding, judgement, circumstances)),
    remedied,
  );
  const answers: RuleResult = {
    ...identityOf(receiver),
    ...answersStatus(isSelected, receivers, findings),
    durationMs: 0,
    findings,
  };
  const open = withoutAccepted(remedied);
  const steps = stepsOf(open);
  return {
    rules: [...remedied, answers],
    ...(await spfSection(target, facts)),
    ...(await neighboursSection(target.ips, facts)),
    provider: known.length === 0 ? null : { addresses: known.map((fact) => addressResult(fact, now)) },
    volume,
    receivers,
    advice: { ...waysOut(open, steps, target.ips, providersOf, { now, all: remedied, isProposed }), steps },
  };
}

/** What is left to say where mailcheck could not conclude, by a fault of its own: what the rules found. */
export function unconcluded(results: readonly RuleResult[], { volume = 'low' }: Context['settings']): Conclusion {
  const summary = 'What to do could not be worked out, by a fault of mailcheck itself.';
  return { rules: [...results], provider: null, volume, receivers: [], advice: { summary, ways: [], steps: [] } };
}

/**
 * The answers only repeat what the checks saw. Where a check is open that they rest on, and nothing speaks against the
 * host otherwise, there is no answer to repeat, least of all that the mail would be accepted.
 */
function answersStatus(
  isSelected: boolean,
  receivers: readonly ReceiverResult[],
  findings: readonly FindingResult[],
): Pick<RuleResult, 'status' | 'skipReason'> {
  if (!isSelected) return { status: 'skipped', skipReason: 'not selected' };
  const status = statusOf(findings);
  const isOpen = status === 'pass' && receivers.some(isBlind);
  return isOpen ? { status: 'skipped', skipReason: 'checks they rest on could not be made' } : { status };
}

/** Those that some rule asked for: what nobody needed is not looked up for the sake of the advice. */
function knownProviders(
  ips: readonly ProviderFact['ip'][],
  facts: Facts,
  isGiven: boolean,
): Promise<readonly ProviderFact[]> {
  return Promise.all(ips.filter((ip) => isGiven || facts.known(provider, ip)).map((ip) => facts(provider, ip)));
}

function addressResult(
  { ip, candidates, certainty, network }: ProviderFact,
  now: number,
): ProviderResult['addresses'][number] {
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
      port25: { egress: provider.port25.egress, unblock: provider.port25.unblock, url: provider.port25.url },
      ptr: { control: provider.ptr.control, url: provider.ptr.url },
    })),
    network: network && { asns: [...network.asns], prefix: network.prefix },
  };
}

/** Evidence becomes plain JSON here, so that what is reported is what a consumer will read. */
export function findingResult(finding: Finding): FindingResult {
  return JSON.parse(JSON.stringify(finding)) as FindingResult;
}
