import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { parseIp, reverseName } from '../../../network/ip.ts';
import type { Remediation } from '../../../report/status.ts';
import { addressRecord, plainRecord } from '../../../standards/zone-file/line.ts';
import type { Confirmation } from '../../facts/ptr.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';

export interface AboutPtr {
  readonly ip: string;
  readonly ptr: string;
  /** The name that the PTR record should hold: the HELO name of the host, if known. */
  readonly wanted: string;
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

/**
 * @returns the remediation to set a PTR record. The holder of the address range sets it, rarely the user's own zone.
 */
function setReverse(ip: string, wanted: string): Remediation {
  const address = parseIp(ip);
  return {
    summary: `Set the reverse DNS (PTR) of ${ip} to ${wanted} where you rent the address: in the provider’s console, by its API or by a ticket. ${wanted} must have an address record with ${ip} first.`,
    ...(address
      ? { records: [addressRecord(wanted, ip), plainRecord(reverseName(address), 'PTR', `${wanted}.`)] }
      : {}),
    atProvider: { action: 'set-ptr', ip, name: wanted },
  };
}

/** Why the name in a PTR record cannot be a public host name. */
const NAME_FAULTS = {
  address: 'it is an address, not a name',
  'reverse-tree': 'it is a name of the reverse tree itself',
  private: 'names under this ending exist in private networks only',
  'single-label': 'it is a single label, not a full name',
  characters: 'it has characters that a host name cannot have',
} as const;

export type NameFault = keyof typeof NAME_FAULTS;

const repairServers = ({ name }: QueryEvidence): string =>
  `Have the name servers of ${name} repaired (a broken reverse delegation shows as SERVFAIL or time-out), then run again.`;

export const findings = {
  'ptr/missing': findingSpec<{ ip: string; query: QueryEvidence; zone: string | null; wanted: string }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The address has no reverse name (PTR)',
    message: ({ ip, query }) => `${ip} has no reverse name: ${query.name} is ${query.rcode}.`,
    explanation:
      'Gmail, Yahoo, GMX, Comcast and most others refuse or defer mail from an address without a PTR record (Gmail: 550 5.7.25).',
    remediation: ({ ip, wanted }) => setReverse(ip, wanted),
    reference: 'RFC 1912 §2.1',
  }),
  'ptr/forward-missing': findingSpec<AboutPtr & { query: QueryEvidence }>({
    severity: 'error',
    step: 'forward-record',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The reverse name has no address',
    message: ({ ip, ptr, query }) => `${ip} is named ${ptr}, but ${ptr} has no ${query.type} record (${query.rcode}).`,
    explanation:
      'Anyone can write any name into their reverse zone; receivers believe it only if the name leads back to the address.',
    remediation: ({ ip, ptr }) => ({
      summary: `Publish the ${ip.includes(':') ? 'AAAA' : 'A'} record of ${ptr} with ${ip}.`,
      records: [addressRecord(ptr, ip)],
    }),
    reference: 'RFC 8601 §3',
  }),
  'ptr/forward-mismatch': findingSpec<AboutPtr & { addresses: readonly string[] }>({
    severity: 'error',
    step: 'forward-record',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The reverse name leads to another address',
    message: ({ ip, ptr, addresses }) => `${ip} is named ${ptr}, but ${ptr} leads to ${addresses.join(', ')}.`,
    explanation: 'Receivers treat a name that does not lead back as no name at all (Gmail: 550 5.7.25).',
    remediation: ({ ip, ptr }) => ({
      summary: `Let the address record of ${ptr} include ${ip}, or set the PTR of ${ip} to a name that leads to it.`,
      records: [addressRecord(ptr, ip)],
    }),
    reference: 'RFC 8601 §3',
  }),
  'ptr/multiple': findingSpec<{
    ip: string;
    names: readonly string[];
    confirmed: readonly string[];
    ignored: readonly string[];
  }>({
    severity: 'warning',
    barrier: 'reverse-name',
    title: 'The address has several reverse names',
    message: ({ ip, names, ignored }) => {
      const more = ignored.length > 0 ? ` and ${ignored.length} more` : '';
      return `${ip} has ${names.length + ignored.length} reverse names: ${names.join(', ')}${more}.`;
    },
    explanation: 'Receivers pick one of them, and it may be the wrong one; names beyond the tenth are ignored.',
    remediation: ({ ip, confirmed, names }) => ({
      summary: `Keep one PTR record for ${ip} (${confirmed[0] ?? names[0] ?? 'the HELO name'}) and delete the others.`,
      atProvider: { action: 'delete-ptr', ip },
    }),
    reference: 'RFC 8601 §3',
  }),
  'ptr/partly-confirmed': findingSpec<{ ip: string; names: readonly Confirmed[] }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'Some of the reverse names do not lead back',
    message: ({ ip, names }) => `Of the reverse names of ${ip}, these do not lead back: ${deniedText(names)}.`,
    explanation: 'A receiver that happens to pick such a name treats the host as one without reverse DNS.',
    remediation: ({ ip, names }) => ({
      summary: `Delete the PTR records of ${ip} that do not lead back: ${deniedText(names)}.`,
      atProvider: { action: 'delete-ptr', ip },
    }),
    reference: 'RFC 8601 §3',
  }),
  'ptr/generic': findingSpec<AboutPtr & { pattern: string; match: string }>({
    severity: 'warning',
    barrier: 'reverse-name',
    causes: ['default-ptr'],
    title: 'The reverse name is the provider’s default',
    message: ({ ip, ptr, match }) => `${ip} is named ${ptr}, which is a default name (${match}).`,
    explanation:
      'GMX, WEB.DE, T-Online and others refuse default names; filters score them as a rented or infected machine.',
    remediation: ({ ip, wanted }) => setReverse(ip, wanted),
    reference: 'GMX e-mail policy',
  }),
  'ptr/dynamic': findingSpec<AboutPtr & { token: string }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['default-ptr', 'dynamic-ptr'],
    title: 'The reverse name looks like a dial-up or end-user line',
    message: ({ ip, ptr, token }) => `${ip} is named ${ptr}, which reads as an end-user line ("${token}").`,
    explanation: 'Mail from end-user lines is refused by most receivers, whatever else is right.',
    remediation: ({ ip, wanted }) => ({
      ...setReverse(ip, wanted),
      summary: `Set the reverse DNS (PTR) of ${ip} to ${wanted} if the provider allows it; else move to a static business or server address, or send through a relay (smarthost).`,
    }),
    reference: 'SpamAssassin RDNS_DYNAMIC',
  }),
  'ptr/invalid-name': findingSpec<AboutPtr & { fault: NameFault }>({
    severity: 'error',
    barrier: 'reverse-name',
    causes: ['no-ptr'],
    title: 'The reverse name is not a public host name',
    message: ({ ip, ptr, fault }) => `${ip} is named "${ptr}": ${NAME_FAULTS[fault]}.`,
    explanation: 'A name that cannot exist in the public DNS can never lead back to the address.',
    remediation: ({ ip, wanted }) => setReverse(ip, wanted),
    reference: 'RFC 1123 §2.1',
  }),
  'ptr/inconclusive': inconclusiveSpec({
    title: 'The reverse name could not be looked up',
    explanation: 'Receivers that get no answer either defer the mail (4xx) until the reverse zone works.',
    reference: 'RFC 8601 §2.7.3',
    reasons: {
      'reverse-lookup-failed': reason<{ ip: string; query: QueryEvidence }>({
        says: ({ ip, query }) => `The reverse name of ${ip} could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) => repairServers(query),
      }),
      'forward-lookup-failed': reason<{ ip: string; ptr: string; query: QueryEvidence }>({
        says: ({ ip, ptr, query }) =>
          `The address of ${ptr}, the reverse name of ${ip}, could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) => repairServers(query),
      }),
    },
  }),
};
