/**
 * The DNS client: a stub resolver that reports what `node:dns` hides, such as the TTL and the difference between a
 * failed and an empty answer. The client asks identical questions once. It retries a question on another server and
 * over TCP before the answer counts as unknown. An aborted run ends every question at once.
 *
 * The client uses no search suffixes and no hosts file, so that it asks the same questions as mail receivers.
 */
import { canonicalName } from '../domain.ts';
import type { OnFault } from '../fault.ts';
import {
  type DnsAnswer,
  type DnsFailure,
  type LiveFailureStatus,
  type RecordType,
  type Resolver,
  RUN_ENDED,
  unasked,
} from './answer.ts';
import { AskedOnce } from './asked-once.ts';
import { Asker, type NoRoute } from './asker.ts';
import { isCanaryListed } from './canary.ts';
import { isEncodable } from './message.ts';
import { type NameServerGate, resolveAt, routeThrough, type Wanted, type ZoneServers } from './name-servers.ts';
import { redactor, type Secrets, textRedactor } from './redact.ts';
import { resolve } from './resolve.ts';
import { isEncodableOrRoot, resolveSigned, resolveSignedAt } from './resolve-signed.ts';
import type { DnsServer } from './servers.ts';
import { KEEPING_CANARY, keepingAnswers, keepingSigned } from './shared-answers.ts';
import { askShared, placeOf, type SharedDns, sharedTowards } from './shared-dns.ts';
import type { SignedExchange, SignedReply, SignedResolver } from './signed.ts';
import { brokenOff } from './transport.ts';
import { Upstreams } from './upstreams.ts';

export interface DnsClient extends Resolver, SignedResolver {
  readonly servers: readonly DnsServer[];
  /** Aborts at the end of the run. */
  readonly signal: AbortSignal;
  /** The answers to all questions that were sent to the network in this run, in the order of their arrival. */
  readonly log: readonly DnsAnswer[];
  /** The replies to all questions for signatures that were sent to the network in this run, in the same order. */
  readonly signedLog: readonly SignedExchange[];
  /**
   * Looks up the test entry of a block list (RFC 5782 §5).
   *
   * @param testAddress `127.0.0.2` or `::ffff:7f00:2`
   * @returns whether the zone lists the test entry; `false` for every failure.
   */
  isCanaryListed(testAddress: string, zone: string): Promise<boolean>;
  /** @returns a client that asks these servers instead. It shares the log, but not the cached answers. */
  towards(servers: readonly DnsServer[]): DnsClient;
  /** @returns a client that asks the name servers of a zone themselves. It shares the log, but not the cached answers. */
  atNameServers(from: ZoneServers): NameServerClient;
}

/** Asks the name servers of a zone: without recursion, through the gate. Only an authoritative answer counts. */
export interface NameServerClient extends Resolver, SignedResolver {
  readonly servers: readonly DnsServer[];
  /** @returns a client that asks these of the servers. It does not share the cached answers. */
  towards(servers: readonly DnsServer[]): NameServerClient;
  /**
   * Asks for the delegation of a zone below.
   *
   * @returns the names in the NS records with which these servers refer to the zone (RFC 1034 §4.2.1). They are not
   *   authoritative. An authoritative answer comes from servers that have that zone too.
   */
  delegation(zone: string): Promise<DnsAnswer<'NS'>>;
}

export interface DnsClientOptions {
  readonly servers: readonly DnsServer[];
  readonly signal: AbortSignal;
  /** Milliseconds that one try waits for a reply. */
  readonly tryTimeoutMs?: number;
  /** Milliseconds without a reply after which the next try starts. The first try keeps waiting. */
  readonly retryAfterMs?: number;
  /** The limits and server states that the clients of this process share. Absent: the client has its own. */
  readonly upstreams?: Upstreams;
  /** What the client shares with those of other runs. Absent: it asks every question itself. */
  readonly shared?: SharedDns;
  /** Decides about the addresses of name servers, which whoever owns a name chooses. Absent: public addresses only. */
  readonly gate?: NameServerGate;
  /** Parts of query names that must not appear in any answer. */
  readonly secrets?: Secrets;
  /** Receives each fault of mailcheck itself. The question then counts as not answered. */
  readonly onFault?: OnFault;
}

/** Milliseconds. Resolvers give up on a name server after a few seconds, and a question has two tries of 3 s each. */
const TRY_TIMEOUT_MS = 3000;
const RETRY_AFTER_MS = 1500;
/** Milliseconds. A name server has its answers at hand, and another one is asked when it is slow. */
const NAME_SERVER_TIMEOUT_MS = 2000;
const NAME_SERVER_RETRY_AFTER_MS = 750;
/** Milliseconds. The `dnsbl` package does not retry as this client does. */
const CANARY_TIMEOUT_MS = 3000;
/** Seconds that an answer of a name server is shared. Whoever asks it wants to know what it says now. */
const NAME_SERVER_SECONDS = 60;

const KEEPING = keepingAnswers();
const KEEPING_SIGNED = keepingSigned();
const KEEPING_OF_NAME_SERVERS = keepingAnswers(NAME_SERVER_SECONDS);
const KEEPING_SIGNED_OF_NAME_SERVERS = keepingSigned(NAME_SERVER_SECONDS);

/**
 * Creates the DNS client of a run.
 *
 * @returns a client whose methods never reject. It caches answers for its whole life and ignores their TTL.
 */
export function createDnsClient(options: DnsClientOptions): DnsClient {
  return clientOf(options, { log: [], signedLog: [] });
}

/** What a client and those that come from it have asked. */
interface Logs {
  readonly log: DnsAnswer[];
  readonly signedLog: SignedExchange[];
}

function clientOf(given: DnsClientOptions, logs: Logs): DnsClient {
  const { upstreams = new Upstreams() } = given;
  const options = { ...given, upstreams };
  const { servers, signal: ofRun, onFault = () => {}, shared } = options;
  const signal = shared?.signal ?? ofRun;
  const { limit } = upstreams;
  const { tryTimeoutMs: timeoutMs = TRY_TIMEOUT_MS, retryAfterMs = RETRY_AFTER_MS } = options;
  const asker = new Asker({ servers, upstreams, signal, timeoutMs, retryAfterMs, onFault });
  const place = (): string => placeOf(servers);
  const once = askShared(shared, ofRun, place);
  const asking = (name: string, type: RecordType) => ({
    name,
    what: type,
    keeping: KEEPING,
    ask: () => resolve(name, type, { asker, limit, signal }),
    ended: () => cutOff(name, type),
  });
  const query = queryOnce(options, logs, (name, type) => once(asking(name, type)));
  // What a shared question rests on must not end with one of the runs.
  const onceForAll = askShared(shared, signal, place);
  const lookUp =
    shared === undefined
      ? query
      : queryOnce(options, { log: [], signedLog: [] }, (name, type) => onceForAll(asking(name, type)));
  return {
    servers,
    signal: ofRun,
    ...logs,
    isCanaryListed: (testAddress, zone) =>
      once({
        name: zone,
        what: `entry ${testAddress}`,
        keeping: KEEPING_CANARY,
        ask: () => isCanaryListed(testAddress, zone, { servers, timeoutMs: CANARY_TIMEOUT_MS, signal }),
        ended: () => false,
      }),
    towards: (others) => clientOf({ ...options, ...sharing(shared, servers, others), servers: others }, logs),
    atNameServers: (from) => nameServerClient(from, lookUp, options, logs),
    query,
    signed: signedOnce(options, logs, (name, type) =>
      once({
        name,
        what: `signed ${type}`,
        keeping: KEEPING_SIGNED,
        ask: () => resolveSigned(name, type, { asker, limit }),
        ended: () => signedCutOff(name, type),
      }),
    ),
  };
}

/** @returns what a client towards other servers shares, as an option. */
function sharing(
  shared: SharedDns | undefined,
  servers: readonly DnsServer[],
  others: readonly DnsServer[],
): Pick<DnsClientOptions, 'shared'> {
  const towards = sharedTowards(shared, servers, others);
  return towards === undefined ? {} : { shared: towards };
}

/** @returns a client that asks the name servers of a zone. `lookUp` finds the addresses that a referral lacks. */
function nameServerClient(
  from: ZoneServers,
  lookUp: DnsClient['query'],
  options: DnsClientOptions & { readonly upstreams: Upstreams },
  logs: Logs,
): NameServerClient {
  const { signal: ofRun, upstreams, onFault = () => {}, gate = { allowPrivate: false }, shared } = options;
  const signal = shared?.signal ?? ofRun;
  const { limit } = upstreams;
  const { tryTimeoutMs: timeoutMs = NAME_SERVER_TIMEOUT_MS, retryAfterMs = NAME_SERVER_RETRY_AFTER_MS } = {
    ...from.waits,
    ...options,
  };
  const routeTo = (server: DnsServer): Promise<DnsServer | NoRoute> => routeThrough(gate, server);
  const askerOf = (servers: readonly DnsServer[]): Asker =>
    new Asker({ servers, upstreams, signal, timeoutMs, retryAfterMs, routeTo, onFault });
  const parts = { askerOf, limit, lookUp };
  const once = askShared(
    shared,
    ofRun,
    () => `at ${gate.allowPrivate ? 'any ' : ''}${from.zone} ${placeOf(from.servers)}`,
  );
  const ask = (wanted: Wanted) =>
    queryOnce(options, logs, (name, type) =>
      once({
        name,
        what: `${wanted} ${type}`,
        keeping: KEEPING_OF_NAME_SERVERS,
        ask: () => resolveAt(from, name, type, parts, wanted),
        ended: () => cutOff(name, type),
      }),
    );
  const delegation = ask('delegation');
  return {
    servers: from.servers,
    query: ask('records'),
    signed: signedOnce(options, logs, (name, type) =>
      once({
        name,
        what: `signed ${type}`,
        keeping: KEEPING_SIGNED_OF_NAME_SERVERS,
        ask: () => resolveSignedAt(from, name, type, parts),
        ended: () => signedCutOff(name, type),
      }),
    ),
    delegation: (zone) => delegation(zone, 'NS'),
    towards: (servers) =>
      nameServerClient({ ...from, servers }, lookUp, { ...options, ...sharing(shared, from.servers, servers) }, logs),
  };
}

const CUT_OFF = { status: 'timeout', detail: `${RUN_ENDED} a reply came` } as const;

/** @returns the answer of a run that ended before it came. */
function cutOff(name: string, type: RecordType): DnsAnswer {
  return { ...unasked(canonicalName(name), type), ...CUT_OFF };
}

/** @returns the reply of a run that ended before it came. */
function signedCutOff(name: string, type: number): SignedExchange {
  return { name, type, transport: 'udp', durationMs: 0, reply: { kind: 'failed', ...CUT_OFF } };
}

/**
 * @param ask resolves one question.
 * @returns a query that asks each question once, logs its answer, and hides the secrets in it. A fault of `ask` loses
 *   one answer and does not end the run.
 */
function queryOnce(
  { secrets = new Map(), onFault = () => {} }: Pick<DnsClientOptions, 'secrets' | 'onFault'>,
  { log }: Logs,
  ask: (name: string, type: RecordType) => Promise<DnsAnswer>,
): DnsClient['query'] {
  const redact = redactor(secrets);
  const answers = new AskedOnce();
  const kept = (found: DnsAnswer): DnsAnswer => {
    const answer = redact(found);
    log.push(answer);
    return answer;
  };
  const lost = (name: string, type: RecordType, error: unknown): DnsFailure => {
    const { kind: status, detail } = brokenOff(onFault, error);
    return { ...unasked(name, type), status, detail };
  };
  return <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    if (!isEncodable(name)) return Promise.resolve(redact(impossible(name, type)));
    const answer = answers.answer(name, type, () =>
      ask(name, type).then(kept, (error: unknown) => kept(lost(name, type, error))),
    );
    // `interpret` read the data as `type`, which is T here.
    return answer as Promise<DnsAnswer<T>>;
  };
}

/** @returns NXDOMAIN for a name that no DNS message can contain, because such a name cannot exist. */
export function impossible<T extends RecordType>(name: string, type: T): DnsAnswer<T> {
  return { ...unasked(name, type), status: 'nxdomain', ttl: null, zone: null };
}

/** Makes the questions for signatures of a client, as `queryOnce` makes the others. */
function signedOnce(
  { secrets = new Map(), onFault = () => {} }: Pick<DnsClientOptions, 'secrets' | 'onFault'>,
  { signedLog }: Logs,
  ask: (name: string, type: number) => Promise<SignedExchange>,
): DnsClient['signed'] {
  const mask = textRedactor(secrets);
  const replies = new AskedOnce();
  return async (name, type) => {
    if (!isEncodableOrRoot(name)) return unencodable(name);
    if (mask(name) !== name) return keyedName();
    return replies.answer(name, type, async () => {
      const exchange = await ask(name, type).catch((error: unknown): SignedExchange => {
        const { kind: status, detail } = brokenOff(onFault, error);
        return { name, type, transport: 'udp', durationMs: 0, reply: failedSigned(status, detail) };
      });
      const reply = masked(exchange.reply, mask);
      signedLog.push({ ...exchange, reply });
      return reply;
    });
  };
}

/** @returns the reply for a name that no DNS message can contain. */
export function unencodable(name: string): SignedReply {
  return failedSigned('malformed', `${name.slice(0, 80)} does not fit into a DNS message`);
}

/**
 * @returns the reply for a name with the key of a list. The octets of signatures hold names, where no key can be hidden, so
 *   no list is asked for signatures.
 */
export function keyedName(): SignedReply {
  return failedSigned('unreachable', 'a name with the key of a list is not asked for');
}

/** @returns the reply of a question for signatures that failed. */
export function failedSigned(status: LiveFailureStatus, detail: string): SignedReply & { readonly kind: 'failed' } {
  return { kind: 'failed', status, detail };
}

function masked(reply: SignedReply, mask: (text: string) => string): SignedReply {
  return reply.kind === 'reply'
    ? { ...reply, extendedErrors: reply.extendedErrors.map(mask) }
    : { ...reply, detail: mask(reply.detail) };
}
