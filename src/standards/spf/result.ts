/** The outcome of a check, and the trace that explains it. */
import type { DnsAnswer, QueryEvidence } from '../../network/dns/answer.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { SyntaxProblem } from './record.ts';

/** RFC 7208 §2.6. */
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

/** Why a check ended in permerror or temperror. */
export interface SpfProblem {
  readonly kind: ProblemKind;
  readonly result: 'permerror' | 'temperror';
  readonly message: string;
  /** The domain whose record was being evaluated. */
  readonly domain: string;
  readonly term: string | null;
  /** Octets from the start of that record to the term. */
  readonly offset: number | null;
  /** The target of the term or the name whose lookup failed, where there is one. */
  readonly target: string | null;
  /** Every error of the record, where the kind is `syntax`. */
  readonly syntax?: readonly SyntaxProblem[];
  readonly query?: QueryEvidence;
}

export type TermOutcome =
  | 'match'
  | 'no-match'
  /** It ended the check in permerror or temperror. */
  | 'error'
  /** Not reached: the check had ended. */
  | 'not-evaluated'
  /** Never evaluated: after `all`, `redirect` beside `all`, `exp`, unknown modifiers. */
  | 'ignored';

export interface TermTrace {
  readonly text: string;
  readonly offset: number;
  readonly outcome: TermOutcome;
  /** Why, as a short clause. */
  readonly reason: string;
  /** Lookups counted for this term and everything below it (§4.6.4). */
  readonly lookups: number;
  readonly voidLookups: number;
  /** The name asked for, macros expanded. */
  readonly target: string | null;
  /** The record an `include` or `redirect` led to. */
  readonly record: RecordTrace | null;
}

export interface RecordTrace {
  readonly domain: string;
  /** `null` where there is none or no single one. */
  readonly record: string | null;
  readonly result: SpfResult;
  /** Why there is no record to evaluate, or what decided, as a short clause. */
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
  /** Text of the domain's `exp=` on a fail (§6.2); `null` where it has none that can be used. */
  readonly explanation: string | null;
  readonly ip: IpAddress;
  readonly domain: string;
  /** `local-part@domain`. */
  readonly sender: string;
  readonly heloName: string;
  /** Terms counted against the limit of 10. */
  readonly lookups: number;
  /** Terms counted against the limit of 2. */
  readonly voidLookups: number;
  /** The terms that decided, from the domain's own record inwards; empty when nothing matched. */
  readonly matched: readonly MatchedTerm[];
  readonly problem: SpfProblem | null;
  readonly trace: RecordTrace;
  /** The answers of the DNS that led to the result, in the order of the questions. */
  readonly answers: readonly DnsAnswer[];
}
