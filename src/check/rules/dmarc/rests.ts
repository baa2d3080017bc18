/** The DNS questions on which findings about DMARC rest. */
import type { Question } from '../../../report/status.ts';
import type { PolicyResult } from '../../../standards/dmarc/policy.ts';
import { type WalkStep, walkedNames } from '../../../standards/dmarc/tree-walk.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import { questionsOf } from '../finding.ts';

/** @returns the question for the record at one name of a walk. */
export function stepQuestions({ query }: Pick<WalkStep, 'query'>): Question[] {
  return query === null ? [] : questionsOf(query);
}

/** @returns the questions for every record that decides on the policy of the domain. */
export function policyQuestions({ walk, suffixList }: DmarcFact): Question[] {
  return [...walk.steps, suffixList.step].flatMap(stepQuestions);
}

/** @returns the question whether the domain exists, where "np" makes the policy depend on it. */
export function existenceQuestions(result: PolicyResult, { apex }: DmarcFact): Question[] {
  const depends = result.kind === 'policy' && result.source !== 'own' && result.record.np !== null;
  return depends ? questionsOf(apex) : [];
}

/** @returns the questions that tell to which organization a domain belongs (RFC 9989 §4.10.2). */
export function organizationQuestions(domain: string): Question[] {
  return walkedNames(domain).map((name) => ({ name, type: 'TXT' }));
}
