import type { ListCode } from '../../../knowledge/lists/schema.ts';
import type { DnsFailureStatus, QueryEvidence } from '../../../network/dns/answer.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import type { AskedResolver } from '../../facts/resolvers.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { inconclusiveSpec, MAX_SHOWN, reason } from '../inconclusive.ts';
import { ownCommand } from '../own-command.ts';
import { type Command, commandOf, hostName } from '../pasted.ts';
import { directText, elsewhere, fixOfRefusal, resolversText } from './asking.ts';
import type {
  BlindEvidence,
  BrokenList,
  CommonEvidence,
  DirectList,
  ListingEvidence,
  NeighboursEvidence,
  RefusingList,
  SilentList,
  UnansweredList,
  UnverifiedList,
} from './evidence.ts';
import {
  failureText,
  faultText,
  listingDetails,
  neighbourDetails,
  neighboursText,
  refusalText,
  removal,
  swapText,
  unansweredText,
  unverifiedText,
} from './words.ts';

const message = ({ subject, list, codes }: ListingEvidence): string => {
  const names = [...new Set(codes.map(({ name }) => name))];
  return `${subject} is on ${list}${names.length === 0 ? '' : ` as ${names.join(', ')}`}.`;
};

const has = ({ codes }: ListingEvidence, kind: ListCode['class']): boolean => codes.some((code) => code.class === kind);

const causeOf = (evidence: ListingEvidence): string =>
  has(evidence, 'exploit')
    ? `Find and fix the malware or the open proxy on ${evidence.subject}.`
    : `Find and stop the spam from ${evidence.subject}.`;

const ASK_AGAIN =
  'Run the check again. If the result stays the same, use another resolver (--dns) or leave these lists out.';

const ASK_ANOTHER =
  'Run the check again. If the result stays the same, use another resolver (--dns) or another network.';

const noneOf = (lists: readonly string[]): string => `none of the ${lists.length} lists`;

const countOf = (lists: readonly string[]): string => `all ${lists.length} lists`;

/** The line with which dnsmasq lets addresses of loopback through for these zones. */
const rebindLine = (zones: readonly string[]): Command[] =>
  zones.every((zone) => hostName(zone) !== undefined) ? commandOf([`rebind-domain-ok=/${zones.join('/')}/`]) : [];

const silenceText = ({ zone, status, reason: known, confirmed }: SilentList): string =>
  `${zone} (${failureText(status)}${known === null ? '' : `; known: ${known}${confirmationMark(confirmed)}`})`;

/**
 * @returns the remediation for a policy listing. The address needs its own PTR record first, which the provider sets.
 */
const leaveList = (evidence: ListingEvidence, first: string, askable = true): Fix => ({
  ...removal(evidence, first, askable),
  atProvider: { action: 'leave-policy-list', ip: evidence.subject },
});

/** @returns the remediation for a policy listing, by who may take the address off: the user, the provider, or either. */
function leavePolicyList(evidence: ListingEvidence): Fix {
  const { subject, list, removals } = evidence;
  if (removals.every(({ self }) => self === false)) {
    const ask = `Only the provider can have ${subject} removed. Ask the provider, or send through a relay.`;
    return leaveList(evidence, ask, false);
  }
  if (removals.some(({ self }) => self === null)) {
    const look = `Look up ${subject} in the ${list} checker. If the checker lets you remove this address, make sure that its PTR record names your mail server, then request removal. If it does not, ask the provider, or send through a relay.`;
    return leaveList(evidence, look, false);
  }
  return leaveList(evidence, `Make sure that the PTR record of ${subject} names your mail server.`);
}

/** @returns what ends a listing that only the owner of the network can have removed. */
function clearNetwork({ subject, network, codes, list }: ListingEvidence): string {
  if (network === null && codes.some((code) => code.class === 'reputation'))
    return `Look up ${subject} at ${list} to see what is listed and why. If the cause is this host, stop it. Then ask the provider to request removal, or take an address in another range.`;
  return `Ask the provider to have ${network ?? `the range of ${subject}`} removed, or take an address in another range. You cannot end this listing yourself.`;
}

export const findings = {
  'rbl/listed': findingSpec<ListingEvidence>({
    severity: 'error',
    causes: ['listed', 'listed-spamhaus', 'listed-spamhaus-spam'],
    title: 'The address is on a block list that large receivers use',
    message,
    details: listingDetails,
    explanation:
      'Receivers that use this list reject the connection or the mail, for example with "554 5.7.1 … Client host blocked".',
    remediation: (evidence) => {
      const { summary, ...rest } = removal(evidence, causeOf(evidence));
      return { summary: `${summary} ${swapText(evidence)}`, ...rest };
    },
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/listed-policy': findingSpec<ListingEvidence>({
    severity: 'error',
    causes: ['listed', 'listed-spamhaus', 'listed-spamhaus-policy'],
    title: 'The address is in a range that is not meant to send mail',
    message,
    details: listingDetails,
    explanation:
      'This is not a spam report: the range is listed because it is not meant to send mail directly. Receivers still reject mail from it.',
    remediation: leavePolicyList,
    reference: 'Spamhaus PBL',
  }),
  'rbl/listed-minor': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The address is on a block list that spam filters use',
    message,
    details: listingDetails,
    explanation: 'Few receivers reject mail for this list alone, but spam filters add it to the score.',
    remediation: (evidence) => removal(evidence, causeOf(evidence)),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/block-listed': findingSpec<ListingEvidence>({
    severity: 'warning',
    causes: ['range-listed', 'listed', 'listed-spamhaus', 'listed-spamhaus-spam'],
    title: 'The network around the address is listed',
    message,
    details: listingDetails,
    explanation: 'The listing covers a whole network, or only the owner of the network can have it removed.',
    remediation: (evidence) => removal(evidence, clearNetwork(evidence), false),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/neighbours-listed': findingSpec<NeighboursEvidence>({
    severity: 'warning',
    title: 'Many addresses around this one are listed',
    message: neighboursText,
    details: neighbourDetails,
    explanation:
      'Some receivers block whole ranges (Microsoft: S3150 and S3140), so they judge this address by its neighbours.',
    remediation: ({ network }, target) => ({
      summary: `Take an address outside ${network}. The command compares it with the tested ones.`,
      commands: ownCommand({ ...target, ips: [...target.ips, 'ANOTHER_ADDRESS'] }, 'pool'),
    }),
    reference: 'Microsoft S3150; here: 10 % or more of a sample of the /24',
  }),
  'rbl/neighbours-clean': findingSpec<NeighboursEvidence>({
    severity: 'info',
    title: 'Few or no addresses around this one are listed',
    message: neighboursText,
    details: neighbourDetails,
    explanation: 'Receivers that block whole ranges have no reason to block this one.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'Microsoft S3150; here: less than 10 % of a sample of the /24',
  }),
  'rbl/domain-listed': findingSpec<ListingEvidence>({
    severity: 'error',
    causes: ['domain-listed', 'domain-listed-spamhaus'],
    title: 'The domain is on a block list',
    message,
    details: listingDetails,
    explanation: 'Receivers reject mail that contains a listed domain. Another IP address does not help.',
    remediation: (evidence) => removal(evidence, `Find and fix the reason why ${evidence.subject} is listed.`),
    reference: 'RFC 5782 §3',
  }),
  'rbl/domain-abused': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The domain is listed as legitimate but abused by others',
    message,
    details: listingDetails,
    explanation: 'Somebody abuses a website or redirector of the domain, so mail that links to it is filtered.',
    remediation: (evidence) =>
      removal(
        evidence,
        `Secure the website of ${evidence.subject}: remove pages and redirectors that are not yours, and close the security hole.`,
      ),
    reference: 'Spamhaus DBL 127.0.1.102–106',
  }),
  'rbl/domain-new': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The domain is new',
    message,
    details: listingDetails,
    explanation: 'Receivers defer mail from new domains or file it as spam in the first days.',
    remediation: (evidence) =>
      removal(
        evidence,
        `Start with a few messages a day from ${evidence.subject}. Send no bulk mail until the domain is off the list.`,
        false,
      ),
    reference: 'Spamhaus ZRD',
  }),
  'rbl/welcome-listed': findingSpec<ListingEvidence>({
    severity: 'info',
    title: 'The address is on an allow list',
    message,
    details: listingDetails,
    explanation: 'Receivers that use this list trust the host a little more.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §2.2',
  }),
  'rbl/code-unknown': findingSpec<ListingEvidence>({
    severity: 'info',
    title: 'A list returns a code that mailcheck does not know',
    message: ({ subject, list, unknown }) => `${list} answers ${unknown.join(', ')} for ${subject}.`,
    details: listingDetails,
    explanation: 'mailcheck counts it as a listing of low weight, unless the list says that other codes are errors.',
    remediation: (evidence) => removal(evidence, `Look up ${evidence.subject} at the list to see what the code means.`),
    reference: 'RFC 5782 §2.3',
  }),
  'rbl/query-refused': findingSpec<
    BlindEvidence & { readonly lists: readonly RefusingList[]; readonly answers: readonly string[] }
  >({
    severity: 'inconclusive',
    title: 'Some lists refuse to answer this resolver',
    message: ({ lists, ...blind }) =>
      `Not checked through ${resolversText(blind.resolvers)}: ${lists.map(refusalText).join('; ')}.${directText(blind)}`,
    explanation:
      'These lists do not answer public or shared resolvers, and some do not answer cloud networks. So it is not known whether you are listed there.',
    remediation: fixOfRefusal,
    reference: 'Spamhaus return codes',
  }),
  'rbl/list-broken': findingSpec<
    BlindEvidence & { readonly lists: readonly BrokenList[]; readonly answers: readonly string[] }
  >({
    severity: 'inconclusive',
    title: 'Some lists fail their own test',
    message: ({ lists, ...blind }) =>
      `Ignored ${lists.map((list) => `${list.zone}: ${faultText(list)}`).join('; ')}.${directText(blind)}`,
    explanation: 'The answers of a list that fails its own test mean nothing.',
    remediation: ({ lists }, target) =>
      lists.some(({ isKey }) => isKey)
        ? { summary: `Use another resolver (--dns). ${elsewhere(lists.map(({ zone }) => zone))}` }
        : {
            summary: `Run the check without ${lists.map(({ zone }) => zone).join(', ')}, or use another resolver (--dns).`,
            commands: ownCommand(target, 'check', ...lists.flatMap(({ zone }) => ['--dnsbl-except', zone])),
          },
    reference: 'RFC 5782 §5',
  }),
  'rbl/not-asked': findingSpec<{ readonly lists: readonly UnansweredList[] }>({
    severity: 'info',
    title: 'Some minor lists gave no usable answer',
    message: ({ lists }) => `No usable answer from ${lists.map(unansweredText).join(', ')}.`,
    explanation: 'Few receivers use these lists, so the check does not depend on them.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/asked-directly': findingSpec<{
    readonly lists: readonly DirectList[];
    readonly resolvers: readonly AskedResolver[];
    /** Whether the user asked for it. Otherwise the answers through the resolver did not count. */
    readonly isChosen: boolean;
  }>({
    severity: 'info',
    title: 'Lists were asked at their own name servers',
    message: ({ lists, resolvers, isChosen }) => {
      const why = isChosen
        ? 'because of --lists-direct'
        : `because the answers through ${resolversText(resolvers)} are not usable`;
      const asked = lists.filter(({ servers }) => servers.length > 0).length;
      const count = asked === lists.length ? `${asked}` : `${asked} of ${lists.length}`;
      const who = lists.length === 1 ? `${count} list was asked at its` : `${count} lists were asked at their`;
      return `${who} own name servers, ${why}.`;
    },
    details: ({ lists }) =>
      lists.map(({ zone, servers }) => ({
        label: 'Asked',
        text: `${zone} at ${servers.length > 0 ? servers.join(', ') : 'the resolver, because its name servers gave no answer'}`,
      })),
    explanation:
      'Lists refuse shared resolvers. These queries came from the address of this machine, and the test entries of the lists were correct.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §5',
  }),
  'rbl/not-verified': findingSpec<{ readonly lists: readonly UnverifiedList[] }>({
    severity: 'info',
    title: 'Some lists cannot be verified',
    message: ({ lists }) =>
      `Not listed, but not verified: ${lists.map(({ list, reason }) => `${list} (it ${unverifiedText(reason)})`).join(', ')}.`,
    explanation: 'Nothing shows that these lists work for this resolver, so they do not count as clean.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §5',
  }),
  'rbl/inconclusive': inconclusiveSpec({
    title: 'Block lists could not be fully checked',
    explanation: 'No answer does not mean "not listed".',
    reference: 'RFC 5782 §2.1',
    reasons: {
      silent: reason<BlindEvidence & { lists: readonly SilentList[]; queries: readonly QueryEvidence[] }>({
        says: ({ lists, ...blind }) =>
          `No usable answer from ${lists.map(silenceText).join(', ')}.${directText(blind)}`,
        fix: ({ lists }, target) =>
          lists.some(({ isKey }) => isKey)
            ? { summary: ASK_ANOTHER }
            : {
                summary: ASK_AGAIN,
                commands: ownCommand(target, 'check', ...lists.flatMap(({ zone }) => ['--dnsbl-except', zone])),
              },
      }),
      'answers-removed': reason<CommonEvidence & { isSeen: boolean }>({
        says: ({ lists, isSeen, ...common }) => {
          const seen = isSeen
            ? `The resolver ${resolversText(common.resolvers)} removes addresses in 127.0.0.0/8 from its answers (rebinding protection), so ${noneOf(lists)} can be checked through it.`
            : `Through ${resolversText(common.resolvers)}, ${countOf(lists)} look empty. The resolver probably removes addresses in 127.0.0.0/8 from its answers (rebinding protection).`;
          return `${seen}${directText(common)}`;
        },
        fix: ({ lists }) => ({
          summary:
            'Exempt the lists from the rebinding protection of that resolver, or use another resolver (--dns). dnsmasq needs the line below; unbound, pfSense and OPNsense need one line private-domain: "zone" for each list.',
          commands: rebindLine(lists),
        }),
      }),
      'answers-rewritten': reason<CommonEvidence>({
        says: ({ lists, answers, ...common }) =>
          `The resolver ${resolversText(common.resolvers)} rewrites the answers of ${countOf(lists)}${answers.length > 0 ? ` (${answers.slice(0, MAX_SHOWN).join(', ')})` : ''}, as a captive portal, a filter or a VPN does.${directText(common)}`,
        fix: () =>
          'Log in to the network, or turn off the filter or VPN that answers DNS queries. Or use another resolver (--dns).',
      }),
      'all-fail': reason<CommonEvidence & { status: DnsFailureStatus }>({
        says: ({ lists, status, ...common }) =>
          `Through ${resolversText(common.resolvers)}, the lookups in ${countOf(lists)} fail (${failureText(status)}).${directText(common)}`,
        fix: () =>
          'Use another resolver (--dns), or fix this one: it must resolve the lists and pass addresses in 127.0.0.0/8.',
      }),
      'no-list-carries': reason<{ ip: string }>({
        says: ({ ip }) => `None of the chosen lists covers ${ip}.`,
        fix: () => ASK_AGAIN,
      }),
      'none-works': reason<{ ip: string }>({
        says: ({ ip }) => `None of the lists that were asked about ${ip} could be verified.`,
        fix: () => ASK_AGAIN,
      }),
      'neighbours-unknown': reason<{ network: string; sampled: number; known: number }>({
        says: ({ network, sampled, known }) =>
          `Only ${known} of ${sampled} sampled neighbours in ${network} could be looked up.`,
        fix: () => ASK_AGAIN,
      }),
    },
  }),
};
