import { describe, expect, test } from 'vitest';
import type { AnchorOutcome, AnchorResult, ControlResult } from '../../src/facts/egress.ts';
import { ANCHORS, CONTROLS } from '../../src/facts/egress-anchors.ts';
import { decide } from '../../src/facts/egress-decision.ts';
import { type IpAddress, parseIp } from '../../src/ip.ts';
import { refusalMeaning } from '../../src/rules/egress/refusal.ts';
import type { SmtpFailure } from '../../src/smtp/types.ts';
import { type CheckCase, checkIn, resultOf } from '../world/check.ts';
import type { DnsScript } from '../world/dns.ts';
import { mailcheck, startWorld } from '../world/world.ts';

const ip = '203.0.113.5';
const dns: DnsScript = {
  zone: {
    'mx.example.net': { A: ['198.51.100.1'], AAAA: ['2001:db8:1::1'] },
    'mx.example.org': { A: ['198.51.100.2'], AAAA: ['2001:db8:1::2'] },
    'www.example.net': { A: ['198.51.100.3'], AAAA: ['2001:db8:1::3'] },
  },
};
const targets = {
  egressTargets: [
    { host: 'mx.example.net', port: 25 },
    { host: 'mx.example.org', port: 25 },
  ],
  egressControls: [{ host: 'www.example.net', port: 443 }],
};
const first = { name: 'mx.example.net' };
const second = { name: 'mx.example.org' };
const open: CheckCase['hosts'] = { '198.51.100.1': first, '198.51.100.2': second, '198.51.100.3:443': {} };

async function check(world: Partial<CheckCase>) {
  const report = await checkIn({
    dns,
    rules: ['egress'],
    ...world,
    settings: { vantage: 'self', ...targets, ...world.settings },
  });
  const result = resultOf(report, 'egress');
  return { ...result, report, codes: result.findings.map(({ code }) => code) };
}

const cases: readonly [string, Partial<CheckCase>, readonly string[]][] = [
  ['two mail servers greet', { hosts: open }, []],
  ['one of two is down', { hosts: { ...open, '198.51.100.1': 'refused' } }, ['egress/inconclusive']],
  [
    'one of three is down: that target',
    {
      hosts: { ...open, '198.51.100.9': 'refused' },
      settings: { egressTargets: [...targets.egressTargets, { host: '198.51.100.9', port: 25 }] },
    },
    [],
  ],
  [
    'the only target that was named greets',
    { hosts: open, settings: { egressTargets: [{ host: 'mx.example.net', port: 25 }] } },
    [],
  ],
  [
    'another port, as the user says',
    { hosts: { '198.51.100.1:2525': first }, settings: { egressTargets: [{ host: 'mx.example.net', port: 2525 }] } },
    [],
  ],
  ['none greets, a control answers', { hosts: { '198.51.100.3:443': {} } }, ['egress/blocked']],
  [
    'connections stand but are cut, a control answers',
    {
      hosts: {
        '198.51.100.1': { drop: { at: 'connect' } },
        '198.51.100.2': { drop: { at: 'connect', with: 'rst' } },
        '198.51.100.3:443': {},
      },
    },
    ['egress/blocked'],
  ],
  ['nothing answers', { hosts: {} }, ['egress/inconclusive']],
  [
    'nothing answers, and there is no control',
    { hosts: {}, settings: { egressControls: [] } },
    ['egress/inconclusive'],
  ],
  ['no name can be looked up', { dns: { zone: {} } }, ['egress/inconclusive']],
  [
    'both greet with one name',
    {
      hosts: { ...open, '198.51.100.1': { name: 'relay.isp.example' }, '198.51.100.2': { name: 'relay.isp.example' } },
    },
    ['egress/intercepted'],
  ],
  [
    'STARTTLS overwritten',
    { hosts: { ...open, '198.51.100.1': { ...first, extensions: ['SIZE 1000', 'XXXXXXXA'] } } },
    ['egress/starttls-stripped'],
  ],
  [
    'an extension of its own is no overwriting',
    { hosts: { ...open, '198.51.100.1': { ...first, extensions: ['XCLIENT NAME'] } } },
    [],
  ],
  [
    'greeted with 554',
    { hosts: { ...open, '198.51.100.1': { greeting: '554 5.7.1 [203.0.113.5] blocked using zen.example' } } },
    ['egress/refused-by-anchor'],
  ],
  [
    'EHLO answered with 550',
    { hosts: { ...open, '198.51.100.1': { ...first, replies: { EHLO: '550 no PTR', HELO: '550 5.7.25 no PTR' } } } },
    ['egress/refused-by-anchor'],
  ],
  [
    'seen with another address',
    {
      hosts: {
        ...open,
        '198.51.100.1': { ...first, hello: () => '250 mx.example.net at your service, [203.0.113.77]' },
      },
    },
    ['egress/source-mismatch'],
  ],
  [
    'seen with the tested address',
    {
      hosts: {
        ...open,
        '198.51.100.1': { ...first, hello: () => '250 mx.example.net at your service, [203.0.113.5]' },
      },
    },
    [],
  ],
  [
    'IPv4 open, IPv6 closed',
    { ips: [ip, '2001:db8::5'], hosts: { ...open, '[2001:db8:1::3]:443': {} } },
    ['egress/ipv6-blocked'],
  ],
  [
    'both open',
    {
      ips: [ip, '2001:db8::5'],
      hosts: { ...open, '2001:db8:1::1': first, '2001:db8:1::2': second, '[2001:db8:1::3]:443': {} },
    },
    [],
  ],
  [
    'both closed',
    { ips: [ip, '2001:db8::5'], hosts: { '198.51.100.3:443': {}, '[2001:db8:1::3]:443': {} } },
    ['egress/blocked', 'egress/blocked'],
  ],
  [
    'an address family for which there is no target',
    { ips: [ip, '2001:db8::5'], hosts: open, settings: { egressTargets: [{ host: '198.51.100.1', port: 25 }] } },
    ['egress/inconclusive'],
  ],
];

test.each(cases)('%s', async (_, world, codes) => {
  expect((await check(world)).codes).toEqual(codes);
});

describe('what is said', () => {
  test('a pass counts who answers', async () => {
    expect((await check({ hosts: open })).note).toBe('IPv4 open, 2 of 2 mail servers answer');
  });

  test('evidence has errno and time of each connection', async () => {
    const { findings } = await check({ hosts: { '198.51.100.3:443': {} } });
    expect(findings[0]).toMatchObject({
      subject: ip,
      evidence: {
        family: 4,
        nature: 'rejected',
        anchors: [
          {
            host: 'mx.example.net',
            ip: '198.51.100.1',
            port: 25,
            outcome: 'refused',
            errno: 'ECONNREFUSED',
            ms: expect.any(Number),
          },
          { host: 'mx.example.org' },
        ],
        controls: [{ host: 'www.example.net', port: 443, outcome: 'connected', ms: expect.any(Number) }],
      },
    });
    expect(findings[0]?.message).toContain('www.example.net');
  });

  test.each([
    ['554 5.7.1 [203.0.113.5] blocked using zen.example', 'block-list'],
    ['421 4.7.0 Reverse DNS failure: try again later', 'reverse-name'],
    ['554 IP=203.0.113.5 None/bad reputation. (NOWL)', 'reputation'],
    ['421 4.3.2 too many connections', 'rate'],
    ['554 5.7.1 not accepted for policy reasons', 'policy'],
    ['554 5.0.0 go away', 'unknown'],
  ])('"%s" is read as %s', async (greeting, meaning) => {
    const { findings } = await check({ hosts: { ...open, '198.51.100.1': { greeting } } });
    expect(findings).toMatchObject([{ evidence: { meaning, host: 'mx.example.net' }, subject: 'mx.example.net' }]);
  });

  test('IPv6 matters more where it is tested', async () => {
    const { findings } = await check({ ips: [ip, '2001:db8::5'], hosts: { ...open, '[2001:db8:1::3]:443': {} } });
    expect(findings).toMatchObject([{ severity: 'warning', evidence: { family: 6 } }]);
  });

  test('the provider check hears of it', async () => {
    const settings = { ...targets, vantage: 'self', provider: 'aws-ec2', asnLookup: false } as const;
    const run = (hosts: CheckCase['hosts'], rules = ['provider', 'egress']) =>
      checkIn({ dns, ...(hosts ? { hosts } : {}), rules, settings });
    const isRestricted = (codes: { code: string }[]) => codes.some(({ code }) => code === 'provider/port25-restricted');
    expect(isRestricted(resultOf(await run(open), 'provider').findings)).toBe(false);
    expect(isRestricted(resultOf(await run(open, ['provider']), 'provider').findings)).toBe(true);
  });
});

describe('a refusal is read by its words', () => {
  test.each<[ReturnType<typeof refusalMeaning>, ...string[]]>([
    [
      'reverse-name',
      'no PTR record',
      'Reverse DNS failure: try again later',
      'reverse host unknown',
      'failed reverse lookup',
      'reverse mapping missing',
      'no reverse name',
      'rDNS required',
      '4.7.23 go away',
      '5.7.25 go away',
      // Of two reasons, the one that the host's owner can mend.
      'blocked for want of a PTR record',
    ],
    [
      'block-list',
      '5.7.1 [203.0.113.5] blocked using zen.example',
      'on our blocklist',
      'on our block list',
      'on our block-list',
      'blacklisted',
      'black list',
      'black-list',
      'RBL match',
      'found in a DNSBL',
      'see Spamhaus',
      'see SpamCop',
      'see Barracuda',
      'see UCEPROTECT',
      'banned sending IP (S3140)',
      'banned sending IP (S3150)',
      'BL21',
      'listed at example.org',
      'listed by example.org',
      'listed in example.org',
      'listed on example.org',
    ],
    [
      'reputation',
      'IP=203.0.113.5 None/bad reputation.',
      'unsolicited mail from your network',
      'user complaint',
      'user complaints',
      '(NOWL)',
      'no spam here',
    ],
    [
      'rate',
      '4.3.2 go away',
      'too many connections',
      'over the rate',
      'rate-limited',
      'busy',
      'overloaded',
      'try again',
      'come back later',
      '4.7.28 go away',
      '4.7.500 go away',
    ],
    [
      'policy',
      'rejected by corporate policy',
      'not accepted',
      'not allowed',
      'not authorized',
      'not permitted',
      'access denied',
      'no SMTP service here',
    ],
    ['unknown', '5.0.0 go away', 'CHEMBL is down', 'unlisted', 'spammers', 'generated at collaterals.example', 'XPTR'],
  ])('%s', (meaning, ...texts) => {
    const meanings = texts.map((text) => [text, refusalMeaning({ code: 554, enhanced: null, lines: [text] })]);
    expect(meanings).toEqual(texts.map((text) => [text, meaning]));
  });

  test('on whichever of its lines', () => {
    expect(refusalMeaning({ code: 554, enhanced: null, lines: ['go away', 'see Spamhaus'] })).toBe('block-list');
    expect(refusalMeaning({ code: 554, enhanced: null, lines: ['no SMTP', 'service here'] })).toBe('policy');
  });
});

describe('nobody is connected to', () => {
  test.each(['outside', 'same-network'] as const)(
    'from %s: skipped, with the command to run on the host',
    async (vantage) => {
      const { status, skipReason, report } = await check({ hosts: open, settings: { vantage } });
      expect(status).toBe('skipped');
      expect(skipReason).toContain('mailcheck example.com 203.0.113.5 --on-host --only egress');
      expect(report.timing.smtpConnections).toBe(0);
    },
  );

  test('for a tested address that is not public, unless a target is named', async () => {
    const report = await checkIn({ dns, hosts: open, rules: ['egress'], settings: { vantage: 'self' } });
    expect(resultOf(report, 'egress')).toMatchObject({
      status: 'skipped',
      skipReason: expect.stringContaining('--egress-target'),
    });
    expect(report.timing).toMatchObject({ smtpConnections: 0, dnsQueries: 0 });
  });

  test('where the target is private, without --allow-private', async () => {
    const { codes, report } = await check({
      settings: { egressTargets: [{ host: '10.0.0.1', port: 25 }], allowPrivate: false },
      hosts: open,
    });
    expect(codes).toEqual(['egress/inconclusive']);
    expect(report.transcript?.smtp ?? []).toEqual([]);
  });

  test('by the command line', async () => {
    const world = await startWorld({ dns, hosts: open });
    const onHost = world.args.map((word) => (word === 'outside' ? 'self' : word));
    const args = [
      'example.com',
      ip,
      '--only',
      'egress',
      '--egress-target',
      'mx.example.net',
      '--egress-target',
      'mx.example.org:25',
    ];
    const { code, stdout } = await mailcheck([...args, '--egress-control', 'www.example.net:443', ...onHost]);
    await world.close();
    expect(stdout).toContain('IPv4 open, 2 of 2 mail servers answer');
    expect(code).toBe(0);
  });
});

describe('the decision, for the anchors that are known', () => {
  const address = (n: number): IpAddress => {
    const parsed = parseIp(`198.51.100.${n}`);
    if (parsed === undefined) throw new Error('unreachable');
    return parsed;
  };
  const greets = (greetingName: string | null): AnchorOutcome => ({
    kind: 'greeted',
    reply: { code: 220, enhanced: null, lines: [`${greetingName} ESMTP`] },
    hello: null,
    extensions: new Map(),
    greetingName,
    connectMs: 1,
    transcript: { id: '', lines: [] },
  });
  const fails = (failure: Partial<SmtpFailure>): AnchorOutcome => ({
    kind: 'failed',
    failure: { status: 'timeout', detail: '', ...failure },
  });
  const results = (...outcomes: AnchorOutcome[]): AnchorResult[] =>
    outcomes.flatMap((outcome, index) => {
      const anchor = ANCHORS[index];
      return anchor ? [{ anchor, ip: address(index + 1), outcome }] : [];
    });
  const control = (result: ControlResult['result']): ControlResult[] =>
    CONTROLS.slice(0, 1).map((service) => ({ control: service, ip: address(99), result }));
  const works = control({ status: 'connected', connectMs: 1 });
  const own = ['mx.google.com', 'bn1pepf0000.mail.protection.outlook.com', 'mta1.mail.ne1.yahoo.com'];

  test.each<[string, AnchorResult[], ControlResult[], object]>([
    ['each by its own name', results(...own.map(greets)), works, { kind: 'open' }],
    ['refusals without a name', results(greets(null), greets(null)), works, { kind: 'open' }],
    [
      'one renamed, the other as ever',
      results(greets('mx.google.com'), greets('mail.microsoft')),
      works,
      { kind: 'open' },
    ],
    [
      'names of nobody',
      results(greets('a.isp.example'), greets('b.isp.example')),
      works,
      { kind: 'intercepted', by: 'foreign-names' },
    ],
    [
      'one name for two',
      results(greets('mx.google.com'), greets('mx.google.com')),
      works,
      { kind: 'intercepted', by: 'same-greeting' },
    ],
    ['one of seven', results(greets('mx.google.com'), ...Array(6).fill(fails({}))), works, { kind: 'one-answer' }],
    ['silence', results(fails({}), fails({})), works, { kind: 'blocked', nature: 'dropped' }],
    [
      'prohibited',
      results(fails({ status: 'unreachable' }), fails({ status: 'refused' })),
      works,
      { kind: 'blocked', nature: 'rejected' },
    ],
    ['no greeting', results(fails({ status: 'timeout', connected: true })), works, { kind: 'blocked', nature: 'cut' }],
    ['of both kinds', results(fails({}), fails({ status: 'refused' })), works, { kind: 'blocked', nature: 'mixed' }],
    [
      'and no control',
      results(fails({}), fails({})),
      control({ status: 'timeout', detail: '' }),
      { kind: 'no-network' },
    ],
    ['cut short', results(fails({ status: 'aborted' })), works, { kind: 'aborted' }],
  ])('%s', (_, anchors, controls, decision) => {
    expect(decide(anchors, controls)).toEqual(decision);
  });

  test('the anchors are of at least four operators', () => {
    expect(new Set(ANCHORS.map(({ operator }) => operator)).size).toBeGreaterThanOrEqual(4);
    expect(ANCHORS.length).toBeGreaterThanOrEqual(5);
  });
});
