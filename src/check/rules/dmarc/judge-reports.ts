/**
 * Judges the report addresses: whether they are valid, and whether their domains authorise reports and can receive
 * mail.
 */

import { queryEvidence } from '../../../network/dns/answer.ts';
import type { Question } from '../../../report/status.ts';
import { readDmarc } from '../../../standards/dmarc/correct.ts';
import type { PolicyResult } from '../../../standards/dmarc/policy.ts';
import { isOtherScheme } from '../../../standards/dmarc/read-addresses.ts';
import { type DmarcRecord, parseDmarcRecord } from '../../../standards/dmarc/record.ts';
import { checkDestinations, type Destination } from '../../../standards/dmarc/report-destinations.ts';
import { walkedQuestions, walkTree } from '../../../standards/dmarc/tree-walk.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import { type Finding, questionsOf } from '../finding.ts';
import type { Context } from '../rule.ts';
import type { Emitter, RecordEvidence } from './findings.ts';
import { recordEvidence, slipsOf } from './judge-record.ts';
import { reportMailbox } from './own-record.ts';
import { policyQuestions } from './rests.ts';

/** The number of addresses shown as evidence. */
const MAX_SHOWN = 10;

/** Reports faults of the report addresses in the record that applies. */
export async function* judgeReports(
  { record, domain }: Extract<PolicyResult, { kind: 'policy' | 'unusable' }>,
  dmarc: DmarcFact,
  { dns, leaveOut }: Pick<Context, 'dns' | 'leaveOut'>,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { walk, suffixList } = dmarc;
  const shown = recordEvidence(record, domain, dmarc);
  const { name } = shown;
  const rests = policyQuestions(dmarc);
  if (!record.rua.some(({ host }) => host !== null)) {
    const domains = [domain, suffixList.organizationalDomain, walk.domain];
    const { address, isNone, answers } = await reportMailbox(dns, domains);
    const route = address === null && !isNone ? { isRouteUnknown: true as const } : {};
    const detail = { about: { name }, rests: [...rests, ...questionsOf(...answers)] };
    yield finding('dmarc/no-rua', { ...shown, reportsTo: address, ...route }, detail);
  }
  yield* judgeAddresses(record, shown, rests, finding);
  const { organizationalDomain } = domain === walk.domain ? walk : await walkTree(dns, domain);
  const organization = organizationalDomain.kind === 'known' ? organizationalDomain.domain : undefined;
  // Addresses that are only mistyped are judged as they were meant, since the record that is proposed has them.
  const meaning = readDmarc(record.text);
  const meant = meaning.kind === 'corrected' ? parseDmarcRecord(meaning.text) : undefined;
  const { destinations, hosts } = await checkDestinations(dns, domain, organization, meant ?? record);
  leaveOut({ what: `hosts of the report addresses in ${name}`, looked: destinations.length, of: hosts, rests });
  for (const destination of destinations) yield* judgeDestination(destination, domain, rests, finding);
}

/**
 * Reports addresses that cannot be used. A URI of another scheme is no mistake (RFC 9989 §4.6), so that it is told apart
 * from those that are to be corrected.
 */
function* judgeAddresses(
  record: DmarcRecord,
  { name, alias }: RecordEvidence,
  rests: readonly Question[],
  finding: Emitter,
): Generator<Finding> {
  const slips = slipsOf(record);
  for (const tag of ['rua', 'ruf'] as const) {
    const faulty = record[tag].flatMap(({ uri, fault }) => (fault ? [{ uri, fault }] : []));
    const others = faulty.filter(({ uri, fault }) => isOtherScheme(uri, fault));
    const wrong = faulty.filter((one) => !others.includes(one));
    for (const [item, uris] of [
      [tag, wrong],
      [`${tag} scheme`, others],
    ] as const) {
      if (uris.length === 0) continue;
      const ofTag = slips.filter((slip) => slip.tag === tag);
      const evidence = { name, alias, tag, uris: uris.slice(0, MAX_SHOWN), slips: ofTag };
      yield finding('dmarc/rua-invalid', evidence, { about: { name, item }, rests });
    }
  }
}

function* judgeDestination(
  destination: Destination,
  policyDomain: string,
  policy: readonly Question[],
  finding: Emitter,
): Generator<Finding> {
  yield* judgeAuthorisation(destination, policyDomain, policy, finding);
  yield* judgeMailRoute(destination, policy, finding);
}

/** @param policy the questions that led to the record with the report address. */
function* judgeAuthorisation(
  { host, tags, authorisation, isWalked }: Destination,
  policyDomain: string,
  policy: readonly Question[],
  finding: Emitter,
): Generator<Finding> {
  const rests = [...policy, ...[policyDomain, ...(isWalked ? [host] : [])].flatMap(walkedQuestions)];
  switch (authorisation.kind) {
    case 'missing':
    case 'impossible': {
      const query = authorisation.kind === 'missing' ? authorisation.query : null;
      const name = `${policyDomain}._report._dmarc.${host}`;
      const evidence = { host, tags, policyDomain, name, query: query && queryEvidence(query) };
      const asked = query ? questionsOf(query) : [];
      yield finding('dmarc/rua-unauthorized', evidence, { about: { name: host }, rests: [...rests, ...asked] });
      return;
    }
    case 'unknown':
    case 'undetermined': {
      const { query } = authorisation;
      const reason = 'authorisation-lookup-failed';
      const detail = { about: { name: host, item: reason }, rests: [...rests, ...questionsOf(query)] };
      yield finding('dmarc/inconclusive', { reason, host, policyDomain, query: queryEvidence(query) }, detail);
      return;
    }
    case 'internal':
    case 'given':
      return;
  }
}

function* judgeMailRoute(
  { host, tags, addresses, mailRoute }: Destination,
  policy: readonly Question[],
  finding: Emitter,
): Generator<Finding> {
  const { state, query, answers } = mailRoute;
  const rests = [...policy, ...questionsOf(...answers)];
  if (state === 'absent' || state === 'null-mx') {
    const shown = addresses.slice(0, MAX_SHOWN);
    const evidence = { host, tags, addresses: shown, state, query: queryEvidence(query) };
    yield finding('dmarc/rua-undeliverable', evidence, { about: { name: host }, rests });
  } else if (state === 'unknown') {
    const reason = 'mail-route-lookup-failed';
    const detail = { about: { name: host, item: reason }, rests };
    yield finding('dmarc/inconclusive', { reason, host, query: queryEvidence(query) }, detail);
  }
}
