/** Tests the commands of every DNS host with usual and hostile records: a real shell parses them and runs them. */
import { describe, expect, test } from 'vitest';
import { consoleFields, pitfallsOf } from '../../../../src/check/conclusion/dns-host/console.ts';
import { fill as fillAll, type HostCommands } from '../../../../src/check/conclusion/dns-host/fill.ts';
import { dnsHostOf, dnsHosts } from '../../../../src/knowledge/dns-hosts/catalogue.ts';
import type { DnsHost } from '../../../../src/knowledge/dns-hosts/schema.ts';
import type { PlannedType, SetChange } from '../../../../src/standards/dns-plan/codec.ts';
import {
  addressValue,
  mxValue,
  nameValue,
  type RecordValue,
  textValue,
  tlsaValue,
} from '../../../../src/standards/zone-file/line.ts';
import fc from '../../../fast-check.ts';
import { isWhole, runs } from '../../../sample.ts';
import { faultsOfShell, ranInShell } from './shell.ts';

const ZONE = 'example.com';

function host(id: string): DnsHost {
  const found = dnsHostOf(id);
  if (found === undefined) throw new Error(`no DNS host ${id}`);
  return found;
}

function change(
  name: string,
  type: PlannedType,
  before: readonly RecordValue[],
  after: readonly RecordValue[],
): SetChange {
  return { name, type, ttl: 3600, before, after };
}

/** @returns the commands for one change alone. */
const fill = (row: DnsHost, what: SetChange, zone: string): HostCommands | undefined =>
  fillAll([{ host: row, change: what, zone }])[0];

const text = (name: string, ...after: readonly string[]): SetChange => change(name, 'TXT', [], after.map(textValue));

const commandsOf = (id: string, what: SetChange): readonly string[] => fill(host(id), what, ZONE)?.commands ?? [];

const KEY = `v=DKIM1; k=rsa; p=${'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'.repeat(12)}IDAQAB`;
const SPF = 'v=spf1 ip4:198.51.100.7 -all';
const MX = mxValue({ preference: 10, exchange: `mail.${ZONE}` });
const OLD_MX = mxValue({ preference: 20, exchange: 'mx.example.net' });
const TLSA = tlsaValue({ usage: 3, selector: 1, matchingType: 1, data: 'ab'.repeat(32) });
const [A, OLD_A] = [addressValue('198.51.100.7'), addressValue('192.0.2.1')];

/** The records that mailcheck proposes: new ones, changed ones, and ones that go. */
const USUAL: readonly SetChange[] = [
  text(`mail._domainkey.${ZONE}`, KEY),
  text(ZONE, SPF),
  change(ZONE, 'TXT', [textValue('v=spf1 -all'), textValue('token=abc')], [textValue(SPF), textValue('token=abc')]),
  change(ZONE, 'MX', [], [MX]),
  change(ZONE, 'MX', [OLD_MX], [MX, mxValue({ preference: 20, exchange: `b.${ZONE}` })]),
  change(ZONE, 'MX', [], [mxValue({ preference: 0, exchange: '' })]),
  change(`_25._tcp.mail.${ZONE}`, 'TLSA', [], [TLSA]),
  change(`mail.${ZONE}`, 'A', [], [A]),
  change(`mail.${ZONE}`, 'A', [OLD_A], [A]),
  change(`mail.${ZONE}`, 'AAAA', [], [addressValue('2001:db8::5')]),
  change(`s1._domainkey.${ZONE}`, 'CNAME', [nameValue('a.example.net')], [nameValue('b.example.net')]),
  change(`mail.${ZONE}`, 'CNAME', [nameValue('a.example.net')], []),
  change(`_dmarc.${ZONE}`, 'TXT', [textValue('v=DMARC1; p=none'), textValue('v=DMARC1')], []),
];

describe('DNS hosts: the commands of every row', () => {
  const filledOf = (row: DnsHost) => USUAL.flatMap((one) => fill(row, one, ZONE) ?? []);

  test.each(dnsHosts.map((row) => [row.id, row] as const))('%s', (_, row) => {
    const all = filledOf(row);
    const lines = all.flatMap(({ commands }) => commands);
    if (row.commands.length > 0) expect(all.length).toBeGreaterThan(6);
    expect(faultsOfShell(lines)).toBe('');
    // Every placeholder is filled, or stands as a name that the user replaces.
    for (const { commands, open } of all) {
      for (const command of commands) {
        expect(command).not.toMatch(/[\n\r]|\{[a-z][A-Za-z]*\}/);
        for (const name of command.match(/(?<![$A-Z_"])\b[A-Z]+_[A-Z]+\b(?!")/g) ?? []) {
          expect(open.map((value) => value.name)).toContain(name);
        }
      }
      for (const { where } of open) expect(where).not.toMatch(/\{[a-z][A-Za-z]*\}/);
    }
  });

  test('every command of the data is one that some record needs', () => {
    const types: readonly (readonly [PlannedType, RecordValue, RecordValue])[] = [
      ['A', A, OLD_A],
      ['AAAA', addressValue('2001:db8::5'), addressValue('2001:db8::6')],
      ['CNAME', nameValue('a.example.net'), nameValue('b.example.net')],
      ['MX', MX, OLD_MX],
      ['TXT', textValue('a'), textValue('b')],
      ['TLSA', TLSA, tlsaValue({ usage: 3, selector: 1, matchingType: 1, data: 'cd' })],
      ['PTR', nameValue('a.example.net'), nameValue('b.example.net')],
    ];
    for (const row of dnsHosts) {
      const used = new Set<number>();
      // A copy whose commands print their own number says which of them a change needs.
      const numbered = {
        ...row,
        commands: row.commands.map((one, index) => ({
          ...one,
          text: `${index} {name}`,
          each: null,
          body: null,
          lines: null,
        })),
      };
      for (const [type, one, other] of types) {
        for (const [before, after] of [
          [[], [one]],
          [[one], [other]],
          [[one], [one, other]],
          [[one, other], [one]],
          [[one], []],
        ] as const) {
          for (const text of fill(numbered, change(`x.${ZONE}`, type, before, after), ZONE)?.commands ?? []) {
            used.add(Number.parseInt(text, 10));
          }
        }
      }
      expect({ id: row.id, idle: row.commands.flatMap(({ does }, index) => (used.has(index) ? [] : [does])) }).toEqual({
        id: row.id,
        idle: [],
      });
    }
  });
});

describe('DNS hosts: what a command does', () => {
  test('sets all values of the set where the host has whole sets, also those that stay', () => {
    const [command = ''] = commandsOf('route53', USUAL[2] as SetChange);
    const batch = JSON.parse(/--change-batch '(.*)'$/.exec(command)?.[1] ?? '');
    expect(batch.Changes).toEqual([
      {
        Action: 'UPSERT',
        ResourceRecordSet: {
          Name: 'example.com.',
          Type: 'TXT',
          TTL: 3600,
          ResourceRecords: [{ Value: `"${SPF}"` }, { Value: '"token=abc"' }],
        },
      },
    ]);
  });

  test('says which TTL a deletion needs, which nobody knows', () => {
    const { commands = [], open = [] } = fill(host('route53'), USUAL[12] as SetChange, ZONE) ?? {};
    expect(commands[0]).toContain('"TTL":PUBLISHED_TTL,');
    expect(open.map(({ name }) => name)).toEqual(['ZONE_ID', 'PUBLISHED_TTL']);
    expect(open[1]?.where).toContain('--hosted-zone-id ZONE_ID;');
  });

  test('edits, adds and removes single values where the host has no sets', () => {
    const values = (...names: readonly string[]) => names.map((name) => mxValue({ preference: 10, exchange: name }));
    const flags = (before: readonly RecordValue[], after: readonly RecordValue[]) =>
      commandsOf('digitalocean', change(ZONE, 'MX', before, after))
        .flatMap((line) => line.split(' && '))
        .map((line) => / records (\w+) /.exec(line)?.[1]);
    const [a, b, c] = values('a.example.net', 'b.example.net', 'c.example.net') as [
      RecordValue,
      RecordValue,
      RecordValue,
    ];
    expect(flags([a], [b])).toEqual(['update']);
    expect(flags([a], [a, b])).toEqual(['create']);
    expect(flags([a, b], [c])).toEqual(['update', 'delete']);
    expect(flags([a], [b, c])).toEqual(['update', 'create']);
    expect(flags([a, b], [])).toEqual(['delete', 'delete']);
  });

  test('adds before it removes where there is no edit, and the other way round for a CNAME', () => {
    const verbs = (what: SetChange) =>
      commandsOf('netlify', what)
        .flatMap((line) => line.split(' && '))
        .map((line) => / -X (\w+) /.exec(line)?.[1]);
    expect(verbs(change(`mail.${ZONE}`, 'A', [OLD_A], [A]))).toEqual(['POST', 'DELETE']);
    expect(verbs(USUAL[10] as SetChange)).toEqual(['DELETE', 'POST']);
  });

  test('makes numbers of numbers, except where the host wants strings', () => {
    const body = (id: string, what: SetChange) =>
      JSON.parse(/--(?:data|body) '(.*)'$/.exec(commandsOf(id, what)[0] ?? '')?.[1] ?? 'null');
    expect(body('cloudflare', USUAL[6] as SetChange)).toEqual({
      type: 'TLSA',
      name: `_25._tcp.mail.${ZONE}`,
      ttl: 3600,
      data: { usage: 3, selector: 1, matching_type: 1, certificate: 'ab'.repeat(32) },
    });
    expect(body('porkbun', USUAL[3] as SetChange)).toEqual({
      name: '',
      type: 'MX',
      content: `mail.${ZONE}`,
      prio: '10',
      ttl: '3600',
    });
  });

  test('writes the apex and targets in the way of the host', () => {
    const of = (id: string) => commandsOf(id, USUAL[3] as SetChange)[0];
    expect(of('hetzner')).toBe(
      `hcloud zone rrset create --name '@' --type MX --ttl 3600 --record '10 mail.${ZONE}.' ${ZONE}`,
    );
    expect(of('dnsimple')).toBe(
      `dnsimple records create ${ZONE} --type MX --name '' --content mail.${ZONE} --priority 10 --ttl 3600`,
    );
    expect(of('scaleway')).toContain('"data":"mail.example.com.","priority":10');
    expect(commandsOf('bind', USUAL[3] as SetChange)[0]).toContain(`'update add ${ZONE}. 3600 MX 10 mail.${ZONE}.'`);
  });

  test('has none for a type that the host does not have', () => {
    for (const id of ['digitalocean', 'linode', 'vultr', 'vercel', 'namecheap', 'godaddy']) {
      expect(fill(host(id), USUAL[6] as SetChange, ZONE)).toBeUndefined();
    }
  });
});

describe('DNS hosts: what the user puts in', () => {
  const texts = (name: string, before: readonly string[], after: readonly string[]): SetChange =>
    change(name, 'TXT', before.map(textValue), after.map(textValue));
  const SETS = [
    texts(ZONE, ['v=spf1 -all', 'v=spf1 ?all', 'token=abc'], [SPF, 'token=abc']),
    texts(`_dmarc.${ZONE}`, ['v=DMARC1; p=none', 'v=DMARC1'], []),
    change(`mail.${ZONE}`, 'A', [OLD_A], [A]),
  ];
  const OLD = ['"v=spf1 -all"', '"v=spf1 ?all"', '"v=DMARC1; p=none"', '"v=DMARC1"', '192.0.2.1'];

  test.each(dnsHosts.map((row) => [row.id, row] as const))('%s: no name stands for two records', (_, row) => {
    const all = fillAll(SETS.map((one) => ({ host: row, change: one, zone: ZONE })));
    const open = all.flatMap((made) => made?.open ?? []);
    const wheres = new Map(open.map(({ name, where }) => [name, where]));
    for (const { name, where } of open) expect(where).toBe(wheres.get(name));
    const records = open.filter(({ name }) => name.startsWith('RECORD_ID'));
    expect(new Set(records.map(({ name }) => name)).size).toBe(records.length);
    // A host with edits and removals of single records has one name for each published value that goes.
    const told = OLD.filter((value) => records.some(({ where }) => where.includes(` ${value}: `)));
    expect(told).toHaveLength(records.length);
  });

  test('a number stands behind the names of several records, and the record before the words', () => {
    const all = fillAll(SETS.map((one) => ({ host: host('cloudflare'), change: one, zone: ZONE })));
    expect(all.map((made) => made?.open.map(({ name }) => name))).toEqual([
      ['ZONE_ID', 'RECORD_ID_1', 'RECORD_ID_2'],
      ['ZONE_ID', 'RECORD_ID_3', 'RECORD_ID_4'],
      ['ZONE_ID', 'RECORD_ID_5'],
    ]);
    expect(all[1]?.commands[0]).toContain('dns_records/RECORD_ID_3 ');
    expect(all[1]?.open[1]?.where).toMatch(/^for _dmarc\.example\.com\. IN TXT "v=DMARC1; p=none": GET .*\/ZONE_ID\//);
    expect(fill(host('cloudflare'), SETS[2] as SetChange, ZONE)?.open.map(({ name }) => name)).toEqual([
      'ZONE_ID',
      'RECORD_ID',
    ]);
  });

  test('another zone and another published TTL have names of their own', () => {
    const gone = [
      change(`a.${ZONE}`, 'A', [A], []),
      change(`b.${ZONE}`, 'A', [A], []),
      change('example.net', 'A', [A], []),
    ];
    const zones = [ZONE, ZONE, 'example.net'];
    const all = fillAll(
      gone.map((one, index) => ({ host: host('route53'), change: one, zone: zones[index] as string })),
    );
    expect(all.map((made) => made?.open.map(({ name }) => name))).toEqual([
      ['ZONE_ID_1', 'PUBLISHED_TTL_1'],
      ['ZONE_ID_1', 'PUBLISHED_TTL_2'],
      ['ZONE_ID_2', 'PUBLISHED_TTL_3'],
    ]);
    expect(all[1]?.commands[0]).toContain('"TTL":PUBLISHED_TTL_2,');
    expect(all[2]?.open[1]?.where).toContain('--hosted-zone-id ZONE_ID_2;');
  });

  test('a long text is told by its beginning, unless another one begins so', () => {
    const where = (...before: readonly string[]) =>
      fill(host('digitalocean'), texts(ZONE, before, []), ZONE)?.open[0]?.where;
    expect(where(KEY)).toMatch(/^for example\.com\. IN TXT "v=DKIM1; k=rsa; p=MIIB.{1,70}"…: doctl /);
    expect(where(KEY, `${KEY}A`)).toContain('IDAQAB": doctl ');
  });
});

describe('DNS hosts: nothing is removed after a failure', () => {
  test('every curl command fails on an error of HTTP', () => {
    const texts = dnsHosts.flatMap(({ id, commands }) => commands.map((one) => `${id}: ${one.text}`));
    const curls = texts.filter((line) => /\bcurl\b/.test(line));
    expect(curls.length).toBeGreaterThan(20);
    expect(curls.filter((line) => !/\bcurl --fail-with-body /.test(line))).toEqual([]);
  });

  test('what comes and what goes of a record set is one line, which ends at a failure', () => {
    // A copy whose commands print what they do.
    const named = ({ commands, ...row }: DnsHost): DnsHost => ({
      ...row,
      commands: commands.map((one) => ({ ...one, text: `${one.does} {name}`, each: null, body: null, lines: null })),
    });
    const doneBy = (row: DnsHost, before: readonly RecordValue[], after: readonly RecordValue[]): string[] =>
      (fill(named(row), change(`x.${ZONE}`, 'A', before, after), ZONE)?.commands ?? []).map((line) =>
        line.replaceAll(/ (?:x|x\.example\.com\.?)(?= |$)/g, ''),
      );
    const other = addressValue('192.0.2.2');
    const lines = dnsHosts.map((row) => doneBy(row, [OLD_A, other], [A]));
    for (const line of lines) if (line.join().includes('remove')) expect(line).toHaveLength(1);
    expect(new Set(lines.flat())).toEqual(new Set(['set', 'update', 'edit && remove', 'add && remove && remove']));
    expect(doneBy(host('netlify'), [OLD_A, other], [])).toEqual(['remove', 'remove']);
  });
});

describe('DNS hosts: the console', () => {
  test.each([
    ['route53', USUAL[1], [{ name: '', type: 'TXT', value: `"${SPF}"`, priority: null }]],
    ['namecheap', USUAL[1], [{ name: '@', type: 'TXT', value: SPF, priority: null }]],
    ['cloudflare', USUAL[3], [{ name: '@', type: 'MX', value: 'mail.example.com', priority: '10' }]],
    ['google-cloud-dns', USUAL[3], [{ name: '', type: 'MX', value: '10 mail.example.com.', priority: null }]],
    ['gandi', USUAL[7], [{ name: 'mail', type: 'A', value: '198.51.100.7', priority: null }]],
  ] as const)('%s', (id, what, records) => {
    expect(consoleFields(host(id), what as SetChange, ZONE)?.records).toEqual(records);
  });

  test('only what comes is typed, and a name server of one’s own has no console', () => {
    expect(consoleFields(host('route53'), USUAL[2] as SetChange, ZONE)?.records.map(({ value }) => value)).toEqual([
      `"${SPF}"`,
    ]);
    expect(consoleFields(host('bind'), USUAL[1] as SetChange, ZONE)).toBeUndefined();
  });

  test('a pitfall is told for the records that it is about', () => {
    const told = (id: string, what: SetChange | undefined) => pitfallsOf(host(id), what as SetChange, ZONE).join('\n');
    expect(told('route53', USUAL[0])).toContain('255');
    expect(told('route53', USUAL[1])).not.toContain('255');
    expect(told('route53', USUAL[1])).toContain('apex');
    expect(told('route53', USUAL[7])).not.toContain('apex');
    expect(told('cloudflare', USUAL[7])).toContain('DNS only');
    expect(told('cloudflare', USUAL[3])).not.toContain('DNS only');
    expect(told('vultr', USUAL[5])).toContain('null MX');
    expect(told('vultr', USUAL[3])).not.toContain('null MX');
  });
});

/** Values that a shell, a CI system, a JSON reader or a tool might act on. */
const HOSTILE: readonly string[] = [
  '$(touch made)',
  '`touch made`',
  "'; touch made; '",
  '"; touch made; "',
  'a\'b"c\\d',
  '\n touch made',
  'a\u0000b',
  '-rf',
  '--help x',
  '@/etc/passwd',
  '{zone} {value} {each}',
  '$HOME %s \\n !! ~ * ?',
  'a && touch made || touch made & touch made | touch made',
  'x ::set-output name=a::b',
  'x ##[group]y ##vso[z]',
  '::error::x',
  '# comment ; comment',
  '\u00e9\u0080\u009b',
  '',
  ' blanks ',
  'x\u007f',
];

/** @returns the text that a name server would read in quoted strings. */
function unquoted(strings: string): string | undefined {
  if (!/^"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*$/.test(strings)) return undefined;
  return [...strings.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(([, part = '']) =>
      part.replace(/\\(\d{3}|.)/g, (_, escaped: string) =>
        escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
      ),
    )
    .join('');
}

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

function jsonIn(word: string): string[] {
  try {
    return leavesOf(JSON.parse(word));
  } catch {
    return [];
  }
}

/** @returns every text that a program was given: its arguments, the strings of their JSON, and the ends of its lines. */
function givenTo(started: readonly (readonly string[])[]): Set<string | undefined> {
  const words = started.flat();
  const ends = words.map((word) => / TXT (".*)$/s.exec(word)?.[1] ?? /^data=(.*)$/s.exec(word)?.[1] ?? '');
  const all = [...words, ...words.flatMap(jsonIn), ...ends.filter((end) => end !== '')];
  return new Set([...all, ...all.map(unquoted)]);
}

/**
 * Runs texts through the commands of a host, and expects that each comes out as it was.
 *
 * @returns the texts for which the host has a command.
 */
function written(row: DnsHost, values: readonly string[]): string[] {
  const all = values.flatMap((value) => {
    const filled = fill(row, text(`x.${ZONE}`, value), ZONE);
    return filled === undefined ? [] : [{ value, commands: filled.commands }];
  });
  const { started, files, code, stderr } = ranInShell(all.flatMap(({ commands }) => commands));
  expect({ files, code, stderr }).toEqual({ files: [], code: 0, stderr: '' });
  expect(started.flat().filter((word) => word === 'touch')).toEqual([]);
  const given = givenTo(started);
  expect(all.map(({ value }) => value).filter((value) => !given.has(value))).toEqual([]);
  return all.map(({ value }) => value);
}

describe('DNS hosts: a hostile text stays a text', () => {
  const withCommands = dnsHosts.filter(({ commands }) => commands.length > 0);
  // NSD appends to a file, so it makes one.
  const runnable = withCommands.filter(({ id }) => id !== 'nsd');

  test.each(runnable.map((row) => [row.id, row] as const))('%s', (_, row) => {
    const values = isWhole ? HOSTILE : HOSTILE.filter((__, index) => index % 4 === row.id.length % 4);
    // A text that is not hostile has a command everywhere.
    expect(written(row, [...values, SPF])).toContain(SPF);
  });

  test('a name server of one’s own takes every octet', () => {
    const values = ['\n touch made', 'a\u0000b', '\u00e9\u0080\u009b', '-rf'];
    for (const id of ['bind', 'knot', 'powerdns']) expect(written(host(id), values)).toEqual(values);
  });

  test('appends one line to the zone file of NSD', () => {
    const [command = ''] = commandsOf('nsd', text(`x.${ZONE}`, "$(touch made)'\n"));
    expect(ranInShell([command.replace('ZONE_FILE &&', 'zone && cat zone; true &&')]).files).toEqual(['zone']);
    expect(faultsOfShell([command])).toBe('');
  });

  test('a service gets no command for what it may read in another way', () => {
    expect(commandsOf('route53', text(ZONE, '\u00e9'))).toEqual([]);
    expect(commandsOf('vultr', text(ZONE, 'a"b'))).toEqual([]);
    expect(commandsOf('digitalocean', text(ZONE, '-all'))).toEqual([]);
    expect(commandsOf('azure-dns', text(ZONE, '@/path'))).toEqual([]);
  });

  test('any text', () => {
    const rows = [host('route53'), host('hetzner'), host('bind'), host('gandi')];
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
        fc.constantFrom(...rows),
        (value, row) => {
          written(row, [value]);
        },
      ),
      { numRuns: runs(100) },
    );
  });
});

test.each([
  ['a name with a blank', `a b.${ZONE}`],
  ['a name with a quote', `a'b.${ZONE}`],
  ['a name with a slash', `0/25.${ZONE}`],
  ['a name that begins with a hyphen', `-x.${ZONE}`],
  ['a name with a line end', `a\nb.${ZONE}`],
  ['a name with a substitution', `$(touch made).${ZONE}`],
])('DNS hosts: there is no command for %s', (_, name) => {
  for (const row of dnsHosts) {
    expect(fill(row, change(name, 'TXT', [textValue(SPF)], []), ZONE)).toBeUndefined();
    expect(consoleFields(row, text(name, SPF), ZONE)).toBeUndefined();
  }
});
