import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { Remediation } from '../../../report/status.ts';
import { addressRecord, txtRecord } from '../../../standards/zone-file/line.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';

export interface AboutHelo {
  readonly ip: string;
  readonly helo: string;
  /** The source of the name: `option`, `greeting`, `ehlo` or `ptr`. */
  readonly source: string;
}

/** @returns the remediation to announce a name, with the settings of common mail servers. */
function setHelo(name: string): Remediation {
  return {
    summary: `Make the mail server announce ${name}: the full name that its PTR gives and that leads back to its address.`,
    commands: [
      `postconf -e 'myhostname = ${name}' && systemctl reload postfix   # Postfix`,
      `primary_hostname = ${name}   # Exim: in the main configuration, then: systemctl reload exim4`,
    ],
  };
}

/** Why a host must not announce a name. */
const NAME_FAULTS = {
  local: 'that name exists on one machine or in one network only',
  'single-label': 'a single label is not a full name',
  characters: 'it has characters that a host name cannot have',
} as const;

export type NameFault = keyof typeof NAME_FAULTS;

const nameIt = (name: string): string => `Say which name the host announces: --helo ${name}`;

const repairServers = ({ helo }: AboutHelo): string => `Have the name servers of ${helo} repaired, then run again.`;

export const findings = {
  'helo/not-fqdn': findingSpec<AboutHelo & { fault: NameFault; wanted: string }>({
    severity: 'error',
    step: 'full-host-name',
    causes: ['bad-helo'],
    title: 'The HELO name is not a full public host name',
    message: ({ helo, fault }) => `The host announces itself as "${helo}": ${NAME_FAULTS[fault]}.`,
    explanation:
      'Many receivers refuse it at once (Postfix: 504 5.5.2 Helo command rejected: need fully-qualified hostname).',
    remediation: ({ wanted }) => setHelo(wanted),
    reference: 'RFC 5321 §2.3.5',
  }),
  'helo/bare-ip': findingSpec<AboutHelo & { wanted: string }>({
    severity: 'error',
    causes: ['bad-helo'],
    title: 'The HELO name is a bare IP address',
    message: ({ helo }) => `The host announces itself as ${helo}, a bare address, which is not even valid syntax.`,
    explanation: 'Only infected machines and broken scripts greet like this; receivers refuse it.',
    remediation: ({ wanted }) => setHelo(wanted),
    reference: 'RFC 5321 §4.1.3',
  }),
  'helo/address-literal': findingSpec<AboutHelo & { wanted: string }>({
    severity: 'warning',
    title: 'The HELO name is an address literal',
    message: ({ helo }) => `The host announces itself as ${helo}, which is legal but refused by many receivers.`,
    explanation: 'An address literal is meant for hosts that have no name; a mail server has one.',
    remediation: ({ wanted }) => setHelo(wanted),
    reference: 'RFC 5321 §4.1.3',
  }),
  'helo/unresolvable': findingSpec<AboutHelo & { query: QueryEvidence }>({
    severity: 'error',
    step: 'host-name',
    causes: ['unknown-helo'],
    title: 'The HELO name has no address',
    message: ({ helo, query }) => `The HELO name ${helo} has neither an A nor an AAAA record (${query.rcode}).`,
    explanation:
      'Receivers look the name up and refuse what does not exist (Postfix: 450 4.7.1 Helo command rejected: Host not found).',
    remediation: ({ helo, ip }) => ({
      summary: `Publish the address record of ${helo}.`,
      records: [addressRecord(helo, ip)],
    }),
    reference: 'RFC 5321 §2.3.5',
  }),
  'helo/ip-mismatch': findingSpec<AboutHelo & { addresses: readonly string[] }>({
    severity: 'warning',
    title: 'The HELO name leads to another address',
    message: ({ helo, ip, addresses }) => `The HELO name ${helo} leads to ${addresses.join(', ')}, not to ${ip}.`,
    explanation: 'A receiver may not refuse for this alone, but filters score it, and some refuse all the same.',
    remediation: ({ helo, ip }) => ({
      summary: `Let the address record of ${helo} include ${ip}, so that all addresses the host sends from are listed.`,
      records: [addressRecord(helo, ip)],
    }),
    reference: 'RFC 5321 §4.1.4',
  }),
  'helo/ptr-mismatch': findingSpec<AboutHelo & { ptr: readonly string[]; heloLeadsToIp: boolean }>({
    severity: 'warning',
    title: 'The HELO name is not the reverse name',
    message: ({ helo, ip, ptr }) => `The HELO name is ${helo}, but ${ip} is named ${ptr.join(', ')}.`,
    explanation: 'One name for HELO, PTR and address record is what GMX and careful filters expect of a mail server.',
    remediation: ({ helo, ip }) => ({
      summary: `Use one name everywhere: set the PTR of ${ip} to ${helo}, or announce the PTR’s name.`,
    }),
    reference: 'GMX e-mail policy',
  }),
  'helo/spf-fail': findingSpec<AboutHelo & { result: string; problem: string | null }>({
    severity: 'error',
    title: 'SPF of the HELO name rejects the host',
    message: ({ helo, ip, result, problem }) =>
      `SPF for the HELO name ${helo} gives ${result} for ${ip}${problem === null ? '' : `: ${problem}`}.`,
    explanation:
      'Bounces have an empty sender, so the HELO name is all that SPF can judge; some receivers check it for all mail.',
    remediation: ({ helo }) => ({
      summary: `Let the SPF record of ${helo} authorise the host.`,
      records: [txtRecord(helo, 'v=spf1 a -all')],
    }),
    reference: 'RFC 7208 §2.3',
  }),
  'helo/spf-missing': findingSpec<AboutHelo>({
    severity: 'info',
    title: 'The HELO name has no SPF record',
    message: ({ helo }) => `${helo} has no SPF record, so bounces (empty sender) have no SPF identity.`,
    explanation: 'Optional, but it stops others from using the name, and gives bounces a pass.',
    remediation: ({ helo }) => ({
      summary: `Publish an SPF record for ${helo}.`,
      records: [txtRecord(helo, 'v=spf1 a -all')],
    }),
    reference: 'RFC 7208 §2.4',
  }),
  'helo/unknown': inconclusiveSpec({
    title: 'The HELO name is not known',
    explanation:
      'The name a host gives when it sends is checked by most receivers, and only the host’s own configuration or greeting tells it.',
    reference: 'RFC 5321 §4.1.1.1',
    reasons: {
      'no-source': reason<{ ip: string; tried: readonly { readonly source: string; readonly outcome: string }[] }>({
        says: ({ ip }) =>
          `Nothing tells the name that ${ip} announces: no --helo was given, its SMTP port gave no name, and no PTR was found.`,
        fix: (_evidence, { domain }) => nameIt(`mail.${domain}`),
      }),
      'assumed-from-ptr': reason<{ ip: string; assumed: string }>({
        says: ({ ip, assumed }) =>
          `The name that ${ip} announces is not known: no --helo was given and its SMTP port gave no name. Its PTR, ${assumed}, was assumed.`,
        fix: ({ assumed }) => nameIt(assumed),
      }),
    },
  }),
  'helo/inconclusive': inconclusiveSpec({
    title: 'The HELO name could not be looked up',
    explanation: 'A lookup that fails is not an absent record; receivers defer the mail (4xx) until it works.',
    reference: 'RFC 5321 §2.3.5',
    reasons: {
      'lookup-failed': reason<AboutHelo & { query: QueryEvidence }>({
        says: ({ helo, query }) => `The HELO name ${helo} could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: repairServers,
      }),
      'spf-lookup-failed': reason<AboutHelo & { problem: string | null }>({
        says: ({ helo, problem }) =>
          `SPF of the HELO name ${helo} could not be looked up${problem === null ? '' : `: ${problem}`}.`,
        fix: repairServers,
      }),
    },
  }),
};
