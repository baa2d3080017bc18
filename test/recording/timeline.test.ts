/** Tests the order in which a replay receives the recorded exchanges. */
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/recording/schema.ts';
import { Timeline } from '../../src/recording/timeline.ts';

const yes = (asked: string, result = true): Exchange => ({ kind: 'yes-or-no', asked, result });
const DEADLINE: Exchange = { kind: 'deadline', asked: 'deadline' };

/** Asks all questions at once, and logs the answers in the order in which they come. */
async function come(timeline: Timeline, log: string[], ...asked: string[]): Promise<void> {
  await Promise.all(
    asked.map(async (question) => {
      const exchange = await timeline.take('yes-or-no', question);
      log.push(exchange === undefined ? `no ${question}` : question);
    }),
  );
}

describe('replay timeline', () => {
  test('gives the exchanges in the recorded order, not in the order of the questions', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a'), yes('b'), yes('c')], [], () => log.push('deadline'));
    await come(timeline, log, 'c', 'b', 'a');
    timeline.end();
    expect(log).toEqual(['a', 'b', 'c']);
  });

  test('does not wait for an exchange that is not asked for', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a'), yes('b'), yes('c')], [], () => log.push('deadline'));
    await come(timeline, log, 'c');
    await come(timeline, log, 'a');
    timeline.end();
    expect(log).toEqual(['c', 'a']);
    expect(timeline.given('yes-or-no').map(({ asked }) => asked)).toEqual(['a', 'c']);
  });

  test('passes the deadline at its recorded place, even if no question waits', async () => {
    const log: string[] = [];
    const over = new Promise<void>((resolve) => {
      const timeline = new Timeline([yes('a'), DEADLINE, yes('b', false)], [], () => {
        log.push('deadline');
        resolve();
      });
      void come(timeline, log, 'b', 'a').then(() => timeline.end());
    });
    await over;
    await expect.poll(() => log).toEqual(['a', 'deadline', 'b']);
    await new Promise<void>((resolve) => {
      const idle = new Timeline([DEADLINE], [], () => {
        idle.end();
        resolve();
      });
    });
  });

  test('holds a question without a recorded answer until no other answer can come', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a')], ['never'], () => log.push('deadline'));
    await come(timeline, log, 'never', 'a');
    timeline.end();
    expect(log).toEqual(['a', 'no never']);
    expect(timeline.missing).toEqual(['never']);
  });

  test('lists missing questions in short form, and resolves every waiting question at the end', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a')], ['never'], () => log.push('deadline'));
    await come(timeline, log, `x${'y'.repeat(500)}\nz`);
    const hanging = come(timeline, log, 'never');
    timeline.end();
    await hanging;
    expect(timeline.missing).toEqual([`x${'y'.repeat(118)}…`]);
    expect(log.at(-1)).toBe('no never');
  });

  test('gives the recorded answers to a repeated question in order, and then repeats the last', async () => {
    const timeline = new Timeline([yes('a', true), yes('a', false)], [], () => {});
    const results = [];
    for (let count = 0; count < 3; count += 1) results.push((await timeline.take('yes-or-no', 'a'))?.result);
    timeline.end();
    expect(results).toEqual([true, false, false]);
  });
});
