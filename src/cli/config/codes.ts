/** The finding codes that a configuration may name. */
import { rules } from '../../check/rules/index.ts';
import type { Severity } from '../../report/status.ts';

interface Code {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
}

const all: readonly Code[] = rules.flatMap(({ findings }) =>
  Object.entries(findings).map(([code, { severity, title }]) => ({ code, severity, title })),
);

/** Those whose severity may be another, and that may be accepted: not those that say what could not be checked. */
export const judgeable: readonly Code[] = all.filter(({ severity }) => severity !== 'inconclusive');

/** @returns the rule of a code that says what could not be checked. */
export function blindRule(text: string): string | undefined {
  const found = all.find(({ code, severity }) => code === text && severity === 'inconclusive');
  return found?.code.split('/')[0];
}
