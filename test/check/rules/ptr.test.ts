import { describe, expect, test } from 'vitest';
import { judgeReverseName } from '../../../src/knowledge/providers/reverse-name.ts';
import type { IpAddress } from '../../../src/network/ip.ts';
import { type CheckCase, codesOf, findingsOf } from '../../world/check.ts';
import type { NameScript } from '../../world/dns.ts';

const reverse4 = '5.113.0.203.in-addr.arpa';
const reverse6 = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;
const named = (...names: string[]): NameScript => ({ PTR: names });
const at = (ip: string): NameScript => ({ A: [ip] });

/** A code, and what its evidence holds besides the address. */
type Expected = readonly [code: string, evidence: object];

const wanted = 'mail.example.com';
const servfail = { rcode: 'servfail' };
const namesUpTo = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.example.com`);

const cases: [name: string, zone: Record<string, NameScript>, findings: readonly Expected[]][] = [
  [
    'one name of its own that leads back',
    { [reverse4]: named('mail.example.com'), 'mail.example.com': at('203.0.113.5') },
    [],
  ],
  [
    'upper case and other addresses beside',
    { [reverse4]: named('MAIL.example.com'), 'mail.example.com': { A: ['192.0.2.1', '203.0.113.5'] } },
    [],
  ],
  [
    'RFC 2317: the reverse name is an alias',
    {
      [reverse4]: { CNAME: ['5.0-7.113.0.203.in-addr.arpa'] },
      '5.0-7.113.0.203.in-addr.arpa': named('mail.example.com'),
      'mail.example.com': at('203.0.113.5'),
    },
    [],
  ],
  [
    'RFC 1912 §2.1: NXDOMAIN',
    {},
    [['ptr/missing', { query: { name: reverse4, rcode: 'nxdomain' }, zone: 'in-addr.arpa', wanted }]],
  ],
  ['NODATA', { [reverse4]: { TXT: ['x'] } }, [['ptr/missing', { query: { name: reverse4, rcode: 'nodata' }, wanted }]]],
  [
    'RFC 8601 §3: the name has no address',
    { [reverse4]: named('a.example.com') },
    [['ptr/forward-missing', { ptr: 'a.example.com', wanted, query: { type: 'A', rcode: 'nxdomain' } }]],
  ],
  [
    'the name has an address of the other family only',
    { [reverse4]: named('mail.example.com'), 'mail.example.com': { AAAA: ['2001:db8::5'] } },
    [['ptr/forward-missing', { ptr: 'mail.example.com', query: { type: 'A', rcode: 'nodata' } }]],
  ],
  [
    'RFC 8601 §3: the name leads elsewhere',
    { [reverse4]: named('a.example.com'), 'a.example.com': at('203.0.113.6') },
    [['ptr/forward-mismatch', { ptr: 'a.example.com', wanted, addresses: ['203.0.113.6'] }]],
  ],
  [
    'two names, and neither leads back',
    { [reverse4]: named('a.example.com', 'b.example.com'), 'b.example.com': at('203.0.113.6') },
    [
      ['ptr/forward-missing', { ptr: 'a.example.com' }],
      ['ptr/forward-mismatch', { ptr: 'b.example.com' }],
      ['ptr/multiple', { confirmed: [] }],
    ],
  ],
  [
    'several names, all confirmed',
    {
      [reverse4]: named('a.example.com', 'b.example.com'),
      'a.example.com': at('203.0.113.5'),
      'b.example.com': at('203.0.113.5'),
    },
    [
      [
        'ptr/multiple',
        {
          names: ['a.example.com', 'b.example.com'],
          confirmed: ['a.example.com', 'b.example.com'],
          ignored: [],
        },
      ],
    ],
  ],
  [
    'confirmed by the second of two names',
    { [reverse4]: named('a.example.com', 'b.example.com'), 'b.example.com': at('203.0.113.5') },
    [
      [
        'ptr/partly-confirmed',
        {
          names: [
            { name: 'a.example.com', confirmation: 'absent' },
            { name: 'b.example.com', confirmation: 'confirmed' },
          ],
        },
      ],
      ['ptr/multiple', { names: ['a.example.com', 'b.example.com'], confirmed: ['b.example.com'] }],
    ],
  ],
  [
    'more than ten names',
    { [reverse4]: named(...namesUpTo(12)), '*.example.com': at('203.0.113.5') },
    [
      [
        'ptr/multiple',
        { names: namesUpTo(10), confirmed: namesUpTo(10), ignored: ['n10.example.com', 'n11.example.com'] },
      ],
    ],
  ],
  [
    'a default name made of the address',
    { [reverse4]: named('static.203-0-113-5.example.net'), 'static.203-0-113-5.example.net': at('203.0.113.5') },
    [['ptr/generic', { ptr: 'static.203-0-113-5.example.net', wanted, pattern: 'ip-in-name', match: '203-0-113-5' }]],
  ],
  [
    'an end-user line, though the name is made of the address too',
    { [reverse4]: named('dsl-203-0-113-5.example.net'), 'dsl-203-0-113-5.example.net': at('203.0.113.5') },
    [['ptr/dynamic', { ptr: 'dsl-203-0-113-5.example.net', wanted, token: 'dsl' }]],
  ],
  [
    'an underscore',
    { [reverse4]: named('my_host.example.com'), 'my_host.example.com': at('203.0.113.5') },
    [
      [
        'ptr/invalid-name',
        { ptr: 'my_host.example.com', wanted, reason: 'it has characters that a host name cannot have' },
      ],
    ],
  ],
  [
    'an impossible name beside a good one, which is not judged by it',
    { [reverse4]: named('localhost', 'mail.example.com'), 'mail.example.com': at('203.0.113.5') },
    [
      ['ptr/invalid-name', { ptr: 'localhost' }],
      ['ptr/multiple', { confirmed: ['mail.example.com'] }],
    ],
  ],
  [
    'SERVFAIL in the reverse tree',
    { [reverse4]: 'servfail' },
    [
      [
        'ptr/inconclusive',
        {
          reason: 'The reverse name of 203.0.113.5 could not be looked up: the server failed (SERVFAIL)',
          query: { name: reverse4, ...servfail },
        },
      ],
    ],
  ],
  [
    'SERVFAIL of the forward name',
    { [reverse4]: named('mail.example.com'), 'mail.example.com': 'servfail' },
    [
      [
        'ptr/inconclusive',
        {
          reason:
            'The address of mail.example.com, the reverse name of 203.0.113.5, could not be looked up: the server failed (SERVFAIL)',
          query: { name: 'mail.example.com', type: 'A', ...servfail },
        },
      ],
    ],
  ],
  [
    'REFUSED of one name, the other confirmed',
    {
      [reverse4]: named('a.example.com', 'b.example.com'),
      'a.example.com': 'refused',
      'b.example.com': at('203.0.113.5'),
    },
    [
      ['ptr/inconclusive', { query: { name: 'a.example.com', rcode: 'refused' } }],
      ['ptr/multiple', { confirmed: ['b.example.com'] }],
    ],
  ],
];

test.each(cases)('%s', async (_, zone, expected) => {
  expect(await findingsOf('ptr', { dns: { zone } })).toMatchObject(
    expected.map(([code, evidence]) => ({
      code,
      subject: '203.0.113.5',
      evidence: { ip: '203.0.113.5', ...evidence },
    })),
  );
});

test('IPv6: nibbles, and AAAA confirms', async () => {
  const zone = {
    [reverse6]: named('mail.example.com'),
    'mail.example.com': { AAAA: ['2001:db8::5'], A: ['203.0.113.5'] },
  };
  expect(await codesOf('ptr', { dns: { zone }, ips: ['2001:db8::5'] })).toEqual([]);
  expect(
    await codesOf('ptr', {
      dns: { zone: { [reverse6]: named('mail.example.com'), 'mail.example.com': { A: ['203.0.113.5'] } } },
      ips: ['2001:db8::5'],
    }),
  ).toEqual(['ptr/forward-missing']);
});

test('every address is judged by itself, and no address at all is unknown', async () => {
  const zone = { [reverse4]: named('mail.example.com'), 'mail.example.com': at('203.0.113.5') };
  expect(await findingsOf('ptr', { dns: { zone }, ips: ['203.0.113.5', '203.0.113.6'] })).toMatchObject([
    { code: 'ptr/missing', subject: '203.0.113.6' },
  ]);
  const reason = 'There is no address to test: none was given and the MX hosts have none that could be found';
  expect(await findingsOf('ptr', { dns: { zone: { 'example.com': { TXT: [] } } }, ips: [] })).toMatchObject([
    { code: 'ptr/inconclusive', subject: 'example.com', evidence: { reason } },
  ]);
});

test('names beyond the tenth are counted, not listed', async () => {
  const messageFor = async (count: number): Promise<string | undefined> => {
    const zone = { [reverse4]: named(...namesUpTo(count)), '*.example.com': at('203.0.113.5') };
    return (await findingsOf('ptr', { dns: { zone } }))[0]?.message;
  };
  const ten = namesUpTo(10).join(', ');
  expect(await messageFor(10)).toBe(`203.0.113.5 has 10 reverse names: ${ten}.`);
  expect(await messageFor(12)).toBe(`203.0.113.5 has 12 reverse names: ${ten} and 2 more.`);
});

test('a name whose address could not be looked up is not one to delete', async () => {
  const zone = {
    [reverse4]: named('a.example.com', 'b.example.com', 'c.example.com', 'd.example.com'),
    'a.example.com': 'servfail',
    'b.example.com': at('203.0.113.5'),
    'c.example.com': at('203.0.113.6'),
  } as const;
  const found = (await findingsOf('ptr', { dns: { zone } })).find(({ code }) => code === 'ptr/partly-confirmed');
  expect(found?.message).toBe(
    'Of the reverse names of 203.0.113.5, these do not lead back: c.example.com, d.example.com.',
  );
  expect(found?.remediation.summary).toBe(
    'Delete the PTR records of 203.0.113.5 that do not lead back: c.example.com, d.example.com.',
  );
});

describe('the name to ask the provider for', () => {
  const generic = 'vps-113-5.example.net';
  const zone = { [reverse4]: named(generic), [generic]: at('203.0.113.5') };
  test.each<[string, Omit<CheckCase, 'dns'>, string]>([
    ['the HELO name given', { helo: 'mx.example.com' }, 'mx.example.com'],
    ['the name it greets with', { hosts: { '203.0.113.5': { name: 'out.example.com' } } }, 'out.example.com'],
    ['the customary one, where what is given is no name', { helo: '[203.0.113.5]' }, 'mail.example.com'],
    ['the customary one, where only the reverse name is known', {}, 'mail.example.com'],
  ])('%s', async (_, world, name) => {
    const [finding, ...others] = await findingsOf('ptr', { dns: { zone }, ...world });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'ptr/generic', evidence: { wanted: name } });
    expect(finding?.remediation.records?.map(({ line }) => line)).toEqual([
      `${name}. IN A 203.0.113.5`,
      `5.113.0.203.in-addr.arpa. IN PTR ${name}.`,
    ]);
  });
});

describe('a reverse name that cannot be a public host', () => {
  const isPrivate = 'names under this ending exist in private networks only';
  const isReverse = 'it is a name of the reverse tree itself';
  test.each<[name: string, inPublic: string | undefined, inLab: string | undefined]>([
    ['mail', 'it is a single label, not a full name', 'it is a single label, not a full name'],
    ['203.0.113.5', 'it is an address, not a name', 'it is an address, not a name'],
    ['in-addr.arpa', isReverse, isReverse],
    ['5.113.0.203.in-addr.arpa', isReverse, isReverse],
    ['5.8.b.d.0.1.0.0.2.ip6.arpa', isReverse, isReverse],
    ['localhost', isPrivate, isPrivate],
    ['mail.local', isPrivate, isPrivate],
    ['localhost.localdomain', isPrivate, isPrivate],
    ['mail.lan', isPrivate, undefined],
    ['mail.internal', isPrivate, undefined],
    ['mail.home.arpa', isPrivate, undefined],
    ['mail.test', isPrivate, undefined],
    ['mail.invalid', isPrivate, undefined],
    ['mail.example', isPrivate, undefined],
    ['mail.onion', isPrivate, undefined],
    ['mail.local.example.com', undefined, undefined],
    ['static.in-addr.arpa.example.com', undefined, undefined],
    ['mail.notlocal', undefined, undefined],
  ])('%s', async (name, inPublic, inLab) => {
    const dns = { zone: { [name]: at('203.0.113.5'), [reverse4]: named(name) } };
    const reasons = async (allowPrivate: boolean) =>
      (await findingsOf('ptr', { dns, helo: 'mail.example.com', settings: { allowPrivate } })).map(
        ({ code, evidence }) => [code, 'reason' in evidence && evidence.reason],
      );
    const expected = (reason: string | undefined) => (reason === undefined ? [] : [['ptr/invalid-name', reason]]);
    expect(await reasons(false)).toEqual(expected(inPublic));
    expect(await reasons(true)).toEqual(expected(inLab));
  });
});

const judge = (name: string, ip: string) => judgeReverseName(name, ip as IpAddress);

describe('a name that gives the address away', () => {
  const v4 = '203.0.113.5';
  const v6 = '2001:db8:1:2:3:4:5:6';
  test.each<[ip: string, name: string, evidence: string]>([
    [v4, 'ec2-203-0-113-5.compute-1.amazonaws.com', '203-0-113-5'],
    [v4, '203.0.113.5.example.net', '203.0.113.5'],
    [v4, 'a203_0_113_5.example.net', '203_0_113_5'],
    [v4, '203x0x113x5.example.net', '203x0x113x5'],
    [v4, '203-000-113-005.example.net', '203-000-113-005'],
    [v4, '5.113.0.203.example.net', '5.113.0.203'],
    [v4, 'static.5.113.0.203.clients.your-server.de', '5.113.0.203'],
    [v4, 'host203000113005.example.net', '203000113005'],
    [v4, 'host005113000203.example.net', '005113000203'],
    [v4, 'host20301135.example.net', '20301135'],
    [v4, 'host51130203.example.net', '51130203'],
    [v4, 'cb007105.example.net', 'cb007105'],
    [v4, 'x-057100cb.example.net', '057100cb'],
    [v4, 'vps-113-5.example.net', '113-5'],
    [v4, 'vps-5-113.example.net', '5-113'],
    [v4, '113.5.rev.example.co.uk', '113.5'],
    [v4, '5_113.node.example.net', '5_113'],
    [v6, '2001-db8-1-2-3-4-5-6.example.net', '2001-db8-1-2-3-4-5-6'],
    [v6, '20010db80001000200030004.example.net', '20010db800010002'],
    [v6, '2001-0db8-0001-0002.example.net', '20010db800010002'],
    [v6, 'x0003000400050006.example.net', '0003000400050006'],
    [v6, '0db8000100020003.example.net', '0db8000100020003'],
    [v6, '6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.example.net', '6000500040003000'],
    ['2001:db8::5', '20010db800000000.example.net', '20010db800000000'],
    ['2001:db8:1::5', '2001-db8-1-5.example.net', '2001-db8-1-5'],
    ['2001:db8:1::5', 'x.2001-db8-1--5.example.net', '2001-db8-1-5'],
  ])('%s %s', (ip, name, evidence) => {
    expect(judge(name, ip).generic).toEqual({ pattern: 'ip-in-name', evidence });
  });

  test.each('ip ec2 host vps server static node srv client customer unassigned vm cloud rev reverse ptr'.split(' '))(
    'the last two octets beside "%s"',
    (word) => {
      expect(judge(`${word}-113-5.example.net`, v4).generic?.evidence).toBe('113-5');
      expect(judge(`x${word}-113-5.example.net`, v4).generic).toBeUndefined();
      expect(judge(`${word}x-113-5.example.net`, v4).generic).toBeUndefined();
    },
  );

  test.each<[ip: string, name: string]>([
    [v4, 'mail.example.com'],
    [v4, 'mx5.example.com'],
    [v4, 'mail-113.example.com'],
    [v4, 'mail-113-5.example.com'],
    [v4, 'out203.example.com'],
    [v4, 'dynamic-pricing.example'],
    [v4, '203-0-113.example.com'],
    [v4, '1203-0-113-5.example.com'],
    [v4, '203-0-113-55.example.com'],
    [v4, 'host120301135.example.com'],
    [v4, 'host203011355.example.com'],
    [v4, 'acb007105.example.com'],
    [v4, 'cb007105a.example.com'],
    [v4, 'vps-1113-5.example.com'],
    [v4, 'vps-113-55.example.com'],
    // The whole name is the registered one: nobody hands that out.
    [v4, 'cb007105.com'],
    // Seven digits or fewer are in too many names.
    ['192.0.2.1', 'host192021.example.com'],
    [v6, 'mail6.example.com'],
    [v6, '20010db80001000.example.com'],
    ['2001:db8::5', 'mx5.example.com'],
    ['2001:db8::5', '2001-db8-5.example.com'],
    ['2001:db8::5', 'x0000000000000000.example.com'],
    ['2001:db8:1::5', '2001-db8-1-6.example.com'],
  ])('%s %s is a name of its own', (ip, name) => {
    expect(judge(name, ip).generic).toBeUndefined();
  });
});

describe('a provider’s default name', () => {
  test.each<[name: string, evidence: string | undefined]>([
    ['vps-1a2b3c4d.vps.ovh.net', 'vps.ovh.net'],
    ['vps-deadbeef.vps.ovh.net', 'vps.ovh.net'],
    ['vps-deadbee.vps.ovh.net', undefined],
    ['ns3021345.ip-203-0-113.eu', 'ip-203-0-113.eu'],
    ['ip-192-10-113.net', 'ip-192-10-113.net'],
    ['zip-203-0-113.eu', undefined],
    ['ns3021345.ip-203-0-113.eu.example.com', undefined],
    ['ns3021345.ip-203-0-113.com', undefined],
    ['mail17.bluehost.com', 'bluehost.com'],
    ['mail1.bluehost.com', undefined],
    ['mail.bluehost.com', undefined],
    ['mail17.notbluehost.com', undefined],
    ['astra17.startdedicated.com', 'startdedicated.com'],
    ['ecs-17-20.hwclouds-dns.com', 'hwclouds-dns.com'],
    ['17.static.cnode.io', 'static.cnode.io'],
    ['p17.prod.secureserver.net', 'secureserver.net'],
    ['v17.hosted-by-vdsina.com', 'hosted-by-vdsina.com'],
    ['198-51-100-17-host.colocrossing.com', 'colocrossing.com'],
    ['client-198-51-100-17.hostwindsdns.com', 'hostwindsdns.com'],
  ])('%s', (name, evidence) => {
    const expected = evidence === undefined ? undefined : { pattern: 'provider-default', evidence };
    expect(judge(name, '203.0.113.5').generic).toEqual(expected);
  });
});

describe('an end-user line', () => {
  test.each(
    'dyn dynamic dynip dhcp dial dialup ppp pppoe pptp pool adsl xdsl vdsl dsl cable catv cpe docsis modem broadband bredband gprs cdma mobile wifi nat res resnet client clients cust customer user'.split(
      ' ',
    ),
  )('"%s" in the name', (word) => {
    expect(judge(`a.${word}12-b.example.net`, '203.0.113.5').dynamic).toEqual({
      pattern: 'dynamic-token',
      evidence: word,
    });
    expect(judge(`a.z${word}12-b.example.net`, '203.0.113.5').dynamic).toBeUndefined();
  });

  test.each<[name: string, evidence: string | undefined]>([
    ['dsl-203-0-113-5.example.net', 'dsl'],
    ['x_dyn.example.co.uk', 'dyn'],
    ['unused-addr.example.net', 'unused-addr'],
    ['7.in-addr.example.net', 'in-addr'],
    ['main-addr.example.net', undefined],
    ['in-address.example.net', undefined],
    ['addr.example.net', undefined],
    ['12cable.example.net', undefined],
    ['dynamo.example.net', undefined],
    ['dyn.com', undefined],
    ['res.in', undefined],
    ['static-dsl-5.example.net', undefined],
    ['fix.dsl.example.net', undefined],
    ['dsl-fixip.example.net', undefined],
  ])('%s: %s', (name, evidence) => {
    expect(judge(name, '203.0.113.5').dynamic?.evidence).toBe(evidence);
  });
});
