import { expect } from 'vitest';
import rule from '../../../src/check/rules/open-relay/rule.ts';
import { createAuthority } from '../../world/certificates.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
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
  type RcptPolicy,
  RELAY_DENIED,
  relaysFor,
  type SmtpScript,
  type SmtpWorld,
} from '../../world/smtp.ts';
import { UNREACHABLE_FROM_HERE } from '../../world/world.ts';

type Code = keyof typeof rule.findings;
type Case = RuleCase<Code>;
type Found = Code | ExpectedFinding<Code>;

const ip = '203.0.113.5';
/** A mail server that shows whether this network lets port 25 out. */
const anchor = '198.51.100.1';
const OWN = 'me@elsewhere.test';
const DATA = { activeData: true, relayRecipient: OWN };
/** For a host of which it is known that nothing comes. */
const SILENT = { smtpTimeouts: { greetingMs: 100 } };
const TOKEN = expect.stringMatching(/^mailcheck-[\da-f]{16}$/);
const identity = createAuthority().issue({ names: ['mail.example.com'] });

/** @returns the server that answers on port 25 of the tested address, or the one at another key of `hosts`. */
function serverOf({ hosts }: Shown, at: string = ip): SmtpWorld {
  const server = hosts.get(at);
  if (server === undefined) throw new Error(`no server at ${at}`);
  return server;
}
const sentTo = (shown: Shown) => serverOf(shown).sessions.flatMap(({ messages }) => messages);
const recipientsAt = (shown: Shown) =>
  serverOf(shown)
    .commands()
    .filter((command) => command.startsWith('RCPT TO:'));

/** Accepts the postmaster of the tested domain, and answers every other recipient with one reply. */
const knowsPostmaster =
  (reply: string): RcptPolicy =>
  ({ recipient }) =>
    recipient === '<postmaster@example.com>' ? '250 2.1.5 Ok' : reply;

/** Holds that a closed host is asked in few and orderly connections, and for reserved mailboxes only. */
function isPolite(shown: Shown): void {
  const server = serverOf(shown);
  const [greeting, ...probes] = server.sessions;
  expect(greeting?.commands).toEqual(['EHLO probe.example.net', 'QUIT']);
  // Eight vectors to a connection. A host that is asked one by one gets one connection more for the first group, and one
  // that names no extension is sent STARTTLS in another.
  expect([5, 6, 7]).toContain(probes.length);
  for (const { commands } of probes) {
    expect(commands.filter((command) => command.startsWith('MAIL FROM:')).length).toBeLessThanOrEqual(8);
    commands.forEach((command, index) => {
      const before = commands[index - 1];
      // A recipient out of order shows once that RSET ends the transaction.
      const isProof = before?.startsWith('RCPT TO:') && commands[index - 2] === 'RSET';
      const isOrderly = /^(RSET|EHLO )/.test(before ?? '') || isProof;
      if (command.startsWith('MAIL FROM:') && index > 1) expect(isOrderly).toBe(true);
    });
    expect(commands.at(-1)).toBe('QUIT');
    expect(commands.join('\n')).not.toMatch(/^(AUTH|DATA|VRFY|EXPN)/m);
  }
  for (const command of server.commands().filter((line) => /^(MAIL|RCPT)/.test(line))) {
    for (const name of command.match(/[a-z0-9-]+(\.[a-z0-9-]+)+/g) ?? []) {
      expect(name).toMatch(
        /^(example\.(com|net|org)|mail\.example\.com|[\da-f]+\.invalid|203\.0\.113\.5|127\.0\.0\.1)$/,
      );
    }
  }
}

/** Holds that one message was sent, to the user's mailbox, and that it says what it is. */
function saysWhatItIs(shown: Shown): void {
  const messages = sentTo(shown);
  expect(messages.length).toBe(1);
  expect(messages[0]).toContain(`To: <${OWN}>`);
  expect(messages[0]).toContain('Auto-Submitted: auto-generated');
  const token = /mailcheck-[\da-f]{16}/.exec(messages[0] ?? '')?.[0] ?? 'no token';
  const [finding] = shown.findings;
  expect(finding?.evidence).toMatchObject({ data: { token } });
  expect(finding?.remediation.summary).toContain(token);
}

/** Holds that every vector that was accepted is tried with a message, eight to a connection. */
function isPoliteWithMessages(shown: Shown): void {
  const sessions = serverOf(shown).sessions.filter(({ messages }) => messages.length > 0);
  expect(sessions.every(({ messages }) => messages.length <= 8)).toBe(true);
  expect(sessions.every(({ commands }) => commands.at(-1) === 'QUIT')).toBe(true);
  const sent = sentTo(shown);
  expect(sent.length).toBe(37);
  // Each kind of acceptance has a word of its own.
  const tokens = sent.map((message) => /Subject: mailcheck relay test (\S+)/.exec(message)?.[1]);
  expect(new Set(tokens).size).toBe(3);
}

/** Rewritten forms at the domain that this sloppy server resolves to the foreign recipient. */
const percentHack = relaysFor(({ recipient }) => /%.*@example\.com>$/.test(recipient));
const byLocalSender = relaysFor(({ sender }) => sender === '<postmaster@example.com>');
const byHello = relaysFor(({ hello, recipient }) => hello === 'localhost' && recipient.includes('probe'));
const refusesLate: SmtpScript = { rcpt: acceptsEverything, replies: { DATA: '554 5.7.1 Relay access denied' } };
const refusesMessage: SmtpScript = { rcpt: openRelay, message: () => '550 5.7.1 Unable to relay' };
const onlyInTls =
  (policy: RcptPolicy): RcptPolicy =>
  (envelope) =>
    envelope.secured ? policy(envelope) : '530 5.7.0 Must issue a STARTTLS command first';

const cases: Case[] = [
  // Closed, in the words of many servers.
  {
    when: 'a closed Postfix',
    hosts: { [ip]: { rcpt: closed() } },
    settings: { probeName: 'probe.example.net' },
    note: '37 relay tests, all rejected',
    also: isPolite,
  },
  {
    when: 'a closed server without PIPELINING',
    hosts: { [ip]: { rcpt: closed(), extensions: [] } },
    settings: { probeName: 'probe.example.net' },
    also: isPolite,
  },
  {
    when: 'Postfix under defer_unauth_destination',
    hosts: { [ip]: { rcpt: always('454 4.7.1 Relay access denied') } },
  },
  { when: 'a closed Exim', hosts: { [ip]: { rcpt: always('550 relay not permitted') } } },
  { when: 'a closed OpenSMTPD', hosts: { [ip]: { rcpt: knowsPostmaster('550 Invalid recipient: <x@example.org>') } } },
  {
    when: 'a closed Sendmail',
    hosts: {
      [ip]: { rcpt: always('550 5.7.1 <x@example.org>... Relaying denied. IP name lookup failed [192.0.2.1]') },
    },
  },
  {
    when: 'a closed Exchange',
    hosts: { [ip]: { rcpt: always('550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain') } },
  },
  { when: 'a closed Haraka', hosts: { [ip]: { rcpt: always('550 I cannot deliver mail for <x@example.org>') } } },
  { when: 'a closed hMailServer', hosts: { [ip]: { rcpt: always('550 Delivery is not allowed to this address.') } } },
  {
    when: 'a closed MailEnable',
    hosts: {
      [ip]: {
        rcpt: always(
          '503 This mail server requires authentication when attempting to send to a non-local e-mail address.',
        ),
      },
    },
  },
  { when: 'a closed Stalwart', hosts: { [ip]: { rcpt: always('550 5.1.2 Relay not allowed.') } } },
  {
    when: 'a closed qmail',
    hosts: { [ip]: { rcpt: always("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)") } },
  },
  {
    when: 'a server that wants AUTH before MAIL',
    hosts: { [ip]: { mail: () => '530 5.7.0 Authentication required' } },
  },
  {
    when: 'a server that knows only HELO',
    hosts: { [ip]: { rcpt: closed(), replies: { EHLO: '502 5.5.2 Command not recognized' } } },
  },
  {
    when: 'a catch-all that refuses foreign recipients, disguised ones too',
    hosts: { [ip]: { rcpt: relaysFor(({ recipient }) => /<mc-[^%!"]*@example\.com>/.test(recipient)) } },
  },
  {
    when: 'a closed server that refuses a HELO name',
    hosts: {
      [ip]: {
        rcpt: closed(),
        hello: (name) => (name === 'localhost' ? '550 5.7.1 Helo command rejected' : '250 mail.example.com'),
      },
    },
  },
  {
    when: 'a server that refuses unknown senders, but not the null sender',
    hosts: {
      [ip]: {
        rcpt: ({ sender }) =>
          sender.includes('example.net')
            ? '550 5.7.27 Sender address rejected: Domain example.net does not accept mail (nullMX)'
            : RELAY_DENIED,
      },
    },
  },
  {
    when: 'a closed server that defers its own recipients until it has verified them (450)',
    hosts: {
      [ip]: {
        rcpt: ({ recipient }) =>
          parsePath(recipient).host === 'example.org'
            ? RELAY_DENIED
            : '450 4.1.1 Recipient address rejected: unverified address',
      },
    },
  },
  // Open.
  {
    when: 'an open relay, without a test message',
    hosts: { [ip]: { rcpt: openRelay } },
    finds: ['open-relay/rcpt-accepted'],
    note: '37 relay tests',
    also: (shown) => expect(sentTo(shown)).toEqual([]),
  },
  {
    when: 'an open relay that takes the test message',
    hosts: { [ip]: { rcpt: openRelay } },
    finds: [
      {
        code: 'open-relay/open',
        evidence: { data: { token: TOKEN, vector: 'plain', smtp: { command: 'end of data', code: 250 } } },
      },
    ],
    settings: DATA,
    also: saysWhatItIs,
  },
  {
    when: 'an open relay that also takes names that cannot exist',
    hosts: { [ip]: { rcpt: acceptsEverything } },
    finds: ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'],
  },
  {
    when: 'an open relay that also takes names that cannot exist, and the test message',
    hosts: { [ip]: { rcpt: acceptsEverything } },
    finds: ['open-relay/open', 'open-relay/accepts-everything'],
    settings: DATA,
  },
  {
    when: 'an open relay that answers 251',
    hosts: { [ip]: { rcpt: always('251 2.1.5 will forward') } },
    finds: ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'],
  },
  {
    when: 'only the name that cannot exist is accepted',
    hosts: { [ip]: { rcpt: relaysFor(({ recipient }) => recipient.endsWith('.invalid>')) } },
    finds: ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'],
  },
  {
    when: 'a host that relays for a sender of its own',
    hosts: { [ip]: { rcpt: byLocalSender } },
    finds: [
      {
        code: 'open-relay/by-sender',
        subject: ip,
        evidence: {
          ip,
          port: 25,
          mta: 'postfix',
          vantage: { kind: 'outside' },
          vectors: [
            {
              vector: 'local-postmaster',
              mailFrom: '<postmaster@example.com>',
              smtp: { code: 250, enhanced: '2.1.5', transcript: expect.stringMatching(/^203\.0\.113\.5:25 relay$/) },
            },
          ],
        },
        says: /MAIL FROM:<postmaster@example\.com> RCPT TO:<mailcheck-relay-probe@example\.org>/,
      },
    ],
  },
  {
    when: 'a host that relays for a sender of its own and takes the test message',
    hosts: { [ip]: { rcpt: byLocalSender } },
    finds: ['open-relay/by-sender'],
    settings: DATA,
  },
  { when: 'a host that relays for a HELO name', hosts: { [ip]: { rcpt: byHello } }, finds: ['open-relay/by-sender'] },
  {
    when: 'a host that relays by a source route, without a test message',
    hosts: { [ip]: { rcpt: relaysFor(({ recipient }) => recipient.startsWith('<@example.com:')) } },
    finds: ['open-relay/rcpt-accepted'],
  },
  {
    when: 'a host that relays by a source route and takes the test message',
    hosts: { [ip]: { rcpt: relaysFor(({ recipient }) => recipient.startsWith('<@example.com:')) } },
    finds: ['open-relay/by-rewrite'],
    settings: DATA,
  },
  {
    when: 'a host that relays by the percent hack and takes the test message',
    hosts: { [ip]: { rcpt: percentHack } },
    finds: ['open-relay/by-rewrite'],
    settings: DATA,
  },
  // Not to be told.
  {
    when: 'the percent hack on a host that refuses literal senders (Exim)',
    hosts: {
      [ip]: {
        rcpt: percentHack,
        mail: (sender) => (sender.includes('[') ? '501 domain literals not allowed' : '250 OK'),
      },
    },
    finds: ['open-relay/ambiguous'],
  },
  {
    when: 'the percent hack on a host that refuses literal senders and the null sender',
    hosts: { [ip]: { rcpt: percentHack, mail: (sender) => (/\[|<>/.test(sender) ? '550 sender refused' : '250 OK') } },
    finds: ['open-relay/ambiguous'],
  },
  {
    when: 'the percent hack, without a test message',
    hosts: { [ip]: { rcpt: percentHack } },
    finds: ['open-relay/ambiguous'],
  },
  { when: 'a catch-all', hosts: { [ip]: { rcpt: catchAll() } }, finds: ['open-relay/ambiguous'] },
  {
    when: 'a catch-all that takes the message, which may be its own',
    hosts: { [ip]: { rcpt: catchAll() } },
    finds: ['open-relay/ambiguous'],
    settings: DATA,
  },
  {
    when: 'a host that greylists everything',
    hosts: { [ip]: { rcpt: greylist(closed(), 9) } },
    finds: ['open-relay/greylisted'],
  },
  {
    when: 'a host that answers everything with 4xx and no reason',
    hosts: { [ip]: { rcpt: always('451 4.3.0 Temporary lookup failure') } },
    finds: ['open-relay/greylisted'],
  },
  {
    when: 'a host that puts off some of the probes',
    hosts: { [ip]: { rcpt: ({ sender }) => (sender === '<>' ? RELAY_DENIED : '451 4.3.0 Error') } },
    finds: [
      { code: 'open-relay/inconclusive', evidence: { reason: 'deferred' }, says: /deferred some.*--greylist-wait 300/ },
    ],
  },
  {
    when: 'a host that answers 252, which decides nothing',
    hosts: { [ip]: { rcpt: always('252 2.0.0 Cannot verify') } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'undecided' }, says: /Cannot verify/ }],
  },
  {
    when: 'a host that refuses this client for a block listing',
    hosts: { [ip]: { rcpt: blockListed } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'prober-listed' } }],
  },
  {
    when: 'a host that refuses this client for its missing reverse name',
    hosts: { [ip]: { rcpt: always('450 4.7.25 Client host rejected: cannot find your reverse hostname') } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'prober-refused' } }],
  },
  {
    when: 'a host that refuses the recipient’s domain for its null MX',
    hosts: { [ip]: { rcpt: nullMx } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'recipient-domain' }, fix: /--relay-rcpt/ }],
  },
  {
    when: 'a host that does not find the recipient’s domain',
    hosts: { [ip]: { rcpt: always('450 4.1.2 Recipient address rejected: Domain not found') } },
    finds: ['open-relay/inconclusive'],
  },
  {
    when: 'a host that refuses its own sender only for the recipient’s null MX',
    hosts: {
      [ip]: { rcpt: (envelope) => (envelope.sender === '<postmaster@example.com>' ? nullMx(envelope) : RELAY_DENIED) },
    },
    finds: ['open-relay/inconclusive'],
  },
  {
    when: 'a host that refuses all senders',
    hosts: { [ip]: { mail: () => '550 5.7.1 Sender denied' } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'sender-refused' }, says: /Sender denied/ }],
  },
  {
    when: 'a host that greets with 554 for a block listing',
    hosts: { [ip]: { greeting: '554 5.7.1 no SMTP service for you, blocked using zen.example' } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'prober-listed' }, says: /zen\.example/ }],
  },
  {
    when: 'a host that refuses EHLO and HELO',
    hosts: { [ip]: { replies: { EHLO: '550 no', HELO: '550 no' } } },
    finds: ['open-relay/inconclusive'],
  },
  {
    when: 'a host that wants STARTTLS and does not offer it',
    hosts: { [ip]: { mail: () => '530 5.7.0 Must issue a STARTTLS command first' } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'tls-required' }, says: /STARTTLS/ }],
  },
  // Refused late.
  {
    when: 'an open relay that refuses at DATA',
    hosts: { [ip]: refusesLate },
    finds: ['open-relay/late-reject', 'open-relay/accepts-everything'],
    settings: DATA,
  },
  {
    when: 'an open relay that refuses the message',
    hosts: { [ip]: refusesMessage },
    finds: ['open-relay/late-reject'],
    settings: DATA,
    also: isPoliteWithMessages,
  },
  {
    when: 'an open relay that would refuse the message, without --active-data',
    hosts: { [ip]: refusesMessage },
    finds: ['open-relay/rcpt-accepted'],
    also: (shown) => expect(sentTo(shown)).toEqual([]),
  },
  {
    when: 'an open relay that would refuse the message, without a mailbox of one’s own',
    hosts: { [ip]: refusesMessage },
    finds: ['open-relay/rcpt-accepted'],
    settings: { activeData: true },
    also: (shown) => expect(sentTo(shown)).toEqual([]),
  },
  {
    when: 'an open relay that puts the message off',
    hosts: { [ip]: { rcpt: openRelay, message: () => '451 4.7.1 try later' } },
    finds: [
      {
        code: 'open-relay/rcpt-accepted',
        evidence: { data: { token: TOKEN, vector: 'plain', smtp: { command: 'end of data', code: 451 } } },
      },
    ],
    settings: DATA,
    also: (shown) => expect(sentTo(shown)).toHaveLength(3),
  },
  {
    when: 'an open relay that hangs up after the message',
    hosts: { [ip]: { rcpt: openRelay, drop: { at: 'message' } } },
    finds: [
      {
        code: 'open-relay/rcpt-accepted',
        evidence: { data: { token: TOKEN, vector: 'plain', smtp: { command: 'end of data', code: null } } },
      },
    ],
    settings: DATA,
  },
  // Trusted vantages.
  {
    when: 'an open relay, seen from the host itself',
    hosts: { [ip]: { rcpt: openRelay } },
    finds: ['open-relay/trusted-vantage'],
    settings: { vantage: 'self' },
  },
  {
    when: 'an open relay, seen from the same network, which is sent no message',
    hosts: { [ip]: { rcpt: openRelay } },
    finds: ['open-relay/trusted-vantage'],
    settings: { vantage: 'same-network', ...DATA },
    also: (shown) => expect(sentTo(shown)).toEqual([]),
  },
  {
    when: 'a closed host, seen from itself',
    hosts: { [ip]: { rcpt: closed() } },
    settings: { vantage: 'self' },
    note: '37 relay tests, all rejected, even from a network that the host may trust',
  },
];

/** What is said where relaying could not be tested, besides the cases above. */
const untested: Case[] = [
  {
    when: 'a host that greets with 421',
    hosts: { [ip]: { greeting: '421 4.3.2 too busy' } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'prober-refused' }, says: /too busy/ }],
  },
  {
    when: 'a host that does not greet',
    hosts: { [ip]: { greeting: null } },
    ...SILENT,
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'no-greeting' },
        says: /sends no greeting within 1 second,/,
      },
    ],
  },
  {
    when: 'a host that speaks TLS from the first byte',
    hosts: { [ip]: { implicitTls: true, tls: { identity } } },
    smtpTimeouts: { patienceMs: 60, silenceMs: 2000, trialMs: 5000, greetingMs: 5000 },
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'no-greeting', seen: { does: 'tls-first' } },
        says: /starts with TLS \(smtps\)/,
        fix: /port 465/,
      },
    ],
  },
  {
    when: 'a host that hangs up before it greets',
    hosts: { [ip]: { drop: { at: 'connect' } } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'no-greeting' }, says: /closes it at once/ }],
  },
  {
    when: 'an SSH server on port 25',
    hosts: { [ip]: { greeting: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n') } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'no-greeting' }, says: /is an SSH server/ }],
  },
  {
    when: 'a mailbox of one’s own that is at the tested domain',
    hosts: { [ip]: { rcpt: closed() } },
    settings: { relayRecipient: 'me@Example.com' },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'recipient-local' }, fix: /--relay-rcpt/ }],
  },
  {
    when: 'nothing listens',
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'no-listener' },
        fix: `Start the mail server at ${ip}, and open inbound TCP port 25 in its firewall or security group. If other mail servers do not answer either, this network blocks port 25: run the check from a network that allows it, such as the mail server itself. If the host only sends, check it with --send-only.`,
      },
    ],
  },
  {
    when: 'nothing listens on the MX host of the domain, which has to receive',
    zone: { 'example.com': { MX: ['10 mail.example.com'] }, 'mail.example.com': { A: [ip] } },
    ips: [],
    hosts: { [ip]: 'refused' },
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'no-listener' },
        fix: `Start the mail server at ${ip}, and open inbound TCP port 25 in its firewall or security group. If other mail servers do not answer either, this network blocks port 25: run the check from a network that allows it, such as the mail server itself.`,
      },
    ],
  },
  {
    when: 'nothing listens on a host that only sends',
    hosts: { [ip]: 'refused' },
    settings: { sendOnly: true },
    status: 'pass',
    note: 'nothing listens on port 25, as expected with --send-only',
  },
  {
    when: 'nothing listens on a host that only sends, and other mail servers can be reached from here',
    hosts: { [ip]: 'refused', [anchor]: {} },
    settings: { sendOnly: true, egressTargets: [{ host: anchor, port: 25 }] },
    status: 'pass',
    note: 'nothing listens on port 25, as expected with --send-only',
  },
  {
    when: 'a host that only sends is not reached, because this network blocks port 25',
    hosts: { [ip]: 'refused', [anchor]: 'refused' },
    settings: { sendOnly: true, egressTargets: [{ host: anchor, port: 25 }] },
    skips: `it is not known whether anything listens on port 25 of ${ip}: this network blocks the port`,
  },
  {
    when: 'a host that only sends does not listen, and runs the check in a network that blocks port 25',
    hosts: { [ip]: 'refused', [anchor]: 'refused' },
    settings: { sendOnly: true, vantage: 'self', egressTargets: [{ host: anchor, port: 25 }] },
    status: 'pass',
    note: 'nothing listens on port 25, as expected with --send-only',
  },
  {
    when: 'a host that only sends and takes mail of its users on a submission port',
    hosts: { [ip]: 'refused', [`${ip}:587`]: { rcpt: closed() } },
    settings: { sendOnly: true },
    status: 'pass',
    note: 'relaying is refused on the submission ports; nothing listens on port 25, as expected with --send-only',
  },
  {
    when: 'a host that only sends relays on a submission port',
    hosts: { [ip]: 'refused', [`${ip}:587`]: { rcpt: openRelay } },
    settings: { sendOnly: true },
    finds: ['open-relay/submission-open'],
  },
  {
    when: 'an open relay that is said only to send',
    hosts: { [ip]: { rcpt: openRelay } },
    settings: { sendOnly: true },
    finds: ['open-relay/rcpt-accepted'],
  },
  {
    when: 'a host that is said only to send and does not answer, which is not called silent',
    hosts: { [ip]: { greeting: null } },
    ...SILENT,
    settings: { sendOnly: true },
    finds: ['open-relay/inconclusive'],
  },
  {
    when: 'no address to test',
    ips: [],
    finds: [{ code: 'open-relay/inconclusive', subject: 'example.com', evidence: { reason: 'no-address' } }],
  },
  {
    when: 'two addresses, each judged by itself',
    ips: [ip, '203.0.113.6'],
    hosts: { [ip]: { rcpt: closed() }, '203.0.113.6': { rcpt: openRelay } },
    finds: [{ code: 'open-relay/rcpt-accepted', subject: '203.0.113.6' }],
  },
  {
    when: 'three addresses that only send, on one of which nothing listens',
    ips: [ip, '203.0.113.6', '203.0.113.7'],
    hosts: { [ip]: { rcpt: closed() }, '203.0.113.6': { rcpt: openRelay } },
    settings: { sendOnly: true },
    finds: [{ code: 'open-relay/rcpt-accepted', subject: '203.0.113.6' }],
  },
];

const viaHost = 'RCPT TO:<mailcheck-relay-probe%example.org@mx.example.net>';

/** Which recipients the vectors name. */
const recipients: Case[] = [
  ...(
    [
      ['greets with its name in capitals', { greeting: '220 MX.example.net ESMTP' }, true],
      ['gives its name only in answer to EHLO', { greeting: '220 ready', hello: () => '250 mx.example.net' }, true],
      ['gives no name', { greeting: '220 ready', hello: () => '250 ready' }, false],
    ] satisfies [string, SmtpScript, boolean][]
  ).map(([what, script, isNamed]) => ({
    when: `a closed host that ${what}, by which its own recipients are ${isNamed ? '' : 'not '}named`,
    hosts: { [ip]: { rcpt: closed(), ...script } },
    also: (shown: Shown) => expect(recipientsAt(shown).includes(viaHost)).toBe(isNamed),
  })),
  {
    when: 'a closed host that is asked for a mailbox of one’s own',
    hosts: { [ip]: { rcpt: closed() } },
    settings: { relayRecipient: 'me@Elsewhere.test' },
    also: (shown) => {
      expect(recipientsAt(shown)).toContain('RCPT TO:<me@elsewhere.test>');
      expect(recipientsAt(shown).join()).not.toContain('mailcheck-relay-probe');
    },
  },
];

const literal = '<postmaster@[203.0.113.5]>';
const stranger = '<mailcheck-relay-probe@example.net>';
const local = '<postmaster@example.com>';

/** Whom the disguised recipients are sent from: the first sender that the host lets ask. */
const senders: Case[] = (
  [
    ['no sender', [], literal],
    ['the address as sender', [literal], '<>'],
    ['the null sender too', [literal, '<>'], stranger],
    ['a stranger too', [literal, '<>', stranger], local],
    ['all senders', [literal, '<>', stranger, local], literal],
  ] satisfies [string, string[], string][]
).flatMap(([which, refused, sender]): Case[] => [
  {
    when: `a host that refuses ${which} at MAIL, and is asked for disguised recipients from ${sender}`,
    hosts: { [ip]: { mail: (from) => (refused.includes(from) ? '550 no' : '250 Ok'), rcpt: closed() } },
    // Where every sender that it is compared with is refused in the same words, the words tell nothing.
    finds: which === 'all senders' ? [{ code: 'open-relay/inconclusive', evidence: { reason: 'unexplained' } }] : [],
    also: (shown) => {
      const asked = serverOf(shown).commands();
      expect(asked.filter((command) => command === `MAIL FROM:${sender}`).length).toBeGreaterThan(18);
    },
  },
  {
    when: `a host that refuses ${which} at RCPT, and is asked for disguised recipients from ${sender}`,
    hosts: {
      [ip]: { rcpt: (envelope) => (refused.includes(envelope.sender) ? '550 sender refused' : RELAY_DENIED) },
    },
    also: (shown) => {
      const asked = serverOf(shown).commands();
      const disguised = asked.flatMap((command, index) => (command.includes('%') ? [asked[index - 1]] : []));
      expect(new Set(disguised)).toEqual(new Set([`MAIL FROM:${sender}`]));
    },
  },
]);

/** Puts off what comes behind TLS the first time; without TLS, lets only the null sender ask. */
function greylistsInTls(): RcptPolicy {
  const putOff = onlyInTls(greylist(always(RELAY_DENIED)));
  return (envelope) => (envelope.sender === '<>' ? RELAY_DENIED : putOff(envelope));
}

const asking: Case[] = [
  {
    when: 'an open relay behind STARTTLS, which it wants first',
    hosts: { [ip]: { tls: { identity }, rcpt: onlyInTls(openRelay) } },
    finds: ['open-relay/rcpt-accepted'],
  },
  {
    when: 'a closed host that sends some probes to TLS and puts them off there, so that these are asked there twice',
    hosts: { [ip]: { tls: { identity }, rcpt: greylistsInTls() } },
    settings: { greylistWaitMs: 60_000 },
    also: (shown) => {
      const { sessions } = serverOf(shown);
      expect(shown.pauses).toContain(60_000);
      const secured = sessions.filter((session) => session.secured).flatMap(({ commands }) => commands);
      // Behind TLS the null sender is asked as one of those that are asked on both sides.
      expect(secured.filter((command) => command === 'MAIL FROM:<>')).toHaveLength(1);
      // Nothing else was left to ask without it, but the two controls, and the recipient that proves RSET.
      const open = sessions.filter((session) => !session.secured).flatMap(({ commands }) => commands);
      expect(open.filter((command) => command.startsWith('RCPT TO:')).length).toBe(37 + 2 + 1);
    },
  },
  {
    when: 'a closed host that greylists, asked again after --greylist-wait',
    hosts: { [ip]: { rcpt: greylist() } },
    settings: { greylistWaitMs: 60_000 },
  },
  {
    when: 'an open relay that greylists, asked again after --greylist-wait',
    hosts: { [ip]: { rcpt: greylist(openRelay) } },
    settings: { greylistWaitMs: 60_000 },
    finds: ['open-relay/rcpt-accepted'],
  },
  {
    when: 'a host that greylists again after --greylist-wait',
    hosts: { [ip]: { rcpt: greylist(closed(), 99) } },
    settings: { greylistWaitMs: 60_000 },
    finds: ['open-relay/greylisted'],
  },
  {
    when: 'a closed host that greylists, not asked again without --greylist-wait',
    hosts: { [ip]: { rcpt: greylist() } },
    finds: ['open-relay/greylisted'],
    // The first connection shows it, so there is no second one to wait for.
    also: ({ pauses }) => expect(pauses).toEqual([]),
  },
  {
    when: 'postscreen, which puts a stranger off at every recipient, also without a sender',
    hosts: { [ip]: { replies: { 'RCPT TO': '450 4.3.2 Service currently unavailable' }, extensions: [] } },
    finds: ['open-relay/greylisted'],
    also: (shown) => expect(serverOf(shown).sessions.length).toBe(2),
  },
  {
    when: 'a host that puts off strangers, but has an answer for its own addresses',
    hosts: {
      [ip]: {
        rcpt: ({ recipient }) =>
          recipient.endsWith('@example.com>')
            ? closed()({ hello: '', sender: '', recipient, secured: false })
            : '450 4.7.1 try later',
      },
    },
    finds: ['open-relay/greylisted'],
    also: (shown) => expect(serverOf(shown).sessions.length).toBeGreaterThan(5),
  },
  {
    when: 'a host that greylists and does not answer the second time, so that the first answer counts',
    hosts: { [ip]: greylistsThenLeaves() },
    settings: { greylistWaitMs: 60_000 },
    finds: ['open-relay/greylisted'],
    // The three that differ in EHLO alone are seen twice.
    also: ({ findings }) => expect(findings[0]?.evidence).toHaveProperty('vectors.length', 30),
  },
];

function greylistsThenLeaves(): (connection: number) => SmtpScript {
  const script: SmtpScript = { rcpt: greylist() };
  return (connection) => (connection > 5 ? { ...script, drop: { at: 'greeting' } } : script);
}

/**
 * Greeting apart, there are five connections. Two are open at a time behind the first, so that there is one moment
 * between groups of them; with a pause there is one at a time.
 */
const pauses: Case[] = (
  [
    ['none by default', {}, [0]],
    ['as long as is said', { probePauseMs: 20 }, [20, 20, 20, 20]],
  ] as const
).map(([which, settings, pauses]) => ({
  when: `the pause between connections to a closed host: ${which}`,
  hosts: { [ip]: { rcpt: closed() } },
  settings,
  also: (shown) => expect(shown.pauses).toEqual(pauses),
}));

/**
 * Hosts that hold each refusal back. The first group takes more than four seconds, which tells that they do. With seven
 * seconds, the time is over before all others are asked.
 */
const slow: Case[] = [
  {
    when: 'a closed host that delays each refusal, so that the telling tests are not all made in time',
    hosts: { [ip]: { rcpt: closed(), refusalDelayMs: 510, tls: { identity } } },
    timeoutMs: 7000,
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'slow-refusals' },
        says: /^203\.0\.113\.5 port 25 delays each refusal, so only \d+ of 47 relay tests were made in time\.$/,
      },
    ],
    also: (shown) => expect(shown.report.timing.durationMs).toBeLessThan(7000),
  },
  {
    when: 'an open relay that delays each refusal',
    hosts: { [ip]: { rcpt: relaysFor(({ hello }) => hello === 'localhost'), refusalDelayMs: 510 } },
    timeoutMs: 7000,
    finds: ['open-relay/by-sender'],
  },
  {
    when: 'a host that delays each refusal, refuses the null sender, and takes a disguised recipient',
    hosts: {
      [ip]: {
        rcpt: percentHack,
        mail: (sender) => (sender.includes('<>') ? '550 5.7.1 no bounces' : '250 2.1.0 Ok'),
        refusalDelayMs: 510,
      },
    },
    timeoutMs: 30_000,
    finds: ['open-relay/ambiguous'],
  },
];

/** A host that knows its own addresses, and answers foreign recipients as `foreign` says. */
const knowsOwn =
  (foreign: (recipient: string) => string): RcptPolicy =>
  (envelope) => {
    const { host } = parsePath(envelope.recipient);
    return host === null || host === 'example.com' ? closed()(envelope) : foreign(envelope.recipient);
  };

const inconclusive = (reason: string): ExpectedFinding<Code> => ({
  code: 'open-relay/inconclusive',
  evidence: { reason },
});

/** Whom or what a refusal is about, where its words may say nothing. */
const refusals: Case[] = [
  ...[
    '550 5.7.606 Access denied, banned sending IP [192.0.2.1]',
    '554 5.7.1 Rejected because Bad IP',
    '550 5.1.1 User unknown',
    '550 Zugriff gesperrt',
    '571 nope',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound',
  ].map((reply) => ({
    when: `a host that has one refusal for every recipient, its own postmaster too: ${reply}`,
    hosts: { [ip]: { rcpt: always(reply) } },
    // A rewritten address may be an own one that does not exist.
    finds: [inconclusive(/User unknown|RecipientNotFound/.test(reply) ? 'unexplained' : 'prober-refused')],
  })),
  ...[
    '501 5.1.5 Recipient address reserved by RFC 2606',
    '550 5.1.2 reserved domain',
    '553 Empf\u00e4ngerdomain ist reserviert',
    '550 5.4.310 DNS domain does not exist',
    '450 4.1.2 Recipient address rejected: Domain not found',
    '556 5.1.10 Recipient address has null MX',
    '550 5.1.2 domaine introuvable',
  ].map((reply) => ({
    when: `a host that refuses the probes’ recipient for its domain: ${reply}`,
    hosts: { [ip]: { rcpt: knowsOwn(() => reply) } },
    finds: [
      { ...inconclusive('recipient-domain'), remediation: { commands: [expect.stringContaining('--relay-rcpt')] } },
    ],
  })),
  {
    when: 'a host that refuses the probes’ recipient in unknown words, and has others for another foreign recipient',
    hosts: {
      [ip]: {
        rcpt: knowsOwn((recipient) =>
          /\[192/.test(recipient) ? '250 2.1.5 Ok' : '553 5.1.0 vastaanottaja hyl\u00e4tty',
        ),
      },
    },
    finds: [inconclusive('recipient-refused')],
  },
  {
    when: 'a host that refuses every foreign recipient in the same unknown words',
    hosts: { [ip]: { rcpt: knowsOwn(() => '553 5.7.1 vastaanottaja hyl\u00e4tty') } },
  },
  {
    when: 'a host that takes no address literal, and refuses other foreign recipients in the same unknown words',
    hosts: {
      [ip]: {
        rcpt: knowsOwn((recipient) =>
          recipient.includes('[') ? '501 domain literals not allowed' : '550 Administrative prohibition',
        ),
      },
    },
  },
  {
    when: 'a host that does not know the mailbox of a foreign recipient, but its own postmaster',
    hosts: { [ip]: { rcpt: knowsPostmaster('550 5.1.1 User unknown') } },
  },
  {
    when: 'an Exchange that says 5.1.10 of its own unknown mailboxes',
    hosts: {
      [ip]: {
        rcpt: ({ recipient }) =>
          parsePath(recipient).host === 'example.com'
            ? '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'
            : '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
      },
    },
  },
];

/** Test messages, besides the cases above. */
const messages: Case[] = [
  {
    when: 'an open relay, seen from the host itself, which is sent no message',
    hosts: { [ip]: { rcpt: openRelay } },
    settings: { ...DATA, vantage: 'self' },
    finds: ['open-relay/trusted-vantage'],
    also: (shown) => expect(sentTo(shown)).toEqual([]),
  },
  {
    when: 'a closed host, which is sent no message',
    hosts: { [ip]: { rcpt: closed() } },
    settings: DATA,
    also: (shown) => expect(sentTo(shown)).toEqual([]),
  },
  {
    when: 'a host that accepts only a name that cannot exist, to which no message is sent',
    hosts: { [ip]: { rcpt: relaysFor(({ recipient }) => recipient.endsWith('.invalid>')) } },
    settings: DATA,
    finds: ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'],
    also: (shown) => expect(sentTo(shown)).toEqual([]),
  },
  {
    when: 'an open relay that puts off at DATA',
    hosts: { [ip]: { rcpt: openRelay, replies: { DATA: '450 later' } } },
    settings: DATA,
    finds: [
      {
        code: 'open-relay/rcpt-accepted',
        evidence: { data: { token: TOKEN, vector: 'plain', smtp: { command: 'DATA', code: 450 } } },
      },
    ],
  },
  {
    when: 'a host that relays for a sender of its own and refuses every message',
    hosts: { [ip]: { rcpt: byLocalSender, message: () => RELAY_DENIED } },
    settings: DATA,
    finds: [
      {
        code: 'open-relay/late-reject',
        evidence: { data: { token: TOKEN, vector: 'local-postmaster', smtp: { code: 554 } } },
      },
    ],
  },
  {
    when: 'a host that relays for a sender of its own and refuses every message in words that are not about relaying',
    hosts: { [ip]: { rcpt: byLocalSender, message: () => '550 no' } },
    settings: DATA,
    finds: [
      {
        code: 'open-relay/by-sender',
        evidence: { data: { token: TOKEN, vector: 'local-postmaster', smtp: { code: 550 } } },
      },
    ],
    status: 'fail',
  },
];

/** The time for the run is up as soon as the server is asked for the last of so many recipients. */
function upAfter(count: number, policy: RcptPolicy, script: SmtpScript = {}): Pick<Case, 'hosts' | 'deadline'> {
  const controller = new AbortController();
  let asked = 0;
  const rcpt: RcptPolicy = (envelope) => {
    asked += 1;
    if (asked === count) controller.abort();
    return policy(envelope);
  };
  return { deadline: controller.signal, hosts: { [ip]: { ...script, rcpt } } };
}

const TOO_MANY: SmtpScript = { greeting: '421 4.7.0 mail.example.com Error: too many connections from 192.0.2.1' };
/** For a host that holds the client back: the waits are short. */
const QUICK = { smtpTimeouts: { limitMs: 2, quietMs: 300 } };

/** A host that limits connections, or bans the client. */
const heldBack: Case[] = [
  {
    when: 'a closed host that refuses two connections for its limit: they are made later',
    ...QUICK,
    hosts: { [ip]: (connection) => (connection === 2 || connection === 3 ? TOO_MANY : { rcpt: closed() }) },
  },
  {
    when: 'a closed host that refuses the very first connection for its limit',
    ...QUICK,
    hosts: { [ip]: (connection) => (connection === 0 ? TOO_MANY : { rcpt: closed() }) },
  },
  {
    when: 'a closed host that says 421 alone after it has let others in',
    ...QUICK,
    hosts: { [ip]: (connection) => (connection === 2 ? { greeting: '421 busy' } : { rcpt: closed() }) },
  },
  ...[
    TOO_MANY,
    { greeting: '450 connection rate limit exceeded' },
    { greeting: '554 5.7.1 zu viele Verbindungen' },
  ].map(
    (script): Case => ({
      when: `a host that takes three connections and then none: ${script.greeting}`,
      ...QUICK,
      hosts: { [ip]: (connection) => (connection > 2 ? script : { rcpt: closed() }) },
      finds: [
        {
          code: 'open-relay/inconclusive',
          evidence: { reason: 'limited' },
          says: /limits how often one client may connect/,
          remediation: { commands: [expect.stringMatching(/ --probe-pause \d+ --timeout \d+$/)] },
        },
      ],
    }),
  ),
  ...[{ greeting: null }, { drop: { at: 'connect', with: 'rst' } } as const, { drop: { at: 'greeting' } } as const].map(
    (script): Case => ({
      when: `a host that bans the client after some probes: ${JSON.stringify(script)}`,
      ...QUICK,
      hosts: { [ip]: (connection) => (connection > 1 ? script : { rcpt: closed() }) },
      finds: [
        {
          code: 'open-relay/inconclusive',
          evidence: { reason: 'shut-out' },
          says: /stopped answering .* probably banned this machine’s address/,
        },
      ],
      also: ({ findings }) => expect(JSON.stringify(findings)).not.toMatch(/longer --timeout/),
    }),
  ),
  {
    when: 'a decoy that says yes to everybody',
    hosts: { [ip]: { greeting: '220 mail.example.com ESMTP spamd IP-based SPAM blocker', rcpt: acceptsEverything } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'decoy' }, says: /OpenBSD spamd/ }],
    also: (shown) => expect(recipientsAt(shown)).toEqual([]),
  },
];

const lost: Case[] = [
  {
    when: 'a closed host that hangs up half-way, every time',
    hosts: {
      [ip]: (connection) => ({ rcpt: closed(), ...(connection > 1 ? { drop: { at: 'rcpt' } } : {}) }),
    },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'connection-lost', answered: 8 } }],
  },
  {
    when: 'an open relay that resets connections half-way: the error stays',
    hosts: {
      [ip]: (connection) => ({
        rcpt: openRelay,
        ...(connection > 1 ? { drop: { at: 'rcpt', with: 'rst' } } : {}),
      }),
    },
    finds: ['open-relay/rcpt-accepted', 'open-relay/inconclusive'],
  },
  {
    when: 'a closed host that hangs up with 421 after some errors: the probes go on where they were',
    hosts: { [ip]: { rcpt: closed(), dropAfterErrors: 5 } },
    also: (shown) => {
      const asked = recipientsAt(shown);
      expect(new Set(asked).size).toBeGreaterThan(20);
      expect(asked.length).toBeLessThan(2 * 35);
    },
  },
  ...(['ehlo', 'mail', 'rcpt', 'rset'] as const).flatMap((at) =>
    (['fin', 'rst'] as const).flatMap((how) =>
      [false, true].map(
        (midReply): Case => ({
          when: `a closed host that cuts every connection at ${at}, with ${how}, ${midReply ? 'in' : 'before'} the reply`,
          hosts: { [ip]: { rcpt: closed(), drop: { at, with: how, midReply } } },
          finds: ['open-relay/inconclusive'],
          // Cut at RSET, each connection answers one vector; that could go on for ever.
          also: (shown) => expect(serverOf(shown).sessions.length).toBeLessThanOrEqual(21),
        }),
      ),
    ),
  ),
  {
    when: 'the limit of commands to one address: what was learnt is told',
    hosts: { [ip]: { rcpt: closed() } },
    smtpLimits: { maxCommandsPerAddress: 40 },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'capped', answered: 8 } }],
  },
  {
    when: 'a closed host that resets every connection at QUIT',
    hosts: { [ip]: { rcpt: closed(), drop: { at: 'quit', with: 'rst' } } },
  },
  {
    when: 'an open relay, and the time for the run is up half-way: what was found stays',
    ...upAfter(12, openRelay),
    finds: ['open-relay/rcpt-accepted', 'open-relay/inconclusive'],
  },
  {
    when: 'a closed host behind a tarpit, and the time for the run is up: how much was answered is told',
    ...upAfter(3, closed(), { extensions: [], tarpitMs: 1 }),
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'aborted', answered: expect.any(Number) },
        says: /after [1-9]\d* of \d+ relay tests/,
      },
    ],
  },
];

/** Submission ports (RFC 6409, RFC 8314), where nobody gets through without AUTH. */
const submission: Case[] = (
  [
    ['587 open to all', 587, { rcpt: openRelay }, 'open-relay/submission-open'],
    [
      '587 open to all behind STARTTLS',
      587,
      { tls: { identity }, rcpt: onlyInTls(openRelay) },
      'open-relay/submission-open',
    ],
    ['465 open to all', 465, { implicitTls: true, tls: { identity }, rcpt: openRelay }, 'open-relay/submission-open'],
    ['587 with AUTH required', 587, { mail: () => '530 5.7.0 Authentication required' }, null],
    [
      '587 that refuses the client, as Postfix does',
      587,
      { rcpt: always('554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied') },
      null,
    ],
    [
      '465 with AUTH required',
      465,
      { implicitTls: true, tls: { identity }, mail: () => '530 5.7.0 Authentication required' },
      null,
    ],
    [
      '587 open from a trusted network',
      587,
      { rcpt: openRelay },
      'open-relay/trusted-vantage',
      { settings: { vantage: 'self' } },
    ],
    ['587 that puts off', 587, { rcpt: always('451 4.3.0 Error') }, 'open-relay/inconclusive'],
    [
      '587 that wants TLS it does not have',
      587,
      { mail: () => '530 5.7.0 Must issue a STARTTLS command first' },
      'open-relay/inconclusive',
    ],
    ['587 that hangs up', 587, { drop: { at: 'ehlo' } }, 'open-relay/inconclusive'],
    ['465 that does not speak TLS', 465, {}, 'open-relay/inconclusive'],
    ['587 that says nothing', 587, { greeting: null }, 'open-relay/inconclusive', SILENT],
    ['587 that is closed', 587, 'refused', null],
  ] satisfies [string, number, SmtpScript | 'refused', Code | null, Partial<Case>?][]
).map(([when, port, script, code, more]): Case => {
  const finds: Found[] = code === null ? [] : [{ code, subject: `${ip} port ${port}` }];
  return {
    when: `a submission port: ${when}`,
    hosts: { [ip]: { rcpt: closed() }, [`${ip}:${port}`]: script },
    finds,
    ...more,
  };
});

/** What this machine cannot reach, which is no fault of the host. */
const unreachable: Case[] = [
  {
    when: 'a host that this machine has no route to',
    hosts: { [ip]: 'no-route' },
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'no-route' },
        says: /was not tested: this machine has no IPv4 route to it \(ENETUNREACH\)/,
      },
    ],
  },
  {
    when: 'submission ports that do not answer and that nobody named',
    ips: [UNREACHABLE_FROM_HERE],
    hosts: {},
    isDirect: true,
    finds: [
      { code: 'open-relay/inconclusive', evidence: { reason: 'no-route' } },
      { code: 'open-relay/submission-silent', subject: `${UNREACHABLE_FROM_HERE} port 587` },
      { code: 'open-relay/submission-silent', subject: `${UNREACHABLE_FROM_HERE} port 465` },
    ],
  },
  {
    when: 'a submission port that the user named and that does not answer',
    hosts: { [ip]: { rcpt: closed() }, [`${ip}:587`]: 'no-route' },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'no-route', port: 587 } }],
  },
];

/** Hosts that trust what they should not, and that give replies which must not be taken for refusals. */
const deceptive: Case[] = [
  ...['mail.example.com', 'mx.example.com', 'host5.example.net', 'typed.example.com', '[203.0.113.5]', ip].map(
    (name): Case => ({
      when: `a host that relays to whoever says EHLO ${name}`,
      hosts: { [ip]: { rcpt: relaysFor(({ hello, recipient }) => hello === name && recipient.includes('probe')) } },
      zone: {
        'example.com': { MX: ['10 mx.example.com'] },
        'mx.example.com': { A: [ip] },
        '5.113.0.203.in-addr.arpa': { PTR: ['host5.example.net'] },
      },
      helo: 'typed.example.com',
      finds: [
        {
          code: 'open-relay/by-sender',
          evidence: { vectors: expect.arrayContaining([expect.objectContaining({ hello: name })]) },
        },
      ],
    }),
  ),
  {
    when: 'a host whose PTR record could not be looked up, so that not all its names are known',
    hosts: { [ip]: { rcpt: closed() } },
    zone: { '5.113.0.203.in-addr.arpa': 'servfail' },
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'unseen' },
        says: /5\.113\.0\.203\.in-addr\.arpa/,
      },
    ],
  },
  {
    when: 'a host with more names than are tried in EHLO',
    hosts: { [ip]: { rcpt: closed() } },
    zone: { '5.113.0.203.in-addr.arpa': { PTR: [1, 2, 3, 4].map((number) => `host${number}.example.net`) } },
    finds: [
      {
        code: 'open-relay/inconclusive',
        evidence: { reason: 'unseen', leftOut: [{ what: 'names of 203.0.113.5', looked: 4, of: 5 }] },
      },
    ],
  },
  {
    when: 'a host that relays for everybody behind STARTTLS, and for nobody before it',
    hosts: {
      [ip]: { tls: { identity }, rcpt: relaysFor(({ secured, recipient }) => secured && recipient.includes('probe')) },
    },
    finds: [
      {
        code: 'open-relay/rcpt-accepted',
        evidence: { vectors: expect.arrayContaining([expect.objectContaining({ vector: 'plain-tls' })]) },
      },
    ],
  },
  {
    when: 'a host that offers STARTTLS and declines it, so that nothing was asked behind it',
    hosts: { [ip]: { tls: { identity, fault: 'declined' }, rcpt: closed() } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'tls-failed', answered: 39, asked: 47 } }],
  },
  {
    when: 'a submission port that relays for everybody before STARTTLS, and for nobody behind it',
    hosts: {
      [ip]: { rcpt: closed() },
      [`${ip}:587`]: {
        tls: { identity },
        rcpt: relaysFor(({ secured }) => !secured, always('530 5.7.0 Authentication required')),
      },
    },
    finds: ['open-relay/submission-open'],
  },
  {
    when: 'a submission port that wants STARTTLS first, and AUTH behind it',
    hosts: {
      [ip]: { rcpt: closed() },
      [`${ip}:587`]: { tls: { identity }, rcpt: onlyInTls(always('530 5.7.0 Authentication required')) },
    },
  },
  {
    when: 'a submission port that greets with 554 once and is closed then',
    hosts: {
      [ip]: { rcpt: closed() },
      [`${ip}:587`]: (connection) =>
        connection === 0 ? { greeting: '554 5.3.2 busy' } : { drop: { at: 'connect', with: 'rst' } },
    },
    finds: [{ code: 'open-relay/inconclusive', subject: `${ip} port 587` }],
  },
  {
    when: 'a host that refuses every recipient in the same words, its own postmaster too',
    hosts: { [ip]: { rcpt: always('550 no') } },
    finds: [{ code: 'open-relay/inconclusive', evidence: { reason: 'prober-refused' } }],
  },
  {
    when: 'a host that refuses foreign recipients in words of its own, and takes mail for postmaster',
    hosts: { [ip]: { rcpt: ({ recipient }) => (recipient === '<postmaster@example.com>' ? '250 Ok' : '550 no') } },
    note: '37 relay tests, all rejected',
  },
  ...(['502 5.5.1 not implemented', '250 2.0.0 Ok'] as const).flatMap((reset) =>
    [[], ['PIPELINING']].map(
      (extensions): Case => ({
        when: `a host that relays for an empty sender and answers RSET with ${reset}, without effect, ${extensions.length > 0 ? 'with' : 'without'} PIPELINING`,
        hosts: { [ip]: () => forgetful(reset, extensions) },
        finds: ['open-relay/rcpt-accepted'],
        // Each sender has a connection of its own, besides the greeting and the first attempt.
        also: (shown) => expect(serverOf(shown).sessions.length).toBeGreaterThan(20),
      }),
    ),
  ),
];

/** A host that takes one sender in each connection, and relays if it is the empty one. */
function forgetful(reset: string, extensions: readonly string[]): SmtpScript {
  let sender: string | null = null;
  return {
    extensions,
    replies: { RSET: reset },
    mail: (given) => {
      if (sender !== null) return '503 5.5.1 Sender already specified';
      sender = given;
      return '250 2.1.0 Ok';
    },
    rcpt: ({ recipient }) => (sender === '<>' && recipient.includes('probe') ? '250 2.1.5 Ok' : RELAY_DENIED),
  };
}

/** The lines that close a server, for the one that names itself in its greeting. */
const servers: Case[] = [
  ...(
    [
      ['220 mx ESMTP Postfix (Debian/GNU)', 'smtpd_relay_restrictions'],
      ['220 mx ESMTP Exim 4.96', 'relay not permitted'],
      ['220 mx ESMTP OpenSMTPD', 'match auth from any'],
      ['220 mx ESMTP Sendmail 8.17.1/8.17.1', 'promiscuous_relay'],
      ['220 mx Microsoft ESMTP MAIL Service ready at Mon', 'Get-ReceiveConnector'],
      ['220 mx ESMTP Haraka/3.0 ready', 'relay_acl_allow'],
      ['220 mx Stalwart ESMTP at your service', 'authenticated_as'],
      ['220 mx ESMTP hMailServer', 'IP Ranges'],
      ['220 mx ESMTP MailEnable Service', 'Relay'],
    ] as const
  ).map(
    ([greeting, words]): Case => ({
      when: `an open relay that greets with "${greeting}", whose lines name ${words}`,
      hosts: { [ip]: { greeting, rcpt: openRelay } },
      finds: [
        {
          code: 'open-relay/rcpt-accepted',
          remediation: { commands: expect.arrayContaining([expect.stringContaining(words)]) },
        },
      ],
    }),
  ),
  {
    when: 'an open relay that does not name itself, for which there are no lines',
    hosts: { [ip]: { greeting: '220 mail.example.com ESMTP', rcpt: openRelay } },
    finds: [{ code: 'open-relay/rcpt-accepted', fix: /authenticated users/ }],
    also: ({ findings }) => expect(findings[0]?.remediation.commands).toBeUndefined(),
  },
];

/** What a server tells strangers about its users. */
const users: Case[] = [
  {
    when: 'a server that names the mailbox of postmaster to VRFY and EXPN',
    hosts: {
      [ip]: {
        extensions: ['EXPN'],
        rcpt: closed(),
        greeting: '220 mail.example.com ESMTP Postfix',
        replies: { VRFY: '250 Jane Doe <jane@example.com>', EXPN: '250 <jane@example.com>' },
      },
    },
    finds: [
      {
        code: 'open-relay/vrfy-open',
        about: { ip },
        says: `${ip} port 25 answers VRFY postmaster@example.com with "250 Jane Doe <jane@example.com>" and EXPN postmaster@example.com with "250 <jane@example.com>".`,
        remediation: { commands: ["postconf -e 'disable_vrfy_command = yes'"] },
      },
    ],
    status: 'pass',
    also: (shown) => {
      const asked = serverOf(shown)
        .commands()
        .filter((command) => /^(?:VRFY|EXPN)/.test(command));
      expect(asked).toEqual(['VRFY postmaster@example.com', 'EXPN postmaster@example.com']);
    },
  },
  {
    when: 'a server that answers VRFY with 252, as Postfix does',
    hosts: { [ip]: { extensions: ['VRFY'], rcpt: closed(), replies: { VRFY: '252 2.0.0 postmaster@example.com' } } },
    also: (shown) =>
      expect(
        serverOf(shown)
          .commands()
          .filter((command) => /^(?:VRFY|EXPN)/.test(command)),
      ).toEqual(['VRFY postmaster@example.com']),
  },
  {
    when: 'a server that answers VRFY with 250 and without a mailbox',
    hosts: { [ip]: { extensions: ['VRFY'], rcpt: closed(), replies: { VRFY: '250 2.5.2 Send some mail' } } },
  },
  {
    when: 'a server that lists neither VRFY nor EXPN, which is not asked',
    hosts: { [ip]: { rcpt: closed(), replies: { VRFY: '250 <jane@example.com>' } } },
    also: (shown) => expect(serverOf(shown).commands().join('\n')).not.toMatch(/VRFY|EXPN/),
  },
  {
    when: 'a server that names a mailbox to its own network',
    hosts: { [ip]: { extensions: ['VRFY'], rcpt: closed(), replies: { VRFY: '250 <jane@example.com>' } } },
    settings: { vantage: 'same-network' },
  },
];

ruleTest(rule, [
  ...users,
  ...cases,
  ...untested,
  ...recipients,
  ...senders,
  ...asking,
  ...pauses,
  ...slow,
  ...refusals,
  ...messages,
  ...heldBack,
  ...lost,
  ...submission,
  ...unreachable,
  ...deceptive,
  ...servers,
]);
