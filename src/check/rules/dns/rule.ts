/**
 * Checks that the zone and the resolver answer correctly (RFC 1034, RFC 2308, RFC 8020), so that the other rules can
 * rely on DNS. It sees the zone through the configured resolver, as receivers do. What the name servers say one by one is
 * asked when other rules have found something (`check/authority/`), and becomes findings of this rule.
 */
import { isFailure, queryEvidence } from '../../../network/dns/answer.ts';
import { serverLabel } from '../../../network/dns/servers.ts';
import { specialPurpose } from '../../../network/ip.ts';
import { domainAnswers, failingLookup, isNonexistent } from '../../facts/domain-answers.ts';
import { ALWAYS_THERE, impossibleName } from '../../facts/resolver.ts';
import { resolverFault } from '../../facts/resolver-fault.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, note } from '../rule.ts';
import { findings } from './findings.ts';

export default defineRule({
  id: 'dns',
  title: 'DNS',
  reference: 'RFC 1034',
  findings,
  step: 'other',
  unfinished: 'dns/unreachable',
  judgesResolver: true,

  async *check(context, finding) {
    const isTrue = yield* judge(context, finding);
    const { domain } = context.target;
    return isTrue ? note(`${domain} exists; the resolver invents no answers`) : undefined;
  },
});

/** @returns whether the domain exists and the resolver tells the truth. */
async function* judge(
  { target, dns, facts, settings, token }: Context,
  finding: Emit<typeof findings>,
): AsyncGenerator<Finding, boolean> {
  const { domain } = target;
  for (const ip of target.ips) {
    const block = specialPurpose(ip);
    if (block === undefined) continue;
    const connectionsAllowed = settings.allowPrivate;
    const detail = connectionsAllowed ? { about: { ip }, severity: 'info' as const } : { about: { ip } };
    yield finding('dns/ip-not-public', { ip, block, connectionsAllowed }, detail);
  }

  const fault = await facts(resolverFault);
  if (fault !== null) {
    const rests = [{ name: fault.query.name, type: fault.query.type }];
    if (fault.state === 'inventing') yield finding('dns/resolver-rewrites', fault, { about: {}, rests });
    else yield finding('dns/unreachable', { reason: 'resolver', ...fault }, { about: {}, rests });
    return false;
  }
  // Without an answer to this question, nobody knows whether the resolver invents answers.
  await dns.query(impossibleName(token), 'A');
  const answers = await facts(domainAnswers);
  const { soa, mx, txt } = answers;
  const detail = { about: { name: domain }, rests: questionsOf(soa, mx, txt) };
  if (isNonexistent(answers)) {
    // A resolver that denies what always exists may be wrong about the domain too.
    const isDoubtful = (await dns.query(ALWAYS_THERE, 'NS')).status === 'nxdomain';
    yield finding('dns/domain-nonexistent', { domain, query: queryEvidence(soa), isDoubtful }, detail);
    return false;
  }
  const ofDomain = [soa, mx, txt];
  const failed = ofDomain.filter(isFailure);
  const first = failingLookup(answers);
  if (first !== null) {
    const servers = dns.servers.map(serverLabel);
    const queries = failed.map(queryEvidence);
    const evidence = { reason: 'no-answer', query: queryEvidence(first), queries, servers } as const;
    yield finding('dns/unreachable', evidence, { ...detail, rests: questionsOf(...ofDomain, ...failed) });
    return false;
  }
  const denied = ofDomain.find(({ status }) => status === 'nxdomain');
  const confirmed = ofDomain.find(({ status }) => status === 'answer' || status === 'nodata');
  if (denied && confirmed) {
    const evidence = {
      reason: 'contradictory',
      denied: queryEvidence(denied),
      confirmed: queryEvidence(confirmed),
    } as const;
    yield finding('dns/unreachable', evidence, { ...detail, about: { ...detail.about, item: evidence.reason } });
    return false;
  }
  return true;
}
