/**
 * Runs `npm run bench:fleet`: what a target costs alone and in a fleet, the memory of fleets of different sizes, how many
 * workers are worth it, and how often a block list is asked. README.md explains the method.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLists } from '../src/knowledge/lists/catalogue.ts';
import { DEFAULT_LIST_RATE } from '../src/knowledge/lists/rates.ts';
import { domainOf, type GeneratedTargets, startGenerated } from '../test/lab/generated-zones.ts';
import { startRedis, whyNoRedis } from '../test/lab/redis.ts';
import { startDns } from '../test/world/dns.ts';
import { scenes } from '../test/world/scenes.ts';
import { defaultListZones, startWorld } from '../test/world/world.ts';
import { isMissed, median, type Row, rowTable } from './table.ts';

const cli = process.env.MAILCHECK_CLI ?? 'dist/cli.js';

/** A tenth of the targets, for a look at the benchmark itself: MAILCHECK_BENCH=small. */
const SHARE = process.env.MAILCHECK_BENCH === 'small' ? 10 : 1;
const ALONE = 20;
const TARGETS = 2000 / SHARE;
const SIZES = [1000, 10_000, 100_000].map((size) => size / SHARE);
const FULL = 100 / SHARE;
const WORKERS = [1, 2, 4] as const;
const WORKER_TARGETS = 2000 / SHARE;
const LIST_TARGETS = 300 / SHARE;

const MIB = 1024 * 1024;
const MOST_MIB = 250;
const SECOND_MS = 1000;

/** What a process took. */
interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

const directory = mkdtempSync(join(tmpdir(), 'mailcheck-bench-fleet-'));
const hook = join(directory, 'usage.mjs');
// maxRSS is in KiB (getrusage(2)). The command line ends by process.exit, which still calls this handler.
writeFileSync(
  hook,
  String.raw`process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    process.stderr.write('\nusage ' + (userCPUTime + systemCPUTime) / 1000 + ' ' + maxRSS * 1024 + '\n');
  });`,
);

/** Runs the command line to its end. Throws where it ends with another code than 0 or 1. */
async function measured(args: readonly string[]): Promise<Usage> {
  const before = performance.now();
  const child = spawn(process.execPath, ['--import', hook, cli, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const [, cpuMs, peakBytes] = /^usage ([\d.]+) (\d+)$/m.exec(stderr) ?? [];
  if ((code !== 0 && code !== 1) || cpuMs === undefined) throw new Error(`${args.join(' ')}: ${code}\n${stderr}`);
  return { wallMs: performance.now() - before, cpuMs: Number(cpuMs), peakBytes: Number(peakBytes) };
}

const FEW_RULES = ['--dns-only', '--only', 'spf,dmarc'];
const placeOf = (server: string): string[] => ['--dns', server, '--allow-private', '--vantage', 'outside'];

/** The same targets, each in a process of its own and all in a fleet. */
async function costRows({ server, file }: GeneratedTargets): Promise<Row[]> {
  const alone: number[] = [];
  for (let index = 0; index < ALONE; index += 1) {
    const target = [domainOf(index), `198.51.100.${index}`, '--selector', 's1'];
    alone.push((await measured([...target, ...placeOf(server), ...FEW_RULES])).cpuMs);
  }
  const fleet = await measured(['fleet', file, ...placeOf(server), ...FEW_RULES, '--quiet']);
  const own = fleet.cpuMs / TARGETS;
  return [
    {
      what: 'fleet, SPF and DMARC: CPU for a target',
      own: `${own.toFixed(1)} ms`,
      other: `${median(alone).toFixed(0)} ms`,
      against: 'a process for each target',
      ratio: own / median(alone),
    },
    {
      what: 'fleet, SPF and DMARC: targets a second',
      own: `${((TARGETS / fleet.wallMs) * SECOND_MS).toFixed(0)}/s`,
      other: `${((ALONE / alone.reduce((sum, one) => sum + one, 0)) * SECOND_MS).toFixed(1)}/s`,
      against: 'a process for each target, by its CPU',
      ratio: ((TARGETS / fleet.wallMs) * alone.reduce((sum, one) => sum + one, 0)) / ALONE,
    },
  ];
}

/** The peak of a fleet with a state, for each size. */
async function memoryOf(size: number): Promise<Row> {
  const folder = join(directory, `memory-${size}`);
  mkdirSync(folder);
  const generated = await startGenerated(size, folder);
  try {
    const state = ['--state', join(folder, 'state')];
    const run = ['fleet', generated.file, ...placeOf(generated.server), ...FEW_RULES, '--quiet', ...state];
    const { peakBytes, wallMs } = await measured(run);
    return {
      what: `fleet: peak of ${size} targets`,
      own: `${(peakBytes / MIB).toFixed(0)} MiB`,
      other: `${MOST_MIB} MiB`,
      against: `target; ${((size / wallMs) * SECOND_MS).toFixed(0)} targets/s`,
      ratio: peakBytes / MIB / MOST_MIB,
      atMost: 1,
    };
  } finally {
    await generated.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All checks of one host, again and again: each target has another selector, so that it is another target. */
async function fullRow(): Promise<Row> {
  const world = await startWorld(scenes.healthy.world);
  try {
    const file = join(directory, 'full.csv');
    const line = (index: number): string => `example.com,203.0.113.5,mail.example.com,s1 x${index}`;
    const lines = Array.from({ length: FULL }, (_, index) => line(index));
    writeFileSync(file, `${['domain,ips,helo,selectors', ...lines].join('\n')}\n`);
    const alone = await measured([...scenes.healthy.args, ...world.args]);
    const fleet = await measured(['fleet', file, ...world.args, '--quiet']);
    return {
      what: 'fleet, all checks of one host: CPU for a target',
      own: `${(fleet.cpuMs / FULL).toFixed(0)} ms`,
      other: `${alone.cpuMs.toFixed(0)} ms`,
      against: `a process of its own; ${((FULL / fleet.wallMs) * SECOND_MS).toFixed(1)} targets/s`,
      ratio: fleet.cpuMs / FULL / alone.cpuMs,
    };
  } finally {
    await world.close();
  }
}

/** The same targets over a queue, with so many workers. */
async function workerRows(): Promise<Row[]> {
  const why = whyNoRedis();
  if (why !== null) {
    process.stderr.write(`Workers are not measured: ${why}\n`);
    return [];
  }
  const folder = join(directory, 'workers');
  mkdirSync(folder);
  const generated = await startGenerated(WORKER_TARGETS, folder);
  const seconds: number[] = [];
  try {
    for (const count of WORKERS) {
      const redis = await startRedis();
      const workers = Array.from({ length: count }, () => startWorker(redis.address, generated.server));
      try {
        const run = ['fleet', generated.file, '--queue', redis.address, '--allow-private', ...FEW_RULES, '--quiet'];
        seconds.push((await measured(run)).wallMs / SECOND_MS);
      } finally {
        await Promise.all(workers.map(ended));
        await redis.close();
      }
    }
  } finally {
    await generated.stop();
  }
  const [one = Number.NaN, ...others] = seconds;
  const rate = (value: number): string => `${(WORKER_TARGETS / value).toFixed(0)}/s`;
  return others.map((value, index) => ({
    what: `fleet over a queue: targets a second with ${WORKERS[index + 1]} workers`,
    own: rate(value),
    other: rate(one),
    against: 'one worker',
    ratio: one / value,
  }));
}

function startWorker(queue: string, server: string): ChildProcess {
  return spawn(process.execPath, [cli, 'worker', '--queue', queue, ...placeOf(server), '--quiet'], { stdio: 'ignore' });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** The questions that one list gets in the second in which it gets the most. */
async function listRow(): Promise<Row> {
  const zone = defaultLists().find((list) => list.zone === 'zen.spamhaus.org')?.zone ?? '';
  const perSecond = new Map<number, number>();
  const dns = await startDns({ zone: defaultListZones() });
  try {
    const file = join(directory, 'lists.csv');
    const lines = Array.from({ length: LIST_TARGETS }, (_, index) => `example.com,198.51.${index >> 8}.${index % 256}`);
    writeFileSync(file, `${['domain,ips', ...lines].join('\n')}\n`);
    let seen = 0;
    const count = (): void => {
      const second = Math.floor(performance.now() / SECOND_MS);
      const asked = dns.asked.slice(seen).filter(({ name }) => name.endsWith(zone)).length;
      seen = dns.asked.length;
      perSecond.set(second, (perSecond.get(second) ?? 0) + asked);
    };
    const timer = setInterval(count, 10);
    await measured(['fleet', file, ...placeOf(dns.server), '--only', 'rbl', '--dnsbl', zone, '--quiet']);
    clearInterval(timer);
    count();
  } finally {
    await dns.close();
  }
  const most = Math.max(...perSecond.values());
  // A second of the clock may have the end of one second of the limit and the beginning of the next one.
  const atMost = (DEFAULT_LIST_RATE + 1) / DEFAULT_LIST_RATE;
  return {
    what: `fleet: questions to ${zone} in its busiest second`,
    own: String(most),
    other: String(DEFAULT_LIST_RATE),
    against: 'its limit',
    ratio: most / DEFAULT_LIST_RATE,
    atMost,
  };
}

const rows: Row[] = [];
try {
  const folder = join(directory, 'cost');
  mkdirSync(folder);
  const generated = await startGenerated(TARGETS, folder);
  try {
    rows.push(...(await costRows(generated)));
  } finally {
    await generated.stop();
  }
  rows.push(await fullRow(), await listRow());
  for (const size of SIZES) rows.push(await memoryOf(size));
  rows.push(...(await workerRows()));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
const { stdout } = process;
stdout.write(`${execFileSync('uname', ['-sr'], { encoding: 'utf8' }).trim()}, Node ${process.versions.node}\n`);
stdout.write(`${rowTable(rows)}\n`);
if (rows.some(isMissed)) process.exitCode = 1;
