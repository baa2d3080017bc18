import type { MxRecord, QueryEvidence } from '../../../network/dns/answer.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import type { RecordValue } from '../../../standards/zone-file/line.ts';
import type { NoGreeting } from '../../facts/no-greeting.ts';
import type { VantageKind } from '../../facts/vantage.ts';
import { decoyReason } from '../decoy.ts';
import { addAddress, removePrivateAddress } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import { heldBackReasons } from '../held-back.ts';
import { startServer } from '../host-obstacle.ts';
import { inconclusiveSpec, type Obstructed, reason } from '../inconclusive.ts';
import { doesText, greetingFix } from '../no-greeting.ts';
import { noRoute } from '../obstacles.ts';
import { type Tells, tellsFix, tellsText } from '../turned-away.ts';
import { proxyText } from '../web-proxy.ts';
import { type ExchangeEvidence, editsOf } from './exchanges.ts';
import {
  aliasText,
  findHost,
  localText,
  misplacedText,
  type NoMx,
  outOfProxy,
  type Proxied,
  publishMx,
  quoted,
  replaceLocal,
  slipText,
} from './remedies.ts';

/** An address that could not be connected to. */
export interface Unreachable {
  readonly ip: string;
  readonly status: string;
  readonly detail: string;
}

/** What an address of an MX host answered in place of taking mail. */
export interface TurnedAwayEvidence {
  readonly ip: string;
  readonly smtp: SmtpEvidence;
  /** What a port does that does not greet, or that greets as another service. */
  readonly seen: NoGreeting | null;
  /** What the words of the refusal speak of. `null` when there is no reply. */
  readonly tells: Tells | null;
}

export interface NotTaken extends Obstructed {
  readonly name: string;
  readonly port: number;
  readonly answers: readonly TurnedAwayEvidence[];
}

/** @returns the address and the reply of each answer: `192.0.2.1 (EHLO: 550 go away)`. */
const answersText = (answers: readonly TurnedAwayEvidence[]): string =>
  answers
    .map(({ ip, smtp: { command, code, text } }) => {
      const step = command === 'connect' ? 'greeting' : command;
      return `${ip} (${step}: ${code === null ? text : `${code} ${text}`.trim()})`;
    })
    .join(', ');

/** @returns what each address does: `192.0.2.1 speaks TLS from the first byte (smtps)`. */
const doingText = (answers: readonly TurnedAwayEvidence[]): string =>
  answers.map((answer) => (answer.seen ? `${answer.ip} ${doesText(answer.seen)}` : answersText([answer]))).join('; ');

const fixesOf = ({ answers, port }: NotTaken): string =>
  [...new Set(answers.flatMap(({ seen }) => (seen ? [greetingFix(seen, port)] : [])))].join(' ');

const tellsIn = ({ answers }: NotTaken): Tells[] => answers.flatMap(({ tells }) => tells ?? []);

const mxText = ({ preference, exchange }: MxRecord): string => `MX ${preference} ${exchange === '' ? '.' : exchange}`;

const unreachableText = (list: readonly Unreachable[]): string =>
  list.map(({ ip, detail }) => `${ip} (${detail})`).join(', ');

const ELSEWHERE = 'Run again from a network that lets port 25 out, such as the mail host itself or another server.';

export const findings = {
  'mx/none': findingSpec<NoMx & { addresses: readonly string[] }>({
    severity: 'warning',
    title: 'No MX record: mail goes to the domain’s own address',
    message: ({ query, addresses, alias, misplaced }) =>
      `${query.name} has no MX record, so bounces go to its address ${addresses.join(', ')}.${aliasText(query.name, alias)}${misplacedText(misplaced)}`,
    explanation:
      'Without an MX, mail falls back to the A or AAAA record, often a web server. Some filters read a missing MX as a sign of neglect.',
    remediation: publishMx,
    reference: 'RFC 5321 §5.1',
  }),
  'mx/no-address': findingSpec<NoMx>({
    severity: 'error',
    causes: ['no-return-path'],
    title: 'The domain cannot receive mail: neither MX nor address',
    message: ({ query, alias, misplaced }) =>
      `${query.name} has neither an MX record nor an address of its own.${aliasText(query.name, alias)}${misplacedText(misplaced)}`,
    explanation: 'Many receivers reject mail from a domain that could never take a bounce.',
    remediation: publishMx,
    reference: 'RFC 5321 §5.1',
  }),
  'mx/null-mx': findingSpec<{ query: QueryEvidence; alias: string | null }>({
    severity: 'warning',
    causes: ['no-return-path', 'null-mx'],
    title: 'The domain says that it takes no mail (null MX)',
    message: ({ query, alias }) =>
      `${query.name} publishes "MX 0 .", which says that it accepts neither mail nor bounces.${aliasText(query.name, alias)}`,
    explanation: 'Receivers may reject mail from such a domain with "550 5.7.27 Sender address has null MX".',
    remediation: ({ query }) => ({
      summary: `Choose: use another domain as the envelope sender, or replace the null MX of ${query.name} by an MX record with the host that is to take its bounces.`,
    }),
    reference: 'RFC 7505 §4.2',
  }),
  'mx/null-mx-mixed': findingSpec<{
    records: readonly MxRecord[];
    owner: string;
    /** The records that go. `null` when it is not plain which were meant. */
    remove: readonly RecordValue[] | null;
  }>({
    severity: 'error',
    title: 'A null MX stands beside real MX records',
    message: ({ records }) => `The MX records contradict each other: ${records.map(mxText).join(', ')}.`,
    explanation: 'A null MX must be the only MX record; what senders do with a mixture is anybody’s guess.',
    remediation: ({ owner, remove }) =>
      remove === null
        ? { summary: `Choose: delete the null MX of ${owner} and repair the other records, or keep only the null MX.` }
        : {
            summary: `Delete ${quoted(remove)} of ${owner} and keep the others.`,
            edits: [
              {
                record: 'MX',
                name: owner,
                change: { do: 'values', add: [], remove, because: `takes ${quoted(remove)} out` },
              },
            ],
          },
    reference: 'RFC 7505 §3',
  }),
  'mx/target-is-ip': findingSpec<
    ExchangeEvidence & { record: MxRecord; ip: string; host: { name: string; leads: string } }
  >({
    severity: 'error',
    title: 'An MX record names an address instead of a host',
    message: ({ record, name, ip }) =>
      `"${mxText(record)}" names an IP address; an MX must name a host.${name === ip ? '' : ` The zone editor appended the zone to ${ip}.`}`,
    explanation: 'Senders look the exchange up as a name, find nothing, and cannot deliver.',
    remediation: (exchange) => {
      const { ip, instead, owner, host, isLocal } = exchange;
      if (isLocal) return replaceLocal(exchange);
      if (instead === null) {
        return {
          summary: `Choose a name for the host at ${ip} and give it an address record; then let the MX record of ${owner} name it. ${host.name} leads to another host.`,
        };
      }
      const first = host.leads === 'here' ? '' : `Give ${instead} an address record with ${ip}. `;
      return {
        summary: `${first}Let the MX record of ${owner} name ${instead} in place of ${ip}.`,
        edits: editsOf(exchange),
      };
    },
    reference: 'RFC 1035 §3.3.9',
  }),
  'mx/target-is-cname': findingSpec<ExchangeEvidence & { chain: readonly string[]; preference: number }>({
    severity: 'warning',
    title: 'An MX record points at an alias',
    message: ({ name, chain }) => `The exchange ${name} is an alias (CNAME) of ${chain.at(-1) ?? ''}.`,
    explanation: 'The standard forbids it; some mail servers reject such a domain or loop.',
    remediation: (exchange) => {
      const { name, owner, instead } = exchange;
      return {
        summary:
          instead === null
            ? `Let the MX record of ${owner} name a host that has an address, not the alias ${name}.`
            : `Let the MX record of ${owner} name ${instead} itself, not the alias ${name}.`,
        edits: editsOf(exchange),
      };
    },
    reference: 'RFC 2181 §10.3',
  }),
  'mx/target-unresolvable': findingSpec<ExchangeEvidence & { rcode: string }>({
    severity: 'error',
    title: 'An MX host has no address',
    message: (exchange) => {
      const { name, rcode, alias, isLocal } = exchange;
      if (isLocal) return `The exchange ${localText(exchange)}`;
      const what = alias === null ? '' : ` is an alias (CNAME) of ${alias}, which`;
      return `The exchange ${name}${what} has no address (${rcode}).${slipText(exchange)}`;
    },
    explanation:
      'Mail and bounces for the domain are lost or delayed; if the name belongs to an unregistered domain, whoever registers it receives them.',
    remediation: findHost,
    reference: 'RFC 5321 §5.1',
  }),
  'mx/zone-appended': findingSpec<ExchangeEvidence & { addresses: readonly string[] }>({
    severity: 'error',
    title: 'The zone appears twice in the name of an MX host',
    message: (exchange) =>
      `The exchange ${exchange.name} leads to ${exchange.addresses.join(', ')}, perhaps by a wildcard record.${slipText(exchange)}`,
    explanation:
      'Mail goes wherever the doubled name leads, which is often a web server. It stops when the wildcard record goes.',
    remediation: findHost,
    reference: 'RFC 1035 §5.1',
  }),
  'mx/behind-proxy': findingSpec<Proxied>({
    severity: 'error',
    title: 'An MX host is behind a web proxy',
    message: ({ name, port, proxy }) =>
      `${name} leads to ${proxy.addresses.join(', ')}, ${proxyText(proxy)}. The proxy carries HTTP and no mail, so port ${port} does not answer.`,
    explanation: 'Mail, bounces and DMARC reports for the domain cannot be delivered.',
    remediation: outOfProxy,
    reference: 'RFC 5321 §5.1',
  }),
  'mx/target-not-public': findingSpec<{
    name: string;
    addresses: readonly string[];
    isAll: boolean;
    /** The MX records, if no host on the internet can have the name. */
    local: ExchangeEvidence | null;
    /** The tested addresses of the host, if the host announces this name. */
    tested: readonly string[];
  }>({
    severity: 'error',
    title: 'An MX host has addresses that are not public',
    message: ({ name, addresses, isAll }) =>
      `The exchange ${name} resolves to ${addresses.join(', ')}${isAll ? '' : ' beside its public addresses'}, which nobody outside can reach.`,
    explanation:
      'Senders on the internet cannot deliver to private, loopback or reserved addresses. They were not connected to.',
    remediation: ({ name, addresses, isAll, local, tested }) => {
      if (local !== null) return replaceLocal(local);
      const remove = addresses.map((ip) => removePrivateAddress(name, ip));
      if (!isAll) {
        const summary = `Remove the address records of ${name} that hold ${addresses.join(', ')}.`;
        return { summary, edits: remove };
      }
      if (tested.length === 0) return { summary: `Publish the public address of ${name}.` };
      return {
        summary: `Publish the public address of ${name} (${tested.join(', ')}) in place of ${addresses.join(', ')}.`,
        edits: [...tested.map((ip) => addAddress(name, ip)), ...remove],
      };
    },
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
    title: 'An MX host does not accept SMTP connections',
    message: ({ name, port, addresses }) =>
      `${name} accepts no connection on port ${port}: ${unreachableText(addresses)}.`,
    explanation: 'Mail, bounces and DMARC reports for the domain cannot be delivered.',
    remediation: ({ addresses, port }) => ({
      summary: startServer(
        addresses.map(({ ip }) => ip),
        port,
      ),
    }),
    reference: 'RFC 5321 §2.1',
  }),
  'mx/some-unreachable': findingSpec<{ port: number; addresses: readonly Unreachable[]; reached: readonly string[] }>({
    severity: 'warning',
    title: 'Some MX addresses do not accept SMTP connections',
    message: ({ port, addresses, reached }) =>
      `No connection on port ${port} to ${unreachableText(addresses)}, while ${reached.join(', ')} answers.`,
    explanation:
      'Senders that try the dead address first are delayed. Typical: an AAAA record, and a server that listens on IPv4 only.',
    remediation: ({ addresses }) => ({
      summary: `Make the mail server listen on ${addresses.map(({ ip }) => ip).join(', ')}, or remove the record that publishes it.`,
    }),
    reference: 'RFC 5321 §5.1',
  }),
  'mx/no-service': findingSpec<NotTaken>({
    severity: 'error',
    title: 'An MX host answers, but not as a mail server',
    message: ({ name, port, answers }) => `${name} does not speak SMTP on port ${port}: ${doingText(answers)}.`,
    explanation: 'No other mail server can deliver there: mail, bounces and DMARC reports for the domain come back.',
    remediation: (evidence) => ({
      summary:
        fixesOf(evidence) ||
        `Let a mail server that accepts mail for the domain listen on port ${evidence.port} of ${evidence.name}, or let the MX record name the host where it runs.`,
    }),
    reference: 'RFC 5321 §3.1',
  }),
  'mx/postmaster-refused': findingSpec<{ name: string; mailbox: string; smtp: SmtpEvidence }>({
    severity: 'warning',
    title: 'Mail for postmaster is rejected',
    message: ({ name, mailbox, smtp }) => `${name} rejects mail for ${mailbox}: ${smtp.code} ${smtp.text}.`,
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
      'Mail, bounces and DMARC reports for the domain arrive only if its MX hosts take them, and what was not seen is not known to work.',
    reference: 'RFC 5321 §5.1',
    reasons: {
      'lookup-failed': reason<{ query: QueryEvidence }>({
        says: ({ query }) => `The lookup of ${query.name} ${query.type} failed: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) => `Contact whoever runs the name servers of ${query.name}, then run again.`,
      }),
      unreached: reason<
        Obstructed & {
          name: string;
          port: number;
          addresses: readonly Unreachable[];
          vantage: VantageKind;
        }
      >({
        says: ({ name, port, addresses, obstacle }) =>
          obstacle?.why === 'port-25'
            ? `${name} could not be tested from here: this network blocks port ${port}.`
            : `${name} could not be reached on port ${port}: ${unreachableText(addresses)}; and nothing outside this network answered on that port, so this network may block it.`,
        fix: () => ELSEWHERE,
      }),
      'no-route': reason<{
        name: string;
        port: number;
        addresses: readonly (Unreachable & { readonly missing: string })[];
      }>({
        says: ({ name, addresses }) =>
          `${name} could not be tested from here at ${addresses.map(({ ip, missing }) => `${ip}: ${missing}`).join('; at ')}.`,
        fix: () => ELSEWHERE,
        obstacle: ({ addresses: [first] }) => (first === undefined ? null : noRoute(first.ip, first.detail)),
      }),
      'behind-proxy-unreached': reason<Proxied>({
        says: ({ name, port, proxy }) =>
          `${name} leads to ${proxy.addresses.join(', ')}, ${proxyText(proxy)}, which carries HTTP and as a rule no mail. Whether port ${port} answers there cannot be seen from here.`,
        fix: outOfProxy,
      }),
      'client-refused': reason<NotTaken>({
        says: (turned) =>
          `${turned.name} refuses this client before it takes mail, so whether it takes mail from others is not known: ${answersText(turned.answers)}.${tellsText(tellsIn(turned))}`,
        fix: (turned) => tellsFix(tellsIn(turned)),
      }),
      'put-off': reason<NotTaken>({
        says: (turned) =>
          `${turned.name} puts this client off before it takes mail, so whether it takes mail later, or from others, is not known: ${answersText(turned.answers)}.${tellsText(tellsIn(turned))}`,
        fix: (turned) => {
          const tells = tellsIn(turned).filter((one) => one !== 'unknown' && one !== 'policy');
          const first = tells.length > 0 ? tellsFix(tells) : 'Wait some minutes, then run again.';
          return `${first} If the reply stays the same, look into the mail server’s log.`;
        },
      }),
      'no-greeting': reason<NotTaken>({
        says: ({ name, port, answers }) =>
          `${name} did not greet on port ${port}, so whether it takes mail is not known: ${doingText(answers)}.`,
        fix: fixesOf,
      }),
      'dialogue-lost': reason<NotTaken>({
        says: ({ name, answers }) =>
          `${name} greets and then ends the dialogue, so whether it takes mail is not known: ${answersText(answers)}.`,
        fix: () => 'Run again later or from another network; the mail server’s log says why it hung up.',
      }),
      decoy: decoyReason<{ name: string; ip: string; port: number }>(
        ({ name, ip, port }) => `port ${port} of ${name} (${ip})`,
        'whether the host takes mail',
      ),
      ...heldBackReasons<{ name: string; ip: string; port: number }>(
        ({ name, ip }) => `${name} (${ip})`,
        ({ ip }) => [ip],
      ),
      'postmaster-unknown': reason<{ name: string; mailbox: string; smtp: SmtpEvidence }>({
        says: ({ name, mailbox, smtp: { command, code, text } }) =>
          `Whether ${name} takes mail for ${mailbox} is not known: ${command} got ${code === null ? '' : `${code} `}${text}.`,
        fix: () => 'Run again later, or from a network that the host lets in; the reply is in the evidence.',
      }),
    },
  }),
};
