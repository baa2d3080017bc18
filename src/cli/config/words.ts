/** The messages about keys and values that a configuration file may not contain. */

import { keyVariables } from '../../knowledge/lists/catalogue.ts';
import { quoteInput } from '../../usage-error.ts';
import { nearest } from '../options/nearest.ts';
import type { OptionRow } from '../options/row.ts';
import { isOptionName, OPTIONS } from '../options/table.ts';
import { blindRule, judgeable } from './codes.ts';

/** @returns the message about a finding code that is unknown or that a configuration may not change. */
export function unknownCode(code: string): string {
  const rule = blindRule(code);
  if (rule !== undefined) {
    return `${code} means that a check could not run, and a configuration cannot turn that into a pass. Type allowInconclusive: [${rule}]`;
  }
  const codes = judgeable.map((known) => known.code);
  return `there is no finding ${quoteInput(code)}${nearest(code, codes)}. mailcheck explain lists them`;
}

/** The keys to use instead of options that only the library has. */
const LIBRARY_NAMES: Readonly<Record<string, string>> = { rules: 'only, or skip' };

/**
 * @returns what to write instead of an option that is no key of the configuration, or `undefined` for any other key.
 */
function insteadOf(key: string): string | undefined {
  if (Object.hasOwn(LIBRARY_NAMES, key)) return LIBRARY_NAMES[key];
  if (!isOptionName(key)) return undefined;
  const row: OptionRow = OPTIONS[key];
  return row.insteadInConfig;
}

/**
 * @param known the keys that are allowed in this place.
 * @returns the message about an unknown key. For a key that looks like a secret it says where secrets belong.
 */
export function unknownKey(key: string, known: readonly string[]): string {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  const variables = keyVariables();
  const isSecret =
    variables.some((variable) => variable.toLowerCase().replaceAll('_', '') === plain) ||
    /(?:key|keys|token|secret|password)$/.test(plain);
  if (isSecret) {
    return `do not put keys into the configuration. Put the key of a list into the environment: ${variables.join(', ')}`;
  }
  const instead = insteadOf(key);
  if (instead !== undefined) return `there is no such key. Type ${instead}`;
  const same = known.find((candidate) => candidate.toLowerCase() === plain);
  const hint = same === undefined ? nearest(key, known) : ` (did you mean ${same}?)`;
  return `there is no such key${hint}. The keys are: ${known.join(', ')}`;
}

/** @returns whether a value is the text of a private key instead of the name of a key file. */
export function isKeyText(value: string): boolean {
  return value.includes('-----BEGIN');
}
