/** The DNS client against servers on real sockets that answer garbage, and against others who answer in their place. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDnsClient, type DnsClient } from '../../src/network/dns/client.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import fc from '../fast-check.ts';
import { ASKED, damaged, encode, ID, readStrictly, replyTo, TYPES, type Type, wireName } from './dns-wire.ts';
import { fuzz } from './fuzz.ts';
import { type RawDns, startRawDns } from './raw-dns.ts';

const types = Object.keys(TYPES) as Type[];

let server: RawDns;

beforeAll(async () => {
  server = await startRawDns();
});
afterEach(() => {
  server.behave = () => [];
  server.onQuery = () => {};
});
afterAll(() => server.close());

function typeOf(query: Buffer): Type {
  const number = query.readUInt16BE(12 + wireName(ASKED).length);
  return types.find((type) => TYPES[type] === number) ?? 'A';
}

function client(tryTimeoutMs: number, retryAfterMs = tryTimeoutMs): DnsClient {
  const { signal } = new AbortController();
  return createDnsClient({ servers: [parseServer(`127.0.0.1:${server.port}`)], signal, tryTimeoutMs, retryAfterMs });
}

/** With the ID of the query where it had the right one. */
function answering(query: Buffer, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length >= 2 && copy.readUInt16BE(0) === ID) query.copy(copy, 0, 0, 2);
  return copy;
}

const framed = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);

const CONCLUSIONS = ['answer', 'nodata', 'nxdomain'];
const TRY_MS = 80;

async function askAll(): Promise<Map<Type, string>> {
  const dns = client(TRY_MS, TRY_MS / 4);
  const statuses = await Promise.all(
    types.map(async (type): Promise<[Type, string]> => [type, (await dns.query(ASKED, type)).status]),
  );
  return new Map(statuses);
}

/** One message for each type. */
const messages = fc.tuple(...types.map((type) => fc.oneof(replyTo(type), damaged(replyTo(type)))));

fuzz('over UDP and TCP, nothing is concluded from what is no reply', 25, messages, async (replies) => {
  server.behave = (query, transport) => {
    const bytes = answering(query, replies[types.indexOf(typeOf(query))] ?? Buffer.alloc(0));
    return [transport === 'udp' ? bytes : framed(bytes)];
  };
  const statuses = await askAll();
  for (const [index, type] of types.entries()) {
    const read = readStrictly(replies[index] ?? Buffer.alloc(0), type);
    // A valid one may be an alias that leads to further questions; those are judged in dns.test.ts.
    if (read === null) expect(CONCLUSIONS, type).not.toContain(statuses.get(type));
  }
});

/** Pieces of a stream, which frames nothing right. */
const streams = fc.array(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 5 },
);

fuzz('truncated over UDP, garbage over TCP', 20, streams, async (pieces) => {
  server.behave = (query, transport) => {
    if (transport === 'tcp') return pieces;
    const reply = Buffer.from(query);
    reply.writeUInt16BE(0x8380, 2);
    reply.writeUInt16BE(0, 10);
    return [reply];
  };
  for (const [type, status] of await askAll()) {
    expect(['truncated-no-tcp', 'malformed', 'unreachable', 'timeout'], type).toContain(status);
  }
});

/** A correct answer with this address in it. */
function answerWith(query: Buffer, address: readonly number[]): Buffer {
  return encode({
    id: query.readUInt16BE(0),
    flags: 0x8180,
    questions: [{ name: wireName(ASKED), type: TYPES.A, class: 1 }],
    sections: [
      [{ name: Buffer.from([0xc0, 0x0c]), type: TYPES.A, class: 1, ttl: 60, data: Buffer.from(address) }],
      [],
      [],
    ],
  });
}

const FORGED = [192, 0, 2, 66] as const;
const TRUE = [192, 0, 2, 1] as const;

/** Asks once; whatever `forge` sends has arrived before the true answer is sent. */
async function askBeside(forge: (query: Buffer, from: RemoteInfo) => Promise<void>): Promise<unknown> {
  server.onQuery = (query, from) => {
    void forge(query, from).then(() => server.send(answerWith(query, TRUE), from));
  };
  const answer = await client(5000).query(ASKED, 'A');
  return answer.status === 'answer' ? answer.records : answer.status;
}

function sendFrom(address: string, message: Buffer, to: RemoteInfo): Promise<void> {
  return new Promise((done) => {
    const other = createSocket('udp4');
    other.bind(0, address, () => other.send(message, to.port, to.address, () => other.close(done)));
  });
}

test.each<[string, (query: Buffer, from: RemoteInfo) => Promise<void>]>([
  ['another address', (query, from) => sendFrom('127.0.0.2', answerWith(query, FORGED), from)],
  ['another port', (query, from) => sendFrom('127.0.0.1', answerWith(query, FORGED), from)],
  [
    'fifty other IDs',
    async (query, from) => {
      for (let step = 1; step <= 50; step += 1) {
        const forged = answerWith(query, FORGED);
        forged.writeUInt16BE((query.readUInt16BE(0) + step) & 0xffff, 0);
        await server.send(forged, from);
      }
    },
  ],
  [
    'another question',
    (query, from) => {
      const forged = answerWith(query, FORGED);
      forged.writeUInt8(0x6e, 13);
      return server.send(forged, from);
    },
  ],
  [
    'a query in place of a reply',
    (query, from) => {
      const forged = answerWith(query, FORGED);
      forged.writeUInt16BE(0x0100, 2);
      return server.send(forged, from);
    },
  ],
])('a reply from %s is dropped, and the true one taken', async (_, forge) => {
  expect(await askBeside(forge)).toEqual([TRUE.join('.')]);
});

test('of two replies, the first counts', async () => {
  server.behave = (query) => [answerWith(query, TRUE), answerWith(query, FORGED)];
  const dns = client(5000);
  expect(await dns.query(ASKED, 'A')).toMatchObject({ status: 'answer', records: [TRUE.join('.')] });
  expect(dns.log).toHaveLength(1);
});

test('a reply that comes when nobody waits any more changes nothing', async () => {
  const late: (() => unknown)[] = [];
  server.onQuery = (query, from) => {
    late.push(() => server.send(answerWith(query, FORGED), from));
  };
  const dns = client(150, 50);
  const { status } = await dns.query(ASKED, 'A');
  expect(CONCLUSIONS).not.toContain(status);
  expect(late.length).toBeGreaterThan(1);
  for (const send of late) send();
  // Behind the late ones in the same queue: once this is answered, they have arrived.
  server.onQuery = () => {};
  server.behave = (query) => [answerWith(query, TRUE)];
  expect(await client(5000).query(ASKED, 'A')).toMatchObject({ records: [TRUE.join('.')] });
  expect(await dns.query(ASKED, 'A')).toMatchObject({ status });
});

test('whoever guesses without end is not listened to without end', async () => {
  server.behave = (query) =>
    Array.from({ length: 150 }, (_, step) => {
      const forged = answerWith(query, FORGED);
      forged.writeUInt16BE((query.readUInt16BE(0) + step + 1) & 0xffff, 0);
      return forged;
    });
  expect((await client(1000, 100).query(ASKED, 'A')).status).not.toBe('answer');
});

test('a reply of 64 KiB over TCP in single octets is read, and what comes behind it is not', async () => {
  server.behave = (query, transport) => {
    const reply = answerWith(query, TRUE);
    const flags = transport === 'udp' ? 0x8380 : 0x8180;
    reply.writeUInt16BE(flags, 2);
    if (transport === 'udp') return [reply];
    const long = Buffer.concat([reply, Buffer.alloc(65_535 - reply.length)]);
    const octets = [...framed(long).subarray(0, 200)].map((octet) => Buffer.from([octet]));
    return [...octets, framed(long).subarray(200), Buffer.alloc(1024 * 1024)];
  };
  expect(await client(10_000).query(ASKED, 'A')).toMatchObject({ status: 'answer', transport: 'tcp' });
});
