/**
 * Checks that no unauthenticated client can send to foreign domains through this host (RFC 5321 §3.6, §7.1; RFC 2505).
 * The rule sees the replies to RCPT and, with `--active-data`, the reply to a message. It cannot see the host as a
 * stranger does if it runs in a network that the host trusts or refuses.
 */
import { recogniseDecoy } from '../../../knowledge/mail-servers/decoys.ts';
import { type MtaId, recogniseMta } from '../../../knowledge/mail-servers/mta.ts';
import { parseMailbox } from '../../../network/mailbox.ts';
import {
  type HeldBackStatus,
  isHeldBack,
  type SmtpFailure,
  type SmtpFailureStatus,
  smtpEvidence,
} from '../../../network/smtp/types.ts';
import type { About } from '../../../report/status.ts';
import { type UserAnswer, users } from '../../facts/greeting.ts';
import { noGreetingOf } from '../../facts/no-greeting.ts';
import type { Asked, Attempt } from '../../facts/relay/answers.ts';
import { assess } from '../../facts/relay/assessment.ts';
import { namesBlockList } from '../../facts/relay/replies.ts';
import { isTelling, type Vector } from '../../facts/relay/vectors.ts';
import {
  type PortAnswers,
  type RelayAnswers,
  relayAnswers,
  type SubmissionAnswers,
} from '../../facts/relay-answers.ts';
import { isSilence } from '../../facts/silent-port.ts';
import { meaningOfFailure } from '../../facts/submission.ts';
import type { Emit, Finding } from '../finding.ts';
import { heldBack } from '../held-back.ts';
import { missingHere } from '../obstacles.ts';
import { defineRule, type Note, note, skip } from '../rule.ts';
import { isAllTold, silenceWords, silentAddresses } from '../send-only.ts';
import { type AboutHost, findings, type VectorEvidence } from './findings.ts';
import { openQuestion } from './open-question.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'open-relay',
  title: 'Open relay',
  reference: 'RFC 5321 §7.1',
  findings,
  needs: ['users'],
  needsSmtp: true,
  security: true,
  step: 'abuse',
  needsAddress: true,

  async *check(context, finding) {
    const { target, facts, settings } = context;
    const recipient = settings.relayRecipient;
    if (recipient !== undefined && parseMailbox(recipient)?.domain === target.domain) {
      yield finding('open-relay/inconclusive', { reason: 'recipient-local' }, { about: { item: recipient } });
      return undefined;
    }
    const hosts = await Promise.all(target.ips.map((ip) => facts(relayAnswers, ip)));
    const opened = (
      await Promise.all(hosts.map(async (host) => userFindings(host, await facts(users, host.ip), finding)))
    ).flat();
    const silent = await silentAddresses(context);
    let isClean = true;
    for (const found of [...hosts.flatMap((host) => [...judgeHost(host, silent.has(host.ip), finding)]), ...opened]) {
      if (found.severity !== 'info') isClean = false;
      yield found;
    }
    if (!isClean) return tried(hosts);
    const words = silent.size === 0 ? [] : [silenceWords(silent, settings.smtpPort)];
    const listening = hosts.filter(({ ip }) => !silent.has(ip));
    if (listening.length > 0) return note([refusals(listening), ...words].join('; '));
    const isSubmissionAsked = hosts.some(({ submission }) => submission.some(({ asked }) => asked.attempts.length > 0));
    // Nothing was tested, and nothing shows that there is nothing to test.
    if (!isAllTold(silent) && !isSubmissionAsked) return skip(words.join(''));
    return note([...(isSubmissionAsked ? ['relaying is refused on the submission ports'] : []), ...words].join('; '));
  },
});

/**
 * @returns the finding that the host tells strangers about its users (RFC 5321 §7.3). A host may tell its own network, and a
 *   reply 252 says nothing.
 */
function userFindings(host: RelayAnswers, answers: readonly UserAnswer[], finding: Emitter): Finding[] {
  if (host.isTrusted) return [];
  const told = answers.flatMap(({ command, result }) =>
    result.status === 'reply' &&
    TELLS.includes(result.reply.code) &&
    result.reply.lines.some((line) => line.includes('@'))
      ? [smtpEvidence(command, result)]
      : [],
  );
  if (told.length === 0) return [];
  const evidence = { ...aboutHost(host, host.port, 'mtaText' in host.relay ? host.relay.mtaText : ''), told };
  return [finding('open-relay/vrfy-open', evidence, { about: { ip: host.ip } })];
}

/** The replies with a mailbox (RFC 5321 §3.5.1). */
const TELLS: readonly number[] = [250, 251];

/**
 * Judges the answers of one host. It asks nothing.
 *
 * @param mayBeSilent whether the SMTP port may be silent. If it is, the submission ports may be silent too.
 */
export function* judgeHost(host: RelayAnswers, mayBeSilent: boolean, finding: Emitter): Generator<Finding> {
  const { relay } = host;
  const isSilent = mayBeSilent && relay.kind === 'failed' && isSilence(relay.failure);
  if (!isSilent) yield* judgeRelay(host, finding);
  for (const port of host.submission) {
    if (!isSilent || !isUnused(port)) yield* judgeSubmission(port, host, finding);
  }
}

/** @returns whether the submission port takes no connection, as that of a host that does not use it. */
function isUnused(port: SubmissionAnswers): boolean {
  const failure = failureOf(port.asked);
  return failure !== null && silenceOf(failure, port) !== 'failed';
}

function failureOf({ attempts, lost }: Asked): SmtpFailureStatus | null {
  return attempts.length === 0 && lost !== null && lost.result.status !== 'reply' ? lost.result.status : null;
}

/** @returns the note for hosts that refused everything: the number of vectors that were answered. */
function refusals(hosts: readonly RelayAnswers[]): string {
  const most = mostAnswered(hosts);
  const trusted = hosts.some(({ isTrusted }) => isTrusted) ? ', even from a network that the host may trust' : '';
  const left = Math.max(...hosts.map((host) => leftOutOf(host).length));
  const rest = left > 0 ? `; the host delays each refusal, so ${left} more need a longer --timeout` : '';
  return `${most} relay tests, all rejected${trusted}${rest}`;
}

/** @returns the vectors for which a host that delays its refusals left no time. */
function leftOutOf({ relay }: RelayAnswers): readonly Vector[] {
  return relay.kind === 'asked' ? (relay.asked.leftOut ?? []) : [];
}

/** @returns the note for hosts that did not refuse everything. None if no vector was answered. */
function tried(hosts: readonly RelayAnswers[]): Note | undefined {
  const most = mostAnswered(hosts);
  return most === 0 ? undefined : note(`${most} relay tests`);
}

/** @returns the number of vectors that the host that was asked most answered. */
function mostAnswered(hosts: readonly RelayAnswers[]): number {
  const counts = hosts.map(({ relay }) =>
    relay.kind === 'asked' ? relay.asked.attempts.filter(({ vector }) => vector.kind !== 'control').length : 0,
  );
  return Math.max(...counts);
}

function* judgeRelay(host: RelayAnswers, finding: Emitter): Generator<Finding> {
  const { relay, ip, port, obstacle } = host;
  const because = obstacle === null ? {} : { obstacle };
  const detail = { about: { ip } };
  switch (relay.kind) {
    case 'failed': {
      const smtp = smtpEvidence('connect', relay.failure);
      const { status } = relay.failure;
      if (isHeldBack(status)) {
        const evidence = { reason: status, ip, port, smtp, ...heldBack(relay.failure) };
        yield finding('open-relay/inconclusive', evidence, detail);
        return;
      }
      const seen = noGreetingOf(relay.failure);
      if (seen !== null) {
        yield finding('open-relay/inconclusive', { reason: 'no-greeting', ip, port, smtp, seen, ...because }, detail);
        return;
      }
      if (obstacle?.why === 'port-25') {
        const evidence = { reason: 'port-25-closed', ip, port, smtp, obstacle } as const;
        yield finding('open-relay/inconclusive', evidence, detail);
        return;
      }
      const reason = REASON_BY_STATUS[status];
      const evidence = { reason, ip, port, smtp, ...missing(ip, relay.failure), ...because };
      yield finding('open-relay/inconclusive', evidence, detail);
      return;
    }
    case 'decoy': {
      const { decoy, reply, transcript } = relay;
      const smtp = smtpEvidence('connect', { status: 'reply', reply }, transcript);
      yield finding('open-relay/inconclusive', { reason: 'decoy', ip, port, smtp, decoy, ...because }, detail);
      return;
    }
    case 'rejected': {
      const reason = namesBlockList(relay.reply) ? 'prober-listed' : 'prober-refused';
      const smtp = smtpEvidence('connect', { status: 'reply', reply: relay.reply }, relay.transcript);
      yield finding('open-relay/inconclusive', { reason, ip, port, smtp, ...because }, detail);
      return;
    }
    case 'asked':
      yield* judgeAnswers(host, relay, finding);
  }
}

/** @returns what this machine lacks to make the connection, as a part of the evidence. */
function missing(ip: string, { status, detail }: SmtpFailure): { readonly missing?: string } {
  return status === 'no-route' ? { missing: missingHere(ip, detail) } : {};
}

const REASON_BY_STATUS = {
  refused: 'no-listener',
  timeout: 'no-answer',
  unreachable: 'unreachable',
  'no-route': 'no-route',
  closed: 'dropped',
  reset: 'dropped',
  malformed: 'not-smtp',
  'too-long': 'not-smtp',
  'tls-failed': 'tls-failed',
  forbidden: 'forbidden',
  capped: 'capped',
  unasked: 'aborted',
  aborted: 'aborted',
} as const satisfies Readonly<Record<Exclude<SmtpFailureStatus, HeldBackStatus>, string>>;

function* judgeAnswers(
  host: RelayAnswers,
  { asked, proofs, mtaText }: Extract<RelayAnswers['relay'], { kind: 'asked' }>,
  finding: Emitter,
): Generator<Finding> {
  const { ip, port } = host;
  const detail = { about: { ip } };
  const about = aboutHost(host, port, mtaText);
  const { direct, sender, rewrite, catchAll, impossible } = assess(asked);
  const accepted = [...direct, ...sender, ...rewrite];

  if (accepted.length > 0 && host.isTrusted) {
    yield finding('open-relay/trusted-vantage', { ...about, vectors: accepted.map(vectorEvidence) }, detail);
    yield* judgeLoss(host, { port, asked }, finding);
    return;
  }

  let isOpen = false;
  if (direct.length > 0 && proofs.direct.outcome !== 'refused') {
    isOpen = true;
    const { outcome, data } = proofs.direct;
    const vectors = direct.map(vectorEvidence);
    if (outcome !== 'delivered' || !data) {
      yield finding('open-relay/rcpt-accepted', { ...about, vectors, catchAll, data }, detail);
    } else if (direct.every(({ vector }) => vector.kind === 'route')) {
      yield finding('open-relay/by-rewrite', { ...about, vectors, data }, detail);
    } else {
      yield finding('open-relay/open', { ...about, vectors, data }, detail);
    }
  }
  if (sender.length > 0 && !isOpen && proofs.sender.outcome !== 'refused') {
    isOpen = true;
    const evidence = { ...about, vectors: sender.map(vectorEvidence), data: proofs.sender.data };
    yield finding('open-relay/by-sender', evidence, detail);
  }
  if (rewrite.length > 0 && !isOpen && proofs.rewrite.outcome !== 'refused') {
    isOpen = true;
    const { outcome, data } = proofs.rewrite;
    const vectors = rewrite.map(vectorEvidence);
    // The host accepted the message, but a catch-all mailbox may have taken it.
    const isProven = outcome === 'delivered' && catchAll === false;
    if (isProven && data) yield finding('open-relay/by-rewrite', { ...about, vectors, data }, detail);
    else yield finding('open-relay/ambiguous', { ...about, vectors, catchAll, data }, detail);
  }

  const late = Object.values(proofs).find(({ outcome }) => outcome === 'refused')?.data;
  if (late && !isOpen) {
    yield finding('open-relay/late-reject', { ...about, vectors: accepted.map(vectorEvidence), data: late }, detail);
  }
  if (impossible)
    yield finding('open-relay/accepts-everything', { ...about, probe: vectorEvidence(impossible) }, detail);

  if (accepted.length > 0) {
    yield* judgeLoss(host, { port, asked }, finding);
    return;
  }
  yield* judgeOpenQuestion(host, { port, asked, mtaText }, finding);
}

function* judgeOpenQuestion(
  host: RelayAnswers,
  { port, asked, mtaText }: PortAnswers,
  finding: Emitter,
): Generator<Finding> {
  const question = openQuestion(asked);
  if (!question) {
    const { attempts, leftOut = [] } = asked;
    if (!leftOut.some(isTelling)) return;
    const counts = { answered: attempts.length, asked: attempts.length + leftOut.length };
    const evidence = { reason: 'slow-refusals', ip: host.ip, port, ...counts } as const;
    yield finding('open-relay/inconclusive', evidence, { about: { ip: host.ip } });
    return;
  }
  const { why, shown } = question;
  if (why === 'connection-lost') {
    yield* judgeLoss(host, { port, asked }, finding);
    return;
  }
  const detail = { about: { ip: host.ip } };
  const vectors = shown.map(vectorEvidence);
  if (why === 'greylisted') {
    yield finding('open-relay/greylisted', { ...aboutHost(host, port, mtaText), vectors }, detail);
  } else {
    yield finding('open-relay/inconclusive', { reason: why, ip: host.ip, port, vectors }, detail);
  }
}

/** The failures that say why the test ended, whatever was answered before. */
const TELLING_ENDS: readonly SmtpFailureStatus[] = ['aborted', 'capped', 'tls-failed'];

function* judgeLoss(
  host: RelayAnswers,
  { port, asked }: Pick<PortAnswers, 'port' | 'asked'>,
  finding: Emitter,
): Generator<Finding> {
  const { attempts, unanswered, lost, learnt } = asked;
  if (unanswered.length === 0) return;
  const smtp = lost ? { smtp: smtpEvidence('session', lost.result, lost.transcript ?? undefined) } : {};
  const failure = lost && lost.result.status !== 'reply' ? lost.result : null;
  const evidence = {
    ip: host.ip,
    port,
    answered: attempts.length,
    asked: attempts.length + unanswered.length,
    ...smtp,
    ...(failure ? missing(host.ip, failure) : {}),
  };
  const about = aboutPort(host, port);
  if (failure && isHeldBack(failure.status)) {
    const because = { reason: failure.status, ...evidence, ...heldBack(failure) };
    yield finding('open-relay/inconclusive', because, { about });
    return;
  }
  const reason = failure ? lossReason(failure.status, learnt.manner, attempts.length > 0) : 'connection-lost';
  yield finding('open-relay/inconclusive', { reason, ...evidence }, { about });
}

function lossReason(status: SmtpFailureStatus, manner: Asked['learnt']['manner'], hasAnswers: boolean) {
  if (status === 'malformed' && manner === 'alone') return 'out-of-step';
  if (isHeldBack(status) || (hasAnswers && !TELLING_ENDS.includes(status))) return 'connection-lost';
  return REASON_BY_STATUS[status];
}

/** Judges a submission port. Any refusal is right there, even of the client, because nobody may send without AUTH. */
function* judgeSubmission(result: SubmissionAnswers, host: RelayAnswers, finding: Emitter): Generator<Finding> {
  const { port, asked, mtaText } = result;
  const about = aboutPort(host, port);
  const accepted = asked.attempts.filter(({ meaning }) => meaning === 'accepted');
  const decoy = recogniseDecoy(mtaText);
  if (decoy !== null) {
    yield finding('open-relay/inconclusive', { reason: 'decoy', ip: host.ip, port, decoy }, { about });
    return;
  }
  if (accepted.length > 0) {
    const code = host.isTrusted ? 'open-relay/trusted-vantage' : 'open-relay/submission-open';
    yield finding(code, { ...aboutHost(host, port, mtaText), vectors: accepted.map(vectorEvidence) }, { about });
    return;
  }
  const failure = failureOf(asked);
  const silence = failure === null ? 'failed' : silenceOf(failure, result);
  if (failure !== null && silence === 'silent') {
    yield finding('open-relay/submission-silent', { ip: host.ip, port, failure }, { about });
  }
  if (silence !== 'failed') return;
  yield* judgeLoss(host, result, finding);
  const isAskedBehindTls = asked.attempts.some(({ vector }) => vector.behindTls);
  const open = asked.attempts.filter(({ vector, meaning }) => {
    // A host may want STARTTLS first if it was then asked behind it.
    const isSentToTls = meaning === 'tls-required' && isAskedBehindTls && !vector.behindTls;
    return !isSentToTls && !REFUSED_ON_SUBMISSION.includes(meaning);
  });
  if (open.length > 0) {
    const evidence = { reason: whyOpen(open), ip: host.ip, port, vectors: open.map(vectorEvidence) } as const;
    // The item tells this finding from the one about vectors of the same port that got no answer.
    yield finding('open-relay/inconclusive', evidence, { about: { ...about, item: 'undecided' } });
  }
}

/**
 * Tells what it means that a port has answered none of the test. It counts that the port has taken a connection for
 * another test of this run.
 */
function silenceOf(failure: SmtpFailureStatus, { hasConnected, isNamed }: SubmissionAnswers) {
  return hasConnected ? 'failed' : meaningOfFailure(failure, isNamed);
}

function whyOpen(open: readonly Attempt[]) {
  const has = (wanted: Attempt['meaning']) => open.some(({ meaning }) => meaning === wanted);
  if (has('tls-required')) return 'tls-required';
  if (has('out-of-order')) return 'out-of-step';
  if (DOMAIN_REFUSED.some(has)) return 'recipient-domain';
  if (has('recipient-refused')) return 'recipient-refused';
  return has('unexplained') ? 'unexplained' : 'deferred';
}

const DOMAIN_REFUSED: readonly Attempt['meaning'][] = ['null-mx', 'unknown-domain', 'reserved-domain'];

const REFUSED_ON_SUBMISSION: readonly Attempt['meaning'][] = [
  'denied',
  'unknown-user',
  'syntax',
  'client-refused',
  'sender-refused',
];

function aboutPort({ ip, port }: RelayAnswers, askedPort: number): About {
  return askedPort === port ? { ip } : { ip, port: askedPort };
}

function aboutHost({ ip, vantage }: RelayAnswers, port: number, mtaText: string): AboutHost {
  const mta: MtaId | null = recogniseMta(mtaText)?.id ?? null;
  return { ip, port, mta, vantage: { kind: vantage.kind, reason: vantage.reason } };
}

function vectorEvidence({ vector, command, reply, transcript }: Attempt): VectorEvidence {
  const { id, mailFrom, rcptTo, hello } = vector;
  return { vector: id, mailFrom, rcptTo, hello, smtp: smtpEvidence(command, { status: 'reply', reply }, transcript) };
}
