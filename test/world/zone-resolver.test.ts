/** The two ways to answer from one zone: a server on loopback that the DNS client asks, and the resolver in memory. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DnsAnswer, RecordType } from '../../src/network/dns/answer.ts';
import { createDnsClient, type DnsClient } from '../../src/network/dns/client.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { type DnsWorld, startDns } from './dns.ts';
import type { DnsScript } from './zone.ts';
import { SERVER, zoneClient, zoneResolver } from './zone-resolver.ts';

const script: DnsScript = {
  apexes: ['example.com', 'sub.example.com'],
  zone: {
    'example.com': {
      A: ['192.0.2.1', '192.0.2.2'],
      AAAA: ['2001:db8:0:0::1'],
      MX: ['10 MAIL.example.com', '0 .'],
      NS: ['ns.example.com'],
      TXT: ['v=spf1 -all', ['two ', 'strings'], 'x'.repeat(300), 'caf\xc3\xa9'],
    },
    'tags.example.com': 'v=DMARC1; p=none',
    'ttl.example.com': { A: { records: ['192.0.2.3'], ttl: 30 } },
    'signed.example.com': { A: { records: ['192.0.2.3'], ad: true } },
    '5.113.0.203.in-addr.arpa': { PTR: ['Mail.Example.com'] },
    'alias.example.com': { CNAME: ['Ttl.example.com'] },
    'alias2.example.com': { CNAME: ['alias.example.com'] },
    'dangling.example.com': { CNAME: ['gone.example.net'] },
    'to-nodata.example.com': { CNAME: ['tags.example.com'] },
    'to-failure.example.com': { CNAME: ['servfail.example.com'] },
    'loop.example.com': { CNAME: ['loop2.example.com'] },
    'loop2.example.com': { CNAME: ['loop.example.com'] },
    'below.empty.example.com': { A: ['192.0.2.4'] },
    '*.wild.example.com': { A: ['192.0.2.5'] },
    'own.wild.example.com': { TXT: ['own'] },
    'deep.down.wild.example.com': { TXT: ['deep'] },
    'x.sub.example.com': { TXT: ['x'] },
    'servfail.example.com': 'servfail',
    'ede.example.com': { A: { fault: 'servfail', ede: { code: 22, text: 'No Reachable Authority' } } },
    'refused.example.com': 'refused',
    'timeout.example.com': 'timeout',
    'nxdomain.example.com': 'nxdomain',
    'nodata.example.com': 'nodata',
    'malformed.example.com': 'malformed',
    'truncated.example.com': { A: { fault: 'truncated', records: ['192.0.2.6'] } },
    'truncated-no-tcp.example.com': 'truncated-no-tcp',
    'bogus.example.com': 'bogus',
    'notimp.example.com': 'notimp',
    'no-edns.example.com': { A: { fault: 'no-edns', records: ['192.0.2.7'] } },
    'referral.example.com': 'referral',
    'spoofed.example.com': { A: { fault: 'spoofed', records: ['192.0.2.8'] } },
    'one-type.example.com': { A: 'servfail', TXT: 'v=fine' },
    'other-types.example.com': { '*': 'refused', TXT: ['fine'] },
  },
};

const questions: [name: string, type: RecordType][] = [
  ...(['A', 'AAAA', 'MX', 'NS', 'TXT', 'CNAME', 'PTR', 'SOA'] as const).map((type): [string, RecordType] => [
    'example.com',
    type,
  ]),
  ['EXAMPLE.com.', 'A'],
  ['tags.example.com', 'TXT'],
  ['tags.example.com', 'A'],
  ['5.113.0.203.in-addr.arpa', 'PTR'],
  ['alias.example.com', 'CNAME'],
  ['below.empty.example.com', 'A'],
  ['empty.example.com', 'A'],
  ['none.empty.example.com', 'A'],
  ['any.wild.example.com', 'A'],
  ['a.b.wild.example.com', 'A'],
  ['any.wild.example.com', 'TXT'],
  ['own.wild.example.com', 'A'],
  ['below.own.wild.example.com', 'A'],
  ['down.wild.example.com', 'A'],
  ['other.down.wild.example.com', 'A'],
  ['wild.example.com', 'A'],
  ['none.sub.example.com', 'TXT'],
  ['none.example.com', 'TXT'],
  ['none.example.net', 'TXT'],
  ['one-type.example.com', 'A'],
  ['one-type.example.com', 'TXT'],
  ['one-type.example.com', 'MX'],
  ['other-types.example.com', 'TXT'],
  [`${'x'.repeat(64)}.example.com`, 'A'],
  ...Object.keys(script.zone)
    .filter((name) => !name.startsWith('*'))
    .map((name): [string, RecordType] => [name, 'A']),
];

let server: DnsWorld;
let onSockets: DnsClient;
beforeAll(async () => {
  server = await startDns(script);
  const { signal } = new AbortController();
  const servers = [parseServer(server.server)];
  onSockets = createDnsClient({ servers, signal, tryTimeoutMs: 150, retryAfterMs: 50 });
});
afterAll(() => server.close());

/** What does not depend on the port, the time that it took, or how long a reply was waited for. */
function comparable(answer: DnsAnswer): object {
  const detail = 'detail' in answer ? { detail: answer.detail.replace(/\d+ ms/, 'so many ms') } : {};
  return { ...answer, ...detail, durationMs: 0, server: answer.server === null ? null : 'the server' };
}

test.each(questions)('the zone in memory answers as on sockets: %s %s', async (name, type) => {
  const inMemory = zoneResolver(script);
  expect(comparable(await inMemory.query(name, type))).toEqual(comparable(await onSockets.query(name, type)));
});

test.each([
  ['a fault of every question', { zone: {}, fault: 'refused' }, 'refused'],
  ['a resolver that rewrites', { zone: {}, rewriteTo: '192.0.2.9' }, 'answer'],
  ['compact denial', { zone: {}, neverNxdomain: true }, 'nodata'],
  ['empty non-terminals denied', { zone: { 'a.name.example': { A: [] } }, breaksEmptyNonTerminals: true }, 'nxdomain'],
  ['empty non-terminals', { zone: { 'a.name.example': { A: [] } } }, 'nodata'],
] as const)('the zone in memory answers as on sockets: %s', async (_, changed, status) => {
  server.rescript(changed);
  const { signal } = new AbortController();
  const sockets = createDnsClient({ servers: [parseServer(server.server)], signal });
  const inMemory = await zoneResolver(changed).query('name.example', 'A');
  expect(inMemory.status).toBe(status);
  expect(comparable(inMemory)).toEqual(comparable(await sockets.query('name.example', 'A')));
  server.rescript(script);
});

test('every test entry of a list is seen in memory as on sockets', async () => {
  const zone = {
    '2.0.0.127.bl.example.net': { A: ['127.0.0.2'] },
    [`2.0.0.0.0.0.f.7.f.f.f.f.${'0.'.repeat(19)}0.bl.example.net`]: { A: ['127.0.0.2'] },
    '2.0.0.127.broken.example.net': 'servfail',
  } as const;
  server.rescript({ zone });
  const { signal } = new AbortController();
  const sockets = createDnsClient({ servers: [parseServer(server.server)], signal });
  const inMemory = zoneClient({ zone }, signal);
  for (const [address, list, listed] of [
    ['127.0.0.2', 'bl.example.net', true],
    ['::ffff:7f00:2', 'bl.example.net', true],
    ['127.0.0.2', 'broken.example.net', false],
    ['127.0.0.2', 'none.example.net', false],
  ] as const) {
    expect(await inMemory.isCanaryListed(address, list)).toBe(listed);
    expect(await sockets.isCanaryListed(address, list)).toBe(listed);
  }
  server.rescript(script);
});

test('what was asked is kept: every question of a resolver, each once of a client', async () => {
  const resolver = zoneResolver(script);
  const client = zoneClient(script, new AbortController().signal);
  for (const name of ['example.com', 'EXAMPLE.com', 'example.com']) {
    await resolver.query(name, 'TXT');
    await client.query(name, 'TXT');
  }
  expect(resolver.asked).toEqual(['TXT example.com', 'TXT example.com', 'TXT example.com']);
  expect(client.asked).toEqual(['TXT example.com']);
  expect(client.log.map(({ name, type }) => `${type} ${name}`)).toEqual(['TXT example.com']);
  expect(client.servers).toEqual([SERVER]);
});

test('a delayed answer is not waited for beyond the end of the run', async () => {
  const end = new AbortController();
  const client = zoneClient(
    { zone: { 'slow.example.com': { A: { records: ['192.0.2.1'], delayMs: 60_000 } } } },
    end.signal,
  );
  const answer = client.query('slow.example.com', 'A');
  end.abort();
  expect(await answer).toMatchObject({ status: 'timeout', detail: 'the run ended before a reply came' });
});

test('a server that is not reached is for memory alone, and a fault that passes for sockets alone', async () => {
  const { status } = await zoneResolver({ zone: { 'example.com': 'unreachable' } }).query('example.com', 'A');
  expect(status).toBe('unreachable');
  const passing = { zone: { 'example.com': { A: { fault: 'servfail', times: 1, records: ['192.0.2.1'] } } } } as const;
  await expect(zoneResolver(passing).query('example.com', 'A')).rejects.toThrow('loopback');
});
