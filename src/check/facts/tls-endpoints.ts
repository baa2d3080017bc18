/**
 * Examines TLS on each port where the host accepts mail: the handshake and, on tested addresses and a few MX hosts, the
 * TLS versions, weak cipher suites and further certificates of the server.
 */
import type { DnsAnswer } from '../../network/dns/answer.ts';
import type { IpAddress } from '../../network/ip.ts';
import { quoteReply } from '../../network/smtp/quote.ts';
import type { SmtpFailure, SmtpFailureStatus, TlsDetails } from '../../network/smtp/types.ts';
import { covers } from '../../standards/certificate.ts';
import { IMPLICIT_TLS_PORT } from '../../standards/submission-ports.ts';
import { fact, type HostNeeds, hostFact, type Needs } from './fact.ts';
import {
  type DialogueSources,
  type Greeting,
  greeting,
  isDeadSession,
  submissionTls,
  type TlsFact,
  tls,
  wasReached,
} from './greeting.ts';
import { type Handshake, sni, tlsNamed } from './handshake.ts';
import { heloName } from './helo-name.ts';
import { surenessOf } from './host-memory.ts';
import { type HostObstacle, hostObstacle } from './host-obstacle.ts';
import { answersBehind, type MailRoute, mailRoute } from './mx.ts';
import { isNamedPort, meaningOfFailure, submissionPorts } from './submission.ts';
import { canTry, handshakeOf, isCertain, OLD, type Trial, UNNAMED, VERSIONS, type Version } from './tls-trials.ts';
import { proxyBefore } from './web-proxy.ts';

/** One address and port that accepts mail. */
export interface Endpoint {
  readonly ip: IpAddress;
  readonly port: number;
  /** Whether the port is for submission by the host's own users (RFC 6409), not for other mail servers. */
  readonly isSubmission: boolean;
  /** Whether the address is one of the tested addresses. */
  readonly isTested: boolean;
  /** The names that senders look for in the certificate: the names of the MX hosts, otherwise the HELO name. */
  readonly names: readonly string[];
  /** The DNS answers that lead senders to this endpoint. Empty when no MX host has the address. */
  readonly leads: readonly DnsAnswer[];
}

/** The outcome of a handshake that offers one TLS version only. */
export interface VersionOutcome {
  readonly version: Version;
  /** `untestable` when this machine's TLS library does not support the version. */
  readonly outcome: 'accepted' | 'refused' | 'unknown' | 'untestable';
  /** The cipher suite of an accepted version, otherwise the reason for the outcome. */
  readonly detail: string;
  /** Why the outcome is unknown. */
  readonly failure?: SmtpFailure;
  readonly tls?: TlsDetails;
}

/**
 * The outcome of a handshake that does not name the host (SNI, RFC 6066 §3). Many mail servers deliver so, Postfix by
 * default among them.
 */
export type UnnamedOutcome =
  | { readonly kind: 'secured'; readonly tls: TlsDetails }
  /** The server refuses or breaks off the handshake. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string; readonly failure: SmtpFailure };

/** The outcome of a command in the packet of STARTTLS (CVE-2011-0411). */
export type InjectionOutcome =
  | { readonly kind: 'executed' | 'ignored' }
  | { readonly kind: 'unknown'; readonly failure: SmtpFailure };

/** The observations at one endpoint. */
export interface TlsObservation {
  readonly endpoint: Endpoint;
  readonly greeting: Greeting;
  readonly tls: TlsFact;
  /** The outcome of each version. Empty when the versions were not tried one by one. */
  readonly versions: readonly VersionOutcome[];
  /** The cipher suite that the server accepted when only weak ones were offered. `null` when it accepted none. */
  readonly weakSuite: string | null;
  /** Why it is not known whether the server accepts weak suites. `null` when it is known, or was not tried. */
  readonly weakSuiteUnknown: SmtpFailure | null;
  /** What the server shows to senders that do not name it. `null` when that was not tried. */
  readonly unnamed: UnnamedOutcome | null;
  /** The names that no certificate of the server covers, even when the name is sent as SNI. */
  readonly uncovered: readonly string[];
  /** The names that the first certificate does not cover and that were not sent as SNI, because they are too many. */
  readonly untriedNames: readonly string[];
  /** Whether the server executes a command that comes with STARTTLS. `null` when that was not tried. */
  readonly injection: InjectionOutcome | null;
  /** What keeps the mail server on the SMTP port from being tested. `null` when nothing does, and for other ports. */
  readonly obstacle: HostObstacle | null;
}

/** A submission port that takes no connection and that the host may not use. */
export interface SilentPort {
  readonly ip: IpAddress;
  readonly port: number;
  readonly failure: SmtpFailureStatus;
}

/** The endpoints that were examined, and the ports of which it is not known whether they are endpoints. */
export interface TlsEndpoints {
  readonly observations: readonly TlsObservation[];
  readonly silent: readonly SilentPort[];
}

/**
 * The number of MX hosts besides the tested ones whose versions are tried. Large domains have a dozen identical hosts.
 */
const MAX_OTHER_HOSTS = 3;
/** The number of further names of one address that are sent as SNI, each in its own connection. */
const MAX_OTHER_NAMES = 3;

type TlsNeeds = Needs<DialogueSources | 'own'>;

/**
 * Examines TLS on the mail ports of the tested addresses and of the other MX hosts, and on the open submission ports of
 * the tested addresses. With `--send-only` it leaves the MX hosts out.
 */
export const tlsEndpoints = fact(async (needs: TlsNeeds): Promise<TlsEndpoints> => {
  const { target, facts, settings } = needs;
  const route = settings.sendOnly ? null : await facts(mailRoute);
  const hosts = route?.hosts ?? [];
  const mxAddresses = hosts.flatMap(({ addresses }) => addresses);
  // The client refuses addresses that are not public. The observation reports that like any other failure.
  const others = [...new Set(mxAddresses)].filter((ip) => !target.ips.includes(ip));
  const firstOfOthers = hosts
    .filter(({ addresses }) => !addresses.some((ip) => target.ips.includes(ip)))
    .slice(0, MAX_OTHER_HOSTS)
    .map(({ addresses }) => addresses[0]);
  const behindProxies = new Set(hosts.flatMap((host) => proxyBefore(host)?.addresses ?? []));
  const mail = [...target.ips, ...others].map(async (ip) => {
    const isTested = target.ips.includes(ip);
    const names = await namesOf(needs, route, ip);
    const endpoint = { ip, port: settings.smtpPort, isSubmission: false, isTested, ...names };
    const [greeted, secured] = await Promise.all([facts(greeting, ip), facts(tls, ip)]);
    // A web proxy carries no mail. The mx rule reports it.
    if (behindProxies.has(ip) && !wasReached(greeted)) return null;
    return observe(needs, endpoint, greeted, secured, isTested || firstOfOthers.includes(ip));
  });
  const [ofMail, ofSubmission] = await Promise.all([
    Promise.all(mail),
    Promise.all(target.ips.map((ip) => submissionAt(needs, ip))),
  ]);
  return {
    observations: [
      ...ofMail.filter((one) => one !== null),
      ...ofSubmission.flatMap(({ observations }) => observations),
    ],
    silent: ofSubmission.flatMap(({ silent }) => silent),
  };
});

/**
 * Examines the submission ports of an address. A closed port is left out. A port that does not answer is an endpoint if
 * the user named it.
 */
async function submissionAt(needs: TlsNeeds, ip: IpAddress): Promise<TlsEndpoints> {
  const dialogues = await Promise.all(
    submissionPorts(needs.settings, ip).map(async (port) => ({
      port,
      ...(await needs.facts(submissionTls, ip, port)),
    })),
  );
  const examined: Promise<TlsObservation>[] = [];
  const silent: SilentPort[] = [];
  for (const { port, greeting, tls } of dialogues) {
    const failure = greeting.kind === 'failed' && !wasReached(greeting) ? greeting.failure.status : null;
    const meaning = failure === null ? 'answered' : meaningOfFailure(failure, isNamedPort(needs.settings, ip, port));
    if (meaning === 'unsaid') continue;
    if (failure !== null && meaning === 'silent') {
      silent.push({ ip, port, failure });
    } else {
      const endpoint = { ip, port, isSubmission: true, isTested: true, names: [], leads: [] };
      examined.push(observe(needs, endpoint, greeting, tls, true));
    }
  }
  return { observations: await Promise.all(examined), silent };
}

async function namesOf(
  { facts }: TlsNeeds,
  route: MailRoute | null,
  ip: IpAddress,
): Promise<Pick<Endpoint, 'names' | 'leads'>> {
  const hosts = route?.hosts.filter(({ addresses }) => addresses.includes(ip)) ?? [];
  if (route !== null && hosts.length > 0) {
    return { names: hosts.map(({ name }) => name), leads: answersBehind(route, hosts) };
  }
  const { name } = await facts(heloName, ip);
  return { names: name === null || name.startsWith('[') ? [] : [name], leads: [] };
}

async function observe(
  needs: TlsNeeds,
  endpoint: Endpoint,
  greeting: Greeting,
  tls: TlsFact,
  isThorough: boolean,
): Promise<TlsObservation> {
  const nothing = {
    versions: [],
    weakSuite: null,
    weakSuiteUnknown: null,
    unnamed: null,
    uncovered: [],
    untriedNames: [],
    injection: null,
    obstacle: endpoint.isSubmission ? null : await needs.facts(hostObstacle, endpoint.ip),
  };
  const observed = { endpoint, greeting, tls, ...nothing };
  const isTls = tls.kind === 'secured' || (tls.kind === 'failed' && tls.failure.status !== 'aborted');
  if (!isTls) return observed;
  const { serverName } = tls;
  // After a failed handshake, the versions may show the reason.
  const tryVersions = isThorough || tls.kind === 'failed';
  const triesUnnamed = tryVersions && serverName !== null && !endpoint.isSubmission && !isDeadSession(tls);
  const isInjected = needs.settings.activeInjection === true && isThorough && tls.kind === 'secured';
  const [versions, weak, unnamed, names, injection] = await Promise.all([
    tryVersions ? tryEachVersion(needs, endpoint, tls) : [],
    isThorough && tls.kind === 'secured' ? tryWeakSuites(needs, endpoint, serverName) : {},
    triesUnnamed ? tryUnnamed(needs, endpoint) : null,
    tls.kind === 'secured' ? uncoveredNames(needs, endpoint, tls.tls) : {},
    isInjected && endpoint.port !== IMPLICIT_TLS_PORT ? tryInjection(needs, endpoint, serverName) : null,
  ]);
  return { ...observed, versions, ...weak, unnamed, ...names, injection };
}

function tried(
  { facts }: TlsNeeds,
  { ip, port, isSubmission }: Endpoint,
  trial: Trial,
  serverName: string | null,
  isNameTaken: boolean,
): Promise<Handshake> {
  return facts(handshakeOf, ip, port, isSubmission, trial, serverName, isNameTaken);
}

type Secured = Extract<TlsFact, { kind: 'secured' | 'failed' }>;

/**
 * Tries the versions. The two old ones are offered together first, since nearly all servers refuse both. If no alert says
 * that they do, the connection may just have been cut, so each is tried by itself.
 */
async function tryEachVersion(needs: TlsNeeds, endpoint: Endpoint, known: Secured): Promise<VersionOutcome[]> {
  const canTryOld = await canTry(needs.smtp, OLD, endpoint.isSubmission);
  const old = canTryOld ? tried(needs, endpoint, OLD, known.serverName, known.kind === 'secured') : null;
  return Promise.all(
    VERSIONS.map(async (version, index) => {
      const both = index < 2 ? await old : null;
      const isOther = both !== null && 'tls' in both && both.tls.protocol !== version;
      return both === null || isOther || !isCertain(both)
        ? tryVersion(needs, endpoint, known, version)
        : outcomeOf(version, both);
    }),
  );
}

async function tryVersion(
  needs: TlsNeeds,
  endpoint: Endpoint,
  known: Secured,
  version: Version,
): Promise<VersionOutcome> {
  if (known.kind === 'secured' && known.tls.protocol === version && !isDeadSession(known)) {
    return { version, outcome: 'accepted', detail: known.tls.cipher, tls: known.tls };
  }
  if (!(await canTry(needs.smtp, version, endpoint.isSubmission)))
    return { version, outcome: 'untestable', detail: 'not known to this machine’s OpenSSL' };
  return outcomeOf(version, await tried(needs, endpoint, version, known.serverName, known.kind === 'secured'));
}

function outcomeOf(version: Version, result: Handshake): VersionOutcome {
  if ('tls' in result) return { version, outcome: 'accepted', detail: result.tls.cipher, tls: result.tls };
  // An alert and a hang-up during the handshake are both a refusal.
  const isRefusal = result.failure.status === 'tls-failed';
  const { failure } = result;
  const { detail } = failure;
  return isRefusal ? { version, outcome: 'refused', detail } : { version, outcome: 'unknown', detail, failure };
}

/**
 * Makes a handshake that does not name the host, as many senders do. The users of submission ports always name it. A
 * refusal is tried again, because a server that only cut this connection looks the same.
 */
async function tryUnnamed(needs: TlsNeeds, endpoint: Endpoint): Promise<UnnamedOutcome> {
  const first = await tried(needs, endpoint, UNNAMED, null, true);
  const isRefusal = 'failure' in first && first.failure.status === 'tls-failed';
  const result = isRefusal ? await tried(needs, endpoint, 'without SNI, again', null, true) : first;
  if ('tls' in result) return { kind: 'secured', tls: result.tls };
  const { failure } = result;
  const { detail } = failure;
  return failure.status === 'tls-failed' ? { kind: 'refused', detail } : { kind: 'unknown', detail, failure };
}

async function tryWeakSuites(
  needs: TlsNeeds,
  endpoint: Endpoint,
  serverName: string | null,
): Promise<Partial<Pick<TlsObservation, 'weakSuite' | 'weakSuiteUnknown'>>> {
  // A machine that cannot offer such a suite would not use it either.
  if (!(await canTry(needs.smtp, 'weak suites', endpoint.isSubmission))) return {};
  const result = await tried(needs, endpoint, 'weak suites', serverName, true);
  if ('tls' in result) return { weakSuite: result.tls.cipher };
  return result.failure.status === 'tls-failed' ? {} : { weakSuiteUnknown: result.failure };
}

/**
 * Tries each name that the first certificate does not cover as SNI, because a host may have a certificate for each
 * name.
 *
 * @returns the names that remain uncovered, and those beyond the limit.
 */
async function uncoveredNames(
  needs: TlsNeeds,
  endpoint: Endpoint,
  { chain }: TlsDetails,
): Promise<Partial<Pick<TlsObservation, 'uncovered' | 'untriedNames'>>> {
  const [leaf] = chain;
  if (leaf === undefined) return {};
  const [first, ...rest] = endpoint.names;
  const others = rest.filter((name) => !covers(leaf, name));
  const missing = others.slice(0, MAX_OTHER_NAMES);
  const results = await Promise.all(
    missing.map(async (name) => {
      const result = await needs.facts(tlsNamed, endpoint.ip, name);
      const own = 'tls' in result ? result.tls.chain[0] : undefined;
      return own !== undefined && covers(own, name) ? null : name;
    }),
  );
  const uncovered = results.filter((name) => name !== null);
  return {
    uncovered: first === undefined || covers(leaf, first) ? uncovered : [first, ...uncovered],
    untriedNames: others.slice(MAX_OTHER_NAMES),
  };
}

/**
 * Sends NOOP in the packet of STARTTLS. A server that executes it behind the handshake lets anybody on the way put commands
 * into the sessions of others (RFC 3207 §4.2). A server that declines STARTTLS because of it is not open to that.
 */
function tryInjection(
  { facts }: TlsNeeds,
  { ip, port, isSubmission }: Endpoint,
  serverName: string | null,
): Promise<InjectionOutcome> {
  return facts(injectionAt, ip, port, isSubmission, serverName);
}

const injectionAt = hostFact(inject, {
  name: 'injection',
  key: (_, ip, port, isSubmission) => JSON.stringify([ip, port, isSubmission]),
  complete: async (result) => surenessOf(result.kind === 'unknown' ? result.failure : null),
  at: (ip) => ip,
});

async function inject(
  { smtp }: HostNeeds<'smtp'>,
  ip: IpAddress,
  port: number,
  isSubmission: boolean,
  serverName: string | null,
): Promise<InjectionOutcome> {
  const purpose = isSubmission ? 'submission, injection' : 'injection';
  const connection = await smtp.connect(ip, port, { purpose });
  if (connection.status !== 'connected') return { kind: 'unknown', failure: connection };
  const { session } = connection;
  try {
    const { greeting } = session;
    const unseen = (detail: string) => ({ kind: 'unknown', failure: { status: 'closed', detail } }) as const;
    if (greeting.code !== 220) return unseen(`greeted with ${quoteReply(greeting)}`);
    const hello = await session.hello(smtp.probeName);
    if (hello.status !== 'reply') return { kind: 'unknown', failure: hello };
    const result = await session.startTls({ ...sni(serverName), injects: true });
    if (result.status === 'declined') return { kind: 'ignored' };
    if (result.status !== 'secured') return { kind: 'unknown', failure: result };
    if (result.executed === undefined) return unseen('no reply behind the handshake');
    return { kind: result.executed ? 'executed' : 'ignored' };
  } finally {
    await session.quit();
  }
}
