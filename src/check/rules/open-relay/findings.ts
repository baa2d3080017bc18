import { closingLines, type MtaId, type RelayFault } from '../../../knowledge/mail-servers/mta.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import { portText } from '../../../standards/submission-ports.ts';
import type { NoGreeting } from '../../facts/no-greeting.ts';
import type { DataReply } from '../../facts/relay/proof.ts';
import type { Vantage } from '../../facts/vantage.ts';
import type { Target } from '../../target.ts';
import { decoyReason } from '../decoy.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { heldBackReasons } from '../held-back.ts';
import { inconclusiveSpec, type Obstructed, reason } from '../inconclusive.ts';
import { doesText, greetingFix } from '../no-greeting.ts';
import { noRoute, TIME_LIMIT } from '../obstacles.ts';
import { ownCommand } from '../own-command.ts';
import { command, knownLines } from '../pasted.ts';
import { sendOnlyHint } from '../send-only-hint.ts';
import { submissionSilent } from '../submission-silent.ts';

/** One vector and the reply that decided its outcome. */
export interface VectorEvidence {
  readonly vector: string;
  readonly mailFrom: string;
  readonly rcptTo: string;
  /** The EHLO name, if it is part of the trick. */
  readonly hello: string | null;
  readonly smtp: SmtpEvidence;
}

/** The port that was asked. */
export interface AskedPort {
  readonly ip: string;
  readonly port: number;
}

export interface AboutHost extends AskedPort {
  readonly mta: MtaId | null;
  readonly vantage: Vantage;
}

export interface AboutRelay extends AboutHost {
  readonly vectors: readonly VectorEvidence[];
}

/** A failed connection, and the number of vectors that were answered before it failed. */
export interface NoAnswer extends AskedPort, Obstructed {
  readonly smtp?: SmtpEvidence;
  readonly answered?: number;
  readonly asked?: number;
  /** What this machine lacks to connect, as a clause. */
  readonly missing?: string;
}

/** Replies that decide nothing: the replies to vectors, or a greeting that refused the client. */
export interface Undecided extends AskedPort, Obstructed {
  readonly smtp?: SmtpEvidence;
  readonly vectors?: readonly VectorEvidence[];
}

const EXPLANATION =
  'A host that forwards strangers’ mail is found by spammers within hours; block lists then list it, and receivers refuse everything it sends.';

const where = ({ ip, port }: AskedPort): string => `${ip} ${portText(port)}`;

/** @returns the first vector in words, and the number of further ones. */
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

function close({ mta }: AboutHost, fault: RelayFault, alsoSay = ''): Fix {
  const commands = knownLines(closingLines(mta, fault));
  const summary = alsoSay ? `${SUMMARY[fault]} ${alsoSay}` : SUMMARY[fault];
  return commands.length > 0 ? { summary, commands } : { summary };
}

/** The words of the verdict: for a relay that took a message, and for one that took a recipient. */
const OPEN = (): string => 'This host is an open relay: strangers can send mail through it.';
const LIKE_OPEN = (): string => 'This host accepts recipients elsewhere from strangers, as an open relay does.';

const PROVE = 'To be certain, rerun with --active-data and --relay-rcpt, a mailbox of yours elsewhere.';

const ELSEWHERE = 'Run the check from another network, one that may send mail.';
const OWN_MAILBOX = 'Give a mailbox of yours at another domain: --relay-rcpt you@elsewhere.example.';

/** The check with a recipient that takes mail, so that only the relay rules of the host can refuse it. */
function ownMailbox(_evidence: object, target: Target): Fix {
  return { summary: OWN_MAILBOX, commands: ownCommand(target, 'check', '--relay-rcpt', 'you@elsewhere.example') };
}

/** @returns the sentence followed by the reply or failure that it rests on, in parentheses. */
function quoting(sentence: string, { smtp, vectors }: Pick<Undecided, 'smtp' | 'vectors'>): string {
  const said = smtp ?? vectors?.[0]?.smtp;
  return said ? `${sentence} (${replyText(said)})` : sentence;
}

export const findings = {
  'open-relay/open': findingSpec<AboutRelay & { data: DataReply }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: OPEN,
    title: 'The host relays mail for strangers',
    message: ({ vectors, data, ...host }) =>
      `${where(host)} took a message from a stranger for a stranger: ${example(vectors)}; after the message: ${replyText(data.smtp)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'relay', `The test message has ${evidence.data.token} in its subject.`),
    reference: 'RFC 5321 §7.1, RFC 2505',
  }),
  'open-relay/rcpt-accepted': findingSpec<AboutRelay & { catchAll: boolean | null; data: DataReply | null }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: LIKE_OPEN,
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
  'open-relay/by-sender': findingSpec<AboutRelay & { data: DataReply | null }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: LIKE_OPEN,
    title: 'The host relays for anyone who names the right sender',
    message: ({ vectors, ...host }) =>
      `${where(host)} accepts a foreign recipient once the sender or the EHLO name looks like its own: ${example(vectors)}.`,
    explanation: `Anyone can write any sender and any EHLO name. ${EXPLANATION}`,
    remediation: (evidence) =>
      close(evidence, 'relay', 'Remove every permission that rests on the sender’s address or the EHLO name.'),
    reference: 'RFC 5321 §7.1',
  }),
  'open-relay/by-rewrite': findingSpec<AboutRelay & { data: DataReply }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: OPEN,
    title: 'The host relays addresses hidden in its own',
    message: ({ vectors, data, ...host }) =>
      `${where(host)} took a message for a foreign address in disguise: ${example(vectors)}; after the message: ${replyText(data.smtp)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'rewrite'),
    reference: 'RFC 5321 App. C, F.2',
  }),
  'open-relay/ambiguous': findingSpec<AboutRelay & { catchAll: boolean | null; data: DataReply | null }>({
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
  'open-relay/late-reject': findingSpec<AboutRelay & { data: DataReply }>({
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
    causes: ['open-relay'],
    headline: LIKE_OPEN,
    title: 'The submission port relays without AUTH',
    message: ({ vectors, ...host }) => `${where(host)} accepts a foreign recipient without AUTH: ${example(vectors)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'submission'),
    reference: 'RFC 6409 §4.3',
  }),
  'open-relay/submission-silent': submissionSilent<AskedPort & { failure: string }>(
    where,
    'so nothing is known about relaying there',
    'RFC 6409 §3.1',
  ),
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
      ...(mta === 'postfix' ? { commands: command`postconf mynetworks mynetworks_style` } : {}),
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
  'open-relay/inconclusive': inconclusiveSpec({
    title: 'Relaying could not be tested',
    explanation: 'A host that could not be tested is not known to be closed.',
    reference: 'RFC 5321 §3.6',
    reasons: {
      'recipient-local': reason({
        says: () => 'The mailbox of --relay-rcpt is at the tested domain, where mail for it is welcome.',
        fix: () => OWN_MAILBOX,
      }),
      'no-listener': reason<NoAnswer>({
        says: (seen) => quoting(`Nothing listens on ${where(seen)}.`, seen),
        fix: ({ ip }, target) => `Start the mail server and let it listen on the address.${sendOnlyHint([ip], target)}`,
      }),
      'no-answer': reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} did not answer in time.`, seen),
        fix: ({ ip }, target) =>
          `Open the port in the host’s firewall, or the provider’s.${sendOnlyHint([ip], target)} If other mail servers do not answer either, this network blocks port 25: ${ELSEWHERE.toLowerCase()}`,
      }),
      unreachable: reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} cannot be reached from here.`, seen),
        fix: () => ELSEWHERE,
      }),
      'port-25-closed': reason<NoAnswer>({
        says: (seen) => `${where(seen)} could not be tested from here: this network blocks the port.`,
        fix: () => ELSEWHERE,
      }),
      'no-route': reason<NoAnswer>({
        says: ({ missing = 'this machine has no route to it', ...seen }) =>
          `${where(seen)} could not be tested from here: ${missing}.`,
        fix: () => 'Run the check on a machine with a route to the address, or on the mail host itself.',
        obstacle: ({ ip, missing = '' }) => noRoute(ip, missing),
      }),
      'no-greeting': reason<NoAnswer & { readonly seen: NoGreeting }>({
        says: ({ seen, ...asked }) => `${where(asked)} ${doesText(seen)}, so relaying was not tested.`,
        fix: ({ seen, port }) => greetingFix(seen, port),
      }),
      dropped: reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} hangs up before it greets.`, seen),
        fix: () =>
          'Look into the mail server’s log for why it turns this client away, or run the check from another network.',
      }),
      'not-smtp': reason<NoAnswer>({
        says: (seen) => quoting(`What answers on ${where(seen)} does not speak SMTP.`, seen),
        fix: () => 'Let the mail server, and nothing else, listen on the port.',
      }),
      'tls-failed': reason<NoAnswer>({
        says: (seen) => quoting(`TLS with ${where(seen)} fails, so what comes after it could not be tested.`, seen),
        fix: () => 'Repair the certificate or TLS settings (see the tls rule), then rerun.',
      }),
      forbidden: reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} is not a public address and was not connected to.`, seen),
        fix: () => 'In a lab or an internal network, rerun with --allow-private.',
      }),
      decoy: decoyReason<NoAnswer>(where, 'whether the host relays'),
      ...heldBackReasons<NoAnswer>(
        where,
        ({ ip }) => [ip],
        ({ answered = 0, asked = 0 }) =>
          answered > 0 ? `after ${answered} of ${asked} relay probes` : 'before the relay probes were answered',
      ),
      aborted: reason<NoAnswer>({
        says: ({ answered = 0, asked = 0, ...seen }) =>
          quoting(
            answered > 0
              ? `The time for the whole run was up when ${where(seen)} had answered ${answered} of ${asked} relay probes.`
              : `The time for the whole run was up before ${where(seen)} was tested.`,
            seen,
          ),
        fix: () => 'Rerun with a longer --timeout; a server that delays its replies (a tarpit) needs some minutes.',
        obstacle: () => TIME_LIMIT,
      }),
      capped: reason<NoAnswer>({
        says: ({ answered = 0, asked = 0, ...seen }) =>
          quoting(
            `${where(seen)} made the test ask so often that it was given up: ${answered} of ${asked} relay probes were answered.`,
            seen,
          ),
        fix: () => 'Look into the mail server’s log for why it hangs up or puts off, then rerun.',
      }),
      'connection-lost': reason<NoAnswer>({
        says: ({ answered = 0, asked = 0, ...seen }) =>
          quoting(`${where(seen)} hung up: ${answered} of ${asked} relay probes were answered.`, seen),
        fix: () =>
          'Rerun later or from another address; the mail server’s log says why it hung up. A slow server needs a longer --timeout.',
      }),
      'out-of-step': reason<NoAnswer & Undecided>({
        says: (seen) =>
          quoting(`The replies of ${where(seen)} do not fit the commands, so some relay probes have no answer.`, seen),
        fix: () =>
          'Look into the mail server, or a firewall with SMTP inspection before it: each command needs one reply, and RSET must end the transaction.',
      }),
      unexplained: reason<Undecided>({
        says: (seen) =>
          quoting(`${where(seen)} refuses some probes in words that it also has for its own postmaster.`, seen),
        fix: () => `${ELSEWHERE} The mail server’s log says why it refuses.`,
      }),
      'prober-listed': reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} refuses this client for a block listing, so its relay rules were never reached.`,
            seen,
          ),
        fix: () => ELSEWHERE,
      }),
      'prober-refused': reason<Undecided>({
        says: (seen) =>
          quoting(`${where(seen)} refuses this client whatever it asks, so its relay rules were never reached.`, seen),
        fix: () => `${ELSEWHERE} The reply says what the host dislikes; --probe-name sets the name given in EHLO.`,
      }),
      'sender-refused': reason<Undecided>({
        says: (seen) =>
          quoting(`${where(seen)} refuses the probes’ senders, so its relay rules were never reached.`, seen),
        fix: ownMailbox,
      }),
      'recipient-domain': reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} refuses the probes’ recipient for its domain, which takes no mail. It may relay to a domain that takes mail.`,
            seen,
          ),
        fix: ownMailbox,
      }),
      'recipient-refused': reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} refuses the probes’ recipient in words that do not speak of relaying. It may relay to other recipients.`,
            seen,
          ),
        fix: ownMailbox,
      }),
      'tls-required': reason<Undecided>({
        says: (seen) => quoting(`${where(seen)} wants TLS first but does not provide it.`, seen),
        fix: () => 'Repair STARTTLS (see the tls rule), then rerun.',
      }),
      deferred: reason<Undecided>({
        says: (seen) => quoting(`${where(seen)} put off some of the probes (4xx), which decides nothing.`, seen),
        fix: () => 'Rerun later, or with --greylist-wait 300.',
      }),
      undecided: reason<Undecided>({
        says: (seen) => quoting(`${where(seen)} does not say whether it would deliver some of the probes.`, seen),
        fix: () => PROVE,
      }),
    },
  }),
};
