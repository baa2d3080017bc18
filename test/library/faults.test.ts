/** Tests that the library still returns a report when the machine has no network, and after an internal error. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type RunOptions, run } from '../../src/check/run.ts';
import { parseArguments } from '../../src/check/target.ts';
import { openWorld, type World } from '../../src/check/world.ts';
import { check } from '../../src/index.ts';
import { parseServer } from '../../src/network/dns/servers.ts';

const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;

describe('library: check with an unreachable DNS server', () => {
  // The system refuses to connect to a broadcast address (EACCES), so nothing leaves this machine.
  const dns = ['255.255.255.255'];

  test('→ an inconclusive report that names the server', async () => {
    const report = await check('example.com', ['203.0.113.5'], { dns, only: ['spf', 'ptr', 'mx'] });
    expect(report.verdict).toBe('inconclusive');
    const messages = report.rules.flatMap(({ findings }) => findings.map(({ message }) => message));
    expect(messages.join('\n')).toContain('255.255.255.255#53 cannot be reached');
  });

  test('does not end the calling process', async () => {
    const program = `import { check } from '${LIBRARY}';
      const report = await check('example.com', ['203.0.113.5', '2001:db8::5'], { dns: ['255.255.255.255', 'fe80::1'] });
      await new Promise((resolve) => setTimeout(resolve, 200));
      console.log(report.rules.length > 10);`;
    const args = ['--input-type=module', '-e', program];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect({ stdout, stderr }).toEqual({ stdout: 'true\n', stderr: '' });
  });
});

/** Runs a check in a real world, of which one part is broken. */
async function runWith(fault: (world: World) => Partial<World>, options: Partial<RunOptions> = {}) {
  const settings = { smtpPort: 25, allowPrivate: false };
  const target = { ...parseArguments('example.com', ['203.0.113.5']), selectors: [] };
  const dnsServers = [parseServer('127.0.0.1:1')];
  const world = openWorld({ domain: target.domain, settings, dnsServers, timeoutMs: 10_000 });
  const faults: string[] = [];
  const report = await run(target, {
    settings,
    timeoutMs: 10_000,
    ...options,
    world: { ...world, ...fault(world) },
    onFault: (where, error) => faults.push(`${where}: ${String(error)}`),
  });
  return { report, faults };
}

const broken = (): Promise<never> => Promise.reject(new TypeError('broken'));

describe('library: an internal error', () => {
  test('in the DNS client → no check passes, and onFault receives each error', async () => {
    const { report, faults } = await runWith(({ dns }) => ({ dns: { ...dns, query: broken } }));
    expect(report.verdict).not.toBe('pass');
    expect(report.rules.filter(({ status }) => status === 'pass')).toEqual([]);
    expect(faults).toContain('the check "spf": TypeError: broken');
  });

  test('in the conclusion → the report keeps the results of the checks, and has no advice', async () => {
    const judgement = {
      get severity(): never {
        throw new TypeError('broken');
      },
    };
    const { report, faults } = await runWith(() => ({}), { judgement });
    expect(report.rules.length).toBeGreaterThan(10);
    expect(faults.some((fault) => fault.startsWith('the conclusion: '))).toBe(true);
    expect(report.advice).toEqual({
      summary: 'mailcheck has a bug and could not work out what to do.',
      ways: [],
      steps: [],
    });
  });
});
