/** Terraform plans as JSON: what each resource becomes in the DNS, and what nobody knows before the plan is applied. */
import { describe, expect, test } from 'vitest';
import type { ProposedZone } from '../../../../src/network/dns/proposal.ts';
import { read } from '../../../../src/standards/dns-plan/terraform/read.ts';
import { UsageError } from '../../../../src/usage-error.ts';
import fc from '../../../fast-check.ts';
import { runs } from '../../../sample.ts';
import { valueOfData } from './shapes.ts';

type Fields = Record<string, unknown>;

interface Change {
  readonly actions?: readonly string[];
  readonly before?: Fields | null;
  readonly after?: Fields | null;
  readonly unknown?: unknown;
  readonly sensitive?: unknown;
  readonly more?: Fields;
}

/** @returns a resource of a plan. It is created unless the change says otherwise. */
function resource(
  address: string,
  { actions = ['create'], before = null, after = null, unknown = {}, sensitive = {}, more = {} }: Change,
): Fields {
  const parts = address.replace(/\[.*\]$/, '').split('.');
  const change = {
    actions,
    before,
    after,
    after_unknown: unknown,
    before_sensitive: before === null ? false : sensitive,
    after_sensitive: after === null ? false : sensitive,
  };
  return { address, mode: 'managed', type: parts.at(-2), name: parts.at(-1), change, ...more };
}

const plan = (resources: readonly Fields[], more: Fields = {}): Fields => ({
  format_version: '1.2',
  terraform_version: '1.11.4',
  resource_changes: resources,
  ...more,
});

function readPlan(resources: readonly Fields[], more: Fields = {}): ProposedZone {
  const zone = read(plan(resources, more), 'plan.json', 'example.com');
  if (zone === undefined) throw new Error('not a plan');
  return zone;
}

/** @returns what a plan says, a line for each record: `= ` whole sets, `- ` and `+ ` edits, `x ` sets that go, `? ` what is open. */
function said({ records, removed = [], edits = [], undetermined = [], proxied = [] }: ProposedZone): string[] {
  return [
    ...records.map(({ name, type, data }) => `= ${name} ${type} ${valueOfData(type, data)}`.trim()),
    ...removed.map(({ name, type }) => `x ${name} ${type}`),
    ...edits.flatMap(({ name, type, remove, add }) => [
      ...remove.map((data) => `- ${name} ${type} ${valueOfData(type, data)}`),
      ...add.map((data) => `+ ${name} ${type} ${valueOfData(type, data)}`),
    ]),
    ...undetermined.map(({ name, zone, below, type }) => `? ${name ?? `${below ?? '*'} in ${zone}`} ${type}`),
    ...proxied.map(({ name, proxy }) => `${proxy} ${name}`),
  ];
}

const SPF = 'v=spf1 mx -all';

describe('Terraform plan: each kind of resource', () => {
  const zone_id = 'Z1';
  const zone = 'example.com';
  test.each<[string, Fields, string[]]>([
    [
      'aws_route53_record',
      { zone_id, name: 'example.com', type: 'TXT', records: [SPF, 'a""b', 'q\\"q\\344'] },
      [`= example.com TXT ${SPF}`, '= example.com TXT ab', '= example.com TXT q"q\xe4'],
    ],
    [
      'aws_route53_record',
      { zone_id, name: 'example.com', type: 'MX', records: ['10 Mail.example.com'] },
      ['= example.com MX 10 mail.example.com.'],
    ],
    [
      'aws_route53_record',
      { zone_id, name: 'b.example.com', type: 'A', records: ['192.0.2.1'], set_identifier: 'one' },
      ['= b.example.com A 192.0.2.1'],
    ],
    [
      'cloudflare_dns_record',
      { zone_id, name: '_dmarc.example.com', type: 'TXT', ttl: 1, content: '"v=DMARC1; " "p=none"' },
      ['+ _dmarc.example.com TXT v=DMARC1; p=none'],
    ],
    [
      'cloudflare_dns_record',
      { zone_id, name: 'example.com', type: 'MX', content: 'mail.example.com', priority: 10 },
      ['+ example.com MX 10 mail.example.com.'],
    ],
    [
      'cloudflare_dns_record',
      {
        zone_id,
        name: '_25._tcp.example.com',
        type: 'TLSA',
        data: { usage: 3, selector: 1, matching_type: 1, certificate: 'ab'.repeat(32) },
      },
      [`+ _25._tcp.example.com TLSA 3 1 1 ${'ab'.repeat(32)}`],
    ],
    [
      'cloudflare_record',
      { zone_id, name: 'a.example.com', type: 'A', value: '192.0.2.1', proxied: false },
      ['+ a.example.com A 192.0.2.1'],
    ],
    [
      'cloudflare_dns_record',
      { zone_id, name: 'a.example.com', type: 'A', content: '192.0.2.1', proxied: true },
      ['cloudflare a.example.com'],
    ],
    [
      'google_dns_record_set',
      { managed_zone: 'z', name: 'example.com.', type: 'TXT', rrdatas: ['"v=spf1 " "mx -all"'] },
      [`= example.com TXT ${SPF}`],
    ],
    [
      'google_dns_record_set',
      { managed_zone: 'z', name: 'example.com.', type: 'TXT', rrdatas: ['v=spf1 mx'] },
      ['= example.com TXT v=spf1mx'],
    ],
    ['azurerm_dns_txt_record', { zone_name: zone, name: '@', record: [{ value: '"x"' }] }, ['= example.com TXT "x"']],
    [
      'azurerm_dns_mx_record',
      { zone_name: zone, name: null, record: [{ preference: '10', exchange: 'mail.example.com' }] },
      ['= example.com MX 10 mail.example.com.'],
    ],
    [
      'azurerm_dns_cname_record',
      { zone_name: zone, name: 's1._domainkey', record: 's1.example.net' },
      ['= s1._domainkey.example.com CNAME s1.example.net.'],
    ],
    [
      'azurerm_dns_caa_record',
      { zone_name: zone, name: '@', record: [{ flags: 0, tag: 'issue', value: 'x' }] },
      ['= example.com CAA'],
    ],
    [
      'digitalocean_record',
      { domain: zone, name: '@', type: 'MX', priority: 10, value: 'mail' },
      ['+ example.com MX 10 mail.example.com.'],
    ],
    [
      'digitalocean_record',
      { domain: zone, name: 'www', type: 'CNAME', value: '@' },
      ['= www.example.com CNAME example.com.'],
    ],
    [
      'hcloud_zone_rrset',
      { zone, name: '@', type: 'TXT', records: [{ value: '"x"', comment: null }] },
      ['= example.com TXT x'],
    ],
    [
      'hcloud_zone_record',
      { zone, name: '@', type: 'MX', value: '10 mail' },
      ['+ example.com MX 10 mail.example.com.'],
    ],
    [
      'ovh_domain_zone_record',
      { zone, subdomain: '', fieldtype: 'MX', target: '10 mail.example.com' },
      ['+ example.com MX 10 mail.example.com.example.com.'],
    ],
    [
      'ovh_domain_zone_record',
      { zone, subdomain: '_dmarc', fieldtype: 'TXT', target: 'v=DMARC1; p=none' },
      ['+ _dmarc.example.com TXT v=DMARC1; p=none'],
    ],
    ['gandi_livedns_record', { zone, name: '@', type: 'TXT', values: ['"x" "y"'] }, ['= example.com TXT xy']],
    [
      'desec_rrset',
      { domain: zone, subname: '', type: 'MX', rdata: ['10 mail.example.com.'] },
      ['= example.com MX 10 mail.example.com.'],
    ],
    [
      'powerdns_record',
      { zone: 'example.com.', name: 'example.com.', type: 'TXT', records: ['"x"'] },
      ['= example.com TXT x'],
    ],
    [
      'ns1_record',
      { zone, domain: 'example.com', type: 'MX', answers: [{ answer: '5 mail.example.com' }] },
      ['= example.com MX 5 mail.example.com.'],
    ],
    [
      'dnsimple_zone_record',
      { zone_name: zone, name: '', type: 'MX', value: 'mail.example.com', priority: 10 },
      ['+ example.com MX 10 mail.example.com.'],
    ],
    [
      'dnsimple_zone_record',
      { zone_name: zone, name: '', type: 'ALIAS', value: 'x.example.net' },
      ['? example.com A', '? example.com AAAA'],
    ],
    ['vultr_dns_record', { domain: zone, name: 'a', type: 'A', data: '192.0.2.1' }, ['+ a.example.com A 192.0.2.1']],
    ['scaleway_domain_record', { dns_zone: zone, name: '', type: 'TXT', data: SPF }, [`+ example.com TXT ${SPF}`]],
    [
      'porkbun_dns_record',
      { domain: zone, name: 'a', type: 'MX', content: 'mail.example.com', prio: '10' },
      ['+ a.example.com MX 10 mail.example.com.'],
    ],
    [
      'vercel_dns_record',
      { domain: zone, name: '', type: 'MX', value: 'mail.example.com.', mx_priority: 10 },
      ['+ example.com MX 10 mail.example.com.'],
    ],
    [
      'dns_mx_record_set',
      { zone: 'example.com.', mx: [{ preference: 10, exchange: 'mail.example.com.' }] },
      ['= example.com MX 10 mail.example.com.'],
    ],
    ['dns_txt_record_set', { zone: 'example.com.', name: 'a', txt: [SPF] }, [`= a.example.com TXT ${SPF}`]],
    ['azurerm_private_dns_a_record', { zone_name: zone, name: '@', records: ['192.0.2.1'] }, []],
    ['random_password', { name: 'example.com', type: 'TXT', result: 'secret' }, []],
  ])('%s %j', (type, after, expected) => {
    expect(said(readPlan([resource(`${type}.x`, { after })]))).toEqual(expected);
  });
});

describe('Terraform plan: actions', () => {
  const old = { zone_id: 'Z1', name: 'a.example.com', type: 'A', records: ['192.0.2.1'] };
  const fresh = { ...old, records: ['192.0.2.2'] };
  const renamed = { ...fresh, name: 'b.example.com' };
  const single = { domain: 'example.com', name: '@', type: 'TXT', value: 'old' };
  test.each<[string, string, Change, string[]]>([
    [
      'an update',
      'aws_route53_record.x',
      { actions: ['update'], before: old, after: fresh },
      ['= a.example.com A 192.0.2.2'],
    ],
    [
      'no change',
      'aws_route53_record.x',
      { actions: ['no-op'], before: old, after: old },
      ['= a.example.com A 192.0.2.1'],
    ],
    ['a deletion', 'aws_route53_record.x', { actions: ['delete'], before: old }, ['x a.example.com A']],
    [
      'a replacement',
      'aws_route53_record.x',
      { actions: ['delete', 'create'], before: old, after: fresh },
      ['= a.example.com A 192.0.2.2'],
    ],
    [
      'another name',
      'aws_route53_record.x',
      { actions: ['create', 'delete'], before: old, after: renamed },
      ['= b.example.com A 192.0.2.2', 'x a.example.com A'],
    ],
    ['a resource that is forgotten', 'aws_route53_record.x', { actions: ['forget'], before: old }, []],
    [
      'a resource that is forgotten and made again',
      'aws_route53_record.x',
      { actions: ['create', 'forget'], before: old, after: renamed },
      ['= b.example.com A 192.0.2.2'],
    ],
    [
      'one record changes',
      'digitalocean_record.x',
      { actions: ['update'], before: single, after: { ...single, value: 'new' } },
      ['- example.com TXT old', '+ example.com TXT new'],
    ],
    ['one record goes', 'digitalocean_record.x', { actions: ['delete'], before: single }, ['- example.com TXT old']],
    [
      'one alias goes',
      'digitalocean_record.x',
      { actions: ['delete'], before: { ...single, name: 'w', type: 'CNAME', value: 'x.example.net.' } },
      ['x w.example.com CNAME'],
    ],
    [
      'one alias becomes an address',
      'digitalocean_record.x',
      {
        actions: ['delete', 'create'],
        before: { ...single, name: 'w', type: 'CNAME', value: 'x.example.net.' },
        after: { ...single, name: 'w', type: 'A', value: '192.0.2.1' },
      },
      ['x w.example.com CNAME', '+ w.example.com A 192.0.2.1'],
    ],
    [
      'a proxy that is turned off',
      'cloudflare_dns_record.x',
      {
        actions: ['update'],
        before: { zone_id: 'Z1', name: 'a.example.com', type: 'A', content: '192.0.2.1', proxied: true },
        after: { zone_id: 'Z1', name: 'a.example.com', type: 'A', content: '192.0.2.1', proxied: false },
      },
      ['= a.example.com A 192.0.2.1', 'x a.example.com AAAA', 'x a.example.com CNAME'],
    ],
  ])('%s', (_, address, change, expected) => {
    expect(said(readPlan([resource(address, change)]))).toEqual(expected);
  });

  test('the records of one set are edited together, with those that stay', () => {
    const record = (value: string): Fields => ({ domain: 'example.com', name: '@', type: 'MX', priority: 10, value });
    const resources = [
      resource('digitalocean_record.a', {
        actions: ['no-op'],
        before: record('a.example.com.'),
        after: record('a.example.com.'),
      }),
      resource('digitalocean_record.b["b"]', {
        actions: ['update'],
        before: record('b.example.com.'),
        after: record('c.example.com.'),
      }),
    ];
    expect(readPlan(resources).edits).toEqual([
      {
        name: 'example.com',
        type: 'MX',
        remove: [
          { preference: 10, exchange: 'a.example.com' },
          { preference: 10, exchange: 'b.example.com' },
        ],
        add: [
          { preference: 10, exchange: 'a.example.com' },
          { preference: 10, exchange: 'c.example.com' },
        ],
        ttl: 3600,
      },
    ]);
  });

  const weighted = (id: string, addresses: readonly string[], change: Change = {}): Fields => {
    const set = { ...old, records: addresses, set_identifier: id };
    return resource(`aws_route53_record.${id}`, { before: set, after: set, ...change });
  };
  const stays: Change = { actions: ['no-op'] };
  const comes: Change = { before: null };
  const goes: Change = { actions: ['delete'], after: null };
  test.each<[string, Fields[], string[]]>([
    [
      'others than each other',
      [weighted('a', ['192.0.2.1'], comes), weighted('b', ['192.0.2.2'], comes)],
      ['? a.example.com A'],
    ],
    [
      'equal ones',
      [weighted('a', ['192.0.2.1', '192.0.2.2'], comes), weighted('b', ['192.0.2.2', '192.0.2.1'], stays)],
      ['= a.example.com A 192.0.2.1', '= a.example.com A 192.0.2.2'],
    ],
    ['none of which changes', [weighted('a', ['192.0.2.1'], stays), weighted('b', ['192.0.2.2'], stays)], []],
    [
      'one of which goes',
      [weighted('a', ['192.0.2.1'], goes), weighted('b', ['192.0.2.2'], stays)],
      ['= a.example.com A 192.0.2.2'],
    ],
    ['which all go', [weighted('a', ['192.0.2.1'], goes)], ['x a.example.com A']],
    [
      'one of which is not known',
      [weighted('a', ['192.0.2.1'], comes), weighted('b', [], { ...comes, unknown: { records: true } })],
      ['? a.example.com A'],
    ],
  ])('sets of Route 53 of which one answers: %s', (_, resources, expected) => {
    expect(said(readPlan(resources))).toEqual(expected);
  });

  test.each<[string, string, Fields, unknown]>([
    ['a web proxy', 'cloudflare_dns_record.x', { ...old, content: '192.0.2.1', proxied: true }, {}],
    ['an alias', 'aws_route53_record.x', { ...old, records: null, alias: [{ name: 'd.example.net' }] }, {}],
    ['a sensitive value', 'aws_route53_record.x', old, { records: true }],
    [
      'a routing policy',
      'google_dns_record_set.x',
      { name: 'a.example.com.', type: 'A', rrdatas: null, routing_policy: [{}] },
      {},
    ],
    ['a name in a zone that nothing names', 'aws_route53_record.x', { ...old, name: 'a' }, {}],
    ['an alias at the apex', 'digitalocean_record.x', { ...single, type: 'CNAME', value: 'x.example.net.' }, {}],
  ])('what does not change is published already: %s', (_, address, set, sensitive) => {
    const change = { actions: ['no-op'], before: set, after: set, sensitive };
    expect(said(readPlan([resource(address, change)]))).toEqual([]);
  });

  test('data sources are not changes', () => {
    expect(said(readPlan([resource('aws_route53_record.x', { after: fresh, more: { mode: 'data' } })]))).toEqual([]);
  });

  test('what a plan defers is open', () => {
    const deferred_changes = [
      { reason: 'deferred_prereq', resource_change: resource('aws_route53_record.x', { after: fresh }) },
    ];
    expect(said(readPlan([], { deferred_changes }))).toEqual(['? a.example.com A']);
  });
});

describe('Terraform plan: what is not read', () => {
  const open = (zone: string): string[] => ['CNAME', 'A', 'AAAA', 'MX', 'TXT'].map((type) => `? * in ${zone} ${type}`);
  const route53 = { name: 'example.com', zone_id: 'Z1' };
  const records = { domain: 'example.com', mode: 'OVERWRITE', record: [] };
  const update: Change = { actions: ['update'], before: records, after: records };
  test.each<[string, Change, Fields[], string[]]>([
    ['namecheap_domain_records.x', update, [], open('example.com')],
    ['namecheap_domain_records.x', { ...update, actions: ['no-op'] }, [], []],
    ['some_dns_record.x', { after: { zone_id: 'unknown' } }, [], open('example.com')],
    ['some_dns_record.x', { after: { zone_name: 'example.net' } }, [], open('example.net')],
    [
      'aws_route53_records_exclusive.x',
      { after: { zone_id: 'Z1' } },
      [resource('aws_route53_zone.z', { actions: ['no-op'], before: route53, after: route53 })],
      open('example.com'),
    ],
    ['aws_route53_zone.x', { actions: ['delete'], before: route53 }, [], open('example.com')],
    ['aws_route53_zone.x', { actions: ['update'], before: route53, after: route53 }, [], []],
    ['aws_route53_zone.x', { actions: ['delete'], before: { ...route53, vpc: [{}] } }, [], []],
    ['azurerm_private_dns_a_record.x', { after: { zone_name: 'example.com' } }, [], []],
    ['aws_s3_bucket.x', { after: { domain: 'example.com' } }, [], []],
  ])('%s %j', (address, change, others, expected) => {
    const zone = readPlan([resource(address, change), ...others]);
    expect(said(zone)).toEqual(expected);
    expect(zone.undetermined?.every(({ isReplaced }) => isReplaced)).toBe(true);
  });
});

describe('Terraform plan: names and zones', () => {
  const named = (name: string, more: Fields = {}): Fields =>
    resource('aws_route53_record.x', { after: { zone_id: 'Z1', name, type: 'TXT', records: ['x'], ...more } });
  const state = (...resources: Fields[]): Fields => ({
    prior_state: { values: { root_module: { child_modules: [{ resources }] } } },
  });
  const route53 = (name: string, more: Fields = {}): Fields => ({
    address: 'data.aws_route53_zone.z',
    mode: 'data',
    type: 'aws_route53_zone',
    values: { zone_id: 'Z1', name, ...more },
  });

  test.each<[string, Fields[], Fields, string[]]>([
    [
      'a relative name in a zone of the state',
      [named('_dmarc')],
      state(route53('example.com.')),
      ['= _dmarc.example.com TXT x'],
    ],
    ['an empty name', [named('')], state(route53('sub.example.com')), ['= sub.example.com TXT x']],
    ['a whole name with its dot', [named('_DMARC.example.com.')], {}, ['= _dmarc.example.com TXT x']],
    [
      'a name that only ends like the zone',
      [named('notexample.com')],
      state(route53('example.com')),
      ['= notexample.com.example.com TXT x'],
    ],
    [
      'a zone that has a record at the name of the domain',
      [
        named('_dmarc'),
        resource('aws_route53_record.y', {
          after: { zone_id: 'Z1', name: 'example.com', type: 'TXT', records: ['y'] },
        }),
      ],
      {},
      ['= _dmarc.example.com TXT x', '= example.com TXT y'],
    ],
    ['a zone that nothing names', [named('_dmarc')], {}, ['? _dmarc.example.com TXT']],
    [
      'a zone that only private networks see',
      [named('_dmarc')],
      state(route53('example.com', { private_zone: true })),
      [],
    ],
    [
      'a zone that the whole name shows',
      [named('_dmarc', { fqdn: '_dmarc.example.com' })],
      {},
      ['= _dmarc.example.com TXT x'],
    ],
    ['a name that is none', [named('a b')], state(route53('example.com')), []],
  ])('%s', (_, resources, more, expected) => {
    expect(said(readPlan(resources, more))).toEqual(expected);
  });

  test('a zone that the plan makes is found by the reference of the record', () => {
    const zone = resource('module.dns.aws_route53_zone.main', {
      after: { name: 'example.com' },
      unknown: { zone_id: true },
    });
    const record = resource('module.dns.aws_route53_record.x["a"]', {
      after: { name: '_dmarc', type: 'TXT', records: ['x'] },
      unknown: { zone_id: true },
    });
    const configuration = {
      root_module: {
        module_calls: {
          dns: {
            module: {
              resources: [
                {
                  address: 'aws_route53_record.x',
                  expressions: { zone_id: { references: ['aws_route53_zone.main.zone_id', 'aws_route53_zone.main'] } },
                },
              ],
            },
          },
        },
      },
    };
    expect(said(readPlan([zone, record], { configuration }))).toEqual(['= _dmarc.example.com TXT x']);
  });
});

describe('Terraform plan: what is known after apply', () => {
  const base = { zone_id: 'Z1', name: 'a.example.com', type: 'TXT' };
  const dkim = resource('aws_route53_record.dkim[0]', {
    after: { zone_id: 'Z1', type: 'CNAME', ttl: 600 },
    unknown: { name: true, records: true },
  });
  const nameless = (address: string): Fields =>
    resource(address, { after: { zone_id: 'Z1', type: 'CNAME' }, unknown: { name: true, records: true } });
  const refersTo = (to: string): Fields => ({
    configuration: {
      root_module: {
        resources: [{ address: 'aws_route53_record.x', expressions: {}, for_each_expression: { references: [to] } }],
      },
    },
  });
  test.each<[string, Fields[], Fields, string[]]>([
    [
      'all values',
      [resource('aws_route53_record.x', { after: base, unknown: { records: true } })],
      {},
      ['? a.example.com TXT'],
    ],
    [
      'one of the values',
      [
        resource('aws_route53_record.x', {
          after: { ...base, records: ['x', null] },
          unknown: { records: [false, true] },
        }),
      ],
      {},
      ['? a.example.com TXT'],
    ],
    [
      'a part of a block',
      [
        resource('azurerm_dns_txt_record.x', {
          after: { zone_name: 'example.com', name: '@', record: [{}] },
          unknown: { record: [{ value: true }] },
        }),
      ],
      {},
      ['? example.com TXT'],
    ],
    [
      'one record beside one that is known',
      [
        resource('digitalocean_record.x', {
          after: { domain: 'example.com', name: '@', type: 'TXT' },
          unknown: { value: true },
        }),
        resource('digitalocean_record.y', { after: { domain: 'example.com', name: '@', type: 'TXT', value: SPF } }),
      ],
      {},
      [`+ example.com TXT ${SPF}`, '? example.com TXT'],
    ],
    [
      'the type',
      [
        resource('aws_route53_record.x', {
          after: { zone_id: 'Z1', name: 'a.example.com' },
          unknown: { type: true, records: true },
        }),
      ],
      {},
      ['? a.example.com CNAME'],
    ],
    ['the name of a DKIM record', [dkim], {}, ['? _domainkey in example.com CNAME']],
    [
      'the name of a record that refers to DKIM',
      [nameless('aws_route53_record.x')],
      refersTo('aws_ses_domain_dkim.d.dkim_tokens'),
      ['? _domainkey in example.com CNAME'],
    ],
    [
      'the name of a record that proves a certificate',
      [nameless('aws_route53_record.x')],
      refersTo('aws_acm_certificate.c.domain_validation_options'),
      [],
    ],
    ['any other name', [nameless('aws_route53_record.x')], {}, ['? * in example.com CNAME']],
    [
      'everything',
      [resource('aws_route53_record.x', { after: null, unknown: true })],
      {},
      ['? * in example.com CNAME'],
    ],
    [
      'an alias',
      [
        resource('aws_route53_record.x', {
          after: { ...base, type: 'A', records: null, alias: [{ name: 'd.example.net' }] },
        }),
      ],
      {},
      ['? a.example.com A'],
    ],
    [
      'a routing policy',
      [
        resource('google_dns_record_set.x', {
          after: { name: 'a.example.com.', type: 'A', rrdatas: null, routing_policy: [{}] },
        }),
      ],
      {},
      ['? a.example.com A'],
    ],
    [
      'an alias at the apex',
      [
        resource('digitalocean_record.x', {
          after: { domain: 'example.com', name: '@', type: 'CNAME', value: 'x.example.net.' },
        }),
      ],
      {},
      ['? example.com A', '? example.com AAAA'],
    ],
    [
      'whether a proxy answers',
      [
        resource('cloudflare_dns_record.x', {
          after: { ...base, type: 'A', content: '192.0.2.1' },
          unknown: { proxied: true },
        }),
      ],
      {},
      ['? a.example.com CNAME'],
    ],
    [
      'a value that no name server loads',
      [resource('aws_route53_record.x', { after: { ...base, records: ['x'.repeat(256)] } })],
      {},
      ['? a.example.com TXT'],
    ],
    ['no values', [resource('aws_route53_record.x', { after: { ...base, records: [] } })], {}, ['? a.example.com TXT']],
  ])('%s', (_, resources, more, expected) => {
    expect(said(readPlan(resources, more))).toEqual(expected);
  });

  test('the reason names the resource and says what is not known', () => {
    expect(readPlan([dkim]).undetermined?.[0]?.why).toBe(
      'aws_route53_record.dkim[0] (its name is known only when the change is applied)',
    );
  });

  test.each<[string, Change, string[]]>([
    ['after', { after: { ...base, records: ['secret'] }, sensitive: { records: true } }, ['? a.example.com TXT']],
    [
      'the element of a list',
      { after: { ...base, records: ['secret'] }, sensitive: { records: [true] } },
      ['? a.example.com TXT'],
    ],
    ['all of it', { after: { ...base, records: ['secret'] }, sensitive: true }, ['? * in example.com CNAME']],
  ])('a sensitive value is not read: %s', (_, change, expected) => {
    const zone = readPlan([resource('aws_route53_record.x', change)]);
    expect(said(zone)).toEqual(expected);
    expect(JSON.stringify(zone)).not.toContain('secret');
  });

  test('a sensitive value that goes leaves the set open', () => {
    const before = { domain: 'example.com', name: '@', type: 'TXT', value: 'secret' };
    const change = { actions: ['delete'], before, sensitive: { value: true } };
    expect(said(readPlan([resource('digitalocean_record.x', change)]))).toEqual(['? example.com TXT']);
  });
});

describe('Terraform plan: what is no plan', () => {
  test.each<[string, unknown]>([
    ['nothing', null],
    ['records', { records: [] }],
    ['a list', [{ format_version: '1.2' }]],
    ['octoDNS', { config: { 'example.com.': { changes: [] } } }],
    ['dnscontrol', { registrars: [], dns_providers: [], domains: [] }],
  ])('%s', (_, value) => {
    expect(read(value, 'plan.json', 'example.com')).toBeUndefined();
  });

  test.each<[string, Fields, RegExp]>([
    [
      'a state',
      { format_version: '1.0', terraform_version: '1.9.0', values: { root_module: {} } },
      /^plan\.json: this is the state .*terraform show -json plan\.bin/,
    ],
    [
      'a log',
      { '@level': 'info', '@message': 'Terraform 1.9.0' },
      /^plan\.json: this is the log of terraform plan -json/,
    ],
    ['another version', plan([], { format_version: '2.0' }), /^plan\.json: version 2\.0/],
    ['a version that is a text', plan([], { format_version: 'S3cret' }), /^plan\.json: this version of the format/],
    ['a plan that failed', plan([], { errored: true }), /^plan\.json: the plan failed/],
  ])('%s', (_, value, message) => {
    expect(() => read(value, 'plan.json', 'example.com')).toThrow(UsageError);
    expect(() => read(value, 'plan.json', 'example.com')).toThrow(message);
  });

  test('a plan without changes', () => {
    expect(said(readPlan([]))).toEqual([]);
    expect(read({ format_version: '1.2', planned_values: {} }, 'p', 'example.com')).toMatchObject({ records: [] });
  });
});

test('Terraform plan: an address from the file is fit to print', () => {
  const address = `aws_route53_record.x["\u001b[31m\n${'y'.repeat(500)}"]`;
  const hostile = {
    ...resource(address, { after: { name: 'a.example.com', type: 'A' }, unknown: { records: true } }),
    type: 'aws_route53_record',
  };
  const why = readPlan([hostile]).undetermined?.[0]?.why ?? '';
  expect(why).toMatch(/^[\x20-\x7e]{20,200}$/);
});

test('Terraform plan: no JSON makes the reader fail but by a usage error', () => {
  const key = fc.constantFrom(
    'name',
    'type',
    'records',
    'zone_id',
    'alias',
    'record',
    'value',
    'data',
    'content',
    'proxied',
    '__proto__',
  );
  const attributes = fc.dictionary(
    key,
    fc.oneof(fc.jsonValue(), fc.constantFrom('A', 'TXT', 'example.com', '"', '@', '\\')),
  );
  const type = fc.constantFrom(
    'aws_route53_record',
    'cloudflare_dns_record',
    'azurerm_dns_txt_record',
    'hcloud_zone_rrset',
  );
  const change = fc.record({
    actions: fc.oneof(fc.jsonValue(), fc.constantFrom(['create'], ['update'], ['delete'])),
    before: fc.oneof(attributes, fc.jsonValue()),
    after: fc.oneof(attributes, fc.jsonValue()),
    after_unknown: fc.oneof(attributes, fc.jsonValue()),
    after_sensitive: fc.jsonValue(),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(type, change), { maxLength: 3 }), fc.jsonValue(), (all, configuration) => {
      const resources = all.map(([kind, one]) => ({ address: `${kind}.x`, mode: 'managed', type: kind, change: one }));
      expect(read(plan(resources, { configuration }), 'plan.json', 'example.com')?.file).toBe('plan.json');
    }),
    { numRuns: runs(60) },
  );
});
