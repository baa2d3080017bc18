/** The DMARC policy of the domain, as receivers of both generations find it. */

import type { DnsAnswer } from '../../network/dns/answer.ts';
import { type PolicyResult, policyBySuffixList, policyByTreeWalk } from '../../standards/dmarc/policy.ts';
import { lookUpPolicyRecord, type TreeWalk, type WalkStep, walkTree } from '../../standards/dmarc/tree-walk.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { fact, type Needs } from './fact.ts';

export interface DmarcFact {
  readonly walk: TreeWalk;
  readonly byTreeWalk: PolicyResult;
  readonly suffixList: {
    readonly organizationalDomain: string;
    /** The record at that domain. */
    readonly step: WalkStep;
  };
  readonly bySuffixList: PolicyResult;
  /** The TXT records of the domain itself: they show whether it exists (`np=`), and whether a record is misplaced there. */
  readonly apex: DnsAnswer<'TXT'>;
}

/** The DMARC policy of the domain under test. */
export const dmarc = fact(async ({ dns, target: { domain } }: Needs<'dns' | 'target'>): Promise<DmarcFact> => {
  const registered = organizationalDomain(domain);
  const [walk, step, apex] = await Promise.all([
    walkTree(dns, domain),
    lookUpPolicyRecord(dns, registered),
    dns.query(domain, 'TXT'),
  ]);
  const [own = step] = walk.steps;
  // "If the response code received for a query for a domain name is NXDOMAIN, then the domain name [does] not exist"
  // (RFC 9989 §3.2.13); behind a CNAME, the response code is about another name.
  const exists = !(apex.status === 'nxdomain' && apex.chain.length === 0);
  return {
    walk,
    byTreeWalk: policyByTreeWalk(walk, exists),
    suffixList: { organizationalDomain: registered, step },
    bySuffixList: policyBySuffixList(own, step),
    apex,
  };
});
