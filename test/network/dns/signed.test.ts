/** Tests the questions for records with signatures, over sockets on loopback and in the replay of a recording. */
import { afterEach, expect, test } from 'vitest';
import { createDnsClient, type DnsClient } from '../../../src/network/dns/client.ts';
import { decodeReply } from '../../../src/network/dns/message.ts';
import { overlay } from '../../../src/network/dns/overlay.ts';
import { TYPE } from '../../../src/network/dns/record-types.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import type { SignedRecord, SignedReply } from '../../../src/network/dns/signed.ts';
import { Notebook } from '../../../src/recording/notebook.ts';
import { recordDns } from '../../../src/recording/record-dns.ts';
import { replayDns } from '../../../src/recording/replay-dns.ts';
import { Timeline } from '../../../src/recording/timeline.ts';
import { type DnsScript, type DnsWorld, startDns } from '../../world/dns.ts';
import { signedWorld } from '../../world/signer.ts';
import { zoneClient } from '../../world/zone-resolver.ts';

const open: DnsWorld[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((world) => world.close()));
});

const ZONES = signedWorld([
  { apex: '.' },
  { apex: 'com' },
  {
    apex: 'example.com',
    denial: { kind: 'nsec3' },
    records: {
      'example.com': { MX: '10 Mail.example.com', TXT: Array.from({ length: 9 }, (_, i) => `${i}`.padEnd(200, 'x')) },
      'mail.example.com': { A: '192.0.2.1' },
    },
  },
]);

async function clientOf(script: DnsScript): Promise<{ dns: DnsClient; world: DnsWorld }> {
  const world = await startDns(script);
  open.push(world);
  const servers = [parseServer(world.server)];
  const { signal } = new AbortController();
  return { dns: createDnsClient({ servers, signal, tryTimeoutMs: 300, retryAfterMs: 100 }), world };
}

const kindOf = (reply: SignedReply): string => (reply.kind === 'failed' ? reply.status : reply.kind);

const typesIn = (reply: SignedReply): number[] =>
  reply.kind === 'reply' ? [...reply.answers, ...reply.authorities].map(({ type }) => type) : [];

test('signed: a reply has the records as the server sent them, over TCP where they do not fit', async () => {
  const { dns, world } = await clientOf({ zone: {}, signed: ZONES });
  const cases: readonly [string, number, 'udp' | 'tcp'][] = [
    ['', TYPE.DNSKEY, 'udp'],
    ['example.com', TYPE.DS, 'udp'],
    ['EXAMPLE.com.', TYPE.MX, 'udp'],
    ['example.com', TYPE.TXT, 'tcp'],
    ['gone.example.com', TYPE.TLSA, 'udp'],
    ['mail.example.com', 65_280, 'udp'],
  ];
  for (const [name, type, transport] of cases) {
    const { rcode, answers, authorities } = ZONES.answerTo(name === '' ? '.' : name, type);
    const lowered = name.toLowerCase().replace(/\.$/, '');
    expect(await dns.signed(name, type)).toEqual({
      kind: 'reply',
      server: `127.0.0.1#${world.port}`,
      rcode,
      authoritative: false,
      authenticated: false,
      answers,
      authorities,
      extendedErrors: [],
    });
    expect(dns.signedLog.at(-1)).toMatchObject({ name: lowered, type, transport });
  }
  expect(typesIn(await dns.signed('gone.example.com', TYPE.TLSA))).toContain(TYPE.NSEC3);
  // Each question is asked once, whatever its spelling.
  const asked = world.asked.length;
  await dns.signed('example.COM', TYPE.MX);
  expect(world.asked).toHaveLength(asked);
  expect(dns.log).toEqual([]);
});

test('signed: a name that cannot be asked for is not, and each failure has its status', async () => {
  const { dns, world } = await clientOf({
    zone: { 'sf.example': 'servfail', 'no.example': 'refused', 'old.example': 'notimp', 'mute.example': 'timeout' },
    signed: ZONES,
  });
  const statuses = await Promise.all(
    ['sf.example', 'no.example', 'old.example', 'mute.example', 'a..example'].map(async (name) => {
      const reply = await dns.signed(name, TYPE.DS);
      return reply.kind === 'failed' ? reply.status : reply.kind;
    }),
  );
  expect(statuses).toEqual(['servfail', 'refused', 'malformed', 'timeout', 'malformed']);
  expect(world.asked.map(({ name }) => name)).not.toContain('a..example');
});

test('signed: the client in memory gives the replies of the server on loopback', async () => {
  const script: DnsScript = {
    zone: { 'plain.example': { A: ['192.0.2.7'] }, 'sf.example': 'servfail' },
    signed: ZONES,
  };
  const { dns } = await clientOf(script);
  const memory = zoneClient(script, new AbortController().signal);
  const withoutServer = (reply: SignedReply) => ({ ...reply, server: '' });
  for (const name of ['example.com', 'mail.example.com', 'gone.example.com', 'plain.example', 'sf.example']) {
    for (const type of [TYPE.DS, TYPE.DNSKEY, TYPE.A, TYPE.TLSA]) {
      expect(withoutServer(await memory.signed(name, type))).toEqual(withoutServer(await dns.signed(name, type)));
    }
    for (const type of ['A', 'MX', 'DS', 'SOA'] as const) {
      const [a, b] = [await memory.query(name, type), await dns.query(name, type)];
      expect({ ...a, server: '', durationMs: 0 }).toEqual({ ...b, server: '', durationMs: 0 });
    }
  }
});

test('signed: name servers are asked for what they hold themselves, and another server has no say', async () => {
  const own = { zone: {}, signed: ZONES, isAuthoritative: true };
  const { dns, world } = await clientOf(own);
  const from = { zone: 'example.com', servers: [parseServer(world.server)] };
  const gated = createDnsClient({ servers: [], signal: dns.signal, gate: { allowPrivate: true } });
  const reply = await gated.atNameServers(from).signed('example.com', TYPE.SOA);
  expect(reply).toMatchObject({ kind: 'reply', authoritative: true });
  expect(typesIn(reply)).toEqual([TYPE.SOA, TYPE.RRSIG]);
  const { world: resolver } = await clientOf({ zone: {}, signed: ZONES });
  const asResolver = gated.atNameServers({ zone: 'example.com', servers: [parseServer(resolver.server)] });
  expect(await asResolver.signed('example.com', TYPE.SOA)).toMatchObject({ kind: 'failed', status: 'malformed' });
  expect(gated.signedLog).toHaveLength(2);
});

test('signed: a replay gives the recorded replies and their log, octet for octet', async () => {
  const { dns, world } = await clientOf({ zone: { 'sf.example': 'servfail' }, signed: ZONES });
  const servers = [parseServer(world.server)];
  const ask = (client: DnsClient) =>
    Promise.all(['', 'example.com', 'sf.example', 'a..example'].map((name) => client.signed(name, TYPE.DNSKEY)));
  const notebook = new Notebook();
  const mask = (text: string) => text;
  const before = await ask(recordDns(dns, notebook, mask));
  const timeline = new Timeline(JSON.parse(JSON.stringify(notebook.exchanges)), [], () => {});
  const replayed = replayDns(servers, timeline, new AbortController().signal, mask);
  expect(await ask(replayed)).toEqual(before);
  expect(replayed.signedLog).toEqual(dns.signedLog);
  expect(timeline.missing).toEqual([]);
  expect(await replayed.signed('example.com', TYPE.DS)).toMatchObject({
    kind: 'failed',
    detail: 'not in the recording',
  });
  timeline.end();
});

test('signed: records that are only proposed have no signature, and the keys of their zone are the live ones', async () => {
  const live = zoneClient({ zone: {}, signed: ZONES }, new AbortController().signal);
  const record = { name: '_dmarc.example.com', type: 'TXT', data: ['v=DMARC1; p=none'], ttl: 60 } as const;
  const dns = overlay(live, [{ file: 'zone', records: [record], removed: [{ name: 'example.com', type: 'MX' }] }]);
  const kinds = async (name: string, ...types: readonly number[]) =>
    Promise.all(types.map(async (type) => kindOf(await dns.signed(name, type))));
  expect(await kinds('_dmarc.example.com', TYPE.TXT, TYPE.A)).toEqual(['local-data', 'reply']);
  expect(await kinds('example.com', TYPE.MX, TYPE.TXT)).toEqual(['local-data', 'reply']);
  const soa = { name: 'example.com', type: 'SOA', data: null, ttl: 60 };
  const whole = overlay(live, [{ file: 'zone', records: [soa] }]);
  expect(kindOf(await whole.signed('www.example.com', TYPE.A))).toBe('local-data');
  expect((await whole.signed('example.com', TYPE.DNSKEY)).kind).toBe('reply');
  expect((await whole.signed('example.com', TYPE.DS)).kind).toBe('reply');
});

test('signed: compressed names in the data are written out, and a pointer that leads nowhere is malformed', () => {
  const name = (text: string): Buffer =>
    Buffer.concat([
      ...text.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
      Buffer.of(0),
    ]);
  const header = Buffer.from([0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const question = Buffer.concat([name('Example.com'), Buffer.from([0, TYPE.SRV, 0, 1])]);
  const record = (data: Buffer, type: number = TYPE.SRV): Buffer =>
    Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);
  const read = (data: Buffer, type?: number): SignedRecord | string | undefined => {
    const reply = decodeReply(Buffer.concat([header, question, record(data, type)]), 7, {
      name: 'example.com',
      type: TYPE.SRV,
    });
    return typeof reply === 'string' ? reply : reply.signed?.answers[0];
  };
  const fixed = Buffer.from([0, 1, 0, 2, 0, 25]);
  const pointed = Buffer.concat([fixed, Buffer.from([2, 0x4d, 0x78, 0xc0, 12])]);
  expect(read(pointed)).toEqual({
    owner: ['example', 'com'],
    type: TYPE.SRV,
    class: 1,
    ttl: 60,
    data: Buffer.concat([fixed, name('Mx.Example.com')]),
  });
  expect(read(Buffer.concat([fixed, Buffer.from([0xc0, 0xff])]))).toBe('malformed');
  expect(read(Buffer.concat([fixed, Buffer.from([5, 0x61])]))).toBe('malformed');
  expect(read(Buffer.from([0, 1]))).toBe('malformed');
  // The data of a type that has no names is not touched.
  expect(read(Buffer.from([0xc0, 12]), 65_280)).toMatchObject({ data: Buffer.from([0xc0, 12]) });
});
