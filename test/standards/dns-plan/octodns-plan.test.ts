/** The plan of octoDNS as JSON: what is there after the change, what goes, and what nobody knows before. */
import { describe, expect, test } from 'vitest';
import type { ProposedZone } from '../../../src/network/dns/proposal.ts';
import { read } from '../../../src/standards/dns-plan/octodns-plan.ts';
import { UsageError } from '../../../src/usage-error.ts';

type Json = Readonly<Record<string, unknown>>;

const plan = (changes: readonly Json[], zone = 'example.com.'): Json => ({ live: { [zone]: { changes, meta: null } } });
const create = (name: string, type: string, set: Json): Json => ({ type: 'create', name, record_type: type, new: set });
const update = (name: string, type: string, set: Json): Json => ({
  ...create(name, type, set),
  type: 'update',
  existing: {},
});
const remove = (name: string, type: string): Json => ({ type: 'delete', name, record_type: type, existing: {} });

function reading(value: unknown): ProposedZone {
  const zone = read(value, 'plan.json', 'example.com');
  if (zone === undefined) throw new Error('not a plan');
  return zone;
}
const dataOf = (changes: readonly Json[]): unknown[] =>
  reading(plan(changes)).records.map(({ name, type, data }) => [name, type, data]);

test('a plan that moves a mail host', () => {
  const zone = reading(
    plan([
      remove('old', 'AAAA'),
      remove('k1._domainkey', 'TXT'),
      create('new', 'A', { ttl: 60, value: '192.0.2.9' }),
      update('', 'MX', { ttl: 3600, value: { exchange: 'new.example.com.', preference: 5 } }),
      update('', 'TXT', { ttl: 3600, values: ['a=1', 'v=spf1 mx ~all'] }),
      update('_dmarc', 'TXT', { ttl: 300, value: 'v=DMARC1\\; p=none\\; rua=mailto:r@example.com' }),
    ]),
  );
  expect(zone.format).toBe('octodns');
  expect(zone.records).toEqual([
    { name: 'new.example.com', type: 'A', data: '192.0.2.9', ttl: 60 },
    { name: 'example.com', type: 'MX', data: { preference: 5, exchange: 'new.example.com' }, ttl: 3600 },
    { name: 'example.com', type: 'TXT', data: ['a=1'], ttl: 3600 },
    { name: 'example.com', type: 'TXT', data: ['v=spf1 mx ~all'], ttl: 3600 },
    { name: '_dmarc.example.com', type: 'TXT', data: ['v=DMARC1; p=none; rua=mailto:r@example.com'], ttl: 300 },
  ]);
  expect(zone.removed).toEqual([
    { name: 'old.example.com', type: 'AAAA' },
    { name: 'k1._domainkey.example.com', type: 'TXT' },
  ]);
  expect(zone.apexes).toEqual([]);
});

test.each<[string, Json, unknown]>([
  ['AAAA', { value: '2001:DB8::1' }, '2001:db8::1'],
  ['CNAME', { value: 'Mail.example.net.' }, 'mail.example.net'],
  ['CNAME', { value: 'mail.example.net' }, 'mail.example.net'],
  ['PTR', { values: ['mail.example.net.'] }, 'mail.example.net'],
  ['NS', { values: ['ns1.example.net.'] }, 'ns1.example.net'],
  ['MX', { values: [{ exchange: '.', preference: 0 }] }, { preference: 0, exchange: '' }],
  ['MX', { value: { value: 'mail', priority: '10' } }, { preference: 10, exchange: 'mail' }],
  ['TXT', { value: '' }, ['']],
  ['TXT', { value: `${'x'.repeat(300)}` }, ['x'.repeat(255), 'x'.repeat(45)]],
  ['TXT', { value: 'a "b" \\ ü' }, [Buffer.from('a "b" \\ ü').toString('latin1')]],
  [
    'TLSA',
    { value: { certificate_usage: 3, selector: 1, matching_type: 1, certificate_association_data: 'AB'.repeat(32) } },
    { usage: 3, selector: 1, matchingType: 1, data: 'ab'.repeat(32) },
  ],
  [
    'CAA',
    {
      values: [
        { flags: 0, tag: 'issue', value: 'ca.example' },
        { flags: 0, tag: 'iodef', value: 'x' },
      ],
    },
    null,
  ],
])('%s %j', (type, set, data) => {
  expect(dataOf([create('x', type, { ttl: 60, ...set })])).toEqual([['x.example.com', type, data]]);
});

test('an octet string beside its names: wildcards, underscores, capitals', () => {
  const names = ['*', '_smtp._tls', 'A.B', '1/2'].map((name) => create(name, 'TXT', { value: 'x' }));
  expect(dataOf(names).map((row) => (row as string[])[0])).toEqual([
    '*.example.com',
    '_smtp._tls.example.com',
    'a.b.example.com',
    '1/2.example.com',
  ]);
});

test('a plan without changes is one: octoDNS writes an empty object', () => {
  expect(reading({})).toMatchObject({ format: 'octodns', records: [], removed: [] });
});

test('a plan of other zones is read as well, because mail hosts may be in them', () => {
  const zone = reading(plan([create('1', 'PTR', { value: 'mail.example.com.' })], '2.0.192.in-addr.arpa.'));
  expect(zone.records.map(({ name }) => name)).toEqual(['1.2.0.192.in-addr.arpa']);
});

describe('what the plan does not know', () => {
  test('an ALIAS at the apex: the addresses are those of its target', () => {
    const { records, undetermined } = reading(plan([create('', 'ALIAS', { value: 'web.example.net.' })]));
    expect(records).toEqual([]);
    expect(undetermined?.map(({ name, zone, type }) => [name, zone, type])).toEqual([
      ['example.com', 'example.com', 'A'],
      ['example.com', 'example.com', 'AAAA'],
    ]);
    expect(undetermined?.[0]?.why).toBe(
      'the DNS host makes the A records of example.com from a record of type "ALIAS"',
    );
  });

  test('an alias of Route 53 says which type it makes', () => {
    const set = { values: [{ type: 'A', name: 'x', 'hosted-zone-id': 'Z' }] };
    const { undetermined } = reading(plan([create('w', 'Route53Provider/ALIAS', set)]));
    expect(undetermined?.map(({ type }) => type)).toEqual(['A']);
  });

  test('an ALIAS that goes takes the addresses along, unless there are others', () => {
    const { removed } = reading(plan([remove('', 'ALIAS'), create('', 'A', { value: '192.0.2.1' })]));
    expect(removed).toEqual([{ name: 'example.com', type: 'AAAA' }]);
  });

  test.each(['dynamic', 'geo'])('records that depend on who asks (%s)', (key) => {
    const { records, undetermined } = reading(plan([update('w', 'A', { value: '192.0.2.1', [key]: {} })]));
    expect([records, undetermined?.[0]?.name]).toEqual([[], 'w.example.com']);
  });
});

test('a proxied name is marked, and one that is not is not', () => {
  const set = (proxied: boolean): Json => ({ value: '192.0.2.1', octodns: { cloudflare: { proxied } } });
  const { proxied, records } = reading(plan([create('a', 'A', set(true)), create('b', 'A', set(false))]));
  expect(proxied).toEqual([{ name: 'a.example.com', proxy: 'cloudflare' }]);
  expect(records).toHaveLength(2);
});

describe('several targets', () => {
  const both = (first: readonly Json[], second: readonly Json[]): Json => ({
    one: { 'example.com.': { changes: first } },
    two: { 'example.com.': { changes: second } },
  });
  const a = create('a', 'A', { ttl: 60, values: ['192.0.2.1', '192.0.2.2'] });

  test('the same set, created at one and updated at the other', () => {
    const same = update('a', 'A', { ttl: 300, values: ['192.0.2.2', '192.0.2.1'] });
    expect(reading(both([a], [same])).records).toHaveLength(2);
  });
  test('a set that one of them has already', () => {
    expect(reading(both([a], [remove('b', 'A')]))).toMatchObject({ removed: [{ name: 'b.example.com' }] });
  });
  test.each([
    ['other values', update('a', 'A', { value: '192.0.2.3' })],
    ['none', remove('a', 'A')],
    ['others behind a proxy', update('a', 'A', { values: ['192.0.2.1', '192.0.2.2'], geo: {} })],
  ])('contradict each other: %s', (_, other) => {
    expect(() => reading(both([a], [other]))).toThrow(
      'plan.json: the targets "one" and "two" have different records: A of a.example.com. ' +
        'Make the plan of one target: octodns-sync --target "two" example.com.',
    );
  });
});

test.each<[string, unknown, string]>([
  [
    'an unknown change',
    { ...create('a', 'A', { value: '192.0.2.1' }), type: 'replace' },
    'a.example.com is neither create',
  ],
  ['a change without records', create('a', 'A', null as unknown as Json), 'a.example.com is neither create'],
  ['a change of octoDNS 1.9.0', { type: 'delete', record_type: 'A' }, 'octoDNS 1.9.1 or later'],
  ['a change that is a text', 'delete', 'octoDNS 1.9.1 or later'],
  ['an address that is none', create('a', 'A', { value: 'S3cret' }), 'the A record of a.example.com has data'],
  ['an address that is a list', create('a', 'A', { values: [['S3cret']] }), 'the A record of a.example.com has data'],
  ['an MX without exchange', create('', 'MX', { value: { preference: 1 } }), 'the MX record of example.com has data'],
  ['a text that is a number', create('', 'TXT', { value: 5 }), 'the TXT record of example.com has data'],
  ['a name that is none', create('a..b', 'A', { value: '192.0.2.1' }), '"a..b" in the zone example.com is not a name'],
])('%s is refused, and nothing of its data is quoted', (_, change, what) => {
  const attempt = (): unknown => read(plan([change as Json]), 'plan.json', 'example.com');
  expect(attempt).toThrow(UsageError);
  expect(attempt).toThrow(what);
  expect(attempt).not.toThrow('S3cret');
});

test('records that exclude each other are refused', () => {
  const changes = [create('a', 'CNAME', { value: 'b.example.net.' }), update('a', 'TXT', { value: 'x' })];
  expect(() => reading(plan(changes))).toThrow('plan.json: a.example.com has a CNAME and a TXT record');
});

test('a set without values goes', () => {
  expect(reading(plan([update('a', 'A', { ttl: 60 })])).removed).toEqual([{ name: 'a.example.com', type: 'A' }]);
});

test.each([[[]], ['x'], [null], [{ a: 1 }], [{ a: { b: 1 } }], [{ a: { b: { changes: {} } } }], [{ records: [] }]])(
  '%j is no plan of octoDNS',
  (value) => {
    expect(read(value, 'plan.json', 'example.com')).toBeUndefined();
  },
);
