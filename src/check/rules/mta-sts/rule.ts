/**
 * Checks MTA-STS (RFC 8461): senders find the policy of the domain, can read it, and can deliver under it to every MX host.
 * A mistake costs mail only with senders that follow MTA-STS, such as Gmail and Outlook.com. It cannot see which policy
 * such a sender still has in its cache.
 */
import { isFailure, queryEvidence } from '../../../network/dns/answer.ts';
import { sameName } from '../../../network/domain.ts';
import { patternFor } from '../../../standards/mta-sts/match.ts';
import { policyHost, stsName } from '../../../standards/mta-sts/places.ts';
import { type UsablePolicy, usablePolicy } from '../../../standards/mta-sts/policy.ts';
import { correctStsRecord, isDiscarded, stsNearMiss } from '../../../standards/mta-sts/record.ts';
import { type MtaSts, mtaSts, publishedMx } from '../../facts/mta-sts.ts';
import { type MailHost, type MailRoute, mailRoute } from '../../facts/mx.ts';
import { NO_WEB, UNCONNECTED, whyNoWeb } from '../connections.ts';
import { type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, note, skip, unused } from '../rule.ts';
import { type Emitter, findings } from './findings.ts';
import { judgeCertificates } from './judge-certificates.ts';
import { judgeFetch, judgePolicyFile } from './judge-policy.ts';
import { seenMtaSts } from './seen.ts';

export default defineRule({
  id: 'mta-sts',
  title: 'MTA-STS',
  reference: 'RFC 8461',
  findings,
  needs: ['starttls'],
  isAboutDomain: true,
  restsOnDns: true,
  security: true,
  step: 'encryption',

  async *check(context, finding) {
    const read = await context.facts(mtaSts);
    const policy = read.policy === null ? null : usablePolicy(read.policy);
    yield* judge(read, policy, context, finding);
    const without = whyNoWeb(context.settings);
    if (read.outcome?.status === 'unasked' && without !== null) {
      const unfetched = `no record; policy not fetched (${UNCONNECTED[without]})`;
      return read.records.length > 0 ? skip(NO_WEB[without]) : unused(unfetched);
    }
    const seen = await seenMtaSts(read, policy, context);
    const isUnused = read.records.length === 0 && policy === null;
    return isUnused ? unused(seen) : note(seen);
  },
});

async function* judge(
  read: MtaSts,
  policy: UsablePolicy | null,
  context: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { txt, records, record } = read;
  if (isFailure(txt)) {
    const detail = { about: { name: txt.name }, rests: questionsOf(txt) };
    yield finding('mta-sts/inconclusive', { reason: 'record-lookup-failed', query: queryEvidence(txt) }, detail);
    return;
  }
  if (records.length === 0) {
    yield* withoutRecord(read, policy, context, finding);
    return;
  }
  yield* judgeRecords(read, context, finding);
  yield* judgeFetch(read, context, finding);
  yield* judgePolicyFile(read, context, finding);
  if (policy === null) return;
  yield* judgeSettings(read, policy, context, finding);
  // Without a record that counts, no sender applies the policy. The hosts are judged by the policy that is meant.
  yield* judgeHosts(read, policy, context, finding);
  if (record !== null) yield* judgeId(read, policy, context, finding);
}

/** Reports that there is no record: no sender asks for a policy then. */
function* withoutRecord(
  { txt, texts, hostAnswers }: MtaSts,
  policy: UsablePolicy | null,
  { target, clock }: Context,
  finding: Emitter,
): Generator<Finding> {
  const name = stsName(target.domain);
  const [nearMiss = null] = texts.flatMap((text) => stsNearMiss(text) ?? []);
  const correct = correctStsRecord(nearMiss === null ? [] : [nearMiss.text], clock.now());
  if (policy !== null && nearMiss === null) {
    const evidence = { name, host: policyHost(target.domain), mode: policy.mode, correct };
    yield finding('mta-sts/orphan-policy', evidence, { about: { name }, rests: questionsOf(txt, ...hostAnswers) });
    return;
  }
  const evidence = { name, query: queryEvidence(txt), nearMiss, correct };
  const detail = { about: { name }, rests: questionsOf(txt) };
  // Somebody meant to have a record.
  yield finding('mta-sts/absent', evidence, nearMiss === null ? detail : { ...detail, severity: 'warning' });
}

function* judgeRecords({ txt, records }: MtaSts, { target, clock }: Context, finding: Emitter): Generator<Finding> {
  const defects = records.length === 1 ? records.flatMap((one) => one.defects) : [];
  if (records.length === 1 && defects.length === 0) return;
  const name = stsName(target.domain);
  const texts = records.map(({ text }) => text);
  const evidence = { name, records: texts, defects, correct: correctStsRecord(texts, clock.now()) };
  const detail = { about: { name }, rests: questionsOf(txt) };
  // Senders that trim the record accept it.
  const isMild = records.length === 1 && records.every((one) => !isDiscarded(one));
  yield finding('mta-sts/txt-invalid', evidence, isMild ? { ...detail, severity: 'warning' } : detail);
}

/** A day. A shorter time makes it easy to keep senders from the policy (RFC 8461 §10.2). */
const SHORTEST_MAX_AGE = 86_400;

function* judgeSettings(
  { txt }: MtaSts,
  { mode, maxAge }: UsablePolicy,
  { target }: Context,
  finding: Emitter,
): Generator<Finding> {
  const detail = { about: { name: policyHost(target.domain) }, rests: questionsOf(txt) };
  if (mode !== 'enforce') yield finding('mta-sts/not-enforcing', { mode }, detail);
  else if (maxAge < SHORTEST_MAX_AGE) yield finding('mta-sts/max-age-short', { maxAge }, detail);
}

/** Judges the MX hosts by the policy: their names, and the certificates of those that it names. */
async function* judgeHosts(
  read: MtaSts,
  policy: UsablePolicy,
  context: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  if (policy.mode === 'none') return;
  const route = await context.facts(mailRoute);
  const covered = route.hosts.flatMap((host) => {
    const pattern = patternFor(policy.patterns, host.name);
    return pattern === null ? [] : [{ host, pattern }];
  });
  const uncovered = route.hosts.filter((host) => covered.every((one) => one.host !== host));
  yield* judgeUncovered({ read, policy, route, covered, uncovered }, context, finding);
  yield* judgeCertificates(covered, { policy, route, read }, context, finding);
}

/** The MX hosts, compared with the policy. */
interface Compared {
  readonly read: MtaSts;
  readonly policy: UsablePolicy;
  readonly route: MailRoute;
  readonly covered: readonly { readonly host: MailHost; readonly pattern: string }[];
  readonly uncovered: readonly MailHost[];
}

async function* judgeUncovered(
  { read, policy, route, covered, uncovered }: Compared,
  { target, facts }: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  if (uncovered.length === 0) return;
  const { mode, patterns, maxAge } = policy;
  const rests = questionsOf(route.query, read.txt);
  const published = await facts(publishedMx);
  const isNew = ({ name }: MailHost): boolean =>
    published !== null && !published.some(({ exchange }) => sameName(exchange, name));
  const coming = uncovered.filter(isNew).map(({ name }) => name);
  const standing = uncovered.filter((host) => !isNew(host)).map(({ name }) => name);
  const severity = (isError: boolean) => (mode === 'enforce' && isError ? 'error' : 'warning');
  if (coming.length > 0) {
    const evidence = { mode, hosts: coming, patterns, maxAge };
    yield finding('mta-sts/change-not-covered', evidence, {
      about: { name: target.domain },
      rests,
      severity: severity(true),
    });
  }
  if (standing.length > 0) {
    const evidence = {
      mode,
      hosts: standing,
      covered: covered.map(({ host, pattern }) => ({ host: host.name, pattern })),
      patterns,
    };
    const isEvery = covered.length === 0 && coming.length === 0;
    const detail = { about: { name: target.domain }, rests, severity: severity(isEvery) } as const;
    yield finding('mta-sts/mx-not-covered', evidence, detail);
  }
}

/** Reports a policy that has changed since the baseline report without a new id. */
function* judgeId(
  { txt, record }: MtaSts,
  { mode, patterns, maxAge }: UsablePolicy,
  { target, settings, clock }: Context,
  finding: Emitter,
): Generator<Finding> {
  const { earlierPolicy: earlier } = settings;
  if (earlier === undefined || record === null || record.id !== earlier.id) return;
  const now = { mode, mx: patterns, maxAge };
  if (meaningOf(now) === meaningOf(earlier)) return;
  const name = stsName(target.domain);
  const evidence = {
    name,
    id: earlier.id,
    record: record.text,
    earlier,
    now,
    correct: correctStsRecord([], clock.now()),
  };
  yield finding('mta-sts/id-unchanged', evidence, { about: { name }, rests: questionsOf(txt) });
}

/** @returns what a policy says, in a form in which equal policies are equal texts. */
function meaningOf({ mode, mx, maxAge }: { mode: string; mx: readonly string[]; maxAge: number }): string {
  return JSON.stringify([mode, [...mx].sort(), maxAge]);
}
