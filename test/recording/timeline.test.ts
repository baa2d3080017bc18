/** The order in which recorded exchanges are given back. */
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/recording/schema.ts';
import { Timeline } from '../../src/recording/timeline.ts';

const yes = (asked: string, result = true): Exchange => ({ kind: 'yes-or-no', asked, result });
const DEADLINE: Exchange = { kind: 'deadline', asked: 'deadline' };

/** Asks for all at once, and says what came in which order. */
async function come(timeline: Timeline, log: string[], ...asked: string[]): Promise<void> {
  await Promise.all(
    asked.map(async (question) => {
      const exchange = await timeline.take('yes-or-no', question);
      log.push(exchange === undefined ? `no ${question}` : question);
    }),
  );
}

describe('a timeline', () => {
  test('gives what came first first, whoever asks first', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a'), yes('b'), yes('c')], [], () => log.push('deadline'));
    await come(timeline, log, 'c', 'b', 'a');
    timeline.end();
    expect(log).toEqual(['a', 'b', 'c']);
  });

  test('waits for no exchange that nobody asks for', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a'), yes('b'), yes('c')], [], () => log.push('deadline'));
    await come(timeline, log, 'c');
    await come(timeline, log, 'a');
    timeline.end();
    expect(log).toEqual(['c', 'a']);
    expect(timeline.given('yes-or-no').map(({ asked }) => asked)).toEqual(['a', 'c']);
  });

  test('lets the time be up where it was, also with nobody left to wait', async () => {
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

  test('keeps whoever asks for what never came waiting, until nothing else can come', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a')], ['never'], () => log.push('deadline'));
    await come(timeline, log, 'never', 'a');
    timeline.end();
    expect(log).toEqual(['a', 'no never']);
    expect(timeline.missing).toEqual(['never']);
  });

  test('names what is not in it, shortened, and lets go of everybody at the end', async () => {
    const log: string[] = [];
    const timeline = new Timeline([yes('a')], ['never'], () => log.push('deadline'));
    await come(timeline, log, `x${'y'.repeat(500)}\nz`);
    const hanging = come(timeline, log, 'never');
    timeline.end();
    await hanging;
    expect(timeline.missing).toEqual([`x${'y'.repeat(118)}…`]);
    expect(log.at(-1)).toBe('no never');
  });

  test('gives an answer that was given twice twice, and its last one again', async () => {
    const timeline = new Timeline([yes('a', true), yes('a', false)], [], () => {});
    const results = [];
    for (let count = 0; count < 3; count += 1) results.push((await timeline.take('yes-or-no', 'a'))?.result);
    timeline.end();
    expect(results).toEqual([true, false, false]);
  });
});
