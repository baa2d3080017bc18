/**
 * The DMARC policy of the domain, found by both methods in use: the tree walk (RFC 9989) and the suffix list (RFC
 * 7489).
 */

import { type DnsAnswer, isFailure, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { sameName } from '../../network/domain.ts';
import { type PolicyResult, policyBySuffixList, policyByTreeWalk } from '../../standards/dmarc/policy.ts';
import { isDmarcRecord } from '../../standards/dmarc/record.ts';
import { lookUpPolicyRecord, type TreeWalk, type WalkStep, walkTree } from '../../standards/dmarc/tree-walk.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** The DMARC records that receivers find, and the policy that each method applies. */
export interface DmarcFact {
  readonly walk: TreeWalk;
  readonly byTreeWalk: PolicyResult;
  readonly suffixList: {
    readonly organizationalDomain: string;
    /** The lookup of the policy record at that domain. */
    readonly step: WalkStep;
  };
  readonly bySuffixList: PolicyResult;
  /**
   * The TXT records at the domain itself. They show whether the domain exists, which decides if `np=` applies, and
   * whether a DMARC record was published at the wrong name.
   */
  readonly apex: DnsAnswer<'TXT'>;
  /** The CNAME records that stand beside records of the domain. A resolver may answer with either. */
  readonly aliases: readonly AliasBeside[];
}

/** A name that has both a CNAME and TXT records. */
export interface AliasBeside {
  readonly name: string;
  readonly target: string;
  /** The texts at the name, and those at the target. */
  readonly here: readonly string[];
  readonly there: readonly string[];
  readonly answers: readonly DnsAnswer[];
}

/** Looks up the DMARC policy of the domain under test. */
export const dmarc = fact(async ({ dns, target: { domain } }: Needs<'dns' | 'target'>): Promise<DmarcFact> => {
  const registered = organizationalDomain(domain);
  // More is asked at the same time than may turn out to be needed. The rule reports the failures that matter.
  const early = unwatched(dns);
  const [walk, step, apex] = await Promise.all([
    walkTree(early, domain),
    lookUpPolicyRecord(early, registered),
    early.query(domain, 'TXT'),
    // The alias beside a record is asked for at the same time, so that a check waits for it no longer.
    early.query(`_dmarc.${domain}`, 'CNAME'),
  ]);
  const [own = step] = walk.steps;
  const aliases = await Promise.all([own, step].filter(isFirstOfName).map((place) => aliasBeside(dns, place)));
  // "If the response code received for a query for a domain name is NXDOMAIN, then the domain name [does] not exist"
  // (RFC 9989 §3.2.13). After a CNAME, the response code is about the target of the alias.
  const exists = !(apex.status === 'nxdomain' && apex.chain.length === 0);
  return {
    walk,
    byTreeWalk: policyByTreeWalk(walk, exists),
    suffixList: { organizationalDomain: registered, step },
    bySuffixList: policyBySuffixList(own, step),
    apex,
    aliases: aliases.flatMap((alias) => alias ?? []),
  };
});

function isFirstOfName({ name }: WalkStep, index: number, steps: readonly WalkStep[]): boolean {
  return steps.findIndex((other) => other.name === name) === index;
}

/** Asks whether a CNAME stands beside a record. A name of which the answer followed a CNAME has no records of its own. */
async function aliasBeside(dns: Resolver, { name, query, records, texts }: WalkStep): Promise<AliasBeside | undefined> {
  if (!query || query.chain.length > 0 || records.length === 0) return undefined;
  const cname = await dns.query(name, 'CNAME');
  const [target] = recordsOf(cname);
  if (target === undefined || sameName(target, name)) return undefined;
  const answer = await dns.query(target, 'TXT');
  if (isFailure(answer)) return undefined;
  const there = recordsOf(answer).map((strings) => strings.join(''));
  return {
    name,
    target,
    here: texts.filter(isDmarcRecord),
    there: there.filter(isDmarcRecord),
    answers: [query, cname, answer],
  };
}
