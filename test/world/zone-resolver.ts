/** Answers from a zone in memory, without sockets: the same answers that the DNS client gets from the server of `dns.ts`. */
import { setTimeout as wait } from 'node:timers/promises';
import { Address6 } from 'ip-address';
import {
  type DnsAnswer,
  type DnsFailureStatus,
  type Exchange,
  isFailure,
  type RecordData,
  type RecordType,
  type Resolver,
  unasked,
} from '../../src/network/dns/answer.ts';
import { AskedOnce } from '../../src/network/dns/asked-once.ts';
import type { Asker, Attempt } from '../../src/network/dns/asker.ts';
import { type DnsClient, impossible, type NameServerClient, unencodable } from '../../src/network/dns/client.ts';
import {
  decodeReply,
  encodeQuery,
  isEncodable,
  type Question,
  readData,
  type SignedQuestion,
} from '../../src/network/dns/message.ts';
import { NOT_AUTHORITATIVE } from '../../src/network/dns/name-servers.ts';
import { typeName } from '../../src/network/dns/record-types.ts';
import { redactor, type Secrets } from '../../src/network/dns/redact.ts';
import { resolve } from '../../src/network/dns/resolve.ts';
import { isEncodableOrRoot, resolveSigned } from '../../src/network/dns/resolve-signed.ts';
import { type DnsServer, parseServer, serverLabel } from '../../src/network/dns/servers.ts';
import type { SignedExchange, SignedResolver } from '../../src/network/dns/signed.ts';
import type { TransportResult } from '../../src/network/dns/transport.ts';
import type { ServerState } from '../../src/network/dns/upstreams.ts';
import { canonicalName } from '../../src/network/domain.ts';
import { parseIp, reversedLabels } from '../../src/network/ip.ts';
import { responder } from './dns.ts';
import {
  type Answer,
  codecDs,
  codecSoa,
  codecTlsa,
  type Data,
  DEFAULT_TTL,
  type DnsScript,
  type Fault,
  mxOf,
  NEGATIVE_TTL,
  stringsOf,
  wireStrings,
  type Zone,
  zoneOf,
} from './zone.ts';

/** The server that the answers are said to come from. */
export const SERVER: DnsServer = parseServer('127.0.0.1');

export interface ZoneResolver extends Resolver, SignedResolver {
  /** Every question asked, as `TXT example.com`, in order. */
  readonly asked: readonly string[];
}

/** @returns a resolver that has no memory: it looks up every question that it is asked. */
export function zoneResolver(script: DnsScript, signal?: AbortSignal): ZoneResolver {
  const zone = zoneOf(script);
  const asked: string[] = [];
  return {
    asked,
    async query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      const question = canonicalName(name);
      asked.push(`${type} ${question}`);
      if (!isEncodable(name)) return impossible(name, type);
      const delayMs = zone.at(question, type).delayMs ?? script.delayMs ?? 0;
      if (delayMs > 0) await wait(delayMs, undefined, signal ? { signal } : {}).catch(() => {});
      return signal?.aborted ? cutOff(question, type) : answerIn(script, zone, question, type);
    },
    async signed(name, type) {
      asked.push(`${typeName(type)} ${canonicalName(name)}`);
      return (await signedExchange(script, name, type, signal)).reply;
    },
  };
}

/** Answers from the signed zones of a script where they have the name, and from the rest of it otherwise. */
async function answerIn<T extends RecordType>(
  script: DnsScript,
  zone: Zone,
  name: string,
  type: T,
): Promise<DnsAnswer<T>> {
  const unsigned = answerTo(zone, name, type, script.isAuthoritative);
  const isFromZone = script.signed === undefined || zone.has(name) || !['nodata', 'nxdomain'].includes(unsigned.status);
  if (isFromZone) return unsigned;
  const parts = { asker: askerOf(script), limit: <T>(ask: () => Promise<T>) => ask(), signal: NEVER };
  const answer = await resolve(name, type, parts);
  // The product has read the data as the type asked. Nothing of a time that passed is to differ from run to run.
  return { ...answer, durationMs: 1 } as DnsAnswer<T>;
}

const NEVER = new AbortController().signal;

/** Asks a server for signatures, without sockets: its message is written and read as on the wire. */
async function signedExchange(
  script: DnsScript,
  name: string,
  type: number,
  signal?: AbortSignal,
): Promise<SignedExchange> {
  const found = await resolveSigned(name, type, { asker: askerOf(script, signal), limit: (ask) => ask() });
  return { ...found, durationMs: 1 };
}

/** What the client's asker does, over a script. A server that does not answer does so at once. */
function askerOf(script: DnsScript, signal?: AbortSignal): Asker {
  const { respond } = responder(script);
  const state: ServerState = {
    server: SERVER,
    replies: 1,
    silences: 0,
    failuresInARow: 0,
    outages: 0,
    isUnreachable: false,
    retryAt: null,
  };
  const askServer = async (_: ServerState, question: Question | SignedQuestion): Promise<Attempt> => {
    const outcome = respond(encodeQuery(0, question), 'tcp');
    const reply = outcome?.reply && decodeReply(outcome.reply, 0, question);
    const result: TransportResult = signal?.aborted
      ? { kind: 'timeout', detail: 'the run ended before a reply came' }
      : outcome === undefined
        ? { kind: 'unreachable', detail: 'the server closed the TCP connection without a reply' }
        : reply === undefined
          ? { kind: 'timeout', detail: 'no reply within 3000 ms' }
          : typeof reply === 'string'
            ? { kind: 'malformed', detail: 'the reply cannot be decoded' }
            : { kind: 'reply', reply };
    return { state, transport: 'udp', result };
  };
  const ask = (question: Question | SignedQuestion): Promise<Attempt> => askServer(state, question);
  return { ask, askServer } as unknown as Asker;
}

interface ZoneClient extends DnsClient {
  /** Every question asked, as `TXT example.com`, in order, each once. */
  readonly asked: readonly string[];
}

/**
 * @param secrets parts of query names that no answer may show.
 * @returns a DNS client that asks each question once, as the one on sockets does.
 */
export function zoneClient(script: DnsScript, signal: AbortSignal, secrets: Secrets = new Map()): ZoneClient {
  const resolver = zoneResolver(script, signal);
  const log: DnsAnswer[] = [];
  const signedLog: SignedExchange[] = [];
  const redact = redactor(secrets);

  function clientOf(servers: readonly DnsServer[]): ZoneClient {
    const answers = new Map<string, Promise<DnsAnswer>>();
    async function askOnce<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      const answer = redact(await resolver.query(name, type));
      log.push(answer);
      return answer;
    }
    return {
      servers,
      signal,
      log,
      signedLog,
      asked: resolver.asked,
      signed: signedOnce(servers, script, resolver.asked as string[]),
      query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
        if (!isEncodable(name)) return Promise.resolve(redact(impossible(name, type)));
        const key = `${type} ${canonicalName(name)}`;
        const answer = answers.get(key) ?? askOnce(name, type);
        answers.set(key, answer);
        // The key has the type in it.
        return answer as Promise<DnsAnswer<T>>;
      },
      async isCanaryListed(testAddress, zone) {
        if (signal.aborted) return false;
        return answerTo(zoneOf(script), `${canaryLabels(testAddress)}.${zone}`, 'A').status === 'answer';
      },
      towards: clientOf,
      atNameServers: ({ servers }) => nameServerClient(servers),
    };
  }
  /** Asks each question for signatures once, and notes the exchange. */
  function signedOnce(servers: readonly DnsServer[], from: DnsScript, asked: string[] = []): SignedResolver['signed'] {
    const replies = new AskedOnce();
    return async (given, type) => {
      const name = canonicalName(given);
      if (!isEncodableOrRoot(name)) return unencodable(name);
      return replies.answer(name, type, async () => {
        asked.push(`${typeName(type)} ${name}`);
        const { reply, ...exchange } = await signedExchange(from, name, type, signal);
        const [server = SERVER] = servers;
        const own = reply.kind === 'reply' ? { ...reply, server: serverLabel(server) } : reply;
        signedLog.push({ ...exchange, reply: own });
        return own;
      });
    };
  }
  function nameServerClient(servers: readonly DnsServer[]): NameServerClient {
    const [server] = servers.filter(({ address }) => script.nameServers?.[address] !== undefined);
    const own = server && script.nameServers?.[server.address];
    return {
      servers,
      async query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
        const question = canonicalName(name);
        const found = signal.aborted
          ? cutOff(question, type)
          : own === undefined
            ? silence(question, type)
            : fromZone(await answerIn({ ...own, isAuthoritative: true }, zoneOf(own), question, type));
        const answer = redact(server && found.server !== null ? { ...found, server: serverLabel(server) } : found);
        log.push(answer);
        return answer;
      },
      signed: signedOnce(
        servers,
        own === undefined ? { zone: {}, fault: 'timeout' } : { ...own, isAuthoritative: true },
      ),
      async delegation(zone) {
        const names = own?.delegations?.[zone];
        const asked = { ...unasked(zone, 'NS'), server: server ? serverLabel(server) : null };
        const answer: DnsAnswer<'NS'> =
          names === undefined
            ? { ...asked, status: 'malformed', detail: NOT_AUTHORITATIVE }
            : { ...asked, status: 'answer', records: names, ttl: DEFAULT_TTL };
        log.push(answer);
        return answer;
      },
      towards: nameServerClient,
    };
  }
  return clientOf([SERVER]);
}

/** Aliases that are followed before the chain counts as too long. */
const MAX_CHAIN = 12;

function answerTo<T extends RecordType>(zone: Zone, name: string, type: T, isAuthoritative = false): DnsAnswer<T> {
  const chain: string[] = [];
  let ttl = Number.POSITIVE_INFINITY;
  for (let owner = name; ; ) {
    const found = zone.at(owner, type);
    const exchange: Exchange = {
      ...unasked(name, type),
      server: serverLabel(SERVER),
      durationMs: 1,
      transport: found.fault === 'truncated' ? 'tcp' : 'udp',
      chain,
      authenticated: found.ad ?? false,
      authoritative: found.fault !== 'referral' && (found.aa ?? isAuthoritative),
      extendedErrors: found.ede ? [`${found.ede.code}: ${found.ede.text}`] : [],
    };
    const failure = failureOf(found, owner);
    if (failure !== undefined) return { ...exchange, ...failure };
    if (found.fault === 'nxdomain') {
      return { ...exchange, status: 'nxdomain', ttl: NEGATIVE_TTL, zone: zone.apexOf(owner) };
    }
    const records = found.fault === 'nodata' ? [] : (found.records ?? []).map((data) => recordOf(type, data));
    if (records.length > 0) {
      return { ...exchange, status: 'answer', records, ttl: Math.min(ttl, found.ttl ?? DEFAULT_TTL) };
    }
    const alias = type === 'CNAME' ? undefined : zone.aliasAt(owner);
    if (alias === undefined) {
      return { ...exchange, status: 'nodata', ttl: NEGATIVE_TTL, zone: zone.apexOf(owner) };
    }
    owner = canonicalName(alias);
    ttl = Math.min(ttl, DEFAULT_TTL);
    if (chain.length >= MAX_CHAIN || chain.includes(owner) || owner === name) {
      return { ...exchange, chain: [], status: 'malformed', detail: 'the CNAME chain loops' };
    }
    chain.push(owner);
  }
}

/** @returns what the DNS client makes of a fault; nothing of one that it gets over by itself, or of a denial. */
function failureOf({ fault, ede, times }: Answer, name: string): Failed | undefined {
  if (times !== undefined) throw new Error(`${name}: a fault that ends after some queries is for a server on loopback`);
  const failure = fault && FAILURES[fault];
  if (failure === undefined || ede === undefined) return failure;
  return { ...failure, detail: `${failure.detail}: ${ede.code}: ${ede.text}` };
}

interface Failed {
  readonly status: DnsFailureStatus;
  readonly detail: string;
  /** Given where no reply could be read. */
  readonly server?: null;
  readonly authoritative?: false;
}

const FAILURES: Readonly<Partial<Record<Fault, Failed>>> = {
  servfail: { status: 'servfail', detail: 'the server failed (SERVFAIL)' },
  refused: { status: 'refused', detail: 'the server refused the query (REFUSED)' },
  timeout: { status: 'timeout', detail: 'no reply within 3000 ms', server: null, authoritative: false },
  unreachable: { status: 'unreachable', detail: 'the server cannot be reached', server: null, authoritative: false },
  malformed: { status: 'malformed', detail: 'the reply cannot be decoded', server: null, authoritative: false },
  notimp: { status: 'malformed', detail: 'the server answered NOTIMP' },
  bogus: {
    status: 'bogus',
    detail: 'DNSSEC validation fails: SERVFAIL, but an answer with checking disabled',
  },
  referral: {
    status: 'malformed',
    detail: 'the server only refers to others: it is not a resolver and does not hold the zone',
  },
  'truncated-no-tcp': { status: 'truncated-no-tcp', detail: 'truncated over UDP and no answer over TCP' },
};

/** The answer of a name server, of which only one with authority counts. */
function fromZone<T extends RecordType>(answer: DnsAnswer<T>): DnsAnswer<T> {
  if (isFailure(answer) || answer.authoritative) return answer;
  const { name, type, server } = answer;
  return { ...unasked(name, type), server, status: 'malformed', detail: NOT_AUTHORITATIVE };
}

/** The answer where no name server is. */
function silence<T extends RecordType>(name: string, type: T): DnsAnswer<T> {
  return { ...unasked(name, type), status: 'timeout', detail: 'no reply within 1400 ms' };
}

function cutOff<T extends RecordType>(name: string, type: T): DnsAnswer<T> {
  return { ...unasked(name, type), status: 'timeout', detail: 'the run ended before a reply came' };
}

/** The data as the product reads it from a message. */
function recordOf<T extends RecordType>(type: T, data: Data): RecordData[T] {
  const record = readData(type, sentAs(type, data));
  if (record === undefined) throw new Error(`${JSON.stringify(data)} is no data of a ${type} record`);
  return record;
}

/** What the codec gives for a record. */
function sentAs(type: RecordType, data: Data): unknown {
  switch (type) {
    case 'TXT':
      return stringsOf(data);
    case 'SPF':
      return wireStrings(stringsOf(data));
    case 'MX':
      return mxOf(data);
    case 'TLSA':
      return codecTlsa(data);
    case 'DS':
      return codecDs(data);
    case 'SOA':
      return codecSoa(data);
    default:
      return data;
  }
}

/** The labels of a test entry (RFC 5782 §5). An IPv4-mapped address is asked for as the IPv6 address that it is. */
function canaryLabels(testAddress: string): string {
  const ip = parseIp(testAddress);
  if (ip === undefined) throw new Error(`${testAddress} is no address`);
  return testAddress.includes(':') ? new Address6(testAddress).reverseForm({ omitSuffix: true }) : reversedLabels(ip);
}
