/** What a test that timed out has left running ends before the next test begins. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endAllSince, ended, runningNow, started } from './running.ts';
import { startSmtp } from './smtp.ts';
import { mailcheck, startMailcheck, startWorld, type World } from './world.ts';

/** @returns whether something listens on a port. */
function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

describe('what has been started since', () => {
  test('is ended once, and what ran before is not', async () => {
    const calls: string[] = [];
    const endOf = (name: string) => started(async () => void calls.push(name));
    const first = endOf('before');
    const before = runningNow();
    const second = endOf('since');
    ended(endOf('ended by itself'));
    await endAllSince(before);
    await second();
    expect(calls).toEqual(['since']);
    await first();
    expect(calls).toEqual(['since', 'before']);
  });

  test('servers close', async () => {
    const before = runningNow();
    const server = await startSmtp();
    expect(await isListening(server.port)).toBe(true);
    await endAllSince(before);
    expect(await isListening(server.port)).toBe(false);
    await server.close();
  });

  test('a process is killed, and whoever waits for it does not go on', async () => {
    const world = await startWorld({ dns: { zone: {}, fault: 'timeout' } });
    const before = runningNow();
    const child = startMailcheck(['example.com', '203.0.113.5', ...world.args]);
    let isFinished = false;
    void mailcheck(['example.com', '203.0.113.5', ...world.args]).then(() => {
      isFinished = true;
    });
    const exited = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await expect.poll(() => world.dns.asked.length, { timeout: 20_000 }).toBeGreaterThan(0);
    await endAllSince(before);
    expect(await exited).toBe('SIGKILL');
    await world.close();
    // Longer than the end of the other process takes to be told.
    await mailcheck(['--version']);
    expect(isFinished).toBe(false);
  });
});

describe('after each test', () => {
  let ofTheFile: World;
  let left: World;
  beforeAll(async () => {
    ofTheFile = await startWorld({ dns: { zone: {} } });
  });
  afterAll(() => ofTheFile.close());

  test('a test leaves a server running', async () => {
    left = await startWorld({ dns: { zone: {} } });
    expect(await isListening(left.dns.port)).toBe(true);
  });

  test('the next one does not find it, and finds what the file has started for all its tests', async () => {
    expect(await isListening(left.dns.port)).toBe(false);
    expect(await isListening(ofTheFile.dns.port)).toBe(true);
  });
});
