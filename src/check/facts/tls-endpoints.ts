/**
 * What TLS shows on each port where the host takes mail: the handshake, and where it is worth it, which versions, weak
 * suites and certificates the server accepts or holds besides.
 */
import type { DnsAnswer } from '../../network/dns/answer.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { SmtpFailure, TlsDetails, TlsOptions } from '../../network/smtp/types.ts';
import { covers } from '../../standards/certificate.ts';
import { IMPLICIT_TLS_PORT } from '../../standards/submission-ports.ts';
import { fact, type Needs } from './fact.ts';
import { type DialogueSources, type Greeting, greeting, submissionTls, type TlsFact, tls } from './greeting.ts';
import { heloName } from './helo-name.ts';
import { answersBehind, type MailRoute, mailRoute } from './mx.ts';
import { submissionPorts } from './submission.ts';

/** One address and port. */
export interface Endpoint {
  readonly ip: IpAddress;
  readonly port: number;
  /** Whether it is for submission (RFC 6409), by the host's own users rather than by other mail servers. */
  readonly isSubmission: boolean;
  /** Whether the address is one of those given to test. */
  readonly isTested: boolean;
  /** The names that senders look for in the certificate: those of the MX hosts, else the HELO name. */
  readonly names: readonly string[];
  /** The DNS answers by which senders come to this endpoint; empty where no MX host has the address. */
  readonly leads: readonly DnsAnswer[];
}

export const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type Version = (typeof VERSIONS)[number];

/** What became of an attempt to connect with one version alone. */
export interface VersionOutcome {
  readonly version: Version;
  /** `untestable`: this machine's TLS library cannot speak it. */
  readonly outcome: 'accepted' | 'refused' | 'unknown' | 'untestable';
  readonly detail: string;
  readonly tls?: TlsDetails;
}

/** What one endpoint shows. */
export interface TlsObservation {
  readonly endpoint: Endpoint;
  readonly greeting: Greeting;
  readonly tls: TlsFact;
  /** Empty where versions were not tried one by one. */
  readonly versions: readonly VersionOutcome[];
  /** The suite agreed on when only weak ones were offered; `null` when none was. */
  readonly weakSuite: string | null;
  /** Names that no certificate of the server covers, whichever name is sent as SNI. */
  readonly uncovered: readonly string[];
}

/** Level 0 makes OpenSSL offer the old versions and suites too, so that a refusal is the server's. */
const LEGACY = 'DEFAULT@SECLEVEL=0';
/** RFC 9325 §4.1. */
const WEAK_SUITES = 'eNULL:RC4:3DES:EXPORT:DES';
/** Suites without authentication do no harm between mail servers, which do not authenticate each other (RFC 7435). */
const ANONYMOUS_SUITES = 'aNULL';
/** How many MX hosts besides the tested ones have their versions tried. Large domains have a dozen, all alike. */
const MAX_OTHER_HOSTS = 3;
/** How many names of one address, beyond the first, are asked for in connections of their own. */
const MAX_OTHER_NAMES = 3;

type TlsNeeds = Needs<DialogueSources>;

/** What TLS shows on the mail ports of the tested addresses and the other MX hosts, and on the open submission ports. */
export const tlsEndpoints = fact(async (needs: TlsNeeds): Promise<TlsObservation[]> => {
  const { target, facts, settings } = needs;
  const route = settings.sendOnly ? null : await facts(mailRoute);
  const hosts = route?.hosts ?? [];
  const mxAddresses = hosts.flatMap(({ addresses }) => addresses);
  // The client refuses addresses that are not public, and the observation says so as of any other failure.
  const others = [...new Set(mxAddresses)].filter((ip) => !target.ips.includes(ip));
  const firstOfOthers = hosts
    .filter(({ addresses }) => !addresses.some((ip) => target.ips.includes(ip)))
    .slice(0, MAX_OTHER_HOSTS)
    .map(({ addresses }) => addresses[0]);
  const mail = [...target.ips, ...others].map(async (ip) => {
    const isTested = target.ips.includes(ip);
    const names = await namesOf(needs, route, ip);
    const endpoint = { ip, port: settings.smtpPort, isSubmission: false, isTested, ...names };
    const [greeted, secured] = await Promise.all([facts(greeting, ip), facts(tls, ip)]);
    return observe(needs, endpoint, greeted, secured, isTested || firstOfOthers.includes(ip));
  });
  const submission = target.ips.flatMap((ip) =>
    submissionPorts(settings, ip).map(async (port): Promise<TlsObservation | null> => {
      const dialogue = await facts(submissionTls, ip, port);
      if (dialogue.greeting.kind === 'failed' && dialogue.greeting.failure.connected !== true) return null;
      const endpoint = { ip, port, isSubmission: true, isTested: true, names: [], leads: [] };
      return observe(needs, endpoint, dialogue.greeting, dialogue.tls, true);
    }),
  );
  return (await Promise.all([...mail, ...submission])).filter((observation) => observation !== null);
});

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
  const observed = { endpoint, greeting, tls, versions: [], weakSuite: null, uncovered: [] };
  const isTls = tls.kind === 'secured' || (tls.kind === 'failed' && tls.failure.status !== 'aborted');
  if (!isTls) return observed;
  const { serverName } = tls;
  // Where the handshake failed, the versions may tell why.
  const tryVersions = isThorough || tls.kind === 'failed';
  const [versions, weakSuite, uncovered] = await Promise.all([
    Promise.all(tryVersions ? VERSIONS.map((version) => tryVersion(needs, endpoint, tls, version)) : []),
    isThorough && tls.kind === 'secured' ? tryWeakSuites(needs, endpoint, serverName) : null,
    tls.kind === 'secured' ? uncoveredNames(needs, endpoint, tls.tls) : [],
  ]);
  return { ...observed, versions, weakSuite, uncovered };
}

async function tryVersion(
  needs: TlsNeeds,
  endpoint: Endpoint,
  known: Extract<TlsFact, { kind: 'secured' | 'failed' }>,
  version: Version,
): Promise<VersionOutcome> {
  if (known.kind === 'secured' && known.tls.protocol === version) {
    return { version, outcome: 'accepted', detail: known.tls.cipher, tls: known.tls };
  }
  const options = { minVersion: version, maxVersion: version, ciphers: LEGACY };
  if (!(await needs.smtp.canOffer(options)))
    return { version, outcome: 'untestable', detail: 'not known to this machine’s OpenSSL' };
  const result = await handshake(needs, endpoint, version, { ...options, ...sni(known.serverName) });
  if ('tls' in result) return { version, outcome: 'accepted', detail: result.tls.cipher, tls: result.tls };
  // The server sent an alert or hung up during the handshake: it refuses either way.
  const isRefusal = result.failure.status === 'tls-failed';
  return { version, outcome: isRefusal ? 'refused' : 'unknown', detail: result.failure.detail };
}

async function tryWeakSuites(needs: TlsNeeds, endpoint: Endpoint, serverName: string | null): Promise<string | null> {
  const suites = endpoint.isSubmission ? `${WEAK_SUITES}:${ANONYMOUS_SUITES}` : WEAK_SUITES;
  const options = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: `${suites}:@SECLEVEL=0` } as const;
  if (!(await needs.smtp.canOffer(options))) return null;
  const result = await handshake(needs, endpoint, 'weak suites', { ...options, ...sni(serverName) });
  return 'tls' in result ? result.tls.cipher : null;
}

/** A host with several names may hold a certificate for each: a name that the first does not cover is sent as SNI. */
async function uncoveredNames(needs: TlsNeeds, endpoint: Endpoint, { chain }: TlsDetails): Promise<string[]> {
  const [leaf] = chain;
  if (leaf === undefined) return [];
  const [first, ...rest] = endpoint.names;
  const missing = rest.filter((name) => !covers(leaf, name)).slice(0, MAX_OTHER_NAMES);
  const results = await Promise.all(
    missing.map(async (name) => {
      const result = await handshake(needs, endpoint, `certificate for ${name}`, sni(name));
      const own = 'tls' in result ? result.tls.chain[0] : undefined;
      return own !== undefined && covers(own, name) ? null : name;
    }),
  );
  const uncovered = results.filter((name) => name !== null);
  return first === undefined || covers(leaf, first) ? uncovered : [first, ...uncovered];
}

function sni(serverName: string | null): TlsOptions {
  return serverName === null ? {} : { servername: serverName };
}

/** Makes one connection for one handshake, and ends it by QUIT. */
async function handshake(
  { smtp }: TlsNeeds,
  { ip, port, isSubmission }: Endpoint,
  trial: string,
  options: TlsOptions,
): Promise<{ tls: TlsDetails } | { failure: SmtpFailure }> {
  const isImplicit = port === IMPLICIT_TLS_PORT;
  const purpose = isSubmission ? `submission, ${trial}` : trial;
  const connection = await smtp.connect(ip, port, isImplicit ? { purpose, implicitTls: options } : { purpose });
  if (connection.status !== 'connected') return { failure: connection };
  const { session } = connection;
  try {
    if (session.tls) return { tls: session.tls };
    const { code } = session.greeting;
    if (code !== 220) return { failure: { status: 'closed', detail: `greeted with ${code}` } };
    const hello = await session.hello(smtp.probeName);
    if (hello.status !== 'reply') return { failure: hello };
    const result = await session.startTls(options);
    if (result.status === 'secured') return { tls: result.tls };
    return {
      failure: result.status === 'declined' ? { status: 'closed', detail: `STARTTLS: ${result.reply.code}` } : result,
    };
  } finally {
    await session.quit();
  }
}
