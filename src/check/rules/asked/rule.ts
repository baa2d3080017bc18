/**
 * Asks large receivers whether they take mail from this host (`--ask-receivers`). They are asked on the host alone, up to
 * MAIL FROM, and once a day. What they say is no promise: most receivers also judge the recipient and the message.
 */
import { isConfirmed } from '../../../knowledge/verification.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { smtpEvidence } from '../../../network/smtp/types.ts';
import { isTaken } from '../../../report/receiver-counts.ts';
import { type Answer, askedReceivers } from '../../facts/asked-receivers.ts';
import { meaningOf } from '../../facts/asking/meaning.ts';
import type { Emit, Finding } from '../finding.ts';
import { defineRule, note } from '../rule.ts';
import { type AnswerEvidence, findings } from './findings.ts';

type Emitter = Emit<typeof findings>;
type Answered = Extract<Answer, { kind: 'answered' }>;

export default defineRule({
  id: 'asked',
  namespace: 'receiver',
  title: 'Receivers, asked now',
  reference: 'RFC 5321 §3.1',
  findings,
  needs: ['egress'],
  needsSmtp: true,
  needsAddress: true,
  onlyWith: 'askReceivers',
  step: 'reputation',

  async *check({ target, facts, clock }, finding) {
    const results = await Promise.all(target.ips.map(async (ip) => ({ ip, asked: await facts(askedReceivers, ip) })));
    let isClean = results.length > 0;
    for (const { ip, asked } of results) {
      if (asked.kind !== 'asked' || asked.answers.length === 0) isClean = false;
      const about = { ip };
      switch (asked.kind) {
        case 'not-the-host':
        case 'not-public':
        case 'no-helo':
          yield finding('receiver/inconclusive', { reason: asked.kind, ip }, { about });
          break;
        case 'port-25-closed':
          yield finding('receiver/inconclusive', { reason: 'port-25', ip, shownBy: asked.shownBy }, { about });
          break;
        case 'asked':
          for (const found of [...judge(ip, asked.answers, clock.now(), finding)]) {
            if (found.code !== 'receiver/asked') isClean = false;
            yield found;
          }
      }
    }
    return isClean ? note('those asked took MAIL FROM') : undefined;
  },
});

function* judge(ip: IpAddress, answers: readonly Answer[], now: number, finding: Emitter): Generator<Finding> {
  const answered = answers.filter((answer): answer is Answered => answer.kind === 'answered');
  for (const answer of answered) {
    const { code } = answer.said.reply;
    if (tookMail(answer)) continue;
    const evidence = evidenceOf(ip, answer, now);
    const about = { ip, item: answer.receiver.id };
    const { faults } = evidence;
    yield finding(code < 500 ? 'receiver/defers-now' : 'receiver/refuses-now', evidence, { about, faults });
  }
  const taken = answered.filter(tookMail);
  if (taken.length > 0) {
    const receivers = taken.map(({ receiver: { id, name }, at }) => ({ id, name, askedAt: isoOf(at) }));
    yield finding('receiver/asked', { ip, receivers }, { about: { ip } });
  }
  yield* unanswered(ip, answers, finding);
}

const tookMail = ({ said: { stage, reply } }: Answered): boolean => isTaken({ stage, code: reply.code });

const isoOf = (at: number): string => new Date(at).toISOString();

function evidenceOf(ip: IpAddress, { receiver, at, isEarlier, said }: Answered, now: number): AnswerEvidence {
  const { id, name, asks } = receiver;
  const { says, causes, list, removal } = meaningOf(receiver, said);
  const command = { greeting: 'connect', ehlo: 'EHLO', 'mail-from': 'MAIL FROM' }[said.stage];
  return {
    receiver: id,
    name,
    ip,
    domain: asks.domain,
    domainConfirmed: isConfirmed(asks, now),
    host: said.host,
    server: said.server,
    helo: said.helo,
    sender: said.sender,
    stage: said.stage,
    smtp: smtpEvidence(command, { status: 'reply', reply: said.reply }),
    askedAt: isoOf(at),
    isEarlier,
    says,
    faults: causes,
    list: list === null ? null : { name: list.name, how: list.removal.how, url: list.removal.url },
    removal:
      removal === null
        ? null
        : { how: removal.how, form: removal.form, mailbox: removal.mailbox, confirmed: isConfirmed(removal, now) },
  };
}

/** Tells of the receivers without an answer: one finding for each reason. */
function* unanswered(ip: IpAddress, answers: readonly Answer[], finding: Emitter): Generator<Finding> {
  const together = (group: readonly Answer[]) => ({
    ip,
    receivers: group.map(({ receiver: { id, name } }) => ({ id, name })),
  });
  const about = (item: string) => ({ about: { ip, item } });
  const failed = answers.filter((answer) => answer.kind === 'failed');
  const cut = failed.filter(({ failure }) => failure.status === 'aborted');
  const unrouted = failed.filter(({ failure }) => failure.status === 'no-route');
  const others = failed.filter((answer) => !cut.includes(answer) && !unrouted.includes(answer));
  const [first] = unrouted;
  if (first !== undefined) {
    const evidence = { reason: 'no-route', ...together(unrouted), detail: first.failure.detail } as const;
    yield finding('receiver/inconclusive', evidence, about('no-route'));
  }
  if (cut.length > 0)
    yield finding('receiver/inconclusive', { reason: 'time-limit', ...together(cut) }, about('time-limit'));
  if (others.length > 0) {
    const failures = others.map(({ host, failure }) => ({ host, detail: failure.status }));
    yield finding('receiver/inconclusive', { reason: 'failed', ...together(others), failures }, about('failed'));
  }
  const nowhere = answers.filter(({ kind }) => kind === 'no-host');
  if (nowhere.length > 0)
    yield finding('receiver/inconclusive', { reason: 'no-host', ...together(nowhere) }, about('no-host'));
  const lost = answers.filter(({ kind }) => kind === 'lost');
  if (lost.length > 0) yield finding('receiver/inconclusive', { reason: 'lost', ...together(lost) }, about('lost'));
  const unstamped = answers.filter((answer) => answer.kind === 'no-stamp');
  const [stamp] = unstamped;
  if (stamp !== undefined) {
    const evidence = { reason: 'no-stamp', ...together(unstamped), detail: stamp.detail } as const;
    yield finding('receiver/inconclusive', evidence, about('no-stamp'));
  }
}
