/**
 * The DMARC policy of the domain, found by both methods in use: the tree walk (RFC 9989) and the suffix list (RFC
 * 7489).
 */

import type { DnsAnswer } from '../../network/dns/answer.ts';
import { type PolicyResult, policyBySuffixList, policyByTreeWalk } from '../../standards/dmarc/policy.ts';
import { lookUpPolicyRecord, type TreeWalk, type WalkStep, walkTree } from '../../standards/dmarc/tree-walk.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { fact, type Needs } from './fact.ts';

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
}

/** Looks up the DMARC policy of the domain under test. */
export const dmarc = fact(async ({ dns, target: { domain } }: Needs<'dns' | 'target'>): Promise<DmarcFact> => {
  const registered = organizationalDomain(domain);
  const [walk, step, apex] = await Promise.all([
    walkTree(dns, domain),
    lookUpPolicyRecord(dns, registered),
    dns.query(domain, 'TXT'),
  ]);
  const [own = step] = walk.steps;
  // "If the response code received for a query for a domain name is NXDOMAIN, then the domain name [does] not exist"
  // (RFC 9989 §3.2.13). After a CNAME, the response code is about the target of the alias.
  const exists = !(apex.status === 'nxdomain' && apex.chain.length === 0);
  return {
    walk,
    byTreeWalk: policyByTreeWalk(walk, exists),
    suffixList: { organizationalDomain: registered, step },
    bySuffixList: policyBySuffixList(own, step),
    apex,
  };
});
