/** Collects the DNS questions that findings about DMARC rest on. */
import type { Question } from '../../../report/status.ts';
import type { PolicyResult } from '../../../standards/dmarc/policy.ts';
import type { WalkStep } from '../../../standards/dmarc/tree-walk.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import { questionsOf } from '../finding.ts';

/** @returns the question for the record at one step of a tree walk. Empty when the step asked none. */
export function stepQuestions({ query }: Pick<WalkStep, 'query'>): Question[] {
  return query === null ? [] : questionsOf(query);
}

/** @returns the questions for every record that may decide the policy of the domain. */
export function policyQuestions({ walk, suffixList }: DmarcFact): Question[] {
  return [...walk.steps, suffixList.step].flatMap(stepQuestions);
}

/** @returns the question whether the domain exists, if the policy depends on it through "np". Otherwise empty. */
export function existenceQuestions(result: PolicyResult, { apex }: DmarcFact): Question[] {
  const depends = result.kind === 'policy' && result.source !== 'own' && result.record.np !== null;
  return depends ? questionsOf(apex) : [];
}
