/** Gathers what a host answers to the relay vectors, on its SMTP port and on those for submission. Judges nothing. */

import { type IpAddress, isLoopback } from '../../../network/ip.ts';
import { addressLiteral } from '../../../network/smtp/client.ts';
import { type SmtpFailure, type SmtpReply, smtpEvidence, type Transcript } from '../../../network/smtp/types.ts';
import { IMPLICIT_TLS_PORT, submissionPorts } from '../../facts/submission.ts';
import type { Vantage } from '../../facts/vantage.ts';
import type { Context } from '../rule.ts';
import { type Assessment, assess } from './assess.ts';
import { type Asked, type Attempt, ask, type Guest, type Sent, sendEach } from './dialogue.ts';
import type { DataEvidence } from './findings.ts';
import { testMessage } from './message.ts';
import {
  isDisguised,
  plainMailbox,
  reservedMailboxes,
  SENDERS_FOR_DISGUISE,
  submissionVectors,
  type Vector,
  vectorsFor,
} from './vectors.ts';

export interface PortResult {
  readonly port: number;
  readonly asked: Asked;
  /** Where the mail server may name itself. */
  readonly mtaText: string;
}

export interface HostResult {
  readonly ip: IpAddress;
  readonly port: number;
  readonly vantage: Vantage;
  /** Whether the host may trust the network the probe came from. */
  readonly isTrusted: boolean;
  readonly relay:
    | { readonly kind: 'failed'; readonly failure: SmtpFailure }
    | { readonly kind: 'rejected'; readonly reply: SmtpReply; readonly transcript: Transcript }
    | (PortResult & { readonly kind: 'asked'; readonly proofs: Proofs });
  /** Only the ports that are open. */
  readonly submission: readonly PortResult[];
}

/** What became of test messages: none was sent, one was taken, all were refused, or it cannot be told. */
export interface Proof {
  readonly outcome: 'untested' | 'delivered' | 'refused' | 'unknown';
  readonly data: DataEvidence | null;
}

export type Proofs = Readonly<Record<'direct' | 'sender' | 'rewrite', Proof>>;

const UNTESTED: Proof = { outcome: 'untested', data: null };

export async function probeHost(context: Context, ip: IpAddress): Promise<HostResult> {
  const { facts, settings } = context;
  const [vantage, greeting] = await Promise.all([facts.vantage(ip), facts.greeting(ip)]);
  const isTrusted = vantage.kind === 'self' || vantage.kind === 'same-network';
  const host = greeting.kind === 'greeted' ? (greeting.greetingName ?? greeting.helloName) : null;
  const vectors = hostVectors(context, ip, host);
  const [relay, submission] = await Promise.all([
    greeting.kind === 'greeted' ? probeRelay(context, ip, host, vectors, greetingText(greeting), isTrusted) : greeting,
    probeSubmission(context, ip, host, submissionVectors(vectors)),
  ]);
  return { ip, port: settings.smtpPort, vantage, isTrusted, relay, submission };
}

function hostVectors({ target, settings, token }: Context, ip: IpAddress, host: string | null): Vector[] {
  const reserved = reservedMailboxes(target.domain);
  const own = settings.relayRecipient === undefined ? null : plainMailbox(settings.relayRecipient);
  return vectorsFor({
    domain: target.domain,
    host: host?.toLowerCase() ?? null,
    literal: addressLiteral(ip),
    foreign: own ?? reserved.foreign,
    foreignSender: reserved.sender,
    random: token(`relay mailboxes ${ip}`),
  });
}

function greetingText(greeting: { reply: SmtpReply; hello: { status: string; reply?: SmtpReply } }): string {
  return [...greeting.reply.lines, ...(greeting.hello.reply?.lines ?? [])].join(' ');
}

async function probeRelay(
  context: Context,
  ip: IpAddress,
  host: string | null,
  vectors: readonly Vector[],
  mtaText: string,
  isTrusted: boolean,
): Promise<HostResult['relay']> {
  const { settings } = context;
  const port = settings.smtpPort;
  const plain: Guest = guestOf(context, ip, port, 'relay', host);
  const secured: Guest = { ...plain, startTls: true };
  let asked = await askAll(plain, vectors);
  const wantTls = vectorsMeaning(asked, 'tls-required');
  const guest = wantTls.length > 0 ? secured : plain;
  if (wantTls.length > 0) asked = merge(asked, await askAll(secured, wantTls));
  const deferred = vectorsMeaning(asked, 'greylisted', 'deferred');
  if (settings.greylistWaitMs !== undefined && deferred.length > 0) {
    await context.pause(settings.greylistWaitMs);
    asked = merge(asked, await ask(guest, deferred));
  }
  const sendsData = settings.activeData && settings.relayRecipient !== undefined && !isTrusted;
  const proofs = sendsData
    ? await prove(context, ip, guest, assess(asked))
    : { direct: UNTESTED, sender: UNTESTED, rewrite: UNTESTED };
  return { kind: 'asked', port, asked, mtaText, proofs };
}

/**
 * The disguised recipients come last, from a sender that got through: many servers refuse address literals at MAIL (Exim
 * does by default), and what follows would then be no test of the recipient.
 */
async function askAll(guest: Guest, vectors: readonly Vector[]): Promise<Asked> {
  const disguised = vectors.filter(isDisguised);
  const first = await ask(
    guest,
    vectors.filter((vector) => !isDisguised(vector)),
  );
  if (first.unanswered.length > 0 || disguised.length === 0) {
    return { ...first, unanswered: [...first.unanswered, ...disguised] };
  }
  await guest.pause();
  const sender = usableSender(first.attempts);
  const second = await ask(
    guest,
    sender === null ? disguised : disguised.map((vector) => ({ ...vector, mailFrom: sender })),
  );
  return { ...second, attempts: [...first.attempts, ...second.attempts] };
}

function usableSender(attempts: readonly Attempt[]): string | null {
  const gotThrough = SENDERS_FOR_DISGUISE.map((id) => attempts.find(({ vector }) => vector.id === id)).find(
    (attempt) => attempt?.stage === 'rcpt' && attempt.meaning !== 'sender-refused',
  );
  return gotThrough?.vector.mailFrom ?? null;
}

/** One class after the other, until a message is taken: that one settles it. */
async function prove(
  context: Context,
  ip: IpAddress,
  guest: Guest,
  { direct, sender, rewrite }: Assessment,
): Promise<Proofs> {
  let isDelivered = false;
  const proveClass = async (name: keyof Proofs, attempts: readonly Attempt[]): Promise<Proof> => {
    if (isDelivered) return UNTESTED;
    // The control's name cannot exist, so nothing would come of a message to it.
    const vectors = attempts.map(({ vector }) => vector).filter(({ kind }) => kind !== 'control');
    const token = `mailcheck-${context.token(`relay message ${ip} ${name}`)}`;
    const compose = (vector: Vector) => composeMessage(context, vector, token);
    let proof: Proof = UNTESTED;
    for await (const sent of sendEach(guest, vectors, compose)) {
      proof = proofOf(sent, token);
      isDelivered = proof.outcome === 'delivered';
      if (proof.outcome !== 'refused') break;
    }
    return proof;
  };
  return {
    direct: await proveClass('direct', direct),
    sender: await proveClass('sender', sender),
    rewrite: await proveClass('rewrite', rewrite),
  };
}

function composeMessage({ settings, smtp, clock }: Context, vector: Vector, token: string): string[] {
  const recipient = settings.relayRecipient ?? '';
  return testMessage({ token, recipient, vector: vector.id, now: clock.now(), probeName: smtp.probeName });
}

function proofOf({ vector, command, result, transcript }: Sent, token: string): Proof {
  const data = { vector: vector.id, token, smtp: smtpEvidence(command, result, transcript ?? undefined) };
  if (result.status !== 'reply') return { outcome: 'unknown', data };
  if (command === 'end of data' && result.reply.code < 300) return { outcome: 'delivered', data };
  return { outcome: result.reply.code >= 500 ? 'refused' : 'unknown', data };
}

async function probeSubmission(
  context: Context,
  ip: IpAddress,
  host: string | null,
  vectors: readonly Vector[],
): Promise<PortResult[]> {
  const ports = submissionPorts(context.settings, ip);
  const results = await Promise.all(
    ports.map(async (port): Promise<PortResult & { isOpen: boolean }> => {
      let mtaText = '';
      let isOpen = true;
      const guest = guestOf(context, ip, port, 'submission, relay', host);
      const asked = await ask(
        {
          ...guest,
          startTls: port !== IMPLICIT_TLS_PORT,
          connect: async () => {
            const connection = await guest.connect();
            if (connection.status === 'connected') mtaText = connection.session.greeting.lines.join(' ');
            else isOpen = connection.connected === true;
            return connection;
          },
        },
        vectors,
      );
      return { port, asked, mtaText, isOpen };
    }),
  );
  return results.filter(({ isOpen, asked }) => isOpen || asked.attempts.length > 0);
}

function guestOf(context: Context, ip: IpAddress, port: number, purpose: string, host: string | null): Guest {
  const { smtp, settings } = context;
  const implicitTls = host === null ? {} : { servername: host };
  const pauseMs = settings.probePauseMs ?? (isLoopback(ip) ? 0 : 1000);
  return {
    connect: () => smtp.connect(ip, port, port === IMPLICIT_TLS_PORT ? { purpose, implicitTls } : { purpose }),
    probeName: smtp.probeName,
    startTls: false,
    serverName: host,
    pause: () => context.pause(pauseMs),
  };
}

function vectorsMeaning({ attempts }: Asked, ...meanings: Attempt['meaning'][]): Vector[] {
  return attempts.filter(({ meaning }) => meanings.includes(meaning)).map(({ vector }) => vector);
}

/** Later answers replace earlier ones; a vector that got none the second time keeps its first. */
function merge(first: Asked, second: Asked): Asked {
  const replaced = new Map(second.attempts.map((attempt) => [attempt.vector.id, attempt]));
  return { ...first, attempts: first.attempts.map((attempt) => replaced.get(attempt.vector.id) ?? attempt) };
}
