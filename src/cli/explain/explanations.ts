/**
 * What a finding code means, why receivers care, how to see it by hand and how to fix it: from the rules' catalogues and
 * the guides (one file per rule in `guides/`). `mailcheck explain` prints it, and `docs/` is made of it.
 */
import { rules } from '../../check/rules/index.ts';
import { adviceFor } from '../../knowledge/guides/guide.ts';
import type { Explanation } from '../../reporters/explanation-page.ts';

/** Every code, in the order of the report. */
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
  })),
);

export function explanationOf(code: string): Explanation | undefined {
  return explanations.find((explanation) => explanation.code === code);
}
