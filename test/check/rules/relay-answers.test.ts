/** From what a host answered to what that shows: who was let through, and which questions are left. */
import { describe, expect, test } from 'vitest';
import { type Asked, type Attempt, STRANGER } from '../../../src/check/facts/relay/answers.ts';
import { assess } from '../../../src/check/facts/relay/assessment.ts';
import type { Meaning } from '../../../src/check/facts/relay/replies.ts';
import type { Vector } from '../../../src/check/facts/relay/vectors.ts';
import { type OpenQuestion, openQuestion } from '../../../src/check/rules/open-relay/open-question.ts';
import type { SmtpReply, Transcript } from '../../../src/network/smtp/types.ts';

const transcript: Transcript = { id: 'x', lines: [] };
const said = (code: number, ...lines: string[]): SmtpReply => ({ code, enhanced: null, lines });

const row = (kind: Vector['kind'], id: string = kind): Vector => ({
  id,
  kind,
  mailFrom: '<>',
  rcptTo: '<x>',
  hello: null,
  behindTls: false,
});
const attempt = (vector: Vector, meaning: Meaning, text = ''): Attempt => ({
  vector,
  meaning,
  stage: 'rcpt',
  command: 'RCPT TO:<x>',
  reply: said(550, text),
  transcript,
});
const asked = (...attempts: Attempt[]): Asked => ({ attempts, unanswered: [], lost: null, learnt: STRANGER });

describe('open-relay, assessed: what is accepted', () => {
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

  test('answers that accept nothing', () => {
    const meanings = ['undecided', 'denied', 'greylisted', 'syntax'] as const;
    expect(shown(...meanings.map((meaning) => attempt(row('direct'), meaning)))).toEqual(none);
  });

  test('a local part that nobody has shows a catch-all', () => {
    expect(shown(attempt(local, 'accepted'))).toEqual({ ...none, catchAll: true });
    expect(shown(attempt(local, 'denied'))).toEqual({ ...none, catchAll: false });
  });

  test('a name that cannot exist comes last', () => {
    expect(shown(attempt(foreign, 'accepted'), attempt(row('direct'), 'accepted'))).toEqual({
      ...none,
      direct: ['direct', 'control-foreign'],
      impossible: 'control-foreign',
    });
    expect(shown(attempt(foreign, 'denied'))).toEqual(none);
  });
});

describe('open-relay, assessed: the question left where nothing is accepted', () => {
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
      'the client, for one of the plain vectors',
      [
        ['direct', 'denied'],
        ['direct', 'client-refused'],
      ],
      'prober-refused',
      1,
    ],
    [
      'a trick, for a listing',
      [
        ['direct', 'denied'],
        ['sender', 'client-refused', listing],
      ],
      'prober-listed',
      1,
    ],
    [
      'in words that say nothing, all of them',
      [
        ['direct', 'unexplained'],
        ['sender', 'unexplained'],
      ],
      'prober-refused',
      2,
    ],
    [
      'in words that say nothing, one of them',
      [
        ['direct', 'denied'],
        ['rewrite', 'unexplained'],
      ],
      'unexplained',
      1,
    ],
    [
      'out of order',
      [
        ['direct', 'denied'],
        ['sender', 'out-of-order'],
      ],
      'out-of-step',
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
      1,
    ],
    [
      'the recipient, by syntax alone',
      [
        ['direct', 'syntax'],
        ['sender', 'syntax'],
      ],
      'recipient-refused',
      1,
    ],
    [
      'a reserved name, but for a disguise',
      [
        ['direct', 'denied'],
        ['direct', 'reserved-domain'],
        ['rewrite', 'reserved-domain'],
      ],
      'recipient-domain',
      1,
    ],
    [
      'a reserved name in disguise alone',
      [
        ['direct', 'denied'],
        ['rewrite', 'reserved-domain'],
        ['rewrite', 'unknown-user'],
      ],
      null,
    ],
    [
      'one recipient, and not as other foreign ones',
      [
        ['direct', 'denied'],
        ['sender', 'recipient-refused'],
      ],
      'recipient-refused',
      1,
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
    expect(openQuestion({ attempts, unanswered: [row('sender')], lost: null, learnt: STRANGER })).toEqual({
      why: 'connection-lost',
      shown: [],
    });
  });
});
