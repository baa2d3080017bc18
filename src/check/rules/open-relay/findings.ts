import { closingLines, type MtaId, type RelayFault } from '../../../knowledge/mail-servers/mta.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import type { Remediation } from '../../../report/status.ts';
import { findingSpec } from '../finding.ts';

/** One vector and the reply that decided it. */
export interface VectorEvidence {
  readonly vector: string;
  readonly mailFrom: string;
  readonly rcptTo: string;
  /** The EHLO name where it was part of the trick. */
  readonly hello: string | null;
  readonly smtp: SmtpEvidence;
}

export interface AboutHost {
  readonly ip: string;
  readonly port: number;
  readonly mta: MtaId | null;
  readonly vantage: { readonly kind: string; readonly reason: string };
}

interface AboutRelay extends AboutHost {
  readonly vectors: readonly VectorEvidence[];
}

/** The reply that decided a test message, and the word to look for in the mailbox. */
export interface DataEvidence {
  readonly vector: string;
  readonly token: string;
  readonly smtp: SmtpEvidence;
}

export interface InconclusiveEvidence {
  /** One of the reasons below, or a sentence. */
  readonly reason: string;
  readonly ip?: string;
  readonly port?: number;
  readonly smtp?: SmtpEvidence;
  readonly vectors?: readonly VectorEvidence[];
  readonly answered?: number;
  readonly asked?: number;
}

const EXPLANATION =
  'A host that forwards strangers’ mail is found by spammers within hours; block lists then list it, and receivers refuse everything it sends.';

const PORT_NAMES: Readonly<Record<number, string>> = { 465: ' (submissions)', 587: ' (submission)' };

function where({ ip, port }: { ip?: string; port?: number }): string {
  if (ip === undefined) return 'The host';
  return port === undefined ? ip : `${ip} port ${port}${PORT_NAMES[port] ?? ''}`;
}

/** The first vector in words, and how many more there were. */
function example(vectors: readonly VectorEvidence[]): string {
  const [first] = vectors;
  if (!first) return '';
  const more = vectors.length > 1 ? `; ${vectors.length - 1} more of this kind` : '';
  const hello = first.hello === null ? '' : `EHLO ${first.hello}, `;
  return `${hello}MAIL FROM:${first.mailFrom} RCPT TO:${first.rcptTo} (${first.vector}) → ${replyText(first.smtp)}${more}`;
}

function replyText({ code, text }: SmtpEvidence): string {
  return code === null ? text : `${code} ${text}`;
}

const SUMMARY: Readonly<Record<RelayFault, string>> = {
  relay:
    'Relay only for authenticated users and your own networks; refuse every other recipient that is not yours at RCPT.',
  rewrite:
    'Stop rewriting addresses with %, !, quotes or source routes into other recipients, and check the result for relaying.',
  submission: 'Require AUTH on the submission port before MAIL is accepted.',
};

function close({ mta }: AboutHost, fault: RelayFault, alsoSay = ''): Remediation {
  const commands = closingLines(mta, fault);
  const summary = alsoSay ? `${SUMMARY[fault]} ${alsoSay}` : SUMMARY[fault];
  return commands.length > 0 ? { summary, commands } : { summary };
}

const PROVE = 'To be certain, rerun with --active-data and --relay-rcpt, a mailbox of yours elsewhere.';

interface Reason {
  readonly says: (evidence: InconclusiveEvidence) => string;
  readonly fix: string;
}

const ELSEWHERE = 'Run the check from another network, one that may send mail.';
const OWN_MAILBOX = 'Give a mailbox of yours at another domain: --relay-rcpt you@elsewhere.example.';

const REASONS: Readonly<Record<string, Reason>> = {
  'no-address': {
    says: () => 'There is no address to test.',
    fix: 'Give the address of the mail host after the domain.',
  },
  'recipient-local': {
    says: () => 'The mailbox of --relay-rcpt is at the tested domain, where mail for it is welcome.',
    fix: OWN_MAILBOX,
  },
  'no-listener': {
    says: (host) => `Nothing listens on ${where(host)}.`,
    fix: 'Start the mail server and let it listen on the address. A host that never receives mail is checked with --send-only.',
  },
  'no-answer': {
    says: (host) => `${where(host)} did not answer in time.`,
    fix: `Open the port in the host’s firewall, or the provider’s. If other mail servers do not answer either, this network blocks port 25: ${ELSEWHERE.toLowerCase()}`,
  },
  unreachable: { says: (host) => `${where(host)} cannot be reached from here.`, fix: ELSEWHERE },
  dropped: {
    says: (host) => `${where(host)} hangs up before it greets.`,
    fix: 'Look into the mail server’s log for why it turns this client away, or run the check from another network.',
  },
  'not-smtp': {
    says: (host) => `What answers on ${where(host)} does not speak SMTP.`,
    fix: 'Let the mail server, and nothing else, listen on the port.',
  },
  'tls-failed': {
    says: (host) => `TLS with ${where(host)} fails, so what comes after it could not be tested.`,
    fix: 'Repair the certificate or TLS settings (see the tls rule), then rerun.',
  },
  forbidden: {
    says: (host) => `${where(host)} is not a public address and was not connected to.`,
    fix: 'In a lab or an internal network, rerun with --allow-private.',
  },
  aborted: {
    says: (host) =>
      (host.answered ?? 0) > 0
        ? `The time for the whole run was up when ${where(host)} had answered ${host.answered} of ${host.asked} relay probes.`
        : `The time for the whole run was up before ${where(host)} was tested.`,
    fix: 'Rerun with a longer --timeout; a server that delays its replies (a tarpit) needs some minutes.',
  },
  capped: {
    says: (host) =>
      `${where(host)} made the test ask so often that it was given up: ${host.answered ?? 0} of ${host.asked ?? 0} relay probes were answered.`,
    fix: 'Look into the mail server’s log for why it hangs up or puts off, then rerun.',
  },
  'connection-lost': {
    says: (host) => `${where(host)} hung up: ${host.answered ?? 0} of ${host.asked ?? 0} relay probes were answered.`,
    fix: 'Rerun later or from another address; the mail server’s log says why it hung up. A slow server needs a longer --timeout.',
  },
  'prober-listed': {
    says: (host) => `${where(host)} refuses this client for a block listing, so its relay rules were never reached.`,
    fix: ELSEWHERE,
  },
  'prober-refused': {
    says: (host) => `${where(host)} refuses this client whatever it asks, so its relay rules were never reached.`,
    fix: `${ELSEWHERE} The reply says what the host dislikes; --probe-name sets the name given in EHLO.`,
  },
  'sender-refused': {
    says: (host) => `${where(host)} refuses the probes’ senders, so its relay rules were never reached.`,
    fix: OWN_MAILBOX,
  },
  'recipient-domain': {
    says: (host) =>
      `${where(host)} refuses the probes’ recipient for its domain, which takes no mail; it may relay to one that does.`,
    fix: OWN_MAILBOX,
  },
  'tls-required': {
    says: (host) => `${where(host)} wants TLS first but does not provide it.`,
    fix: 'Repair STARTTLS (see the tls rule), then rerun.',
  },
  deferred: {
    says: (host) => `${where(host)} put off some of the probes (4xx), which decides nothing.`,
    fix: 'Rerun later, or with --greylist-wait 300.',
  },
  undecided: {
    says: (host) => `${where(host)} does not say whether it would deliver some of the probes.`,
    fix: PROVE,
  },
};

export const findings = {
  'open-relay/open': findingSpec<AboutRelay & { data: DataEvidence }>({
    severity: 'error',
    title: 'The host relays mail for strangers',
    message: ({ vectors, data, ...host }) =>
      `${where(host)} took a message from a stranger for a stranger: ${example(vectors)}; after the message: ${replyText(data.smtp)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'relay', `The test message has ${evidence.data.token} in its subject.`),
    reference: 'RFC 5321 §7.1, RFC 2505',
  }),
  'open-relay/rcpt-accepted': findingSpec<AboutRelay & { catchAll: boolean | null; data: DataEvidence | null }>({
    severity: 'error',
    title: 'The host accepts foreign recipients from strangers',
    message: ({ vectors, ...host }) => `${where(host)} accepts a recipient that is not its own: ${example(vectors)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'relay', PROVE),
    reference: 'RFC 5321 §3.6',
  }),
  'open-relay/accepts-everything': findingSpec<AboutHost & { probe: VectorEvidence }>({
    severity: 'warning',
    title: 'The host validates nothing at RCPT',
    message: ({ probe, ...host }) => `${where(host)} even accepts a recipient that cannot exist: ${example([probe])}.`,
    explanation:
      'Mail that is accepted and cannot be delivered has to be bounced, mostly to forged senders (backscatter), which gets the host listed.',
    remediation: () => ({ summary: 'Check recipients at RCPT and refuse those that are unknown.' }),
    reference: 'RFC 5321 §3.6.2, §6.2',
  }),
  'open-relay/by-sender': findingSpec<AboutRelay & { data: DataEvidence | null }>({
    severity: 'error',
    title: 'The host relays for anyone who names the right sender',
    message: ({ vectors, ...host }) =>
      `${where(host)} accepts a foreign recipient once the sender or the EHLO name looks like its own: ${example(vectors)}.`,
    explanation: `Anyone can write any sender and any EHLO name. ${EXPLANATION}`,
    remediation: (evidence) =>
      close(evidence, 'relay', 'Remove every permission that rests on the sender’s address or the EHLO name.'),
    reference: 'RFC 5321 §7.1',
  }),
  'open-relay/by-rewrite': findingSpec<AboutRelay & { data: DataEvidence }>({
    severity: 'error',
    title: 'The host relays addresses hidden in its own',
    message: ({ vectors, data, ...host }) =>
      `${where(host)} took a message for a foreign address in disguise: ${example(vectors)}; after the message: ${replyText(data.smtp)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'rewrite'),
    reference: 'RFC 5321 App. C, F.2',
  }),
  'open-relay/ambiguous': findingSpec<AboutRelay & { catchAll: boolean | null; data: DataEvidence | null }>({
    severity: 'inconclusive',
    title: 'Accepted addresses may be local or foreign ones in disguise',
    message: ({ vectors, catchAll, ...host }) =>
      `${where(host)} accepts ${example(vectors)}. ${catchAll ? 'It accepts every local part, so this may be a mailbox of its own.' : 'Whether it delivers there or forwards cannot be seen.'}`,
    explanation:
      'Accepting such an address is harmless when it is a local part, and an open relay when it is rewritten.',
    remediation: (evidence) => ({
      summary: evidence.catchAll ? `Switch the catch-all off and rerun. ${PROVE}` : PROVE,
    }),
    reference: 'RFC 5321 App. C',
  }),
  'open-relay/late-reject': findingSpec<AboutRelay & { data: DataEvidence }>({
    severity: 'info',
    title: 'Foreign recipients are refused only after DATA',
    message: ({ data, ...host }) =>
      `${where(host)} accepts foreign recipients at RCPT and refuses the message: ${replyText(data.smtp)}.`,
    explanation: 'Nothing is relayed, but relay testers that stop at RCPT will call the host open.',
    remediation: (evidence) => close(evidence, 'relay'),
    reference: 'RFC 5321 §3.3',
  }),
  'open-relay/submission-open': findingSpec<AboutRelay>({
    severity: 'error',
    title: 'The submission port relays without AUTH',
    message: ({ vectors, ...host }) => `${where(host)} accepts a foreign recipient without AUTH: ${example(vectors)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'submission'),
    reference: 'RFC 6409 §4.3',
  }),
  'open-relay/trusted-vantage': findingSpec<AboutRelay>({
    severity: 'inconclusive',
    title: 'Relaying was accepted, but from a network the host may trust',
    message: ({ vectors, vantage, ...host }) =>
      `${where(host)} accepts a foreign recipient: ${example(vectors)}. The probe came from a network it may trust (${vantage.reason}).`,
    explanation:
      'A host relays for its own network by design; whether it does for strangers can only be seen from outside.',
    remediation: ({ mta }) => ({
      summary:
        'Run the check from outside. See that the networks the server trusts are your own hosts and not the provider’s whole subnet.',
      ...(mta === 'postfix' ? { commands: ['postconf mynetworks mynetworks_style'] } : {}),
    }),
    reference: 'RFC 5321 §7.1',
  }),
  'open-relay/greylisted': findingSpec<AboutRelay>({
    severity: 'inconclusive',
    title: 'All relay probes were put off',
    message: ({ vectors, ...host }) => `${where(host)} puts off every relay probe: ${example(vectors)}.`,
    explanation: 'Greylisting answers strangers with 4xx at first; what the host says afterwards is not known yet.',
    remediation: () => ({ summary: 'Rerun with --greylist-wait 300.' }),
    reference: 'RFC 6647',
  }),
  'open-relay/inconclusive': findingSpec<InconclusiveEvidence>({
    severity: 'inconclusive',
    title: 'Relaying could not be tested',
    message: (evidence) => {
      const said = evidence.smtp ?? evidence.vectors?.[0]?.smtp;
      const reason = REASONS[evidence.reason]?.says(evidence) ?? evidence.reason;
      return said ? `${reason} (${replyText(said)})` : reason;
    },
    explanation: 'A host that could not be tested is not known to be closed.',
    remediation: ({ reason }) => ({ summary: REASONS[reason]?.fix ?? 'Rerun with a longer --timeout.' }),
    reference: 'RFC 5321 §3.6',
  }),
};
