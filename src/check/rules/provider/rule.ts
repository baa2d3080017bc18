/**
 * Reports the provider's network policy: a provider may block port 25 for a rented address, whatever the host does. The
 * data is what providers publish (one file each in `src/knowledge/providers/data`). A test from the host itself
 * overrides it.
 */

import type { Candidate } from '../../../knowledge/providers/detect.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { queryEvidence } from '../../../network/dns/answer.ts';
import type { Severity } from '../../../report/status.ts';
import { egress } from '../../facts/egress.ts';
import { type ProviderFact, provider } from '../../facts/provider.ts';
import { confirmedNames, ptr } from '../../facts/ptr.ts';
import { edgeProxy, proxiedBy } from '../../facts/web-proxy.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { findings, type PolicyEvidence } from './findings.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'provider',
  title: 'Provider',
  reference: 'provider policies',
  findings,
  step: 'provider-policy',
  needsAddress: true,

  async *check(context, finding) {
    const { target, facts, settings, clock } = context;
    const now = clock.now();
    for (const { name, ...proxied } of target.proxied ?? []) {
      // The mx rule reports an MX host that leads to a web proxy.
      if (name === null) yield finding('provider/web-proxy', proxied, { about: { ip: proxied.ip } });
    }
    for (const fact of await Promise.all(target.ips.map((ip) => facts(provider, ip)))) {
      const { ip, candidates, network, failures } = fact;
      const edge = await facts(edgeProxy, ip);
      if (edge !== null) {
        const { name: _, ...proxied } = proxiedBy(edge, ip, null, now);
        const evidence = { about: { ip }, rests: questionsOf(...fact.answers) };
        if (target.ipSource === 'argument') yield finding('provider/web-proxy', proxied, evidence);
        continue;
      }
      const detail = { about: { ip }, rests: questionsOf(...fact.answers) };
      if (candidates.length > 0) {
        yield finding('provider/detected', detected(fact, now), detail);
        yield* policy(fact, await port25(context), await isNamed(context, ip), now, finding);
      } else if (failures.length === 0) {
        yield finding('provider/unknown', { ip, network, asked: settings.asnLookup ?? true }, detail);
      }
      if (failures.length > 0) {
        const found = candidates.map(({ provider }) => provider.name);
        const evidence = { reason: 'lookup-failed', ip, found, queries: failures.map(queryEvidence) } as const;
        yield finding('provider/inconclusive', evidence, detail);
      }
    }
  },
});

/**
 * @returns the state of outbound port 25 as the test on the host saw it. `unknown` when it did not run or saw neither.
 */
async function port25({ facts }: Context): Promise<PolicyEvidence['port25']> {
  const port25Outward = await facts(egress);
  if (port25Outward.kind === 'untested') return 'unknown';
  const kinds = port25Outward.families.map(({ decision }) => decision.kind);
  if (kinds.includes('open')) return 'open';
  return kinds.includes('blocked') ? 'blocked' : 'unknown';
}

/** @returns whether the address has a PTR record whose name resolves back to it. */
async function isNamed({ facts }: Context, ip: ProviderFact['ip']): Promise<boolean> {
  return confirmedNames(await facts(ptr, ip)).length > 0;
}

type Code = 'provider/port25-restricted' | 'provider/smarthost-required';

/** The finding for each policy on outbound port 25. `null` means no finding. */
const CODES: Readonly<Record<Candidate['provider']['port25']['egress'], Code | null>> = {
  open: null,
  // Without data on the policy, only the test on the host can decide.
  unknown: null,
  throttled: 'provider/port25-restricted',
  'blocked-by-default': 'provider/port25-restricted',
  'blocked-new-accounts': 'provider/port25-restricted',
  blocked: 'provider/smarthost-required',
};

function* policy(
  { ip, candidates, certainty, answers }: ProviderFact,
  seen: PolicyEvidence['port25'],
  named: boolean,
  now: number,
  finding: Emitter,
): Generator<Finding> {
  if (seen === 'open') return;
  const strict = candidates.flatMap(({ provider }) => {
    const code = CODES[provider.port25.egress];
    return code === null ? [] : [{ provider, code }];
  });
  const isCertain = certainty === 'given' || certainty === 'high';
  for (const { provider, code } of strict) {
    const { port25, id, name, confidence, verifiedOn } = provider;
    const evidence: PolicyEvidence = {
      ip,
      provider: id,
      name,
      egress: port25.egress,
      unblock: port25.unblock,
      note: port25.note,
      url: port25.url,
      checkedOn: verifiedOn,
      confidence,
      confirmed: isConfirmed(provider, now),
      certainty: certainty ?? 'low',
      port25: seen,
    };
    // If only the network matches and the host has its own PTR name, it may be the provider's own mail service.
    const mayBeService = provider.detect.ownServices && named && isByNetworkOnly(candidates);
    const severity = severityOf(strict.length < candidates.length || mayBeService, seen, code, isCertain);
    const about = { ip, item: provider.id };
    const detail = { about, rests: questionsOf(...answers), ...(severity === undefined ? {} : { severity }) };
    yield finding(code, evidence, detail);
  }
}

function isByNetworkOnly(candidates: readonly Candidate[]): boolean {
  return candidates.every(({ signals }) => signals.every(({ kind }) => kind === 'asn'));
}

/** @returns the severity of a policy finding, or `undefined` for the severity of the catalogue. */
function severityOf(
  mayBeAnother: boolean,
  seen: PolicyEvidence['port25'],
  code: Code,
  isCertain: boolean,
): Severity | undefined {
  if (seen === 'blocked') return mayBeAnother ? 'info' : 'error';
  // The address may belong to another provider or service, to which this policy does not apply.
  if (mayBeAnother) return 'info';
  // One sign may mislead: a provider's own mail service may be in the same network as its customers.
  return code === 'provider/smarthost-required' && !isCertain ? 'warning' : undefined;
}

function detected({ ip, candidates, certainty, network }: ProviderFact, now: number) {
  return {
    ip,
    certainty: certainty ?? 'low',
    candidates: candidates.map(({ provider, signals }) => ({
      provider: provider.id,
      name: provider.name,
      confidence: provider.confidence,
      confirmed: isConfirmed(provider, now),
      signals,
      history: provider.history,
    })),
    network,
  };
}
