/** What a run takes from this machine. */
import { expect, test } from 'vitest';
import { takeEnvironment } from '../../src/check/machine.ts';
import { tokensOf } from '../../src/check/token.ts';

const settings = { smtpPort: 25, allowPrivate: false };

test('gives an honest name: a host name, or an address literal (RFC 5321 §4.1.3)', () => {
  const { probeName } = takeEnvironment({ domain: 'example.com', settings });
  expect(probeName).toMatch(/^(\[(IPv6:)?[\da-f.:]+\]|[a-z0-9-]+(\.[a-z0-9-]+)+)$/);
  const named = takeEnvironment({ domain: 'example.com', settings: { ...settings, probeName: 'probe.example.net' } });
  expect(named.probeName).toBe('probe.example.net');
});

test('each run has a seed of its own, and tokens that no label shares', () => {
  const [first, second] = [0, 1].map(() => tokensOf(takeEnvironment({ domain: 'example.com', settings }).seed));
  const tokens = [first?.('one'), first?.('two'), second?.('one'), second?.('two')];
  expect(new Set(tokens).size).toBe(4);
  for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{16}$/);
  expect(first?.('one')).toBe(tokens[0]);
});

test('keeps of a private key nothing but what it is', () => {
  const environment = takeEnvironment({ domain: 'example.com', settings: { ...settings, dkimKeyPem: 'hello' } });
  expect(environment.signingKey).toEqual({ kind: 'unusable', reason: 'not-a-private-key' });
  expect(JSON.stringify(environment)).not.toContain('hello');
});
