/** Runs many checks of the same hosts while their servers fail at random, and compares each with a run where none does. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { CheckOptions } from '../../src/index.ts';
import type { FindingResult, Report } from '../../src/report/status.ts';
import { type Random, randomOf } from '../random.ts';
import { type DnsWorld, startDns } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { type SmtpScript, type SmtpWorld, startSmtp } from '../world/smtp.ts';
import { worldAuthority } from '../world/world.ts';
import type { FromDriver, ToDriver } from './driver.ts';
import { smtpShare, withDnsFaults, withSmtpFault } from './faults.ts';

const root = new URL('../../', import.meta.url);

interface Host {
  readonly name: keyof typeof scenes;
  readonly domain: string;
  readonly ip: string;
  readonly options: CheckOptions;
}

const HOSTS: readonly Host[] = [
  { name: 'healthy', domain: 'example.com', ip: '203.0.113.5', options: { selectors: ['s1'] } },
  { name: 'fresh', domain: 'example.net', ip: '198.51.100.7', options: { helo: 'mail.example.net' } },
  {
    name: 'relay',
    domain: 'example.org',
    ip: '192.0.2.25',
    options: { selectors: ['s1'], relayRcpt: 'you@example.com' },
  },
];

/** Long enough for every try of a question over UDP and TCP, short enough for a thousand checks. */
const TIMEOUT_MS = 9000;
const LANES = 4;

export interface SoakResult {
  readonly checks: number;
  /** What must not have happened, one line each. */
  readonly faults: readonly string[];
  /** How many checks came out with each verdict, by host. */
  readonly verdicts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Bytes after garbage collection, at each measurement. */
  readonly heap: readonly number[];
  readonly rss: readonly number[];
  /** What was left open in the end. */
  readonly left: readonly string[];
}

export interface SoakPlan {
  readonly checks: number;
  readonly seed: number;
  /** Checks between two measurements of memory. */
  readonly measureEvery: number;
  readonly onProgress?: (done: number) => void;
}

/** One DNS server and one mail server, whose scripts change from check to check. */
interface Lane {
  readonly dns: DnsWorld;
  readonly smtp: SmtpWorld;
  readonly closedPort: number;
  script: (connection: number) => SmtpScript;
  base: number;
}

async function startLane(): Promise<Lane> {
  const gone = await startSmtp();
  await gone.close();
  const lane: { script: Lane['script']; base: number } = { script: () => ({}), base: 0 };
  const smtp = await startSmtp((connection) => lane.script(connection - lane.base));
  return Object.assign(lane, { dns: await startDns({ zone: {} }), smtp, closedPort: gone.port });
}

function prepare(lane: Lane, host: Host, random: Random | null): void {
  const { world } = scenes[host.name];
  const dns = random === null ? world.dns : withDnsFaults(world.dns, random);
  lane.dns.rescript(dns);
  const script = Object.values<SmtpScript>(world.hosts)[0] ?? {};
  lane.base = lane.smtp.sessions.length;
  const share = random === null ? 0 : smtpShare(random);
  const seeds = random ?? (() => 0);
  const base = Math.floor(seeds() * 2 ** 31);
  lane.script = (connection) => (share === 0 ? script : withSmtpFault(script, randomOf(base + connection), share));
}

export async function soak({ checks, seed, measureEvery, onProgress }: SoakPlan): Promise<SoakResult> {
  const lanes = await Promise.all(Array.from({ length: LANES }, startLane));
  const { child, file } = await startDriver();
  const exited = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the driver ended with ${code}`))));
  });
  const inbox = mailbox(child);
  const send = (message: ToDriver): void => void child.send(message);
  const measured: Extract<FromDriver, { kind: 'memory' }>[] = [];

  async function checkOnce(
    index: number,
    host: Host,
    random: Random | null,
  ): Promise<Extract<FromDriver, { kind: 'report' }>> {
    const lane = lanes[index];
    if (lane === undefined) throw new Error(`no lane ${index}`);
    prepare(lane, host, random);
    const elsewhere = { host: '127.0.0.1', port: lane.closedPort };
    send({
      lane: index,
      domain: host.domain,
      ips: [host.ip],
      options: {
        ...host.options,
        dns: [lane.dns.server],
        allowPrivate: true,
        vantage: 'outside',
        probePauseMs: 0,
        timeoutMs: TIMEOUT_MS,
        extraRoots: [worldAuthority.certificate],
      },
      connectTo: [
        ['*', elsewhere],
        [`${host.ip}:25`, { host: '127.0.0.1', port: lane.smtp.port }],
      ],
    });
    return inbox((message) => message.kind === 'report' && message.lane === index) as Promise<
      Extract<FromDriver, { kind: 'report' }>
    >;
  }

  async function measure(): Promise<void> {
    send({ kind: 'measure' });
    measured.push((await inbox(({ kind }) => kind === 'memory')) as Extract<FromDriver, { kind: 'memory' }>);
  }

  try {
    await inbox(({ kind }) => kind === 'next');
    const truths = new Map<string, Report>();
    for (const host of HOSTS) truths.set(host.name, (await checkOnce(0, host, null)).report);
    const faults: string[] = [];
    const verdicts: Record<string, Record<string, number>> = {};
    let next = 0;
    let done = 0;
    while (next < checks) {
      const batchEnd = Math.min(checks, next + measureEvery);
      await Promise.all(
        lanes.map(async (_, lane) => {
          while (next < batchEnd) {
            const number = next;
            next += 1;
            const host = HOSTS[number % HOSTS.length] ?? HOSTS[0];
            const truth = host && truths.get(host.name);
            if (host === undefined || truth === undefined) continue;
            const { report, isValid } = await checkOnce(lane, host, randomOf(seed * 1_000_003 + number));
            const wrong = [...(isValid === '' ? [] : [`not valid: ${isValid}`]), ...differences(report, truth)];
            faults.push(...wrong.map((what) => `seed ${seed}, check ${number}, ${host.name}: ${what}`));
            const counts = verdicts[host.name] ?? {};
            verdicts[host.name] = counts;
            counts[report.verdict] = (counts[report.verdict] ?? 0) + 1;
            done += 1;
            onProgress?.(done);
          }
        }),
      );
      await measure();
    }
    send({ kind: 'end' });
    const left = (await inbox(({ kind }) => kind === 'left')) as Extract<FromDriver, { kind: 'left' }>;
    await exited;
    return {
      checks,
      faults,
      verdicts,
      heap: measured.map(({ heapBytes }) => heapBytes),
      rss: measured.map(({ rssBytes }) => rssBytes),
      left: left.resources,
    };
  } finally {
    child.kill();
    rmSync(file, { force: true });
    await Promise.all(lanes.flatMap(({ dns, smtp }) => [dns.close(), smtp.close()]));
  }
}

const nameOf = ({ code, subject }: FindingResult): string => `${code} ${subject}`;

/** Less may be seen, and then it is said; nothing else may be. */
function differences(report: Report, truth: Report): string[] {
  const wrong: string[] = [];
  if (report.verdict !== truth.verdict && report.verdict !== 'inconclusive') {
    wrong.push(`verdict ${report.verdict} instead of ${truth.verdict}`);
  }
  for (const rule of report.rules) {
    const expected = truth.rules.find(({ id }) => id === rule.id);
    if (expected === undefined) continue;
    if (![expected.status, 'inconclusive', 'skipped'].includes(rule.status)) {
      const codes = rule.findings.filter(({ severity }) => severity !== 'info').map(nameOf);
      wrong.push(`${rule.id} is ${rule.status} instead of ${expected.status} (${codes.join(', ')})`);
    }
    const known = new Set(expected.findings.map(nameOf));
    const invented = rule.findings.filter(
      (finding) => (finding.severity === 'error' || finding.severity === 'warning') && !known.has(nameOf(finding)),
    );
    if (invented.length > 0) wrong.push(`${rule.id} found ${invented.map(nameOf).join(', ')}`);
  }
  return wrong;
}

async function startDriver(): Promise<{ child: ChildProcess; file: string }> {
  const file = fileURLToPath(new URL(`node_modules/.cache/mailcheck/soak-driver-${process.pid}.mjs`, root));
  mkdirSync(fileURLToPath(new URL('node_modules/.cache/mailcheck/', root)), { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL('test/soak/driver.ts', root))],
    outfile: file,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  const child = fork(file, [fileURLToPath(new URL('dist/index.js', root))], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return { child, file };
}

type Wanted = (message: FromDriver) => boolean;

/** @returns a function that waits for the next message of a kind. */
function mailbox(child: ChildProcess): (wanted: Wanted) => Promise<FromDriver> {
  const waiting: {
    readonly wanted: Wanted;
    readonly take: (message: FromDriver) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  child.on('message', (message: FromDriver) => {
    const index = waiting.findIndex(({ wanted }) => wanted(message));
    const [found] = index === -1 ? [] : waiting.splice(index, 1);
    found?.take(message);
  });
  child.on('exit', () => {
    for (const { fail } of waiting.splice(0)) fail(new Error('the driver has ended'));
  });
  return (wanted) => new Promise((take, fail) => void waiting.push({ wanted, take, fail }));
}
