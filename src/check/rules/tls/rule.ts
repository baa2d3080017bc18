/**
 * Checks that mail to this host is encrypted with a certificate that can be verified, and that no password is sent in
 * clear text (RFC 3207, RFC 8314, RFC 9325, RFC 9525). The rule sees the ports that accept mail. It cannot see the host
 * as a client.
 */

import { type Decoy, recogniseDecoy } from '../../../knowledge/mail-servers/decoys.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { quoteReply } from '../../../network/smtp/quote.ts';
import { isHeldBack, isOwnEnd, smtpEvidence } from '../../../network/smtp/types.ts';
import { count } from '../../../report/count.ts';
import { validityOf } from '../../../standards/certificate.ts';
import { IMPLICIT_TLS_PORT } from '../../../standards/submission-ports.ts';
import { greetingText, isDeadSession } from '../../facts/greeting.ts';
import { noGreetingOf } from '../../facts/no-greeting.ts';
import { editedOnTheWay, isOverwrittenAt } from '../../facts/overwritten.ts';
import { type SilentPort, type TlsObservation, tlsEndpoints, type VersionOutcome } from '../../facts/tls-endpoints.ts';
import type { Emit, Finding } from '../finding.ts';
import { heldBack } from '../held-back.ts';
import { noAddress } from '../inconclusive.ts';
import { missingHere } from '../obstacles.ts';
import { defineRule, note, skip } from '../rule.ts';
import { silenceWords, silentAddresses } from '../send-only.ts';
import { tellsOf } from '../turned-away.ts';
import { certificates, leafOf } from './certificates.ts';
import { findings, type VersionsEvidence } from './findings.ts';
import { grouped } from './grouped.ts';
import { mtaOf } from './mta.ts';
import { overwritten } from './overwritten.ts';
import { unnamed } from './unnamed.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'tls',
  title: 'TLS',
  reference: 'RFC 3207',
  findings,
  needs: ['starttls', 'tls-trials'],
  needsSmtp: true,
  security: true,
  judgesAddress: true,
  step: 'encryption',

  async *check(context, finding) {
    const { target, facts, settings, clock } = context;
    const { observations, silent: unanswered } = await facts(tlsEndpoints);
    if (observations.length === 0) {
      if (settings.sendOnly) return skip('--send-only: there is no address to test');
      yield finding('tls/inconclusive', noAddress(target), { about: {} });
      return undefined;
    }
    const silent = await silentAddresses(context);
    const seen = observations.filter(({ endpoint }) => endpoint.isSubmission || !silent.has(endpoint.ip));
    const words = silent.size === 0 ? '' : silenceWords(silent, settings.smtpPort);
    if (seen.length === 0) return skip(words);
    const isEditedHere = observations.some(isOverwrittenAt) ? await editedOnTheWay(facts) : undefined;
    let isClean = true;
    const unused = unanswered.filter(({ ip }) => !silent.has(ip));
    for (const found of [...judge(seen, clock.now(), finding, isEditedHere), ...silentPorts(unused, finding)]) {
      if (found.severity !== 'info') isClean = false;
      yield found;
    }
    const secured = seen.filter(({ tls }) => tls.kind === 'secured');
    if (!isClean && secured.length === 0) return undefined;
    const ports = [...new Set(secured.map(({ endpoint }) => endpoint.port))].join(', ');
    // What the same server shows on another port is no word on the port that was not seen.
    const where = isClean || secured.length === seen.length ? '' : `on port ${ports}: `;
    return note(
      [`${where}${summary(isClean ? seen : secured, clock.now())}`, ...(words === '' ? [] : [words])].join('; '),
    );
  },
});

/** Reports the submission ports that do not answer and that the host may not use. */
function* silentPorts(silent: readonly SilentPort[], finding: Emitter): Generator<Finding> {
  for (const { ip, port, failure } of silent) {
    const endpoints = [{ ip, port, names: [] }];
    yield finding('tls/submission-silent', { endpoints, failure }, { about: { ip, port } });
  }
}

/**
 * Judges the observations. It asks nothing.
 *
 * @param now the time of the run, in milliseconds since the epoch.
 * @param isEditedHere tells whether a firewall of this network edits SMTP on the way to an address.
 */
export function* judge(
  observations: readonly TlsObservation[],
  now: number,
  finding: Emitter,
  isEditedHere: (ip: IpAddress) => boolean = () => false,
): Generator<Finding> {
  const others = observations.filter((seen) => decoyAt(seen) === null);
  yield* offers(others, finding);
  yield* overwritten(others, isEditedHere, finding);
  yield* versions(others, finding);
  yield* certificates(others, now, finding);
  yield* unnamed(others, now, finding);
  yield* passwords(others, finding);
  yield* unseen(others, finding);
  for (const { evidence, detail } of grouped(observations, (seen) => {
    const decoy = decoyAt(seen);
    return decoy === null ? null : { reason: 'decoy' as const, decoy, obstacle: seen.obstacle };
  })) {
    yield finding('tls/inconclusive', evidence, detail);
  }
}

/** @returns the decoy that answers in place of a mail server, or `null`. */
function decoyAt({ greeting }: TlsObservation): Decoy | null {
  return greeting.kind === 'greeted' ? recogniseDecoy(greetingText(greeting)) : null;
}

function* offers(observations: readonly TlsObservation[], finding: Emitter): Generator<Finding> {
  for (const { evidence, detail } of grouped(observations, ({ tls, ...about }) => {
    if (tls.kind !== 'not-offered' || isOverwrittenAt({ tls, ...about })) return null;
    const smtp = smtpEvidence('EHLO', { status: 'reply', reply: tls.hello });
    return { mta: mtaOf(about.greeting), smtp, extensions: tls.hello.lines.slice(1) };
  })) {
    yield finding('tls/no-starttls', evidence, detail);
  }
  for (const { evidence, detail } of grouped(observations, failedHandshake)) {
    yield finding('tls/handshake-failed', evidence, detail);
  }
  for (const { evidence, detail } of grouped(observations, deadSession, 'session')) {
    yield finding('tls/handshake-failed', evidence, detail);
  }
  for (const { evidence, detail } of grouped(observations, ({ tls, greeting }) =>
    tls.kind === 'secured' && tls.hasPlaintext ? { mta: mtaOf(greeting) } : null,
  )) {
    yield finding('tls/plaintext-after-starttls', evidence, detail);
  }
  for (const { evidence, detail } of grouped(observations, ({ injection, greeting }) =>
    injection?.kind === 'executed' ? { mta: mtaOf(greeting) } : null,
  )) {
    yield finding('tls/command-injection', evidence, detail);
  }
}

/** Finds a handshake that succeeds, and a server that then does not answer EHLO with 250. */
function deadSession({ tls, greeting }: TlsObservation) {
  if (tls.kind !== 'secured' || !isDeadSession(tls) || isOwnEnd(tls.hello.status)) return null;
  const { hello } = tls;
  const said = hello.status === 'reply' ? quoteReply(hello.reply) : hello.detail;
  const detail = `the handshake succeeds, but then EHLO fails (${said})`;
  return { mta: mtaOf(greeting), detail, errno: null, versions: versionsEvidence([]), isBehindTls: true };
}

function failedHandshake(observation: TlsObservation) {
  const { tls, versions, greeting, unnamed } = observation;
  const mta = mtaOf(greeting);
  const tried = versionsEvidence(versions);
  if (tls.kind === 'declined') {
    if (isOverwrittenAt(observation)) return null;
    const detail = `the server answers STARTTLS with ${quoteReply(tls.reply)}`;
    return { mta, detail, errno: null, versions: tried };
  }
  if (tls.kind !== 'failed' || isOwnEnd(tls.failure.status) || isTooOld(versions)) return null;
  const bare = unnamed?.kind === 'secured' ? `, but it succeeds without SNI` : '';
  return { mta, detail: `${tls.failure.detail}${bare}`, errno: tls.failure.errno ?? null, versions: tried };
}

function* versions(observations: readonly TlsObservation[], finding: Emitter): Generator<Finding> {
  for (const { evidence, detail } of grouped(observations, ({ versions, greeting }) =>
    isTooOld(versions) ? { mta: mtaOf(greeting), versions: versionsEvidence(versions) } : null,
  )) {
    yield finding('tls/protocol-too-old', evidence, detail);
  }
  for (const { evidence, detail } of grouped(observations, ({ versions, greeting }) => {
    const legacy = versions.filter(({ version }) => isLegacy(version));
    const { accepted, refused } = versionsEvidence(legacy);
    if (accepted.length === 0 || isTooOld(versions)) return null;
    return { mta: mtaOf(greeting), versions: { accepted, refused } };
  })) {
    yield finding('tls/legacy-enabled', evidence, detail);
  }
  for (const { evidence, detail } of grouped(observations, ({ weakSuite, tls, greeting }) => {
    const cipher = weakSuite ?? smallGroup(tls);
    return cipher === null ? null : { mta: mtaOf(greeting), cipher };
  })) {
    yield finding('tls/weak-cipher', evidence, detail);
  }
}

/** @returns the cipher suite and the size of a Diffie-Hellman group below 2048 bits (RFC 9325 §4.1), else `null`. */
function smallGroup(tls: TlsObservation['tls']): string | null {
  if (tls.kind !== 'secured') return null;
  const { type, size = 0 } = tls.tls.keyExchange;
  return type === 'DH' && size < 2048 ? `${tls.tls.cipher} with DH of ${size} bits` : null;
}

const isLegacy = (version: string): boolean => version === 'TLSv1' || version === 'TLSv1.1';

function isTooOld(versions: readonly VersionOutcome[]): boolean {
  const accepted = versions.filter(({ outcome }) => outcome === 'accepted');
  const modern = versions.filter(({ version }) => !isLegacy(version));
  return accepted.some(({ version }) => isLegacy(version)) && modern.every(({ outcome }) => outcome === 'refused');
}

function versionsEvidence(versions: readonly VersionOutcome[]): VersionsEvidence {
  const having = (outcome: VersionOutcome['outcome']) =>
    versions.filter((tried) => tried.outcome === outcome).map(({ version }) => versionText(version));
  return { accepted: having('accepted'), refused: having('refused') };
}

/** @returns a TLS version as people write it: `TLSv1` → `TLS 1.0`, `TLSv1.2` → `TLS 1.2`. */
function versionText(version: string): string {
  return version === 'TLSv1' ? 'TLS 1.0' : version.replace('TLSv', 'TLS ');
}

/** The mechanisms that send the secret itself (RFC 4616, RFC 7628), unlike challenge-response mechanisms. */
const CLEAR_TEXT = ['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'];

function* passwords(observations: readonly TlsObservation[], finding: Emitter): Generator<Finding> {
  for (const { evidence, detail } of grouped(observations, ({ greeting, tls, endpoint }) => {
    const isImplicit = endpoint.port === IMPLICIT_TLS_PORT;
    const offered = greeting.kind === 'greeted' && !isImplicit ? greeting.extensions.get('AUTH') : undefined;
    const mechanisms = [...new Set((offered ?? '').toUpperCase().split(/\s+/))].filter((word) =>
      CLEAR_TEXT.includes(word),
    );
    if (mechanisms.length === 0) return null;
    return { mta: mtaOf(greeting), mechanisms, offersTls: tls.kind !== 'not-offered' };
  })) {
    yield finding('tls/plaintext-auth', evidence, detail);
  }
}

function* unseen(observations: readonly TlsObservation[], finding: Emitter): Generator<Finding> {
  const seenNames = observations
    .filter(({ tls }) => tls.kind !== 'unreached')
    .flatMap(({ endpoint }) => endpoint.names);
  for (const { evidence, detail } of grouped(observations, ({ tls, endpoint, obstacle }) => {
    const ended = tls.kind === 'failed' ? tls.failure : tls.kind === 'secured' ? tls.hello : null;
    if (ended !== null && ended.status !== 'reply' && isHeldBack(ended.status)) {
      return { reason: ended.status, ...heldBack(ended) };
    }
    if (ended !== null && ended.status !== 'reply' && isOwnEnd(ended.status)) {
      return { reason: 'aborted' as const, detail: ended.detail };
    }
    if (tls.kind !== 'unreached' || isPlanned(tls.greeting, endpoint.names, seenNames)) return null;
    return { ...whyUnreached(tls.greeting, endpoint.ip), obstacle };
  })) {
    yield finding('tls/inconclusive', evidence, detail);
  }
  for (const { evidence, detail } of grouped(
    observations,
    ({ tls }) =>
      tls.kind === 'secured' && tls.tls.chain.length === 0
        ? { reason: 'no-certificate' as const, detail: tls.tls.cipher }
        : null,
    'certificate',
  )) {
    yield finding('tls/inconclusive', evidence, detail);
  }
  for (const { evidence, detail } of grouped(
    observations,
    ({ untriedNames }) =>
      untriedNames.length === 0 ? null : { reason: 'names-untried' as const, untriedNames, detail: '' },
    'names',
  )) {
    yield finding('tls/inconclusive', evidence, detail);
  }
  for (const { evidence, detail } of grouped(
    observations,
    ({ weakSuiteUnknown, tls }) =>
      weakSuiteUnknown === null || isHeldBack(weakSuiteUnknown.status) || isDeadSession(tls)
        ? null
        : { reason: 'versions-unknown' as const, versions: ['weak cipher suites'], detail: weakSuiteUnknown.detail },
    'weak-suites',
  )) {
    yield finding('tls/inconclusive', evidence, detail);
  }
  for (const { evidence, detail } of grouped(
    observations,
    ({ injection }) =>
      injection?.kind !== 'unknown' || isHeldBack(injection.failure.status)
        ? null
        : { reason: 'injection-unknown' as const, detail: injection.failure.detail },
    'injection',
  )) {
    yield finding('tls/inconclusive', evidence, detail);
  }
  for (const { evidence, detail } of grouped(observations, heldBackTrials, 'trials')) {
    yield finding('tls/inconclusive', evidence, detail);
  }
  for (const [outcome, reason] of [
    ['unknown', 'versions-unknown'],
    ['untestable', 'versions-untestable'],
  ] as const) {
    const untold = ({ versions, tls }: TlsObservation) => {
      // A failed handshake and a dead session have their own findings. The failure of each version adds nothing.
      if (tls.kind !== 'secured' || isDeadSession(tls)) return null;
      const open = versions.filter((tried) => tried.outcome === outcome && !isOfHeldBack(tried));
      if (open.length === 0) return null;
      return { reason, versions: open.map(({ version }) => versionText(version)), detail: open[0]?.detail ?? '' };
    };
    for (const { evidence, detail } of grouped(observations, untold, reason)) {
      yield finding('tls/inconclusive', evidence, detail);
    }
  }
}

function isOfHeldBack({ failure }: VersionOutcome): boolean {
  return failure !== undefined && isHeldBack(failure.status);
}

/** Finds the trials that the host did not let this client make. They are told as one, with their one cause. */
function heldBackTrials({ tls, versions, weakSuiteUnknown, unnamed, injection }: TlsObservation) {
  if (tls.kind !== 'secured') return null;
  const withoutName = unnamed?.kind === 'unknown' ? unnamed.failure : null;
  const injected = injection?.kind === 'unknown' ? injection.failure : null;
  for (const failure of [...versions.map((tried) => tried.failure), weakSuiteUnknown, withoutName, injected]) {
    if (failure && isHeldBack(failure.status)) return { reason: failure.status, ...heldBack(failure) };
  }
  return null;
}

/** @returns whether the address is in a planned record only, for a host that was seen at another address. */
function isPlanned(
  greeting: TlsObservation['greeting'],
  names: readonly string[],
  seenNames: readonly string[],
): boolean {
  const isUnasked = greeting.kind === 'failed' && greeting.failure.status === 'unasked';
  return isUnasked && names.some((name) => seenNames.includes(name));
}

/** @returns the reason why a dialogue did not come as far as TLS, with what the host or the system says. */
function whyUnreached(greeting: TlsObservation['greeting'], ip: string) {
  switch (greeting.kind) {
    case 'failed': {
      const { status, detail } = greeting.failure;
      if (isHeldBack(status)) return { reason: status, ...heldBack(greeting.failure) };
      const seen = noGreetingOf(greeting.failure);
      if (seen !== null && seen.does !== 'unfinished') return { reason: 'no-greeting', seen, detail } as const;
      if (status === 'no-route') return { reason: status, detail: missingHere(ip, detail) } as const;
      if (status === 'forbidden' || status === 'aborted') return { reason: status, detail } as const;
      return { reason: 'unreached', detail } as const;
    }
    case 'rejected':
      return { reason: 'rejected', detail: quoteReply(greeting.reply), tells: tellsOf(greeting.reply) } as const;
    case 'greeted': {
      const { hello } = greeting;
      if (hello.status === 'reply') {
        return { reason: 'rejected', detail: `EHLO: ${quoteReply(hello.reply)}`, tells: tellsOf(hello.reply) } as const;
      }
      if (isHeldBack(hello.status)) return { reason: hello.status, ...heldBack(hello) };
      return { reason: hello.status === 'aborted' ? 'aborted' : 'dialogue-lost', detail: hello.detail } as const;
    }
  }
}

function summary(observations: readonly TlsObservation[], now: number): string {
  const secured = observations.flatMap(({ tls }) => (tls.kind === 'secured' ? [tls] : []));
  const protocols = [...new Set(secured.map(({ tls }) => versionText(tls.protocol)))].sort();
  if (secured.length === 0) return 'nothing listens on the mail ports';
  const days = secured.map(({ tls }) => validityOf(leafOf(tls), now).daysLeft);
  const untried = observations.filter(({ tls, versions }) => tls.kind === 'secured' && versions.length === 0).length;
  const others =
    untried === 0 ? '' : `; other TLS versions not tested at ${count(untried, 'more address', 'more addresses')}`;
  return `${protocols.join(', ')}; certificate valid for ${count(Math.min(...days), 'more day', 'more days')}${others}`;
}
