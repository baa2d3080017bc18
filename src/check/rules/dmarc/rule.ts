/**
 * DMARC (RFC 9989, and RFC 7489 as older receivers follow it): a policy is found, is the one intended, and reports
 * arrive. Whether the mail itself aligns is not to be seen in the DNS; what makes alignment impossible is.
 */

import { isFailure, queryEvidence } from '../../../network/dns/answer.ts';
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { editRecord } from '../../../standards/dmarc/edit.ts';
import { findMisplacedRecords, recordsIn } from '../../../standards/dmarc/locations.ts';
import { diagnoseNearMiss } from '../../../standards/dmarc/near-miss.ts';
import { type AppliedPolicy, effectivePolicy, type PolicyResult } from '../../../standards/dmarc/policy.ts';
import type { WalkStep } from '../../../standards/dmarc/tree-walk.ts';
import { isPublicSuffix } from '../../../standards/organizational-domain.ts';
import { checkHost } from '../../../standards/spf/index.ts';
import { dkim } from '../../facts/dkim.ts';
import { type DmarcFact, dmarc } from '../../facts/dmarc.ts';
import { message } from '../../facts/message.ts';
import type { Finding } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { type Emitter, findings, type MethodEvidence } from './findings.ts';
import { aboutRecord, judgeRecord } from './judge-record.ts';
import { judgeReports } from './judge-reports.ts';

export default defineRule({
  id: 'dmarc',
  title: 'DMARC policy',
  reference: 'RFC 9989',
  findings,
  security: true,
  step: 'domain-policy',

  async *check(context, finding) {
    const { target, facts, dns } = context;
    const { domain } = target;
    const policy = await facts(dmarc);
    const { byTreeWalk, bySuffixList } = policy;
    yield* judgeLookups(policy, finding);

    const mistakes = [...judgeSteps(policy, finding)];
    if (byTreeWalk.kind === 'none' && bySuffixList.kind === 'none') {
      const misplaced = [...recordsIn(policy.apex), ...(await misplacedRecords(policy, dns))];
      const wanted = `_dmarc.${domain}`;
      for (const { name, text } of misplaced) {
        mistakes.push(finding('dmarc/wrong-location', { name, text, wanted }, { about: { name } }));
      }
    }
    yield* mistakes;

    if (byTreeWalk.kind === 'none' && bySuffixList.kind === 'none') {
      if (mistakes.length === 0) yield missing(policy, finding);
      return;
    }
    const found = [byTreeWalk, bySuffixList].find((result) => result.kind === 'policy' || result.kind === 'unusable');
    if (!found) return;
    yield* judgeRecord(found, policy, finding);
    yield* judgeDivergence(policy, finding);
    if (found.kind === 'policy') yield* judgeEnforcement(found, context, finding);
    yield* judgeReports(found, policy, dns, finding);
  },
});

/** What the DNS did not say. */
function* judgeLookups({ walk, suffixList, byTreeWalk, apex }: DmarcFact, finding: Emitter): Generator<Finding> {
  const { organizationalDomain } = walk;
  const failed = organizationalDomain.kind === 'unknown' ? organizationalDomain.query : suffixList.step.query;
  if (failed && isFailure(failed)) {
    const reason = `the DMARC record at ${failed.name} could not be looked up (${failed.status})`;
    yield finding('dmarc/inconclusive', { reason, query: queryEvidence(failed) }, { about: { name: failed.name } });
  }
  // np= counts only for a domain that does not exist.
  const dependsOnExistence = byTreeWalk.kind === 'policy' && byTreeWalk.source !== 'own' && byTreeWalk.record.np;
  if (dependsOnExistence && isFailure(apex)) {
    const reason = `whether ${apex.name} exists could not be found out (${apex.status}), which decides between sp= and np=`;
    yield finding('dmarc/inconclusive', { reason, query: queryEvidence(apex) }, { about: { name: apex.name } });
  }
}

/** Names at which the domain's owner, not a registry, publishes. */
function ownSteps({ walk, suffixList }: DmarcFact): WalkStep[] {
  const registered = suffixList.organizationalDomain;
  const steps = walk.steps.filter(({ domain }) => isSameOrSubdomain(domain, registered));
  return steps.some(({ domain }) => domain === registered) ? steps : [...steps, suffixList.step];
}

/** Records that count for nothing, or for too much, at any name of the walk. */
function* judgeSteps(dmarc: DmarcFact, finding: Emitter): Generator<Finding> {
  for (const { domain, name, texts, records, record } of ownSteps(dmarc)) {
    if (records.length > 1) {
      yield finding('dmarc/multiple-records', { name, records: records.map(({ text }) => text) }, { about: { name } });
    }
    if (records.length === 0) {
      for (const nearMiss of texts.map(diagnoseNearMiss)) {
        if (nearMiss) yield finding('dmarc/near-miss', { name, ...nearMiss }, { about: { name } });
      }
    }
    if (record?.psd === 'y' && !isPublicSuffix(domain)) {
      yield finding('dmarc/psd-misuse', { ...aboutRecord(record, domain, dmarc), domain }, { about: { name } });
    }
  }
}

/** Looked for only near the registered domain: deeper, nobody expects a record, and the queries would be wasted. */
async function misplacedRecords({ walk, suffixList }: DmarcFact, dns: Parameters<typeof findMisplacedRecords>[0]) {
  const zone = suffixList.organizationalDomain;
  const depth = walk.domain.split('.').length - zone.split('.').length;
  return depth <= 1 ? findMisplacedRecords(dns, walk.domain, zone) : [];
}

function missing({ walk, suffixList }: DmarcFact, finding: Emitter): Finding {
  const queries = walk.steps.flatMap(({ query }) => (query ? [queryEvidence(query)] : []));
  const otherTexts = [...(walk.steps[0]?.texts ?? []), ...suffixList.step.texts];
  return finding(
    'dmarc/missing',
    { queries, otherTexts: [...new Set(otherTexts)] },
    { subject: `_dmarc.${walk.domain}` },
  );
}

function* judgeDivergence(dmarc: DmarcFact, finding: Emitter): Generator<Finding> {
  const { walk, suffixList, byTreeWalk, bySuffixList } = dmarc;
  const { organizationalDomain: byWalk } = walk;
  if (byWalk.kind === 'unknown' || byTreeWalk.kind === 'unknown' || bySuffixList.kind === 'unknown') return;
  const treeWalk = { organizationalDomain: byWalk.domain, ...methodEvidence(byTreeWalk) };
  const suffix = { organizationalDomain: suffixList.organizationalDomain, ...methodEvidence(bySuffixList) };
  if (treeWalk.organizationalDomain === suffix.organizationalDomain && treeWalk.policy === suffix.policy) return;
  const { step } = suffixList;
  // A registry's record without psd=y took the place of the organizational domain: psd=n puts it back.
  const isAbove = suffix.organizationalDomain.endsWith(`.${treeWalk.organizationalDomain}`);
  const fix =
    isAbove && step.record
      ? { name: step.name, text: editRecord(aboutRecord(step.record, step.domain, dmarc).correct, { psd: 'n' }) }
      : null;
  yield finding('dmarc/discovery-divergence', { treeWalk, suffixList: suffix, fix }, { about: { name: walk.domain } });
}

function methodEvidence(result: PolicyResult): Omit<MethodEvidence, 'organizationalDomain'> {
  return result.kind === 'policy' ? { policy: result.policy, from: result.domain } : { policy: null, from: null };
}

/** Without DKIM only SPF is left: whether it passes is told with the finding, as a receiver would see it. */
async function* judgeEnforcement(
  applied: AppliedPolicy,
  { target, facts, dns }: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const effective = effectivePolicy(applied);
  const { verifiable, discovery, lookups } = await facts(dkim);
  if (effective === 'none' || verifiable !== 'no') return;
  // The domain may be signed for with a key above or below it, as a message of the host shows.
  if ((await facts(message))?.showsSigning) return;
  const sender = `mailcheck@${target.domain}`;
  const spf = await Promise.all(
    target.ips.map(async (ip) => {
      const { result } = await checkHost({ ip, sender, heloName: target.helo ?? target.domain, resolver: dns });
      return { ip, result };
    }),
  );
  const evidence = {
    policy: applied.policy,
    effective,
    from: applied.domain,
    selectors: lookups.map(({ selector }) => selector),
    dkim: discovery ? ('none-exist' as const) : ('none-usable' as const),
    spf,
  };
  yield finding('dmarc/enforce-without-dkim', evidence, { about: { name: applied.domain } });
}
