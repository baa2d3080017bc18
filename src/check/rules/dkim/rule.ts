/**
 * Checks the DKIM keys (RFC 6376, 8301, 8463): receivers can fetch a strong key, and it matches the key that the host
 * signs with. The DNS shows neither whether the host signs nor with which selector. A message that the host has sent
 * (`--message`) shows both.
 */

import { queryEvidence } from '../../../network/dns/answer.ts';
import { sameName } from '../../../network/domain.ts';
import {
  assessKeyRecord,
  type KeyAssessment,
  type KeyProblem,
  strengthProblems,
} from '../../../standards/dkim/assess.ts';
import type { Discovery } from '../../../standards/dkim/discover.ts';
import { isUsable, keyName, type SelectorLookup } from '../../../standards/dkim/lookup.ts';
import type { Misplaced } from '../../../standards/dkim/misplaced.ts';
import type { SigningKey } from '../../../standards/dkim/private-key.ts';
import type { DkimSlip } from '../../../standards/dkim/slips.ts';
import { type DkimFact, dkim } from '../../facts/dkim.ts';
import { keySwitches } from '../../facts/key-switch.ts';
import { type MessageFact, message } from '../../facts/message.ts';
import { type Emit, type Finding, type FindingDetail, questionsOf } from '../finding.ts';
import { defineRule, note } from '../rule.ts';
import { findings, type MisplacedEvidence } from './findings.ts';
import { judgeMessage } from './judge-message.ts';
import { judgeSwitch } from './judge-switch.ts';
import type { SigningKeyEvidence } from './remedies.ts';
import { seenDkim } from './seen.ts';

type Emitter = Emit<typeof findings>;

/** The number of failed queries shown as evidence. A resolver that is down fails them all. */
const MAX_SHOWN = 5;

export default defineRule({
  id: 'dkim',
  title: 'DKIM',
  reference: 'RFC 6376',
  findings,
  isAboutDomain: true,
  restsOnDns: true,
  security: true,
  step: 'signing-keys',

  async *check({ target, facts, settings, clock }, finding) {
    const [keys, sent] = await Promise.all([facts(dkim), facts(message)]);
    const { lookups, discovery, wildcard, signingKey } = keys;
    if (signingKey?.kind === 'unusable') {
      const reason = 'private-key-unusable';
      const about = { name: target.domain, item: reason };
      yield finding('dkim/inconclusive', { reason, fault: signingKey.reason }, { about });
    }
    const signing = signingKey?.kind === 'key' ? signingKey.signingKey : null;

    for (const lookup of lookups) yield* judgeSelector(lookup, keys, signing, finding);
    if (discovery) yield* judgeMisplaced(keys, signing, finding);
    // A message that verifies shows a key in use. It does not matter then whether there are other keys.
    if (discovery && !sent?.showsSigning) yield* judgeSearch(discovery, keys, signing, target.domain, finding);
    if (discovery) yield* judgeSearchLookups(discovery, target.domain, finding);
    if (signing) yield* judgeSigningKey(signing, keys, target.domain, finding);
    if (signing && discovery && sent?.showsSigning && !isInUse(signing, keys, sent)) {
      const reason = 'private-key-not-in-use';
      const about = { name: target.domain, item: reason };
      yield finding('dkim/inconclusive', { reason }, { about, rests: questionsOf(...keys.answers) });
    }
    const isSignedWith = sent?.signatures.some(({ keyFingerprint }) => keyFingerprint === signing?.key.fingerprint);
    // The host that has switched already needs no leave to do so.
    if (signing && !discovery && !isSignedWith) {
      const run = { isAwaited: settings.untilSafe === true, startedAt: clock.now() };
      for (const change of await facts(keySwitches)) yield* judgeSwitch(change, run, finding);
    }
    if (sent) yield* judgeMessage(sent, target, finding);

    const usable = lookups.filter(isUsable).flatMap(({ records }) => records.flatMap(({ key }) => key ?? []));
    if (usable.length > 0 && usable.every(({ type }) => type === 'ed25519')) {
      const selectors = lookups.filter(isUsable).map(({ selector }) => selector);
      yield finding('dkim/ed25519-only', { selectors }, { about: {}, rests: questionsOf(...keys.answers) });
    }
    if (wildcard.outcome === 'records') {
      const records = wildcard.records.map(({ strings }) => strings);
      const isProtective = isRevoked(wildcard);
      const evidence = { query: queryEvidence(wildcard.query), records, isProtective };
      const detail = { about: {}, rests: questionsOf(wildcard.query) };
      yield finding('dkim/wildcard', evidence, isProtective ? { ...detail, severity: 'info' } : detail);
    }
    return note(seenDkim(keys, sent));
  },
});

function* judgeSelector(
  lookup: SelectorLookup,
  keys: DkimFact,
  signing: SigningKey | null,
  finding: Emitter,
): Generator<Finding> {
  const { selector, name, query, outcome } = lookup;
  const detail = detailOf(lookup);
  // A guessed selector is a valid one, and a wildcard has none.
  if (!keys.discovery && !isSelector(selector)) yield finding('dkim/selector-name', { selector, name }, detail);
  switch (outcome) {
    case 'unknown': {
      const evidence = { reason: 'key-lookup-failed', selector, query: queryEvidence(query) } as const;
      yield finding('dkim/inconclusive', evidence, detail);
      return;
    }
    case 'absent': {
      const misplaced = misplacedOf(keys, signing).find((found) => found.name === name) ?? null;
      const evidence = { selector, name, query: queryEvidence(query), signingKey: signingEvidence(signing) };
      yield finding(
        'dkim/selector-missing',
        { ...evidence, misplaced: misplacedEvidence(misplaced) },
        {
          ...detail,
          rests: questionsOf(query, ...(misplaced ? [misplaced.query] : [])),
        },
      );
      return;
    }
    case 'dangling':
      yield danglingFinding(lookup, keys, finding);
      return;
    case 'records':
      yield* judgeRecords(lookup, keys, signing, finding);
  }
}

/** Reports what is wrong with the TXT records at a selector. */
function* judgeRecords(
  lookup: SelectorLookup,
  keys: DkimFact,
  signing: SigningKey | null,
  finding: Emitter,
): Generator<Finding> {
  const { selector, name, records, meaning } = lookup;
  // The wildcard that revokes all other selectors has a finding of its own.
  if (selector === '*' && isRevoked(lookup)) return;
  if (records.length > 1 && meaning) {
    const texts = records.map(({ strings }) => strings);
    const slips: readonly DkimSlip[] = meaning.kind === 'corrected' ? meaning.slips : [];
    const leftOut = meaning.kind === 'corrected' ? meaning.leftOut : [];
    const damaged = slips.includes('damaged-beside') ? records : [];
    const damage = damaged.flatMap(({ problems }) =>
      problems.flatMap((problem) => (problem.kind === 'mangled' ? problem.damage : [])),
    );
    const evidence = { selector, name, records: texts, meaning: meaning.kind, slips, leftOut, damage };
    yield finding('dkim/multiple-records', evidence, detailOf(lookup));
  }
  for (const assessment of records) {
    for (const problem of assessment.problems) {
      if (records.length > 1 && problem.kind !== 'private-key') continue;
      yield keyFinding(problem, { lookup, assessment, keys, signing }, finding);
    }
  }
}

function danglingFinding(lookup: SelectorLookup, keys: DkimFact, finding: Emitter): Finding {
  const { selector, name, query } = lookup;
  const meant = keys.meantTargets.find((found) => found.name === name);
  const pairs = keys.lookups.filter((other) => isUsable(other) && isOfSameService(other, lookup));
  const evidence = {
    selector,
    name,
    chain: query.chain,
    query: queryEvidence(query),
    pairs: pairs.map((other) => other.selector),
    meant: meant?.target ?? null,
  };
  // A leftover alias breaks no mail as long as another key works.
  const alone = keys.discovery && keys.verifiable === 'yes' ? 'warning' : 'error';
  const severity = pairs.length > 0 && !meant ? 'info' : alone;
  const rests = questionsOf(query, ...(meant ? [meant.query] : []), ...pairs.map((other) => other.query));
  return finding('dkim/cname-broken', evidence, { ...detailOf(lookup), rests, severity });
}

/**
 * Tells whether two selectors belong to one service that signs with one of them at a time, such as selector1 and
 * selector2 of Microsoft 365. They differ in a number, and both are aliases into the service's domain.
 */
function isOfSameService(one: SelectorLookup, other: SelectorLookup): boolean {
  const stem = (selector: string): string => selector.replace(/\d+/g, '');
  const service = ({ query }: SelectorLookup): string | undefined => query.chain[0]?.split('.').slice(-2).join('.');
  return stem(one.selector) === stem(other.selector) && service(one) !== undefined && service(one) === service(other);
}

/** Reports the records of usual selectors that stand below a wrong name. */
function* judgeMisplaced(keys: DkimFact, signing: SigningKey | null, finding: Emitter): Generator<Finding> {
  const node = keys.discovery?.node;
  if (!node) return;
  for (const misplaced of misplacedOf(keys, signing)) {
    const { selector, name, query } = misplaced;
    const evidence = {
      selector,
      name,
      query: queryEvidence(node),
      signingKey: signingEvidence(signing),
      misplaced: misplacedEvidence(misplaced),
    };
    yield finding('dkim/selector-missing', evidence, { about: { name, selector }, rests: questionsOf(node, query) });
  }
}

/** @returns the misplaced records. If the user gave the key that is in use, only those with this key. */
function misplacedOf({ misplaced }: DkimFact, signing: SigningKey | null): readonly Misplaced[] {
  if (!signing) return misplaced;
  return misplaced.filter(
    ({ text }) => text !== null && assessKeyRecord([text]).key?.fingerprint === signing.key.fingerprint,
  );
}

function misplacedEvidence(misplaced: Misplaced | null): MisplacedEvidence | null {
  return misplaced && { at: misplaced.at, text: misplaced.text, target: misplaced.target };
}

/** Tells whether the only record revokes the key: its `p=` is empty. */
function isRevoked({ records }: SelectorLookup): boolean {
  const [only, ...others] = records;
  return others.length === 0 && only?.problems.some(({ kind }) => kind === 'revoked') === true;
}

/** Tells whether the text is a selector: labels of letters, digits and hyphens, joined by dots (RFC 6376 §3.1). */
function isSelector(selector: string): boolean {
  return selector.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i.test(label));
}

/** @returns the object of a finding about one selector, and the question that the finding rests on. */
function detailOf({ selector, name, query }: SelectorLookup): FindingDetail {
  return { about: { name, selector }, rests: questionsOf(query) };
}

interface Subject {
  readonly lookup: SelectorLookup;
  readonly assessment: KeyAssessment;
  readonly keys: DkimFact;
  readonly signing: SigningKey | null;
}

function keyFinding(problem: KeyProblem, { lookup, assessment, keys, signing }: Subject, finding: Emitter): Finding {
  const { selector, name, query, meaning } = lookup;
  const { strings: record } = assessment;
  const detail = detailOf(lookup);
  const alias = query.chain.at(-1);
  const about = { selector, name, record, ...(alias === undefined ? {} : { alias }) };
  const isGiven = keys.discovery === null;
  switch (problem.kind) {
    case 'private-key':
      return finding('dkim/private-key-published', { selector, name }, detail);
    case 'mangled': {
      const { damage, correct, isReadable } = problem;
      const severity = isReadable ? 'warning' : 'error';
      return finding('dkim/key-mangled', { ...about, damage, correct, isReadable }, { ...detail, severity });
    }
    case 'syntax': {
      const meant = keys.meantTargets.find((found) => found.name === name);
      const target = meaning?.kind === 'alias' && alias === undefined ? meaning.target : null;
      const evidence = {
        ...about,
        defects: problem.defects.slice(0, 10),
        meaning: meaning?.kind ?? 'unclear',
        target: target !== null && sameName(target, name) ? null : target,
        targetHasKey: meant !== undefined,
        signingKey: signingEvidence(signing),
      };
      return finding('dkim/syntax-error', evidence, {
        ...detail,
        rests: questionsOf(query, ...(meant ? [meant.query] : [])),
      });
    }
    case 'invalid': {
      const { fault, octets, detail: found } = problem;
      return finding('dkim/key-invalid', { ...about, fault, octets, detail: found }, detail);
    }
    case 'revoked': {
      // A rotation leaves revoked keys behind. They break no mail as long as another key works.
      const severity = isGiven ? 'error' : keys.verifiable === 'yes' ? 'info' : 'warning';
      return finding('dkim/revoked', { ...about, isGiven }, { ...detail, severity });
    }
    case 'key-type-unknown': {
      const { keyType, correct } = problem;
      return finding('dkim/key-type-unknown', { ...about, keyType, correct }, detail);
    }
    case 'too-short':
    case 'weak':
    case 'oversize':
      return finding(STRENGTH[problem.kind], { selector, name, bits: problem.bits, published: true }, detail);
    case 'sha1-only':
      return finding('dkim/sha1-only', { ...about, hashes: problem.hashes }, detail);
    case 'service-excludes-email':
      return finding('dkim/service-excludes-email', { ...about, services: problem.services }, detail);
    case 'testing':
      return finding('dkim/testing', { ...about }, detail);
    case 'granularity': {
      // To verifiers that still follow RFC 4871 (§3.6.1), an empty g= matches no local part.
      const severity = problem.value === '' ? 'warning' : 'info';
      const evidence = { ...about, value: problem.value };
      return finding('dkim/obsolete-granularity', evidence, { ...detail, severity });
    }
  }
}

/** Reports the lookups of the search that failed: each may have been the lookup of a key. */
function* judgeSearchLookups({ failures }: Discovery, domain: string, finding: Emitter): Generator<Finding> {
  if (failures.length === 0) return;
  const reason = 'search-lookups-failed';
  const queries = failures.slice(0, MAX_SHOWN).map(queryEvidence);
  const detail = { about: { name: domain, item: reason }, rests: questionsOf(...failures) };
  yield finding('dkim/inconclusive', { reason, queries, failed: failures.length }, detail);
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
  keys: DkimFact,
  signing: SigningKey | null,
  domain: string,
  finding: Emitter,
): Generator<Finding> {
  const { lookups, verifiable } = keys;
  const isPairMissing = signing !== null && !lookups.some((lookup) => isPair(lookup, signing));
  if (verifiable === 'yes' && !isPairMissing) return;
  // The key that was meant is known, and stands at a wrong name.
  if (misplacedOf(keys, signing).length > 0) return;
  const { existence, node, control, tried, answers, failures } = discovery;
  if (failures.length > 0) return;
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
    const alias = lookup.query.chain.at(-1);
    const evidence = {
      selector: lookup.selector,
      name: lookup.name,
      record: assessment.strings,
      published: assessment.key.fingerprint,
      signing: signing.key.fingerprint,
      signingKey: { fingerprint: signing.key.fingerprint, record: signing.record },
      ...(alias === undefined ? {} : { alias }),
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
