import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';

export const findings = {
  'dns/domain-nonexistent': findingSpec<{ domain: string; query: QueryEvidence }>({
    severity: 'error',
    step: 'domain',
    causes: ['no-domain'],
    title: 'The domain does not exist',
    message: ({ domain }) => `${domain} does not exist in the DNS (NXDOMAIN).`,
    explanation:
      'A name that does not exist can have no MX, SPF, DKIM or DMARC record, and receivers refuse mail from it outright.',
    remediation: ({ domain }) => ({
      summary: `Register or delegate ${domain}, or correct the spelling; nothing else matters before that.`,
    }),
    reference: 'RFC 8020 §2',
  }),
  'dns/ip-not-public': findingSpec<{ ip: string; block: string; connectionsAllowed: boolean }>({
    severity: 'error',
    step: 'address',
    title: 'The address is not a public one',
    message: ({ ip, block }) => `${ip} is not reachable over the internet: ${block}.`,
    explanation:
      'Receivers see the public address that mail leaves from. What is tested of a private address says nothing about that.',
    remediation: ({ ip, connectionsAllowed }) => ({
      summary: connectionsAllowed
        ? `Before going live, test the public address that mail leaves from instead of ${ip}.`
        : `Test the public address that mail leaves from (the NAT, elastic or floating IP) instead of ${ip}. In a lab, add --allow-private.`,
    }),
    reference: 'RFC 6890',
  }),
  'dns/resolver-rewrites': findingSpec<{ query: QueryEvidence; records: readonly string[] }>({
    severity: 'inconclusive',
    step: 'resolver',
    title: 'The resolver invents answers for names that do not exist',
    message: ({ query, records }) =>
      `The resolver ${query.server ?? ''} answers ${records.join(', ')} for a name that cannot exist (${query.name}).`,
    explanation:
      'Such a resolver makes every "does not exist" and every block list answer worthless: a clean address can look listed, a missing record present.',
    remediation: () => ({
      summary: 'Ask a resolver that does not rewrite answers: run your own (unbound), and name it with --dns.',
    }),
    reference: 'RFC 6761 §6.4',
  }),
  'dns/unreachable': inconclusiveSpec({
    step: 'domain',
    title: 'The DNS did not answer for the domain',
    explanation:
      'Without an answer nothing is known about the domain; it is not the same as "there is no such record".',
    reference: 'RFC 9210',
    reasons: {
      contradictory: reason<{ denied: QueryEvidence; confirmed: QueryEvidence }>({
        says: ({ denied, confirmed }) =>
          `The DNS says that ${denied.name} does not exist when it is asked for ${denied.type} (NXDOMAIN), and that it exists when it is asked for ${confirmed.type}.`,
        fix: ({ denied }) =>
          `Contact whoever runs the name servers of ${denied.name}: NXDOMAIN is about all types of a name, and resolvers then deny all its records (RFC 8020).`,
      }),
      'no-answer': reason<{ query: QueryEvidence; queries: readonly QueryEvidence[]; servers: readonly string[] }>({
        says: ({ query }) => `No usable answer for ${query.name} ${query.type}: ${query.detail ?? query.rcode}.`,
        fix: ({ servers }) =>
          `Check that the DNS servers asked${servers.length > 0 ? ` (${servers.join(', ')})` : ''} can be reached over UDP and TCP port 53 and answer for the domain, or name others with --dns; then run again.`,
      }),
    },
  }),
};
