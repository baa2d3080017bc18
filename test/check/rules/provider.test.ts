import { describe, expect, test } from 'vitest';
import { providerOf } from '../../../src/knowledge/providers/catalogue.ts';
import { type CheckCase, checkIn, findingsOf, resultOf } from '../../world/check.ts';
import { NOW } from '../../world/clock.ts';
import type { NameScript } from '../../world/dns.ts';

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
    name: 'one whose name leads elsewhere: a warning',
    zone: { ...origin('8075'), ...named('mail.example.net'), 'mail.example.net': { A: ['203.0.113.6'] } },
    codes: ['provider/detected:info', 'provider/port25-restricted:warning'],
  },
  {
    name: 'one that has kept the name of a customer’s address: a warning',
    zone: { ...origin('8075'), ...named('host.cloudapp.azure.com') },
    codes: ['provider/detected:info', 'provider/port25-restricted:warning'],
  },
  {
    name: 'a name of one provider in the network of another’s services: warnings, not a hint',
    zone: { ...origin('8075'), ...named('host.vultrusercontent.com') },
    codes: ['provider/detected:info', 'provider/port25-restricted:warning', 'provider/port25-restricted:warning'],
  },
  {
    name: 'a named host of a provider without such services: a warning',
    zone: { ...origin('20473'), ...named('mail.example.net') },
    codes: ['provider/detected:info', 'provider/port25-restricted:warning'],
  },
  {
    name: 'one that never opens it, as the user says: an error without any sign',
    zone: {},
    settings: { provider: 'digitalocean' },
    codes: ['provider/detected:info', 'provider/smarthost-required:error'],
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

/** Where port 25 is seen to be open or closed from the host itself. */
describe('what is seen counts more than what is published', () => {
  const probe = {
    vantage: 'self',
    egressTargets: [{ host: '198.51.100.1', port: 25 }],
    egressControls: [{ host: '198.51.100.3', port: 443 }],
  } as const;
  const control = { '198.51.100.3:443': {} };
  const open = { ...control, '198.51.100.1': {} };
  test.each<
    [name: string, asn: string, provider: string | undefined, hosts: NonNullable<CheckCase['hosts']>, codes: string[]]
  >([
    ['open, though it never opens it', '14061', undefined, open, ['provider/detected:info']],
    [
      'closed: the network alone is sign enough',
      '14061',
      undefined,
      control,
      ['provider/detected:info', 'provider/smarthost-required:error'],
    ],
    [
      'closed until asked, and closed indeed',
      '63949',
      'linode',
      control,
      ['provider/detected:info', 'provider/port25-restricted:error'],
    ],
    [
      'closed, but it may be the provider that closes nothing',
      '24940',
      undefined,
      control,
      ['provider/detected:info', 'provider/port25-restricted:info'],
    ],
    [
      'nothing answers: as published',
      '14061',
      undefined,
      {},
      ['provider/detected:info', 'provider/smarthost-required:warning'],
    ],
  ])('%s', async (_, asn, provider, hosts, codes) => {
    const settings = { ...probe, ...(provider === undefined ? {} : { provider }) };
    const report = await checkIn({ dns: { zone: origin(asn) }, hosts, settings, rules: ['provider', 'egress'] });
    const found = resultOf(report, 'provider').findings;
    expect(found.map(({ code, severity }) => `${code}:${severity}`)).toEqual(codes);
    const seen = hosts === control ? 'blocked' : 'unknown';
    for (const { evidence } of found.slice(1)) expect(evidence).toMatchObject({ port25: seen });
  });
});

describe('what is published of port 25', () => {
  test.each<[provider: string, egress: string, code: string | undefined, words: RegExp]>([
    ['ovhcloud', 'open', undefined, /./],
    ['upcloud', 'unknown', undefined, /./],
    ['contabo', 'throttled', 'provider/port25-restricted', /slows down or closes outbound port 25\.$/],
    ['vultr', 'blocked-by-default', 'provider/port25-restricted', / closes outbound port 25\.$/],
    ['linode', 'blocked-new-accounts', 'provider/port25-restricted', / closes outbound port 25 for new accounts\.$/],
    ['vercel', 'blocked', 'provider/smarthost-required', / keeps outbound port 25 closed\.$/],
  ])('%s: %s', async (provider, egress, code, words) => {
    const found = await findingsOf('provider', { dns: { zone: {} }, settings: { provider } });
    const row = providerOf(provider);
    expect(row?.port25.egress).toBe(egress);
    const detected = {
      code: 'provider/detected',
      subject: IP,
      evidence: {
        ip: IP,
        certainty: 'given',
        candidates: [{ provider, name: row?.name, signals: [{ kind: 'given', value: provider }] }],
        network: null,
      },
    };
    const policy = {
      code,
      subject: IP,
      message: expect.stringMatching(words),
      evidence: {
        ip: IP,
        provider,
        name: row?.name,
        egress,
        unblock: row?.port25.unblock,
        note: row?.port25.note,
        url: row?.port25.url,
        checkedOn: row?.verifiedOn,
        confidence: row?.confidence,
        certainty: 'given',
        port25: 'unknown',
      },
    };
    expect(found).toMatchObject(code === undefined ? [detected] : [detected, policy]);
  });
});

test.each<[name: string, world: CheckCase, expected: { code: string; subject: string; evidence: object }]>([
  [
    'no address to test',
    { dns: { zone: {} }, ips: [] },
    {
      code: 'provider/inconclusive',
      subject: 'example.com',
      evidence: {
        reason: 'There is no address to test: none was given and the MX hosts have none that could be found',
      },
    },
  ],
  [
    'a network that could not be looked up',
    { dns: { zone: { '5.113.0.203.origin.asn.cymru.com': 'servfail' } } },
    {
      code: 'provider/inconclusive',
      subject: IP,
      evidence: {
        reason: `Whose address ${IP} is, could not be looked up`,
        ip: IP,
        queries: [{ name: '5.113.0.203.origin.asn.cymru.com', type: 'TXT', rcode: 'servfail' }],
      },
    },
  ],
  [
    'a network that nobody here is known by',
    { dns: { zone: origin('64496') } },
    {
      code: 'provider/unknown',
      subject: IP,
      evidence: { ip: IP, network: { asns: [64496], prefix: '203.0.113.0/24' }, asked: true },
    },
  ],
  [
    'a network that was not asked for',
    { dns: { zone: {} }, settings: { asnLookup: false } },
    { code: 'provider/unknown', subject: IP, evidence: { ip: IP, network: null, asked: false } },
  ],
])('nothing known of the address: %s', async (_, world, expected) => {
  expect(await findingsOf('provider', world)).toMatchObject([expected]);
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

describe('what is known of a provider ages', () => {
  const YEAR_MS = 365 * 86_400_000;
  const policyOf = async (now: number) => {
    const world = { dns: { zone: {} }, settings: { provider: 'vultr' }, rules: ['provider'] };
    const report = await checkIn(world, { clock: { now: () => now } });
    return {
      finding: resultOf(report, 'provider').findings.at(-1),
      candidate: report.provider?.addresses[0]?.candidates[0],
    };
  };

  test('by the clock of the run: recent', async () => {
    const { finding, candidate } = await policyOf(NOW);
    expect(finding?.message).toBe('Vultr closes outbound port 25.');
    expect(finding?.evidence).toMatchObject({ checkedOn: providerOf('vultr')?.verifiedOn, confirmed: true });
    expect(candidate?.confirmed).toBe(true);
  });

  test('by the clock of the run: three years later', async () => {
    const { finding, candidate } = await policyOf(NOW + 3 * YEAR_MS);
    expect(finding?.message).toBe('Vultr (not confirmed) closes outbound port 25.');
    expect(finding?.remediation.summary).toContain('(not confirmed)');
    expect(finding?.evidence).toMatchObject({ confirmed: false });
    expect(candidate?.confirmed).toBe(false);
  });

  test('the history of one that is gone is marked', async () => {
    const [detected] = await findingsOf('provider', { dns: { zone: {} }, settings: { provider: 'gogrid' } });
    expect(detected?.message).toMatch(/GoGrid .*Rackspace bought Datapipe.* \(not confirmed\)$/);
  });
});
