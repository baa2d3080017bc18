import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { TlsRptSlip } from '../../../standards/tls-rpt/correct.ts';
import type { DestinationFault, FieldDefect } from '../../../standards/tls-rpt/record.ts';
import { textValue } from '../../../standards/zone-file/line.ts';
import type { Target } from '../../target.ts';
import { contactServers } from '../dns-words.ts';
import type { Edit } from '../edit.ts';
import { type Emit, findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { ownNames, type Place, placeText } from '../own-place.ts';
import { clauses, shown } from '../quoted.ts';
import { DEMANDS, type Demand } from './demands.ts';
import { DESTINATION_FAULTS, describeDefect, describeSlip } from './words.ts';

/** @returns the edit that puts the record that was meant in the place of the faulty texts. None without such a record. */
function replaced(target: Target, place: Place, texts: readonly string[], meant: string | null): Edit[] {
  if (meant === null) return [];
  const because = texts.length === 0 ? 'publishes a first record' : 'writes the TLS-RPT record that was meant';
  const change = { do: 'values', add: [textValue(meant)], remove: texts.map(textValue), because } as const;
  return ownNames(target, place).map((name) => ({ record: 'TXT', name, change }));
}

export const findings = {
  'tls-rpt/absent': findingSpec<
    Place & {
      query: QueryEvidence;
      /** The TXT records at the name, at most ten. */
      otherTexts: readonly string[];
      /** The text that was meant as the record, and why senders do not read it. */
      nearMiss: { readonly texts: readonly string[]; readonly slips: readonly TlsRptSlip[] } | null;
      /** The record that was meant, or one to begin with. `null` if a near miss cannot be read. */
      proposed: string | null;
      demands: readonly Demand[];
    }
  >({
    // The rule makes it a warning if the owner meant to have a record, or asks senders for encryption.
    severity: 'info',
    title: 'The domain has no TLS-RPT record',
    message: ({ name, alias, otherTexts, nearMiss, demands }) => {
      const asked = demands.map((demand) => DEMANDS[demand]).join(' and ');
      const why = asked === '' ? '' : ` Senders that follow ${asked} may hold mail back, and nobody would tell you.`;
      if (nearMiss !== null) {
        const causes = clauses(nearMiss.slips.map(describeSlip)) || 'it does not start with v=TLSRPTv1;';
        return `Senders do not read ${shown(nearMiss.texts[0] ?? '')} at ${placeText({ name, alias })} as TLS-RPT: ${causes}.${why}`;
      }
      const none = otherTexts.length > 0 ? ' (the TXT record there is not a TLS-RPT record)' : '';
      return `No TLS-RPT record was found at ${placeText({ name, alias })}${none}.${why}`;
    },
    explanation: 'With TLS-RPT, senders report mail to the domain that they could not encrypt. The record is optional.',
    remediation: ({ name, alias, nearMiss, proposed }, target) => {
      if (nearMiss === null) {
        return {
          summary: `Optional: publish a TLS-RPT record at ${name}. Create its mailbox first, or use one that you or a report service read.`,
          edits: replaced(target, { name, alias }, [], proposed),
        };
      }
      return {
        summary: `Correct the record at ${name}. It must start with exactly v=TLSRPTv1; and continue with rua= and the addresses.`,
        edits: replaced(target, { name, alias }, nearMiss.texts, proposed),
      };
    },
    reference: 'RFC 8460 §3',
  }),
  'tls-rpt/invalid': findingSpec<
    Place & {
      /** The records that begin with `v=TLSRPTv1`. Senders use none of several. */
      records: readonly string[];
      defects: readonly FieldDefect[];
      addresses: readonly { readonly uri: string; readonly fault: DestinationFault }[];
      /** The number of all defects and faulty addresses. */
      count: number;
      /** Whether an address is left that senders can use. */
      isUsable: boolean;
      slips: readonly TlsRptSlip[];
      /** The record that was meant. `null` when a part cannot be read. */
      meant: string | null;
    }
  >({
    severity: 'error',
    title: 'The TLS-RPT record is not valid',
    message: ({ name, alias, records, defects, addresses, count, isUsable }) => {
      const place = placeText({ name, alias });
      if (records.length > 1) return `${place} has ${records.length} TLS-RPT records, so senders use none of them.`;
      const faults = [
        ...addresses.map(({ uri, fault }) => `${shown(uri)} ${DESTINATION_FAULTS[fault]}`),
        ...defects.map(describeDefect),
      ];
      const effect = isUsable ? 'Some senders may ignore the whole record.' : 'No sender can report.';
      return `${place}: ${clauses(faults, count)}. ${effect}`;
    },
    explanation: 'Senders ignore a record that does not follow the grammar, so you get no reports about TLS failures.',
    remediation: ({ name, alias, records, meant }, target) => ({
      summary:
        records.length > 1
          ? `Keep one record at ${name} with all addresses, and delete the others.`
          : `Correct the record at ${name}: v=TLSRPTv1; rua= and mailto: or https: addresses, separated by commas.`,
      edits: replaced(target, { name, alias }, records, meant),
    }),
    reference: 'RFC 8460 §3',
  }),
  'tls-rpt/rua-undeliverable': findingSpec<{
    host: string;
    uris: readonly string[];
    state: 'absent' | 'null-mx';
    isMail: boolean;
    query: QueryEvidence;
  }>({
    severity: 'warning',
    title: 'The TLS-RPT report destination cannot receive reports',
    message: ({ host, state, isMail }) => {
      if (state === 'null-mx') return `TLS reports go to ${host}, which accepts no mail (null MX).`;
      const lacks = isMail ? 'has neither an MX record nor an address' : 'has no address';
      return `TLS reports go to ${host}, which ${lacks}.`;
    },
    explanation: 'Reports to such a destination are lost.',
    remediation: ({ host, isMail }) => ({
      summary: isMail
        ? `Use a mailbox that exists, or publish an MX record for ${host}. Check the spelling of ${host} first.`
        : `Correct the web address, or publish an address record for ${host}. Check the spelling of ${host} first.`,
    }),
    reference: 'RFC 8460 §3, §5',
  }),
  'tls-rpt/inconclusive': inconclusiveSpec({
    title: 'TLS-RPT could not be checked',
    explanation: 'A sender whose lookup fails as well sends no report.',
    reference: 'RFC 8460 §3',
    reasons: {
      'record-lookup-failed': reason<{ query: QueryEvidence }>({
        says: ({ query }) => `The TLS-RPT record at ${query.name} could not be looked up (${query.rcode}).`,
        fix: ({ query }) => contactServers(query),
      }),
      'route-lookup-failed': reason<{ host: string; query: QueryEvidence }>({
        says: ({ host, query }) =>
          `The ${query.type} lookup of ${query.name} failed (${query.rcode}), so it is unknown whether ${host} can receive reports.`,
        fix: ({ query }) => contactServers(query),
      }),
    },
  }),
} as const;

export type Emitter = Emit<typeof findings>;
