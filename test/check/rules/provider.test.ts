import { expect } from 'vitest';
import provider from '../../../src/check/rules/provider/rule.ts';
import { allLists } from '../../../src/knowledge/lists/catalogue.ts';
import { providerOf } from '../../../src/knowledge/providers/catalogue.ts';
import { NOW } from '../../world/clock.ts';
import { type ExpectedFinding, type RuleCase, ruleTest } from '../../world/rule-test.ts';
import { listZone } from '../../world/world.ts';
import type { NameScript } from '../../world/zone.ts';

type Code = keyof typeof provider.findings;
type Case = RuleCase<Code>;
type Found = Code | ExpectedFinding<Code>;

const IP = '203.0.113.5';
const about = { ip: IP };
const originName = '5.113.0.203.origin.asn.cymru.com';

const origin = (asn: string, prefix = '203.0.113.0/24'): Record<string, NameScript> => ({
  [originName]: { TXT: [`${asn} | ${prefix} | US | arin | 2020-01-01`] },
});
const named = (name: string): Record<string, NameScript> => ({
  '5.113.0.203.in-addr.arpa': { PTR: [name] },
  [name]: { A: [IP] },
});
const servedBy = (server: string): Record<string, NameScript> => ({ '113.0.203.in-addr.arpa': { NS: [server] } });

const detected = 'provider/detected';
const restricted = (severity: 'error' | 'warning' | 'info'): Found => ({
  code: 'provider/port25-restricted',
  severity,
});
/** One finding for an address that may be at several providers. */
const either = (severity: 'warning' | 'info'): Found => ({ code: 'provider/ambiguous', severity });
const notKnown = 'provider/port25-unknown';
const relayNeeded = (severity: 'error' | 'warning'): Found => ({ code: 'provider/smarthost-required', severity });

/** A world in which a list of Spamhaus has the address, and the check of block lists runs. */
function listed(answer: string, more: Record<string, NameScript> = {}): Pick<Case, 'zone' | 'settings' | 'beside'> {
  const zen = allLists.find(({ zone }) => zone === 'zen.spamhaus.org') ?? expect.unreachable();
  return {
    zone: { ...listZone(zen), '5.113.0.203.zen.spamhaus.org': { A: [answer] }, ...more },
    settings: { dnsblZones: ['zen.spamhaus.org'] },
    beside: ['rbl'],
  };
}

const cases: Case[] = [
  {
    when: 'the provider that the user names closes port 25 until asked, and two signs agree',
    zone: { ...origin('16509'), ...named('ec2-203-0-113-5.compute-1.amazonaws.com') },
    settings: { provider: 'aws-ec2' },
    finds: [detected, restricted('warning')],
  },
  {
    when: 'a provider that closes nothing is just named',
    zone: { ...origin('16276'), ...named('vps-1.vps.ovh.net') },
    finds: [detected],
  },
  {
    when: 'two signs for one that never opens port 25',
    zone: { ...origin('396982'), ...servedBy('ns1.googledomains.com') },
    finds: [detected, relayNeeded('error')],
  },
  {
    when: 'the network alone, which may be a service of its own, is no error',
    zone: origin('40509'),
    finds: [detected, relayNeeded('warning')],
  },
  {
    when: 'a named host in a network of the provider’s own services is worth a hint',
    zone: { ...origin('8075'), ...named('mail-1.protection.example.net') },
    finds: [detected, restricted('info')],
  },
  {
    when: 'a host without a name in a network of the provider’s own services',
    zone: origin('8075'),
    finds: [detected, restricted('warning')],
  },
  {
    when: 'a host whose name leads elsewhere, in a network of the provider’s own services',
    zone: { ...origin('8075'), ...named('mail.example.net'), 'mail.example.net': { A: ['203.0.113.6'] } },
    finds: [detected, restricted('warning')],
  },
  {
    when: 'a host that has kept the name of a customer’s address',
    zone: { ...origin('8075'), ...named('host.cloudapp.azure.com') },
    finds: [detected, restricted('warning')],
  },
  {
    when: 'a name of the tested domain, which a service of the provider’s own does not have',
    zone: { ...origin('8075'), ...named('mail.example.com') },
    finds: [detected, restricted('warning')],
  },
  {
    when: 'a name of the tested domain, where two providers share the network',
    zone: { ...origin('16509'), ...named('mail.example.com') },
    finds: [detected, either('warning')],
  },
  {
    when: 'a name of one provider in the network of another’s services is worth a warning, not a hint',
    zone: { ...origin('8075'), ...named('host.vultrusercontent.com') },
    finds: [detected, either('warning')],
  },
  {
    when: 'a named host of a provider without such services',
    zone: { ...origin('20473'), ...named('mail.example.net') },
    finds: [detected, restricted('warning')],
  },
  {
    when: 'one that never opens port 25, as the user says, is an error without any sign',
    settings: { provider: 'fly-io' },
    finds: [detected, relayNeeded('error')],
  },
  {
    when: 'two that share a network, of which one closes nothing: what holds for each, in one finding',
    zone: origin('24940'),
    finds: [
      detected,
      {
        code: 'provider/ambiguous',
        severity: 'warning',
        subject: IP,
        about,
        says: `${IP} is at Hetzner Cloud (blocks outbound ports 25 and 465 until you ask) or at Hetzner Dedicated (Robot) (leaves outbound port 25 open). The DNS does not show which.`,
        fix: `Find out at which of these providers you rent ${IP}, and run again with --provider hetzner-cloud or --provider hetzner-robot.`,
        details: [{ label: 'Hetzner Cloud' }, { label: 'Hetzner Dedicated (Robot)' }],
        evidence: { ip: IP, port25: 'unknown', candidates: [{ provider: 'hetzner-cloud' }, { egress: 'open' }] },
        remediation: {
          alternatives: [
            {
              label: 'At Hetzner Cloud (its servers are listed at console.hetzner.com)',
              commands: [`mailcheck example.com ${IP} --provider hetzner-cloud`],
            },
            {
              label: 'At Hetzner Dedicated (Robot) (its servers are listed at robot.hetzner.com)',
              commands: [`mailcheck example.com ${IP} --provider hetzner-robot`],
            },
          ],
        },
      },
    ],
  },
  {
    when: 'a named host in a network that two providers share with services of their own is worth a hint',
    zone: { ...origin('16509'), ...named('mail.example.net') },
    finds: [detected, either('info')],
  },
  {
    when: 'the user says which of two that share a network it is',
    zone: origin('24940'),
    settings: { provider: 'hetzner-robot' },
    finds: [detected],
  },
  { when: 'no sign of a provider', finds: ['provider/unknown'] },
  {
    when: 'no sign of a provider, and the name of an end user’s line',
    zone: named('p203-0-113-5.dyn.isp.example'),
    finds: [
      {
        code: 'provider/residential',
        about,
        evidence: { signs: [{ kind: 'ptr', name: 'p203-0-113-5.dyn.isp.example' }] },
        says: /looks like a home or office line, not like a server: its PTR name p203-0-113-5\.dyn\.isp\.example has "dyn"\.$/,
      },
    ],
  },
  {
    when: 'the name of an end user’s line below the tested domain, which its owner chose',
    zone: named('p203-0-113-5.dyn.example.com'),
    finds: ['provider/unknown'],
  },
  {
    when: 'no sign of a provider, and a range that its own operator lists',
    ...listed('127.0.0.10'),
    finds: [
      {
        code: 'provider/residential',
        evidence: { signs: [{ kind: 'list', zone: 'zen.spamhaus.org' }] },
        says: /its operator has it listed on/,
      },
    ],
  },
  {
    when: 'no sign of a provider, and a range that Spamhaus lists',
    ...listed('127.0.0.11'),
    finds: ['provider/unknown'],
  },
  {
    when: 'a range that its own operator lists, which is a hosting provider',
    ...listed('127.0.0.10', origin('16276')),
    finds: [detected],
  },
  {
    when: 'a range that its own operator lists, and no block list is to be asked',
    ...listed('127.0.0.10'),
    beside: [],
    finds: ['provider/unknown'],
    also: ({ asked }) => expect(asked.filter((question) => question.includes('spamhaus'))).toEqual([]),
  },
  {
    when: 'a network that nobody here is known by',
    zone: origin('64496'),
    finds: [
      {
        code: 'provider/unknown',
        subject: IP,
        about,
        evidence: { ip: IP, network: { asns: [64496], prefix: '203.0.113.0/24' }, asked: true },
        says: `The hosting provider of ${IP} was not recognised (network AS64496, 203.0.113.0/24).`,
      },
    ],
    also: ({ findings }) => {
      expect(findings[0]?.rests).toContainEqual({ name: originName, type: 'TXT' });
    },
  },
  {
    when: 'no sign, and a network that could not be looked up',
    zone: { [originName]: 'servfail' },
    finds: [
      {
        code: 'provider/inconclusive',
        subject: IP,
        about,
        evidence: {
          reason: 'lookup-failed',
          ip: IP,
          queries: [{ name: originName, type: 'TXT', rcode: 'servfail' }],
        },
        says: `The hosting provider of ${IP} could not be looked up: DNS lookups failed for TXT of ${originName} (the server failed (SERVFAIL)).`,
        fix: 'Name the provider with --provider (mailcheck providers lists them), or run the check again later.',
      },
    ],
    status: 'inconclusive',
  },
  {
    when: 'the lookup of the network is switched off',
    zone: { [originName]: 'servfail' },
    settings: { asnLookup: false },
    finds: [
      {
        code: 'provider/unknown',
        subject: IP,
        about,
        evidence: { ip: IP, network: null, asked: false },
        fix: /, or run the check without --no-asn-lookup\.$/,
      },
    ],
    also: ({ asked }) => {
      expect(asked.filter((question) => question.includes('cymru'))).toEqual([]);
    },
  },
  {
    when: 'a reverse name tells, though the network could not be looked up',
    zone: { [originName]: 'servfail', ...named('vps-1.vps.ovh.net') },
    finds: [
      detected,
      {
        code: 'provider/inconclusive',
        about,
        evidence: { reason: 'lookup-failed', found: ['OVHcloud'], queries: [{ name: originName }] },
        says: /^It could not be confirmed that .* belongs to OVHcloud: DNS lookups failed for TXT of /,
      },
    ],
    status: 'inconclusive',
  },
  {
    when: 'the name servers of the reverse zone cannot be looked up',
    zone: { ...named('vps-1.vps.ovh.net'), '113.0.203.in-addr.arpa': { NS: 'servfail' } },
    finds: [
      detected,
      {
        code: 'provider/inconclusive',
        about,
        evidence: { reason: 'lookup-failed', queries: [{ name: '113.0.203.in-addr.arpa', type: 'NS' }] },
      },
    ],
    status: 'inconclusive',
  },
  {
    when: 'no address to test',
    ips: [],
    finds: [
      {
        code: 'provider/inconclusive',
        subject: 'example.com',
        about: {},
        evidence: { reason: 'no-address' },
        says: 'There is no address to test: you gave none, and the MX hosts have none.',
      },
    ],
  },
];

const control = { '198.51.100.3:443': {} };
const open = { ...control, '198.51.100.1': {} };

/** Where port 25 is seen from the host itself, that counts more than what the provider publishes. */
const seenFromHere: Case[] = (
  [
    ['port 25 is open, though the provider never opens it', '40509', undefined, open, []],
    ['port 25 is closed: the network alone is sign enough', '40509', undefined, control, [relayNeeded('error')]],
    ['port 25 is blocked until you ask, and seen to be closed', '63949', 'linode', control, [restricted('error')]],
    [
      'port 25 is closed, but it may be the provider that closes nothing',
      '24940',
      undefined,
      control,
      [either('warning')],
    ],
    ['port 25 is open: it does not matter which of two it is', '24940', undefined, open, [either('info')]],
    ['nothing answers: as published', '40509', undefined, {}, [relayNeeded('warning')]],
    ['nothing answers, and nothing is published', '60781', undefined, {}, [notKnown]],
    ['port 25 is closed, and nothing is published', '60781', undefined, control, []],
    ['port 25 is open, and nothing is published', '60781', undefined, open, []],
  ] as const
).map(([when, asn, given, hosts, policies]) => {
  const isClosed = hosts === control;
  const port25 = isClosed ? 'blocked' : hosts === open ? 'open' : 'unknown';
  return {
    when: `seen from the host itself, ${when}`,
    zone: origin(asn),
    hosts,
    beside: ['egress'],
    settings: {
      vantage: 'self',
      egressTargets: [{ host: '198.51.100.1', port: 25 }],
      egressControls: [{ host: '198.51.100.3', port: 443 }],
      ...(given === undefined ? {} : { provider: given }),
    },
    finds: [
      detected,
      ...policies.map((policy) => ({
        ...(typeof policy === 'string' ? { code: policy } : policy),
        evidence: { port25 },
        ...(policy === notKnown || (typeof policy !== 'string' && policy.code === 'provider/ambiguous')
          ? {}
          : { says: isClosed ? / The test on the host found port 25 blocked\.$/ : / blocks outbound port 25\.$/ }),
      })),
    ],
  };
});

const published: Case[] = (
  [
    ['ovhcloud', 'open', undefined, /./],
    ['leaseweb', 'unknown', 'provider/port25-unknown', /^It is not known whether Leaseweb blocks outbound port 25\.$/],
    ['third-party-email', 'not-needed', undefined, /./],
    ['unknown', 'unknown', 'provider/port25-unknown', /^It is not known whether the network of 203\.0\.113\.5 blocks /],
    ['equinix-metal', 'unknown', undefined, /./],
    ['hostinger', 'throttled', 'provider/port25-restricted', /limits or blocks outbound port 25 \(not confirmed\)\.$/],
    ['vultr', 'blocked-by-default', 'provider/port25-restricted', / blocks outbound port 25 until you ask\.$/],
    ['upcloud', 'blocked-by-default', 'provider/port25-restricted', / blocks outbound port 25 until you ask\.$/],
    ['netcup', 'blocked-by-default', 'provider/port25-restricted', / ports 25, 465 and 587 until you unblock them\.$/],
    ['azure', 'blocked-by-default', 'provider/port25-restricted', / blocks outbound port 25 for most customers\.$/],
    [
      'linode',
      'blocked-new-accounts',
      'provider/port25-restricted',
      / blocks outbound ports 25, 465 and 587 for new accounts\.$/,
    ],
    ['vercel', 'blocked', 'provider/smarthost-required', / blocks outbound port 25\.$/],
  ] as const
).map(([id, egress, code, says]) => {
  const row = providerOf(id);
  const policy = code && {
    code,
    subject: IP,
    about: { ip: IP, item: id },
    says,
    evidence: {
      ip: IP,
      provider: id,
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
    remediation:
      code === 'provider/port25-unknown'
        ? { commands: [`mailcheck example.com ${IP} --on-host`] }
        : { atProvider: { action: 'open-port-25', provider: id } },
  };
  return {
    when: `${id}, whose port 25 is ${egress} as published`,
    settings: { provider: id },
    finds: [
      {
        code: detected,
        subject: IP,
        about,
        evidence: {
          ip: IP,
          certainty: 'given',
          candidates: [{ provider: id, name: row?.name, signals: [{ kind: 'given', value: id }] }],
          network: null,
        },
      },
      ...(policy ? [policy] : []),
    ],
    also: () => {
      expect(row?.port25.egress).toBe(egress);
    },
  };
});

const nibbles = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2`;

const detection: Case[] = [
  {
    when: 'two rows that share a network are both offered',
    zone: origin('16509'),
    finds: [
      {
        code: detected,
        evidence: { certainty: 'low', candidates: [{ provider: 'aws-ec2' }, { provider: 'aws-lightsail' }] },
        fix: 'Run the check with the right provider, so that the steps fit: --provider aws-ec2 or --provider aws-lightsail.',
      },
      either('warning'),
    ],
  },
  {
    when: 'the default name and the reverse zone of an address do not tell EC2 from Lightsail',
    zone: {
      ...origin('14618'),
      ...named('ec2-203-0-113-5.compute-1.amazonaws.com'),
      ...servedBy('x1.amazonaws.com'),
    },
    finds: [
      { code: detected, evidence: { candidates: [{ provider: 'aws-ec2' }, { provider: 'aws-lightsail' }] } },
      either('warning'),
    ],
  },
  {
    when: 'two addresses at different providers: the command to say which one is for one address alone',
    ips: [IP, '198.51.100.9'],
    zone: {
      ...origin('24940'),
      '9.100.51.198.origin.asn.cymru.com': { TXT: ['16276 | 198.51.100.0/24 | US | arin | 2020-01-01'] },
    },
    finds: [
      detected,
      {
        code: 'provider/ambiguous',
        about,
        remediation: {
          alternatives: [
            { commands: [`mailcheck example.com ${IP} --provider hetzner-cloud`] },
            { commands: [`mailcheck example.com ${IP} --provider hetzner-robot`] },
          ],
        },
      },
      { code: detected, about: { ip: '198.51.100.9' }, evidence: { candidates: [{ provider: 'ovhcloud' }] } },
    ],
  },
  {
    when: 'two addresses that may be at the same two providers: one thing to find out, and one command for both',
    ips: [IP, '198.51.100.9', '192.0.2.9'],
    zone: {
      ...origin('24940'),
      '9.100.51.198.origin.asn.cymru.com': { TXT: ['24940 | 198.51.100.0/24 | US | arin | 2020-01-01'] },
      '9.2.0.192.origin.asn.cymru.com': { TXT: ['16276 | 192.0.2.0/24 | US | arin | 2020-01-01'] },
    },
    finds: [IP, '198.51.100.9']
      .flatMap((ip): Found[] => [
        { code: detected, about: { ip } },
        {
          code: 'provider/ambiguous',
          about: { ip },
          fix: `Find out at which of these providers you rent ${IP} and 198.51.100.9, and run again with --provider hetzner-cloud or --provider hetzner-robot.`,
          evidence: { ip, alike: [IP, '198.51.100.9'] },
          remediation: {
            alternatives: [
              { commands: [`mailcheck example.com ${IP} 198.51.100.9 --provider hetzner-cloud`] },
              { commands: [`mailcheck example.com ${IP} 198.51.100.9 --provider hetzner-robot`] },
            ],
          },
        },
      ])
      .concat({ code: detected, about: { ip: '192.0.2.9' } }),
  },
  {
    when: 'the network of a provider that is gone and renamed: no choice between two that nobody rents from',
    zone: origin('26228'),
    finds: [{ code: detected, evidence: { candidates: [{ provider: 'gogrid' }] } }],
  },
  {
    when: 'of several prefixes the longest counts',
    zone: {
      [originName]: {
        TXT: ['64496 | 203.0.0.0/16 | US | arin | 2020-01-01', '63949 | 203.0.113.0/24 | US | arin | 2020-01-01'],
      },
    },
    finds: [{ code: detected, evidence: { candidates: [{ provider: 'linode' }] } }, restricted('warning')],
  },
  {
    when: 'an IPv6 address is looked up by its nibbles',
    ips: ['2001:db8::5'],
    zone: { [`${nibbles}.origin6.asn.cymru.com`]: { TXT: ['63949 | 2001:db8::/32 | US | arin | 2020-01-01'] } },
    finds: [{ code: detected, evidence: { candidates: [{ provider: 'linode' }] } }, restricted('warning')],
  },
  {
    when: 'a provider that is gone says what became of it, marked as not confirmed',
    settings: { provider: 'gogrid' },
    finds: [{ code: detected, says: /GoGrid .*Rackspace bought Datapipe.* \(not confirmed\)$/ }],
  },
];

const YEAR_MS = 365 * 86_400_000;

/** What is known of a provider ages by the clock of the run. */
const aged: Case[] = [
  {
    when: 'what is known of the provider is recent',
    now: NOW,
    settings: { provider: 'vultr' },
    finds: [
      detected,
      {
        code: 'provider/port25-restricted',
        says: 'Vultr blocks outbound port 25 until you ask.',
        evidence: { checkedOn: providerOf('vultr')?.verifiedOn, confirmed: true },
      },
    ],
    also: ({ report }) => {
      expect(report.provider?.addresses[0]?.candidates[0]?.confirmed).toBe(true);
    },
  },
  {
    when: 'what is known of the provider is three years older',
    now: NOW + 3 * YEAR_MS,
    settings: { provider: 'vultr' },
    finds: [
      detected,
      {
        code: 'provider/port25-restricted',
        says: 'Vultr blocks outbound port 25 until you ask (not confirmed).',
        fix: /\(not confirmed\)/,
        evidence: { confirmed: false },
      },
    ],
    also: ({ report }) => {
      expect(report.provider?.addresses[0]?.candidates[0]?.confirmed).toBe(false);
    },
  },
];

const behind = { reason: 'behind-proxy' } as const;

/** Addresses of a web proxy are not tested. */
const proxied: Case[] = [
  {
    when: 'the addresses given are a web proxy’s and the host’s own',
    ips: ['104.21.10.20', IP],
    finds: [
      {
        code: 'provider/web-proxy',
        about: { ip: '104.21.10.20' },
        says: '104.21.10.20 is an address of Cloudflare’s web proxy, so it was not tested.',
        fix: /"DNS only" \(grey cloud\)\. Its address record must hold the mail server’s own address\.$/,
        remediation: { commands: ['ip address'] },
      },
      { code: 'provider/unknown', about },
    ],
    also: ({ report, asked }) => {
      expect(report.target.ips).toEqual([IP]);
      expect(asked.filter((question) => question.includes('20.10.21.104'))).toEqual([]);
    },
  },
  {
    when: 'the only address given is a web proxy’s',
    ips: ['104.21.10.20'],
    finds: [
      {
        code: 'provider/inconclusive',
        evidence: { ...behind, proxied: [{ ip: '104.21.10.20', proxy: 'Cloudflare', name: null, confirmed: true }] },
        fix: /"DNS only".* Pass the mail server’s own address, the one behind the proxy, after the domain\.$/,
        says: 'There is no address to test: 104.21.10.20 is an address of Cloudflare’s web proxy, which sends no mail.',
        remediation: { commands: ['mailcheck example.com ADDRESS'] },
      },
    ],
  },
  {
    when: 'the MX host leads to a web proxy, and no address is given',
    ips: [],
    zone: {
      'example.com': { MX: ['10 mail.example.com'] },
      'mail.example.com': { A: ['104.21.10.20'], AAAA: ['2606:4700:3031::1'] },
    },
    finds: [
      {
        code: 'provider/inconclusive',
        evidence: behind,
        says: 'There is no address to test: mail.example.com resolves to 104.21.10.20, 2606:4700:3031::1, addresses of Cloudflare’s web proxy, which sends no mail.',
      },
    ],
    also: ({ report }) => expect(report.target.ips).toEqual([]),
  },
  ...(
    [
      ['another MX host', 'mx2.example.com', { A: [IP] }, [IP]],
      [
        'a mail host of the operator of the proxy',
        'route1.mx.cloudflare.net',
        { A: ['162.159.205.11'] },
        ['162.159.205.11'],
      ],
      ['a host in no network of a proxy', 'mx2.example.com', { A: ['104.15.255.255'] }, ['104.15.255.255']],
    ] as const
  ).map(
    ([what, name, script, ips]): Case => ({
      when: `no address is given, and beside an MX host behind a web proxy there is ${what}`,
      ips: [],
      zone: {
        'example.com': { MX: ['10 mail.example.com', `20 ${name}`] },
        'mail.example.com': { CNAME: ['example.b-cdn.net'] },
        'example.b-cdn.net': { A: ['198.51.100.7'] },
        [name]: script,
      },
      finds: [],
      never: ['provider/inconclusive'],
      also: ({ report }) => expect(report.target.ips).toEqual(ips),
    }),
  ),
];

const akamaiName = 'a203-0-113-5.deploy.static.akamaitechnologies.com';
const edgeFound = {
  code: 'provider/web-proxy',
  about,
  says: `${IP} is an address of Akamai’s web proxy (not confirmed), so it was not tested.`,
  fix: /^Run the check with the mail server’s own address, not that of the proxy\. On the mail server, this command shows it\. .* to Akamai with an A record\. Its address record must hold the mail server’s own address\.$/,
} as const;
const nothingLeft = {
  code: 'provider/inconclusive',
  evidence: behind,
  remediation: { commands: ['mailcheck example.com ADDRESS'] },
} as const;

/** Edge servers of a web proxy that publishes no networks are known by their PTR name and their network. */
const edges: Case[] = [
  {
    when: 'an edge server, known by its PTR name and its network',
    zone: { ...origin('20940'), ...named(akamaiName) },
    finds: [edgeFound, nothingLeft],
    also: ({ report }) => {
      expect(report.target.ips).toEqual([]);
      expect(report.provider?.addresses ?? []).toEqual([]);
      expect(JSON.stringify(report)).not.toMatch(/Workers|Linode/);
    },
  },
  {
    when: 'an edge server, known by its network alone',
    zone: origin('16625'),
    finds: [edgeFound, nothingLeft],
  },
  {
    when: 'an edge server in the network of an access provider, known by its PTR name alone',
    zone: { ...origin('64500'), ...named(akamaiName) },
    finds: [edgeFound, nothingLeft],
  },
  {
    when: 'an edge server beside the host’s own address, which is tested',
    ips: [IP, '198.51.100.7'],
    zone: origin('20940'),
    finds: [edgeFound, { code: 'provider/unknown', about: { ip: '198.51.100.7' } }],
    also: ({ report }) => expect(report.target.ips).toEqual(['198.51.100.7']),
  },
  {
    when: 'a mail server with the PTR name of an edge server, since the operator of the proxy sends mail too',
    zone: { ...origin('20940'), ...named(akamaiName) },
    hosts: { [IP]: {} },
    finds: ['provider/unknown'],
  },
  {
    when: 'a mail server with the PTR name of an edge server, which turns this client away',
    zone: { ...origin('20940'), ...named(akamaiName) },
    hosts: { [IP]: { greeting: '554 no' } },
    finds: ['provider/unknown'],
  },
  {
    when: 'a host of Linode, which has the owner of a web proxy',
    zone: { ...origin('63949'), ...named('203-0-113-5.ip.linodeusercontent.com') },
    finds: [detected, restricted('warning')],
  },
  {
    when: 'a mail server of Google',
    zone: { ...origin('15169'), ...named('ej-in-f27.1e100.net') },
    never: ['provider/web-proxy'],
  },
  {
    when: 'the lookups fail that would tell an edge server: the address is not called one',
    zone: { [originName]: 'servfail', '5.113.0.203.in-addr.arpa': 'servfail' },
    finds: [{ code: 'provider/inconclusive', evidence: { reason: 'lookup-failed' } }],
  },
];

ruleTest(provider, [...proxied, ...edges, ...cases, ...seenFromHere, ...published, ...detection, ...aged]);
