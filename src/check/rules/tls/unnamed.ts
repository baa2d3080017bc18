/**
 * Judges what a server shows to senders that do not name it (SNI, RFC 6066 §3). Mail servers that do not verify
 * certificates mostly send no SNI.
 */
import { isHeldBack, type TlsDetails } from '../../../network/smtp/types.ts';
import { certificateEvidence, covers, validityOf } from '../../../standards/certificate.ts';
import { isDeadSession } from '../../facts/greeting.ts';
import type { TlsObservation } from '../../facts/tls-endpoints.ts';
import type { Emit, Finding } from '../finding.ts';
import type { CertificateFault, findings } from './findings.ts';
import { grouped } from './grouped.ts';
import { mtaOf } from './mta.ts';

type Emitter = Emit<typeof findings>;

/**
 * Reports servers that refuse a handshake without SNI, and those that then show a certificate with faults that the other
 * one does not have.
 *
 * @param now the time of the run, in milliseconds since the epoch.
 */
export function* unnamed(observations: readonly TlsObservation[], now: number, finding: Emitter): Generator<Finding> {
  const alive = observations.filter(({ tls }) => !isDeadSession(tls));
  for (const { evidence, detail } of grouped(alive, ({ tls, unnamed, greeting }) =>
    tls.kind === 'secured' && unnamed?.kind === 'refused' ? { mta: mtaOf(greeting), detail: unnamed.detail } : null,
  )) {
    yield finding('tls/sni-required', evidence, detail);
  }
  for (const { evidence, detail } of grouped(alive, (seen) => otherCertificate(seen, now))) {
    yield finding('tls/cert-without-sni', evidence, detail);
  }
  const untold = ({ tls, unnamed }: TlsObservation) =>
    tls.kind === 'secured' && unnamed?.kind === 'unknown' && !isHeldBack(unnamed.failure.status)
      ? { reason: 'sni-unknown' as const, detail: unnamed.detail }
      : null;
  for (const { evidence, detail } of grouped(alive, untold, 'sni')) {
    yield finding('tls/inconclusive', evidence, detail);
  }
}

function otherCertificate({ tls, unnamed, greeting }: TlsObservation, now: number) {
  if (tls.kind !== 'secured' || unnamed?.kind !== 'secured' || tls.serverName === null) return null;
  const { serverName: name } = tls;
  const [leaf] = unnamed.tls.chain;
  const known = faultsOf(tls.tls, name, now);
  const faults = faultsOf(unnamed.tls, name, now).filter((fault) => !known.includes(fault));
  if (leaf === undefined || faults.length === 0) return null;
  return { mta: mtaOf(greeting), name, certificate: certificateEvidence(leaf), faults };
}

function faultsOf({ chain: [leaf], trusted }: TlsDetails, name: string, now: number): CertificateFault[] {
  if (leaf === undefined) return [];
  const { state } = validityOf(leaf, now);
  return [
    ...(covers(leaf, name) ? [] : (['not for the host'] as const)),
    ...(state === 'expired' || state === 'not-yet-valid' ? (['out of date'] as const) : []),
    ...(trusted ? [] : (['not trusted'] as const)),
  ];
}
