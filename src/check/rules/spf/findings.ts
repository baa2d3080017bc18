import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { count as counted } from '../../../report/count.ts';
import type { Remediation } from '../../../report/status.ts';
import {
  type CostTree,
  type NearMissCause,
  type Relief,
  type SpfResult,
  type SyntaxProblem,
  TIME_LIMIT_MS,
} from '../../../standards/spf/index.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import {
  BROKEN,
  type BrokenReason,
  byWayOf,
  costs,
  listed,
  NEAR_MISSES,
  NOT_PASS,
  repairServers,
  type TermEvidence,
} from './words.ts';

export interface ToPublish {
  /** The correct record to publish instead of the present one. `null` when it cannot be determined from outside. */
  readonly correct: string | null;
}

/** @returns the remediation, with the record to publish if there is one. */
function publish(summary: string, record: string | null, domain: string): Remediation {
  return record === null ? { summary } : { summary, records: [txtRecord(domain, record)] };
}

export interface Unauthorized extends ToPublish {
  readonly ip: string;
  readonly result: SpfResult;
  readonly record: string;
  readonly matched: readonly TermEvidence[];
  readonly lookups: number;
}

export interface LookupCount {
  readonly count: number;
  readonly limit: number;
  /** Whether the walk left out branches, so that the true count may be higher. */
  readonly isMinimum: boolean;
  readonly tree: CostTree;
}

export interface BrokenTarget extends ToPublish, TermEvidence {
  readonly target: string;
  readonly path: readonly string[];
  readonly reason: BrokenReason;
  readonly problems: readonly SyntaxProblem[];
  /** Whether anyone can register the domain. */
  readonly registrable: boolean;
}

export interface VoidNames extends ToPublish {
  readonly names: readonly (TermEvidence & { readonly target: string; readonly rcode: string })[];
  readonly count: number;
}

const RUN_AGAIN = 'Run the check again, with more time if it was cut off.';

export const findings = {
  'spf/missing': findingSpec<ToPublish & { query: QueryEvidence; otherTxt: readonly string[] }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The domain has no SPF record',
    message: ({ query, otherTxt }) =>
      query.rcode === 'noerror'
        ? `${query.name} has ${counted(otherTxt.length, 'TXT record')}, none of them SPF.`
        : `${query.name} has no TXT record (${query.rcode}).`,
    explanation: 'Gmail and Yahoo refuse mail from domains with neither SPF nor DKIM (Gmail: 550 5.7.26, 5.7.27).',
    remediation: ({ correct }, { domain }) =>
      publish(
        'Publish this TXT record, with the addresses of every other host that sends for the domain added.',
        correct,
        domain,
      ),
    reference: 'RFC 7208 §4.5',
  }),
  'spf/multiple-records': findingSpec<ToPublish & { records: readonly string[] }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The domain has more than one SPF record',
    message: ({ records }) =>
      `${counted(records.length, 'SPF record')} are published, so none of them counts (permerror).`,
    explanation: 'With two records receivers must treat SPF as broken; they do not pick one, nor combine them.',
    remediation: ({ correct }, { domain }) =>
      publish('Replace them all by one record. Merged, they read:', correct, domain),
    reference: 'RFC 7208 §3.2',
  }),
  'spf/near-miss': findingSpec<ToPublish & { name: string; text: string; cause: NearMissCause }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'A TXT record is meant as SPF but is not read as SPF',
    message: ({ name, text, cause }) => `"${text}" at ${name} is not an SPF record: ${NEAR_MISSES[cause]}.`,
    explanation:
      'Only a TXT record of the domain itself that starts with "v=spf1" and a space is SPF. Any other is ignored.',
    remediation: ({ correct, cause, name }, { domain }) =>
      publish(
        cause === 'wrong-name' ? `Publish it at ${domain} instead of ${name}.` : 'Replace that TXT record by this one.',
        correct,
        domain,
      ),
    reference: 'RFC 7208 §4.5',
  }),
  'spf/syntax-error': findingSpec<ToPublish & SyntaxProblem & { record: string }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record has an error',
    message: ({ term, offset, message }) => `"${term}" (at offset ${offset}): ${message}.`,
    explanation:
      'One bad term makes receivers discard the whole record (permerror), even when an earlier term matches.',
    remediation: ({ term, correct }, { domain }) =>
      publish(
        correct === null ? `Correct or remove "${term}".` : 'Publish the record without its errors.',
        correct,
        domain,
      ),
    reference: 'RFC 7208 §4.6, §12',
  }),
  'spf/string-join': findingSpec<
    ToPublish & { strings: readonly string[]; term: string; parts: readonly [string, string] }
  >({
    severity: 'warning',
    title: 'Two terms run together where the record is split into strings',
    message: ({ term, parts }) => `"${parts[0]}" and "${parts[1]}" are read as one term, "${term}".`,
    explanation:
      'The strings of a TXT record are joined without a space, so a string that ends in a term swallows the next.',
    remediation: ({ correct }, { domain }) =>
      publish('Put a space at the end of the first string, or enter the record as one piece.', correct, domain),
    reference: 'RFC 7208 §3.3',
  }),
  'spf/ip-not-authorized': findingSpec<Unauthorized>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record does not allow the address',
    message: ({ ip, result, matched }) => {
      const deciding = matched.at(-1);
      const by = deciding ? `by "${deciding.term}" of ${deciding.domain}` : 'since nothing in the record matches it';
      return `Mail from ${ip} ${NOT_PASS[result] ?? 'does not pass'} ${by} (SPF ${result}).`;
    },
    explanation:
      'Without an SPF pass, DMARC rests on DKIM alone, and many receivers refuse a fail outright (550 5.7.23) and file the rest as spam.',
    remediation: ({ ip, correct }, { domain }) =>
      publish(`Publish the record with ${ip} in it. This is the whole record, nothing else changes.`, correct, domain),
    reference: 'RFC 7208 §2.6, §8; RFC 7372',
  }),
  'spf/ipv6-not-authorized': findingSpec<Unauthorized & { name: string; tested: string }>({
    severity: 'warning',
    title: 'The host’s IPv6 address is not allowed by the SPF record',
    message: ({ tested, name, ip, result }) =>
      `${tested} is ${name}, which also has ${ip}; mail from there gives SPF ${result}.`,
    explanation:
      'A mail server with IPv6 uses it first wherever the receiver has it, so part of the mail will not pass.',
    remediation: ({ correct, ip }, { domain }) =>
      publish(`Publish the record with ip6:${ip}, or make the mail server send over IPv4 only.`, correct, domain),
    reference: 'RFC 7208 §5.6',
  }),
  'spf/too-many-lookups': findingSpec<LookupCount & { relief: Relief }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record needs more than 10 DNS lookups',
    message: ({ count, limit, isMinimum, tree }) =>
      `${isMinimum ? 'At least ' : ''}${count} lookups where ${limit} are allowed: ${costs(tree)}.`,
    explanation:
      'Past the tenth lookup receivers give up with permerror, and SPF fails for every sender that is not matched earlier in the record.',
    remediation: ({ count, limit, tree, relief }, { domain }) => {
      const replaced = relief.replacements.map(({ term, by, saves }) =>
        by.length === 0 ? `drop "${term}" (saves ${saves})` : `write "${term}" as ${by.join(' ')} (saves ${saves})`,
      );
      const [dearest] = [...tree.terms].sort((a, b) => b.cost - a.cost);
      const rest =
        relief.record === null && dearest
          ? ` Then remove the includes of services you no longer use, or move some senders to a subdomain with a record of its own; the most expensive is "${dearest.term}" with ${dearest.cost}.`
          : '';
      const first = replaced.length > 0 ? `: ${replaced.join('; ')}.` : '.';
      return publish(`Save at least ${counted(count - limit, 'lookup')}${first}${rest}`, relief.record, domain);
    },
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/near-lookup-limit': findingSpec<LookupCount>({
    severity: 'warning',
    title: 'The SPF record is close to the limit of 10 DNS lookups',
    message: ({ count, limit, tree }) => `${count} of ${limit} lookups are used: ${costs(tree)}.`,
    explanation:
      'A service you include can add an include of its own at any time, and then SPF breaks for all your mail.',
    remediation: () => ({
      summary:
        'Remove includes of services you no longer use, and write your own hosts as ip4: or ip6: instead of a or mx.',
    }),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/too-many-void-lookups': findingSpec<VoidNames>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'More than 2 terms of the SPF record lead to nothing',
    message: ({ names, count }) =>
      `${counted(count, 'term')} ask for names without records: ${names.map(({ target }) => target).join(', ')}.`,
    explanation: 'Receivers give up with permerror at the third name that does not exist.',
    remediation: ({ names, correct }, { domain }) => publish(`Remove ${listed(names, domain)}.`, correct, domain),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/void-lookup': findingSpec<VoidNames>({
    severity: 'warning',
    title: 'A term of the SPF record leads to nothing',
    message: ({ names }) =>
      `${names.map(({ term, target, rcode }) => `"${term}": ${target} has no such record (${rcode})`).join('; ')}.`,
    explanation: 'It authorises no one, costs a lookup, and at the third such term receivers discard the record.',
    remediation: ({ names, correct }, { domain }) =>
      publish(`Remove ${listed(names, domain)}, or create the missing record.`, correct, domain),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/too-many-mx': findingSpec<TermEvidence & { target: string; count: number; limit: number }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'An mx term leads to more than 10 mail hosts',
    message: ({ term, target, count, limit }) =>
      `"${term}": ${target} has ${count} MX records where ${limit} are allowed.`,
    explanation: 'Receivers end the check with permerror.',
    remediation: ({ term }) => ({
      summary: `Replace "${term}" by the ip4: and ip6: addresses of the hosts that send.`,
    }),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/ptr-mechanism': findingSpec<ToPublish & { terms: readonly TermEvidence[] }>({
    severity: 'warning',
    title: 'The SPF record relies on reverse names',
    message: ({ terms }) => `It uses ${terms.map(({ domain, term }) => `"${term}" (${domain})`).join(', ')}.`,
    explanation:
      '"ptr" and "%{p}" are slow and unreliable; the standard says not to use them, and some receivers skip them.',
    remediation: ({ terms, correct }, { domain }) =>
      publish(`Replace ${listed(terms, domain)} by the addresses that send.`, correct, domain),
    reference: 'RFC 7208 §5.5',
  }),
  'spf/include-broken': findingSpec<BrokenTarget>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record refers to one that cannot be used',
    message: ({ domain, term, target, reason, problems, registrable }) => {
      const [first] = problems;
      const detail = first ? ` ("${first.term}": ${first.message})` : '';
      const danger = registrable ? ' Anyone can register that domain and then send as you.' : '';
      return `"${term}" of ${domain}: ${target} ${BROKEN[reason]}${detail}.${danger}`;
    },
    explanation: 'Receivers that reach this term end the check with permerror, so no sender listed after it passes.',
    remediation: ({ domain: holder, term, target, correct }, { domain }) =>
      holder === domain
        ? publish(`Correct the name in "${term}", or remove it.`, correct, domain)
        : { summary: `Tell whoever runs ${holder} that its "${term}" is broken (${target}), or stop including it.` },
    reference: 'RFC 7208 §5.2, §6.1',
  }),
  'spf/loop': findingSpec<ToPublish & TermEvidence & { path: readonly string[] }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record includes itself',
    message: ({ path }) => `It leads back to itself: ${path.join(' → ')}.`,
    explanation: 'Receivers go round until the limit of 10 lookups and then end with permerror.',
    remediation: ({ domain: holder, term, correct }, { domain }) =>
      holder === domain
        ? publish(`Remove "${term}".`, correct, domain)
        : { summary: `Remove "${term}" from the record of ${holder}, or stop including it.` },
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/redirect-ignored': findingSpec<ToPublish & { terms: readonly string[] }>({
    severity: 'warning',
    title: 'Part of the SPF record is never evaluated',
    message: ({ terms }) => `"all" ends the record, so ${terms.map((term) => `"${term}"`).join(', ')} never counts.`,
    explanation: '"all" matches everything: terms after it are not reached, and a redirect beside it is ignored.',
    remediation: ({ correct }, { domain }) =>
      publish(
        'If these senders are meant to count, move their terms to the left of "all"; this record drops what is ignored and changes nothing.',
        correct,
        domain,
      ),
    reference: 'RFC 7208 §5.1, §6.1',
  }),
  'spf/no-all': findingSpec<ToPublish & { domain: string; record: string }>({
    severity: 'warning',
    title: 'The SPF record does not say what happens to other senders',
    message: ({ domain }) => `The record of ${domain} has neither "all" nor "redirect", so everyone else is neutral.`,
    explanation: 'Neutral is treated like no record at all: anyone may send as the domain without failing SPF.',
    remediation: ({ correct, domain: holder }) =>
      publish('End it with "~all", or with "-all" once all your mail passes.', correct, holder),
    reference: 'RFC 7208 §4.7',
  }),
  'spf/permits-everyone': findingSpec<
    ToPublish & { terms: readonly TermEvidence[]; ipv4Addresses: number; probes: readonly string[] }
  >({
    severity: 'error',
    title: 'The SPF record lets anyone send as the domain',
    message: ({ terms, ipv4Addresses, probes }) =>
      probes.length > 0
        ? `${probes.join(' and ')}, reserved for examples, pass by ${listed(terms, '')}.`
        : `${listed(terms, '')} ${terms.length === 1 ? 'allows' : 'allow'} ${ipv4Addresses.toLocaleString('en')} IPv4 addresses.`,
    explanation: 'Forged mail passes SPF, and with it DMARC. Receivers treat such domains as a source of spam.',
    remediation: ({ correct }, { domain }) =>
      publish('List the addresses that really send, and end the record with "-all".', correct, domain),
    reference: 'RFC 7208 §5.1, §11.4',
  }),
  'spf/range-too-wide': findingSpec<{
    term: string;
    ipv4Addresses: number | null;
    prefixLength: number;
    covers: readonly string[];
  }>({
    severity: 'warning',
    title: 'The SPF record allows a whole network',
    message: ({ term, ipv4Addresses }) =>
      ipv4Addresses === null
        ? `"${term}" allows a block that providers get, not customers.`
        : `"${term}" allows ${ipv4Addresses.toLocaleString('en')} addresses.`,
    explanation: 'Everyone with an address in that range can send mail that passes as yours.',
    remediation: ({ term, covers }) => ({
      summary: `Replace "${term}" by the addresses you use${covers.length > 0 ? `, among them ${covers.join(', ')}` : ''}.`,
    }),
    reference: 'RFC 7208 §11.4',
  }),
  'spf/all-neutral': findingSpec<ToPublish & { domain: string; record: string }>({
    severity: 'warning',
    title: 'The SPF record takes no position on other senders',
    message: ({ domain }) => `The record of ${domain} ends in "?all".`,
    explanation: 'Receivers must treat "?all" like no record at all.',
    remediation: ({ correct, domain: holder }) =>
      publish('Replace "?all" by "~all", or by "-all" once all your mail passes.', correct, holder),
    reference: 'RFC 7208 §8.2',
  }),
  'spf/all-softfail': findingSpec<{ domain: string; record: string }>({
    severity: 'info',
    title: 'Other senders get a softfail',
    message: ({ domain }) => `The record of ${domain} ends in "~all".`,
    explanation:
      'That is fine where DMARC is enforced (p=quarantine or reject). Without DMARC, forged mail is mostly let through.',
    remediation: () => ({ summary: 'Nothing to do with an enforcing DMARC policy; otherwise consider "-all".' }),
    reference: 'RFC 7208 §8.5; RFC 9989',
  }),
  'spf/not-public-range': findingSpec<{ term: string; range: string }>({
    severity: 'warning',
    title: 'The SPF record lists addresses that no mail comes from',
    message: ({ term, range }) => `"${term}" is ${range}.`,
    explanation: 'Receivers on the internet never see such an address as the sender, so the term authorises no one.',
    remediation: ({ term }) => ({ summary: `Remove "${term}", or put the public address of that host in its place.` }),
    reference: 'RFC 6890',
  }),
  'spf/record-too-long': findingSpec<{ octets: number; answerOctets: number; txtRecords: number }>({
    severity: 'warning',
    title: 'The SPF record does not fit a plain DNS answer',
    message: ({ octets, answerOctets, txtRecords }) =>
      `The record has ${octets} octets, the answer with ${counted(txtRecords, 'TXT record')} about ${answerOctets}; 450 and 512 are safe.`,
    explanation: 'A longer answer needs large UDP packets or TCP; where a firewall drops those, SPF ends in temperror.',
    remediation: () => ({
      summary:
        'Shorten the record, and delete TXT records of the domain that no service asks for any more (old verification tokens).',
    }),
    reference: 'RFC 7208 §3.4',
  }),
  'spf/dynamic-macro': findingSpec<{ terms: readonly TermEvidence[] }>({
    severity: 'info',
    title: 'Parts of the SPF record depend on the message',
    message: ({ terms }) =>
      `${terms.map(({ domain, term }) => `"${term}" (${domain})`).join(', ')} cannot be followed ahead.`,
    explanation: 'The lookups counted here are those that can be seen; what such a term leads to is not among them.',
    remediation: () => ({ summary: 'Nothing to do. Test with a real sender: mailcheck spf <ip> <sender>.' }),
    reference: 'RFC 7208 §7',
  }),
  'spf/inconclusive': inconclusiveSpec({
    title: 'SPF could not be checked to the end',
    explanation: 'Receivers meet the same failure and defer the mail with a temperror (451 4.4.3).',
    reference: 'RFC 7208 §8.6; RFC 7372',
    reasons: {
      'lookup-failed': reason<{ query: QueryEvidence; path: readonly string[] }>({
        says: ({ query, path }) =>
          `The ${query.type} lookup of ${query.name} failed: ${query.detail || query.rcode}${byWayOf(path)}.`,
        fix: ({ query }) => repairServers(query),
      }),
      'evaluation-lookup-failed': reason<{ query: QueryEvidence; path: readonly string[] }>({
        says: ({ query, path }) => `The ${query.type} lookup of ${query.name} failed (${query.rcode})${byWayOf(path)}.`,
        fix: ({ query }) => repairServers(query),
      }),
      'too-slow': reason<{ path: readonly string[] }>({
        says: ({ path }) => `The check takes longer than ${TIME_LIMIT_MS / 1000} seconds${byWayOf(path)}.`,
        fix: () => RUN_AGAIN,
      }),
      'record-changed': reason<{ name: string }>({
        says: ({ name }) => `The TXT records of ${name} changed while they were being read.`,
        fix: () => RUN_AGAIN,
      }),
    },
  }),
};
