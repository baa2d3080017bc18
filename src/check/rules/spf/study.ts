/** Defines what the checks of one SPF record share. */
import { type DnsAnswer, type DnsFailure, queryEvidence } from '../../../network/dns/answer.ts';
import type { IpAddress } from '../../../network/ip.ts';
import {
  authoriseAll,
  type SpfRecord,
  type WalkNode,
  type WalkTerm,
  withoutTerms,
} from '../../../standards/spf/index.ts';
import { testSender } from '../../facts/spf.ts';
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

/**
 * @returns the record with those addresses added that it does not authorise. It is unchanged if adding them does not
 *   help.
 */
export async function authorising(
  context: Context,
  text: string,
  ips: readonly IpAddress[] = context.target.ips,
): Promise<string> {
  const heloName = () => context.target.helo ?? context.target.domain;
  const ask = { resolver: context.dns, sender: testSender(context.target.domain), heloName };
  return (await authoriseAll(context.target.domain, text, ips, ask)) ?? text;
}

/** @returns the domain's own record without these terms, or `null` when it contains none of them. */
export function withoutOwn({ record }: Pick<Study, 'record'>, terms: readonly WalkTerm[]): string | null {
  const own = terms.filter(({ term }) => record.terms.includes(term));
  return own.length === 0 ? null : withoutTerms(record, new Set(own.map(({ term }) => term.offset)));
}
