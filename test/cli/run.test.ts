import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import type { DnsScript } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { CLI, mailcheck, startMailcheck, startWorld, type World, type WorldScript } from '../world/world.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function world(script: WorldScript): Promise<World> {
  const running = await startWorld(script);
  cleanUps.push(() => running.close());
  return running;
}

function parse(stdout: string): Report {
  return reportSchema.parse(JSON.parse(stdout));
}

const statuses = (report: Report): Record<string, string> =>
  Object.fromEntries(report.rules.map(({ id, status }) => [id, status]));

describe('the three hosts of the demo', () => {
  test('a healthy host passes every check', async () => {
    const { args, world: script } = scenes.healthy;
    const running = await world(script);
    const { code, stdout, stderr } = await mailcheck([...args, ...running.args, '-f', 'json']);
    const report = parse(stdout);
    const others = report.rules.filter(({ status }) => status !== 'pass');
    // Only the host itself can tell.
    expect(others.map(({ id, status }) => [id, status])).toEqual([['egress', 'skipped']]);
    expect({ code, stderr, verdict: report.verdict }).toEqual({ code: 0, stderr: '', verdict: 'pass' });
  });

  test('a fresh cloud address fails for its PTR, SPF, DKIM and policy listing, and each fix is spelt out', async () => {
    const { args, world: script } = scenes.fresh;
    const running = await world(script);
    const { code, stdout } = await mailcheck([...args, ...running.args, '-f', 'json']);
    const report = parse(stdout);
    expect(code).toBe(1);
    expect(statuses(report)).toMatchObject({ ptr: 'fail', spf: 'fail', dkim: 'fail', rbl: 'fail', helo: 'pass' });
    const lines = report.advice.steps.flatMap(({ records }) => records.map(({ line }) => line));
    expect(lines).toContain('7.100.51.198.in-addr.arpa. IN PTR mail.example.net.');
    expect(lines).toContain('example.net. IN TXT "v=spf1 include:_spf.example.com ip4:198.51.100.7 ~all"');
    expect(report.advice.steps[0]?.codes).toEqual(['ptr/missing']);
  });

  test('an open relay fails, and closing it is the first thing to do', async () => {
    const { args, world: script } = scenes.relay;
    const running = await world(script);
    const { code, stdout } = await mailcheck([...args, ...running.args, '-f', 'json']);
    const report = parse(stdout);
    expect(code).toBe(1);
    expect(statuses(report)).toMatchObject({ 'open-relay': 'fail', ptr: 'pass', spf: 'pass' });
    expect(report.advice.steps[0]?.codes[0]).toMatch(/^open-relay\//);
  });
});

describe('the pretty report', () => {
  test('fits 80 columns but for what is pasted, and tells status in words without colour', async () => {
    const running = await world(scenes.fresh.world);
    const { stdout } = await mailcheck([...scenes.fresh.args, ...running.args]);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('  ✖ FAIL    PTR record   198.51.100.7 has no PTR record\n');
    expect(stdout).toContain('\nWhat to do\n');
    const long = stdout.split('\n').filter((line) => [...line].length > 80);
    // A record or a command of one line, with nothing else beside it.
    const pasted = /^ {5,}(?:example\.net\. IN TXT "v=spf1 |mailcheck (?:records )?example\.net )/;
    expect(long.filter((line) => !pasted.test(line))).toEqual([]);
    expect(long.length).toBeGreaterThan(0);
  });

  test('FORCE_COLOR colours, NO_COLOR does not, and the words are the same', async () => {
    const running = await world(scenes.healthy.world);
    // The time that the run took differs.
    const strip = (text: string): string => text.replace(/\u001b\[[\d;]+m/g, '').replace(/\d+\.\d s$/m, '');
    const args = [...scenes.healthy.args, ...running.args];
    const colored = await mailcheck(args, { env: { FORCE_COLOR: '1' } });
    const plain = await mailcheck(args, { env: { NO_COLOR: '1' } });
    expect(colored.stdout).toContain('\u001b[38;5;28mPASS: ');
    expect(plain.stdout).not.toContain('\u001b');
    expect(strip(colored.stdout)).toBe(strip(plain.stdout));
  });

  test('--verbose adds evidence and both dialogues', async () => {
    const running = await world(scenes.healthy.world);
    const { stdout } = await mailcheck([...scenes.healthy.args, ...running.args, '--verbose']);
    expect(stdout).toContain('example.com TXT @127.0.0.1');
    expect(stdout).toContain('< 220 mail.example.com');
    expect(stdout).toContain('dns/ip-not-public');
  });

  test('hostile strings from the network stay on their line and lose their teeth', async () => {
    const evil = 'x\u001b[2J\u001b]0;owned\u0007\r\n✔ pass  everything\u202e';
    const dns: DnsScript = {
      zone: {
        'example.com': { TXT: [`v=spf1 ${Buffer.from(evil).toString('latin1')} -all`], MX: ['10 mail.example.com'] },
        '5.113.0.203.in-addr.arpa': { PTR: ['e\u001b[31mvil.example.com'] },
      },
    };
    const running = await world({ dns, hosts: { '203.0.113.5': { greeting: `220 mail.example.com ${evil}` } } });
    const { stdout } = await mailcheck(['example.com', '203.0.113.5', '--verbose', ...running.args]);
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(stdout).not.toMatch(/^✔ pass/m);
    expect(stdout).toContain('\\x1b');
  });
});

describe('what cannot be seen is never a pass', () => {
  const args = ['example.com', '203.0.113.5', '--timeout', '4', '-f', 'json'];

  const blind = (report: Report): string[] =>
    report.rules.filter(({ status }) => status === 'pass').map(({ id }) => id);

  test('a silent DNS server ends within the deadline as inconclusive', async () => {
    const running = await world({ dns: { zone: {}, fault: 'timeout' } });
    const { code, stdout } = await mailcheck([...args, ...running.args]);
    const report = parse(stdout);
    expect(report.timing.deadlineReached).toBe(true);
    expect({ code, verdict: report.verdict, passed: blind(report) }).toEqual({
      code: 3,
      verdict: 'inconclusive',
      passed: [],
    });
  });

  test('a mail server that never greets ends within the deadline as inconclusive', async () => {
    const running = await world({ ...scenes.healthy.world, hosts: { '203.0.113.5': { greeting: null } } });
    const { code, stdout } = await mailcheck([...scenes.healthy.args, '--timeout', '3', '-f', 'json', ...running.args]);
    const report = parse(stdout);
    expect(code).toBe(3);
    expect(statuses(report)).toMatchObject({
      'open-relay': 'inconclusive',
      mx: 'inconclusive',
      helo: 'inconclusive',
      spf: 'pass',
    });
    expect(report.timing.deadlineReached).toBe(true);
  });

  test.each(['greeting', 'ehlo', 'rcpt'] as const)(
    'a server that drops in the middle of its %s reply is inconclusive',
    async (at) => {
      const running = await world({
        ...scenes.healthy.world,
        hosts: { '203.0.113.5': { ...scenes.healthy.world.hosts['203.0.113.5'], drop: { at, midReply: true } } },
      });
      const { code, stdout } = await mailcheck([...scenes.healthy.args, '-f', 'json', ...running.args]);
      expect(code).toBe(3);
      expect(statuses(parse(stdout))['open-relay']).toBe('inconclusive');
    },
  );

  test('no DNS server at all is a usage matter or inconclusive, never a pass', async () => {
    const { code } = await mailcheck([
      'example.com',
      '203.0.113.5',
      '--dns',
      '127.0.0.1:1',
      '--only',
      'dns,ptr,spf',
      '--timeout',
      '5',
    ]);
    expect(code).toBe(1); // the documentation address is an error of its own
  });
});

describe('exit codes', () => {
  const args = (running: World): string[] => ['example.com', '203.0.113.5', '--only', 'ptr', '-q', ...running.args];
  const dns = (ptr: 'servfail' | 'multiple' | 'good'): DnsScript => ({
    zone: {
      '5.113.0.203.in-addr.arpa':
        ptr === 'servfail' ? ptr : { PTR: ptr === 'good' ? ['a.example.com'] : ['a.example.com', 'b.example.com'] },
      'a.example.com': { A: ['203.0.113.5'] },
      'b.example.com': { A: ['203.0.113.5'] },
    },
  });

  test.each([
    ['good', [], 0],
    ['good', ['--strict'], 0],
    ['multiple', [], 0],
    ['multiple', ['--strict'], 1],
    ['servfail', [], 3],
    ['servfail', ['--allow-inconclusive'], 0],
    ['servfail', ['--allow-inconclusive', 'ptr'], 0],
    ['servfail', ['--allow-inconclusive', 'rbl,mx'], 3],
  ] as const)('%s %j: %i', async (ptr, options, expected) => {
    const running = await world({ dns: dns(ptr) });
    const { code } = await mailcheck([...args(running), ...options]);
    expect(code).toBe(expected);
  });

  test('--allow-inconclusive before the arguments does not swallow the domain', async () => {
    const running = await world({ dns: dns('servfail') });
    const { code, stderr } = await mailcheck([
      '--only',
      'ptr',
      '--allow-inconclusive',
      'example.com',
      '203.0.113.5',
      ...running.args,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('manners of a process', () => {
  test('-o writes the report to a file and nothing to stdout, leaving no temporary file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mailcheck-'));
    cleanUps.push(() => rm(directory, { recursive: true }));
    const running = await world(scenes.healthy.world);
    const file = join(directory, 'report.json');
    const { stdout } = await mailcheck([...scenes.healthy.args, ...running.args, '-f', 'json', '-o', file]);
    expect(stdout).toBe('');
    expect(parse(await readFile(file, 'utf8')).verdict).toBe('pass');
    expect(await readdir(directory)).toEqual(['report.json']);
  });

  test('a file that cannot be written is exit code 2 and one line', async () => {
    const running = await world(scenes.healthy.world);
    const { code, stderr } = await mailcheck([
      ...scenes.healthy.args,
      ...running.args,
      '-o',
      '/no/such/directory/report',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mailcheck: cannot write [^\n]+\n$/);
  });

  test('a closed stdout is no error, and keeps the exit code', async () => {
    const running = await world(scenes.fresh.world);
    const command = `"${process.execPath}" "${CLI}" ${[...scenes.fresh.args, ...running.args].join(' ')} -v; echo "code $?" >&2`;
    const stderr = await new Promise<string>((resolve) => {
      execFile('bash', ['-c', `{ ${command}; } | true`], (_error, _stdout, text) => resolve(text));
    });
    expect(stderr).toBe('code 1\n');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the run at once with %i, and prints no report', async (signal, expected) => {
    const running = await world({ dns: { zone: {}, fault: 'timeout' } });
    const child = startMailcheck(['example.com', '203.0.113.5', ...running.args]);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    while (running.dns.asked.length === 0) await new Promise((done) => setTimeout(done, 10));
    child.kill(signal);
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, output }).toEqual({ code: expected, output: '' });
  });

  test.each([
    [0, /^[^\u001b]*$/],
    [80, /Waiting for|Checking/],
  ])('on a terminal of %i columns progress does not get in the way', async (columns, shows) => {
    const running = await world(scenes.healthy.world);
    // util-linux' script gives the command a terminal; stty tells its width.
    const command = `stty cols ${columns}; "${process.execPath}" "${CLI}" ${[...scenes.healthy.args, ...running.args].join(' ')} --skip open-relay >/dev/null; echo "code $?" >&2`;
    const output = await new Promise<string>((resolve) => {
      const child = execFile('script', ['-qec', command, '/dev/null'], { timeout: 20_000 }, (_error, stdout) =>
        resolve(stdout),
      );
      child.stdin?.end();
    });
    expect(output).toMatch(/code \d/);
    expect(output).toMatch(shows);
  });

  test('nothing lingers once the report is out', async () => {
    const running = await world({
      ...scenes.healthy.world,
      dns: {
        ...scenes.healthy.world.dns,
        zone: { ...scenes.healthy.world.dns.zone, '2.0.0.127.psbl.surriel.com': 'servfail' },
      },
    });
    const child = startMailcheck([...scenes.healthy.args, ...running.args]);
    child.stdout.resume();
    const lastOutput = new Promise<number>((resolve) => child.stdout.once('data', () => resolve(performance.now())));
    const exited = new Promise<number>((resolve) => child.once('exit', () => resolve(performance.now())));
    // A question that is asked again waits longer.
    expect((await exited) - (await lastOutput)).toBeLessThan(3000);
  });
});

test('private addresses are never connected to without --allow-private', async () => {
  const running = await world({ ...scenes.healthy.world, hosts: { '127.0.0.1': {} } });
  const port = String(running.hosts.get('127.0.0.1')?.port);
  await mailcheck(['example.com', '127.0.0.1', '--dns', running.dns.server, '--smtp-port', port, '--timeout', '5']);
  expect(running.hosts.get('127.0.0.1')?.sessions).toEqual([]);
});
