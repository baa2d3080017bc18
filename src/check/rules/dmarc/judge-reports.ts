/** Judges where reports go: addresses that can be used, destinations that agree and can receive mail. */

import { queryEvidence, type Resolver } from '../../../network/dns/answer.ts';
import type { PolicyResult } from '../../../standards/dmarc/policy.ts';
import { checkDestinations, type Destination } from '../../../standards/dmarc/report-destinations.ts';
import { walkTree } from '../../../standards/dmarc/tree-walk.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import type { Finding } from '../finding.ts';
import type { Emitter } from './findings.ts';
import { aboutRecord } from './judge-record.ts';

/** Addresses shown as evidence. */
const MAX_SHOWN = 10;

export async function* judgeReports(
  { record, domain }: Extract<PolicyResult, { kind: 'policy' | 'unusable' }>,
  dmarc: DmarcFact,
  dns: Resolver,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { walk } = dmarc;
  const { name, correct } = aboutRecord(record, domain, dmarc);
  const about = { about: { name } };
  if (!record.rua.some(({ host }) => host !== null)) {
    yield finding('dmarc/no-rua', { name, record: record.text, correct }, about);
  }
  for (const tag of ['rua', 'ruf'] as const) {
    const uris = record[tag].flatMap(({ uri, fault }) => (fault ? [{ uri, fault }] : []));
    if (uris.length > 0) yield finding('dmarc/rua-invalid', { name, tag, uris: uris.slice(0, MAX_SHOWN) }, about);
  }
  const { organizationalDomain } = domain === walk.domain ? walk : await walkTree(dns, domain);
  const organization = organizationalDomain.kind === 'known' ? organizationalDomain.domain : undefined;
  const destinations = await checkDestinations(dns, domain, organization, record);
  for (const destination of destinations) yield* judgeDestination(destination, domain, finding);
}

function* judgeDestination(destination: Destination, policyDomain: string, finding: Emitter): Generator<Finding> {
  const { host, tags, addresses, authorisation, mailRoute } = destination;
  const about = { about: { name: host } };
  switch (authorisation.kind) {
    case 'missing':
    case 'impossible': {
      const query = authorisation.kind === 'missing' ? queryEvidence(authorisation.query) : null;
      const name = `${policyDomain}._report._dmarc.${host}`;
      yield finding('dmarc/rua-unauthorized', { host, tags, policyDomain, name, query }, about);
      break;
    }
    case 'unknown':
    case 'undetermined': {
      const { query } = authorisation;
      const reason = `whether ${host} accepts reports for ${policyDomain} could not be found out (${query.status})`;
      yield finding('dmarc/inconclusive', { reason, query: queryEvidence(query) }, about);
      break;
    }
    case 'internal':
    case 'given':
      break;
  }
  const { state, query } = mailRoute;
  if (state === 'absent' || state === 'null-mx') {
    const shown = addresses.slice(0, MAX_SHOWN);
    yield finding(
      'dmarc/rua-undeliverable',
      { host, tags, addresses: shown, state, query: queryEvidence(query) },
      about,
    );
  } else if (state === 'unknown') {
    const reason = `whether ${host} can receive reports could not be found out (${query.status})`;
    yield finding('dmarc/inconclusive', { reason, query: queryEvidence(query) }, about);
  }
}
