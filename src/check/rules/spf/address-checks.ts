/** The tested addresses as a receiver would judge them, and the IPv6 addresses that the same hosts also send from. */
import { type DnsFailure, isFailure, recordsOf } from '../../../network/dns/answer.ts';
import { isHostName, sameName } from '../../../network/domain.ts';
import { type IpAddress, ipFamily, parseIp } from '../../../network/ip.ts';
import {
  authorise,
  authoriseAll,
  costTree,
  MAX_LOOKUPS,
  MAX_MX_NAMES,
  MAX_VOID_LOOKUPS,
  type RecordTrace,
  relieve,
  type SpfOutcome,
  type SpfProblem,
} from '../../../standards/spf/index.ts';
import { ptr } from '../../facts/ptr.ts';
import { heloNamesFor, spfCheck, testSender } from '../../facts/spf.ts';
import type { Finding } from '../finding.ts';
import type { BrokenTarget } from './findings.ts';
import { type Study, unanswered } from './study.ts';

type HeloName = (ip: IpAddress) => string;

export async function* addresses(study: Study): AsyncGenerator<Finding> {
  const { context, finding, root, record } = study;
  const heloName = await heloNamesFor(context, root);
  const [outcomes, others] = await Promise.all([
    Promise.all(context.target.ips.map((ip) => context.facts(spfCheck, ip))),
    otherAddresses(study),
  ]);
  const otherOutcomes = await Promise.all(others.found.map(({ ip }) => context.facts(spfCheck, ip)));

  const refused = outcomes.filter(isRefused);
  const correct = await withAddresses(study, refused, heloName);
  for (const outcome of refused) {
    yield finding(
      'spf/ip-not-authorized',
      { ...seen(outcome), record: record.text, correct },
      { about: { ip: outcome.ip } },
    );
  }
  const refusedOthers = otherOutcomes.filter(isRefused);
  const withOthers = await withAddresses(study, [...refused, ...refusedOthers], heloName);
  for (const outcome of refusedOthers) {
    const host = others.found.find(({ ip }) => ip === outcome.ip);
    if (host === undefined) continue;
    const evidence = { ...seen(outcome), ...host, record: record.text, correct: withOthers };
    yield finding('spf/ipv6-not-authorized', evidence, { about: { ip: outcome.ip } });
  }
  for (const failure of others.failures) yield* unanswered(study, failure, [root.domain]);
  for (const outcome of outcomes) yield* unsettled(study, outcome);
}

function isRefused({ result }: SpfOutcome): boolean {
  return result === 'fail' || result === 'softfail' || result === 'neutral';
}

function seen({ ip, result, matched, lookups }: SpfOutcome) {
  return { ip, result, matched, lookups };
}

/** @returns the whole record with these addresses in it; `null` for none. */
async function withAddresses(
  study: Study,
  outcomes: readonly SpfOutcome[],
  heloName: HeloName,
): Promise<string | null> {
  const [first] = outcomes;
  if (first === undefined) return null;
  const { context, record } = study;
  const ips = outcomes.map(({ ip }) => ip);
  const ask = { resolver: context.dns, sender: testSender(context.target.domain), heloName };
  const deciding = first.trace.terms.find(({ outcome }) => outcome === 'match');
  return (await authoriseAll(context.target.domain, record.text, ips, ask)) ?? authorise(record, ips, deciding?.offset);
}

interface OtherAddress {
  /** The host name that leads to it. */
  readonly name: string;
  /** The tested address of that host. */
  readonly tested: IpAddress;
  readonly ip: IpAddress;
}

/** The IPv6 addresses of the names of tested IPv4 hosts: an MTA with both uses IPv6 first. */
async function otherAddresses(study: Study): Promise<{ found: OtherAddress[]; failures: DnsFailure[] }> {
  const { dns, facts, target } = study.context;
  const found: OtherAddress[] = [];
  const failures: DnsFailure[] = [];
  const given = target.helo !== undefined && isHostName(target.helo) ? [target.helo] : [];
  const asked = target.ips
    .filter((ip) => ipFamily(ip) === 4)
    .map(async (tested) => {
      const { names } = await facts(ptr, tested);
      const confirmed = names.filter(({ confirmation }) => confirmation === 'confirmed').map(({ name }) => name);
      const hosts = [...new Set([...given, ...confirmed])];
      return { tested, answers: await Promise.all(hosts.map((host) => dns.query(host, 'AAAA'))) };
    });
  for (const { tested, answers } of await Promise.all(asked)) {
    for (const answer of answers) {
      if (isFailure(answer)) failures.push(answer);
      for (const ip of recordsOf(answer).map(parseIp)) {
        const isKnown = ip === undefined || target.ips.includes(ip) || found.some((other) => other.ip === ip);
        if (!isKnown) found.push({ name: answer.name, tested, ip });
      }
    }
  }
  return { found, failures };
}

/** An evaluation without a verdict: what the tree has not shown already, since only this client leads there. */
async function* unsettled(study: Study, { ip, problem, lookups, trace }: SpfOutcome): AsyncGenerator<Finding> {
  const { context, finding, root, reported } = study;
  if (problem === null) return;
  const holder = { domain: problem.domain, term: problem.term ?? '' };
  const target = problem.target ?? problem.domain;
  switch (problem.kind) {
    case 'dns-failure':
    case 'time-limit':
      yield* temporary(study, problem, ip);
      return;
    case 'too-many-lookups': {
      if (reported.has('spf/too-many-lookups') || reported.has('spf/loop')) return;
      const relief = await relieve(root, context.dns);
      const count = { count: lookups + 1, limit: MAX_LOOKUPS, isMinimum: true, tree: costTree(root) };
      yield finding('spf/too-many-lookups', { ...count, relief }, { about: { ip } });
      return;
    }
    case 'too-many-void-lookups': {
      if (reported.has('spf/too-many-void-lookups')) return;
      const names = [{ ...holder, target, rcode: 'nxdomain' }];
      yield finding(
        'spf/too-many-void-lookups',
        { names, count: MAX_VOID_LOOKUPS + 1, correct: null },
        { about: { ip } },
      );
      return;
    }
    case 'too-many-mx':
      if (reported.has('spf/too-many-mx')) return;
      yield finding(
        'spf/too-many-mx',
        { ...holder, target, count: MAX_MX_NAMES + 1, limit: MAX_MX_NAMES },
        { about: { ip } },
      );
      return;
    case 'target-without-record':
      if (!reported.has('spf/include-broken')) yield brokenTarget(study, { ...holder, target, reason: 'no-record' });
      return;
    case 'syntax':
    case 'multiple-records': {
      if (reported.has('spf/include-broken')) return;
      const reason = problem.kind === 'syntax' ? 'syntax' : 'several-records';
      const leading = termLeadingTo(trace, problem.domain) ?? holder;
      yield brokenTarget(study, { ...leading, target: problem.domain, reason, problems: problem.syntax ?? [] });
      return;
    }
  }
}

function* temporary(study: Study, problem: SpfProblem, ip: IpAddress): Generator<Finding> {
  const { finding, root } = study;
  const question = problem.query ? `${problem.query.type} ${problem.query.name}` : problem.kind;
  if (study.unanswered.has(question)) return;
  study.unanswered.add(question);
  const reason = problem.message.charAt(0).toUpperCase() + problem.message.slice(1);
  const path = problem.domain === root.domain ? [root.domain] : [root.domain, problem.domain];
  const query = problem.query ? { query: problem.query } : {};
  yield finding('spf/inconclusive', { reason, path, ...query }, { about: { ip } });
}

function brokenTarget(
  { finding, root }: Study,
  about: Pick<BrokenTarget, 'domain' | 'term' | 'target' | 'reason'> & Partial<Pick<BrokenTarget, 'problems'>>,
): Finding {
  const path = [...new Set([root.domain, about.domain, about.target])];
  const evidence = { problems: [], ...about, path, registrable: false, correct: null };
  return finding('spf/include-broken', evidence, { about: { name: about.target } });
}

/** @returns the term whose record is that of the domain. */
function termLeadingTo(trace: RecordTrace, domain: string): { domain: string; term: string } | null {
  for (const { text, record } of trace.terms) {
    if (record === null) continue;
    if (sameName(record.domain, domain)) return { domain: trace.domain, term: text };
    const below = termLeadingTo(record, domain);
    if (below) return below;
  }
  return null;
}
