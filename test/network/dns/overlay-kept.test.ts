/** Whole zones of a plan that leaves some published records alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordType } from '../../../src/network/dns/answer.ts';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { overlay } from '../../../src/network/dns/overlay.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { type DnsWorld, startDns } from '../../world/dns.ts';

let live: DnsWorld;

beforeAll(async () => {
  live = await startDns({
    apexes: ['example.com'],
    zone: {
      'example.com': { TXT: ['v=spf1 -all'], MX: ['10 old.example.com'] },
      's1._domainkey.example.com': { TXT: ['published'] },
      's2._domainkey.example.com': { CNAME: ['s1._domainkey.example.com'] },
      'old.example.com': { A: ['192.0.2.1'], TXT: ['published'] },
    },
  });
});

afterAll(() => live.close());

async function ask(
  label: string,
  types: readonly string[],
  name: string,
  type: RecordType,
  target?: string,
): Promise<string> {
  const client = createDnsClient({ servers: [parseServer(live.server)], signal: AbortSignal.timeout(10_000) });
  const plan = {
    file: 'ir.json',
    format: 'dnscontrol' as const,
    records: [{ name: 'example.com', type: 'TXT', data: ['proposed'], ttl: 60 }],
    apexes: ['example.com'],
    kept: [{ zone: 'example.com', label, types, ...(target === undefined ? {} : { target }) }],
  };
  const answer = await overlay(client, [plan]).query(name, type);
  return answer.status === 'answer' ? JSON.stringify(answer.records) : answer.status;
}

test.each<[string, readonly string[], string, RecordType, string]>([
  ['*._domainkey', [], 's1._domainkey', 'TXT', '[["published"]]'],
  ['*._domainkey', [], 's2._domainkey', 'TXT', '[["published"]]'],
  ['*._domainkey', [], 's3._domainkey', 'TXT', 'nxdomain'],
  ['*._domainkey', [], 'old', 'A', 'nxdomain'],
  ['_domainkey', [], 's1._domainkey', 'TXT', 'nxdomain'],
  ['s?._dom*', ['TXT'], 's1._domainkey', 'TXT', '[["published"]]'],
  ['s?._dom*', ['A'], 's1._domainkey', 'TXT', 'nxdomain'],
  ['s2*', ['CNAME'], 's2._domainkey', 'TXT', 'nxdomain'],
  ['*', ['A'], 'old', 'A', '["192.0.2.1"]'],
  ['*', ['A'], 'old', 'TXT', 'nxdomain'],
  ['*o*l*d*', [], 'old', 'A', '["192.0.2.1"]'],
  ['o?', [], 'old', 'A', 'nxdomain'],
  ['ol', [], 'old', 'A', 'nxdomain'],
  ['old?', [], 'old', 'A', 'nxdomain'],
  ['{old,new}', [], 'old', 'A', '["192.0.2.1"]'],
  ['{foo,bar}', [], 'old', 'A', 'nxdomain'],
  ['[ab]', [], 'old', 'A', 'nxdomain'],
  ['*._domainkey', ['CNAME'], 's1._domainkey', 'TXT', 'nxdomain'],
  ['s?._domainkey', ['CNAME', 'TXT'], 's2._domainkey', 'TXT', '[["published"]]'],
  ['[', [], 'old', 'A', 'nxdomain'],
])('IGNORE(%j, %j): %s %s → %s', async (label, types, name, type, expected) => {
  expect(await ask(label, types, `${name}.example.com`, type)).toBe(expected);
});

test.each<[string, RecordType, string]>([
  ['@', 'TXT', '[["proposed"],["v=spf1 -all"]]'],
  ['@', 'MX', '[{"preference":10,"exchange":"old.example.com"}]'],
  ['www', 'MX', 'nodata'],
  ['www', 'TXT', '[["proposed"]]'],
])('the apex is %j: %s → %s', async (label, type, expected) => {
  expect(await ask(label, [], 'example.com', type)).toBe(expected);
});

test.each<[string, string, RecordType, string]>([
  ['192.0.2.1', 'old.example.com', 'A', '["192.0.2.1"]'],
  ['192.0.2.?0', 'old.example.com', 'A', 'nxdomain'],
  ['pub*', 'old.example.com', 'TXT', '[["published"]]'],
  ['old.example.com.', 'example.com', 'MX', '[{"preference":10,"exchange":"old.example.com"}]'],
  ['*.example.net.', 'example.com', 'MX', 'nodata'],
  ['*1._domainkey.example.com.', 's2._domainkey.example.com', 'TXT', 'nxdomain'],
  ['{*1._domainkey.example.com.,published}', 's2._domainkey.example.com', 'TXT', '[["published"]]'],
  ['**.acm-validations.aws.', 's2._domainkey.example.com', 'TXT', 'nxdomain'],
  ['v=spf1*', 'example.com', 'TXT', '[["proposed"],["v=spf1 -all"]]'],
  ['google-*', 'example.com', 'TXT', '[["proposed"]]'],
])('IGNORE of the target %s: %s %s → %s', async (target, name, type, expected) => {
  expect(await ask('*', [], name, type, target)).toBe(expected);
});
