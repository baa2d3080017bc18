/** What the place of the check explains is told once, and no host or zone is blamed for it. */
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/status.ts';
import { parseZone } from '../../src/standards/zone-file/parse.ts';
import { checkIn } from '../world/check.ts';
import { worldAuthority } from '../world/world.ts';
import type { DnsScript } from '../world/zone.ts';

const ip = '203.0.113.5';
const sound = {
  'example.com': { SOA: [], MX: ['10 mail.example.com'], TXT: ['v=spf1 mx -all'] },
  'mail.example.com': { A: [ip] },
  '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
} as const satisfies DnsScript['zone'];

const statusesOf = ({ rules }: Report): Record<string, string> =>
  Object.fromEntries(rules.filter(({ kind }) => kind === 'check').map(({ id, status }) => [id, status]));
const codesOf = ({ rules }: Report): string[] => rules.flatMap(({ findings }) => findings.map(({ code }) => code));

describe('a resolver that cannot be relied on', () => {
  test.each([
    ['is silent', { fault: 'timeout' }, 'resolver-silent'],
    ['refuses', { fault: 'refused' }, 'resolver-refusing'],
    ['fails', { fault: 'servfail' }, 'resolver-failing'],
    ['cannot be reached', { fault: 'unreachable' }, 'resolver-unreachable'],
    ['invents addresses', { rewriteTo: '198.51.100.1' }, 'resolver-inventing'],
    ['gives placeholders', { rewriteTo: '198.18.0.9' }, 'resolver-inventing'],
  ] as const satisfies [string, Omit<DnsScript, 'zone'>, string][])('%s: one cause, one step', async (_, dns, kind) => {
    const report = await checkIn({
      dns: { zone: 'rewriteTo' in dns ? sound : {}, ...dns },
      // A server on loopback can be reached.
      ...('fault' in dns && dns.fault === 'unreachable' ? { isInMemory: true } : {}),
      own: ['192.0.2.10'],
    });
    const { egress, ...others } = statusesOf(report);
    expect(egress).toBe('skipped');
    expect(new Set(Object.values(others))).toEqual(new Set(['inconclusive']));
    expect(report.vantage.obstacles).toMatchObject([{ kind, rules: Object.keys(others).toSorted(inReport(report)) }]);
    expect(report.advice.steps).toHaveLength(1);
    expect(report.plan).toBeNull();
    expect(report.verdict).toBe('inconclusive');
  });

  test('of a machine without a network is told as that', async () => {
    const dns = { zone: {}, fault: 'unreachable' } as const;
    const report = await checkIn({ dns, isInMemory: true, own: ['127.0.0.1', 'fe80::1'] });
    expect(report.vantage.obstacles.map(({ kind }) => kind)).toEqual(['no-network']);
  });

  test('of which one question fails is relied on', async () => {
    const dns = { zone: { ...sound, arpa: 'servfail' } } as const;
    const report = await checkIn({ dns, isInMemory: true, rules: ['ptr', 'dns'] });
    expect(report.vantage.obstacles).toEqual([]);
    expect(statusesOf(report)).toMatchObject({ ptr: 'pass', dns: 'pass' });
  });

  test('that answers for the domain alone explains what it refuses', async () => {
    const zone = {
      ...sound,
      arpa: 'refused',
      '*.in-addr.arpa': 'refused',
      '5.113.0.203.in-addr.arpa': 'refused',
    } as const;
    const report = await checkIn({ dns: { zone }, rules: ['spf', 'ptr', 'mx'], hosts: { [ip]: {} } });
    expect(statusesOf(report)).toMatchObject({ ptr: 'inconclusive', mx: 'pass' });
    expect(report.vantage.obstacles).toMatchObject([{ kind: 'resolver-partial' }]);
  });

  test('leaves proposed records to be judged, and is the one cause of the rest', async () => {
    const proposed = [
      parseZone(
        '@ SOA ns h 1 1 1 1 1\n@ TXT "v=spf1 ip4:203.0.113.5 -all"\n@ MX 10 mail\nmail A 203.0.113.5',
        'z',
        'example.com',
      ),
    ];
    const report = await checkIn(
      { dns: { zone: {}, fault: 'servfail' }, rules: ['dns', 'ptr', 'dmarc', 'rbl'], own: ['192.0.2.10'] },
      { proposed },
    );
    expect(statusesOf(report)).toMatchObject({ ptr: 'inconclusive', rbl: 'inconclusive' });
    expect(report.vantage.obstacles).toMatchObject([{ kind: 'resolver-failing' }]);
  });

  test('that lies ends the run of proposed records too', async () => {
    const proposed = [parseZone('@ SOA ns h 1 1 1 1 1\n@ TXT "v=spf1 ip4:203.0.113.5 -all"', 'z', 'example.com')];
    const report = await checkIn({ dns: { zone: {}, rewriteTo: '198.51.100.1' }, rules: ['dns', 'spf'] }, { proposed });
    expect(statusesOf(report)).toMatchObject({ dns: 'inconclusive', spf: 'inconclusive' });
  });

  test.each([
    [true, true],
    [false, false],
  ])('says whether it validates: AD %s', async (ad, validates) => {
    const zone = { ...sound, arpa: { NS: { records: ['ns.example.net'], ad } } };
    const report = await checkIn({ dns: { zone }, rules: ['dns'] });
    expect(report.vantage.validates).toBe(validates);
  });

  test('does not hide what was seen of the host', async () => {
    const report = await checkIn({
      dns: { zone: {}, fault: 'servfail' },
      hosts: { [ip]: { greeting: '220 mail.example.com ESMTP', replies: { RCPT: '250 ok' } } },
      rules: ['dns', 'open-relay'],
    });
    expect(statusesOf(report)['open-relay']).not.toBe('pass');
    expect(report.vantage.obstacles).toMatchObject([{ kind: 'resolver-failing' }]);
  });
});

/** Sorts rules as the report has them. */
function inReport({ rules }: Report) {
  const ids = rules.map(({ id }) => id);
  return (a: string, b: string) => ids.indexOf(a) - ids.indexOf(b);
}

describe('a resolver that answers from a hosts file', () => {
  const local = { records: ['127.0.1.1'], aa: true } as const;

  test('is no proof of anything, and nothing is proposed by it', async () => {
    const zone = { ...sound, 'mail.example.com': { A: local, AAAA: { records: [], aa: true } } };
    const report = await checkIn({ dns: { zone }, rules: ['ptr', 'spf', 'mx'] });
    expect(statusesOf(report)).toMatchObject({ ptr: 'inconclusive', spf: 'inconclusive', mx: 'inconclusive' });
    expect(report.vantage.obstacles).toMatchObject([{ kind: 'local-data', rules: ['ptr', 'spf', 'mx'] }]);
    expect(report.advice.steps).toMatchObject([
      { summary: expect.stringMatching(/hosts file \(\/etc\/hosts, on Windows /) },
    ]);
    expect(report.plan).toBeNull();
  });

  test('is no proof where it gives the right address', async () => {
    const right = { records: [ip], aa: true } as const;
    const zone = { ...sound, 'mail.example.com': { A: right, AAAA: { records: [], aa: true } } };
    const report = await checkIn({ dns: { zone }, rules: ['ptr'] });
    expect(statusesOf(report)).toMatchObject({ ptr: 'inconclusive' });
  });
});

describe('a machine without IPv6', () => {
  const dual = {
    ...sound,
    'mail.example.com': { A: [ip], AAAA: ['2001:db8::5'] },
    '5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { PTR: ['mail.example.com'] },
  } as const;

  test('is the one cause of all that could not be connected to', async () => {
    const report = await checkIn({
      dns: { zone: dual },
      ips: [ip, '2001:db8::5'],
      hosts: { [ip]: {}, '2001:db8::5': 'no-route' },
      rules: ['ptr', 'mx', 'open-relay', 'tls'],
    });
    expect(report.vantage.obstacles).toMatchObject([
      { kind: 'no-ipv6', message: expect.stringMatching(/^This machine has no IPv6/) },
    ]);
    const inconclusive = report.rules.flatMap(({ findings }) => findings.filter(({ obstacle }) => obstacle));
    expect(inconclusive.length).toBeGreaterThan(2);
    expect(statusesOf(report)).toMatchObject({ ptr: 'pass', mx: 'inconclusive' });
  });
});

test('a machine without any route says so, and not that one family is missing', async () => {
  const report = await checkIn({
    dns: { zone: sound },
    ips: [ip, '2001:db8::5'],
    hosts: { [ip]: 'no-route', '2001:db8::5': 'no-route' },
    rules: ['helo'],
  });
  expect(report.vantage.obstacles.map(({ kind }) => kind)).toEqual(['no-network']);
});

describe('a network that closes port 25', () => {
  const anchored = { egressTargets: [{ host: '198.51.100.25', port: 25 }] };
  const elsewhere = {
    ...sound,
    'example.com': { ...sound['example.com'], MX: ['10 mx.example.net'] },
    'mx.example.net': { A: ['198.51.100.7'] },
  } as const;

  test('is told once, where a well-known mail server is silent too', async () => {
    const report = await checkIn({
      dns: { zone: sound },
      hosts: { [ip]: 'refused', '198.51.100.25': 'refused' },
      settings: anchored,
      rules: ['mx', 'open-relay', 'tls'],
    });
    expect(codesOf(report)).toEqual(['open-relay/inconclusive', 'tls/inconclusive', 'mx/inconclusive']);
    expect(report.vantage.obstacles).toMatchObject([{ kind: 'port-25', rules: ['open-relay', 'tls', 'mx'] }]);
    expect(report.advice.steps).toMatchObject([{ commands: ['mailcheck example.com 203.0.113.5 --on-host'] }]);
  });

  test('leaves the HELO name and TLS to be learned on a submission port', async () => {
    const report = await checkIn({
      dns: { zone: sound },
      hosts: {
        [ip]: 'refused',
        '198.51.100.25': 'refused',
        [`${ip}:587`]: {
          greeting: '220 mail.example.com ESMTP Postfix',
          tls: { identity: worldAuthority.issue({ names: ['mail.example.com'] }) },
        },
      },
      settings: { ...anchored, extraRoots: [worldAuthority.certificate] },
      rules: ['helo', 'tls'],
    });
    expect(report.target.helo).toEqual([{ ip, name: 'mail.example.com', source: 'submission' }]);
    expect(statusesOf(report)).toMatchObject({ helo: 'pass', tls: 'inconclusive' });
    const told = report.rules.find(({ id }) => id === 'tls')?.note;
    expect(told).toMatch(/^on port 587: TLS 1\.3; certificate valid for \d+ more days$/);
  });

  test('is closed over both address families where the well-known mail server has one alone', async () => {
    const report = await checkIn({
      dns: { zone: { ...sound, 'mail.example.com': { AAAA: ['2001:db8::5'] } } },
      ips: ['2001:db8::5'],
      hosts: { '2001:db8::5': 'refused', '198.51.100.25': 'refused' },
      settings: anchored,
      rules: ['mx'],
    });
    expect(report.vantage.obstacles).toMatchObject([{ kind: 'port-25' }]);
  });

  test('is not open over both where the well-known mail server answers over one', async () => {
    const report = await checkIn({
      dns: { zone: { ...sound, 'mail.example.com': { AAAA: ['2001:db8::5'] } } },
      ips: ['2001:db8::5'],
      hosts: { '2001:db8::5': 'refused', '198.51.100.25': {} },
      settings: anchored,
      rules: ['mx'],
    });
    expect(codesOf(report)).toContain('mx/inconclusive');
    expect(report.vantage.obstacles).toEqual([]);
  });

  test('is not the cause where that server answers', async () => {
    const report = await checkIn({
      dns: { zone: sound },
      hosts: { [ip]: 'refused', '198.51.100.25': {} },
      settings: anchored,
      rules: ['mx'],
    });
    expect(codesOf(report)).toEqual(['mx/port-closed']);
    expect(report.vantage.obstacles).toEqual([]);
  });

  test('is not known where no server may be tried', async () => {
    const report = await checkIn({ dns: { zone: sound }, hosts: { [ip]: 'refused' }, rules: ['mx'] });
    expect(codesOf(report)).toEqual(['mx/inconclusive']);
    expect(report.vantage.obstacles).toEqual([]);
  });

  test.each([
    ['this machine', 'self', [], 'mx/inconclusive'],
    ['a machine of this network', 'same-network', [], 'mx/inconclusive'],
    ['a machine outside', 'outside', [], 'mx/port-closed'],
    ['a machine that the user says nothing of, in this network', undefined, ['203.0.113.9'], 'mx/inconclusive'],
    ['a machine that the user says nothing of, outside', undefined, ['192.31.196.7'], 'mx/port-closed'],
  ] as const)('an answer of %s → %s %s %s', async (_, vantage, own, code) => {
    const report = await checkIn({
      dns: { zone: elsewhere },
      hosts: { [ip]: {}, '198.51.100.7': 'refused' },
      ...(vantage === undefined ? { isVantageUnsaid: true } : { settings: { vantage } }),
      ...(own.length > 0 ? { own: [...own] } : {}),
      rules: ['mx'],
    });
    expect(codesOf(report)).toContain(code);
  });
});

describe('a domain that does not exist', () => {
  test('has one fault', async () => {
    const report = await checkIn({ dns: { zone: { '5.113.0.203.in-addr.arpa': sound['5.113.0.203.in-addr.arpa'] } } });
    const followed = report.rules.filter(({ skipReason }) => skipReason === 'example.com does not exist');
    expect(followed.map(({ id }) => id)).toEqual([
      ...['ptr', 'spf', 'dkim', 'dmarc', 'mx'],
      ...['dnssec', 'dane', 'mta-sts', 'tls-rpt', 'bimi'],
    ]);
    expect(codesOf(report)).toContain('dns/domain-nonexistent');
    expect(report.verdict).toBe('fail');
  });

  test('has one fault where no address is typed', async () => {
    const report = await checkIn({ dns: { zone: {} }, ips: [] });
    const open = report.rules.filter(({ status }) => status !== 'skipped').map(({ id }) => id);
    expect(open).toEqual(['dns', 'receiver']);
  });

  test('may be denied by a resolver that denies everything', async () => {
    const messageOf = ({ rules }: Report) =>
      rules.flatMap(({ findings }) => findings).find(({ code }) => code === 'dns/domain-nonexistent')?.message;
    const denied = await checkIn({ dns: { zone: {} }, rules: ['dns'] });
    expect(messageOf(denied)).toMatch(/says the same of arpa, which always exists\.$/);
    const zone = { arpa: { NS: ['ns.example.net'] } };
    const believed = await checkIn({ dns: { zone }, rules: ['dns'] });
    expect(messageOf(believed)).toBe('example.com does not exist in the DNS (NXDOMAIN).');
  });

  test('fails the one check that is made of it', async () => {
    const report = await checkIn({ dns: { zone: {} }, rules: ['spf'] });
    expect(report.verdict).toBe('fail');
  });
});
