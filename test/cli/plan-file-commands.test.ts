/** The script of `--plan commands`: what runs, what is a comment, and that nothing of a record leaves its comment. */
import { expect, test } from 'vitest';
import { write } from '../../src/cli/plan-file/commands.ts';
import type { SetChange, ZoneChanges } from '../../src/standards/dns-plan/codec.ts';
import { addressValue, textValue, tlsaValue } from '../../src/standards/zone-file/line.ts';
import { faultsOfShell, ranInShell } from '../check/conclusion/dns-host/shell.ts';

const txt = (name: string, before: readonly string[], after: readonly string[]): SetChange => ({
  ...{ name, type: 'TXT', ttl: 3600 },
  ...{ before: before.map(textValue), after: after.map(textValue) },
});

const SETS: ZoneChanges['sets'] = [
  txt('example.com', ["v=spf1\n touch made '$(touch made)"], ['v=spf1 -all']),
  {
    ...{ name: '_25._tcp.mail.example.com', type: 'TLSA', ttl: 3600, before: [] },
    after: [tlsaValue({ usage: 3, selector: 1, matchingType: 1, data: 'abcd' })],
  },
];

const at = (dnsHost: string | undefined, zone = 'example.com', sets = SETS): ZoneChanges => ({
  zone,
  sets,
  ...(dnsHost === undefined ? {} : { dnsHost }),
});

test('the commands of the host, with what to put in, and comments for what has none', () => {
  const script = write([at('digitalocean')]);
  expect(script).toMatch(/^#!\/bin\/sh\nset -eu\n\n# example\.com, at DigitalOcean DNS\n# Replace RECORD_ID: for /);
  expect(script).toContain('\n# No command is known for this change. Make it in the console: ');
  expect(script).toContain('\n# publish _25._tcp.mail.example.com TLSA 3 1 1 abcd\n');
  const { started, files } = ranInShell([script]);
  expect(started.map(([tool]) => tool)).toEqual(['doctl']);
  expect(files).toEqual([]);
});

test('a name to replace stands for one value in the whole script', () => {
  const of = (zone: string) => at('cloudflare', zone, [txt(zone, ['a'], []), txt(`_dmarc.${zone}`, ['b'], [])]);
  const script = write([of('example.com'), of('example.net')]);
  const replaced = [...script.matchAll(/^# Replace (\S+): for (\S+)(?: IN TXT (\S+))?: /gm)].map((found) =>
    found.slice(1).filter((part) => part !== undefined),
  );
  expect(replaced).toEqual([
    ['ZONE_ID_1', 'example.com'],
    ['RECORD_ID_1', 'example.com.', '"a"'],
    ['RECORD_ID_2', '_dmarc.example.com.', '"b"'],
    ['ZONE_ID_2', 'example.net'],
    ['RECORD_ID_3', 'example.net.', '"a"'],
    ['RECORD_ID_4', '_dmarc.example.net.', '"b"'],
  ]);
  const deleted = [...script.matchAll(/zones\/(\S+)\/dns_records\/(\S+) /g)].map((found) => found.slice(1));
  expect(deleted).toEqual([
    ['ZONE_ID_1', 'RECORD_ID_1'],
    ['ZONE_ID_1', 'RECORD_ID_2'],
    ['ZONE_ID_2', 'RECORD_ID_3'],
    ['ZONE_ID_2', 'RECORD_ID_4'],
  ]);
});

test('what is edited by hand is a comment, with the serial number to raise', () => {
  const script = write([
    at('nsd', 'example.com', [txt('example.com', ['old'], ['new']), txt('a.example.com', ['b'], [])]),
  ]);
  for (const line of [
    '# Make this change in the zone file, and raise the serial number of its SOA record:',
    '# remove example.com TXT old',
    '# publish example.com TXT new',
    '# remove a.example.com TXT b',
    '# Run: "$EDITOR" ZONE_FILE && nsd-checkzone example.com ZONE_FILE && nsd-control reload example.com',
  ]) {
    expect(script.split('\n')).toContain(line);
  }
  expect(ranInShell([script])).toMatchObject({ started: [], files: [], code: 0 });
  // A new record set is appended to the file, and its serial number has to be raised too.
  expect(write([at('nsd')])).toMatch(/^# Replace ZONE_FILE: .*; raise the serial number of the SOA record in it$/m);
});

test('everything is a comment where the host is not known', () => {
  const script = write([at(undefined)]);
  expect(script).toContain('--dns-host');
  expect(faultsOfShell([script])).toBe('');
  expect(ranInShell([script])).toMatchObject({ started: [], files: [], code: 0 });
  const hostile = write([
    at('bind', 'a\ntouch made', [...SETS, { ...txt('x', [], []), type: 'A', after: [addressValue('192.0.2.1')] }]),
  ]);
  expect(ranInShell([hostile])).toMatchObject({ started: [], files: [] });
});
