/**
 * Asks a host the relay vectors, on its SMTP port and on its submission ports. Each vector ends at RCPT. With
 * `--active-data` a test message follows if a foreign recipient was accepted.
 */
import { type Decoy, recogniseDecoy } from '../../knowledge/mail-servers/decoys.ts';
import type { IpAddress } from '../../network/ip.ts';
import { MAX_CONNECTIONS_PER_ADDRESS } from '../../network/smtp/budgets.ts';
import { addressLiteral } from '../../network/smtp/client.ts';
import type { SmtpFailure, SmtpFailureStatus, SmtpReply, Transcript } from '../../network/smtp/types.ts';
import { IMPLICIT_TLS_PORT } from '../../standards/submission-ports.ts';
import { fact, type Needs } from './fact.ts';
import {
  type DialogueSources,
  exchangeAt,
  type Greeting,
  greeting,
  greetingText,
  submissionGreeting,
  wasReached,
} from './greeting.ts';
import { type Handshake, secureIn, sni } from './handshake.ts';
import { leastSure, type Sureness, surenessOf } from './host-memory.ts';
import { type HostObstacle, hostObstacle } from './host-obstacle.ts';
import { ownNames } from './own-names.ts';
import { type Acquaintance, type Asked, type Attempt, STRANGER } from './relay/answers.ts';
import { assess } from './relay/assessment.ts';
import type { Passenger, RelayClient } from './relay/client.ts';
import { ask, askFurther, goesBeside } from './relay/dialogue.ts';
import { NO_PROOFS, type Proofs, prove } from './relay/proof.ts';
import { SlowTest } from './relay/slow.ts';
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
import { carriage, limitsOf, tripsOf, UNNAMED, wantedTrials } from './tls-trials.ts';
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

type RelayNeeds = Needs<DialogueSources | 'clock' | 'nearEnd' | 'own' | 'patience' | 'pause' | 'stopwatch' | 'token'>;

/** The host under test. `name` is the one in its greeting or EHLO reply, `null` when there is none. */
interface Host {
  readonly ip: IpAddress;
  readonly name: string | null;
}

/** Asks the host at an address the relay vectors. */
export const relayAnswers = fact(async (needs: RelayNeeds, ip: IpAddress): Promise<RelayAnswers> => {
  const { facts, settings } = needs;
  const trials = await facts(carriage, ip);
  trials.expect();
  // The connections are made while the vantage is found.
  void facts(greeting, ip);
  for (const port of submissionPorts(settings, ip)) void facts(submissionGreeting, ip, port);
  const from = await facts(vantage, ip);
  const isTrusted = from.kind === 'self' || from.kind === 'same-network';
  const [relay, submission, obstacle] = await Promise.all([
    facts(onSmtpPort, ip, isTrusted).finally(() => trials.end()),
    facts(onSubmission, ip, isTrusted),
    facts(hostObstacle, ip),
  ]);
  return { ip, port: settings.smtpPort, vantage: from, isTrusted, obstacle, relay, submission };
});

async function vectorsOf(needs: RelayNeeds, host: Host): Promise<readonly Vector[]> {
  return hostVectors(needs, host, await needs.facts(ownNames, host.ip));
}

/** @returns the host that greets so. */
function hostOf(ip: IpAddress, greeted: Greeting): Host {
  return { ip, name: greeted.kind === 'greeted' ? (greeted.greetingName ?? greeted.helloName) : null };
}

/**
 * Names what the answers of a host depend on. It says them of itself, with whichever domain it was asked that it receives
 * for. It may trust the senders of such a domain, so that the domain of another host shows less.
 */
async function keyOf(needs: RelayNeeds, ip: IpAddress, isTrusted: boolean): Promise<string> {
  return JSON.stringify([ip, isTrusted, (await exchangeAt(needs, ip)) !== null]);
}

/** What the SMTP port says to the vectors. */
const onSmtpPort = fact(
  async (needs: RelayNeeds, ip: IpAddress, isTrusted: boolean): Promise<RelayAnswers['relay']> => {
    const greeted = await needs.facts(greeting, ip);
    return greeted.kind === 'greeted' ? askGreeted(needs, hostOf(ip, greeted), greeted, isTrusted) : greeted;
  },
  { name: 'relay', key: keyOf, complete: async (relay) => surenessOfRelay(relay), at: (ip) => ip },
);

/** What the submission ports say to the vectors. A port that is closed now may be open soon. */
const onSubmission = fact(
  async (needs: RelayNeeds, ip: IpAddress, _isTrusted: boolean): Promise<SubmissionAnswers[]> => {
    const host = hostOf(ip, await needs.facts(greeting, ip));
    return askSubmission(needs, host, submissionVectors(await vectorsOf(needs, host)));
  },
  {
    name: 'relay, submission',
    key: keyOf,
    complete: async (ports) => leastSure(ports.map(({ asked }) => surenessOfAsked(asked))),
    at: (ip) => ip,
  },
);

function surenessOfRelay(relay: RelayAnswers['relay']): Sureness {
  if (relay.kind === 'failed') return surenessOf(relay.failure);
  if (relay.kind === 'decoy') return 'sure';
  if (relay.kind === 'rejected' || isPutOff(relay.asked)) return 'unsure';
  return surenessOfAsked(relay.asked);
}

function surenessOfAsked({ leftOut = [], lost, unanswered }: Asked): Sureness {
  if (leftOut.length > 0) return 'unsure';
  if (lost !== null && lost.result.status !== 'reply') return surenessOf(lost.result);
  return unanswered.length > 0 ? 'unsure' : 'sure';
}

async function askGreeted(
  needs: RelayNeeds,
  host: Host,
  greeted: Extract<Greeting, { kind: 'greeted' }>,
  isTrusted: boolean,
): Promise<RelayAnswers['relay']> {
  const text = greetingText(greeted);
  const decoy = recogniseDecoy(text);
  // Its answers would show nothing, and a tarpit takes minutes for them.
  if (decoy !== null) return { kind: 'decoy', decoy, reply: greeted.reply, transcript: greeted.transcript };
  return askRelay(needs, host, text, isTrusted);
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
  mtaText: string,
  isTrusted: boolean,
): Promise<RelayAnswers['relay']> {
  const { settings, pause } = needs;
  const port = settings.smtpPort;
  const client = relayClient(needs, host, port, 'relay');
  // A host that greylists answers a vector only if it has seen it before. So all are asked if they are asked again.
  const endsIfPutOff = settings.greylistWaitMs === undefined;
  // No name of the host stands in the first group, so that it waits for none.
  const first = hostVectors(needs, host, []).slice(0, VECTORS_PER_CONNECTION);
  const pending = vectorsOf(needs, host);
  const others = async (): Promise<Vector[]> => {
    const vectors = await pending;
    return [...vectors.slice(VECTORS_PER_CONNECTION), ...vectorsBehindTls(vectors)];
  };
  const { opening, slow } = await askOpening(needs, host, client, first, others);
  const trials = await needs.facts(carriage, host.ip);
  const passengers = slow === null && goesBeside(client, opening.learnt) ? await passengersAt(needs, host.ip) : [];
  if (passengers.length === 0) trials.end();
  const vectors = await pending;
  const further = vectors.slice(VECTORS_PER_CONNECTION);
  const again = vectorsBehindTls(vectors);
  if (endsIfPutOff && isPutOff(opening)) return { kind: 'asked', port, asked: opening, mtaText, proofs: NO_PROOFS };
  const isPlain = vectorsMeaning(opening, 'tls-required').length === 0;
  let asked =
    slow !== null && isPlain
      ? join(opening, slow)
      : await askRest(client, isPlain ? [...further, ...again] : further, opening, passengers);
  trials.end();
  const wantTls = vectorsMeaning(asked, 'tls-required').filter((vector) => !vector.behindTls);
  if (wantTls.length > 0) {
    await client.pause();
    asked = merge(asked, await askAll(client, wantTls.map(behindTls), asked.learnt));
  }
  // A host that wants STARTTLS for every vector was asked them all behind it.
  const left = again.filter(({ id }) => !wantTls.some((vector) => id === `${vector.id}-tls`));
  if (!isPlain && left.length > 0) asked = await askRest(client, left, asked);
  const deferred = vectorsMeaning(asked, 'greylisted', 'deferred');
  if (settings.greylistWaitMs !== undefined && deferred.length > 0) {
    await pause(settings.greylistWaitMs);
    asked = merge(asked, await ask(client, deferred, asked.learnt));
  }
  const sendsData = settings.activeData && settings.relayRecipient !== undefined && !isTrusted;
  const proofs = sendsData ? await prove(needs, host.ip, client, assess(asked)) : NO_PROOFS;
  return { kind: 'asked', port, asked, mtaText, proofs };
}

/** @returns the handshakes of the tls rule that connections of this test can make. */
async function passengersAt({ facts }: RelayNeeds, ip: IpAddress): Promise<Passenger[]> {
  const [trials, carried] = await Promise.all([facts(wantedTrials, ip), facts(carriage, ip)]);
  return trials.map(({ trial, serverName }) => ({
    trips: tripsOf(trial),
    isFirst: trial === UNNAMED,
    ride: async (session, name) => {
      const result = await secureIn(session, name, { ...limitsOf(trial, false), ...sni(serverName) });
      if (isCertain(result)) carried.bring(trial, result);
      return 'tls' in result;
    },
  }));
}

/** @returns whether what went before in the session has no part in the result: the host takes it, or refuses it by an alert. */
function isCertain(result: Handshake): boolean {
  return 'tls' in result || (result.failure.status === 'tls-failed' && /_ALERT_/.test(result.failure.errno ?? ''));
}

const behindTls = (vector: Vector): Vector => ({ ...vector, behindTls: true });

/** Milliseconds without the answers to the first group of vectors after which others are asked beside it. */
const SLOW_OPENING_MS = 2500;
/** Milliseconds that a refusal takes at a host that delays them. */
const SLOW_REFUSAL_MS = 500;

/**
 * Asks the first group of vectors. A host that takes long for it is asked others meanwhile, few at a time, until the run
 * nears its time limit.
 *
 * @returns the answers to the first group, and those to the others if the host delays its refusals.
 */
async function askOpening(
  { nearEnd, patience, stopwatch }: RelayNeeds,
  { ip }: Host,
  client: RelayClient,
  first: readonly Vector[],
  others: () => Promise<readonly Vector[]>,
): Promise<{ opening: Asked; slow: Asked | null }> {
  const what = `relay test of ${ip}`;
  let readTime = (): number => 0;
  let greet = (): void => {};
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const connect: RelayClient['connect'] = async () => {
    const connection = await client.connect();
    readTime = stopwatch(`${what}: refusals`);
    greet();
    return connection;
  };
  const pending = ask({ ...client, connect }, first, STRANGER);
  await Promise.race([pending, greeted]);
  const slowness = patience(`${what}: refusals`, SLOW_OPENING_MS);
  const isLate = await Promise.race([pending.then(() => false), slowness.promise.then(() => true)]);
  slowness.stop();
  if (!isLate || client.atATime < 2) return { opening: await pending, slow: null };
  const test = new SlowTest(client, await others());
  const end = nearEnd(`${what}: end`);
  end.promise.then(() => test.stop());
  test.addLane();
  const opening = await pending;
  const keepsStep = opening.unanswered.length === 0 && opening.learnt.manner === 'at-once';
  const isSlow = keepsStep && opening.learnt.isResetProven && readTime() > SLOW_REFUSAL_MS * first.length;
  if (isSlow && !isPutOff(opening)) test.addLane();
  else test.stop();
  const answers = await test.result(opening.learnt);
  end.stop();
  return { opening, slow: isSlow ? answers : null };
}

/** Asks vectors of a host of which something is known. */
async function askAll(client: RelayClient, vectors: readonly Vector[], known: Acquaintance): Promise<Asked> {
  const opening = await ask(client, vectors.slice(0, VECTORS_PER_CONNECTION), known);
  return askRest(client, vectors.slice(VECTORS_PER_CONNECTION), opening);
}

/**
 * Tells whether the host puts this client off whatever it asks, even for an address of its own. More vectors would be
 * put off too, and postscreen makes each connection wait six seconds.
 */
function isPutOff({ attempts, unanswered }: Asked): boolean {
  const isDeferred = ({ meaning }: Attempt) => meaning === 'greylisted' || meaning === 'deferred';
  return unanswered.length === 0 && attempts.length > 0 && attempts.every(isDeferred);
}

/**
 * Asks further vectors, unless the host has left some of the earlier ones unanswered. Disguised recipients get a sender
 * that the host accepts. Many servers refuse address literals at MAIL (Exim does by default), and a vector that is refused
 * at MAIL does not test its recipient.
 */
async function askRest(
  client: RelayClient,
  vectors: readonly Vector[],
  before: Asked,
  passengers: readonly Passenger[] = [],
): Promise<Asked> {
  const offered = vectors.filter(({ behindTls }) => !behindTls || before.learnt.offersStartTls !== false);
  if (offered.length === 0) return before;
  if (before.unanswered.length > 0) return { ...before, unanswered: [...before.unanswered, ...offered] };
  await client.pause();
  const sender = usableSender(before.attempts);
  const wanted = offered.map((vector) => {
    return sender === null || !isDisguised(vector) ? vector : { ...vector, mailFrom: sender };
  });
  return join(before, await askFurther(client, wanted, before.learnt, passengers));
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
      const isNamed = isNamedPort(needs.settings, host.ip, port);
      const all = port === IMPLICIT_TLS_PORT ? vectors : [...vectors, ...vectorsBehindTls(vectors)];
      const greeted = await needs.facts(submissionGreeting, host.ip, port);
      if (greeted.kind === 'failed' && isNotThere(greeted.failure)) {
        const lost = { result: greeted.failure, transcript: null };
        const asked = { attempts: [], unanswered: all, lost, learnt: STRANGER };
        return { port, asked, mtaText, hasConnected, isNamed };
      }
      const client = relayClient(needs, host, port, 'submission, relay');
      const connect = async () => {
        const connection = await client.connect();
        if (connection.status === 'connected') mtaText = connection.session.greeting.lines.join(' ');
        hasConnected ||= connection.status === 'connected' || connection.connected === true;
        return connection;
      };
      const asked = await ask({ ...client, connect }, all);
      // A port that takes no connection now has taken one for another test of this run.
      hasConnected ||= wasReached(greeted);
      return { port, asked, mtaText, hasConnected, isNamed };
    }),
  );
}

/** @returns whether the port takes no connection, so that another one would bring the same. */
function isNotThere({ status, connected = false }: SmtpFailure): boolean {
  return !connected && NOT_THERE.includes(status);
}

const NOT_THERE: readonly SmtpFailureStatus[] = [
  'refused',
  'timeout',
  'unreachable',
  'no-route',
  'forbidden',
  'unasked',
];

function relayClient(
  { smtp, settings, pause, target, token }: RelayNeeds,
  { ip, name }: Host,
  port: number,
  purpose: string,
): RelayClient {
  const implicitTls = name === null ? {} : { servername: name };
  const pauseMs = settings.probePauseMs ?? 0;
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
    // Who asks for pauses asks for a slow test.
    atATime: pauseMs > 0 ? 1 : MAX_CONNECTIONS_PER_ADDRESS,
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
