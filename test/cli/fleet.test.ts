/** `mailcheck fleet` as it is typed: what it prints, how it ends, and how it goes on after an interruption. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailcheck, reversed, startMailcheck, startWorld, type World } from '../world/world.ts';

const TARGETS = 30;
const ipOf = (index: number): string => `198.51.100.${index + 1}`;
const zone = Object.fromEntries(
  Array.from({ length: TARGETS }, (_, index) => [
    [`h${index}.example.com`, { A: [ipOf(index)] }] as const,
    // Every tenth host has no PTR record.
    ...(index % 10 === 3
      ? []
      : [[`${reversed(ipOf(index))}.in-addr.arpa`, { PTR: [`h${index}.example.com`] }] as const]),
  ]).flat(),
);

let world: World;
let folder = '';
beforeAll(async () => {
  world = await startWorld({ dns: { zone } });
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-fleet-'));
  const rows = Array.from(
    { length: TARGETS },
    (_, index) => `h${index}.example.com,${ipOf(index)},${index % 2 ? 'odd' : 'even'}`,
  );
  await writeFile(join(folder, 'hosts.csv'), `domain,ips,tags\n${rows.join('\n')}\n`);
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const args = (...more: string[]): string[] => [
  'fleet',
  join(folder, 'hosts.csv'),
  '--only',
  'ptr',
  ...more,
  ...world.args,
];
/** Tells whether a line tells the progress, which it does every ten seconds. */
const isProgress = (line: string): boolean => /^mailcheck: \d+(?:\/\d+)?(?: · .*)?$/.test(line);
const linesOf = (text: string): string[] => text.trimEnd().split('\n');

test('a line for each target, then the totals and the causes', async () => {
  const csv = join(folder, 'out.csv');
  const reports = join(folder, 'out.ndjson');
  const pages = join(folder, 'new/pages');
  const { code, stdout, stderr } = await mailcheck(
    args('--quiet', '-f', 'list', '-f', `csv=${csv}`, '-f', `ndjson=${reports}`, '-f', `html=${pages}/`),
  );
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const lines = linesOf(stdout);
  expect(lines.filter((line) => line.startsWith('✔ pass'))).toHaveLength(27);
  expect(lines).toContain('✖ FAIL     h3.example.com 198.51.100.4  The address has no PTR record (ptr/missing)');
  expect(lines.at(-3)).toMatch(/^30 targets in \d+ s: 3 FAIL, 27 pass$/);
  expect(lines.at(-1)).toMatch(
    /^ {2}✖ ptr\/missing {2}3 targets: h\d+\.example\.com, h\d+\.example\.com, h\d+\.example\.com {2}The address/,
  );
  const rows = linesOf(await readFile(csv, 'utf8'));
  expect(rows).toHaveLength(31);
  expect(rows.some((row) => row.startsWith('h3.example.com,198.51.100.4,fail,1,ptr/missing,,,odd,,'))).toBe(true);
  const entries = linesOf(await readFile(reports, 'utf8')).map((line) => JSON.parse(line));
  expect(new Set(entries.map(({ report }) => report.target.domain)).size).toBe(TARGETS);
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  // The overview links to the page of each target, and nothing else is in the folder.
  const overview = await readFile(join(pages, 'index.html'), 'utf8');
  expect(overview).toMatch(/^<!doctype html>[\s\S]*<title>FAIL: 30 targets [\s\S]*<\/html>\n$/);
  const links = [...overview.matchAll(/<a href="(h\d+-[^"]*\.html)">/g)].map(([, name]) => name);
  expect((await readdir(pages)).sort()).toEqual(['index.html', ...links].sort());
  expect(links).toHaveLength(TARGETS);
  const page = links.find((name) => name?.startsWith('h3-')) ?? '';
  expect(await readFile(join(pages, page), 'utf8')).toMatch(/<a [^>]*href="index\.html"[\s\S]*ptr\/missing/);
});

test('a plugin prints one line, also if what is remembered cannot be kept', async () => {
  const state = join(folder, 'plugin');
  const given = ['fleet', '-', '--only', 'ptr', '--quiet', '-f', 'nagios', '--state', state, ...world.args];
  const input = 'h3.example.com 198.51.100.4\n';
  const found = await mailcheck(given, { input });
  expect(found).toMatchObject({ code: 2, stderr: '' });
  expect(found.stdout).toMatch(/^MAILCHECK CRITICAL - 1 target: 1 fail; ptr\/missing \(1\)\|targets=1;[^\n]*\n$/);
  await mkdir(join(state, 'history.last.ndjson'));
  const failed = await mailcheck(given, { input });
  expect(failed.code).toBe(3);
  expect(failed.stdout).toMatch(/^MAILCHECK UNKNOWN - cannot write [^\n]*\n$/);
});

test('wrong lines, repeated lines, tags, and only what failed', async () => {
  const input = `domain,ips,tags\nh3.example.com,198.51.100.4,a\nh3.example.com,198.51.100.4,a\n=cmd|x!A1,,a\nh4.example.com,198.51.100.5,b\nh5.example.com,198.51.100.6,a\n`;
  const given = ['fleet', '-', '--only', 'ptr', ...world.args];
  const found = await mailcheck([...given, '--tags', 'a', '--failed-only', '-f', 'csv'], { input });
  expect(found.code).toBe(2);
  expect(linesOf(found.stdout).slice(1)).toEqual([
    'h3.example.com,198.51.100.4,fail,1,ptr/missing,,,a,,stdin:2\r'.trim(),
  ]);
  expect(linesOf(found.stderr).filter((line) => !isProgress(line))).toEqual([
    'mailcheck: stdin:4: "=cmd|x!A1" is not a domain name such as example.com',
    expect.stringMatching(/^mailcheck: 2 targets in \d+ s: 1 FAIL, 1 pass$/),
    'mailcheck: Repeated lines, judged once: 1',
    'mailcheck: Lines that name no target: 1',
  ]);
  const strict = await mailcheck([...given, '--strict-input'], { input: 'domain\nnothing\nh4.example.com\n' });
  expect(strict).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'mailcheck: stdin:2: "nothing" is not a domain name such as example.com\n',
  });
  for (const [text, error] of [
    ['\n', /names no target\. Give one a line/],
    ['nothing\n', /no line of the input names a target/],
  ] as const) {
    const { code, stderr } = await mailcheck(given, { input: text });
    expect(code).toBe(2);
    expect(linesOf(stderr).at(-1)).toMatch(error);
  }
});

test('a run that judged nothing leaves lists of targets as they are, and says how many were not judged', async () => {
  const dead = await startWorld({ dns: { zone: {}, fault: 'refused' } });
  const csv = join(folder, 'kept.csv');
  const reports = join(folder, 'kept.ndjson');
  const metrics = join(folder, 'kept.prom');
  const pages = join(folder, 'kept');
  const places = ['-f', `csv=${csv}`, '-f', `ndjson=${reports}`, '-f', `prometheus=${metrics}`, '-f', `html=${pages}`];
  try {
    expect((await mailcheck(args('--quiet', ...places))).code).toBe(1);
    const files = [csv, reports, join(pages, 'index.html')];
    const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const given = ['fleet', join(folder, 'hosts.csv'), '--only', 'ptr', '--quiet', ...places];
    const broken = await mailcheck([...given, '--baseline', reports, '-f', 'nagios', ...dead.args]);
    expect(broken.code).toBe(3);
    expect(broken.stdout).toMatch(
      /^MAILCHECK UNKNOWN - 0 targets; the run ended early, 30 not judged \(the DNS resolver /,
    );
    expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(before);
    expect(await readFile(metrics, 'utf8')).toMatch(
      /^mailcheck_run_complete 0$[\s\S]*^mailcheck_targets_not_judged 30$/m,
    );
    const names = [...(await readdir(folder)), ...(await readdir(pages))];
    expect(names.filter((name) => /\.tmp$/.test(name))).toEqual([]);
    expect((await mailcheck(args('--quiet', ...places, '--baseline', reports))).code).toBe(0);
  } finally {
    await dead.close();
  }
});

test('a run that cannot go on ends with 3, whatever was judged before', async () => {
  const dead = await startWorld({ dns: { zone: {}, fault: 'refused' } });
  const slow = await startWorld({ dns: { zone, delayMs: 50 } });
  const state = join(folder, 'broken-off');
  const given = ['fleet', join(folder, 'hosts.csv'), '--only', 'ptr', '--state', state, '--concurrency', '1'];
  try {
    const first = startMailcheck([...given, ...slow.args]);
    let stdout = '';
    first.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (stdout.includes('FAIL')) first.kill('SIGINT');
    });
    expect(await new Promise((resolve) => first.on('close', resolve))).toBe(130);
    const broken = await mailcheck([...given, ...dead.args]);
    expect(broken.code).toBe(3);
    expect(broken.stderr).toMatch(/refuses to answer, so nothing can be judged/);
  } finally {
    await Promise.all([dead.close(), slow.close()]);
  }
});

test('a resolver that is away for some seconds leaves no target unknown', async () => {
  const script = { zone, delayMs: 20 };
  const shaky = await startWorld({ dns: script });
  try {
    const run = startMailcheck(['fleet', join(folder, 'hosts.csv'), '--only', 'ptr', '--quiet', ...shaky.args]);
    let stdout = '';
    run.stdout.on('data', (chunk) => {
      if (stdout === '') {
        shaky.dns.rescript({ ...script, fault: 'timeout' });
        setTimeout(() => shaky.dns.rescript(script), 8000);
      }
      stdout += chunk;
    });
    expect(await new Promise((resolve) => run.on('close', resolve))).toBe(1);
    expect(linesOf(stdout).filter((line) => line.startsWith('✔ pass'))).toHaveLength(27);
    expect(stdout).toMatch(/^30 targets in \d+ s: 3 FAIL, 27 pass$/m);
  } finally {
    await shaky.close();
  }
});

test('what a run reads is not overwritten', async () => {
  const hosts = join(folder, 'hosts.csv');
  const before = await readFile(hosts, 'utf8');
  const settings = join(folder, 'mailcheck.config.yaml');
  await writeFile(settings, 'failOn: warning\n');
  const baseline = join(folder, 'baseline.ndjson');
  expect((await mailcheck(args('--quiet', '-f', `ndjson=${baseline}`))).code).toBe(1);
  for (const [given, error] of [
    [
      ['-f', `csv=${join(folder, '.', 'hosts.csv')}`],
      /hosts\.csv would overwrite the list of targets\. Name another file$/,
    ],
    [['--config', settings, '-f', `list=${settings}`], /would overwrite the configuration\. Name another file$/],
    [
      ['--failed-only', '--baseline', baseline, '-f', `ndjson=${baseline}`],
      /with --failed-only, .*baseline\.ndjson would lack targets and be no baseline any more/,
    ],
  ] as const) {
    const { code, stderr } = await mailcheck(args(...given));
    expect(code).toBe(2);
    expect(stderr.trim()).toMatch(error);
  }
  expect(await readFile(hosts, 'utf8')).toBe(before);
});

test('a killed and an interrupted run go on, and each target has one report', async () => {
  const state = join(folder, 'state');
  const csv = join(folder, 'resumed.csv');
  const slow = await startWorld({ dns: { zone, delayMs: 30 } });
  const journal = join(state, 'reports.ndjson');
  const kept = async (): Promise<number> => (await readFile(journal, 'utf8').catch(() => '')).split('\n').length - 1;
  const given = ['fleet', join(folder, 'hosts.csv'), '--only', 'ptr', '--state', state, '--concurrency', '2'];
  const untilKept = async (most: number): Promise<void> => {
    while ((await kept()) < most) await new Promise(setImmediate);
  };
  try {
    const killed = startMailcheck([...given, ...slow.args]);
    await untilKept(3);
    killed.kill('SIGKILL');
    await new Promise((resolve) => killed.on('close', resolve));
    const before = await kept();
    expect(before).toBeLessThan(TARGETS);

    const ended = startMailcheck([...given, '-f', `csv=${csv}`, ...slow.args]);
    let stderr = '';
    ended.stderr.on('data', (chunk) => (stderr += chunk));
    await untilKept(before + 2);
    ended.kill('SIGINT');
    expect(await new Promise((resolve) => ended.on('close', resolve))).toBe(130);
    expect(stderr).toMatch(/^mailcheck: \d+ of 30 judged; the same command goes on$/m);
    const judged = await kept();
    expect(judged).toBeLessThan(TARGETS);
    // The file has what was judged so far, besides its header.
    expect(linesOf(await readFile(csv, 'utf8'))).toHaveLength(judged + 1);
    const asked = slow.dns.asked.length;

    const last = await mailcheck([...given, '-f', `csv=${csv}`, ...slow.args]);
    expect(last.code).toBe(1);
    expect(last.stderr).toContain(`mailcheck: Judged before the run was interrupted: ${judged}\n`);
    const domains = linesOf(await readFile(csv, 'utf8'))
      .slice(1)
      .map((row) => row.split(',')[0]);
    expect(domains).toHaveLength(TARGETS);
    expect(new Set(domains).size).toBe(TARGETS);
    const names = new Set(slow.dns.asked.slice(asked).map(({ name }) => name));
    expect([...names].filter((name) => /^\d+\.100\.51\.198\.in-addr\.arpa$/.test(name)).length).toBe(TARGETS - judged);

    // The run is one although its input is another now.
    const { runId } = JSON.parse(await readFile(join(state, 'run.json'), 'utf8'));
    const shorter = join(folder, 'shorter.csv');
    await writeFile(shorter, 'domain,ips\nh1.example.com,198.51.100.2\n');
    const again = [...given.with(1, shorter), '--run-id', runId, ...slow.args];
    expect((await mailcheck(again)).stdout).toContain(`\nOf these, no longer in the input: ${TARGETS - 1}\n`);
  } finally {
    await slow.close();
  }
});
