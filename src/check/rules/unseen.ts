/**
 * Finds the gaps of a check that none of its findings reports. A check may report a failed lookup in its own words: the
 * finding is then inconclusive and rests on that question. Every other gap is reported here, so that a check cannot pass
 * over what it did not see.
 */
import { type DnsFailure, queryEvidence } from '../../network/dns/answer.ts';
import { canonicalName } from '../../network/domain.ts';
import type { Question } from '../../report/status.ts';
import type { Gaps } from '../facts/gaps.ts';
import { type Finding, questionsOf } from './finding.ts';
import { MAX_SHOWN } from './inconclusive.ts';
import type { UnfinishedEvidence } from './rule.ts';

/** Tells whether a finding says that something could not be looked up. A connection that failed says nothing of that. */
function isOfLookups({ severity, isOfHost }: Finding): boolean {
  return severity === 'inconclusive' && !isOfHost;
}

/** @returns the evidence for the gaps that no finding reports, or `undefined` when there are none. */
export function unseen(
  gaps: Gaps,
  findings: readonly Finding[],
): { readonly evidence: UnfinishedEvidence; readonly rests: readonly Question[] } | undefined {
  const keyOf = (name: string, type: string): string => `${type} ${canonicalName(name)}`;
  const rests = findings.filter(isOfLookups).flatMap((finding) => finding.rests);
  const reported = new Set(rests.map(({ name, type }) => keyOf(name, type)));
  // Every finding about a name that will be behind a web proxy says why its addresses were not seen.
  const ofProxies = findings.filter(({ severity }) => severity !== 'info').flatMap((finding) => finding.rests);
  const told = new Set(ofProxies.map(({ name, type }) => keyOf(name, type)));
  const isReported = ({ name, type, chain, proxy }: DnsFailure): boolean =>
    [name, ...chain].some((asked) => (proxy === undefined ? reported : told).has(keyOf(asked, type)));
  const failures = gaps.failures().filter((answer) => !isReported(answer));
  const leftOut = gaps.leftOut();
  if (failures.length === 0 && leftOut.length === 0) return undefined;
  const queries = failures.slice(0, MAX_SHOWN).map(queryEvidence);
  return {
    evidence: {
      reason: 'unseen',
      queries,
      failed: failures.length,
      leftOut: leftOut.map(({ what, looked, of }) => ({ what, looked, of })),
    },
    rests: [...questionsOf(...failures), ...leftOut.flatMap(({ rests }) => rests)],
  };
}
