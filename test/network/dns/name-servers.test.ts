/** Tests what is asked of the name servers of a zone themselves, and which of their answers count. */
import packet from 'dns-packet';
import { afterEach, describe, expect, test } from 'vitest';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { type NameServerGate, serversAt } from '../../../src/network/dns/name-servers.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { hostPort } from '../../../src/network/gate.ts';
import { parseIp } from '../../../src/network/ip.ts';
import { type RawDns, startRawDns, type Transport } from '../../fuzz/raw-dns.ts';
import { type DnsWorld, startDns } from '../../world/dns.ts';

const AA = packet.AUTHORITATIVE_ANSWER;
const NAME = '2.0.0.127.bl.lists.example';
const ZONE = 'lists.example';
const LISTED: packet.Answer = { type: 'A', name: NAME, ttl: 60, data: '127.0.0.2' };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

type Message = Partial<packet.Packet>;

/** A name server at an address of documentation. */
interface NameServer {
  readonly address: string;
  readonly raw: RawDns;
  /** The flags of each query, in order. */
  readonly flags: number[];
}

async function nameServer(
  address: string,
  reply: (question: packet.Question, transport: Transport) => Message | undefined,
): Promise<NameServer> {
  const raw = await startRawDns();
  open.push(raw);
  const flags: number[] = [];
  raw.behave = (query, transport) => {
    const { id = 0, flags: asked = 0, questions = [] } = packet.decode(query);
    flags.push(asked);
    const [question] = questions;
    const message = question && reply(question, transport);
    if (message === undefined) return [];
    const bytes = packet.encode({ type: 'response', id, questions, ...message });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return [transport === 'tcp' ? Buffer.concat([length, bytes]) : bytes];
  };
  return { address, raw, flags };
}

/** A referral to the name servers of a zone, with glue. */
const referral = (zone: string, names: readonly string[], glue: Readonly<Record<string, string>> = {}): Message => ({
  flags: 0,
  authorities: names.map((data) => ({ type: 'NS', name: zone, ttl: 60, data })),
  additionals: Object.entries(glue).map(([name, data]) => ({ type: 'A', name, ttl: 60, data })),
});

const listed: Message = { flags: AA, answers: [LISTED] };

/** @returns the answer that the servers at the first of these give, and the resolver's questions. */
async function answerOf(
  servers: readonly NameServer[],
  { gate = {}, resolver }: { gate?: Partial<NameServerGate>; resolver?: DnsWorld } = {},
) {
  const [first] = servers;
  const connectTo = new Map(
    servers.flatMap(({ address, raw }) => {
      const ip = parseIp(address);
      return ip === undefined ? [] : [[hostPort(ip, 53), { host: '127.0.0.1', port: raw.port }] as const];
    }),
  );
  const client = createDnsClient({
    servers: [parseServer(resolver?.server ?? '127.0.0.1:1')],
    signal: new AbortController().signal,
    tryTimeoutMs: 150,
    retryAfterMs: 40,
    gate: { allowPrivate: true, connectTo, ...gate },
  });
  const at = client.atNameServers({ zone: ZONE, servers: first ? [parseServer(first.address)] : [] });
  return at.query(NAME, 'A');
}

describe('an answer that counts', () => {
  test('comes from a server that has the zone, and was asked without recursion', async () => {
    const server = await nameServer('192.0.2.53', () => listed);
    expect(await answerOf([server])).toMatchObject({
      status: 'answer',
      records: ['127.0.0.2'],
      server: '192.0.2.53#53',
      authoritative: true,
    });
    // On a busy machine the question may be sent again.
    expect([...new Set(server.flags.map((flags) => flags & packet.RECURSION_DESIRED))]).toEqual([0]);
  });

  test('may be a denial', async () => {
    const server = await nameServer('192.0.2.53', () => ({ flags: AA | 3 }));
    expect(await answerOf([server])).toMatchObject({ status: 'nxdomain' });
  });

  test('is asked for over TCP when it is truncated', async () => {
    const server = await nameServer('192.0.2.53', (_, transport) =>
      transport === 'tcp' ? listed : { flags: AA | packet.TRUNCATED_RESPONSE },
    );
    expect(await answerOf([server])).toMatchObject({ status: 'answer', transport: 'tcp' });
  });

  test.each<[string, Message]>([
    ['an answer that is not authoritative', { flags: packet.RECURSION_AVAILABLE, answers: [LISTED] }],
    ['a denial that is not authoritative', { flags: packet.RECURSION_AVAILABLE | 3 }],
    ['a referral to the zone itself', referral(ZONE, ['ns.lists.example'])],
    ['a referral to a zone above', referral('example', ['ns.example'])],
    ['a referral to the root', referral('.', ['a.root-servers.net'])],
    ['a referral to a zone beside', referral('other.example', ['ns.other.example'])],
    ['a referral to a zone that does not hold the name', referral('wl.lists.example', ['ns.lists.example'])],
  ])('is not %s', async (_, message) => {
    const server = await nameServer('192.0.2.53', () => message);
    expect(await answerOf([server])).toMatchObject({ status: 'malformed', authoritative: false });
    expect(server.flags).toHaveLength(1);
  });

  test('is no alias of a name in another zone', async () => {
    const alias: packet.Answer = { type: 'CNAME', name: NAME, ttl: 60, data: 'host.example.net' };
    const server = await nameServer('192.0.2.53', () => ({ flags: AA, answers: [alias] }));
    expect(await answerOf([server])).toMatchObject({ status: 'malformed', detail: expect.stringMatching(/alias/) });
  });
});

describe('a referral', () => {
  const below = 'bl.lists.example';

  test('is followed to the addresses that it has', async () => {
    const servers = [
      await nameServer('192.0.2.53', () =>
        referral(below, ['ns.bl.lists.example'], { 'ns.bl.lists.example': '192.0.2.54' }),
      ),
      await nameServer('192.0.2.54', () => listed),
    ];
    expect(await answerOf(servers)).toMatchObject({ status: 'answer', server: '192.0.2.54#53' });
  });

  test('has no say in the addresses of names outside the zone: the resolver is asked for them', async () => {
    const resolver = await startDns({ zone: { 'ns.example.net': { A: ['192.0.2.54'] } } });
    open.push(resolver);
    const forged = await nameServer('192.0.2.66', () => ({ flags: AA | 3 }));
    const servers = [
      await nameServer('192.0.2.53', () => referral(below, ['ns.example.net'], { 'ns.example.net': '192.0.2.66' })),
      await nameServer('192.0.2.54', () => listed),
      forged,
    ];
    expect(await answerOf(servers, { resolver })).toMatchObject({ status: 'answer', server: '192.0.2.54#53' });
    expect(forged.flags).toEqual([]);
  });

  test('is not followed to an address that is not public', async () => {
    const [inner, outer] = [
      await nameServer('192.0.2.54', () => listed),
      // Nothing is sent to this address: the redirection leads to loopback.
      await nameServer('8.8.4.4', () =>
        referral(below, ['ns.bl.lists.example'], { 'ns.bl.lists.example': '192.0.2.54' }),
      ),
    ];
    expect(await answerOf([outer, inner], { gate: { allowPrivate: false } })).toMatchObject({
      status: 'unreachable',
      detail: expect.stringContaining('192.0.2.54#53 is not asked: its address is documentation'),
    });
    expect(inner.flags).toEqual([]);
  });

  test('that leads deeper each time ends', async () => {
    const deep = `${'a.'.repeat(20)}${ZONE}`;
    let depth = 0;
    const server = await nameServer('192.0.2.53', () => {
      depth += 1;
      const zone = deep
        .split('.')
        .slice(-2 - depth)
        .join('.');
      return referral(zone, [`ns.${zone}`], { [`ns.${zone}`]: '192.0.2.53' });
    });
    const client = createDnsClient({
      servers: [parseServer('127.0.0.1:1')],
      signal: new AbortController().signal,
      gate: {
        allowPrivate: true,
        connectTo: new Map([['192.0.2.53:53', { host: '127.0.0.1', port: server.raw.port }]]),
      },
    });
    const at = client.atNameServers({ zone: ZONE, servers: [parseServer('192.0.2.53')] });
    expect(await at.query(deep, 'A')).toMatchObject({ status: 'malformed' });
    expect(server.flags).toHaveLength(5);
  });
});

test('few addresses of a zone are asked, of both families', () => {
  const ips = (texts: readonly string[]) => texts.flatMap((text) => parseIp(text) ?? []);
  const ipv4 = ips(Array.from({ length: 20 }, (_, index) => `192.0.2.${index + 1}`));
  const ipv6 = ips(Array.from({ length: 20 }, (_, index) => `2001:db8::${index + 1}`));
  const count = (addresses: typeof ipv4) => serversAt(addresses).map(({ address }) => (address.includes(':') ? 6 : 4));
  expect(count([...ipv6, ...ipv4])).toEqual([4, 4, 4, 6, 6, 6]);
  expect(count(ipv4)).toEqual([4, 4, 4, 4, 4, 4]);
  expect(count([...ipv6, ...ipv4.slice(0, 1)])).toEqual([4, 6, 6, 6, 6, 6]);
  expect(count([...ipv4.slice(0, 1), ...ipv4.slice(0, 1)])).toEqual([4]);
});
