/** Tests that the rows of the providers are consistent. */
import { describe, expect, test } from 'vitest';
import { defaultReverseSuffixes, providerOf, providers } from '../../../src/knowledge/providers/catalogue.ts';

describe.each(providers)('provider $id', (provider) => {
  test('has a known successor, if any, and a history if it is gone or renamed', () => {
    if (provider.successor !== null) expect(providerOf(provider.successor)).toBeDefined();
    expect(provider.history !== null).toBe(provider.status !== 'active');
  });

  test('lists port 25 as closed exactly if it blocks it', () => {
    const { egress, portsClosed } = provider.port25;
    expect(portsClosed.includes(25)).toBe(/^blocked/.test(egress));
  });

  test('names a source unless its confidence is low', () => {
    if (provider.confidence !== 'low') expect(provider.sources.length).toBeGreaterThan(0);
  });
});

test.each(['aws-ec2', 'rackspace', 'gogrid', 'joyent', 'servepath', 'physical', 'third-party-email'])(
  'provider %s is in the data',
  (id) => {
    expect(providerOf(id)).toBeDefined();
  },
);

test('the endings of default PTR names come from the rows of the providers', () => {
  expect(defaultReverseSuffixes()).toEqual(
    expect.arrayContaining(['compute.amazonaws.com', 'bc.googleusercontent.com', 'vps.ovh.net']),
  );
});

test('the generic providers come last', () => {
  expect(providers.slice(-3).map(({ id }) => id)).toEqual(['physical', 'third-party-email', 'unknown']);
  expect(providers.filter(({ generic }) => generic)).toHaveLength(3);
});
