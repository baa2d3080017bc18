/** Judges the record that applies: what it says, and whether it says what was meant. */
import { correctRecord, policyIn, weakerForSubdomains } from '../../../standards/dmarc/correct.ts';
import {
  type AppliedPolicy,
  effectivePolicy,
  type PolicyResult,
  policyDefects,
} from '../../../standards/dmarc/policy.ts';
import { type DmarcRecord, HISTORIC_TAGS, KNOWN_TAGS } from '../../../standards/dmarc/record.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import type { Finding } from '../finding.ts';
import type { AboutRecord, Emitter } from './findings.ts';

/** Defects shown as evidence: a record of 64 KiB may have as many. */
const MAX_SHOWN = 10;

export function* judgeRecord(
  found: Extract<PolicyResult, { kind: 'policy' | 'unusable' }>,
  dmarc: DmarcFact,
  finding: Emitter,
): Generator<Finding> {
  const { record, domain } = found;
  const it = aboutRecord(record, domain, dmarc);
  const about = { about: { name: it.name } };

  const hasReportUri = record.rua.some(({ isUri }) => isUri);
  for (const defect of policyDefects(record)) {
    const severity = hasReportUri ? 'warning' : 'error';
    yield finding('dmarc/policy-invalid', { ...it, ...defect, hasReportUri }, { ...about, severity });
  }
  if (record.defects.length > 0) {
    const defects = record.defects.slice(0, MAX_SHOWN);
    yield finding('dmarc/syntax-error', { ...it, defects, count: record.defects.length }, about);
  }
  if (found.kind === 'policy') yield* judgePolicy(found, it, dmarc, finding);
  const { pct } = record;
  if (pct !== null)
    yield finding('dmarc/pct', { ...it, pct }, { ...about, severity: pct === 100 ? 'info' : 'warning' });
  yield* judgeTags(record, it, finding);
  if (record.adkim === 'strict' || record.aspf === 'strict') {
    const { adkim, aspf } = record;
    yield finding('dmarc/alignment-strict', { ...it, adkim, aspf, identities: [dmarc.walk.domain] }, about);
  }
}

/** The record and how it should read. */
export function aboutRecord(record: DmarcRecord, domain: string, dmarc: DmarcFact): AboutRecord {
  const correct = correctRecord(record, domain, isOrganization(domain, dmarc));
  return { name: `_dmarc.${domain}`, record: record.text, correct };
}

/** "sp" and "np" of a record that stands below the organizational domain are never used (RFC 9989 §4.7). */
function isOrganization(domain: string, { walk }: DmarcFact): boolean {
  return walk.organizationalDomain.kind === 'known' && walk.organizationalDomain.domain === domain;
}

function* judgePolicy(applied: AppliedPolicy, it: AboutRecord, dmarc: DmarcFact, finding: Emitter): Generator<Finding> {
  const { record, domain, policy, tag, source } = applied;
  const about = { about: { name: it.name } };
  const effective = effectivePolicy(applied);
  if (effective === 'none') {
    yield finding('dmarc/policy-none', { ...it, policy, tag, testing: record.testing }, about);
  }
  if (record.testing) yield finding('dmarc/testing', { ...it, policy, effective }, about);
  const p = policyIn(record.p);
  const weaker = weakerForSubdomains(record);
  if (p && isOrganization(domain, dmarc) && Object.keys(weaker).length > 0) {
    yield finding('dmarc/subdomain-weaker', { ...it, p, weaker }, about);
  }
  if (source !== 'own')
    yield finding('dmarc/inherited', { from: domain, tag, policy }, { about: { name: dmarc.walk.domain } });
}

function* judgeTags(record: DmarcRecord, it: AboutRecord, finding: Emitter): Generator<Finding> {
  const names = [...new Set(record.tags.map((tag) => tag.name))];
  const tags = names.filter((tag) => tag === 'rf' || tag === 'ri');
  const sizeLimits = [...record.rua, ...record.ruf].filter(({ sizeLimit }) => sizeLimit !== null).map(({ uri }) => uri);
  if (tags.length > 0 || sizeLimits.length > 0) {
    const evidence = { ...it, tags, sizeLimits: sizeLimits.slice(0, MAX_SHOWN) };
    yield finding('dmarc/historic-tag', evidence, { about: { name: it.name } });
  }
  const registered: readonly string[] = [...KNOWN_TAGS, ...HISTORIC_TAGS];
  const unknown = names.filter((tag) => /^[A-Za-z][A-Za-z0-9_]*$/.test(tag) && !registered.includes(tag));
  if (unknown.length > 0) {
    const shown = unknown.slice(0, MAX_SHOWN).map((tag) => ({ tag, suggestion: suggestionFor(tag) }));
    yield finding('dmarc/unknown-tag', { ...it, tags: shown }, { about: { name: it.name } });
  }
}

/** Other names by which people know the tags. */
const SPOKEN_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    policy: 'p',
    subdomain: 'sp',
    subpolicy: 'sp',
    report: 'rua',
    reports: 'rua',
    version: 'v',
    test: 't',
    percent: 'pct',
  }),
);

function suggestionFor(tag: string): string | null {
  const lower = tag.toLowerCase();
  const spoken = SPOKEN_NAMES.get(lower);
  if (spoken) return spoken;
  const near = KNOWN_TAGS.filter((known) => known === lower || (known.length > 2 && isWithinOneEdit(known, lower)));
  return near[0] ?? null;
}

/** At most one character added, left out, changed or swapped with its neighbour. */
function isWithinOneEdit(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  if (a.length > b.length) return a.slice(start + 1) === b.slice(start);
  if (a.length < b.length) return a.slice(start) === b.slice(start + 1);
  const isSwap = a[start] === b[start + 1] && a[start + 1] === b[start];
  return a.slice(start + 1) === b.slice(start + 1) || (isSwap && a.slice(start + 2) === b.slice(start + 2));
}
