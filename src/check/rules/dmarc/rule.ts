/**
 * Checks DMARC (RFC 9989, and RFC 7489, which older receivers follow): receivers find the policy, it is the intended
 * one, and its reports arrive. The DNS does not show whether mail is aligned, but it shows what makes alignment
 * impossible.
 */

import { type DnsFailure, isFailure, queryEvidence, type Resolver } from '../../../network/dns/answer.ts';
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { policyIn, readDmarc, readDmarcTexts } from '../../../standards/dmarc/correct.ts';
import { findMisplacedRecords, recordsIn } from '../../../standards/dmarc/locations.ts';
import { effectivePolicy, oneStepDown, type PolicyResult, policyDefects } from '../../../standards/dmarc/policy.ts';
import { type Policy, parseDmarcRecord } from '../../../standards/dmarc/record.ts';
import type { WalkStep } from '../../../standards/dmarc/tree-walk.ts';
import { isPublicSuffix } from '../../../standards/organizational-domain.ts';
import { dkim } from '../../facts/dkim.ts';
import { type DmarcFact, dmarc } from '../../facts/dmarc.ts';
import { message } from '../../facts/message.ts';
import { spfCheck } from '../../facts/spf.ts';
import { type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, note } from '../rule.ts';
import { type Emitter, findings, type MethodEvidence } from './findings.ts';
import { judgeRecord, recordEvidence } from './judge-record.ts';
import { judgeReports } from './judge-reports.ts';
import { reportMailbox } from './own-record.ts';
import { existenceQuestions, policyQuestions, stepQuestions } from './rests.ts';
import { seenDmarc } from './seen.ts';

/** The number of slips and unread pieces shown as evidence. */
const MAX_SHOWN = 10;

export default defineRule({
  id: 'dmarc',
  title: 'DMARC',
  reference: 'RFC 9989',
  findings,
  isAboutDomain: true,
  restsOnDns: true,
  security: true,
  step: 'domain-policy',

  async *check(context, finding) {
    const policy = await context.facts(dmarc);
    yield* judgePolicy(policy, context, finding);
    return note(seenDmarc(policy));
  },
});

async function* judgePolicy(policy: DmarcFact, context: Context, finding: Emitter): AsyncGenerator<Finding> {
  const { target, dns } = context;
  const { domain } = target;
  const { byTreeWalk, bySuffixList } = policy;
  yield* judgeLookups(policy, finding);

  yield* judgeAliases(policy, finding);
  const mistakes = [...judgeSteps(policy, finding)];
  const misplacedTexts: string[] = [];
  if (byTreeWalk.kind === 'none' && bySuffixList.kind === 'none') {
    // The fact has this answer too. Asked here, a failure is a gap of the check.
    const misplaced = [...recordsIn(await dns.query(domain, 'TXT')), ...(await misplacedRecords(policy, dns))];
    const rightName = `_dmarc.${domain}`;
    for (const { name, text } of misplaced) {
      const detail = { about: { name, item: text }, rests: [{ name, type: 'TXT' }, ...policyQuestions(policy)] };
      misplacedTexts.push(text);
      mistakes.push(finding('dmarc/wrong-location', { name, text, rightName }, detail));
    }
  }
  yield* mistakes;

  if (byTreeWalk.kind === 'none' && bySuffixList.kind === 'none') {
    if (mistakes.length === 0) yield await missing(policy, context, finding);
    const meant = policyMeant(policy, misplacedTexts);
    if (meant) yield* judgeEnforcement(meant, policy, context, finding);
    return;
  }
  const found = [byTreeWalk, bySuffixList].find((result) => result.kind === 'policy' || result.kind === 'unusable');
  if (!found) return;
  yield* judgeRecord(found, policy, finding);
  yield* judgeDivergence(policy, finding);
  const enforced = policyOf(found);
  if (enforced) yield* judgeEnforcement(enforced, policy, context, finding);
  yield* judgeReports(found, policy, context, finding);
}

/** Reports lookups for the policy that failed. */
function* judgeLookups({ walk, suffixList, byTreeWalk, apex }: DmarcFact, finding: Emitter): Generator<Finding> {
  const { organizationalDomain } = walk;
  const failed = organizationalDomain.kind === 'unknown' ? organizationalDomain.query : suffixList.step.query;
  if (failed && isFailure(failed)) {
    yield unanswered('record-lookup-failed', failed, finding);
  }
  // np= applies only to a domain that does not exist.
  const dependsOnExistence = byTreeWalk.kind === 'policy' && byTreeWalk.source !== 'own' && byTreeWalk.record.np;
  if (dependsOnExistence && isFailure(apex)) {
    yield unanswered('existence-lookup-failed', apex, finding);
  }
}

function unanswered(
  reason: 'record-lookup-failed' | 'existence-lookup-failed',
  answer: DnsFailure,
  finding: Emitter,
): Finding {
  const detail = { about: { name: answer.name, item: reason }, rests: questionsOf(answer) };
  return finding('dmarc/inconclusive', { reason, query: queryEvidence(answer) }, detail);
}

/** @returns the steps at names that the owner of the domain controls, not a registry. */
function ownSteps({ walk, suffixList }: DmarcFact): WalkStep[] {
  const registered = suffixList.organizationalDomain;
  const steps = walk.steps.filter(({ domain }) => isSameOrSubdomain(domain, registered));
  return steps.some(({ domain }) => domain === registered) ? steps : [...steps, suffixList.step];
}

/** Reports records at the names of the walk that have no effect or too much effect. */
function* judgeSteps(dmarc: DmarcFact, finding: Emitter): Generator<Finding> {
  for (const step of ownSteps(dmarc)) {
    const { domain, name, texts, records, record } = step;
    const rests = stepQuestions(step);
    const alias = step.query?.chain.at(-1) ?? null;
    if (records.length > 1) {
      const evidence = { name, records: records.map(({ text }) => text), alias };
      yield finding('dmarc/multiple-records', evidence, { about: { name }, rests });
    }
    if (records.length === 0) {
      for (const text of texts) {
        const meaning = readDmarc(text);
        if (meaning.kind !== 'corrected' && meaning.kind !== 'unclear') continue;
        const unread = meaning.kind === 'unclear' ? meaning.unread : [];
        const evidence = {
          name,
          text,
          slips: meaning.slips.slice(0, MAX_SHOWN),
          unread: unread.slice(0, MAX_SHOWN),
          alias,
        };
        yield finding('dmarc/near-miss', evidence, { about: { name, item: text }, rests });
      }
    }
    if (record?.psd === 'y' && !isPublicSuffix(domain)) {
      yield finding(
        'dmarc/psd-misuse',
        { ...recordEvidence(record, domain, dmarc), domain },
        { about: { name }, rests },
      );
    }
  }
}

/** Reports a CNAME that stands beside a record and leads to a record that says something else. */
function* judgeAliases({ aliases }: DmarcFact, finding: Emitter): Generator<Finding> {
  for (const { name, target, here, there, answers } of aliases) {
    const [own, other] = [meaningOf(here), meaningOf(there)];
    if (own === other) continue;
    const evidence = { name, target, here: here[0] ?? '', there: there[0] ?? null };
    yield finding('dmarc/cname-beside', evidence, { about: { name }, rests: questionsOf(...answers) });
  }
}

/** @returns what records say, in a form in which equal records are equal texts. */
function meaningOf(texts: readonly string[]): string {
  const records = texts.flatMap((text) => parseDmarcRecord(text) ?? []);
  return JSON.stringify(
    records.map(({ tags }) => tags.map(({ name, value }) => `${name}=${value.toLowerCase()}`).sort()),
  );
}

/** @returns the records at wrong names, if the domain is the registered domain or directly below it. */
async function misplacedRecords({ walk, suffixList }: DmarcFact, dns: Resolver) {
  const zone = suffixList.organizationalDomain;
  const depth = walk.domain.split('.').length - zone.split('.').length;
  return depth <= 1 ? findMisplacedRecords(dns, walk.domain, zone) : [];
}

/**
 * Reports that there is no record. It belongs at the organizational domain, so that all names below have one, too. Large
 * receivers reject mail for it only from bulk senders.
 */
async function missing(dmarc: DmarcFact, { dns, settings }: Context, finding: Emitter): Promise<Finding> {
  const { walk, suffixList } = dmarc;
  const queries = walk.steps.flatMap(({ query }) => (query ? [queryEvidence(query)] : []));
  const otherTexts = [...(walk.steps[0]?.texts ?? []), ...suffixList.step.texts];
  const { address, isNone, answers } = await reportMailbox(dns, [suffixList.organizationalDomain, walk.domain]);
  const evidence = {
    queries,
    otherTexts: [...new Set(otherTexts)],
    alias: suffixList.step.query?.chain.at(-1) ?? null,
    name: suffixList.step.name,
    reportsTo: address,
    ...(address === null && !isNone ? { isRouteUnknown: true as const } : {}),
  };
  const rests = [...policyQuestions(dmarc), ...questionsOf(...answers)];
  const detail = { about: { name: `_dmarc.${walk.domain}` }, rests };
  return finding('dmarc/missing', evidence, settings.volume === 'bulk' ? { ...detail, severity: 'error' } : detail);
}

function* judgeDivergence(dmarc: DmarcFact, finding: Emitter): Generator<Finding> {
  const { walk, suffixList, byTreeWalk, bySuffixList } = dmarc;
  const { organizationalDomain: byWalk } = walk;
  if (byWalk.kind === 'unknown' || byTreeWalk.kind === 'unknown' || bySuffixList.kind === 'unknown') return;
  const treeWalk = { organizationalDomain: byWalk.domain, ...methodEvidence(byTreeWalk) };
  const suffix = { organizationalDomain: suffixList.organizationalDomain, ...methodEvidence(bySuffixList) };
  if (treeWalk.organizationalDomain === suffix.organizationalDomain && treeWalk.policy === suffix.policy) return;
  const { step } = suffixList;
  // A registry's record without psd=y makes the registry the organizational domain. psd=n in the own record prevents
  // that.
  const isAbove = suffix.organizationalDomain.endsWith(`.${treeWalk.organizationalDomain}`);
  const fix = isAbove && step.record ? { name: step.name } : null;
  const rests = [...policyQuestions(dmarc), ...existenceQuestions(byTreeWalk, dmarc)];
  const detail = { about: { name: walk.domain }, rests };
  yield finding('dmarc/discovery-divergence', { treeWalk, suffixList: suffix, fix }, detail);
}

function methodEvidence(result: PolicyResult): Omit<MethodEvidence, 'organizationalDomain'> {
  return result.kind === 'policy' ? { policy: result.policy, from: result.domain } : { policy: null, from: null };
}

/** A policy that receivers apply, or will apply once the record is corrected. */
interface Enforced {
  /** The domain whose record has the policy. */
  readonly domain: string;
  readonly policy: Policy;
  readonly effective: Policy;
  readonly isInForce: boolean;
}

/** @returns the policy of the record that applies: the one in force, or else the one that was meant. */
function policyOf(found: Extract<PolicyResult, { kind: 'policy' | 'unusable' }>): Enforced | undefined {
  const { domain, record, source } = found;
  const effective = found.kind === 'policy' ? effectivePolicy(found) : 'none';
  if (found.kind === 'policy' && effective !== 'none') {
    return { domain, policy: found.policy, effective, isInForce: true };
  }
  return policyDefects(record).length > 0 ? meantBy([record.text], domain, source === 'own') : undefined;
}

/** @returns the policy of records that no receiver recognises, or that stand at the wrong name. */
function policyMeant(dmarc: DmarcFact, misplaced: readonly string[]): Enforced | undefined {
  const steps = ownSteps(dmarc);
  const step = steps.find(({ texts }) => readDmarcTexts(texts).meaning.kind !== 'unrelated');
  const { domain } = step ?? dmarc.walk;
  return meantBy([...(step?.texts ?? []), ...misplaced], domain, domain === dmarc.walk.domain);
}

function meantBy(texts: readonly string[], domain: string, isOwn: boolean): Enforced | undefined {
  const { texts: meant, meaning } = readDmarcTexts(texts);
  const text = meaning.kind === 'corrected' ? meaning.text : meaning.kind === 'right' ? meant[0] : undefined;
  const record = text === undefined ? undefined : parseDmarcRecord(text);
  const policy = record && ((isOwn ? undefined : policyIn(record.sp)) ?? policyIn(record.p));
  if (!record || policy === undefined) return undefined;
  const effective = record.testing ? oneStepDown(policy) : policy;
  return { domain, policy, effective, isInForce: false };
}

/**
 * Reports a policy that no DKIM signature can fulfil. Only SPF is left then, so the finding includes the SPF results.
 */
async function* judgeEnforcement(
  { domain, policy, effective, isInForce }: Enforced,
  dmarc: DmarcFact,
  { target, facts }: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  if (effective === 'none') return;
  const { verifiable, discovery, lookups, answers } = await facts(dkim);
  if (verifiable !== 'no') return;
  // A message of the host may show that a key of a parent domain or subdomain signs for the domain.
  if ((await facts(message))?.showsSigning) return;
  const spf = await Promise.all(target.ips.map(async (ip) => ({ ip, result: (await facts(spfCheck, ip)).result })));
  const evidence = {
    policy,
    effective,
    isInForce,
    from: domain,
    selectors: lookups.map(({ selector }) => selector),
    dkim: discovery ? ('none-exist' as const) : ('none-usable' as const),
    spf,
  };
  const existence = existenceQuestions(dmarc.byTreeWalk, dmarc);
  const rests = [...policyQuestions(dmarc), ...existence, ...questionsOf(...answers)];
  yield finding('dmarc/enforce-without-dkim', evidence, { about: { name: domain }, rests });
}
