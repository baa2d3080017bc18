import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { MisplacedRecord } from '../../../standards/dmarc/locations.ts';
import type { PolicyDefect } from '../../../standards/dmarc/policy.ts';
import type { Policy, RecordDefect } from '../../../standards/dmarc/record.ts';
import type { DmarcSlip } from '../../../standards/dmarc/slip.ts';
import { type Edit, editDmarc } from '../edit.ts';
import { type Emit, findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { changeOfOwn, placeOf } from './own-record.ts';
import { reportFindings } from './report-findings.ts';
import { causesOf } from './slip-words.ts';
import { describeDefect, shown } from './words.ts';

export interface RecordEvidence {
  /** The name of the record, `_dmarc.…`. */
  readonly name: string;
  readonly record: string;
  /** The target of the alias at that name, where the record stands. `null` when the name is no alias. */
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

const repairServers = ({ query }: Unanswered): string =>
  `Repeat the check; if it stays, repair the name servers that answer for ${query.name} or ask another resolver with --dns.`;

/** Slips that the defects of a record name as well. */
const DEFECTS: ReadonlySet<DmarcSlip['kind']> = new Set(['duplicate', 'no-tag', 'bad-value']);

/** @returns the sentence with the causes of a fault, behind a space. Empty when none is known. */
function causeSentence(slips: readonly DmarcSlip[]): string {
  const causes = slips.filter(({ kind }) => !DEFECTS.has(kind));
  return causes.length === 0 ? '' : ` The cause: ${causesOf(causes)}.`;
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
  }>({
    // The rule makes it an error for a bulk sender.
    severity: 'warning',
    hides: true,
    causes: ['no-dmarc'],
    title: 'The domain has no DMARC record',
    message: ({ queries, otherTexts, alias }) => {
      const asked = queries[0]?.name ?? '';
      const none = otherTexts.length > 0 ? '; the TXT record there is none' : '';
      return `No DMARC record was found at ${asked} or above it${none}.${aliasSentence(asked, alias)}`;
    },
    explanation:
      'Gmail, Yahoo, Apple and Outlook require a DMARC record from bulk senders (Gmail: 4.7.31, 5.7.40; Outlook: 5.7.515), so with --volume bulk this is an error. Without a record, anybody can use the domain in From.',
    remediation: ({ name, reportsTo, alias }) => {
      const text = ['v=DMARC1', 'p=none', ...(reportsTo === null ? [] : [`rua=mailto:${reportsTo}`])].join('; ');
      const place = alias === null ? `at ${name}` : `at ${name}, in place of the CNAME record`;
      return {
        summary:
          reportsTo === null
            ? `Publish a DMARC record ${place}. It asks for no reports, because the domain takes no mail: add rua with a mailbox elsewhere, such as that of a report service.`
            : `Publish a DMARC record ${place}, with a mailbox in rua that is read. Read the reports for some weeks, then tighten p to quarantine and later to reject.`,
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
      `${name} has ${records.length} DMARC records, which count as none.${aliasSentence(name, alias)}`,
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
    title: 'A record meant as DMARC is not recognised',
    message: ({ name, text, slips, unread, alias }) => {
      const causes = [causesOf(slips), ...(unread.length > 0 ? [`${shown(unread[0] ?? '')} cannot be read`] : [])];
      const why = causes.filter((cause) => cause !== '').join('; ') || 'it does not start with v=DMARC1';
      return `${name} has ${shown(text)}, which receivers do not take for a DMARC record: ${why}.${aliasSentence(name, alias)}`;
    },
    explanation: 'A record counts only if it starts with exactly "v=DMARC1" and a semicolon; else the domain has none.',
    remediation: ({ name, alias }, target) => ({
      summary: `Correct the record at ${name}: it must start with exactly v=DMARC1; and have tag=value pairs behind it, separated by semicolons.`,
      edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
    }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/cname-beside': findingSpec<{ name: string; target: string; here: string; there: string | null }>({
    severity: 'warning',
    title: 'A CNAME stands beside the DMARC record',
    message: ({ name, target, here, there }) =>
      `${name} has the TXT record ${shown(here)} and also a CNAME to ${target}, which has ${there === null ? 'no DMARC record' : shown(there)}.`,
    explanation:
      'Nothing may stand beside a CNAME. Some resolvers follow it and others do not, so that receivers see different policies.',
    remediation: ({ name, target }) => ({
      summary: `Decide which of the two is meant: delete the CNAME at ${name} to keep the TXT record, or delete the TXT record to use the one at ${target}.`,
    }),
    reference: 'RFC 1034 §3.6.2',
  }),
  'dmarc/wrong-location': findingSpec<MisplacedRecord & { rightName: string }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'The DMARC record stands in the wrong place',
    message: ({ name, rightName }) =>
      `A DMARC record stands at ${name}, where no receiver looks; it belongs at ${rightName}.`,
    explanation: 'Receivers ask for the TXT record at _dmarc below the domain and nowhere else.',
    remediation: ({ name, text, rightName }) => ({
      summary: `Move the record from ${name} to ${rightName}. Many zone editors append the domain themselves: then type only _dmarc.`,
      edits: [editDmarc(rightName, { do: 'publish', text, moves: name })],
    }),
    reference: 'RFC 9989 §4.10',
  }),
  'dmarc/policy-invalid': findingSpec<
    RecordEvidence & PolicyDefect & { hasReportUri: boolean; slips: readonly DmarcSlip[] }
  >({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'The policy is missing or not valid',
    message: ({ name, alias, tag, value, hasReportUri, slips }) =>
      `${placeOf({ name, alias })}: ${value === null ? `${tag}= is missing` : `${tag}=${shown(value)} is no policy`}, so receivers act ${hasReportUri ? 'as if it were p=none' : 'as if there were no DMARC record'}.${causeSentence(slips)}`,
    explanation:
      'One bad policy tag takes the whole record out of force; only reports are still sent, where rua asks for them.',
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
    title: 'The record has syntax errors',
    message: ({ name, alias, defects, count, slips }) =>
      `${placeOf({ name, alias })}: ${defects.slice(0, 3).map(describeDefect).join('; ')}${count > 3 ? `; and ${count - 3} more` : ''}.${causeSentence(slips)}`,
    explanation: 'Receivers fall back to the default of such a tag, and some ignore the whole record.',
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
    title: 'The policy asks for nothing',
    message: ({ name, alias, tag, testing, policy }) =>
      testing && policy !== 'none'
        ? `The policy in force is none: ${placeOf({ name, alias })} has p=${policy} with t=y.`
        : `The policy in force is none (${tag ?? 'p'}= at ${placeOf({ name, alias })}): receivers deliver forged mail as before.`,
    explanation: 'none is right while reports are read; until it is tightened, DMARC protects nobody.',
    remediation: ({ name, alias, meant }, target) =>
      meant === 'none'
        ? {
            summary:
              'When the reports show that all your mail passes, tighten the policy to quarantine, later to reject.',
            edits: changeOfOwn(target, { name, alias }, { do: 'tighten-later' }),
          }
        : {
            summary: `Correct the record at ${name}, so that receivers act on ${meant}.`,
            edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
          },
    reference: 'RFC 9989 §5.1',
  }),
  'dmarc/testing': findingSpec<RecordEvidence & { policy: Policy; effective: Policy }>({
    severity: 'warning',
    title: 'The policy is marked as a test',
    message: ({ name, alias, policy, effective }) =>
      policy === effective
        ? `${placeOf({ name, alias })} has t=y, which changes nothing with the policy ${policy}.`
        : `${placeOf({ name, alias })} has t=y: receivers act on ${effective} instead of ${policy}. Older receivers do not know the tag and act on ${policy}.`,
    explanation: 'With t=y the policy in force is one step weaker than the one published.',
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
      `${placeOf({ name, alias })} has p=${p}, but ${Object.entries(weaker)
        .map(([tag, policy]) => `${tag}=${policy}`)
        .join(' and ')} for subdomains.`,
    explanation: 'Forgers use a subdomain, existing or not, where the domain itself is protected.',
    remediation: ({ name, alias, weaker, isInForce }, target) => ({
      summary: `Leave sp and np out of the record at ${name}, so that p counts for subdomains too, or make them as strict as p.`,
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
    title: 'The record has the removed tag pct',
    message: ({ name, alias, pct }) =>
      `${placeOf({ name, alias })} has pct=${pct}: newer receivers ignore it, older ones apply the policy to ${pct} %.`,
    explanation: 'RFC 9989 removed the tag: the same record means the full policy here and a sample there.',
    remediation: ({ name, alias }, target) => ({
      summary: 'Remove pct. To try a policy out, use t=y, which asks for one step less.',
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
    title: 'The record has parts that were removed from DMARC',
    message: ({ name, alias, tags, sizeLimits }) =>
      `${placeOf({ name, alias })} has ${[...tags.map((tag) => `${tag}=`), ...sizeLimits.map((uri) => `a size limit in ${shown(uri)}`)].join(', ')}, which newer receivers ignore.`,
    explanation: 'rf, ri and the !size suffix were removed in RFC 9989; they do no harm.',
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
    title: 'The record has tags that DMARC does not know',
    message: ({ name, alias, tags }) =>
      `${placeOf({ name, alias })} has ${tags
        .slice(0, 5)
        .map(({ tag, suggestion }) => `${shown(tag)}${suggestion ? ` (${suggestion}?)` : ''}`)
        .join(', ')}: receivers ignore ${tags.length === 1 ? 'it' : 'them'}.`,
    explanation: 'A mistyped tag is ignored, so what it was meant to say does not count.',
    remediation: ({ name, alias }, target) => ({
      summary: `Correct or remove the tag in the record at ${name}.`,
      edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
    }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/psd-misuse': findingSpec<RecordEvidence & { domain: string }>({
    severity: 'error',
    title: 'The domain calls itself a public suffix',
    message: ({ name, alias, domain }) =>
      `${placeOf({ name, alias })} has psd=y, but ${domain} is not a public suffix.`,
    explanation:
      'psd=y is for registries: it makes every subdomain an organization of its own, so its mail no longer aligns with the domain.',
    remediation: ({ name, alias, domain }, target) => ({
      summary: `Remove psd=y, or use psd=n if ${domain} is to be the organizational domain.`,
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
    title: 'Old and new receivers see different DMARC policies or organizations',
    message: ({ treeWalk, suffixList }) =>
      `By the tree walk (RFC 9989) the organizational domain is ${treeWalk.organizationalDomain} and the policy ${treeWalk.policy ?? 'none at all'}; by the public suffix list (RFC 7489) they are ${suffixList.organizationalDomain} and ${suffixList.policy ?? 'none at all'}.`,
    explanation:
      'Receivers of both generations are in use: what passes or is rejected at one is not at the other, and relaxed alignment differs.',
    remediation: ({ fix, suffixList }, { domain }) =>
      fix
        ? {
            summary: `Add psd=n to the record at ${fix.name}, so that both find the same.`,
            edits: [markOrganization(fix.name)],
          }
        : {
            summary: `Publish a record at _dmarc.${suffixList.organizationalDomain}, and psd=n only where an organization of its own is meant. Mail that signs and sends as ${domain} itself passes at both.`,
          },
    reference: 'RFC 9989 §4.10, App. C.3',
  }),
  'dmarc/inherited': findingSpec<{ from: string; tag: string | null; policy: Policy }>({
    severity: 'info',
    title: 'The policy comes from a parent domain',
    message: ({ from, tag, policy }) => `The policy is ${policy}, from ${tag ?? 'p'}= at _dmarc.${from}.`,
    explanation: 'Subdomains without a record fall under the one of their organization.',
    remediation: (_, { domain }) => ({
      summary: `Nothing to do, unless ${domain} needs a policy of its own: then publish a record at _dmarc.${domain}.`,
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
    // It is settled by a key, before the record is changed.
    step: 'signing-keys',
    title: 'The policy is enforced, but mail cannot carry a DKIM signature that passes',
    message: ({ effective, isInForce, dkim, selectors, spf }) => {
      const key =
        dkim === 'none-exist'
          ? 'the domain has no DKIM key'
          : `no usable DKIM key was found at the selector${selectors.length === 1 ? '' : 's'} ${selectors.join(', ')}`;
      const failing = spf.filter(({ result }) => result !== 'pass').map(({ ip, result }) => `${result} for ${ip}`);
      return `${isInForce ? 'The policy in force is' : 'Once the record is corrected, the policy is'} ${effective}, but ${key}${failing.length > 0 ? `, and SPF gives ${failing.join(', ')}` : ''}.`;
    },
    explanation:
      'Without an aligned DKIM signature only SPF can pass, and SPF breaks whenever mail is forwarded: that mail is then rejected.',
    remediation: (_, { domain }) => ({
      summary: `Sign with a DKIM key of ${domain} before enforcing (see the dkim findings), or set p=none until then.`,
    }),
    reference: 'RFC 9989 §5.1, §7',
  }),
  'dmarc/alignment-strict': findingSpec<
    RecordEvidence & { adkim: string; aspf: string; identities: readonly string[] }
  >({
    severity: 'info',
    title: 'Alignment is strict',
    message: ({ name, adkim, aspf, identities }) =>
      `${name} asks for strict alignment (${[adkim === 'strict' ? 'adkim=s' : '', aspf === 'strict' ? 'aspf=s' : ''].filter(Boolean).join(', ')}): only ${identities.join(', ')} itself aligns, no subdomain of it.`,
    explanation: 'With strict alignment, mail signed or sent as a subdomain or parent fails DMARC.',
    remediation: () => ({
      summary:
        'Nothing to do if all mail uses exactly this domain in d= and MAIL FROM; else take adkim=s and aspf=s out of the record.',
    }),
    reference: 'RFC 9989 §4.4',
  }),
  'dmarc/inconclusive': inconclusiveSpec({
    title: 'DMARC could not be checked',
    explanation: 'A receiver that gets no answer either defers the message or handles it without DMARC.',
    reference: 'RFC 9989 §4.10',
    reasons: {
      'record-lookup-failed': reason<Unanswered>({
        says: ({ query }) => `The DMARC record at ${query.name} could not be looked up (${query.rcode}).`,
        fix: repairServers,
      }),
      'existence-lookup-failed': reason<Unanswered>({
        says: ({ query }) =>
          `Whether ${query.name} exists could not be found out (${query.rcode}), which decides between sp= and np=.`,
        fix: repairServers,
      }),
      'authorisation-lookup-failed': reason<Unanswered & { host: string; policyDomain: string }>({
        says: ({ host, policyDomain, query }) =>
          `Whether ${host} accepts reports for ${policyDomain} could not be found out (${query.rcode}).`,
        fix: repairServers,
      }),
      'mail-route-lookup-failed': reason<Unanswered & { host: string }>({
        says: ({ host, query }) => `Whether ${host} can receive reports could not be found out (${query.rcode}).`,
        fix: repairServers,
      }),
    },
  }),
  ...reportFindings,
} as const;

export type Emitter = Emit<typeof findings>;
