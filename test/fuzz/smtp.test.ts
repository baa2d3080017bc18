/** SMTP servers that say anything: no crash, no wait past the deadline, and no pass of the relay test from garbage. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseIp } from '../../src/network/ip.ts';
import { createSmtpClient } from '../../src/network/smtp/client.ts';
import { MAX_LINE_BYTES, MAX_REPLY_BYTES, MAX_REPLY_LINES, ReplyParser } from '../../src/network/smtp/reply.ts';
import { DEFAULT_TIMEOUTS } from '../../src/network/smtp/timeouts.ts';
import { reportSchema } from '../../src/report/schema.ts';
import fc from '../fast-check.ts';
import { createAuthority } from '../world/certificates.ts';
import { checkIn, resultOf } from '../world/check.ts';
import { type SmtpScript, startSmtp } from '../world/smtp.ts';
import { fuzz } from './fuzz.ts';

const code = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('220', '250', '354', '421', '450', '503', '550', '554') },
  { weight: 1, arbitrary: fc.constantFrom('000', '199', '600', '25', '2500', '٢٥٠', '') },
);
const text = fc.oneof(
  fc.constantFrom('', 'mail.example.com ESMTP', '2.1.5 Ok', '5.7.1 Relay access denied', 'PIPELINING', 'STARTTLS'),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('\0', '\x1b[31m', '\r', '250 ok', 'x'.repeat(MAX_LINE_BYTES), '\u00e9\u0080'),
);
const line = fc
  .tuple(
    code,
    fc.constantFrom(' ', ' ', '-', '-', '', '\t'),
    text,
    fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', ''),
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
const endless = fc.constantFrom(
  Buffer.alloc(80_000, 0x61),
  Buffer.from('250-x\r\n'.repeat(MAX_REPLY_LINES + 5)),
  Buffer.from(`250-${'y'.repeat(1000)}\r\n`.repeat(80)),
  Buffer.from('220 x\r\n'.repeat(300)),
  Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0, 0]),
);
const stream = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: line },
      { weight: 2, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: endless },
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts));

function replies(chunks: readonly Buffer[]) {
  const parser = new ReplyParser();
  return chunks.flatMap((chunk) => parser.feed(chunk));
}

function inOctets(bytes: Buffer): Buffer[] {
  return [...bytes].map((octet) => Buffer.from([octet]));
}

function parserHolds(bytes: Buffer, cuts: readonly number[]): void {
  const events = replies([bytes]);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
  expect(replies(pieces)).toEqual(events);
  if (bytes.length < 3000) expect(replies(inOctets(bytes))).toEqual(events);
  // What it made of the stream is in the stream, line by line and in order.
  const lines = events.flatMap((event) =>
    event.kind === 'error'
      ? []
      : event.reply.lines.map(
          (said, index) => `${event.reply.code}${index < event.reply.lines.length - 1 ? '-' : ' '}${said}`,
        ),
  );
  const given = bytes
    .toString('latin1')
    .split('\n')
    .map((row) => row.replace(/\r+$/, '').replace(/^(\d{3})$/, '$1 '));
  expect(given.slice(0, lines.length)).toEqual(lines);
  events.forEach((event, index) => {
    if (event.kind === 'error') {
      expect(index).toBe(events.length - 1);
      expect(event.excerpt.length).toBeLessThanOrEqual(80);
      return;
    }
    expect(event.reply.code).toBeGreaterThanOrEqual(200);
    expect(event.reply.code).toBeLessThanOrEqual(599);
    expect(event.reply.lines.length).toBeLessThanOrEqual(MAX_REPLY_LINES);
    expect(event.reply.lines.join('').length).toBeLessThanOrEqual(MAX_REPLY_BYTES);
  });
}

fuzz(
  'the parser reads the same however the stream is cut',
  800,
  fc.tuple(stream, fc.array(fc.nat(), { maxLength: 5 })),
  ([bytes, cuts]) => parserHolds(bytes, cuts),
);

test('every cut of a dialogue in two gives the same replies', () => {
  const bytes = Buffer.from(
    '220-mail.example.com\r\n220 ESMTP\n250-a\r\n250-STARTTLS\r\n250\r\n421 4.7.0 bye\r\n999 x\r\n',
  );
  for (let cut = 0; cut <= bytes.length; cut += 1) parserHolds(bytes, [cut]);
});

/** Every command gets the next piece, whether it fits or not; the last one is repeated. */
const TIMEOUTS = Object.fromEntries(Object.keys(DEFAULT_TIMEOUTS).map((key) => [key, 150]));
const address = parseIp('203.0.113.5') ?? parseIp('::');

async function dialogueHolds(script: SmtpScript): Promise<void> {
  const server = await startSmtp(script);
  const smtp = createSmtpClient({
    signal: new AbortController().signal,
    allowPrivate: true,
    probeName: 'probe.example.net',
    timeouts: TIMEOUTS,
    connectTo: new Map([['*', { host: '127.0.0.1', port: server.port }]]),
  });
  try {
    if (address === undefined) throw new Error('no address');
    const connection = await smtp.connect(address, 25, { purpose: 'fuzz' });
    if (connection.status === 'connected') {
      const { session } = connection;
      const results = [
        await session.hello('probe.example.net'),
        ...(await session.pipeline(['MAIL FROM:<>', 'RCPT TO:<a@example.org>', 'RSET'])),
      ];
      const secured = await session.startTls();
      // Nothing here can do TLS.
      expect(secured.status).not.toBe('secured');
      for (const result of results) expect(result.status).toMatch(/^[a-z-]+$/);
      await session.quit();
    }
    for (const { lines } of smtp.transcripts) {
      expect(lines.reduce((sum, { text: said }) => sum + said.length, 0)).toBeLessThan(200_000);
    }
  } finally {
    await server.close();
  }
}

const VERBS = ['EHLO', 'HELO', 'MAIL FROM', 'RCPT TO', 'RSET', 'STARTTLS', 'DATA', 'QUIT'] as const;

/** A reply that is none, or says nothing of relaying; never a refusal that a client could rely on. */
const noRefusal = fc.oneof(
  stream.filter((bytes) => !/(^|\n)[45]\d\d/.test(bytes.toString('latin1'))),
  fc
    .constantFrom('250 2.1.5 Ok\r\n', '354 go on\r\n', '550-never ends\r\n', '55', '5X0 Relay access denied\r\n')
    .map((said) => Buffer.from(said)),
);

const server: fc.Arbitrary<SmtpScript> = fc
  .record(
    {
      greeting: fc.oneof(stream, fc.constant(Buffer.from('220 mail.example.com ESMTP\r\n'))),
      replies: fc.dictionary(fc.constantFrom(...VERBS), stream, { maxKeys: 3 }),
      rcpt: noRefusal,
      extensions: fc.constantFrom(['PIPELINING'], [], ['STARTTLS', 'PIPELINING'], ['SIZE 1', 'AUTH PLAIN']),
      tarpitMs: fc.constantFrom(1, 5),
    },
    { requiredKeys: ['greeting', 'replies', 'rcpt', 'extensions'] },
  )
  .map(({ rcpt, replies: others, ...script }) => ({ ...script, replies: { ...others, 'RCPT TO': rcpt } }));

fuzz(
  'a dialogue ends, whatever the server says',
  15,
  fc.array(server, { minLength: 8, maxLength: 8 }),
  async (scripts) => {
    await Promise.all(scripts.map(dialogueHolds));
  },
);

const { certificate } = createAuthority();
const RULES = ['helo', 'open-relay', 'tls', 'mx'] as const;
const DEADLINE_MS = 1200;
/** The rules' own grace, closing what is open, and room for a busy machine. */
const GRACE_MS = 30_000;

async function checkHolds(script: SmtpScript): Promise<void> {
  const ip = '203.0.113.5';
  const started = performance.now();
  const report = await checkIn({
    dns: { zone: { 'example.com': { MX: ['10 mail.example.com'] }, 'mail.example.com': { A: [ip] } } },
    hosts: { [ip]: script },
    rules: RULES,
    settings: { extraRoots: [certificate] },
    timeoutMs: DEADLINE_MS,
  });
  expect(performance.now() - started).toBeLessThan(DEADLINE_MS + GRACE_MS);
  expect(reportSchema.safeParse(report).error).toBeUndefined();
  expect(['fail', 'inconclusive']).toContain(resultOf(report, 'open-relay').status);
  expect(report.verdict).not.toBe('pass');
}

fuzz(
  'the checks that connect judge nothing by garbage',
  6,
  fc.array(server, { minLength: 6, maxLength: 6 }),
  async (scripts) => {
    await Promise.all(scripts.map(checkHolds));
  },
);

interface Case {
  readonly name: string;
  readonly greeting: string;
  readonly replies: Readonly<Record<string, string>>;
  readonly extensions: readonly string[];
}

const kept = JSON.parse(readFileSync(new URL('seeds/smtp.json', import.meta.url), 'utf8')) as Case[];

test.each(kept)('kept: $name', async ({ greeting, replies: said, extensions }) => {
  const bytes = Object.entries(said).map(([verb, reply]) => [verb, Buffer.from(reply, 'latin1')]);
  await checkHolds({ greeting: Buffer.from(greeting, 'latin1'), extensions, replies: Object.fromEntries(bytes) });
});
