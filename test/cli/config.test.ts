/** The configuration as the command line uses it: precedence, several targets, what is accepted, what is printed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RUN_KEYS, TARGET_KEYS } from '../../src/cli/config/keys.ts';
import { configSchema, targetSchema } from '../../src/cli/config/schema.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { reportsSchema } from '../../src/report/schema.ts';
import type { Report, Reports } from '../../src/report/status.ts';
import type { DnsScript } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { typed } from '../world/typed.ts';
import { startMailcheck, startWorld, type World } from '../world/world.ts';

const { healthy, fresh } = scenes;
const both: DnsScript = {
  apexes: healthy.world.dns.apexes,
  zone: { ...healthy.world.dns.zone, ...fresh.world.dns.zone },
};

let world: World;
let folder: string;

beforeAll(async () => {
  world = await startWorld({ dns: both, hosts: { ...healthy.world.hosts, ...fresh.world.hosts } });
});
afterAll(() => world.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, content: string): Promise<string> => {
  const file = join(folder, name);
  return writeFile(file, content).then(() => file);
};

/** Runs with a configuration; JSON is YAML too. */
async function withConfig(config: object, ...args: string[]) {
  return typed([...args, '--config', await write('c.yaml', JSON.stringify(config)), ...world.args]);
}

const example = { domain: 'example.com', ips: ['203.0.113.5'], selectors: ['s1'] };
const freshTarget = { domain: 'example.net', ips: ['198.51.100.7'], helo: 'mail.example.net' };
const QUICK = ['ptr', 'spf', 'dkim', 'dmarc'];

describe('several targets', () => {
  test('one report with both, in the order of the file, and the worst exit code', async () => {
    const { code, stdout, stderr } = await withConfig({
      targets: [freshTarget, example],
      skip: ['open-relay'],
      formats: ['json'],
    });
    const { reports, verdict } = reportsSchema.parse(JSON.parse(stdout)) as Reports;
    expect(stderr).toBe('');
    expect(reports.map(({ target, verdict: own }) => [target.domain, target.ips, own])).toEqual([
      ['example.net', ['198.51.100.7'], 'fail'],
      ['example.com', ['203.0.113.5'], 'pass'],
    ]);
    expect([verdict, code]).toEqual(['fail', 1]);
  });

  test('the format nagios, which changes the exit codes, is of the command line alone', async () => {
    const { code, stderr } = await withConfig({ targets: [example], formats: ['nagios'] });
    expect(code).toBe(2);
    expect(stderr).toMatch(/c\.yaml:\d+:\d+: formats: nagios needs the command line, .*: type -f nagios\n$/);
  });

  test('each with options of its own, before those for all', async () => {
    const { stdout } = await withConfig({
      targets: [{ ...example, only: ['ptr'] }, freshTarget],
      only: ['dmarc'],
      formats: ['json'],
    });
    const { reports } = JSON.parse(stdout) as Reports;
    const ran = reports.map(({ rules }) => rules.filter(({ status }) => status !== 'skipped').map(({ id }) => id));
    expect(ran).toEqual([['ptr'], ['dmarc']]);
  });

  const codes: [name: string, only: string[], targets: object[], code: number][] = [
    ['nothing failed', QUICK, [example, example], 0],
    ['what failed outweighs what is unknown', ['ptr'], [freshTarget, { ...example, dns: ['127.0.0.1:1'] }], 1],
    ['unknown outweighs nothing', ['ptr'], [example, { ...example, dns: ['127.0.0.1:1'] }], 3],
  ];
  test.each(codes)('%s', async (_name, only, targets, expected) => {
    // The resolver of the world would otherwise beat that of the target.
    const args = world.args.filter((_, index) => index > 1);
    const config = { targets, only, dns: [world.dns.server] };
    const file = await write('c.yaml', JSON.stringify(config));
    expect((await typed(['--config', file, ...args])).code).toBe(expected);
  });

  test('a wrong domain names its target', async () => {
    const { code, stderr } = await withConfig({ targets: [example, { domain: 'nothing' }] });
    expect(code).toBe(2);
    expect(stderr).toMatch(/c\.yaml:1:\d+: targets\[1\]\.domain: "nothing" is not a domain name/);
  });

  test('one interruption ends all, and no report is printed', async () => {
    const silent = await startWorld({ dns: { zone: {}, fault: 'timeout' } });
    try {
      const file = await write('c.yaml', JSON.stringify({ targets: [example, freshTarget] }));
      const child = startMailcheck(['--config', file, ...silent.args]);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      const names = (): Set<string> => new Set(silent.dns.asked.map(({ name }) => name));
      while (!names().has('example.com') || !names().has('example.net')) await new Promise(setImmediate);
      child.kill('SIGINT');
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect({ code, output }).toEqual({ code: 130, output: '' });
    } finally {
      await silent.close();
    }
  });

  test('targets with an address in common are not probed at once', async () => {
    const shared = await startWorld(healthy.world);
    try {
      const file = await write(
        'c.yaml',
        JSON.stringify({ targets: [example, example, example], only: ['open-relay'], formats: ['json'] }),
      );
      const { stdout } = await typed(['--config', file, ...shared.args]);
      const spans = (JSON.parse(stdout) as Reports).reports.map(({ timing }) => Date.parse(timing.startedAt));
      const ends = (JSON.parse(stdout) as Reports).reports.map(
        ({ timing }) => Date.parse(timing.startedAt) + timing.durationMs,
      );
      // A millisecond is lost to rounding.
      for (const index of [1, 2]) expect((spans[index] ?? 0) + 1).toBeGreaterThanOrEqual(ends[index - 1] ?? 0);
    } finally {
      await shared.close();
    }
  });
});

describe('the command line beats a target, a target beats all targets, those beat the defaults', () => {
  const config = {
    helo: 'all.example.com',
    timeout: 30,
    skip: ['tls'],
    failOn: 'warning',
    targets: [{ ...example, helo: 'own.example.com', smtpPort: 2525 }, freshTarget],
  };

  interface Value {
    readonly value: unknown;
    readonly source: string;
    readonly place?: string;
  }
  type Printed = Record<string, Value> & { readonly targets: Record<string, Value>[] };

  const printedBefore = new Map<string, Promise<Printed>>();

  /** Prints the configuration with these arguments, once for all tests. */
  function printed(...args: string[]): Promise<Printed> {
    const words = args.join(' ');
    const text = printedBefore.get(words) ?? print(args);
    printedBefore.set(words, text);
    return text;
  }

  async function print(args: readonly string[]): Promise<Printed> {
    const file = await write('c.yaml', JSON.stringify(config));
    const { code, stdout, stderr } = await typed([...args, '--config', file, '--print-config']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Printed;
  }

  const cases: [args: string[], key: string, value: unknown, source: string][] = [
    [[], 'helo', 'own.example.com', 'file'],
    [['--helo', 'typed.example.com'], 'helo', 'typed.example.com', 'command line'],
    [[], 'timeout', 30, 'file'],
    [['--timeout', '60'], 'timeout', 60, 'command line'],
    [[], 'smtpPort', 2525, 'file'],
    [['--smtp-port', '25'], 'smtpPort', 25, 'command line'],
    [[], 'skip', ['tls'], 'file'],
    [[], 'volume', 'low', 'default'],
    [[], 'ips', ['203.0.113.5'], 'file'],
    [['example.com'], 'ips', ['203.0.113.5'], 'file'],
    [['example.com', '203.0.113.9'], 'ips', ['203.0.113.9'], 'command line'],
    [['example.com', '203.0.113.9'], 'helo', 'own.example.com', 'file'],
    [['example.org'], 'helo', 'all.example.com', 'file'],
    [['example.org'], 'smtpPort', 25, 'default'],
  ];
  test.each(cases)('%j: %s is %j (%s)', async (args, key, value, source) => {
    const { targets } = await printed(...args);
    expect(targets[0]?.[key]).toMatchObject({ value, source });
    if (source === 'file' && key !== 'ips') expect(targets[0]?.[key]?.place).toMatch(/c\.yaml:1:\d+: /);
  });

  test.each([
    [[], 'warning', 'file'],
    [['--fail-on', 'never'], 'never', 'command line'],
    [['--strict'], 'warning', 'command line'],
  ])('%j: failOn is %s (%s)', async (args, value, source) => {
    expect((await printed(...args)).failOn).toMatchObject({ value, source });
  });

  test('a domain that is typed is checked alone', async () => {
    expect((await printed()).targets.map(({ domain }) => domain)).toEqual(['example.com', 'example.net']);
    expect((await printed('example.net')).targets.map(({ domain }) => domain)).toEqual(['example.net']);
    expect((await printed('example.org')).targets.map(({ domain }) => domain)).toEqual(['example.org']);
  });

  test('--only on the command line puts skip of the file aside, and --on-host its vantage', async () => {
    const file = await write('c.yaml', JSON.stringify({ skip: ['ptr'], vantage: 'outside' }));
    const { code, stdout } = await typed([
      'example.com',
      '203.0.113.5',
      '--only',
      'ptr',
      '--on-host',
      '--config',
      file,
      '--print-config',
    ]);
    expect(code).toBe(0);
    const [target] = (JSON.parse(stdout) as Printed).targets;
    expect([target?.skip, target?.vantage]).toEqual([undefined, undefined]);
  });

  test('--print-config asks nothing of the network', async () => {
    const quiet = await startWorld(healthy.world);
    await typed(['example.com', '--print-config', '--no-config', ...quiet.args]);
    expect(quiet.dns.asked).toEqual([]);
    await quiet.close();
  });
});

describe('what a configuration changes of a run', () => {
  const target = { ...freshTarget, only: ['ptr'], formats: undefined };
  const config = (more: object) => ({ targets: [target], ...more });
  const accept = (until: string) => [{ code: 'ptr/missing', reason: 'moves soon', until }];

  const cases: [name: string, more: object, args: string[], code: number][] = [
    ['as it is', {}, [], 1],
    ['failOn never', { failOn: 'never' }, [], 0],
    ['--fail-on never', {}, ['--fail-on', 'never'], 0],
    ['severity warning', { severity: { 'ptr/missing': 'warning' } }, [], 0],
    ['severity warning, and warnings fail', { severity: { 'ptr/missing': 'warning' }, failOn: 'warning' }, [], 1],
    ['the same by --strict', { severity: { 'ptr/missing': 'warning' } }, ['--strict'], 1],
    ['off', { severity: { 'ptr/missing': 'off' }, failOn: 'warning' }, [], 0],
    ['accepted', { accept: accept('2999-12-31'), failOn: 'warning' }, [], 0],
    ['the exception is over', { accept: accept('2020-12-31') }, [], 1],
  ];
  test.each(cases)('%s', async (_name, more, args, code) => {
    expect((await withConfig(config(more), ...args)).code).toBe(code);
  });

  test('an accepted finding is told in one sentence, and the verdict names it', async () => {
    const { stdout, stderr } = await withConfig(config({ accept: accept('2999-12-31') }));
    expect(stderr).toBe('');
    const words = stdout.replace(/\s+/g, ' ');
    expect(words).toContain('- accepted until 2999-12-31: ptr/missing (198.51.100.7), moves soon');
    expect(words.match(/moves soon/g)).toHaveLength(1);
    expect(words).toContain('Excused by the configuration: ptr/missing.');
    expect(stdout).not.toContain('What to do');
  });

  test('an expired exception is named', async () => {
    const { stdout } = await withConfig(config({ accept: accept('2020-12-31') }));
    expect(stdout.replace(/\s+/g, ' ')).toContain('(step 1, accepted until 2020-12-31: moves soon)');
    expect(stdout).not.toContain('Excused by the configuration');
  });

  test('an acceptance that nothing needs is told on stderr', async () => {
    const unneeded = { ...accept('2999-12-31')[0], code: 'ptr/generic' };
    const { stderr } = await withConfig(config({ accept: [...accept('2999-12-31'), unneeded] }));
    expect(stderr).toBe(
      'mailcheck: ptr/generic is accepted in the configuration (moves soon), but was not found: delete it there\n',
    );
  });

  const blind: [name: string, more: object, code: number][] = [
    ['unknown is 3', {}, 3],
    ['allowed by name', { allowInconclusive: ['ptr'] }, 0],
    ['another one', { allowInconclusive: ['spf'] }, 3],
    ['all', { allowInconclusive: true }, 0],
    ['none', { allowInconclusive: false }, 3],
    ['never fails', { failOn: 'never' }, 0],
  ];
  test.each(blind)('what could not be checked: %s', async (_name, more, code) => {
    const file = await write(
      'c.yaml',
      JSON.stringify({ only: ['ptr'], dns: ['127.0.0.1:1'], allowPrivate: true, ...more }),
    );
    expect((await typed(['example.com', '203.0.113.5', '--config', file])).code).toBe(code);
  });

  test('files are named from where the configuration is', async () => {
    await write('new.zone', '7.100.51.198.in-addr.arpa. IN PTR mail.example.net.\n');
    const { code } = await withConfig(config({ zones: ['new.zone'], formats: ['json=out.json'] }));
    expect(code).toBe(0);
    const report = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8')) as Report;
    expect(report.verdict).toBe('pass');
  });
});

test.each([
  [['--strict', '--fail-on', 'error'], /--strict and --fail-on error contradict each other/],
  [['--fail-on', 'errors'], /--fail-on: "errors" is not possible\. Type one of: error, warning, never/],
  [['--config', '/no/such/c.yaml'], /--config: cannot read/],
  [['--wait-for', 'ptr'], /--wait-for needs a time limit\. Add --wait 10m$/m],
  [['--wait', 'soon'], /--wait: "soon" is not a time up to 24 h/],
  [['--wait', '25h'], /--wait: "25h" is not a time up to 24 h/],
  [['--wait', '1s', '--fail-on', 'never'], /--wait and --fail-on never contradict each other: nothing fails/],
  [['--wait', '1s', '--wait-for', 'ptr', '--skip', 'ptr'], /--wait-for ptr: --only or --skip excludes this check/],
])('%j is wrong usage', async (args, says) => {
  const { code, stdout, stderr } = await typed(['example.com', '203.0.113.5', ...args]);
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^mailcheck: [^\n]+\n$/);
  expect([code, stdout]).toEqual([2, '']);
});

test('without a domain, and with a configuration without targets', async () => {
  const { code, stderr } = await withConfig({ helo: 'mail.example.com' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/which domain\? .*c\.yaml has no targets\. Type: mailcheck <domain>/);
});

/** Options of the check that are no keys of a configuration, and why. */
const TYPED_ONLY: Readonly<Record<string, string>> = {
  config: 'names the configuration',
  printConfig: 'is about the configuration',
  version: 'checks nothing',
  help: 'checks nothing',
  output: 'formats name their files',
  strict: 'is failOn: warning',
  json: 'is formats: [json]',
  quiet: 'is about one terminal',
  summary: 'is about one terminal',
  full: 'is about one terminal',
  color: 'is about one terminal',
  verbose: 'is about one terminal',
  wait: 'belongs to one deployment that has just changed DNS',
  waitFor: 'belongs to --wait',
  record: 'keeps one run',
  replay: 'reads one run',
  timing: 'is about one run',
  plan: 'is what one run proposes',
};

test('every option of the check is a key of the configuration, or has a reason not to be one', () => {
  const keys = new Map<string, string>([...TARGET_KEYS, ...RUN_KEYS].map(([key, option]) => [option, key]));
  const options = buildProgram().options.map((option) => option.attributeName());
  const left = [...new Set(options)].filter((option) => !keys.has(option) && !Object.hasOwn(TYPED_ONLY, option));
  expect(left).toEqual([]);
  expect([...keys.keys()].filter((option) => !options.includes(option))).toEqual([]);
  expect([...keys.keys()].filter((option) => Object.hasOwn(TYPED_ONLY, option))).toEqual([]);
  const known = Object.keys(configSchema.shape);
  const others = known.filter((key) => !TARGET_KEYS.has(key) && !RUN_KEYS.has(key));
  expect(others).toEqual(['$schema', 'targets', 'severity', 'accept']);
  expect([...TARGET_KEYS.keys()].filter((key) => !Object.hasOwn(targetSchema.shape, key))).toEqual([]);
});
