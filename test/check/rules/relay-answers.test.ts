/** From what a host answers to the relay probes to what that shows: the envelopes, the replies, the questions left. */
import { describe, expect, test } from 'vitest';
import { assess, type OpenQuestion, openQuestion } from '../../../src/check/rules/open-relay/assess.ts';
import type { Asked, Attempt } from '../../../src/check/rules/open-relay/dialogue.ts';
import { testMessage } from '../../../src/check/rules/open-relay/message.ts';
import { type Meaning, meaningOf, namesBlockList, type Stage } from '../../../src/check/rules/open-relay/replies.ts';
import {
  isDisguised,
  plainMailbox,
  reservedMailboxes,
  submissionVectors,
  type Vector,
  vectorsFor,
} from '../../../src/check/rules/open-relay/vectors.ts';
import type { SmtpReply, Transcript } from '../../../src/network/smtp/types.ts';

const transcript: Transcript = { id: 'x', lines: [] };
const said = (code: number, ...lines: string[]): SmtpReply => ({ code, enhanced: null, lines });

describe('the envelopes', () => {
  const envelope = {
    domain: 'example.com',
    host: 'mail.example.com',
    literal: '[203.0.113.5]',
    foreign: { localPart: 'probe', domain: 'example.org' },
    foreignSender: 'probe@example.net',
    random: 'r1',
  };
  const vectors = () => vectorsFor(envelope);
  const own = 'FROM:<postmaster@[203.0.113.5]>';

  test('are these, in this order, eight to a connection', () => {
    const lines = vectors().map(({ id, kind, mailFrom, rcptTo, hello }) =>
      [kind, id, ...(hello === null ? [] : [`EHLO ${hello}`]), `FROM:${mailFrom}`, `TO:${rcptTo}`].join(' '),
    );
    expect(lines).toEqual([
      'direct plain FROM:<probe@example.net> TO:<probe@example.org>',
      'direct null FROM:<> TO:<probe@example.org>',
      'direct same FROM:<probe@example.org> TO:<probe@example.org>',
      'control control-local FROM:<> TO:<mc-r1@example.com>',
      'control control-foreign FROM:<probe@example.net> TO:<x@r1.invalid>',
      'sender local-postmaster FROM:<postmaster@example.com> TO:<probe@example.org>',
      'sender local-random FROM:<mc-r1@example.com> TO:<probe@example.org>',
      'sender host FROM:<postmaster@mail.example.com> TO:<probe@example.org>',

      'sender host-localhost FROM:<postmaster@localhost> TO:<probe@example.org>',
      `sender literal ${own} TO:<probe@example.org>`,
      'sender literal-loopback FROM:<postmaster@[127.0.0.1]> TO:<probe@example.org>',
      'sender bare FROM:<postmaster> TO:<probe@example.org>',
      `rewrite percent-domain ${own} TO:<probe%example.org@example.com>`,
      `rewrite percent-host ${own} TO:<probe%example.org@mail.example.com>`,
      `rewrite percent-literal ${own} TO:<probe%example.org@[203.0.113.5]>`,
      `rewrite percent ${own} TO:<probe%example.org>`,

      `rewrite quoted ${own} TO:<"probe@example.org">`,
      `rewrite quoted-percent ${own} TO:<"probe%example.org">`,
      `rewrite quoted-domain ${own} TO:<"probe@example.org"@example.com>`,
      `rewrite quoted-host ${own} TO:<"probe@example.org"@mail.example.com>`,
      `rewrite quoted-literal ${own} TO:<"probe@example.org"@[203.0.113.5]>`,
      `rewrite double-at-domain ${own} TO:<probe@example.org@example.com>`,
      `rewrite double-at-host ${own} TO:<probe@example.org@mail.example.com>`,
      `rewrite double-at-literal ${own} TO:<probe@example.org@[203.0.113.5]>`,

      `route route-domain ${own} TO:<@example.com:probe@example.org>`,
      `route route-host ${own} TO:<@mail.example.com:probe@example.org>`,
      `route route-literal ${own} TO:<@[203.0.113.5]:probe@example.org>`,
      `rewrite bang ${own} TO:<example.org!probe>`,
      `rewrite bang-domain ${own} TO:<example.org!probe@example.com>`,
      `rewrite bang-host ${own} TO:<example.org!probe@mail.example.com>`,
      `rewrite bang-literal ${own} TO:<example.org!probe@[203.0.113.5]>`,
      'direct no-brackets FROM:probe@example.net TO:probe@example.org',

      'sender helo-domain EHLO example.com FROM:<probe@example.net> TO:<probe@example.org>',
      'sender helo-localhost EHLO localhost FROM:<probe@example.net> TO:<probe@example.org>',
      'sender helo-loopback EHLO [127.0.0.1] FROM:<probe@example.net> TO:<probe@example.org>',
    ]);
  });

  test.each([
    ['the greeting has no name', null],
    ['it is the domain itself', 'example.com'],
  ])('those at the host’s name are left out where %s', (_, host) => {
    const missing = vectors().filter(({ id }) => !vectorsFor({ ...envelope, host }).some((other) => other.id === id));
    expect(missing.map(({ id }) => id)).toEqual([
      'host',
      'percent-host',
      'quoted-host',
      'double-at-host',
      'route-host',
      'bang-host',
    ]);
  });

  test('of a submission port the plain ones are asked', () => {
    expect(submissionVectors(vectors()).map(({ id }) => id)).toEqual(['plain', 'null', 'local-postmaster']);
  });

  test('a disguise is a recipient that is rewritten or routed', () => {
    const kinds = [
      ...new Set(
        vectors()
          .filter(isDisguised)
          .map(({ kind }) => kind),
      ),
    ];
    expect(kinds).toEqual(['rewrite', 'route']);
  });

  test.each([
    ['example.com', 'example.org', 'mailcheck-relay-probe@example.net'],
    ['example.org', 'example.net', 'mailcheck-relay-probe@example.com'],
    ['example.net', 'example.org', 'mailcheck-relay-probe@example.com'],
    ['mail.example', 'example.org', 'mailcheck-relay-probe@example.net'],
  ])('for %s they are of reserved names that are not its own', (domain, foreign, sender) => {
    expect(reservedMailboxes(domain)).toEqual({
      foreign: { localPart: 'mailcheck-relay-probe', domain: foreign },
      sender,
    });
  });

  test('a mailbox of one’s own is one that can stand in each of them', () => {
    expect(plainMailbox('me@elsewhere.example')).toEqual({ localPart: 'me', domain: 'elsewhere.example' });
    expect(plainMailbox('Me+Tag@ELSEWHERE.example')).toEqual({ localPart: 'Me+Tag', domain: 'elsewhere.example' });
    const spoilt = [...'"<>%! \t@'].flatMap((char) =>
      ['CmCe@elsewhere.example', 'mCe@elsewhere.example', 'me@elseCwhere.example', 'me@elsewhere.examCple'].map(
        (text) => text.replaceAll('C', char),
      ),
    );
    const all = ['elsewhere.example', '@elsewhere.example', 'me@', ...spoilt];
    expect(all.filter((text) => plainMailbox(text) !== null)).toEqual([]);
  });
});

/** Said with 451, which by itself only puts off, so that it is the text that decides. */
const texts: readonly (readonly [Meaning, readonly string[]])[] = [
  [
    'sender-refused',
    [
      '4.7.23 SPF validation failed',
      'spf',
      'DMARC policy',
      'unauthenticated email from example.net is not accepted',
      'Unauthenticated e-mail',
      'unauthenticated sender',
      'unauthenticated message',
      'Sender address rejected: Domain not found',
      'sender domain does not resolve',
      'sender verify failed',
      'sender verification',
      'Sender denied',
      'sender rejected',
      'sender refused',
      'your sender is not welcome',
      'Domain of sender address x@example.net does not resolve',
      'reserved domain',
      '5.7.27 null MX of the sender',
      '4.1.7 x',
      '4.1.8 x',
      '5.1.7 x',
      '5.1.8 x',
    ],
  ],
  [
    'denied',
    [
      'Relay access denied',
      'Relaying denied',
      'relay not permitted',
      'relay is not allowed here',
      'relaying prohibited',
      'relay disallowed',
      'relay refused',
      'relay attempt rejected',
      `relay ${'x'.repeat(198)} denied`,
      'Unable to relay recipient',
      'we do not relay',
      "I don't relay",
      'no relay here',
      'will not open relay for you',
      'this is not an open relay',
      "that domain isn't in my list of allowed rcpthosts",
      'Delivery is not allowed to this address.',
      'I cannot deliver mail for <x@example.org>',
      'a non-local address',
      'a non-accepted domain',
      'x is not local',
      'x is not a local domain',
      '5.7.54 x',
      'Authentication required',
      'please authenticate',
      'AUTH required',
      'auth is required',
      'authorization required',
      'authorization is required',
      'AUTH first',
      'User unknown',
      'unknown user',
      'unverified address',
      'undeliverable address',
      '4.1.1 x',
      '5.1.1 x',
    ],
  ],
  [
    'client-refused',
    [
      'Client host rejected',
      'HELO command rejected',
      'your EHLO is bad',
      'blocked',
      'blocklist',
      'block list',
      'block-list',
      'blacklisted',
      'black list',
      'black-list',
      'see rbl.example.net',
      'dnsbl',
      'spamhaus',
      'spamcop',
      'barracuda',
      'uceprotect',
      'cbl or abuseat',
      'listed at example.net',
      'listed by example.net',
      'listed in example.net',
      'listed on example.net',
      'poor reputation',
      'no reverse DNS',
      'cannot find your reverse hostname',
      'reverse lookup failed',
      'reverse mapping',
      'reverse name',
      'no PTR',
      'rDNS missing',
      '4.7.1 5.7.25 x',
      'too many connections',
      'too many errors',
      'rate limit exceeded',
    ],
  ],
  [
    'null-mx',
    [
      'nullMX',
      'null MX',
      'Null mx',
      '5.1.10 x',
      'does not accept mail',
      'does not accept email',
      'does not accept e-mail',
    ],
  ],
  [
    'unknown-domain',
    [
      '4.1.2 x',
      '5.1.2 x',
      '4.4.4 x',
      '5.4.4 x',
      'Domain not found',
      'Host not found',
      'Host name not found',
      'Host or domain name not found',
      'domain name not found',
      'domain does not exist',
      'host does not exist',
      'Unrouteable address',
      'unroutable',
      'no such domain',
      'no such host',
      'unknown domain',
      'unknown host',
      'MX record points to nowhere',
      'MX records point to nowhere',
    ],
  ],
  [
    'greylisted',
    [
      'Greylisted',
      'graylisting',
      'grey list',
      'gray-listed',
      'Please try again',
      'retry in 5 minutes',
      'come back soon',
      'later, please',
      '4.2.0 x',
    ],
  ],
  [
    'deferred',
    [
      '',
      'Temporary lookup failure',
      // None of what is looked for above, but near it.
      'STARTTLS',
      'TLS is required',
      'spfx',
      'xspf',
      'dmarcs',
      'xdmarc',
      'relays denied',
      'relay. Access denied',
      'relay; denied',
      'relay undenied',
      `relay ${'x'.repeat(199)} denied`,
      'not one of our own relay',
      'cannot deliver',
      'non-existent',
      'not a remote',
      '5.7.540',
      '15.7.54',
      'oauth required',
      'auth',
      'authority',
      'sender ok',
      'senders',
      '5.7.270',
      '15.7.27',
      '4.1.9',
      '4.1.70',
      '3.1.8',
      '14.1.8',
      'helot',
      'xhelo',
      'ehlos',
      'xehlo',
      'xrbl',
      'listed for',
      'listed once',
      'enlisted',
      'reverse gear',
      'ptrs',
      'xptr',
      'rdnss',
      'xrdns',
      '5.7.250',
      '15.7.25',
      'too many recipients',
      'null',
      '5.1.100',
      '15.1.10',
      'does not accept this',
      '3.1.1',
      '4.1.11',
      '14.1.1',
      '3.1.2',
      '4.1.20',
      '14.1.2',
      '3.4.4',
      '4.4.40',
      '14.4.4',
      'host found',
      'no such thing',
      'unknown thing',
      'MX record',
      '4.2.00',
      '14.2.0',
      'syntax',
    ],
  ],
];

describe('what a reply means', () => {
  const otherwise = (meaning: Meaning, code: number, all: readonly string[]) =>
    all.filter((text) => meaningOf('rcpt', said(code, text)) !== meaning);

  test.each(texts)('%s, in many words', (meaning, all) => {
    expect(otherwise(meaning, 451, all)).toEqual([]);
  });

  test.each([345, 354])('nothing where the code is %i', (code) => {
    expect(texts.flatMap(([, all]) => otherwise('undecided', code, all))).toEqual([]);
  });

  /** Texts that 4xx does not give this meaning. */
  const permanent: readonly (readonly [Meaning, number, readonly string[]])[] = [
    [
      'tls-required',
      550,
      [
        'Must issue a STARTTLS command first',
        '5.7.10 x',
        'TLS required',
        'TLS is required',
        'TLS needed',
        'encryption required',
        'Encryption is needed',
      ],
    ],
    [
      'syntax',
      553,
      [
        'syntax error',
        'malformed address',
        '5.1.3 x',
        'a fully-qualified name is wanted',
        'fully qualified',
        'invalid address',
        'invalid character',
        'bad address',
        'bad sender',
        'bad recipient',
      ],
    ],
    [
      'denied',
      553,
      [
        '',
        'no',
        '5.7.100',
        '15.7.10',
        'TLS was required',
        'encryption',
        'try again later',
        '5.1.30',
        '15.1.3',
        'fully',
        'invalid recipient',
        'bad mood',
      ],
    ],
  ];
  test.each(permanent)('%s, where the code is %i', (meaning, code, all) => {
    expect(otherwise(meaning, code, all)).toEqual([]);
  });

  test.each<[Stage, number, string, Meaning]>([
    ['rcpt', 250, '2.1.5 Ok', 'accepted'],
    ['rcpt', 251, 'will forward', 'accepted'],
    ['rcpt', 252, 'cannot verify', 'undecided'],
    ['rcpt', 250, 'Relay access denied', 'accepted'],
    ['mail', 250, 'Ok', 'undecided'],
    ['rcpt', 354, 'go on', 'undecided'],
    ['rcpt', 421, 'too many errors', 'closing'],
    ['hello', 421, 'too many connections', 'closing'],
    ['hello', 550, 'Relay access denied', 'client-refused'],
    ['hello', 450, 'try again', 'client-refused'],
    ['rcpt', 452, 'too many recipients', 'deferred'],
    ['rcpt', 530, 'invalid address', 'denied'],
    ['rcpt', 556, 'no', 'null-mx'],
    ['rcpt', 500, '', 'syntax'],
    ['rcpt', 501, '', 'syntax'],
    ['rcpt', 502, '', 'syntax'],
    ['rcpt', 503, '', 'denied'],
    ['rcpt', 504, '', 'syntax'],
    ['rcpt', 555, '', 'syntax'],
    ['rcpt', 550, '', 'denied'],
    ['mail', 550, '', 'sender-refused'],
    ['mail', 501, '', 'syntax'],
    ['mail', 450, '', 'deferred'],
    ['mail', 354, '', 'undecided'],
    // The first that fits decides.
    ['rcpt', 550, 'SPF check failed, authentication required', 'sender-refused'],
    ['rcpt', 550, 'Relaying denied. IP name lookup failed, see rbl.example.net', 'denied'],
    ['rcpt', 550, '5.1.1 blocked', 'client-refused'],
    ['rcpt', 450, '4.1.2 try again', 'unknown-domain'],
  ])('%s %i %s: %s', (stage, code, text, meaning) => {
    expect(meaningOf(stage, said(code, text))).toBe(meaning);
  });

  test('the lines of a reply are one text', () => {
    expect(meaningOf('rcpt', said(451, 'Relay access', 'denied'))).toBe('denied');
  });
});

describe('a refusal for a block list', () => {
  const listed = texts
    .flatMap(([meaning, all]) => (meaning === 'client-refused' ? all : []))
    .filter((text) => /bl|list|spam|barr|uce|abuse|rep/i.test(text));
  test('is known by its words', () => {
    expect(listed.filter((text) => !namesBlockList(said(554, 'go away:', text)))).toEqual([]);
    const others = [
      'Client host rejected',
      'no PTR',
      'xrbl',
      'listed for',
      'listed once',

      'rate limit',
      '',
    ];
    expect(others.filter((text) => namesBlockList(said(554, text)))).toEqual([]);
  });

  test('is no word that begins in one line and ends in the next', () => {
    expect(namesBlockList(said(554, 'go away', 'spam', 'haus'))).toBe(false);
  });

  test('there are so many words for it', () => {
    expect(listed).toHaveLength(19);
  });
});

const row = (kind: Vector['kind'], id: string = kind): Vector => ({
  id,
  kind,
  mailFrom: '<>',
  rcptTo: '<x>',
  hello: null,
});
const attempt = (vector: Vector, meaning: Meaning, text = ''): Attempt => ({
  vector,
  meaning,
  stage: 'rcpt',
  command: 'RCPT TO:<x>',
  reply: said(550, text),
  transcript,
});
const asked = (...attempts: Attempt[]): Asked => ({ attempts, unanswered: [], lost: null });

describe('what is accepted', () => {
  const ids = (attempts: readonly Attempt[]) => attempts.map(({ vector }) => vector.id);
  const shown = (...attempts: Attempt[]) => {
    const { direct, sender, rewrite, catchAll, impossible } = assess(asked(...attempts));
    return {
      direct: ids(direct),
      sender: ids(sender),
      rewrite: ids(rewrite),
      catchAll,
      impossible: impossible?.vector.id,
    };
  };
  const local = row('control', 'control-local');
  const foreign = row('control', 'control-foreign');
  const none = { direct: [], sender: [], rewrite: [], catchAll: null, impossible: undefined };

  test('each by its kind; a route is as good as a plain recipient', () => {
    const all = (['rewrite', 'route', 'direct', 'sender'] as const).map((kind) => attempt(row(kind), 'accepted'));
    expect(shown(...all)).toEqual({ ...none, direct: ['route', 'direct'], sender: ['sender'], rewrite: ['rewrite'] });
  });

  test('nothing that was not', () => {
    const meanings = ['undecided', 'denied', 'greylisted', 'syntax'] as const;
    expect(shown(...meanings.map((meaning) => attempt(row('direct'), meaning)))).toEqual(none);
  });

  test('a local part that nobody has: a catch-all', () => {
    expect(shown(attempt(local, 'accepted'))).toEqual({ ...none, catchAll: true });
    expect(shown(attempt(local, 'denied'))).toEqual({ ...none, catchAll: false });
  });

  test('a name that cannot exist, last', () => {
    expect(shown(attempt(foreign, 'accepted'), attempt(row('direct'), 'accepted'))).toEqual({
      ...none,
      direct: ['direct', 'control-foreign'],
      impossible: 'control-foreign',
    });
    expect(shown(attempt(foreign, 'denied'))).toEqual(none);
  });
});

describe('what stays open where nothing is accepted', () => {
  type Said = readonly [Vector['kind'], Meaning, string?];
  const listing = 'blocked using rbl.example.net';
  test.each<[string, readonly Said[], OpenQuestion | null, number?]>([
    [
      'refused for relaying',
      [
        ['direct', 'denied'],
        ['sender', 'denied'],
        ['rewrite', 'syntax'],
      ],
      null,
    ],
    [
      'one direct refusal is enough',
      [
        ['direct', 'sender-refused'],
        ['direct', 'denied'],
      ],
      null,
    ],
    [
      'one of another kind is not',
      [
        ['direct', 'sender-refused'],
        ['sender', 'denied'],
      ],
      'sender-refused',
      1,
    ],
    [
      'by syntax alone',
      [
        ['direct', 'syntax'],
        ['direct', 'sender-refused'],
        ['sender', 'syntax'],
      ],
      'sender-refused',
      2,
    ],

    [
      'the client, always',
      [
        ['direct', 'client-refused'],
        ['sender', 'client-refused'],
        ['control', 'denied'],
      ],
      'prober-refused',
      2,
    ],
    [
      'for a listing',
      [
        ['direct', 'client-refused'],
        ['sender', 'client-refused', listing],
      ],
      'prober-listed',
      2,
    ],
    [
      'the client, once',
      [
        ['direct', 'denied'],
        ['sender', 'client-refused'],
      ],
      null,
    ],
    [
      'the client, but for its disguises',
      [
        ['direct', 'client-refused'],
        ['rewrite', 'denied'],
      ],
      'prober-refused',
      1,
    ],
    [
      'the same for a listing',
      [
        ['direct', 'client-refused', listing],
        ['rewrite', 'denied'],
      ],
      'prober-listed',
      1,
    ],

    [
      'all put off',
      [
        ['direct', 'greylisted'],
        ['sender', 'deferred'],
      ],
      'greylisted',
      2,
    ],
    [
      'all but a disguise',
      [
        ['direct', 'deferred'],
        ['rewrite', 'denied'],
      ],
      'greylisted',
      1,
    ],
    [
      'some put off',
      [
        ['direct', 'denied'],
        ['direct', 'deferred'],
        ['sender', 'greylisted'],
      ],
      'deferred',
      2,
    ],
    [
      'only senders put off',
      [
        ['direct', 'sender-refused'],
        ['sender', 'deferred'],
      ],
      'deferred',
      1,
    ],
    [
      'a control put off',
      [
        ['direct', 'denied'],
        ['control', 'deferred'],
      ],
      null,
    ],
    [
      'put off before the domain counts',
      [
        ['direct', 'null-mx'],
        ['direct', 'deferred'],
      ],
      'greylisted',
      1,
    ],

    [
      'a null MX',
      [
        ['direct', 'denied'],
        ['rewrite', 'null-mx'],
      ],
      'recipient-domain',
      1,
    ],
    [
      'an unknown domain',
      [
        ['direct', 'unknown-domain'],
        ['sender', 'denied'],
      ],
      'recipient-domain',
      1,
    ],
    [
      'of a disguise, that is a refusal',
      [
        ['direct', 'denied'],
        ['rewrite', 'unknown-domain'],
      ],
      null,
    ],
    [
      'of a route, it is not',
      [
        ['direct', 'denied'],
        ['route', 'unknown-domain'],
      ],
      'recipient-domain',
      1,
    ],

    [
      'TLS first',
      [
        ['direct', 'tls-required'],
        ['sender', 'denied'],
      ],
      'tls-required',
      1,
    ],
    [
      'TLS first, even where one is refused',
      [
        ['direct', 'denied'],
        ['sender', 'tls-required'],
      ],
      'tls-required',
      1,
    ],
    [
      'not said',
      [
        ['direct', 'denied'],
        ['sender', 'undecided'],
      ],
      'undecided',
      1,
    ],
    [
      'about to hang up',
      [
        ['direct', 'denied'],
        ['sender', 'closing'],
      ],
      'undecided',
      1,
    ],
  ])('%s: %#', (_, replies, why, count) => {
    const question = openQuestion(asked(...replies.map(([kind, meaning, text]) => attempt(row(kind), meaning, text))));
    expect(question?.why ?? null).toBe(why);
    expect(question?.shown.length).toBe(count);
  });

  test('vectors without an answer come first', () => {
    const attempts = [attempt(row('direct'), 'greylisted')];
    expect(openQuestion({ attempts, unanswered: [row('sender')], lost: null })).toEqual({
      why: 'connection-lost',
      shown: [],
    });
  });
});

describe('the test message', () => {
  test.each([
    ['probe.example.net', 'probe.example.net'],
    ['[192.0.2.1]', 'mailcheck.invalid'],
    ['[IPv6:2001:db8::1]', 'mailcheck.invalid'],
    ['x[1]', 'x[1]'],
    ['[1]x', '[1]x'],
  ])('says what it is, from %s', (probeName, host) => {
    const now = Date.parse('2026-01-02T03:04:05Z');
    const lines = testMessage({
      token: 'mailcheck-1',
      recipient: 'me@elsewhere.example',
      vector: 'plain',
      now,
      probeName,
    });
    expect(lines.slice(0, 9)).toEqual([
      'From: mailcheck relay test <me@elsewhere.example>',
      'To: <me@elsewhere.example>',
      'Subject: mailcheck relay test mailcheck-1',
      'Date: Fri, 02 Jan 2026 03:04:05 +0000',
      `Message-ID: <mailcheck-1@${host}>`,
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      '',
    ]);
    expect(lines.slice(9).join(' ')).toMatch(/relays for strangers.*that it does\. .*: plain$/);
    expect(lines.every((line) => line.length <= 78)).toBe(true);
  });
});
