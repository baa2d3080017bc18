/** Tests that the rows of the providers are consistent. */
import { describe, expect, test } from 'vitest';
import { defaultReverseSuffixes, providerOf, providers, relayOf } from '../../../src/knowledge/providers/catalogue.ts';

describe.each(providers)('provider $id', (provider) => {
  test('has a known successor, if any, and a history if it is gone or renamed', () => {
    if (provider.successor !== null) expect(providerOf(provider.successor)).toBeDefined();
    expect(provider.history !== null).toBe(provider.status !== 'active');
  });

  test('lists port 25 as closed exactly if it blocks it', () => {
    const { egress, portsClosed } = provider.port25;
    expect(portsClosed.includes(25)).toBe(/^blocked/.test(egress));
  });

  test('names a relay that is in the data, if any', () => {
    if (provider.relay !== null) expect(relayOf(provider.relay)).toBeDefined();
  });

  test.each([4, 6])('says which case each command is for, where IPv%i has several cases', (family) => {
    const cases = provider.ptr.commands
      .filter((command) => command.family === null || command.family === family)
      .map((command) => command.for);
    expect(cases.every((one) => one === null) || cases.every((one) => one !== null)).toBe(true);
  });

  test('says how to tell it from another one with the same network', () => {
    const { asns, tellApart } = provider.detect;
    const isShared = providers.some(
      (other) => other !== provider && other.status === 'active' && other.detect.asns.some((asn) => asns.includes(asn)),
    );
    if (provider.status === 'active') expect(tellApart !== null).toBe(isShared);
  });

  test('has no private AS number (RFC 6996)', () => {
    expect(provider.detect.asns.filter((asn) => asn >= 64512 && asn <= 65534)).toEqual([]);
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
