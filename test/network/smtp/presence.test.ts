import { describe, expect, test } from 'vitest';
import { Presence } from '../../../src/network/smtp/presence.ts';
import type { SmtpConnectResult, SmtpFailureStatus } from '../../../src/network/smtp/types.ts';

const failed = (status: SmtpFailureStatus): SmtpConnectResult => ({ status, detail: `it ${status}` });

/** A host that has answered once, and whose next connection ends as `result` says. */
function known(result: () => SmtpConnectResult): { presence: Presence; limits: number[] } {
  const limits: number[] = [];
  const presence = new Presence(6000, async (timeoutMs) => {
    limits.push(timeoutMs);
    return result();
  });
  presence.answer(10);
  return { presence, limits };
}

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

  test.each(['timeout', 'refused', 'reset', 'unreachable', 'closed'] as const)(
    '%s: it has banned us',
    async (status) => {
      const { presence } = known(() => failed(status));
      expect(await presence.check()).toMatchObject({
        status: 'shut-out',
        detail: expect.stringContaining('after 1 reply'),
      });
      expect(presence.gone).toMatchObject({ status: 'shut-out' });
    },
  );

  test.each(['aborted', 'capped', 'no-route', 'malformed'] as const)('%s says nothing of a ban', async (status) => {
    const { presence } = known(() => failed(status));
    expect(await presence.check()).toBeNull();
  });

  test('a host that says something in another connection meanwhile is only slow', async () => {
    const { presence } = known(() => {
      presence.hear(performance.now() + 1);
      return failed('timeout');
    });
    expect(await presence.check()).toBeNull();
  });

  test('all who ask at once share one connection', async () => {
    const { presence, limits } = known(() => failed('refused'));
    await Promise.all([presence.check(), presence.check()]);
    await presence.check();
    expect(limits).toEqual([6000]);
  });
});
