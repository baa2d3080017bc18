/** The rows of the providers agree with one another. */
import { describe, expect, test } from 'vitest';
import { defaultReverseSuffixes, providerOf, providers } from '../../../src/knowledge/providers/catalogue.ts';

describe.each(providers)('$id', (provider) => {
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

test.each(['aws-ec2', 'rackspace', 'gogrid', 'joyent', 'servepath', 'physical', 'third-party-email'])(
  '%s, which the product was made for, is there',
  (id) => {
    expect(providerOf(id)).toBeDefined();
  },
);

test('the endings of default reverse names come from the rows', () => {
  expect(defaultReverseSuffixes()).toEqual(
    expect.arrayContaining(['compute.amazonaws.com', 'bc.googleusercontent.com', 'vps.ovh.net']),
  );
});

test('the generic rows come last', () => {
  expect(providers.slice(-3).map(({ id }) => id)).toEqual(['physical', 'third-party-email', 'unknown']);
  expect(providers.filter(({ generic }) => generic)).toHaveLength(3);
});
