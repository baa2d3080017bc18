/** Plans over live records: single records that change, sets that nobody knows yet, and names behind a web proxy. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsAnswer, isFailure, type RecordType } from '../../../src/network/dns/answer.ts';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { type OverlayClient, overlay } from '../../../src/network/dns/overlay.ts';
import type { EditedSet, ProposedZone } from '../../../src/network/dns/proposal.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { type DnsWorld, startDns } from '../../world/dns.ts';

let live: DnsWorld;

beforeAll(async () => {
  live = await startDns({
    apexes: ['example.com', 'example.net'],
    zone: {
      'example.com': {
        NS: ['ns.example.com'],
        MX: ['10 Mail.Example.com', '20 second.example.com'],
        TXT: ['v=spf1 -all', 'site-verification=abc'],
      },
      'mail.example.com': { A: ['192.0.2.1', '192.0.2.2'] },
      'alias.example.com': { CNAME: ['mail.example.com'] },
      's1._domainkey.example.com': { TXT: ['v=DKIM1; p='] },
      'into.example.net': { CNAME: ['proxied.example.com'] },
      'broken.example.com': 'servfail',
    },
  });
});

afterAll(() => live.close());

function laid(plan: Partial<ProposedZone>): OverlayClient {
  const client = createDnsClient({ servers: [parseServer(live.server)], signal: AbortSignal.timeout(10_000) });
  return overlay(client, [{ file: 'plan.json', format: 'terraform', records: [], ...plan }]);
}

async function ask(plan: Partial<ProposedZone>, name: string, type: RecordType): Promise<string> {
  return text(await laid(plan).query(name, type));
}

function text(answer: DnsAnswer): string {
  const chain = answer.chain.length > 0 ? `${answer.chain.join(' ')} → ` : '';
  if (isFailure(answer)) return `${chain}${answer.status}: ${answer.detail}`;
  return chain + (answer.status === 'answer' ? JSON.stringify(answer.records) : answer.status);
}

const EDITS: Partial<ProposedZone> = {
  records: [{ name: 'alias.example.com', type: 'TXT', data: ['new'], ttl: 60 }],
  removed: [{ name: 'alias.example.com', type: 'CNAME' }],
  edits: [
    {
      name: 'example.com',
      type: 'TXT',
      // The published text is one string, and the state of the plan has it in two.
      remove: [['v=spf1 ', '-all']],
      add: [['v=spf1 mx -all']],
      ttl: 60,
      line: 7,
    },
    {
      name: 'example.com',
      type: 'MX',
      remove: [
        { preference: 10, exchange: 'mail.example.com' },
        { preference: 20, exchange: 'second.example.com' },
      ],
      add: [],
      ttl: 60,
    },
    { name: 'mail.example.com', type: 'A', remove: [], add: ['192.0.2.2', '192.0.2.3'], ttl: 60 },
    { name: 'fresh.example.com', type: 'A', remove: ['192.0.2.9'], add: ['192.0.2.8'], ttl: 60 },
    { name: 'alias.example.com', type: 'A', remove: [], add: ['192.0.2.7'], ttl: 60 },
    { name: 'broken.example.com', type: 'A', remove: [], add: ['192.0.2.6'], ttl: 60 },
  ],
};

describe('DNS overlay of edits', () => {
  test.each<[string, RecordType, string]>([
    ['example.com', 'TXT', '[["site-verification=abc"],["v=spf1 mx -all"]]'],
    ['example.com', 'MX', 'nodata'],
    ['mail.example.com', 'A', '["192.0.2.1","192.0.2.2","192.0.2.3"]'],
    ['mail.example.com', 'AAAA', 'nodata'],
    ['fresh.example.com', 'A', '["192.0.2.8"]'],
    ['fresh.example.com', 'TXT', 'nodata'],
    ['alias.example.com', 'A', '["192.0.2.7"]'],
    ['s1._domainkey.example.com', 'TXT', '[["v=DKIM1; p="]]'],
  ])('%s %s: %s', async (name, type, expected) => {
    expect(await ask(EDITS, name, type)).toBe(expected);
  });

  test('a set of which the published part is not known is not known', async () => {
    expect(await ask(EDITS, 'broken.example.com', 'A')).toMatch(/^servfail/);
  });

  test('the answers are marked, and have their place', async () => {
    const client = laid(EDITS);
    await Promise.all([client.query('example.com', 'TXT'), client.query('example.com', 'MX')]);
    expect([...client.used]).toEqual(['example.com TXT']);
    expect([...client.denied]).toEqual(['example.com MX']);
    expect(client.placeOf('Example.com', 'TXT')).toEqual({ file: 'plan.json', line: 7 });
    expect(client.placeOf('mail.example.com', 'A')).toEqual({ file: 'plan.json', line: null });
  });

  test('each record of several files has the place in its own file', () => {
    const record = (type: string, line: number) => ({ name: 'www.example.com', type, data: null, ttl: 300, line });
    const client = overlay(laid(EDITS), [
      { file: 'first.zone', records: [record('HINFO', 3)] },
      { file: 'second.zone', records: [record('LOC', 9)], apexes: ['example.com'] },
    ]);
    expect(client.placeOf('www.example.com', 'HINFO')).toEqual({ file: 'first.zone', line: 3 });
    expect(client.placeOf('www.example.com', 'LOC')).toEqual({ file: 'second.zone', line: 9 });
    expect(client.placeOf('example.com', 'MX')).toEqual({ file: 'second.zone', line: null });
  });

  test('several edits of one set count together', async () => {
    const edit = { name: 'example.com', type: 'TXT', ttl: 60 } as const;
    const edits = [
      { ...edit, remove: [['v=spf1 -all']], add: [['v=spf1 mx -all']] },
      { ...edit, remove: [['site-verification=abc']], add: [] },
    ];
    expect(await ask({ edits }, 'example.com', 'TXT')).toBe('[["v=spf1 mx -all"]]');
  });

  test.each<[string, Partial<EditedSet>, string]>([
    ['a replaced record that is not published', { remove: [['old']], add: [['new']] }, '[["new"]]'],
    ['a deleted record that is not published', { remove: [['old']] }, '[["v=spf1 -all"],["site-verification=abc"]]'],
  ])('%s', async (_, edit, expected) => {
    const edits = [{ name: 'example.com', type: 'TXT', remove: [], add: [], ttl: 60, ...edit } as const];
    expect(await ask({ edits }, 'example.com', 'TXT')).toBe(expected);
  });

  test('nobody has signed an edited set', async () => {
    const reply = await laid(EDITS).signed('example.com', 16);
    expect(reply).toMatchObject({ kind: 'failed', status: 'local-data' });
  });
});

const WHY = 'aws_route53_record.ses is known after apply';

const NAMELESS: Partial<ProposedZone> = {
  undetermined: [{ name: null, zone: 'example.com', below: '_domainkey', type: 'CNAME', why: WHY }],
};

const OPEN: Partial<ProposedZone> = {
  records: [{ name: 'www.example.com', type: 'CNAME', data: 'open.example.com', ttl: 60 }],
  undetermined: [
    { name: 'example.com', zone: 'example.com', type: 'TXT', why: WHY },
    { name: 'open.example.com', zone: 'example.com', type: 'CNAME', why: WHY },
    { name: '*.wild.example.com', zone: 'example.com', type: 'A', why: WHY },
  ],
};

describe('DNS overlay of what is undetermined', () => {
  const unknown = `undetermined: ${WHY}`;
  test.each<[string, Partial<ProposedZone>, string, RecordType, string]>([
    ['the set', OPEN, 'example.com', 'TXT', unknown],
    ['another type of its name', OPEN, 'example.com', 'AAAA', 'nodata'],
    ['a name that may become an alias', OPEN, 'open.example.com', 'MX', unknown],
    ['an alias to it', OPEN, 'www.example.com', 'A', `open.example.com → ${unknown}`],
    ['a wildcard', OPEN, 'x.wild.example.com', 'A', unknown],
    ['a selector that is not published', NAMELESS, 's9._domainkey.example.com', 'TXT', unknown],
    ['the node of all selectors', NAMELESS, '_domainkey.sub.example.com', 'TXT', unknown],
    ['a selector that is published', NAMELESS, 's1._domainkey.example.com', 'TXT', '[["v=DKIM1; p="]]'],
    ['a name that is not below the label', NAMELESS, '_dmarc.example.com', 'TXT', 'nxdomain'],
    ['a name in another zone', NAMELESS, 's1._domainkey.example.net', 'TXT', 'nxdomain'],
  ])('%s', async (_, plan, name, type, expected) => {
    expect(await ask(plan, name, type)).toBe(expected);
  });

  test.each<[RecordType, string, string]>([
    ['MX', 'new.example.com', 'undetermined: why'],
    ['MX', 'mail.example.com', 'undetermined: why'],
    ['A', 'new.example.com', 'nxdomain'],
    [
      'MX',
      'example.com',
      '[{"preference":10,"exchange":"Mail.Example.com"},{"preference":20,"exchange":"second.example.com"}]',
    ],
  ])('MX records at an unknown name: %s of %s', async (type, name, expected) => {
    const undetermined = [{ name: null, zone: 'example.com', type: 'MX', why: 'why' }];
    expect(await ask({ undetermined }, name, type)).toBe(expected);
  });

  test('an alias at an unknown name hides neither the zone nor its apex', async () => {
    const undetermined = [{ name: null, zone: 'example.com', type: 'CNAME', why: 'why' }];
    expect(await ask({ undetermined }, 'sub.example.com', 'SOA')).toBe('nxdomain');
    expect(await ask({ undetermined }, 'example.com', 'AAAA')).toBe('nodata');
    expect(await ask({ undetermined }, '_dmarc.example.com', 'TXT')).toBe('undetermined: why');
  });

  test.each<[string, RecordType, string]>([
    ['example.com', 'TXT', 'undetermined: why'],
    ['alias.example.com', 'A', 'undetermined: why'],
    ['new.example.com', 'TXT', '[["new"]]'],
    ['into.example.net', 'A', 'proxied.example.com → undetermined: why'],
    ['example.com', 'NS', '["ns.example.com"]'],
  ])('sets in place of all that are published: %s %s', async (name, type, expected) => {
    const undetermined = ['CNAME', 'A', 'TXT'].map((own) => ({
      name: null,
      zone: 'example.com',
      type: own,
      why: 'why',
      isReplaced: true as const,
    }));
    const records = [{ name: 'new.example.com', type: 'TXT', data: ['new'], ttl: 60 }];
    expect(await ask({ undetermined, records }, name, type)).toBe(expected);
  });

  test('nobody has signed what is undetermined', async () => {
    expect(await laid(OPEN).signed('example.com', 16)).toMatchObject({ status: 'local-data' });
    expect(await laid(NAMELESS).signed('s9._domainkey.example.com', 16)).toMatchObject({ status: 'local-data' });
  });
});

describe('DNS overlay of proxied names', () => {
  const PROXIED: Partial<ProposedZone> = {
    records: [
      { name: 'proxied.example.com', type: 'A', data: '192.0.2.1', ttl: 60 },
      { name: 'proxied.example.com', type: 'TXT', data: ['kept'], ttl: 60 },
    ],
    proxied: [{ name: 'proxied.example.com', proxy: 'cloudflare' }],
  };

  test('their addresses are those of the proxy, also behind an alias', async () => {
    const answers = await Promise.all([
      laid(PROXIED).query('proxied.example.com', 'AAAA'),
      laid(PROXIED).query('into.example.net', 'A'),
    ]);
    expect(answers).toMatchObject(Array(2).fill({ status: 'undetermined', proxy: 'cloudflare' }));
    expect(answers[1]?.chain).toEqual(['proxied.example.com']);
  });

  test('their other records stay', async () => {
    expect(await ask(PROXIED, 'proxied.example.com', 'TXT')).toBe('[["kept"]]');
    expect(await ask(PROXIED, 'proxied.example.com', 'CNAME')).toBe('nodata');
  });
});

test('DNS overlay of a whole zone without SOA record: the rest does not exist, and the DNS host adds SOA and NS', async () => {
  const whole: Partial<ProposedZone> = {
    apexes: ['Example.com'],
    records: [{ name: 'www.example.com', type: 'A', data: '192.0.2.1', ttl: 60 }],
  };
  expect(await ask(whole, 'example.com', 'TXT')).toBe('nodata');
  expect(await ask(whole, 'mail.example.com', 'A')).toBe('nxdomain');
  expect((await laid(whole).query('example.com', 'NS')).status).toBe('answer');
});

describe('DNS overlay of what is handed on', () => {
  const cut = '_domainkey.example.com';
  const delegated = `undetermined: the change delegates ${cut} to ns1.example.net`;
  const renamed = `undetermined: the DNAME record of ${cut} hands it on to another name`;
  const ns = { name: cut, type: 'NS', data: 'ns1.example.net', ttl: 60 };
  const dname = { name: cut, type: 'DNAME', data: null, ttl: 60 };
  const text = { name: `s1.${cut}`, type: 'TXT', data: ['new'], ttl: 60 };
  const whole = { apexes: ['example.com'] };
  const edits = [{ name: cut, type: 'NS', remove: [], add: ['ns1.example.net'], ttl: 60 } as const];
  test.each<[string, Partial<ProposedZone>, string, RecordType, string]>([
    ['a new delegation', { records: [ns] }, `s1.${cut}`, 'TXT', delegated],
    ['its own name', { records: [ns] }, cut, 'TXT', delegated],
    ['its name servers', { records: [ns] }, cut, 'NS', '["ns1.example.net"]'],
    ['a delegation of single records', { edits }, `s1.${cut}`, 'TXT', delegated],
    ['records of the new zone', { records: [ns, text] }, `s1.${cut}`, 'TXT', '[["new"]]'],
    ['records that a whole zone has below', { ...whole, records: [ns, text] }, `s1.${cut}`, 'TXT', delegated],
    [
      'a zone that is there already',
      { records: [{ ...ns, name: 'example.com' }] },
      `s1.${cut}`,
      'TXT',
      '[["v=DKIM1; p="]]',
    ],
    [
      'a zone that is proposed as well',
      { apexes: ['example.com', cut], records: [ns, text] },
      `s1.${cut}`,
      'TXT',
      '[["new"]]',
    ],
    ['a new DNAME record', { records: [dname] }, `s1.${cut}`, 'TXT', renamed],
    ['a new DNAME record in a whole zone', { ...whole, records: [dname] }, `s9.${cut}`, 'TXT', renamed],
    ['the name of a DNAME record', { records: [dname] }, cut, 'TXT', 'nodata'],
  ])('%s', async (_, plan, name, type, expected) => {
    expect(await ask(plan, name, type)).toBe(expected);
  });
});
