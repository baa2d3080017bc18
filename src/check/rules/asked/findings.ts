import type { CauseName } from '../../../knowledge/receivers/causes.ts';
import { quoteReply } from '../../../network/smtp/quote.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import { count } from '../../../report/count.ts';
import { shortName } from '../../../report/short-name.ts';
import { type Detail, findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { noRoute, type Obstacle, port25Closed, TIME_LIMIT } from '../obstacles.ts';
import { ownCommand } from '../own-command.ts';
import { links } from '../pasted.ts';

/** The answer of one receiver. */
export interface AnswerEvidence {
  readonly receiver: string;
  readonly name: string;
  readonly ip: string;
  /** The domain whose MX host was asked, and whether it is known well enough to be printed without a mark. */
  readonly domain: string;
  readonly domainConfirmed: boolean;
  readonly host: string;
  readonly server: string;
  readonly helo: string;
  /** The domain of MAIL FROM. */
  readonly sender: string;
  readonly stage: 'greeting' | 'ehlo' | 'mail-from';
  readonly smtp: SmtpEvidence;
  /** The time as ISO 8601, and whether an earlier run of the day asked. */
  readonly askedAt: string;
  readonly isEarlier: boolean;
  /** What is known about the reply. */
  readonly says: readonly string[];
  /** The faults of the sender that it names. */
  readonly faults: readonly CauseName[];
  /** The block list that it names. */
  readonly list: { readonly name: string; readonly how: string; readonly url: string | null } | null;
  /** Where removal is requested. */
  readonly removal: {
    readonly how: string;
    readonly form: string | null;
    readonly mailbox: string | null;
    readonly confirmed: boolean;
  } | null;
}

/** The receivers that something is said of together. */
export interface Together {
  readonly ip: string;
  readonly receivers: readonly { readonly id: string; readonly name: string }[];
}

/** @returns the time for people: `2026-11-30 08:12 UTC`. */
const timeText = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

const namesOf = ({ receivers }: Together): string => receivers.map(({ name }) => shortName(name)).join(', ');

const said = ({ smtp }: AnswerEvidence): string => quoteReply({ code: smtp.code ?? 0, lines: [smtp.text] });

const PLACES: Readonly<Record<AnswerEvidence['stage'], (evidence: AnswerEvidence) => string>> = {
  greeting: () => 'at the greeting',
  ehlo: ({ helo }) => `after EHLO ${helo}`,
  'mail-from': ({ sender }) => `after MAIL FROM:<postmaster@${sender}>`,
};

const message =
  (verb: string) =>
  (evidence: AnswerEvidence): string =>
    `${evidence.name} ${verb} mail from ${evidence.ip}: ${PLACES[evidence.stage](evidence)} it answered "${said(evidence)}".`;

function details(evidence: AnswerEvidence): Detail[] {
  const { domain, domainConfirmed, host, server, askedAt, isEarlier, says } = evidence;
  const when = `${timeText(askedAt)}${isEarlier ? ', by an earlier run' : ''}`;
  return [
    {
      label: 'Asked',
      text: `${host} (${server}), an MX host of ${domain}${confirmationMark(domainConfirmed)}, ${when}`,
    },
    ...says.map((text) => ({ label: 'Meaning', text })),
  ];
}

/** The checks that show what is wrong, by the fault that a reply names. */
const CHECKS: Readonly<Partial<Record<CauseName, string>>> = {
  'no-domain': 'dns',
  'no-return-path': 'mx',
  'null-mx': 'mx',
  'no-ptr': 'ptr',
  'default-ptr': 'ptr',
  'dynamic-ptr': 'ptr',
  'bad-helo': 'helo',
  'unknown-helo': 'helo',
  'no-spf': 'spf',
  'spf-fail': 'spf',
  'no-dkim': 'dkim',
  'dkim-not-aligned': 'dkim',
  'no-dmarc': 'dmarc',
  'open-relay': 'open-relay',
};

function fix(evidence: AnswerEvidence, patience: string): Fix {
  const { ip, name, faults, list, removal } = evidence;
  const receiver = shortName(name);
  const checks = [...new Set(faults.flatMap((fault) => CHECKS[fault] ?? []))];
  const first =
    checks.length === 0 ? [] : [`Fix what the reply is about first (see the ${checks.join(' and ')} check).`];
  const quoted = `Give the address ${ip} and the reply: "${said(evidence)}".`;
  if (list !== null) {
    return {
      summary: [...first, `Request removal from ${list.name}: ${list.how}.`.replace(/\.\.$/, '.')].join(' '),
      links: links(list.url),
    };
  }
  if (removal !== null) {
    const { how, form, mailbox, confirmed } = removal;
    const where = mailbox === null ? `At ${receiver}` : `Write to ${mailbox} (${receiver})`;
    return {
      summary: [
        ...first,
        `${where}${confirmationMark(confirmed)}: ${how}. ${quoted}`,
        ...(patience === '' ? [] : [patience]),
      ].join(' '),
      links: links(form),
    };
  }
  const page = `Follow the reply, or the page that it names. If it names none, write to the postmaster of ${receiver}. ${quoted}`;
  return { summary: [...first, ...(patience === '' ? [page] : [patience])].join(' ') };
}

const LISTS_OF_ITS_OWN =
  'The receiver was asked in one connection without a recipient or a message. Many receivers keep lists of addresses and ranges that no DNS lookup shows.';

const notAsked = ({ ip, receivers }: Together, why: string): string =>
  `Not asked from ${ip}: ${namesOf({ ip, receivers })}. ${why}`;

export const findings = {
  'receiver/refuses-now': findingSpec<AnswerEvidence>({
    severity: 'error',
    title: 'A large receiver rejects this host now',
    message: message('rejects'),
    details,
    explanation: LISTS_OF_ITS_OWN,
    remediation: (evidence) => fix(evidence, ''),
    reference: 'RFC 5321 §3.1',
  }),
  'receiver/defers-now': findingSpec<AnswerEvidence>({
    severity: 'warning',
    title: 'A large receiver defers this host now',
    message: message('defers'),
    details,
    explanation: LISTS_OF_ITS_OWN,
    remediation: (evidence) =>
      fix(
        evidence,
        'If that changes nothing, send less mail and open fewer connections, and ask again on another day.',
      ),
    reference: 'RFC 5321 §4.2.1',
  }),
  'receiver/asked': findingSpec<
    Together & { readonly receivers: readonly { id: string; name: string; askedAt: string }[] }
  >({
    severity: 'info',
    title: 'Large receivers take MAIL FROM from this host',
    message: (evidence) =>
      `${count(evidence.receivers.length, 'receiver')} took MAIL FROM from ${evidence.ip} on ${evidence.receivers[0]?.askedAt.slice(0, 10)} (UTC): ${namesOf(evidence)}.`,
    explanation:
      'They accept connections from this address. Whether they accept a message also depends on its recipient and its content.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5321 §4.1.1.2',
  }),
  'receiver/inconclusive': inconclusiveSpec({
    title: 'Large receivers could not be asked',
    explanation: 'A receiver that did not answer is not known to accept mail from this host.',
    reference: 'RFC 5321 §3.1',
    reasons: {
      'not-the-host': reason<{ readonly ip: string }>({
        says: ({ ip }) => `No receiver was asked from ${ip}, because this machine is not known to be the mail server.`,
        fix: (_evidence, target) => ({
          summary: 'Run this on the mail server itself. Receivers answer for the address that connects to them.',
          commands: ownCommand(target, 'check', '--on-host', '--ask-receivers'),
        }),
      }),
      'not-public': reason<{ readonly ip: string }>({
        says: ({ ip }) => `No receiver was asked from ${ip}, because that is not a public address.`,
        fix: () => 'Pass the public address that the mail server sends from.',
      }),
      'port-25': reason<{ readonly ip: string; readonly shownBy: string }>({
        says: ({ ip }) => `No receiver was asked from ${ip}, because this network blocks outbound port 25.`,
        fix: ({ shownBy }, target) => port25Closed(shownBy, target).fix,
        obstacle: ({ shownBy }, target) => port25Closed(shownBy, target),
      }),
      'no-helo': reason<{ readonly ip: string }>({
        says: ({ ip }) => `No receiver was asked from ${ip}, because the HELO name of the mail server is not known.`,
        fix: (_evidence, target) => ({
          summary: 'Pass the name that the mail server announces.',
          commands: ownCommand(target, 'check', '--helo', 'HOST_NAME'),
        }),
      }),
      'no-host': reason<Together>({
        says: (evidence) => notAsked(evidence, 'No MX host with an address was found.'),
        fix: () => 'Run the check again. If that changes nothing, the receiver has moved: report it to mailcheck.',
      }),
      failed: reason<Together & { readonly failures: readonly { readonly host: string; readonly detail: string }[] }>({
        says: (evidence) =>
          notAsked(
            evidence,
            `No answer: ${evidence.failures.map(({ host, detail }) => `${host} (${detail})`).join(', ')}.`,
          ),
        fix: () => 'Check that this host can connect to port 25 (see the egress check), then run the check again.',
      }),
      'no-route': reason<Together & { readonly detail: string }>({
        says: (evidence) => notAsked(evidence, `This machine has no route to them (${evidence.detail}).`),
        fix: ({ ip, detail }) => noRoute(ip, detail).fix,
        obstacle: ({ ip, detail }): Obstacle => noRoute(ip, detail),
      }),
      'time-limit': reason<Together>({
        says: (evidence) => notAsked(evidence, 'The time limit of the run was reached.'),
        fix: () => TIME_LIMIT.fix,
        obstacle: () => TIME_LIMIT,
      }),
      lost: reason<Together>({
        says: (evidence) =>
          notAsked(
            evidence,
            'Another run asked today, and its answer is not known. Each receiver is asked once a day.',
          ),
        fix: () => 'Run the check again after midnight UTC.',
      }),
      'no-stamp': reason<Together & { readonly detail: string }>({
        says: (evidence) =>
          notAsked(evidence, `Each receiver is asked once a day, and the time cannot be kept (${evidence.detail}).`),
        fix: () => 'Set XDG_CACHE_HOME to a folder that mailcheck can write to, then run the check again.',
      }),
    },
  }),
};
