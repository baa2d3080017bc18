/** Reads targets from NDJSON: one JSON object a line. */
import * as z from 'zod';
import type { FleetTarget, UnreadLine } from '../target.ts';
import { targetOf } from './fields.ts';
import type { Line } from './lines.ts';

const texts = z
  .union([z.string().transform(valuesIn), z.array(z.string())])
  .nullish()
  .transform((value) => value ?? []);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** A line of NDJSON. Other members are tags, as further columns of CSV are. */
const lineSchema = z
  .object({ domain: z.string(), ips: texts, helo: text, selectors: texts, provider: text, tags: texts })
  .catchall(z.json());

/** @returns the values in a text that separates them by blanks, commas or semicolons. */
export function valuesIn(value: string): string[] {
  return value.split(/[\s,;]+/).filter((part) => part !== '');
}

/** @returns the target of a line of NDJSON, or why it names none. */
export function targetOfJson({ text: json, number }: Line, name: string): FleetTarget | UnreadLine {
  const place = `${name}:${number}`;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { place, error: 'the line is not JSON' };
  }
  const { success, data, error } = lineSchema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    const path = issue?.path.join('.') ?? '';
    return { place, error: `${path === '' ? 'the line' : path}: ${issue?.message ?? 'not a target'}` };
  }
  const { domain, ips, helo, selectors, provider, tags, ...others } = data;
  const more = Object.entries(others).flatMap(([key, member]) =>
    ['string', 'number', 'boolean'].includes(typeof member) ? [`${key}=${String(member)}`] : [],
  );
  return targetOf({ domain, ips, helo, selectors, provider, tags: [...tags, ...more] }, place);
}
