/** What is said about a value that a configuration cannot hold. */

import { keyVariables } from '../../knowledge/lists/catalogue.ts';
import { quoteInput } from '../../usage-error.ts';
import { nearest } from '../options/parse.ts';
import { blindRule, judgeable } from './codes.ts';

export function unknownCode(code: string): string {
  const rule = blindRule(code);
  if (rule !== undefined) {
    return `${code} says that something could not be checked, which no configuration turns into a pass. Type allowInconclusive: [${rule}]`;
  }
  const codes = judgeable.map((known) => known.code);
  return `there is no finding ${quoteInput(code)}${nearest(code, codes)}. mailcheck explain lists them`;
}

/** Options whose names are others here. */
const RENAMED: Readonly<Record<string, string>> = {
  strict: 'failOn: warning',
  rules: 'only, or skip',
  output: 'formats: [format=file]',
};

export function unknownKey(key: string, known: readonly string[]): string {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  const variables = keyVariables();
  const isSecret =
    variables.some((variable) => variable.toLowerCase().replaceAll('_', '') === plain) ||
    /(?:key|keys|token|secret|password)$/.test(plain);
  if (isSecret) {
    return `keys do not belong into the configuration. Put the key of a list into the environment: ${variables.join(', ')}`;
  }
  const renamed = Object.hasOwn(RENAMED, key) ? RENAMED[key] : undefined;
  if (renamed !== undefined) return `there is no such key. Type ${renamed}`;
  const same = known.find((candidate) => candidate.toLowerCase() === plain);
  const hint = same === undefined ? nearest(key, known) : ` (did you mean ${same}?)`;
  return `there is no such key${hint}. Known are: ${known.join(', ')}`;
}

/** @returns whether a value is a key rather than the name of its file. */
export function isKeyText(value: string): boolean {
  return value.includes('-----BEGIN');
}
