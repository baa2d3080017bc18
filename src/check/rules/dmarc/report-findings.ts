/** Defines the findings about report addresses. */

import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { editRecord } from '../../../standards/dmarc/edit.ts';
import type { UriFault } from '../../../standards/dmarc/report-uri.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';
import { quoteInput } from '../../../usage-error.ts';
import { findingSpec } from '../finding.ts';
import { URI_FAULTS } from './words.ts';

export const reportFindings = {
  'dmarc/no-rua': findingSpec<{ name: string; record: string; correct: string }>({
    severity: 'warning',
    title: 'Nobody receives the reports',
    message: ({ name }) => `${name} has no usable rua address, so no aggregate reports are sent.`,
    explanation: 'Without reports nobody sees which of your own mail fails, and enforcement is blind.',
    remediation: ({ name, correct }, { domain }) => ({
      summary: 'Add a mailbox that is read, by a person or a report service.',
      records: [txtRecord(name, editRecord(correct, { rua: `mailto:dmarc@${domain}` }))],
    }),
    reference: 'RFC 9989 §5.1',
  }),
  'dmarc/rua-invalid': findingSpec<{
    name: string;
    tag: 'rua' | 'ruf';
    uris: readonly { uri: string; fault: UriFault }[];
  }>({
    severity: 'warning',
    title: 'A report address is not valid',
    message: ({ name, tag, uris }) =>
      `${name}, ${tag}: ${uris
        .slice(0, 3)
        .map(({ uri, fault }) => `${quoteInput(uri)} ${URI_FAULTS[fault]}`)
        .join('; ')}${uris.length > 3 ? `; and ${uris.length - 3} more` : ''}.`,
    explanation: 'Receivers ignore such an address, so its reports are never sent.',
    remediation: ({ name, tag }) => ({
      summary: `Write ${tag}=mailto:user@host in the record at ${name}, several separated by commas.`,
    }),
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
    remediation: ({ host, name }) => ({
      summary: `Have the administrator of ${host} publish this record, or use an address of your own domain.`,
      records: [txtRecord(name, 'v=DMARC1;')],
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
