/** Checks the tested addresses as a receiver does, and the IPv6 addresses from which the same hosts may send. */
import { type DnsFailure, isFailure, recordsOf } from '../../../network/dns/answer.ts';
import { isHostName, sameName } from '../../../network/domain.ts';
import { type IpAddress, ipFamily, parseIp } from '../../../network/ip.ts';
import { lettersOf } from '../../../network/octet-string.ts';
import type { Question } from '../../../report/status.ts';
import {
  costTree,
  MAX_LOOKUPS,
  MAX_MX_NAMES,
  MAX_VOID_LOOKUPS,
  type RecordTrace,
  relieve,
  type SpfOutcome,
  type SpfProblem,
} from '../../../standards/spf/index.ts';
import { confirmedNames, ptr } from '../../facts/ptr.ts';
import { spfCheck } from '../../facts/spf.ts';
import { type Finding, type FindingDetail, questionsOf } from '../finding.ts';
import type { BrokenTarget } from './findings.ts';
import { termItem } from './identity.ts';
import { inLetters, type Study, unanswered } from './study.ts';

/** Reports each address that does not pass, or whose check ended in an error. */
export async function* addresses(study: Study): AsyncGenerator<Finding> {
  const { context, finding, root, record } = study;
  const [outcomes, others] = await Promise.all([
    Promise.all(context.target.ips.map((ip) => context.facts(spfCheck, ip))),
    otherAddresses(study),
  ]);
  const otherOutcomes = await Promise.all(others.found.map(({ ip }) => context.facts(spfCheck, ip)));

  const refused = outcomes.filter(isRefused);
  const ips = refused.map(({ ip }) => ip);
  for (const outcome of refused) {
    yield finding(
      'spf/ip-not-authorized',
      { ...seen(outcome), record: lettersOf(record.text), ips },
      // Receivers that reject a "fail" outright do not reject the weaker results.
      { ...ofAddress(outcome), ...(outcome.result === 'fail' ? {} : { faults: ['no-spf'] }) },
    );
  }
  const refusedOthers = otherOutcomes.filter(isRefused);
  const otherIps = refusedOthers.map(({ ip }) => ip);
  for (const outcome of refusedOthers) {
    const host = others.found.find(({ ip }) => ip === outcome.ip);
    if (host === undefined) continue;
    const { name, tested, rests } = host;
    const evidence = { ...seen(outcome), name, tested, record: lettersOf(record.text), ips: otherIps };
    const detail = ofAddress(outcome);
    yield finding('spf/ipv6-not-authorized', evidence, { ...detail, rests: [...detail.rests, ...rests] });
  }
  for (const failure of others.failures) yield* unanswered(study, failure, [root.domain]);
  for (const outcome of outcomes) yield* unsettled(study, outcome);
}

function isRefused({ result }: SpfOutcome): boolean {
  return result === 'fail' || result === 'softfail' || result === 'neutral';
}

/** @returns the object of a finding about one address, and the questions that the finding rests on. */
function ofAddress({ ip, answers }: SpfOutcome) {
  return { about: { ip }, rests: questionsOf(...answers) };
}

function seen({ ip, result, matched, lookups }: SpfOutcome) {
  return { ip, result, matched, lookups };
}

interface OtherAddress {
  /** The host name that resolves to it. */
  readonly name: string;
  /** The tested IPv4 address of the same host. */
  readonly tested: IpAddress;
  readonly ip: IpAddress;
  /** The questions that led from the tested address to this one. */
  readonly rests: readonly Question[];
}

/** @returns the IPv6 addresses of the tested IPv4 hosts, because a mail server that has both prefers IPv6. */
async function otherAddresses(study: Study): Promise<{ found: OtherAddress[]; failures: DnsFailure[] }> {
  const { dns, facts, target } = study.context;
  const found: OtherAddress[] = [];
  const failures: DnsFailure[] = [];
  const given = target.helo !== undefined && isHostName(target.helo) ? [target.helo] : [];
  const asked = target.ips
    .filter((ip) => ipFamily(ip) === 4)
    .map(async (tested) => {
      const reverse = await facts(ptr, tested);
      const hosts = [...new Set([...given, ...confirmedNames(reverse)])];
      return { tested, query: reverse.query, answers: await Promise.all(hosts.map((host) => dns.query(host, 'AAAA'))) };
    });
  for (const { tested, query, answers } of await Promise.all(asked)) {
    for (const answer of answers) {
      if (isFailure(answer)) failures.push(answer);
      for (const ip of recordsOf(answer).map(parseIp)) {
        const isKnown = ip === undefined || target.ips.includes(ip) || found.some((other) => other.ip === ip);
        if (!isKnown) found.push({ name: answer.name, tested, ip, rests: questionsOf(query, answer) });
      }
    }
  }
  return { found, failures };
}

/**
 * Reports why the check of an address ended in an error, if the checks of the tree did not report it. Macros may lead
 * only this client to the fault.
 */
async function* unsettled(study: Study, outcome: SpfOutcome): AsyncGenerator<Finding> {
  const { context, finding, root, reported } = study;
  const { problem, lookups, trace } = outcome;
  if (problem === null) return;
  const holder = { domain: problem.domain, term: problem.term ?? '' };
  const target = problem.target ?? problem.domain;
  const detail = ofAddress(outcome);
  switch (problem.kind) {
    case 'dns-failure':
    case 'time-limit':
      yield* temporary(study, problem, detail);
      return;
    case 'too-many-lookups': {
      if (reported.has('spf/too-many-lookups') || reported.has('spf/loop')) return;
      const relief = await relieve(root, context.dns);
      const count = { count: lookups + 1, limit: MAX_LOOKUPS, isMinimum: true, tree: costTree(root) };
      yield finding('spf/too-many-lookups', { ...count, relief }, detail);
      return;
    }
    case 'too-many-void-lookups': {
      if (reported.has('spf/too-many-void-lookups')) return;
      const names = [{ ...holder, target, rcode: 'nxdomain', family: null, by: null, isDoubled: false }];
      yield finding('spf/too-many-void-lookups', { names, count: MAX_VOID_LOOKUPS + 1, slips: [] }, detail);
      return;
    }
    case 'too-many-mx': {
      if (reported.has('spf/too-many-mx')) return;
      const evidence = { ...holder, target, count: MAX_MX_NAMES + 1, limit: MAX_MX_NAMES };
      yield finding('spf/too-many-mx', evidence, detail);
      return;
    }
    case 'target-without-record':
      if (reported.has('spf/include-broken')) return;
      yield brokenTarget(study, { ...holder, target, reason: 'no-record', problems: [] }, detail.rests);
      return;
    case 'syntax':
    case 'multiple-records': {
      if (reported.has('spf/include-broken')) return;
      const reason = problem.kind === 'syntax' ? 'syntax' : 'several-records';
      const leading = termLeadingTo(trace, problem.domain) ?? holder;
      const evidence = {
        ...leading,
        target: problem.domain,
        reason,
        problems: (problem.syntax ?? []).map(inLetters),
      } as const;
      yield brokenTarget(study, evidence, detail.rests);
      return;
    }
  }
}

/** Reports why the check of an address ended in temperror, once for each question. */
function* temporary({ finding, root, unanswered: known }: Study, problem: SpfProblem, detail: FindingDetail) {
  const { query } = problem;
  const question = query ? `${query.type} ${query.name}` : problem.kind;
  if (known.has(question)) return;
  known.add(question);
  const path = problem.domain === root.domain ? [root.domain] : [root.domain, problem.domain];
  yield query
    ? finding('spf/inconclusive', { reason: 'evaluation-lookup-failed', query, path }, detail)
    : finding('spf/inconclusive', { reason: 'too-slow', path }, detail);
}

function brokenTarget(
  { finding, root }: Study,
  broken: Pick<BrokenTarget, 'domain' | 'term' | 'target' | 'reason' | 'problems'>,
  rests: readonly Question[],
): Finding {
  const { domain, term, target } = broken;
  const path = [...new Set([root.domain, domain, target])];
  const about = { name: target, item: termItem(domain, term) };
  return finding(
    'spf/include-broken',
    { ...broken, path, registrable: false, typed: null, slips: [] },
    { about, rests },
  );
}

/** @returns the term that leads to the record of the domain. */
function termLeadingTo(trace: RecordTrace, domain: string): { domain: string; term: string } | null {
  for (const { text, record } of trace.terms) {
    if (record === null) continue;
    if (sameName(record.domain, domain)) return { domain: trace.domain, term: text };
    const below = termLeadingTo(record, domain);
    if (below) return below;
  }
  return null;
}
