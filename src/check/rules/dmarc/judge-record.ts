/** Judges the DMARC record that applies: its policy, and whether it says what its owner meant. */
import { policyIn, readDmarc, weakerForSubdomains } from '../../../standards/dmarc/correct.ts';
import { meantTags } from '../../../standards/dmarc/nearness.ts';
import {
  type AppliedPolicy,
  effectivePolicy,
  type PolicyResult,
  policyDefects,
} from '../../../standards/dmarc/policy.ts';
import { type DmarcRecord, HISTORIC_TAGS, KNOWN_TAGS } from '../../../standards/dmarc/record.ts';
import type { DmarcSlip } from '../../../standards/dmarc/slip.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import type { Finding, FindingDetail } from '../finding.ts';
import type { Emitter, RecordEvidence } from './findings.ts';
import { existenceQuestions, policyQuestions } from './rests.ts';

/** The number of defects shown as evidence. A record of 64 KiB may have thousands. */
const MAX_SHOWN = 10;

/** Reports faults and the policy of the record that applies to the domain. */
export function* judgeRecord(
  found: Extract<PolicyResult, { kind: 'policy' | 'unusable' }>,
  dmarc: DmarcFact,
  finding: Emitter,
): Generator<Finding> {
  const { record, domain } = found;
  const shown = recordEvidence(record, domain, dmarc);
  const detail = { about: { name: shown.name }, rests: policyQuestions(dmarc) };

  const hasReportUri = record.rua.some(({ isUri }) => isUri);
  const slips = slipsOf(record);
  for (const defect of policyDefects(record)) {
    const severity = hasReportUri ? 'warning' : 'error';
    const about = { name: shown.name, item: defect.tag };
    const evidence = { ...shown, ...defect, hasReportUri, slips: slips.filter(({ tag }) => tag === defect.tag) };
    yield finding('dmarc/policy-invalid', evidence, { ...detail, about, severity });
  }
  if (record.defects.length > 0) {
    const defects = record.defects.slice(0, MAX_SHOWN);
    yield finding('dmarc/syntax-error', { ...shown, defects, count: record.defects.length, slips }, detail);
  }
  if (found.kind === 'policy') yield* judgePolicy(found, shown, detail, dmarc, finding);
  const { pct } = record;
  if (pct !== null) {
    const severity = pct === 100 ? 'info' : 'warning';
    yield finding('dmarc/pct', { ...shown, pct }, { ...detail, severity });
  }
  yield* judgeTags(record, shown, detail, finding);
  if (record.adkim === 'strict' || record.aspf === 'strict') {
    const { adkim, aspf } = record;
    yield finding('dmarc/alignment-strict', { ...shown, adkim, aspf, identities: [dmarc.walk.domain] }, detail);
  }
}

/** @returns the name and text of a published record, and the target of an alias at the name. */
export function recordEvidence(record: DmarcRecord, domain: string, { walk, suffixList }: DmarcFact): RecordEvidence {
  const name = `_dmarc.${domain}`;
  const step = [...walk.steps, suffixList.step].find((one) => one.name === name);
  return { name, record: record.text, alias: step?.query?.chain.at(-1) ?? null };
}

/** @returns the slips in a record that receivers recognise, at most `MAX_SHOWN`. */
export function slipsOf(record: DmarcRecord): DmarcSlip[] {
  const meaning = readDmarc(record.text);
  return 'slips' in meaning ? meaning.slips.slice(0, MAX_SHOWN) : [];
}

/** @returns whether the domain is the organizational domain. "sp" and "np" count nowhere else (RFC 9989 §4.7). */
function isOrganization(domain: string, { walk }: DmarcFact): boolean {
  return walk.organizationalDomain.kind === 'known' && walk.organizationalDomain.domain === domain;
}

function* judgePolicy(
  applied: AppliedPolicy,
  shown: RecordEvidence,
  detail: FindingDetail,
  dmarc: DmarcFact,
  finding: Emitter,
): Generator<Finding> {
  const { record, domain, policy, tag, source } = applied;
  const effective = effectivePolicy(applied);
  if (effective === 'none') {
    yield finding('dmarc/policy-none', { ...shown, policy, tag, testing: record.testing }, detail);
  }
  if (record.testing) yield finding('dmarc/testing', { ...shown, policy, effective }, detail);
  const p = policyIn(record.p);
  const weaker = weakerForSubdomains(record);
  if (p && isOrganization(domain, dmarc) && Object.keys(weaker).length > 0) {
    yield finding('dmarc/subdomain-weaker', { ...shown, p, weaker }, detail);
  }
  if (source === 'own') return;
  const rests = [...policyQuestions(dmarc), ...existenceQuestions(applied, dmarc)];
  yield finding('dmarc/inherited', { from: domain, tag, policy }, { about: { name: dmarc.walk.domain }, rests });
}

function* judgeTags(
  record: DmarcRecord,
  shown: RecordEvidence,
  detail: FindingDetail,
  finding: Emitter,
): Generator<Finding> {
  const names = [...new Set(record.tags.map((tag) => tag.name))];
  const tags = names.filter((tag) => tag === 'rf' || tag === 'ri');
  const sizeLimits = [...record.rua, ...record.ruf].filter(({ sizeLimit }) => sizeLimit !== null).map(({ uri }) => uri);
  if (tags.length > 0 || sizeLimits.length > 0) {
    yield finding('dmarc/historic-tag', { ...shown, tags, sizeLimits: sizeLimits.slice(0, MAX_SHOWN) }, detail);
  }
  const registered: readonly string[] = [...KNOWN_TAGS, ...HISTORIC_TAGS];
  const unknown = names.filter((tag) => /^[A-Za-z][A-Za-z0-9_]*$/.test(tag) && !registered.includes(tag));
  if (unknown.length > 0) {
    const guesses = unknown.slice(0, MAX_SHOWN).map((tag) => ({ tag, suggestion: meantTags(tag)[0] ?? null }));
    yield finding('dmarc/unknown-tag', { ...shown, tags: guesses }, detail);
  }
}
