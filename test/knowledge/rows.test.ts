/** Tests every row of the data: its file name, its schema, its sources and their dates. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { byPlace } from '../../src/knowledge/data-folder.ts';
import { dnsHostSchema } from '../../src/knowledge/dns-hosts/schema.ts';
import { deadListSchema, listSchema, sharedResolverSchema } from '../../src/knowledge/lists/schema.ts';
import { providerSchema, relaySchema } from '../../src/knowledge/providers/schema.ts';
import { receiverSchema } from '../../src/knowledge/receivers/schema.ts';
import { provenanceSchema, sourceSchema, verifiedOnSchema } from '../../src/knowledge/verification-schema.ts';
import { webProxySchema } from '../../src/knowledge/web-proxies/schema.ts';
import { filesBelow } from '../files-below.ts';

const knowledge = new URL('../../src/knowledge/', import.meta.url);

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  'dns-hosts/data': dnsHostSchema,
  'lists/data': listSchema,
  'lists/dead': deadListSchema,
  'lists/resolvers': sharedResolverSchema,
  'providers/data': providerSchema,
  'providers/relays': relaySchema,
  'receivers/data': receiverSchema,
  'web-proxies/data': webProxySchema,
};

/** Where a statement of a row was seen, if that is not the source of the row. */
const basisSchema = z.looseObject({
  source: z.url().nullable(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
});

/** The fields that rows of all kinds have. */
const rowSchema = z.looseObject({
  id: z.string(),
  place: z.number().optional(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
  sources: z.array(sourceSchema).optional(),
  source: z.url().optional(),
  rules: z.array(z.looseObject({ reply: basisSchema.nullable(), basis: basisSchema.optional() })).optional(),
});

interface File {
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  readonly row: z.infer<typeof rowSchema>;
}

const paths = filesBelow(knowledge).filter((path) => path.endsWith('.json'));
const folders = [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))))].sort();
const files: readonly File[] = paths.flatMap((path) => {
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (!(folder in SCHEMAS)) return [];
  const text = readFileSync(new URL(path, knowledge), 'utf8');
  return [{ folder, name: path.slice(folder.length + 1), text, row: rowSchema.parse(JSON.parse(text)) }];
});
const rowsIn = (folder: string) => files.filter((file) => file.folder === folder).map(({ row }) => row);

test('data: every folder has a schema', () => {
  // Guides and their examples are our own advice: they state no facts with sources.
  const ours = ['guides/data', 'guides/examples'];
  expect(folders.filter((folder) => !ours.includes(folder))).toEqual(Object.keys(SCHEMAS).sort());
});

const problems = (schema: z.ZodType | undefined, row: unknown): string => {
  const result = schema?.safeParse(row);
  return result?.error === undefined ? '' : z.prettifyError(result.error);
};

describe.each(files.map((file) => [`${file.folder}/${file.name}`, file] as const))('%s', (_, file) => {
  const { folder, name, text, row } = file;
  const own = (row.rules ?? []).flatMap(({ reply, basis }) => [
    ...(reply === null ? [] : [reply]),
    ...(basis === undefined ? [] : [basis]),
  ]);

  test('follows its schema, and its file is named after its id', () => {
    expect(problems(SCHEMAS[folder], row)).toBe('');
    expect(name).toBe(`${row.id}.json`);
  });

  test('has sources unless its provenance is none, and a date only with sources', () => {
    const sources = row.sources ?? (row.source === undefined ? [] : [row.source]);
    expect(row.provenance === 'none').toBe(sources.length === 0);
    for (const { provenance, source } of own) expect(provenance === 'none').toBe(source === null);
    for (const { provenance, verifiedOn } of [row, ...own]) {
      if (provenance === 'none') expect(verifiedOn).toBeNull();
    }
  });

  test('has no date in the future', () => {
    const today = new Date().toISOString().slice(0, 10);
    for (const { verifiedOn } of [row, ...own]) if (verifiedOn !== null) expect(verifiedOn <= today).toBe(true);
  });

  test('does not mention how the row was made', () => {
    expect(text).not.toMatch(/\b(seed|brief|unverified|memory|general knowledge|stored|repository copy|audit)\b/i);
  });
});

describe.each(Object.keys(SCHEMAS))('%s', (folder) => {
  test('no two rows have the same id or the same place', () => {
    const rows = rowsIn(folder);
    const ids = rows.map(({ id }) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    const places = rows.flatMap(({ place }) => place ?? []);
    expect(places).toHaveLength(new Set(places).size);
  });
});

test('data: rows are sorted by place, then by id', () => {
  const rows = [
    { id: 'c', place: 20 },
    { id: 'b', place: 10 },
    { id: 'a', place: 20 },
  ];
  expect(byPlace(rows).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
});

describe('the schema refuses a receiver', () => {
  const [receiver] = rowsIn('receivers/data');
  const [rule] = receiver?.rules ?? [];
  const reply = { text: '550 No', source: null, verifiedOn: null, provenance: 'none' };
  test.each([
    ['with a reply that was seen in no source', { rules: [{ ...rule, reply }] }],
    ['with a rule about a fault that no finding is', { rules: [{ ...rule, when: [['no-coffee']] }] }],
    ['with a rule without a condition', { rules: [{ ...rule, when: [] }] }],
    ['with a rule over an IP version that does not exist', { rules: [{ ...rule, family: 5 }] }],
    ['with a basis without a date or null', { rules: [{ ...rule, basis: { source: null, provenance: 'none' } }] }],
  ])('%s', (_, change) => {
    expect(receiverSchema.safeParse(receiver).success).toBe(true);
    expect(receiverSchema.safeParse({ ...receiver, ...change }).success).toBe(false);
  });
});

describe('the schema refuses a list', () => {
  const [list] = rowsIn('lists/data');
  test.each([
    ['without a date or null', { verifiedOn: undefined }],
    ['with a date in words', { verifiedOn: '2026-06 (quoted)' }],
    ['with a day that does not exist', { verifiedOn: '2026-02-30' }],
    ['with an unknown provenance', { provenance: 'hearsay' }],
    ['with a source that is no link', { sources: ['the operator told us'] }],
    ['with a repository without an issue as its source', { sources: ['github:rspamd/rspamd'] }],
    ['without return codes', { codes: undefined }],
    ['without access rules', { access: undefined }],
    ['without a place', { place: undefined }],
  ])('%s', (_, change) => {
    expect(listSchema.safeParse(list).success).toBe(true);
    expect(listSchema.safeParse({ ...list, ...change }).success).toBe(false);
  });
});

describe('the schema refuses a DNS host', () => {
  const [host] = rowsIn('dns-hosts/data').filter(({ id }) => id === 'route53');
  const [command] = dnsHostSchema.parse(host).commands;
  test.each([
    [
      'with a pattern that matches a part of a name',
      { detect: { ...dnsHostSchema.parse(host).detect, nsPatterns: ['dns'] } },
    ],
    ['with a command that does something else', { commands: [{ ...command, does: 'replace' }] }],
    ['with a placeholder that nobody can fill', { commands: [{ ...command, values: {} }] }],
    ['with a body that its command does not send', { commands: [{ ...command, text: 'aws {zoneId}' }] }],
    ['with a command that sends a body it does not have', { commands: [{ ...command, body: null }] }],
    ['with a pitfall for a case that does not exist', { pitfalls: [{ text: 'Mind it.', when: ['monday'] }] }],
  ])('%s', (_, change) => {
    expect(dnsHostSchema.safeParse(host).success).toBe(true);
    expect(dnsHostSchema.safeParse({ ...host, ...change }).success).toBe(false);
  });
});
