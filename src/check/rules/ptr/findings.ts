import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { MeantHost } from '../../facts/meant-host.ts';
import type { Confirmation } from '../../facts/ptr.ts';
import { absence, contactServers } from '../dns-words.ts';
import { addAddress } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { leadsText, leadToHost, type ProxyEvidence, proxyText } from '../web-proxy.ts';
import { IMPOSSIBLE, type Impossible, MALFORMED, type Malformed } from './name-faults.ts';
import { dropName, type Goal, keepOnly, type MissingPtr, missingText, publishReverse, setReverse } from './remedies.ts';

export interface AboutPtr extends Goal {
  readonly ptr: string;
}

export interface Confirmed {
  readonly name: string;
  readonly confirmation: Confirmation;
}

/** Lists the names that do not resolve to the address. A name whose lookup failed is left out, because it may. */
const deniedText = (names: readonly Confirmed[]): string =>
  names
    .filter(({ confirmation }) => confirmation === 'absent' || confirmation === 'mismatch')
    .map(({ name }) => name)
    .join(', ');

/** Says what is wrong with a name that does not resolve to the address. */
function slipText({ meant }: { readonly meant: MeantHost | null }): string {
  switch (meant?.slip) {
    case 'zone-appended':
      return ` The final dot is missing after ${meant.name}, so the zone editor appended ${meant.zone}.`;
    case 'ending-doubled':
      return ` Its ending appears twice: ${meant.name} was meant.`;
    case 'record-misplaced':
      return ` Its address record is at ${meant.at}: the zone editor appended ${meant.zone} to the name.`;
    default:
      return '';
  }
}

export const findings = {
  'ptr/missing': findingSpec<MissingPtr & { zone: string | null }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The address has no PTR record',
    message: missingText,
    explanation:
      'Gmail, Outlook.com, Yahoo, GMX and most others reject or defer mail from an address without a PTR record (Gmail: 550 5.7.25).',
    remediation: publishReverse,
    reference: 'RFC 1912 §2.1',
  }),
  'ptr/forward-missing': findingSpec<AboutPtr & { query: QueryEvidence; meant: MeantHost | null }>({
    severity: 'error',
    step: 'forward-record',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The name in the PTR record has no address',
    message: (evidence) => {
      const { ip, ptr, query } = evidence;
      return `The PTR record of ${ip} names ${ptr}, which ${absence(query)}.${slipText(evidence)}`;
    },
    explanation:
      'Anyone can put any name into a PTR record, so receivers trust the name only if it resolves to the address.',
    remediation: (evidence) => {
      const { ip, ptr, wanted, meant } = evidence;
      if (wanted !== ptr) return setReverse(evidence);
      const how = meant?.slip === 'record-misplaced' ? ` Type the name in full with its final dot (${ptr}.).` : '';
      return {
        summary: `Publish the ${ip.includes(':') ? 'AAAA' : 'A'} record of ${ptr} with ${ip}.${how}`,
        edits: [addAddress(ptr, ip)],
      };
    },
    reference: 'RFC 8601 §3',
  }),
  'ptr/forward-mismatch': findingSpec<
    AboutPtr & { addresses: readonly string[]; chain: readonly string[]; proxy: ProxyEvidence | null }
  >({
    severity: 'error',
    step: 'forward-record',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The name in the PTR record resolves to another address',
    message: ({ ip, ptr, addresses, proxy }) => {
      if (proxy?.addresses.length === 0) return `${leadsText(ptr, proxy)}, but the PTR record of ${ip} names it.`;
      const what = proxy === null ? '' : `, ${proxyText(proxy)}`;
      return `The PTR record of ${ip} names ${ptr}, but ${ptr} resolves to ${addresses.join(', ')}${what}.`;
    },
    explanation: 'Receivers treat such an address like one without a PTR record (Gmail: 550 5.7.25).',
    remediation: (evidence, target) => {
      const { ip, ptr, wanted, chain, proxy } = evidence;
      if (wanted !== ptr) return setReverse(evidence);
      if (proxy !== null) return leadToHost(ptr, proxy, [ip], target);
      if (chain.length > 0) {
        return {
          summary: `Set the PTR record of ${ip} to a name that resolves to ${ip}. ${ptr} is an alias (CNAME) of another host, ${chain.at(-1)}.`,
        };
      }
      return {
        summary: `If ${ptr} is this host, add ${ip} to its address records. If it is another host, set the PTR record of ${ip} to a name that resolves to ${ip}.`,
        edits: [addAddress(ptr, ip)],
      };
    },
    reference: 'RFC 8601 §3',
  }),
  'ptr/multiple': findingSpec<
    Goal & {
      names: readonly string[];
      confirmed: readonly string[];
      ignored: readonly string[];
      /** The name that stays. `null` when the owner has to choose. */
      keep: string | null;
    }
  >({
    severity: 'warning',
    barrier: 'reverse-name',
    title: 'The address has several PTR records',
    message: ({ ip, names, ignored }) => {
      const more = ignored.length > 0 ? ` and ${ignored.length} more` : '';
      return `${ip} has ${names.length + ignored.length} PTR records: ${names.join(', ')}${more}.`;
    },
    explanation: 'A receiver may pick the wrong one, and it ignores names beyond the tenth.',
    remediation: ({ ip, owner, confirmed, names, ignored, keep }) => {
      const atProvider = { action: 'delete-ptr', ip } as const;
      if (keep === null) {
        const choice = (confirmed.length > 0 ? confirmed : names).join(' or ');
        return {
          summary: `Keep one PTR record of ${ip}: the one with the HELO name of the host, such as ${choice}. Delete the others.`,
          atProvider,
        };
      }
      const more = ignored.length > 0 ? [`${ignored.length} more`] : [];
      const others = [...names.filter((name) => name !== keep), ...more];
      return {
        summary: `Keep the PTR record of ${ip} that names ${keep}, and delete the others: ${others.join(', ')}.`,
        edits: [keepOnly(owner, keep)],
        atProvider,
      };
    },
    reference: 'RFC 8601 §3',
  }),
  'ptr/partly-confirmed': findingSpec<Goal & { names: readonly Confirmed[]; keep: string | null }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'Some names in the PTR records do not resolve to the address',
    message: ({ ip, names }) => `${ip} has PTR records with names that do not resolve to it: ${deniedText(names)}.`,
    explanation: 'A receiver that picks such a name treats the address like one without a PTR record.',
    remediation: ({ ip, owner, names, keep }) => ({
      summary: `Delete the PTR records of ${ip} whose names do not resolve to it: ${deniedText(names)}.`,
      edits:
        keep === null
          ? names
              .filter(({ confirmation }) => confirmation === 'absent' || confirmation === 'mismatch')
              .map(({ name }) => dropName(owner, name))
          : [keepOnly(owner, keep)],
      atProvider: { action: 'delete-ptr', ip },
    }),
    reference: 'RFC 8601 §3',
  }),
  'ptr/generic': findingSpec<AboutPtr & { pattern: string; match: string }>({
    severity: 'warning',
    barrier: 'reverse-name',
    causes: ['default-ptr'],
    title: 'The PTR record has the provider’s default name',
    message: ({ ip, ptr, match }) => `The PTR record of ${ip} names ${ptr}, which is a default name (${match}).`,
    explanation:
      'GMX, WEB.DE, T-Online and others reject default names. Spam filters score them, because infected machines often have one.',
    remediation: setReverse,
    reference: 'GMX e-mail policy',
  }),
  'ptr/dynamic': findingSpec<AboutPtr & { token: string }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['default-ptr', 'dynamic-ptr'],
    title: 'The PTR record looks like a home connection',
    message: ({ ip, ptr, token }) =>
      `The PTR record of ${ip} names ${ptr}, which looks like a home or dial-up connection ("${token}").`,
    explanation: 'Most receivers reject mail from home connections, even if everything else is right.',
    remediation: (evidence) => {
      const fix = setReverse(evidence);
      return {
        ...fix,
        summary: `${fix.summary} If the provider does not allow that, move to a static business or server address, or send through a relay (smarthost).`,
      };
    },
    reference: 'SpamAssassin RDNS_DYNAMIC',
  }),
  'ptr/scored-word': findingSpec<AboutPtr & { word: string; filters: readonly string[]; isOwn: boolean }>({
    severity: 'warning',
    title: 'Spam filters score a word in the PTR record',
    message: ({ ip, ptr, word, filters }) =>
      `The PTR record of ${ip} names ${ptr}, and ${filters.join(' and ')} ${filters.length > 1 ? 'add' : 'adds'} spam points for the word "${word}" in it.`,
    explanation:
      'The word is common in names of home connections. No filter rejects mail for it alone, but the points add to others.',
    remediation: (evidence) => {
      const { ip, word, isOwn } = evidence;
      if (!isOwn) return setReverse(evidence);
      return {
        summary: `Nothing to do: the name is your own and resolves to the address. A name without the word "${word}" in the PTR record of ${ip} would avoid the points.`,
      };
    },
    reference: 'SpamAssassin RDNS_DYNAMIC, Rspamd HFILTER_HOSTNAME',
  }),
  'ptr/zone-appended': findingSpec<AboutPtr & { zone: string }>({
    severity: 'warning',
    title: 'The zone appears twice in the name of the PTR record',
    message: ({ ip, ptr, wanted, zone }) =>
      `The PTR record of ${ip} names ${ptr}. The final dot is missing after ${wanted}, so the zone editor appended ${zone}.`,
    explanation:
      'The doubled name resolves to the address by accident, such as by a wildcard record. Without that record, the PTR record is worth nothing.',
    remediation: setReverse,
    reference: 'RFC 1035 §5.1',
  }),
  'ptr/underscore': findingSpec<AboutPtr & { leadsBack: boolean }>({
    severity: 'warning',
    title: 'The name in the PTR record has an underscore',
    message: ({ ip, ptr, leadsBack }) =>
      `The PTR record of ${ip} names ${ptr}, which is not a valid host name: it has an underscore.${leadsBack ? ' It resolves to the address, so most receivers accept it.' : ''}`,
    explanation:
      'A host name has only letters, digits and hyphens. Most mail servers accept an underscore, but strict filters reject or score it, and Exim rejects it in the HELO name.',
    remediation: setReverse,
    reference: 'RFC 1123 §2.1',
  }),
  'ptr/malformed-name': findingSpec<AboutPtr & { fault: Malformed; leadsBack: boolean }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The name in the PTR record is not a host name',
    message: ({ ip, ptr, fault, leadsBack }) =>
      `The PTR record of ${ip} names "${ptr}": ${MALFORMED[fault]}.${leadsBack ? ' It resolves to the address, but that does not help.' : ''}`,
    explanation:
      'Mail servers that check the form of a name (such as Postfix) ignore it and treat the address like one without a PTR record.',
    remediation: setReverse,
    reference: 'RFC 1123 §2.1',
  }),
  'ptr/invalid-name': findingSpec<AboutPtr & { fault: Impossible; meant: MeantHost | null }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The name in the PTR record is not a public host name',
    message: (evidence) => {
      const { ip, ptr, fault } = evidence;
      return `The PTR record of ${ip} names "${ptr}": ${IMPOSSIBLE[fault]}.${slipText(evidence)}`;
    },
    explanation: 'No public mail host has such a name, so receivers treat the address like one without a PTR record.',
    remediation: setReverse,
    reference: 'RFC 1123 §2.1',
  }),
  'ptr/foreign-domain': findingSpec<{ ip: string; ptr: string; domain: string; helo: string | null }>({
    severity: 'info',
    title: 'The PTR record has a name of another domain',
    message: ({ ip, ptr, domain, helo }) =>
      `The PTR record of ${ip} has the name ${ptr}, which is neither in the domain of ${domain}${helo === null ? '' : ` nor in that of the HELO name ${helo}`}.`,
    explanation:
      'The name resolves back, so nothing is broken. GMX, WEB.DE and T-Online prefer a name in the domain of the sender or of its operator.',
    remediation: () => ({
      summary:
        'Nothing to do if that domain is yours or of whoever runs the server. Otherwise set the PTR record to a name in your own domain.',
    }),
    reference: 'RFC 8601 §3; GMX e-mail policy',
  }),
  'ptr/inconclusive': inconclusiveSpec({
    title: 'The PTR record could not be looked up',
    explanation: 'A receiver whose lookup fails as well may defer the mail (4xx).',
    reference: 'RFC 8601 §2.7.3',
    reasons: {
      'reverse-lookup-failed': reason<{ ip: string; query: QueryEvidence }>({
        says: ({ ip, query }) => `The PTR record of ${ip} could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) =>
          `${contactServers(query)} A broken delegation of the reverse zone often shows as SERVFAIL or a timeout.`,
      }),
      'forward-lookup-failed': reason<{ ip: string; ptr: string; query: QueryEvidence }>({
        says: ({ ip, ptr, query }) =>
          `The address of ${ptr}, which the PTR record of ${ip} names, could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) => contactServers(query),
      }),
    },
  }),
};
