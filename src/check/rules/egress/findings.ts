import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import type { BlockNature, Interception } from '../../facts/egress-decision.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { address, command } from '../pasted.ts';
import type { RefusalMeaning } from '../refusal.ts';

/** A mail server that this host tried to reach. */
export interface AnchorEvidence {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
  readonly outcome: string;
  readonly errno: string | null;
  /** Milliseconds until the connection was established or failed. */
  readonly ms: number | null;
  readonly greeting: SmtpEvidence | null;
}

/** A service on another port that was tried for comparison. */
export interface ControlEvidence {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
  readonly outcome: string;
  readonly errno: string | null;
  readonly ms: number | null;
}

export interface AboutFamily {
  readonly family: 4 | 6;
  readonly anchors: readonly AnchorEvidence[];
  readonly controls: readonly ControlEvidence[];
}

const MEANINGS: Readonly<Record<RefusalMeaning, { readonly says: string; readonly fix: string }>> = {
  'block-list': {
    says: 'the address is on a block list',
    fix: 'See the rbl check for the list and how to get off it.',
  },
  'reverse-name': {
    says: 'it rejects the address because of its PTR record',
    fix: 'Fix the PTR record (see the ptr check).',
  },
  reputation: {
    says: 'the address has a bad reputation there, or none',
    fix: 'Send the reply to that receiver’s postmaster. Send little mail from a new address at first.',
  },
  rate: {
    says: 'it accepts no more connections at the moment',
    fix: 'Run the check again later. This ends by itself.',
  },
  policy: {
    says: 'its policy rejects the address',
    fix: 'Follow the reply, or the page that it names.',
  },
  unknown: {
    says: 'mailcheck does not know this reply',
    fix: 'Look up the reply on that receiver’s postmaster page.',
  },
};

const NATURES: Readonly<Record<BlockNature, string>> = {
  dropped: 'the packets are dropped',
  rejected: 'the connections are rejected',
  cut: 'the connections are closed before a greeting',
  mixed: 'the connections fail in several ways',
};

const reply = ({ code, text }: SmtpEvidence): string => (code === null ? text : `${code} ${text}`);
const hosts = (anchors: readonly { readonly host: string }[]): string => anchors.map(({ host }) => host).join(', ');

/** @returns the number of mail servers that have answered. */
const answeredOf = (anchors: readonly AnchorEvidence[]): number =>
  anchors.filter(({ greeting }) => greeting !== null).length;

export const findings = {
  'egress/blocked': findingSpec<AboutFamily & { nature: BlockNature }>({
    severity: 'error',
    barrier: 'port-25-closed',
    headline: ({ family }) =>
      `Outbound port 25 is blocked over IPv${family}, so this host cannot deliver mail over IPv${family}.`,
    title: 'Outbound port 25 is blocked',
    message: ({ family, anchors, controls, nature }) =>
      `Outbound port 25 is blocked over IPv${family}: none of ${anchors.length} mail servers can be reached (${NATURES[nature]}), but ${hosts(controls.filter(({ outcome }) => outcome === 'connected'))} answers on another port.`,
    explanation:
      'Many providers block port 25 to stop spam. This host cannot send mail directly until the port is open.',
    remediation: () => ({
      summary:
        'Ask the provider to unblock outbound port 25, and check the firewall of this host. Until then, send through a relay on port 587 or 465.',
      atProvider: { action: 'open-port-25', provider: null },
    }),
    reference: 'provider policy',
  }),
  'egress/intercepted': findingSpec<AboutFamily & { by: Interception; names: readonly string[] }>({
    severity: 'error',
    barrier: 'other-address',
    title: 'The network redirects port 25 to its own server',
    message: ({ family, names, by, anchors }) => {
      switch (by) {
        case 'same-greeting':
          return `Over IPv${family}, different mail servers greet with the same name: ${names.join(', ')}.`;
        case 'same-words':
          return `Over IPv${family}, mail servers of different operators send exactly the same greeting: ${hosts(anchors.filter(({ greeting }) => greeting !== null))}.`;
        case 'foreign-names':
          return `Over IPv${family}, the mail servers greet with names that are not their own: ${names.join(', ') || 'no name'}.`;
      }
    },
    explanation: 'That server can read, delay or drop your mail, and receivers see its address instead of yours.',
    remediation: () => ({
      summary: 'Ask the network operator to stop redirecting port 25, or send through a relay on port 587 or 465.',
    }),
    reference: 'provider policy',
  }),
  'egress/starttls-stripped': findingSpec<{
    family: 4 | 6;
    anchors: readonly AnchorEvidence[];
    extensions: readonly string[];
  }>({
    severity: 'error',
    title: 'A firewall removes STARTTLS from outgoing connections',
    message: ({ anchors, family }) => `Over IPv${family}, ${hosts(anchors)} offers no STARTTLS to this host.`,
    explanation:
      'These servers normally offer STARTTLS, so a firewall with SMTP inspection removes it. Mail leaves in clear text, and receivers that require TLS reject it.',
    remediation: () => ({ summary: 'Turn SMTP inspection off in the firewall between this host and the internet.' }),
    reference: 'RFC 3207 §6',
  }),
  'egress/refused-by-anchor': findingSpec<{
    family: 4 | 6;
    host: string;
    operator: string;
    ip: string;
    smtp: SmtpEvidence;
    meaning: RefusalMeaning;
  }>({
    severity: 'warning',
    title: 'A large receiver rejects this host',
    message: ({ operator, host, smtp, meaning }) =>
      `${operator} (${host}) answers "${reply(smtp)}": ${MEANINGS[meaning].says}.`,
    explanation: 'Outbound port 25 is open, but this receiver rejects mail from this address.',
    remediation: ({ meaning }) => ({ summary: MEANINGS[meaning].fix }),
    reference: 'RFC 5321 §3.1',
  }),
  'egress/ipv6-blocked': findingSpec<AboutFamily & { nature: BlockNature }>({
    severity: 'info',
    title: 'Port 25 is open over IPv4 but not over IPv6',
    message: ({ anchors, nature }) =>
      `Port 25 is blocked over IPv6: none of ${anchors.length} mail servers can be reached (${NATURES[nature]}). It is open over IPv4.`,
    explanation:
      'A mail server that tries IPv6 first delivers late. It cannot deliver to receivers that accept only IPv6.',
    remediation: () => ({
      summary: 'Make the mail server prefer IPv4, or ask the provider to unblock port 25 over IPv6.',
      commands: command`postconf -e 'smtp_address_preference = ipv4'`,
    }),
    reference: 'RFC 5321 §5.2',
  }),
  'egress/source-mismatch': findingSpec<{ family: 4 | 6; seen: readonly string[]; tested: readonly string[] }>({
    severity: 'warning',
    causes: ['other-source'],
    title: 'The host does not send from the tested address',
    message: ({ seen, tested }) =>
      `Other mail servers see this host as ${seen.join(', ')}, not as ${tested.join(', ')}.`,
    explanation: 'Receivers check SPF, the PTR record and block lists for the address that they see.',
    remediation: ({ family, seen, tested }) => ({
      summary: `Bind the mail server to ${tested.join(' or ')}, or test ${seen.join(', ')} instead.`,
      commands:
        family === 6
          ? command`postconf -e 'smtp_bind_address6 = ${address(tested[0])}'`
          : command`postconf -e 'smtp_bind_address = ${address(tested[0])}'`,
    }),
    reference: 'RFC 7208 §2.3',
  }),
  'egress/inconclusive': inconclusiveSpec({
    title: 'Outbound port 25 could not be fully tested',
    explanation: 'Outbound port 25 was not fully tested, so this check does not count as passed.',
    reference: 'RFC 5321 §2.1',
    reasons: {
      'no-network': reason<AboutFamily>({
        says: ({ family }) => `Over IPv${family}, nothing answers on port 25 or on other ports.`,
        fix: () => 'Fix the network of this host, then run the check again.',
      }),
      'no-control': reason<AboutFamily>({
        says: ({ family, anchors }) =>
          `Over IPv${family}, none of ${hosts(anchors)} answers on port 25, and no service on another port was tested for comparison.`,
        fix: () => 'Run the check with --egress-control host:port and a service that answers.',
      }),
      'one-answer': reason<AboutFamily>({
        says: ({ family, anchors }) =>
          `Over IPv${family}, ${answeredOf(anchors)} of ${anchors.length} mail servers answered on port 25, which is too few to say that the port is open.`,
        fix: () => 'Run the check again later, or choose other mail servers with --egress-target.',
      }),
      unresolved: reason<{ family: 4 | 6; unresolved: readonly string[] }>({
        says: ({ family, unresolved }) =>
          `No mail server could be tested over IPv${family}${unresolved.length > 0 ? `: no address was found for ${unresolved.join(', ')}` : ''}.`,
        fix: () => 'Fix the DNS of this host (see the dns check), or give IP addresses with --egress-target.',
      }),
      'not-public': reason<AboutFamily>({
        says: ({ anchors, controls }) =>
          `Not tested, because these addresses are not public: ${[...anchors, ...controls].map(({ host, ip }) => (host === ip ? ip : `${host} (${ip})`)).join(', ')}.`,
        fix: () =>
          'Check which DNS server gives these addresses (see the dns check). In a lab, run the check with --allow-private.',
      }),
      aborted: reason<AboutFamily>({
        says: () =>
          'Outbound port 25 was not tested: the time limit of the run was reached, or the targets are private addresses.',
        fix: () => 'Run the check with a longer --timeout. For private addresses, add --allow-private.',
      }),
    },
  }),
};
