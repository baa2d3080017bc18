/** Bounces as people paste them: the replies in them, the receiver of each, the findings behind it, and how sure that is. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ruleIds, specOf } from '../../../src/check/rules/index.ts';
import { type ExplainedReply, explainBounce } from '../../../src/cli/explain/bounce/bounce.ts';
import { bounceText } from '../../../src/cli/explain/bounce/bounce-text.ts';
import { WORDINGS } from '../../../src/cli/explain/bounce/wordings.ts';
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
    says: ['general - -'],
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
    rules.flatMap(({ reply, when }) => (reply === null ? [] : [{ id, host: hosts[0], text: reply.text, when }])),
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
    ['words that begin a pattern', `550 ${'dynamic sender generic '.repeat(45_000)}`],
  ])('%s: read in a second, and printed within bounds', (_, text) => {
    const begin = process.cpuUsage();
    expect(lines(text).length).toBeLessThan(10_000);
    const { user, system } = process.cpuUsage(begin);
    expect((user + system) / 1e6).toBeLessThan(3);
  });
});
