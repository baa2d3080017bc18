/**
 * The provider's network policy: a rented address may be barred from port 25 whatever the host does. What is known of a
 * provider is what it publishes (one file each in `providers/data`); a probe from the host itself knows better.
 */

import type { Candidate } from '../../../knowledge/providers/detect.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { queryEvidence } from '../../../network/dns/answer.ts';
import type { Severity } from '../../../report/status.ts';
import { egress } from '../../facts/egress.ts';
import { type ProviderFact, provider } from '../../facts/provider.ts';
import { ptr } from '../../facts/ptr.ts';
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
    for (const fact of await Promise.all(target.ips.map((ip) => facts(provider, ip)))) {
      const { ip, candidates, network, failures } = fact;
      const detail = { about: { ip }, rests: questionsOf(...fact.answers) };
      if (candidates.length > 0) {
        yield finding('provider/detected', detected(fact, now), detail);
        yield* policy(fact, await port25(context), await isNamed(context, ip), now, finding);
      } else if (failures.length > 0) {
        const evidence = { reason: 'lookup-failed', ip, queries: failures.map(queryEvidence) } as const;
        yield finding('provider/inconclusive', evidence, detail);
      } else {
        yield finding('provider/unknown', { ip, network, asked: settings.asnLookup ?? true }, detail);
      }
    }
  },
});

/** What the egress check saw, where it could see anything. */
async function port25({ facts }: Context): Promise<PolicyEvidence['port25']> {
  const port25Outward = await facts(egress);
  if (port25Outward.kind === 'untested') return 'unknown';
  const kinds = port25Outward.families.map(({ decision }) => decision.kind);
  if (kinds.includes('open')) return 'open';
  return kinds.includes('blocked') ? 'blocked' : 'unknown';
}

/** Whether the address has a reverse name that leads back. */
async function isNamed({ facts }: Context, ip: ProviderFact['ip']): Promise<boolean> {
  const { names } = await facts(ptr, ip);
  return names.some(({ confirmation }) => confirmation === 'confirmed');
}

type Code = 'provider/port25-restricted' | 'provider/smarthost-required';

/** What there is to say of a policy. */
const CODES: Readonly<Record<Candidate['provider']['port25']['egress'], Code | null>> = {
  open: null,
  // The probe decides; a row that knows nothing says nothing.
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
    // By its network alone, a host that has made itself a name may as well be the provider's own mail service.
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

/** The catalogue's severity where there is no reason for another. */
function severityOf(
  mayBeAnother: boolean,
  seen: PolicyEvidence['port25'],
  code: Code,
  isCertain: boolean,
): Severity | undefined {
  if (seen === 'blocked') return mayBeAnother ? 'info' : 'error';
  // The address may as well be with a provider, or in a service, that no such rule binds.
  if (mayBeAnother) return 'info';
  // One sign may be misleading: a provider's own mail service is announced by the same network as its customers.
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
