/** Tests the relay dialogue, connection by connection, with a simulated host in memory. */
import { describe, expect, test } from 'vitest';
import { type Acquaintance, type Asked, STRANGER } from '../../../../src/check/facts/relay/answers.ts';
import type { RelayClient } from '../../../../src/check/facts/relay/client.ts';
import { ask, askFurther, MAX_CONNECTIONS_ALONE } from '../../../../src/check/facts/relay/dialogue.ts';
import { type Sent, sendEach } from '../../../../src/check/facts/relay/sending.ts';
import { SlowTest } from '../../../../src/check/facts/relay/slow.ts';
import type { Vector } from '../../../../src/check/facts/relay/vectors.ts';
import type {
  SmtpConnectResult,
  SmtpFailureStatus,
  SmtpReply,
  SmtpResult,
  SmtpSession,
  StartTlsResult,
} from '../../../../src/network/smtp/types.ts';
import { tlsDetails } from '../../../world/tls-details.ts';

/** The code of a reply, with or without its text, or the status of a failure. */
type Answer = number | `${number} ${string}` | SmtpFailureStatus;

const DENIED = 'Relay access denied';
const replyOf = (code: number, text = ''): SmtpReply => ({ code, enhanced: null, lines: [text] });
const failure = (status: SmtpFailureStatus) => ({ status, detail: `it ${status}` });
const resultOf = (answer: Answer): SmtpResult =>
  typeof answer === 'number'
    ? { status: 'reply', reply: replyOf(answer) }
    : isReply(answer)
      ? { status: 'reply', reply: replyOf(Number(answer.slice(0, 3)), answer.slice(4)) }
      : failure(answer);
const isReply = (answer: string): answer is `${number} ${string}` => /^\d{3} /.test(answer);

interface Host {
  readonly greeting?: number;
  readonly extensions?: readonly string[];
  readonly isSecured?: boolean;
  readonly startTls?: 'secured' | 'declined' | SmtpFailureStatus;
  /** The position in a group of the reply that it leaves out. The connection then ends where the last reply is due. */
  readonly leavesOut?: number;
  /** Whether its reply to EHLO at the end of a group names no extensions. */
  readonly forgets?: boolean;
  /**
   * Gives the answer to a command. Without one, the host answers 554 to RCPT in a transaction, 503 to any other, 221 to
   * QUIT and 250 to other commands.
   */
  readonly answers?: (line: string, nth: number) => Answer | undefined;
}

/** Connects to one host after the other, and keeps the commands that each received. */
function clientOf(hosts: readonly (Host | SmtpFailureStatus)[], options: Partial<RelayClient> = {}) {
  const told: string[][] = [];
  let pauses = 0;
  let open = 0;
  let mostOpen = 0;
  const client: RelayClient = {
    connect: async () => {
      const lines: string[] = [];
      told.push(lines);
      const id = `connection ${told.length}`;
      const host = hosts[told.length - 1] ?? hosts.at(-1) ?? {};
      if (typeof host === 'string') return failure(host);
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      return connected(host, lines, id, () => {
        open -= 1;
      });
    },
    probeName: 'probe.example.net',
    serverName: null,
    control: {
      mailFrom: ['<>', '<s@example.net>'],
      rcptTo: '<postmaster@example.com>',
      foreign: ['<x@[192.0.2.1]>', '<x@below.example.com>'],
    },
    pause: async () => {
      pauses += 1;
    },
    atATime: 2,
    ...options,
  };
  return { client, told, pauses: () => pauses, mostOpen: () => mostOpen };
}

function connected(host: Host, lines: string[], id: string, onQuit: () => void): SmtpConnectResult {
  let hasSender = false;
  const usual = (line: string): Answer => {
    if (line === 'QUIT') return 221;
    if (!line.startsWith('RCPT')) return 250;
    return hasSender ? `554 ${DENIED}` : '503 need MAIL';
  };
  const answer = (line: string): SmtpResult => {
    lines.push(line);
    const result = resultOf(host.answers?.(line, lines.length) ?? usual(line));
    if (line.startsWith('MAIL') && result.status === 'reply' && result.reply.code < 300) hasSender = true;
    if (/^(RSET|EHLO)/.test(line)) hasSender = false;
    return result;
  };
  let isSecured = host.isSecured ?? false;
  const extensions = new Map((host.extensions ?? []).map((word) => [word, '']));
  const session: SmtpSession = {
    transcript: { id, lines: [] },
    greeting: replyOf(host.greeting ?? 220),
    extensions,
    get tls() {
      return isSecured ? tlsDetails : null;
    },
    timings: { connectMs: 0, greetingMs: 0 },
    hello: async (name) => answer(`EHLO ${name}`),
    command: async (line) => answer(line),
    pipeline: async (batch) => {
      lines.push(`${batch.length} at once`);
      const results = batch.map(answer);
      if (host.leavesOut !== undefined) results.splice(host.leavesOut, 1);
      if (results.length < batch.length) results.push(failure('closed'));
      if (host.forgets && batch.at(-1)?.startsWith('EHLO')) extensions.clear();
      return results;
    },
    message: async (message) => answer(`message of ${message.join(' ')}`),
    startTls: async (given): Promise<StartTlsResult> => {
      lines.push(`STARTTLS ${given && 'servername' in given ? given.servername : 'without a name'}`);
      const outcome = host.startTls ?? 'secured';
      if (outcome === 'declined') return { status: 'declined', reply: replyOf(454) };
      if (outcome !== 'secured') return failure(outcome);
      isSecured = true;
      return { status: 'secured', tls: tlsDetails, plaintextAfterReply: false };
    },
    quit: async () => {
      if (lines.at(-1) !== 'QUIT') lines.push('QUIT');
      onQuit();
    },
  };
  return { status: 'connected', session };
}

const vector = (id: string, hello: string | null = null, behindTls = false): Vector => ({
  id,
  kind: 'direct',
  mailFrom: `<${id}>`,
  rcptTo: '<x>',
  hello,
  behindTls,
});
const count = (many: number) => Array.from({ length: many }, (_, index) => vector(`v${index}`));
const eight = count(8);
const hello = 'EHLO probe.example.net';

describe('relay dialogue, connections', () => {
  const final = [
    'refused',
    'unreachable',
    'no-route',
    'timeout',
    'forbidden',
    'aborted',
    'capped',
    'tls-failed',
  ] as const;
  const passing = ['closed', 'reset', 'malformed', 'too-long'] as const;
  test.each<[SmtpFailureStatus, number]>([
    ...final.map((status): [SmtpFailureStatus, number] => [status, 1]),
    ...passing.map((status): [SmtpFailureStatus, number] => [status, 2]),
  ])('a connection that fails as %s is tried %i times, with a pause between tries', async (status, times) => {
    const { client, told, pauses } = clientOf([status]);
    expect(await ask(client, eight)).toEqual({
      attempts: [],
      unanswered: eight,
      lost: { result: failure(status), transcript: null },
      learnt: STRANGER,
    });
    expect(told).toHaveLength(times);
    expect(pauses()).toBe(times - 1);
  });

  test('after one failed connection the next one asks all vectors', async () => {
    const { client, told } = clientOf(['closed', {}]);
    expect(await ask(client, eight)).toMatchObject({ attempts: { length: 8 }, unanswered: [], lost: null });
    expect(told).toHaveLength(2);
  });

  test('two connections in a row without an answer end the dialogue', async () => {
    const hangsUp: Host = { answers: (line) => (line === 'MAIL FROM:<v2>' ? 'closed' : undefined) };
    const { client, told } = clientOf(['reset', hangsUp, 'reset', hangsUp, hangsUp]);
    const asked = await ask(client, eight);
    expect(asked.attempts.map(({ vector }) => vector.id)).toEqual(['v0', 'v1']);
    expect(asked.unanswered).toHaveLength(6);
    // A reset, a connection that answers two vectors, a reset, and a connection without an answer.
    expect(told).toHaveLength(4);
  });

  test.each([
    [8, [8]],
    [9, [8, 1]],
    [17, [8, 8, 1]],
    [0, []],
  ])('%i vectors take connections of %j vectors', async (many, perConnection) => {
    const { client, told, pauses } = clientOf([{}]);
    const asked = await ask(client, count(many));
    expect(asked).toMatchObject({ unanswered: [], lost: null });
    expect(asked.attempts.map(({ vector }) => vector.id)).toEqual(count(many).map(({ id }) => id));
    expect(told.map((lines) => lines.filter((line) => line.startsWith('MAIL')).length)).toEqual(perConnection);
    expect(told.every((lines) => lines[0] === hello && lines.at(-1) === 'QUIT')).toBe(true);
    expect(pauses()).toBe(Math.max(0, perConnection.length - 1));
  });

  test.each([
    [8, 4],
    [9, 6],
  ])('%i vectors with one answer per connection get at most %i connections', async (many, limit) => {
    const once: Host = { answers: (line, nth) => (nth > 3 && line.startsWith('MAIL') ? 'closed' : undefined) };
    const { client, told } = clientOf([once]);
    const asked = await ask(client, count(many));
    expect(told).toHaveLength(limit);
    expect(asked.attempts).toHaveLength(limit);
    expect(asked.lost).toEqual({ result: failure('closed'), transcript: { id: `connection ${limit}`, lines: [] } });
  });

  test.each(['aborted', 'capped'] as const)('no connection follows one that is %s', async (status) => {
    const { client, told } = clientOf([{ answers: (line) => (line.includes('v3') ? status : undefined) }]);
    expect(await ask(client, eight)).toMatchObject({ attempts: { length: 3 }, lost: { result: { status } } });
    expect(told).toHaveLength(1);
  });

  test('a greeting with 421 counts as a connection without an answer', async () => {
    const { client, told } = clientOf([{ greeting: 421 }]);
    expect(await ask(client, eight)).toMatchObject({
      attempts: [],
      lost: { result: { status: 'reply', reply: { code: 421 } }, transcript: { id: 'connection 2' } },
    });
    expect(told).toEqual([['QUIT'], ['QUIT']]);
  });
});

describe('relay dialogue, EHLO', () => {
  const named = [
    vector('a'),
    vector('b', 'localhost'),
    vector('c', 'localhost'),
    vector('d', '[127.0.0.1]'),
    vector('e'),
  ];

  const spoken = (told: readonly (readonly string[])[]) =>
    told.map((lines) => lines.filter((line) => /^(EHLO|MAIL)/.test(line)));

  test.each([['PIPELINING'], ['SIZE']])(
    'each other EHLO name is said in the same connection (%s)',
    async (extension) => {
      const { client, told } = clientOf([{ extensions: [extension] }]);
      const { attempts } = await ask(client, named);
      expect(attempts.map(({ vector }) => vector.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(spoken(told)).toEqual([
        [
          ...[hello, 'MAIL FROM:<a>'],
          ...['EHLO localhost', 'MAIL FROM:<b>', 'MAIL FROM:<c>'],
          ...['EHLO [127.0.0.1]', 'MAIL FROM:<d>'],
          ...[hello, 'MAIL FROM:<e>'],
        ],
      ]);
      // No transaction is open at an EHLO.
      const ends = told.flat().filter((line) => /^(EHLO|MAIL|RSET)/.test(line));
      expect(ends.filter((line, index) => line.startsWith('EHLO') && ends[index - 1]?.startsWith('MAIL'))).toEqual([]);
    },
  );

  test.each([[503], [550]])('a host that answers a second EHLO with %s is told each name alone', async (code) => {
    const { client, told } = clientOf([
      { answers: (line, nth) => (line.startsWith('EHLO') && nth > 1 ? code : undefined) },
    ]);
    const { attempts, unanswered } = await ask(client, named);
    expect(unanswered).toEqual([]);
    expect(attempts.map(({ vector, stage }) => [vector.id, stage])).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((id) => [id, 'rcpt']),
    );
    expect(spoken(told).map((lines) => lines.filter((line) => line.startsWith('MAIL')).length)).toEqual([1, 2, 1, 1]);
  });

  test.each<[string, (line: string) => boolean, string]>([
    ['the name', (line) => line === 'EHLO localhost', 'client-refused'],
    // Another name in the same connection shows that the host refuses this client.
    ['every name in that connection', (line) => line.startsWith('EHLO'), 'unexplained'],
  ])('a refusal of %s is the answer to the vectors with that name', async (_, isRefused, meaning) => {
    const refuses: Host = { answers: (line) => (isRefused(line) ? 550 : undefined) };
    const first: Host = { answers: (line) => (line === 'EHLO localhost' ? 550 : undefined) };
    const { client } = clientOf([first, refuses, {}]);
    const { attempts, unanswered } = await ask(client, named);
    expect(unanswered).toEqual([]);
    expect(attempts.map(({ vector, stage, command, meaning }) => [vector.id, stage, command, meaning])).toEqual([
      ['a', 'rcpt', 'RCPT TO:<x>', 'denied'],
      ['b', 'hello', 'EHLO localhost', meaning],
      ['c', 'hello', 'EHLO localhost', meaning],
      ['d', 'rcpt', 'RCPT TO:<x>', 'denied'],
      ['e', 'rcpt', 'RCPT TO:<x>', 'denied'],
    ]);
    expect(attempts[1]).toMatchObject({ reply: { code: 550 }, transcript: { id: 'connection 2' } });
  });

  test.each<[Answer]>([[421], ['closed']])('EHLO answered with %s ends the connection', async (answer) => {
    const { client, told } = clientOf([{ answers: (line) => (line === 'EHLO localhost' ? answer : undefined) }]);
    const { attempts, lost } = await ask(client, named);
    expect(attempts.map(({ vector }) => vector.id)).toEqual(['a']);
    expect(lost?.result).toEqual(resultOf(answer));
    // The second and the third connection begin with that EHLO.
    expect(told).toHaveLength(3);
  });
});

describe('relay dialogue, STARTTLS', () => {
  const offers = { extensions: ['STARTTLS'] };
  const behind = vector('a', null, true);
  const rest = ['MAIL FROM:<a>', 'RCPT TO:<x>', 'QUIT'];
  test.each<[string, Host, Partial<RelayClient>, Vector, readonly string[]]>([
    ['comes before a vector behind it', offers, {}, behind, [hello, 'STARTTLS without a name', hello]],
    [
      'is sent with the name of the host as SNI',
      offers,
      { serverName: 'mx.example.com' },
      behind,
      [hello, 'STARTTLS mx.example.com', hello],
    ],
    ['is not sent for another vector', offers, {}, vector('a'), [hello]],
    ['is not sent if the connection has TLS already', { ...offers, isSecured: true }, {}, behind, [hello]],
  ])('%s', async (_, host, options, asked, before) => {
    const { client, told } = clientOf([host], options);
    expect(await ask(client, [asked])).toMatchObject({ attempts: [{ meaning: 'denied' }], lost: null });
    expect(told).toEqual([[...before, ...rest]]);
  });

  test('vectors behind it are left out, answered by nobody, where it is not offered', async () => {
    const { client, told } = clientOf([{ extensions: ['SIZE'] }]);
    expect(await ask(client, [behind, vector('b', null, true)])).toMatchObject({
      attempts: [],
      unanswered: [],
      lost: null,
    });
    expect(told).toEqual([[hello, 'QUIT']]);
  });

  test('a host that names no extension is sent STARTTLS all the same', async () => {
    const { client } = clientOf([{ startTls: 'secured' }]);
    const { attempts, unanswered } = await ask(client, [behind, vector('b', null, true)]);
    expect({ asked: attempts.length, unanswered }).toEqual({ asked: 2, unanswered: [] });
  });

  test('an EHLO without extensions does not hide what an earlier one offered', async () => {
    const { client } = clientOf([offers, { startTls: 'tls-failed' }]);
    const { attempts, unanswered } = await ask(client, [vector('a'), vector('b', null, true)]);
    expect([attempts.map(({ vector }) => vector.id), unanswered.map(({ id }) => id)]).toEqual([['a'], ['b']]);
  });

  test.each<[string, Host, string]>([
    ['fails', { ...offers, startTls: 'tls-failed' }, 'it tls-failed'],
    ['is declined', { ...offers, startTls: 'declined' }, 'STARTTLS: 454'],
    ['was offered before, and is no more', { extensions: ['SIZE'] }, 'STARTTLS is not offered any more'],
  ])('where it %s, the vectors behind it are unanswered', async (_, host, detail) => {
    const { client } = clientOf([offers, host]);
    expect(await ask(client, [vector('a'), vector('b', null, true)])).toMatchObject({
      attempts: [{ vector: { id: 'a' } }],
      unanswered: [{ id: 'b' }],
      lost: { result: { status: 'tls-failed', detail } },
    });
  });
});

/** What a host does that takes no care of the order of commands, and the vectors that it lets through. */
describe('relay dialogue, replies that may not belong to their commands', () => {
  const accepting = (sender: string): Host['answers'] => {
    let current = '';
    return (line) => {
      if (line.startsWith('MAIL')) current = line;
      return line === 'RCPT TO:<x>' && current === `MAIL FROM:<${sender}>` ? 250 : undefined;
    };
  };
  /** An answer that may depend on the command before. */
  type Other = (line: string, before: string) => Answer | undefined;
  const relaysFor = (sender: string, other: Other, extensions: readonly string[]) =>
    clientOf(
      Array.from({ length: 60 }, (): Host => {
        const usual = accepting(sender);
        let before = '';
        return {
          extensions,
          answers: (line, nth) => {
            const answer = other(line, before) ?? usual?.(line, nth);
            before = line;
            return answer;
          },
        };
      }),
    );

  test.each<[string, Other]>([
    ['RSET is not known', (line) => (line === 'RSET' ? 502 : undefined)],
    [
      'RSET has no effect',
      (line, before) => (line.startsWith('RCPT') && before === 'RSET' ? `554 ${DENIED}` : undefined),
    ],
    ['QUIT gets the reply of another command', (line) => (line === 'QUIT' ? 250 : undefined)],
  ])('%s: each vector has a connection of its own', async (_, other) => {
    for (const extensions of [[], ['PIPELINING']]) {
      const { client, told } = relaysFor('v5', other, extensions);
      const asked = await ask(client, eight);
      const isShifted = other('QUIT', '') !== undefined;
      expect(asked.attempts.filter(({ meaning }) => meaning === 'accepted').map(({ vector }) => vector.id)).toEqual(
        isShifted ? [] : ['v5'],
      );
      // Where even such a connection has a reply too many, nothing was answered.
      expect(asked.unanswered).toHaveLength(isShifted ? 8 : 0);
      expect(asked.learnt.manner).toBe('alone');
      expect(told.slice(1).every((lines) => lines.filter((line) => line.startsWith('MAIL')).length === 1)).toBe(true);
    }
  });

  test('MAIL within a transaction gets 503: the vector is asked again, and what is not asked is unanswered', async () => {
    let isGoing = false;
    const nested: Host = {
      answers: (line, nth) => {
        if (nth === 1) isGoing = false;
        if (!line.startsWith('MAIL')) return line.startsWith('RCPT TO:<p') && isGoing ? 550 : undefined;
        if (isGoing) return '503 5.5.1 Sender already specified';
        isGoing = true;
        return 250;
      },
    };
    const { client, told } = clientOf([nested]);
    const many = count(MAX_CONNECTIONS_ALONE + 9);
    const { attempts, unanswered, lost } = await ask(client, many);
    expect(attempts.map(({ vector, meaning }) => [vector.id, meaning])).toEqual(
      many.slice(0, MAX_CONNECTIONS_ALONE + 1).map(({ id }) => [id, 'denied']),
    );
    expect(unanswered).toHaveLength(8);
    expect(lost?.result.status).toBe('capped');
    expect(told).toHaveLength(MAX_CONNECTIONS_ALONE + 1);
  });

  test('a pipelined group that is cut off does not count, and is asked again in turn', async () => {
    const cut: Host = {
      extensions: ['PIPELINING'],
      answers: (line, nth) => (nth > 8 || line === 'RSET' ? 'closed' : undefined),
    };
    const { client, told } = clientOf([cut, { extensions: ['PIPELINING'] }]);
    expect(await ask(client, count(2))).toMatchObject({
      attempts: { length: 2 },
      unanswered: [],
      learnt: { manner: 'in-turn' },
    });
    expect(told[1]).not.toContain('6 at once');
  });

  test('a reply that no command asked for drops the answers of its connection', async () => {
    const { client } = clientOf([
      { answers: (line) => (line === 'MAIL FROM:<v1>' ? 'malformed' : undefined) },
      'refused',
    ]);
    expect(await ask(client, eight)).toMatchObject({ attempts: [], unanswered: { length: 8 } });
  });

  test('RSET is proven behind the last vector of a connection too, once its transaction has ended', async () => {
    const { client, told } = clientOf([
      { answers: (line) => (line === 'MAIL FROM:<v0>' ? '550 5.1.8 sender domain not found' : undefined) },
    ]);
    expect(await ask(client, count(2))).toMatchObject({ attempts: { length: 2 }, learnt: { isResetProven: true } });
    const refused = [hello, 'MAIL FROM:<v0>', 'RSET'];
    expect(told).toEqual([[...refused, 'MAIL FROM:<v1>', 'RCPT TO:<x>', 'RSET', 'RCPT TO:<x>', 'QUIT']]);
  });

  test('what one dialogue has learnt holds for the next', async () => {
    const { client, told } = clientOf([{ extensions: ['PIPELINING'] }]);
    const known: Acquaintance = { ...STRANGER, manner: 'in-turn', isResetProven: true };
    await ask(client, count(2), known);
    expect(told).toEqual([[hello, 'MAIL FROM:<v0>', 'RCPT TO:<x>', 'RSET', 'MAIL FROM:<v1>', 'RCPT TO:<x>', 'QUIT']]);
  });
});

describe('relay dialogue, a refusal whose words do not say what it is about', () => {
  const says =
    (words: string, control: Answer) =>
    (line: string): Answer | undefined => {
      if (line === 'RCPT TO:<x>') return `550 ${words}`;
      return line === 'RCPT TO:<postmaster@example.com>' ? control : undefined;
    };
  const meaningsOf = ({ attempts }: Asked) => attempts.map(({ meaning }) => meaning);
  test.each<[string, Answer, string]>([
    ['accepted', 250, 'denied'],
    ['refused in other words', '550 5.1.1 User unknown', 'denied'],
    ['refused in the same words', '550 go away', 'unexplained'],
    ['refused in the same words about another address', '550 Go away: <postmaster@example.com>', 'unexplained'],
    ['refused as out of order', 503, 'unexplained'],
    ['answered with 421', 421, 'unexplained'],
    ['not answered', 'closed', 'unexplained'],
  ])('the host’s own postmaster is %s → %s', async (_, control, meaning) => {
    const words = String(control).includes('<') ? 'go away: <x>' : 'go away';
    for (const extensions of [[], ['PIPELINING']]) {
      const { client } = clientOf([{ extensions, answers: says(words, control) }]);
      expect(meaningsOf(await ask(client, [vector('a')]))).toEqual([meaning]);
    }
  });

  test.each<[string, readonly string[], string]>([
    ['accepted', [], 'sender-refused'],
    ['refused in the same words, but the next is accepted', ['<>'], 'sender-refused'],
    ['refused in the same words, and all others too', ['<>', '<s@example.net>'], 'unexplained'],
  ])('another sender is %s → %s', async (_, others, meaning) => {
    const refused = ['<a>', ...others].map((sender) => `MAIL FROM:${sender}`);
    const answers = (line: string): Answer | undefined => (refused.includes(line) ? '550 no' : undefined);
    const { client } = clientOf([{ answers }]);
    expect(meaningsOf(await ask(client, [vector('a')]))).toEqual([meaning]);
  });

  test('a syntax error in ordinary addresses is such a refusal, and one in odd addresses is not', async () => {
    const answers: Host['answers'] = (line) => (line.startsWith('RCPT') ? '500 Syntax error' : undefined);
    const ordinary = { ...vector('a'), mailFrom: '<>', rcptTo: '<x@example.org>' };
    const odd = { ...vector('b'), rcptTo: '<"x@example.org">' };
    expect(meaningsOf(await ask(clientOf([{ answers }]).client, [ordinary]))).toEqual(['unexplained']);
    expect(meaningsOf(await ask(clientOf([{ answers }]).client, [odd]))).toEqual(['syntax']);
  });
});

describe.each<[string, readonly string[]]>([
  ['without PIPELINING', []],
  ['with PIPELINING', ['PIPELINING']],
])('relay dialogue, MAIL and RCPT %s', (_, extensions) => {
  const two = [vector('a'), vector('b')];
  const answering = (pattern: string, answer: Answer): Host => ({
    extensions,
    answers: (line) => (line.startsWith(pattern) ? answer : undefined),
  });

  test.each<[string, Answer, string, string, string]>([
    ['RCPT', 250, 'rcpt', 'RCPT TO:<x>', 'accepted'],
    ['RCPT', 450, 'rcpt', 'RCPT TO:<x>', 'deferred'],
    ['MAIL', '550 Sender denied', 'mail', 'MAIL FROM:<a>', 'sender-refused'],
    ['MAIL', 300, 'mail', 'MAIL FROM:<a>', 'undecided'],
    ['MAIL', 200, 'rcpt', 'RCPT TO:<x>', 'denied'],
    ['MAIL', 299, 'rcpt', 'RCPT TO:<x>', 'denied'],
    ['MAIL', 199, 'mail', 'MAIL FROM:<a>', 'undecided'],
    ['RSET', 500, 'rcpt', 'RCPT TO:<x>', 'denied'],
  ])('%s answered with %s → the reply to %s decides', async (pattern, answer, stage, command, meaning) => {
    const { client } = clientOf([answering(pattern, answer)]);
    const { attempts } = await ask(client, two);
    expect(attempts).toMatchObject([
      { vector: two[0], stage, command, meaning },
      { vector: two[1], stage, meaning },
    ]);
  });

  test.each<[string, Answer]>([
    ['MAIL', 421],
    ['MAIL', 'closed'],
    ['RCPT', 421],
    ['RCPT', 'reset'],
  ])('%s answered with %s ends the connection, and the reason is kept', async (pattern, answer) => {
    const { client, told } = clientOf([answering(pattern, answer)]);
    expect(await ask(client, two)).toMatchObject({ attempts: [], unanswered: two, lost: { result: resultOf(answer) } });
    // A pipelined group is asked once more in turn, before the dialogue is given up.
    expect(told).toHaveLength(extensions.length > 0 ? 3 : 2);
  });
});

test('relay dialogue: the commands to a host without and with PIPELINING', async () => {
  const proof = 'RCPT TO:<x>';
  const refused = '550 Sender denied';
  const inTurn = clientOf([{ answers: (line) => (line === 'MAIL FROM:<b>' ? refused : undefined) }]);
  await ask(inTurn.client, [vector('a'), vector('b'), vector('c')]);
  // RCPT is not sent after a refused sender. The first RSET is put to the proof.
  const ofA = ['MAIL FROM:<a>', 'RCPT TO:<x>', 'RSET', proof];
  expect(inTurn.told).toEqual([[hello, ...ofA, 'MAIL FROM:<b>', 'RSET', 'MAIL FROM:<c>', 'RCPT TO:<x>', 'QUIT']]);

  const atOnce = clientOf([{ extensions: ['PIPELINING'] }]);
  await ask(atOnce.client, [vector('a'), vector('b')]);
  const commands = ['MAIL FROM:<a>', 'RCPT TO:<x>', 'RSET', 'MAIL FROM:<b>', 'RCPT TO:<x>', 'RSET'];
  // RFC 2920 §3.1 lets QUIT stand at the end of a group.
  expect(atOnce.told).toEqual([[hello, '8 at once', ...commands, proof, 'QUIT']]);
});

describe('relay dialogue, connections beside each other', () => {
  const pipelining: Host = { extensions: ['PIPELINING', 'STARTTLS'] };
  const keepsStep: Acquaintance = { manner: 'at-once', isResetProven: true, offersStartTls: true, alone: 0 };
  const helos = ['a', 'b', 'c'].map((name) => vector(`helo-${name}`, `${name}.example`));
  const secured = ['x', 'y'].map((id) => vector(`${id}-tls`, null, true));
  const all = [...count(12), ...helos, ...secured];

  test('there are two at a time, the longest first, and the answers are in the order of the vectors', async () => {
    const { client, told, mostOpen } = clientOf([pipelining]);
    const { attempts, unanswered, lost } = await askFurther(client, all, keepsStep);
    expect(attempts.map((attempt) => attempt.vector)).toEqual(all);
    expect([unanswered, lost]).toEqual([[], null]);
    expect(mostOpen()).toBe(2);
    // Those of three names, those behind STARTTLS, and eight plain ones.
    expect(told.map((lines) => lines.filter((line) => /at once$|^EHLO/.test(line)))).toEqual([
      [
        hello,
        '13 at once',
        'EHLO a.example',
        '4 at once',
        'EHLO b.example',
        '4 at once',
        'EHLO c.example',
        '4 at once',
      ],
      [hello, hello, '7 at once'],
      [hello, '25 at once'],
    ]);
    expect(told.every((lines) => lines.at(-1) === 'QUIT')).toBe(true);
  });

  test.each<[string, Acquaintance, Partial<RelayClient>]>([
    ['whose RSET is not proven', { ...keepsStep, isResetProven: false }, {}],
    ['that was asked in turn', { ...keepsStep, manner: 'in-turn' }, {}],
    ['that the user wants pauses for', keepsStep, { atATime: 1 }],
  ])('a host %s gets one after the other', async (_, known, options) => {
    const { client, mostOpen } = clientOf([pipelining], options);
    expect((await askFurther(client, all, known)).attempts).toHaveLength(all.length);
    expect(mostOpen()).toBe(1);
  });

  test('after one went wrong, what is left is asked one after the other', async () => {
    const wrong: Host = { ...pipelining, answers: (line) => (line === 'MAIL FROM:<v3>' ? 'closed' : undefined) };
    const { client, told } = clientOf([wrong, pipelining]);
    const { attempts, unanswered } = await askFurther(client, count(24), keepsStep);
    expect(attempts.map((attempt) => attempt.vector)).toEqual(count(24));
    expect(unanswered).toEqual([]);
    expect(told.filter((lines) => lines.includes('MAIL FROM:<v3>'))).toHaveLength(2);
  });

  test('nothing follows a connection that the end of the run has cut off', async () => {
    const { client, told } = clientOf(['aborted']);
    const { attempts, unanswered, lost } = await askFurther(client, count(40), keepsStep);
    expect([attempts.length, unanswered.length, lost?.result.status]).toEqual([0, 40, 'aborted']);
    expect(told).toHaveLength(2);
  });

  test('a name that the host does not take behind another one gets a connection of its own', async () => {
    const picky: Host = {
      ...pipelining,
      answers: (line, nth) => (line === 'EHLO b.example' && nth > 1 ? '501 one name is enough' : undefined),
    };
    const { client, told } = clientOf([picky]);
    const { attempts } = await askFurther(client, helos, keepsStep);
    expect(attempts.map((attempt) => attempt.vector)).toEqual(helos);
    expect(told.map(([first]) => first)).toEqual(['EHLO a.example', 'EHLO b.example']);
  });

  /** Notes the sessions that it gets. */
  const passengerOf = (isFirst: boolean, trips = 1, isTaken = true) => {
    const seen: SmtpSession[] = [];
    const ride = async (session: SmtpSession): Promise<boolean> => {
      seen.push(session);
      if (isFirst && isTaken) await session.startTls();
      return isTaken;
    };
    return { passenger: { isFirst, trips, ride }, seen };
  };

  test('a passenger gets a session that has said EHLO behind the vectors, the quickest the longest one', async () => {
    const quick = passengerOf(false);
    const slow = passengerOf(false, 5);
    const { client, told } = clientOf([pipelining]);
    const { attempts } = await askFurther(client, [...count(5), ...helos, ...count(8)], keepsStep, [
      slow.passenger,
      quick.passenger,
    ]);
    expect(attempts).toHaveLength(16);
    expect([quick.seen.length, slow.seen.length]).toEqual([1, 1]);
    expect(told.map((lines) => lines.slice(-2))).toEqual([
      [hello, 'QUIT'],
      [hello, 'QUIT'],
    ]);
    expect(quick.seen[0]?.transcript.id).toBe('connection 2');
  });

  test.each<[string, Host['answers']]>([
    ['whose vectors went wrong', (line) => (line.startsWith('RCPT') ? 'closed' : undefined)],
    ['that lets the client go', (line, nth) => (line === hello && nth > 1 ? '421 bye' : undefined)],
    ['that answers EHLO like another command', (line, nth) => (line === hello && nth > 1 ? '250 Ok' : undefined)],
  ])('a host %s carries no passenger', async (_, answers = () => undefined) => {
    const { passenger, seen } = passengerOf(false);
    const forgetful: Host = { ...pipelining, forgets: true, answers };
    const { client } = clientOf([forgetful, pipelining]);
    await askFurther(client, count(2), keepsStep, [passenger]);
    expect(seen).toEqual([]);
  });

  test('a reply that is left out is noticed, because RSET gets the reply to QUIT then', async () => {
    const vectors = count(4);
    const leavesOut: Host = { ...pipelining, leavesOut: 3 };
    const { client, told } = clientOf([leavesOut, pipelining]);
    const { attempts } = await ask(client, vectors, keepsStep);
    expect(attempts.map(({ meaning }) => meaning)).toEqual(vectors.map(() => 'denied'));
    expect(told.length).toBeGreaterThan(1);
  });

  test('a passenger that starts TLS does so for vectors behind STARTTLS', async () => {
    const { passenger, seen } = passengerOf(true);
    const { client, told } = clientOf([pipelining]);
    const { attempts } = await askFurther(client, secured, keepsStep, [passenger]);
    expect(attempts.map((attempt) => attempt.vector)).toEqual(secured);
    expect(seen).toHaveLength(1);
    expect(told).toHaveLength(1);
  });

  test('if it fails, the vectors are asked behind a handshake that names the host', async () => {
    const { passenger, seen } = passengerOf(true, 1, false);
    const { client, told } = clientOf([pipelining], { serverName: 'mail.example.com' });
    const { attempts, lost } = await askFurther(client, [...secured, ...count(3)], keepsStep, [passenger]);
    expect(attempts).toHaveLength(5);
    expect(lost).toBeNull();
    expect(seen).toHaveLength(1);
    expect(told.flat()).toContain('STARTTLS mail.example.com');
  });
});

describe('relay dialogue, a host that delays its refusals', () => {
  const slow: Host = { extensions: ['PIPELINING', 'STARTTLS'] };
  const learnt: Acquaintance = { manner: 'at-once', isResetProven: true, offersStartTls: true, alone: 0 };
  const kinds: readonly Vector[] = [
    ...count(3),
    { ...vector('percent'), kind: 'rewrite' },
    { ...vector('quoted'), kind: 'rewrite' },
    vector('helo-localhost', 'localhost'),
    vector('plain-tls', null, true),
  ];

  test('is asked the telling vectors first, two to a connection, and disguised ones once a sender is known', async () => {
    const { client, told } = clientOf([slow]);
    const test = new SlowTest(client, kinds, true);
    test.learn('<taken>');
    test.askIn(1);
    const asked = await test.result(learnt);
    expect(asked?.attempts.map((attempt) => attempt.vector.id)).toEqual(kinds.map(({ id }) => id));
    expect(asked?.leftOut).toEqual([]);
    const mails = told.map((lines) => lines.filter((line) => line.startsWith('MAIL')));
    expect(mails).toEqual([
      ['MAIL FROM:<helo-localhost>'],
      ['MAIL FROM:<plain-tls>'],
      ['MAIL FROM:<taken>', 'MAIL FROM:<v0>'],
      ['MAIL FROM:<v1>', 'MAIL FROM:<v2>'],
      ['MAIL FROM:<taken>'],
    ]);
  });

  test('is asked no more once the time is up, and the result names what was left out', async () => {
    const { client, told } = clientOf([slow]);
    const test = new SlowTest(client, kinds, true);
    test.askIn(1);
    test.stop();
    test.askIn(2);
    const asked = await test.result(learnt);
    expect(told).toHaveLength(1);
    expect(asked?.attempts.map((attempt) => attempt.vector.id)).toEqual(['helo-localhost']);
    expect(asked?.leftOut?.map(({ id }) => id)).toEqual(['plain-tls', 'v0', 'v1', 'v2', 'quoted', 'percent']);
  });

  test.each([
    ['that does not offer STARTTLS', false, { extensions: ['PIPELINING'] }],
    ['whose greeting does not tell that', null, { extensions: ['PIPELINING'] }],
  ] as const)('%s is asked nothing behind it, and nothing is left out', async (_, offers, host) => {
    const { client } = clientOf([host]);
    const test = new SlowTest(client, kinds, offers);
    test.askIn(1);
    test.learn(null);
    const asked = await test.result(learnt);
    expect(asked?.attempts.map((attempt) => attempt.vector.id)).toEqual(
      kinds.filter(({ behindTls }) => !behindTls).map(({ id }) => id),
    );
    expect([asked?.leftOut, asked?.unanswered]).toEqual([[], []]);
  });

  test('whose handshake fails leaves the vectors behind STARTTLS without an answer, and those alone', async () => {
    const { client } = clientOf([{ ...slow, startTls: 'tls-failed' }]);
    const test = new SlowTest(client, [...kinds, vector('null-tls', null, true)], true);
    test.learn(null);
    test.askIn(1);
    const asked = await test.result(learnt);
    expect(asked?.attempts).toHaveLength(6);
    expect(asked?.unanswered.map(({ id }) => id)).toEqual(['plain-tls', 'null-tls']);
    expect(asked?.lost?.result.status).toBe('tls-failed');
  });

  test('keeps what it has answered when the run ends', async () => {
    const { client } = clientOf([slow, 'aborted']);
    const test = new SlowTest(client, kinds, true);
    test.askIn(1);
    const asked = await test.result(learnt);
    expect(asked?.attempts.map((attempt) => attempt.vector.id)).toEqual(['helo-localhost']);
    expect(asked?.unanswered.map(({ id }) => id)).toEqual(['plain-tls']);
    expect(asked?.lost?.result.status).toBe('aborted');
  });

  test.each<[string, Host | SmtpFailureStatus]>([
    ['closes a connection', { ...slow, answers: (line) => (line.startsWith('RCPT') ? 'closed' : undefined) }],
    ['takes no further connection', 'refused'],
    ['loses step', { ...slow, answers: (line) => (line === 'RSET' ? '502 what' : undefined) }],
    ['does not pipeline', { extensions: [], answers: (line) => (line === 'QUIT' ? '554 no' : undefined) }],
  ])('gives no answers that count when it %s', async (_, host) => {
    const { client } = clientOf([host]);
    const test = new SlowTest(client, kinds, true);
    test.askIn(2);
    expect(await test.result(learnt)).toBeNull();
  });
});

test('relay dialogue: no RSET is sent after the connection is lost', async () => {
  const { client, told } = clientOf([{ answers: (line) => (line.startsWith('RCPT') ? 'closed' : undefined) }]);
  await ask(client, [vector('a')]);
  expect(told[0]).toEqual([hello, 'MAIL FROM:<a>', 'RCPT TO:<x>', 'QUIT']);
});

describe('relay test messages', () => {
  const takes: Host = { answers: (line) => (line.startsWith('RCPT') ? 250 : line === 'DATA' ? 354 : undefined) };
  const send = async (hosts: readonly (Host | SmtpFailureStatus)[], vectors: readonly Vector[], until = Infinity) => {
    const { client, told, pauses } = clientOf(hosts);
    const sent: Sent[] = [];
    for await (const each of sendEach(client, vectors, ({ id }) => ['a', id])) {
      sent.push(each);
      if (sent.length >= until) break;
    }
    return { sent, told, pauses: pauses() };
  };

  test('each begins with EHLO and ends with the reply to the message', async () => {
    const { sent, told } = await send([takes], [vector('a'), vector('b', 'localhost')]);
    const rest = (id: string) => [`MAIL FROM:<${id}>`, 'RCPT TO:<x>', 'DATA', `message of a ${id}`];
    expect(told).toEqual([[hello, ...rest('a'), 'EHLO localhost', ...rest('b'), 'QUIT']]);
    expect(sent).toMatchObject(
      ['a', 'b'].map((id) => ({
        vector: { id },
        command: 'end of data',
        result: { status: 'reply', reply: { code: 250 } },
        transcript: { id: 'connection 1' },
      })),
    );
  });

  test.each([
    [8, [8]],
    [17, [8, 8, 1]],
  ])(
    '%i messages take connections of %j messages, with a pause before each connection',
    async (many, perConnection) => {
      const { told, pauses } = await send([takes], count(many));
      expect(told.map((lines) => lines.filter((line) => line === 'DATA').length)).toEqual(perConnection);
      expect(pauses).toBe(perConnection.length);
    },
  );

  test('the connection is closed when the caller stops after the first message', async () => {
    const { told } = await send([takes], count(3), 1);
    expect(told.map((lines) => lines.filter((line) => /DATA|QUIT/.test(line)))).toEqual([['DATA', 'QUIT']]);
  });

  test.each<[string, Answer, string]>([
    ['EHLO', 550, hello],
    ['MAIL', 550, 'MAIL FROM:<v0>'],
    ['RCPT', 550, 'RCPT TO:<x>'],
    ['RCPT', 300, 'RCPT TO:<x>'],
    ['DATA', 554, 'DATA'],
    ['DATA', 250, 'DATA'],
    ['message', 554, 'end of data'],
  ])('after %s answered with %i the next message is tried', async (pattern, answer, command) => {
    const host: Host = { answers: (line, nth) => (line.startsWith(pattern) ? answer : takes.answers?.(line, nth)) };
    const { sent, told } = await send([host], count(2));
    expect(sent).toMatchObject([
      { vector: { id: 'v0' }, command, result: { reply: { code: answer } } },
      { vector: { id: 'v1' }, result: { reply: { code: answer } } },
    ]);
    expect(told).toHaveLength(1);
    expect(told[0]?.at(-1)).toBe('QUIT');
  });

  test.each<[string, Answer]>([
    ['MAIL', 421],
    ['DATA', 'closed'],
    ['message', 'reset'],
    ['message', 421],
  ])('after %s answered with %s no further message is tried', async (pattern, answer) => {
    const host: Host = { answers: (line, nth) => (line.startsWith(pattern) ? answer : takes.answers?.(line, nth)) };
    const { sent, told } = await send([host], count(9));
    expect(sent).toMatchObject([{ result: resultOf(answer) }]);
    expect(told).toHaveLength(1);
    expect(told[0]?.at(-1)).toBe('QUIT');
  });

  test('without a connection, its eight messages fail and no further one is tried', async () => {
    const { sent, told } = await send(['refused'], count(9));
    expect(sent).toHaveLength(8);
    expect(new Set(sent.map(({ command }) => command))).toEqual(new Set(['connect']));
    expect(sent[0]).toEqual({ vector: vector('v0'), command: 'connect', result: failure('refused'), transcript: null });
    expect(told).toHaveLength(1);
  });
});
