/** Receivers that are asked on the host: what each says, what is made of it, and that no recipient is ever named. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Said } from '../../../src/check/facts/asking/stamp-schema.ts';
import asked from '../../../src/check/rules/asked/rule.ts';
import { stampFiles } from '../../../src/check/stamp-files.ts';
import { allReceivers } from '../../../src/knowledge/receivers/catalogue.ts';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import { closingWords } from '../../../src/reporters/closing-words.ts';
import { receiverTable } from '../../../src/reporters/receivers.ts';
import { selfSigned } from '../../world/certificates.ts';
import { checkIn, resultOf } from '../../world/check.ts';
import { NOW } from '../../world/clock.ts';
import { type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import { scenes } from '../../world/scenes.ts';
import type { SmtpScript } from '../../world/smtp.ts';
import { NotedStamps } from '../../world/stamps.ts';
import type { ZoneScript } from '../../world/zone.ts';

type Case = RuleCase<keyof typeof asked.findings>;

const ip = '203.0.113.5';
const healthy = scenes.healthy.world;
const askable = allReceivers.flatMap(({ id, asks }) => (asks === undefined ? [] : [{ id, domain: asks.domain }]));
const serverOf = (id: string): string => `198.51.100.${askable.findIndex((receiver) => receiver.id === id) + 10}`;
const nameOf = (domain: string): string => `mx.${domain}`;

const zone: ZoneScript = Object.fromEntries(
  askable.flatMap(({ id, domain }) => [
    [domain, { MX: [`10 ${nameOf(domain)}`] }],
    [nameOf(domain), { A: [serverOf(id)] }],
  ]),
);

/** @returns the servers of all receivers. They accept MAIL FROM where the case gives no other script. */
function servers(scripts: Readonly<Record<string, SmtpScript | 'refused'>> = {}): NonNullable<Case['hosts']> {
  return Object.fromEntries(askable.map(({ id, domain }) => [serverOf(id), scripts[id] ?? { name: nameOf(domain) }]));
}

/** @returns a case on the mail host, where it does not say otherwise. */
function onHost({ settings, ...given }: Case): Case {
  return {
    zone,
    own: [],
    hosts: servers(),
    helo: 'mail.example.com',
    ...given,
    settings: { vantage: 'self', askReceivers: true, ...settings },
  };
}

const others = (...ids: readonly string[]): string[] => askable.map(({ id }) => id).filter((id) => !ids.includes(id));
const accepting = (...ids: readonly string[]) => ({
  code: 'receiver/asked' as const,
  about: { ip },
  evidence: { receivers: others(...ids).map((id) => expect.objectContaining({ id })) },
});

/** No server may ever hear of a recipient or a message, whatever it says. */
function holdsNoRecipient({ hosts }: Pick<Shown, 'hosts'>): void {
  for (const server of hosts.values()) {
    expect(
      server.commands().filter((command) => !/^(?:EHLO|HELO|STARTTLS|MAIL FROM:|RSET|QUIT)/.test(command)),
    ).toEqual([]);
    expect(server.sessions.length).toBeLessThanOrEqual(1);
    expect(server.sessions.flatMap(({ messages }) => messages)).toEqual([]);
  }
}

interface Family {
  readonly when: string;
  readonly receiver: string;
  readonly script: SmtpScript;
  readonly code: 'receiver/refuses-now' | 'receiver/defers-now';
  readonly stage: Said['stage'];
  readonly says: RegExp;
  readonly fix: RegExp;
  readonly faults?: readonly string[];
  readonly links?: readonly string[];
}

const FAMILIES: readonly Family[] = [
  {
    when: 'Microsoft has the range on its list',
    receiver: 'microsoft',
    script: {
      mail: () =>
        "550 5.7.1 Unfortunately, messages from [203.0.113.5] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). [Name=Protocol Filter Agent]",
    },
    code: 'receiver/refuses-now',
    stage: 'mail-from',
    says: /^Outlook\.com .* rejects mail from 203\.0\.113\.5: after MAIL FROM:<postmaster@example\.com> it answered "550 5\.7\.1 Unfortunately.*S3150/,
    fix: /At Outlook\.com.*fill in its form.*203\.0\.113\.5 and the reply: "550 5\.7\.1 Unfortunately/,
    links: ['https://olcsupport.office.com/'],
  },
  {
    when: 'Microsoft has the address on its list',
    receiver: 'microsoft',
    script: {
      mail: () => "550 5.7.1 Unfortunately, messages from [203.0.113.5] weren't sent. … on our block list (S3140).",
    },
    code: 'receiver/refuses-now',
    stage: 'mail-from',
    says: /S3140/,
    fix: /fill in its form/,
  },
  {
    when: 'Microsoft is busy',
    receiver: 'microsoft',
    script: { mail: () => '451 4.7.500 Server busy. Please try again later from [203.0.113.5]. (AS843)' },
    code: 'receiver/defers-now',
    stage: 'mail-from',
    says: /defers mail .*AS843/,
    fix: /send less mail/,
  },
  ...(
    [
      [
        'NOWL',
        'None/bad reputation. Ask your postmaster for help or to contact tobr@rx.t-online.de for reset.',
        'tobr',
      ],
      [
        'BL',
        'A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.)',
        'tosa',
      ],
      ['DIAL', 'Dialup/transient IP not allowed. Use a mailgateway or contact toda@rx.t-online.de.', 'toda'],
    ] as const
  ).map(
    ([sign, text, mailbox]): Family => ({
      when: `T-Online answers (${sign}) at the greeting`,
      receiver: 't-online',
      script: { greeting: `554 IP=203.0.113.5 - ${text} (${sign})` },
      code: 'receiver/refuses-now',
      stage: 'greeting',
      says: new RegExp(`at the greeting it answered "554 IP=203.*\\(${sign}\\)`),
      fix: new RegExp(`Write to ${mailbox}@rx\\.t-online\\.de`),
      ...(sign === 'DIAL' ? { faults: ['dynamic-ptr'] } : {}),
    }),
  ),
  {
    when: 'GMX refuses a host without PTR record at the greeting',
    receiver: 'gmx',
    script: {
      greeting: Buffer.from(
        '554-gmx.net (mxgmx014) Nemesis ESMTP Service not available\r\n554-No SMTP service\r\n554-Bad DNS PTR resource record.\r\n554 For explanation visit https://postmaster.gmx.net/en/case?c=rdns&i=ip&v=203.0.113.5\r\n',
      ),
    },
    code: 'receiver/refuses-now',
    stage: 'greeting',
    says: /Nemesis ESMTP Service not available No SMTP service Bad DNS PTR/,
    fix: /^Fix what the reply is about first \(see the ptr check\)\./,
    faults: ['no-ptr', 'default-ptr'],
  },
  {
    when: 'Apple refuses by its own policy',
    receiver: 'apple',
    script: { mail: () => '550 5.7.1 [CS01] Message rejected due to local policy.' },
    code: 'receiver/refuses-now',
    stage: 'mail-from',
    says: /\[CS01\]/,
    fix: /icloudadmin@apple\.com/,
  },
  {
    when: 'Apple refuses by the list of Proofpoint at the greeting',
    receiver: 'apple',
    script: { greeting: '554 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=203.0.113.5' },
    code: 'receiver/refuses-now',
    stage: 'greeting',
    says: /554 5\.7\.0 Blocked/,
    fix: /Proofpoint/,
    links: ['https://ipcheck.proofpoint.com'],
  },
  {
    when: 'Yahoo defers for complaints',
    receiver: 'yahoo',
    script: {
      mail: () =>
        '421 4.7.0 [TSS04] Messages from 203.0.113.5 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1',
    },
    code: 'receiver/defers-now',
    stage: 'mail-from',
    says: /TSS04/,
    fix: /sender support request/,
    links: ['https://senders.yahooinc.com/contact/'],
  },
  {
    when: 'Yahoo defers for good',
    receiver: 'yahoo',
    script: { greeting: '421 4.7.1 [TS03] All messages from 203.0.113.5 will be permanently deferred' },
    code: 'receiver/defers-now',
    stage: 'greeting',
    says: /TS03/,
    fix: /sender support request/,
  },
  {
    when: 'Yahoo names Spamhaus',
    receiver: 'yahoo',
    script: {
      greeting:
        "553 5.7.1 [BL21] Connections will not be accepted from 203.0.113.5, because the ip is in Spamhaus's list",
    },
    code: 'receiver/refuses-now',
    stage: 'greeting',
    says: /BL21/,
    fix: /Request removal from Spamhaus/,
    faults: ['listed-spamhaus'],
  },
  {
    when: 'a receiver refuses the HELO name',
    receiver: 'free',
    script: {
      replies: {
        EHLO: '550 5.7.1 Helo command rejected: Host not found',
        HELO: '550 5.7.1 Helo command rejected: Host not found',
      },
    },
    code: 'receiver/refuses-now',
    stage: 'ehlo',
    says: /after EHLO mail\.example\.com it answered/,
    fix: /see the helo check/,
    faults: ['bad-helo', 'unknown-helo'],
  },
];

const earlier: Said = {
  host: 'mx.yahoo.com',
  server: serverOf('yahoo'),
  helo: 'old.example.com',
  sender: 'example.org',
  stage: 'mail-from',
  reply: { code: 553, enhanced: null, lines: ['[TSS05] Messages are not accepted'] },
};

function stampedWith(receiver: string, said: Said | null, at = NOW): NotedStamps {
  const stamps = new NotedStamps();
  stamps.stamps.set(`${receiver} ${ip} ${new Date(at).toISOString().slice(0, 10)}`, { at, said });
  return stamps;
}

const tls = { identity: selfSigned({ names: ['mx.gmail.com'] }) };

ruleTest(asked, [
  onHost({
    when: 'all receivers take MAIL FROM',
    finds: [accepting()],
    note: 'those asked took MAIL FROM',
    status: 'pass',
    also: (shown) => {
      holdsNoRecipient(shown);
      for (const server of shown.hosts.values())
        expect(server.commands()).toEqual([
          'EHLO mail.example.com',
          'MAIL FROM:<postmaster@example.com>',
          'RSET',
          'QUIT',
        ]);
    },
  }),
  onHost({
    when: 'a receiver offers STARTTLS',
    hosts: servers({ gmail: { name: 'mx.gmail.com', tls } }),
    finds: [accepting()],
    also: (shown) => {
      holdsNoRecipient(shown);
      expect(shown.hosts.get(serverOf('gmail'))?.commands()).toEqual([
        'EHLO mail.example.com',
        'STARTTLS',
        'EHLO mail.example.com',
        'MAIL FROM:<postmaster@example.com>',
        'RSET',
        'QUIT',
      ]);
    },
  }),
  ...FAMILIES.map(({ when, receiver, script, code, stage, says, fix, faults = [], links }) =>
    onHost({
      when,
      hosts: servers({ [receiver]: script }),
      finds: [
        {
          code,
          about: { ip, item: receiver },
          evidence: { receiver, stage, sender: 'example.com', isEarlier: false },
          says,
          fix,
          ...(faults.length > 0 ? { faults } : {}),
          ...(links ? { remediation: { links } } : {}),
        },
        accepting(receiver),
      ],
      also: (shown) => {
        holdsNoRecipient(shown);
        const commands = shown.hosts.get(serverOf(receiver))?.commands() ?? [];
        expect(commands.filter((command) => command === 'RSET')).toEqual([]);
        expect(commands.some((command) => command.startsWith('MAIL'))).toBe(stage === 'mail-from');
      },
    }),
  ),
  onHost({
    when: 'an earlier run of the day asked: its answer is told, and nobody is asked again',
    stamps: stampedWith('yahoo', earlier, NOW - 0),
    finds: [
      {
        code: 'receiver/refuses-now',
        about: { ip, item: 'yahoo' },
        evidence: { isEarlier: true, sender: 'example.org', askedAt: '2026-11-29T00:00:00.000Z' },
        says: /after MAIL FROM:<postmaster@example\.org> it answered "553 \[TSS05\]/,
        details: expect.arrayContaining([
          { label: 'Asked', text: expect.stringMatching(/2026-11-29 00:00 UTC, by an earlier run$/) },
        ]),
      },
      accepting('yahoo'),
    ],
    also: ({ hosts }) => expect(hosts.get(serverOf('yahoo'))?.sessions).toEqual([]),
  }),
  onHost({
    when: 'a run of the day before asked: it is asked again',
    stamps: stampedWith('yahoo', earlier, NOW - 1),
    finds: [accepting()],
    also: ({ hosts }) => expect(hosts.get(serverOf('yahoo'))?.sessions.length).toBe(1),
  }),
  onHost({
    when: 'another run asks at this moment',
    stamps: stampedWith('yahoo', null),
    finds: [
      accepting('yahoo'),
      { code: 'receiver/inconclusive', evidence: { reason: 'lost' }, says: /Yahoo.*Another run asked today/ },
    ],
    also: ({ hosts }) => expect(hosts.get(serverOf('yahoo'))?.sessions).toEqual([]),
  }),
  onHost({
    when: 'the time of asking cannot be kept: nobody is asked',
    stamps: new NotedStamps('EROFS'),
    finds: [{ code: 'receiver/inconclusive', evidence: { reason: 'no-stamp' }, says: /EROFS/, fix: /XDG_CACHE_HOME/ }],
    also: ({ hosts }) => expect([...hosts.values()].flatMap(({ sessions }) => sessions)).toEqual([]),
  }),
  onHost({
    when: 'a receiver takes no connection',
    hosts: servers({ gmail: 'refused' }),
    finds: [
      accepting('gmail'),
      {
        code: 'receiver/inconclusive',
        evidence: { reason: 'failed' },
        says: /Gmail\. No answer: mx\.gmail\.com \(refused\)/,
      },
    ],
  }),
  onHost({
    when: 'a receiver cuts the dialogue',
    hosts: servers({ gmail: { drop: { at: 'mail' } } }),
    finds: [accepting('gmail'), { code: 'receiver/inconclusive', evidence: { reason: 'failed' }, says: /closed/ }],
    also: holdsNoRecipient,
  }),
  onHost({
    when: 'a receiver has no MX record',
    zone: { ...zone, 'gmail.com': 'nxdomain' },
    finds: [accepting('gmail'), { code: 'receiver/inconclusive', evidence: { reason: 'no-host' }, says: /Gmail/ }],
  }),
  onHost({
    when: 'the MX hosts of receivers have no IPv6 address, and one was tested',
    ips: ['2001:db8::5'],
    finds: [],
    also: ({ hosts }) => expect([...hosts.values()].flatMap(({ sessions }) => sessions)).toEqual([]),
  }),
  onHost({
    when: 'the lookup of a receiver fails',
    zone: { ...zone, 'gmail.com': { MX: 'servfail' } },
    finds: [accepting('gmail'), { code: 'receiver/inconclusive', evidence: { reason: 'unseen' } }],
  }),
  onHost({
    when: 'this machine is not the host',
    settings: { vantage: 'outside' },
    finds: [
      {
        code: 'receiver/inconclusive',
        evidence: { reason: 'not-the-host' },
        remediation: {
          commands: ['mailcheck example.com 203.0.113.5 --helo mail.example.com --on-host --ask-receivers'],
        },
      },
    ],
    also: ({ hosts }) => expect([...hosts.values()].flatMap(({ sessions }) => sessions)).toEqual([]),
  }),
  onHost({
    when: 'the network blocks port 25: told as that cause, and nobody is asked',
    zone: { ...zone, 'mx.example.net': { A: ['198.51.100.1'] }, 'www.example.net': { A: ['198.51.100.3'] } },
    hosts: { ...servers(), '198.51.100.1': 'refused', '198.51.100.3:443': {} },
    settings: {
      egressTargets: [{ host: 'mx.example.net', port: 25 }],
      egressControls: [{ host: 'www.example.net', port: 443 }],
    },
    finds: [
      {
        code: 'receiver/inconclusive',
        evidence: { reason: 'port-25', shownBy: 'mx.example.net' },
        fix: /unblock outbound port 25/,
      },
    ],
    also: ({ hosts, report }) => {
      expect(report.vantage.obstacles).toMatchObject([{ kind: 'port-25', rules: ['asked'] }]);
      expect(hosts.get(serverOf('gmail'))?.sessions).toEqual([]);
    },
  }),
]);

test('asked: a run without --ask-receivers does not name the check, and asks nobody', async () => {
  const report = await checkIn({
    dns: { zone },
    hosts: servers(),
    settings: { vantage: 'self' },
    own: [],
    helo: 'mail.example.com',
  });
  expect(report.rules.map(({ id }) => id)).not.toContain('asked');
  expect(report.receivers.filter((receiver) => receiver.asked)).toEqual([]);
  expect(report.timing.smtpConnections).toBe(1);
});

describe('asked: a real answer beside the predicted ones', () => {
  const answered = async (scripts: Parameters<typeof servers>[0], changes: ZoneScript = {}) =>
    checkIn({
      dns: { ...healthy.dns, zone: { ...healthy.dns.zone, ...zone, ...changes } },
      hosts: { ...healthy.hosts, ...servers(scripts) },
      selectors: ['s1'],
      settings: { vantage: 'self', askReceivers: true },
      own: [],
      helo: 'mail.example.com',
    });

  test('a refusal is the receiver’s answer, in the table and in the closing words', async () => {
    const report = await answered({ 't-online': { greeting: '554 IP=203.0.113.5 - None/bad reputation (NOWL)' } });
    const receiver = report.receivers.find(({ id }) => id === 't-online');
    expect(receiver).toMatchObject({
      outcome: 'refuses',
      severity: 'error',
      reply: '554 IP=203.0.113.5 - None/bad reputation (NOWL)',
      asked: { ip, stage: 'greeting', code: 554 },
    });
    expect(receiverTable(report).map(({ quote }) => quote)).toContain(`"${receiver?.reply}"`);
    expect(closingWords(report)).toMatch(
      /When asked, 1 of \d+ large receivers rejects mail from this host \(T-Online\)\. By/,
    );
    // It is a finding of its own, and not predicted beside that.
    const predicted = resultOf(report, 'receiver').findings.filter(({ about }) => about.item === 't-online');
    expect(predicted).toEqual([]);
    expect(resultOf(report, 'asked').status).toBe('fail');
    expect(report.advice.steps.flatMap(({ codes }) => codes)).toContain('receiver/refuses-now');
  });

  test('a refusal for the PTR record follows from what is wrong with that, and has no step of its own', async () => {
    const report = await answered(
      {
        gmx: {
          greeting: Buffer.from(
            '554-gmx.net Nemesis ESMTP Service not available\r\n554-No SMTP service\r\n554 Bad DNS PTR resource record.\r\n',
          ),
        },
      },
      { '5.113.0.203.in-addr.arpa': 'nxdomain' },
    );
    const [finding] = resultOf(report, 'asked').findings;
    expect(finding).toMatchObject({ code: 'receiver/refuses-now', causes: ['ptr/missing'] });
    expect(report.receivers.find(({ id }) => id === 'gmx')).toMatchObject({
      outcome: 'refuses',
      causes: ['ptr/missing'],
    });
    expect(report.advice.steps.flatMap(({ codes }) => codes)).not.toContain('receiver/refuses-now');
    expect(report.advice.steps.flatMap(({ codes }) => codes)).toContain('ptr/missing');
  });

  test('that a receiver takes MAIL FROM does not make it accept the mail', async () => {
    const report = await answered({}, { '5.113.0.203.in-addr.arpa': 'nxdomain' });
    const gmail = report.receivers.find(({ id }) => id === 'gmail');
    expect(gmail).toMatchObject({
      outcome: 'refuses',
      causes: ['ptr/missing'],
      asked: { stage: 'mail-from', code: 250 },
    });
    expect(closingWords(report)).not.toContain('When asked');
  });
});

describe('asked: stamps in files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailcheck-stamps-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const from = parseIp(ip) ?? expect.unreachable();
  const day = 86_400_000;

  test('one claim a day, with what was said', async () => {
    const book = stampFiles(join(folder, 'one'));
    expect(await book.claim('gmail', from, NOW)).toEqual({ status: 'free' });
    expect(await book.claim('gmail', from, NOW + 1)).toEqual({ status: 'asked', at: NOW, said: null });
    await book.keep('gmail', from, NOW, earlier);
    expect(await book.claim('gmail', from, NOW + day - 1)).toEqual({ status: 'asked', at: NOW, said: earlier });
    expect(await book.claim('yahoo', from, NOW)).toEqual({ status: 'free' });
    expect(await book.claim('gmail', parseIp('2001:db8::5') as IpAddress, NOW)).toEqual({ status: 'free' });
    expect(await book.claim('gmail', from, NOW + day)).toEqual({ status: 'free' });
    expect((await readdir(join(folder, 'one', 'asked'))).sort()).toEqual([
      'gmail_2001-db8--5_2026-11-29.json',
      'gmail_203.0.113.5_2026-11-30.json',
      'yahoo_203.0.113.5_2026-11-29.json',
    ]);
  });

  test('of many claims at once, one is free', async () => {
    const books = Array.from({ length: 8 }, () => stampFiles(join(folder, 'race')));
    const claims = await Promise.all(books.map((book) => book.claim('gmail', from, NOW)));
    expect(claims.filter(({ status }) => status === 'free').length).toBe(1);
    expect(claims.filter(({ status }) => status === 'asked').length).toBe(7);
  });

  test('a claim that is taken back is free again', async () => {
    const book = stampFiles(join(folder, 'back'));
    await book.claim('gmail', from, NOW);
    await book.release('gmail', from, NOW);
    expect(await book.claim('gmail', from, NOW)).toEqual({ status: 'free' });
  });

  test.each([
    ['no JSON', 'x'],
    ['another shape', '{"askedAt":"today"}'],
    ['too large', `"${'x'.repeat(300_000)}"`],
    [
      'a code that no reply has',
      JSON.stringify({ askedAt: 1, said: { ...earlier, reply: { ...earlier.reply, code: 7 } } }),
    ],
  ])('a stamp with %s says only that the receiver was asked', async (name, text) => {
    const place = join(folder, name.replaceAll(' ', '-'));
    await mkdir(join(place, 'asked'), { recursive: true });
    await writeFile(join(place, 'asked', 'gmail_203.0.113.5_2026-11-29.json'), text);
    expect(await stampFiles(place).claim('gmail', from, NOW)).toEqual({ status: 'asked', at: null, said: null });
  });

  test('a folder that cannot be written ends nothing', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'not a folder');
    const book = stampFiles(file);
    expect(await book.claim('gmail', from, NOW)).toMatchObject({
      status: 'unusable',
      detail: expect.stringMatching(/ENOTDIR|EEXIST/),
    });
    await book.keep('gmail', from, NOW, earlier);
    await book.release('gmail', from, NOW);
    expect(await readFile(file, 'utf8')).toBe('not a folder');
    expect(await stampFiles(null).claim('gmail', from, NOW)).toMatchObject({ status: 'unusable' });
  });
});
