/** Defines the findings about report addresses. */

import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { UriFault } from '../../../standards/dmarc/report-uri.ts';
import type { DmarcSlip } from '../../../standards/dmarc/slip.ts';
import { textValue } from '../../../standards/zone-file/line.ts';
import { addValues } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import { changeOfOwn, placeOf } from './own-record.ts';
import { causesOf } from './slip-words.ts';
import { shown, URI_FAULTS } from './words.ts';

export const reportFindings = {
  'dmarc/no-rua': findingSpec<{
    name: string;
    record: string;
    alias: string | null;
    /** The address for reports. `null` if no domain of the owner takes mail. */
    reportsTo: string | null;
  }>({
    severity: 'warning',
    title: 'Nobody receives the reports',
    message: ({ name, alias }) =>
      `${placeOf({ name, alias })} has no usable rua address, so no aggregate reports are sent.`,
    explanation: 'Without reports nobody sees which of your own mail fails, and enforcement is blind.',
    remediation: ({ name, alias, reportsTo }, target) =>
      reportsTo === null
        ? {
            summary: `Add rua to the record at ${name}, with a mailbox that is read. No address is proposed, because the domain takes no mail: use one elsewhere, such as that of a report service.`,
          }
        : {
            summary: 'Have the reports sent to a mailbox that is read, by a person or a report service.',
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
    title: 'A report address is not valid',
    message: ({ name, alias, tag, uris, slips }) => {
      const faults = uris.slice(0, 3).map(({ uri, fault }) => `${shown(uri)} ${URI_FAULTS[fault]}`);
      const more = uris.length > 3 ? `; and ${uris.length - 3} more` : '';
      const inAscii = slips.filter(({ kind }) => kind === 'address-characters');
      const cause = inAscii.length === 0 ? '' : ` The cause: ${causesOf(inAscii)}.`;
      return `${placeOf({ name, alias })}, ${tag}: ${faults.join('; ')}${more}.${cause}`;
    },
    explanation: 'Receivers ignore such an address, so its reports are never sent.',
    remediation: ({ name, alias, tag, uris }, target) =>
      uris.every(({ fault }) => fault === 'unsupported-scheme')
        ? {
            summary: `Add a mailto: address to ${tag} in the record at ${name}: receivers need not support other URIs.`,
          }
        : {
            summary: `Write ${tag}=mailto:user@host in the record at ${name}, several separated by commas.`,
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
    title: 'The report destination has not agreed to receive reports',
    message: ({ host, policyDomain, name, query }) =>
      query
        ? `Reports for ${policyDomain} go to ${host}, but ${name} has no DMARC record (${query.rcode}).`
        : `Reports for ${policyDomain} go to ${host}, but the name that would allow it is too long to exist.`,
    explanation: 'Receivers send reports to another organization only if its DNS says that it wants them.',
    remediation: ({ host, name, query }) => ({
      summary: query
        ? `Have the administrator of ${host} publish a TXT record at ${name}, or use an address of your own domain.`
        : 'Use an address of your own domain.',
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
    title: 'The report destination cannot receive mail',
    message: ({ host, state }) =>
      state === 'null-mx'
        ? `Reports go to ${host}, which accepts no mail (null MX).`
        : `Reports go to ${host}, which has neither MX nor address.`,
    explanation: 'Reports to it bounce.',
    remediation: ({ host }) => ({ summary: `Use a mailbox that exists, or publish an MX record for ${host}.` }),
    reference: 'RFC 9990 §4',
  }),
} as const;
