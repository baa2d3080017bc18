import { describe, expect, test } from 'vitest';
import { Presence, type Question, type Visit } from '../../../src/network/smtp/presence.ts';
import type { SmtpConnectResult, SmtpFailureStatus } from '../../../src/network/smtp/types.ts';

const failed = (status: SmtpFailureStatus): SmtpConnectResult => ({ status, detail: `it ${status}` });

/** A host that has answered once, and whose next connection ends as `result` says. */
function known(result: () => SmtpConnectResult | null): { presence: Presence; asked: Question[] } {
  const asked: Question[] = [];
  const presence = new Presence(6000, async (question) => {
    asked.push(question);
    return result();
  });
  presence.answer(10);
  return { presence, asked };
}

/** Connections that the host has greeted, and that are open. */
function greeted(presence: Presence, count: number): Visit[] {
  return Array.from({ length: count }, () => {
    const visit = presence.visit();
    visit.welcome();
    return visit;
  });
}

const AT_ONCE = ['refused', 'reset', 'unreachable', 'closed'] as const;
const SHUT_OUT = { status: 'shut-out', detail: expect.stringContaining('after 1 reply') };

describe('whether a host still answers this client', () => {
  test('a host that has never answered is not suspected', () => {
    const presence = new Presence(6000, async () => failed('timeout'));
    expect(presence.patienceMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('a slow host is suspected later', () => {
    const { presence } = known(() => failed('timeout'));
    expect(presence.patienceMs).toBe(6000);
    presence.answer(33_000);
    expect(presence.patienceMs).toBe(99_000);
  });

  test.each(['timeout', ...AT_ONCE] as const)(
    '%s while no other connection is open: it has banned us',
    async (status) => {
      const { presence } = known(() => failed(status));
      expect(await presence.check('one')).toMatchObject(SHUT_OUT);
      expect(presence.gone).toMatchObject({ status: 'shut-out' });
    },
  );

  test.each(['aborted', 'capped', 'no-route', 'malformed'] as const)('%s says nothing of a ban', async (status) => {
    const { presence } = known(() => failed(status));
    expect(await presence.check('one')).toBeNull();
    expect(await presence.suspect('one')).toBe('unknown');
  });

  test('no connection that may be made says nothing of a ban', async () => {
    const { presence } = known(() => null);
    expect(await presence.suspect('one')).toBe('unknown');
  });

  test('a host that says something in another connection meanwhile is only slow', async () => {
    const { presence } = known(() => {
      presence.hear(performance.now() + 1);
      return failed('timeout');
    });
    expect(await presence.check('one')).toBeNull();
    expect(await presence.suspect('one')).toBe('answers');
  });

  test('all who ask at once share one connection', async () => {
    const { presence, asked } = known(() => failed('refused'));
    await Promise.all([presence.check('one'), presence.check('two')]);
    await presence.check('three');
    expect(asked).toEqual([{ timeoutMs: 6000, isBeside: false, cause: 'one' }]);
  });

  test('a check waits for what a suspicion shows, and then asks alone', async () => {
    const { presence, asked } = known(() => failed('reset'));
    greeted(presence, 1);
    const [suspected, checked] = await Promise.all([presence.suspect('one'), presence.check('two')]);
    expect([suspected, checked]).toEqual(['unknown', expect.objectContaining(SHUT_OUT)]);
    expect(asked.map(({ isBeside }) => isBeside)).toEqual([true, false]);
  });
});

describe('a new connection beside one in which the host is silent', () => {
  test('silence there, too: it has banned us', async () => {
    const { presence } = known(() => failed('timeout'));
    greeted(presence, 1);
    expect(await presence.suspect('one')).toMatchObject(SHUT_OUT);
  });

  test.each(AT_ONCE)('%s is no ban: the host may take one connection at a time', async (status) => {
    const { presence } = known(() => failed(status));
    greeted(presence, 1);
    expect(await presence.suspect('one')).toBe('unknown');
    expect(presence.gone).toBeNull();
  });

  test.each(AT_ONCE)('%s is no ban if the silent one was not greeted yet', async (status) => {
    const { presence } = known(() => failed(status));
    for (const visit of greeted(presence, 1)) visit.close();
    presence.visit();
    expect(await presence.suspect('one')).toBe('unknown');
  });

  test.each(AT_ONCE)('%s from a host that took two at a time before is a ban', async (status) => {
    const { presence } = known(() => failed(status));
    const [, second] = greeted(presence, 2);
    expect(await presence.suspect('one')).toBe('unknown');
    second?.close();
    expect(await presence.suspect('one')).toMatchObject(SHUT_OUT);
  });

  test('a connection that has said QUIT is not one of two at a time', async () => {
    const { presence } = known(() => failed('reset'));
    const [first] = greeted(presence, 1);
    first?.leave();
    greeted(presence, 1);
    first?.close();
    expect(await presence.suspect('one')).toBe('unknown');
  });
});
