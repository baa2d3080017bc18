/** Collects every fact that mailcheck prints: the rows of the data folders, and the tables in code. */
import * as z from 'zod';
import { rowsOf } from '../../src/knowledge/data-folder.ts';
import { confidenceSchema, provenanceSchema, verifiedOnSchema } from '../../src/knowledge/verification-schema.ts';
import { CODE_FACTS } from './code-facts.ts';
import type { Fact } from './fact.ts';

/** Data folder → the kind of its rows. */
export const KINDS: Readonly<Record<string, string>> = {
  'dns-hosts/data': 'DNS host',
  'lists/data': 'block list',
  'lists/dead': 'closed list',
  'lists/resolvers': 'resolver',
  'providers/data': 'provider',
  'providers/relays': 'relay',
  'receivers/data': 'receiver',
  'web-proxies/data': 'web proxy',
};

/** The data folders whose rows state nothing about others. */
export const WITHOUT_FACTS: readonly string[] = ['guides/data', 'guides/examples'];

const datedSchema = z.looseObject({
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  confidence: confidenceSchema.optional(),
  sources: z.array(z.string()).optional(),
  source: z.string().nullish(),
});

/** @returns every fact, in the order of the folders, and then the tables in code. */
export function collectFacts(): Fact[] {
  const rows = Object.entries(KINDS).flatMap(([folder, kind]) =>
    rowsOf(folder).flatMap((row) => factsIn(row, kind, z.looseObject({ id: z.string() }).parse(row).id)),
  );
  const tables = CODE_FACTS.map((fact): Fact => ({ ...fact, kind: 'table in code' }));
  return [...rows, ...tables];
}

/**
 * Finds the dated statements in a row. A part of a row that was checked on a day of its own is a fact of its own.
 *
 * @param id the id of the row, followed by the place of the part in it.
 * @throws {z.ZodError} when a part with a date has no provenance.
 */
export function factsIn(value: unknown, kind: string, id: string): Fact[] {
  if (Array.isArray(value)) return value.flatMap((part, index) => factsIn(part, kind, `${id}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const parts = Object.entries(value).flatMap(([name, part]) => factsIn(part, kind, `${id}.${name}`));
  if (!('verifiedOn' in value)) return parts;
  const { verifiedOn, provenance, confidence, sources, source } = datedSchema.parse(value);
  const fact: Fact = {
    kind,
    id,
    verifiedOn,
    ...(confidence === undefined ? {} : { confidence }),
    provenance,
    sources: sources ?? (typeof source === 'string' ? [source] : []),
    isMarked: true,
  };
  return [fact, ...parts];
}
