/** `--baseline`: what is new since an earlier report fails the run, and what got better is told. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import type { Report } from '../../src/report/status.ts';
import type { NameScript } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startWorld, type World } from '../world/world.ts';

const { healthy } = scenes;
const TARGET = ['example.com', '203.0.113.5'];
const REVERSE = '5.113.0.203.in-addr.arpa';
const ONLY = ['--selector', 's1', '--only', 'ptr,dkim,dmarc'];

let world: World;
let folder: string;

beforeAll(async () => {
  world = await startWorld(healthy.world);
});
afterAll(() => world.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-baseline-'));
});
afterEach(() => rm(folder, { recursive: true }));

const NO_PTR: Record<string, NameScript> = { [REVERSE]: 'nxdomain' };
const NO_KEY: Record<string, NameScript> = { 's1._domainkey.example.com': 'nxdomain' };
const SEVERAL_PTR: Record<string, NameScript> = { [REVERSE]: { PTR: ['mail.example.com', 'example.com'] } };
const PTR_FAILS: Record<string, NameScript> = { [REVERSE]: 'servfail' };

function publish(changes: Record<string, NameScript>): void {
  world.dns.rescript({ ...healthy.world.dns, zone: { ...healthy.world.dns.zone, ...changes } });
}

const file = (name = 'before.json'): string => join(folder, name);

async function run(...args: string[]) {
  const finished = await mailcheck([
    ...TARGET,
    ...ONLY,
    '--format',
    `json=${file('now.json')}`,
    '--format',
    'pretty',
    ...world.args,
    ...args,
  ]);
  return finished;
}

/** The reports of zones that were checked, by the changes of the zone. */
const earlier = new Map<string, string>();

/** Writes the report of a zone into the baseline's file. Each zone is checked once for all tests. */
async function keepReportOf(changes: Record<string, NameScript>): Promise<void> {
  const name = JSON.stringify(changes);
  const kept = earlier.get(name);
  if (kept !== undefined) return writeFile(file(), kept);
  publish(changes);
  await mailcheck([...TARGET, ...ONLY, '--format', 'json', '--output', file(), ...world.args]);
  earlier.set(name, await readFile(file(), 'utf8'));
}

/** What is found before, then what is found now with that as baseline. */
async function since(before: Record<string, NameScript>, now: Record<string, NameScript>, ...args: string[]) {
  await keepReportOf(before);
  publish(now);
  const json = await mailcheck([...TARGET, ...ONLY, '--format', 'json', '--baseline', file(), ...world.args, ...args]);
  const report = reportSchema.parse(JSON.parse(json.stdout));
  const marked = report.rules.flatMap(({ findings }) =>
    findings.filter(({ severity }) => severity !== 'info').map(({ code, baseline }) => `${code} ${baseline}`),
  );
  return {
    ...json,
    report,
    marked,
    codes: (list: 'fixed' | 'unknown') => report.baseline?.[list].map(({ code }) => code),
  };
}

const cases: [
  name: string,
  before: Record<string, NameScript>,
  now: Record<string, NameScript>,
  args: string[],
  expected: { code: number; marked: string[]; fixed: string[]; unknown: string[]; verdict: string },
][] = [
  [
    'nothing changed',
    NO_PTR,
    NO_PTR,
    [],
    { code: 0, marked: ['ptr/missing known'], fixed: [], unknown: [], verdict: 'fail' },
  ],
  ['one is new', {}, NO_PTR, [], { code: 1, marked: ['ptr/missing new'], fixed: [], unknown: [], verdict: 'fail' }],
  ['one is gone', NO_PTR, {}, [], { code: 0, marked: [], fixed: ['ptr/missing'], unknown: [], verdict: 'pass' }],
  [
    'a new warning',
    {},
    SEVERAL_PTR,
    [],
    { code: 0, marked: ['ptr/multiple new'], fixed: [], unknown: [], verdict: 'warn' },
  ],
  [
    'a new warning, and warnings fail',
    {},
    SEVERAL_PTR,
    ['--strict'],
    { code: 1, marked: ['ptr/multiple new'], fixed: [], unknown: [], verdict: 'warn' },
  ],
  [
    'an old warning, and warnings fail',
    SEVERAL_PTR,
    SEVERAL_PTR,
    ['--strict'],
    { code: 0, marked: ['ptr/multiple known'], fixed: [], unknown: [], verdict: 'warn' },
  ],
  [
    'what cannot be seen now is no better',
    NO_PTR,
    PTR_FAILS,
    [],
    { code: 3, marked: ['ptr/inconclusive new'], fixed: [], unknown: ['ptr/missing'], verdict: 'inconclusive' },
  ],
  [
    'what is not looked for is unknown',
    NO_PTR,
    {},
    ['--skip', 'ptr'],
    { code: 0, marked: [], fixed: [], unknown: ['ptr/missing'], verdict: 'pass' },
  ],
  [
    'what could not be seen then and is right now',
    PTR_FAILS,
    {},
    [],
    { code: 0, marked: [], fixed: ['ptr/inconclusive'], unknown: [], verdict: 'pass' },
  ],
  [
    'known errors do not hide what is unknown',
    { ...NO_KEY, ...NO_PTR },
    { ...NO_KEY, ...PTR_FAILS },
    [],
    {
      code: 3,
      marked: ['ptr/inconclusive new', 'dkim/selector-missing known', 'dmarc/enforce-without-dkim known'],
      fixed: [],
      unknown: ['ptr/missing'],
      verdict: 'fail',
    },
  ],
];

test.each(cases)('%s', async (_name, before, now, args, expected) => {
  const { code, report, marked, codes } = await since(before, now, ...args);
  expect({ code, marked, fixed: codes('fixed'), unknown: codes('unknown'), verdict: report.verdict }).toEqual(expected);
});

describe('the same finding', () => {
  const config = async (severity: string): Promise<string[]> => {
    const path = file('c.json');
    await writeFile(path, JSON.stringify({ severity: { 'ptr/multiple': severity } }));
    return ['--config', path];
  };

  test('that became more severe is new', async () => {
    const { code, marked } = await since(SEVERAL_PTR, SEVERAL_PTR, ...(await config('error')));
    expect({ code, marked }).toEqual({ code: 1, marked: ['ptr/multiple new'] });
  });

  test('that was accepted, and is not any more, is new', async () => {
    const accepting = (until: string) =>
      writeFile(file('c.json'), JSON.stringify({ accept: [{ code: 'ptr/missing', reason: 'r', until }] }));
    publish(NO_PTR);
    const args = [...TARGET, ...ONLY, '--config', file('c.json'), ...world.args];
    await accepting('2999-12-31');
    const before = await mailcheck([...args, '--format', `json=${file()}`]);
    await accepting('2020-12-31');
    const after = await mailcheck([...args, '--baseline', file()]);
    expect([before.code, after.code]).toEqual([0, 1]);
    expect(after.stdout).toContain('new since the baseline');
  });

  test('about an address that is not tested any more is not fixed', async () => {
    publish(NO_PTR);
    await mailcheck([...TARGET, '--only', 'ptr', '--format', `json=${file()}`, ...world.args]);
    publish({ '6.113.0.203.in-addr.arpa': { PTR: ['m6.example.com'] }, 'm6.example.com': { A: ['203.0.113.6'] } });
    const { stdout } = await mailcheck([
      'example.com',
      '203.0.113.6',
      '--only',
      'ptr',
      '--format',
      'json',
      '--baseline',
      file(),
      ...world.args,
    ]);
    const { baseline } = JSON.parse(stdout) as Report;
    expect([baseline?.fixed, baseline?.unknown.map(({ code }) => code)]).toEqual([[], ['ptr/missing']]);
  });
});

test('a terminal shows what is fixed, what was not seen, and what is new', async () => {
  publish({ ...NO_PTR, '_dmarc.example.com': 'nxdomain' });
  await mailcheck([...TARGET, ...ONLY, '--format', `json=${file()}`, ...world.args]);
  publish({ ...NO_KEY, ...PTR_FAILS });
  const { code, stdout } = await run('--full', '--baseline', file());
  expect(code).toBe(1);
  const told = stdout.slice(stdout.indexOf('Since the baseline of '));
  expect(told).toMatch(/^Since the baseline of \d{4}-\d\d-\d\d \(.*before\.json\)\n/);
  expect(told).toContain('  ✔ fixed    The domain has no DMARC record (dmarc/missing, _dmarc.example.com)\n');
  expect(told).toContain('  ? not seen The address has no PTR record (ptr/missing, 203.0.113.5)\n');
  expect(told).toContain('3 new, 0 as before.');
  const words = stdout.replace(/\s+/g, ' ');
  expect(words).toContain('(dkim/selector-missing, step 1, new since the baseline)');
  expect(words).toContain('(dmarc/enforce-without-dkim, step 2, new since the baseline)');
});

test('the reports of several targets', async () => {
  const path = file('c.json');
  const targets = [
    { domain: 'example.com', ips: ['203.0.113.5'] },
    { domain: 'example.net', ips: ['198.51.100.7'] },
  ];
  await writeFile(path, JSON.stringify({ targets, only: ['ptr'] }));
  publish(NO_PTR);
  const before = await mailcheck(['--config', path, '--format', `json=${file()}`, ...world.args]);
  const after = await mailcheck(['--config', path, '--baseline', file(), ...world.args]);
  const alone = await mailcheck(['example.net', '--config', path, '--baseline', file(), ...world.args]);
  expect([before.code, after.code, alone.code]).toEqual([1, 0, 0]);
});

test('a report that an earlier mailcheck wrote, without a part that is not compared', async () => {
  publish(NO_PTR);
  await keepReportOf(NO_PTR);
  const { provider: _, advice: __, receivers: ___, ...compared } = JSON.parse(await readFile(file(), 'utf8')) as Report;
  await writeFile(file(), JSON.stringify(compared));
  const alone = await run('--baseline', file());
  expect([alone.code, alone.stderr]).toEqual([0, '']);
  await writeFile(file(), JSON.stringify({ ...compared, reports: [compared] }));
  const ofSeveral = await run('--baseline', file());
  expect([ofSeveral.code, ofSeveral.stderr]).toEqual([0, '']);
});

const wrong: [name: string, change: (report: Report) => unknown, says: RegExp][] = [
  ['no report', () => ({ hello: 1 }), /is not a report\. Type the file of an earlier run/],
  ['no JSON', () => undefined, /is not a report/],
  [
    'another version',
    (report) => ({ ...report, schemaVersion: 99 }),
    /has schema version 99, and this mailcheck reads 2/,
  ],
  ['half a report', ({ rules: _, ...rest }) => rest, /is not a whole report: rules: /],
  [
    'another domain',
    (report) => ({ ...report, target: { ...report.target, domain: 'example.org' } }),
    /is a report of example\.org, and holds nothing on example\.com/,
  ],
];

test.each(wrong)('%s as baseline: one line, exit 2, and nothing is asked', async (_name, change, says) => {
  await keepReportOf({});
  publish({});
  await writeFile(file(), JSON.stringify(change(JSON.parse(await readFile(file(), 'utf8')))) ?? 'no JSON');
  const asked = world.dns.asked.length;
  const { code, stdout, stderr } = await mailcheck([...TARGET, '--baseline', file(), ...world.args]);
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^mailcheck: --baseline: [^\n]+\n$/);
  expect([code, stdout, world.dns.asked.length]).toEqual([2, '', asked]);
});
