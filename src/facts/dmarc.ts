/** The DMARC policy of the domain, as receivers of both generations find it. */

import { type PolicyResult, policyBySuffixList, policyByTreeWalk } from '../dmarc/policy.ts';
import { lookUpPolicyRecord, type TreeWalk, type WalkStep, walkTree } from '../dmarc/tree-walk.ts';
import type { DnsAnswer } from '../dns/answer.ts';
import type { DnsClient } from '../dns/client.ts';
import type { Domain } from '../domain.ts';
import { organizationalDomain } from '../organizational-domain.ts';

export interface DmarcFact {
  readonly walk: TreeWalk;
  readonly byTreeWalk: PolicyResult;
  readonly suffixList: {
    readonly organizationalDomain: string;
    /** The record at that domain. */
    readonly step: WalkStep;
  };
  readonly bySuffixList: PolicyResult;
  /** The TXT records of the domain itself: whether it exists (`np=`), and what strayed there. */
  readonly apex: DnsAnswer<'TXT'>;
}

export async function gatherDmarc(dns: DnsClient, domain: Domain): Promise<DmarcFact> {
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
}
