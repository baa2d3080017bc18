/** Tests what follows from a first group of vectors that takes long. */
import { describe, expect, test } from 'vitest';
import type { RelayClient } from '../../../../src/check/facts/relay/client.ts';
import { askOpening } from '../../../../src/check/facts/relay/opening.ts';
import type { Vector } from '../../../../src/check/facts/relay/vectors.ts';
import type { SmtpReply, SmtpResult, SmtpSession } from '../../../../src/network/smtp/types.ts';

const reply = (text: string): SmtpReply => ({ code: Number(text.slice(0, 3)), enhanced: null, lines: [text.slice(4)] });

/** A host that keeps step and answers recipients in transactions with `recipient`. Its replies take no time. */
function clientOf(recipient: string, atATime = 2) {
  const mails: string[] = [];
  const session = (): SmtpSession => {
    let hasSender = false;
    const answer = (line: string): SmtpResult => {
      if (line.startsWith('MAIL')) mails.push(line);
      if (/^(MAIL|RSET|EHLO)/.test(line)) hasSender = line.startsWith('MAIL');
      const refusal = hasSender ? recipient : '503 5.5.1 need MAIL';
      const text = line.startsWith('RCPT') ? refusal : line === 'QUIT' ? '221 bye' : '250 ok';
      return { status: 'reply', reply: reply(text) };
    };
    return {
      transcript: { id: 'x', lines: [] },
      greeting: reply('220 mail.example.com'),
      extensions: new Map([['PIPELINING', '']]),
      tls: null,
      timings: { connectMs: 0, greetingMs: 0 },
      hello: async (name) => answer(`EHLO ${name}`),
      command: async (line) => answer(line),
      pipeline: async (lines) => lines.map(answer),
      message: async () => answer('message'),
      startTls: async () => ({ status: 'declined', reply: reply('454 no') }),
      quit: async () => {},
    };
  };
  const client: RelayClient = {
    connect: async () => ({ status: 'connected', session: session() }),
    probeName: 'probe.example.net',
    serverName: null,
    control: { mailFrom: ['<>'], rcptTo: '<postmaster@example.com>', foreign: [] },
    pause: async () => {},
    atATime,
  };
  return { client, mails };
}

const vector = (id: string, kind: Vector['kind'] = 'direct'): Vector => ({
  id,
  kind,
  mailFrom: `<${id}@example.net>`,
  rcptTo: '<x@example.org>',
  hello: null,
  behindTls: false,
});
const first = ['plain', 'same'].map((id) => vector(id));
const others = [vector('bare', 'sender'), vector('percent', 'rewrite')];

/** The times of a run: whether the first group is late, and the milliseconds that it takes. */
const needsOf = (isLate: boolean, tookMs: number) => {
  const patience = { promise: isLate ? Promise.resolve('over' as const) : new Promise<'over'>(() => {}), stop() {} };
  return {
    patience: () => patience,
    nearEnd: () => ({ promise: new Promise<'over'>(() => {}), stop() {} }),
    stopwatch: () => () => tookMs,
  };
};

async function opened(recipient: string, { isLate = true, tookMs = 9000, atATime = 2 } = {}) {
  const { client, mails } = clientOf(recipient, atATime);
  // A late first group answers after the patience is over.
  const late: RelayClient = isLate
    ? {
        ...client,
        connect: async () => {
          const connected = await client.connect();
          await new Promise((resolve) => setImmediate(resolve));
          return connected;
        },
      }
    : client;
  let timesSlow = 0;
  const needs = needsOf(isLate, tookMs) as unknown as Parameters<typeof askOpening>[0];
  const result = await askOpening(needs, late, first, {
    what: 'relay test',
    onSlow: () => {
      timesSlow += 1;
    },
    offersStartTls: false,
    others: async () => others,
  });
  return { ...result, timesSlow, mails };
}

describe('the first group of relay vectors', () => {
  test('of a host that delays refusals: others are asked, disguised ones with the sender that it takes', async () => {
    const { opening, slow, timesSlow, mails } = await opened('554 5.7.1 Relay access denied');
    expect(opening.attempts).toHaveLength(2);
    expect(slow?.attempts.map((attempt) => attempt.vector.id)).toEqual(['bare', 'percent']);
    expect(slow?.leftOut).toEqual([]);
    expect(timesSlow).toBe(1);
    expect(mails).toContain('MAIL FROM:<plain@example.net>');
    expect(mails).not.toContain('MAIL FROM:<percent@example.net>');
  });

  test.each([
    ['that puts every recipient off', '450 4.7.1 Greylisted, try again later', {}],
    ['that wants STARTTLS first', '530 5.7.0 Must issue a STARTTLS command first', {}],
    ['whose refusals are quick', '554 5.7.1 Relay access denied', { tookMs: 900 }],
    ['that is to be asked in one connection at a time', '554 5.7.1 Relay access denied', { atATime: 1 }],
    ['that answers in time', '554 5.7.1 Relay access denied', { isLate: false }],
  ])('of a host %s: the others are asked in the usual way', async (_, recipient, times) => {
    const { opening, slow } = await opened(recipient, times);
    expect(opening.attempts).toHaveLength(2);
    expect(slow).toBeNull();
  });
});
