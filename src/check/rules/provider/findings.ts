import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import { listed } from '../../../report/listed.ts';
import { nameWithPolicy, policyWords } from '../../../report/port25-words.ts';
import type { EndUserSign } from '../../facts/end-user-line.ts';
import type { Proxied } from '../../target.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { inconclusiveSpec, outOfProxy, reason } from '../inconclusive.ts';
import { ownCommand } from '../own-command.ts';
import { command, links } from '../pasted.ts';

/** The provider's policy on outbound port 25. */
export interface PolicyEvidence {
  readonly ip: string;
  readonly provider: string;
  readonly name: string;
  /** Whether the provider stands for a kind of network instead of one company. */
  readonly generic: boolean;
  readonly egress: string;
  readonly unblock: string;
  /** The mail ports that it closes for outbound connections. */
  readonly portsClosed: readonly number[];
  readonly note: string;
  readonly url: string | null;
  /** The day on which the sources were last checked, as `YYYY-MM-DD`. `null` when none was. */
  readonly checkedOn: string | null;
  /** The certainty of the data, apart from its age. */
  readonly confidence: string;
  /** Whether the data is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
  /** The certainty that the address belongs to the provider. */
  readonly certainty: string;
  /** The state of outbound port 25 as the test on the host saw it. */
  readonly port25: 'open' | 'blocked' | 'unknown';
}

export interface DetectedEvidence {
  readonly ip: string;
  readonly certainty: string;
  readonly candidates: readonly {
    readonly provider: string;
    readonly name: string;
    readonly confidence: string;
    readonly confirmed: boolean;
    readonly signals: readonly { readonly kind: string; readonly value: string }[];
    /** What happened to a provider that is gone or renamed. */
    readonly history: string | null;
  }[];
  readonly network: { readonly asns: readonly number[]; readonly prefix: string } | null;
}

/** The providers that an address may belong to, each with its policy on outbound port 25. */
export interface AmbiguousEvidence {
  readonly ip: string;
  /** The tested addresses that may be at the same providers, with this one. */
  readonly alike: readonly string[];
  readonly candidates: readonly {
    readonly provider: string;
    readonly name: string;
    readonly confirmed: boolean;
    readonly egress: string;
    readonly unblock: string;
    readonly portsClosed: readonly number[];
    /** How a customer tells that a server is there. */
    readonly tellApart: string | null;
  }[];
  /** The state of outbound port 25 as the test on the host saw it. */
  readonly port25: 'open' | 'blocked' | 'unknown';
}

const either = (names: readonly string[]): string => names.join(' or ');

const optionsFor = (candidates: readonly { readonly provider: string }[]): string =>
  either(candidates.map(({ provider }) => `--provider ${provider}`));

const unsure = ({ confirmed }: PolicyEvidence): string => confirmationMark(confirmed);

/** The sentence of the verdict. What the test on the host saw is in the one of the egress rule. */
const headline = (policy: PolicyEvidence): string | null =>
  policy.port25 === 'blocked'
    ? null
    : `${policy.name} ${policyWords(policy)}${unsure(policy)}; the port was not tested.`;

const seen = ({ port25 }: PolicyEvidence): string =>
  port25 === 'blocked' ? ' The test on the host found port 25 blocked.' : '';

const signText = (candidates: DetectedEvidence['candidates']): string => {
  const signals = candidates[0]?.signals ?? [];
  const words = {
    given: '--provider',
    ptr: 'PTR record',
    'reverse-zone': 'reverse zone',
    asn: 'network',
  };
  return signals
    .map(({ kind, value }) =>
      kind === 'given'
        ? words.given
        : `${kind === 'ptr' || kind === 'asn' ? words[kind] : words['reverse-zone']} ${value}`,
    )
    .join(', ');
};

const policyPage = ({ url }: PolicyEvidence): Pick<Fix, 'links'> => ({ links: links(url) });

const signWords = (sign: EndUserSign): string =>
  sign.kind === 'ptr'
    ? `its PTR name ${sign.name} has "${sign.word}"`
    : `its operator has it listed on ${sign.list} (${sign.zone})`;

export const findings = {
  'provider/detected': findingSpec<DetectedEvidence>({
    severity: 'info',
    title: 'The provider of the address is known',
    message: ({ ip, candidates }) =>
      `${ip} is at ${either(candidates.map(({ name }) => name))} (${signText(candidates)}).${candidates
        .flatMap(({ history, confirmed }) => (history === null ? [] : [` ${history}${confirmationMark(confirmed)}`]))
        .join('')}`,
    explanation: 'The provider controls port 25 and the PTR record, so the steps shown are those of this provider.',
    remediation: ({ candidates }) => ({
      summary:
        candidates.length > 1
          ? `Run the check with the right provider, so that the steps fit: ${optionsFor(candidates)}.`
          : 'Nothing to do.',
    }),
    reference: 'mailcheck providers',
  }),
  'provider/web-proxy': findingSpec<Pick<Proxied, 'ip' | 'proxy' | 'bypass' | 'confirmed'>>({
    severity: 'warning',
    tellsProxy: true,
    title: 'The address belongs to a web proxy, not to the mail server',
    message: ({ ip, proxy, confirmed }) =>
      `${ip} is an address of ${proxy}’s web proxy${confirmationMark(confirmed)}, so it was not tested.`,
    explanation: 'A web proxy forwards only web traffic. The mail server behind it sends from another address.',
    remediation: ({ bypass }) => ({
      summary: `Run the check with the mail server’s own address, not that of the proxy. On the mail server, this command shows it. ${outOfProxy({ bypass, name: null })}`,
      commands: command`ip address`,
    }),
    reference: 'mailcheck providers',
  }),
  'provider/port25-restricted': findingSpec<PolicyEvidence>({
    severity: 'warning',
    barrier: 'port-25-on-request',
    headline,
    title: 'The provider blocks outbound port 25 by default',
    message: (policy) => `${policy.name} ${policyWords(policy)}${unsure(policy)}.${seen(policy)}`,
    explanation: 'With port 25 blocked, mail stays in the queue and bounces after some days.',
    remediation: (policy) => ({
      summary: `${
        policy.unblock === 'never'
          ? `Send through a relay, or move the mail server: ${policy.name} unblocks port 25 for few customers`
          : `Ask ${policy.name} to unblock outbound port 25`
      }${unsure(policy)}. ${policy.note}`.trim(),
      ...policyPage(policy),
      atProvider: { action: 'open-port-25', provider: policy.provider },
    }),
    reference: 'provider policy',
  }),
  'provider/smarthost-required': findingSpec<PolicyEvidence>({
    severity: 'error',
    barrier: 'other-address',
    headline,
    title: 'The provider never unblocks outbound port 25',
    message: (policy) => `${policy.name} ${policyWords(policy)}${unsure(policy)}.${seen(policy)}`,
    explanation: 'A host at this provider cannot send mail directly. It needs a relay.',
    remediation: (policy) => ({
      summary:
        `${policy.name} does not unblock port 25${unsure(policy)}: send through a relay, or move the mail server. ${policy.note}`.trim(),
      ...policyPage(policy),
      atProvider: { action: 'open-port-25', provider: policy.provider },
    }),
    reference: 'provider policy',
  }),
  'provider/port25-unknown': findingSpec<PolicyEvidence>({
    severity: 'info',
    title: 'It is not known whether the provider blocks outbound port 25',
    message: ({ ip, name, generic }) =>
      `It is not known whether ${generic ? `the network of ${ip}` : name} blocks outbound port 25.`,
    explanation: 'Some providers block outbound port 25. mailcheck has no source on this one.',
    remediation: (policy, target) => ({
      summary: `Run the check on the mail server itself, where it tests outbound port 25. ${policy.note}`.trim(),
      commands: ownCommand(target, 'check', '--on-host'),
      ...policyPage(policy),
    }),
    reference: 'provider policy',
  }),
  'provider/ambiguous': findingSpec<AmbiguousEvidence>({
    severity: 'warning',
    barrier: 'port-25-on-request',
    step: 'address',
    headline: ({ port25 }) =>
      port25 === 'blocked' ? null : 'Its provider may block outbound port 25, which was not tested.',
    title: 'The address may be at one of several providers',
    message: ({ ip, candidates }) =>
      `${ip} is at ${candidates.map(nameWithPolicy).join(' or at ')}. The DNS does not show which.`,
    details: ({ candidates }) =>
      candidates.flatMap(({ name, tellApart }) => (tellApart === null ? [] : [{ label: name, text: tellApart }])),
    explanation: 'Each provider has its own policy on port 25 and its own steps.',
    remediation: ({ alike, candidates }, target) => ({
      summary: `Find out at which of these providers you rent ${listed(alike)}, and run again with ${optionsFor(candidates)}.`,
      alternatives: candidates.flatMap(({ provider, name, tellApart }) => {
        // Another address may be elsewhere, and --provider holds for every address of a run.
        const ips = target.ips.filter((ip) => alike.includes(ip));
        const commands = ownCommand({ ...target, ips, ipSource: 'argument' }, 'check', '--provider', provider);
        const label = `At ${name}${tellApart === null ? '' : ` (${tellApart})`}`;
        return commands.length === 0 ? [] : [{ label, commands }];
      }),
    }),
    reference: 'mailcheck providers',
  }),
  'provider/residential': findingSpec<{
    ip: string;
    network: DetectedEvidence['network'];
    signs: readonly EndUserSign[];
  }>({
    severity: 'error',
    barrier: 'other-address',
    title: 'The address is the line of an end user',
    message: ({ ip, signs }) =>
      `${ip} looks like a home or office line, not like a server: ${listed(signs.map(signWords))}.`,
    explanation:
      'Receivers reject mail that comes straight from such lines, because most of it is sent by infected computers.',
    remediation: () => ({
      summary:
        'Send through the relay of your internet provider or through a mail service, or move the mail server to a hosting provider. If the line has a static address, ask its operator to set a PTR record in your domain and to take the address off the list.',
    }),
    reference: 'Spamhaus PBL',
  }),
  'provider/unknown': findingSpec<{ ip: string; network: DetectedEvidence['network']; asked: boolean }>({
    severity: 'info',
    title: 'The provider of the address is not known',
    message: ({ ip, network }) =>
      `The hosting provider of ${ip} was not recognised${network ? ` (network AS${network.asns.join(', AS')}, ${network.prefix})` : ''}.`,
    explanation: 'The report shows general steps. For a known provider, it names the console and the commands.',
    remediation: ({ asked }) => ({
      summary: `Name the provider with --provider (mailcheck providers lists them)${asked ? '' : ', or run the check without --no-asn-lookup'}.`,
    }),
    reference: 'mailcheck providers',
  }),
  'provider/inconclusive': inconclusiveSpec({
    title: 'The provider of the address could not be fully looked up',
    explanation: 'The provider may block outbound port 25, and mailcheck cannot tell.',
    reference: 'mailcheck providers',
    reasons: {
      'lookup-failed': reason<{ ip: string; found: readonly string[]; queries: readonly QueryEvidence[] }>({
        says: ({ ip, found, queries }) => {
          const failed = queries.map(({ name, type, detail, rcode }) => `${type} of ${name} (${detail ?? rcode})`);
          const what =
            found.length === 0
              ? `The hosting provider of ${ip} could not be looked up`
              : `It could not be confirmed that ${ip} belongs to ${found.join(' or ')}`;
          return `${what}: DNS lookups failed for ${failed.join(', ')}.`;
        },
        fix: () => 'Name the provider with --provider (mailcheck providers lists them), or run the check again later.',
      }),
    },
  }),
};
