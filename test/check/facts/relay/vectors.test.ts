/** Tests the relay vectors. */
import { describe, expect, test } from 'vitest';
import {
  isDisguised,
  isOrdinary,
  plainMailbox,
  reservedMailboxes,
  submissionVectors,
  vectorsBehindTls,
  vectorsFor,
} from '../../../../src/check/facts/relay/vectors.ts';

describe('relay vectors', () => {
  const envelope = {
    domain: 'example.com',
    host: 'mail.example.com',
    ownNames: ['mail.example.com', 'host5.example.net'],
    address: '203.0.113.5',
    literal: '[203.0.113.5]',
    foreign: { localPart: 'probe', domain: 'example.org' },
    foreignSender: 'probe@example.net',
    random: 'r1',
  };
  const vectors = () => vectorsFor(envelope);
  const own = 'FROM:<postmaster@[203.0.113.5]>';

  test('the list of envelopes, in order, eight per connection', () => {
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
      `sender literal ${own} TO:<probe@example.org>`,

      'sender host FROM:<postmaster@mail.example.com> TO:<probe@example.org>',
      'sender host-localhost FROM:<postmaster@localhost> TO:<probe@example.org>',
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
      'sender helo-literal EHLO [203.0.113.5] FROM:<probe@example.net> TO:<probe@example.org>',
      'sender helo-address EHLO 203.0.113.5 FROM:<probe@example.net> TO:<probe@example.org>',
      'sender helo-host EHLO mail.example.com FROM:<probe@example.net> TO:<probe@example.org>',
      'sender helo-host-null EHLO mail.example.com FROM:<> TO:<probe@example.org>',
      'sender helo-name-2 EHLO host5.example.net FROM:<probe@example.net> TO:<probe@example.org>',
      'sender helo-name-2-null EHLO host5.example.net FROM:<> TO:<probe@example.org>',
    ]);
  });

  test.each([
    ['the greeting has no name', null],
    ['the greeting has the domain itself', 'example.com'],
  ])('vectors with the host name are left out when %s', (_, host) => {
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

  test('at an IPv6 address have its literal', () => {
    const literals = vectorsFor({ ...envelope, literal: '[IPv6:2001:db8::5]' }).map(({ rcptTo }) => rcptTo);
    expect(literals).toEqual(
      expect.arrayContaining([
        '<probe%example.org@[IPv6:2001:db8::5]>',
        '<"probe@example.org"@[IPv6:2001:db8::5]>',
        '<probe@example.org@[IPv6:2001:db8::5]>',
        '<@[IPv6:2001:db8::5]:probe@example.org>',
        '<example.org!probe@[IPv6:2001:db8::5]>',
      ]),
    );
  });

  test('leave out those at the host’s name where the greeting has none', () => {
    expect(vectorsFor({ ...envelope, host: null }).length).toBe(35);
  });

  test('submission ports are asked only plain, null and local-postmaster', () => {
    expect(submissionVectors(vectors()).map(({ id }) => id)).toEqual(['plain', 'null', 'local-postmaster']);
  });

  test('behind STARTTLS the telling ones are asked once more, in one connection', () => {
    const again = vectorsBehindTls(vectors());
    expect(again.map(({ id }) => id)).toEqual([
      'plain-tls',
      'null-tls',
      'same-tls',
      'local-postmaster-tls',
      'local-random-tls',
      'literal-tls',
      'host-tls',
      'host-localhost-tls',
    ]);
    expect(again.every(({ behindTls, hello }) => behindTls && hello === null)).toBe(true);
    expect(vectors().some(({ behindTls }) => behindTls)).toBe(false);
  });

  test('no server has a reason to call an address of these a syntax error', () => {
    const ordinary = vectors().filter(isOrdinary);
    expect(ordinary.map(({ id }) => id).filter((id) => !id.startsWith('helo'))).toEqual([
      'plain',
      'null',
      'same',
      'control-local',
      'control-foreign',
      'local-postmaster',
      'local-random',
      'host',
    ]);
  });

  test('disguised recipients are those of the kinds rewrite and route', () => {
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
  ])('reserved mailboxes for %s are at other domains', (domain, foreign, sender) => {
    expect(reservedMailboxes(domain)).toEqual({
      foreign: { localPart: 'mailcheck-relay-probe', domain: foreign },
      sender,
    });
  });

  test('a user’s mailbox is accepted only if every vector can contain it', () => {
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
