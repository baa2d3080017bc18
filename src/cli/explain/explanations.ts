/**
 * Explains each finding code: its meaning, the records that cause it, why receivers care, how to see it by hand and how to
 * fix it. The texts come from the rules' catalogues and the guides. `mailcheck explain` prints them, and `docs/` is generated from them.
 */
import { rules } from '../../check/rules/index.ts';
import { exampleOf } from '../../knowledge/guides/example.ts';
import { adviceFor } from '../../knowledge/guides/guide.ts';
import type { Explanation } from '../../reporters/explanation-page.ts';

/** The explanations of all finding codes, in the order of the report. */
export const explanations: readonly Explanation[] = rules.flatMap((rule) =>
  Object.entries(rule.findings).map(([code, spec]) => ({
    code,
    rule: rule.id,
    ruleTitle: rule.title,
    severity: spec.severity,
    title: spec.title,
    why: spec.explanation,
    reference: spec.reference,
    ...adviceFor(rule.id, code),
    example: exampleOf(rule.id, code),
  })),
);

/** @returns the explanation of a finding code, or `undefined` for an unknown code. */
export function explanationOf(code: string): Explanation | undefined {
  return explanations.find((explanation) => explanation.code === code);
}
