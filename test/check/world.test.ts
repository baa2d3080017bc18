/** Tests what a run takes from this machine. */
import { expect, test } from 'vitest';
import type { Settings } from '../../src/check/settings.ts';
import { tokensOf } from '../../src/check/token.ts';
import { openProcess, openWorld, type RunStart } from '../../src/check/world.ts';

const settings = { smtpPort: 25, allowPrivate: false };

/** Opens a world, which asks nothing over the network, and gives its start. */
function startWith(given: Partial<Settings> = {}): RunStart {
  const world = openWorld({ domain: 'example.com', settings: { ...settings, ...given }, timeoutMs: 1000 });
  world.end();
  return world.start;
}

test('world: the EHLO name is a host name or an address literal (RFC 5321 §4.1.3)', () => {
  const { probeName } = startWith();
  expect(probeName).toMatch(/^(\[(IPv6:)?[\da-f.:]+\]|[a-z0-9-]+(\.[a-z0-9-]+)+)$/);
  expect(startWith({ probeName: 'probe.example.net' }).probeName).toBe('probe.example.net');
});

test('world: each run has another seed, and each label has another token', () => {
  const [first, second] = [0, 1].map(() => tokensOf(startWith().seed));
  const tokens = [first?.('one'), first?.('two'), second?.('one'), second?.('two')];
  expect(new Set(tokens).size).toBe(4);
  for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{16}$/);
  expect(first?.('one')).toBe(tokens[0]);
});

test('world: the start of a run does not contain the private key', () => {
  const start = startWith({ dkimKeyPem: 'hello' });
  expect(start.signingKey).toEqual({ kind: 'unusable', reason: 'not-a-private-key' });
  expect(JSON.stringify(start)).not.toContain('hello');
});

test('world: runs of one process share the machine, but not the signal or the DNS log', () => {
  const shared = openProcess();
  const options = { domain: 'example.com', settings, timeoutMs: 1000 };
  const [first, second] = [openWorld(options, shared), openWorld(options, shared)];
  first.end();
  expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false]);
  expect(second.start.addresses).toBe(shared.machine.addresses);
  expect(first.dns.log).not.toBe(second.dns.log);
  second.end();
});
