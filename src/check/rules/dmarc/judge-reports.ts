/**
 * Judges the report addresses: whether they are valid, and whether their domains authorise reports and can receive
 * mail.
 */

import { queryEvidence, type Resolver } from '../../../network/dns/answer.ts';
import type { Question } from '../../../report/status.ts';
import type { PolicyResult } from '../../../standards/dmarc/policy.ts';
import { checkDestinations, type Destination } from '../../../standards/dmarc/report-destinations.ts';
import { walkedQuestions, walkTree } from '../../../standards/dmarc/tree-walk.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import { type Finding, questionsOf } from '../finding.ts';
import type { Emitter } from './findings.ts';
import { recordEvidence } from './judge-record.ts';
import { policyQuestions } from './rests.ts';

/** The number of addresses shown as evidence. */
const MAX_SHOWN = 10;

/** Reports faults of the report addresses in the record that applies. */
export async function* judgeReports(
  { record, domain }: Extract<PolicyResult, { kind: 'policy' | 'unusable' }>,
  dmarc: DmarcFact,
  dns: Resolver,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { walk } = dmarc;
  const shown = recordEvidence(record, domain, dmarc);
  const { name } = shown;
  const rests = policyQuestions(dmarc);
  if (!record.rua.some(({ host }) => host !== null)) {
    yield finding('dmarc/no-rua', shown, { about: { name }, rests });
  }
  for (const tag of ['rua', 'ruf'] as const) {
    const uris = record[tag].flatMap(({ uri, fault }) => (fault ? [{ uri, fault }] : []));
    if (uris.length === 0) continue;
    const evidence = { name, tag, uris: uris.slice(0, MAX_SHOWN) };
    yield finding('dmarc/rua-invalid', evidence, { about: { name, item: tag }, rests });
  }
  const { organizationalDomain } = domain === walk.domain ? walk : await walkTree(dns, domain);
  const organization = organizationalDomain.kind === 'known' ? organizationalDomain.domain : undefined;
  const destinations = await checkDestinations(dns, domain, organization, record);
  for (const destination of destinations) yield* judgeDestination(destination, domain, rests, finding);
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
