/** Makes the findings about name servers. They are asked when a rule has ended, so no check of a rule yields these. */
import type { Target } from '../../target.ts';
import { type EvidenceOf, emitter, type Finding, type FindingDetail } from '../finding.ts';
import { findings } from './findings.ts';

type Catalogue = typeof findings;
type Make<C extends keyof Catalogue> = (evidence: EvidenceOf<Catalogue[C]>, detail: FindingDetail) => Finding;

/** The findings about name servers. */
export interface NameServerFindings {
  readonly lame: Make<'dns/lame-delegation'>;
  readonly differing: Make<'dns/authoritative-disagreement'>;
  readonly stale: Make<'dns/stale-cache'>;
  readonly unseen: Make<'dns/unreachable'>;
}

/** @returns what makes the findings for this target. */
export function nameServerFindings(target: Target): NameServerFindings {
  const emit = emitter(findings, target);
  return {
    lame: (evidence, detail) => emit('dns/lame-delegation', evidence, detail),
    differing: (evidence, detail) => emit('dns/authoritative-disagreement', evidence, detail),
    stale: (evidence, detail) => emit('dns/stale-cache', evidence, detail),
    unseen: (evidence, detail) => emit('dns/unreachable', evidence, detail),
  };
}
