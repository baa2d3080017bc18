/** Tests which zone is said to hold a name. */
import { expect, test } from 'vitest';
import { zoneCut } from '../../../src/check/facts/zone-cut.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';

const found = (zone: string) => ({ kind: 'found', zone, nameServers: ['ns.example.net'] });

test.each<[string, ZoneScript, object]>([
  ['the name itself', { 'a.b.example': { NS: ['ns.example.net'] } }, found('a.b.example')],
  ['a name above', { 'b.example': { NS: ['ns.example.net'] } }, found('b.example')],
  [
    'the closest of two',
    { 'a.b.example': { NS: ['ns.example.net'] }, 'b.example': { NS: ['no.example'] } },
    found('a.b.example'),
  ],
  ['no top-level domain', { example: { NS: ['ns.example.net'] } }, { kind: 'none' }],
  ['none', {}, { kind: 'none' }],
  [
    'not the target of an alias',
    {
      'a.b.example': { CNAME: ['other.test'] },
      'other.test': { NS: ['no.example'] },
      'b.example': { NS: ['ns.example.net'] },
    },
    found('b.example'),
  ],
  [
    'unknown when a lookup fails',
    { 'a.b.example': 'servfail', 'b.example': { NS: ['ns.example.net'] } },
    { kind: 'failed' },
  ],
])('%s', async (_, zone, expected) => {
  expect(await zoneCut(zoneResolver({ zone }), 'a.b.example')).toMatchObject(expected);
});
