import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { Remediation } from '../../../report/status.ts';
import { editRecord } from '../../../standards/dmarc/edit.ts';
import type { MisplacedRecord } from '../../../standards/dmarc/locations.ts';
import type { NearMissCause } from '../../../standards/dmarc/near-miss.ts';
import type { PolicyDefect } from '../../../standards/dmarc/policy.ts';
import type { Policy, RecordDefect } from '../../../standards/dmarc/record.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';
import { quoteInput } from '../../../usage-error.ts';
import { type Emit, findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { reportFindings } from './report-findings.ts';
import { describeDefect, NEAR_MISSES } from './words.ts';

export interface RecordEvidence {
  /** The name of the record, `_dmarc.…`. */
  readonly name: string;
  readonly record: string;
  /** The corrected text of the record. */
  readonly correct: string;
}

/** The result of one method of policy discovery. */
export interface MethodEvidence {
  readonly organizationalDomain: string;
  /** The policy that applies. `null` when there is no record. */
  readonly policy: Policy | null;
  /** The domain whose record applies. `null` when there is no record. */
  readonly from: string | null;
}

/** @returns the remediation to publish the corrected record with `changes` applied to it. */
function publish(
  evidence: RecordEvidence,
  summary: string,
  changes: Readonly<Record<string, string | null>> = {},
): Remediation {
  return { summary, records: [txtRecord(evidence.name, editRecord(evidence.correct, changes))] };
}

export interface Unanswered {
  readonly query: QueryEvidence;
}

const repairServers = ({ query }: Unanswered): string =>
  `Repeat the check; if it stays, repair the name servers that answer for ${query.name} or ask another resolver with --dns.`;

export const findings = {
  'dmarc/missing': findingSpec<{ queries: readonly QueryEvidence[]; otherTexts: readonly string[] }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'The domain has no DMARC record',
    message: ({ queries, otherTexts }) =>
      `No DMARC record was found at ${queries[0]?.name} or above it${otherTexts.length > 0 ? '; the TXT record there is none' : ''}.`,
    explanation:
      'Gmail, Yahoo and Outlook ask bulk senders for a DMARC record (Gmail: 4.7.31, 5.7.40; Outlook: 5.7.515), and without one anybody can use the domain in From.',
    remediation: (_, { domain }) => ({
      summary: `Publish this record with a mailbox of your own in rua, read the reports for some weeks, then tighten p to quarantine or reject.`,
      records: [txtRecord(`_dmarc.${domain}`, `v=DMARC1; p=none; rua=mailto:dmarc@${domain}`)],
    }),
    reference: 'RFC 9989 §5.1',
  }),
  'dmarc/multiple-records': findingSpec<{ name: string; records: readonly string[] }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'There are several DMARC records',
    message: ({ name, records }) => `${name} has ${records.length} DMARC records, which count as none.`,
    explanation: 'Receivers discard all of them, so no policy applies.',
    remediation: ({ name, records }) => ({
      summary: `Keep one of the records at ${name}, such as this one, and delete the others.`,
      records: [txtRecord(name, records[0] ?? '')],
    }),
    reference: 'RFC 9989 §4.10',
  }),
  'dmarc/near-miss': findingSpec<{
    name: string;
    text: string;
    causes: readonly NearMissCause[];
    correct: string | null;
  }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'A record meant as DMARC is not recognised',
    message: ({ name, text, causes }) =>
      `${name} has ${quoteInput(text)}, which receivers do not take for a DMARC record: ${causes.map((cause) => NEAR_MISSES[cause]).join('; ')}.`,
    explanation: 'A record counts only if it starts with exactly "v=DMARC1" and a semicolon; else the domain has none.',
    remediation: ({ name, correct: text }, { domain }) => ({
      summary: `Replace the record at ${name}: it must start with exactly v=DMARC1; (no space or quote before it).`,
      records: [txtRecord(name, text ?? `v=DMARC1; p=none; rua=mailto:dmarc@${domain}`)],
    }),
    reference: 'RFC 9989 §4.7',
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
      records: [txtRecord(rightName, text)],
    }),
    reference: 'RFC 9989 §4.10',
  }),
  'dmarc/policy-invalid': findingSpec<RecordEvidence & PolicyDefect & { hasReportUri: boolean }>({
    severity: 'error',
    causes: ['no-dmarc'],
    title: 'The policy is missing or not valid',
    message: ({ name, tag, value, hasReportUri }) =>
      `${name}: ${value === null ? `${tag}= is missing` : `${tag}=${quoteInput(value)} is no policy`}, so receivers act ${hasReportUri ? 'as if it were p=none' : 'as if there were no DMARC record'}.`,
    explanation:
      'One bad policy tag takes the whole record out of force; only reports are still sent, where rua asks for them.',
    remediation: (evidence) =>
      publish(evidence, 'Use none, quarantine or reject, and put p= right after v=DMARC1 for older receivers.'),
    reference: 'RFC 9989 §4.10.1',
  }),
  'dmarc/syntax-error': findingSpec<RecordEvidence & { defects: readonly RecordDefect[]; count: number }>({
    severity: 'warning',
    causes: ['no-dmarc'],
    title: 'The record has syntax errors',
    message: ({ name, defects, count }) =>
      `${name}: ${defects.slice(0, 3).map(describeDefect).join('; ')}${count > 3 ? `; and ${count - 3} more` : ''}.`,
    explanation: 'Receivers fall back to the default of such a tag, and some ignore the whole record.',
    remediation: ({ name }) => ({
      summary: `Correct the record at ${name}: tag=value pairs, each tag once, separated by semicolons.`,
    }),
    reference: 'RFC 9989 §4.8',
  }),
  'dmarc/policy-none': findingSpec<RecordEvidence & { policy: Policy; tag: string | null; testing: boolean }>({
    severity: 'warning',
    title: 'The policy asks for nothing',
    message: ({ name, tag, testing, policy }) =>
      testing && policy !== 'none'
        ? `The policy in force is none: ${name} has p=${policy} with t=y.`
        : `The policy in force is none (${tag ?? 'p'}= at ${name}): receivers deliver forged mail as before.`,
    explanation: 'none is right while reports are read; until it is tightened, DMARC protects nobody.',
    remediation: (evidence) =>
      publish(
        evidence,
        'When the reports show that all your mail passes, tighten the policy to quarantine, later to reject.',
        evidence.policy === 'none' ? { [evidence.tag ?? 'p']: 'quarantine' } : { t: null },
      ),
    reference: 'RFC 9989 §5.1',
  }),
  'dmarc/testing': findingSpec<RecordEvidence & { policy: Policy; effective: Policy }>({
    severity: 'warning',
    title: 'The policy is marked as a test',
    message: ({ name, policy, effective }) =>
      policy === effective
        ? `${name} has t=y, which changes nothing with the policy ${policy}.`
        : `${name} has t=y: receivers act on ${effective} instead of ${policy}. Older receivers do not know the tag and act on ${policy}.`,
    explanation: 'With t=y the policy in force is one step weaker than the one published.',
    remediation: (evidence) => publish(evidence, 'Remove t=y when the reports are clean.', { t: null }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/subdomain-weaker': findingSpec<RecordEvidence & { p: Policy; weaker: Readonly<Record<string, Policy>> }>({
    severity: 'warning',
    title: 'Subdomains are less protected than the domain',
    message: ({ name, p, weaker }) =>
      `${name} has p=${p}, but ${Object.entries(weaker)
        .map(([tag, policy]) => `${tag}=${policy}`)
        .join(' and ')} for subdomains.`,
    explanation: 'Forgers use a subdomain, existing or not, where the domain itself is protected.',
    remediation: (evidence) =>
      publish(evidence, 'Leave sp and np out, so that p counts for subdomains too, or make them as strict as p.'),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/pct': findingSpec<RecordEvidence & { pct: number }>({
    severity: 'warning',
    title: 'The record has the removed tag pct',
    message: ({ name, pct }) =>
      `${name} has pct=${pct}: newer receivers ignore it, older ones apply the policy to ${pct} %.`,
    explanation: 'RFC 9989 removed the tag: the same record means the full policy here and a sample there.',
    remediation: (evidence) =>
      publish(evidence, 'Remove pct. To try a policy out, use t=y, which asks for one step less.'),
    reference: 'RFC 9989 App. A.6',
  }),
  'dmarc/historic-tag': findingSpec<RecordEvidence & { tags: readonly string[]; sizeLimits: readonly string[] }>({
    severity: 'info',
    title: 'The record has parts that were removed from DMARC',
    message: ({ name, tags, sizeLimits }) =>
      `${name} has ${[...tags.map((tag) => `${tag}=`), ...sizeLimits.map((uri) => `a size limit in ${quoteInput(uri)}`)].join(', ')}, which newer receivers ignore.`,
    explanation: 'rf, ri and the !size suffix were removed in RFC 9989; they do no harm.',
    remediation: (evidence) => publish(evidence, 'Remove them.'),
    reference: 'RFC 9989 App. C, RFC 9990',
  }),
  'dmarc/unknown-tag': findingSpec<RecordEvidence & { tags: readonly { tag: string; suggestion: string | null }[] }>({
    severity: 'info',
    title: 'The record has tags that DMARC does not know',
    message: ({ name, tags }) =>
      `${name} has ${tags
        .slice(0, 5)
        .map(({ tag, suggestion }) => `${quoteInput(tag)}${suggestion ? ` (${suggestion}?)` : ''}`)
        .join(', ')}: receivers ignore ${tags.length === 1 ? 'it' : 'them'}.`,
    explanation: 'A mistyped tag is ignored, so what it was meant to say does not count.',
    remediation: ({ name }) => ({ summary: `Correct or remove the tag in the record at ${name}.` }),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/psd-misuse': findingSpec<RecordEvidence & { domain: string }>({
    severity: 'error',
    title: 'The domain calls itself a public suffix',
    message: ({ name, domain }) => `${name} has psd=y, but ${domain} is not a public suffix.`,
    explanation:
      'psd=y is for registries: it makes every subdomain an organization of its own, so its mail no longer aligns with the domain.',
    remediation: (evidence) =>
      publish(evidence, `Remove psd=y, or use psd=n if ${evidence.domain} is to be the organizational domain.`),
    reference: 'RFC 9989 §4.7',
  }),
  'dmarc/discovery-divergence': findingSpec<{
    treeWalk: MethodEvidence;
    suffixList: MethodEvidence;
    fix: { name: string; text: string } | null;
  }>({
    severity: 'warning',
    title: 'Old and new receivers see different DMARC policies or organizations',
    message: ({ treeWalk, suffixList }) =>
      `By the tree walk (RFC 9989) the organizational domain is ${treeWalk.organizationalDomain} and the policy ${treeWalk.policy ?? 'none at all'}; by the public suffix list (RFC 7489) they are ${suffixList.organizationalDomain} and ${suffixList.policy ?? 'none at all'}.`,
    explanation:
      'Receivers of both generations are in use: what passes or is rejected at one is not at the other, and relaxed alignment differs.',
    remediation: ({ fix, suffixList }, { domain }) =>
      fix
        ? { summary: `Publish this record, so that both find the same.`, records: [txtRecord(fix.name, fix.text)] }
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
    from: string;
    selectors: readonly string[];
    dkim: 'none-exist' | 'none-usable';
    /** The SPF result of each tested address, with the domain in MAIL FROM. */
    spf: readonly { readonly ip: string; readonly result: string }[];
  }>({
    severity: 'error',
    title: 'The policy is enforced, but mail cannot carry a DKIM signature that passes',
    message: ({ effective, dkim, selectors, spf }) => {
      const key =
        dkim === 'none-exist'
          ? 'the domain has no DKIM key'
          : `no usable DKIM key was found at the selector${selectors.length === 1 ? '' : 's'} ${selectors.join(', ')}`;
      const failing = spf.filter(({ result }) => result !== 'pass').map(({ ip, result }) => `${result} for ${ip}`);
      return `The policy in force is ${effective}, but ${key}${failing.length > 0 ? `, and SPF gives ${failing.join(', ')}` : ''}.`;
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
