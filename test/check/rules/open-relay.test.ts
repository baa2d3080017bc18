import { afterEach, describe, expect, test } from 'vitest';
import { createFacts } from '../../../src/check/facts/fact.ts';
import { vectorsFor } from '../../../src/check/facts/relay/vectors.ts';
import type { Finding } from '../../../src/check/rules/finding.ts';
import { findings as catalogue } from '../../../src/check/rules/open-relay/findings.ts';
import rule from '../../../src/check/rules/open-relay/rule.ts';
import type { Context, Note, Skip } from '../../../src/check/rules/rule.ts';
import type { Settings } from '../../../src/check/settings.ts';
import type { Target } from '../../../src/check/target.ts';
import { tokensOf } from '../../../src/check/token.ts';
import type { DnsClient } from '../../../src/network/dns/client.ts';
import { parseDomain } from '../../../src/network/domain.ts';
import { type IpAddress, parseIp } from '../../../src/network/ip.ts';
import { SmtpBudgets } from '../../../src/network/smtp/budgets.ts';
import { createSmtpClient, type SmtpClientOptions } from '../../../src/network/smtp/client.ts';
import { createAuthority } from '../../world/certificates.ts';
import {
  acceptsEverything,
  always,
  blockListed,
  catchAll,
  closed,
  greylist,
  nullMx,
  openRelay,
  parsePath,
  RELAY_DENIED,
  relaysFor,
  type SmtpScript,
  type SmtpWorld,
  startSmtp,
} from '../../world/smtp.ts';

/** Longer than a busy machine takes for anything here. */
const TIMEOUTS = { connectMs: 4000, greetingMs: 4000, replyMs: 4000, messageMs: 4000, handshakeMs: 4000, quitMs: 100 };
/** For a host of which it is known that nothing comes. */
const SILENT: Run = { client: { timeouts: { ...TIMEOUTS, greetingMs: 100 } } };
const OWN = 'me@elsewhere.test';
const DATA = { activeData: true, relayRecipient: OWN };

const servers: SmtpWorld[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

type Script = SmtpScript | ((connection: number) => SmtpScript);

async function serve(script: Script, address = '127.0.0.1'): Promise<SmtpWorld> {
  const server = await startSmtp(script, { address });
  servers.push(server);
  return server;
}

interface Run {
  readonly settings?: Partial<Settings>;
  readonly client?: Partial<SmtpClientOptions>;
  readonly ips?: readonly string[];
  readonly signal?: AbortSignal;
}

async function run(
  port: number,
  options: Run = {},
): Promise<{ codes: string[]; found: Finding[]; pauses: number[]; skipped: string | null; note: string | null }> {
  const signal = options.signal ?? new AbortController().signal;
  const domain = parseDomain('example.com');
  const ips = (options.ips ?? ['127.0.0.1']).map(parseIp).filter((ip): ip is IpAddress => ip !== undefined);
  if (!domain) throw new Error('unreachable');
  const target: Target = { domain, ips, ipSource: 'argument', selectors: [] };
  const settings: Settings = { smtpPort: port, allowPrivate: true, vantage: 'outside', ...options.settings };
  const smtp = createSmtpClient({
    signal,
    allowPrivate: true,
    probeName: 'probe.test',
    timeouts: TIMEOUTS,
    ...options.client,
  });
  const dns: DnsClient = {
    signal,
    servers: [],
    log: [],
    query: () => {
      throw new Error('this rule asks no DNS');
    },
    isCanaryListed: () => {
      throw new Error('this rule asks no list');
    },
    towards: () => dns,
  };
  const clock = { now: () => 1_750_000_000_000 };
  const token = tokensOf('test');
  const pauses: number[] = [];
  const pause = async (milliseconds: number): Promise<void> => {
    pauses.push(milliseconds);
  };
  const verifyMessage = async () => null;
  const sources = {
    target,
    dns,
    smtp,
    settings,
    clock,
    token,
    pause,
    own: [],
    signingKey: null,
    verifyMessage,
    isNeeded: () => false,
  };
  const context: Context = { ...sources, facts: createFacts(sources), signal };
  const found: Finding[] = [];
  const iterator = rule.check(context);
  for (;;) {
    const next = await iterator.next();
    if (next.done)
      return {
        codes: found.map(({ code }) => code),
        found,
        pauses,
        ...ending(next.value ?? undefined),
      };
    found.push(next.value);
    seen.add(next.value.code);
  }
}

function ending(value: Skip | Note | undefined) {
  return {
    skipped: value && 'skip' in value ? value.skip : null,
    note: value && 'note' in value ? value.note : null,
  };
}

const seen = new Set<string>();

async function check(script: Script, options: Run = {}) {
  const server = await serve(script);
  return { server, ...(await run(server.port, options)) };
}

/** Rewritten forms at the domain that this sloppy server resolves to the foreign recipient. */
const percentHack = relaysFor(({ recipient }) => /%.*@example\.com>$/.test(recipient));
const byLocalSender = relaysFor(({ sender }) => sender === '<postmaster@example.com>');
const byHello = relaysFor(({ hello, recipient }) => hello === 'localhost' && recipient.includes('probe'));
const refusesLate: SmtpScript = { rcpt: acceptsEverything, replies: { DATA: '554 5.7.1 Relay access denied' } };
const refusesMessage: SmtpScript = { rcpt: openRelay, message: () => '550 5.7.1 Message refused' };

const cases: readonly [string, Script, readonly string[], Run?][] = [
  // Closed, in the words of many servers.
  ['a closed Postfix', { rcpt: closed() }, []],
  ['a closed server without PIPELINING', { rcpt: closed(), extensions: [] }, []],
  ['Postfix under defer_unauth_destination', { rcpt: always('454 4.7.1 Relay access denied') }, []],
  ['a closed Exim', { rcpt: always('550 relay not permitted') }, []],
  ['a closed OpenSMTPD', { rcpt: always('550 Invalid recipient: <x@example.org>') }, []],
  [
    'a closed Sendmail',
    { rcpt: always('550 5.7.1 <x@example.org>... Relaying denied. IP name lookup failed [192.0.2.1]') },
    [],
  ],
  ['a closed Exchange', { rcpt: always('550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain') }, []],
  ['a closed Haraka', { rcpt: always('550 I cannot deliver mail for <x@example.org>') }, []],
  ['a closed hMailServer', { rcpt: always('550 Delivery is not allowed to this address.') }, []],
  [
    'a closed MailEnable',
    {
      rcpt: always(
        '503 This mail server requires authentication when attempting to send to a non-local e-mail address.',
      ),
    },
    [],
  ],
  ['a closed Stalwart', { rcpt: always('550 5.1.2 Relay not allowed.') }, []],
  ['a closed qmail', { rcpt: always("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)") }, []],
  ['a server that wants AUTH before MAIL', { mail: () => '530 5.7.0 Authentication required' }, []],
  ['a server that knows only HELO', { rcpt: closed(), replies: { EHLO: '502 5.5.2 Command not recognized' } }, []],
  [
    'a catch-all that refuses foreign recipients, and no disguise',
    { rcpt: relaysFor(({ recipient }) => /<mc-[^%!"]*@example\.com>/.test(recipient)) },
    [],
  ],
  [
    'a refused HELO name among refusals',
    {
      rcpt: closed(),
      hello: (name) => (name === 'localhost' ? '550 5.7.1 Helo command rejected' : '250 mail.example.com'),
    },
    [],
  ],
  [
    'a server that refuses unknown senders, but not the null sender',
    {
      rcpt: ({ sender }) =>
        sender.includes('example.net')
          ? '550 5.7.27 Sender address rejected: Domain example.net does not accept mail (nullMX)'
          : RELAY_DENIED,
    },
    [],
  ],
  [
    'recipients verified by asking (450)',
    {
      rcpt: ({ recipient }) =>
        parsePath(recipient).host === 'example.org'
          ? RELAY_DENIED
          : '450 4.1.1 Recipient address rejected: unverified address',
    },
    [],
  ],

  // Open.
  ['an open relay, not proven', { rcpt: openRelay }, ['open-relay/rcpt-accepted']],
  ['an open relay, proven', { rcpt: openRelay }, ['open-relay/open'], { settings: DATA }],
  [
    'an open relay that also takes names that cannot exist',
    { rcpt: acceptsEverything },
    ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'],
  ],
  [
    'the same, proven',
    { rcpt: acceptsEverything },
    ['open-relay/open', 'open-relay/accepts-everything'],
    { settings: DATA },
  ],
  [
    '251 is accepted too',
    { rcpt: always('251 2.1.5 will forward') },
    ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'],
  ],
  [
    'a null MX refusal of the impossible name alone is no refusal',
    { rcpt: relaysFor(({ recipient }) => recipient.endsWith('.invalid>')) },
    ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'],
  ],
  ['relaying for a local sender', { rcpt: byLocalSender }, ['open-relay/by-sender']],
  ['relaying for a local sender, proven', { rcpt: byLocalSender }, ['open-relay/by-sender'], { settings: DATA }],
  ['relaying by the HELO name', { rcpt: byHello }, ['open-relay/by-sender']],
  [
    'a source route, not proven',
    { rcpt: relaysFor(({ recipient }) => recipient.startsWith('<@example.com:')) },
    ['open-relay/rcpt-accepted'],
  ],
  [
    'a source route, proven',
    { rcpt: relaysFor(({ recipient }) => recipient.startsWith('<@example.com:')) },
    ['open-relay/by-rewrite'],
    { settings: DATA },
  ],
  ['a percent hack, proven', { rcpt: percentHack }, ['open-relay/by-rewrite'], { settings: DATA }],

  // Not to be told.
  [
    'a percent hack behind a refusal of literal senders (Exim)',
    { rcpt: percentHack, mail: (sender) => (sender.includes('[') ? '501 domain literals not allowed' : '250 OK') },
    ['open-relay/ambiguous'],
  ],
  [
    'the same where the null sender is refused too',
    { rcpt: percentHack, mail: (sender) => (/\[|<>/.test(sender) ? '550 sender refused' : '250 OK') },
    ['open-relay/ambiguous'],
  ],
  ['a percent hack, not proven', { rcpt: percentHack }, ['open-relay/ambiguous']],
  ['a catch-all', { rcpt: catchAll() }, ['open-relay/ambiguous']],
  [
    'a catch-all that takes the message, which may be its own',
    { rcpt: catchAll() },
    ['open-relay/ambiguous'],
    { settings: DATA },
  ],
  ['everything greylisted', { rcpt: greylist(closed(), 9) }, ['open-relay/greylisted']],
  ['4xx without a reason', { rcpt: always('451 4.3.0 Temporary lookup failure') }, ['open-relay/greylisted']],
  [
    'some put off',
    { rcpt: ({ sender }) => (sender === '<>' ? RELAY_DENIED : '451 4.3.0 Error') },
    ['open-relay/inconclusive'],
  ],
  ['252 decides nothing', { rcpt: always('252 2.0.0 Cannot verify') }, ['open-relay/inconclusive']],
  ['a listed prober', { rcpt: blockListed }, ['open-relay/inconclusive']],
  [
    'a prober without reverse name',
    { rcpt: always('450 4.7.25 Client host rejected: cannot find your reverse hostname') },
    ['open-relay/inconclusive'],
  ],
  ['a recipient with a null MX', { rcpt: nullMx }, ['open-relay/inconclusive']],
  [
    'a recipient whose domain is not found',
    { rcpt: always('450 4.1.2 Recipient address rejected: Domain not found') },
    ['open-relay/inconclusive'],
  ],
  [
    'a null MX for the senders it trusts, a refusal for others',
    { rcpt: (envelope) => (envelope.sender === '<postmaster@example.com>' ? nullMx(envelope) : RELAY_DENIED) },
    ['open-relay/inconclusive'],
  ],
  ['all senders refused', { mail: () => '550 5.7.1 Sender denied' }, ['open-relay/inconclusive']],
  [
    'a refusal to greet',
    { greeting: '554 5.7.1 no SMTP service for you, blocked using zen.example' },
    ['open-relay/inconclusive'],
  ],
  ['EHLO and HELO refused', { replies: { EHLO: '550 no', HELO: '550 no' } }, ['open-relay/inconclusive']],
  [
    'STARTTLS wanted but not offered',
    { mail: () => '530 5.7.0 Must issue a STARTTLS command first' },
    ['open-relay/inconclusive'],
  ],

  // Refused late.
  ['refused at DATA', refusesLate, ['open-relay/late-reject', 'open-relay/accepts-everything'], { settings: DATA }],
  ['refused after the message', refusesMessage, ['open-relay/late-reject'], { settings: DATA }],
  ['late refusals are not seen without --active-data', refusesMessage, ['open-relay/rcpt-accepted']],
  [
    'nor without a mailbox of one’s own',
    refusesMessage,
    ['open-relay/rcpt-accepted'],
    { settings: { activeData: true } },
  ],
  [
    'put off after the message: not proven either way',
    { rcpt: openRelay, message: () => '451 4.7.1 try later' },
    ['open-relay/rcpt-accepted'],
    { settings: DATA },
  ],
  [
    'a foreign control refused late says nothing about the others',
    { rcpt: openRelay, drop: { at: 'message' } },
    ['open-relay/rcpt-accepted'],
    { settings: DATA },
  ],

  // Trusted vantages.
  [
    'accepted from the host itself',
    { rcpt: openRelay },
    ['open-relay/trusted-vantage'],
    { settings: { vantage: 'self' } },
  ],
  [
    'accepted from the same network, no message sent',
    { rcpt: openRelay },
    ['open-relay/trusted-vantage'],
    { settings: { vantage: 'same-network', ...DATA } },
  ],
  ['refused even to the host itself', { rcpt: closed() }, [], { settings: { vantage: 'self' } }],
];

describe('open-relay', () => {
  test.each(cases)('%s', async (_name, script, codes, options) => {
    const result = await check(script, options);
    expect(result.codes).toEqual(codes);
    expect(result.skipped).toBeNull();
  });

  const reasons: readonly [string, Script, string, Run?][] = [
    ['prober-listed', { rcpt: blockListed }, '1 more'],
    ['prober-listed', { greeting: '554 5.7.1 blocked using zen.example' }, 'zen.example'],
    ['prober-refused', { greeting: '421 4.3.2 too busy' }, 'too busy'],
    ['recipient-domain', { rcpt: nullMx }, '--relay-rcpt'],
    ['sender-refused', { mail: () => '550 5.7.1 Sender denied' }, 'Sender denied'],
    ['tls-required', { mail: () => '530 5.7.0 Must issue a STARTTLS command first' }, 'STARTTLS'],
    ['deferred', { rcpt: ({ sender }) => (sender === '<>' ? RELAY_DENIED : '451 4.3.0 Error') }, '4xx'],
    ['undecided', { rcpt: always('252 2.0.0 Cannot verify') }, 'Cannot verify'],
    ['no-answer', { greeting: null }, 'in time', SILENT],
    ['dropped', { drop: { at: 'connect' } }, 'hangs up'],
    ['not-smtp', { greeting: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n') }, 'does not speak SMTP'],
    ['recipient-local', { rcpt: closed() }, '--relay-rcpt', { settings: { relayRecipient: 'me@Example.com' } }],
  ];
  test.each(reasons)('says why it cannot tell: %s', async (reason, script, words, options) => {
    const { found } = await check(script, options);
    expect(found).toMatchObject([{ code: 'open-relay/inconclusive', evidence: { reason } }]);
    const [finding] = found;
    if (words !== '1 more') expect(`${finding?.message} ${finding?.remediation.summary}`).toContain(words);
  });

  test('nothing listens: inconclusive, with the hint to start the mail server', async () => {
    const server = await serve({});
    await server.close();
    const { found } = await run(server.port);
    expect(found).toMatchObject([{ code: 'open-relay/inconclusive', evidence: { reason: 'no-listener' } }]);
    expect(found[0]?.remediation.summary).toContain('Start the mail server');
  });

  test('nothing listens on a host that only sends: skipped', async () => {
    const server = await serve({});
    await server.close();
    expect(await run(server.port, { settings: { sendOnly: true } })).toMatchObject({
      codes: [],
      skipped: expect.stringContaining('only send'),
    });
  });

  test('a host that only sends but listens is tested; one that does not answer is not called silent', async () => {
    expect((await check({ rcpt: openRelay }, { settings: { sendOnly: true } })).codes).toEqual([
      'open-relay/rcpt-accepted',
    ]);
    expect((await check({ greeting: null }, { ...SILENT, settings: { sendOnly: true } })).codes).toEqual([
      'open-relay/inconclusive',
    ]);
  });

  test('each address is judged by itself', async () => {
    const server = await serve({ rcpt: closed() });
    const other = await serve({ rcpt: openRelay }, '127.0.0.2');
    const connectTo = new Map([
      ['127.0.0.2:25', { host: other.address, port: other.port }],
      ['127.0.0.1:25', { host: server.address, port: server.port }],
    ]);
    const ips = ['127.0.0.1', '127.0.0.2'];
    const { found } = await run(25, { ips, client: { connectTo } });
    expect(found).toMatchObject([{ code: 'open-relay/rcpt-accepted', subject: '127.0.0.2' }]);
    // A third, where nothing listens, may only send.
    connectTo.set('127.0.0.3:25', { host: '127.0.0.1', port: 1 });
    const silent = { ips: [...ips, '127.0.0.3'], client: { connectTo }, settings: { sendOnly: true } };
    expect((await run(25, silent)).found).toMatchObject([{ code: 'open-relay/rcpt-accepted', subject: '127.0.0.2' }]);
  });

  test('without an address to test, the run says that there is none', () => {
    expect(rule.needsAddress).toBe(true);
  });

  test('deferred recipients are tried once more after --greylist-wait', async () => {
    expect((await check({ rcpt: greylist() }, { settings: { greylistWaitMs: 10 } })).codes).toEqual([]);
    expect((await check({ rcpt: greylist(openRelay) }, { settings: { greylistWaitMs: 10 } })).codes).toEqual([
      'open-relay/rcpt-accepted',
    ]);
    expect((await check({ rcpt: greylist(closed(), 99) }, { settings: { greylistWaitMs: 10 } })).codes).toEqual([
      'open-relay/greylisted',
    ]);
  });

  test('where STARTTLS is wanted and offered, the vectors are asked behind it', async () => {
    const identity = createAuthority().issue({ names: ['mail.example.com'] });
    const afterTls: SmtpScript = {
      tls: { identity },
      rcpt: (envelope) => (envelope.secured ? openRelay(envelope) : '530 5.7.0 Must issue a STARTTLS command first'),
    };
    expect((await check(afterTls)).codes).toEqual(['open-relay/rcpt-accepted']);
  });
});

describe('how the vectors are asked', () => {
  const toRcpt = (server: SmtpWorld) => server.commands().filter((command) => command.startsWith('RCPT TO:'));

  test('of the name in the greeting, in lower case, or else in the answer to EHLO', async () => {
    const atHost = async (script: SmtpScript) => {
      const { server } = await check({ rcpt: closed(), ...script });
      return toRcpt(server).some((command) => command === 'RCPT TO:<mailcheck-relay-probe%example.org@mx.example.net>');
    };
    expect(await atHost({ greeting: '220 MX.example.net ESMTP' })).toBe(true);
    expect(await atHost({ greeting: '220 ready', hello: () => '250 mx.example.net' })).toBe(true);
    expect(await atHost({ greeting: '220 ready', hello: () => '250 ready' })).toBe(false);
  });

  test('to a mailbox of one’s own, where there is one', async () => {
    const { server } = await check({ rcpt: closed() }, { settings: { relayRecipient: 'me@Elsewhere.test' } });
    expect(toRcpt(server)).toContain('RCPT TO:<me@elsewhere.test>');
    expect(toRcpt(server).join()).not.toContain('mailcheck-relay-probe');
  });

  const literal = '<postmaster@[127.0.0.1]>';
  const plain = '<mailcheck-relay-probe@example.net>';
  const local = '<postmaster@example.com>';
  test.each<[string, readonly string[], string]>([
    ['the address', [], literal],
    ['nobody', [literal], '<>'],
    ['a stranger', [literal, '<>'], plain],
    ['its postmaster', [literal, '<>', plain], local],
    ['the address, where all are refused', [literal, '<>', plain, local], literal],
  ])('disguised recipients are sent from %s', async (_, refused, sender) => {
    for (const [at, script] of Object.entries({
      mail: { mail: (from) => (refused.includes(from) ? '550 no' : '250 Ok'), rcpt: closed() },
      rcpt: { rcpt: (envelope) => (refused.includes(envelope.sender) ? '550 sender refused' : RELAY_DENIED) },
    } satisfies Record<string, SmtpScript>)) {
      const { server } = await check(script);
      const commands = server.commands();
      const disguised = commands.flatMap((command, index) => (command.includes('%') ? [commands[index - 1]] : []));
      if (at === 'rcpt') expect(new Set(disguised)).toEqual(new Set([`MAIL FROM:${sender}`]));
      else expect(commands.filter((command) => command === `MAIL FROM:${sender}`).length).toBeGreaterThan(19);
    }
  });

  test('those behind TLS only that were sent there, and those put off behind it too', async () => {
    const identity = createAuthority().issue({ names: ['mail.example.com'] });
    const seenBefore = new Set<string>();
    const { codes, server, pauses } = await check(
      {
        tls: { identity },
        rcpt: ({ sender, recipient, secured }) => {
          if (sender === '<>') return RELAY_DENIED;
          if (!secured) return '530 5.7.0 Must issue a STARTTLS command first';
          const envelope = `${sender} ${recipient}`;
          const isNew = !seenBefore.has(envelope);
          seenBefore.add(envelope);
          return isNew ? '450 4.2.0 Greylisted' : RELAY_DENIED;
        },
      },
      { settings: { greylistWaitMs: 60_000 } },
    );
    expect(codes).toEqual([]);
    expect(pauses).toContain(60_000);
    const secured = server.sessions.filter((session) => session.secured).flatMap(({ commands }) => commands);
    expect(secured.filter((command) => command === 'MAIL FROM:<>')).toEqual([]);
    // Nothing else was left to ask without it.
    const open = server.sessions.filter((session) => !session.secured).flatMap(({ commands }) => commands);
    expect(open.filter((command) => command.startsWith('RCPT TO:')).length).toBe(33 + 2);
  });

  test('once more only where one is told to wait', async () => {
    const { codes, pauses } = await check({ rcpt: greylist() });
    expect(codes).toEqual(['open-relay/greylisted']);
    expect(new Set(pauses)).toEqual(new Set([0]));
  });

  test('an answer that does not come the second time leaves the first', async () => {
    const { found } = await check(
      (connection) => ({ rcpt: greylist(), ...(connection > 5 ? { drop: { at: 'greeting' } } : {}) }),
      {
        settings: { greylistWaitMs: 60_000 },
      },
    );
    expect(found).toMatchObject([{ code: 'open-relay/greylisted' }]);
    expect(found[0]?.evidence, 'the three that differ in EHLO alone are seen twice').toHaveProperty(
      'vectors.length',
      30,
    );
  });

  test.each<[string, string, Partial<Settings>, number]>([
    ['on loopback none', '127.0.0.1', {}, 0],
    ['elsewhere a second', '203.0.113.5', {}, 1000],
    ['or as long as is said', '203.0.113.5', { probePauseMs: 20 }, 20],
    ['on loopback too', '127.0.0.1', { probePauseMs: 20 }, 20],
  ])('with a pause between connections: %s', async (_, address, settings, milliseconds) => {
    const server = await serve({ rcpt: closed() });
    const connectTo = new Map([[`${address}:25`, { host: server.address, port: server.port }]]);
    const { pauses } = await run(25, {
      ips: [address],
      client: { connectTo },
      settings: { submissionPorts: [], ...settings },
    });
    // Greeting apart, five connections: two for the plain vectors, three for the disguised.
    expect(pauses).toEqual(Array.from({ length: 4 }, () => milliseconds));
  });
});

describe('test messages', () => {
  const sentTo = (server: SmtpWorld) => server.sessions.flatMap(({ messages }) => messages);

  test.each<[string, Script, Run['settings'], number]>([
    ['not unless asked for', { rcpt: openRelay }, { relayRecipient: OWN }, 0],
    ['not without a mailbox', { rcpt: openRelay }, { activeData: true }, 0],
    ['not from a network that may be trusted', { rcpt: openRelay }, { ...DATA, vantage: 'same-network' }, 0],
    ['not from the host itself', { rcpt: openRelay }, { ...DATA, vantage: 'self' }, 0],
    ['not where nothing was accepted', { rcpt: closed() }, DATA, 0],
    ['one where it is taken', { rcpt: openRelay }, DATA, 1],
    ['one where it is put off', { rcpt: openRelay, message: () => '451 later' }, DATA, 3],
    [
      'none to a name that cannot exist',
      { rcpt: relaysFor(({ recipient }) => recipient.endsWith('.invalid>')) },
      DATA,
      0,
    ],
  ])('%s', async (_, script, settings, count) => {
    const { server } = await check(script, settings === undefined ? {} : { settings });
    expect(sentTo(server)).toHaveLength(count);
  });

  test.each<[string, Script, object]>([
    ['taken', { rcpt: openRelay }, { vector: 'plain', smtp: { command: 'end of data', code: 250 } }],
    [
      'put off',
      { rcpt: openRelay, message: () => '451 later' },
      { vector: 'plain', smtp: { command: 'end of data', code: 451 } },
    ],
    [
      'put off at DATA',
      { rcpt: openRelay, replies: { DATA: '450 later' } },
      { vector: 'plain', smtp: { command: 'DATA', code: 450 } },
    ],
    [
      'neither',
      { rcpt: openRelay, drop: { at: 'message' } },
      { vector: 'plain', smtp: { command: 'end of data', code: null } },
    ],
    [
      'refused to the last',
      { rcpt: byLocalSender, message: () => '550 no' },
      { vector: 'local-postmaster', smtp: { code: 550 } },
    ],
  ])('%s: the reply that decides', async (_, script, data) => {
    const { found } = await check(script, { settings: DATA });
    expect(found[0]?.evidence).toMatchObject({
      data: { token: expect.stringMatching(/^mailcheck-[\da-f]{16}$/), ...data },
    });
  });

  test('each kind of acceptance has a word of its own', async () => {
    const { server } = await check({ rcpt: openRelay, message: () => '550 no' }, { settings: DATA });
    const tokens = sentTo(server).map((message) => /Subject: mailcheck relay test (\S+)/.exec(message)?.[1]);
    expect(new Set(tokens).size).toBe(3);
  });
});

describe('a connection that is lost', () => {
  test('half-way, every time: inconclusive, and never a pass', async () => {
    const { found } = await check((connection) => ({
      rcpt: closed(),
      ...(connection > 1 ? { drop: { at: 'rcpt' } } : {}),
    }));
    expect(found).toMatchObject([
      { code: 'open-relay/inconclusive', evidence: { reason: 'connection-lost', answered: 8 } },
    ]);
  });

  test('half-way, after an error was found: the error stays', async () => {
    const { codes } = await check((connection) => ({
      rcpt: openRelay,
      ...(connection > 1 ? { drop: { at: 'rcpt', with: 'rst' } } : {}),
    }));
    expect(codes).toEqual(['open-relay/rcpt-accepted', 'open-relay/inconclusive']);
  });

  test('by 421 after some errors: resumed where it was, and concluded', async () => {
    const { codes, server } = await check({ rcpt: closed(), dropAfterErrors: 5 });
    expect(codes).toEqual([]);
    const asked = server.commands().filter((command) => command.startsWith('RCPT TO:'));
    const vectors = vectorsFor({
      domain: 'example.com',
      host: 'mail.example.com',
      literal: '[127.0.0.1]',
      foreign: { localPart: 'x', domain: 'y' },
      foreignSender: 'z',
      random: 'r',
    });
    expect(new Set(asked).size).toBeGreaterThan(20);
    expect(asked.length).toBeLessThan(2 * vectors.length);
  });

  test.each(['ehlo', 'mail', 'rcpt', 'rset'] as const)('at %s on every connection', async (at) => {
    for (const how of ['fin', 'rst'] as const) {
      for (const midReply of [false, true]) {
        const { codes, server } = await check({ rcpt: closed(), drop: { at, with: how, midReply } });
        expect(codes, `${how} ${midReply}`).toEqual(['open-relay/inconclusive']);
        // Cut at RSET, each connection answers one vector; that could go on for ever.
        expect(server.sessions.length).toBeLessThanOrEqual(13);
      }
    }
  });

  test('so often that the limit of commands is reached: inconclusive, with what was learnt', async () => {
    const { found } = await check(
      { rcpt: closed() },
      { client: { budgets: new SmtpBudgets({ maxCommandsPerAddress: 40 }) } },
    );
    expect(found).toMatchObject([{ code: 'open-relay/inconclusive', evidence: { reason: 'capped', answered: 8 } }]);
  });

  test('at QUIT does not matter', async () => {
    expect((await check({ rcpt: closed(), drop: { at: 'quit', with: 'rst' } })).codes).toEqual([]);
  });

  test('by the end of the run: what was found stays, the rest is inconclusive', async () => {
    const controller = new AbortController();
    let answered = 0;
    const server = await serve({
      rcpt: (envelope) => {
        answered += 1;
        if (answered === 12) controller.abort();
        return openRelay(envelope);
      },
    });
    const { codes } = await run(server.port, { signal: controller.signal });
    expect(codes).toEqual(['open-relay/rcpt-accepted', 'open-relay/inconclusive']);
  });
});

test('a closed host behind a tarpit: inconclusive, with how much was answered', async () => {
  const { found } = await check({ rcpt: closed(), extensions: [], tarpitMs: 2 }, { signal: AbortSignal.timeout(2500) });
  expect(found).toMatchObject([{ code: 'open-relay/inconclusive', evidence: { reason: 'aborted' } }]);
  const evidence = found[0]?.evidence;
  expect(evidence).toMatchObject({ answered: expect.any(Number) });
  expect(found[0]?.message).toMatch(/had answered [1-9]\d* of 35 relay probes/);
});

describe('manners', () => {
  test.each([['PIPELINING'], []].map((extensions) => ({ extensions })))('$extensions', async ({ extensions }) => {
    const { server } = await check({ rcpt: closed(), extensions });
    const [greeting, ...probes] = server.sessions;
    expect(greeting?.commands).toEqual(['EHLO probe.test', 'QUIT']);
    for (const { commands } of probes) {
      expect(commands.filter((command) => command.startsWith('MAIL FROM:')).length).toBeLessThanOrEqual(8);
      commands.forEach((command, index) => {
        if (command.startsWith('MAIL FROM:') && index > 1) expect(commands[index - 1]).toMatch(/^(RSET|EHLO )/);
      });
      expect(commands.at(-1)).toBe('QUIT');
      expect(commands.join('\n')).not.toMatch(/^(AUTH|DATA|VRFY|EXPN)/m);
    }
    expect(probes.length).toBe(5);
    await expect.poll(() => server.sessions.every(({ ended }) => ended)).toBe(true);
  });

  test('every vector of the table is asked, for IPv6 with its own literal', () => {
    const vectors = vectorsFor({
      domain: 'd.test',
      host: 'h.test',
      literal: '[IPv6:2001:db8::5]',
      foreign: { localPart: 'u', domain: 'f.test' },
      foreignSender: 's@s.test',
      random: 'r',
    });
    expect(vectors.length).toBe(35);
    expect(vectors.map(({ rcptTo }) => rcptTo)).toEqual(
      expect.arrayContaining([
        '<u%f.test@d.test>',
        '<u%f.test@h.test>',
        '<u%f.test@[IPv6:2001:db8::5]>',
        '<u%f.test>',
        '<"u@f.test">',
        '<"u%f.test">',
        '<"u@f.test"@d.test>',
        '<"u@f.test"@h.test>',
        '<"u@f.test"@[IPv6:2001:db8::5]>',
        '<u@f.test@d.test>',
        '<u@f.test@h.test>',
        '<u@f.test@[IPv6:2001:db8::5]>',
        '<@d.test:u@f.test>',
        '<@h.test:u@f.test>',
        '<@[IPv6:2001:db8::5]:u@f.test>',
        '<f.test!u>',
        '<f.test!u@d.test>',
        '<f.test!u@h.test>',
        '<f.test!u@[IPv6:2001:db8::5]>',
        'u@f.test',
      ]),
    );
    expect(JSON.stringify(vectors)).not.toMatch(/[{}]{1}[A-Za-z]\}/);
  });

  test('without a name in the greeting, the forms at it are left out', () => {
    const without = vectorsFor({
      domain: 'd.test',
      host: null,
      literal: '[192.0.2.1]',
      foreign: { localPart: 'u', domain: 'f.test' },
      foreignSender: 's@s.test',
      random: 'r',
    });
    expect(without.length).toBe(29);
  });

  test('probes name only reserved mailboxes and the domain under test', async () => {
    const { server } = await check({ rcpt: closed() });
    for (const command of server.commands().filter((line) => /^(MAIL|RCPT)/.test(line))) {
      for (const name of command.match(/[a-z0-9-]+(\.[a-z0-9-]+)+/g) ?? []) {
        expect(name).toMatch(/^(example\.(com|net|org)|mail\.example\.com|[\da-f]+\.invalid|127\.0\.0\.1)$/);
      }
    }
  });

  test('one message proves an open relay; it says what it is', async () => {
    const { server, found } = await check({ rcpt: openRelay }, { settings: DATA });
    const messages = server.sessions.flatMap(({ messages }) => messages);
    expect(messages.length).toBe(1);
    expect(messages[0]).toContain(`To: <${OWN}>`);
    expect(messages[0]).toContain('Auto-Submitted: auto-generated');
    const [finding] = found;
    const token = /mailcheck-[\da-f]{16}/.exec(messages[0] ?? '')?.[0] ?? 'no token';
    expect(finding?.evidence).toMatchObject({ data: { token, vector: 'plain' } });
    expect(finding?.remediation.summary).toContain(token);
  });

  test('refused messages are tried eight to a connection', async () => {
    const { server } = await check(refusesMessage, { settings: DATA });
    const sent = server.sessions.filter(({ messages }) => messages.length > 0);
    expect(sent.map(({ messages }) => messages.length).every((count) => count <= 8)).toBe(true);
    expect(sent.flatMap(({ messages }) => messages).length).toBe(33);
    expect(sent.every(({ commands }) => commands.at(-1) === 'QUIT')).toBe(true);
  });
});

describe('submission ports', () => {
  const identity = createAuthority().issue({ names: ['mail.example.com'] });

  async function submission(port: 587 | 465, script: SmtpScript, options: Run = {}) {
    const mail = await serve({ rcpt: closed() });
    const server = await serve(script);
    const connectTo = new Map([[`127.0.0.1:${port}`, { host: server.address, port: server.port }]]);
    const settings = { submissionPorts: [port], ...options.settings };
    return { server, ...(await run(mail.port, { ...options, client: { ...options.client, connectTo }, settings })) };
  }

  test.each<[string, 587 | 465, SmtpScript, readonly string[], Run?]>([
    ['587 open to all', 587, { rcpt: openRelay }, ['open-relay/submission-open']],
    [
      '587 open to all behind STARTTLS',
      587,
      {
        tls: { identity },
        rcpt: (envelope) => (envelope.secured ? openRelay(envelope) : '530 5.7.0 Must issue a STARTTLS command first'),
      },
      ['open-relay/submission-open'],
    ],
    ['465 open to all', 465, { implicitTls: true, tls: { identity }, rcpt: openRelay }, ['open-relay/submission-open']],
    ['587 with AUTH required', 587, { mail: () => '530 5.7.0 Authentication required' }, []],
    [
      '587 refusing the client, as Postfix does',
      587,
      { rcpt: always('554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied') },
      [],
    ],
    [
      '465 with AUTH required',
      465,
      { implicitTls: true, tls: { identity }, mail: () => '530 5.7.0 Authentication required' },
      [],
    ],
    [
      '587 open from a trusted network',
      587,
      { rcpt: openRelay },
      ['open-relay/trusted-vantage'],
      { settings: { vantage: 'self' } },
    ],
    ['587 that puts off', 587, { rcpt: always('451 4.3.0 Error') }, ['open-relay/inconclusive']],
    [
      '587 that wants TLS it does not have',
      587,
      { mail: () => '530 5.7.0 Must issue a STARTTLS command first' },
      ['open-relay/inconclusive'],
    ],
    ['587 that hangs up', 587, { drop: { at: 'ehlo' } }, ['open-relay/inconclusive']],
    ['465 that does not speak TLS', 465, {}, ['open-relay/inconclusive']],
    ['587 that says nothing', 587, { greeting: null }, ['open-relay/inconclusive'], SILENT],
  ])('%s', async (_name, port, script, codes, options) => {
    const { found } = await submission(port, script, options);
    expect(found.map(({ code }) => code)).toEqual(codes);
    for (const { subject } of found) expect(subject).toBe(`127.0.0.1 port ${port}`);
  });

  test('a closed one is no finding, and by default none is tried on loopback', async () => {
    const mail = await serve({ rcpt: closed() });
    const gone = await serve({});
    await gone.close();
    const connectTo = new Map([['127.0.0.1:587', { host: '127.0.0.1', port: gone.port }]]);
    expect((await run(mail.port, { client: { connectTo }, settings: { submissionPorts: [587] } })).codes).toEqual([]);
    const open = await serve({ rcpt: openRelay });
    const toOpen = new Map([['127.0.0.1:587', { host: '127.0.0.1', port: open.port }]]);
    expect((await run(mail.port, { client: { connectTo: toOpen } })).codes).toEqual([]);
    expect(open.sessions).toEqual([]);
  });
});

describe('words', () => {
  test.each([
    ['220 mx ESMTP Postfix (Debian/GNU)', 'smtpd_relay_restrictions'],
    ['220 mx ESMTP Exim 4.96', 'relay not permitted'],
    ['220 mx ESMTP OpenSMTPD', 'match auth from any'],
    ['220 mx ESMTP Sendmail 8.17.1/8.17.1', 'promiscuous_relay'],
    ['220 mx Microsoft ESMTP MAIL Service ready at Mon', 'Get-ReceiveConnector'],
    ['220 mx ESMTP Haraka/3.0 ready', 'relay_acl_allow'],
    ['220 mx Stalwart ESMTP at your service', 'authenticated_as'],
    ['220 mx ESMTP hMailServer', 'IP Ranges'],
    ['220 mx ESMTP MailEnable Service', 'Relay'],
  ])('the lines of the server that greets with "%s"', async (greeting, words) => {
    const { found } = await check({ greeting, rcpt: openRelay });
    expect(found[0]?.remediation.commands?.join('\n')).toContain(words);
  });

  test('no lines for a server that does not name itself', async () => {
    const { found } = await check({ greeting: '220 mail.example.com ESMTP', rcpt: openRelay });
    expect(found[0]?.remediation.commands).toBeUndefined();
    expect(found[0]?.remediation.summary).toContain('authenticated users');
  });

  test('evidence has the vector, the reply and where to find the dialogue', async () => {
    const { found, server } = await check({ rcpt: byLocalSender });
    expect(found[0]).toMatchObject({
      severity: 'error',
      subject: '127.0.0.1',
      evidence: {
        ip: '127.0.0.1',
        port: server.port,
        mta: 'postfix',
        vantage: { kind: 'outside' },
        vectors: [
          {
            vector: 'local-postmaster',
            mailFrom: '<postmaster@example.com>',
            smtp: { code: 250, enhanced: '2.1.5', transcript: expect.stringMatching(/^127\.0\.0\.1:\d+ relay$/) },
          },
        ],
      },
    });
    expect(found[0]?.message).toContain(
      'MAIL FROM:<postmaster@example.com> RCPT TO:<mailcheck-relay-probe@example.org>',
    );
  });

  test('a pass says how much was asked, and only a pass', async () => {
    expect((await check({ rcpt: openRelay })).note).toBeNull();
    expect((await check({ rcpt: closed() })).note).toBe('33 ways to relay, all refused');
    expect((await check({ rcpt: closed() }, { settings: { vantage: 'self' } })).note).toBe(
      '33 ways to relay, all refused, even from a network the host may trust',
    );
  });

  test('every code was emitted above', () => {
    expect([...seen].sort()).toEqual(Object.keys(catalogue).sort());
  });
});
