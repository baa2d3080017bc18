/**
 * Judges the certificates of the MX hosts as senders that follow MTA-STS do (RFC 8461 §4.1, §4.2): STARTTLS is offered, and
 * the certificate is for the name of the host and leads to a public root.
 */
import type { IpAddress } from '../../../network/ip.ts';
import { isHeldBack, type SmtpFailure, type TlsDetails } from '../../../network/smtp/types.ts';
import { covers, trustOf } from '../../../standards/certificate.ts';
import type { UsablePolicy } from '../../../standards/mta-sts/policy.ts';
import { type Greeting, greeting, isDeadSession, overwrittenIn, type TlsFact, tls } from '../../facts/greeting.ts';
import { tlsNamed } from '../../facts/handshake.ts';
import { hostObstacle } from '../../facts/host-obstacle.ts';
import type { MtaSts } from '../../facts/mta-sts.ts';
import { answersBehind, type MailHost, type MailRoute } from '../../facts/mx.ts';
import { tlsEndpoints } from '../../facts/tls-endpoints.ts';
import { tlsaPublished } from '../../facts/tlsa-published.ts';
import { whyNoSmtp } from '../connections.ts';
import { type Finding, questionsOf } from '../finding.ts';
import { heldBack } from '../held-back.ts';
import type { Context } from '../rule.ts';
import type { Emitter, HostFault } from './findings.ts';

/** What one address of an MX host shows. */
type Shown =
  | { readonly kind: 'good' }
  | { readonly kind: 'faulty'; readonly fault: HostFault; readonly detail: string }
  | { readonly kind: 'untested'; readonly detail: string }
  /** Another name of the address was sent as SNI, and this one was not tried. */
  | { readonly kind: 'untried' }
  | { readonly kind: 'held-back'; readonly failure: Parameters<typeof heldBack>[0] }
  /** A host that only planned records lead to. */
  | { readonly kind: 'unasked' };

interface Judged {
  readonly policy: UsablePolicy;
  readonly route: MailRoute;
  readonly read: MtaSts;
}

/** Judges the hosts that the policy names. No sender delivers to the others. */
export async function* judgeCertificates(
  hosts: readonly { readonly host: MailHost; readonly pattern: string }[],
  { policy, route, read }: Judged,
  context: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  // The host that is tested does not receive, and other MX hosts are not tested either.
  if (context.settings.sendOnly || whyNoSmtp(context.settings) !== null) return;
  const all = await Promise.all(hosts.map(async ({ host }) => ({ host, seen: await shownBy(host, context) })));
  for (const { host, seen } of all) {
    const { name } = host;
    const rests = questionsOf(...answersBehind(route, [host]), read.txt);
    const detail = { about: { name }, rests, isOfHost: true } as const;
    const faults = seen.flatMap(({ ip, shown }) =>
      shown.kind === 'faulty' ? [{ ip, fault: shown.fault, detail: shown.detail }] : [],
    );
    if (faults.length > 0) {
      const hasTlsa = await context.facts(tlsaPublished, name);
      const severity = policy.mode === 'enforce' ? 'error' : 'warning';
      yield finding(
        'mta-sts/mx-cert-invalid',
        { mode: policy.mode, host: name, faults, hasTlsa },
        { ...detail, severity },
      );
    }
    yield* untested(host, seen, context, finding, detail);
  }
}

type Seen = readonly { readonly ip: IpAddress; readonly shown: Shown }[];

async function* untested(
  { name }: MailHost,
  seen: Seen,
  { facts }: Context,
  finding: Emitter,
  detail: { readonly rests: ReturnType<typeof questionsOf>; readonly isOfHost: true },
): AsyncGenerator<Finding> {
  const addresses = seen.flatMap(({ ip, shown }) => (shown.kind === 'untested' ? [{ ip, detail: shown.detail }] : []));
  const [first] = addresses;
  if (first !== undefined) {
    const obstacles = await Promise.all(addresses.map(({ ip }) => facts(hostObstacle, ip)));
    const obstacle = obstacles.find((one) => one !== null) ?? null;
    const evidence = { reason: 'mx-untested', host: name, addresses, obstacle } as const;
    yield finding('mta-sts/inconclusive', evidence, { ...detail, about: { name, item: evidence.reason } });
  }
  const untried = seen.filter(({ shown }) => shown.kind === 'untried').map(({ ip }) => ip);
  if (untried.length > 0) {
    const evidence = { reason: 'name-untried', host: name, ips: untried } as const;
    yield finding('mta-sts/inconclusive', evidence, { ...detail, about: { name, item: evidence.reason } });
  }
  for (const { ip, shown } of seen) {
    if (shown.kind !== 'held-back' || !isHeldBack(shown.failure.status)) continue;
    const evidence = { reason: shown.failure.status, host: name, ip, ...heldBack(shown.failure) };
    yield finding('mta-sts/inconclusive', evidence, { ...detail, about: { name, item: `${evidence.reason} ${ip}` } });
  }
}

function shownBy(host: MailHost, context: Context): Promise<Seen> {
  return Promise.all(host.addresses.map(async (ip) => ({ ip, shown: await shownAt(ip, host.name, context) })));
}

async function shownAt(ip: IpAddress, name: string, context: Context): Promise<Shown> {
  const { facts } = context;
  const seen = await facts(tls, ip);
  if (seen.kind === 'unreached') return unreached(seen.greeting);
  if ((await facts(hostObstacle, ip))?.why === 'decoy') return { kind: 'untested', detail: 'not a mail server' };
  switch (seen.kind) {
    case 'not-offered':
      // The firewall may be in this network. The tls rule finds that out.
      if (overwrittenIn(await facts(greeting, ip)).length > 0) {
        return { kind: 'untested', detail: 'a firewall on the way overwrites STARTTLS' };
      }
      return { kind: 'faulty', fault: 'no-starttls', detail: 'the reply to EHLO has no STARTTLS' };
    case 'declined':
      return { kind: 'faulty', fault: 'no-starttls', detail: `STARTTLS is answered with ${seen.reply.code}` };
    case 'failed':
      return failed(seen.failure);
    case 'secured':
      return secured(seen, ip, name, context);
  }
}

function failed(failure: SmtpFailure): Shown {
  if (isHeldBack(failure.status)) return { kind: 'held-back', failure };
  // The end of the connection is no answer. Only a failed handshake is.
  if (failure.status !== 'tls-failed') return { kind: 'untested', detail: failure.detail };
  return { kind: 'faulty', fault: 'handshake', detail: failure.detail };
}

async function secured(
  seen: Extract<TlsFact, { kind: 'secured' }>,
  ip: IpAddress,
  name: string,
  { facts, clock }: Context,
): Promise<Shown> {
  const { hello } = seen;
  if (isDeadSession(seen)) {
    if (hello.status !== 'reply' && isHeldBack(hello.status)) return { kind: 'held-back', failure: hello };
    return { kind: 'untested', detail: hello.status === 'reply' ? `EHLO: ${hello.reply.code}` : hello.detail };
  }
  const first = judgeChain(seen.tls, name, clock.now());
  if (first.kind === 'good' || seen.serverName === name) return first;
  // The name of another MX host was sent. The server may have a certificate for each.
  const { observations } = await facts(tlsEndpoints);
  const one = observations.find(({ endpoint }) => endpoint.ip === ip && !endpoint.isSubmission);
  if (one === undefined || one.untriedNames.includes(name)) return { kind: 'untried' };
  const named = await facts(tlsNamed, ip, name);
  return 'tls' in named ? judgeChain(named.tls, name, clock.now()) : failed(named.failure);
}

/** Judges the certificates that a host shows to a sender that expects the name. */
function judgeChain(details: TlsDetails, name: string, now: number): Shown {
  const trust = trustOf(details, now);
  if (trust !== 'trusted') return { kind: 'faulty', fault: trust, detail: details.trustError ?? 'unknown' };
  const [leaf] = details.chain;
  if (leaf === undefined) return { kind: 'faulty', fault: 'no-certificate', detail: details.cipher };
  return covers(leaf, name) ? { kind: 'good' } : { kind: 'faulty', fault: 'name', detail: leaf.subjectAltName ?? '' };
}

function unreached(seen: Greeting): Shown {
  switch (seen.kind) {
    case 'failed': {
      const { failure } = seen;
      if (failure.status === 'unasked') return { kind: 'unasked' };
      return isHeldBack(failure.status) ? { kind: 'held-back', failure } : { kind: 'untested', detail: failure.detail };
    }
    case 'rejected':
      return { kind: 'untested', detail: `greeted with ${seen.reply.code}` };
    case 'greeted': {
      const { hello } = seen;
      if (hello.status === 'reply') return { kind: 'untested', detail: `EHLO is answered with ${hello.reply.code}` };
      return isHeldBack(hello.status)
        ? { kind: 'held-back', failure: hello }
        : { kind: 'untested', detail: hello.detail };
    }
  }
}
