/**
 * One cause, one line: what keeps several checks from being made is told once, at the head of the report. No step and no
 * later sentence repeats it, and what was not tested never passes.
 */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/status.ts';
import { closingParts } from '../../src/reporters/closing-words.ts';
import { pretty } from '../../src/reporters/pretty.ts';
import { type CheckCase, checkIn } from '../world/check.ts';
import { closed } from '../world/smtp.ts';
import { defaultListZones, type HostScript, worldAuthority } from '../world/world.ts';
import type { Fault, NameScript } from '../world/zone.ts';

const ip = '203.0.113.5';
const second = '203.0.113.6';
/** Another mail server, which shows whether this network lets port 25 out. */
const anchor = '198.51.100.25';
const cloudflare = '104.21.10.20';

const outside: Record<string, NameScript> = {
  ...defaultListZones(),
  arpa: { NS: ['ns.example.net'] },
  '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
  '6.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
};
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const zone: Record<string, NameScript> = {
  ...outside,
  's1._domainkey.example.com': {
    TXT: [`v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`],
  },
  'example.com': { SOA: [], MX: ['10 mail.example.com'], TXT: ['v=spf1 mx -all'] },
  'mail.example.com': { A: [ip], TXT: ['v=spf1 a -all'] },
  '_dmarc.example.com': { TXT: ['v=DMARC1; p=none; rua=mailto:dmarc@example.com'] },
};
const failing = (fault: Fault): Record<string, NameScript> => ({
  ...outside,
  ...Object.fromEntries(
    ['', 'mail.', '_dmarc.', '_domainkey.', 's1._domainkey.', '_mta-sts.', '*.'].map((label) => [
      `${label}example.com`,
      fault,
    ]),
  ),
});

const server: HostScript = {
  name: 'mail.example.com',
  rcpt: closed('example.com'),
  tls: { identity: worldAuthority.issue({ names: ['mail.example.com'] }) },
};

function scene(hosts: Readonly<Record<string, HostScript>>, more: Partial<CheckCase> = {}): CheckCase {
  return {
    dns: { zone, apexes: ['example.com'] },
    hosts: { [anchor]: {}, ...hosts },
    own: ['192.0.2.10'],
    selectors: ['s1'],
    ...more,
    settings: {
      egressTargets: [{ host: anchor, port: 25 }],
      extraRoots: [worldAuthority.certificate],
      ...more.settings,
    },
  };
}

interface Scene {
  readonly world: CheckCase;
  /** The obstacles of the report, and the rules that each one keeps from being made. */
  readonly causes: Readonly<Record<string, readonly string[]>>;
  /** A part of the sentence that tells the cause. It stands in the report once. */
  readonly says: string;
  /** The codes that fail. */
  readonly errors?: readonly string[];
}

/** The rules that need a dialogue with the mail server. */
const dialogue = ['helo', 'open-relay', 'tls', 'mx'];
const transport = ['dnssec', 'dane', 'mta-sts', 'tls-rpt', 'bimi'];
const ofHost = ['ptr', 'helo', 'spf', 'rbl', 'provider', 'open-relay', 'tls'];

const scenes: Readonly<Record<string, Scene>> = {
  'this network blocks port 25': {
    world: scene({ [anchor]: 'refused', [ip]: 'refused' }),
    causes: { 'port-25': dialogue },
    says: 'This network blocks outbound port 25: another mail server, ',
  },
  'this machine has no route': {
    world: scene({ [anchor]: 'no-route', [ip]: 'no-route' }),
    causes: { 'no-ipv4': dialogue },
    says: 'This machine has no IPv4',
  },
  'the mail server does not run': {
    world: scene({ [ip]: 'refused' }),
    causes: { 'silent-host': ['helo', 'open-relay', 'tls'] },
    says: `Port 25 of ${ip} accepts no connection (ECONNREFUSED).`,
    errors: ['mx/port-closed'],
  },
  'the mail server does not run at any of its addresses': {
    world: scene(
      { [ip]: 'refused', [second]: 'refused' },
      {
        ips: [ip, second],
        dns: { zone: { ...zone, 'mail.example.com': { A: [ip, second], TXT: ['v=spf1 a -all'] } } },
      },
    ),
    causes: { 'silent-host': ['helo', 'open-relay', 'tls'] },
    says: `Port 25 of ${ip} and ${second} accepts no connection (ECONNREFUSED).`,
    errors: ['mx/port-closed'],
  },
  'the host does not answer, and nothing shows whether this network is the reason': {
    world: { ...scene({ [ip]: 'refused' }), settings: { extraRoots: [worldAuthority.certificate] } },
    causes: { 'silent-host': dialogue },
    says: `Port 25 of ${ip} accepts no connection (ECONNREFUSED).`,
  },
  'the host turns this machine away for a block list': {
    world: scene({ [ip]: { greeting: '554 5.7.1 Client host [192.0.2.10] blocked using zen.spamhaus.org' } }),
    causes: { 'turned-away': dialogue },
    says: 'turns this machine away: 554 5.7.1 Client host [192.0.2.10] blocked',
  },
  'the host puts this machine off': {
    world: scene({ [ip]: { greeting: '421 4.7.0 not now' } }),
    causes: { 'turned-away': dialogue },
    says: 'turns this machine away: 421 4.7.0 not now',
  },
  'the host hangs up before it greets': {
    world: scene({ [ip]: { drop: { at: 'greeting' } } }),
    causes: { 'no-greeting': dialogue },
    says: `Port 25 of ${ip} accepts the connection and closes it at once without a greeting.`,
  },
  'a decoy answers': {
    world: scene({ [ip]: { greeting: '220 mail.example.com ESMTP MailHog' } }),
    causes: { decoy: ['open-relay', 'tls', 'mx'] },
    says: `What answers on port 25 of ${ip} is MailHog`,
  },
  'the MX host is behind a web proxy': {
    world: scene({}, { ips: [], dns: { zone: { ...zone, 'mail.example.com': { A: [cloudflare] } } } }),
    causes: { 'web-proxy': ofHost },
    says: `There is no address to test: mail.example.com resolves to ${cloudflare}, an address of Cloudflare’s web proxy`,
    errors: ['mx/behind-proxy'],
  },
  'no address is known': {
    world: scene({}, { ips: [], dns: { zone: { ...zone, 'example.com': { SOA: [], TXT: ['v=spf1 -all'] } } } }),
    causes: { 'no-address': ofHost },
    says: 'There is no address to test: you gave none, and the MX hosts have none.',
    errors: ['mx/no-address'],
  },
  'the name servers of the domain fail': {
    world: scene({ [ip]: server }, { dns: { zone: failing('servfail') } }),
    causes: {
      'zone-failing': [
        'dns',
        'ptr',
        'helo',
        'spf',
        'dkim',
        'dmarc',
        'rbl',
        'provider',
        'open-relay',
        'tls',
        'mx',
        ...transport,
      ],
    },
    says: 'The lookups of example.com fail',
  },
  'the name servers of the domain fail, and no address is typed': {
    world: scene({}, { ips: [], dns: { zone: failing('servfail') } }),
    causes: {
      'zone-failing': [
        'dns',
        'ptr',
        'helo',
        'spf',
        'dkim',
        'dmarc',
        'rbl',
        'provider',
        'egress',
        'open-relay',
        'tls',
        'mx',
        ...transport,
      ],
    },
    says: 'The lookups of example.com fail',
  },
  'the domain does not exist': {
    world: scene({ [ip]: server }, { dns: { zone: outside } }),
    causes: {},
    says: 'example.com does not exist in the DNS (NXDOMAIN)',
    errors: ['dns/domain-nonexistent'],
  },
  'the time is up': {
    world: scene({ [ip]: { tarpitMs: 1000 } }, { timeoutMs: 1500 }),
    causes: { 'time-limit': ['helo', 'rbl', 'open-relay', 'tls', 'mx'] },
    says: 'The time limit of the run ended it',
  },
  'the resolver refuses': {
    world: scene({}, { dns: { zone: {}, fault: 'refused' } }),
    causes: {
      'resolver-refusing': [
        'dns',
        'ptr',
        'helo',
        'spf',
        'dkim',
        'dmarc',
        'rbl',
        'provider',
        'open-relay',
        'tls',
        'mx',
        ...transport,
      ],
    },
    says: 'refuses to answer this machine (REFUSED)',
  },
};

/** A sentence that may stand in a report twice, with the reason. */
const TWICE: readonly RegExp[] = [
  // A command is printed where it is needed.
  /mailcheck example\.com/,
];

/** The length from which a sentence may not stand in a report twice. */
const LONG = 40;

function repeated(text: string): string[] {
  const sentences = text.split(/(?<=[.!?])\s+|\n\s*\n/).map((one) => one.replaceAll(/\s+/g, ' ').trim());
  const long = sentences.filter((one) => one.length >= LONG && !TWICE.some((allowed) => allowed.test(one)));
  return long.filter((one, index) => long.indexOf(one) !== index);
}

const obstaclesOf = ({ vantage, target }: Report) => [...vantage.obstacles, ...(target.obstacles ?? [])];
const findingsOf = ({ rules }: Report) => rules.flatMap(({ findings }) => findings);

test('a silent MX host of somebody else is not to be started where this network may be the cause', async () => {
  const elsewhere = { ...zone, 'example.com': { SOA: [], MX: ['10 mx.example.net'], TXT: ['v=spf1 a -all'] } };
  const report = await checkIn({
    ...scene(
      { [ip]: server, [second]: 'refused' },
      { dns: { zone: { ...elsewhere, 'mx.example.net': { A: [second] } } } },
    ),
    settings: { vantage: 'self' },
    rules: ['mx'],
  });
  expect(report.verdict).toBe('inconclusive');
  expect(report.advice.steps.map(({ summary }) => summary)).toEqual([
    'Run the check from a network that allows outbound port 25: this network probably blocks it.',
  ]);
});

describe.each(Object.entries(scenes))('%s', (_, { world, causes, says, errors = [] }) => {
  test('is told once', async () => {
    const report = await checkIn(world);
    const told = obstaclesOf(report);
    const text = pretty([report], { color: false, verbose: false });
    const inOneLine = text.replaceAll(/\s+/g, ' ');

    expect(Object.fromEntries(told.map(({ kind, rules }) => [kind, rules]))).toEqual(causes);
    expect(inOneLine.split(says)).toHaveLength(2);
    // The report ends with the verdict of its first line, and with nothing else of what it has said.
    const { verdict } = closingParts(report);
    expect(repeated(text)).toEqual(verdict.length < LONG ? [] : [verdict]);

    // What was not tested is open, and no step but the one of the cause speaks of it.
    for (const id of Object.values(causes).flat()) {
      expect(report.rules.find((rule) => rule.id === id)?.status).not.toMatch(/pass|skipped/);
    }
    for (const { kind, remediation } of told) {
      const codes = findingsOf(report).filter(({ obstacle }) => obstacle?.kind === kind);
      const steps = report.advice.steps.filter((step) => codes.some(({ code }) => step.codes.includes(code)));
      expect(steps.map(({ summary }) => summary)).toEqual([remediation.summary]);
    }
    // Why receivers care is untrue of what they do not meet.
    expect(findingsOf(report).filter(({ obstacle, explanation }) => obstacle && explanation !== '')).toEqual([]);
    const ownErrors = report.rules
      .filter(({ kind }) => kind === 'check')
      .flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'error'));
    expect(ownErrors.map(({ code }) => code)).toEqual(errors);
    expect(report.verdict).toBe(errors.length > 0 ? 'fail' : 'inconclusive');
  });
});
