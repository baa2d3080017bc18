/** `--record` and `--replay`, by the built command line. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startWorld } from '../world/world.ts';

const NO_OUTSIDE = new URL('../recording/no-outside.mjs', import.meta.url).href;
const offline = (...args: string[]) => mailcheck(args, { env: { NODE_OPTIONS: `--import ${NO_OUTSIDE}` } });

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a scene with `--record`; its recording is then the scene's file. */
async function record(name: keyof typeof scenes, ...more: string[]) {
  const { world: script, args } = scenes[name];
  const world = await startWorld(script);
  const file = at(`${name}.json`);
  const live = await mailcheck([...args, ...world.args, '--record', file, ...more]);
  await world.close();
  return { live, file };
}

describe('a replay', () => {
  test.each(['healthy', 'fresh', 'relay'] as const)(
    'of the %s host is the same report, without an outside',
    async (name) => {
      const { live, file } = await record(name, '-f', 'json', '-v');
      const replayed = await offline('--replay', file, '-f', 'json', '-v');
      expect(replayed.stderr).toBe('');
      expect(replayed.stdout).toBe(live.stdout);
      expect(replayed.code).toBe(live.code);
      expect(live.code).toBe(scenes[name].exitCode);
    },
  );

  test('without an outside, nothing but a replay is possible', async () => {
    const { stderr, code } = await offline('example.com', '203.0.113.5', '--dns', '127.0.0.1:1');
    expect(stderr).toContain('OUTSIDE');
    expect(code).toBe(99);
  });

  test('gives every format, and is judged as the options say', async () => {
    const { live, file } = await record('healthy');
    expect(live.code).toBe(0);
    expect((await offline('--replay', file)).stdout).toBe(live.stdout);
    const strict = await offline('--replay', file, '--fail-on', 'never', '-o', at('out.txt'));
    expect(strict).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(at('out.txt'), 'utf8')).toBe(live.stdout);
    expect((await offline('example.com', '--replay', file)).code).toBe(0);
    expect((await offline('example.com', '203.0.113.5', '--replay', file)).code).toBe(0);
  });

  test('of several targets has a report of each', async () => {
    const world = await startWorld(scenes.healthy.world);
    const config = at('several.json');
    const targets = [
      { domain: 'example.com', ips: ['203.0.113.5'], selectors: ['s1'] },
      { domain: 'example.org', ips: ['192.0.2.25'] },
    ];
    await writeFile(config, JSON.stringify({ targets, severity: { 'ptr/missing': 'warning' } }));
    const options = ['-f', 'json'];
    const live = await mailcheck(['--config', config, ...world.args, '--record', at('several.run'), ...options]);
    await world.close();
    const replayed = await offline('--replay', at('several.run'), ...options);
    expect(JSON.parse(live.stdout).reports).toHaveLength(2);
    expect(replayed.stdout).toBe(live.stdout);
    expect(live.stdout).toContain('"defaultSeverity": "error"');
    const one = await offline('example.org', '--replay', at('several.run'), ...options);
    expect(JSON.parse(one.stdout).target.domain).toBe('example.org');
  });

  test('says what is not in the recording, and counts it as not checked', async () => {
    const { file } = await record('healthy', '--only', 'ptr,spf');
    const recording = JSON.parse(await readFile(file, 'utf8'));
    const [run] = recording.runs;
    run.exchanges = run.exchanges.filter(({ asked }: { asked: string }) => !asked.endsWith('in-addr.arpa PTR'));
    recording.tool.version = '0.0.1';
    await writeFile(at('cut.json'), JSON.stringify(recording));
    const { code, stdout, stderr } = await offline('--replay', at('cut.json'));
    expect(code).toBe(3);
    expect(stdout).toContain('unknown');
    expect(stderr).toContain('recorded by version 0.0.1');
    expect(stderr).toMatch(
      /these questions are not in the recording, so their checks could not run: .*5\.113\.0\.203\.in-addr\.arpa PTR/,
    );
  });
});

describe('a recording', () => {
  test('is for its owner alone, and takes the place of one before it as a whole', async () => {
    const { file } = await record('healthy', '--only', 'ptr');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { stderr, code } = await record('healthy', '--only', 'ptr', '--record', at('no/such/folder.json')).then(
      ({ live }) => live,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mailcheck: cannot write .*folder\.json.*\n$/);
  });

  test('holds no key of a list, in whatever case or form', async () => {
    const key = 'zq7abcdefghijklmnopqrstuv9';
    const world = await startWorld(scenes.healthy.world);
    const { args } = scenes.healthy;
    const file = at('keyed.json');
    const env = { SPAMHAUS_DQS_KEY: key };
    const live = await mailcheck([...args, ...world.args, '--only', 'rbl', '-f', 'json', '-v', '--record', file], {
      env,
    });
    const asked = world.dns.asked.map(({ name }) => name.toLowerCase());
    await world.close();
    expect(asked.some((name) => name.includes(key))).toBe(true);
    const text = await readFile(file, 'utf8');
    const bytes = Buffer.from(key);
    const forms = [key, ...['base64', 'base64url', 'hex'].map((encoding) => bytes.toString(encoding as 'hex'))];
    for (const form of [...forms, encodeURIComponent(key)])
      expect(text.toLowerCase()).not.toContain(form.toLowerCase());
    expect(text).toContain('[SPAMHAUS_DQS_KEY]');
    // The replay needs no key, and shows none.
    const replayed = await offline('--replay', file, '-f', 'json', '-v');
    expect(replayed.stderr).toBe('');
    expect(replayed.stdout).toBe(live.stdout);
  });
});

describe('wrong usage is one line', () => {
  const cases: [name: string, args: string[], line: RegExp][] = [
    ['another server', ['--dns', '192.0.2.53'], /--replay and --dns contradict each other/],
    ['another name', ['--asn-lookup'], /there is no option --asn-lookup \(did you mean --no-asn-lookup\?\)$/m],
    ['a switch turned off', ['--no-asn-lookup'], /--replay and --no-asn-lookup contradict/],
    ['recording a replay', ['--record', 'x.json'], /--replay and --record contradict/],
    ['another domain', ['example.org'], /is of example\.com 203\.0\.113\.5, not of example\.org/],
    ['another address', ['example.com', '192.0.2.1'], /is of example\.com 203\.0\.113\.5, not of 192\.0\.2\.1/],
  ];
  test.each(cases)('%s', async (_, args, line) => {
    const file = at('usage.json');
    const exists = await stat(file).catch(() => null);
    if (exists === null) await record('healthy', '--only', 'ptr').then((made) => copy(made.file, file));
    const { code, stdout, stderr } = await offline('--replay', file, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await offline('--replay', at('nowhere.json'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mailcheck: --replay: cannot read .*nowhere\.json.*\n$/);
  });

  test('a file that is no recording', async () => {
    await writeFile(at('bad.json'), '{"schemaVersion":1}');
    const { code, stdout, stderr } = await offline('--replay', at('bad.json'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mailcheck: --replay: .*bad\.json" is not a recording\. .*\n$/);
  });

  test('a file without an end', async () => {
    const { code, stderr } = await offline('--replay', '/dev/zero');
    expect(code).toBe(2);
    expect(stderr).toBe('mailcheck: --replay: "/dev/zero" is a device, not a regular file\n');
  });
});

async function copy(from: string, to: string): Promise<void> {
  await writeFile(to, await readFile(from));
}
