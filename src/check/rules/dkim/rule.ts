/**
 * Checks the DKIM keys (RFC 6376, 8301, 8463): receivers can fetch a strong key, and it matches the key that the host
 * signs with. The DNS shows neither whether the host signs nor with which selector. A message that the host has sent
 * (`--message`) shows both.
 */

import { queryEvidence } from '../../../network/dns/answer.ts';
import { type KeyAssessment, type KeyProblem, strengthProblems } from '../../../standards/dkim/assess.ts';
import type { Discovery } from '../../../standards/dkim/discover.ts';
import { isUsable, keyName, type SelectorLookup } from '../../../standards/dkim/lookup.ts';
import type { SigningKey } from '../../../standards/dkim/private-key.ts';
import { type DkimFact, dkim } from '../../facts/dkim.ts';
import { type MessageFact, message } from '../../facts/message.ts';
import { type Emit, type Finding, type FindingDetail, questionsOf } from '../finding.ts';
import { defineRule } from '../rule.ts';
import { findings } from './findings.ts';
import { judgeMessage } from './judge-message.ts';
import type { SigningKeyEvidence } from './remedies.ts';

type Emitter = Emit<typeof findings>;

/** The number of failed queries shown as evidence. A resolver that is down fails them all. */
const MAX_SHOWN = 5;

export default defineRule({
  id: 'dkim',
  title: 'DKIM keys',
  reference: 'RFC 6376',
  findings,
  restsOnDns: true,
  security: true,
  step: 'signing-keys',

  async *check({ target, facts }, finding) {
    const [keys, sent] = await Promise.all([facts(dkim), facts(message)]);
    const { lookups, discovery, wildcard, signingKey } = keys;
    if (signingKey?.kind === 'unusable') {
      const reason = 'private-key-unusable';
      const about = { name: target.domain, item: reason };
      yield finding('dkim/inconclusive', { reason, fault: signingKey.reason }, { about });
    }
    const signing = signingKey?.kind === 'key' ? signingKey.signingKey : null;

    for (const lookup of lookups) yield* judgeSelector(lookup, keys, signing, finding);
    // A message that verifies shows a key in use. It does not matter then whether there are other keys.
    if (discovery && !sent?.showsSigning) yield* judgeSearch(discovery, keys, signing, target.domain, finding);
    if (signing) yield* judgeSigningKey(signing, keys, target.domain, finding);
    if (signing && discovery && sent?.showsSigning && !isInUse(signing, keys, sent)) {
      const reason = 'private-key-not-in-use';
      const about = { name: target.domain, item: reason };
      yield finding('dkim/inconclusive', { reason }, { about, rests: questionsOf(...keys.answers) });
    }
    if (sent) yield* judgeMessage(sent, target, finding);

    const usable = lookups.filter(isUsable).flatMap(({ records }) => records.flatMap(({ key }) => key ?? []));
    if (usable.length > 0 && usable.every(({ type }) => type === 'ed25519')) {
      const selectors = lookups.filter(isUsable).map(({ selector }) => selector);
      yield finding('dkim/ed25519-only', { selectors }, { about: {}, rests: questionsOf(...keys.answers) });
    }
    if (wildcard.outcome === 'records') {
      const records = wildcard.records.map(({ strings }) => strings);
      const evidence = { query: queryEvidence(wildcard.query), records };
      yield finding('dkim/wildcard', evidence, { about: {}, rests: questionsOf(wildcard.query) });
    }
  },
});

function* judgeSelector(
  lookup: SelectorLookup,
  keys: DkimFact,
  signing: SigningKey | null,
  finding: Emitter,
): Generator<Finding> {
  const { selector, name, query, outcome, records } = lookup;
  const detail = detailOf(lookup);
  switch (outcome) {
    case 'unknown': {
      const evidence = { reason: 'key-lookup-failed', selector, query: queryEvidence(query) } as const;
      yield finding('dkim/inconclusive', evidence, detail);
      return;
    }
    case 'absent': {
      const evidence = { selector, name, query: queryEvidence(query), signingKey: signingEvidence(signing) };
      yield finding('dkim/selector-missing', evidence, detail);
      return;
    }
    case 'dangling': {
      // A leftover alias breaks no mail as long as another key works.
      const severity = keys.discovery && keys.verifiable === 'yes' ? 'warning' : 'error';
      const evidence = { selector, name, chain: query.chain, query: queryEvidence(query) };
      yield finding('dkim/cname-broken', evidence, { ...detail, severity });
      return;
    }
    case 'records':
      if (records.length > 1) {
        const texts = records.map(({ strings }) => strings);
        yield finding('dkim/multiple-records', { selector, name, records: texts }, detail);
      }
      for (const assessment of records) {
        for (const problem of assessment.problems) {
          if (records.length > 1 && problem.kind !== 'private-key') continue;
          yield keyFinding(problem, lookup, assessment, keys.discovery === null, finding);
        }
      }
  }
}

/** @returns the object of a finding about one selector, and the question that the finding rests on. */
function detailOf({ selector, name, query }: SelectorLookup): FindingDetail {
  return { about: { name, selector }, rests: questionsOf(query) };
}

function keyFinding(
  problem: KeyProblem,
  lookup: SelectorLookup,
  { strings: record }: KeyAssessment,
  isGiven: boolean,
  finding: Emitter,
): Finding {
  const { selector, name } = lookup;
  const detail = detailOf(lookup);
  switch (problem.kind) {
    case 'private-key':
      return finding('dkim/private-key-published', { selector, name }, detail);
    case 'mangled': {
      const { damage, correct } = problem;
      return finding('dkim/key-mangled', { selector, name, record, damage, correct }, detail);
    }
    case 'syntax':
      return finding('dkim/syntax-error', { selector, name, record, defects: problem.defects.slice(0, 10) }, detail);
    case 'invalid': {
      const { fault, octets, detail: found } = problem;
      return finding('dkim/key-invalid', { selector, name, record, fault, octets, detail: found }, detail);
    }
    case 'revoked':
      return finding(
        'dkim/revoked',
        { selector, name, record },
        { ...detail, severity: isGiven ? 'error' : 'warning' },
      );
    case 'key-type-unknown':
      return finding('dkim/key-type-unknown', { selector, name, record, keyType: problem.keyType }, detail);
    case 'too-short':
    case 'weak':
    case 'oversize':
      return finding(STRENGTH[problem.kind], { selector, name, bits: problem.bits, published: true }, detail);
    case 'sha1-only':
      return finding('dkim/sha1-only', { selector, name, record, hashes: problem.hashes }, detail);
    case 'service-excludes-email':
      return finding('dkim/service-excludes-email', { selector, name, record, services: problem.services }, detail);
    case 'testing':
      return finding('dkim/testing', { selector, name, record }, detail);
    case 'granularity': {
      // To verifiers that still follow RFC 4871 (§3.6.1), an empty g= matches no local part.
      const severity = problem.value === '' ? 'warning' : 'info';
      const evidence = { selector, name, record, value: problem.value };
      return finding('dkim/obsolete-granularity', evidence, { ...detail, severity });
    }
  }
}

const STRENGTH = {
  'too-short': 'dkim/key-too-short',
  weak: 'dkim/key-weak',
  oversize: 'dkim/key-oversize',
} as const;

/**
 * Reports the result of a search that found no usable key, or not the key that the user gave: no key exists, or it is
 * unknown whether one does.
 */
function* judgeSearch(
  discovery: Discovery,
  { lookups, verifiable }: DkimFact,
  signing: SigningKey | null,
  domain: string,
  finding: Emitter,
): Generator<Finding> {
  const isPairMissing = signing !== null && !lookups.some((lookup) => isPair(lookup, signing));
  if (verifiable === 'yes' && !isPairMissing) return;
  const { existence, node, control, tried, answers, failures } = discovery;
  if (failures.length > 0) {
    const reason = 'search-lookups-failed';
    const queries = failures.slice(0, MAX_SHOWN).map(queryEvidence);
    const detail = { about: { name: domain, item: reason }, rests: questionsOf(...failures) };
    yield finding('dkim/inconclusive', { reason, queries, failed: failures.length }, detail);
    return;
  }
  const rests = questionsOf(...answers);
  const search = {
    tried,
    node: queryEvidence(node),
    control: queryEvidence(control),
    signingKey: signingEvidence(signing),
  };
  if (existence === 'none') {
    yield finding('dkim/none-exist', search, { about: { name: node.name }, rests });
    return;
  }
  const found = lookups.map(({ selector }) => selector);
  const evidence = { ...search, existence, found, rfc8020: discovery.deniesTruthfully };
  yield finding('dkim/selector-unknown', evidence, { about: { name: domain }, rests });
}

/** Reports a private key that is too short, or that does not match the published key. */
function* judgeSigningKey(
  signing: SigningKey,
  { lookups, discovery }: DkimFact,
  domain: string,
  finding: Emitter,
): Generator<Finding> {
  if (lookups.some((lookup) => isPair(lookup, signing))) return;
  const selector = lookups[0]?.selector ?? 'mail';
  for (const { kind, bits } of strengthProblems(signing.key)) {
    const evidence = { selector, name: keyName(selector, domain), bits, published: false };
    const rests = questionsOf(...lookups.map(({ query }) => query));
    yield finding(STRENGTH[kind], evidence, { about: { name: domain, item: 'private key' }, rests });
  }
  if (discovery) return;
  for (const lookup of lookups) {
    const [assessment] = lookup.records;
    if (lookup.records.length !== 1 || !assessment?.key) continue;
    const evidence = {
      selector: lookup.selector,
      name: lookup.name,
      record: assessment.strings,
      published: assessment.key.fingerprint,
      signing: signing.key.fingerprint,
      signingKey: { fingerprint: signing.key.fingerprint, record: signing.record },
    };
    yield finding('dkim/key-mismatch', evidence, detailOf(lookup));
  }
}

/** @returns whether the given private key matches a published key or a key that verified the message. */
function isInUse(signing: SigningKey, { lookups }: DkimFact, { signatures }: MessageFact): boolean {
  const { fingerprint } = signing.key;
  return (
    lookups.some((lookup) => isPair(lookup, signing)) ||
    signatures.some(({ keyFingerprint }) => keyFingerprint === fingerprint)
  );
}

function isPair({ records }: SelectorLookup, { key }: SigningKey): boolean {
  return records.some((record) => record.key?.fingerprint === key.fingerprint);
}

function signingEvidence(signing: SigningKey | null): SigningKeyEvidence | null {
  return signing && { fingerprint: signing.key.fingerprint, record: signing.record };
}
