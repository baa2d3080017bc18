/**
 * Asks a host the relay vectors, on its SMTP port and on its submission ports. Each vector ends at RCPT. With
 * `--active-data` a test message follows if a foreign recipient was accepted.
 */
import { type IpAddress, isLoopback } from '../../network/ip.ts';
import { addressLiteral } from '../../network/smtp/client.ts';
import type { SmtpFailure, SmtpReply, Transcript } from '../../network/smtp/types.ts';
import { IMPLICIT_TLS_PORT } from '../../standards/submission-ports.ts';
import { fact, type Needs } from './fact.ts';
import { type DialogueSources, greeting, greetingText } from './greeting.ts';
import { assess } from './relay/assessment.ts';
import { type Asked, type Attempt, ask, type RelayClient } from './relay/dialogue.ts';
import { NO_PROOFS, type Proofs, prove } from './relay/proof.ts';
import {
  isDisguised,
  plainMailbox,
  reservedMailboxes,
  SENDERS_FOR_DISGUISE,
  submissionVectors,
  type Vector,
  vectorsFor,
} from './relay/vectors.ts';
import { submissionPorts } from './submission.ts';
import { type Vantage, vantage } from './vantage.ts';

/** The answers of one port. */
export interface PortAnswers {
  readonly port: number;
  readonly asked: Asked;
  /** The replies in which the mail server may name its software. */
  readonly mtaText: string;
}

/** The answers of one host. */
export interface RelayAnswers {
  readonly ip: IpAddress;
  /** The SMTP port. */
  readonly port: number;
  readonly vantage: Vantage;
  /** Whether the host may trust the network that mailcheck asks from. */
  readonly isTrusted: boolean;
  readonly relay:
    | { readonly kind: 'failed'; readonly failure: SmtpFailure }
    | { readonly kind: 'rejected'; readonly reply: SmtpReply; readonly transcript: Transcript }
    | (PortAnswers & { readonly kind: 'asked'; readonly proofs: Proofs });
  /** The answers of the submission ports that are open. */
  readonly submission: readonly PortAnswers[];
}

type RelayNeeds = Needs<DialogueSources | 'clock' | 'own' | 'pause' | 'token'>;

/** The host under test. `name` is the one in its greeting or EHLO reply, `null` when there is none. */
interface Host {
  readonly ip: IpAddress;
  readonly name: string | null;
}

/** Asks the host at an address the relay vectors. */
export const relayAnswers = fact(async (needs: RelayNeeds, ip: IpAddress): Promise<RelayAnswers> => {
  const { facts, settings } = needs;
  const [from, greeted] = await Promise.all([facts(vantage, ip), facts(greeting, ip)]);
  const isTrusted = from.kind === 'self' || from.kind === 'same-network';
  const host = { ip, name: greeted.kind === 'greeted' ? (greeted.greetingName ?? greeted.helloName) : null };
  const vectors = hostVectors(needs, host);
  const [relay, submission] = await Promise.all([
    greeted.kind === 'greeted' ? askRelay(needs, host, vectors, greetingText(greeted), isTrusted) : greeted,
    askSubmission(needs, host, submissionVectors(vectors)),
  ]);
  return { ip, port: settings.smtpPort, vantage: from, isTrusted, relay, submission };
});

function hostVectors({ target, settings, token }: RelayNeeds, { ip, name }: Host): Vector[] {
  const reserved = reservedMailboxes(target.domain);
  const own = settings.relayRecipient === undefined ? null : plainMailbox(settings.relayRecipient);
  return vectorsFor({
    domain: target.domain,
    host: name?.toLowerCase() ?? null,
    literal: addressLiteral(ip),
    foreign: own ?? reserved.foreign,
    foreignSender: reserved.sender,
    random: token(`relay mailboxes ${ip}`),
  });
}

async function askRelay(
  needs: RelayNeeds,
  host: Host,
  vectors: readonly Vector[],
  mtaText: string,
  isTrusted: boolean,
): Promise<RelayAnswers['relay']> {
  const { settings, pause } = needs;
  const port = settings.smtpPort;
  const plain = relayClient(needs, host, port, 'relay');
  const secured: RelayClient = { ...plain, startTls: true };
  let asked = await askAll(plain, vectors);
  const wantTls = vectorsMeaning(asked, 'tls-required');
  const client = wantTls.length > 0 ? secured : plain;
  if (wantTls.length > 0) asked = merge(asked, await askAll(secured, wantTls));
  const deferred = vectorsMeaning(asked, 'greylisted', 'deferred');
  if (settings.greylistWaitMs !== undefined && deferred.length > 0) {
    await pause(settings.greylistWaitMs);
    asked = merge(asked, await ask(client, deferred));
  }
  const sendsData = settings.activeData && settings.relayRecipient !== undefined && !isTrusted;
  const proofs = sendsData ? await prove(needs, host.ip, client, assess(asked)) : NO_PROOFS;
  return { kind: 'asked', port, asked, mtaText, proofs };
}

/**
 * Asks the vectors with disguised recipients last, with a sender that the server accepts. Many servers refuse address
 * literals at MAIL (Exim does by default), and a vector that is refused at MAIL does not test its recipient.
 */
async function askAll(client: RelayClient, vectors: readonly Vector[]): Promise<Asked> {
  const disguised = vectors.filter(isDisguised);
  const first = await ask(
    client,
    vectors.filter((vector) => !isDisguised(vector)),
  );
  if (first.unanswered.length > 0 || disguised.length === 0) {
    return { ...first, unanswered: [...first.unanswered, ...disguised] };
  }
  await client.pause();
  const sender = usableSender(first.attempts);
  const second = await ask(
    client,
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

async function askSubmission(needs: RelayNeeds, host: Host, vectors: readonly Vector[]): Promise<PortAnswers[]> {
  const ports = submissionPorts(needs.settings, host.ip);
  const results = await Promise.all(
    ports.map(async (port): Promise<PortAnswers & { isOpen: boolean }> => {
      let mtaText = '';
      let isOpen = true;
      const client = relayClient(needs, host, port, 'submission, relay');
      const asked = await ask(
        {
          ...client,
          startTls: port !== IMPLICIT_TLS_PORT,
          connect: async () => {
            const connection = await client.connect();
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

function relayClient(
  { smtp, settings, pause }: RelayNeeds,
  { ip, name }: Host,
  port: number,
  purpose: string,
): RelayClient {
  const implicitTls = name === null ? {} : { servername: name };
  const pauseMs = settings.probePauseMs ?? (isLoopback(ip) ? 0 : 1000);
  return {
    connect: () => smtp.connect(ip, port, port === IMPLICIT_TLS_PORT ? { purpose, implicitTls } : { purpose }),
    probeName: smtp.probeName,
    startTls: false,
    serverName: name,
    pause: () => pause(pauseMs),
  };
}

function vectorsMeaning({ attempts }: Asked, ...meanings: Attempt['meaning'][]): Vector[] {
  return attempts.filter(({ meaning }) => meanings.includes(meaning)).map(({ vector }) => vector);
}

/** Replaces earlier answers by later ones. A vector without a second answer keeps its first. */
function merge(first: Asked, second: Asked): Asked {
  const replaced = new Map(second.attempts.map((attempt) => [attempt.vector.id, attempt]));
  return { ...first, attempts: first.attempts.map((attempt) => replaced.get(attempt.vector.id) ?? attempt) };
}
