/** The UDP sockets that questions share: their ports, and which of the packets that arrive is the reply to a question. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Question, Reply } from '../../../src/network/dns/message.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import {
  MAX_QUESTIONS_PER_SOCKET,
  MAX_SOCKET_AGE_MS,
  UdpSockets,
  type UdpSocketsOptions,
} from '../../../src/network/dns/udp-sockets.ts';
import { encode, TYPES, wireName } from '../../fuzz/dns-wire.ts';
import { type RawDns, startRawDns } from '../../fuzz/raw-dns.ts';

/** A query as the server received it. */
interface Received {
  readonly query: Buffer;
  readonly from: RemoteInfo;
}

let server: RawDns;
/** The queries that the server received, by the name that they ask for. */
let received: Map<string, Received>;
/** The questions that the test has not ended. */
let ends: (() => void)[];

beforeEach(async () => {
  server = await startRawDns();
  received = new Map();
  ends = [];
  server.onQuery = (query, from) => received.set(nameIn(query), { query, from });
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await server.close();
});

/** @returns the only label of the name in a query. */
function nameIn(query: Buffer): string {
  return query.toString('latin1', 13, 13 + (query[12] ?? 0));
}

function socketsOf(options: UdpSocketsOptions = {}): UdpSockets {
  return new UdpSockets(parseServer(`127.0.0.1:${server.port}`), { now: () => 0, ...options });
}

const questionFor = (name: string): Question => ({ name, type: 'A', checkingDisabled: false });

/** The address in a reply, or why there is none. */
type Outcome = unknown;

/** A question under way. */
interface Asked {
  readonly outcome: Promise<Outcome>;
  /** Stops waiting, as for a question whose time is up. */
  readonly giveUp: () => void;
}

/** Asks, and resolves when the server has received the question. */
async function ask(sockets: UdpSockets, name: string): Promise<Asked> {
  let conclude: (outcome: Outcome) => void = () => {};
  const outcome = new Promise<Outcome>((resolve) => {
    conclude = resolve;
  });
  const end = sockets.send({
    question: questionFor(name),
    take: (reply) => giveUp(addressIn(reply)),
    fail: (error) => giveUp(error),
  });
  let isOver = false;
  const giveUp = (result: Outcome = 'given up'): void => {
    if (isOver) return;
    isOver = true;
    end();
    conclude(result);
  };
  ends.push(() => giveUp());
  await expect.poll(() => received.has(name), { interval: 1, timeout: 5000 }).toBe(true);
  return { outcome, giveUp: () => giveUp() };
}

function addressIn(reply: Reply | 'malformed' | 'strays'): Outcome {
  return typeof reply === 'string' ? reply : reply.answers[0]?.data;
}

function queryFor(name: string): Received {
  const found = received.get(name);
  if (found === undefined) throw new Error(`the server was not asked for ${name}`);
  return found;
}

/** @returns the reply to the question for a name. The second argument changes its name, and the third its ID. */
function replyFor(name: string, address: number, { as = name, idPlus = 0 } = {}): Buffer {
  const { query } = queryFor(name);
  return encode({
    id: (query.readUInt16BE(0) + idPlus) & 0xffff,
    flags: 0x8180,
    questions: [{ name: wireName(as), type: TYPES.A, class: 1 }],
    sections: [
      [{ name: wireName(as), type: TYPES.A, class: 1, ttl: 60, data: Buffer.from([192, 0, 2, address]) }],
      [],
      [],
    ],
  });
}

const send = (bytes: Buffer, name: string): Promise<void> => server.send(bytes, queryFor(name).from);
const portOf = (name: string): number => queryFor(name).from.port;

/** @returns an ID that no question has, as the distance from that of a name. */
function unusedId(name: string): number {
  const ids = new Set([...received.values()].map(({ query }) => query.readUInt16BE(0)));
  const own = queryFor(name).query.readUInt16BE(0);
  for (let distance = 1; ; distance += 1) if (!ids.has((own + distance) & 0xffff)) return distance;
}

/** Asks many questions that wait until the test ends, and returns the port of each. */
async function portsOf(sockets: UdpSockets, names: readonly string[]): Promise<number[]> {
  await Promise.all(names.map((name) => ask(sockets, name)));
  return names.map(portOf);
}

const namesFrom = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test('the questions under way share eight ports, which are not in sequence', async () => {
  const ports = [...new Set(await portsOf(socketsOf(), namesFrom('q', 150)))];
  expect(ports).toHaveLength(8);
  const steps = ports.slice(1).map((port, index) => port - (ports[index] ?? 0));
  expect(new Set(steps).size).toBeGreaterThan(1);
  expect(steps.some((step) => Math.abs(step) > 100)).toBe(true);
});

test('each question takes one of the sockets by chance', async () => {
  const ports = await portsOf(socketsOf(), namesFrom('q', 150));
  const places = [...new Set(ports)];
  // With sockets in turn, the place of a question would follow from that of the one before.
  const steps = ports.slice(1).map((port, index) => {
    return (places.indexOf(port) - places.indexOf(ports[index] ?? 0) + places.length) % places.length;
  });
  expect(new Set(steps).size).toBe(places.length);
});

test('the IDs are random, and each question on a socket has its own', async () => {
  const names = namesFrom('q', 150);
  await portsOf(socketsOf({ places: 1 }), names);
  const ids = names.map((name) => queryFor(name).query.readUInt16BE(0));
  expect(new Set(ids).size).toBe(ids.length);
  const steps = ids.slice(1).map((id, index) => (id - (ids[index] ?? 0) + 0x10000) % 0x10000);
  expect(new Set(steps).size).toBeGreaterThan(100);
});

test('a socket is replaced after a number of questions', async () => {
  const sockets = socketsOf({ places: 1 });
  const [first] = await portsOf(sockets, ['first']);
  const ports = await portsOf(sockets, namesFrom('q', MAX_QUESTIONS_PER_SOCKET));
  expect(ports.filter((port) => port === first)).toHaveLength(MAX_QUESTIONS_PER_SOCKET - 1);
  expect(ports.at(-1)).not.toBe(first);
});

test('a socket is replaced after a time, and still takes the replies to its questions', async () => {
  let now = 0;
  const sockets = socketsOf({ places: 1, now: () => now });
  const early = await ask(sockets, 'early');
  now = MAX_SOCKET_AGE_MS - 1;
  await ask(sockets, 'young');
  now = MAX_SOCKET_AGE_MS;
  await ask(sockets, 'old');
  expect(portOf('young')).toBe(portOf('early'));
  expect(portOf('old')).not.toBe(portOf('early'));
  await send(replyFor('early', 1), 'early');
  expect(await early.outcome).toBe('192.0.2.1');
});

test('no socket is open when no question waits', async () => {
  const open = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length;
  // The server of this test, once the sockets of the one before are closed.
  const before = 1;
  await expect.poll(open).toBe(before);
  let idle = 0;
  const sockets = socketsOf({ onIdle: () => (idle += 1) });
  const asked = await Promise.all(namesFrom('q', 150).map((name) => ask(sockets, name)));
  expect(open()).toBe(before + 8);
  for (const { giveUp } of asked) giveUp();
  await expect.poll(open).toBe(before);
  expect(idle).toBe(1);
  await ask(sockets, 'later');
  expect(open()).toBe(before + 1);
});

test('two questions on one socket may be answered in the other order', async () => {
  const sockets = socketsOf({ places: 1 });
  const one = await ask(sockets, 'one');
  const two = await ask(sockets, 'two');
  expect(portOf('one')).toBe(portOf('two'));
  await send(replyFor('two', 2), 'two');
  await send(replyFor('one', 1), 'one');
  expect(await two.outcome).toBe('192.0.2.2');
  expect(await one.outcome).toBe('192.0.2.1');
});

test.each<[string, (() => Buffer) | (() => Promise<void>)]>([
  ['the wrong ID', () => replyFor('one', 66, { idPlus: unusedId('one') })],
  [
    'the ID of the other question',
    () => Buffer.concat([queryFor('two').query.subarray(0, 2), replyFor('one', 66).subarray(2)]),
  ],
  ['another name', () => replyFor('one', 66, { as: 'two' })],
  ['one octet', () => Buffer.from([0])],
  ['another port', () => sendFrom('127.0.0.1', replyFor('one', 66), portOf('one'))],
  ['another address', () => sendFrom('127.0.0.2', replyFor('one', 66), portOf('one'))],
])('a packet with or from %s ends none of the questions on its socket', async (_, forge) => {
  const sockets = socketsOf({ places: 1 });
  const one = await ask(sockets, 'one');
  const two = await ask(sockets, 'two');
  const forged = await forge();
  if (forged !== undefined) await send(forged, 'one');
  await send(replyFor('one', 1), 'one');
  await send(replyFor('two', 2), 'two');
  expect([await one.outcome, await two.outcome]).toEqual(['192.0.2.1', '192.0.2.2']);
});

function sendFrom(address: string, message: Buffer, port: number): Promise<void> {
  return new Promise((done) => {
    const other = createSocket('udp4');
    other.bind(0, address, () => other.send(message, port, '127.0.0.1', () => other.close(done)));
  });
}

test('many late and second replies end no other question', async () => {
  const sockets = socketsOf({ places: 1 });
  const waiting = await ask(sockets, 'waiting');
  const late = await ask(sockets, 'late');
  late.giveUp();
  const answered = await ask(sockets, 'answered');
  await send(replyFor('answered', 1), 'answered');
  expect(await answered.outcome).toBe('192.0.2.1');
  for (let count = 0; count < 60; count += 1) {
    await send(replyFor('late', 66), 'late');
    await send(replyFor('answered', 66), 'answered');
  }
  await send(replyFor('waiting', 2), 'waiting');
  expect(await waiting.outcome).toBe('192.0.2.2');
});

test.each([
  [100, '192.0.2.1'],
  [101, 'strays'],
])('after %i stray replies, a question ends with %s', async (strays, outcome) => {
  const sockets = socketsOf({ places: 1 });
  const asked = await ask(sockets, 'asked');
  const other = await ask(sockets, 'other');
  const distance = unusedId('asked');
  for (let count = 0; count < strays; count += 1) await send(replyFor('asked', 66, { idPlus: distance }), 'asked');
  await send(replyFor('asked', 1), 'asked');
  await send(replyFor('other', 1), 'other');
  expect([await asked.outcome, await other.outcome]).toEqual([outcome, outcome]);
  const again = await ask(sockets, 'again');
  await send(replyFor('again', 3), 'again');
  expect(await again.outcome).toBe('192.0.2.3');
});

test('a server that is not there ends all questions on its socket, and the next question opens another one', async () => {
  const sockets = socketsOf({ places: 1 });
  const one = await ask(sockets, 'one');
  const two = await ask(sockets, 'two');
  await server.close();
  let failed: unknown;
  const end = sockets.send({
    question: questionFor('three'),
    take: () => {},
    fail: (error) => {
      failed = error;
      end();
    },
  });
  expect(await one.outcome).toMatchObject({ code: 'ECONNREFUSED' });
  expect(await two.outcome).toMatchObject({ code: 'ECONNREFUSED' });
  expect(failed).toMatchObject({ code: 'ECONNREFUSED' });
  server = await startRawDns();
  server.onQuery = (query, from) => received.set(nameIn(query), { query, from });
});
