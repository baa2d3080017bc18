/** The text of what is remembered: one line of JSON a target, after one for the run. */

import * as z from 'zod';
import { jsonOf } from '../../report/json-of.ts';
import type { Memory } from './memory.ts';

/** The version of the text. It increases when a field changes its meaning. */
const VERSION = 1;

/** What is remembered of a target, and whose it is. */
export interface MemoryLine {
  /** The id of the target. */
  readonly id: string;
  readonly domain: string;
  readonly memory: Memory;
}

const weight = z.union([z.literal(0), z.literal(1), z.literal(2)]);

const headerSchema = z.object({ history: z.literal(VERSION), runId: z.string() });

/** A fault is a list of its members, since there are many of them. */
const faultSchema = z
  .tuple([
    z.string(),
    z.string(),
    z.string(),
    z.string(),
    z.string(),
    z.string().nullable(),
    weight,
    weight,
    z.number().int().nonnegative(),
  ])
  .transform(([key, rule, code, subject, title, ip, held, last, untested]) => ({
    ...{ key, rule, code, subject, title, ip },
    ...{ held, last, untested },
  }));

const lineSchema = z.object({
  id: z.string(),
  domain: z.string(),
  rules: z.array(z.string()),
  faults: z.array(faultSchema),
});

/** @returns the line of the run that the others are of. */
export function textOfHeader(runId: string): string {
  return `${JSON.stringify({ history: VERSION, runId })}\n`;
}

/** @returns the id of the run, or `undefined` for a text that is no such line. */
export function readHeader(text: string): string | undefined {
  const read = headerSchema.safeParse(jsonOf(text));
  return read.success ? read.data.runId : undefined;
}

/** @returns the line of a target. Its id stands first, where `idIn` looks for it. */
export function textOfLine({ id, domain, memory: { rules, faults } }: MemoryLine): string {
  const listed = faults.map(({ key, rule, code, subject, title, ip, held, last, untested }) => [
    ...[key, rule, code, subject, title, ip],
    ...[held, last, untested],
  ]);
  return `${JSON.stringify({ id, domain, rules, faults: listed })}\n`;
}

/** @returns the id of the target of a line, without reading the rest of it. */
export function idIn(text: string): string | undefined {
  const id = /^\{"id":"([^"\\]*)",/.exec(text)?.[1];
  // A part of a text keeps the whole text in memory, so the id is copied.
  return id === undefined ? undefined : Buffer.from(id).toString();
}

/** @returns what is remembered of a target, or `undefined` for a text that is no such line. */
export function readLine(text: string): MemoryLine | undefined {
  const read = lineSchema.safeParse(jsonOf(text));
  if (!read.success) return undefined;
  const { id, domain, rules, faults } = read.data;
  return { id, domain, memory: { rules, faults } };
}
