import { afterEach, describe, expect, test } from 'vitest';
import { createDnsClient, type DnsClientOptions } from '../../../src/network/dns/client.ts';
import { parseServer, serverLabel, serverOfLabel, serversIn, zonesOf } from '../../../src/network/dns/servers.ts';
import { RETRY_SILENT_AFTER_MS, Upstreams } from '../../../src/network/dns/upstreams.ts';
import { type DnsScript, type DnsWorld, startDns } from '../../world/dns.ts';
import { heldResources } from '../../world/held.ts';

const open: DnsWorld[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((world) => world.close()));
});

async function world(script: DnsScript): Promise<DnsWorld> {
  const started = await startDns(script);
  open.push(started);
  return started;
}

/** UDP sockets of this process: the test world's own, and those of queries under way. */
function udpSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length;
}

function client(worlds: readonly DnsWorld[], options: Partial<DnsClientOptions> = {}) {
  return createDnsClient({
    servers: worlds.map(({ server }) => parseServer(server)),
    signal: new AbortController().signal,
    tryTimeoutMs: 150,
    retryAfterMs: 60,
    ...options,
  });
}

describe('DNS client: the answer to one question', () => {
  const zone: DnsScript['zone'] = {
    'a.example.com': { A: ['192.0.2.1', '192.0.2.2'] },
    'six.example.com': { AAAA: ['2001:DB8:0::0001'] },
    'mx.example.com': { MX: ['10 Mail.Example.com', '0 .'] },
    'txt.example.com': { TXT: [['one ', 'two'], 'caf\xe9\x00'] },
    'alias.example.com': { CNAME: ['a.example.com'] },
    'dangling.example.com': { CNAME: ['gone.example.com'] },
    'loop1.example.com': { CNAME: ['loop2.example.com'] },
    'loop2.example.com': { CNAME: ['loop1.example.com'] },
    'short.example.com': { A: { records: ['192.0.2.1'], ttl: 7 } },
    'signed.example.com': { A: { records: ['192.0.2.1'], ad: true } },
    'sf.example.com': 'servfail',
    'ref.example.com': 'refused',
    'notimp.example.com': 'notimp',
    'old.example.com': { A: { fault: 'no-edns', records: ['192.0.2.1'] } },
    'garbage.example.com': 'malformed',
    'silent.example.com': 'timeout',
    'bogus.example.com': { A: { fault: 'bogus', records: ['192.0.2.1'], ede: { code: 6, text: 'DNSSEC bogus' } } },
    'tc.example.com': { A: { fault: 'truncated', records: ['192.0.2.9'] } },
    'tcx.example.com': 'truncated-no-tcp',
    'referral.example.com': 'referral',
    'big.example.com': { TXT: Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(200, 'x')) },
    'oldbig.example.com': { TXT: { fault: 'no-edns', records: [Array.from({ length: 10 }, () => 'x'.repeat(200))] } },
    'spoofed.example.com': { A: { fault: 'spoofed', records: ['192.0.2.1'] } },
    'below.ent.example.com': { A: ['192.0.2.1'] },
  };

  const cases: [name: string, type: 'A' | 'AAAA' | 'MX' | 'TXT', expected: object][] = [
    ['a.example.com', 'A', { status: 'answer', records: ['192.0.2.1', '192.0.2.2'], ttl: 300, chain: [] }],
    ['A.Example.COM.', 'A', { status: 'answer', name: 'a.example.com' }],
    ['six.example.com', 'AAAA', { status: 'answer', records: ['2001:db8::1'] }],
    ['a.example.com', 'AAAA', { status: 'nodata', ttl: 60, zone: 'example.com' }],
    ['none.example.com', 'A', { status: 'nxdomain', ttl: 60, zone: 'example.com' }],
    ['ent.example.com', 'A', { status: 'nodata' }],
    [
      'mx.example.com',
      'MX',
      {
        records: [
          { preference: 10, exchange: 'Mail.Example.com' },
          { preference: 0, exchange: '' },
        ],
      },
    ],
    ['txt.example.com', 'TXT', { records: [['one ', 'two'], ['caf\xe9\x00']] }],
    ['alias.example.com', 'A', { status: 'answer', chain: ['a.example.com'] }],
    ['alias.example.com', 'AAAA', { status: 'nodata', chain: ['a.example.com'] }],
    ['dangling.example.com', 'A', { status: 'nxdomain', chain: ['gone.example.com'] }],
    ['loop1.example.com', 'A', { status: 'malformed' }],
    ['short.example.com', 'A', { ttl: 7 }],
    ['signed.example.com', 'A', { authenticated: true }],
    ['sf.example.com', 'A', { status: 'servfail' }],
    ['ref.example.com', 'A', { status: 'refused' }],
    ['notimp.example.com', 'A', { status: 'malformed' }],
    ['old.example.com', 'A', { status: 'answer', records: ['192.0.2.1'] }],
    ['garbage.example.com', 'A', { status: 'malformed' }],
    ['silent.example.com', 'A', { status: 'timeout', server: null }],
    ['bogus.example.com', 'A', { status: 'bogus', extendedErrors: ['6: DNSSEC bogus'] }],
    ['tc.example.com', 'A', { status: 'answer', records: ['192.0.2.9'], transport: 'tcp' }],
    ['tcx.example.com', 'A', { status: 'truncated-no-tcp' }],
    ['referral.example.com', 'A', { status: 'malformed' }],
    ['big.example.com', 'TXT', { status: 'answer', transport: 'tcp' }],
    ['oldbig.example.com', 'TXT', { status: 'answer', transport: 'tcp' }],
    ['spoofed.example.com', 'A', { status: 'answer', records: ['192.0.2.1'] }],
    [`${'x'.repeat(64)}.example.com`, 'A', { status: 'nxdomain', server: null }],
    ['a..example.com', 'A', { status: 'nxdomain', server: null }],
  ];

  test.each(cases)('%s %s → %j', async (name, type, expected) => {
    const dns = client([await world({ zone })]);
    expect(await dns.query(name, type)).toMatchObject(expected);
  });
});

describe('DNS client: asking the servers', () => {
  test('asks identical questions once, in whatever spelling', async () => {
    const server = await world({ zone: { 'a.example.com': { A: ['192.0.2.1'] } } });
    // A busy machine is not taken for a lost packet.
    const dns = client([server], { retryAfterMs: 5000, tryTimeoutMs: 8000 });
    await Promise.all([dns.query('a.example.com', 'A'), dns.query('A.EXAMPLE.com.', 'A')]);
    await dns.query('a.example.com', 'A');
    expect(server.asked).toHaveLength(1);
  });

  test.each(['servfail', 'refused', 'timeout', 'malformed', 'truncated-no-tcp'] as const)(
    'a server with %s is made up for by the other one',
    async (fault) => {
      const broken = await world({ zone: {}, fault });
      const healthy = await world({ zone: { 'a.example.com': { A: ['192.0.2.1'] } } });
      const dns = client([broken, healthy]);
      expect(await dns.query('a.example.com', 'A')).toMatchObject({
        status: 'answer',
        server: `127.0.0.1#${healthy.port}`,
      });
    },
  );

  test('asks again after a lost packet', async () => {
    const server = await world({
      zone: { 'a.example.com': { A: { fault: 'timeout', times: 1, records: ['192.0.2.1'] } } },
    });
    const dns = client([server], { retryAfterMs: 300, tryTimeoutMs: 800 });
    expect(await dns.query('a.example.com', 'A')).toMatchObject({ status: 'answer' });
    // A busy machine may ask a third time before it reads the answer to the second.
    expect(server.asked.length).toBeGreaterThanOrEqual(2);
  });

  test('accepts a late reply to the first try', async () => {
    const server = await world({ zone: { 'a.example.com': { A: ['192.0.2.1'] } }, delayMs: 100 });
    expect(await client([server]).query('a.example.com', 'A')).toMatchObject({ status: 'answer' });
  });

  test('asks over TCP before it accepts SERVFAIL over UDP', async () => {
    const server = await world({
      zone: { 'a.example.com': { A: { fault: 'servfail', times: 2, records: ['192.0.2.1'] } } },
    });
    expect(await client([server]).query('a.example.com', 'A')).toMatchObject({ status: 'answer', transport: 'tcp' });
  });

  test('reports unreachable for a closed port, and without any server', async () => {
    const server = await world({ zone: {} });
    await open.pop()?.close();
    expect(await client([server]).query('a.example.com', 'A')).toMatchObject({ status: 'unreachable' });
    expect(await client([]).query('a.example.com', 'A')).toMatchObject({ status: 'unreachable' });
  });

  test('gives a server that never replies only one try per question after some questions', async () => {
    const server = await world({ zone: {}, fault: 'timeout' });
    const dns = client([server]);
    for (const label of ['a', 'b', 'c']) await dns.query(`${label}.example.com`, 'A');
    const before = server.asked.length;
    await dns.query('d.example.com', 'A');
    expect(server.asked.length - before).toBe(1);
  });

  test('leaves no timer behind after an answer', async () => {
    const server = await world({ zone: { 'a.example.com': { A: ['192.0.2.1'] } } });
    const timers = (): number => heldResources().filter((kind) => kind === 'Timeout').length;
    const dns = client([server], { tryTimeoutMs: 60_000, retryAfterMs: 60_000 });
    await Promise.all(['A', 'AAAA', 'TXT', 'MX'].map((type) => dns.query('a.example.com', type as 'A')));
    await expect.poll(timers).toBe(0);
  });

  test('many clients of one run that wait cause no warning of Node.js', async () => {
    const server = await world({ zone: {}, fault: 'timeout' });
    const controller = new AbortController();
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): number => warnings.push(message);
    process.on('warning', onWarning);
    const pending = Array.from({ length: 30 }, (_, i) =>
      client([server], { signal: controller.signal }).query(`${i}.example.com`, 'A'),
    );
    await expect.poll(() => server.asked.length).toBeGreaterThanOrEqual(30);
    controller.abort();
    await Promise.all(pending);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  test('ends every question at once on abort and leaves no socket open', async () => {
    const server = await world({ zone: {}, fault: 'timeout' });
    const controller = new AbortController();
    const dns = client([server], { signal: controller.signal, tryTimeoutMs: 60_000, retryAfterMs: 60_000 });
    const pending = Promise.all(Array.from({ length: 200 }, (_, i) => dns.query(`${i}.example.com`, 'A')));
    while (server.asked.length === 0) await new Promise((done) => setImmediate(done));
    expect(udpSockets()).toBeGreaterThan(open.length);
    controller.abort();
    expect((await pending).every(({ status }) => status === 'timeout')).toBe(true);
    await expect.poll(udpSockets).toBe(open.length);
  });
});

describe('DNS client: a server that is silent where another one answers', () => {
  const names = ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.example.com`);
  const zone = Object.fromEntries(names.map((name) => [name, { A: ['192.0.2.1'] }]));
  const [a = '', b = '', c = '', d = '', e = ''] = names;
  const labelOf = ({ port }: DnsWorld): string => `127.0.0.1#${port}`;
  const askedOverUdp = ({ asked }: DnsWorld): string[] =>
    asked.filter(({ transport }) => transport === 'udp').map(({ name }) => name);
  /** So long that a question which waits for the silent server is not answered in this test. */
  const patient = { tryTimeoutMs: 600_000, retryAfterMs: 600_000 };
  let now = 0;

  /** The first server is silent, and one question has shown it. */
  async function silentAndOther() {
    const [silent, other] = [await world({ zone, fault: 'timeout' }), await world({ zone })];
    const upstreams = new Upstreams(96, () => now);
    const controller = new AbortController();
    ends.push(() => controller.abort());
    const shared = { upstreams, signal: controller.signal };
    expect(await client([silent, other], { ...shared, tryTimeoutMs: 5000 }).query(a, 'A')).toMatchObject({
      server: labelOf(other),
    });
    return { silent, other, dns: client([silent, other], { ...shared, ...patient }), shared };
  }

  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  test('delays no later question, and is tried again beside the other one after a while', async () => {
    const { silent, other, dns } = await silentAndOther();
    expect(await dns.query(b, 'A')).toMatchObject({ status: 'answer', server: labelOf(other) });
    await expect.poll(() => askedOverUdp(silent)).toEqual([a, b]);
    now += RETRY_SILENT_AFTER_MS - 1;
    expect(await dns.query(c, 'A')).toMatchObject({ status: 'answer', server: labelOf(other) });
    now += 1;
    expect(await dns.query(d, 'A')).toMatchObject({ status: 'answer', server: labelOf(other) });
    await expect.poll(() => askedOverUdp(silent)).toEqual([a, b, d]);
    expect(askedOverUdp(other)).toEqual([a, b, c, d]);
  });

  test('is asked first again as soon as it replies', async () => {
    const { silent, other, dns, shared } = await silentAndOther();
    silent.rescript({ zone });
    // A new client each time, because a client asks a question once.
    const seen = async () => (await client([silent, other], { ...shared, ...patient }).query(b, 'A')).server;
    await expect.poll(seen).toBe(labelOf(silent));
    const asked = other.asked.length;
    expect(await dns.query(e, 'A')).toMatchObject({ server: labelOf(silent) });
    expect(other.asked).toHaveLength(asked);
  });

  test('is still asked when the other one fails', async () => {
    const { silent, other, dns } = await silentAndOther();
    silent.rescript({ zone });
    other.rescript({ zone, fault: 'servfail' });
    expect(await dns.query(b, 'A')).toMatchObject({ status: 'answer', server: labelOf(silent) });
  });

  test('is not silent when it answers other questions meanwhile', async () => {
    const [first, other] = [
      await world({ zone: { ...zone, [a]: { A: { fault: 'timeout', times: 1, records: ['192.0.2.1'] } } } }),
      await world({ zone }),
    ];
    const upstreams = new Upstreams(96, () => now);
    const dns = client([first, other], { upstreams, tryTimeoutMs: 5000, retryAfterMs: 300 });
    const lost = dns.query(a, 'A');
    expect(await dns.query(b, 'A')).toMatchObject({ server: labelOf(first) });
    expect(await lost).toMatchObject({ server: labelOf(other) });
    expect(await dns.query(c, 'A')).toMatchObject({ server: labelOf(first) });
    expect(other.asked.map(({ name }) => name)).toEqual([a]);
  });
});

describe('DNS client: unreachable servers', () => {
  /** Nothing listens there: the system says so at once. */
  const closed = [parseServer('127.0.0.1:1'), parseServer('127.0.0.2:1')];
  const zone = { 'a.example.com': { A: ['192.0.2.1'] }, 'b.example.com': { A: ['192.0.2.2'] } };

  test('asks the first reachable server, however many unreachable ones precede it', async () => {
    const answering = await world({ zone });
    const dns = client([], { servers: [...closed, parseServer(answering.server)], retryAfterMs: 5000 });
    expect(await dns.query('a.example.com', 'A')).toMatchObject({
      status: 'answer',
      records: ['192.0.2.1'],
      server: answering.server.replace(':', '#'),
    });
  });

  test('asks the server that answered first for the next question', async () => {
    const answering = await world({ zone });
    const dns = client([], { servers: [...closed, parseServer(answering.server)] });
    await dns.query('a.example.com', 'A');
    const before = udpSockets();
    const asked = dns.query('b.example.com', 'A');
    // One socket, for the server that answers.
    expect(udpSockets()).toBe(before + 1);
    expect(await asked).toMatchObject({ status: 'answer' });
  });

  test('asks a working server that follows a silent one and a closed one', async () => {
    const silent = await world({ zone: { 'a.example.com': 'timeout' } });
    const answering = await world({ zone });
    const [first = parseServer('127.0.0.1:1')] = closed;
    const dns = client([], { servers: [parseServer(silent.server), first, parseServer(answering.server)] });
    expect(await dns.query('a.example.com', 'A')).toMatchObject({ status: 'answer', records: ['192.0.2.1'] });
  });

  test('asks the only working server again when its first answer is lost', async () => {
    const losing = await world({
      zone: { ...zone, 'b.example.com': { A: { fault: 'timeout', times: 1, records: ['192.0.2.2'] } } },
    });
    const [first = parseServer('127.0.0.1:1')] = closed;
    const dns = client([], { servers: [first, parseServer(losing.server)] });
    await dns.query('a.example.com', 'A');
    expect(await dns.query('b.example.com', 'A')).toMatchObject({ status: 'answer', records: ['192.0.2.2'] });
  });

  test('reports a timeout for a silent server, even beside an unreachable one', async () => {
    const silent = await world({ zone: { 'a.example.com': 'timeout' } });
    const dns = client([], { servers: [...closed, parseServer(silent.server)] });
    expect(await dns.query('a.example.com', 'A')).toMatchObject({ status: 'timeout' });
  });

  test('gives the reason for each server when all are unreachable', async () => {
    const answer = await client([], { servers: closed }).query('a.example.com', 'A');
    const reason = 'cannot be reached: nothing answers on that port (ECONNREFUSED)';
    expect(answer).toMatchObject({ status: 'unreachable', detail: `127.0.0.1#1 ${reason}; 127.0.0.2#1 ${reason}` });
  });

  test.each([
    ['127.0.0.1:1', /^127\.0\.0\.1#1 cannot be reached: nothing answers on that port \(ECONNREFUSED\)$/],
    ['255.255.255.255', /^255\.255\.255\.255#53 cannot be reached: a firewall of this machine .* \(EACCES\)$/],
    ['fe80::1', /^fe80::1#53 cannot be reached: a link-local address needs its interface, such as fe80::1%eth0/],
    ['[fe80::1%nosuch0]:5353', /^fe80::1%nosuch0#5353 cannot be reached: this machine has no .*\(E[A-Z]+\)$/],
  ])('gives the reason why %s is unreachable', async (server, reason) => {
    const answer = await client([], { servers: [parseServer(server)] }).query('a.example.com', 'A');
    expect(answer).toMatchObject({ status: 'unreachable', detail: expect.stringMatching(reason) });
  });
});

describe('parseServer', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1#53'],
    ['192.0.2.1:5353', '192.0.2.1#5353'],
    ['2001:db8::1', '2001:db8::1#53'],
    ['[2001:db8::1]:5353', '2001:db8::1#5353'],
    ['fe80::1%eth0', 'fe80::1%eth0#53'],
    ['[fe80::1%eth0.7]:5353', 'fe80::1%eth0.7#5353'],
    ['fe80::1', 'fe80::1#53'],
  ])('%s → %s', (text, label) => {
    expect(serverLabel(parseServer(text))).toBe(label);
  });

  test.each([
    '2001:db8::1%eth0',
    '192.0.2.1%eth0',
    'fe80::1%',
    'fe80::1%a b',
    'fe80::1%eth0%eth1',
    'fe80::1%$(x)',
    'fe80::1%eth0:5353',
  ])('rejects %s', (text) => {
    expect(() => parseServer(text)).toThrow('is not a DNS server address');
  });

  test('serversIn leaves out what Windows gives an interface without DNS servers, and what is no address', () => {
    const texts = ['fec0:0:0:ffff::1', 'fec0:0:0:ffff::2%1', '192.0.2.53', 'fe80::1', 'x', 'fec0::53'];
    const servers = serversIn(texts, new Map([[parseServer('fe80::1').address, 'eth0']]));
    expect(servers.map(serverLabel)).toEqual(['192.0.2.53#53', 'fe80::1%eth0#53', 'fec0::53#53']);
  });

  test('zonesOf reads the interfaces of link-local servers from resolv.conf', () => {
    const text =
      '# nameserver fe80::9%lo\nsearch example.com\n nameserver\tfe80::1%eth0 \nnameserver 192.0.2.1\nnameserver fe80::2\n';
    expect([...zonesOf(text)]).toEqual([['fe80::1', 'eth0']]);
  });
});

test.each(['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', 'fe80::1%eth0'])(
  'the label of %s leads back to it',
  (text) => {
    const server = parseServer(text);
    expect(serverOfLabel(serverLabel(server))).toEqual(server);
  },
);

test.each(['192.0.2.53', 'ns.example.net#53', '#53', ''])('%j is the label of no server', (text) => {
  expect(serverOfLabel(text)).toBeUndefined();
});
