/**
 * Reports the provider's network policy: a provider may block port 25 for a rented address, whatever the host does. The
 * data is what providers publish (one file each in `src/knowledge/providers/data`). A test from the host itself
 * overrides it.
 */

import type { Candidate } from '../../../knowledge/providers/detect.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { queryEvidence } from '../../../network/dns/answer.ts';
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { mayClosePort25 } from '../../../report/port25-words.ts';
import type { Severity } from '../../../report/status.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import { egress, port25Of } from '../../facts/egress.ts';
import { endUserLine } from '../../facts/end-user-line.ts';
import { type ProviderFact, provider } from '../../facts/provider.ts';
import { confirmedNames, ptr } from '../../facts/ptr.ts';
import { edgeProxy, proxiedBy } from '../../facts/web-proxy.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, note } from '../rule.ts';
import { seenTexts } from '../seen.ts';
import { findings, type PolicyEvidence } from './findings.ts';
import { seenProvider } from './seen.ts';

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
    const seen: string[] = [];
    const found = await Promise.all(target.ips.map((ip) => facts(provider, ip)));
    const edges = await Promise.all(target.ips.map((ip) => facts(edgeProxy, ip)));
    const own = found.filter((_, index) => edges[index] === null);
    for (const [index, fact] of found.entries()) {
      const { ip, candidates, network, failures } = fact;
      const detail = { about: { ip }, rests: questionsOf(...fact.answers) };
      const edge = edges[index] ?? null;
      if (edge !== null) {
        seen.push(edge.name);
        const { name: _, ...proxied } = proxiedBy(edge, ip, null, now);
        // The mx rule reports an MX host that leads to a web proxy.
        if (target.ipSource === 'argument') yield finding('provider/web-proxy', proxied, detail);
        continue;
      }
      const port25 = port25Of(await facts(egress), ip);
      seen.push(seenProvider(fact, port25, now));
      if (candidates.length > 0) {
        yield finding('provider/detected', detected(fact, now), detail);
        const alike = own.filter((other) => isAtSame(other, fact)).map((other) => other.ip);
        yield* policy({ fact, alike, port25, isNamed: await isNamedElsewhere(context, ip), now }, finding);
      } else if (failures.length === 0) {
        const line = await facts(endUserLine, ip);
        if (line.signs.length > 0) {
          const rests = questionsOf(...fact.answers, ...line.answers);
          yield finding('provider/residential', { ip, network, signs: line.signs }, { about: { ip }, rests });
          continue;
        }
        yield finding('provider/unknown', { ip, network, asked: settings.asnLookup ?? true }, detail);
      }
      if (failures.length > 0) {
        const names = candidates.map(({ provider }) => provider.name);
        const evidence = { reason: 'lookup-failed', ip, found: names, queries: failures.map(queryEvidence) } as const;
        yield finding('provider/inconclusive', evidence, detail);
      }
    }
    return note(seenTexts(seen));
  },
});

/**
 * @returns whether the address has a PTR record whose name resolves back to it and is not of the tested domain. A name of
 *   that domain was set by a customer.
 */
async function isNamedElsewhere({ facts, target }: Context, ip: ProviderFact['ip']): Promise<boolean> {
  const own = organizationalDomain(target.domain);
  const names = confirmedNames(await facts(ptr, ip));
  return names.length > 0 && !names.some((name) => isSameOrSubdomain(name, own));
}

/** @returns whether two addresses may be at the same providers. */
function isAtSame({ candidates }: ProviderFact, other: ProviderFact): boolean {
  const ids = (of: readonly Candidate[]): string => of.map(({ provider }) => provider.id).join(' ');
  return ids(candidates) === ids(other.candidates);
}

type Code = 'provider/port25-restricted' | 'provider/smarthost-required' | 'provider/port25-unknown';

/** The finding for each policy on outbound port 25. `null` means no finding. */
const CODES: Readonly<Record<Candidate['provider']['port25']['egress'], Code | null>> = {
  open: null,
  'not-needed': null,
  unknown: 'provider/port25-unknown',
  throttled: 'provider/port25-restricted',
  'blocked-by-default': 'provider/port25-restricted',
  'blocked-new-accounts': 'provider/port25-restricted',
  blocked: 'provider/smarthost-required',
};

/** An address, and what is known of outbound port 25 there. */
interface Place {
  readonly fact: ProviderFact;
  /** The tested addresses that may be at the same providers, with this one. */
  readonly alike: readonly ProviderFact['ip'][];
  /** The state of outbound port 25 as the test on the host saw it. */
  readonly port25: PolicyEvidence['port25'];
  /** Whether the address has a confirmed PTR record with a name of somebody else's domain. */
  readonly isNamed: boolean;
  readonly now: number;
}

function* policy(place: Place, finding: Emitter): Generator<Finding> {
  const { fact, port25, now } = place;
  const { candidates, certainty } = fact;
  const [first, second] = candidates;
  // Providers that are gone have no policy to choose from.
  if (second !== undefined && candidates.some(({ provider }) => provider.status === 'active')) {
    yield ambiguous(place, finding);
    return;
  }
  // What was seen on the host counts more than what the provider publishes.
  if (first === undefined || port25 === 'open') return;
  const { provider } = first;
  const code = CODES[provider.port25.egress];
  if (code === null) return;
  const evidence = policyEvidence(place, provider, now);
  const detail = { about: { ip: fact.ip, item: provider.id }, rests: questionsOf(...fact.answers) };
  if (code === 'provider/port25-unknown') {
    // The egress rule reports a port that was seen to be closed. A provider that is gone has no policy.
    if (port25 === 'unknown' && provider.status === 'active') yield finding(code, evidence, detail);
    return;
  }
  const isCertain = certainty === 'given' || certainty === 'high';
  const severity = severityOf(mayBeService(place), port25, code, isCertain);
  yield finding(code, evidence, { ...detail, ...(severity === undefined ? {} : { severity }) });
}

/** Reports an address that may be at one of several providers: one finding with the policy of each. */
function ambiguous(place: Place, finding: Emitter): Finding {
  const { fact, alike, port25, now } = place;
  const { ip, candidates, answers } = fact;
  const isOpen = port25 === 'open' || !candidates.some(({ provider }) => mayClosePort25(provider.port25));
  const evidence = {
    ip,
    alike,
    candidates: candidates.map(({ provider }) => ({
      provider: provider.id,
      name: provider.name,
      confirmed: isConfirmed(provider, now),
      egress: provider.port25.egress,
      unblock: provider.port25.unblock,
      portsClosed: provider.port25.portsClosed,
      tellApart: provider.detect.tellApart,
    })),
    port25,
  };
  const detail = { about: { ip }, rests: questionsOf(...answers) };
  return finding('provider/ambiguous', evidence, {
    ...detail,
    ...(isOpen || mayBeService(place) ? { severity: 'info' } : {}),
  });
}

function policyEvidence({ fact, port25: seen }: Place, provider: Candidate['provider'], now: number): PolicyEvidence {
  const { port25, id, name, generic, confidence, verifiedOn } = provider;
  return {
    ip: fact.ip,
    provider: id,
    name,
    generic,
    egress: port25.egress,
    unblock: port25.unblock,
    portsClosed: port25.portsClosed,
    note: port25.note,
    url: port25.url,
    checkedOn: verifiedOn,
    confidence,
    confirmed: isConfirmed(provider, now),
    certainty: fact.certainty ?? 'low',
    port25: seen,
  };
}

/**
 * @returns whether the host may be a mail service of the provider's own: only the network matches, and the host has a
 *   PTR name that the tested domain did not choose.
 */
function mayBeService({ fact: { candidates }, isNamed }: Place): boolean {
  return isNamed && isByNetworkOnly(candidates) && candidates.every(({ provider }) => provider.detect.ownServices);
}

function isByNetworkOnly(candidates: readonly Candidate[]): boolean {
  return candidates.every(({ signals }) => signals.every(({ kind }) => kind === 'asn'));
}

/** @returns the severity of a policy finding, or `undefined` for the severity of the catalogue. */
function severityOf(
  isPerhapsService: boolean,
  seen: PolicyEvidence['port25'],
  code: Code,
  isCertain: boolean,
): Severity | undefined {
  if (seen === 'blocked') return isPerhapsService ? 'info' : 'error';
  // The address may belong to a service of the provider's own, to which this policy does not apply.
  if (isPerhapsService) return 'info';
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
