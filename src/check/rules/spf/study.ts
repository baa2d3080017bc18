/** One record under study, and what its checks share. */
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

export type Emitter = Emit<typeof findings>;

export interface Study {
  readonly context: Context;
  readonly finding: Emitter;
  /** The TXT records of the domain. */
  readonly published: DnsAnswer<'TXT'>;
  readonly root: WalkNode;
  readonly record: SpfRecord;
  /** The strings the record is published in. */
  readonly strings: readonly string[];
  readonly isTruncated: boolean;
  /** Codes reported so far. */
  readonly reported: Set<string>;
  /** Questions reported as unanswered, as `type name`. */
  readonly unanswered: Set<string>;
}

/**
 * @param path the domains whose records led to the question, from the tested domain on.
 * @returns the finding for a failed lookup, once per question.
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

/** @returns the record with the tested addresses added that do not pass by it; the same record where that is no help. */
export async function authorising(
  context: Context,
  text: string,
  ips: readonly IpAddress[] = context.target.ips,
): Promise<string> {
  const heloName = () => context.target.helo ?? context.target.domain;
  const ask = { resolver: context.dns, sender: testSender(context.target.domain), heloName };
  return (await authoriseAll(context.target.domain, text, ips, ask)) ?? text;
}

/** @returns the domain's own record without these terms; `null` where none of them is in it. */
export function withoutOwn({ record }: Pick<Study, 'record'>, terms: readonly WalkTerm[]): string | null {
  const own = terms.filter(({ term }) => record.terms.includes(term));
  return own.length === 0 ? null : withoutTerms(record, new Set(own.map(({ term }) => term.offset)));
}
