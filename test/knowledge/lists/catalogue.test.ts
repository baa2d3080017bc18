import { describe, expect, test } from 'vitest';
import {
  allLists,
  chooseLists,
  deadZone,
  defaultLists,
  keyedZone,
  keyVariables,
  listOfZone,
} from '../../../src/knowledge/lists/catalogue.ts';
import { sharedResolver, sharedResolvers } from '../../../src/knowledge/lists/shared-resolvers.ts';
import { parseIp } from '../../../src/network/ip.ts';

const key = 'abcdef0123456789abcdef0123';
const zones = (choice: Parameters<typeof chooseLists>[0]): string[] =>
  chooseLists(choice)
    .asked.map(({ zone }) => zone)
    .sort();

describe('chosen lists', () => {
  test('without a choice, the default lists are asked', () => {
    expect(zones({})).toEqual(
      defaultLists()
        .map(({ zone }) => zone)
        .sort(),
    );
    expect(zones({}).length).toBeGreaterThan(10);
  });

  test('with a key, its zone replaces the public one, and lists that need the key are asked too', () => {
    const { asked } = chooseLists({ keys: { SPAMHAUS_DQS_KEY: key } });
    const by = new Map(asked.map((list) => [list.zone, list]));
    expect(by.get('zen.spamhaus.org')).toMatchObject({
      queryZone: `${key}.zen.dq.spamhaus.net`,
      keyedBy: 'SPAMHAUS_DQS_KEY',
    });
    expect(by.get('zrd.dq.spamhaus.net')?.queryZone).toBe(`${key}.zrd.dq.spamhaus.net`);
    expect(by.get('psbl.surriel.com')).toMatchObject({ queryZone: 'psbl.surriel.com', keyedBy: null });
    expect(by.has('combined.mail.abusix.zone')).toBe(false);
  });

  test('the named lists are asked once each, without those left out', () => {
    expect(zones({ zones: ['bl.example.net', 'bl.example.net', 'psbl.surriel.com'] })).toEqual([
      'bl.example.net',
      'psbl.surriel.com',
    ]);
    expect(zones({ zones: ['bl.example.net', 'psbl.surriel.com'], except: ['bl.example.net'] })).toEqual([
      'psbl.surriel.com',
    ]);
    expect(zones({ except: ['zen.spamhaus.org'] })).not.toContain('zen.spamhaus.org');
  });

  test('a dead zone and a zone without its key are reported and not asked', () => {
    const chosen = chooseLists({ zones: ['dnsbl.sorbs.net', 'combined.mail.abusix.zone', 'bl.score.senderscore.com'] });
    expect(chosen.asked).toEqual([]);
    expect(chosen.dead).toMatchObject([{ zone: 'dnsbl.sorbs.net' }]);
    expect(chosen.keyless).toEqual([
      { zone: 'combined.mail.abusix.zone', variable: 'ABUSIX_API_KEY' },
      { zone: 'bl.score.senderscore.com', variable: null },
    ]);
  });

  test('a zone that is dead with low confidence is asked', () => {
    const unsure = 'relays.nether.net';
    expect(deadZone(unsure)?.confidence).toBe('low');
    expect(zones({ zones: [unsure] })).toEqual([unsure]);
  });
});

test('lists: no active list is below a dead zone', () => {
  const buried = allLists.filter(({ zone, status }) => status === 'active' && deadZone(zone) !== undefined);
  expect(buried.map(({ zone }) => zone)).toEqual([]);
});

test('lists: each kind has a default list whose test entries are confirmed', () => {
  const sure = defaultLists().filter(({ canary, access }) => canary?.confirmed && access.registration === 'none');
  for (const kind of ['ip', 'domain']) expect(sure.some((list) => list.kind === kind)).toBe(true);
  expect(sure.some(({ families }) => families.includes(6))).toBe(true);
});

test('lists: a key in a typed zone is recognised', () => {
  expect(keyedZone(`${key}.zen.dq.spamhaus.net`)).toMatchObject({ variable: 'SPAMHAUS_DQS_KEY' });
  for (const { zone } of allLists) expect(keyedZone(zone)).toBeUndefined();
});

test('lists: the variables that may hold a key', () => {
  expect(keyVariables()).toEqual(expect.arrayContaining(['SPAMHAUS_DQS_KEY', 'ABUSIX_API_KEY', 'SPAMRATS_API_KEY']));
});

test('shared resolvers: each is recognised by each of its addresses', () => {
  for (const row of sharedResolvers) {
    for (const address of row.addresses) expect(sharedResolver(parseIp(address) ?? fail(address))).toBe(row);
  }
});

test('lists: an unknown zone must have the test entries of RFC 5782', () => {
  expect(listOfZone('bl.example.net')).toMatchObject({ canary: { confirmed: true }, kind: 'ip', families: [4, 6] });
});

function fail(address: string): never {
  throw new Error(`${address} is no address`);
}
