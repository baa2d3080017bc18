/** Each format of a plan, read back: ten domains of different shapes, and values that would be commands elsewhere. */
import { describe, expect, test } from 'vitest';
import type { PlanWriter, ZoneChanges } from '../../../src/standards/dns-plan/codec.ts';
import { PLAN_FORMATS } from '../../../src/standards/dns-plan/formats.ts';
import { addressValue, mxValue, nameValue, textValue } from '../../../src/standards/zone-file/line.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import {
  DOMAINS,
  NOT_FOR_OCTODNS,
  NOT_UTF8,
  type ReadSet,
  set,
  setsOf,
  stayingSets,
  text,
  undotted,
} from './domains.ts';
import { readDnscontrol, readNsUpdate, readOctodns, readRemoved, readRoute53, readZone } from './readers.ts';

const writers = new Map<string, PlanWriter>();
for (const { id, load } of PLAN_FORMATS) writers.set(id, await load());

const write = (id: string, changes: readonly ZoneChanges[]): string => {
  const writer = writers.get(id);
  if (writer === undefined) throw new Error(`no format ${id}`);
  return writer(changes);
};

const READERS: Readonly<Record<string, (written: string) => ReadSet[]>> = {
  zone: readZone,
  nsupdate: (written) => readNsUpdate(written).added,
  route53: (written) => readRoute53(written, 'UPSERT'),
  octodns: readOctodns,
  dnscontrol: readDnscontrol,
};
const formats = Object.keys(READERS);
const read = (id: string, written: string): ReadSet[] => READERS[id]?.(written) ?? [];

/** The records that a plan takes away. */
const going = (changes: readonly ZoneChanges[]): ReadSet[] =>
  setsOf(
    changes.flatMap(({ sets }) =>
      sets.flatMap(({ name, type, before, after }) =>
        before
          .filter((value) => !after.includes(value))
          .map((value) => [name, type, type === 'TXT' ? value : undotted(value)] as const),
      ),
    ),
  );

describe.each(formats)('%s', (id) => {
  test.each(DOMAINS)('%s', (_, changes) => {
    const written = write(id, changes);
    expect(read(id, written)).toEqual(stayingSets(changes));
    expect(written).toMatch(/^[\n\x20-\x7e]+\n$/);
    expect(written).toContain('300');
  });

  test('no changes', () => {
    expect(write(id, [])).toMatch(/no changes/i);
  });

  test('any text', () => {
    const letters = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary-ascii' }),
      fc.constantFrom('\u{1f600}', 'ü', '\u2028', '\ufeff', ';', '\\', '"', '\n', ' ', '$', '{'),
    );
    const property = fc.property(fc.array(letters, { maxLength: 6 }), (pieces) => {
      const whole = Buffer.from(pieces.join(''), 'utf8').toString('utf8');
      fc.pre(id !== 'octodns' || !whole.includes('" "'));
      const changes = [
        { zone: 'example.com', sets: [set('t.example.com', 'TXT', [text(whole)], [text(`${whole}x`)])] },
      ];
      expect(read(id, write(id, changes))).toEqual(stayingSets(changes));
    });
    fc.assert(property, { numRuns: runs(20) });
  });
});

describe.each([
  ['zone', ';'],
  ['octodns', '#'],
  ['dnscontrol', '//'],
])('%s has no word for a record that goes', (id, mark) => {
  test.each(DOMAINS)('%s: it is a comment', (_, changes) => {
    expect(readRemoved(write(id, changes), mark)).toEqual(going(changes));
  });
});

test('a set that goes as a whole leaves nothing but comments', () => {
  const changes = [{ zone: 'example.com', sets: [set('old.example.com', 'A', [], [addressValue('192.0.2.9')])] }];
  expect(readOctodns(write('octodns', changes))).toEqual([]);
  expect(readDnscontrol(write('dnscontrol', changes))).toEqual([]);
  expect(
    write('zone', changes)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(';')),
  ).toEqual([]);
});

describe('nsupdate', () => {
  const changes: ZoneChanges[] = [
    {
      zone: 'example.com',
      sets: [
        set(
          'example.com',
          'MX',
          [mxValue({ preference: 5, exchange: 'new.example.net' })],
          [
            mxValue({ preference: 10, exchange: 'mail.example.com' }),
            mxValue({ preference: 20, exchange: 'mail.example.com' }),
          ],
        ),
        set('s1._domainkey.example.com', 'TXT', [], [text('v=DKIM1; p=')]),
        set('s1._domainkey.example.com', 'CNAME', [nameValue('s1.example.net')]),
        set('s2._domainkey.example.com', 'TXT', [text('new')], [textValue('k'.repeat(256))]),
      ],
    },
    { zone: 'example.net', sets: [set('new.example.net', 'A', [addressValue('192.0.2.1')])] },
  ];
  const script = readNsUpdate(write('nsupdate', changes));

  test('each zone is one message', () => {
    expect(script.zones).toEqual(['example.com.', 'example.net.']);
    expect(script.sends).toBe(2);
  });

  test('states what is published, and of a long text only that it is', () => {
    expect(script.expected).toEqual([
      'yxrrset example.com. IN MX 10 mail.example.com.',
      'yxrrset example.com. IN MX 20 mail.example.com.',
      'yxrrset s1._domainkey.example.com. IN TXT "v=DKIM1; p="',
      'nxrrset s1._domainkey.example.com. IN CNAME',
      'yxrrset s2._domainkey.example.com. IN TXT',
      'nxrrset new.example.net. IN A',
    ]);
  });

  test('deletes whole sets before it adds one', () => {
    const lines = write('nsupdate', changes).split('send')[0] ?? '';
    expect(lines.lastIndexOf('update delete')).toBeLessThan(lines.indexOf('update add'));
    expect(script.deleted).toContain('s1._domainkey.example.com. IN TXT');
  });

  test('a line that nsupdate would cut is refused', () => {
    const long = [{ zone: 'example.com', sets: [set('l.example.com', 'TXT', [textValue('\0'.repeat(40_000))])] }];
    expect(() => write('nsupdate', long)).toThrow('nsupdate cannot read a record of this length');
  });
});

describe('Route 53', () => {
  test('deletes a set with its published values', () => {
    const old = [set('old.example.com', 'A', [], [addressValue('192.0.2.9')])];
    expect(readRoute53(write('route53', [{ zone: 'example.com', sets: old }]), 'DELETE')).toEqual([
      ['old.example.com', 'A', ['192.0.2.9']],
    ]);
  });

  test('one zone is a batch, several zones are one batch each', () => {
    const one = { zone: 'example.com', sets: [set('example.com', 'TXT', [text('a')])] };
    const two = { zone: 'example.net', sets: [set('example.net', 'TXT', [text('b')])] };
    expect(Object.keys(JSON.parse(write('route53', [one])))).toEqual(['Comment', 'Changes']);
    expect(Object.keys(JSON.parse(write('route53', [one, two])))).toEqual(['example.com.', 'example.net.']);
  });

  test('octets other than printable ASCII have octal escapes', () => {
    const written = write('route53', [
      { zone: 'example.com', sets: [set('example.com', 'TXT', [textValue('\xe4\\"\n')])] },
    ]);
    expect(JSON.parse(written).Changes[0].ResourceRecordSet.ResourceRecords).toEqual([
      { Value: '"\\344\\134\\"\\012"' },
    ]);
  });

  test('a value that is too long is refused', () => {
    const long = [{ zone: 'example.com', sets: [set('l.example.com', 'TXT', [textValue('a'.repeat(4000))])] }];
    expect(() => write('route53', long)).toThrow(
      'Route 53 holds at most 4000 characters of a record, and l.example.com TXT',
    );
  });
});

describe('octoDNS', () => {
  test('keys are in natural order, or it refuses the file', () => {
    const names = ['b', 'a10', 'a9', '', '*', '_dmarc', '_25._tcp.mx', '10x', '9x', 'a'];
    const sets = names.map((name) => set(name === '' ? 'example.com' : `${name}.example.com`, 'TXT', [text('x')]));
    const written = write('octodns', [{ zone: 'example.com', sets }]);
    expect([...written.matchAll(/^(".*"):$/gm)].map(([, key = '']) => JSON.parse(key))).toEqual([
      '',
      '9x',
      '10x',
      '*',
      '_25._tcp.mx',
      '_dmarc',
      'a',
      'a9',
      'a10',
      'b',
    ]);
  });

  test('the keys of a record are in order', () => {
    const sets = [
      set('t.example.com', 'TXT', [text('ü;')]),
      ...(DOMAINS[6]?.[1][0]?.sets ?? []),
      ...(DOMAINS[5]?.[1][0]?.sets ?? []),
    ];
    for (const block of write('octodns', [{ zone: 'example.com', sets }])
      .split(/^".*":$/m)
      .slice(1)) {
      const keys = [...block.matchAll(/^[ -] (\w+):/gm)].map(([, key]) => key);
      expect(keys).toEqual([...keys].sort());
    }
  });

  test.each([
    [text(NOT_FOR_OCTODNS), 'octoDNS takes the characters " " out of a text'],
    [NOT_UTF8, 'it is not UTF-8'],
  ])('a text that it cannot hold is refused: %j', (value, why) => {
    const changes = [{ zone: 'example.com', sets: [set('t.example.com', 'TXT', [value])] }];
    expect(() => write('octodns', changes)).toThrow(`octoDNS cannot hold the TXT record of t.example.com: ${why}`);
  });
});

test('dnscontrol cannot hold a text that is not UTF-8', () => {
  const changes = [{ zone: 'example.com', sets: [set('t.example.com', 'TXT', [NOT_UTF8])] }];
  expect(() => write('dnscontrol', changes)).toThrow('dnscontrol cannot hold the TXT record of t.example.com');
});

test.each(['zone', 'nsupdate', 'route53'])('%s holds octets that are no text', (id) => {
  const changes = [{ zone: 'example.com', sets: [set('t.example.com', 'TXT', [NOT_UTF8])] }];
  expect(read(id, write(id, changes))).toEqual([['t.example.com', 'TXT', [NOT_UTF8]]]);
});

test.each(formats)('%s: a hostile name is no line of its own', (id) => {
  const name = `a\nupdate delete x\n"\u2028\`${'$'}{x}.example.com`;
  const written = write(id, [{ zone: 'example.com', sets: [set(name, 'TXT', [text('x')], [text('y')])] }]);
  expect(written).toMatch(/^[\n\x20-\x7e]+\n$/);
  expect(written.split('\n').filter((line) => line.startsWith('update delete x'))).toEqual([]);
});
