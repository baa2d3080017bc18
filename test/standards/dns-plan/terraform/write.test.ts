/** Terraform files: what is written is read back as it was, and no value becomes code. */
import { describe, expect, test } from 'vitest';
import type { PlanWriter, ZoneChanges } from '../../../../src/standards/dns-plan/codec.ts';
import * as aws from '../../../../src/standards/dns-plan/terraform/aws.ts';
import * as azure from '../../../../src/standards/dns-plan/terraform/azure.ts';
import * as cloudflare from '../../../../src/standards/dns-plan/terraform/cloudflare.ts';
import * as digitalocean from '../../../../src/standards/dns-plan/terraform/digitalocean.ts';
import * as google from '../../../../src/standards/dns-plan/terraform/google.ts';
import { quoted } from '../../../../src/standards/dns-plan/terraform/hcl.ts';
import * as hetzner from '../../../../src/standards/dns-plan/terraform/hetzner.ts';
import * as ovh from '../../../../src/standards/dns-plan/terraform/ovh.ts';
import { read } from '../../../../src/standards/dns-plan/terraform/read.ts';
import fc from '../../../fast-check.ts';
import { runs } from '../../../sample.ts';
import { type HclBlock, type HclValue, readHcl, Variable } from './hcl-reader.ts';
import { SHAPES, valueOfData } from './shapes.ts';

const WRITERS: Readonly<Record<string, PlanWriter>> = {
  aws: aws.write,
  azure: azure.write,
  cloudflare: cloudflare.write,
  digitalocean: digitalocean.write,
  google: google.write,
  hetzner: hetzner.write,
  ovh: ovh.write,
};

/** The types that a DNS host has no resource for. */
const LACKS: Readonly<Record<string, readonly string[]>> = { azure: ['TLSA'], digitalocean: ['TLSA', 'PTR'] };
/** The DNS hosts that take texts without quotes, so that octets which are no text cannot be written. */
const TAKES_TEXT = ['azure', 'digitalocean'];

/** Puts the values of variables in. */
function plain(value: HclValue): unknown {
  if (value instanceof Variable) return `id of ${value.name}`;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)])) : value;
}

/** @returns the plan that Terraform makes of the resources of a file when none of them exists. */
function planOf(text: string): object {
  const changes = readHcl(text).blocks.flatMap(({ labels, args, blocks }: HclBlock) => {
    const [kind, type, name] = labels;
    if (kind !== 'resource') return [];
    const nested = Object.entries(blocks).map(([key, all]) => [key, all.map((block) => plain(block.args))]);
    const after = { ...(plain(args) as object), ...Object.fromEntries(nested) };
    const change = { actions: ['create'], before: null, after, after_unknown: { id: true } };
    return [{ address: `${type}.${name}`, mode: 'managed', type, name, change }];
  });
  return { format_version: '1.2', resource_changes: changes };
}

/** @returns the sets in a file, as `name TYPE`, each with its values in order. */
function setsIn(text: string): Record<string, string[]> {
  const zone = read(planOf(text), 'plan.json', 'example.com');
  expect(zone?.undetermined).toEqual([]);
  const records = [
    ...(zone?.records ?? []),
    ...(zone?.edits ?? []).flatMap(({ name, type, add }) => add.map((data) => ({ name, type, data }))),
  ];
  const sets: Record<string, string[]> = {};
  for (const { name, type, data } of records) {
    sets[`${name} ${type}`] = [...(sets[`${name} ${type}`] ?? []), valueOfData(type, data)].sort();
  }
  return sets;
}

function expected(host: string, { sets }: ZoneChanges): Record<string, string[]> {
  const written = sets.filter(({ type }) => !LACKS[host]?.includes(type));
  return Object.fromEntries(written.map(({ name, type, after }) => [`${name} ${type}`, [...after].sort()]));
}

describe.each(Object.entries(WRITERS))('Terraform, %s', (host, write) => {
  test.each(Object.entries(SHAPES))('%s', (shape, changes) => {
    const text = write([changes]);
    const isWritable = shape !== 'octets that are no text' || !TAKES_TEXT.includes(host);
    expect(setsIn(text)).toEqual(isWritable ? expected(host, changes) : {});
    if (!isWritable) expect(text).toContain('not written: the TXT records of o.example.com.');
    // All of the file can be printed.
    expect(text).not.toMatch(/[^\n\p{L}\p{N}\p{P}\p{S} ]/u);
    const { blocks } = readHcl(text);
    const names = blocks.map(({ labels }) => labels.join('.'));
    expect(new Set(names).size).toBe(names.length);
  });

  test('a set that goes is named in a comment, and no resource holds it', () => {
    const gone = { ...SHAPES['a long DKIM key'], zone: 'example.com' } as ZoneChanges;
    const sets = gone.sets.map((set) => ({ ...set, before: set.after, after: [] }));
    const text = write([{ zone: 'example.com', sets }]);
    expect(text).toContain('# remove: the TXT records of s1._domainkey.example.com.');
    expect(setsIn(text)).toEqual({});
  });

  test('two zones with the same names have resources and variables of their own', () => {
    const other = SHAPES['a long DKIM key']?.sets.map((set) => ({ ...set, name: 's1._domainkey.example.org' })) ?? [];
    const text = write([SHAPES['a long DKIM key'] ?? { zone: '', sets: [] }, { zone: 'example.org', sets: other }]);
    const { blocks } = readHcl(text);
    expect(blocks.filter(({ labels: [kind] }) => kind === 'resource').map(({ labels }) => labels[2])).toEqual([
      'example_com_s1_domainkey_txt',
      'example_org_s1_domainkey_txt',
    ]);
  });

  test('arguments stand as terraform fmt puts them: those of one line each below each other, others alone', () => {
    const text = write(Object.values(SHAPES).map((changes, at) => ({ ...changes, zone: `z${at}.example.com` })));
    let column = -1;
    for (const line of text.split('\n')) {
      const [, head, value = ''] = /^( +[a-z_]+ *)= (.*)$/.exec(line) ?? [];
      const isAlone = head === undefined || /[[{]$/.test(value);
      if (head !== undefined && isAlone) expect(head).toMatch(/\S $/);
      if (head !== undefined && !isAlone && column !== -1) expect(head.length, line).toBe(column);
      column = head === undefined || isAlone ? -1 : head.length;
    }
  });

  test('nothing to change is a file without resources', () => {
    expect(readHcl(write([])).blocks).toEqual([]);
  });
});

test.each<[string, PlanWriter, string]>([
  ['aws', aws.write, "terraform import aws_route53_record.apex_txt 'ZONE_ID_example.com_TXT'"],
  ['google', google.write, "terraform import google_dns_record_set.apex_txt 'MANAGED_ZONE/example.com./TXT'"],
  ['hetzner', hetzner.write, "terraform import hcloud_zone_rrset.apex_txt 'example.com/@/TXT'"],
  [
    'azure',
    azure.write,
    "terraform import azurerm_dns_txt_record.apex_txt '/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Network/dnsZones/example.com/TXT/@'",
  ],
])('a whole set that is published is imported: %s', (_, write, command) => {
  const text = write([SHAPES['several texts, of which one changes'] ?? { zone: '', sets: [] }]);
  expect(readHcl(text).comments).toContain(command);
});

test('of single records, those that are published are imported, and those that go are named', () => {
  const { comments, blocks } = readHcl(
    cloudflare.write([SHAPES['several texts, of which one changes'] ?? { zone: '', sets: [] }]),
  );
  expect(comments.filter((line) => line.startsWith('terraform import'))).toEqual([
    expect.stringMatching(/^terraform import cloudflare_dns_record\.apex_txt_[0-9a-f]{6} 'ZONE_ID\/RECORD_ID'$/),
  ]);
  expect(comments).toContain('remove: TXT of example.com: "v=spf1 -all"');
  expect(blocks).toHaveLength(3);
});

test('one record in place of another takes over the resource of that', () => {
  const { comments } = readHcl(cloudflare.write([SHAPES['a null MX record'] ?? { zone: '', sets: [] }]));
  expect(comments).toContain("terraform import cloudflare_dns_record.apex_mx 'ZONE_ID/RECORD_ID'");
  expect(comments.filter((line) => line.startsWith('remove'))).toEqual([]);
});

test('the name of a resource of one record stays the same when another record comes before it', () => {
  const set = { name: 'example.com', type: 'TXT', ttl: 300, before: [] } as const;
  const [first] = SHAPES['several texts, of which one changes']?.sets ?? [];
  const { after = [] } = first ?? {};
  const namesIn = (values: typeof after) =>
    readHcl(ovh.write([{ zone: 'example.com', sets: [{ ...set, after: values }] }])).blocks.map(
      ({ labels }) => labels[2],
    );
  expect(namesIn(after).sort()).toEqual(namesIn([...after].reverse()).sort());
});

test('a mail host is never behind the proxy of Cloudflare', () => {
  const text = cloudflare.write([SHAPES['one of each type'] ?? { zone: '', sets: [] }]);
  const { blocks } = readHcl(text);
  const proxied = blocks.filter(({ args }) => args.type === 'A').map(({ args }) => args.proxied);
  expect(proxied).toEqual([false, false, false]);
});

test('any text is a string of HCL that is read as it was', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(fc.constantFrom('$', '%', '{', '}', '"', '\\', 'u', '0024', '\n'), { maxLength: 12 })
      .map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      const { blocks } = readHcl(`x {\n  a = ${quoted(value)}\n}\n`);
      expect(blocks[0]?.args.a).toBe(value);
    }),
    { numRuns: runs(60) },
  );
});
