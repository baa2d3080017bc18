/** Proposed records over live ones: the answers are those a name server would give once they are published. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DnsAnswer, RecordType } from '../../../src/network/dns/answer.ts';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { overlay } from '../../../src/network/dns/overlay.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { parseZone } from '../../../src/standards/zone-file/parse.ts';
import { type DnsWorld, startDns } from '../../world/dns.ts';

let live: DnsWorld;

beforeAll(async () => {
  live = await startDns({
    apexes: ['example.com', 'example.net'],
    zone: {
      'example.com': { MX: ['10 old.example.com'], TXT: ['v=spf1 -all'] },
      'old.example.com': { A: ['192.0.2.1'] },
      'alias.example.com': { CNAME: ['old.example.com'] },
      'into.example.net': { CNAME: ['mail.example.com'] },
      'mail.example.com': { A: ['192.0.2.9'] },
      'broken.example.com': 'servfail',
      'sub.example.com': { NS: ['ns.example.net'] },
    },
  });
});

afterAll(() => live.close());

const WHOLE = `
@ SOA ns hostmaster 1 1 1 1 1
@ NS ns
@ TXT "v=spf1 ip4:203.0.113.5 -all"
mail A 203.0.113.5
www CNAME mail
out CNAME host.example.net.
a.b.c A 203.0.113.6
*.wild A 203.0.113.7
x.y.wild A 203.0.113.8
sub NS ns.example.net.
loop CNAME loop2
loop2 CNAME loop
`;

const CHANGES = `
@ TXT "v=spf1 ip4:203.0.113.5 -all"
mail A 203.0.113.5
alias TXT "new"
fresh TXT "x"
deep.er.example.com. A 203.0.113.6
broken A 203.0.113.7
`;

async function ask(zone: string, name: string, type: RecordType): Promise<string> {
  const client = createDnsClient({ servers: [parseServer(live.server)], signal: AbortSignal.timeout(10_000) });
  const { query } = overlay(client, [parseZone(zone, 'p.zone', 'example.com')]);
  return text(await query(name, type));
}

function text(answer: DnsAnswer): string {
  const chain = answer.chain.length > 0 ? `${answer.chain.join(' ')} → ` : '';
  return chain + (answer.status === 'answer' ? JSON.stringify(answer.records) : answer.status);
}

describe('DNS overlay of a whole zone', () => {
  test.each<[string, RecordType, string]>([
    ['example.com', 'TXT', '[["v=spf1 ip4:203.0.113.5 -all"]]'],
    ['EXAMPLE.com', 'TXT', '[["v=spf1 ip4:203.0.113.5 -all"]]'],
    ['example.com', 'MX', 'nodata'],
    ['old.example.com', 'A', 'nxdomain'],
    ['mail.example.com', 'AAAA', 'nodata'],
    ['www.example.com', 'A', 'mail.example.com → ["203.0.113.5"]'],
    ['www.example.com', 'CNAME', '["mail.example.com"]'],
    ['b.c.example.com', 'A', 'nodata'],
    ['z.c.example.com', 'A', 'nxdomain'],
    ['any.wild.example.com', 'A', '["203.0.113.7"]'],
    ['any.thing.wild.example.com', 'A', '["203.0.113.7"]'],
    ['any.wild.example.com', 'TXT', 'nodata'],
    ['y.wild.example.com', 'A', 'nodata'],
    ['z.y.wild.example.com', 'A', 'nxdomain'],
    ['out.example.com', 'A', 'host.example.net → nxdomain'],
    ['host.sub.example.com', 'A', 'nxdomain'],
    ['into.example.net', 'A', 'mail.example.com → ["203.0.113.5"]'],
    ['loop.example.com', 'A', 'loop2.example.com loop.example.com → malformed'],
  ])('%s %s → %s', async (name, type, expected) => {
    expect(await ask(WHOLE, name, type)).toBe(expected);
  });

  test('asks the live DNS for delegated names, and does not count them as answered by the file', async () => {
    const before = live.asked.length;
    await ask(WHOLE, 'host.sub.example.com', 'A');
    expect(live.asked.slice(before).map(({ name }) => name)).toEqual(['sub.example.com', 'host.sub.example.com']);
  });
});

describe('DNS overlay of a set of changes', () => {
  test.each<[string, RecordType, string]>([
    ['example.com', 'TXT', '[["v=spf1 ip4:203.0.113.5 -all"]]'],
    ['example.com', 'MX', '[{"preference":10,"exchange":"old.example.com"}]'],
    ['old.example.com', 'A', '["192.0.2.1"]'],
    ['mail.example.com', 'A', '["203.0.113.5"]'],
    ['fresh.example.com', 'TXT', '[["x"]]'],
    ['fresh.example.com', 'A', 'nodata'],
    ['er.example.com', 'A', 'nodata'],
    ['none.example.com', 'A', 'nxdomain'],
    // A name with other records cannot stay an alias.
    ['alias.example.com', 'A', 'nodata'],
    ['alias.example.com', 'TXT', '[["new"]]'],
    ['into.example.net', 'A', 'mail.example.com → ["203.0.113.5"]'],
    ['broken.example.com', 'A', '["203.0.113.7"]'],
    // What the live DNS does not say is not made up.
    ['broken.example.com', 'TXT', 'servfail'],
  ])('%s %s → %s', async (name, type, expected) => {
    expect(await ask(CHANGES, name, type)).toBe(expected);
  });

  test('never asks the live DNS for a proposed record', async () => {
    const before = live.asked.length;
    await ask(CHANGES, 'mail.example.com', 'A');
    expect(live.asked.length).toBe(before);
  });
});

test('a record that several files contain is answered once, and names between others exist', async () => {
  const zone = (file: string) => parseZone('a.b.c TXT "x"\na.bb TXT "y"\n', file, 'example.com');
  const client = overlay(createDnsClient({ servers: [parseServer(live.server)], signal: AbortSignal.timeout(5000) }), [
    zone('one'),
    zone('two'),
  ]);
  expect(await client.query('a.b.c.example.com', 'TXT')).toMatchObject({ status: 'answer', records: [['x']] });
  expect(await client.query('b.c.example.com', 'TXT')).toMatchObject({ status: 'nodata' });
  expect(await client.query('b.example.com', 'TXT')).toMatchObject({ status: 'nxdomain' });
});
