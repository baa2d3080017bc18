import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { listed } from '../../../report/listed.ts';
import type { Standing } from '../../facts/authority/servers.ts';
import { ALWAYS_THERE, type ResolverFault } from '../../facts/resolver.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason, registerDomain } from '../inconclusive.ts';
import { failingZone, resolverObstacle } from '../obstacles.ts';
import { OUTSIDE_VIEW, seenText, type UntilEvidence, waitText } from '../until.ts';

/** The most names that a message lists. */
const MAX_NAMED = 5;

/** How a server that a zone is delegated to fails it. */
export type Lame = Exclude<Standing, 'has-zone' | 'unsteady' | 'unseen'>;

const LAME: Readonly<Record<Lame, string>> = {
  'without-zone': 'answers without authority, so it does not have the zone',
  refuses: 'refuses to answer for it (REFUSED)',
  fails: 'fails to answer for it (SERVFAIL)',
  silent: 'does not answer',
};

/** A name server with the serial number of its zone. */
export interface ServerEvidence {
  readonly name: string;
  readonly address: string;
  readonly serial: number | null;
  /** Whether the parent delegates the zone to it. `null` if that is not known. */
  readonly isDelegated: boolean | null;
}

/** An answer: its records as texts, none for an absence. */
export interface AnswerEvidence {
  readonly records: readonly string[];
}

export interface GroupEvidence extends AnswerEvidence {
  readonly servers: readonly ServerEvidence[];
}

/** Two answers to one question, and until when resolvers keep the old one. */
export interface StaleEvidence extends UntilEvidence {
  readonly name: string;
  readonly type: string;
  /** `address#port` of the resolver. */
  readonly server: string | null;
  readonly old: readonly string[];
  readonly now: readonly string[];
  /** Whether the resolver has records of its own for the name, which nobody outside sees. */
  readonly isOwnView: boolean;
  /** What will be found when the resolver sees the answer of the name servers. `null` if nothing gets worse. */
  readonly coming: { readonly code: string; readonly message: string } | null;
}

/** The most records of one answer, and characters of one record, that a message shows. The evidence has them whole. */
const MAX_RECORDS = 3;
const MAX_LENGTH = 100;

function shortened(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

function answerText({ records }: AnswerEvidence): string {
  const shown = records.slice(0, MAX_RECORDS).map(shortened);
  const more = records.length > shown.length ? [`${records.length - shown.length} more`] : [];
  return records.length === 0 ? 'no such record' : [...shown, ...more].join(', ');
}

function serversText(servers: readonly ServerEvidence[]): string {
  return servers
    .map(({ name, address, serial, isDelegated }) => {
      const notes = [
        address,
        ...(serial === null ? [] : [`serial ${serial}`]),
        ...(isDelegated === false ? ['not in the delegation'] : []),
      ];
      return `${name} (${notes.join(', ')})`;
    })
    .join(', ');
}

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
  'dns/lame-delegation': findingSpec<{
    zone: string;
    ns: string;
    address: string;
    fault: Lame;
    detail: string;
    /** The servers that have the zone. */
    others: readonly string[];
  }>({
    severity: 'warning',
    title: 'A name server of the zone does not have it',
    message: ({ zone, ns, address, fault }) => `${zone} is delegated to ${ns} (${address}), which ${LAME[fault]}.`,
    explanation:
      'Resolvers that ask this server get no answer first. Some receivers then see a temporary failure and defer the mail.',
    remediation: ({ zone, ns }) => ({
      summary: `Load ${zone} on ${ns}, or take ${ns} out of the delegation at the registrar and out of the NS records of ${zone}.`,
    }),
    reference: 'RFC 1912 §2.8',
  }),
  'dns/authoritative-disagreement': findingSpec<{
    name: string;
    type: string;
    zone: string;
    groups: readonly GroupEvidence[];
  }>({
    severity: 'warning',
    title: 'The name servers of a zone give different answers',
    message: ({ name, type, zone, groups }) =>
      `The name servers of ${zone} give ${groups.length} different answers for ${type} of ${name}: ${groups
        .map((group) => `${answerText(group)} from ${listed([...new Set(group.servers.map((server) => server.name))])}`)
        .join('; ')}.`,
    details: ({ groups }) => groups.map((group) => ({ label: answerText(group), text: serversText(group.servers) })),
    explanation: 'Receivers get one or the other answer at random, and so does this check.',
    remediation: ({ zone }) => ({
      summary: `Wait until the new version of ${zone} is on all its name servers, then run the check again. If they still differ after that, repair the transfer of the zone: compare the serial numbers.`,
    }),
    reference: 'RFC 1034 §4.3.5',
  }),
  'dns/stale-cache': findingSpec<StaleEvidence>({
    severity: 'info',
    title: 'The resolver and the name servers give different answers',
    message: (evidence) => {
      const { name, type, server, old, now, isOwnView, coming } = evidence;
      const resolver = `The resolver${server === null ? '' : ` ${server}`}`;
      const both = `${answerText({ records: old })}; its name servers say ${answerText({ records: now })}`;
      if (isOwnView)
        return `${resolver} has a view of its own of ${type} of ${name}: ${both}. Receivers do not see it.`;
      const first = `${resolver} still has an old answer for ${type} of ${name}: ${both}.`;
      return coming === null
        ? `${first} ${seenText(evidence)}`
        : `${first} ${seenText(evidence)} Then this will be found: ${coming.message}`;
    },
    explanation:
      'Resolvers keep an answer until its TTL ends, and an absence as long as the SOA record of the zone says. Until then receivers act on the old answer.',
    remediation: ({ isOwnView, coming, by, at }) => ({
      summary: isOwnView
        ? OUTSIDE_VIEW
        : coming === null
          ? `${waitText({ by, at })}.`
          : 'Fix it now, before receivers see it.',
    }),
    reference: 'RFC 2308 §5',
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
      'name-servers': reason<{
        /** The names whose RRsets could not be compared. */
        names: readonly string[];
      }>({
        says: ({ names }) =>
          `Not every name server could be asked for the records of ${listed(names.slice(0, MAX_NAMED))}${names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''}.`,
        fix: () =>
          'Run the check again from a place where UDP and TCP port 53 are open to every server. Without --authoritative the check does without them.',
      }),
      'no-answer': reason<{ query: QueryEvidence; queries: readonly QueryEvidence[]; servers: readonly string[] }>({
        says: ({ query }) => `No usable answer for ${query.name} ${query.type}: ${query.detail ?? query.rcode}.`,
        fix: ({ query, servers }) => failingZone(query.name, query, servers).fix,
        obstacle: ({ query, servers }) => failingZone(query.name, query, servers),
      }),
    },
  }),
};
