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
    fix: 'See the block list check for which, and how to get off it.',
  },
  'reverse-name': {
    says: 'it dislikes the reverse name of the address',
    fix: 'Set the reverse DNS first; see the PTR check.',
  },
  reputation: {
    says: 'the address has no or a bad reputation there',
    fix: 'Write to that provider’s postmaster with the reply; a new address also has to send little at first.',
  },
  rate: { says: 'it takes no more connections at the moment', fix: 'Rerun later; this one passes by itself.' },
  policy: {
    says: 'its policy does not let the address in',
    fix: 'The reply, or the page it names, says whom to ask.',
  },
  unknown: {
    says: 'the reply gives no reason that is known here',
    fix: 'Look the reply up at that provider’s postmaster page.',
  },
};

const NATURES: Readonly<Record<BlockNature, string>> = {
  dropped: 'the packets vanish',
  rejected: 'the connections are rejected',
  cut: 'the connections are cut before a greeting',
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
      `Outbound port 25 is closed over IPv${family}, so this host cannot deliver mail that way.`,
    title: 'Outbound port 25 is blocked',
    message: ({ family, anchors, controls, nature }) =>
      `Over IPv${family} none of ${anchors.length} mail servers can be reached on port 25 (${NATURES[nature]}), while ${hosts(controls.filter(({ outcome }) => outcome === 'connected'))} answers on another port.`,
    explanation: 'Most providers close port 25 to keep spam in; as long as it is closed, no mail leaves this host.',
    remediation: () => ({
      summary:
        'Ask the provider to open outbound port 25 for this host, and check its own firewall. Until then, send through a relay on port 587 or 465.',
      atProvider: { action: 'open-port-25', provider: null },
    }),
    reference: 'provider policy',
  }),
  'egress/intercepted': findingSpec<AboutFamily & { by: Interception; names: readonly string[] }>({
    severity: 'error',
    barrier: 'other-address',
    title: 'Something else answers in the place of other mail servers',
    message: ({ family, names, by, anchors }) => {
      switch (by) {
        case 'same-greeting':
          return `Over IPv${family} several mail servers announce the same name: ${names.join(', ')}.`;
        case 'same-words':
          return `Over IPv${family} mail servers of different operators say the same, word for word: ${hosts(anchors.filter(({ greeting }) => greeting !== null))}.`;
        case 'foreign-names':
          return `Over IPv${family} the mail servers greet with names that are not theirs: ${names.join(', ') || 'none at all'}.`;
      }
    },
    explanation:
      'The network leads port 25 to a server of its own, which reads, delays or drops the mail, and other addresses appear as the sender.',
    remediation: () => ({
      summary:
        'Have the redirection of port 25 switched off, use another network, or send through a relay on port 587 or 465.',
    }),
    reference: 'provider policy',
  }),
  'egress/starttls-stripped': findingSpec<{
    family: 4 | 6;
    anchors: readonly AnchorEvidence[];
    extensions: readonly string[];
  }>({
    severity: 'error',
    title: 'STARTTLS is removed on the way',
    message: ({ anchors, family }) =>
      `Over IPv${family} ${hosts(anchors)} does not offer STARTTLS here, which it does everywhere else.`,
    explanation:
      'A firewall with SMTP inspection ("fixup") edits the dialogue: mail leaves in clear text, and receivers that require TLS refuse it.',
    remediation: () => ({ summary: 'Switch SMTP inspection off in the firewall between this host and the internet.' }),
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
    title: 'A large receiver turns this host away',
    message: ({ operator, host, smtp, meaning }) =>
      `${operator} (${host}) answers "${reply(smtp)}": ${MEANINGS[meaning].says}.`,
    explanation: 'The port is open, but mail to this receiver will not get further than this reply.',
    remediation: ({ meaning }) => ({ summary: MEANINGS[meaning].fix }),
    reference: 'RFC 5321 §3.1',
  }),
  'egress/ipv6-blocked': findingSpec<AboutFamily & { nature: BlockNature }>({
    severity: 'info',
    title: 'Port 25 is open over IPv4 but not over IPv6',
    message: ({ anchors, nature }) =>
      `Over IPv6 none of ${anchors.length} mail servers can be reached on port 25 (${NATURES[nature]}); over IPv4 they can.`,
    explanation:
      'A mail server that tries IPv6 first loses time on each delivery, and bounces what it cannot send otherwise.',
    remediation: () => ({
      summary: 'Let the mail server prefer IPv4, or have IPv6 opened.',
      commands: command`postconf -e 'smtp_address_preference = ipv4'`,
    }),
    reference: 'RFC 5321 §5.2',
  }),
  'egress/source-mismatch': findingSpec<{ family: 4 | 6; seen: readonly string[]; tested: readonly string[] }>({
    severity: 'warning',
    causes: ['other-source'],
    title: 'The host sends from another address than the tested one',
    message: ({ seen, tested }) => `Mail servers see this host as ${seen.join(', ')}, not as ${tested.join(', ')}.`,
    explanation: 'SPF, the reverse name and block lists are judged for the address that receivers see.',
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
    title: 'Outbound port 25 could not be tested',
    explanation: 'A port that could not be tested is not known to be open.',
    reference: 'RFC 5321 §2.1',
    reasons: {
      'no-network': reason<AboutFamily>({
        says: ({ family }) =>
          `Over IPv${family} nothing answers, neither mail servers on port 25 nor services on other ports.`,
        fix: () => 'Repair the host’s network or routes first, then rerun.',
      }),
      'no-control': reason<AboutFamily>({
        says: ({ family, anchors }) =>
          `Over IPv${family} none of ${hosts(anchors)} answers, and no other service was tried to compare with.`,
        fix: () => 'Name a service that is known to answer: --egress-control host:port.',
      }),
      'one-answer': reason<AboutFamily>({
        says: ({ family, anchors }) =>
          `Over IPv${family} ${answeredOf(anchors)} of ${anchors.length} mail servers answered, too few with a name and words of their own to tell whether port 25 is open.`,
        fix: () => 'Rerun later, or name mail servers of your own choice: --egress-target host.',
      }),
      unresolved: reason<{ family: 4 | 6; unresolved: readonly string[] }>({
        says: ({ family, unresolved }) =>
          `No mail server to try over IPv${family} was found${unresolved.length > 0 ? `: no address of ${unresolved.join(', ')}` : ''}.`,
        fix: () => 'Repair the host’s DNS (see the dns check), or give addresses: --egress-target.',
      }),
      'not-public': reason<AboutFamily>({
        says: ({ anchors, controls }) =>
          `Not connected to, since these addresses are not public: ${[...anchors, ...controls].map(({ host, ip }) => (host === ip ? ip : `${host} (${ip})`)).join(', ')}.`,
        fix: () =>
          'Find out who answers with such an address for these names: see the dns check. For a lab, rerun with --allow-private.',
      }),
      aborted: reason<AboutFamily>({
        says: () =>
          'The time for the whole run was up, or the targets are private addresses, which are not connected to.',
        fix: () => 'Rerun with a longer --timeout; for private targets, with --allow-private.',
      }),
    },
  }),
};
