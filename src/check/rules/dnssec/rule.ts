/**
 * Checks that the DNSSEC signatures of the domain are right (RFC 9364, RFC 4035 §5), and those of the zones of its MX hosts
 * and of its PTR records. mailcheck validates them itself. It asks one resolver, so it does not see whether one of several
 * name servers has another zone. Few questions are asked about a domain that is not signed.
 */
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { TYPE } from '../../../network/dns/record-types.ts';
import { canonicalName, isHostName, isSameOrSubdomain, sameName } from '../../../network/domain.ts';
import { reverseName } from '../../../network/ip.ts';
import { algorithmName, type DnssecFault, type DnssecState, MAX_ITERATIONS } from '../../../standards/dnssec/index.ts';
import { unwatched } from '../../facts/gaps.ts';
import { MAX_EXCHANGES } from '../../facts/mx.ts';
import { type Delegation, delegation } from '../../facts/security.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, note, unused } from '../rule.ts';
import { findings, type Role } from './findings.ts';
import {
  endingSoon,
  faultsByZone,
  hostQuestions,
  iterationsIn,
  type Judged,
  judge,
  keyAlgorithms,
  ownQuestions,
  unknownReasons,
  type ZoneQuestion,
} from './zone.ts';

/** How findings are made, and the zones whose faults are told. A fault far up is one of every zone below. */
interface Telling {
  readonly finding: Emit<typeof findings>;
  readonly told: Set<string>;
}

/** The algorithms that must or should not be used for signing (RFC 9904 §3, RFC 9905, RFC 9906). */
const WEAK_ALGORITHMS: readonly number[] = [1, 3, 5, 6, 7, 12];
/** SHA-1 and GOST. */
const WEAK_DIGESTS: readonly number[] = [1, 3];

export default defineRule({
  id: 'dnssec',
  title: 'DNSSEC',
  reference: 'RFC 9364',
  findings,
  isAboutDomain: true,
  step: 'other',

  async *check(context, finding) {
    const { target, facts, dns } = context;
    const telling = { finding, told: new Set<string>() };
    const [own, mx] = await Promise.all([
      facts(delegation, target.domain),
      // What fails is reported in the words of this rule.
      unwatched(dns).query(target.domain, 'MX'),
    ]);
    const hosts = hostsIn(context, mx);
    if (own.soa !== null) {
      const detail = { about: { name: target.domain }, rests: questionsOf(own.soa) };
      const query = queryEvidence(own.soa);
      yield finding('dnssec/inconclusive', { reason: 'zone-unknown', zone: target.domain, query }, detail);
      return undefined;
    }
    const ofDomain = own.kind === 'signed' ? await judgeDomain(context, own.zone, hosts) : [];
    const isClean = yield* aboutDomain(context, own, ofDomain, telling);
    // Whatever is below a zone that cannot be validated cannot be looked up either.
    const isBroken = ofDomain.some(
      ({ name, type, state }) => name === own.zone && type === TYPE.SOA && state.kind === 'bogus',
    );
    if (!isBroken) {
      yield* aboutHosts(context, own, hosts, telling);
      yield* aboutReverse(context, own, telling);
      if (isFailure(mx) && mx.status !== 'bogus' && own.kind === 'signed') {
        const detail = { about: { name: target.domain, item: 'mx' }, rests: questionsOf(mx) };
        yield finding('dnssec/inconclusive', { reason: 'mx-unknown', query: queryEvidence(mx) }, detail);
      }
    }
    if (!isClean) return undefined;
    return own.kind === 'signed' ? note(seen(own, ofDomain)) : unused(`${own.zone} is not signed`);
  },
});

/** @returns the names of the hosts that receive the mail: the MX hosts, or the domain itself without MX record. */
function hostsIn({ target, leaveOut }: Context, mx: DnsAnswer<'MX'>): string[] {
  if (mx.status === 'nodata') return [target.domain];
  const names = [...recordsOf(mx)]
    .sort((a, b) => a.preference - b.preference)
    .map(({ exchange }) => canonicalName(exchange))
    .filter(isHostName);
  const distinct = [...new Set(names)];
  const looked = distinct.slice(0, MAX_EXCHANGES);
  const rests = [{ name: target.domain, type: 'MX' }];
  leaveOut({ what: `MX hosts of ${target.domain}`, looked: looked.length, of: distinct.length, rests });
  return looked;
}

/** @returns the judged questions of the domain. The denials are judged too: they are what many signers get wrong. */
function judgeDomain({ target, facts }: Context, zone: string, hosts: readonly string[]): Promise<Judged[]> {
  const { domain, selectors } = target;
  const texts = [domain, `_dmarc.${domain}`, `_domainkey.${domain}`];
  const keys = selectors.map((selector) => `${selector}._domainkey.${domain}`);
  const questions: ZoneQuestion[] = [
    ...ownQuestions(zone),
    { name: domain, type: TYPE.MX },
    ...[...texts, ...keys].map((name) => ({ name, type: TYPE.TXT })),
    ...hosts.filter((host) => isSameOrSubdomain(host, zone)).flatMap(hostQuestions),
  ];
  return judge({ facts }, questions);
}

const restsOf = (questions: readonly Judged[], answer: DnsAnswer<'DS'>) => [
  ...questionsOf(answer),
  ...questions
    .filter(({ type }) => type === TYPE.SOA || type === TYPE.DNSKEY)
    .map(({ name, type }) => ({ name, type: type === TYPE.SOA ? 'SOA' : 'DNSKEY' })),
];

/** @returns whether nothing but what is optional was found. */
async function* aboutDomain(
  context: Context,
  own: Delegation,
  judged: readonly Judged[],
  telling: Telling,
): AsyncGenerator<Finding, boolean> {
  const { zone, answer } = own;
  const detail = { about: { name: zone }, rests: questionsOf(answer) };
  const query = queryEvidence(answer);
  switch (own.kind) {
    case 'unsigned':
      yield telling.finding('dnssec/unsigned', { zone, why: 'no-ds', at: zone, query }, detail);
      return true;
    case 'unknown':
      if (!own.isPlain) {
        yield telling.finding('dnssec/inconclusive', { reason: 'ds-unknown', zone, query }, detail);
        return false;
      }
      yield telling.finding('dnssec/unsigned', { zone, why: 'ds-failed', at: zone, query }, detail);
      return true;
    case 'signed':
      return yield* aboutZone(context, own, judged, 'domain', telling);
  }
}

/** Reports what is found in a signed zone. What does not stop mail to an MX host or from this host is only said. */
async function* aboutZone(
  { clock, dns, target }: Context,
  { zone, answer, soa }: Delegation,
  judged: readonly Judged[],
  role: Role,
  { finding, told }: Telling,
  hosts: readonly string[] = [],
): AsyncGenerator<Finding, boolean> {
  const rests = restsOf(judged, answer);
  const about = { name: zone };
  const severity = role === 'domain' ? {} : ({ severity: 'info' } as const);
  let isClean = true;
  for (const [at, faults] of faultsByZone(judged)) {
    const [fault, ...others] = faults;
    if (fault === undefined) continue;
    isClean = false;
    if (told.has(at)) continue;
    told.add(at);
    const inZone = { about: { name: at }, rests };
    if (isOfAnchor(fault)) {
      const evidence = { reason: 'anchor-mismatch', zone: at, fault } as const;
      yield finding('dnssec/inconclusive', evidence, { ...inZone, about: { name: zone, item: 'anchor' } });
      continue;
    }
    const { extendedErrors } = await unwatched(dns).query(zone, 'SOA');
    const evidence = { zone: at, role, fault, others, hosts, extendedErrors };
    yield finding('dnssec/bogus', evidence, role === 'reverse' ? { ...inZone, severity: 'info' } : inZone);
  }
  // The zone is one that others look after, and that the names may not even be in.
  if (role === 'reverse' || soa !== null) return isClean;
  const [why, ...more] = unknownReasons(judged);
  if (why !== undefined) {
    isClean = false;
    const evidence = { reason: 'not-validated', zone, why, others: more.length } as const;
    yield finding('dnssec/inconclusive', evidence, { about: { name: zone, item: 'not-validated' }, rests });
  }
  const now = clock.now();
  const [first, ...later] = endingSoon(judged, zone, now);
  if (first !== undefined) {
    const hoursLeft = Math.floor((first.expiration - now) / 3_600_000);
    yield finding(
      'dnssec/signature-expiring',
      { zone, ...first, hoursLeft, sets: later.length + 1 },
      { about, rests, ...severity },
    );
    isClean = false;
  }
  const ds = recordsOf(answer);
  const algorithms = [...new Set([...keyAlgorithms(judged, zone), ...ds.map(({ algorithm }) => algorithm)])];
  const weak = algorithms.filter((algorithm) => WEAK_ALGORITHMS.includes(algorithm)).sort((a, b) => a - b);
  const digests = [...new Set(ds.map(({ digestType }) => digestType))];
  const weakDigests = digests.every((type) => WEAK_DIGESTS.includes(type)) ? digests : [];
  const insecure = judged.flatMap(({ name, state }) => (name === zone ? [state] : [])).find(isInsecure);
  const isIgnored = insecure !== undefined && insecure.reason.kind === 'unsupported';
  if (weak.length > 0 || weakDigests.length > 0) {
    const evidence = { zone, algorithms: weak, digestTypes: weakDigests, isIgnored };
    yield finding('dnssec/weak-algorithm', evidence, { about, rests, ...severity });
    isClean = false;
  }
  const iterations = iterationsIn(judged, zone);
  if (iterations > 0) {
    const costly = role === 'domain' && iterations >= MAX_ITERATIONS ? ({ severity: 'error' } as const) : severity;
    yield finding('dnssec/nsec3-costly', { zone, iterations, limit: MAX_ITERATIONS }, { about, rests, ...costly });
    isClean = false;
  }
  if (insecure !== undefined && role === 'domain' && weak.length + weakDigests.length === 0 && iterations === 0) {
    const why = sameName(insecure.zone, zone) ? 'ignored' : 'above';
    const evidence = { zone, why, at: insecure.zone, query: queryEvidence(answer) } as const;
    yield finding('dnssec/unsigned', evidence, { about: { name: target.domain }, rests });
  }
  return isClean;
}

type Insecure = Extract<DnssecState, { readonly kind: 'insecure' }>;

const isInsecure = (state: DnssecState): state is Insecure => state.kind === 'insecure';

function isOfAnchor(fault: DnssecFault): boolean {
  return 'isAnchor' in fault && fault.isAnchor;
}

/** Reports what is found in the zones of the MX hosts that are not those of the domain. */
async function* aboutHosts(
  { facts, ...context }: Context,
  own: Delegation,
  hosts: readonly string[],
  telling: Telling,
): AsyncGenerator<Finding, void> {
  // No zone below one that is not signed is protected, and the zone of the domain is judged already.
  const others = hosts.filter((host) => !isSameOrSubdomain(host, own.zone));
  const found = await Promise.all(others.map(async (host) => ({ host, of: await facts(delegation, host) })));
  for (const zone of new Set(found.map(({ of }) => of.zone))) {
    const inZone = found.filter(({ of }) => of.zone === zone);
    const [first] = inZone;
    if (first === undefined) continue;
    const { of } = first;
    const names = inZone.map(({ host }) => host);
    if (of.kind === 'signed') {
      const ofZone = of.soa === null ? ownQuestions(zone) : [];
      const judged = await judge({ facts }, [...ofZone, ...names.flatMap(hostQuestions)]);
      yield* aboutZone({ facts, ...context }, of, judged, 'mx', telling, names);
    } else if (of.kind === 'unknown' && !of.isPlain) {
      const detail = { about: { name: zone }, rests: questionsOf(of.answer) };
      yield telling.finding(
        'dnssec/inconclusive',
        { reason: 'ds-unknown', zone, query: queryEvidence(of.answer) },
        detail,
      );
    }
  }
}

/**
 * Reports the zones of PTR records that cannot be validated. Few people can change them, so it is only said. Without
 * signatures in the domain, only a lookup that fails is a reason to ask.
 */
async function* aboutReverse(
  { facts, ...context }: Context,
  own: Delegation,
  telling: Telling,
): AsyncGenerator<Finding, void> {
  const judgedZones = new Set<string>();
  for (const ip of context.target.ips) {
    const name = reverseName(ip);
    // The ptr rule reports a lookup that fails.
    const answer = await unwatched(context.dns).query(name, 'PTR');
    if (own.kind !== 'signed' && !isFailure(answer)) continue;
    const of = await facts(delegation, name);
    if (of.kind !== 'signed' || judgedZones.has(of.zone)) continue;
    const judged = await judge({ facts }, [...ownQuestions(of.zone), { name, type: TYPE.PTR }]);
    if (judged.some(({ state }) => state.kind === 'bogus')) judgedZones.add(of.zone);
    yield* aboutZone({ facts, ...context }, of, judged, 'reverse', telling);
  }
}

/** @returns what was seen of the signatures of a zone that is in order. */
function seen({ zone }: Delegation, judged: readonly Judged[]): string {
  const algorithms = keyAlgorithms(judged, zone).map(algorithmName);
  return `${zone} is signed (${algorithms.join(', ')}); ${judged.length} answers validated`;
}
