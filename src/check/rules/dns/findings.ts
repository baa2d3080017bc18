import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { ALWAYS_THERE, type ResolverFault } from '../../facts/resolver.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason, registerDomain } from '../inconclusive.ts';
import { failingZone, resolverObstacle } from '../obstacles.ts';

export const findings = {
  'dns/domain-nonexistent': findingSpec<{ domain: string; query: QueryEvidence; isDoubtful: boolean }>({
    severity: 'error',
    step: 'domain',
    causes: ['no-domain'],
    title: 'The domain does not exist',
    message: ({ domain, query, isDoubtful }) =>
      `${domain} does not exist in the DNS (NXDOMAIN).${isDoubtful ? ` But the resolver ${query.server ?? ''} says the same of ${ALWAYS_THERE}, which always exists.` : ''}`,
    explanation:
      'A name that does not exist can have no MX, SPF, DKIM or DMARC record, and receivers refuse mail from it outright.',
    remediation: ({ domain, isDoubtful }) => ({
      summary: isDoubtful
        ? `Ask another resolver first (--dns). If ${domain} does not exist there either, register or delegate it, or correct the spelling.`
        : registerDomain(domain),
    }),
    reference: 'RFC 8020 §2',
  }),
  'dns/ip-not-public': findingSpec<{ ip: string; block: string; connectionsAllowed: boolean }>({
    severity: 'error',
    step: 'address',
    causes: ['other-source'],
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
  'dns/resolver-rewrites': findingSpec<ResolverFault>({
    severity: 'inconclusive',
    step: 'resolver',
    title: 'The resolver invents answers for names that do not exist',
    message: (evidence) => resolverObstacle(evidence).says,
    explanation:
      'Such a resolver makes every answer worthless: a clean address can look listed, and a missing record present. Nothing was judged by its answers.',
    remediation: (evidence) => resolverObstacle(evidence).fix,
    obstacle: resolverObstacle,
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
        fix: ({ query, servers }) => failingZone(query.name, query, servers).fix,
        obstacle: ({ query, servers }) => failingZone(query.name, query, servers),
      }),
    },
  }),
};
