/**
 * Hostile delegations: whatever the name servers of a list say, a question to them ends after a bounded number of
 * questions, goes to public addresses alone, and is answered only by a server that has the zone.
 */
import packet from 'dns-packet';
import { afterAll, beforeAll, expect } from 'vitest';
import { createDnsClient } from '../../src/network/dns/client.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { ANYWHERE } from '../../src/network/gate.ts';
import { parseIp, specialPurpose } from '../../src/network/ip.ts';
import fc from '../fast-check.ts';
import { fuzz } from './fuzz.ts';
import { type RawDns, startRawDns } from './raw-dns.ts';

const ZONE = 'lists.example';
const NAME = '2.0.0.127.a.b.c.d.e.f.lists.example';

/** The most that one question sends: over every referral, every try, without EDNS and over TCP. */
const MOST_TO_NAME_SERVERS = 5 * 7;
/** A and AAAA of the names in every referral, each tried as often as any question, along aliases. */
const MOST_TO_RESOLVER = 4 * 8 * 7 * 13;

let nameServer: RawDns;
let resolver: RawDns;
beforeAll(async () => {
  [nameServer, resolver] = await Promise.all([startRawDns(), startRawDns()]);
});
afterAll(async () => {
  await Promise.all([nameServer.close(), resolver.close()]);
});

const names = fc.constantFrom(
  NAME,
  ZONE,
  ...NAME.split('.').map((_, index, labels) => labels.slice(index).join('.')),
  'ns.lists.example',
  'ns.attacker.example',
  'a.b.c.attacker.example',
  '.',
);
// Those that are public are led to loopback, and the others are not asked.
const addresses = fc.constantFrom(
  '8.8.4.4',
  '9.9.9.9',
  '127.0.0.1',
  '10.0.0.1',
  '169.254.169.254',
  '0.0.0.0',
  '198.18.0.1',
);
const record = fc.oneof(
  fc.record({ type: fc.constant('NS' as const), name: names, ttl: fc.nat(300), data: names }),
  fc.record({ type: fc.constant('A' as const), name: names, ttl: fc.nat(300), data: addresses }),
  fc.record({ type: fc.constant('CNAME' as const), name: names, ttl: fc.nat(300), data: names }),
);
/** A delegation that looks right, so that many are followed. */
const delegation = fc.record({
  zone: names,
  servers: fc.array(names, { minLength: 1, maxLength: 60 }),
  glue: fc.array(fc.tuple(names, addresses), { maxLength: 60 }),
});
const message = fc.oneof(
  delegation.map(({ zone, servers, glue }) => ({
    flags: 0,
    answers: [] as packet.Answer[],
    authorities: servers.map((data): packet.Answer => ({ type: 'NS', name: zone, ttl: 60, data })),
    additionals: glue.map(([name, data]): packet.Answer => ({ type: 'A', name, ttl: 60, data })),
  })),
  fc.record({
    flags: fc
      .tuple(fc.constantFrom(0, packet.AUTHORITATIVE_ANSWER), fc.constantFrom(0, packet.TRUNCATED_RESPONSE), fc.nat(5))
      .map(([aa, tc, rcode]) => aa | tc | rcode),
    answers: fc.array<packet.Answer>(record, { maxLength: 4 }),
    authorities: fc.array<packet.Answer>(record, { maxLength: 4 }),
    additionals: fc.array<packet.Answer>(record, { maxLength: 4 }),
  }),
);
type Message = typeof message extends fc.Arbitrary<infer M> ? M : never;

/** Answers each query with the next of the messages, from the first again after the last. */
function script(server: RawDns, messages: readonly Message[]): () => number {
  let count = 0;
  server.behave = (query, transport) => {
    const { id = 0, questions = [] } = packet.decode(query);
    const next = messages[count % messages.length];
    count += 1;
    if (next === undefined) return [];
    const bytes = packet.encode({ type: 'response', id, questions, ...next });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return [transport === 'tcp' ? Buffer.concat([length, bytes]) : bytes];
  };
  return () => count;
}

fuzz(
  'a question to name servers ends, and only a public server that has the zone answers it',
  300,
  fc.tuple(fc.array(message, { minLength: 1, maxLength: 6 }), fc.array(message, { minLength: 1, maxLength: 6 })),
  async ([ofNameServers, ofResolver]) => {
    const asked = script(nameServer, ofNameServers);
    const lookedUp = script(resolver, ofResolver);
    const client = createDnsClient({
      servers: [parseServer(`127.0.0.1:${resolver.port}`)],
      signal: new AbortController().signal,
      tryTimeoutMs: 1000,
      retryAfterMs: 500,
      gate: { allowPrivate: false, connectTo: new Map([[ANYWHERE, { host: '127.0.0.1', port: nameServer.port }]]) },
    });
    const answer = await client.atNameServers({ zone: ZONE, servers: [parseServer('8.8.4.4')] }).query(NAME, 'A');
    expect(asked()).toBeLessThanOrEqual(MOST_TO_NAME_SERVERS);
    expect(lookedUp()).toBeLessThanOrEqual(MOST_TO_RESOLVER);
    if (['answer', 'nodata', 'nxdomain'].includes(answer.status)) expect(answer.authoritative).toBe(true);
    const from = parseIp(answer.server?.split('#')[0] ?? '8.8.4.4');
    expect(from === undefined ? 'no address' : specialPurpose(from)).toBeUndefined();
  },
);
