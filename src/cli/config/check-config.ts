/** Checks a configuration against its schema, and reports an error in one line. */
import type * as z from 'zod';
import { UsageError } from '../../usage-error.ts';
import { nearest } from '../options/nearest.ts';
import type { Path } from './path.ts';
import { acceptanceSchema, type Config, configSchema, targetSchema } from './schema.ts';
import type { ConfigSource } from './source.ts';
import { unknownCode, unknownKey } from './words.ts';

/**
 * @returns the configuration, with the types of the schema.
 * @throws UsageError with the place of the first error and the number of others.
 */
export function checkedConfig({ value, place }: ConfigSource): Config {
  const { success, data, error } = configSchema.safeParse(value ?? undefined, { reportInput: true });
  if (success) return data;
  const [first] = error.issues;
  const count = error.issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
  const more = count <= 1 ? '' : ` (and ${count - 1} more)`;
  throw new UsageError(`${first === undefined ? place([]) : faultOf(first, place)}${more}`);
}

function faultOf(issue: z.core.$ZodIssue, place: ConfigSource['place']): string {
  if (issue.code !== 'unrecognized_keys') return `${place(issue.path)}: ${wordsOf(issue)}`;
  const [key = ''] = issue.keys;
  const words = issue.path[0] === 'severity' ? unknownCode(key) : unknownKey(key, keysAt(issue.path));
  return `${place([...issue.path, key], 'key')}: ${words}`;
}

function keysAt([first, second]: Path): string[] {
  if (second === undefined) return Object.keys(configSchema.shape).filter((key) => key !== '$schema');
  return Object.keys(first === 'accept' ? acceptanceSchema.shape : targetSchema.shape);
}

/** @returns what is wrong with a value, without its place. */
export function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && (issue.input === undefined || issue.input === null)) {
    return issue.path.length === 0 ? 'the configuration is empty' : 'is missing';
  }
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid option')) {
    const values = issue.values.map(String);
    const close = typeof issue.input === 'string' ? nearest(issue.input, values) : '';
    return `expected one of ${values.join(', ')}${close}`;
  }
  return issue.message.replace(/^Invalid input: |^Too \w+: /, '').replace('array to have >=1 items', 'one at least');
}
