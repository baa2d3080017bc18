/** What `dnscontrol print-ir` prints: whole zones, or sets of changes where dnscontrol keeps other records. */
import { describe, expect, test } from 'vitest';
import type { ProposedZone } from '../../../src/network/dns/proposal.ts';
import { read } from '../../../src/standards/dns-plan/dnscontrol-ir.ts';

type Json = Readonly<Record<string, unknown>>;

const domain = (records: readonly Json[] | null, more: Json = {}): Json => ({
  name: 'example.com',
  registrar: 'none',
  dnsProviders: { host: -1 },
  uniquename: 'example.com',
  records,
  ...more,
});
const ir = (domains: readonly Json[] | null, provider = 'CLOUDFLAREAPI'): Json => ({
  registrars: null,
  dns_providers: [{ name: 'host', type: provider }],
  domains,
});

function reading(value: unknown): ProposedZone {
  const zone = read(value, 'ir.json', 'example.com');
  if (zone === undefined) throw new Error('no output of dnscontrol');
  return zone;
}
const recordsOf = (records: readonly Json[]): unknown[] =>
  reading(ir([domain(records)])).records.map(({ name, type, data }) => [name, type, data]);

test('the list of a domain is its whole zone, and each record has its line in dnsconfig.js', () => {
  const zone = reading(
    ir([
      domain([
        { type: 'A', name: 'mail', target: '192.0.2.1', ttl: 300, filepos: '[line:7:3]' },
        { type: 'MX', name: '@', mxpreference: 10, target: 'mail.example.com.', ttl: 600, filepos: '[line:8:3]' },
        { type: 'TXT', name: '_dmarc', target: 'v=DMARC1; p=reject', filepos: 'elsewhere' },
      ]),
    ]),
  );
  const file = 'dnsconfig.js';
  expect(zone).toMatchObject({ file: 'ir.json', format: 'dnscontrol', apexes: ['example.com'], removed: [] });
  expect(zone.records).toEqual([
    { name: 'mail.example.com', type: 'A', data: '192.0.2.1', ttl: 300, file, line: 7 },
    {
      name: 'example.com',
      type: 'MX',
      data: { preference: 10, exchange: 'mail.example.com' },
      ttl: 600,
      file,
      line: 8,
    },
    { name: '_dmarc.example.com', type: 'TXT', data: ['v=DMARC1; p=reject'], ttl: 3600 },
  ]);
});

test.each<[string, Json, unknown]>([
  ['AAAA', { target: '2001:db8::1' }, '2001:db8::1'],
  ['CNAME', { target: 'mail.example.net.' }, 'mail.example.net'],
  ['PTR', { target: 'mail.example.net.' }, 'mail.example.net'],
  ['MX', { target: '.' }, { preference: 0, exchange: '' }],
  [
    'TLSA',
    { target: 'ab'.repeat(32), tlsamatchingtype: 1 },
    { usage: 0, selector: 0, matchingType: 1, data: 'ab'.repeat(32) },
  ],
  ['TXT', { target: `"q" \\ ; ${'x'.repeat(300)}` }, [`"q" \\ ; ${'x'.repeat(247)}`, 'x'.repeat(53)]],
  ['TXT', { target: 'ab', txtstrings: ['a', 'b'] }, ['ab']],
  ['CAA', { target: 'ca.example', caatag: 'issue' }, null],
  [
    'DS',
    { target: '', dskeytag: 1, dsalgorithm: 13, dsdigesttype: 2, dsdigest: 'ab'.repeat(32) },
    { keyTag: 1, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) },
  ],
])('%s %j', (type, fields, data) => {
  expect(recordsOf([{ type, name: 'x', ...fields }])).toEqual([['x.example.com', type, data]]);
});

test.each([
  ['NO_PURGE', { keepunknown: true }],
  ['IGNORE_EXTERNAL_DNS', { ignore_external_dns: true }],
])('a domain with %s keeps other records, so its list is a set of changes', (_, more) => {
  expect(reading(ir([domain([], more)])).apexes).toEqual([]);
});

test.each<[Json, Json]>([
  [{ label_pattern: '*._domainkey' }, { label: '*._domainkey', types: [] }],
  [
    { label_pattern: 'WWW', rType_pattern: 'A, AAAA' },
    { label: 'www', types: ['A', 'AAAA'] },
  ],
  [
    { rType_pattern: '*', target_pattern: '*.example.net.' },
    { label: '*', types: [], target: '*.example.net.' },
  ],
  [{ rType_pattern: 'CNAME, FOO' }, { label: '*', types: ['CNAME'] }],
])('IGNORE %j keeps some records of a whole zone', (unmanaged, kept) => {
  const zone = reading(ir([domain([], { unmanaged: [unmanaged] })]));
  expect(zone).toMatchObject({ apexes: ['example.com'], kept: [{ zone: 'example.com', ...kept }] });
});

test('IGNORE for types that are only words of a DNS host keeps nothing of the DNS', () => {
  const zone = reading(ir([domain([], { unmanaged: [{ label_pattern: '*', rType_pattern: 'FOO' }] })]));
  expect([zone.apexes, zone.kept, zone.undetermined]).toEqual([['example.com'], undefined, []]);
});

test.each<[Json, string[]]>([
  [{ label_pattern: '[', rType_pattern: 'TXT' }, ['TXT']],
  [{ target_pattern: 'a'.repeat(256) }, ['CNAME', 'A', 'AAAA', 'MX', 'TXT']],
])('IGNORE %j cannot be read, so nobody knows what it keeps', (unmanaged, types) => {
  const zone = reading(ir([domain([], { unmanaged: [unmanaged] })]));
  expect(zone.kept).toBeUndefined();
  expect(zone.undetermined?.map(({ name, zone: apex, type }) => [name, apex, type])).toEqual(
    types.map((type) => [null, 'example.com', type]),
  );
});

test('ENSURE_ABSENT_REC removes a set, unless the list has it', () => {
  const absent = ['gone', 'kept'].map((name) => ({ type: 'A', name, target: '192.0.2.1' }));
  const kept = { type: 'A', name: 'kept', target: '192.0.2.2' };
  const zone = reading(ir([domain([kept], { keepunknown: true, recordsabsent: absent })]));
  expect(zone.removed).toEqual([{ name: 'gone.example.com', type: 'A' }]);
});

test('a domain without DNS provider is not changed', () => {
  const zone = reading(ir([domain([{ type: 'A', name: '@', target: '192.0.2.1' }], { dnsProviders: {} })]));
  expect([zone.records, zone.apexes]).toEqual([[], []]);
});

describe('a web proxy', () => {
  const host = (name: string, meta?: Json): Json => ({
    type: 'A',
    name,
    target: '192.0.2.1',
    ...(meta ? { meta } : {}),
  });
  const proxiedOf = (value: Json): unknown => reading(value).proxied?.map(({ name }) => name);

  test.each(['on', 'full', 'ON'])('cloudflare_proxy: %s', (proxy) => {
    expect(proxiedOf(ir([domain([host('a', { cloudflare_proxy: proxy }), host('b')])]))).toEqual(['a.example.com']);
  });
  test('by default, but for one record', () => {
    const meta = { cloudflare_proxy_default: 'on' };
    const records = [
      host('a'),
      host('b', { cloudflare_proxy: 'off' }),
      { type: 'MX', name: '@', target: 'a.example.com.' },
    ];
    expect(proxiedOf(ir([domain(records, { meta })]))).toEqual(['a.example.com']);
  });
  test('not at another DNS host', () => {
    expect(proxiedOf(ir([domain([host('a', { cloudflare_proxy: 'on' })])], 'ROUTE53'))).toEqual([]);
  });
  test('of a provider whose type creds.json has', () => {
    expect(proxiedOf(ir([domain([host('a', { cloudflare_proxy: 'on' })])], '-'))).toEqual(['a.example.com']);
  });
});

test.each([
  ['ALIAS', {}, ['A', 'AAAA']],
  ['R53_ALIAS', { r53_alias: { type: 'AAAA' } }, ['AAAA']],
  ['AZURE_ALIAS', { azure_alias: { type: 'A' } }, ['A']],
  ['LUA', { luartype: 'TXT' }, ['TXT']],
  ['URL301', {}, ['A', 'AAAA']],
  ['CLOUDFLAREAPI_SINGLE_REDIRECT', {}, []],
  ['SOA', {}, []],
  ['DS', {}, ['DS']],
])('%s %j: nobody knows the records of the types %j', (type, fields, types) => {
  const { records, undetermined } = reading(ir([domain([{ type, name: '@', target: 'x.example.net.', ...fields }])]));
  expect(records).toEqual([]);
  expect(undetermined?.map((set) => [set.name, set.type])).toEqual(types.map((own) => ['example.com', own]));
});

test('a domain with several views is refused, because nobody knows which the internet sees', () => {
  const inside = domain([], { tag: 'inside', uniquename: 'example.com!inside' });
  expect(() => reading(ir([domain([]), inside]))).toThrow(
    'ir.json: example.com is there several times (tags: one without a tag, "inside"): leave only the one',
  );
});

test('a zone of one view has the name before its tag', () => {
  expect(reading(ir([domain([], { name: 'example.com!out', uniquename: 'example.com!out' })])).apexes).toEqual([
    'example.com',
  ]);
});

test.each<[string, Json, string]>([
  [
    'a name that is none',
    { type: 'A', name: 'a b', target: '192.0.2.1' },
    '"a b" in the zone example.com is not a name',
  ],
  ['an address that is none', { type: 'A', name: 'a', target: 'S3cret' }, 'the A record of a.example.com has data'],
  ['no type', { name: 'a' }, 'a record of example.com has no type'],
  [
    'a target that is an object',
    { type: 'CNAME', name: 'a', target: {} },
    'the CNAME record of a.example.com has data',
  ],
])('%s is refused, and nothing of its data is quoted', (_, record, what) => {
  expect(() => reading(ir([domain([record])]))).toThrow(`ir.json: ${what}`);
  expect(() => reading(ir([domain([record])]))).not.toThrow('S3cret');
});

test('records that exclude each other are refused', () => {
  const records = ['b', 'c'].map((target) => ({ type: 'CNAME', name: 'a', target: `${target}.example.net.` }));
  expect(() => reading(ir([domain(records)]))).toThrow('ir.json: a.example.com has two different CNAME records');
});

test.each([[[]], [{}], [{ domains: [] }], [{ domains: {}, registrars: [] }]])(
  '%j is no output of dnscontrol',
  (value) => {
    expect(read(value, 'ir.json', 'example.com')).toBeUndefined();
  },
);

test('no domains at all', () => {
  expect(reading(ir(null))).toMatchObject({ records: [], apexes: [] });
});
