/**
 * Asks a host the relay vectors, on its SMTP port and on its submission ports. Each vector ends at RCPT. With
 * `--active-data` a test message follows if a foreign recipient was accepted.
 */
import { type Decoy, recogniseDecoy } from '../../knowledge/mail-servers/decoys.ts';
import { type IpAddress, isLoopback } from '../../network/ip.ts';
import { addressLiteral } from '../../network/smtp/client.ts';
import type { SmtpFailure, SmtpReply, Transcript } from '../../network/smtp/types.ts';
import { IMPLICIT_TLS_PORT } from '../../standards/submission-ports.ts';
import { fact, type Needs } from './fact.ts';
import { type DialogueSources, type Greeting, greeting, greetingText, submissionTls, wasReached } from './greeting.ts';
import { type HostObstacle, hostObstacle } from './host-obstacle.ts';
import { ownNames } from './own-names.ts';
import { type Acquaintance, type Asked, type Attempt, STRANGER } from './relay/answers.ts';
import { assess } from './relay/assessment.ts';
import type { RelayClient } from './relay/client.ts';
import { ask } from './relay/dialogue.ts';
import { NO_PROOFS, type Proofs, prove } from './relay/proof.ts';
import {
  foreignControls,
  isDisguised,
  plainMailbox,
  reservedMailboxes,
  SENDERS_FOR_DISGUISE,
  submissionVectors,
  VECTORS_PER_CONNECTION,
  type Vector,
  vectorsBehindTls,
  vectorsFor,
} from './relay/vectors.ts';
import { isNamedPort, submissionPorts } from './submission.ts';
import { type Vantage, vantage } from './vantage.ts';

/** The answers of one port. */
export interface PortAnswers {
  readonly port: number;
  readonly asked: Asked;
  /** The replies in which the mail server may name its software. */
  readonly mtaText: string;
}

/** The answers of one submission port. */
export interface SubmissionAnswers extends PortAnswers {
  /** Whether a connection to the port was established, for this test or for TLS, whatever came of it. */
  readonly hasConnected: boolean;
  /** Whether the user named the port. */
  readonly isNamed: boolean;
}

/** The answers of one host. */
export interface RelayAnswers {
  readonly ip: IpAddress;
  /** The SMTP port. */
  readonly port: number;
  readonly vantage: Vantage;
  /** Whether the host may trust the network that mailcheck asks from. */
  readonly isTrusted: boolean;
  /** What keeps the mail server from being asked. `null` when nothing does, or when it is not one cause for all checks. */
  readonly obstacle: HostObstacle | null;
  readonly relay:
    | { readonly kind: 'failed'; readonly failure: SmtpFailure }
    /** What answers is no mail server. It was asked nothing. */
    | { readonly kind: 'decoy'; readonly decoy: Decoy; readonly reply: SmtpReply; readonly transcript: Transcript }
    | { readonly kind: 'rejected'; readonly reply: SmtpReply; readonly transcript: Transcript }
    | (PortAnswers & { readonly kind: 'asked'; readonly proofs: Proofs });
  /** The answers of the submission ports, closed ones too. */
  readonly submission: readonly SubmissionAnswers[];
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
  // The connection is made while the vantage is found.
  void facts(greeting, ip);
  const from = await facts(vantage, ip);
  const isTrusted = from.kind === 'self' || from.kind === 'same-network';
  const [answers, obstacle] = await Promise.all([facts(answersAt, ip, isTrusted), facts(hostObstacle, ip)]);
  return { ip, port: settings.smtpPort, vantage: from, isTrusted, obstacle, ...answers };
});

/** What the host says to the vectors. It says so of itself, with whichever domain it was asked. */
const answersAt = fact(
  async (needs: RelayNeeds, ip: IpAddress, isTrusted: boolean): Promise<Pick<RelayAnswers, 'relay' | 'submission'>> => {
    const { facts } = needs;
    const [greeted, names] = await Promise.all([facts(greeting, ip), facts(ownNames, ip)]);
    const host = { ip, name: greeted.kind === 'greeted' ? (greeted.greetingName ?? greeted.helloName) : null };
    const vectors = hostVectors(needs, host, names);
    const relayOf = async (): Promise<RelayAnswers['relay']> =>
      greeted.kind === 'greeted' ? askGreeted(needs, host, vectors, greeted, isTrusted) : greeted;
    const [relay, submission] = await Promise.all([relayOf(), askSubmission(needs, host, submissionVectors(vectors))]);
    return { relay, submission };
  },
  { name: 'relay', key: (_, ip, isTrusted) => JSON.stringify([ip, isTrusted]), at: (ip) => ip },
);

async function askGreeted(
  needs: RelayNeeds,
  host: Host,
  vectors: readonly Vector[],
  greeted: Extract<Greeting, { kind: 'greeted' }>,
  isTrusted: boolean,
): Promise<RelayAnswers['relay']> {
  const text = greetingText(greeted);
  const decoy = recogniseDecoy(text);
  // Its answers would show nothing, and a tarpit takes minutes for them.
  if (decoy !== null) return { kind: 'decoy', decoy, reply: greeted.reply, transcript: greeted.transcript };
  return askRelay(needs, host, vectors, text, isTrusted);
}

function hostVectors(
  { target, settings, token }: RelayNeeds,
  { ip, name }: Host,
  ownNames: readonly string[],
): Vector[] {
  const reserved = reservedMailboxes(target.domain);
  const own = settings.relayRecipient === undefined ? null : plainMailbox(settings.relayRecipient);
  return vectorsFor({
    domain: target.domain,
    host: name?.toLowerCase() ?? null,
    ownNames,
    address: ip,
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
  const client = relayClient(needs, host, port, 'relay');
  // A host that greylists answers a vector only if it has seen it before. So all are asked if they are asked again.
  const endsIfPutOff = settings.greylistWaitMs === undefined;
  let asked = await askAll(client, vectors, STRANGER, endsIfPutOff);
  if (endsIfPutOff && isPutOff(asked)) return { kind: 'asked', port, asked, mtaText, proofs: NO_PROOFS };
  const wantTls = vectorsMeaning(asked, 'tls-required');
  if (wantTls.length > 0) {
    await client.pause();
    asked = merge(asked, await askAll(client, wantTls.map(behindTls), asked.learnt));
  }
  // A host that wants STARTTLS for every vector was asked them all behind it.
  const again = vectorsBehindTls(vectors).filter(({ id }) => !wantTls.some((vector) => id === `${vector.id}-tls`));
  if (again.length > 0) asked = join(asked, await askNext(client, again, asked));
  const deferred = vectorsMeaning(asked, 'greylisted', 'deferred');
  if (settings.greylistWaitMs !== undefined && deferred.length > 0) {
    await pause(settings.greylistWaitMs);
    asked = merge(asked, await ask(client, deferred, asked.learnt));
  }
  const sendsData = settings.activeData && settings.relayRecipient !== undefined && !isTrusted;
  const proofs = sendsData ? await prove(needs, host.ip, client, assess(asked)) : NO_PROOFS;
  return { kind: 'asked', port, asked, mtaText, proofs };
}

const behindTls = (vector: Vector): Vector => ({ ...vector, behindTls: true });

/**
 * Asks the vectors with disguised recipients last, with a sender that the server accepts. Many servers refuse address
 * literals at MAIL (Exim does by default), and a vector that is refused at MAIL does not test its recipient.
 */
async function askAll(
  client: RelayClient,
  vectors: readonly Vector[],
  known: Acquaintance,
  endsIfPutOff = false,
): Promise<Asked> {
  const disguised = vectors.filter(isDisguised);
  const plain = vectors.filter((vector) => !isDisguised(vector));
  const opening = await ask(client, plain.slice(0, VECTORS_PER_CONNECTION), known);
  if (endsIfPutOff && isPutOff(opening)) return opening;
  const first = join(opening, await askNext(client, plain.slice(VECTORS_PER_CONNECTION), opening));
  if (disguised.length === 0) return first;
  const sender = usableSender(first.attempts);
  const withSender = sender === null ? disguised : disguised.map((vector) => ({ ...vector, mailFrom: sender }));
  return join(first, await askNext(client, withSender, first));
}

/**
 * Tells whether the host puts this client off whatever it asks, even for an address of its own. More vectors would be
 * put off too, and postscreen makes each connection wait six seconds.
 */
function isPutOff({ attempts, unanswered }: Asked): boolean {
  const isDeferred = ({ meaning }: Attempt) => meaning === 'greylisted' || meaning === 'deferred';
  return unanswered.length === 0 && attempts.length > 0 && attempts.every(isDeferred);
}

/** Asks further vectors, unless the host has left some of the earlier ones unanswered. */
async function askNext(client: RelayClient, vectors: readonly Vector[], before: Asked): Promise<Asked> {
  if (vectors.length === 0) return { ...before, attempts: [], unanswered: [] };
  if (vectors.every(({ behindTls }) => behindTls) && before.learnt.offersStartTls === false) {
    return { ...before, attempts: [], unanswered: [] };
  }
  if (before.unanswered.length > 0) return { ...before, attempts: [], unanswered: vectors };
  await client.pause();
  return ask(client, vectors, before.learnt);
}

/** Puts the answers to two lists of vectors together. */
function join(first: Asked, second: Asked): Asked {
  return {
    ...second,
    attempts: [...first.attempts, ...second.attempts],
    unanswered: [...first.unanswered, ...second.unanswered],
  };
}

function usableSender(attempts: readonly Attempt[]): string | null {
  const gotThrough = SENDERS_FOR_DISGUISE.map((id) => attempts.find(({ vector }) => vector.id === id)).find(
    (attempt) => attempt?.stage === 'rcpt' && attempt.meaning !== 'sender-refused',
  );
  return gotThrough?.vector.mailFrom ?? null;
}

async function askSubmission(needs: RelayNeeds, host: Host, vectors: readonly Vector[]): Promise<SubmissionAnswers[]> {
  const ports = submissionPorts(needs.settings, host.ip);
  return Promise.all(
    ports.map(async (port): Promise<SubmissionAnswers> => {
      let mtaText = '';
      let hasConnected = false;
      const client = relayClient(needs, host, port, 'submission, relay');
      const connect = async () => {
        const connection = await client.connect();
        if (connection.status === 'connected') mtaText = connection.session.greeting.lines.join(' ');
        hasConnected ||= connection.status === 'connected' || connection.connected === true;
        return connection;
      };
      const all = port === IMPLICIT_TLS_PORT ? vectors : [...vectors, ...vectorsBehindTls(vectors)];
      const asked = await ask({ ...client, connect }, all);
      // A port that takes no connection now may have taken one for another test of this run.
      hasConnected ||= wasReached((await needs.facts(submissionTls, host.ip, port)).greeting);
      return { port, asked, mtaText, hasConnected, isNamed: isNamedPort(needs.settings, host.ip, port) };
    }),
  );
}

function relayClient(
  { smtp, settings, pause, target, token }: RelayNeeds,
  { ip, name }: Host,
  port: number,
  purpose: string,
): RelayClient {
  const implicitTls = name === null ? {} : { servername: name };
  const pauseMs = settings.probePauseMs ?? (isLoopback(ip) ? 0 : 1000);
  return {
    connect: () => smtp.connect(ip, port, port === IMPLICIT_TLS_PORT ? { purpose, implicitTls } : { purpose }),
    probeName: smtp.probeName,
    serverName: name,
    control: {
      mailFrom: ['<>', `<${reservedMailboxes(target.domain).sender}>`, `<postmaster@${target.domain}>`],
      rcptTo: `<postmaster@${target.domain}>`,
      foreign: foreignControls(target.domain, token(`relay mailboxes ${ip}`)),
    },
    pause: () => pause(pauseMs),
  };
}

function vectorsMeaning({ attempts }: Asked, ...meanings: Attempt['meaning'][]): Vector[] {
  return attempts.filter(({ meaning }) => meanings.includes(meaning)).map(({ vector }) => vector);
}

/** Replaces earlier answers by later ones. A vector without a second answer keeps its first. */
function merge(first: Asked, second: Asked): Asked {
  const replaced = new Map(second.attempts.map((attempt) => [attempt.vector.id, attempt]));
  const attempts = first.attempts.map((attempt) => replaced.get(attempt.vector.id) ?? attempt);
  return { ...first, attempts, learnt: second.learnt };
}
