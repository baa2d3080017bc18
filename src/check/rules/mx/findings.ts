import type { MxRecord, QueryEvidence } from '../../../network/dns/answer.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import { addressRecord, plainRecord } from '../../../standards/zone-file/line.ts';
import type { VantageKind } from '../../facts/vantage.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';

/** An address that could not be connected to. */
export interface Unreachable {
  readonly ip: string;
  readonly status: string;
  readonly detail: string;
}

const mxText = ({ preference, exchange }: MxRecord): string => `MX ${preference} ${exchange === '' ? '.' : exchange}`;
const unreachableText = (list: readonly Unreachable[]): string =>
  list.map(({ ip, detail }) => `${ip} (${detail})`).join(', ');

const ELSEWHERE = 'Run again from a network that lets port 25 out, such as the mail host itself or another server.';

export const findings = {
  'mx/none': findingSpec<{ query: QueryEvidence; addresses: readonly string[] }>({
    severity: 'warning',
    title: 'No MX record: mail goes to the domain’s own address',
    message: ({ query, addresses }) =>
      `${query.name} has no MX; bounces would go to its address ${addresses.join(', ')}.`,
    explanation:
      'Without an MX, mail falls back to the A or AAAA record, often a web server. Some filters read a missing MX as a sign of neglect.',
    remediation: (_, { domain }) => ({
      summary: 'Publish an MX record that names the host which receives mail for the domain.',
      records: [plainRecord(domain, 'MX', `10 mail.${domain}.`)],
    }),
    reference: 'RFC 5321 §5.1',
  }),
  'mx/no-address': findingSpec<{ query: QueryEvidence }>({
    severity: 'error',
    causes: ['no-return-path'],
    title: 'The domain cannot receive mail: neither MX nor address',
    message: ({ query }) => `${query.name} has neither an MX record nor an address of its own.`,
    explanation: 'Many receivers refuse a sender domain that could never take a bounce.',
    remediation: (_, { domain, ips }) => ({
      summary: 'Publish an MX record, and an address for the host it names.',
      records: [
        plainRecord(domain, 'MX', `10 mail.${domain}.`),
        ...ips.map((ip) => addressRecord(`mail.${domain}`, ip)),
      ],
    }),
    reference: 'RFC 5321 §5.1',
  }),
  'mx/null-mx': findingSpec<{ query: QueryEvidence }>({
    severity: 'warning',
    causes: ['no-return-path'],
    title: 'The domain says that it takes no mail (null MX)',
    message: ({ query }) => `${query.name} publishes "MX 0 .", which says that it neither takes mail nor bounces.`,
    explanation: 'Receivers may refuse mail from such a domain with "550 5.7.27 Sender address has null MX".',
    remediation: (_, { domain }) => ({
      summary: 'Replace the null MX by a real one, or use another domain as the envelope sender.',
      records: [plainRecord(domain, 'MX', `10 mail.${domain}.`)],
    }),
    reference: 'RFC 7505 §4.2',
  }),
  'mx/null-mx-mixed': findingSpec<{ records: readonly MxRecord[] }>({
    severity: 'error',
    title: 'A null MX stands beside real MX records',
    message: ({ records }) => `The MX records contradict each other: ${records.map(mxText).join(', ')}.`,
    explanation: 'A null MX must be the only MX record; what senders do with a mixture is anybody’s guess.',
    remediation: () => ({ summary: 'Delete the record "MX 0 ." and keep the real ones (or the other way round).' }),
    reference: 'RFC 7505 §3',
  }),
  'mx/target-is-ip': findingSpec<{ record: MxRecord }>({
    severity: 'error',
    title: 'An MX record names an address instead of a host',
    message: ({ record }) => `"${mxText(record)}" names an IP address; an MX must name a host.`,
    explanation: 'Senders look the exchange up as a name, find nothing, and cannot deliver.',
    remediation: ({ record }, { domain }) => ({
      summary: `Give the host a name with an address record, and point the MX at the name instead of ${record.exchange}.`,
      records: [addressRecord(`mail.${domain}`, record.exchange), plainRecord(domain, 'MX', `10 mail.${domain}.`)],
    }),
    reference: 'RFC 1035 §3.3.9',
  }),
  'mx/target-is-cname': findingSpec<{ name: string; chain: readonly string[]; preference: number }>({
    severity: 'warning',
    title: 'An MX record points at an alias',
    message: ({ name, chain }) => `The exchange ${name} is an alias (CNAME) of ${chain.at(-1) ?? ''}.`,
    explanation: 'The standard forbids it; some mail servers refuse such a domain or loop.',
    remediation: ({ name, chain, preference }, { domain }) => ({
      summary: `Point the MX at the real name instead of the alias ${name}.`,
      records: [plainRecord(domain, 'MX', `${preference} ${chain.at(-1) ?? name}.`)],
    }),
    reference: 'RFC 2181 §10.3',
  }),
  'mx/target-unresolvable': findingSpec<{ name: string; rcode: string }>({
    severity: 'error',
    title: 'An MX host has no address',
    message: ({ name, rcode }) => `The exchange ${name} has no address (${rcode}).`,
    explanation:
      'Mail and bounces for the domain are lost or delayed; if the name belongs to an unregistered domain, whoever registers it receives them.',
    remediation: ({ name }, { domain, ips }) => ({
      summary: `Create the address record of ${name}, or delete the MX record that names it.`,
      ...(name.endsWith(`.${domain}`) ? { records: ips.slice(0, 2).map((ip) => addressRecord(name, ip)) } : {}),
    }),
    reference: 'RFC 5321 §5.1',
  }),
  'mx/target-not-public': findingSpec<{ name: string; addresses: readonly string[]; isAll: boolean }>({
    severity: 'error',
    title: 'An MX host has addresses that are not public',
    message: ({ name, addresses, isAll }) =>
      `The exchange ${name} resolves to ${addresses.join(', ')}${isAll ? '' : ' beside its public addresses'}, which nobody outside can reach.`,
    explanation:
      'Senders on the internet cannot deliver to private, loopback or reserved addresses. They were not connected to.',
    remediation: ({ name, addresses, isAll }) => ({
      summary: isAll
        ? `Publish the public address of ${name}.`
        : `Remove the address records of ${name} that hold ${addresses.join(', ')}.`,
    }),
    reference: 'RFC 6890',
  }),
  'mx/port-closed': findingSpec<{
    name: string;
    port: number;
    addresses: readonly Unreachable[];
    /** Another address that answers on the port. `null` when the host itself refuses. */
    reachedElsewhere: string | null;
  }>({
    severity: 'error',
    title: 'An MX host does not take SMTP connections',
    message: ({ name, port, addresses }) =>
      `${name} takes no connection on port ${port}: ${unreachableText(addresses)}.`,
    explanation: 'Mail, bounces and DMARC reports for the domain cannot be delivered.',
    remediation: ({ name, port }) => ({
      summary: `Start the mail server on ${name}, and open inbound TCP port ${port} in its firewall or security group.`,
    }),
    reference: 'RFC 5321 §2.1',
  }),
  'mx/some-unreachable': findingSpec<{ port: number; addresses: readonly Unreachable[]; reached: readonly string[] }>({
    severity: 'warning',
    title: 'Some MX addresses do not take SMTP connections',
    message: ({ port, addresses, reached }) =>
      `No connection on port ${port} to ${unreachableText(addresses)}, while ${reached.join(', ')} answers.`,
    explanation:
      'Senders that try the dead address first are delayed. Typical: an AAAA record, and a server that listens on IPv4 only.',
    remediation: ({ addresses }) => ({
      summary: `Make the mail server listen on ${addresses.map(({ ip }) => ip).join(', ')}, or remove the record that publishes it.`,
    }),
    reference: 'RFC 5321 §5.1',
  }),
  'mx/postmaster-refused': findingSpec<{ name: string; mailbox: string; smtp: SmtpEvidence }>({
    severity: 'warning',
    title: 'Mail for postmaster is refused',
    message: ({ name, mailbox, smtp }) => `${name} refuses mail for ${mailbox}: ${smtp.code} ${smtp.text}.`,
    explanation:
      'Whoever has trouble with mail of the domain, receivers and block lists included, writes to postmaster; the standard requires the mailbox.',
    remediation: ({ mailbox }, { domain }) => ({
      summary: `Create the mailbox or alias ${mailbox}, and abuse@${domain} beside it.`,
    }),
    reference: 'RFC 5321 §4.5.1, RFC 2142 §5',
  }),
  'mx/ip-not-mx': findingSpec<{ ips: readonly string[]; mxAddresses: readonly string[] }>({
    severity: 'info',
    title: 'The tested address is not one of the MX hosts',
    message: ({ ips, mxAddresses }) => `None of ${ips.join(', ')} is an MX address (${mxAddresses.join(', ')}).`,
    explanation: 'Normal for a host that only sends.',
    remediation: () => ({ summary: 'Nothing to do if this host only sends; else add it to the MX records.' }),
    reference: 'RFC 5321 §5.1',
  }),
  'mx/inconclusive': inconclusiveSpec({
    title: 'Whether the domain can receive mail could not be seen',
    explanation:
      'A closed port and a network that blocks port 25 look the same from here, and a failed lookup is not an absent record.',
    reference: 'RFC 5321 §5.1',
    reasons: {
      'lookup-failed': reason<{ query: QueryEvidence }>({
        says: ({ query }) => `The lookup of ${query.name} ${query.type} failed: ${query.detail ?? query.rcode}.`,
        fix: () => 'Repair the lookup (see the evidence), then run again.',
      }),
      'hosts-left-out': reason<{ looked: number; of: number }>({
        says: ({ looked, of }) => `Only the ${looked} most preferred of ${of} MX hosts were looked at.`,
        fix: () => ELSEWHERE,
      }),
      'addresses-left-out': reason<{ name: string; looked: number; of: number }>({
        says: ({ name, looked, of }) => `Only ${looked} of the ${of} addresses of ${name} were looked at.`,
        fix: () => ELSEWHERE,
      }),
      unreached: reason<{ name: string; port: number; addresses: readonly Unreachable[]; vantage: VantageKind }>({
        says: ({ name, port, addresses }) =>
          `${name} could not be reached on port ${port}: ${unreachableText(addresses)}; and nothing else answered on that port, so this network may block it.`,
        fix: () => ELSEWHERE,
      }),
      'postmaster-unknown': reason<{ name: string; mailbox: string; smtp: SmtpEvidence }>({
        says: ({ name, mailbox, smtp: { command, code, text } }) =>
          `Whether ${name} takes mail for ${mailbox} is not known: ${command} got ${code === null ? '' : `${code} `}${text}.`,
        fix: () => 'Run again later, or from a network that the host lets in; the reply is in the evidence.',
      }),
    },
  }),
};
