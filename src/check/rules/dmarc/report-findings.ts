/** Defines the findings about report addresses. */
import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { UriFault } from '../../../standards/dmarc/report-uri.ts';
import type { DmarcSlip } from '../../../standards/dmarc/slip.ts';
import { isMisspelling } from '../../../standards/misspelt-name.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import { textValue } from '../../../standards/zone-file/line.ts';
import { addValues } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import { placeText } from '../own-place.ts';
import { shown } from '../quoted.ts';
import { changeOfOwn } from './own-record.ts';
import { causesOf } from './slip-words.ts';
import { URI_FAULTS } from './words.ts';

/** @returns the question whether the host of an address is a misspelt domain of the owner, with a space behind it. */
function typo(host: string, domain: string): string {
  const meant = [domain, organizationalDomain(domain)].find((own) => isMisspelling(host, own));
  return meant === undefined ? '' : `Check the spelling of ${host} first: did you mean ${meant}? `;
}

/** @returns the addresses that were meant. The general form when none can be read. */
function meantUris(slips: readonly DmarcSlip[]): string {
  const meant = slips.flatMap(({ meant: uri = '' }) => (uri.startsWith('mailto:') ? [uri] : []));
  return meant.length === 0 ? 'mailto:user@host' : [...new Set(meant)].map(shown).join(' and ');
}

export const reportFindings = {
  'dmarc/no-rua': findingSpec<{
    name: string;
    record: string;
    alias: string | null;
    /** The address for reports. `null` if no domain of the owner takes mail. */
    reportsTo: string | null;
    /** Present if not all MX records could be looked up, so that a domain may take mail. */
    isRouteUnknown?: true;
  }>({
    severity: 'warning',
    title: 'Nobody receives DMARC reports',
    message: ({ name, alias }) =>
      `${placeText({ name, alias })} has no usable rua address, so no aggregate reports are sent.`,
    explanation: 'Without reports you cannot see which of your own mail fails DMARC before you enforce it.',
    remediation: ({ name, alias, reportsTo, isRouteUnknown }, target) =>
      reportsTo === null
        ? {
            summary: isRouteUnknown
              ? `Add rua to the record at ${name}, with a mailbox that you or a report service read.`
              : `Add rua to the record at ${name}. The domain accepts no mail, so use a mailbox at another domain, such as a report service.`,
          }
        : {
            summary: `Add rua to the record at ${name}. Create the mailbox ${reportsTo} first, or use one that you or a report service read.`,
            edits: changeOfOwn(target, { name, alias }, { do: 'ask-for-reports', uri: `mailto:${reportsTo}` }),
          },
    reference: 'RFC 9989 §5.1',
  }),
  'dmarc/rua-invalid': findingSpec<{
    name: string;
    alias: string | null;
    tag: 'rua' | 'ruf';
    uris: readonly { uri: string; fault: UriFault }[];
    slips: readonly DmarcSlip[];
  }>({
    severity: 'warning',
    title: 'A DMARC report address is not valid',
    message: ({ name, alias, tag, uris, slips }) => {
      const faults = uris.slice(0, 3).map(({ uri, fault }) => `${shown(uri)} ${URI_FAULTS[fault]}`);
      const more = uris.length > 3 ? `; and ${uris.length - 3} more` : '';
      const inAscii = slips.filter(({ kind }) => kind === 'address-characters');
      const cause = inAscii.length === 0 ? '' : ` Cause: ${causesOf(inAscii)}.`;
      return `${tag} at ${placeText({ name, alias })}: ${faults.join('; ')}${more}.${cause}`;
    },
    explanation: 'Receivers ignore such an address and send no reports to it.',
    remediation: ({ name, alias, tag, uris, slips }, target) =>
      uris.every(({ fault }) => fault === 'unsupported-scheme')
        ? {
            summary: `Add a mailto: address to ${tag} in the record at ${name}: receivers need not support other URIs.`,
          }
        : {
            summary: `Write ${meantUris(slips)} in ${tag} in the record at ${name}. Separate several addresses with commas.`,
            edits: changeOfOwn(target, { name, alias }, { do: 'correct' }),
          },
    reference: 'RFC 9990 §4',
  }),
  'dmarc/rua-unauthorized': findingSpec<{
    host: string;
    tags: readonly string[];
    policyDomain: string;
    name: string;
    query: QueryEvidence | null;
  }>({
    severity: 'warning',
    title: 'The report destination has not agreed to receive DMARC reports',
    message: ({ host, policyDomain, name, query }) =>
      query
        ? `Reports for ${policyDomain} go to ${host}, but ${name} ${query.rcode === 'nxdomain' ? 'does not exist' : 'has no DMARC record'}.`
        : `Reports for ${policyDomain} go to ${host}, but the name of the record that would allow it is too long to exist.`,
    explanation: 'Receivers send reports to another organization only if its DNS allows it.',
    remediation: ({ host, name, query }, { domain }) => ({
      summary: query
        ? `${typo(host, domain)}Ask the administrator of ${host} to publish a TXT record at ${name}, or use an address of your own domain.`
        : `${typo(host, domain)}Use an address of your own domain.`,
      edits: query ? [addValues('TXT', name, textValue('v=DMARC1;'))] : [],
    }),
    reference: 'RFC 9990 §4',
  }),
  'dmarc/rua-undeliverable': findingSpec<{
    host: string;
    tags: readonly string[];
    addresses: readonly string[];
    state: 'absent' | 'null-mx';
    query: QueryEvidence;
  }>({
    severity: 'warning',
    title: 'The DMARC report destination cannot receive mail',
    message: ({ host, state }) =>
      state === 'null-mx'
        ? `Reports go to ${host}, which accepts no mail (null MX).`
        : `Reports go to ${host}, which has neither an MX record nor an address.`,
    explanation: 'Reports to such an address bounce.',
    remediation: ({ host }, { domain }) => ({
      summary: `${typo(host, domain)}Use a mailbox that exists, or publish an MX record for ${host}.`,
    }),
    reference: 'RFC 9990 §4',
  }),
} as const;
