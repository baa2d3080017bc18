/** Each provider's file holds what the schema asks for, and the rows agree with one another. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaultReverseSuffixes, providerOf, providers, relays } from '../../../src/knowledge/providers/catalogue.ts';
import { providerSchema, relaySchema } from '../../../src/knowledge/providers/schema.ts';

const problems = (schema: z.ZodType, row: unknown): string => {
  const result = schema.safeParse(row);
  return result.success ? '' : z.prettifyError(result.error);
};

describe.each(providers)('$id', (provider) => {
  test('is a valid row', () => {
    expect(problems(providerSchema, provider)).toBe('');
  });

  test('has a successor that is known, and explains what became of it', () => {
    if (provider.successor !== null) expect(providerOf(provider.successor)).toBeDefined();
    expect(provider.history !== null).toBe(provider.status !== 'active');
  });

  test('closes port 25 where it says so, and only there', () => {
    const { egress, portsClosed } = provider.port25;
    expect(portsClosed.includes(25)).toBe(/^blocked/.test(egress));
  });

  test('names a source unless nothing of it is sure', () => {
    if (provider.confidence !== 'low') expect(provider.sources.length).toBeGreaterThan(0);
  });
});

test('a file is named for its row', () => {
  const files = readdirSync(new URL('../../../src/knowledge/providers/data/', import.meta.url));
  expect(files.sort()).toEqual(providers.map(({ id }) => `${id}.json`).sort());
});

test.each(['aws-ec2', 'rackspace', 'gogrid', 'joyent', 'servepath', 'physical', 'third-party-email'])(
  '%s, which the product was made for, is there',
  (id) => {
    expect(providerOf(id)).toBeDefined();
  },
);

test.each(relays)('relay $id is valid', (relay) => {
  expect(problems(relaySchema, relay)).toBe('');
});

test('the endings of default reverse names come from the rows', () => {
  expect(defaultReverseSuffixes()).toEqual(
    expect.arrayContaining(['compute.amazonaws.com', 'bc.googleusercontent.com', 'vps.ovh.net']),
  );
});
