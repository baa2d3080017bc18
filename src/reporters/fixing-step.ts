/** Finds the step that fixes a finding. */
import type { AdviceStep, FindingResult } from '../report/status.ts';

/** @returns the number of the first step that fixes the finding, counted from 1, or `undefined` if no step does. */
export function fixingStep(
  { code, subject }: FindingResult,
  steps: readonly Pick<AdviceStep, 'codes' | 'subjects'>[],
): number | undefined {
  const index = steps.findIndex(({ codes, subjects }) => codes.includes(code) && subjects.includes(subject));
  return index < 0 ? undefined : index + 1;
}
