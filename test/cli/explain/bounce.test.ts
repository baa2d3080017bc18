/** Bounces as people paste them: the replies in them, the receiver of each, the findings behind it, and how sure that is. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { WORDINGS } from '../../../src/check/facts/reply/wordings.ts';
import { ruleIds, specOf } from '../../../src/check/rules/index.ts';
import { type ExplainedReply, explainBounce } from '../../../src/cli/explain/bounce/bounce.ts';
import { bounceText } from '../../../src/cli/explain/bounce/bounce-text.ts';
import { explanationOf } from '../../../src/cli/explain/explanations.ts';
import { allLists } from '../../../src/knowledge/lists/catalogue.ts';
import { allReceivers } from '../../../src/knowledge/receivers/catalogue.ts';
import { tonesFor } from '../../../src/reporters/tones.ts';
import { INVISIBLE } from '../../../src/usage-error.ts';

const fixture = (name: string): string => readFileSync(new URL(`bounces/${name}`, import.meta.url), 'utf8');
const repliesOf = (text: string): readonly ExplainedReply[] => explainBounce(text)?.replies ?? [];
/** What a reply is said to mean, as `certain gmail ptr/missing`: the first finding stands for all of a statement. */
const statementsOf = ({ statements }: ExplainedReply): string[] =>
  statements.map(({ certainty, receiver, codes }) => [certainty, receiver ?? '-', codes[0] ?? '-'].join(' '));

interface Case {
  readonly text: string;
  readonly code: string;
  readonly failure?: 'temporary';
  /** Every statement, the surest first. */
  readonly says: readonly string[];
}

const CASES: readonly Case[] = [
  {
    text: '5.7.25',
    code: '- 5.7.25',
    says: ['general gmail ptr/missing', 'general microsoft-365 ptr/missing', 'general - ptr/missing'],
  },
  {
    text: '550-5.7.25',
    code: '550 5.7.25',
    says: ['general gmail ptr/missing', 'general microsoft-365 ptr/missing', 'general - ptr/missing'],
  },
  {
    text: '550 5.7.26 This mail has been blocked because the sender is unauthenticated. https://support.google.com/mail/answer/81126',
    code: '550 5.7.26',
    says: ['certain gmail spf/missing', 'general - spf/missing'],
  },
  {
    text: '550 5.7.26 This mail has been blocked because the sender is unauthenticated',
    code: '550 5.7.26',
    says: ['likely gmail spf/missing', 'general - spf/missing'],
  },
  {
    // The same words under the code of another receiver.
    text: '550 5.7.9 This mail has been blocked because the sender is unauthenticated',
    code: '550 5.7.9',
    says: ['likely yahoo spf/missing', 'general - -'],
  },
  {
    text: '550 DY-001 (BAY004) Unfortunately, messages from 203.0.113.5 weren’t sent. host mx1.hotmail.com',
    code: '550 -',
    says: ['certain microsoft ptr/dynamic'],
  },
  {
    text: '450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.5]',
    code: '450 4.7.25',
    failure: 'temporary',
    says: ['likely postfix ptr/missing', 'likely - ptr/missing', 'general - ptr/missing'],
  },
  {
    text: '554 5.7.1 Service unavailable; Client host [203.0.113.5] blocked using bl.spamcop.net; Blocked - see https://www.spamcop.net/bl.shtml?203.0.113.5',
    code: '554 5.7.1',
    says: ['certain - rbl/listed', 'general - -'],
  },
  {
    text: '550 5.7.1 rejected: 203.0.113.5 is on the PBL, see https://www.spamhaus.org/pbl/query/PBL1',
    code: '550 5.7.1',
    says: ['certain - rbl/listed-policy', 'general - -'],
  },
  {
    text: '554 5.7.1 blocked using example.com.dbl.spamhaus.org',
    code: '554 5.7.1',
    says: ['certain - rbl/domain-listed', 'general - -'],
  },
  {
    text: '550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown',
    code: '550 5.1.1',
    says: ['likely - -', 'general - -'],
  },
  {
    text: '550 5.7.1 Client host rejected, static.5.113.0.203.clients.your-server.de is not welcome',
    code: '550 5.7.1',
    says: ['general - -'],
  },
  {
    text: 'host gmail-smtp-in.l.google.com said: 421 4.7.0 Try again later',
    code: '421 4.7.0',
    failure: 'temporary',
    says: ['general - -', 'general gmail -'],
  },
  {
    // What is to be fixed is the alignment: a domain without a DMARC record is not rejected by its policy.
    text: "host gmail-smtp-in.l.google.com said: 550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy.",
    code: '550 5.7.26',
    says: [
      'likely gmail spf/missing',
      'likely gmail spf/ip-not-authorized',
      'likely - dkim/message-not-aligned',
      'general - spf/missing',
    ],
  },
  {
    text: '550 5.7.1 Rejected: example.com has no DMARC record',
    code: '550 5.7.1',
    says: ['likely - dmarc/missing', 'general - -'],
  },
  {
    text: '550 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.5',
    code: '550 -',
    says: ['certain - -'],
  },
  {
    text: '554 IP=203.0.113.5 - A problem occurred. (Ask your postmaster for help or to contact tobr@rx.t-online.de to clarify.) (NOWL)',
    code: '554 -',
    says: ['certain t-online -'],
  },
  {
    // The words of Postfix, but not the list of its customary rule.
    text: '554 5.7.1 Service unavailable; Client host [203.0.113.5] blocked using dnsbl.example.org',
    code: '554 5.7.1',
    says: ['general - -'],
  },
  {
    text: '554 5.7.1 Client host [203.0.113.5] blocked using Barracuda Reputation',
    code: '554 5.7.1',
    says: ['certain - rbl/listed', 'general - -'],
  },
  {
    text: '550 5.1.0 MailFrom domain is listed in Spamhaus',
    code: '550 5.1.0',
    says: ['certain - rbl/domain-listed', 'general - -'],
  },
  {
    text: '550 Your server is blocked for abuse: it is on our blocklist. See our services',
    code: '550 -',
    says: [],
  },
  {
    text: '550 sorry, no mailbox here by that name (#5.1.1 - chkusr)',
    code: '550 5.1.1',
    says: ['likely - -', 'general - -'],
  },
  {
    // The server gives up: the reply code decides.
    text: '554 4.4.7 Message expired',
    code: '554 4.4.7',
    says: ['general - -'],
  },
  {
    text: 'host mx.example.net[192.0.2.1] said: 554\n    5.7.1 Rejected (in reply to MAIL FROM)',
    code: '554 5.7.1',
    says: ['general - -'],
  },
  {
    text: '530 5.7.0 Must issue a STARTTLS command first',
    code: '530 5.7.0',
    says: ['likely - -', 'general - -'],
  },
  {
    text: '450 4.2.0 <bob@example.net>: Recipient address rejected: Greylisted',
    code: '450 4.2.0',
    failure: 'temporary',
    says: ['likely - -', 'general - -'],
  },
  {
    text: 'host mx.eop.mail.protection.outlook.com said: 550 5.7.606 Access denied, banned sending IP [203.0.113.5]',
    code: '550 5.7.606',
    says: ['certain microsoft-365 -'],
  },
];

test.each(CASES)('$text', ({ text, code, failure = 'permanent', says }) => {
  const replies = repliesOf(text);
  expect(replies.map(({ basic, enhanced }) => `${basic ?? '-'} ${enhanced ?? '-'}`)).toEqual([code]);
  expect(replies[0]?.failure).toBe(failure);
  expect(replies.flatMap(statementsOf)).toEqual(says);
});

test('a whole bounce: one reply, although the text, the status and the diagnostic code have it, and no number of the header', () => {
  const [reply, ...others] = repliesOf(fixture('gmail-missing-ptr.eml'));
  expect(others).toEqual([]);
  expect(reply).toMatchObject({ basic: '550', enhanced: '5.7.25', receivers: [{ id: 'gmail' }] });
  expect(reply && statementsOf(reply)[0]).toBe('certain gmail ptr/missing');
  expect(reply?.words).toContain('does not have a PTR record setup, or the corresponding');
  expect(explainBounce(fixture('gmail-missing-ptr.eml').replaceAll('\n', '\r\n'))?.replies).toEqual([reply]);
});

test('three recipients: each reply has its own receiver', () => {
  const replies = repliesOf(fixture('three-receivers.txt'));
  expect(replies.map(({ receivers }) => receivers.map(({ id }) => id))).toEqual([[], ['microsoft'], ['t-online']]);
  expect(replies.map((reply) => statementsOf(reply)[0])).toEqual([
    'certain - rbl/listed',
    'certain microsoft -',
    'certain t-online -',
  ]);
  expect(replies[0]?.list).toMatchObject({
    zone: 'zen.spamhaus.org',
    removal: { url: 'https://check.spamhaus.org/' },
  });
});

const textOf = (text: string): string =>
  bounceText(explainBounce(text) ?? { replies: [], left: 0 }, 80, tonesFor(false)).join('\n');

describe('the recipient is the cause', () => {
  test.each([
    '550 5.1.1 The email account that you tried to reach does not exist. https://support.google.com/mail/?p=NoSuchUser',
    '552 5.2.2 https://support.google.com/mail/?p=OverQuotaPerm',
    '550 <bob@example.net>: user unknown',
    '550 No such user here',
    '552 Mailbox is full',
    '550 Empfänger unbekannt',
    '550 La boîte du destinataire est pleine',
    '550 5.4.1 Recipient address rejected: Access denied. [AM7EUR06FT005.eop-eur06.prod.protection.outlook.com]',
    '{"status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"reportingMTA":"dns; a.amazonses.com"}',
  ])('%s', (text) => {
    const replies = repliesOf(text);
    expect(replies.map(({ isAboutRecipient }) => isAboutRecipient)).toEqual([true]);
    expect(replies.flatMap(({ statements }) => statements.flatMap(({ codes }) => codes))).toEqual([]);
    expect(textOf(text)).toContain('because of the recipient. Your mail server is not');
    expect(textOf(text)).not.toContain('mailcheck example.com');
    expect(textOf(text)).not.toContain('also judges mail');
  });

  test.each([
    '550 5.7.25 Recipient address rejected: Reverse DNS validation failed',
    '550 5.7.1 <bob@example.net>: Recipient address rejected: SPF fail, user unknown or not',
    '450 4.2.0 <bob@example.net>: Recipient address rejected: Greylisted',
    '554 5.7.1 <bob@example.net>: Relay access denied',
  ])('not: %s', (text) => {
    expect(repliesOf(text).map(({ isAboutRecipient }) => isAboutRecipient)).toEqual([false]);
    expect(textOf(text)).toContain('mailcheck example.com 203.0.113.5');
  });
});

describe('hosts that did not give the reply', () => {
  test.each([
    [
      'the header of the bounce',
      'Received: from mx.google.com by example.net\nMessage-ID: <a@b>\n\n550 5.7.1 Rejected',
    ],
    [
      'the sending side',
      'Reporting-MTA: dns; googlemail.com\n\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 Rejected',
    ],
    ['a server of its own', 'host mx1.comcast.net[192.0.2.1] said: 550 5.7.1 Rejected'],
  ])('%s', (_, text) => {
    expect(repliesOf(text)).toMatchObject([{ enhanced: '5.7.1', receivers: [] }]);
  });

  test('a front end of Microsoft answers for two receivers, unless another host tells them apart', () => {
    const frontEnd = '[VI1EUR04FT006.eop-eur04.prod.protection.outlook.com]';
    const idsIn = (text: string): string[] => repliesOf(text).flatMap(({ receivers }) => receivers.map(({ id }) => id));
    expect(idsIn(`550 5.7.1 Denied ${frontEnd}`)).toEqual(['microsoft-365', 'microsoft']);
    expect(idsIn(`550 5.7.1 Denied, see http://mail.live.com/ ${frontEnd}`)).toEqual(['microsoft']);
    expect(idsIn(`550 5.7.1 Denied, see https://sender.office.com/ ${frontEnd}`)).toEqual(['microsoft-365']);
    expect(idsIn(`550 5.7.1 Denied, see http://mail.live.com/ ${frontEnd} host mx.google.com`)).toContain('microsoft');
  });
});

test('the field Status of a reply without an enhanced code adds no class of its own', () => {
  const text =
    'host mx01.mail.com[192.0.2.1] refused to talk to me: 554-mail.com Nemesis ESMTP Service not available 554 Bad DNS PTR resource record.\n\nStatus: 4.0.0\nRemote-MTA: dns; mx01.mail.com\nDiagnostic-Code: smtp; 554-mail.com Nemesis ESMTP Service not available 554 Bad DNS PTR resource record.';
  expect(repliesOf(text)).toMatchObject([{ basic: '554', enhanced: null, failure: 'permanent' }]);
});

describe('encoded parts', () => {
  const part = (encoding: string, body: string): string =>
    `--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ${encoding}\n\n${body}\n--b--\n`;

  test('base64', () => {
    const body = Buffer.from('550 5.7.25 Reverse DNS failed').toString('base64');
    expect(repliesOf(part('base64', body))).toMatchObject([{ enhanced: '5.7.25', words: 'Reverse DNS failed' }]);
  });

  test('quoted-printable', () => {
    expect(repliesOf(part('quoted-printable', '550=205.1.1 Empf=C3=A4nger unbe=\nkannt'))).toMatchObject([
      { enhanced: '5.1.1', words: 'Empfänger unbekannt' },
    ]);
  });

  test('HTML, in which an address in angle brackets is no tag', () => {
    const html = '<p>Remote server returned &#39;550 5.1.1 &lt;b@example.net&gt;: <b class="x">unknown</b>&#39;</p>';
    expect(repliesOf(html)).toMatchObject([{ enhanced: '5.1.1', words: "<b@example.net>: unknown '" }]);
    expect(repliesOf('550 5.1.1 <b@example.net>: unknown')[0]?.words).toBe('<b@example.net>: unknown');
  });

  test('plain text keeps its equal signs', () => {
    expect(repliesOf('554 5.7.0 Reject, id=20025-09 - SPAM')[0]?.words).toBe('Reject, id=20025-09 - SPAM');
  });
});

test('a quoted bounce with soft line breaks is read as the plain one', () => {
  const quoted = '> host mx.google.com said: 550-5.7.2=\n5 The IP address has no PTR\n> 550 5.7.25 record';
  expect(repliesOf(quoted)).toMatchObject([
    { basic: '550', enhanced: '5.7.25', words: 'The IP address has no PTR record' },
  ]);
});

test.each(['', 'hello', '250 2.0.0 Ok: queued', '203.0.113.5', '5.7.25.3', 'X-Mailer: 10.5.1.2', '2026-11-28 10:55'])(
  'no reply in: %s',
  (text) => {
    expect(explainBounce(text)).toBeUndefined();
  },
);

describe('every list', () => {
  test.each(allLists.filter(({ kind }) => kind !== 'allow'))('$zone is recognised', ({ zone, name }) => {
    const [reply] = repliesOf(
      `554 5.7.1 Service unavailable; Client host [203.0.113.5] blocked using ${zone}; nothing`,
    );
    expect(reply?.list).toMatchObject({ zone, name, code: expect.stringMatching(/^rbl\//) });
  });
});

describe('every reply of a receiver', () => {
  const known = allReceivers.flatMap(({ id, hosts, rules }) =>
    rules.flatMap(({ reply, when }) =>
      reply === null ? [] : [{ id, host: hosts[0]?.domains[0], text: reply.text, when }],
    ),
  );
  test.each(known)('$id: $text', ({ id, host, text, when }) => {
    const [reply] = repliesOf(`host mx.${host ?? 'example.org'}[192.0.2.1] said: ${text} (in reply to MAIL FROM)`);
    const own = reply?.statements.filter(({ receiver }) => receiver === id) ?? [];
    expect(own[0]?.certainty).toBe(host === undefined ? 'likely' : 'certain');
    const codes = own.flatMap((statement) => statement.codes);
    const meant = codes.filter((code) => specOf(code)?.causes?.some((cause) => when.flat().includes(cause)));
    expect(meant.length).toBeGreaterThan(0);
  });
});

test('every statement leads to findings that are explained', () => {
  const codes = WORDINGS.flatMap(({ causes }) => causes).length;
  expect(codes).toBeGreaterThan(0);
  const all = CASES.flatMap(({ text }) => repliesOf(text)).flatMap(({ statements }) => statements);
  for (const code of all.flatMap((statement) => statement.codes)) {
    expect(explanationOf(code)?.rule, code).toSatisfy((rule: string) => ruleIds.includes(rule));
  }
});

describe('hostile text', () => {
  const lines = (text: string): string =>
    bounceText(explainBounce(text) ?? { replies: [], left: 0 }, 80, tonesFor(false)).join('\n');

  test('control characters and marks of the writing direction are not printed', () => {
    const evil =
      '550 5.7.1 a\u001b[31mred\u0007 \u202eb\u009b \u{e0041}c said host gmail-smtp-in.l.google.com\u001b]0;x';
    expect(lines(evil)).toContain('550 5.7.1 (permanent)');
    expect((lines(evil).match(INVISIBLE) ?? []).filter((character) => character !== '\n')).toEqual([]);
    expect(JSON.stringify(explainBounce(evil))).not.toMatch(/\\u00[01]|\u202e/);
  });

  test.each([
    ['many replies', '550 5.7.1 a host b said: '.repeat(40_000)],
    [
      'another host in each reply',
      Array.from({ length: 25_000 }, (_, index) => `host mx${index}.example.net said: 550 5.7.1 no\n\n`).join(''),
    ],
    ['one endless word', `550 5.7.1 ${'a'.repeat(1_000_000)}`],
    ['one endless name', `550 5.7.1 ${'a.'.repeat(500_000)}`],
    ['empty lines', `${'\n'.repeat(500_000)}550 5.7.1 x${' \n'.repeat(200_000)}`],
    ['spaces', `550 5.7.1${' '.repeat(1_000_000)}x`],
    ['digits and dots', '5.5.5.5.'.repeat(120_000)],
    ['tags without an end', `550 5.7.1 x\n${'<a '.repeat(300_000)}`],
    ['headers of parts', `${'Content-Transfer-Encoding: base64\n\n'.repeat(25_000)}550 5.7.1 x`],
    ['words about DMARC', `550 ${'dmarc no '.repeat(100_000)}`],
    ['words that begin a pattern', `550 ${'dynamic sender generic '.repeat(45_000)}`],
  ])('%s: read in a second, and printed within bounds', (_, text) => {
    const begin = process.cpuUsage();
    expect(lines(text).length).toBeLessThan(10_000);
    const { user, system } = process.cpuUsage(begin);
    expect((user + system) / 1e6).toBeLessThan(3);
  });
});
