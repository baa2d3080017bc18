/**
 * Implements check_host() (RFC 7208 §4): may this address send mail for this domain?
 *
 * The check does no I/O except through the resolver that the caller passes. It never throws because of a record or of
 * the DNS. It always ends with one of the seven results, and with a trace that explains the result.
 */
import { isAbsent, isFailure, queryEvidence, type Resolver } from '../../network/dns/answer.ts';
import type { IpAddress } from '../../network/ip.ts';
import { type ExplanationSource, explain } from './explain.ts';
import { senderIdentity } from './identity.ts';
import { checkedDomain, isCheckableDomain } from './macro.ts';
import { evaluateMechanism, type MechanismContext, resolveTarget } from './mechanism.ts';
import { parseRecord, selectRecords } from './parse.ts';
import { prefetch } from './prefetch.ts';
import { problemAt } from './problem.ts';
import {
  type Directive,
  effectiveRedirect,
  findAll,
  findModifier,
  isDirective,
  type Modifier,
  type Qualifier,
  type SpfRecord,
  type Term,
} from './record.ts';
import type { MatchedTerm, RecordTrace, SpfOutcome, SpfProblem, SpfResult, TermTrace } from './result.ts';
import { askOnce, Session } from './session.ts';
import { invalidTerms, passedBy, traceFrom } from './trace.ts';

export interface CheckHostRequest {
  readonly ip: IpAddress;
  /** `<domain>`: the domain whose record is evaluated. By default the domain of `sender`. */
  readonly domain?: string;
  /** `<sender>`: the MAIL FROM address. `''` or `<>` means an empty reverse path. */
  readonly sender: string;
  readonly heloName: string;
  readonly resolver: Resolver;
  /** `%{r}`: the name of the receiving host. By default "unknown" (§7.3). */
  readonly receiver?: string;
  /** The clock in milliseconds since the epoch. By default the system's. */
  readonly now?: () => number;
  /** Whether to start queries before the evaluation needs them (default: true). It does not change the outcome. */
  readonly prefetch?: boolean;
}

/** The result of evaluating the record of one domain. */
interface Evaluated {
  readonly trace: RecordTrace;
  readonly matched: readonly MatchedTerm[];
  readonly problem: SpfProblem | null;
  /** The `exp=` of the record that decided, when the result is `fail`. */
  readonly explanation: ExplanationSource | null;
  /** Whether the domain has no TXT record at all. The term that refers to it is then a void lookup. */
  readonly isVoid: boolean;
}

const RESULT_OF: Readonly<Record<Qualifier, SpfResult>> = { '+': 'pass', '-': 'fail', '?': 'neutral', '~': 'softfail' };

/**
 * Checks whether an address may send mail for a domain (RFC 7208 §4).
 *
 * @returns the result with its trace. Never rejects.
 */
export async function checkHost(request: CheckHostRequest): Promise<SpfOutcome> {
  const sender = senderIdentity(request.sender, request.heloName);
  const senderDomain = checkedDomain(sender.domain);
  const domain = request.domain === undefined ? senderDomain : checkedDomain(request.domain);
  const dns = askOnce(request.resolver);
  const session = new Session(
    dns,
    {
      ip: request.ip,
      localPart: sender.localPart,
      senderDomain,
      heloName: request.heloName,
      receiver: request.receiver ?? 'unknown',
    },
    request.now ?? Date.now,
  );
  const isAhead = request.prefetch ?? true;
  const evaluated = await evaluateDomain(session, domain, isAhead);
  const { result } = evaluated.trace;
  const explanation = result === 'fail' && evaluated.explanation ? await explain(session, evaluated.explanation) : null;
  return {
    result,
    explanation,
    ip: request.ip,
    domain,
    sender: `${sender.localPart}@${senderDomain}`,
    heloName: request.heloName,
    lookups: session.lookups,
    voidLookups: session.voidLookups,
    matched: evaluated.matched,
    problem: evaluated.problem,
    trace: evaluated.trace,
    answers: await session.answers(),
  };
}

/**
 * Checks the HELO identity (§2.3): evaluates the record of the HELO name, with `postmaster@` the HELO name as sender.
 *
 * @returns the result with its trace. Never rejects.
 */
export function checkHelo(request: Omit<CheckHostRequest, 'sender' | 'domain'>): Promise<SpfOutcome> {
  return checkHost({ ...request, sender: '' });
}

/** Evaluates one domain (§4.3 to §4.7): the domain of the check, or the target of an `include` or `redirect`. */
async function evaluateDomain(session: Session, domain: string, isAhead: boolean): Promise<Evaluated> {
  if (!isCheckableDomain(domain)) return without(domain, 'none', 'not a domain name that can have a record');
  const answer = await session.dns.query(domain, 'TXT');
  if (isFailure(answer)) {
    const details = { target: domain, query: queryEvidence(answer) };
    const message = `the TXT lookup of ${domain} failed (${answer.status})`;
    return failed(domain, problemAt(domain, null, 'dns-failure', message, details));
  }
  if (isAbsent(answer)) return { ...without(domain, 'none', `no TXT record (${answer.status})`), isVoid: true };
  const records = selectRecords(answer.records);
  const [text] = records;
  if (text === undefined) return without(domain, 'none', 'no SPF record among its TXT records');
  if (records.length > 1) {
    const message = `${domain} has ${records.length} SPF records`;
    return failed(domain, problemAt(domain, null, 'multiple-records', message));
  }
  const record = parseRecord(text);
  const [error] = record.problems;
  // §4.6: a syntax error anywhere in the record ends the check before any term is evaluated.
  if (error) {
    const term = { text: error.term, offset: error.offset };
    const details = { syntax: record.problems };
    const problem = problemAt(domain, term, 'syntax', `"${error.term}": ${error.message}`, details);
    const { trace, ...rest } = failed(domain, problem);
    return { ...rest, trace: { ...trace, record: text, terms: invalidTerms(record) } };
  }
  if (isAhead) prefetch(session, record, domain);
  return evaluateRecord(session, domain, record);
}

function without(domain: string, result: SpfResult, reason: string): Evaluated {
  const trace = { domain, record: null, result, reason, terms: [] };
  return { trace, matched: [], problem: null, explanation: null, isVoid: false };
}

function failed(domain: string, problem: SpfProblem): Evaluated {
  return { ...without(domain, problem.result, problem.message), problem };
}

/** The outcome of one term of a record. */
interface Step {
  readonly trace: TermTrace;
  /** The verdict, or `null` when the term does not decide. */
  readonly verdict: Verdict | null;
}

interface Verdict {
  readonly result: SpfResult;
  readonly reason: string;
  readonly matched: readonly MatchedTerm[];
  readonly problem: SpfProblem | null;
  readonly explanation: ExplanationSource | null;
}

const NOTHING_MATCHES: Verdict = {
  result: 'neutral',
  reason: 'nothing matches',
  matched: [],
  problem: null,
  explanation: null,
};

/** Evaluates a record (§4.6.2, §4.7). The first matching directive decides, otherwise `redirect`, otherwise neutral. */
async function evaluateRecord(session: Session, domain: string, record: SpfRecord): Promise<Evaluated> {
  const traces = new Map<Term, TermTrace>();
  let verdict: Verdict | null = null;
  for (const directive of record.terms.filter(isDirective)) {
    const step = await evaluateDirective(session, domain, record, directive);
    traces.set(directive, step.trace);
    verdict = step.verdict;
    if (verdict) break;
  }
  const redirect = effectiveRedirect(record);
  if (verdict === null && redirect) {
    const step = await followRedirect(session, domain, redirect);
    traces.set(redirect, step.trace);
    verdict = step.verdict;
  }
  const { result, reason, ...rest } = verdict ?? NOTHING_MATCHES;
  const all = findAll(record);
  const terms = record.terms.map((term) => traces.get(term) ?? passedBy(term, all));
  return { ...rest, trace: { domain, record: record.text, result, reason, terms }, isVoid: false };
}

async function evaluateDirective(
  session: Session,
  domain: string,
  record: SpfRecord,
  directive: Directive,
): Promise<Step> {
  const trace = traceFrom(session, directive);
  const evaluateTarget = (target: string): Promise<Evaluated> => evaluateDomain(session, target, false);
  const context: MechanismContext = { session, domain, term: directive, evaluateTarget };
  const {
    isMatch,
    reason,
    target,
    record: below,
    matched,
    problem,
  } = await evaluateMechanism(context, directive.mechanism);
  if (problem) return { trace: trace('error', reason, target, below), verdict: ending(problem) };
  if (!isMatch) return { trace: trace('no-match', reason, target, below), verdict: null };
  const result = RESULT_OF[directive.qualifier];
  const exp = findModifier(record, 'exp');
  return {
    trace: trace('match', reason, target, below),
    verdict: {
      result,
      reason: `"${directive.text}" matches`,
      matched: [{ domain, term: directive.text }, ...matched],
      problem: null,
      explanation: result === 'fail' && exp ? { domain, domainSpec: exp.domainSpec } : null,
    },
  };
}

/**
 * Follows `redirect` (§6.1). The result and the explanation are those of the target. A missing record is a permerror.
 */
async function followRedirect(session: Session, domain: string, redirect: Modifier): Promise<Step> {
  const trace = traceFrom(session, redirect);
  const resolved = await resolveTarget({ session, domain, term: redirect }, redirect.domainSpec);
  if (resolved.problem) {
    return { trace: trace('error', resolved.problem.message, null, null), verdict: ending(resolved.problem) };
  }
  const { target } = resolved;
  const evaluated = await evaluateDomain(session, target, false);
  if (evaluated.isVoid) session.voidLookups += 1;
  const problem =
    evaluated.trace.result === 'none'
      ? problemAt(domain, redirect, 'target-without-record', `${target} has no SPF record to redirect to`, { target })
      : evaluated.problem;
  if (problem) return { trace: trace('error', problem.message, target, evaluated.trace), verdict: ending(problem) };
  return {
    trace: trace('match', `${target} decides`, target, evaluated.trace),
    verdict: {
      result: evaluated.trace.result,
      reason: `redirected to ${target}`,
      matched: [{ domain, term: redirect.text }, ...evaluated.matched],
      problem: null,
      explanation: evaluated.explanation,
    },
  };
}

function ending(problem: SpfProblem): Verdict {
  return { result: problem.result, reason: problem.message, matched: [], problem, explanation: null };
}
