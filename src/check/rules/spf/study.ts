/** One record under study, and what its checks share. */
import { type DnsFailure, queryEvidence } from '../../../network/dns/answer.ts';
import type { IpAddress } from '../../../network/ip.ts';
import {
  authoriseAll,
  type SpfRecord,
  type WalkNode,
  type WalkTerm,
  withoutTerms,
} from '../../../standards/spf/index.ts';
import { testSender } from '../../facts/spf.ts';
import type { Emit, Finding } from '../finding.ts';
import type { Context } from '../rule.ts';
import type { findings } from './findings.ts';

export type Emitter = Emit<typeof findings>;

export interface Study {
  readonly context: Context;
  readonly finding: Emitter;
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

/** @returns the finding for a failed lookup, once per question. */
export function* unanswered(
  study: Pick<Study, 'finding' | 'unanswered'>,
  answer: DnsFailure,
  path: readonly string[],
): Generator<Finding> {
  const question = `${answer.type} ${answer.name}`;
  if (study.unanswered.has(question)) return;
  study.unanswered.add(question);
  const reason = `The ${answer.type} lookup of ${answer.name} failed: ${answer.detail || answer.status}`;
  yield study.finding(
    'spf/inconclusive',
    { reason, query: queryEvidence(answer), path },
    { about: { name: answer.name } },
  );
}

/** @returns the record, with the tested addresses added where they would not pass by it; itself where that is no help. */
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
