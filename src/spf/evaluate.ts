/**
 * check_host() (RFC 7208 §4): may this address send mail for this domain?
 *
 * A client of the standard alone: it takes a resolver and does no I/O of its own. Nothing here throws; whatever the
 * record or the DNS holds ends in one of the seven results, with a trace that says why.
 */
import { isAbsent, isFailure, queryEvidence, type Resolver } from '../dns/answer.ts';
import { canonicalName } from '../domain.ts';
import type { IpAddress } from '../ip.ts';
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

export interface CheckHostRequest {
  readonly ip: IpAddress;
  /** `<domain>`: whose record is evaluated. The domain of `sender` where absent. */
  readonly domain?: string;
  /** `<sender>`: the MAIL FROM address; `''` or `<>` for an empty reverse path. */
  readonly sender: string;
  readonly heloName: string;
  readonly resolver: Resolver;
  /** `%{r}`: the receiving host. */
  readonly receiver?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Whether to ask ahead for what the record will need; never changes the outcome. */
  readonly prefetch?: boolean;
}

/** What evaluating one domain's record came to. */
interface Evaluated {
  readonly trace: RecordTrace;
  readonly matched: readonly MatchedTerm[];
  readonly problem: SpfProblem | null;
  /** Set on a fail whose record has an `exp`. */
  readonly explanation: ExplanationSource | null;
  /** The domain has no TXT record at all, which makes the term that led here a void lookup. */
  readonly isVoid: boolean;
}

const RESULT_OF: Readonly<Record<Qualifier, SpfResult>> = { '+': 'pass', '-': 'fail', '?': 'neutral', '~': 'softfail' };

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
  };
}

/** The HELO identity (§2.3): the record of the HELO name, with `postmaster@` it as the sender. */
export function checkHelo(request: Omit<CheckHostRequest, 'sender' | 'domain'>): Promise<SpfOutcome> {
  return checkHost({ ...request, sender: '' });
}

/** §4.3 to §4.7 for one domain: the first, or the target of an `include` or `redirect`. */
async function evaluateDomain(session: Session, domain: string, isAhead: boolean): Promise<Evaluated> {
  const without = (result: SpfResult, reason: string, problem: SpfProblem | null = null, isVoid = false) => ({
    trace: { domain, record: null, result, reason, terms: [] },
    matched: [],
    problem,
    explanation: null,
    isVoid,
  });
  if (!isCheckableDomain(domain)) return without('none', 'not a domain name that can have a record');
  const answer = await session.dns.query(domain, 'TXT');
  if (isFailure(answer)) {
    const problem = problemAt(domain, null, 'dns-failure', `the TXT lookup of ${domain} failed (${answer.status})`, {
      target: domain,
      query: queryEvidence(answer),
    });
    return without('temperror', problem.message, problem);
  }
  if (isAbsent(answer)) return without('none', `no TXT record (${answer.status})`, null, true);
  const records = selectRecords(answer.records);
  const [text] = records;
  if (text === undefined) return without('none', 'no SPF record among its TXT records');
  if (records.length > 1) {
    const message = `${domain} has ${records.length} SPF records`;
    return without('permerror', message, problemAt(domain, null, 'multiple-records', message));
  }
  const record = parseRecord(text);
  if (record.problems.length > 0) return invalidRecord(domain, record);
  if (isAhead) prefetch(session, record, domain);
  return evaluateRecord(session, domain, record);
}

/** §4.6: a syntax error anywhere ends the check before anything is evaluated. */
function invalidRecord(domain: string, record: SpfRecord): Evaluated {
  const first = record.problems[0];
  const message = first ? `"${first.term}": ${first.message}` : 'syntax error';
  const problem = problemAt(domain, first ? { text: first.term, offset: first.offset } : null, 'syntax', message, {
    syntax: record.problems,
  });
  const terms = [...record.terms.map((term) => ({ term, problem: null })), ...record.problems.map((bad) => bad)];
  const traces: TermTrace[] = terms
    .map((entry) =>
      'kind' in entry
        ? untouched({ text: entry.term, offset: entry.offset }, 'error', entry.message)
        : untouched(entry.term, 'not-evaluated', 'the record has a syntax error'),
    )
    .sort((a, b) => a.offset - b.offset);
  return {
    trace: { domain, record: record.text, result: 'permerror', reason: message, terms: traces },
    matched: [],
    problem,
    explanation: null,
    isVoid: false,
  };
}

/** §4.6.2, §4.7: the first directive that matches decides; after them `redirect`; else neutral. */
async function evaluateRecord(session: Session, domain: string, record: SpfRecord): Promise<Evaluated> {
  const traces = new Map<Term, TermTrace>();
  const all = findAll(record);
  const finish = (
    result: SpfResult,
    reason: string,
    rest: Partial<Pick<Evaluated, 'matched' | 'problem' | 'explanation'>> = {},
  ): Evaluated => ({
    trace: {
      domain,
      record: record.text,
      result,
      reason,
      terms: record.terms.map((term) => traces.get(term) ?? passedBy(term, all)),
    },
    matched: [],
    problem: null,
    explanation: null,
    isVoid: false,
    ...rest,
  });

  for (const directive of record.terms.filter(isDirective)) {
    const step = await evaluateDirective(session, domain, directive);
    traces.set(directive, step.trace);
    if (step.problem) return finish(step.problem.result, step.problem.message, { problem: step.problem });
    if (step.trace.outcome !== 'match') continue;
    const result = RESULT_OF[directive.qualifier];
    const exp = findModifier(record, 'exp');
    return finish(result, `"${directive.text}" matches`, {
      matched: [{ domain, term: directive.text }, ...step.matched],
      explanation: result === 'fail' && exp ? { domain, domainSpec: exp.domainSpec } : null,
    });
  }
  const redirect = effectiveRedirect(record);
  if (redirect === undefined) return finish('neutral', 'nothing matches');
  return followRedirect(session, domain, redirect, traces, finish);
}

interface Step {
  readonly trace: TermTrace;
  readonly problem: SpfProblem | null;
  readonly matched: readonly MatchedTerm[];
}

async function evaluateDirective(session: Session, domain: string, directive: Directive): Promise<Step> {
  const before = { lookups: session.lookups, voidLookups: session.voidLookups };
  const context: MechanismContext = {
    session,
    domain,
    term: directive,
    evaluateTarget: (target) => evaluateDomain(session, target, false),
  };
  const found = await evaluateMechanism(context, directive.mechanism);
  const problem = found.problem;
  return {
    trace: {
      text: directive.text,
      offset: directive.offset,
      outcome: problem ? 'error' : found.isMatch ? 'match' : 'no-match',
      reason: problem ? problem.message : found.reason,
      lookups: session.lookups - before.lookups,
      voidLookups: session.voidLookups - before.voidLookups,
      target: found.target,
      record: found.record,
    },
    problem,
    matched: found.matched,
  };
}

/** §6.1: the result is that of the target, with its explanation; no record there is a permerror. */
async function followRedirect(
  session: Session,
  domain: string,
  redirect: Modifier,
  traces: Map<Term, TermTrace>,
  finish: (
    result: SpfResult,
    reason: string,
    rest?: Partial<Pick<Evaluated, 'matched' | 'problem' | 'explanation'>>,
  ) => Evaluated,
): Promise<Evaluated> {
  const before = { lookups: session.lookups, voidLookups: session.voidLookups };
  const trace = (outcome: TermTrace['outcome'], reason: string, target: string | null, record: RecordTrace | null) => {
    traces.set(redirect, {
      text: redirect.text,
      offset: redirect.offset,
      outcome,
      reason,
      lookups: session.lookups - before.lookups,
      voidLookups: session.voidLookups - before.voidLookups,
      target,
      record,
    });
  };
  const failed = (problem: SpfProblem, target: string | null, record: RecordTrace | null) => {
    trace('error', problem.message, target, record);
    return finish(problem.result, problem.message, { problem });
  };
  const counted = await resolveTarget({ session, domain, term: redirect }, redirect.domainSpec);
  if (counted.problem) return failed(counted.problem, null, null);
  const evaluated = await evaluateDomain(session, counted.target, false);
  if (evaluated.isVoid) session.voidLookups += 1;
  if (evaluated.problem) return failed(evaluated.problem, counted.target, evaluated.trace);
  if (evaluated.trace.result === 'none') {
    const message = `${counted.target} has no SPF record to redirect to`;
    const problem = problemAt(domain, redirect, 'target-without-record', message, { target: counted.target });
    return failed(problem, counted.target, evaluated.trace);
  }
  trace('match', `${canonicalName(counted.target)} decides`, counted.target, evaluated.trace);
  return finish(evaluated.trace.result, `redirected to ${counted.target}`, {
    matched: [{ domain, term: redirect.text }, ...evaluated.matched],
    explanation: evaluated.explanation,
  });
}

/** The trace of a term that was not evaluated, which depends on whether it ever could be. */
function passedBy(term: Term, all: Directive | undefined): TermTrace {
  if (term.kind === 'unknown-modifier') return untouched(term, 'ignored', 'not a modifier of RFC 7208');
  if (term.kind === 'modifier' && term.name === 'exp') return untouched(term, 'ignored', 'explanation of a fail');
  if (all && term.kind === 'modifier') return untouched(term, 'ignored', 'not used beside "all"');
  if (all && term.offset > all.offset) return untouched(term, 'ignored', 'after "all"');
  return untouched(term, 'not-evaluated', 'already decided');
}

function untouched(
  term: { readonly text: string; readonly offset: number },
  outcome: TermTrace['outcome'],
  reason: string,
): TermTrace {
  return {
    text: term.text,
    offset: term.offset,
    outcome,
    reason,
    lookups: 0,
    voidLookups: 0,
    target: null,
    record: null,
  };
}
