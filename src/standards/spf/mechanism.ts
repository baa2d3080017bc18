/** Evaluates the mechanisms (RFC 7208 §5): whether each matches the client's address. */

import { type DnsAnswer, isAbsent, isFailure, type MxRecord, queryEvidence } from '../../network/dns/answer.ts';
import { isSameOrSubdomain } from '../../network/domain.ts';
import { MAX_LOOKUPS, MAX_MX_NAMES, MAX_VOID_LOOKUPS } from './limits.ts';
import { expandTarget, isQueryableName, macroLetters } from './macro.ts';
import { contains, networkOf, networkText } from './network.ts';
import { problemAt } from './problem.ts';
import type { DualPrefix, MacroString, Mechanism } from './record.ts';
import type { MatchedTerm, ProblemKind, RecordTrace, SpfProblem } from './result.ts';
import type { AddressType, Session } from './session.ts';
import { reverseNames, validated, validatedName } from './validated-name.ts';

export interface TermContext {
  readonly session: Session;
  /** `<domain>`: the domain whose record contains the term. */
  readonly domain: string;
  readonly term: { readonly text: string; readonly offset: number };
}

export interface MechanismContext extends TermContext {
  /** Evaluates the record of another domain, for `include`. */
  readonly evaluateTarget: (domain: string) => Promise<{
    readonly trace: RecordTrace;
    readonly matched: readonly MatchedTerm[];
    readonly problem: SpfProblem | null;
    readonly isVoid: boolean;
  }>;
}

/** The outcome of one mechanism. */
export interface Found {
  readonly isMatch: boolean;
  readonly reason: string;
  readonly target: string | null;
  readonly record: RecordTrace | null;
  readonly matched: readonly MatchedTerm[];
  readonly problem: SpfProblem | null;
}

/**
 * Evaluates a mechanism (RFC 7208 §5). Counts its lookups in the session.
 *
 * @returns whether the mechanism matches the client, or the problem that ends the check.
 */
export async function evaluateMechanism(context: MechanismContext, mechanism: Mechanism): Promise<Found> {
  switch (mechanism.name) {
    case 'all':
      return matches('always matches');
    case 'ip4':
    case 'ip6': {
      const isMatch = contains(mechanism.network, context.session.ip);
      const where = networkText(mechanism.network);
      return isMatch
        ? matches(`${context.session.ip} is in ${where}`)
        : misses(`${context.session.ip} is not in ${where}`);
    }
    default:
      return evaluateLookup(context, mechanism);
  }
}

type LookupMechanism = Exclude<Mechanism, { readonly name: 'all' | 'ip4' | 'ip6' }>;

async function evaluateLookup(context: MechanismContext, mechanism: LookupMechanism): Promise<Found> {
  const resolved = await resolveTarget(context, mechanism.domainSpec);
  if (resolved.problem) return problem(resolved.problem, null);
  const { target } = resolved;
  // RFC 8616 §4: a term whose macros insert a non-ASCII local part does not match.
  if (mechanism.domainSpec && hasNonAsciiLocalPart(context, mechanism.domainSpec)) {
    return misses('the local part of the sender is not ASCII', target);
  }
  if (mechanism.name === 'include') return evaluateInclude(context, target);
  if (!isQueryableName(target)) return misses('not a name that the DNS can hold', target);
  switch (mechanism.name) {
    case 'a':
      return evaluateA(context, target, mechanism.prefixLength);
    case 'mx':
      return evaluateMx(context, target, mechanism.prefixLength);
    case 'exists':
      return evaluateExists(context, target);
    case 'ptr':
      return evaluatePtr(context, target);
  }
}

export type ResolvedTarget =
  | { readonly target: string; readonly problem: null }
  | { readonly target: null; readonly problem: SpfProblem };

/**
 * Counts the lookup of a term (§4.6.4) and expands its target. The target of a term without domain-spec is `<domain>`
 * (§4.8).
 *
 * @returns the target name, or the problem when the lookup limit or the time limit is exceeded.
 */
export async function resolveTarget(context: TermContext, domainSpec: MacroString | null): Promise<ResolvedTarget> {
  const counted = countLookup(context);
  if (counted) return { target: null, problem: counted };
  if (domainSpec === null) return { target: context.domain, problem: null };
  const { session, domain } = context;
  let name = '';
  if (macroLetters(domainSpec).has('p')) {
    // §4.6.4 ¶3: "%{p}" costs one more lookup, for the PTR record.
    const again = countLookup(context);
    if (again) return { target: null, problem: again };
    name = await validatedName(session.dns, session.ip, domain);
  }
  return { target: expandTarget(domainSpec, { ...session.macros, domain, validatedName: name }), problem: null };
}

function countLookup(context: TermContext): SpfProblem | null {
  const { session } = context;
  if (session.isOverTime()) return fault(context, 'time-limit', 'the check takes longer than 20 seconds');
  if (session.lookups >= MAX_LOOKUPS) {
    return fault(context, 'too-many-lookups', `more than ${MAX_LOOKUPS} terms need DNS lookups`);
  }
  session.lookups += 1;
  return null;
}

function hasNonAsciiLocalPart(context: TermContext, domainSpec: MacroString): boolean {
  const letters = macroLetters(domainSpec);
  return (letters.has('s') || letters.has('l')) && /[^\x00-\x7f]/.test(context.session.macros.localPart);
}

/**
 * Evaluates `include` (§5.2). The result `pass` of the target matches, and `fail`, `softfail` and `neutral` do not.
 * `permerror` and `temperror` end the whole check. `none` becomes a permerror.
 */
async function evaluateInclude(context: MechanismContext, target: string): Promise<Found> {
  const evaluated = await context.evaluateTarget(target);
  const { trace } = evaluated;
  if (evaluated.isVoid) context.session.voidLookups += 1;
  if (evaluated.problem) return problem(evaluated.problem, target, trace);
  if (trace.result === 'none') {
    const message = `${target} has no SPF record to include`;
    return problem(fault(context, 'target-without-record', message, { target }), target, trace);
  }
  const isMatch = trace.result === 'pass';
  return {
    isMatch,
    reason: `${target} gives ${trace.result}`,
    target,
    record: trace,
    matched: isMatch ? evaluated.matched : [],
    problem: null,
  };
}

async function evaluateA(context: MechanismContext, target: string, prefixLength: DualPrefix): Promise<Found> {
  const type = context.session.addressType;
  const answer = await context.session.dns.query(target, type);
  const unusable = judge(context, target, answer);
  if (unusable) return unusable;
  return compareAddresses(context, target, answer, prefixLength) ?? misses(`no ${type} record has the address`, target);
}

/** Evaluates `mx` (§5.4): compares the addresses of each MX host in order of preference. */
async function evaluateMx(context: MechanismContext, target: string, prefixLength: DualPrefix): Promise<Found> {
  const { session } = context;
  const answer = await session.dns.query(target, 'MX');
  const unusable = judge(context, target, answer);
  if (unusable) return unusable;
  const exchanges = sortedExchanges(answer);
  if (exchanges.length > MAX_MX_NAMES) {
    const message = `${target} has ${exchanges.length} MX records; at most ${MAX_MX_NAMES} are allowed`;
    return problem(fault(context, 'too-many-mx', message, { target }), target);
  }
  const names = exchanges.filter(isQueryableName);
  for (const name of names) void session.ahead.query(name, session.addressType);
  for (const name of names) {
    const addresses = await session.dns.query(name, session.addressType);
    if (isFailure(addresses)) return failed(context, target, addresses);
    const match = compareAddresses(context, target, addresses, prefixLength);
    if (match) return { ...match, reason: `${match.reason} (MX ${name})` };
  }
  return misses(`none of its ${exchanges.length} MX hosts has the address`, target);
}

/** @returns the names of the MX hosts without trailing dots, the most preferred first. Empty when the lookup failed. */
export function sortedExchanges(answer: DnsAnswer<'MX'>): string[] {
  if (answer.status !== 'answer') return [];
  const byPreference = (a: MxRecord, b: MxRecord) => a.preference - b.preference;
  return [...answer.records]
    .sort(byPreference)
    .map(({ exchange }) => (exchange.endsWith('.') ? exchange.slice(0, -1) : exchange));
}

/** Evaluates `exists` (§5.7): queries A records even for an IPv6 client, and any address matches. */
async function evaluateExists(context: MechanismContext, target: string): Promise<Found> {
  const answer = await context.session.dns.query(target, 'A');
  return judge(context, target, answer) ?? matches(`${target} exists`, target);
}

/** Evaluates `ptr` (§5.5). A failed lookup of the PTR record or of an address is not an error and does not match. */
async function evaluatePtr(context: MechanismContext, target: string): Promise<Found> {
  const { session } = context;
  const { answer, names } = await reverseNames(session.dns, session.ip);
  if (isFailure(answer)) return misses(`the PTR lookup failed (${answer.status})`, target);
  if (isAbsent(answer))
    return countVoid(context, target, answer.name) ?? misses('the address has no PTR record', target);
  const candidates = names.filter((name) => isSameOrSubdomain(name, target));
  const [name] = await validated(session.dns, session.ip, candidates);
  return name === undefined
    ? misses(`no validated name in ${target}`, target)
    : matches(`validated name ${name}`, target);
}

/** @returns the outcome of a term for an answer without records, or `undefined` when there are records. */
function judge(context: TermContext, target: string, answer: DnsAnswer): Found | undefined {
  if (isFailure(answer)) return failed(context, target, answer);
  if (!isAbsent(answer)) return undefined;
  return countVoid(context, target, answer.name) ?? misses(`no ${answer.type} record (${answer.status})`, target);
}

/**
 * Counts a void lookup. §4.6.4 limits "the number of 'terms' for which DNS queries return" no records. So a term counts
 * at most once, by its own query. The queries for the addresses of MX hosts and PTR names do not count.
 *
 * @returns the problem when the limit is exceeded.
 */
function countVoid(context: TermContext, target: string, name: string): Found | undefined {
  context.session.voidLookups += 1;
  if (context.session.voidLookups <= MAX_VOID_LOOKUPS) return undefined;
  const message = `more than ${MAX_VOID_LOOKUPS} terms find no record, the last one ${name}`;
  return problem(fault(context, 'too-many-void-lookups', message, { target }), target);
}

function compareAddresses(
  context: TermContext,
  target: string,
  answer: DnsAnswer<AddressType>,
  prefixLength: DualPrefix,
): Found | undefined {
  if (answer.status !== 'answer') return undefined;
  const networks = answer.records.map((address) => networkOf(address, prefixLength));
  const network = networks.find((candidate) => candidate !== undefined && contains(candidate, context.session.ip));
  return network && matches(`${context.session.ip} is in ${networkText(network)}`, target);
}

function failed(context: TermContext, target: string, answer: DnsAnswer): Found {
  const message = `the ${answer.type} lookup of ${answer.name} failed (${answer.status})`;
  return problem(fault(context, 'dns-failure', message, { target, query: queryEvidence(answer) }), target);
}

function fault(
  context: TermContext,
  kind: ProblemKind,
  message: string,
  details: Partial<Pick<SpfProblem, 'target' | 'query'>> = {},
): SpfProblem {
  return problemAt(context.domain, context.term, kind, message, details);
}

function matches(reason: string, target: string | null = null): Found {
  return { isMatch: true, reason, target, record: null, matched: [], problem: null };
}

function misses(reason: string, target: string | null = null): Found {
  return { isMatch: false, reason, target, record: null, matched: [], problem: null };
}

function problem(value: SpfProblem, target: string | null, record: RecordTrace | null = null): Found {
  return { isMatch: false, reason: value.message, target, record, matched: [], problem: value };
}
