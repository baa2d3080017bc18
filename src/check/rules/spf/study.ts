/** Defines what the checks of one SPF record share. */
import { type DnsAnswer, type DnsFailure, queryEvidence } from '../../../network/dns/answer.ts';
import { lettersOf } from '../../../network/octet-string.ts';
import type {
  SpfReading,
  SpfRecord,
  SpfSlip,
  SyntaxProblem,
  WalkNode,
  WalkTerm,
} from '../../../standards/spf/index.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import type { Context } from '../rule.ts';
import type { findings } from './findings.ts';
import type { TreeIndex } from './identity.ts';

/** Makes the findings of the spf rule. */
export type Emitter = Emit<typeof findings>;

/** One record, the tree below it, and what the checks have reported so far. */
export interface Study {
  readonly context: Context;
  readonly finding: Emitter;
  /** The answer with the TXT records of the domain. */
  readonly published: DnsAnswer<'TXT'>;
  readonly root: WalkNode;
  readonly tree: TreeIndex;
  readonly record: SpfRecord;
  /** The character strings of the record as published. */
  readonly strings: readonly string[];
  /** What the owner meant by all TXT records of the domain. */
  readonly reading: SpfReading;
  /** The slips of the owner, where it is plain what was meant. */
  readonly slips: readonly SpfSlip[];
  /** Whether the walk left out branches, so that its counts are minima. */
  readonly isTruncated: boolean;
  /** The finding codes reported so far. */
  readonly reported: Set<string>;
  /** The failed lookups reported so far, as `TYPE name`. */
  readonly unanswered: Set<string>;
}

/**
 * Reports a failed lookup, once per question.
 *
 * @param path the domains whose records led to the question, beginning with the tested domain.
 */
export function* unanswered(
  study: Pick<Study, 'finding' | 'unanswered'>,
  answer: DnsFailure,
  path: readonly string[],
): Generator<Finding> {
  const { name, type } = answer;
  const question = `${type} ${name}`;
  if (study.unanswered.has(question)) return;
  study.unanswered.add(question);
  const evidence = { reason: 'lookup-failed', query: queryEvidence(answer), path } as const;
  const records = path.map((domain) => ({ name: domain, type: 'TXT' }));
  const rests = [...records, ...questionsOf(answer)];
  yield study.finding('spf/inconclusive', evidence, { about: { name, item: type }, rests });
}

/** @returns the slips of the owner in a term, if another term was meant by it. */
export function slipsIn({ slips }: Pick<Study, 'slips'>, term: string): SpfSlip[] {
  const letters = lettersOf(term);
  return slips.filter(({ saw }) => saw.split(' ').includes(letters));
}

/** @returns the terms by the domain whose record holds them, so that each finding is for one owner. */
export function byHolder(terms: readonly WalkTerm[]): Map<string, readonly WalkTerm[]> {
  const holders = [...new Set(terms.map(({ domain }) => domain))];
  return new Map(holders.map((holder) => [holder, terms.filter(({ domain }) => domain === holder)]));
}

/** @returns the error with its texts in letters, as the owner sees them. */
export function inLetters({ term, message, ...problem }: SyntaxProblem): SyntaxProblem {
  return { ...problem, term: lettersOf(term), message: lettersOf(message) };
}
