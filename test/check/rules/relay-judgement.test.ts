/** From what one host was seen to do to findings, without a connection. */
import { describe, expect, test } from 'vitest';
import { type Asked, type Attempt, STRANGER } from '../../../src/check/facts/relay/answers.ts';
import type { Proof, Proofs } from '../../../src/check/facts/relay/proof.ts';
import type { Meaning } from '../../../src/check/facts/relay/replies.ts';
import type { Vector, VectorKind } from '../../../src/check/facts/relay/vectors.ts';
import type { RelayAnswers, SubmissionAnswers } from '../../../src/check/facts/relay-answers.ts';
import { emitter } from '../../../src/check/rules/finding.ts';
import { findings } from '../../../src/check/rules/open-relay/findings.ts';
import { judgeHost } from '../../../src/check/rules/open-relay/rule.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { parseIp } from '../../../src/network/ip.ts';
import type { SmtpFailureStatus, SmtpReply, Transcript } from '../../../src/network/smtp/types.ts';

const ip = parseIp('203.0.113.5');
if (ip === undefined) throw new Error('unreachable');
const transcript: Transcript = { id: '203.0.113.5:25 relay', lines: [] };
const said = (code: number, ...lines: string[]): SmtpReply => ({ code, enhanced: '5.7.1', lines });
const failure = (status: SmtpFailureStatus) => ({ status, detail: 'in detail' });

const vector = (kind: VectorKind, id: string = kind, hello: string | null = null): Vector => ({
  id,
  kind,
  mailFrom: `<${id}@example.com>`,
  rcptTo: '<probe@example.org>',
  hello,
  behindTls: false,
});
const attempt = (of: Vector, meaning: Meaning, text = 'no'): Attempt => ({
  vector: of,
  meaning,
  stage: 'rcpt',
  command: `RCPT TO:${of.rcptTo}`,
  reply: said(meaning === 'accepted' ? 250 : 550, 'first', text),
  transcript,
});
const evidenceOf = ({ vector, command, reply }: Attempt) => ({
  vector: vector.id,
  mailFrom: vector.mailFrom,
  rcptTo: vector.rcptTo,
  hello: vector.hello,
  smtp: { command, code: reply.code, enhanced: '5.7.1', text: reply.lines.join(' '), transcript: transcript.id },
});

const accepted = (kind: VectorKind, id?: string) => attempt(vector(kind, id), 'accepted', 'Ok');
const denied = attempt(vector('direct'), 'denied');
const localControl = (meaning: Meaning) => attempt(vector('control', 'control-local'), meaning);
const impossible = accepted('control', 'control-foreign');

const asking = (attempts: readonly Attempt[], more: Partial<Asked> = {}): Asked => ({
  attempts,
  unanswered: [],
  lost: null,
  learnt: STRANGER,
  ...more,
});
const untested: Proof = { outcome: 'untested', data: null };
const proof = (outcome: Proof['outcome'], text: string = outcome): Proof => ({
  outcome,
  data: { vector: 'plain', token: 'mailcheck-1', smtp: { command: 'end of data', code: 250, enhanced: null, text } },
});

const answered = (asked: Asked, proofs: Partial<Proofs> = {}): RelayAnswers['relay'] => ({
  kind: 'asked',
  port: 25,
  asked,
  mtaText: 'mail.example.com ESMTP Exim 4.96',
  proofs: { direct: untested, sender: untested, rewrite: untested, ...proofs },
});
const host = (relay: RelayAnswers['relay'], changes: Partial<RelayAnswers> = {}): RelayAnswers => ({
  ip,
  port: 25,
  vantage: { kind: 'outside', reason: 'far away' },
  isTrusted: false,
  obstacle: null,
  relay,
  submission: [],
  ...changes,
});

const port = (number: number, asked: Asked, changes: Partial<SubmissionAnswers> = {}): SubmissionAnswers => {
  return { port: number, asked, mtaText: '', hasConnected: true, isNamed: false, ...changes };
};

const target = { ...parseArguments('example.com', [ip]), ipSource: 'argument' as const, selectors: [] };
const judged = (result: RelayAnswers, mayBeSilent = false) =>
  [...judgeHost(result, mayBeSilent, emitter(findings, target))].map(({ code, subject, evidence }) => ({
    code: code.replace('open-relay/', ''),
    subject,
    evidence,
  }));
const about = { ip, port: 25, mta: 'exim', vantage: { kind: 'outside', reason: 'far away' } };
const at = { ip, port: 25 };

describe('open-relay, judged: a host that could not be asked', () => {
  test.each<[SmtpFailureStatus, string]>([
    ['refused', 'no-listener'],
    ['timeout', 'no-answer'],
    ['unreachable', 'unreachable'],
    ['no-route', 'no-route'],
    ['closed', 'dropped'],
    ['reset', 'dropped'],
    ['malformed', 'not-smtp'],
    ['too-long', 'not-smtp'],
    ['tls-failed', 'tls-failed'],
    ['forbidden', 'forbidden'],
    ['capped', 'capped'],
    ['aborted', 'aborted'],
  ])('the connection ends with %s → open-relay/inconclusive, %s', (status, reason) => {
    const smtp = { command: 'connect', code: null, enhanced: null, text: `${status}: in detail` };
    const missing = status === 'no-route' ? { missing: 'this machine has no IPv4 route to it (in detail)' } : {};
    const found = [{ code: 'inconclusive', subject: ip, evidence: { reason, ...at, smtp, ...missing } }];
    const result = host({ kind: 'failed', failure: failure(status) });
    expect(judged(result)).toEqual(found);
    // A host that only sends may have nothing that listens.
    expect(judged(result, true)).toEqual(['refused', 'timeout', 'unreachable'].includes(status) ? [] : found);
  });

  test.each([
    ['blocked using rbl.example.net', 'prober-listed'],
    ['no SMTP service for you', 'prober-refused'],
  ])('the greeting is 554 %s → open-relay/inconclusive, %s', (text, reason) => {
    const smtp = { command: 'connect', code: 554, enhanced: '5.7.1', text, transcript: transcript.id };
    const found = [{ code: 'inconclusive', subject: ip, evidence: { reason, ...at, smtp } }];
    const result = host({ kind: 'rejected', reply: said(554, text), transcript });
    expect(judged(result)).toEqual(found);
    expect(judged(result, true)).toEqual(found);
  });

  test('port 25 takes the connection and sends no greeting, so it is not silent', () => {
    const result = host({ kind: 'failed', failure: { ...failure('timeout'), connected: true } });
    expect(judged(result, true)).toMatchObject([{ code: 'inconclusive', evidence: { reason: 'no-greeting' } }]);
  });

  test('port 25 of a host that only sends is closed, and its submission ports are still judged', () => {
    const submission = [port(587, asking([denied])), port(465, asking([]), { hasConnected: false })];
    const result = host({ kind: 'failed', failure: failure('refused') }, { submission });
    expect(judged(result)).toMatchObject([{ code: 'inconclusive', evidence: { reason: 'no-listener' } }]);
    expect(judged(result, true)).toEqual([]);
  });
});

describe('open-relay, judged: a host that accepts', () => {
  const direct = accepted('direct');
  const route = accepted('route');
  const sender = accepted('sender');
  const rewrite = accepted('rewrite');
  const vectors = (...attempts: Attempt[]) => attempts.map(evidenceOf);

  test.each<[string, readonly Attempt[], Partial<Proofs>, string, object]>([
    [
      'strangers at RCPT',
      [direct, route],
      {},
      'rcpt-accepted',
      { vectors: vectors(direct, route), catchAll: null, data: null },
    ],
    [
      'strangers at RCPT, and every local part',
      [direct, localControl('accepted')],
      { direct: proof('unknown') },
      'rcpt-accepted',
      { vectors: vectors(direct), catchAll: true, data: proof('unknown').data },
    ],
    [
      'strangers, and takes the message',
      [direct, route],
      { direct: proof('delivered') },
      'open',
      { vectors: vectors(direct, route), data: proof('delivered').data },
    ],
    [
      'a source route alone, and takes the message',
      [route],
      { direct: proof('delivered') },
      'by-rewrite',
      { vectors: vectors(route), data: proof('delivered').data },
    ],
    ['its own sender', [sender, denied], {}, 'by-sender', { vectors: vectors(sender), data: null }],
    [
      'its own sender, and takes the message',
      [sender],
      { sender: proof('delivered') },
      'by-sender',
      { vectors: vectors(sender), data: proof('delivered').data },
    ],
    [
      'a disguised recipient, and takes the message',
      [rewrite, localControl('denied')],
      { rewrite: proof('delivered') },
      'by-rewrite',
      { vectors: vectors(rewrite), data: proof('delivered').data },
    ],
    [
      'a disguised recipient and every local part, and takes the message',
      [rewrite, localControl('accepted')],
      { rewrite: proof('delivered') },
      'ambiguous',
      { vectors: vectors(rewrite), catchAll: true, data: proof('delivered').data },
    ],
    [
      'a disguised recipient, and takes the message, while the control was not answered',
      [rewrite],
      { rewrite: proof('delivered') },
      'ambiguous',
      { vectors: vectors(rewrite), catchAll: null, data: proof('delivered').data },
    ],
    [
      'a disguised recipient at RCPT',
      [rewrite, localControl('denied')],
      {},
      'ambiguous',
      { vectors: vectors(rewrite), catchAll: false, data: null },
    ],
    [
      'all kinds of probes, and refuses every message',
      [direct, sender, rewrite],
      { direct: proof('refused', 'd'), sender: proof('refused', 's'), rewrite: proof('refused', 'r') },
      'late-reject',
      { vectors: vectors(direct, sender, rewrite), data: proof('refused', 'd').data },
    ],
    [
      'its own sender, and refuses the message',
      [sender],
      { sender: proof('refused') },
      'late-reject',
      { vectors: vectors(sender), data: proof('refused').data },
    ],
    [
      'a disguised recipient, and refuses the message',
      [rewrite],
      { rewrite: proof('refused') },
      'late-reject',
      { vectors: vectors(rewrite), data: proof('refused').data },
    ],
    [
      'the message from its own sender, and refuses that of a stranger',
      [direct, sender],
      { direct: proof('refused'), sender: proof('delivered') },
      'by-sender',
      { vectors: vectors(sender), data: proof('delivered').data },
    ],
    [
      'the message to a disguised recipient, and refuses the plain one',
      [direct, rewrite, localControl('denied')],
      { direct: proof('refused'), rewrite: proof('delivered') },
      'by-rewrite',
      { vectors: vectors(rewrite), data: proof('delivered').data },
    ],
    [
      'a disguised recipient, and puts the message off',
      [rewrite, localControl('denied')],
      { rewrite: proof('unknown') },
      'ambiguous',
      { vectors: vectors(rewrite), catchAll: false, data: proof('unknown').data },
    ],
    [
      'all kinds of probes at RCPT: only the plain ones are told',
      [direct, sender, rewrite],
      {},
      'rcpt-accepted',
      { vectors: vectors(direct), catchAll: null, data: null },
    ],
    [
      'its own sender and a disguised recipient: only the sender is told',
      [sender, rewrite],
      {},
      'by-sender',
      { vectors: vectors(sender), data: null },
    ],
  ])('%s', (_, attempts, proofs, code, evidence) => {
    expect(judged(host(answered(asking(attempts), proofs)))).toEqual([
      { code, subject: ip, evidence: { ...about, ...evidence } },
    ]);
  });

  test('a name that cannot exist', () => {
    expect(judged(host(answered(asking([direct, impossible]))))).toEqual([
      {
        code: 'rcpt-accepted',
        subject: ip,
        evidence: { ...about, vectors: vectors(direct, impossible), catchAll: null, data: null },
      },
      { code: 'accepts-everything', subject: ip, evidence: { ...about, probe: evidenceOf(impossible) } },
    ]);
  });

  test('all kinds of probes from a network that it may trust: all are told in one finding', () => {
    const vantage = { kind: 'self', reason: 'at home' } as const;
    const relay = answered(asking([rewrite, sender, impossible, direct]), { direct: proof('delivered') });
    expect(judged(host(relay, { isTrusted: true, vantage }))).toEqual([
      {
        code: 'trusted-vantage',
        subject: ip,
        evidence: { ...about, vantage, vectors: vectors(direct, impossible, sender, rewrite) },
      },
    ]);
  });

  test.each([[true], [false]])(
    'a stranger, and is lost after it; from a network that it may trust: %s',
    (isTrusted) => {
      const relay = answered(asking([direct], { unanswered: [vector('sender')] }));
      expect(judged(host(relay, { isTrusted }))[1]).toEqual({
        code: 'inconclusive',
        subject: ip,
        evidence: { reason: 'connection-lost', ...at, answered: 1, asked: 2 },
      });
    },
  );
});

describe('open-relay, judged: a host that lets nobody through', () => {
  test('refuses all probes → nothing', () => {
    expect(judged(host(answered(asking([denied, localControl('accepted')]))))).toEqual([]);
    expect(judged(host(answered(asking([denied])), { isTrusted: true }))).toEqual([]);
  });

  test('greylists → open-relay/greylisted', () => {
    const later = attempt(vector('direct'), 'greylisted');
    expect(judged(host(answered(asking([later]))))).toEqual([
      { code: 'greylisted', subject: ip, evidence: { ...about, vectors: [evidenceOf(later)] } },
    ]);
  });

  test('refuses one probe for the recipient’s domain → open-relay/inconclusive', () => {
    const nobody = { ...attempt(vector('sender', 'helo', 'localhost'), 'null-mx') };
    expect(judged(host(answered(asking([denied, nobody]))))).toEqual([
      {
        code: 'inconclusive',
        subject: ip,
        evidence: { reason: 'recipient-domain', ...at, vectors: [evidenceOf(nobody)] },
      },
    ]);
  });

  const lostTo = (result: NonNullable<Asked['lost']>['result'], of: Transcript | null = transcript) => ({
    result,
    transcript: of,
  });
  const reply = { status: 'reply', reply: said(421, 'too busy') } as const;
  test.each<[string, readonly Attempt[], Asked['lost'], string, object]>([
    ['for an unknown reason', [denied], null, 'connection-lost', {}],
    [
      'at the first command',
      [],
      lostTo(failure('timeout'), null),
      'no-answer',
      { smtp: { command: 'session', code: null, enhanced: null, text: 'timeout: in detail' } },
    ],
    [
      'after some answers',
      [denied],
      lostTo(failure('timeout')),
      'connection-lost',
      {
        smtp: { command: 'session', code: null, enhanced: null, text: 'timeout: in detail', transcript: transcript.id },
      },
    ],
    ['at the end of the run', [denied], lostTo(failure('aborted')), 'aborted', {}],
    ['at the limit of commands', [denied], lostTo(failure('capped')), 'capped', {}],
    ['behind STARTTLS, which fails', [denied], lostTo(failure('tls-failed')), 'tls-failed', {}],
    ['since its replies do not fit', [denied], lostTo(failure('malformed')), 'out-of-step', {}],
    [
      'with a reply',
      [],
      lostTo(reply),
      'connection-lost',
      { smtp: { command: 'session', code: 421, enhanced: '5.7.1', text: 'too busy', transcript: transcript.id } },
    ],
  ])('is lost %s', (_, attempts, lost, reason, evidence) => {
    const unanswered = [vector('sender'), vector('rewrite')];
    const learnt = { ...STRANGER, manner: 'alone' as const };
    const [finding, ...rest] = judged(host(answered(asking(attempts, { unanswered, lost, learnt }))));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      code: 'inconclusive',
      subject: ip,
      evidence: { reason, ...at, answered: attempts.length, asked: attempts.length + 2, ...evidence },
    });
    expect(finding?.evidence).toHaveProperty('reason');
    expect('smtp' in (finding?.evidence ?? {})).toBe(lost !== null);
  });
});

describe('open-relay, judged: a submission port', () => {
  const on = (asked: Asked, changes: Partial<RelayAnswers> = {}, number = 587) => {
    const submission = [port(number, asked, { mtaText: 'smtp.example.com ESMTP Postfix' })];
    return judged(host(answered(asking([denied])), { submission, ...changes }));
  };
  const subject = `${ip} port 587`;
  const aboutPort = { ...about, port: 587, mta: 'postfix' };
  const taken = accepted('sender');

  test('is open to all → open-relay/submission-open; to a trusted network → open-relay/trusted-vantage', () => {
    const evidence = { ...aboutPort, vectors: [evidenceOf(taken)] };
    expect(on(asking([denied, taken]))).toEqual([{ code: 'submission-open', subject, evidence }]);
    expect(on(asking([denied, taken]), { isTrusted: true })).toEqual([{ code: 'trusted-vantage', subject, evidence }]);
  });

  test.each<[Meaning, string | null]>([
    ['denied', null],
    ['syntax', null],
    ['client-refused', null],
    ['sender-refused', null],
    ['tls-required', 'tls-required'],
    ['greylisted', 'deferred'],
    ['deferred', 'deferred'],
    ['undecided', 'deferred'],
    ['null-mx', 'recipient-domain'],
    ['unknown-domain', 'recipient-domain'],
    ['closing', 'deferred'],
    ['unexplained', 'unexplained'],
    ['out-of-order', 'out-of-step'],
  ])('answers %s → reason %s', (meaning, reason) => {
    const open = attempt(vector('direct', 'null'), meaning);
    const evidence = { reason, ip, port: 587, vectors: [evidenceOf(open)] };
    expect(on(asking([denied, open]))).toEqual(reason === null ? [] : [{ code: 'inconclusive', subject, evidence }]);
  });

  test('wants TLS for some probes and puts off others', () => {
    const open = [attempt(vector('direct'), 'deferred'), attempt(vector('sender'), 'tls-required')];
    expect(on(asking(open))).toMatchObject([{ evidence: { reason: 'tls-required', vectors: open.map(evidenceOf) } }]);
  });

  test('wants TLS first, and refuses behind it → nothing; but not where it could not be asked behind it', () => {
    const first = attempt(vector('direct'), 'tls-required');
    const then = attempt({ ...vector('direct', 'direct-tls'), behindTls: true }, 'denied');
    expect(on(asking([first, then]))).toEqual([]);
    const again = { ...then, meaning: 'tls-required' as const };
    expect(on(asking([first, again]))).toMatchObject([
      { evidence: { reason: 'tls-required', vectors: [{ vector: 'direct-tls' }] } },
    ]);
  });

  /** A port that takes no connection: how it fails, what else is known of it, and what is said. */
  test.each<[SmtpFailureStatus, Partial<SubmissionAnswers>, string | null]>([
    ['refused', {}, null],
    ['refused', { isNamed: true }, null],
    ['refused', { hasConnected: true }, 'no-listener'],
    ['timeout', {}, 'submission-silent'],
    ['timeout', { isNamed: true }, 'no-answer'],
    ['timeout', { hasConnected: true }, 'no-answer'],
    ['reset', {}, 'submission-silent'],
    ['no-route', {}, 'submission-silent'],
    ['unreachable', {}, 'submission-silent'],
    ['aborted', {}, 'aborted'],
    ['capped', {}, 'capped'],
  ])('takes no connection (%s, %j) → %s', (status, changes, said) => {
    const lost = { result: failure(status), transcript: null };
    const silent = port(587, asking([], { unanswered: [vector('direct')], lost }), { hasConnected: false, ...changes });
    const shown = (submission: readonly SubmissionAnswers[]) =>
      judged(host(answered(asking([denied])), { submission })).map(({ code, evidence }) =>
        code === 'inconclusive' && 'reason' in evidence ? evidence.reason : code,
      );
    expect(shown([silent])).toEqual(said === null ? [] : [said]);
    // Many hosts offer one submission port, behind a firewall that drops everything else.
    expect(shown([silent, port(465, asking([denied]))])).toEqual(shown([silent]));
  });

  test('hangs up', () => {
    const lost = { result: failure('closed'), transcript: null };
    expect(on(asking([], { unanswered: [vector('direct')], lost }))).toMatchObject([
      { code: 'inconclusive', subject, evidence: { reason: 'dropped', ip, port: 587, answered: 0, asked: 1 } },
    ]);
  });

  test('is the port under test: the finding is about the host', () => {
    expect(on(asking([taken]), { port: 587 })).toMatchObject([{ code: 'submission-open', subject: ip }]);
  });

  test('that answers some probes with 4xx and hangs up before the others: two findings', () => {
    const asked = asking([attempt(vector('direct'), 'deferred')], { unanswered: [vector('sender')] });
    const submission = [port(587, asked)];
    const found = [...judgeHost(host(answered(asking([denied])), { submission }), false, emitter(findings, target))];
    expect(found.map(({ about, subject: printed, evidence }) => ({ about, printed, evidence }))).toMatchObject([
      { about: { ip, port: 587 }, printed: subject, evidence: { reason: 'connection-lost' } },
      { about: { ip, port: 587, item: 'undecided' }, printed: subject, evidence: { reason: 'deferred' } },
    ]);
  });

  test('belongs to a server that does not name itself', () => {
    const submission = [port(465, asking([taken]), { mtaText: 'smtp.example.com' })];
    expect(judged(host(answered(asking([denied])), { submission }))).toMatchObject([
      { subject: `${ip} port 465`, evidence: { mta: null, port: 465 } },
    ]);
  });
});
