/** The types of a check's outcome, and of the trace that explains it. */
import type { DnsAnswer, QueryEvidence } from '../../network/dns/answer.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { SyntaxProblem } from './record.ts';

/** The results of a check (RFC 7208 §2.6). */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

export type ProblemKind =
  | 'syntax'
  | 'multiple-records'
  | 'too-many-lookups'
  | 'too-many-void-lookups'
  | 'too-many-mx'
  /** The target of an `include` or `redirect` has no record. */
  | 'target-without-record'
  | 'dns-failure'
  | 'time-limit';

/** The reason why a check ended with permerror or temperror. */
export interface SpfProblem {
  readonly kind: ProblemKind;
  readonly result: 'permerror' | 'temperror';
  readonly message: string;
  /** The domain whose record was evaluated. */
  readonly domain: string;
  readonly term: string | null;
  /** Octets from the start of the record to the term. */
  readonly offset: number | null;
  /** The target of the term, or the name whose lookup failed, or `null`. */
  readonly target: string | null;
  /** All syntax errors of the record, when the kind is `syntax`. */
  readonly syntax?: readonly SyntaxProblem[];
  readonly query?: QueryEvidence;
}

export type TermOutcome =
  | 'match'
  | 'no-match'
  /** The term ended the check with permerror or temperror. */
  | 'error'
  /** The check ended before this term. */
  | 'not-evaluated'
  /** No check evaluates this term: a term after `all`, `redirect` beside `all`, `exp`, or an unknown modifier. */
  | 'ignored';

export interface TermTrace {
  readonly text: string;
  readonly offset: number;
  readonly outcome: TermOutcome;
  /** The reason of the outcome, as a short clause. */
  readonly reason: string;
  /** Counted lookups of this term and of the records below it (§4.6.4). */
  readonly lookups: number;
  readonly voidLookups: number;
  /** The queried name with its macros expanded, or `null`. */
  readonly target: string | null;
  /** The trace of the record to which an `include` or `redirect` leads. */
  readonly record: RecordTrace | null;
}

export interface RecordTrace {
  readonly domain: string;
  /** The text of the record, or `null` when the domain does not have exactly one. */
  readonly record: string | null;
  readonly result: SpfResult;
  /** The term that decided, or why there is no record to evaluate, as a short clause. */
  readonly reason: string;
  readonly terms: readonly TermTrace[];
}

export interface MatchedTerm {
  readonly domain: string;
  readonly term: string;
}

/** The outcome of one check. */
export interface SpfOutcome {
  readonly result: SpfResult;
  /** The text of the domain's `exp=` for the result `fail` (§6.2), or `null` when there is no usable one. */
  readonly explanation: string | null;
  readonly ip: IpAddress;
  readonly domain: string;
  /** The MAIL FROM identity as `local-part@domain`. */
  readonly sender: string;
  readonly heloName: string;
  /** Number of lookups. The limit is 10 (§4.6.4). */
  readonly lookups: number;
  /** Number of void lookups. The limit is 2 (§4.6.4). */
  readonly voidLookups: number;
  /** The matching terms, from the domain's own record to the innermost included one. Empty without a match. */
  readonly matched: readonly MatchedTerm[];
  readonly problem: SpfProblem | null;
  readonly trace: RecordTrace;
  /** The DNS answers that the result depends on, in the order of the queries. */
  readonly answers: readonly DnsAnswer[];
}
