import { describe, expect, test } from 'vitest';
import type { EgressFact, FamilyEgress } from '../../../src/check/facts/egress.ts';
import { ANCHORS, CONTROLS } from '../../../src/check/facts/egress-anchors.ts';
import { decide } from '../../../src/check/facts/egress-decision.ts';
import type { AnchorOutcome, AnchorResult, ControlResult } from '../../../src/check/facts/egress-results.ts';
import { refusalMeaning } from '../../../src/check/rules/egress/refusal.ts';
import egress from '../../../src/check/rules/egress/rule.ts';
import type { Finding } from '../../../src/check/rules/finding.ts';
import type { Context } from '../../../src/check/rules/rule.ts';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import type { SmtpFailure } from '../../../src/network/smtp/types.ts';
import { type CheckCase, checkIn, resultOf } from '../../world/check.ts';
import type { DnsScript } from '../../world/dns.ts';
import { mailcheck, startWorld } from '../../world/world.ts';

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

const greetedBy = (host: string, address: string) => ({
  host,
  ip: address,
  port: 25,
  outcome: 'greeted',
  errno: null,
  ms: expect.any(Number),
  greeting: {
    command: 'connect',
    code: 220,
    enhanced: null,
    text: `${host} ESMTP Postfix`,
    transcript: `${address}:25 anchor ${host}`,
  },
});
const refusedBy = (host: string, address: string, port: number) => ({
  host,
  ip: address,
  port,
  outcome: 'refused',
  errno: 'ECONNREFUSED',
  ms: expect.any(Number),
});
const noAnchor = [
  { ...refusedBy('mx.example.net', '198.51.100.1', 25), greeting: null },
  { ...refusedBy('mx.example.org', '198.51.100.2', 25), greeting: null },
];
const control = {
  host: 'www.example.net',
  ip: '198.51.100.3',
  port: 443,
  outcome: 'connected',
  errno: null,
  ms: expect.any(Number),
};

/** A world, the codes that come out, and what else each of these findings says. */
const cases: readonly [string, Partial<CheckCase>, readonly string[], (readonly object[])?][] = [
  ['two mail servers greet', { hosts: open }, []],
  [
    'one of two is down',
    { hosts: { ...open, '198.51.100.1': 'refused' } },
    ['egress/inconclusive'],
    [
      {
        subject: ip,
        message: expect.stringContaining('only one of 2 mail servers answers'),
        evidence: {
          reason: 'one-answer',
          family: 4,
          anchors: [noAnchor[0], greetedBy('mx.example.org', '198.51.100.2')],
          controls: [control],
        },
      },
    ],
  ],
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
  [
    'none greets, a control answers',
    { hosts: { '198.51.100.3:443': {} } },
    ['egress/blocked'],
    [
      {
        subject: ip,
        message: expect.stringMatching(/none of 2 mail servers .*while www\.example\.net answers/),
        evidence: { family: 4, nature: 'rejected', anchors: noAnchor, controls: [control] },
      },
    ],
  ],
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
  [
    'nothing answers',
    { hosts: {} },
    ['egress/inconclusive'],
    [
      {
        subject: ip,
        evidence: {
          reason: 'no-network',
          family: 4,
          anchors: noAnchor,
          controls: [refusedBy('www.example.net', '198.51.100.3', 443)],
        },
      },
    ],
  ],
  [
    'nothing answers, and there is no control',
    { hosts: {}, settings: { egressControls: [] } },
    ['egress/inconclusive'],
    [{ evidence: { reason: 'no-control', controls: [] } }],
  ],
  [
    'no name can be looked up',
    { dns: { zone: {} } },
    ['egress/inconclusive'],
    [
      {
        subject: ip,
        message: expect.stringContaining('no address of mx.example.net, mx.example.org'),
        evidence: { reason: 'unresolved', family: 4, unresolved: ['mx.example.net', 'mx.example.org'] },
      },
    ],
  ],
  [
    'both greet with one name',
    {
      hosts: { ...open, '198.51.100.1': { name: 'relay.isp.example' }, '198.51.100.2': { name: 'relay.isp.example' } },
    },
    ['egress/intercepted'],
    [
      {
        subject: ip,
        message: expect.stringContaining('the same name: relay.isp.example'),
        evidence: { family: 4, by: 'same-greeting', names: ['relay.isp.example'] },
      },
    ],
  ],
  [
    'STARTTLS overwritten',
    { hosts: { ...open, '198.51.100.1': { ...first, extensions: ['SIZE 1000', 'XXXXXXXA'] } } },
    ['egress/starttls-stripped'],
    [
      {
        subject: ip,
        message: expect.stringContaining('Over IPv4 mx.example.net does not offer STARTTLS'),
        evidence: {
          family: 4,
          anchors: [greetedBy('mx.example.net', '198.51.100.1')],
          extensions: ['SIZE', 'XXXXXXXA'],
        },
      },
    ],
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
    [
      {
        subject: 'mx.example.net',
        evidence: {
          family: 4,
          host: 'mx.example.net',
          operator: 'mx.example.net',
          ip: '198.51.100.1',
          smtp: { command: 'connect', code: 554, transcript: '198.51.100.1:25 anchor mx.example.net' },
          meaning: 'block-list',
        },
      },
    ],
  ],
  [
    'EHLO answered with 550',
    { hosts: { ...open, '198.51.100.1': { ...first, replies: { EHLO: '550 no PTR', HELO: '550 5.7.25 no PTR' } } } },
    ['egress/refused-by-anchor'],
    [{ evidence: { smtp: { command: 'EHLO', code: 550, enhanced: '5.7.25' }, meaning: 'reverse-name' } }],
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
    [
      {
        subject: ip,
        evidence: { family: 4, seen: ['203.0.113.77'], tested: [ip] },
        remediation: { commands: [`postconf -e 'smtp_bind_address = ${ip}'`] },
      },
    ],
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
    // To a host that is to send over IPv6, it is more than a remark.
    [{ severity: 'warning', subject: '2001:db8::5', evidence: { family: 6, nature: 'rejected' } }],
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
    [
      { subject: ip, evidence: { family: 4 } },
      { subject: '2001:db8::5', evidence: { family: 6 } },
    ],
  ],
  [
    'an address family for which there is no target',
    { ips: [ip, '2001:db8::5'], hosts: open, settings: { egressTargets: [{ host: '198.51.100.1', port: 25 }] } },
    ['egress/inconclusive'],
    [{ subject: '2001:db8::5', evidence: { reason: 'unresolved', family: 6, unresolved: [] } }],
  ],
];

test.each(cases)('%s', async (_, world, codes, said) => {
  const result = await check(world);
  expect(result.codes).toEqual(codes);
  if (said) expect(result.findings).toMatchObject(said);
  // How many answer is told only where nothing is wrong.
  expect(result.note !== undefined).toBe(codes.length === 0);
});

describe('what is said', () => {
  test('a pass counts who answers', async () => {
    expect((await check({ hosts: open })).note).toBe('IPv4 open, 2 of 2 mail servers answer');
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
    const { codes, findings, report } = await check({
      settings: { egressTargets: [{ host: '10.0.0.1', port: 25 }], allowPrivate: false },
      hosts: open,
    });
    expect(codes).toEqual(['egress/inconclusive']);
    expect(findings[0]).toMatchObject({
      subject: ip,
      evidence: { reason: 'aborted', anchors: [{ ip: '10.0.0.1', outcome: 'forbidden' }] },
    });
    expect(report.timing.smtpConnections).toBe(0);
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

/** What a mail server or another service answered, for judging without connections. */
const address = (n: number): IpAddress => {
  const parsed = parseIp(`198.51.100.${n}`);
  if (parsed === undefined) throw new Error('unreachable');
  return parsed;
};
const greets = (greetingName: string | null, ...extensions: string[]): Exclude<AnchorOutcome, { kind: 'failed' }> => {
  const reply = { code: 220, enhanced: null, lines: [`${greetingName} ESMTP`] };
  return {
    kind: 'greeted',
    reply,
    hello: { status: 'reply', reply: { ...reply, code: 250 } },
    extensions: new Map(extensions.map((keyword) => [keyword, ''])),
    greetingName,
    connectMs: 1.6,
    transcript: { id: '', lines: [] },
  };
};
const fails = (failure: Partial<SmtpFailure>): AnchorOutcome => ({
  kind: 'failed',
  failure: { status: 'timeout', detail: '', ...failure },
});
/** The first of the known anchors, with these outcomes. */
const results = (...outcomes: AnchorOutcome[]): AnchorResult[] =>
  outcomes.flatMap((outcome, index) => {
    const anchor = ANCHORS[index];
    return anchor ? [{ anchor, ip: address(index + 1), outcome }] : [];
  });
const controlWith = (result: ControlResult['result']): ControlResult[] =>
  CONTROLS.slice(0, 1).map((service) => ({ control: service, ip: address(99), result }));
const works = controlWith({ status: 'connected', connectMs: 1.4 });
const own = ['mx.google.com', 'bn1pepf0000.mail.protection.outlook.com', 'mta1.mail.ne1.yahoo.com'];

describe('the decision, for the anchors that are known', () => {
  test.each<[string, AnchorResult[], ControlResult[], object]>([
    ['each by its own name', results(...own.map((name) => greets(name))), works, { kind: 'open' }],
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
      controlWith({ status: 'timeout', detail: '' }),
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

describe('the judgement of what the known anchors answer', () => {
  const [google = '', outlook = '', yahoo = ''] = ANCHORS.map(({ host }) => host);
  const tls = own.map((name) => greets(name, 'SIZE', 'STARTTLS'));
  const [googleTls = fails({}), outlookTls = fails({})] = tls;
  const open4: FamilyEgress = {
    family: 4,
    decision: { kind: 'open' },
    anchors: results(...tls),
    controls: works,
    seenAs: [],
  };
  const open6: FamilyEgress = { ...open4, family: 6 };
  const forbidden = fails({ status: 'forbidden' });
  const seenAs = (text: string): IpAddress[] => [text].map(parseIp).filter((parsed) => parsed !== undefined);

  async function judge(families: readonly FamilyEgress[], here: readonly string[] = [ip]) {
    const ips = here.map(parseIp).filter((parsed) => parsed !== undefined);
    const fact: EgressFact = { kind: 'tested', here: ips, families, unresolved: [] };
    const context = { target: { domain: 'example.com', ips }, facts: async () => fact };
    const found: Finding[] = [];
    const findings = egress.check(context as unknown as Context);
    for (;;) {
      const { done, value } = await findings.next();
      if (done) return { found, note: value && 'note' in value ? value.note : undefined };
      found.push(value);
    }
  }

  test.each<[string, FamilyEgress[], string, object[]?]>([
    ['who fails is not counted', [{ ...open4, anchors: results(...tls.slice(0, 2), fails({})) }], 'IPv4 open, 2 of 3'],
    ['both families are told of', [open4, open6], 'IPv4 open, 3 of 3 mail servers answer; IPv6 open, 3 of 3'],
    [
      'IPv6 that nobody tests and that is closed is a remark',
      [open4, { ...open6, decision: { kind: 'blocked', nature: 'dropped' } }],
      'IPv4 open, 3 of 3',
      [{ code: 'egress/ipv6-blocked', severity: 'info', subject: 'IPv6', evidence: { family: 6, nature: 'dropped' } }],
    ],
    ['IPv6 that nobody tests and that leads nowhere', [open4, { ...open6, decision: { kind: 'no-network' } }], 'IPv4'],
    ['IPv6 that nobody tests, seen with some address', [open4, { ...open6, seenAs: seenAs('2001:db8::9') }], 'IPv4'],
  ])('nothing wrong: %s', async (_, families, note, remarks = []) => {
    const judged = await judge(families);
    expect(judged.found).toMatchObject(remarks);
    expect(judged.note).toContain(note);
    expect(judged.note).not.toMatch(/^;|; ?$/);
  });

  test.each<[string, FamilyEgress[], object[], string[]?]>([
    [
      'IPv6 closed while IPv4 is not open either',
      [
        { ...open4, decision: { kind: 'one-answer' } },
        { ...open6, decision: { kind: 'blocked', nature: 'mixed' } },
      ],
      [
        { code: 'egress/inconclusive', evidence: { reason: 'one-answer', family: 4 } },
        { code: 'egress/blocked', subject: 'IPv6', evidence: { family: 6, nature: 'mixed' } },
      ],
    ],
    [
      'IPv4 closed while IPv6 is open',
      [{ ...open4, decision: { kind: 'blocked', nature: 'dropped' } }, open6],
      [{ code: 'egress/blocked', subject: ip, evidence: { family: 4 } }],
    ],
    [
      'IPv4, that nobody tests, answered by somebody else',
      [{ ...open4, decision: { kind: 'intercepted', by: 'foreign-names' } }, open6],
      [{ code: 'egress/intercepted', subject: 'IPv4', evidence: { by: 'foreign-names' } }],
      ['2001:db8::5'],
    ],
    [
      'names of somebody else: each once, of those who gave one',
      [
        {
          ...open4,
          decision: { kind: 'intercepted', by: 'same-greeting' },
          anchors: results(greets('a.example'), fails({}), greets(null), greets('b.example'), greets('a.example')),
        },
      ],
      [
        {
          code: 'egress/intercepted',
          evidence: {
            names: ['a.example', 'b.example'],
            // Times are told in whole milliseconds, and not at all where the system told none.
            anchors: [{ ms: 2 }, { ms: null, errno: null, outcome: 'timeout' }, {}, {}, {}],
            controls: [{ ms: 1 }],
          },
        },
      ],
    ],
    [
      'STARTTLS left out by one that has it',
      [{ ...open4, anchors: results(googleTls, greets('mail.outlook.com', 'SIZE', 'DSN')) }],
      [
        {
          code: 'egress/starttls-stripped',
          subject: ip,
          evidence: { anchors: [{ host: outlook }], extensions: ['SIZE', 'DSN'] },
        },
      ],
    ],
    [
      'STARTTLS left out by two: what they offer, each once',
      [{ ...open4, anchors: results(greets('mx.google.com', 'SIZE'), outlookTls, greets('a.yahoo.com', 'SIZE')) }],
      [
        {
          code: 'egress/starttls-stripped',
          evidence: { anchors: [{ host: google }, { host: yahoo }], extensions: ['SIZE'] },
        },
      ],
    ],
    [
      'STARTTLS there, and something else overwritten',
      [{ ...open4, anchors: results(greets('mx.google.com', 'STARTTLS', 'XXXX'), outlookTls) }],
      [{ code: 'egress/starttls-stripped', evidence: { anchors: [{ host: google }] } }],
    ],
    [
      'a large receiver turns the host away',
      [{ ...open4, anchors: results(googleTls, { ...greets(null), kind: 'rejected', hello: null }) }],
      [
        {
          code: 'egress/refused-by-anchor',
          subject: outlook,
          evidence: { family: 4, operator: 'Microsoft', ip: '198.51.100.2', meaning: 'unknown' },
        },
      ],
    ],
    [
      'seen with another address over IPv6',
      [{ ...open6, seenAs: seenAs('2001:db8::9') }],
      [
        {
          code: 'egress/source-mismatch',
          subject: '2001:db8::5',
          evidence: { family: 6, seen: ['2001:db8::9'], tested: ['2001:db8::5'] },
          remediation: { commands: ["postconf -e 'smtp_bind_address6 = 2001:db8::5'"] },
        },
      ],
      ['2001:db8::5'],
    ],
    [
      'a well-known name leads to an inner address',
      [{ ...open4, anchors: results(...tls, forbidden) }],
      [
        {
          code: 'egress/inconclusive',
          subject: 'mx01.mail.icloud.com',
          evidence: {
            reason: 'not-public',
            family: 4,
            anchors: [{ host: 'mx01.mail.icloud.com', outcome: 'forbidden' }],
            controls: [],
          },
        },
      ],
    ],
    [
      'the name of a control leads to one',
      [{ ...open4, controls: [...works, ...controlWith({ status: 'forbidden', detail: '', errno: 'EPERM' })] }],
      [
        {
          code: 'egress/inconclusive',
          subject: 'www.google.com',
          evidence: { anchors: [], controls: [{ host: 'www.google.com', outcome: 'forbidden', errno: 'EPERM' }] },
        },
      ],
    ],
    [
      'all lead to one: told once',
      [{ ...open4, decision: { kind: 'aborted' }, anchors: results(forbidden, forbidden) }],
      [{ code: 'egress/inconclusive', subject: ip, evidence: { reason: 'aborted' } }],
    ],
  ])('%s', async (_, families, expected, here = [ip]) => {
    const judged = await judge(families, here);
    expect(judged.found).toMatchObject(expected);
    expect(judged.note).toBeUndefined();
  });

  test.each<[string, AnchorOutcome]>([
    [
      'the one that refused EHLO offers nothing',
      { ...greets('mx.google.com'), hello: { status: 'closed', detail: '' } },
    ],
    ['EHLO was not said', { ...greets('mx.google.com'), hello: null }],
    [
      'only HELO was answered',
      {
        ...greets('mx.google.com'),
        hello: { status: 'reply', reply: { code: 252, enhanced: null, lines: [] } },
      },
    ],
    ['an extension begins with fewer X', greets('mx.google.com', 'STARTTLS', 'XXX-OWN')],
    ['one with X inside', greets('mx.google.com', 'STARTTLS', 'AXXXX')],
    ['the connection failed', fails({})],
  ])('no tampering: %s', async (_, outcome) => {
    expect((await judge([{ ...open4, anchors: results(outcome, outlookTls, ...tls.slice(2)) }])).found).toEqual([]);
  });

  test('a receiver that turns the host away over both families: two findings', async () => {
    const anchors = results(googleTls, { ...greets(null), kind: 'rejected', hello: null });
    const { found } = await judge([
      { ...open4, anchors },
      { ...open6, anchors },
    ]);
    expect(found.map(({ about }) => about)).toEqual([
      { name: outlook, item: 'IPv4' },
      { name: outlook, item: 'IPv6' },
    ]);
  });

  test('two tested addresses: a closed port is about the same one, in whatever order they are given', async () => {
    const closed: FamilyEgress = { ...open4, decision: { kind: 'blocked', nature: 'dropped' } };
    for (const here of [
      ['203.0.113.4', ip],
      [ip, '203.0.113.4'],
    ]) {
      const { found } = await judge([closed], here);
      expect(found).toMatchObject([
        {
          code: 'egress/blocked',
          about: { ip: '203.0.113.4' },
          remediation: { atProvider: { action: 'open-port-25', provider: null } },
        },
      ]);
    }
  });

  test('seen with one of two tested addresses', async () => {
    const seen = { ...open4, seenAs: [...seenAs('203.0.113.9'), ...seenAs(ip)] };
    expect((await judge([seen], ['203.0.113.4', ip])).found).toEqual([]);
  });
});
