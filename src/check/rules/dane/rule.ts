/**
 * Checks that the TLSA records of the MX hosts match what the hosts show, so that senders that use DANE deliver (RFC 7672,
 * RFC 7671). It verifies the signatures of the DNS itself, and believes no resolver. It sees the certificates of the
 * hosts from here; another host may answer elsewhere.
 */
import { type DnsAnswer, isAbsent, queryEvidence } from '../../../network/dns/answer.ts';
import type { Question } from '../../../report/status.ts';
import { recordToPublish, tlsaName } from '../../../standards/tlsa/publish.ts';
import { isUsable, tlsaText, unusableReason } from '../../../standards/tlsa/record.ts';
import { answersBehind, type MailRoute, mailRoute } from '../../facts/mx.ts';
import { presentedChain } from '../../facts/presented-chain.ts';
import { type DaneHost, type DaneRecords, daneRecords, type TlsaLookup } from '../../facts/tlsa.ts';
import { NO_SMTP, UNCONNECTED, whyNoSmtp } from '../connections.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, note, skip, unused } from '../rule.ts';
import { compareChains, type Expected, withoutSpare } from './chains.ts';
import { findings } from './findings.ts';
import { compareNext, hostsOf, nextChain } from './next-certificate.ts';
import { isWithout, seenRecords } from './seen.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'dane',
  title: 'DANE',
  reference: 'RFC 7672',
  findings,
  needs: ['starttls'],
  security: true,
  isAboutDomain: true,
  step: 'encryption',

  async *check(context, finding) {
    const { facts, settings, clock } = context;
    if (settings.sendOnly) return skip('--send-only: TLSA records are for hosts that receive mail');
    const without = whyNoSmtp(settings);
    const route = await facts(mailRoute);
    if (route.kind === 'unknown') {
      const evidence = { reason: 'lookup-failed', query: queryEvidence(route.query) } as const;
      yield finding('dane/inconclusive', evidence, { about: {}, rests: questionsOf(route.query) });
      return undefined;
    }
    if (route.hosts.length === 0) return unused('no MX host');
    const records = await facts(daneRecords);
    const { hosts } = records;
    yield* lookups(route, records, context, finding);
    const matching = new Map<string, readonly string[]>();
    const expected = hosts.flatMap((one) => expectedAt(one, route, records));
    for (const one of expected) {
      yield* unusable(one, finding);
      if (without === null) {
        const comparing = { facts, now: clock.now() };
        const matched = yield* compareChains(one, comparing, finding);
        matching.set(one.host, matched);
      } else if (usableOf(one).length === 1) yield withoutSpare(one, finding);
    }
    yield* partial(route, hosts, context, finding);
    const next: string[] = [];
    const chain = nextChain(settings.nextCertificate);
    const meant = chain.length === 0 ? [] : hostsOf(chain, hosts, context.target);
    for (const one of expected.filter(({ mailHost }) => meant.some(({ host }) => host === mailHost))) {
      const matched = yield* compareNext(chain, one, clock.now(), finding);
      if (matched !== null && matched.length > 0) next.push(`${one.host} (${matched.join(', ')})`);
    }
    if (without !== null && expected.length > 0) {
      if (next.length === 0) return skip(NO_SMTP[without]);
      return note([`not connected to (${UNCONNECTED[without]})`, ...nextWords(true, next, expected)].join('; '));
    }
    const seen = seenRecords(hosts, matching);
    const words = [seen, ...nextWords(chain.length > 0, next, expected)].join('; ');
    const isUsed = chain.length > 0 || hosts.some(({ lookup }) => !isWithout(lookup));
    return isUsed ? note(words) : unused(words);
  },
});

/** Says what the next certificate matches. */
function nextWords(isGiven: boolean, matching: readonly string[], expected: readonly Expected[]): string[] {
  if (!isGiven) return [];
  if (matching.length > 0) return [`the next certificate matches the records of ${matching.join(', ')}`];
  return expected.length === 0 ? ['no TLSA record that the next certificate must match'] : [];
}

/** Returns the host as senders expect it, if they use its records. */
function expectedAt({ host, lookup }: DaneHost, route: MailRoute, { mx, domains }: DaneRecords): Expected[] {
  if (lookup.kind !== 'found') return [];
  const { base, tlsa, ttl } = lookup;
  // Without secure MX records, anybody could have put the domain's name in (RFC 7672 §3.2.2).
  const others = mx?.kind === 'secure' ? domains : [];
  return [
    {
      host: host.name,
      name: ownerOf(tlsa),
      mailHost: host,
      base,
      tlsa,
      ttl,
      names: [...new Set([base, ...others])],
      rests: restsOn(route, host, tlsa),
    },
  ];
}

/** Returns the name where the records stand, behind any alias. */
const ownerOf = ({ name, chain }: DnsAnswer): string => chain.at(-1) ?? name;

function restsOn(route: MailRoute, host: DaneHost['host'], ...answers: readonly DnsAnswer[]): Question[] {
  return questionsOf(...answersBehind(route, [host]), ...answers);
}

const usableOf = ({ tlsa }: Expected) => tlsa.records.filter(isUsable);

/** Reports what is wrong with the lookups, or that there are no records. */
async function* lookups(
  route: MailRoute,
  { hosts, mx }: DaneRecords,
  context: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { domain } = context.target;
  for (const { host, lookup } of hosts) {
    const about = { name: host.name };
    switch (lookup.kind) {
      case 'insecure': {
        const { zone, tlsa } = lookup;
        if (tlsa.status !== 'answer') break;
        const evidence = {
          host: host.name,
          name: ownerOf(tlsa),
          what: 'host',
          zone,
          records: tlsa.records.map(tlsaText),
        };
        yield finding('dane/unsigned', { ...evidence, what: 'host' }, { about, rests: restsOn(route, host, tlsa) });
        break;
      }
      case 'fails': {
        const { base, answer, bogus } = lookup;
        const evidence = {
          host: host.name,
          name: answer.name,
          base,
          query: queryEvidence(answer),
          zone: bogus?.zone ?? null,
        };
        yield finding('dane/lookup-fails', evidence, { about, rests: restsOn(route, host, answer) });
        break;
      }
      case 'failed':
        yield finding(
          'dane/inconclusive',
          { reason: 'lookup-failed', query: queryEvidence(lookup.answer) },
          { about: { ...about, item: 'lookup-failed' }, rests: restsOn(route, host, lookup.answer) },
        );
        break;
      case 'unproved': {
        const { security, answer } = lookup;
        const seen = { name: answer.name, type: answer.type };
        const evidence =
          security.kind === 'bogus'
            ? ({ reason: 'bogus', ...seen, zone: security.zone } as const)
            : ({ reason: 'unproved', ...seen, why: security.reason.kind } as const);
        const detail = { about: { ...about, item: evidence.reason }, rests: restsOn(route, host, answer) };
        yield finding('dane/inconclusive', evidence, detail);
        break;
      }
    }
  }
  const found = hosts.filter(({ lookup }) => lookup.kind === 'found');
  const [first] = found;
  if (first?.lookup.kind === 'found' && mx !== null && mx.kind !== 'secure') {
    const { tlsa } = first.lookup;
    const detail = { about: { name: domain, item: 'MX' }, rests: questionsOf(route.query) };
    if (mx.kind === 'insecure') {
      const evidence = { host: first.host.name, name: ownerOf(tlsa), records: tlsa.records.map(tlsaText) };
      yield finding('dane/unsigned', { ...evidence, what: 'mx', zone: mx.zone }, detail);
    } else {
      const seen = { name: domain, type: 'MX' };
      const evidence =
        mx.kind === 'bogus'
          ? ({ reason: 'bogus', ...seen, zone: mx.zone } as const)
          : ({ reason: 'unproved', ...seen, why: mx.reason.kind } as const);
      yield finding('dane/inconclusive', evidence, detail);
    }
  }
}

function* unusable(expected: Expected, finding: Emitter): Generator<Finding> {
  const { host, name, tlsa, rests } = expected;
  const records = tlsa.records.flatMap((record) => {
    const reason = unusableReason(record);
    return reason === null ? [] : [{ record: tlsaText(record), reason }];
  });
  if (records.length === 0) return;
  const others = tlsa.records.length - records.length;
  const severity = others === 0 ? 'warning' : 'info';
  yield finding('dane/unusable', { host, name, records, others }, { about: { name: host }, severity, rests });
}

/** The kinds of lookups that show that a host has no records that senders use. */
const WITHOUT: readonly TlsaLookup['kind'][] = ['insecure', 'absent'];

/** Reports the hosts without records: beside others that have some, or all of them where DANE could be used. */
async function* partial(
  route: MailRoute,
  hosts: readonly DaneHost[],
  context: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { domain } = context.target;
  const found = hosts.filter(({ lookup }) => lookup.kind === 'found');
  const without = hosts.filter(({ lookup }) => WITHOUT.includes(lookup.kind));
  const rests = questionsOf(
    ...answersBehind(
      route,
      hosts.map(({ host }) => host),
    ),
    ...hosts.flatMap(({ lookup }) => tlsaAnswersOf(lookup)),
  );
  const detail = { about: { name: domain }, rests };
  if (found.length > 0 && without.length > 0) {
    const names = (of: readonly DaneHost[]): string[] => of.map(({ host }) => host.name);
    yield finding('dane/partial', { protected: names(found), unprotected: names(without) }, detail);
  }
  const known = hosts.filter(({ lookup }) => lookup.kind !== 'no-address');
  if (known.length === 0 || !known.every(({ lookup }) => isAbsentAt(lookup))) return;
  const unsigned = known.flatMap(({ lookup }) => (lookup.kind === 'insecure' ? [lookup.zone] : []));
  const shown = await Promise.all(known.map((one) => toPublish(one, context)));
  yield finding('dane/absent', { hosts: shown, unsigned: [...new Set(unsigned)] }, detail);
}

/** Tells whether a host is known to have no records. */
function isAbsentAt(lookup: TlsaLookup): boolean {
  return lookup.kind === 'absent' || (lookup.kind === 'insecure' && isAbsent(lookup.tlsa));
}

function tlsaAnswersOf(lookup: TlsaLookup): readonly DnsAnswer[] {
  switch (lookup.kind) {
    case 'found':
    case 'insecure':
      return [lookup.tlsa];
    case 'absent':
      return lookup.answers;
    default:
      return [];
  }
}

/** Gives the record that a host could publish: for a host in a signed zone whose certificate can be seen. */
async function toPublish({ host, lookup }: DaneHost, { facts, settings }: Context) {
  const [ip] = host.addresses;
  const owner = { host: host.name, name: tlsaName(host.name) };
  if (whyNoSmtp(settings) !== null || lookup.kind === 'insecure' || ip === undefined)
    return { ...owner, publish: null };
  const presented = await facts(presentedChain, ip, host.name);
  const [leaf] = presented.kind === 'shown' ? presented.tls.chain : [];
  return { ...owner, publish: leaf === undefined ? null : tlsaText(recordToPublish(leaf)) };
}
