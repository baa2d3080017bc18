/** The GitHub action, run as a workflow runs it, against the test world. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { isLong, sample } from '../sample.ts';
import { scenes } from '../world/scenes.ts';
import { startWorld, type World } from '../world/world.ts';
import { action, actionFolder, runAction } from './step.ts';

let healthy: World;
let fresh: World;
beforeAll(async () => {
  [healthy, fresh] = await Promise.all([startWorld(scenes.healthy.world), startWorld(scenes.fresh.world)]);
});
afterAll(() => Promise.all([healthy.close(), fresh.close()]));

/** Into a world, and fast: the checks that take a connection are the business of other tests. */
const within = (world: World, only = 'ptr,spf,dmarc'): string => [...world.args, '--only', only].join('\n');

const reportOf = (file: string) => reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

describe('action.yml', () => {
  test('puts no expression into a script: inputs reach it as variables', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run, env, shell } of action.runs.steps) {
      expect(run).not.toContain('${'.concat('{'));
      expect(shell).toBe('bash --noprofile --norc -p -eo pipefail {0}');
      for (const value of Object.values(env)) expect(value).toMatch(/^\$\{\{ inputs\.[a-z-]+ \}\}$/);
    }
    expect(readFileSync(join(actionFolder, 'run.sh'), 'utf8')).not.toMatch(/\beval\b|\$\{\{/);
  });

  test('hands every input to the script, which reads no other', () => {
    const [step] = action.runs.steps;
    const used = Object.values(step?.env ?? {}).concat(step?.['working-directory'] ?? '');
    expect(used.map((value) => /inputs\.([a-z-]+)/.exec(value)?.[1]).sort()).toEqual(Object.keys(action.inputs).sort());
    const script = readFileSync(join(actionFolder, 'run.sh'), 'utf8');
    expect([...new Set(script.match(/INPUT_[A-Z_]+/g))].sort()).toEqual(Object.keys(step?.env ?? {}).sort());
    for (const { description } of Object.values({ ...action.inputs, ...action.outputs }))
      expect(description).not.toBe('');
  });

  test('runs the checkout that holds it unless a version is named, and its script is sound', () => {
    expect(action.inputs.version?.default).toBe('');
    execFileSync('bash', ['-n', join(actionFolder, 'run.sh')]);
  });
});

describe('a run', () => {
  test('that finds nothing passes, and hands over verdict and reports', async () => {
    const inputs = {
      domain: 'example.com',
      ips: '203.0.113.5',
      helo: 'mail.example.com',
      selectors: 's1',
      formats: 'junit, sarif markdown\nhtml json',
      args: within(healthy, 'ptr,spf,dmarc,helo'),
    };
    await runAction(inputs, ({ code, stdout, stderr, outputs, summary }) => {
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(outputs).toMatchObject({ verdict: 'pass', 'exit-code': '0' });
      const report = reportOf(outputs.report ?? '');
      expect(report.target).toMatchObject({
        domain: 'example.com',
        ips: ['203.0.113.5'],
        helo: [{ name: 'mail.example.com' }],
        selectors: ['s1'],
      });
      expect(readdirSync(outputs['report-dir'] ?? '').sort()).toEqual([
        'mailcheck.html',
        'mailcheck.json',
        'mailcheck.junit.xml',
        'mailcheck.md',
        'mailcheck.sarif',
      ]);
      expect(JSON.parse(readFileSync(outputs.sarif ?? '', 'utf8'))).toMatchObject({ version: '2.1.0' });
      expect(stdout).toContain('mailcheck example.com 203.0.113.5');
      expect(summary).toContain('example.com');
    });
  });

  // Nothing listens on this port.
  const silent = ['--dns', '127.0.0.1:1', '--only', 'ptr', '--timeout', '5'].join('\n');

  const codes: [name: string, inputs: Record<string, string>, code: number, verdict: string][] = [
    ['a failure', { ips: '198.51.100.7' }, 1, 'fail'],
    ['a failure that is let pass', { ips: '198.51.100.7', 'fail-on': 'never' }, 0, 'fail'],
    ['a warning', { ips: '198.51.100.7', only: 'dmarc' }, 0, 'warn'],
    ['a warning that fails', { ips: '198.51.100.7', only: 'dmarc', 'fail-on': 'warning' }, 1, 'warn'],
    ['a wrong severity', { ips: '198.51.100.7', 'fail-on': 'info' }, 2, ''],
    ['a wrong address', { ips: '198.51.100' }, 2, ''],
    ['an unknown format', { ips: '198.51.100.7', formats: 'pdf' }, 2, ''],
    ['a zone file that is not there', { ips: '198.51.100.7', zone: 'no/such.zone' }, 2, ''],
    ['neither a domain nor a configuration', { domain: '', ips: '' }, 2, ''],
    ['a configuration that is not there', { ips: '198.51.100.7', config: 'no/such.json' }, 2, ''],
    ['a folder without a build', { ips: '198.51.100.7', path: '/no/such/folder' }, 2, ''],
    ['a version that is a range', { ips: '198.51.100.7', path: '', version: 'latest || 1' }, 2, ''],
    ['a check that cannot be made', { ips: '198.51.100.7', args: silent }, 3, 'inconclusive'],
    [
      'the same, allowed',
      { ips: '198.51.100.7', args: silent, 'allow-inconclusive': 'ptr,receiver' },
      0,
      'inconclusive',
    ],
    ['the same, all allowed', { ips: '198.51.100.7', args: silent, 'allow-inconclusive': 'all' }, 0, 'inconclusive'],
  ];
  test.each(sample(codes, 7))(
    'with %s ends as mailcheck does, after its outputs',
    async (_name, { only, ...inputs }, code, verdict) => {
      const given = { domain: 'example.net', args: within(fresh, only), ...inputs };
      await runAction(given, (result) => {
        expect([result.code, result.outputs['exit-code'], result.outputs.verdict ?? '']).toEqual([
          code,
          String(code),
          verdict,
        ]);
        expect(existsSync(result.outputs.report ?? '')).toBe(verdict !== '');
        if (verdict === '') expect(result.stderr).toMatch(/^mailcheck: [^\n]+\n$/);
      });
    },
  );

  test('reads a configuration file that is named', async () => {
    const config = 'targets:\n  - domain: example.com\n    ips: [203.0.113.5]\n    selectors: [s1]\n';
    const inputs = { config: 'mail.yaml', args: within(healthy, 'spf') };
    await runAction(
      inputs,
      ({ stderr, outputs }) => {
        expect(stderr).toBe('');
        expect(outputs).toMatchObject({ verdict: 'pass', 'exit-code': '0' });
      },
      { 'mail.yaml': config },
    );
  });

  test('takes several addresses however they are separated, a zone file, and a folder for its reports', async () => {
    const inputs = {
      domain: 'example.com',
      ips: '203.0.113.5, 203.0.113.6\n2001:db8::5',
      selectors: 's1 s2,s3',
      zone: 'new records.zone\n',
      'output-dir': 'out/mail reports',
      args: within(healthy, 'spf'),
    };
    const zone = 'example.com. 300 IN TXT "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::5 -all"\n';
    await runAction(
      inputs,
      ({ code, stderr, outputs, runner }) => {
        expect(stderr).toBe('');
        expect(code).toBe(0);
        expect(outputs.report).toBe(join(runner, 'workspace/out/mail reports/mailcheck.json'));
        expect(reportOf(outputs.report ?? '').target).toMatchObject({
          ips: ['203.0.113.5', '203.0.113.6', '2001:db8::5'],
          selectors: ['s1', 's2', 's3'],
        });
      },
      { 'new records.zone': zone },
    );
  });
});

describe('what an input may hold', () => {
  const evil = [
    "'\"; touch pwned; $(touch pwned) `touch pwned` '",
    'example.com\ntouch pwned\nverdict=pass\nEOF\nverdict=pass',
    '--help',
    '--output=pwned',
    '::set-output name=verdict::pass',
    '*',
    'providers',
  ];
  // A HELO name or selector of one word is a finding where it is wrong, and no wrong usage.
  const free = ['helo', 'selectors'];
  /** The inputs of an installation. */
  const installed = ['version', 'integrity', 'registry'];
  const others = ['domain', 'ips', 'zone', 'fail-on', 'allow-inconclusive', 'formats', 'config'];
  const fields = [...free, ...others, ...installed];

  /** @returns the inputs that a text is tried in: a third of them, and over all texts each input twice at least. */
  const fieldsOf = (text: string): readonly string[] =>
    fields.filter((_, index) => isLong || (index + evil.indexOf(text)) % 3 === 0);

  test('each input has two texts at least', () => {
    const tried = evil.flatMap(fieldsOf);
    expect(fields.filter((field) => tried.filter((one) => one === field).length < 2)).toEqual([]);
  });

  test.each(sample(evil, 2))(
    '%j in an input does nothing, and is refused where it cannot be meant',
    async (text) => {
      const results = await Promise.all(
        fieldsOf(text).map((field) => {
          const inputs: Record<string, string> = { domain: 'example.com', ips: '203.0.113.5', args: within(healthy) };
          const own: Record<string, string> = installed.includes(field) ? { path: '' } : {};
          return runAction({ ...inputs, [field]: text, ...own }, ({ code, stdout, outputs, runner }) => {
            expect(Object.keys(outputs).filter((name) => !(name in action.outputs))).toEqual([]);
            expect(outputs['exit-code']).toBe(String(code));
            expect(stdout).not.toMatch(/^::set-output/m);
            expect(readdirSync(join(runner, 'workspace'))).toEqual([]);
            return { field, code, verdict: outputs.verdict ?? '' };
          });
        }),
      );
      const refused = results.filter(({ field }) => !free.includes(field));
      expect(refused.filter(({ code, verdict }) => code !== 2 || verdict !== '')).toEqual([]);
    },
    120_000,
  );
});
