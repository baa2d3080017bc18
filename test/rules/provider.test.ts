import { describe, expect, test } from 'vitest';
import { type CheckCase, checkIn, codesOf, resultOf } from '../world/check.ts';
import type { NameScript } from '../world/dns.ts';

const IP = '203.0.113.5';

const origin = (asn: string, prefix = '203.0.113.0/24'): Record<string, NameScript> => ({
  '5.113.0.203.origin.asn.cymru.com': { TXT: [`${asn} | ${prefix} | US | arin | 2020-01-01`] },
});
const named = (name: string): Record<string, NameScript> => ({
  '5.113.0.203.in-addr.arpa': { PTR: [name] },
  [name]: { A: [IP] },
});
const servedBy = (server: string): Record<string, NameScript> => ({ '113.0.203.in-addr.arpa': { NS: [server] } });

interface Case extends Omit<CheckCase, 'dns'> {
  readonly name: string;
  readonly zone: Record<string, NameScript>;
  readonly codes: readonly string[];
}

const cases: Case[] = [
  {
    name: 'two signs name the provider that closes port 25 until asked',
    zone: { ...origin('16509'), ...named('ec2-203-0-113-5.compute-1.amazonaws.com') },
    settings: { provider: 'aws-ec2' },
    codes: ['provider/detected:info', 'provider/port25-restricted:warning'],
  },
  {
    name: 'a provider that closes nothing is just named',
    zone: { ...origin('16276'), ...named('vps-1.vps.ovh.net') },
    codes: ['provider/detected:info'],
  },
  {
    name: 'two signs for one that never opens it',
    zone: { ...origin('14061'), ...servedBy('ns1.digitalocean.com') },
    codes: ['provider/detected:info', 'provider/smarthost-required:error'],
  },
  {
    name: 'the network alone may be a service of its own: no error',
    zone: origin('14061'),
    codes: ['provider/detected:info', 'provider/smarthost-required:warning'],
  },
  {
    name: 'a named host in a network of the provider’s own services: a hint',
    zone: { ...origin('8075'), ...named('mail-1.protection.example.net') },
    codes: ['provider/detected:info', 'provider/port25-restricted:info'],
  },
  {
    name: 'one without a name there: a warning',
    zone: origin('8075'),
    codes: ['provider/detected:info', 'provider/port25-restricted:warning'],
  },
  {
    name: 'two that share a network, of which one closes nothing: a hint',
    zone: origin('24940'),
    codes: ['provider/detected:info', 'provider/port25-restricted:info'],
  },
  {
    name: 'the user says which of them it is',
    zone: origin('24940'),
    settings: { provider: 'hetzner-robot' },
    codes: ['provider/detected:info'],
  },
  { name: 'no sign', zone: {}, codes: ['provider/unknown:info'] },
  { name: 'a network that nobody here is known by', zone: origin('64496'), codes: ['provider/unknown:info'] },
  {
    name: 'no sign, and the network could not be looked up',
    zone: { '5.113.0.203.origin.asn.cymru.com': 'servfail' },
    codes: ['provider/inconclusive:inconclusive'],
  },
  {
    name: 'the network is not asked for where that is switched off',
    zone: { '5.113.0.203.origin.asn.cymru.com': 'servfail' },
    settings: { asnLookup: false },
    codes: ['provider/unknown:info'],
  },
  {
    name: 'a reverse name tells, though the network could not be looked up',
    zone: { '5.113.0.203.origin.asn.cymru.com': 'servfail', ...named('vps-1.vps.ovh.net') },
    codes: ['provider/detected:info'],
  },
  { name: 'without an address', zone: {}, ips: [], codes: ['provider/inconclusive:inconclusive'] },
];

test.each(cases)('$name', async ({ zone, codes, ...rest }) => {
  const report = await checkIn({ ...rest, dns: { zone }, rules: ['provider'] });
  expect(resultOf(report, 'provider').findings.map(({ code, severity }) => `${code}:${severity}`)).toEqual(codes);
});

test('every code but one is met above: none is left out here', async () => {
  expect(await codesOf('provider', { dns: { zone: origin('20473') } })).toEqual([
    'provider/detected',
    'provider/port25-restricted',
  ]);
});

describe('detection', () => {
  const detected = async (world: CheckCase) => {
    const report = await checkIn({ ...world, rules: ['provider'] });
    const found = resultOf(report, 'provider').findings.find(({ code }) => code === 'provider/detected');
    return found?.evidence;
  };

  test('two rows that share a network are both offered', async () => {
    const evidence = await detected({ dns: { zone: origin('16509') } });
    expect(evidence?.candidates).toMatchObject([{ provider: 'aws-ec2' }, { provider: 'aws-lightsail' }]);
    expect(evidence?.certainty).toBe('low');
  });

  test('of several prefixes the longest counts', async () => {
    const zone = {
      '5.113.0.203.origin.asn.cymru.com': {
        TXT: ['64496 | 203.0.0.0/16 | US | arin | 2020-01-01', '63949 | 203.0.113.0/24 | US | arin | 2020-01-01'],
      },
    };
    expect((await detected({ dns: { zone } }))?.candidates).toMatchObject([{ provider: 'linode' }]);
  });

  test('an IPv6 address is looked up by its nibbles', async () => {
    const nibbles = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2`;
    const zone = { [`${nibbles}.origin6.asn.cymru.com`]: { TXT: ['63949 | 2001:db8::/32 | US | arin | 2020-01-01'] } };
    const evidence = await detected({ dns: { zone }, ips: ['2001:db8::5'] });
    expect(evidence?.candidates).toMatchObject([{ provider: 'linode' }]);
  });

  test('a provider that is gone says what became of it', async () => {
    const report = await checkIn({ dns: { zone: {} }, settings: { provider: 'gogrid' }, rules: ['provider'] });
    expect(resultOf(report, 'provider').findings[0]?.message).toMatch(/GoGrid.*Rackspace/);
  });

  test('a public address is never asked about when that is switched off', async () => {
    const report = await checkIn(
      { dns: { zone: {} }, settings: { asnLookup: false }, rules: ['provider'] },
      { transcript: true },
    );
    expect(report.transcript?.dns.filter(({ name }) => name.includes('cymru'))).toEqual([]);
  });
});
