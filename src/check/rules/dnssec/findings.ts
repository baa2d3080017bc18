import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { count } from '../../../report/count.ts';
import { listed } from '../../../report/listed.ts';
import { algorithmName, type DnssecFault, digestName, type UnknownReason } from '../../../standards/dnssec/index.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { dateText, faultFix, faultText, unknownFix, unknownText } from './words.ts';

/** What a zone is to the mail of the domain. */
export type Role = 'domain' | 'mx' | 'reverse';

/** Why a zone is not protected. */
type Unsigned =
  /** Its parent has no DS record for it. */
  | 'no-ds'
  /** The lookup of the DS record fails, and the records of the zone have no signatures. */
  | 'ds-failed'
  /** The zone `at`, above it, is not signed. */
  | 'above'
  /** Validators do not support its algorithms, or its NSEC3 records are too costly for them. */
  | 'ignored';

function unsignedText({
  zone,
  why,
  at,
  query,
}: {
  zone: string;
  why: Unsigned;
  at: string;
  query: QueryEvidence;
}): string {
  switch (why) {
    case 'no-ds':
      return `${zone} is not signed with DNSSEC: it has no DS record.`;
    case 'ds-failed':
      return `${zone} does not seem to be signed with DNSSEC: its records have no signatures. The lookup of its DS record failed: ${query.detail ?? query.rcode}.`;
    case 'above':
      return `The signatures of ${zone} count for nothing, because ${at} above it is not signed with DNSSEC.`;
    case 'ignored':
      return `Validators treat ${zone} as not signed: they do not support its algorithms, or its NSEC3 records are too costly.`;
  }
}

const HURTS: Readonly<Record<Role, string>> = {
  domain: 'Resolvers that validate have no answer, so receivers behind them see no MX, SPF, DKIM and DMARC record.',
  mx: 'Resolvers that validate have no answer, so senders behind them cannot deliver mail and replies to the domain.',
  reverse: 'Receivers whose resolvers validate see no PTR record.',
};

export const findings = {
  'dnssec/unsigned': findingSpec<{ zone: string; why: Unsigned; at: string; query: QueryEvidence }>({
    severity: 'info',
    title: 'The domain is not signed',
    message: unsignedText,
    explanation: 'No receiver requires DNSSEC. It protects the DNS records from forgery, and DANE needs it.',
    remediation: () => ({
      summary: 'Optional: turn on DNSSEC at the DNS host, and give the DS record to the registrar.',
    }),
    reference: 'RFC 9364',
  }),
  'dnssec/bogus': findingSpec<{
    zone: string;
    role: Role;
    fault: DnssecFault;
    others: readonly DnssecFault[];
    hosts: readonly string[];
    extendedErrors: readonly string[];
  }>({
    severity: 'error',
    step: 'domain',
    title: 'The DNSSEC signatures are wrong',
    message: ({ zone, role, fault, hosts }) =>
      `DNSSEC validation of ${zone}${role === 'mx' ? ` (${count(hosts.length, 'MX host')} ${listed(hosts)})` : ''} fails: ${faultText(fault, zone)}.`,
    details: ({ zone, role, others, extendedErrors }) => [
      { label: 'Effect', text: HURTS[role] },
      ...others.map((fault) => ({ label: 'Also', text: faultText(fault, zone) })),
      ...extendedErrors.map((text) => ({ label: 'Resolver', text })),
    ],
    explanation: 'Receivers whose resolvers validate cannot look up the records and defer or reject the mail.',
    remediation: ({ zone, fault }, { domain }) => ({ summary: faultFix(fault, zone, domain) }),
    reference: 'RFC 4035 §5',
  }),
  'dnssec/signature-expiring': findingSpec<{
    zone: string;
    name: string;
    type: string;
    inception: number;
    expiration: number;
    hoursLeft: number;
    sets: number;
  }>({
    severity: 'warning',
    title: 'Signatures expire soon',
    message: ({ zone, name, type, expiration, hoursLeft, sets }) =>
      `The signature of ${type} of ${name} expires on ${dateText(expiration)}, in ${count(hoursLeft, 'hour')}${sets > 1 ? `, and ${count(sets - 1, 'other one', 'other ones')} of ${zone} soon too` : ''}.`,
    explanation: 'When the signatures have expired, receivers whose resolvers validate cannot look up the domain.',
    remediation: ({ zone }) => ({
      summary: `Check that the signer of ${zone} runs, and that the secondary name servers get the new zone.`,
    }),
    reference: 'RFC 6781 §4.4.2',
  }),
  'dnssec/weak-algorithm': findingSpec<{
    zone: string;
    algorithms: readonly number[];
    digestTypes: readonly number[];
    isIgnored: boolean;
  }>({
    severity: 'warning',
    title: 'The DNSSEC algorithm is outdated',
    message: ({ zone, algorithms, digestTypes, isIgnored }) => {
      const what = [
        ...(algorithms.length > 0 ? [`keys of the algorithm ${listed(algorithms.map(algorithmName))}`] : []),
        ...(digestTypes.length > 0 ? [`no other DS record than with ${listed(digestTypes.map(digestName))}`] : []),
      ];
      return `${zone} has ${listed(what)}${isIgnored ? ', so that validators treat it as not signed' : ''}.`;
    },
    explanation: 'Validators give up outdated algorithms, and then treat the zone as not signed or as bogus.',
    remediation: ({ zone, algorithms }) => ({
      summary:
        algorithms.length > 0
          ? `Roll the keys of ${zone} over to algorithm 13 (ECDSAP256SHA256), and publish a DS record with digest type 2 (SHA-256).`
          : `Publish a DS record with digest type 2 (SHA-256) at the registrar of ${zone}.`,
    }),
    reference: 'RFC 9904, RFC 9905, RFC 9906',
  }),
  'dnssec/nsec3-costly': findingSpec<{ zone: string; iterations: number; limit: number }>({
    severity: 'warning',
    title: 'The NSEC3 records are costly',
    message: ({ zone, iterations, limit }) =>
      `The NSEC3 records of ${zone} have ${count(iterations, 'additional iteration')}${iterations >= limit ? ', so that validators treat the zone as not signed or refuse its answers' : ''}.`,
    explanation: 'Iterations hide nothing and cost validators time, so they limit them.',
    remediation: ({ zone }) => ({ summary: `Set the NSEC3 parameters of ${zone} to 0 iterations and no salt.` }),
    reference: 'RFC 9276 §3.1',
  }),
  'dnssec/inconclusive': inconclusiveSpec({
    title: 'The DNSSEC signatures could not be checked',
    explanation: 'Signatures that could not be checked are not known to be right.',
    reference: 'RFC 9364',
    reasons: {
      'not-validated': reason<{ zone: string; why: UnknownReason; others: number }>({
        says: ({ zone, why, others }) =>
          `${zone} has a DS record, but ${others > 0 ? 'not all of its signatures' : 'its signatures'} could be checked: ${unknownText(why)}${others > 0 ? ` (and ${count(others, 'other lookup')})` : ''}.`,
        fix: ({ why }) => unknownFix(why),
      }),
      'ds-unknown': reason<{ zone: string; query: QueryEvidence }>({
        says: ({ zone, query }) =>
          `It is not known whether ${zone} has a DS record: the lookup failed (${query.detail ?? query.rcode}).`,
        fix: () =>
          'Run the check again. If the lookup fails again, ask another resolver with --dns, or contact the registry of the zone above.',
      }),
      'zone-unknown': reason<{ zone: string; query: QueryEvidence }>({
        says: ({ zone, query }) =>
          `It is not known whether ${zone} is signed, because the lookup of its SOA record failed: ${query.detail ?? query.rcode}.`,
        fix: () => 'Run the check again when the lookup works.',
      }),
      'mx-unknown': reason<{ query: QueryEvidence }>({
        says: ({ query }) =>
          `The zones of the MX hosts were not checked, because the lookup of MX of ${query.name} failed: ${query.detail ?? query.rcode}.`,
        fix: () => 'Run the check again when the lookup works.',
      }),
      'anchor-mismatch': reason<{ zone: string; fault: DnssecFault }>({
        says: ({ zone, fault }) =>
          `The keys of ${zone === '.' ? 'the root zone' : zone} do not fit the trust anchor: ${faultText(fault, zone === '.' ? 'the root zone' : zone)}.`,
        fix: () =>
          'Ask another resolver for the signatures with --dnssec-resolver. In a network with a root or zones of its own, pass their keys with --trust-anchor.',
      }),
    },
  }),
};
