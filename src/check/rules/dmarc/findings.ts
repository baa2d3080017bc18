import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { MisplacedRecord } from '../../../standards/dmarc/locations.ts';
import type { PolicyDefect } from '../../../standards/dmarc/policy.ts';
import type { Policy, RecordDefect } from '../../../standards/dmarc/record.ts';
import type { DmarcSlip } from '../../../standards/dmarc/slip.ts';
import { contactServers } from '../dns-words.ts';
import { type Edit, editDmarc } from '../edit.ts';
import { type Emit, findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { placeText } from '../own-place.ts';
import { clauses, shown } from '../quoted.ts';
import { changeOfOwn } from './own-record.ts';
import { reportFindings } from './report-findings.ts';
import { causesOf } from './slip-words.ts';
import { describeDefect } from './words.ts';

export interface RecordEvidence {
  /** The name of the record, `_dmarc.…`. */
  readonly name: string;
  readonly record: string;
  /** The target of the alias at that name, which has the record. `null` when the name is no alias. */
  readonly alias: string | null;
}

/** @returns the sentence that names an alias, behind a space. Empty when there is none. */
function aliasSentence(name: string, alias: string | null): string {
  return alias === null ? '' : ` ${name} is an alias (CNAME) of ${alias}, so its TXT records are those of ${alias}.`;
}

/** The result of one method of policy discovery. */
export interface MethodEvidence {
  readonly organizationalDomain: string;
  /** The policy that applies. `null` when there is no record. */
  readonly policy: Policy | null;
  /** The domain whose record applies. `null` when there is no record. */
  readonly from: string | null;
}

export interface Unanswered {
  readonly query: QueryEvidence;
}

const askAgain = ({ query }: Unanswered): string => contactServers(query);

/** @returns the policy that one method finds, in words. */
function policyWords({ policy }: MethodEvidence): string {
  return policy === null ? 'no policy' : `the policy ${policy}`;
}

/** Slips that the defects of a record name as well. */
const DEFECTS: ReadonlySet<DmarcSlip['kind']> = new Set(['duplicate', 'no-tag', 'bad-value']);

/** @returns the sentence with the causes of a fault, behind a space. Empty when none is known. */
function causeSentence(slips: readonly DmarcSlip[]): string {
  const causes = slips.filter(({ kind }) => !DEFECTS.has(kind));
  return causes.length === 0 ? '' : ` Cause: ${causesOf(causes)}.`;
}

/** @returns the edit that makes a domain the organizational domain by the tree walk. */
function markOrganization(name: string): Edit {
  const because = 'so that the tree walk stops at this domain';
  return editDmarc(name, { do: 'set', tags: { psd: 'n' }, because });
}

const SUBDOMAINS_TOO = 'so that subdomains are as protected as the domain';

function withoutTags(tags: Readonly<Record<string, Policy>>): Record<string, null> {
  return Object.fromEntries(Object.keys(tags).map((tag) => [tag, null]));
}

export const findings = {
  'dmarc/missing': findingSpec<{
    queries: readonly QueryEvidence[];
    otherTexts: readonly string[];
    alias: string | null;
    /** The name at which the record belongs: that of the organizational domain. */
    name: string;
    /** The address for reports. `null` if no domain of the owner takes mail. */
    reportsTo: string | null;
    /** Present if not all MX records could be looked up, so that a domain may take mail. */
    isRouteUnknown?: true;
  }>({
    // The rule makes it an error for a bulk sender.
    severity: 'warning',
    hides: true,
    causes: ['no-dmarc'],
    title: 'The domain has no DMARC record',
    message: ({ queries, otherTexts, alias }) => {
      const asked = queries[0]?.name ?? '';
      const none = otherTexts.length > 0 ? ' (the TXT record there is not a DMARC record)' : '';
      return `No DMARC record was found at ${asked} or at a parent domain${none}.${aliasSentence(asked, alias)}`;
    },
    explanation:
      'Gmail, Yahoo, Apple and Outlook require a DMARC record from bulk senders (Gmail: 4.7.31, 5.7.40; Outlook: 5.7.515), so with --volume bulk this is an error. Without one, anyone can use the domain in From.',
    remediation: ({ name, reportsTo, isRouteUnknown, alias }) => {
      const text = ['v=DMARC1', 'p=none', ...(reportsTo === null ? [] : [`rua=mailto:${reportsTo}`])].join('; ');
      const place = alias === null ? `at ${name}` : `at ${name} instead of the CNAME record`;
      return {
        summary:
          reportsTo === null
            ? isRouteUnknown
              ? `Publish a DMARC record ${place}. Add rua with a mailbox that you or a report service read.`
              : `Publish a DMARC record ${place}. The domain accepts no mail, so add rua with a mailbox at another domain, such as a report service.`
            : `Publish a DMARC record ${place}. Create the mailbox ${reportsTo} first, or put one that you read in rua. After some weeks of good reports, tighten p to quarantine and later to reject.`,
        edits: [editDmarc(name, { do: 'publish', text })],
      };
    },
    reference: 'RFC 9989 §5.1',
  }),
  'dmarc/multiple-records': findingSpec<{ name: string; records: readonly string[]; alias: string | null }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'There are several DMARC records',
    message: ({ name, records, alias }) =>
      `${name} has ${records.length} DMARC records, so receivers use none of them.${aliasSentence(name, alias)}`,
    explanation: 'Receivers discard all of them, so no policy applies.',
    remediation: ({ name, alias }, target) => ({
      summary: `Keep one record at ${name} with the strictest policy and all report addresses, and delete the others.`,
      edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
    }),
    reference: 'RFC 9989 §4.10',
  }),
  'dmarc/near-miss': findingSpec<{
    name: string;
    text: string;
    slips: readonly DmarcSlip[];
    /** The pieces that cannot be read, so that no record is proposed. */
    unread: readonly string[];
    alias: string | null;
  }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'A TXT record looks like DMARC, but receivers ignore it',
    message: ({ name, text, slips, unread, alias }) => {
      const causes = [causesOf(slips), ...(unread.length > 0 ? [`${shown(unread[0] ?? '')} cannot be read`] : [])];
      const why = causes.filter((cause) => cause !== '').join('; ') || 'it does not start with v=DMARC1';
      return `Receivers do not read ${shown(text)} at ${name} as DMARC: ${why}.${aliasSentence(name, alias)}`;
    },
    explanation: 'Receivers read only a record that starts with exactly "v=DMARC1" and a semicolon.',
    remediation: ({ name, alias }, target) => ({
      summary: `Correct the record at ${name}. It must start with exactly v=DMARC1; and continue with tag=value pairs, separated by semicolons.`,
      edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
    }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/cname-beside': findingSpec<{ name: string; target: string; here: string; there: string | null }>({
    severity: 'warning',
    title: 'A CNAME exists beside the DMARC record',
    message: ({ name, target, here, there }) =>
      `${name} has the TXT record ${shown(here)} and also a CNAME to ${target}, which has ${there === null ? 'no DMARC record' : shown(there)}.`,
    explanation:
      'No other record may exist beside a CNAME. Some resolvers follow it and others do not, so receivers see different policies.',
    remediation: ({ name, target }) => ({
      summary: `Delete the CNAME at ${name} to keep the TXT record, or delete the TXT record to use the one at ${target}.`,
    }),
    reference: 'RFC 1034 §3.6.2',
  }),
  'dmarc/wrong-location': findingSpec<MisplacedRecord & { rightName: string }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'The DMARC record is in the wrong place',
    message: ({ name, rightName }) =>
      `The DMARC record is at ${name}, where no receiver looks. It belongs at ${rightName}.`,
    explanation: 'Receivers look for the TXT record at _dmarc below the domain and nowhere else.',
    remediation: ({ name, text, rightName }) => ({
      summary: `Move the record from ${name} to ${rightName}. If your zone editor appends the domain itself, type only _dmarc.`,
      edits: [editDmarc(rightName, { do: 'publish', text, moves: name })],
    }),
    reference: 'RFC 9989 §4.10',
  }),
  'dmarc/policy-invalid': findingSpec<
    RecordEvidence & PolicyDefect & { hasReportUri: boolean; slips: readonly DmarcSlip[] }
  >({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'The DMARC policy is missing or not valid',
    message: ({ name, alias, tag, value, hasReportUri, slips }) =>
      `${placeText({ name, alias })}: ${value === null ? `${tag}= is missing` : `${tag}=${shown(value)} is not a policy`}, so receivers act ${hasReportUri ? 'as if it were p=none' : 'as if there were no DMARC record'}.${causeSentence(slips)}`,
    explanation:
      'One invalid policy tag makes receivers ignore the whole record. They only send reports, if rua asks for them.',
    remediation: ({ name, alias }, target) => ({
      summary: `Correct the policy in the record at ${name}: none, quarantine or reject.`,
      edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
    }),
    reference: 'RFC 9989 §4.10.1',
  }),
  'dmarc/syntax-error': findingSpec<
    RecordEvidence & { defects: readonly RecordDefect[]; count: number; slips: readonly DmarcSlip[] }
  >({
    severity: 'warning',
    causes: ['no-dmarc'],
    title: 'The DMARC record has syntax errors',
    message: ({ name, alias, defects, count, slips }) =>
      `${placeText({ name, alias })}: ${clauses(defects.map(describeDefect), count)}.${causeSentence(slips)}`,
    explanation: 'Receivers use the default of such a tag, and some ignore the whole record.',
    remediation: ({ name, alias }, target) => ({
      summary: `Correct the record at ${name}: tag=value pairs, each tag once, separated by semicolons.`,
      edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
    }),
    reference: 'RFC 9989 §4.8',
  }),
  'dmarc/policy-none': findingSpec<
    RecordEvidence & { policy: Policy; tag: string | null; testing: boolean; meant: Policy }
  >({
    severity: 'warning',
    title: 'DMARC is in monitoring mode',
    message: ({ name, alias, tag, testing, policy }) =>
      testing && policy !== 'none'
        ? `DMARC is in monitoring mode (p=${policy} with t=y at ${placeText({ name, alias })}): forged mail is still delivered.`
        : `DMARC is in monitoring mode (${tag === null ? 'no valid p=' : `${tag}=none`} at ${placeText({ name, alias })}): forged mail is still delivered.`,
    explanation: 'Monitoring is fine while you collect reports, but it does not stop forgery.',
    remediation: ({ name, alias, meant }, target) =>
      meant === 'none'
        ? {
            summary:
              'When the reports show that all your mail passes, tighten the policy to quarantine and later to reject.',
            edits: changeOfOwn(target, { name, alias }, { do: 'tighten-later' }),
          }
        : {
            summary: `Correct the record at ${name}, so that receivers apply the policy ${meant}.`,
            edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
          },
    reference: 'RFC 9989 §5.1',
  }),
  'dmarc/testing': findingSpec<RecordEvidence & { policy: Policy; effective: Policy }>({
    severity: 'warning',
    title: 'The DMARC policy is marked as a test',
    message: ({ name, alias, policy, effective }) =>
      policy === effective
        ? `${placeText({ name, alias })} has t=y, which has no effect with the policy ${policy}.`
        : `${placeText({ name, alias })} has t=y, so receivers apply ${effective} instead of ${policy}. Older receivers do not know the tag and apply ${policy}.`,
    explanation: 'With t=y, receivers apply a policy one step weaker than the published one.',
    remediation: ({ name, alias }, target) => ({
      summary: 'Remove t=y when the reports show that all your mail passes.',
      edits: changeOfOwn(target, { name, alias }, { do: 'tighten-later' }),
    }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/subdomain-weaker': findingSpec<
    RecordEvidence & { p: Policy; weaker: Readonly<Record<string, Policy>>; isInForce: boolean }
  >({
    severity: 'warning',
    title: 'Subdomains are less protected than the domain',
    message: ({ name, alias, p, weaker }) =>
      `${placeText({ name, alias })} has p=${p}, but ${Object.entries(weaker)
        .map(([tag, policy]) => `${tag}=${policy}`)
        .join(' and ')} for subdomains.`,
    explanation: 'Where the domain itself is protected, forgers use its subdomains, even those that do not exist.',
    remediation: ({ name, alias, weaker, isInForce }, target) => ({
      summary: `Remove sp and np from the record at ${name}, so that p applies to subdomains too. Or make them as strict as p.`,
      // A subdomain that sends mail under the weaker policy needs its reports read first.
      edits: changeOfOwn(
        target,
        { name, alias },
        isInForce ? { do: 'tighten-later' } : { do: 'set', tags: withoutTags(weaker), because: SUBDOMAINS_TOO },
      ),
    }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/pct': findingSpec<RecordEvidence & { pct: number }>({
    severity: 'warning',
    title: 'The DMARC record has the removed tag pct',
    message: ({ name, alias, pct }) =>
      `${placeText({ name, alias })} has pct=${pct}. Newer receivers ignore it, and older ones apply the policy to ${pct}% of the mail.`,
    explanation: 'RFC 9989 removed the tag, so newer receivers apply the policy to all mail and older ones to a part.',
    remediation: ({ name, alias }, target) => ({
      summary: 'Remove pct. To test a policy, use t=y: receivers then apply one step less.',
      edits: changeOfOwn(
        target,
        { name, alias },
        { do: 'set', tags: { pct: null }, because: 'which newer receivers ignore' },
      ),
    }),
    reference: 'RFC 9989 App. A.6',
  }),
  'dmarc/historic-tag': findingSpec<RecordEvidence & { tags: readonly string[]; sizeLimits: readonly string[] }>({
    severity: 'info',
    title: 'The DMARC record has parts that no longer exist',
    message: ({ name, alias, tags, sizeLimits }) =>
      `${placeText({ name, alias })} has ${[...tags.map((tag) => `${tag}=`), ...sizeLimits.map((uri) => `a size limit in ${shown(uri)}`)].join(', ')}, which newer receivers ignore.`,
    explanation: 'RFC 9989 removed rf, ri and the !size suffix. They do no harm.',
    remediation: ({ name, alias }, target) => ({
      summary: `Remove them from the record at ${name}.`,
      edits: changeOfOwn(
        target,
        { name, alias },
        {
          do: 'set',
          tags: { rf: null, ri: null },
          because: 'which DMARC no longer has',
        },
      ),
    }),
    reference: 'RFC 9989 App. C, RFC 9990',
  }),
  'dmarc/unknown-tag': findingSpec<RecordEvidence & { tags: readonly { tag: string; suggestion: string | null }[] }>({
    severity: 'info',
    title: 'The DMARC record has unknown tags',
    message: ({ name, alias, tags }) =>
      `${placeText({ name, alias })} has the unknown ${tags.length === 1 ? 'tag' : 'tags'} ${tags
        .slice(0, 5)
        .map(({ tag, suggestion }) => `${shown(tag)}${suggestion ? ` (${suggestion}?)` : ''}`)
        .join(', ')}, which receivers ignore.`,
    explanation: 'Receivers ignore a mistyped tag, so it has no effect.',
    remediation: ({ name, alias }, target) => ({
      summary: `Correct or remove the tag in the record at ${name}.`,
      edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
    }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/psd-misuse': findingSpec<RecordEvidence & { domain: string }>({
    severity: 'error',
    title: 'The DMARC record calls the domain a public suffix',
    message: ({ name, alias, domain }) =>
      `${placeText({ name, alias })} has psd=y, but ${domain} is not a public suffix.`,
    explanation:
      'psd=y is for registries. It makes every subdomain a separate organization, so its mail no longer aligns with the domain.',
    remediation: ({ name, alias, domain }, target) => ({
      summary: `Remove psd=y, or use psd=n if ${domain} should be the organizational domain.`,
      edits: changeOfOwn(
        target,
        { name, alias },
        {
          do: 'set',
          tags: { psd: null },
          because: `because ${domain} is not a public suffix`,
        },
      ),
    }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/discovery-divergence': findingSpec<{
    treeWalk: MethodEvidence;
    suffixList: MethodEvidence;
    /** The record that needs psd=n. */
    fix: { name: string } | null;
  }>({
    severity: 'warning',
    title: 'Older and newer receivers find different DMARC policies or organizations',
    message: ({ treeWalk, suffixList }) =>
      `Newer receivers (RFC 9989) find the organizational domain ${treeWalk.organizationalDomain} with ${policyWords(treeWalk)}. Older ones (RFC 7489) find ${suffixList.organizationalDomain} with ${policyWords(suffixList)}.`,
    explanation:
      'Newer receivers walk up the DNS tree, and older ones use the public suffix list. The same mail may pass at one and be rejected at the other.',
    remediation: ({ fix, suffixList }, { domain }) =>
      fix
        ? {
            summary: `Add psd=n to the record at ${fix.name}, so that all receivers find the same.`,
            edits: [markOrganization(fix.name)],
          }
        : {
            summary: `Publish a record at _dmarc.${suffixList.organizationalDomain}, and use psd=n only for a separate organization. Mail that signs and sends as ${domain} itself passes at all receivers.`,
          },
    reference: 'RFC 9989 §4.10, App. C.3',
  }),
  'dmarc/inherited': findingSpec<{ from: string; tag: string | null; policy: Policy }>({
    severity: 'info',
    title: 'The DMARC policy comes from a parent domain',
    message: ({ from, tag, policy }) => `The policy is ${policy}, inherited from ${tag ?? 'p'}= at _dmarc.${from}.`,
    explanation: 'A subdomain without its own record inherits the policy of its organizational domain.',
    remediation: (_, { domain }) => ({
      summary: `Nothing to do, unless ${domain} needs its own policy. In that case publish a record at _dmarc.${domain}.`,
    }),
    reference: 'RFC 9989 §4.10.1',
  }),
  'dmarc/enforce-without-dkim': findingSpec<{
    policy: Policy;
    effective: Policy;
    /** `false` if the policy is in force only once the record is corrected. */
    isInForce: boolean;
    from: string;
    selectors: readonly string[];
    dkim: 'none-exist' | 'none-usable';
    /** The SPF result of each tested address, with the domain in MAIL FROM. */
    spf: readonly { readonly ip: string; readonly result: string }[];
  }>({
    severity: 'error',
    // A key fixes it, before the record is changed.
    step: 'signing-keys',
    title: 'DMARC is enforced without a usable DKIM key',
    message: ({ effective, isInForce, dkim, selectors, spf }) => {
      const key =
        dkim === 'none-exist'
          ? 'the domain has no DKIM key'
          : `no usable DKIM key was found at the selector${selectors.length === 1 ? '' : 's'} ${selectors.join(', ')}`;
      const failing = spf.filter(({ result }) => result !== 'pass').map(({ ip, result }) => `${result} for ${ip}`);
      const enforced = `DMARC tells receivers to ${effective} mail that fails`;
      const when = isInForce ? enforced : `Once the record is corrected, ${enforced}`;
      return `${when}, but ${key}${failing.length > 0 ? `, and SPF gives ${failing.join(', ')}` : ''}.`;
    },
    explanation:
      'Without a DKIM signature, only SPF can pass, and forwarding breaks SPF. So forwarded mail is rejected or filed as spam.',
    remediation: (_, { domain }) => ({
      summary: `Sign with a DKIM key of ${domain} (see the dkim findings), or set p=none until you do.`,
    }),
    reference: 'RFC 9989 §5.1, §7',
  }),
  'dmarc/alignment-strict': findingSpec<
    RecordEvidence & { adkim: string; aspf: string; identities: readonly string[] }
  >({
    severity: 'info',
    title: 'DMARC alignment is strict',
    message: ({ name, adkim, aspf, identities }) =>
      `${name} requires strict alignment (${[adkim === 'strict' ? 'adkim=s' : '', aspf === 'strict' ? 'aspf=s' : ''].filter(Boolean).join(', ')}): only ${identities.join(', ')} itself aligns, not its subdomains.`,
    explanation: 'With strict alignment, mail that is signed or sent as a subdomain or parent domain fails DMARC.',
    remediation: () => ({
      summary:
        'Nothing to do if all mail uses exactly this domain in d= and MAIL FROM. Otherwise remove adkim=s and aspf=s from the record.',
    }),
    reference: 'RFC 9989 §4.4',
  }),
  'dmarc/inconclusive': inconclusiveSpec({
    title: 'DMARC could not be checked',
    explanation: 'A receiver whose lookup fails as well may defer the message or handle it without DMARC.',
    reference: 'RFC 9989 §4.10',
    reasons: {
      'record-lookup-failed': reason<Unanswered>({
        says: ({ query }) => `The DMARC record at ${query.name} could not be looked up (${query.rcode}).`,
        fix: askAgain,
      }),
      'existence-lookup-failed': reason<Unanswered>({
        says: ({ query }) =>
          `The lookup of ${query.name} failed (${query.rcode}), so it is unknown whether sp= or np= applies.`,
        fix: askAgain,
      }),
      'authorisation-lookup-failed': reason<Unanswered & { host: string; policyDomain: string }>({
        says: ({ host, policyDomain, query }) =>
          `The lookup of ${query.name} failed (${query.rcode}), so it is unknown whether ${host} accepts reports for ${policyDomain}.`,
        fix: askAgain,
      }),
      'mail-route-lookup-failed': reason<Unanswered & { host: string }>({
        says: ({ host, query }) =>
          `The ${query.type} lookup of ${query.name} failed (${query.rcode}), so it is unknown whether ${host} can receive reports.`,
        fix: askAgain,
      }),
    },
  }),
  ...reportFindings,
} as const;

export type Emitter = Emit<typeof findings>;
