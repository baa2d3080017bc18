/** The canary of a block list, asked through a package: whatever fails there, the entry counts as not listed. */
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

test('a test entry that is listed', async () => {
  world = await startDns({ zone: { '2.0.0.127.bl.example.com': { A: ['127.0.0.2'] } } });
  expect(await listed([parseServer(world.server)])).toBe(true);
});

test('a server on the link is left out: the package would ask it without its interface', async () => {
  world = await startDns({ zone: { '2.0.0.127.bl.example.com': { A: ['127.0.0.2'] } } });
  const onLink = parseServer('fe80::1%lo');
  expect(await listed([onLink])).toBe(false);
  expect(await listed([onLink, parseServer(world.server)])).toBe(true);
});

test.each([
  ['a server that cannot be asked', parseServer('127.0.0.1:1')],
  // The package's resolver throws for it.
  ['a server that is none', { address: 'not an address' as IpAddress, port: 53 }],
])('%s', async (_, server) => {
  expect(await listed([server])).toBe(false);
});
