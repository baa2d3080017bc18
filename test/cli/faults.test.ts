/** A fault of mailcheck itself: one line that says how to report it, exit code 70, and the report all the same. */
import { describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startWorld } from '../world/world.ts';

/** Runs this code in the process before the command line. */
const injecting = (code: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
});

/** What is thrown in an event, while the first questions are under way. */
const inAnEvent = (thrown: string): string => `const { Socket } = (await import('node:dgram')).default;
  const { send } = Socket.prototype;
  Socket.prototype.send = function (...args) {
    Socket.prototype.send = send;
    setImmediate(() => { ${thrown} });
    return send.apply(this, args);
  };`;

async function inWorld(env: Record<string, string>, ...args: string[]) {
  const world = await startWorld(scenes.healthy.world);
  try {
    return await mailcheck([...scenes.healthy.args, ...world.args, ...args], { env });
  } finally {
    await world.close();
  }
}

const LINE = /^mailcheck: internal error(?: in [^:]+)?: [^\n]+ This is a bug in mailcheck: please report it [^\n]+\n$/;

describe('a fault ends with 70 and one line', () => {
  test('in an event: the run goes on to its report', async () => {
    const fault = inAnEvent(`throw new TypeError('out of\\nthe blue \\u001b[31m');`);
    const { code, stdout, stderr } = await inWorld(injecting(fault), '-f', 'json');
    expect(reportSchema.parse(JSON.parse(stdout)).verdict).toBe('pass');
    expect(stderr).toMatch(LINE);
    expect(stderr).toContain('TypeError: out of the blue \\x1b[31m.');
    expect(code).toBe(70);
  });

  test('in a promise that nobody waits for', async () => {
    const fault = inAnEvent(`Promise.reject(new Error('nobody waits'));`);
    const { code, stdout, stderr } = await inWorld(injecting(fault), '-f', 'json');
    expect(reportSchema.safeParse(JSON.parse(stdout)).success).toBe(true);
    expect(stderr).toMatch(LINE);
    expect(code).toBe(70);
  });

  test('in one check: it counts as not made, and the others are', async () => {
    const fault = `const { X509Certificate } = await import('node:crypto');
      Object.defineProperty(X509Certificate.prototype, 'validTo', { get() { throw new RangeError('no such date'); } });
      Object.defineProperty(X509Certificate.prototype, 'validToDate', { get() { throw new RangeError('no such date'); } });`;
    const { code, stdout, stderr } = await inWorld(injecting(fault), '-f', 'json');
    const { rules } = reportSchema.parse(JSON.parse(stdout));
    const broken = rules.filter(({ status }) => status === 'inconclusive');
    expect(broken.map(({ id }) => id)).toEqual(['tls']);
    expect(broken[0]?.findings[0]?.message).toContain(
      'This check stopped because of a bug in mailcheck (RangeError: no such date)',
    );
    expect(stderr).toMatch(LINE);
    expect(stderr).toContain('internal error in the check "tls": RangeError: no such date.');
    expect(code).toBe(70);
  });

  test('in the report', async () => {
    const fault = `const stringify = JSON.stringify;
      JSON.stringify = (value, ...rest) => {
        if (value?.verdict) throw new Error('no text');
        return stringify(value, ...rest);
      };`;
    const { code, stdout, stderr } = await inWorld(injecting(fault), '-f', 'json');
    expect(stdout).toBe('');
    expect(stderr).toMatch(LINE);
    expect(code).toBe(70);
  });

  test('a run that ends without a result', async () => {
    const fault = `Promise.all = () => new Promise(() => {});`;
    const { code, stderr } = await mailcheck(['records', 'example.com', '203.0.113.5', '--dns', '127.0.0.1:1'], {
      env: injecting(fault),
    });
    expect(stderr).toMatch(LINE);
    expect(stderr).toContain('it ended without a result');
    expect(code).toBe(70);
  });

  test('a fault that repeats itself is told once', async () => {
    const fault = inAnEvent(`
      let left = 20;
      const timer = setInterval(() => { if ((left -= 1) < 0) clearInterval(timer); throw new Error('again'); }, 5);`);
    const { code, stderr } = await inWorld(injecting(fault), '-f', 'json');
    expect(stderr).toMatch(LINE);
    expect(code).toBe(70);
  });

  test('what cannot even be shown', async () => {
    const { code, stderr } = await inWorld(injecting(inAnEvent('throw Object.create(null);')), '-f', 'json');
    expect(stderr).toMatch(LINE);
    expect(code).toBe(70);
  });

  test('MAILCHECK_DEBUG shows where it happened', async () => {
    const fault = inAnEvent(`throw new TypeError('out of the \\u001b[31mblue');`);
    const { stderr } = await inWorld({ ...injecting(fault), MAILCHECK_DEBUG: '1' }, '-f', 'json');
    expect(stderr).toContain('\n    at ');
    expect(stderr).not.toContain('\u001b');
  });
});

test('a wrong argument is no fault', async () => {
  const { code, stderr } = await mailcheck(['not a domain']);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
  expect(stderr).not.toContain('internal error');
});
