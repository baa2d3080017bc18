/**
 * Asks a host the relay vectors, on its SMTP port and on its submission ports. Each vector ends at RCPT. With
 * `--active-data` a test message follows if a foreign recipient was accepted.
 */
import { type Decoy, recogniseDecoy } from '../../knowledge/mail-servers/decoys.ts';
import type { IpAddress } from '../../network/ip.ts';
import { addressLiteral } from '../../network/smtp/address-literal.ts';
import { MAX_CONNECTIONS_PER_ADDRESS } from '../../network/smtp/budgets.ts';
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
import { secureIn, sni } from './handshake.ts';
import { leastSure, type Sureness, surenessOf } from './host-memory.ts';
import { type HostObstacle, hostObstacle } from './host-obstacle.ts';
import { ownNames } from './own-names.ts';
import {
  type Acquaintance,
  type Asked,
  type Attempt,
  isPutOff,
  STRANGER,
  usableSender,
  wantsTls,
} from './relay/answers.ts';
import { assess } from './relay/assessment.ts';
import type { Passenger, RelayClient } from './relay/client.ts';
import { ask, askFurther, goesBeside } from './relay/dialogue.ts';
import { askOpening } from './relay/opening.ts';
import { NO_PROOFS, type Proofs, prove } from './relay/proof.ts';
import {
  foreignControls,
  plainMailbox,
  reservedMailboxes,
  submissionVectors,
  VECTORS_PER_CONNECTION,
  type Vector,
  vectorsBehindTls,
  vectorsFor,
  withSender,
} from './relay/vectors.ts';
import { isNamedPort, submissionPorts } from './submission.ts';
import { type Carriage, carriage, isCertain, limitsOf, tripsOf, UNNAMED, wantedTrials } from './tls-trials.ts';
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
  const trials = await needs.facts(carriage, ip);
  trials.expect();
  try {
    return await gatherAnswers(needs, ip, trials);
  } finally {
    trials.end();
  }
});

async function gatherAnswers(needs: RelayNeeds, ip: IpAddress, trials: Carriage): Promise<RelayAnswers> {
  const { facts, settings } = needs;
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
}

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
  return askRelay(needs, host, greeted, isTrusted);
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
  greeted: Extract<Greeting, { kind: 'greeted' }>,
  isTrusted: boolean,
): Promise<RelayAnswers['relay']> {
  const { settings } = needs;
  const port = settings.smtpPort;
  const client = relayClient(needs, host, port, 'relay');
  const answered = { kind: 'asked', port, mtaText: greetingText(greeted) } as const;
  const trials = await needs.facts(carriage, host.ip);
  const ridesAlong = client.atATime > 1 && greeted.extensions.has('PIPELINING');
  if (!ridesAlong) trials.end();
  // No name of the host stands in the first group, so that it waits for none.
  const first = hostVectors(needs, host, []).slice(0, VECTORS_PER_CONNECTION);
  const all = vectorsOf(needs, host);
  const { opening, slow } = await askOpening(needs, client, first, {
    what: `relay test of ${host.ip}`,
    onSlow: () => trials.end(),
    offersStartTls: greeted.extensions.size === 0 ? null : greeted.extensions.has('STARTTLS'),
    others: async () => othersOf(await all),
  });
  // A host that greylists answers a vector only if it has seen it before. So all are asked if they are asked again.
  const endsIfPutOff = settings.greylistWaitMs === undefined;
  if (endsIfPutOff && isPutOff(opening)) return { ...answered, asked: opening, proofs: NO_PROOFS };
  const hasPlaces = ridesAlong && slow === null && goesBeside(client, opening.learnt);
  const passengers = hasPlaces ? await passengersAt(needs, host.ip) : [];
  if (!hasPlaces) trials.end();
  const vectors = await all;
  const asked =
    slow !== null
      ? join(opening, slow)
      : await askOthers(client, vectors, opening, passengers).finally(() => trials.end());
  const final = await askDeferred(needs, client, await askForTls(client, vectors, opening, asked));
  const sendsData = settings.activeData && settings.relayRecipient !== undefined && !isTrusted;
  const proofs = sendsData ? await prove(needs, host.ip, client, assess(final)) : NO_PROOFS;
  return { ...answered, asked: final, proofs };
}

/** @returns the vectors behind the first group, those behind STARTTLS last. */
function othersOf(vectors: readonly Vector[]): Vector[] {
  return [...vectors.slice(VECTORS_PER_CONNECTION), ...vectorsBehindTls(vectors)];
}

/** Asks the vectors behind the first group. A host that wants STARTTLS first is asked the plain ones alone. */
async function askOthers(
  client: RelayClient,
  vectors: readonly Vector[],
  opening: Asked,
  passengers: readonly Passenger[],
): Promise<Asked> {
  const others = wantsTls(opening) ? vectors.slice(VECTORS_PER_CONNECTION) : othersOf(vectors);
  return askRest(client, others, opening, passengers);
}

/** Asks behind STARTTLS what the host wants to be asked there. */
async function askForTls(
  client: RelayClient,
  vectors: readonly Vector[],
  opening: Asked,
  before: Asked,
): Promise<Asked> {
  const wantTls = vectorsMeaning(before, 'tls-required').filter((vector) => !vector.behindTls);
  let asked = before;
  if (wantTls.length > 0) {
    await client.pause();
    asked = merge(before, await askAll(client, wantTls.map(behindTls), before.learnt));
  }
  if (!wantsTls(opening)) return asked;
  // Those that are asked on both sides of STARTTLS were left out before. A host that wants it for all was asked them now.
  const left = vectorsBehindTls(vectors).filter(({ id }) => !wantTls.some((vector) => id === `${vector.id}-tls`));
  return left.length > 0 ? askRest(client, left, asked) : asked;
}

/** Asks again what the host has put off, once the time that it wants is over. */
async function askDeferred(
  { pause, settings: { greylistWaitMs } }: RelayNeeds,
  client: RelayClient,
  before: Asked,
): Promise<Asked> {
  const deferred = vectorsMeaning(before, 'greylisted', 'deferred');
  if (greylistWaitMs === undefined || deferred.length === 0) return before;
  await pause(greylistWaitMs);
  return merge(before, await ask(client, deferred, before.learnt));
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

const behindTls = (vector: Vector): Vector => ({ ...vector, behindTls: true });

/** Asks vectors of a host of which something is known. */
async function askAll(client: RelayClient, vectors: readonly Vector[], known: Acquaintance): Promise<Asked> {
  const opening = await ask(client, vectors.slice(0, VECTORS_PER_CONNECTION), known);
  return askRest(client, vectors.slice(VECTORS_PER_CONNECTION), opening);
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
  const wanted = offered.map((vector) => withSender(vector, sender));
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
  const implicitTls = sni(name);
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
