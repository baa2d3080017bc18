/** Tests the field "Provider" at the head of a report: it always says what is known of outbound port 25. */
import { describe, expect, test } from 'vitest';
import { providerOf } from '../../src/knowledge/providers/catalogue.ts';
import type { ProviderResult } from '../../src/report/status.ts';
import { providerTexts } from '../../src/reporters/provider-words.ts';

type Address = ProviderResult['addresses'][number];

const signals = [{ kind: 'asn', value: 'AS64496' }];

function candidate(id: string, confirmed = true): Address['candidates'][number] {
  const row = providerOf(id);
  if (row === undefined) throw new Error(`no provider ${id}`);
  const { name, status, confidence, port25, ptr } = row;
  return { id, name, status, confidence, confirmed, signals, port25, ptr };
}

function address(candidates: Address['candidates'], others: Partial<Address> = {}): Address {
  const network = { asns: [64496], prefix: '203.0.113.0/24' };
  return { ip: '203.0.113.5', certainty: 'medium', candidates, network, port25Seen: null, ...others };
}

const texts = (...addresses: Address[]): string[] => providerTexts({ provider: { addresses } });

describe('the policy of the provider', () => {
  test.each<[string, Address, string]>([
    [
      'is closed by default',
      address([candidate('hetzner-cloud')]),
      'Hetzner Cloud (blocks outbound ports 25 and 465 until you ask)',
    ],
    [
      'is blocked for new accounts',
      address([candidate('digitalocean')]),
      'DigitalOcean (blocks outbound ports 25, 465 and 587 for new accounts)',
    ],
    ['is closed for good', address([candidate('fly-io')]), 'Fly.io (blocks outbound port 25)'],
    [
      'is open, by an old source',
      address([candidate('ovhcloud', false)]),
      'OVHcloud (leaves outbound port 25 open, not confirmed)',
    ],
    [
      'is not known',
      address([candidate('leaseweb', false)]),
      'Leaseweb (not known whether it blocks outbound port 25)',
    ],
    [
      'is of no matter to a customer of an email service',
      address([candidate('third-party-email')]),
      'Third-party email service (needs no outbound port 25)',
    ],
    ['is that of a provider that is gone', address([candidate('gogrid')]), 'GoGrid (defunct)'],
    [
      'is that of a provider that is gone, whatever was tested',
      address([candidate('gogrid')], { port25Seen: 'blocked' }),
      'GoGrid (defunct)',
    ],
    [
      'is one of two',
      address([candidate('hetzner-cloud'), candidate('hetzner-robot')]),
      'Hetzner Cloud (blocks outbound ports 25 and 465 until you ask) or Hetzner Dedicated (Robot) (leaves outbound port 25 open)',
    ],
    [
      'counts less than the test on the host',
      address([candidate('hetzner-cloud'), candidate('hetzner-robot')], { port25Seen: 'open' }),
      'Hetzner Cloud or Hetzner Dedicated (Robot) (port 25 is open, tested here)',
    ],
    [
      'is not known, but the test on the host found it closed',
      address([candidate('leaseweb')], { port25Seen: 'blocked' }),
      'Leaseweb (port 25 is blocked, tested here)',
    ],
  ])('%s', (_, given, text) => {
    expect(texts(given)).toEqual([`${text}, by its network AS64496`]);
  });
});

test('a provider that was not recognised is said to be unknown', () => {
  expect(texts(address([], { certainty: null }))).toEqual([
    'not recognised (network AS64496): not known whether it blocks outbound port 25',
  ]);
  expect(texts(address([], { certainty: null, network: null, port25Seen: 'open' }))).toEqual([
    'not recognised: port 25 is open, tested here',
  ]);
});

test('addresses with different providers have a line each, and those with the same have one', () => {
  const other = address([candidate('vultr')], { ip: '203.0.113.6' });
  expect(texts(address([candidate('netcup')]), other)).toEqual([
    '203.0.113.5: netcup (blocks outbound ports 25, 465 and 587 until you unblock them), by its network AS64496',
    '203.0.113.6: Vultr (blocks outbound port 25 until you ask), by its network AS64496',
  ]);
  expect(texts(other, { ...other, ip: '203.0.113.7' })).toHaveLength(1);
});

test('without a look at the provider there is no line', () => {
  expect(providerTexts({ provider: null })).toEqual([]);
});
