/** Judges certificates. They are those that a server shows to a client that names it (SNI). */
import {
  type CertificateEvidence,
  certificateEvidence,
  outOfDateAbove,
  trustOf,
  validityOf,
  weaknessOf,
} from '../../../standards/certificate.ts';
import type { TlsObservation } from '../../facts/tls-endpoints.ts';
import type { Emit, Finding } from '../finding.ts';
import type { findings } from './findings.ts';
import { grouped, type Seen } from './grouped.ts';
import { mtaOf } from './mta.ts';

type Emitter = Emit<typeof findings>;
type Secured = Extract<TlsObservation['tls'], { kind: 'secured' }>;

interface Leaf {
  readonly mta: ReturnType<typeof mtaOf>;
  readonly certificate: CertificateEvidence;
}

/** Judges the certificates that the servers show: dates, names, trust and strength. */
export function* certificates(
  observations: readonly TlsObservation[],
  now: number,
  finding: Emitter,
): Generator<Finding> {
  const perLeaf = <E>(judge: (secured: Secured, seen: TlsObservation) => E | null): Seen<Leaf & E>[] =>
    grouped(observations, (seen) => {
      const { tls, greeting } = seen;
      const [leaf] = tls.kind === 'secured' ? tls.tls.chain : [];
      const verdict = tls.kind === 'secured' && leaf !== undefined ? judge(tls, seen) : null;
      return verdict === null || leaf === undefined
        ? null
        : { mta: mtaOf(greeting), certificate: certificateEvidence(leaf), ...verdict };
    });
  const validity = ({ tls }: Secured) => validityOf(leafOf(tls), now);

  for (const { evidence, detail } of perLeaf((tls) => {
    const { state, daysLeft } = validity(tls);
    return state === 'expired' || state === 'not-yet-valid' ? { state, daysLeft } : null;
  })) {
    yield finding('tls/cert-expired', evidence, detail);
  }
  for (const { evidence, detail } of perLeaf((tls) => {
    const { state, daysLeft } = validity(tls);
    return state === 'expiring' ? { daysLeft } : null;
  })) {
    yield finding('tls/cert-expiring', evidence, detail);
  }
  for (const { evidence, detail } of perLeaf((_, { uncovered }) =>
    uncovered.length > 0 ? { wanted: uncovered } : null,
  )) {
    yield finding('tls/cert-name-mismatch', evidence, detail);
  }
  for (const { evidence, detail } of perLeaf(({ tls }) => {
    if (trustOf(tls, now) !== 'chain-out-of-date') return null;
    const faults = outOfDateAbove(tls.chain, now);
    return {
      trustError: tls.trustError ?? 'unknown',
      outOfDate: faults.map(({ certificate, state }) => ({ certificate: certificateEvidence(certificate), state })),
    };
  })) {
    yield finding('tls/chain-out-of-date', evidence, detail);
  }
  for (const wanted of ['untrusted', 'incomplete'] as const) {
    for (const { evidence, detail, isSubmission } of perLeaf(({ tls }) => {
      if (trustOf(tls, now) !== wanted) return null;
      return { trustError: tls.trustError ?? 'unknown', chain: tls.chain.map(certificateEvidence) };
    })) {
      const code = wanted === 'untrusted' ? 'tls/cert-untrusted' : 'tls/chain-incomplete';
      // Users' mail programs verify the certificate, and users should not learn to ignore warnings (RFC 8314 §4.2).
      yield finding(code, evidence, isSubmission ? { ...detail, severity: 'error' } : detail);
    }
  }
  for (const { evidence, detail } of perLeaf(({ tls }) => {
    const weakness = weaknessOf(leafOf(tls));
    return weakness === null ? null : { weakness };
  })) {
    yield finding('tls/weak-key', evidence, detail);
  }
}

/** @returns the server's own certificate. */
export function leafOf({ chain }: Secured['tls']) {
  const [leaf] = chain;
  if (leaf === undefined) throw new Error('no certificate was presented');
  return leaf;
}
