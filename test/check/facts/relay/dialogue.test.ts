/** Tests the relay dialogue, connection by connection, with a simulated host in memory. */
import { describe, expect, test } from 'vitest';
import { ask, type RelayClient, type Sent, sendEach } from '../../../../src/check/facts/relay/dialogue.ts';
import type { Vector } from '../../../../src/check/facts/relay/vectors.ts';
import type {
  SmtpConnectResult,
  SmtpFailureStatus,
  SmtpReply,
  SmtpResult,
  SmtpSession,
  StartTlsResult,
  TlsDetails,
} from '../../../../src/network/smtp/types.ts';

/** The code of a reply, or the status of a failure. */
type Answer = number | SmtpFailureStatus;

const replyOf = (code: number, text = ''): SmtpReply => ({ code, enhanced: null, lines: [text] });
const failure = (status: SmtpFailureStatus) => ({ status, detail: `it ${status}` });
const resultOf = (answer: Answer): SmtpResult =>
  typeof answer === 'number' ? { status: 'reply', reply: replyOf(answer) } : failure(answer);

const tls: TlsDetails = {
  protocol: 'TLSv1.3',
  cipher: 'X',
  keyExchange: {},
  chain: [],
  trusted: true,
  trustError: null,
};

interface Host {
  readonly greeting?: number;
  readonly extensions?: readonly string[];
  readonly isSecured?: boolean;
  readonly startTls?: 'secured' | 'declined' | SmtpFailureStatus;
  /** Gives the answer to a command. Without one, the host answers 554 to RCPT and 250 to other commands. */
  readonly answers?: (line: string, nth: number) => Answer | undefined;
}

/** Connects to one host after the other, and keeps the commands that each received. */
function clientOf(hosts: readonly (Host | SmtpFailureStatus)[], options: Partial<RelayClient> = {}) {
  const told: string[][] = [];
  let pauses = 0;
  const client: RelayClient = {
    connect: async () => {
      const lines: string[] = [];
      told.push(lines);
      const host = hosts[told.length - 1] ?? hosts.at(-1) ?? {};
      return typeof host === 'string' ? failure(host) : connected(host, lines, `connection ${told.length}`);
    },
    probeName: 'probe.example.net',
    startTls: false,
    serverName: null,
    pause: async () => {
      pauses += 1;
    },
    ...options,
  };
  return { client, told, pauses: () => pauses };
}

function connected(host: Host, lines: string[], id: string): SmtpConnectResult {
  const answer = (line: string): SmtpResult => {
    lines.push(line);
    return resultOf(host.answers?.(line, lines.length) ?? (line.startsWith('RCPT') ? 554 : 250));
  };
  let isSecured = host.isSecured ?? false;
  const session: SmtpSession = {
    transcript: { id, lines: [] },
    greeting: replyOf(host.greeting ?? 220),
    extensions: new Map((host.extensions ?? []).map((word) => [word, ''])),
    get tls() {
      return isSecured ? tls : null;
    },
    timings: { connectMs: 0, greetingMs: 0 },
    hello: async (name) => answer(`EHLO ${name}`),
    command: async (line) => answer(line),
    pipeline: async (batch) => {
      lines.push(`${batch.length} at once`);
      return batch.map(answer);
    },
    message: async (message) => answer(`message of ${message.join(' ')}`),
    startTls: async (given): Promise<StartTlsResult> => {
      lines.push(`STARTTLS ${given && 'servername' in given ? given.servername : 'without a name'}`);
      const outcome = host.startTls ?? 'secured';
      if (outcome === 'declined') return { status: 'declined', reply: replyOf(454) };
      if (outcome !== 'secured') return failure(outcome);
      isSecured = true;
      return { status: 'secured', tls, plaintextAfterReply: false };
    },
    quit: async () => {
      lines.push('QUIT');
    },
  };
  return { status: 'connected', session };
}

const vector = (id: string, hello: string | null = null): Vector => ({
  id,
  kind: 'direct',
  mailFrom: `<${id}>`,
  rcptTo: '<x>',
  hello,
});
const count = (many: number) => Array.from({ length: many }, (_, index) => vector(`v${index}`));
const eight = count(8);
const hello = 'EHLO probe.example.net';

describe('relay dialogue, connections', () => {
  const final = ['refused', 'unreachable', 'timeout', 'forbidden', 'aborted', 'capped', 'tls-failed'] as const;
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

  test('consecutive vectors with the same EHLO name share one EHLO', async () => {
    const { client, told } = clientOf([{}]);
    await ask(client, named);
    expect(told[0]?.filter((line) => /^(EHLO|MAIL)/.test(line))).toEqual([
      hello,
      'MAIL FROM:<a>',
      'EHLO localhost',
      'MAIL FROM:<b>',
      'MAIL FROM:<c>',
      'EHLO [127.0.0.1]',
      'MAIL FROM:<d>',
      hello,
      'MAIL FROM:<e>',
    ]);
  });

  test('a refused EHLO is the answer to the vectors with that name', async () => {
    const { client } = clientOf([{ answers: (line) => (line === 'EHLO localhost' ? 550 : undefined) }]);
    const { attempts, unanswered } = await ask(client, named);
    expect(unanswered).toEqual([]);
    expect(attempts.map(({ vector, stage, command, meaning }) => [vector.id, stage, command, meaning])).toEqual([
      ['a', 'rcpt', 'RCPT TO:<x>', 'denied'],
      ['b', 'hello', 'EHLO localhost', 'client-refused'],
      ['c', 'hello', 'EHLO localhost', 'client-refused'],
      ['d', 'rcpt', 'RCPT TO:<x>', 'denied'],
      ['e', 'rcpt', 'RCPT TO:<x>', 'denied'],
    ]);
    expect(attempts[1]).toMatchObject({ reply: { code: 550 }, transcript: { id: 'connection 1' } });
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
  test.each<[string, Host, Partial<RelayClient>, readonly string[]]>([
    ['is used if it is wanted and offered', offers, { startTls: true }, [hello, 'STARTTLS without a name', hello]],
    [
      'is sent with the name of the host as SNI',
      offers,
      { startTls: true, serverName: 'mx.example.com' },
      [hello, 'STARTTLS mx.example.com', hello],
    ],
    ['is not used if it is not wanted', offers, {}, [hello]],
    ['is not used if it is not offered', {}, { startTls: true }, [hello]],
    ['is not used if the connection has TLS already', { ...offers, isSecured: true }, { startTls: true }, [hello]],
    [
      'when declined, the dialogue continues without TLS',
      { ...offers, startTls: 'declined' },
      { startTls: true },
      [hello, 'STARTTLS without a name'],
    ],
  ])('%s', async (_, host, options, before) => {
    const { client, told } = clientOf([host], options);
    expect(await ask(client, [vector('a')])).toMatchObject({ attempts: [{ meaning: 'denied' }], lost: null });
    expect(told[0]).toEqual([...before, 'MAIL FROM:<a>', 'RCPT TO:<x>', 'RSET', 'QUIT']);
  });

  test('when it fails, the connection ends', async () => {
    const { client } = clientOf([{ ...offers, startTls: 'tls-failed' }], { startTls: true });
    expect(await ask(client, [vector('a')])).toMatchObject({
      attempts: [],
      lost: { result: { status: 'tls-failed' } },
    });
  });

  test('is used once per connection', async () => {
    const { client, told } = clientOf([offers], { startTls: true });
    await ask(client, [vector('a'), vector('b', 'localhost')]);
    expect(told[0]?.filter((line) => line.startsWith('STARTTLS'))).toHaveLength(1);
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
    ['MAIL', 550, 'mail', 'MAIL FROM:<a>', 'sender-refused'],
    ['MAIL', 300, 'mail', 'MAIL FROM:<a>', 'undecided'],
    ['MAIL', 200, 'rcpt', 'RCPT TO:<x>', 'denied'],
    ['MAIL', 299, 'rcpt', 'RCPT TO:<x>', 'denied'],
    ['MAIL', 199, 'mail', 'MAIL FROM:<a>', 'undecided'],
    ['RSET', 500, 'rcpt', 'RCPT TO:<x>', 'denied'],
  ])('%s answered with %i → the reply to %s decides', async (pattern, answer, stage, command, meaning) => {
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
    expect(told).toHaveLength(2);
  });
});

test('relay dialogue: the commands to a host without and with PIPELINING', async () => {
  const inTurn = clientOf([{ answers: (line) => (line === 'MAIL FROM:<b>' ? 550 : undefined) }]);
  await ask(inTurn.client, [vector('a'), vector('b')]);
  // RCPT is not sent after a refused sender.
  expect(inTurn.told).toEqual([[hello, 'MAIL FROM:<a>', 'RCPT TO:<x>', 'RSET', 'MAIL FROM:<b>', 'RSET', 'QUIT']]);

  const atOnce = clientOf([{ extensions: ['PIPELINING'] }]);
  await ask(atOnce.client, [vector('a'), vector('b')]);
  const commands = ['MAIL FROM:<a>', 'RCPT TO:<x>', 'RSET', 'MAIL FROM:<b>', 'RCPT TO:<x>', 'RSET'];
  expect(atOnce.told).toEqual([[hello, '6 at once', ...commands, 'QUIT']]);
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
