import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { MeantHost } from '../../facts/meant-host.ts';
import type { Confirmation } from '../../facts/ptr.ts';
import { addAddress } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { leadToHost, type ProxyEvidence, proxyText } from '../web-proxy.ts';
import { IMPOSSIBLE, type Impossible, MALFORMED, type Malformed } from './name-faults.ts';
import { dropName, type Goal, keepOnly, type MissingPtr, missingText, publishReverse, setReverse } from './remedies.ts';

export interface AboutPtr extends Goal {
  readonly ptr: string;
}

export interface Confirmed {
  readonly name: string;
  readonly confirmation: Confirmation;
}

/** Lists the names that do not resolve back. A name whose lookup failed is left out, because it may resolve back. */
const deniedText = (names: readonly Confirmed[]): string =>
  names
    .filter(({ confirmation }) => confirmation === 'absent' || confirmation === 'mismatch')
    .map(({ name }) => name)
    .join(', ');

/** Says what is wrong with a name that does not lead back. */
function slipText({ meant }: { readonly meant: MeantHost | null }): string {
  switch (meant?.slip) {
    case 'zone-appended':
      return ` The final dot is missing after ${meant.name}, so the zone editor appended ${meant.zone}.`;
    case 'ending-doubled':
      return ` Its ending appears twice: ${meant.name} was meant.`;
    case 'record-misplaced':
      return ` Its address record stands at ${meant.at}: the zone editor appended ${meant.zone} to the name.`;
    default:
      return '';
  }
}

const repairServers = ({ name }: QueryEvidence): string =>
  `The name servers of ${name} are failing (a broken reverse delegation shows as SERVFAIL or time-out). Contact whoever runs them, then run again.`;

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
      return `The PTR record of ${ip} names ${ptr}, but ${ptr} has no ${query.type} record (${query.rcode}).${slipText(evidence)}`;
    },
    explanation:
      'Anyone can write any name into their reverse zone; receivers believe it only if the name leads back to the address.',
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
    title: 'The name in the PTR record leads to another address',
    message: ({ ip, ptr, addresses, proxy }) => {
      const what = proxy === null ? '' : `, ${proxyText(proxy)}`;
      return `The PTR record of ${ip} names ${ptr}, but ${ptr} leads to ${addresses.join(', ')}${what}.`;
    },
    explanation: 'Receivers treat a name that does not lead back as no name at all (Gmail: 550 5.7.25).',
    remediation: (evidence, target) => {
      const { ip, ptr, wanted, chain, proxy } = evidence;
      if (wanted !== ptr) return setReverse(evidence);
      if (proxy !== null) return leadToHost(ptr, proxy, [ip], target);
      if (chain.length > 0) {
        return {
          summary: `Set the PTR record of ${ip} to a name that leads to ${ip}: ${ptr} is an alias (CNAME) of ${chain.at(-1)}, another host.`,
        };
      }
      return {
        summary: `Add ${ip} to the address records of ${ptr} if ${ptr} is this host. If it is another host, set the PTR record of ${ip} to a name that leads to ${ip} instead.`,
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
    explanation: 'Receivers pick one of them, and it may be the wrong one; names beyond the tenth are ignored.',
    remediation: ({ ip, owner, confirmed, names, ignored, keep }) => {
      const atProvider = { action: 'delete-ptr', ip } as const;
      if (keep === null) {
        const choice = (confirmed.length > 0 ? confirmed : names).join(' or ');
        return {
          summary: `Choose one PTR record for ${ip}: the name that the host announces (HELO), such as ${choice}. Delete the others.`,
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
    title: 'Some of the names in PTR records do not lead back',
    message: ({ ip, names }) => `Of the names in PTR records of ${ip}, these do not lead back: ${deniedText(names)}.`,
    explanation: 'A receiver that happens to pick such a name treats the host as one without reverse DNS.',
    remediation: ({ ip, owner, names, keep }) => ({
      summary: `Delete the PTR records of ${ip} that do not lead back: ${deniedText(names)}.`,
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
    title: 'The PTR record holds the provider’s default name',
    message: ({ ip, ptr, match }) => `The PTR record of ${ip} names ${ptr}, which is a default name (${match}).`,
    explanation:
      'GMX, WEB.DE, T-Online and others reject default names; filters score them as a rented or infected machine.',
    remediation: setReverse,
    reference: 'GMX e-mail policy',
  }),
  'ptr/dynamic': findingSpec<AboutPtr & { token: string }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['default-ptr', 'dynamic-ptr'],
    title: 'The PTR record names a dial-up or end-user line',
    message: ({ ip, ptr, token }) =>
      `The PTR record of ${ip} names ${ptr}, which reads as an end-user line ("${token}").`,
    explanation: 'Most receivers reject mail from end-user lines, whatever else is right.',
    remediation: (evidence) => {
      const fix = setReverse(evidence);
      return {
        ...fix,
        summary: `${fix.summary} If the provider does not allow it, move to a static business or server address, or send through a relay (smarthost).`,
      };
    },
    reference: 'SpamAssassin RDNS_DYNAMIC',
  }),
  'ptr/scored-word': findingSpec<AboutPtr & { word: string; filters: readonly string[]; isOwn: boolean }>({
    severity: 'warning',
    title: 'Spam filters score a word in the PTR record',
    message: ({ ip, ptr, word, filters }) =>
      `The PTR record of ${ip} names ${ptr}. ${filters.join(' and ')} ${filters.length > 1 ? 'add' : 'adds'} points for the word "${word}" in it.`,
    explanation:
      'The word is common in names of end-user lines. No filter rejects mail for it alone: the points add to others.',
    remediation: (evidence) => {
      const { ip, word, isOwn } = evidence;
      if (!isOwn) return setReverse(evidence);
      return {
        summary: `Nothing to do: the name is your own and leads back. A PTR record of ${ip} without the word "${word}" would avoid the points.`,
      };
    },
    reference: 'SpamAssassin RDNS_DYNAMIC, Rspamd HFILTER_HOSTNAME',
  }),
  'ptr/zone-appended': findingSpec<AboutPtr & { zone: string }>({
    severity: 'warning',
    title: 'The zone appears twice in the name of the PTR record',
    message: ({ ip, ptr, wanted, zone }) =>
      `The PTR record of ${ip} names ${ptr}. The final dot is missing after ${wanted}, so the editor appended ${zone}.`,
    explanation:
      'The doubled name leads back by accident, such as by a wildcard record. Without that record, the address has no valid name.',
    remediation: setReverse,
    reference: 'RFC 1035 §5.1',
  }),
  'ptr/underscore': findingSpec<AboutPtr & { leadsBack: boolean }>({
    severity: 'warning',
    title: 'The name in the PTR record has an underscore',
    message: ({ ip, ptr, leadsBack }) =>
      `The PTR record of ${ip} names ${ptr}, which is no host name: it has an underscore.${leadsBack ? ' It leads back, so most receivers accept it.' : ''}`,
    explanation:
      'A host name has letters, digits and hyphens. The DNS and most mail servers take an underscore, but strict filters reject or score the name, and Exim rejects it as HELO name.',
    remediation: setReverse,
    reference: 'RFC 1123 §2.1',
  }),
  'ptr/malformed-name': findingSpec<AboutPtr & { fault: Malformed; leadsBack: boolean }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The name in the PTR record is not a host name',
    message: ({ ip, ptr, fault, leadsBack }) =>
      `The PTR record of ${ip} names "${ptr}": ${MALFORMED[fault]}.${leadsBack ? ' It leads back, but that does not help.' : ''}`,
    explanation:
      'Mail servers that check the form of a name (Postfix) discard it, and treat the address as one without a PTR record.',
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
    explanation: 'No public mail host has such a name, so receivers treat the address as one without a PTR record.',
    remediation: setReverse,
    reference: 'RFC 1123 §2.1',
  }),
  'ptr/inconclusive': inconclusiveSpec({
    title: 'The PTR record could not be looked up',
    explanation: 'Receivers that get no answer either defer the mail (4xx) until the reverse zone works.',
    reference: 'RFC 8601 §2.7.3',
    reasons: {
      'reverse-lookup-failed': reason<{ ip: string; query: QueryEvidence }>({
        says: ({ ip, query }) => `The PTR record of ${ip} could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) => repairServers(query),
      }),
      'forward-lookup-failed': reason<{ ip: string; ptr: string; query: QueryEvidence }>({
        says: ({ ip, ptr, query }) =>
          `The address of ${ptr}, which the PTR record of ${ip} names, could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) => repairServers(query),
      }),
    },
  }),
};
