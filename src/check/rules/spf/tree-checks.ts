/** Checks the tree below the record for any client: the number of lookups, and the targets of its branches. */
import { type DnsAnswer, isAbsent, isFailure, type Resolver, recordsOf } from '../../../network/dns/answer.ts';
import { ipFamily } from '../../../network/ip.ts';
import { lettersOf } from '../../../network/octet-string.ts';
import {
  addressTerms,
  allNodes,
  allTerms,
  costTree,
  isPlausible,
  MAX_LOOKUPS,
  MAX_MX_NAMES,
  MAX_VOID_LOOKUPS,
  registrableDomain,
  relieve,
  type WalkNode,
  type WalkTerm,
} from '../../../standards/spf/index.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../rule.ts';
import type { VoidName } from './findings.ts';
import { treeQuestions } from './identity.ts';
import { isOwnZone } from './ownership.ts';
import { byHolder, inLetters, type Study, slipsIn, unanswered } from './study.ts';
import { typedTarget } from './typed-target.ts';
import type { BrokenReason } from './words.ts';

/** The number of lookups from which one or two more break the record. */
const NEAR_LIMIT = MAX_LOOKUPS - 1;
const MAX_LISTED_PROBLEMS = 10;

/** Reports what exceeds the limits of RFC 7208 §4.6.4 for a client that no term matches. */
export async function* limits(study: Study): AsyncGenerator<Finding> {
  const { context, finding, root, tree, isTruncated } = study;
  const detail = { about: { name: root.domain }, rests: treeQuestions(root) };
  const hasLoop = allNodes(root).some(({ status }) => status === 'loop');
  const count = { count: root.cost, limit: MAX_LOOKUPS, isMinimum: isTruncated, tree: costTree(root) };
  if (root.cost > MAX_LOOKUPS) {
    yield finding('spf/too-many-lookups', { ...count, relief: await relieve(root, context.dns) }, detail);
  } else if (root.cost >= NEAR_LIMIT && !hasLoop) {
    yield finding('spf/near-lookup-limit', count, detail);
  }
  yield* voidLookups(study);
  for (const [walked, item] of tree.items) {
    const { term, domain, target, answers } = walked;
    const [answer] = answers;
    const records = answer?.type === 'MX' ? recordsOf(answer).length : 0;
    if (target === null || records <= MAX_MX_NAMES) continue;
    const evidence = { domain, term: term.text, target, count: records, limit: MAX_MX_NAMES };
    const rests = tree.questionsOfTerms([walked]);
    yield finding('spf/too-many-mx', evidence, { about: { name: domain, item }, rests });
  }
}

/**
 * Reports terms whose lookups find nothing. A term that is void for one family only counts if that family is tested.
 */
async function* voidLookups(study: Study): AsyncGenerator<Finding> {
  const { context, finding, root, tree } = study;
  const terms = allTerms(root);
  const dead = terms.filter(({ voidFor }) => voidFor.length === 2);
  const tested = new Set(context.target.ips.map(ipFamily));
  const perFamily = [...tested].map((family) => terms.filter(({ voidFor }) => voidFor.includes(family)));
  const worst = perFamily.find((list) => list.length > MAX_VOID_LOOKUPS) ?? dead;
  if (worst.length === 0) return;
  if (worst.length <= MAX_VOID_LOOKUPS) {
    // Each owner repairs the own record.
    for (const [holder, walked] of byHolder(worst)) {
      const evidence = await voidNames(study, walked);
      yield finding('spf/void-lookup', evidence, { about: { name: holder }, rests: tree.questionsOfTerms(walked) });
    }
    return;
  }
  const evidence = await voidNames(study, worst);
  const detail = { about: { name: root.domain }, rests: tree.questionsOfTerms(worst) };
  yield finding('spf/too-many-void-lookups', evidence, detail);
}

async function voidNames(study: Study, walkedTerms: readonly WalkTerm[]) {
  const replacements = await replacementsOf(study, walkedTerms);
  const names = walkedTerms.map((walked): VoidName => {
    const { term, domain, target, answers, node, voidFor } = walked;
    const absence = [...answers, ...answerOf(node)].find(isAbsent);
    const [family = null] = voidFor.length === 1 ? voidFor : [];
    const by = replacements.get(walked)?.by ?? null;
    const rcode = absence?.status ?? 'nodata';
    return {
      domain,
      term: lettersOf(term.text),
      target: target ?? domain,
      rcode,
      family,
      by,
      isDoubled: replacements.get(walked)?.isDoubled ?? false,
    };
  });
  return { names, count: names.length, slips: walkedTerms.flatMap(({ term }) => slipsIn(study, term.text)) };
}

/** What is written instead of a term. */
interface Replacement {
  readonly by: readonly string[];
  /** Whether the term is the same, without the zone that was appended to its name. */
  readonly isDoubled: boolean;
}

/**
 * @returns what is written instead of the own terms: nothing for those that find nothing for any client, and addresses
 *   for those that find something for one family, the own hosts first, until the rest is within the limit.
 */
async function replacementsOf(study: Study, worst: readonly WalkTerm[]): Promise<Map<WalkTerm, Replacement>> {
  const { context, root } = study;
  const own = worst.filter(
    ({ term, domain }) => domain === root.domain && isPlausible(term) && slipsIn(study, term.text).length === 0,
  );
  const replacements = new Map<WalkTerm, Replacement>();
  for (const walked of own.filter(({ voidFor }) => voidFor.length === 2)) {
    const typed = await typedTarget(walked, context.dns);
    const by = typed === null ? await otherMechanism(walked, context.dns) : [typed];
    replacements.set(walked, { by, isDoubled: typed !== null });
  }
  const isOwnHost = ({ target }: WalkTerm) => target !== null && isOwnZone(target, context.target.domain);
  const partial = own.filter(({ voidFor }) => voidFor.length === 1);
  for (const walked of [...partial.filter(isOwnHost), ...partial.filter((each) => !isOwnHost(each))]) {
    if (worst.length - replacements.size <= MAX_VOID_LOOKUPS) break;
    const by = await addressTerms(walked, context.dns);
    if (by !== null) replacements.set(walked, { by, isDoubled: false });
  }
  // A change that leaves too many of them settles nothing.
  return worst.length - replacements.size > MAX_VOID_LOOKUPS ? new Map() : replacements;
}

/**
 * Reports terms that lead to a broken record, into a loop or to a failed lookup, and terms that depend on the message.
 */
export async function* branches(study: Study): AsyncGenerator<Finding> {
  const { finding, root, tree } = study;
  const terms = allTerms(root);
  for (const [walked, item] of tree.items) yield* branch(study, walked, item);
  for (const { answers, node, domain } of terms) {
    const path = node?.path ?? (domain === root.domain ? [domain] : [root.domain, domain]);
    for (const answer of [...answers, ...answerOf(node)].filter(isFailure)) yield* unanswered(study, answer, path);
  }
  const dynamic = terms.filter(({ target }) => target === null);
  if (dynamic.length === 0) return;
  const evidence = { terms: dynamic.map(({ domain, term }) => ({ domain, term: term.text })) };
  yield finding('spf/dynamic-macro', evidence, { about: { name: root.domain }, rests: tree.questionsOfTerms(dynamic) });
}

/** @returns `a:` for an `mx:` of a host without MX record, and the reverse. Empty if that finds nothing either. */
async function otherMechanism({ term, target }: WalkTerm, dns: Resolver): Promise<string[]> {
  const [, qualifier = '', name = '', rest = ''] = /^([-~?+]?)(a|mx)(:.+)$/i.exec(term.text) ?? [];
  if (target === null || name === '') return [];
  const isMx = name.toLowerCase() === 'mx';
  const types = isMx ? (['A', 'AAAA'] as const) : (['MX'] as const);
  const answers = await Promise.all(types.map((type) => dns.query(target, type)));
  return answers.some((answer) => recordsOf<'A' | 'AAAA' | 'MX'>(answer).length > 0)
    ? [`${qualifier}${isMx ? 'a' : 'mx'}${rest}`]
    : [];
}

async function* branch(study: Study, walked: WalkTerm, item: string): AsyncGenerator<Finding> {
  const { term, domain, target, node } = walked;
  if (node === null || target === null) return;
  const reason = brokenReason(walked, node);
  if (reason === null && node.status !== 'loop') return;
  const rests = study.tree.questionsOfTerms([walked]);
  const evidence = { domain, term: term.text, path: node.path };
  if (reason === null) {
    yield study.finding('spf/loop', evidence, { about: { name: domain, item }, rests });
    return;
  }
  const registrable = reason === 'no-name' && (await isRegistrable(study.context, target));
  const problems = node.record?.problems.slice(0, MAX_LISTED_PROBLEMS).map(inLetters) ?? [];
  const typed = node.status === 'missing' ? await typedTarget(walked, study.context.dns) : null;
  const broken = { ...evidence, target, reason, problems, registrable, typed, slips: slipsIn(study, term.text) };
  yield study.finding('spf/include-broken', broken, { about: { name: target, item }, rests });
}

function answerOf(node: WalkNode | null): DnsAnswer[] {
  return node?.answer ? [node.answer] : [];
}

function brokenReason({ term }: WalkTerm, { status, answer }: WalkNode): BrokenReason | null {
  switch (status) {
    case 'missing':
      return isPlausible(term) ? missingReason(answer) : 'not-a-name';
    case 'multiple':
      return 'several-records';
    case 'invalid':
      return 'syntax';
    case 'malformed':
      return 'not-a-name';
    default:
      return null;
  }
}

function missingReason(answer: DnsAnswer | null): BrokenReason {
  if (answer?.status === 'nxdomain') return 'no-name';
  return answer?.status === 'nodata' ? 'no-txt' : 'no-record';
}

/** @returns whether the domain of a name is unregistered. Anyone could register it and authorise their own servers. */
async function isRegistrable({ dns }: Context, name: string): Promise<boolean> {
  const domain = registrableDomain(name);
  return domain !== null && (await dns.query(domain, 'NS')).status === 'nxdomain';
}
