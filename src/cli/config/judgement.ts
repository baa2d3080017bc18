/** Takes from the configuration what changes findings. */
import type { Judgement } from '../../check/conclusion/judgement.ts';
import type { ReadonlyDeep } from '../../report/schema.ts';
import type { Config } from './schema.ts';

/** @returns the configured severities and accepted findings, without the keys that are there and have no value. */
export function configuredJudgement({
  severity,
  accept = [],
}: ReadonlyDeep<Pick<Config, 'severity' | 'accept'>>): Required<Pick<Judgement, 'severity' | 'accept'>> {
  return { severity: definedOnly(severity), accept: accept.map(definedOnly) };
}

/** Returns a copy of the object without the keys whose value is undefined. */
function definedOnly<T extends object>(value: T | undefined): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, held]) => held !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
