/** Collects the DNS questions that findings about DMARC rest on. */
import type { Question } from '../../../report/status.ts';
import type { PolicyResult } from '../../../standards/dmarc/policy.ts';
import { type WalkStep, walkedNames } from '../../../standards/dmarc/tree-walk.ts';
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

/** @returns the questions that show the organizational domain of a domain (RFC 9989 §4.10.2). */
export function organizationQuestions(domain: string): Question[] {
  return walkedNames(domain).map((name) => ({ name, type: 'TXT' }));
}
