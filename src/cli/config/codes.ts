/** Lists the finding codes that a configuration file may name. */
import { ruleIdOf, rules } from '../../check/rules/index.ts';
import type { Severity } from '../../report/status.ts';

interface Code {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
}

const all: readonly Code[] = rules.flatMap(({ findings }) =>
  Object.entries(findings).map(([code, { severity, title }]) => ({ code, severity, title })),
);

/**
 * The codes whose severity a configuration may change, and which it may accept. Codes for something that could not be
 * checked are not among them.
 */
export const judgeable: readonly Code[] = all.filter(({ severity }) => severity !== 'inconclusive');

/** @returns the rule id of a code for something that could not be checked, or `undefined` for any other text. */
export function blindRule(text: string): string | undefined {
  const found = all.find(({ code, severity }) => code === text && severity === 'inconclusive');
  return found === undefined ? undefined : ruleIdOf(found.code);
}
