/** Tests the script of commands: what runs, what is a comment, and that nothing of a record leaves its comment. */
import { expect, test } from 'vitest';
import { commandScript } from '../../../../src/check/conclusion/dns-host/script.ts';
import { dnsHostOf } from '../../../../src/knowledge/dns-hosts/catalogue.ts';
import type { ZoneChanges } from '../../../../src/standards/dns-plan/codec.ts';
import { textValue, tlsaValue } from '../../../../src/standards/zone-file/line.ts';
import { faultsOfShell, ranInShell } from './shell.ts';

const SPF = textValue('v=spf1 -all');
const SETS: ZoneChanges['sets'] = [
  {
    name: 'example.com',
    type: 'TXT',
    ttl: 3600,
    before: [textValue("v=spf1\n touch made '$(touch made)")],
    after: [SPF],
  },
  {
    name: '_25._tcp.mail.example.com',
    type: 'TLSA',
    ttl: 3600,
    before: [],
    after: [tlsaValue({ usage: 3, selector: 1, matchingType: 1, data: 'abcd' })],
  },
];

const scriptAt = (id: string | undefined): string =>
  commandScript([{ zone: 'example.com', sets: SETS }], () => (id === undefined ? undefined : dnsHostOf(id)));

test('script: the commands of the host, with what to put in, and comments for what has none', () => {
  const script = scriptAt('digitalocean');
  expect(script.split('\n').slice(0, 5)).toEqual([
    '#!/bin/sh',
    'set -e',
    '',
    '# example.com at DigitalOcean DNS',
    '# Replace RECORD_ID: doctl compute domain records list example.com lists it (column ID)',
  ]);
  expect(script).toContain('# No command is known for the TLSA records of _25._tcp.mail.example.com:\n# publish: _25.');
  const { started, files } = ranInShell([script]);
  expect(started.map(([tool]) => tool)).toEqual(['doctl']);
  expect(files).toEqual([]);
});

test('script: everything is a comment where the host is not known', () => {
  const script = scriptAt(undefined);
  expect(script).toContain('--dns-host');
  expect(faultsOfShell([script])).toBe('');
  expect(ranInShell([script])).toMatchObject({ started: [], files: [], code: 0 });
  const hostile = commandScript([{ zone: 'a\ntouch made', sets: SETS }], () => dnsHostOf('bind'));
  expect(ranInShell([hostile])).toMatchObject({ started: [], files: [] });
});
