/**
 * DNS answers that lead probes inside: to this machine, its network, or the metadata service of a cloud. Nothing is sent
 * there without `--allow-private`, and that it was not is in the report.
 */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/status.ts';
import { type CheckCase, checkIn, resultOf } from '../world/check.ts';
import type { NameScript } from '../world/dns.ts';

/** Everything that would be connected to comes out here. */
let server: Server;
let port = 0;
let connections = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const bound = server.address();
  port = typeof bound === 'object' && bound ? bound.port : 0;
});
beforeEach(() => {
  connections = 0;
});
afterAll(() => new Promise((done) => server.close(done)));

const INNER: readonly (readonly [what: string, type: 'A' | 'AAAA', address: string])[] = [
  ['this machine', 'A', '127.0.0.1'],
  ['this machine by another address', 'A', '127.8.8.8'],
  ['any address', 'A', '0.0.0.0'],
  ['the metadata service', 'A', '169.254.169.254'],
  ['a private network', 'A', '10.0.0.1'],
  ['shared address space', 'A', '100.100.100.200'],
  ['multicast', 'A', '224.0.0.1'],
  ['this machine over IPv6', 'AAAA', '::1'],
  ['any address over IPv6', 'AAAA', '::'],
  ['the metadata service over IPv6', 'AAAA', 'fd00:ec2::254'],
  ['link local', 'AAAA', 'fe80::1'],
  ['IPv4 inside IPv6', 'AAAA', '::ffff:127.0.0.1'],
  ['the metadata service inside IPv6', 'AAAA', '::ffff:169.254.169.254'],
  ['IPv4 by translation', 'AAAA', '64:ff9b::7f00:1'],
  ['the metadata service by local translation', 'AAAA', '64:ff9b:1::a9fe:a9fe'],
  ['6to4', 'AAAA', '2002:7f00:1::1'],
  ['6to4 of a public address', 'AAAA', '2002:808:808::1'],
  ['IPv4 inside IPv6 by the old notation', 'AAAA', '::127.0.0.1'],
  ['IPv4 by stateless translation', 'AAAA', '::ffff:0:127.0.0.1'],
  ['Teredo', 'AAAA', '2001:0:808:808::1'],
  ['an address that nobody has', 'AAAA', '4000::1'],
  ['segment routing', 'AAAA', '5f00::1'],
  ['the old site local', 'AAAA', 'fec0::1'],
];

/** The name's address directly, and behind two aliases. */
function leadingTo(name: string, type: string, address: string): readonly Record<string, NameScript>[] {
  return [
    { [name]: { [type]: [address] } },
    {
      [name]: { CNAME: ['alias.example.org'] },
      'alias.example.org': { CNAME: ['inner.example.org'] },
      'inner.example.org': { [type]: [address] },
    },
  ];
}

async function checked(zone: Record<string, NameScript>, world: Partial<CheckCase>): Promise<Report> {
  return checkIn({
    ips: [],
    ...world,
    dns: { zone: { 'example.com': { MX: ['10 mail.example.com'] }, ...zone } },
    settings: {
      allowPrivate: false,
      connectTo: new Map([['*', { host: '127.0.0.1', port }]]),
      ...world.settings,
    },
  });
}

const openCodes = (report: Report, rule: string): string[] =>
  resultOf(report, rule)
    .findings.filter(({ severity }) => severity !== 'info')
    .map(({ code }) => code);

describe.each(INNER)('%s (%s %s)', (_, type, address) => {
  test('as the address of an MX host', async () => {
    for (const zone of leadingTo('mail.example.com', type, address)) {
      const report = await checked(zone, { rules: ['mx', 'tls', 'open-relay', 'helo'] });
      expect(openCodes(report, 'mx')).toContain('mx/target-not-public');
      expect(resultOf(report, 'tls').status).toBe('inconclusive');
      expect(openCodes(report, 'open-relay')).toEqual(['open-relay/inconclusive']);
      expect(resultOf(report, 'helo').status).toBe('inconclusive');
      expect(report.timing.smtpConnections).toBe(0);
    }
    expect(connections).toBe(0);
  });

  test('as the address of an MX host beside the tested one', async () => {
    const zone = { 'mail.example.com': { [type]: [address] } };
    const report = await checked(zone, { ips: ['203.0.113.5'], rules: ['tls'] });
    expect(
      resultOf(report, 'tls')
        .findings.map(({ evidence }) => JSON.stringify(evidence))
        .join(),
    ).toContain('forbidden');
    expect(connections).toBe(0);
  });

  test('as the address of a mail server or service to reach from the host', async () => {
    const egressTargets = [{ host: 'anchor.example.net', port: 25 }];
    const egressControls = [{ host: 'control.example.net', port: 443 }];
    for (const [index, anchor] of leadingTo('anchor.example.net', type, address).entries()) {
      const control = leadingTo('control.example.net', type, address)[index] ?? {};
      const report = await checked(
        { ...control, ...anchor },
        {
          ips: [type === 'A' ? '203.0.113.5' : '2001:db8::5', '203.0.113.6'],
          rules: ['egress'],
          settings: { vantage: 'self', egressTargets, egressControls },
        },
      );
      expect(resultOf(report, 'egress').status).toBe('inconclusive');
      expect(report.timing.smtpConnections).toBe(0);
    }
    expect(connections).toBe(0);
  });
});

test('one inner address beside public ones is reported too', async () => {
  // Public ones, or nothing would be connected to; all of them come out at the server above.
  const zone = { 'mail.example.com': { A: ['8.8.4.4', '169.254.169.254'], AAAA: ['::1'] } };
  const report = await checked(zone, { rules: ['mx'] });
  expect(resultOf(report, 'mx').findings.find(({ code }) => code === 'mx/target-not-public')).toMatchObject({
    severity: 'warning',
    evidence: { addresses: ['169.254.169.254', '::1'] },
  });
  expect(connections).toBeGreaterThan(0);
});

test('one anchor that leads inside is reported beside others that answer', async () => {
  const hosts = { '8.8.4.4': { name: 'one.example.net' }, '8.8.8.8': { name: 'two.example.org' } };
  const egressTargets = ['one.example.net', 'two.example.org', 'inner.example.org'].map((host) => ({ host, port: 25 }));
  const report = await checkIn({
    dns: {
      zone: {
        'one.example.net': { A: ['8.8.4.4'] },
        'two.example.org': { A: ['8.8.8.8'] },
        'inner.example.org': { A: ['169.254.169.254'] },
      },
    },
    hosts,
    rules: ['egress'],
    settings: { allowPrivate: false, vantage: 'self', egressTargets },
  });
  expect(resultOf(report, 'egress')).toMatchObject({
    status: 'inconclusive',
    findings: [
      { code: 'egress/inconclusive', message: expect.stringContaining('inner.example.org (169.254.169.254)') },
    ],
  });
});

test('an address that a translator of this network leads inside is not connected to, and is not called closed', async () => {
  const zone = {
    'ipv4only.arpa': { AAAA: ['2a01:db8:64::192.0.0.170', '2a01:db8:64::192.0.0.171'] },
    'mail.example.com': { AAAA: ['2a01:db8:64::169.254.169.254'] },
  };
  // The tested address answers, so the network here is not what keeps the connection from the MX host.
  const report = await checked(zone, { ips: ['8.8.4.4'], rules: ['mx', 'tls'] });
  expect(openCodes(report, 'mx')).not.toContain('mx/port-closed');
  // Such an address is the resolver's, or made to look so, and not one of the host.
  expect(openCodes(report, 'mx')).toContain('mx/target-unresolvable');
  const dialled = report.timing.smtpConnections;
  expect(dialled).toBeGreaterThan(0);
  expect(JSON.stringify(report)).not.toContain('2a01:db8:64::');

  // Where nothing is translated, the same address is that of any host.
  const elsewhere = await checked(
    { ...zone, 'ipv4only.arpa': { AAAA: [] } },
    { ips: ['8.8.4.4'], rules: ['mx', 'tls'] },
  );
  expect(elsewhere.timing.smtpConnections).toBeGreaterThan(dialled);
});

test('with --allow-private the same addresses are connected to', async () => {
  const zone = { 'mail.example.com': { A: ['127.0.0.1'] } };
  await checked(zone, { rules: ['mx'], settings: { allowPrivate: true } });
  expect(connections).toBeGreaterThan(0);
});
