/**
 * What a finding code means, why receivers care, how to see it by hand and how to fix it: from the rules' catalogues and
 * the guides (one file per rule in `guides/`). `mailcheck explain` prints it, and `docs/` is made of it.
 */
import { rowsOf } from '../data-folder.ts';
import { rules } from '../rules/index.ts';
import { RECEIVER_RULE } from '../rules/receiver/predictions.ts';
import type { FindingCatalogue, Severity } from '../rules/rule.ts';

/** How to see and fix what a rule finds; `see` of a code takes the place of the rule's. */
export interface Guide {
  readonly rule: string;
  readonly see: readonly string[];
  readonly codes: Readonly<Record<string, { readonly fix: string; readonly see?: readonly string[] }>>;
}

export interface Explanation {
  readonly code: string;
  readonly rule: string;
  readonly ruleTitle: string;
  readonly severity: Severity;
  readonly title: string;
  /** Why receivers care. */
  readonly why: string;
  /** Commands that show it, with documentation names. */
  readonly see: readonly string[];
  readonly fix: string;
  readonly reference: string;
}

// The tests hold every guide to this shape.
const guides = rowsOf('explain/guides', import.meta.url) as readonly Guide[];

interface Explained {
  readonly id: string;
  readonly title: string;
  readonly findings: FindingCatalogue;
}

const explained: readonly Explained[] = [...rules, RECEIVER_RULE];

const FALLBACK = 'Run the check: its report says what to type, with your own values.';

/** Every code, in the order of the report. */
export const explanations: readonly Explanation[] = explained.flatMap((rule) => {
  const guide = guides.find((candidate) => candidate.rule === rule.id);
  return Object.entries(rule.findings).map(([code, spec]) => {
    const own = guide?.codes[code];
    return {
      code,
      rule: rule.id,
      ruleTitle: rule.title,
      severity: spec.severity,
      title: spec.title,
      why: spec.explanation,
      see: own?.see ?? guide?.see ?? [],
      fix: own?.fix ?? FALLBACK,
      reference: spec.reference,
    };
  });
});

export function explanationOf(code: string): Explanation | undefined {
  return explanations.find((explanation) => explanation.code === code);
}
