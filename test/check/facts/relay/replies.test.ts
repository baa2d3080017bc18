/** Tests the meaning of replies to the relay vectors. */
import { describe, expect, test } from 'vitest';
import {
  isSameReply,
  type Meaning,
  meaningOf,
  namesBlockList,
  type Stage,
} from '../../../../src/check/facts/relay/replies.ts';
import type { SmtpReply } from '../../../../src/network/smtp/types.ts';

const said = (code: number, ...lines: string[]): SmtpReply => ({ code, enhanced: null, lines });

/** Texts for each meaning. The tests use them with 451, which alone only means "deferred", so that the text decides. */
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
      'this server does not act as an open relay',
      'Relaying is disabled',
      'Weiterleitung nicht erlaubt',
      'Relay-Zugriff verweigert',
      'relais interdit',
      'relay no permitido',
      'relay non consentito',
    ],
  ],
  ['unknown-user', ['unverified address', 'undeliverable address', '4.1.1 x']],
  [
    'reserved-domain',
    [
      'reserved domain',
      'Recipient address reserved by RFC 2606',
      '5.1.5 domain listed in RFC 6761',
      'Domain ist reserviert',
      'dominio reservado',
      'we take no mail for a special-use domain',
      'a documentation domain',
      'test domain',
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
    ['nullMX', 'null MX', 'Null mx', 'does not accept mail', 'does not accept email', 'does not accept e-mail'],
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
      // These texts resemble those above but do not match.
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

describe('relay replies', () => {
  const otherwise = (meaning: Meaning, code: number, all: readonly string[]) =>
    all.filter((text) => meaningOf('rcpt', said(code, text)) !== meaning);

  test.each(texts)('451 with each text for %s', (meaning, all) => {
    expect(otherwise(meaning, 451, all)).toEqual([]);
  });

  test.each([
    '4.7.0 Temporary authentication failure',
    '4.3.0 authentication database lookup failed',
    '4.3.0 non-local map lookup error',
    '4.7.1 user unknown lookup timed out, try again',
  ])('451 %s settles nothing', (text) => {
    expect(['deferred', 'greylisted']).toContain(meaningOf('rcpt', said(451, text)));
  });

  test('550 with words that only sound like a refusal to relay is unexplained', () => {
    expect(meaningOf('rcpt', said(550, 'unable to relay: queue full'))).toBe('unexplained');
  });

  test.each([345, 354])('code %i is undecided, whatever the text', (code) => {
    expect(texts.flatMap(([, all]) => otherwise('undecided', code, all))).toEqual([]);
  });

  /** Texts that have this meaning only with a 5xx code. */
  const permanent: readonly (readonly [Meaning, number, readonly string[]])[] = [
    [
      'denied',
      550,
      [
        'Authentication required',
        'please authenticate',
        'AUTH required',
        'auth is required',
        'authorization required',
        'authorization is required',
        'AUTH first',
        'not authenticated',
        'You must log in first',
      ],
    ],
    [
      'unknown-user',
      550,
      [
        'User unknown',
        'unknown user',
        'no such user here',
        'no such mailbox',
        'no such recipient',
        'Invalid recipient: <x@example.org>',
        '5.1.1 x',
        '5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
      ],
    ],
    ['null-mx', 550, ['5.1.10 Recipient address has null MX', '5.1.10 the domain does not accept mail']],
    [
      'unknown-domain',
      550,
      [
        '5.4.310 x',
        'Domain of recipient does not exist',
        'recipient domain has no MX',
        'DNS lookup failed',
        'Empf\u00e4nger-Domain nicht gefunden',
        'domaine inconnu',
        'el dominio no existe',
      ],
    ],
    ['sender-refused', 550, ['5.1.8 domain of sender does not exist', 'Sender domain is reserved']],
    [
      'client-refused',
      550,
      [
        '5.7.1 Client host [192.0.2.1] blocked using bl.example.net; delivery is not allowed',
        'Reverse DNS authentication failed',
      ],
    ],
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
      'unexplained',
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
        'invalid',
        'bad mood',
      ],
    ],
  ];
  test.each(permanent)('each text for %s with code %i', (meaning, code, all) => {
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
    ['hello', 450, 'try again', 'deferred'],
    ['rcpt', 452, 'too many recipients', 'deferred'],
    ['rcpt', 530, 'invalid address', 'denied'],
    ['rcpt', 556, 'no', 'null-mx'],
    ['rcpt', 500, '', 'syntax'],
    ['rcpt', 501, '', 'syntax'],
    ['rcpt', 502, '', 'syntax'],
    ['rcpt', 503, '', 'out-of-order'],
    ['rcpt', 503, '5.7.0 authentication required', 'denied'],
    ['mail', 503, '5.5.1 Sender already specified', 'out-of-order'],
    ['mail', 501, 'nested MAIL command', 'out-of-order'],
    ['rcpt', 500, '5.5.1 need MAIL command', 'out-of-order'],
    ['rcpt', 554, 'MAIL first', 'out-of-order'],
    ['rcpt', 550, 'Bad sequence of commands', 'out-of-order'],
    ['mail', 550, 'send HELO first', 'out-of-order'],
    ['mail', 451, 'nested MAIL command', 'deferred'],
    ['rcpt', 504, '', 'syntax'],
    ['rcpt', 555, '', 'syntax'],
    ['rcpt', 550, '', 'unexplained'],
    ['mail', 550, '', 'unexplained'],
    ['mail', 501, '', 'syntax'],
    ['mail', 450, '', 'deferred'],
    ['mail', 354, '', 'undecided'],
    // The first matching row decides.
    ['rcpt', 550, 'SPF check failed, authentication required', 'sender-refused'],
    ['rcpt', 550, 'Relaying denied. IP name lookup failed, see rbl.example.net', 'denied'],
    ['rcpt', 550, '5.1.1 blocked', 'client-refused'],
    ['rcpt', 450, '4.1.2 try again', 'unknown-domain'],
  ])('reply to %s with "%i %s" → %s', (stage, code, text, meaning) => {
    expect(meaningOf(stage, said(code, text))).toBe(meaning);
  });

  test('a text that continues on the next line is recognised', () => {
    expect(meaningOf('rcpt', said(451, 'Relay access', 'denied'))).toBe('denied');
  });
});

describe('relay replies that name a block list', () => {
  const listed = texts
    .flatMap(([meaning, all]) => (meaning === 'client-refused' ? all : []))
    .filter((text) => /bl|list|spam|barr|uce|abuse|rep/i.test(text));
  test('are recognised by their words, and others are not', () => {
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

  test('a word that is split over two lines is not recognised', () => {
    expect(namesBlockList(said(554, 'go away', 'spam', 'haus'))).toBe(false);
  });

  test('the number of tested texts is 19', () => {
    expect(listed).toHaveLength(19);
  });
});

describe('relay replies that say the same', () => {
  test.each<[string, string, boolean]>([
    ['550 no', '550 no', true],
    ['550 No', '550 no ', true],
    ['550 <x@example.org>: rejected', '550 <postmaster@example.com>: rejected', true],
    ['550 x@example.org rejected', '550 postmaster@mail.example.com rejected', true],
    ['550 example.org is not wanted', '550 mail.example.com is not wanted', true],
    ['550 rejected (id 4XyZ12AB34)', '550 rejected (id 5AbC98DE76)', true],
    ['550 no', '554 no', false],
    ['550 rejected', '550 unknown', false],
    ['550 5.7.1 rejected', '550 5.1.1 rejected', false],
  ])('%s, %s: %s', (one, other, isSame) => {
    const [first, second] = [one, other].map((text) => said(Number(text.slice(0, 3)), text.slice(4)));
    expect(first && second && isSameReply(first, second)).toBe(isSame);
  });

  test.each(['<', 'x', 'a.', 'a-'])('as many and as long lines of "%s" as are read are compared at once', (part) => {
    const lines = Array.from({ length: 200 }, () => part.repeat(2040 / part.length));
    expect(isSameReply(said(550, ...lines), said(550, 'no'))).toBe(false);
  });
});
