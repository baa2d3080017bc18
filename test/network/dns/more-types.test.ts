/** DS, TLSA and SPF records over real sockets and from a zone file. */
import { afterEach, expect, test } from 'vitest';
import { recordsOf } from '../../../src/network/dns/answer.ts';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { parseZone } from '../../../src/standards/zone-file/parse.ts';
import { type DnsWorld, startDns } from '../../world/dns.ts';

const HASH = 'ab'.repeat(32);

let dns: DnsWorld | undefined;
afterEach(async () => {
  await dns?.close();
  dns = undefined;
});

test('DS, TLSA and SPF records arrive as they were sent', async () => {
  dns = await startDns({
    zone: {
      'example.com': { DS: [`12345 13 2 ${HASH}`], SPF: [['v=spf1 ', '-all']] },
      '_25._tcp.mail.example.com': { TLSA: [`3 1 1 ${HASH}`, '2 0 0 00'] },
    },
  });
  const client = createDnsClient({ servers: [parseServer(dns.server)], signal: new AbortController().signal });
  expect(recordsOf(await client.query('example.com', 'DS'))).toEqual([
    { keyTag: 12345, algorithm: 13, digestType: 2, digest: HASH },
  ]);
  expect(recordsOf(await client.query('example.com', 'SPF'))).toEqual([['v=spf1 ', '-all']]);
  expect(recordsOf(await client.query('_25._tcp.mail.example.com', 'TLSA'))).toEqual([
    { usage: 3, selector: 1, matchingType: 1, data: HASH },
    { usage: 2, selector: 0, matchingType: 0, data: '00' },
  ]);
  expect(await client.query('mail.example.com', 'TLSA')).toMatchObject({ status: 'nodata' });
});

test('a zone file has them too, in words and in octets', () => {
  const zone = parseZone(
    [
      `_25._tcp.mail TLSA 3 1 1 ${HASH.slice(0, 32).toUpperCase()} ${HASH.slice(32)}`,
      `_25._tcp.other TLSA \\# 4 03010100`,
      `sub DS 12345 ECDSAP256SHA256 2 ${HASH}`,
      '@ SPF "v=spf1 -all"',
    ].join('\n'),
    'zone',
    'example.com',
  );
  expect(zone.records.map(({ type, data }) => [type, data])).toEqual([
    ['TLSA', { usage: 3, selector: 1, matchingType: 1, data: HASH }],
    ['TLSA', { usage: 3, selector: 1, matchingType: 1, data: '00' }],
    ['DS', { keyTag: 12345, algorithm: 13, digestType: 2, digest: HASH }],
    ['SPF', ['v=spf1 -all']],
  ]);
});

test('a name server would refuse these, and so does the reader', () => {
  for (const line of ['@ TLSA 3 1 1', '@ TLSA 3 1 1 xyz', '@ DS 1 13 2 abcd', `@ DS 1 NOTHING 2 ${HASH}`]) {
    expect(() => parseZone(line, 'zone', 'example.com')).toThrow();
  }
});
