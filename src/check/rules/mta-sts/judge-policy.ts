/** Judges the way to the policy, and the policy file itself. */
import { isFailure, queryEvidence } from '../../../network/dns/answer.ts';
import type { HttpsFailure, HttpsOutcome } from '../../../network/https/types.ts';
import { specialPurpose } from '../../../network/ip.ts';
import { certificateEvidence, trustOf } from '../../../standards/certificate.ts';
import { policyHost, policyUrl } from '../../../standards/mta-sts/places.ts';
import { isFatal } from '../../../standards/mta-sts/policy.ts';
import type { MtaSts } from '../../facts/mta-sts.ts';
import { type Finding, type FindingDetail, questionsOf } from '../finding.ts';
import type { Context } from '../rule.ts';
import type { Emitter, UnreachableEvidence } from './findings.ts';

/** The number of defects shown as evidence. */
const MAX_SHOWN = 10;

function detailOf({ txt, hostAnswers }: MtaSts, name: string): FindingDetail {
  return { about: { name }, rests: questionsOf(txt, ...hostAnswers) };
}

/** Reports why senders cannot fetch the policy, or why it could not be fetched from here. */
export function* judgeFetch(read: MtaSts, { target, clock }: Context, finding: Emitter): Generator<Finding> {
  const host = policyHost(target.domain);
  const detail = detailOf(read, host);
  const { outcome, hostAnswers, addresses } = read;
  if (outcome === null) {
    const failed = hostAnswers.find(isFailure);
    if (failed !== undefined) {
      const evidence = { reason: 'host-lookup-failed', host, query: queryEvidence(failed) } as const;
      yield finding('mta-sts/inconclusive', evidence, detail);
      return;
    }
    const [asked] = hostAnswers;
    const evidence = { host, stage: 'name', detail: asked?.status ?? 'nodata' } as const;
    yield finding('mta-sts/policy-unreachable', evidence, detail);
    return;
  }
  if (outcome.status === 'unasked') return;
  const isPrivate = outcome.status === 'forbidden' && addresses.every((ip) => specialPurpose(ip) !== undefined);
  const fault = isPrivate ? ({ stage: 'private', detail: outcome.detail } as const) : faultOf(outcome, clock.now());
  if (fault !== null) {
    yield finding('mta-sts/policy-unreachable', { host, ...fault }, { ...detail, isOfHost: true });
  } else if (!('code' in outcome) && outcome.status !== 'untrusted') {
    const { status } = outcome;
    const evidence = { reason: 'policy-unfetched', url: policyUrl(host), status, detail: outcome.detail } as const;
    yield finding('mta-sts/inconclusive', evidence, { ...detail, isOfHost: true });
  }
}

type Fault = Omit<UnreachableEvidence, 'host'>;

/** @returns what the web server does wrong, or `null` if it does nothing wrong or could not be seen from here. */
function faultOf(outcome: HttpsOutcome, now: number): Fault | null {
  switch (outcome.status) {
    case 'response': {
      const { code, location } = outcome;
      if (code === 200) return null;
      const isRedirect = code >= 300 && code < 400 && location !== null;
      return { stage: isRedirect ? 'redirect' : 'status', detail: isRedirect ? location : '', code };
    }
    case 'untrusted': {
      const { tls } = outcome;
      const [leaf] = tls.chain;
      const trust = trustOf(tls, now);
      const detail = trust === 'trusted' ? 'name' : trust;
      const certificate = leaf === undefined ? null : certificateEvidence(leaf);
      return { stage: 'certificate', detail, trustError: tls.trustError, certificate };
    }
    default:
      return failureFault(outcome);
  }
}

function failureFault({ status, detail, isSecured }: HttpsFailure): Fault | null {
  switch (status) {
    case 'refused':
    case 'reset':
      return { stage: isSecured ? 'response' : 'connection', detail };
    case 'tls-failed':
      return { stage: 'handshake', detail };
    case 'malformed':
      return { stage: 'response', detail };
    // This network does not delay what a server says behind a handshake that this client has verified.
    case 'timeout':
      return isSecured ? { stage: 'response', detail } : null;
    default:
      return null;
  }
}

/** Reports the defects of the policy file. */
export function* judgePolicyFile(read: MtaSts, { target }: Context, finding: Emitter): Generator<Finding> {
  const { outcome, policy } = read;
  if (policy === null || outcome?.status !== 'response') return;
  const { defects } = policy;
  const contentType = isPlainText(outcome.contentType) ? null : (outcome.contentType ?? '');
  if (defects.length === 0 && contentType === null) return;
  const host = policyHost(target.domain);
  // Senders should compare the media type (RFC 8461 §3.2), and some discard a policy with another one.
  const isBroken = defects.some(isFatal) || (contentType !== null && contentType !== '');
  const shown = [...defects.filter(isFatal), ...defects.filter((one) => !isFatal(one))].slice(0, MAX_SHOWN);
  const evidence = {
    url: policyUrl(host),
    defects: shown,
    more: defects.length - shown.length,
    isBroken,
    contentType,
  };
  const detail = { ...detailOf(read, host), isOfHost: true as const };
  yield finding('mta-sts/policy-invalid', evidence, isBroken ? detail : { ...detail, severity: 'warning' });
}

/** The parameters of the media type do not matter (RFC 8461 §3.2). */
function isPlainText(contentType: string | null): boolean {
  return /^\s*text\/plain\s*(?:;|$)/i.test(contentType ?? '');
}
