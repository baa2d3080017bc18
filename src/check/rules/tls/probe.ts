/** Gathers what TLS shows on the ports where a host takes mail. Judges nothing. */

import type { IpAddress } from '../../../network/ip.ts';
import type { SmtpFailure, TlsDetails, TlsOptions } from '../../../network/smtp/types.ts';
import { type Greeting, greeting, submissionTls, type TlsFact, tls } from '../../facts/greeting.ts';
import { heloName } from '../../facts/helo-name.ts';
import { mailRoute } from '../../facts/mx.ts';
import { IMPLICIT_TLS_PORT, submissionPorts } from '../../facts/submission.ts';
import type { Context } from '../rule.ts';
import { covers } from './certificate.ts';

export interface Endpoint {
  readonly ip: IpAddress;
  readonly port: number;
  /** Submission (RFC 6409): clients of the host's own users, not other mail servers. */
  readonly isSubmission: boolean;
  /** Whether the address is one of those given to test. */
  readonly isTested: boolean;
  /** The names that senders look for in the certificate: of the MX, or the HELO name. */
  readonly names: readonly string[];
}

export const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type Version = (typeof VERSIONS)[number];

export interface VersionOutcome {
  readonly version: Version;
  /** `untestable`: this machine's TLS library cannot speak it. */
  readonly outcome: 'accepted' | 'refused' | 'unknown' | 'untestable';
  readonly detail: string;
  readonly tls?: TlsDetails;
}

export interface Observation {
  readonly endpoint: Endpoint;
  readonly greeting: Greeting;
  readonly tls: TlsFact;
  /** Empty where versions were not tried one by one. */
  readonly versions: readonly VersionOutcome[];
  /** The suite agreed on when only weak ones were offered; `null` when none was. */
  readonly weakSuite: string | null;
  /** Names that no certificate covers, by whatever name it is asked for. */
  readonly uncovered: readonly string[];
}

/** RFC 9325 §4.1. Level 0 makes OpenSSL offer what it otherwise keeps to itself, so that a refusal is the server's. */
const LEGACY = 'DEFAULT@SECLEVEL=0';
const WEAK_SUITES = 'eNULL:RC4:3DES:EXPORT:DES';
/** Suites without authentication do no harm between mail servers, which do not authenticate each other (RFC 7435). */
const ANONYMOUS_SUITES = 'aNULL';
/** MX hosts besides the tested ones whose versions are tried; large domains have a dozen, all alike. */
const MAX_OTHER_HOSTS = 3;
/** Names of one address beyond the first that are asked for in connections of their own. */
const MAX_OTHER_NAMES = 3;

export async function observeAll(context: Context): Promise<Observation[]> {
  const { target, facts, settings } = context;
  const { hosts } = settings.sendOnly ? { hosts: [] } : await facts(mailRoute);
  const mxAddresses = hosts.flatMap(({ addresses }) => addresses);
  // Those that are not public are refused by the client, and that is said like any other failure.
  const others = [...new Set(mxAddresses)].filter((ip) => !target.ips.includes(ip));
  const firstOfOthers = hosts
    .filter(({ addresses }) => !addresses.some((ip) => target.ips.includes(ip)))
    .slice(0, MAX_OTHER_HOSTS)
    .map(({ addresses }) => addresses[0]);
  const mail = [...target.ips, ...others].map(async (ip) => {
    const isTested = target.ips.includes(ip);
    const exchanges = hosts.filter(({ addresses }) => addresses.includes(ip)).map(({ name }) => name);
    const names = exchanges.length > 0 ? exchanges : await heloNames(context, ip);
    const endpoint = { ip, port: settings.smtpPort, isSubmission: false, isTested, names };
    const [greeted, secured] = await Promise.all([facts(greeting, ip), facts(tls, ip)]);
    return observe(context, endpoint, greeted, secured, isTested || firstOfOthers.includes(ip));
  });
  const submission = target.ips.flatMap((ip) =>
    submissionPorts(settings, ip).map(async (port): Promise<Observation | null> => {
      const dialogue = await facts(submissionTls, ip, port);
      if (dialogue.greeting.kind === 'failed' && dialogue.greeting.failure.connected !== true) return null;
      const endpoint = { ip, port, isSubmission: true, isTested: true, names: [] };
      return observe(context, endpoint, dialogue.greeting, dialogue.tls, true);
    }),
  );
  return (await Promise.all([...mail, ...submission])).filter((observation) => observation !== null);
}

async function heloNames({ facts }: Context, ip: IpAddress): Promise<string[]> {
  const { name } = await facts(heloName, ip);
  return name === null || name.startsWith('[') ? [] : [name];
}

async function observe(
  context: Context,
  endpoint: Endpoint,
  greeting: Greeting,
  tls: TlsFact,
  isThorough: boolean,
): Promise<Observation> {
  const observed = { endpoint, greeting, tls, versions: [], weakSuite: null, uncovered: [] };
  const isTls = tls.kind === 'secured' || (tls.kind === 'failed' && tls.failure.status !== 'aborted');
  if (!isTls) return observed;
  const { serverName } = tls;
  // Without a handshake, the versions tell why.
  const tryVersions = isThorough || tls.kind === 'failed';
  const [versions, weakSuite, uncovered] = await Promise.all([
    Promise.all(tryVersions ? VERSIONS.map((version) => tryVersion(context, endpoint, tls, version)) : []),
    isThorough && tls.kind === 'secured' ? tryWeakSuites(context, endpoint, serverName) : null,
    tls.kind === 'secured' ? uncoveredNames(context, endpoint, tls.tls) : [],
  ]);
  return { ...observed, versions, weakSuite, uncovered };
}

async function tryVersion(
  context: Context,
  endpoint: Endpoint,
  known: Extract<TlsFact, { kind: 'secured' | 'failed' }>,
  version: Version,
): Promise<VersionOutcome> {
  if (known.kind === 'secured' && known.tls.protocol === version) {
    return { version, outcome: 'accepted', detail: known.tls.cipher, tls: known.tls };
  }
  const options = { minVersion: version, maxVersion: version, ciphers: LEGACY };
  if (!(await context.smtp.canOffer(options)))
    return { version, outcome: 'untestable', detail: 'not known to this machine’s OpenSSL' };
  const result = await handshake(context, endpoint, version, { ...options, ...sni(known.serverName) });
  if ('tls' in result) return { version, outcome: 'accepted', detail: result.tls.cipher, tls: result.tls };
  // The server's alert, or that it hung up during the handshake: its word either way.
  const isRefusal = result.failure.status === 'tls-failed';
  return { version, outcome: isRefusal ? 'refused' : 'unknown', detail: result.failure.detail };
}

async function tryWeakSuites(context: Context, endpoint: Endpoint, serverName: string | null): Promise<string | null> {
  const suites = endpoint.isSubmission ? `${WEAK_SUITES}:${ANONYMOUS_SUITES}` : WEAK_SUITES;
  const options = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: `${suites}:@SECLEVEL=0` } as const;
  if (!(await context.smtp.canOffer(options))) return null;
  const result = await handshake(context, endpoint, 'weak suites', { ...options, ...sni(serverName) });
  return 'tls' in result ? result.tls.cipher : null;
}

/** A host of several names may hold a certificate for each: those the first does not cover are asked for by name. */
async function uncoveredNames(context: Context, endpoint: Endpoint, { chain }: TlsDetails): Promise<string[]> {
  const [leaf] = chain;
  if (leaf === undefined) return [];
  const [first, ...rest] = endpoint.names;
  const missing = rest.filter((name) => !covers(leaf, name)).slice(0, MAX_OTHER_NAMES);
  const results = await Promise.all(
    missing.map(async (name) => {
      const result = await handshake(context, endpoint, `certificate for ${name}`, sni(name));
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

/** One connection for one handshake, ended by QUIT. */
async function handshake(
  { smtp }: Context,
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
