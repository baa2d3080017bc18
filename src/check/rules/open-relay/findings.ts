import { closingLines, type MtaId, type RelayFault } from '../../../knowledge/mail-servers/mta.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import { lowerFirst } from '../../../report/lower-first.ts';
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
  'Spammers find an open relay within hours. Block lists then list it, and receivers reject all mail from it.';

const where = ({ ip, port }: AskedPort): string => `${ip} ${portText(port)}`;

/** @returns the first vector in words, and the number of further ones. */
function example(vectors: readonly VectorEvidence[]): string {
  const [first] = vectors;
  if (!first) return '';
  const more = vectors.length > 1 ? `; and ${vectors.length - 1} more like it` : '';
  const hello = first.hello === null ? '' : `EHLO ${first.hello}, `;
  return `${hello}MAIL FROM:${first.mailFrom} RCPT TO:${first.rcptTo} (${first.vector}) → ${replyText(first.smtp)}${more}`;
}

function replyText({ code, text }: SmtpEvidence): string {
  return code === null ? text : `${code} ${text}`;
}

const SUMMARY: Readonly<Record<RelayFault, string>> = {
  relay:
    'Relay only for authenticated users and your own networks. Reject all other recipients outside your domains at RCPT.',
  rewrite: 'Stop rewriting addresses with %, !, quotes or source routes into other recipients.',
  submission: 'Require AUTH on the submission port.',
};

function close({ mta }: AboutHost, fault: RelayFault, alsoSay = ''): Fix {
  const commands = knownLines(closingLines(mta, fault));
  const summary = alsoSay ? `${SUMMARY[fault]} ${alsoSay}` : SUMMARY[fault];
  return commands.length > 0 ? { summary, commands } : { summary };
}

/** The words of the verdict: for a relay that took a message, and for one that took a recipient. */
const OPEN = (): string => 'This host is an open relay: strangers can send mail through it.';
const LIKE_OPEN = (): string =>
  'This host accepts recipients at other domains from strangers, so it is probably an open relay.';

const PROVE =
  'To be certain, run the check with --active-data and --relay-rcpt, with a mailbox of yours at another domain.';

const ELSEWHERE = 'Run the check from another network, such as that of another mail server.';
const OWN_MAILBOX = 'Run the check with --relay-rcpt and a mailbox of yours at another domain.';

/** The check with a recipient that takes mail, so that only the relay rules of the host can refuse it. */
function ownMailbox(_evidence: object, target: Target): Fix {
  return { summary: OWN_MAILBOX, commands: ownCommand(target, 'check', '--relay-rcpt', 'you@elsewhere.example') };
}

/** The seconds after which most hosts with greylisting accept a second try. */
const GREYLIST_SECONDS = 300;
/** The time for a whole run with that wait, in seconds. */
const GREYLIST_TIMEOUT = 480;

/** The check with a second try, because a host with greylisting accepts a client only then. */
function waitAndAsk(_evidence: object, target: Target): Fix {
  return {
    summary: `Run the check with --greylist-wait ${GREYLIST_SECONDS}, so that it tries again after ${GREYLIST_SECONDS} seconds. The run needs a longer --timeout for that.`,
    commands: ownCommand(target, 'check', '--greylist-wait', `${GREYLIST_SECONDS}`, '--timeout', `${GREYLIST_TIMEOUT}`),
  };
}

/** @returns the sentences, the first of them with the reply or failure that it rests on, in parentheses. */
function quoting(sentence: string, { smtp, vectors }: Pick<Undecided, 'smtp' | 'vectors'>): string {
  const said = smtp ?? vectors?.[0]?.smtp;
  return said ? sentence.replace(/\.(?= |$)/, () => ` (${replyText(said)}).`) : sentence;
}

export const findings = {
  'open-relay/open': findingSpec<AboutRelay & { data: DataReply }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: OPEN,
    title: 'The host relays mail for strangers',
    message: ({ vectors, data, ...host }) =>
      `${where(host)} accepted a message from a stranger for another domain: ${example(vectors)}; reply to the message: ${replyText(data.smtp)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'relay', `The test message has ${evidence.data.token} in its subject.`),
    reference: 'RFC 5321 §7.1, RFC 2505',
  }),
  'open-relay/rcpt-accepted': findingSpec<AboutRelay & { catchAll: boolean | null; data: DataReply | null }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: LIKE_OPEN,
    title: 'The host accepts recipients at other domains from strangers',
    message: ({ vectors, ...host }) => `${where(host)} accepts a recipient at another domain: ${example(vectors)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'relay', PROVE),
    reference: 'RFC 5321 §3.6',
  }),
  'open-relay/accepts-everything': findingSpec<AboutHost & { probe: VectorEvidence }>({
    severity: 'warning',
    title: 'The host accepts every recipient',
    message: ({ probe, ...host }) => `${where(host)} accepts a recipient that cannot exist: ${example([probe])}.`,
    explanation:
      'The host must bounce mail that it accepts and cannot deliver. Most such bounces go to forged senders (backscatter), which gets the host listed.',
    remediation: () => ({ summary: 'Check recipients at RCPT and reject unknown ones.' }),
    reference: 'RFC 5321 §3.6.2, §6.2',
  }),
  'open-relay/by-sender': findingSpec<AboutRelay & { data: DataReply | null }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: LIKE_OPEN,
    title: 'The host relays for anyone who uses one of its sender addresses',
    message: ({ vectors, ...host }) =>
      `${where(host)} accepts a recipient at another domain if the sender or the EHLO name looks like its own: ${example(vectors)}.`,
    explanation: `Anyone can use any sender address and any EHLO name. ${EXPLANATION}`,
    remediation: (evidence) =>
      close(evidence, 'relay', 'Remove every rule that allows relaying by sender address or EHLO name.'),
    reference: 'RFC 5321 §7.1',
  }),
  'open-relay/by-rewrite': findingSpec<AboutRelay & { data: DataReply }>({
    severity: 'error',
    causes: ['open-relay'],
    headline: OPEN,
    title: 'The host relays to addresses hidden in its own',
    message: ({ vectors, data, ...host }) =>
      `${where(host)} accepted a message for an address at another domain, written as one of its own: ${example(vectors)}; reply to the message: ${replyText(data.smtp)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'rewrite'),
    reference: 'RFC 5321 App. C, F.2',
  }),
  'open-relay/ambiguous': findingSpec<AboutRelay & { catchAll: boolean | null; data: DataReply | null }>({
    severity: 'inconclusive',
    title: 'The host accepts addresses that may lead to other domains',
    message: ({ vectors, catchAll, ...host }) =>
      `${where(host)} accepts ${example(vectors)}. ${catchAll ? 'It accepts every local part (catch-all), so this may be a local mailbox.' : 'The test cannot tell whether it delivers locally or relays.'}`,
    explanation:
      'Such an address is harmless if the host takes it as a local mailbox. If the host rewrites it to another domain, it is an open relay.',
    remediation: (evidence) => ({
      summary: evidence.catchAll ? `Turn the catch-all off and run the check again. ${PROVE}` : PROVE,
    }),
    reference: 'RFC 5321 App. C',
  }),
  'open-relay/late-reject': findingSpec<AboutRelay & { data: DataReply }>({
    severity: 'info',
    title: 'Recipients at other domains are rejected only after DATA',
    message: ({ data, ...host }) =>
      `${where(host)} accepts recipients at other domains at RCPT and rejects the message after DATA: ${replyText(data.smtp)}.`,
    explanation: 'The host does not relay, but relay tests that stop at RCPT report it as open.',
    remediation: (evidence) => close(evidence, 'relay'),
    reference: 'RFC 5321 §3.3',
  }),
  'open-relay/submission-open': findingSpec<AboutRelay>({
    severity: 'error',
    causes: ['open-relay'],
    headline: LIKE_OPEN,
    title: 'The submission port relays without AUTH',
    message: ({ vectors, ...host }) =>
      `${where(host)} accepts a recipient at another domain without AUTH: ${example(vectors)}.`,
    explanation: EXPLANATION,
    remediation: (evidence) => close(evidence, 'submission'),
    reference: 'RFC 6409 §4.3',
  }),
  'open-relay/submission-silent': submissionSilent<AskedPort & { failure: string }>(
    where,
    'so relaying was not tested there',
    'RFC 6409 §3.1',
  ),
  'open-relay/trusted-vantage': findingSpec<AboutRelay>({
    severity: 'inconclusive',
    title: 'The host relays for a network that it may trust',
    message: ({ vectors, vantage, ...host }) =>
      `${where(host)} accepts a recipient at another domain: ${example(vectors)}. The test ran from a network that the host may trust (${vantage.reason}).`,
    explanation:
      'Many hosts relay for their own network on purpose. Only a test from outside shows whether the host relays for strangers.',
    remediation: ({ mta }) => ({
      summary:
        'Run the check from outside. Make sure that the server trusts only your own hosts, not the provider’s whole subnet.',
      ...(mta === 'postfix' ? { commands: command`postconf mynetworks mynetworks_style` } : {}),
    }),
    reference: 'RFC 5321 §7.1',
  }),
  'open-relay/greylisted': findingSpec<AboutRelay>({
    severity: 'inconclusive',
    title: 'The host deferred all relay tests (greylisting)',
    message: ({ vectors, ...host }) =>
      `${where(host)} deferred every relay test (${example(vectors)}), so relaying was not tested. Run the check with --greylist-wait ${GREYLIST_SECONDS}.`,
    explanation: 'Greylisting defers unknown clients at first. Only a second try shows whether the host relays.',
    remediation: waitAndAsk,
    reference: 'RFC 6647',
  }),
  'open-relay/vrfy-open': findingSpec<AboutHost & { told: readonly SmtpEvidence[] }>({
    severity: 'info',
    title: 'The mail server tells strangers about its users',
    message: (evidence) =>
      `${where(evidence)} answers ${evidence.told.map(({ command, ...reply }) => `${command} with "${replyText({ command, ...reply })}"`).join(' and ')}.`,
    explanation: 'Spammers use VRFY and EXPN to find mailboxes that exist. Mail delivery needs neither.',
    remediation: ({ mta }) => ({
      summary: 'Turn off VRFY and EXPN in the mail server.',
      ...(mta === 'postfix' ? { commands: command`postconf -e 'disable_vrfy_command = yes'` } : {}),
    }),
    reference: 'RFC 5321 §7.3',
  }),
  'open-relay/inconclusive': inconclusiveSpec({
    title: 'Relaying could not be fully tested',
    explanation: 'Relaying was not fully tested, so this check does not count as passed.',
    reference: 'RFC 5321 §3.6',
    reasons: {
      'recipient-local': reason({
        says: () => 'The --relay-rcpt mailbox is at the tested domain, so accepting it is not relaying.',
        fix: () => OWN_MAILBOX,
      }),
      'no-listener': reason<NoAnswer>({
        says: (seen) => quoting(`Nothing listens on ${where(seen)}.`, seen),
        fix: ({ ip }, target) => `Start the mail server on this address.${sendOnlyHint([ip], target)}`,
      }),
      'no-answer': reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} did not answer in time.`, seen),
        fix: ({ ip }, target) =>
          `Open the port in the firewall of the host or of its provider.${sendOnlyHint([ip], target)} If other mail servers do not answer either, this network blocks port 25: ${lowerFirst(ELSEWHERE)}`,
      }),
      unreachable: reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} cannot be reached from here.`, seen),
        fix: () => ELSEWHERE,
      }),
      'port-25-closed': reason<NoAnswer>({
        says: (seen) => `${where(seen)} was not tested: this network blocks the port.`,
        fix: () => ELSEWHERE,
      }),
      'no-route': reason<NoAnswer>({
        says: ({ missing = 'this machine has no route to it', ...seen }) =>
          `${where(seen)} was not tested: ${missing}.`,
        fix: () => 'Run the check on a machine that has a route to the address, or on the mail server itself.',
        obstacle: ({ ip, missing = '' }) => noRoute(ip, missing),
      }),
      'no-greeting': reason<NoAnswer & { readonly seen: NoGreeting }>({
        says: ({ seen, ...asked }) => `${where(asked)} ${doesText(seen)}, so relaying was not tested.`,
        fix: ({ seen, port }) => greetingFix(seen, port),
      }),
      dropped: reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} closes the connection before its greeting.`, seen),
        fix: () => 'Check the mail server’s log for the reason, or run the check from another network.',
      }),
      'not-smtp': reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} does not speak SMTP.`, seen),
        fix: () => 'Make sure that the mail server, and nothing else, listens on the port.',
      }),
      'tls-failed': reason<NoAnswer>({
        says: (seen) => quoting(`TLS with ${where(seen)} fails, so relaying was not fully tested.`, seen),
        fix: () => 'Fix the TLS settings (see the tls check), then run the check again.',
      }),
      forbidden: reason<NoAnswer>({
        says: (seen) => quoting(`${where(seen)} was not tested, because it is not a public address.`, seen),
        fix: () => 'To test a lab or an internal network, run the check with --allow-private.',
      }),
      decoy: decoyReason<NoAnswer>(where, 'whether the host relays'),
      ...heldBackReasons<NoAnswer>(
        where,
        ({ ip }) => [ip],
        ({ answered = 0, asked = 0 }) =>
          answered > 0 ? `after ${answered} of ${asked} relay tests` : 'before the first relay test',
      ),
      aborted: reason<NoAnswer>({
        says: ({ answered = 0, asked = 0, ...seen }) =>
          quoting(
            answered > 0
              ? `The time limit of the run was reached after ${answered} of ${asked} relay tests at ${where(seen)}.`
              : `The time limit of the run was reached before ${where(seen)} was tested.`,
            seen,
          ),
        fix: () =>
          'Run the check with a longer --timeout. A server that delays its replies (tarpit) needs several minutes.',
        obstacle: () => TIME_LIMIT,
      }),
      capped: reason<NoAnswer>({
        says: ({ answered = 0, asked = 0, ...seen }) =>
          quoting(
            `${where(seen)} needed too many connections, so the test stopped after ${answered} of ${asked} relay tests.`,
            seen,
          ),
        fix: () => 'Check the mail server’s log for why it closes connections or defers, then run the check again.',
      }),
      'connection-lost': reason<NoAnswer>({
        says: ({ answered = 0, asked = 0, ...seen }) =>
          quoting(`${where(seen)} closed the connection after ${answered} of ${asked} relay tests.`, seen),
        fix: () =>
          'Run the check later or from another network. The mail server’s log shows why it closed the connection. A slow server needs a longer --timeout.',
      }),
      'slow-refusals': reason<NoAnswer>({
        says: ({ answered = 0, asked = 0, ...seen }) =>
          `${where(seen)} delays each refusal, so only ${answered} of ${asked} relay tests were made in time.`,
        fix: () => 'Run the check again with a longer --timeout.',
      }),
      'out-of-step': reason<NoAnswer & Undecided>({
        says: (seen) =>
          quoting(`The replies of ${where(seen)} do not match the commands, so some relay tests have no result.`, seen),
        fix: () =>
          'Check the mail server, and any firewall with SMTP inspection in front of it: each command needs one reply, and RSET must end the transaction.',
      }),
      unexplained: reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} rejects some relay tests with the same words as mail for its own postmaster, so the reason is not known.`,
            seen,
          ),
        fix: () => `${ELSEWHERE} The mail server’s log shows why it rejects this machine.`,
      }),
      'prober-listed': reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} rejects this machine because it is on a block list, so relaying was not tested.`,
            seen,
          ),
        fix: () => ELSEWHERE,
      }),
      'prober-refused': reason<Undecided>({
        says: (seen) =>
          quoting(`${where(seen)} rejects every request of this machine, so relaying was not tested.`, seen),
        fix: () => `${ELSEWHERE} The reply may say why; --probe-name changes the EHLO name.`,
      }),
      'sender-refused': reason<Undecided>({
        says: (seen) =>
          quoting(`${where(seen)} rejects the test’s sender addresses, so relaying was not tested.`, seen),
        fix: ownMailbox,
      }),
      'recipient-domain': reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} rejects the test’s recipient because its domain is reserved or accepts no mail. It may still relay to other domains.`,
            seen,
          ),
        fix: ownMailbox,
      }),
      'recipient-refused': reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} rejects the test’s recipient, but not for relaying. It may still relay to other recipients.`,
            seen,
          ),
        fix: ownMailbox,
      }),
      'tls-required': reason<Undecided>({
        says: (seen) => quoting(`${where(seen)} requires TLS but does not offer it.`, seen),
        fix: () => 'Fix STARTTLS (see the tls check), then run the check again.',
      }),
      deferred: reason<Undecided>({
        says: (seen) =>
          quoting(
            `${where(seen)} deferred some relay tests, so relaying was not fully tested. Run the check with --greylist-wait ${GREYLIST_SECONDS}.`,
            seen,
          ),
        fix: waitAndAsk,
      }),
      undecided: reason<Undecided>({
        says: (seen) => quoting(`${where(seen)} gave no clear answer to some relay tests.`, seen),
        fix: () => PROVE,
      }),
    },
  }),
};
