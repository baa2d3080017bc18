/**
 * Checks a sound host that takes few connections of one client at a time: nothing of it may stay unknown, and nothing
 * may be called a ban. A host that does ban the client is told apart from it.
 */
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../world/certificates.ts';
import { type CheckCase, type Run, recordIn } from '../world/check.ts';
import { closed, type ScriptOf, type SmtpScript } from '../world/smtp.ts';

const ip = '203.0.113.5';
const root = createAuthority();
const identity = root.issue({ names: ['mail.example.com'] });
const sound: SmtpScript = { tls: { identity }, rcpt: closed() };
const rules = ['helo', 'mx', 'open-relay', 'tls'];

async function check(host: SmtpScript | ScriptOf, more: Partial<CheckCase> = {}) {
  const run = await recordIn(
    {
      dns: {
        zone: {
          'example.com': { MX: ['10 mail.example.com'] },
          'mail.example.com': { A: [ip], TXT: 'v=spf1 a -all' },
          '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
        },
      },
      hosts: { [ip]: host },
      settings: { extraRoots: [root.certificate] },
      rules,
      smtpTimeouts: { limitMs: 100, quietMs: 300 },
      ...more,
    },
    { transcript: true },
  );
  return { ...run, server: run.hosts.get(ip) ?? expect.unreachable() };
}

const statuses = ({ report }: Run): Record<string, string> =>
  Object.fromEntries(report.rules.filter(({ id }) => rules.includes(id)).map(({ id, status }) => [id, status]));

const reasons = ({ report }: Run, id: string): unknown[] =>
  report.rules.flatMap((rule) => (rule.id === id ? rule.findings : [])).map(({ evidence }) => evidence.reason);

const PASS = Object.fromEntries(rules.map((id) => [id, 'pass']));

const ONE_TOO_MANY: [what: string, script: SmtpScript][] = [
  ['resets', { drop: { at: 'connect', with: 'rst' } }],
  ['hangs up on', { drop: { at: 'connect', with: 'fin' } }],
  ['says nothing to', { greeting: null }],
  ['refuses, by its limit,', { greeting: '421 4.7.0 too many connections' }],
  ['refuses, without a reason,', { greeting: '421 4.3.2 Service not available' }],
];

describe('a sound host that takes one connection at a time', () => {
  test.each(ONE_TOO_MANY)('and %s a second one: everything is known', async (_, script) => {
    const run = await check((_connection, open) => (open > 1 ? script : sound));
    expect(run.server.mostAtOnce).toBeGreaterThan(1);
    expect(statuses(run)).toEqual(PASS);
    expect(run.report.verdict).toBe('pass');
    expect(run.report.timing.smtpConnections).toBe(run.server.sessions.length);
  });

  test('at the second connection alone, as when it still counts the first', async () => {
    const run = await check((connection) =>
      connection === 2 || connection === 3 ? { drop: { at: 'connect' } } : sound,
    );
    expect(statuses(run)).toEqual(PASS);
  });
});

describe('a host that bans the client', () => {
  test.each(ONE_TOO_MANY.slice(0, 3))('and %s every later connection: it is told so', async (_, script) => {
    const run = await check((connection) => (connection > 1 ? script : sound));
    expect(statuses(run)).toMatchObject({ helo: 'pass', mx: 'pass', 'open-relay': 'inconclusive' });
    expect(reasons(run, 'open-relay')).toEqual(['shut-out']);
    expect(run.report.timing.smtpConnections).toBe(run.server.sessions.length);
  });

  test('the connection that finds it out has a dialogue of its own', async () => {
    const { report, recorded } = await check((connection) => (connection > 1 ? { greeting: null } : sound));
    const [asked] = recorded.transcripts.filter(({ id }) => id.endsWith(' still there'));
    expect(asked?.cause).toMatch(/^203\.0\.113\.5:25 \w+/);
    expect(asked?.lines).toEqual([expect.objectContaining({ from: 'note', text: expect.stringMatching(/^timeout/) })]);
    expect(report.transcript?.smtp.map(({ id }) => id)).toContain(asked?.id);
  });
});

test('a port that says nothing: the trials of what it waits for are counted, and each has a dialogue of its own', async () => {
  const run = await check(
    { greeting: null },
    { rules: ['mx'], smtpTimeouts: { patienceMs: 60, silenceMs: 400, trialMs: 100 } },
  );
  const made = run.recorded.transcripts.map(({ id, cause }) => ({ id, cause }));
  const silent = made.find(({ cause }) => cause === undefined)?.id;
  expect(made).toEqual([
    { id: silent, cause: undefined },
    { id: `${ip}:25 ClientHello`, cause: silent },
    { id: `${ip}:25 PROXY UNKNOWN`, cause: silent },
  ]);
  expect(run.report.timing.smtpConnections).toBe(3);
  expect(run.server.sessions).toHaveLength(3);
});
