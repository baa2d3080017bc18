/** Tests the SPF tree and the neighbour sample in the Report, as plain JSON. */
import { describe, expect, test } from 'vitest';
import { defaultLists } from '../../../src/knowledge/lists/catalogue.ts';
import { reportSchema } from '../../../src/report/schema.ts';
import type { SpfTreeRecord } from '../../../src/report/status.ts';
import { type CheckCase, checkIn } from '../../world/check.ts';
import type { NameScript } from '../../world/dns.ts';
import { listZone, reversed } from '../../world/world.ts';

const IP = '203.0.113.5';

const inZone = (zone: Record<string, NameScript>, more: Partial<CheckCase> = {}): CheckCase => ({
  dns: { zone, apexes: ['example.com', 'example.net', '113.0.203.in-addr.arpa'] },
  rules: ['spf'],
  ...more,
});

/** Splits a text into the character strings of a TXT record, of 255 octets each. */
const strings = (text: string): string[] => text.match(/.{1,255}/g) ?? [];

/** The tree as an outline: `number term > target [matches]`, indented. */
function outline({ domain, status, lookups, terms }: SpfTreeRecord, indent = ''): string[] {
  return [
    `${indent}${domain} ${status} ${lookups}`,
    ...terms.flatMap(({ term, lookupNumber, isVoid, matches, errors, record }) => [
      [
        `${indent}  ${lookupNumber ?? '-'} ${term}`,
        ...(isVoid ? ['void'] : []),
        ...(matches.length > 0 ? [`match ${matches.join(',')}`] : []),
        ...(errors.length > 0 ? [`error ${errors.join(',')}`] : []),
      ].join(' '),
      ...(record ? outline(record, `${indent}    `) : []),
    ]),
  ];
}

describe('SPF tree of the report', () => {
  test('has every branch in the order of evaluation, and the deciding term of each address', async () => {
    const { spf } = await checkIn(
      inZone(
        {
          'example.com': { TXT: ['v=spf1 redirect=_spf.example.com ip4:192.0.2.1 a:gone.example.com'] },
          '_spf.example.com': {
            MX: ['10 mail.example.com'],
            TXT: ['v=spf1 include:a.example.net mx ip4:203.0.113.0/24 -all'],
          },
          'mail.example.com': { A: ['192.0.2.2'] },
          'a.example.net': { TXT: ['v=spf1 exists:%{i}.example.net include:b.example.net -all'] },
          'b.example.net': { TXT: ['v=spf1 ip4:198.51.100.7 -all'] },
        },
        { ips: [IP, '198.51.100.7', '192.0.2.1'] },
      ),
    );
    expect(spf && outline(spf.tree)).toEqual([
      'example.com record 6',
      '  - ip4:192.0.2.1 match 192.0.2.1',
      '  1 a:gone.example.com void',
      '  2 redirect=_spf.example.com match 203.0.113.5,198.51.100.7',
      '    _spf.example.com record 4',
      '      3 include:a.example.net match 198.51.100.7',
      '        a.example.net record 2',
      '          4 exists:%{i}.example.net',
      '          5 include:b.example.net match 198.51.100.7',
      '            b.example.net record 0',
      '              - ip4:198.51.100.7 match 198.51.100.7',
      '      6 mx',
      '      - ip4:203.0.113.0/24 match 203.0.113.5',
    ]);
    expect(spf?.checks.map(({ ip, result, lookups }) => `${ip} ${result} ${lookups}`)).toEqual([
      `${IP} pass 6`,
      '198.51.100.7 pass 5',
      '192.0.2.1 pass 0',
    ]);
    expect(spf).toMatchObject({ lookups: 6, lookupLimit: 10, voidLookups: 1, voidLookupLimit: 2, isMinimum: false });
  });

  test('numbers the lookups beyond the limit, and names the address whose check ended there', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `s${index + 1}.example.net`);
    const { spf } = await checkIn(
      inZone({
        'example.com': { TXT: [strings(`v=spf1 ${names.map((name) => `include:${name}`).join(' ')} -all`)] },
        ...Object.fromEntries(names.map((name) => [name, { TXT: ['v=spf1 ip4:192.0.2.1 -all'] }])),
      }),
    );
    expect(spf?.lookups).toBe(12);
    expect(spf?.tree.terms.map(({ lookupNumber, errors }) => [lookupNumber, ...errors])).toEqual([
      ...Array.from({ length: 10 }, (_, index) => [index + 1]),
      [11, IP],
      [12],
    ]);
    expect(spf?.checks).toMatchObject([{ result: 'permerror', problem: expect.stringMatching(/10/) }]);
  });

  test('is limited in size, and counts the terms left out', async () => {
    const terms = Array.from({ length: 400 }, (_, index) => `exists:x${index}.example.com`).join(' ');
    const { spf } = await checkIn(inZone({ 'example.com': { TXT: [strings(`v=spf1 ${terms} -all`)] } }));
    expect(spf?.tree.terms).toHaveLength(150);
    expect(spf?.omittedTerms).toBe(250);
    expect(spf?.lookups).toBe(400);
    expect(spf?.tree.record).toMatch(/… \(\d+ characters\)$/);
  });

  test('is absent when no record was read', async () => {
    const reports = await Promise.all([
      checkIn(inZone({ 'example.com': { TXT: ['hello'] } })),
      checkIn(inZone({ 'example.com': { TXT: ['v=spf1 -all'] } }, { rules: ['ptr'] })),
    ]);
    expect(reports.map((report) => 'spf' in report)).toEqual([false, false]);
  });
});

describe('neighbour sample of the report', () => {
  const [list] = defaultLists().filter(({ zone }) => zone === 'zen.spamhaus.org');
  if (list === undefined) throw new Error('zen.spamhaus.org is no default list any more');
  const world = inZone(listZone(list, { [reversed('203.0.113.9')]: { A: ['127.0.0.2'] } }), { rules: ['rbl'] });
  const settings = { dnsblZones: [list.zone] };

  test('has each address, its state and its lists', async () => {
    const report = await checkIn({ ...world, settings: { ...settings, neighbours: true } });
    const [sample] = reportSchema.parse(report).neighbours ?? [];
    expect(sample).toMatchObject({ ip: IP, network: '203.0.113.0/24', zones: [list.zone] });
    expect(sample?.addresses).toHaveLength(32);
    expect(sample?.addresses.filter(({ state }) => state !== 'clean')).toEqual([
      { ip: '203.0.113.9', state: 'listed', zones: [list.zone] },
    ]);
  });

  test('is absent when it was not requested', async () => {
    expect(await checkIn({ ...world, settings })).not.toHaveProperty('neighbours');
  });
});
