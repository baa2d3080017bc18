/**
 * A resolver that denies names without the SOA record of the zone that denies them. One that has nothing is not
 * believed. One that has records of the domain, as in a lab, is.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import packet from 'dns-packet';
import { expect, onTestFinished, test } from 'vitest';
import { parseServer } from '../../src/network/dns/servers.ts';
import { checkIn } from '../world/check.ts';

/** @returns the address and port of a server that has these texts, and denies everything else. */
async function bareServer(texts: Readonly<Record<string, string>>): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port, address }) => {
    const { id = 0, questions = [] } = packet.decode(bytes);
    const [question] = questions;
    const name = question?.name.toLowerCase() ?? '';
    const data = question?.type === 'TXT' ? texts[name] : undefined;
    const rcode = Object.hasOwn(texts, name) ? 0 : 3;
    const answers = data === undefined ? [] : [{ type: 'TXT' as const, name, ttl: 60, data }];
    socket.send(packet.encode({ type: 'response', id, flags: (1 << 7) | rcode, questions, answers }), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

async function codes(texts: Readonly<Record<string, string>>): Promise<string[]> {
  const dnsServers = [parseServer(await bareServer(texts))];
  const report = await checkIn({ dns: { zone: {} }, rules: ['dns', 'dmarc'] }, { dnsServers });
  return report.rules.flatMap(({ findings }) => findings.map(({ code }) => code));
}

test('a resolver that has nothing is told, and nothing is judged by it', async () => {
  expect(await codes({})).toEqual(['dns/ip-not-public', 'dns/unreachable', 'dmarc/inconclusive']);
});

test('a resolver that has records of the domain is judged by', async () => {
  expect(await codes({ 'example.com': 'v=spf1 -all', '_dmarc.example.com': 'v=DMARC1; p=none' })).toEqual([
    'dns/ip-not-public',
    'dmarc/policy-none',
    'dmarc/no-rua',
  ]);
});
