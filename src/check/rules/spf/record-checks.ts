/** Checks how the record is written and whom it authorises. */
import { recordsOf } from '../../../network/dns/answer.ts';
import { ipFamily, parseIp, specialPurpose } from '../../../network/ip.ts';
import { lettersOf } from '../../../network/octet-string.ts';
import {
  allNodes,
  allTerms,
  checkHost,
  contains,
  countIpv4,
  decidingNode,
  effectiveDirectives,
  effectiveRedirect,
  findAll,
  findModifier,
  firstAddress,
  gluedTerms,
  isDirective,
  isOpenTerm,
  openTerms,
  permittedNetworks,
  RECOMMENDED_RECORD_OCTETS,
  type SpfOutcome,
  type SpfRecord,
  type SpfSlipKind,
  usesReverseNames,
  type WalkNode,
} from '../../../standards/spf/index.ts';
import { testSender } from '../../facts/spf.ts';
import { type Edit, editSpf } from '../edit.ts';
import { type Finding, type FindingDetail, questionsOf } from '../finding.ts';
import { numbered } from '../numbered.ts';
import type { Context } from '../rule.ts';
import { treeQuestions } from './identity.ts';
import { isOwnZone } from './ownership.ts';
import { byHolder, inLetters, type Study, slipsIn } from './study.ts';
import type { TermEvidence } from './words.ts';

/** Two documentation addresses of each family (RFC 5737, RFC 3849). None of them may pass. */
const PROBES = ['192.0.2.1', '198.51.100.254', '2001:db8::1', '2001:db8:ffff::fffe'];
/** The number of IPv4 addresses in a /8. No sender owns more. */
const MAX_IPV4_ADDRESSES = 2 ** 24;
/** The prefix lengths of blocks that providers get, but not customers. */
const WIDE_PREFIX = { 4: 16, 6: 32 } as const;
/** The number of octets of a DNS answer over UDP that every resolver accepts (RFC 1035 §4.2.1). */
const SAFE_ANSWER_OCTETS = 512;
const MAX_SYNTAX_FINDINGS = 10;

/** Reports syntax errors, and terms that run together at the end of a character string. */
export async function* syntax(study: Study): AsyncGenerator<Finding> {
  const { finding, record, strings, reading } = study;
  const isClear = reading.meaning.kind === 'corrected';
  const problems = record.problems.slice(0, MAX_SYNTAX_FINDINGS);
  const items = numbered(problems.map(({ term }) => lettersOf(term)));
  for (const [index, problem] of problems.entries()) {
    const slips = slipsIn(study, problem.term);
    const evidence = { ...inLetters(problem), record: lettersOf(record.text), slips, isClear };
    yield finding('spf/syntax-error', evidence, ofRecord(study, items[index]));
  }
  const glued = gluedTerms(strings);
  const gluedItems = numbered(glued.map(({ term }) => term));
  const isJoinClear = study.slips.some(({ kind }) => kind === 'strings-joined');
  for (const [index, { term, parts }] of glued.entries()) {
    yield finding(
      'spf/string-join',
      { strings, term, parts, isClear: isJoinClear },
      ofRecord(study, gluedItems[index]),
    );
  }
}

/**
 * @returns the object of a finding about the domain's own record, or about one item of it, and the question it rests
 *   on.
 */
function ofRecord({ root, published }: Pick<Study, 'root' | 'published'>, item?: string): FindingDetail {
  const about = item === undefined ? { name: root.domain } : { name: root.domain, item };
  return { about, rests: questionsOf(published) };
}

/** Reports `ptr` terms, terms that receivers ignore, weak endings, and networks that are too wide or not public. */
export async function* wording(study: Study): AsyncGenerator<Finding> {
  const { finding, root, tree, record, slips } = study;
  const reverse = allTerms(root).filter(({ term }) => usesReverseNames(term));
  for (const [holder, walked] of byHolder(reverse)) {
    const terms = walked.map(({ domain, term }) => ({ domain, term: lettersOf(term.text) }));
    const rests = tree.questionsOfTerms(walked);
    yield finding('spf/ptr-mechanism', { terms }, { about: { name: holder }, rests });
  }
  const idle = slips.filter(({ kind }) => IDLE_SLIPS.has(kind));
  const modifiers = slips.filter(({ saw, kind }) => kind !== 'merged' && isUnknownModifier(record, saw));
  const ignored = [...ignoredTerms(record).map(({ text }) => text), ...modifiers.map(({ saw }) => saw)];
  const terms = [...new Set(ignored)];
  if (terms.length > 0) {
    const causes = [...new Set([...idle, ...modifiers])];
    yield finding('spf/redirect-ignored', { terms, slips: causes }, ofRecord(study));
  }
  yield* ending(study);
  yield* ranges(study);
}

/** The slips by which a term is never evaluated. */
const IDLE_SLIPS: ReadonlySet<SpfSlipKind> = new Set(['after-all', 'redirect-beside-all', 'second-all']);

/** Tells whether a text is a modifier of the record that receivers do not know. */
function isUnknownModifier(record: SpfRecord, text: string): boolean {
  return record.terms.some((term) => term.kind === 'unknown-modifier' && term.text === text);
}

/** @returns the terms that receivers ignore: directives after `all`, and a `redirect` beside it. */
function ignoredTerms(record: SpfRecord) {
  const effective = new Set<unknown>([...effectiveDirectives(record), effectiveRedirect(record)]);
  return record.terms.filter((term) => {
    const counts = term.kind === 'directive' || (term.kind === 'modifier' && term.name === 'redirect');
    return counts && !effective.has(term);
  });
}

/** Reports the ending of the record that decides for clients that no other term matches. */
function* ending({ context, finding, root, tree }: Study): Generator<Finding> {
  const node = decidingNode(root);
  if (!node?.record) return;
  const { domain, record } = node;
  const all = findAll(record);
  const evidence = { domain, record: lettersOf(record.text) };
  const detail = { about: { name: domain }, rests: tree.questionsTo(node) };
  const redirect = ownRedirect(root, context.target.domain);
  if (all === undefined) yield finding('spf/no-all', { ...evidence, redirect }, detail);
  else if (all.qualifier === '?') yield finding('spf/all-neutral', { ...evidence, redirect }, detail);
  else if (all.qualifier === '~') yield finding('spf/all-softfail', evidence, detail);
}

/** @returns the redirect by which the chain of records leaves the own zone, or `null` if it does not. */
function ownRedirect(root: WalkNode, domain: string): TermEvidence | null {
  for (let node = root; node.record !== null; ) {
    const redirect = effectiveRedirect(node.record);
    const next = node.terms.find(({ term }) => term === redirect)?.node;
    if (redirect === undefined || !next) return null;
    if (!isOwnZone(next.domain, domain)) return { domain: node.domain, term: redirect.text };
    node = next;
  }
  return null;
}

/** Reports networks that are wider than a customer's, and networks that are not public. */
function* ranges(study: Study): Generator<Finding> {
  const { context, finding, record } = study;
  const { target, settings } = context;
  const directives = record.terms.filter(isDirective);
  const items = numbered(directives.map(({ text }) => text));
  for (const [index, { mechanism, text: term, qualifier }] of directives.entries()) {
    if (qualifier !== '+' || !('network' in mechanism)) continue;
    const { network } = mechanism;
    const detail = ofRecord(study, items[index]);
    const covers = target.ips.filter((ip) => contains(network, ip));
    if (network.prefixLength <= WIDE_PREFIX[network.family]) {
      const ipv4Addresses = network.family === 4 ? 2 ** (32 - network.prefixLength) : null;
      const evidence = { term, ipv4Addresses, prefixLength: network.prefixLength, covers };
      yield finding('spf/range-too-wide', evidence, detail);
    }
    const first = parseIp(firstAddress(network));
    const range = first && specialPurpose(first, network.prefixLength);
    // A user who tests an address in a special-purpose block is in a lab.
    if (range === undefined || covers.length > 0) continue;
    const lab = settings.allowPrivate ? ({ severity: 'info' } as const) : {};
    yield finding('spf/not-public-range', { term, range }, { ...detail, ...lab });
  }
}

/** Reports a record that authorises anyone: by an open term, or by listing much of the internet. */
export async function* openness({ context, finding, root, record }: Study): AsyncGenerator<Finding> {
  const open = openTerms(root);
  const passing = open.length === 0 ? [] : await Promise.all(PROBES.map((probe) => passesUnlisted(context, probe)));
  const outcomes = passing.filter((outcome) => outcome !== null);
  const probes = outcomes.map(({ ip }) => ip);
  const isOpen = new Set(probes.map(ipFamily)).size === 2;
  const networks = permittedNetworks(root).filter(({ network }) => network.family === 4);
  const ipv4Addresses = countIpv4(networks.map(({ network }) => network));
  if (!isOpen && ipv4Addresses <= MAX_IPV4_ADDRESSES) return;
  const shortest = Math.min(...networks.map(({ network }) => network.prefixLength));
  const widest = networks.filter(({ network }) => network.prefixLength === shortest);
  const terms = isOpen ? open : widest.map(({ domain, term }) => ({ domain, term }));
  const others = openedBy(root, terms, context.target.domain);
  const edits = isOpen || others.length > 0 ? closing(record, root, terms, others, context) : [];
  const evidence = { terms, ipv4Addresses, probes: isOpen ? probes : [], others, edits };
  const rests = [...treeQuestions(root), ...questionsOf(...outcomes.flatMap(({ answers }) => answers))];
  yield finding('spf/permits-everyone', evidence, { about: { name: root.domain }, rests });
}

type OpenTerm = TermEvidence;

/** @returns the own terms that lead to open records of others. */
function openedBy(root: WalkNode, open: readonly OpenTerm[], domain: string): { term: string; holder: string }[] {
  const foreign = new Set(open.filter(({ domain: holder }) => !isOwnZone(holder, domain)).map((each) => each.domain));
  return root.terms.flatMap(({ term, node }) => {
    const holder = node && allNodes(node).find((below) => foreign.has(below.domain))?.domain;
    return holder ? [{ term: term.text, holder }] : [];
  });
}

/** @returns the edits that close an open record: an ending of its own, and no includes of open records. */
function closing(
  record: SpfRecord,
  root: WalkNode,
  open: readonly OpenTerm[],
  others: readonly { readonly term: string; readonly holder: string }[],
  { target }: Context,
): Edit[] {
  const edits: Edit[] = [];
  const own = open.filter(({ domain, term }) => isOwnZone(domain, target.domain) && /^\+?all$/i.test(term));
  for (const { domain } of own) edits.push(editSpf(domain, { do: 'end', with: '-all' }));
  for (const { term, holder } of others) {
    const because = `the record of ${holder} lets everyone pass`;
    const isRedirect = findModifier(record, 'redirect')?.text === term;
    edits.push(
      isRedirect
        ? editSpf(root.domain, { do: 'replace', term, by: ['-all'], because })
        : editSpf(root.domain, { do: 'leave-out', terms: [term], because }),
    );
  }
  if (edits.length > 0 && target.ips.length > 0) {
    edits.push(editSpf(root.domain, { do: 'authorise', ips: target.ips }));
  }
  return edits;
}

/**
 * @returns the outcome if the probe passes by an open term. `null` if it does not pass, or passes by a listed network.
 */
async function passesUnlisted(context: Context, probe: string): Promise<SpfOutcome | null> {
  const ip = parseIp(probe);
  if (!ip) return null;
  const { domain } = context.target;
  const outcome = await checkHost({
    ip,
    sender: testSender(domain),
    heloName: domain,
    resolver: context.dns,
  });
  const deciding = outcome.matched.at(-1);
  return outcome.result === 'pass' && deciding !== undefined && isOpenTerm(deciding.term) ? outcome : null;
}

/** Reports a record longer than recommended, or an answer over 512 octets, which needs EDNS or TCP (RFC 7208 §3.4). */
export function* size(study: Study): Generator<Finding> {
  const { finding, published, root, record } = study;
  const records = recordsOf(published);
  const octets = record.text.length;
  // Each record has a compressed owner name, fixed fields and a length octet per string (RFC 1035 §4.1).
  const data = records.map((strings) => 12 + strings.reduce((sum, part) => sum + 1 + part.length, 0));
  const answerOctets = data.reduce((sum, length) => sum + length, 12 + root.domain.length + 6);
  if (octets <= RECOMMENDED_RECORD_OCTETS && answerOctets <= SAFE_ANSWER_OCTETS) return;
  const evidence = { octets, answerOctets, txtRecords: records.length };
  yield finding('spf/record-too-long', evidence, ofRecord(study));
}
