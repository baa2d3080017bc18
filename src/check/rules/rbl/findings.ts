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
    ? `Find and remove what is infected or open to strangers on ${evidence.subject}.`
    : `Stop what sends spam from ${evidence.subject}.`;

const ASK_AGAIN = 'Run again; if it stays so, ask through another resolver (--dns) or leave these lists out.';

const ASK_ANOTHER =
  'Run again. If it stays so, ask another resolver with --dns, or run mailcheck from another network.';

const noneOf = (lists: readonly string[]): string => `none of the ${lists.length} block lists`;

const countOf = (lists: readonly string[]): string => `all ${lists.length} block lists`;

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
    const ask = `Only the provider can take ${subject} off: ask it, or send through its mail relay.`;
    return leaveList(evidence, ask, false);
  }
  if (removals.some(({ self }) => self === null)) {
    const look = `Look ${subject} up at ${list} first: the page says whether you can exclude this single address yourself. If you can, set a PTR record of your own before you ask. If you cannot, only the provider can take it off: ask it, or send through its mail relay.`;
    return leaveList(evidence, look, false);
  }
  return leaveList(evidence, `Set a PTR record of your own for ${subject}.`);
}

/** @returns what ends a listing that only the owner of the network can have removed. */
function clearNetwork({ subject, network, codes, list }: ListingEvidence): string {
  if (network === null && codes.some((code) => code.class === 'reputation'))
    return `Look ${subject} up at ${list}: the page says what is listed and why. If it is this host, stop what it sends. Then ask the provider to request removal, or take an address in another range.`;
  return `Ask the provider to have ${network ?? `the range of ${subject}`} cleared, or take an address in another range: nothing you do on this host ends the listing.`;
}

export const findings = {
  'rbl/listed': findingSpec<ListingEvidence>({
    severity: 'error',
    causes: ['listed', 'listed-spamhaus', 'listed-spamhaus-spam'],
    title: 'The address is on a block list that large receivers use',
    message,
    details: listingDetails,
    explanation: 'Receivers that use this list refuse the connection or the mail: "554 5.7.1 … Client host blocked".',
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
      'This is not a spam report: the provider or the list says that mail should not come directly from this range. Receivers reject it all the same.',
    remediation: leavePolicyList,
    reference: 'Spamhaus PBL',
  }),
  'rbl/listed-minor': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The address is on a block list that filters score',
    message,
    details: listingDetails,
    explanation: 'Few receivers refuse for this list alone, but filters add it to the score.',
    remediation: (evidence) => removal(evidence, causeOf(evidence)),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/block-listed': findingSpec<ListingEvidence>({
    severity: 'warning',
    causes: ['range-listed', 'listed', 'listed-spamhaus', 'listed-spamhaus-spam'],
    title: 'The network around the address is listed',
    message,
    details: listingDetails,
    explanation:
      'Such a listing covers a network, or an address that only the owner of the network can take off. The owner has to ask for removal.',
    remediation: (evidence) => removal(evidence, clearNetwork(evidence), false),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/neighbours-listed': findingSpec<NeighboursEvidence>({
    severity: 'warning',
    title: 'Many addresses around this one are listed',
    message: neighboursText,
    details: neighbourDetails,
    explanation: 'Receivers that block ranges (Microsoft’s S3150 and S3140) judge an address by its neighbours.',
    remediation: ({ network }, { domain, ips }) => ({
      summary: `Take an address outside ${network}. To compare it with others you could have:`,
      commands: commandOf(['mailcheck', 'pool', domain, ...ips, 'ANOTHER_ADDRESS']),
    }),
    reference: 'Microsoft S3150; here: 10 % or more of a sample of the /24',
  }),
  'rbl/neighbours-clean': findingSpec<NeighboursEvidence>({
    severity: 'info',
    title: 'Few or no addresses around this one are listed',
    message: neighboursText,
    details: neighbourDetails,
    explanation: 'Receivers that block ranges find nothing to act on here.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'Microsoft S3150; here: less than 10 % of a sample of the /24',
  }),
  'rbl/domain-listed': findingSpec<ListingEvidence>({
    severity: 'error',
    causes: ['domain-listed', 'domain-listed-spamhaus'],
    title: 'The domain is on a block list',
    message,
    details: listingDetails,
    explanation:
      'Mail that names a listed domain is refused whatever address it comes from; moving to another address does not help.',
    remediation: (evidence) =>
      removal(evidence, `Clean up what got ${evidence.subject} listed; do not move the address.`),
    reference: 'RFC 5782 §3',
  }),
  'rbl/domain-abused': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The domain is listed as legitimate but misused by others',
    message,
    details: listingDetails,
    explanation: 'Somebody else uses a site or a redirector of the domain; mail that links to it is filtered.',
    remediation: (evidence) =>
      removal(
        evidence,
        `Secure the web site of ${evidence.subject}: find the pages or redirectors that are not yours, and close the way in.`,
      ),
    reference: 'Spamhaus DBL 127.0.1.102–106',
  }),
  'rbl/domain-new': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The domain is new',
    message,
    details: listingDetails,
    explanation: 'Mail of a domain that nobody has seen before is deferred or filed as spam for the first days.',
    remediation: (evidence) =>
      removal(
        evidence,
        `Wait, and begin with few messages a day from ${evidence.subject}; send nothing in bulk before it is off.`,
        false,
      ),
    reference: 'Spamhaus ZRD',
  }),
  'rbl/welcome-listed': findingSpec<ListingEvidence>({
    severity: 'info',
    title: 'The address is on an allow list',
    message,
    details: listingDetails,
    explanation: 'Receivers that use the list treat the host a little better.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §2.2',
  }),
  'rbl/code-unknown': findingSpec<ListingEvidence>({
    severity: 'info',
    title: 'A list answers with a code that mailcheck does not know',
    message: ({ subject, list, unknown }) => `${list} answers ${unknown.join(', ')} for ${subject}.`,
    details: listingDetails,
    explanation: 'It counts as a listing of a lesser list, unless the operator says that other codes are errors.',
    remediation: (evidence) => removal(evidence, `Look up what the code means for ${evidence.subject}.`),
    reference: 'RFC 5782 §2.3',
  }),
  'rbl/query-refused': findingSpec<
    BlindEvidence & { readonly lists: readonly RefusingList[]; readonly answers: readonly string[] }
  >({
    severity: 'inconclusive',
    title: 'Block lists refuse to answer this resolver',
    message: ({ lists, ...blind }) =>
      `Asked through ${resolversText(blind.resolvers)}: ${lists.map(refusalText).join('; ')}.${directText(blind)}`,
    explanation:
      'These lists do not answer public or shared resolvers, since they cannot tell who asks, and some do not answer the networks of cloud providers. That is neither listed nor clean: it is not known.',
    remediation: fixOfRefusal,
    reference: 'Spamhaus return codes',
  }),
  'rbl/list-broken': findingSpec<
    BlindEvidence & { readonly lists: readonly BrokenList[]; readonly answers: readonly string[] }
  >({
    severity: 'inconclusive',
    title: 'Block lists do not work as lists',
    message: ({ lists, ...blind }) =>
      `Not believed: ${lists.map((list) => `${list.zone} (${faultText(list)})`).join('; ')}.${directText(blind)}`,
    explanation: 'A list that fails its own test entries says nothing about any address, whether it answers or not.',
    remediation: ({ lists }, target) =>
      lists.some(({ isKey }) => isKey)
        ? { summary: `Ask another resolver with --dns. ${elsewhere(lists.map(({ zone }) => zone))}` }
        : {
            summary: `Leave ${lists.map(({ zone }) => zone).join(', ')} out. A list that works elsewhere may refuse this resolver.`,
            commands: ownCommand(target, 'check', ...lists.flatMap(({ zone }) => ['--dnsbl-except', zone])),
          },
    reference: 'RFC 5782 §5',
  }),
  'rbl/not-asked': findingSpec<{ readonly lists: readonly UnansweredList[] }>({
    severity: 'info',
    title: 'Lists of lesser weight gave no usable answer',
    message: ({ lists }) => `No usable answer from ${lists.map(unansweredText).join(', ')}.`,
    explanation:
      'Few receivers rely on these lists, and no receiver rejects mail because it is missing from an allow list. So the check does not depend on them.',
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
    title: 'Block lists were asked at their own name servers',
    message: ({ lists, resolvers, isChosen }) => {
      const why = isChosen
        ? 'as --lists-direct says'
        : `because the answers through ${resolversText(resolvers)} do not count`;
      const asked = lists.filter(({ servers }) => servers.length > 0).length;
      const count = asked === lists.length ? `${asked}` : `${asked} of ${lists.length}`;
      const who = lists.length === 1 ? `${count} list was asked at its` : `${count} lists were asked at their`;
      return `${who} own name servers, ${why}.`;
    },
    details: ({ lists }) =>
      lists.map(({ zone, servers }) => ({
        label: 'Asked',
        text: `${zone} at ${servers.length > 0 ? servers.join(', ') : 'the resolver, since its name servers gave no answer'}`,
      })),
    explanation:
      'Lists want to see who asks. These questions came from the address of this machine, and the test entries of the lists were right at these servers.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §5',
  }),
  'rbl/not-verified': findingSpec<{ readonly lists: readonly UnverifiedList[] }>({
    severity: 'info',
    title: 'Silence of these lists is not verified',
    message: ({ lists }) =>
      `Not listed, as far as can be told, on ${lists.map(({ list, reason }) => `${list} (which ${unverifiedText(reason)})`).join(', ')}.`,
    explanation: 'A listing there would count; its absence counts for nothing, so these lists are not called clean.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §5',
  }),
  'rbl/inconclusive': inconclusiveSpec({
    title: 'Block lists did not answer',
    explanation: 'No answer is not "not listed".',
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
            ? `The resolver ${resolversText(common.resolvers)} takes addresses in 127.0.0.0/8 out of its answers (rebinding protection): it has the text of a list’s test entry, and not the address. So ${noneOf(lists)} can answer through it.`
            : `Through ${resolversText(common.resolvers)}, ${countOf(lists)} look empty alike. The resolver probably takes addresses in 127.0.0.0/8 out of its answers (rebinding protection).`;
          return `${seen}${directText(common)}`;
        },
        fix: ({ lists }) => ({
          summary:
            'Exempt the block lists from the rebinding protection of that resolver, or ask another resolver with --dns. dnsmasq takes the line below; unbound, pfSense and OPNsense take one line private-domain: "zone" for each list.',
          commands: rebindLine(lists),
        }),
      }),
      'answers-rewritten': reason<CommonEvidence>({
        says: ({ lists, answers, ...common }) =>
          `The resolver ${resolversText(common.resolvers)} gives answers of its own for ${countOf(lists)}${answers.length > 0 ? `: ${answers.slice(0, MAX_SHOWN).join(', ')}` : ''}. A captive portal, a filter or a VPN does that.${directText(common)}`,
        fix: () =>
          'Log in to the network, or switch off the filter or VPN that answers in place of the DNS. Or ask another resolver with --dns.',
      }),
      'all-fail': reason<CommonEvidence & { status: DnsFailureStatus }>({
        says: ({ lists, status, ...common }) =>
          `Through ${resolversText(common.resolvers)}, no lookup in ${countOf(lists)} works (${failureText(status)}).${directText(common)}`,
        fix: () =>
          'Ask another resolver with --dns, or have this one fixed: it must resolve the zones of the lists, and let addresses in 127.0.0.0/8 through.',
      }),
      'no-list-carries': reason<{ ip: string }>({
        says: ({ ip }) => `None of the block lists that were chosen carries ${ip}.`,
        fix: () => ASK_AGAIN,
      }),
      'none-works': reason<{ ip: string }>({
        says: ({ ip }) => `None of the block lists that were asked about ${ip} can be seen to work.`,
        fix: () => ASK_AGAIN,
      }),
      'neighbours-unknown': reason<{ network: string; sampled: number; known: number }>({
        says: ({ network, sampled, known }) =>
          `Of ${sampled} sampled neighbours in ${network}, ${known} could be looked up.`,
        fix: () => ASK_AGAIN,
      }),
    },
  }),
};
