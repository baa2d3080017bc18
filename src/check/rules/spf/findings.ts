import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { IpAddress, IpFamily } from '../../../network/ip.ts';
import { count as counted } from '../../../report/count.ts';
import {
  type CostTree,
  type Relief,
  type SpfResult,
  type SpfSlip,
  type SyntaxProblem,
  slipCause,
  TIME_LIMIT_MS,
} from '../../../standards/spf/index.ts';
import { textValue } from '../../../standards/zone-file/line.ts';
import { absence, contactServers } from '../dns-words.ts';
import { type Edit, editSpf } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { isOwnZone } from './ownership.ts';
import { BROKEN, type BrokenReason, byWayOf, causesIn, costs, listed, type TermEvidence } from './words.ts';

/** @returns the remediation by which the published record becomes the one that was meant. */
function correct(summary: string, domain: string): Fix {
  return { summary, edits: [editSpf(domain, { do: 'correct' })] };
}

/** @returns what the merged record does not take over, as sentences with a space before each. Empty if it has all. */
function lostInMerge(slips: readonly SpfSlip[]): string {
  const endings = slips.filter(({ kind }) => kind === 'merged-ending');
  const others = [...new Set(endings.map(({ saw }) => `"${saw}"`))].join(' and ');
  return [
    ...(endings[0] === undefined ? [] : [` It ends with "${endings[0].meant}" instead of ${others}.`]),
    // Whether the name of a redirect has a record is known only when the plan looks it up.
    ...(slips.some(({ kind }) => kind === 'redirect-beside-all')
      ? [' A "redirect" to a name without an SPF record is left out.']
      : []),
  ].join('');
}

/** What happens with terms of the own record that lead to nothing usable. */
export interface Replaceable {
  /** The edits of the own record that settle it. Empty where another owner has to act. */
  readonly edits: readonly Edit[];
}

export interface Unauthorized {
  readonly ip: string;
  readonly result: SpfResult;
  readonly record: string;
  readonly matched: readonly TermEvidence[];
  readonly lookups: number;
  /** All addresses that the record does not allow. */
  readonly ips: readonly IpAddress[];
}

export interface LookupCount {
  readonly count: number;
  readonly limit: number;
  /** Whether the walk left out branches, so that the true count may be higher. */
  readonly isMinimum: boolean;
  readonly tree: CostTree;
}

export interface BrokenTarget extends TermEvidence {
  readonly target: string;
  readonly path: readonly string[];
  readonly reason: BrokenReason;
  readonly problems: readonly SyntaxProblem[];
  /** Whether anyone can register the domain. */
  readonly registrable: boolean;
  /** The term without the zone that the editor appended to its name, or `null` when the name was not doubled. */
  readonly typed: string | null;
  /** The slips that make the term lead elsewhere than it was meant to. */
  readonly slips: readonly SpfSlip[];
}

/** A term whose lookup finds nothing. */
export interface VoidName extends TermEvidence {
  readonly target: string;
  readonly rcode: string;
  /** The IP version of the clients for which it finds nothing, or `null` for all clients. */
  readonly family: IpFamily | null;
  /** The terms to write instead, so that its senders go on passing. Empty if it has none, `null` if it stays. */
  readonly by: readonly string[] | null;
  /** Whether the term in `by` is the same, without the zone that was appended to its name. */
  readonly isDoubled: boolean;
}

export interface VoidNames {
  readonly names: readonly VoidName[];
  readonly count: number;
  readonly slips: readonly SpfSlip[];
}

const RUN_AGAIN = 'Run the check again, with a longer --timeout if the run was cut off.';

function misplacedWords(name: string): string {
  const half = name.slice(0, (name.length - 1) / 2);
  return name === `${half}.${half}`
    ? ': the zone editor appended the domain to the name'
    : ': it is published at the wrong name';
}

function voidWords({ term, target, rcode, by, isDoubled }: VoidName): string {
  const typed = isDoubled
    ? `, because the zone editor appended the zone to the name ("${by?.join(' ')}" was meant)`
    : '';
  return `"${term}": ${target} ${rcode === 'nxdomain' ? 'does not exist' : 'has no such record'}${typed}`;
}

const APPENDED = 'The zone editor appended the zone to the name';

/** @returns the fix of a term to whose name the zone was appended. */
function withoutZone(holder: string, term: string, typed: string): Fix {
  const because = 'the zone editor appended the zone to the name';
  return {
    summary: `Change "${term}" to "${typed}", then check how the zone editor shows the record.`,
    edits: [editSpf(holder, { do: 'replace', term, by: [typed], because })],
  };
}

/** @returns what to do about terms that lead to nothing: those of others are told, the own ones are replaced. */
function voidFix({ names, slips }: VoidNames, domain: string): Fix {
  const own = names.filter((name) => name.domain === domain);
  const others = [...new Set(names.filter((name) => name.domain !== domain).map((name) => name.domain))];
  const dead = own.filter(({ by }) => by?.length === 0);
  const doubled = own.filter(({ isDoubled }) => isDoubled);
  const turned = own.filter(
    ({ by, family, isDoubled }) => family === null && by !== null && by.length > 0 && !isDoubled,
  );
  const written = own.filter(({ by, family }) => family !== null && by !== null && by.length > 0);
  const parts = [
    ...(slips.length > 0 ? ['Publish the record with the corrected names.'] : []),
    ...(dead.length > 0 ? [`Remove ${listed(dead, domain)}, or create the missing record.`] : []),
    ...(written.length > 0
      ? [`Replace ${listed(written, domain)} with ip4: or ip6: addresses, so that the same senders still pass.`]
      : []),
    ...doubled.map(({ term, by }) => `Change "${term}" to "${by?.join(' ')}".`),
    ...turned.map(({ term, by }) => `Change "${term}" to "${by?.join(' ')}", so that the host passes.`),
    ...others.map((holder) => {
      const terms = listed(
        names.filter((name) => name.domain === holder),
        domain,
      );
      return isOwnZone(holder, domain)
        ? `Correct or remove ${terms}, or create the missing record.`
        : `Ask whoever runs ${holder} to correct ${terms}.`;
    }),
  ];
  const edits: Edit[] = [
    ...(slips.length > 0 ? [editSpf(domain, { do: 'correct' })] : []),
    ...dead.map(({ term, target }) =>
      editSpf(domain, { do: 'leave-out', terms: [term], because: `${target} has no such record` }),
    ),
    ...turned.map(({ term, target, by }) =>
      editSpf(domain, {
        do: 'replace',
        term,
        by: by ?? [],
        because: `${target} has no such record, and the new term finds the host`,
      }),
    ),
    ...doubled.flatMap(({ term, by }) => withoutZone(domain, term, by?.join(' ') ?? '').edits ?? []),
    ...written.map(({ term, target, by, family }) =>
      editSpf(domain, {
        do: 'replace',
        term,
        by: by ?? [],
        because: `${target} has no IPv${family} address, so its lookup finds nothing for IPv${family}`,
      }),
    ),
  ];
  const fallback = `Correct ${listed(names, domain)}, or replace it with the addresses that send.`;
  return { summary: parts.join(' ') || fallback, edits };
}

/** The record whose ending decides, and the own redirect that leads to it. */
export interface Ending {
  readonly domain: string;
  readonly record: string;
  /** The last own record before it and its `redirect`, or `null` where the record is in the own zone itself. */
  readonly redirect: TermEvidence | null;
}

/** @returns the edit of the own record. A record of others is included, so that the own ending counts. */
function endingFix({ domain: holder, redirect }: Ending, domain: string, summary: string): Fix {
  if (isOwnZone(holder, domain)) return { summary, edits: [editSpf(holder, { do: 'end', with: '~all' })] };
  if (redirect === null) return { summary: `Ask whoever runs ${holder} to end the record with "~all" or "-all".` };
  const include = `include:${redirect.term.slice(redirect.term.indexOf('=') + 1)}`;
  const because = `you cannot change the record of ${holder}, and the ending of an included record does not count`;
  return {
    summary: `Ask whoever runs ${holder} to end the record with "~all" or "-all". Or replace "${redirect.term}" with "${include}" and an ending of your own.`,
    edits: [editSpf(redirect.domain, { do: 'replace', term: redirect.term, by: [include, '~all'], because })],
  };
}

/** @returns where the records of an alias come from, as a sentence with a space before. Empty for other names. */
function aliasOf({ name, chain = [] }: QueryEvidence): string {
  const target = chain.at(-1);
  return target === undefined
    ? ''
    : ` ${name} is an alias (CNAME) of ${target}, so its TXT records are those of ${target}.`;
}

export const findings = {
  'spf/missing': findingSpec<{ query: QueryEvidence; otherTxt: readonly string[] }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The domain has no SPF record',
    message: ({ query, otherTxt }) =>
      query.rcode === 'noerror'
        ? `${query.name} has ${counted(otherTxt.length, 'TXT record')}, but no SPF record.${aliasOf(query)}`
        : `${query.name} ${absence(query)}, so it has no SPF record.${aliasOf(query)}`,
    explanation: 'Gmail and Yahoo reject mail from domains with neither SPF nor DKIM (Gmail: 550 5.7.26, 5.7.27).',
    remediation: (_, { domain, ips }) => ({
      summary: 'Publish an SPF record. Add the addresses of every other host that sends for the domain.',
      ...(ips.length > 0 ? { edits: [editSpf(domain, { do: 'authorise', ips })] } : {}),
    }),
    reference: 'RFC 7208 §4.5',
  }),
  'spf/multiple-records': findingSpec<{ records: readonly string[]; slips: readonly SpfSlip[] }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The domain has more than one SPF record',
    message: ({ records, slips }) =>
      `There are ${counted(records.length, 'SPF record')}, so receivers use none of them (permerror)${causesIn(slips)}.`,
    explanation: 'With two records, receivers must treat SPF as broken. They neither choose one nor combine them.',
    remediation: ({ records, slips }, { domain }) =>
      correct(
        `Replace the ${counted(records.length, 'SPF record')} of ${domain} with one that has the senders of all of them.${lostInMerge(slips)}`,
        domain,
      ),
    reference: 'RFC 7208 §3.2',
  }),
  'spf/near-miss': findingSpec<{
    name: string;
    text: string;
    slips: readonly SpfSlip[];
    unread: readonly string[];
    /** Whether it stands at a name that no receiver asks. */
    isMisplaced: boolean;
    /** The record to publish at the domain if it is misplaced. `null` where it is not plain what was meant. */
    misplaced: string | null;
  }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'A TXT record looks like SPF, but receivers ignore it',
    message: ({ name, text, slips, isMisplaced }) =>
      `Receivers do not read "${text}" at ${name} as SPF${isMisplaced ? misplacedWords(name) : causesIn(slips)}.`,
    explanation: 'Receivers read only a TXT record of the domain itself that starts with "v=spf1" and a space.',
    remediation: ({ name, isMisplaced, misplaced, unread }, { domain }) => {
      const pieces = unread.map((piece) => `"${piece}"`).join(', ');
      if (isMisplaced) {
        const summary = `Publish the record at ${domain}, and delete it at ${name} if nothing includes it.`;
        if (misplaced === null) return { summary: `${summary} The meaning of ${pieces} is not certain.` };
        const because = `takes over the record at ${name}`;
        const change = { do: 'values', add: [textValue(misplaced)], remove: [], because } as const;
        return { summary, edits: [{ record: 'TXT', name: domain, change }] };
      }
      return unread.length > 0
        ? correct(`Publish the corrected record. The meaning of ${pieces} is not certain.`, domain)
        : correct('Replace that TXT record with the corrected SPF record.', domain);
    },
    reference: 'RFC 7208 §4.5',
  }),
  'spf/syntax-error': findingSpec<SyntaxProblem & { record: string; slips: readonly SpfSlip[]; isClear: boolean }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record has an error',
    message: ({ term, offset, message, slips }) => {
      const causes = [...new Set(slips.map(slipCause))];
      const meant = slips.find((slip) => slip.meant !== '')?.meant;
      const seen = `"${term}" (at character ${offset + 1})`;
      if (causes.length === 0) return `${seen}: ${message}.`;
      return `${seen}: ${causes.join('; ')}${meant === undefined ? '' : `; "${meant}" was meant`}.`;
    },
    explanation: 'One bad term makes receivers discard the whole record (permerror), even if an earlier term matches.',
    remediation: ({ term, isClear }, { domain }) =>
      isClear
        ? correct('Publish the corrected record.', domain)
        : correct(`Correct "${term}", or remove it if no sender needs it.`, domain),
    reference: 'RFC 7208 §4.6, §12',
  }),
  'spf/string-join': findingSpec<{
    strings: readonly string[];
    term: string;
    parts: readonly [string, string];
    isClear: boolean;
  }>({
    severity: 'warning',
    title: 'Two terms run together where the record is split into strings',
    message: ({ term, parts }) => `"${parts[0]}" and "${parts[1]}" are read as one term, "${term}".`,
    explanation: 'Receivers join the strings of a TXT record without a space, so the terms on both sides become one.',
    remediation: ({ isClear }, { domain }) => {
      const summary = 'Put a space at the end of the first string, or enter the record as one piece.';
      return isClear ? correct(summary, domain) : { summary };
    },
    reference: 'RFC 7208 §3.3',
  }),
  'spf/ip-not-authorized': findingSpec<Unauthorized>({
    severity: 'error',
    causes: ['no-spf', 'spf-fail'],
    title: 'The SPF record does not authorise the address',
    message: ({ ip, result, matched }) => {
      const deciding = matched.at(-1);
      if (deciding === undefined) return `SPF does not authorise ${ip}: nothing in the record matches it (${result}).`;
      const only = /^[-~?]?all$/i.test(deciding.term) ? 'only ' : '';
      const place = matched.length > 1 ? ` of ${deciding.domain}` : '';
      return `SPF does not authorise ${ip}: it matches ${only}"${deciding.term}"${place} (${result}).`;
    },
    explanation:
      'Many receivers reject an SPF fail (550 5.7.23) and file a softfail in the spam folder. Without an SPF pass, DMARC depends on DKIM alone.',
    remediation: ({ ip, ips }, { domain }) => ({
      summary: `Add ${ip} to the SPF record.`,
      edits: [editSpf(domain, { do: 'authorise', ips })],
    }),
    reference: 'RFC 7208 §2.6, §8; RFC 7372',
  }),
  'spf/ipv6-not-authorized': findingSpec<Unauthorized & { name: string; tested: string }>({
    severity: 'warning',
    title: 'The SPF record does not authorise the host’s IPv6 address',
    message: ({ tested, name, ip, result }) =>
      `${name} (${tested}) also has the address ${ip}, which SPF does not authorise (${result}).`,
    explanation:
      'A mail server with IPv6 uses it first where the receiver has it too, so part of the mail will not pass SPF.',
    remediation: ({ ip, ips }, { domain }) => ({
      summary: `Add ip6:${ip} to the SPF record, or make the mail server send over IPv4 only.`,
      edits: [editSpf(domain, { do: 'authorise', ips })],
    }),
    reference: 'RFC 7208 §5.6',
  }),
  'spf/too-many-lookups': findingSpec<LookupCount & { relief: Relief }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record needs more than 10 DNS lookups',
    message: ({ count, limit, isMinimum, tree }) =>
      `The SPF record needs ${isMinimum ? 'at least ' : ''}${count} DNS lookups, and ${limit} are allowed: ${costs(tree)}.`,
    explanation: 'Receivers stop with permerror after ten lookups, so no sender that the record lists later passes.',
    remediation: ({ count, limit, tree, relief }, { domain }) => {
      const replaced = relief.replacements.map(({ term, by, saves }) =>
        by.length === 0
          ? `remove "${term}" (saves ${saves})`
          : `replace "${term}" with ${by.join(' ')} (saves ${saves})`,
      );
      const [dearest] = [...tree.terms].sort((a, b) => b.cost - a.cost);
      const rest =
        relief.record === null && dearest
          ? ` Then remove the includes of services you no longer use, or move some senders to a subdomain with its own record. The most expensive term is "${dearest.term}" (${dearest.cost}).`
          : '';
      const first = replaced.length > 0 ? `: ${replaced.join('; ')}.` : '.';
      return {
        summary: `Save at least ${counted(count - limit, 'lookup')}${first}${rest}`,
        edits: [editSpf(domain, { do: 'relieve' })],
      };
    },
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/near-lookup-limit': findingSpec<LookupCount>({
    severity: 'warning',
    title: 'The SPF record is close to the limit of 10 DNS lookups',
    message: ({ count, limit, tree }) =>
      `The SPF record uses ${count} of ${limit} allowed DNS lookups: ${costs(tree)}.`,
    explanation: 'A service that you include can add lookups at any time, and then SPF breaks for your mail.',
    remediation: () => ({
      summary:
        'Remove includes of services you no longer use, and list your own hosts by ip4: or ip6: instead of a or mx.',
    }),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/too-many-void-lookups': findingSpec<VoidNames>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'More than 2 terms of the SPF record find no record',
    message: ({ names, count }) => {
      const [family] = names.flatMap((name) => name.family ?? []);
      const targets = names.map(({ target }) => target).join(', ');
      const [type, other] = family === 6 ? ['AAAA', 4] : ['A', 6];
      return family === undefined
        ? `${counted(count, 'term')} look up names without records: ${targets}.`
        : `${counted(count, 'term')} find no ${type} record for senders with IPv${family}: ${targets}. Senders with IPv${other} are not affected.`;
    },
    explanation: 'Receivers stop with permerror at the third term that finds nothing.',
    remediation: (evidence, { domain }) => voidFix(evidence, domain),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/void-lookup': findingSpec<VoidNames>({
    severity: 'warning',
    title: 'A term of the SPF record finds no record',
    message: ({ names, slips }) => `${names.map(voidWords).join('; ')}${causesIn(slips)}.`,
    explanation:
      'Such a term authorises nobody and costs a lookup. At the third one, receivers discard the whole record.',
    remediation: (evidence, { domain }) => voidFix(evidence, domain),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/too-many-mx': findingSpec<TermEvidence & { target: string; count: number; limit: number }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'An mx term finds more than 10 MX records',
    message: ({ term, target, count, limit }) =>
      `"${term}": ${target} has ${count} MX records, and ${limit} are allowed.`,
    explanation: 'Receivers then stop with permerror.',
    remediation: ({ term }) => ({
      summary: `Replace "${term}" with the ip4: and ip6: addresses of the hosts that send.`,
    }),
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/ptr-mechanism': findingSpec<{ terms: readonly TermEvidence[] }>({
    severity: 'warning',
    title: 'The SPF record relies on PTR records',
    message: ({ terms }) =>
      `The SPF record uses ${terms.map(({ domain, term }) => `"${term}" (${domain})`).join(', ')}.`,
    explanation:
      '"ptr" and "%{p}" are slow and unreliable. The standard advises against them, and some receivers skip them.',
    remediation: ({ terms }, { domain, ips }) => {
      const own = terms.filter((term) => term.domain === domain).map(({ term }) => term);
      const because = 'it looks up PTR records; a host that passes only by it needs an ip4: or ip6: term';
      const summary = `Replace ${listed(terms, domain)} with the addresses that send.`;
      const [foreign] = terms.filter((term) => term.domain !== domain);
      if (foreign)
        return {
          summary: `Ask whoever runs ${foreign.domain} to replace ${listed(terms, domain)} with the addresses that send.`,
        };
      const change = { do: 'leave-out', terms: own, because } as const;
      return {
        summary,
        edits: [editSpf(domain, change), ...(ips.length > 0 ? [editSpf(domain, { do: 'authorise', ips })] : [])],
      };
    },
    reference: 'RFC 7208 §5.5',
  }),
  'spf/include-broken': findingSpec<BrokenTarget>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record refers to a record that cannot be used',
    message: ({ domain, term, target, reason, problems, registrable, typed, slips }) => {
      const [first] = problems;
      if (typed !== null)
        return `"${term}" of ${domain}: ${target} ${BROKEN[reason]}. ${APPENDED}: "${typed}" was meant.`;
      const detail = first ? ` ("${first.term}": ${first.message})` : '';
      const danger = registrable ? ' Anyone can register that domain and then send mail as you.' : '';
      return `"${term}" of ${domain}: ${target} ${BROKEN[reason]}${detail}${causesIn(slips)}.${danger}`;
    },
    explanation: 'Receivers that reach this term stop with permerror, so no sender listed after it passes.',
    remediation: ({ domain: holder, term, target, reason, typed, slips }, { domain }) => {
      if (slips.length > 0) return correct(`Correct "${term}".`, domain);
      if (typed !== null && isOwnZone(holder, domain)) return withoutZone(holder, term, typed);
      const hasRecord = reason === 'syntax' || reason === 'several-records';
      if (hasRecord && isOwnZone(target, domain)) return correct(`Correct the SPF record of ${target}.`, target);
      if (holder !== domain) {
        return {
          summary: `Tell whoever runs ${holder} that "${term}" in its record is broken (${target}), or stop including it.`,
        };
      }
      if (reason === 'not-a-name')
        return { summary: `Correct the name in "${term}", or remove the term if no sender needs it.` };
      const because = `${target} ${BROKEN[reason]}, which makes receivers stop with permerror`;
      const edits = [editSpf(domain, { do: 'leave-out', terms: [term], because })];
      return hasRecord
        ? {
            summary: `Tell whoever runs ${target}, and remove "${term}" until that record is fixed. Until then, list the addresses from which that service sends for you.`,
            edits,
          }
        : { summary: `Correct the name in "${term}", or remove it.`, edits };
    },
    reference: 'RFC 7208 §5.2, §6.1',
  }),
  'spf/loop': findingSpec<TermEvidence & { path: readonly string[] }>({
    severity: 'error',
    causes: ['no-spf'],
    title: 'The SPF record includes itself',
    message: ({ path }) => `The SPF record includes itself: ${path.join(' → ')}.`,
    explanation: 'Receivers follow the loop to the limit of 10 lookups and then stop with permerror.',
    remediation: ({ domain: holder, term }, { domain }) =>
      isOwnZone(holder, domain)
        ? {
            summary: `Remove "${term}" from the record of ${holder}.`,
            edits: [editSpf(holder, { do: 'leave-out', terms: [term], because: 'it includes the record itself' })],
          }
        : { summary: `Remove "${term}" from the record of ${holder}, or stop including it.` },
    reference: 'RFC 7208 §4.6.4',
  }),
  'spf/redirect-ignored': findingSpec<{ terms: readonly string[]; slips: readonly SpfSlip[] }>({
    severity: 'warning',
    title: 'Part of the SPF record is never evaluated',
    message: ({ terms, slips }) => {
      const counted = terms.map((term) => `"${term}"`).join(', ');
      return `${counted} never ${terms.length === 1 ? 'counts' : 'count'}${causesIn(slips)}.`;
    },
    explanation:
      'Receivers ignore terms after "all" and a redirect beside it. They also ignore unknown modifiers, or reject the record.',
    remediation: (_, { domain }) =>
      correct('Publish the corrected record, in which these senders count and which has only SPF terms.', domain),
    reference: 'RFC 7208 §5.1, §6, §6.1',
  }),
  'spf/no-all': findingSpec<Ending>({
    severity: 'warning',
    title: 'The SPF record does not say what happens to other senders',
    message: ({ domain }) =>
      `The record of ${domain} has neither "all" nor "redirect", so all other senders are neutral.`,
    explanation: 'Receivers treat neutral like no record at all, so anyone can send as the domain without failing SPF.',
    remediation: (evidence, { domain }) =>
      endingFix(evidence, domain, 'End the record with "~all", or with "-all" once all your mail passes.'),
    reference: 'RFC 7208 §4.7',
  }),
  'spf/permits-everyone': findingSpec<
    Replaceable & {
      terms: readonly TermEvidence[];
      ipv4Addresses: number;
      probes: readonly string[];
      /** The own terms that lead to an open record of others, each with the domain of that record. */
      others: readonly { readonly term: string; readonly holder: string }[];
    }
  >({
    severity: 'error',
    title: 'The SPF record lets anyone send as the domain',
    message: ({ terms, ipv4Addresses, probes }) =>
      probes.length > 0
        ? `Even ${probes.join(' and ')} pass, by ${listed(terms, '')}. These addresses are reserved for examples.`
        : `${listed(terms, '')} ${terms.length === 1 ? 'authorises' : 'authorise'} ${ipv4Addresses.toLocaleString('en')} IPv4 addresses.`,
    explanation: 'Forged mail passes SPF, and with it DMARC. Receivers treat such domains as a source of spam.',
    remediation: ({ edits, others }) => {
      if (others.length === 0) {
        return { summary: 'List the addresses that really send, and end the record with "-all".', edits };
      }
      const holders = [...new Set(others.map(({ holder }) => holder))].join(', ');
      const terms = others.map(({ term }) => `"${term}"`).join(', ');
      return {
        summary: `Remove ${terms}, and tell whoever runs ${holders} that the record lets everyone pass. List the addresses from which that service sends for you.`,
        edits,
      };
    },
    reference: 'RFC 7208 §5.1, §11.4',
  }),
  'spf/range-too-wide': findingSpec<{
    term: string;
    ipv4Addresses: number | null;
    prefixLength: number;
    covers: readonly string[];
  }>({
    severity: 'warning',
    title: 'The SPF record authorises a whole network',
    message: ({ term, ipv4Addresses }) =>
      ipv4Addresses === null
        ? `"${term}" authorises a block of the size that providers get, not customers.`
        : `"${term}" authorises ${ipv4Addresses.toLocaleString('en')} addresses.`,
    explanation: 'Everyone with an address in that range can send mail that passes SPF as yours.',
    remediation: ({ term, covers }) => ({
      summary: `Replace "${term}" with the addresses you use${covers.length > 0 ? `, including ${covers.join(', ')}` : ''}.`,
    }),
    reference: 'RFC 7208 §11.4',
  }),
  'spf/all-neutral': findingSpec<Ending>({
    severity: 'warning',
    title: 'The SPF record is neutral on other senders',
    message: ({ domain }) => `The record of ${domain} ends in "?all".`,
    explanation: 'Receivers must treat "?all" like no record at all.',
    remediation: (evidence, { domain }) =>
      endingFix(evidence, domain, 'Replace "?all" with "~all", or with "-all" once all your mail passes.'),
    reference: 'RFC 7208 §8.2',
  }),
  'spf/type99': findingSpec<{ domain: string; records: readonly string[]; differs: boolean }>({
    severity: 'info',
    title: 'A record of the old type SPF is published',
    message: ({ domain, records, differs }) =>
      `${domain} has ${records.length === 1 ? 'a record' : `${records.length} records`} of type SPF (99)${differs ? ', and not with the text of the TXT record' : ''}.`,
    explanation:
      'Receivers read the TXT record alone. The old type was given up in 2014, and its record goes out of date unseen.',
    remediation: ({ domain }) => ({
      summary: `Delete the record of type SPF at ${domain}. Keep the TXT record.`,
    }),
    reference: 'RFC 7208 §3.1',
  }),
  'spf/all-softfail': findingSpec<{ domain: string; record: string }>({
    severity: 'info',
    title: 'Other senders get a softfail',
    message: ({ domain }) => `The record of ${domain} ends in "~all".`,
    explanation:
      'This is fine with an enforcing DMARC policy (p=quarantine or reject). Without one, most forged mail is delivered.',
    remediation: () => ({ summary: 'Nothing to do if DMARC enforces a policy. Otherwise consider "-all".' }),
    reference: 'RFC 7208 §8.5; RFC 9989',
  }),
  'spf/not-public-range': findingSpec<{ term: string; range: string }>({
    severity: 'warning',
    title: 'The SPF record lists addresses that are not public',
    message: ({ term, range }) => `"${term}" is ${range}.`,
    explanation: 'Receivers on the internet never see such an address, so the term authorises nobody.',
    remediation: ({ term }) => ({ summary: `Remove "${term}", or replace it with the public address of that host.` }),
    reference: 'RFC 6890',
  }),
  'spf/record-too-long': findingSpec<{ octets: number; answerOctets: number; txtRecords: number }>({
    severity: 'warning',
    title: 'The SPF record is too long for a plain DNS answer',
    message: ({ octets, answerOctets, txtRecords }) =>
      `The SPF record has ${octets} octets (450 are safe). The answer with ${counted(txtRecords, 'TXT record')} has about ${answerOctets} (512 are safe).`,
    explanation:
      'A longer answer needs large UDP packets or TCP. Where a firewall drops those, SPF ends with temperror.',
    remediation: () => ({
      summary:
        'Shorten the record, and delete TXT records of the domain that no service needs any more, such as old verification tokens.',
    }),
    reference: 'RFC 7208 §3.4',
  }),
  'spf/dynamic-macro': findingSpec<{ terms: readonly TermEvidence[] }>({
    severity: 'info',
    title: 'Parts of the SPF record depend on the message',
    message: ({ terms }) =>
      `mailcheck did not follow ${terms.map(({ domain, term }) => `"${term}" (${domain})`).join(', ')}: the result depends on the message.`,
    explanation: 'The number of lookups does not include those behind such a term.',
    remediation: () => ({ summary: 'Nothing to do. Test with a real sender: mailcheck spf <ip> <sender>.' }),
    reference: 'RFC 7208 §7',
  }),
  'spf/inconclusive': inconclusiveSpec({
    title: 'The SPF check could not be completed',
    explanation: 'Receivers with the same failure defer the mail with a temperror (451 4.4.3).',
    reference: 'RFC 7208 §8.6; RFC 7372',
    reasons: {
      'lookup-failed': reason<{ query: QueryEvidence; path: readonly string[] }>({
        says: ({ query, path }) =>
          `The ${query.type} lookup of ${query.name} failed: ${query.detail || query.rcode}${byWayOf(path)}.`,
        fix: ({ query }) => contactServers(query),
      }),
      'evaluation-lookup-failed': reason<{ query: QueryEvidence; path: readonly string[] }>({
        says: ({ query, path }) => `The ${query.type} lookup of ${query.name} failed (${query.rcode})${byWayOf(path)}.`,
        fix: ({ query }) => contactServers(query),
      }),
      'too-slow': reason<{ path: readonly string[] }>({
        says: ({ path }) => `The check takes longer than ${TIME_LIMIT_MS / 1000} seconds${byWayOf(path)}.`,
        fix: () => RUN_AGAIN,
      }),
      'record-changed': reason<{ name: string }>({
        says: ({ name }) => `The TXT records of ${name} changed while they were being read.`,
        fix: () => 'Run the check again.',
      }),
    },
  }),
};
