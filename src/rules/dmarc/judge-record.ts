/** Judges the record that applies: what it says, and whether it says what was meant. */
import { type AppliedPolicy, effectivePolicy, isWeaker, type PolicyResult, policyDefects } from '../../dmarc/policy.ts';
import { type DmarcRecord, HISTORIC_TAGS, KNOWN_TAGS, type Policy, type PolicyTag } from '../../dmarc/record.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import type { Finding } from '../rule.ts';
import type { Emitter } from './findings.ts';

/** Defects shown as evidence: a record of 64 KiB may have as many. */
const MAX_SHOWN = 10;

export function* judgeRecord(
  found: Extract<PolicyResult, { kind: 'policy' | 'unusable' }>,
  dmarc: DmarcFact,
  finding: Emitter,
): Generator<Finding> {
  const { record, domain } = found;
  const name = `_dmarc.${domain}`;
  const about = { subject: name };
  const it = { name, record: record.text };

  const hasReportUri = record.rua.some(({ isUri }) => isUri);
  for (const defect of policyDefects(record)) {
    const severity = hasReportUri ? 'warning' : 'error';
    yield finding('dmarc/policy-invalid', { ...it, ...defect, hasReportUri }, { ...about, severity });
  }
  if (record.defects.length > 0) {
    const defects = record.defects.slice(0, MAX_SHOWN);
    yield finding('dmarc/syntax-error', { ...it, defects, count: record.defects.length }, about);
  }
  if (found.kind === 'policy') yield* judgePolicy(found, dmarc, finding);
  if (record.pct !== null) {
    yield finding(
      'dmarc/pct',
      { ...it, pct: record.pct },
      { ...about, severity: record.pct === 100 ? 'info' : 'warning' },
    );
  }
  yield* judgeTags(record, name, finding);
  if (record.adkim === 'strict' || record.aspf === 'strict') {
    const { adkim, aspf } = record;
    yield finding('dmarc/alignment-strict', { ...it, adkim, aspf, identities: [dmarc.walk.domain] }, about);
  }
}

function* judgePolicy(applied: AppliedPolicy, { walk }: DmarcFact, finding: Emitter): Generator<Finding> {
  const { record, domain, policy, tag, source } = applied;
  const name = `_dmarc.${domain}`;
  const about = { subject: name };
  const it = { name, record: record.text };
  const effective = effectivePolicy(applied);
  if (effective === 'none') {
    yield finding('dmarc/policy-none', { ...it, policy, tag, testing: record.testing }, about);
  }
  if (record.testing) yield finding('dmarc/testing', { ...it, policy, effective }, about);
  // "sp" and "np" of a subdomain's record are never used (RFC 9989 §4.7).
  const organization = walk.organizationalDomain;
  const p = policyIn(record.p);
  if (p && organization.kind === 'known' && organization.domain === domain) {
    const weaker: Record<string, Policy> = {};
    for (const key of ['sp', 'np'] as const) {
      const value = policyIn(record[key]);
      if (value && isWeaker(value, p)) weaker[key] = value;
    }
    if (Object.keys(weaker).length > 0) yield finding('dmarc/subdomain-weaker', { ...it, p, weaker }, about);
  }
  if (source !== 'own') yield finding('dmarc/inherited', { from: domain, tag, policy }, { subject: walk.domain });
}

function* judgeTags(record: DmarcRecord, name: string, finding: Emitter): Generator<Finding> {
  const names = [...new Set(record.tags.map((tag) => tag.name))];
  const tags = names.filter((tag) => tag === 'rf' || tag === 'ri');
  const sizeLimits = [...record.rua, ...record.ruf].filter(({ sizeLimit }) => sizeLimit !== null).map(({ uri }) => uri);
  if (tags.length > 0 || sizeLimits.length > 0) {
    const evidence = { name, record: record.text, tags, sizeLimits: sizeLimits.slice(0, MAX_SHOWN) };
    yield finding('dmarc/historic-tag', evidence, { subject: name });
  }
  const registered: readonly string[] = [...KNOWN_TAGS, ...HISTORIC_TAGS];
  const unknown = names.filter((tag) => /^[A-Za-z][A-Za-z0-9_]*$/.test(tag) && !registered.includes(tag));
  if (unknown.length > 0) {
    const shown = unknown.slice(0, MAX_SHOWN).map((tag) => ({ tag, suggestion: suggestionFor(tag) }));
    yield finding('dmarc/unknown-tag', { name, record: record.text, tags: shown }, { subject: name });
  }
}

/** Other names by which people know the tags. */
const SPOKEN_NAMES: Readonly<Record<string, string>> = {
  policy: 'p',
  subdomain: 'sp',
  subpolicy: 'sp',
  report: 'rua',
  reports: 'rua',
  version: 'v',
  test: 't',
  percent: 'pct',
};

function suggestionFor(tag: string): string | null {
  const lower = tag.toLowerCase();
  const spoken = SPOKEN_NAMES[lower];
  if (spoken) return spoken;
  const near = KNOWN_TAGS.filter((known) => known === lower || (known.length > 2 && isOneEditAway(known, lower)));
  return near[0] ?? null;
}

/** One character added, left out, changed or swapped with its neighbour. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  if (a.length > b.length) return a.slice(start + 1) === b.slice(start);
  if (a.length < b.length) return a.slice(start) === b.slice(start + 1);
  const isSwap = a[start] === b[start + 1] && a[start + 1] === b[start];
  return a.slice(start + 1) === b.slice(start + 1) || (isSwap && a.slice(start + 2) === b.slice(start + 2));
}

function policyIn(tag: PolicyTag): Policy | undefined {
  return tag && 'value' in tag ? tag.value : undefined;
}
