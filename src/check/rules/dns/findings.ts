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
      `${domain} does not exist in the DNS (NXDOMAIN).${isDoubtful ? ` The resolver ${query.server ?? ''} may be wrong: it says the same of ${ALWAYS_THERE}, which always exists.` : ''}`,
    explanation:
      'Receivers reject mail from a domain that does not exist. Such a domain has no MX, SPF, DKIM or DMARC record.',
    remediation: ({ domain, isDoubtful }) => ({
      summary: isDoubtful
        ? `Ask another resolver first (--dns). If it does not know ${domain} either, register or delegate the domain, or correct the spelling.`
        : registerDomain(domain),
    }),
    reference: 'RFC 8020 §2',
  }),
  'dns/ip-not-public': findingSpec<{ ip: string; block: string; connectionsAllowed: boolean }>({
    severity: 'error',
    step: 'address',
    causes: ['other-source'],
    title: 'The address is not public',
    message: ({ ip, block }) => `${ip} cannot be reached from the internet: ${block}.`,
    explanation:
      'Receivers see the public address that mail leaves from. Testing a private address does not test that one.',
    remediation: ({ ip, block, connectionsAllowed }) => ({
      summary: connectionsAllowed
        ? `Before going live, test the public address that mail leaves from instead of ${ip}.`
        : block.startsWith('documentation ')
          ? `${ip} is an address for examples. Type the public address of your own mail server instead. In a lab, add --allow-private.`
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
      'With such a resolver, a clean address can look listed and a missing record can look present. mailcheck did not judge by its answers.',
    remediation: (evidence) => resolverObstacle(evidence).fix,
    obstacle: resolverObstacle,
    reference: 'RFC 6761 §6.4',
  }),
  'dns/unreachable': inconclusiveSpec({
    step: 'domain',
    title: 'The DNS did not answer for the domain',
    explanation: 'No answer does not mean "no such record". It means that nothing is known about the domain.',
    reference: 'RFC 9210',
    reasons: {
      contradictory: reason<{ denied: QueryEvidence; confirmed: QueryEvidence }>({
        says: ({ denied, confirmed }) =>
          `The name servers of ${denied.name} contradict themselves: the name does not exist for ${denied.type} (NXDOMAIN), but it exists for ${confirmed.type}.`,
        fix: ({ denied }) =>
          `Contact whoever runs the name servers of ${denied.name}. NXDOMAIN covers all types, so resolvers may then deny every record of the name (RFC 8020).`,
      }),
      'no-answer': reason<{ query: QueryEvidence; queries: readonly QueryEvidence[]; servers: readonly string[] }>({
        says: ({ query }) => `No usable answer for ${query.name} ${query.type}: ${query.detail ?? query.rcode}.`,
        fix: ({ query, servers }) => failingZone(query.name, query, servers).fix,
        obstacle: ({ query, servers }) => failingZone(query.name, query, servers),
      }),
    },
  }),
};
