/** The lookup of a block list's test entry. Every failure counts as not listed. */
import { afterEach, expect, test } from 'vitest';
import { isCanaryListed } from '../../../src/network/dns/canary.ts';
import { type DnsServer, parseServer } from '../../../src/network/dns/servers.ts';
import type { IpAddress } from '../../../src/network/ip.ts';
import { type DnsWorld, startDns } from '../../world/dns.ts';

let world: DnsWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const { signal } = new AbortController();
const listed = (servers: readonly DnsServer[]): Promise<boolean> =>
  isCanaryListed('127.0.0.2', 'bl.example.com', { servers, timeoutMs: 500, signal });

test('isCanaryListed: a test entry that the zone lists → true', async () => {
  world = await startDns({ zone: { '2.0.0.127.bl.example.com': { A: ['127.0.0.2'] } } });
  expect(await listed([parseServer(world.server)])).toBe(true);
});

test('isCanaryListed does not ask link-local servers, because the package drops their interface', async () => {
  world = await startDns({ zone: { '2.0.0.127.bl.example.com': { A: ['127.0.0.2'] } } });
  const onLink = parseServer('fe80::1%lo');
  expect(await listed([onLink])).toBe(false);
  expect(await listed([onLink, parseServer(world.server)])).toBe(true);
});

test.each([
  ['an unreachable server', parseServer('127.0.0.1:1')],
  // The package's resolver throws for it.
  ['a server with an invalid address', { address: 'not an address' as IpAddress, port: 53 }],
])('isCanaryListed: %s → false', async (_, server) => {
  expect(await listed([server])).toBe(false);
});
