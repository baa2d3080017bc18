/** What a resolver makes up is kept apart from what the public DNS has, over sockets. */
import { afterEach, describe, expect, test } from 'vitest';
import type { RecordType } from '../../../src/network/dns/answer.ts';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { vetted } from '../../../src/network/dns/vetted.ts';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import { startDns } from '../../world/dns.ts';
import type { DnsScript, ZoneScript } from '../../world/zone.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

interface Asked {
  readonly zone: ZoneScript;
  readonly dns?: Omit<DnsScript, 'zone'>;
  readonly name: string;
  readonly type: RecordType;
  readonly tested?: readonly string[];
}

async function answerTo({ zone, dns = {}, name, type, tested = [] }: Asked) {
  const server = await startDns({ zone, ...dns });
  open.push(server);
  const { signal } = new AbortController();
  const client = createDnsClient({ servers: [parseServer(server.server)], signal });
  const ips = tested.map(parseIp).filter((ip): ip is IpAddress => ip !== undefined);
  return vetted(client, ips).query(name, type);
}

const mail = 'mail.example.com';
const soa = { 'example.com': { SOA: [] } } as const;

describe('answers from a hosts file', () => {
  const local = { records: ['127.0.1.1'], aa: true } as const;

  test.each([
    ['an address', 'A', { A: local }, mail],
    ['an IPv6 address', 'AAAA', { AAAA: { ...local, records: ['2001:db8::5'] } }, mail],
    ['an address that happens to be the right one', 'A', { A: { records: ['203.0.113.5'], aa: true } }, mail],
    ['no address of the other family', 'AAAA', { A: local, AAAA: { records: [], aa: true } }, mail],
  ] as const)('count as failed: %s', async (_, type, script, name) => {
    const answer = await answerTo({ zone: { ...soa, [mail]: script }, name, type });
    expect(answer).toMatchObject({
      status: 'local-data',
      detail: expect.stringMatching(
        /^127\.0\.0\.1#\d+ answers from a hosts file or other data of its own, not from the public DNS$/,
      ),
    });
  });

  test('count as failed: the name of an address', async () => {
    const zone: ZoneScript = {
      '113.0.203.in-addr.arpa': { SOA: [] },
      '5.113.0.203.in-addr.arpa': { PTR: { records: [mail], aa: true } },
    };
    const dns = { apexes: ['113.0.203.in-addr.arpa'] };
    expect(await answerTo({ zone, dns, name: '5.113.0.203.in-addr.arpa', type: 'PTR' })).toMatchObject({
      status: 'local-data',
    });
  });

  test('count as failed: the address of the domain itself', async () => {
    const zone = { 'example.com': { SOA: [], A: local } };
    expect(await answerTo({ zone, name: 'example.com', type: 'A' })).toMatchObject({ status: 'local-data' });
  });

  test('are told from those of a name server of the zone', async () => {
    const zone = { ...soa, [mail]: { A: ['203.0.113.5'] } };
    const answer = await answerTo({ zone, dns: { isAuthoritative: true }, name: mail, type: 'A' });
    expect(answer).toMatchObject({ status: 'answer', records: ['203.0.113.5'], authoritative: true });
  });

  test('are told from those of a resolver', async () => {
    const zone = { ...soa, [mail]: { A: ['203.0.113.5'] } };
    expect(await answerTo({ zone, name: mail, type: 'A' })).toMatchObject({ status: 'answer' });
  });
});

describe('addresses that a resolver makes (DNS64, RFC 6147)', () => {
  const wellKnown = { 'ipv4only.arpa': { AAAA: ['64:ff9b::c000:aa', '64:ff9b::c000:ab'] } };
  /** The prefix of a network of its own, 56 bits long (RFC 6052 §2.2): 192.0.0.170 in it. */
  const ofNetwork = { 'ipv4only.arpa': { AAAA: ['2001:db8:122:3c0:0:aa::'] } };

  test.each([
    ['the only ones', ['64:ff9b::cb00:7105'], 'nodata', undefined],
    ['beside a published one', ['64:ff9b::cb00:7105', '2001:db8::25'], 'answer', ['2001:db8::25']],
    ['none of them', ['2001:db8::25'], 'answer', ['2001:db8::25']],
  ] as const)('are left out: %s', async (_, addresses, status, records) => {
    const zone = { ...wellKnown, ...soa, [mail]: { AAAA: [...addresses] } };
    const answer = await answerTo({ zone, name: mail, type: 'AAAA' });
    expect(answer.status).toBe(status);
    expect('records' in answer ? answer.records : undefined).toEqual(records);
  });

  test('are left out under the prefix of the network', async () => {
    const zone = { ...ofNetwork, ...soa, [mail]: { AAAA: ['2001:db8:122:3cb:0:7105::', '2001:db8:123:3cb:0:7105::'] } };
    const answer = await answerTo({ zone, name: mail, type: 'AAAA' });
    expect(answer).toMatchObject({ status: 'answer', records: ['2001:db8:123:3cb:0:7105::'] });
  });

  test('stay where the resolver makes none', async () => {
    const zone = { ...soa, [mail]: { AAAA: ['64:ff9b::cb00:7105'] } };
    expect(await answerTo({ zone, name: mail, type: 'AAAA' })).toMatchObject({ status: 'answer' });
  });
});

describe('placeholders of a proxy (198.18.0.0/15)', () => {
  test.each([
    ['198.18.0.4', 'local-data'],
    ['198.19.255.255', 'local-data'],
    ['198.20.0.0', 'answer'],
    ['198.17.255.255', 'answer'],
  ])('%s → %s', async (address, status) => {
    const zone = { ...soa, [mail]: { A: [address] } };
    expect(await answerTo({ zone, name: mail, type: 'A' })).toMatchObject({ status });
  });

  test.each([
    [{ A: ['198.18.0.4'], AAAA: ['fc00::12'] }, 'local-data'],
    [{ A: ['203.0.113.5'], AAAA: ['fc00::12'] }, 'answer'],
  ])('and what is beside one as IPv6 address: %j → %s', async (script, status) => {
    expect(await answerTo({ zone: { ...soa, [mail]: script }, name: mail, type: 'AAAA' })).toMatchObject({ status });
  });

  test('are real where such an address is under test', async () => {
    const zone = { ...soa, [mail]: { A: ['198.18.0.4'] } };
    const answer = await answerTo({ zone, name: mail, type: 'A', tested: ['198.18.0.5'] });
    expect(answer).toMatchObject({ status: 'answer' });
  });
});
