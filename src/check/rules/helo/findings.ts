import type { MtaId } from '../../../knowledge/mail-servers/mta.ts';
import { sendingNameLines } from '../../../knowledge/mail-servers/sending-name.ts';
import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import { nameValue } from '../../../standards/zone-file/line.ts';
import type { MeantHost } from '../../facts/meant-host.ts';
import type { Target } from '../../target.ts';
import { contactServers } from '../dns-words.ts';
import { addAddress, type Edit, editSpf, onlyValues, removePrivateAddress } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { inconclusiveSpec, type Obstructed, reason } from '../inconclusive.ts';
import { ownCommand } from '../own-command.ts';
import { linesWithName } from '../pasted.ts';
import { leadsText, leadToHost, type ProxyEvidence, proxyText } from '../web-proxy.ts';

export interface AboutHelo {
  readonly ip: string;
  readonly helo: string;
  /** The source of the name: `option`, `greeting`, `ehlo` or `ptr`. */
  readonly source: string;
}

/** What is known of the mail server that is to announce another name. */
export interface Announcer {
  /** The software, if it names itself. */
  readonly server: MtaId | null;
}

/** @returns the remediation to announce a name, with the settings of the mail server, or else of common ones. */
function setHelo(name: string, { server }: Announcer): Fix {
  return {
    summary: `Set the HELO name of the mail server to ${name}. The PTR record must have the same name, and the name must resolve to the address.`,
    commands: linesWithName(sendingNameLines(server), name),
  };
}

/** What speaks against the name in a greeting as HELO name, by the code of the finding. */
const GREETING_FAULTS = {
  'helo/not-fqdn': 'is not a full public host name',
  'helo/unresolvable': 'has no address',
  'helo/ip-mismatch': 'resolves to another address',
  'helo/ptr-mismatch': 'is not the name in the PTR record',
  'helo/spf-fail': 'has an SPF record that rejects the host',
} as const;

export type GreetingFault = keyof typeof GREETING_FAULTS;

/** @returns whether the code says what speaks against a HELO name. */
export function isGreetingFault(code: string): code is GreetingFault {
  return code in GREETING_FAULTS;
}

/** Why a host must not announce a name. */
const NAME_FAULTS = {
  local: 'this name exists only on one machine or in one network',
  'single-label': 'a single label is not a full name',
  characters: 'it has characters that a host name cannot have',
} as const;

export type NameFault = keyof typeof NAME_FAULTS;

const nameIt = (name: string, target: Target): string => {
  const [command] = ownCommand(target, 'check', '--helo', name);
  return command === undefined
    ? `Pass the server’s HELO name with --helo. It cannot be ${name}, which is not a host name.`
    : `Pass the server’s HELO name: ${command}`;
};

/** Why the SMTP port gave no name. */
export interface NoName {
  readonly isOverwritten: boolean;
  /** Whether no connection was made, as the user asked. */
  readonly isUnread?: boolean;
  /** Whether that is so because a change of DNS is judged. */
  readonly isChange?: boolean;
}

/** @returns why the SMTP port gave no name, as an item of a list. */
function noName({ isOverwritten, isUnread = false, isChange = false }: NoName): string {
  if (isUnread) return `no connection to its SMTP port ${isChange ? 'for a change of DNS' : 'with --dns-only'}`;
  return isOverwritten ? 'a firewall overwrites the name in the SMTP greeting' : 'no name in an SMTP greeting';
}

const askAgain = ({ helo }: AboutHelo): string => contactServers({ name: helo });

/** Says what is wrong with a HELO name that has no address. */
function slipText(meant: MeantHost | null): string {
  switch (meant?.slip) {
    case 'zone-appended':
      return ` The domain appears twice in it, so a final dot may be missing: ${meant.name} exists.`;
    case 'ending-doubled':
      return ` Its ending appears twice: ${meant.name} exists.`;
    case 'record-misplaced':
      return ` Its address record is at ${meant.at}: the zone editor appended ${meant.zone} to the name.`;
    default:
      return '';
  }
}

/** @returns the edit that takes an alias out, so that address records can stand in its place. */
function dropAlias(name: string, target: string): Edit {
  const because = `removes the CNAME to ${target}, which has no address`;
  return {
    record: 'CNAME',
    name,
    change: { do: 'values', add: [], remove: [nameValue(target)], because },
  };
}

export const findings = {
  'helo/not-fqdn': findingSpec<AboutHelo & Announcer & { fault: NameFault; wanted: string }>({
    severity: 'error',
    step: 'full-host-name',
    causes: ['bad-helo'],
    title: 'The HELO name is not a full public host name',
    message: ({ helo, fault }) => `The HELO name is "${helo}": ${NAME_FAULTS[fault]}.`,
    explanation:
      'Many receivers reject it at once (Postfix: 504 5.5.2 Helo command rejected: need fully-qualified hostname; Exim: 501 Syntactically invalid HELO argument).',
    remediation: (evidence) => setHelo(evidence.wanted, evidence),
    reference: 'RFC 5321 §2.3.5',
  }),
  'helo/bare-ip': findingSpec<AboutHelo & Announcer & { wanted: string }>({
    severity: 'error',
    causes: ['bad-helo'],
    title: 'The HELO name is a bare IP address',
    message: ({ helo }) => `The HELO name is ${helo}, a bare IP address, which is not valid syntax.`,
    explanation: 'Infected machines and broken scripts send a bare address, so receivers reject it.',
    remediation: (evidence) => setHelo(evidence.wanted, evidence),
    reference: 'RFC 5321 §4.1.3',
  }),
  'helo/address-literal': findingSpec<AboutHelo & Announcer & { wanted: string }>({
    severity: 'warning',
    title: 'The HELO name is an address literal',
    message: ({ helo }) => `The HELO name is ${helo}, an address literal. It is valid, but many receivers reject it.`,
    explanation: 'An address literal is for hosts without a name, and a mail server has a name.',
    remediation: (evidence) => setHelo(evidence.wanted, evidence),
    reference: 'RFC 5321 §4.1.3',
  }),
  'helo/unresolvable': findingSpec<
    AboutHelo &
      Announcer & {
        query: QueryEvidence;
        meant: MeantHost | null;
        /** The name in the PTR record that leads to the address, if there is one. */
        confirmed: string | null;
      }
  >({
    severity: 'error',
    step: 'host-name',
    causes: ['unknown-helo'],
    title: 'The HELO name has no address',
    message: ({ helo, query, meant }) => {
      const alias = query.chain?.at(-1);
      const what = alias === undefined ? '' : ` is an alias (CNAME) of ${alias}, which`;
      const lacks = query.rcode === 'nxdomain' ? 'does not exist' : 'has neither an A nor an AAAA record';
      return `The HELO name ${helo}${what} ${lacks}.${slipText(meant)}`;
    },
    explanation:
      'Receivers look up the name and reject mail if it has no address (Postfix: 450 4.7.1 Helo command rejected: Host not found).',
    remediation: (evidence, { domain }) => {
      const { helo, ip, source, query, meant, confirmed } = evidence;
      const isTypedWrong = meant?.slip === 'zone-appended' || meant?.slip === 'ending-doubled';
      const alias = query.chain?.length === 1 ? helo : query.chain?.at(-2);
      if (isTypedWrong && alias !== undefined) {
        return {
          summary: `Point the CNAME record of ${alias} to ${meant.name}, typed with its final dot.`,
          edits: [onlyValues('CNAME', alias, nameValue(meant.name))],
        };
      }
      if (isTypedWrong) return setHelo(meant.name, evidence);
      const isForeign = organizationalDomain(helo) !== organizationalDomain(domain);
      if (isForeign && confirmed !== null) return setHelo(confirmed, evidence);
      // A name that was only assumed is not worth an address. The PTR record decides what becomes of it.
      if (source === 'ptr')
        return { summary: `Publish an address record of ${helo} with ${ip}, or use another HELO name.` };
      const how = meant === null ? '' : ` Type the name in full with its final dot (${helo}.).`;
      const [target] = query.chain ?? [];
      if (target === undefined) {
        return { summary: `Publish an address record of ${helo} with ${ip}.${how}`, edits: [addAddress(helo, ip)] };
      }
      // An alias that leads to an existing name may carry other records, so it stays until the owner decides.
      if (query.rcode !== 'nxdomain') {
        return {
          summary: `If ${query.chain?.at(-1)} is this host, give it an address record with ${ip}. If not, replace the CNAME of ${helo} with an address record with ${ip}.`,
        };
      }
      return {
        summary: `Replace the CNAME record of ${helo} with an address record with ${ip}.`,
        edits: [addAddress(helo, ip), dropAlias(helo, target)],
      };
    },
    reference: 'RFC 5321 §2.3.5',
  }),
  'helo/ip-mismatch': findingSpec<
    AboutHelo &
      Announcer & {
        addresses: readonly string[];
        /** Whether the name is the tested host's: it leads to another tested address, or the PTR record names it. */
        isOwn: boolean;
        confirmed: string | null;
        /** The addresses that nobody outside can reach, if there are no others. */
        notPublic: readonly string[];
        proxy: ProxyEvidence | null;
      }
  >({
    severity: 'warning',
    title: 'The HELO name resolves to another address',
    message: ({ helo, ip, addresses, proxy }) => {
      if (proxy?.addresses.length === 0) return `${leadsText(helo, proxy)}, but it is the HELO name of ${ip}.`;
      const what = proxy === null ? '' : ` (${proxyText(proxy)})`;
      return `The HELO name ${helo} resolves to ${addresses.join(', ')}${what}, not to ${ip}.`;
    },
    explanation: 'Receivers should not reject mail for this alone, but some do, and spam filters score it.',
    remediation: (evidence, target) => {
      const { helo, ip, isOwn, confirmed, notPublic, proxy, source } = evidence;
      if (proxy !== null) return leadToHost(helo, proxy, source === 'ptr' ? [] : [ip], target);
      if (notPublic.length > 0) {
        const summary = `Publish ${ip} as the address of ${helo} instead of ${notPublic.join(', ')}, which cannot be reached from the internet.`;
        return {
          summary,
          edits: [addAddress(helo, ip), ...notPublic.map((other) => removePrivateAddress(helo, other))],
        };
      }
      if (isOwn) {
        const summary = `Add ${ip} to the address records of ${helo}, so that they list every address the host sends from.`;
        return { summary, edits: [addAddress(helo, ip)] };
      }
      const add = `If ${helo} is this host and no other, add ${ip} to its address records instead.`;
      if (confirmed === null) {
        return {
          summary: `Set the HELO name of the mail server to a name that resolves only to ${ip}. ${add}`,
        };
      }
      const announce = setHelo(confirmed, evidence);
      return {
        ...announce,
        summary: `Set the HELO name of the mail server to ${confirmed}, the name in the PTR record of ${ip}. ${add}`,
      };
    },
    reference: 'RFC 5321 §4.1.4',
  }),
  'helo/ptr-mismatch': findingSpec<AboutHelo & { ptr: readonly string[]; heloLeadsToIp: boolean }>({
    severity: 'warning',
    title: 'The HELO name is not the name in the PTR record',
    message: ({ helo, ip, ptr }) => `The HELO name is ${helo}, but the PTR record of ${ip} names ${ptr.join(', ')}.`,
    explanation: 'GMX and strict filters expect a mail server to have one name in HELO, PTR record and address record.',
    remediation: ({ helo, ip }) => ({
      summary: `Use one name everywhere: set the PTR record of ${ip} to ${helo}, or set the HELO name to the name in the PTR record.`,
    }),
    reference: 'GMX e-mail policy',
  }),
  'helo/spf-fail': findingSpec<AboutHelo & { ip: IpAddress; result: string; problem: string | null; owner: string }>({
    severity: 'error',
    title: 'SPF of the HELO name rejects the host',
    message: ({ helo, ip, result, problem, owner }) => {
      const alias = owner === helo ? '' : ` ${helo} is an alias (CNAME) of ${owner}, which has the record.`;
      return `SPF for the HELO name ${helo} gives ${result} for ${ip}${problem === null ? '' : `: ${problem}`}.${alias}`;
    },
    explanation:
      'Bounces have an empty sender, so SPF checks their HELO name instead. Some receivers check it for all mail.',
    remediation: ({ ip, owner, result }) => ({
      summary:
        result === 'permerror'
          ? `Correct the SPF record of ${owner}, and authorise ${ip} in it.`
          : `Authorise ${ip} in the SPF record of ${owner}.`,
      edits: [
        ...(result === 'permerror' ? [editSpf(owner, { do: 'correct' })] : []),
        editSpf(owner, { do: 'authorise', ips: [ip] }),
      ],
    }),
    reference: 'RFC 7208 §2.3',
  }),
  'helo/spf-missing': findingSpec<AboutHelo>({
    severity: 'info',
    title: 'The HELO name has no SPF record',
    message: ({ helo }) => `${helo} has no SPF record, so bounces (empty sender) cannot pass SPF.`,
    explanation: 'The record is optional. It lets bounces pass SPF and stops others from using the name.',
    remediation: ({ helo, ip }) => ({
      summary: `Optional: publish an SPF record at ${helo} that authorises ${ip}, so that bounces pass SPF.`,
    }),
    reference: 'RFC 7208 §2.4',
  }),
  'helo/greeting-name': findingSpec<
    AboutHelo &
      Announcer & {
        serverName: string | null;
        faults: readonly GreetingFault[];
        wanted: string;
        /** What to do if the server sends with the name in the greeting, too. `null` when it is known not to. */
        ifSame: string | null;
      }
  >({
    severity: 'warning',
    title: 'The name in the greeting may not be the HELO name',
    message: ({ ip, helo, faults, serverName }) => {
      const what = faults.map((fault) => GREETING_FAULTS[fault]).join(', and ');
      const sends =
        serverName === null
          ? 'The server may send with another name.'
          : `${serverName} has separate settings for the two, so it may send with another name.`;
      return `The greeting of ${ip} has the name ${helo}, which ${what}. ${sends}`;
    },
    explanation:
      'Receivers check the HELO name that the server sends with, not its greeting. Exchange, load balancers and filters often greet with another name.',
    remediation: ({ wanted, server, ifSame }, target) => {
      const [check] = ownCommand(target, 'check', '--helo', wanted);
      const again = check === undefined ? 'with --helo and that name.' : `with that name: ${check}`;
      const same = ifSame === null ? '' : ` If it is the name in the greeting: ${ifSame}`;
      return {
        summary: `Find the name that the server sends with, in the Received header that the first receiver of a message adds.${same} Then run again ${again}`,
        commands: server === null ? [] : linesWithName(sendingNameLines(server), wanted),
      };
    },
    reference: 'RFC 5321 §4.1.1.1',
  }),
  'helo/unknown': inconclusiveSpec({
    title: 'The HELO name is unknown',
    explanation:
      'Most receivers check the name that a host gives when it sends. Only the host’s configuration or greeting shows it.',
    reference: 'RFC 5321 §4.1.1.1',
    reasons: {
      'no-source': reason<
        Obstructed &
          NoName & {
            ip: string;
            tried: readonly { readonly source: string; readonly outcome: string }[];
          }
      >({
        says: ({ ip, ...why }) => `The HELO name of ${ip} is unknown: no --helo, ${noName(why)}, no PTR record found.`,
        fix: (_evidence, target) => nameIt(`mail.${target.domain}`, target),
      }),
      'assumed-from-ptr': reason<Obstructed & NoName & { ip: string; assumed: string }>({
        says: ({ ip, assumed, ...why }) =>
          `The HELO name of ${ip} is unknown (no --helo, ${noName(why)}). The name in its PTR record was assumed: ${assumed}.`,
        fix: ({ assumed }, target) => nameIt(assumed, target),
      }),
    },
  }),
  'helo/inconclusive': inconclusiveSpec({
    title: 'The HELO name could not be looked up',
    explanation:
      'A failed lookup does not mean that the record is missing. Receivers may defer the mail (4xx) until the lookup works.',
    reference: 'RFC 5321 §2.3.5',
    reasons: {
      'lookup-failed': reason<AboutHelo & { query: QueryEvidence }>({
        says: ({ ip, helo, query }) =>
          `The HELO name ${helo} of ${ip} could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: askAgain,
      }),
      'spf-lookup-failed': reason<AboutHelo & { problem: string | null }>({
        says: ({ ip, helo, problem }) =>
          `The SPF record of the HELO name ${helo} of ${ip} could not be looked up${problem === null ? '' : `: ${problem}`}.`,
        fix: askAgain,
      }),
    },
  }),
};
