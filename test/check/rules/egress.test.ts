import { describe, expect, test } from 'vitest';
import { ANCHORS, anchorOf, CONTROLS } from '../../../src/check/facts/egress-anchors.ts';
import { decide } from '../../../src/check/facts/egress-decision.ts';
import type { AnchorOutcome, AnchorResult, ControlResult } from '../../../src/check/facts/egress-results.ts';
import egress from '../../../src/check/rules/egress/rule.ts';
import { refusalMeaning } from '../../../src/check/rules/refusal.ts';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import type { SmtpFailure } from '../../../src/network/smtp/types.ts';
import { type RuleCase, ruleTest } from '../../world/rule-test.ts';
import type { SmtpScript } from '../../world/smtp.ts';
import { mailcheck, startWorld } from '../../world/world.ts';
import type { ZoneScript } from '../../world/zone.ts';

type Case = RuleCase<keyof typeof egress.findings>;

const ip = '203.0.113.5';
const zone: ZoneScript = {
  'mx.example.net': { A: ['198.51.100.1'], AAAA: ['2001:db8:1::1'] },
  'mx.example.org': { A: ['198.51.100.2'], AAAA: ['2001:db8:1::2'] },
  'www.example.net': { A: ['198.51.100.3'], AAAA: ['2001:db8:1::3'] },
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
const open: Case['hosts'] = { '198.51.100.1': first, '198.51.100.2': second, '198.51.100.3:443': {} };

/** @returns a case on the mail host, with two mail servers to try, where it does not say otherwise. */
function onHost(given: Case): Case {
  return {
    zone,
    own: [],
    // How many answer is told only where nothing is wrong.
    ...(given.finds ? { note: undefined } : {}),
    ...given,
    settings: { vantage: 'self', ...targets, ...given.settings },
  };
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

const cases: Case[] = [
  { when: 'two mail servers greet', note: 'open over IPv4, 2 of 2 mail servers answer', hosts: open },
  {
    when: 'one of two mail servers is down',
    hosts: { ...open, '198.51.100.1': 'refused' },
    finds: [
      {
        code: 'egress/inconclusive',
        subject: ip,
        says: /1 of 2 mail servers answered/,
        evidence: {
          reason: 'one-answer',
          family: 4,
          anchors: [noAnchor[0], greetedBy('mx.example.org', '198.51.100.2')],
          controls: [control],
        },
      },
    ],
  },
  {
    when: 'one of three mail servers is down',
    note: 'open over IPv4, 2 of 3 mail servers answer',
    hosts: { ...open, '198.51.100.9': 'refused' },
    settings: { egressTargets: [...targets.egressTargets, { host: '198.51.100.9', port: 25 }] },
  },
  {
    when: 'the only mail server that was named greets',
    note: 'open over IPv4, 1 of 1 mail servers answer',
    hosts: open,
    settings: { egressTargets: [{ host: 'mx.example.net', port: 25 }] },
  },
  {
    when: 'a mail server on another port, as the user says',
    note: 'open over IPv4, 1 of 1 mail servers answer',
    hosts: { '198.51.100.1:2525': first },
    settings: { egressTargets: [{ host: 'mx.example.net', port: 2525 }] },
  },
  {
    when: 'no mail server greets, while a control answers',
    hosts: { '198.51.100.3:443': {} },
    finds: [
      {
        code: 'egress/blocked',
        subject: ip,
        says: /none of 2 mail servers .*but www\.example\.net answers/,
        evidence: { family: 4, nature: 'rejected', anchors: noAnchor, controls: [control] },
      },
    ],
  },
  {
    when: 'mail servers accept connections and cut them, while a control answers',
    hosts: {
      '198.51.100.1': { drop: { at: 'connect' } },
      '198.51.100.2': { drop: { at: 'connect', with: 'rst' } },
      '198.51.100.3:443': {},
    },
    finds: ['egress/blocked'],
  },
  {
    when: 'nothing answers',
    hosts: {},
    finds: [
      {
        code: 'egress/inconclusive',
        subject: ip,
        evidence: {
          reason: 'no-network',
          family: 4,
          anchors: noAnchor,
          controls: [refusedBy('www.example.net', '198.51.100.3', 443)],
        },
      },
    ],
  },
  {
    when: 'no mail server answers, and there is no control',
    hosts: {},
    settings: { egressControls: [] },
    finds: [{ code: 'egress/inconclusive', evidence: { reason: 'no-control', controls: [] } }],
  },
  {
    when: 'no name of a mail server can be looked up',
    zone: {},
    finds: [
      {
        code: 'egress/inconclusive',
        subject: ip,
        says: /no address was found for mx\.example\.net, mx\.example\.org/,
        evidence: { reason: 'unresolved', family: 4, unresolved: ['mx.example.net', 'mx.example.org'] },
      },
    ],
  },
  {
    when: 'two mail servers greet with one name',
    hosts: { ...open, '198.51.100.1': { name: 'relay.isp.example' }, '198.51.100.2': { name: 'relay.isp.example' } },
    finds: [
      {
        code: 'egress/intercepted',
        subject: ip,
        says: /the same name: relay\.isp\.example/,
        evidence: { family: 4, by: 'same-greeting', names: ['relay.isp.example'] },
      },
    ],
  },
  {
    when: 'an extension of a mail server is overwritten with X',
    hosts: { ...open, '198.51.100.1': { ...first, extensions: ['SIZE 1000', 'XXXXXXXA'] } },
    finds: [
      {
        code: 'egress/starttls-stripped',
        subject: ip,
        says: /Over IPv4, mx\.example\.net offers no STARTTLS/,
        evidence: {
          family: 4,
          anchors: [greetedBy('mx.example.net', '198.51.100.1')],
          extensions: ['SIZE', 'XXXXXXXA'],
        },
      },
    ],
  },
  {
    when: 'a mail server with an extension of its own that begins with X',
    note: 'open over IPv4, 2 of 2 mail servers answer',
    hosts: { ...open, '198.51.100.1': { ...first, extensions: ['XCLIENT NAME'] } },
  },
  {
    when: 'a mail server greets with 554',
    hosts: { ...open, '198.51.100.1': { greeting: '554 5.7.1 [203.0.113.5] blocked using zen.example' } },
    finds: [
      {
        code: 'egress/refused-by-anchor',
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
  },
  {
    when: 'a mail server answers EHLO with 550',
    hosts: { ...open, '198.51.100.1': { ...first, replies: { EHLO: '550 no PTR', HELO: '550 5.7.25 no PTR' } } },
    finds: [
      {
        code: 'egress/refused-by-anchor',
        evidence: { smtp: { command: 'EHLO', code: 550, enhanced: '5.7.25' }, meaning: 'reverse-name' },
      },
    ],
  },
  {
    when: 'a mail server sees another address',
    hosts: {
      ...open,
      '198.51.100.1': { ...first, hello: () => '250 mx.example.net at your service, [203.0.113.77]' },
    },
    finds: [
      {
        code: 'egress/source-mismatch',
        subject: ip,
        evidence: { family: 4, seen: ['203.0.113.77'], tested: [ip] },
        remediation: { commands: [`postconf -e 'smtp_bind_address = ${ip}'`] },
      },
    ],
  },
  {
    when: 'a mail server sees the tested address',
    note: 'open over IPv4, 2 of 2 mail servers answer',
    hosts: {
      ...open,
      '198.51.100.1': { ...first, hello: () => '250 mx.example.net at your service, [203.0.113.5]' },
    },
  },
  {
    when: 'two tested addresses: IPv4 is open, IPv6 is closed',
    ips: [ip, '2001:db8::5'],
    hosts: { ...open, '[2001:db8:1::3]:443': {} },
    finds: [
      {
        code: 'egress/ipv6-blocked',
        severity: 'warning',
        subject: '2001:db8::5',
        evidence: { family: 6, nature: 'rejected' },
      },
    ],
  },
  {
    when: 'two tested addresses: IPv4 and IPv6 are open',
    note: 'open over IPv4, 2 of 2 mail servers answer; open over IPv6, 2 of 2 mail servers answer',
    ips: [ip, '2001:db8::5'],
    hosts: { ...open, '2001:db8:1::1': first, '2001:db8:1::2': second, '[2001:db8:1::3]:443': {} },
  },
  {
    when: 'two tested addresses: IPv4 and IPv6 are closed',
    ips: [ip, '2001:db8::5'],
    hosts: { '198.51.100.3:443': {}, '[2001:db8:1::3]:443': {} },
    finds: [
      { code: 'egress/blocked', subject: ip, evidence: { family: 4 } },
      { code: 'egress/blocked', subject: '2001:db8::5', evidence: { family: 6 } },
    ],
  },
  {
    when: 'a tested address of a family for which there is no mail server',
    ips: [ip, '2001:db8::5'],
    hosts: open,
    settings: { egressTargets: [{ host: '198.51.100.1', port: 25 }] },
    finds: [
      {
        code: 'egress/inconclusive',
        subject: '2001:db8::5',
        evidence: { reason: 'unresolved', family: 6, unresolved: [] },
      },
    ],
  },
];

const unconnected: Case[] = [
  ...(['outside', 'same-network'] as const).map(
    (vantage): Case => ({
      when: `seen from ${vantage}, so that the command to run on the host is told`,
      hosts: open,
      settings: { vantage },
      skips: 'can only be tested on the mail server itself',
      also: ({ report, result }) => {
        expect(result.skipCommand).toBe('mailcheck example.com 203.0.113.5 --on-host --only egress');
        expect(report.timing.smtpConnections).toBe(0);
      },
    }),
  ),
  {
    when: 'a private target, without --allow-private',
    hosts: open,
    settings: { egressTargets: [{ host: '10.0.0.1', port: 25 }], allowPrivate: false },
    finds: [
      {
        code: 'egress/inconclusive',
        subject: ip,
        evidence: { reason: 'aborted', anchors: [{ ip: '10.0.0.1', outcome: 'forbidden' }] },
      },
    ],
    also: ({ report }) => expect(report.timing.smtpConnections).toBe(0),
  },
];

const notPublic: Case = {
  when: 'the tested address is not public, and no target is named',
  zone,
  hosts: open,
  settings: { vantage: 'self' },
  skips: /--egress-target/,
  // The questions of the preflight, and none of this rule.
  also: ({ report }) => expect(report.timing).toMatchObject({ smtpConnections: 0, dnsQueries: 3 }),
};

const publicIp = '8.8.4.50';
const publicIp6 = '2001:4860::50';
const [google = '', outlook = '', yahoo = '', icloud = ''] = ANCHORS.map(({ host }) => host);
const control443 = CONTROLS[0]?.host ?? '';

/** The well-known mail servers and controls, at public addresses that lead to loopback. */
const knownZone: ZoneScript = Object.fromEntries(
  [...ANCHORS, ...CONTROLS].map(({ host }, index) => [
    host,
    { A: [`8.8.4.${index + 1}`], AAAA: [`2001:4860::${index + 1}`] },
  ]),
);
const known4 = (index: number) => `8.8.4.${index + 1}`;
const known6 = (index: number) => `2001:4860::${index + 1}`;
const works4 = { [`${known4(ANCHORS.length)}:443`]: {} };
const works6 = { [`[${known6(ANCHORS.length)}]:443`]: {} };

/** @returns the first of the well-known mail servers, each with what its script says besides its name and STARTTLS. */
function known(at: (index: number) => string, ...scripts: SmtpScript[]): NonNullable<Case['hosts']> {
  return Object.fromEntries(
    scripts.map((script, index) => [
      at(index),
      {
        name: ANCHORS[index]?.greets?.map((domain) => `mx.${domain}`)[0] ?? 'p00-iscream-smtp',
        extensions: ['SIZE', 'STARTTLS'],
        ...script,
      },
    ]),
  );
}
const allKnown = (at: (index: number) => string, script: SmtpScript = {}) => known(at, ...ANCHORS.map(() => script));
const greetsAs = (name: string): SmtpScript => ({ name });
const saying = (text: string): SmtpScript => ({ hello: () => `250 at your service, [${text}]` });
const all4 = { ...allKnown(known4), ...works4 };
const all6 = { ...allKnown(known6), ...works6 };

const open4 = 'open over IPv4, 7 of 7 mail servers answer';

const wellKnown: Case[] = [
  {
    when: 'two of seven well-known mail servers answer, which is enough',
    hosts: { ...known(known4, {}, {}), ...works4 },
    note: 'open over IPv4, 2 of 7 mail servers answer',
  },
  {
    when: 'the machine has an IPv6 address too, and both families are open',
    own: [publicIp6],
    hosts: { ...all4, ...all6 },
    note: `${open4}; open over IPv6, 7 of 7 mail servers answer`,
  },
  {
    when: 'IPv6, which is not tested, is closed',
    own: [publicIp6],
    hosts: { ...all4, ...works6 },
    finds: [
      {
        code: 'egress/ipv6-blocked',
        severity: 'info',
        subject: 'IPv6',
        about: { item: 'IPv6' },
        evidence: { family: 6, nature: 'rejected' },
      },
    ],
    note: open4,
  },
  { when: 'IPv6, which is not tested, leads nowhere', own: [publicIp6], hosts: all4, note: open4 },
  {
    when: 'IPv6 is not tested, and mail servers see some address',
    own: [publicIp6],
    hosts: { ...all4, ...all6, ...allKnown(known6, saying('2001:4860::99')) },
    note: `${open4}; open over IPv6, 7 of 7 mail servers answer`,
  },
  {
    when: 'IPv6 is closed, while IPv4 is not known to be open',
    own: [publicIp6],
    hosts: { ...known(known4, {}), ...works4, ...works6 },
    finds: [
      { code: 'egress/inconclusive', evidence: { reason: 'one-answer', family: 4 } },
      { code: 'egress/blocked', subject: 'IPv6', evidence: { family: 6, nature: 'rejected' } },
    ],
  },
  {
    when: 'IPv4 is closed, while IPv6 is open',
    own: [publicIp6],
    hosts: { ...works4, ...all6 },
    finds: [{ code: 'egress/blocked', subject: publicIp, evidence: { family: 4 } }],
  },
  {
    when: 'somebody else answers over IPv4, which is not tested',
    ips: [publicIp6],
    own: [publicIp],
    hosts: { ...known(known4, greetsAs('a.isp.example'), greetsAs('b.isp.example')), ...works4, ...all6 },
    finds: [{ code: 'egress/intercepted', subject: 'IPv4', evidence: { by: 'foreign-names' } }],
  },
  {
    when: 'somebody else answers with few names: each name is told once',
    hosts: {
      ...known(known4, greetsAs('a.example'), { greeting: '220 ready' }, greetsAs('b.example'), greetsAs('a.example')),
      ...works4,
    },
    finds: [{ code: 'egress/intercepted', evidence: { by: 'same-greeting', names: ['a.example', 'b.example'] } }],
    also: ({ findings }) => {
      const times = [...JSON.stringify(findings[0]?.evidence).matchAll(/"ms":([^,}]*)/g)].map(([, ms]) => ms);
      expect(times).toHaveLength(ANCHORS.length + CONTROLS.length);
      expect(times.join(' ')).toMatch(/^[\d ]+$/);
    },
  },
  {
    when: 'one well-known mail server does not offer STARTTLS',
    hosts: { ...all4, ...known(known4, {}, { extensions: ['SIZE', 'DSN'] }) },
    finds: [
      {
        code: 'egress/starttls-stripped',
        subject: publicIp,
        evidence: { anchors: [{ host: outlook }], extensions: ['SIZE', 'DSN'] },
      },
    ],
  },
  {
    when: 'two well-known mail servers do not offer STARTTLS: what they offer is told once',
    hosts: { ...all4, ...known(known4, { extensions: ['SIZE'] }, {}, { extensions: ['SIZE'] }) },
    finds: [
      {
        code: 'egress/starttls-stripped',
        evidence: { anchors: [{ host: google }, { host: yahoo }], extensions: ['SIZE'] },
      },
    ],
  },
  {
    when: 'a well-known mail server offers STARTTLS, and another extension is overwritten',
    hosts: { ...all4, ...known(known4, { extensions: ['STARTTLS', 'XXXX'] }) },
    finds: [{ code: 'egress/starttls-stripped', evidence: { anchors: [{ host: google }] } }],
  },
  {
    when: 'a large receiver turns the host away',
    hosts: { ...all4, ...known(known4, {}, { greeting: '554 5.0.0 go away' }) },
    finds: [
      {
        code: 'egress/refused-by-anchor',
        subject: outlook,
        evidence: { family: 4, operator: 'Microsoft', ip: known4(1), meaning: 'unknown' },
      },
    ],
  },
  {
    when: 'mail servers see another address over IPv6',
    ips: [publicIp6],
    hosts: { ...works6, ...allKnown(known6, saying('2001:4860::99')) },
    finds: [
      {
        code: 'egress/source-mismatch',
        subject: publicIp6,
        evidence: { family: 6, seen: ['2001:4860::99'], tested: [publicIp6] },
        remediation: { commands: [`postconf -e 'smtp_bind_address6 = ${publicIp6}'`] },
      },
    ],
  },
  {
    when: 'mail servers see one of two tested addresses, and another',
    ips: ['8.8.4.49', publicIp],
    hosts: { ...all4, ...known(known4, saying('8.8.4.99'), saying(publicIp)) },
    note: open4,
  },
  {
    when: 'a well-known name leads to a private address',
    zone: { ...knownZone, [icloud]: { A: ['10.0.0.1'] } },
    hosts: all4,
    finds: [
      {
        code: 'egress/inconclusive',
        subject: icloud,
        evidence: {
          reason: 'not-public',
          family: 4,
          anchors: [{ host: icloud, outcome: 'forbidden', errno: null, ms: null }],
          controls: [],
        },
      },
    ],
  },
  {
    when: 'the name of a control leads to a private address',
    zone: { ...knownZone, [control443]: { A: ['10.0.0.1'] } },
    hosts: all4,
    finds: [
      {
        code: 'egress/inconclusive',
        subject: control443,
        evidence: { reason: 'not-public', anchors: [], controls: [{ host: control443, outcome: 'forbidden' }] },
      },
    ],
  },
  {
    when: 'every well-known name leads to a private address, which is told once',
    zone: { ...knownZone, ...Object.fromEntries(ANCHORS.map(({ host }) => [host, { A: ['10.0.0.1'] }])) },
    hosts: all4,
    finds: [{ code: 'egress/inconclusive', subject: publicIp, evidence: { reason: 'aborted' } }],
  },
  ...(
    [
      ['answers EHLO with 252', { replies: { EHLO: '252 perhaps' } }],
      ['has an extension that begins with three X', { extensions: ['STARTTLS', 'XXX-OWN'] }],
      ['has an extension with four X inside', { extensions: ['STARTTLS', 'AXXXX'] }],
    ] satisfies [string, SmtpScript][]
  ).map(([what, script]) => ({
    when: `a well-known mail server ${what}, which is no tampering`,
    hosts: { ...all4, ...known(known4, script) },
    note: open4,
  })),
];

/** @returns a case on a host with a public address, which the well-known mail servers are tried from. */
function onPublicHost(given: Case): Case {
  return {
    ips: [publicIp],
    zone: knownZone,
    own: [],
    ...(given.finds ? { note: undefined } : {}),
    ...given,
    settings: { vantage: 'self', allowPrivate: false },
  };
}

ruleTest(egress, [...[...cases, ...unconnected].map(onHost), notPublic, ...wellKnown.map(onPublicHost)]);

describe('egress: what a refusal means, by its words', () => {
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

  test('a reply of several lines, by whichever of them tells', () => {
    expect(refusalMeaning({ code: 554, enhanced: null, lines: ['go away', 'see Spamhaus'] })).toBe('block-list');
    expect(refusalMeaning({ code: 554, enhanced: null, lines: ['no SMTP', 'service here'] })).toBe('policy');
  });
});

test('egress: the command line takes targets and controls', async () => {
  const world = await startWorld({ dns: { zone }, hosts: open });
  const fromHost = world.args.map((word) => (word === 'outside' ? 'self' : word));
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
  const { code, stdout } = await mailcheck([...args, '--egress-control', 'www.example.net:443', ...fromHost]);
  await world.close();
  expect(stdout).toContain('open over IPv4, 2 of 2 mail servers answer');
  expect(code).toBe(0);
});

/** What a mail server or another service answered, for judging without connections. */
const address = (n: number): IpAddress => {
  const parsed = parseIp(`198.51.100.${n}`);
  if (parsed === undefined) throw new Error('unreachable');
  return parsed;
};
const greets = (
  greetingName: string | null,
  extensions: readonly string[] = [],
  words = `${greetingName} ESMTP`,
): Exclude<AnchorOutcome, { kind: 'failed' }> => {
  const reply = { code: 220, enhanced: null, lines: [words] };
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
/** The anchor that announces no domain, with this outcome. */
const apple = (outcome: AnchorOutcome): AnchorResult[] =>
  ANCHORS.filter(({ operator }) => operator === 'Apple').map((anchor) => ({ anchor, ip: address(50), outcome }));
const controlWith = (result: ControlResult['result']): ControlResult[] =>
  CONTROLS.slice(0, 1).map((service) => ({ control: service, ip: address(99), result }));
const works = controlWith({ status: 'connected', connectMs: 1.4 });
const own = ['mx.google.com', 'bn1pepf0000.mail.protection.outlook.com', 'mta1.mail.ne1.yahoo.com'];

describe('egress: the decision on what well-known mail servers answer', () => {
  test.each<[string, AnchorResult[], ControlResult[], object]>([
    ['each greets with its own name', results(...own.map((name) => greets(name))), works, { kind: 'open' }],
    [
      'two say the same, and no name',
      results(greets(null), greets(null)),
      works,
      { kind: 'intercepted', by: 'same-words' },
    ],
    [
      'two say the same but for the time',
      results(greets(null, [], 'ready at 10:11:12'), greets(null, [], 'ready at 10:11:13')),
      works,
      { kind: 'intercepted', by: 'same-words' },
    ],
    [
      'two turn the client away in the same words',
      results(...Array(2).fill({ ...greets(null), kind: 'rejected', hello: null })),
      works,
      { kind: 'intercepted', by: 'same-words' },
    ],
    [
      'two say different things, and no name',
      results(greets(null, [], 'hello'), greets(null, [], 'welcome')),
      works,
      { kind: 'intercepted', by: 'foreign-names' },
    ],
    [
      'two greet with names of their own and say EHLO with one name',
      results(greets(own[0] ?? null, [], 'proxy.isp.example'), greets(own[1] ?? null, [], 'proxy.isp.example')),
      works,
      { kind: 'intercepted', by: 'same-greeting' },
    ],
    [
      'servers that the user named say the same, and no name',
      results(greets(null), greets(null)).map((result, index) => ({
        ...result,
        anchor: anchorOf({ host: `mx${index}.example.net`, port: 25 }),
      })),
      works,
      { kind: 'one-answer' },
    ],
    [
      'one greets with a new name, the other with its own',
      results(greets('mx.google.com'), greets('mail.microsoft')),
      works,
      { kind: 'open' },
    ],
    [
      'one greets with a new name, and the other announces no domain, as it always does',
      [...results(greets('mail.google')), ...apple(greets(null, [], '220 iCloud iscream SMTP proxy'))],
      works,
      { kind: 'one-answer' },
    ],
    [
      'one turns the client away, and the other announces no domain',
      [
        ...results({ ...greets(null, [], 'no'), kind: 'rejected', hello: null }),
        ...apple(greets(null, [], '220 iCloud iscream SMTP proxy')),
      ],
      works,
      { kind: 'one-answer' },
    ],
    [
      'one greets with its own name, and the other announces no domain',
      [...results(greets('mx.google.com')), ...apple(greets(null, [], '220 iCloud iscream SMTP proxy'))],
      works,
      { kind: 'open' },
    ],
    [
      'one that announces no domain says the same as another',
      [...results(greets(null)), ...apple(greets(null))],
      works,
      { kind: 'intercepted', by: 'same-words' },
    ],
    [
      'both greet with names of somebody else',
      results(greets('a.isp.example'), greets('b.isp.example')),
      works,
      { kind: 'intercepted', by: 'foreign-names' },
    ],
    [
      'two greet with one name',
      results(greets('mx.google.com'), greets('mx.google.com')),
      works,
      { kind: 'intercepted', by: 'same-greeting' },
    ],
    [
      'one of seven greets',
      results(greets('mx.google.com'), ...Array(6).fill(fails({}))),
      works,
      { kind: 'one-answer' },
    ],
    ['nothing comes back', results(fails({}), fails({})), works, { kind: 'blocked', nature: 'dropped' }],
    [
      'connections are refused or prohibited',
      results(fails({ status: 'unreachable' }), fails({ status: 'refused' })),
      works,
      { kind: 'blocked', nature: 'rejected' },
    ],
    [
      'connections are accepted, and no greeting comes',
      results(fails({ status: 'timeout', connected: true })),
      works,
      { kind: 'blocked', nature: 'cut' },
    ],
    [
      'some refuse, from some nothing comes back',
      results(fails({}), fails({ status: 'refused' })),
      works,
      { kind: 'blocked', nature: 'mixed' },
    ],
    [
      'nothing comes back, from a control neither',
      results(fails({}), fails({})),
      controlWith({ status: 'timeout', detail: '' }),
      { kind: 'no-network' },
    ],
    ['the run is cut short', results(fails({ status: 'aborted' })), works, { kind: 'aborted' }],
  ])('%s', (_, anchors, controls, decision) => {
    expect(decide(anchors, controls)).toEqual(decision);
  });

  test('egress: the well-known mail servers are of at least four operators', () => {
    expect(new Set(ANCHORS.map(({ operator }) => operator)).size).toBeGreaterThanOrEqual(4);
    expect(ANCHORS.length).toBeGreaterThanOrEqual(5);
  });
});
