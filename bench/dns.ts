/** Compares the DNS client with c-ares (`node:dns`) and dnsperf. All of them ask the same BIND on loopback. */
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DnsSpeed } from './dns-driver.ts';
import { median, type Row } from './table.ts';

const QUESTIONS = 20_000;
const ROUNDS = 5;
/** The targets: a question costs at most twice the CPU time of one of c-ares, and half as many are asked in a second. */
const MOST_CPU = 2;
const LEAST_RATE = 0.5;

/**
 * Starts BIND and measures the three tools in turn.
 *
 * @param drivers the folder of the built drivers, with a slash at the end.
 * @returns the rows of the comparison. A rate is in questions a second, and CPU time in microseconds.
 */
export async function dnsRows(drivers: string): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'mailcheck-bench-'));
  const port = await freePort();
  const named = startNamed(directory, port);
  try {
    await untilItAnswers(port);
    const speeds = { mailcheck: [] as DnsSpeed[], 'c-ares': [] as DnsSpeed[], dnsperf: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const tool of ['mailcheck', 'c-ares'] as const) speeds[tool].push(drive(drivers, tool, port));
      speeds.dnsperf.push(dnsperf(directory, port));
    }
    const perSecond = (tool: 'mailcheck' | 'c-ares'): number => median(speeds[tool].map((speed) => speed.perSecond));
    const cpu = (tool: 'mailcheck' | 'c-ares'): number => median(speeds[tool].map((speed) => speed.cpuMicroseconds));
    const rate = (value: number): string => `${(value / 1000).toFixed(1)}k/s`;
    const own = perSecond('mailcheck');
    return [
      {
        what: 'DNS: questions a second',
        own: rate(own),
        other: rate(perSecond('c-ares')),
        against: 'c-ares (node:dns)',
        ratio: own / perSecond('c-ares'),
        atLeast: LEAST_RATE,
      },
      {
        what: 'DNS: questions a second',
        own: rate(own),
        other: rate(median(speeds.dnsperf)),
        against: 'dnsperf',
        ratio: own / median(speeds.dnsperf),
      },
      {
        what: 'DNS: CPU per question',
        own: `${cpu('mailcheck').toFixed(0)} µs`,
        other: `${cpu('c-ares').toFixed(0)} µs`,
        against: 'c-ares (node:dns)',
        ratio: cpu('mailcheck') / cpu('c-ares'),
        atMost: MOST_CPU,
      },
    ];
  } finally {
    named.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

function drive(drivers: string, tool: string, port: number): DnsSpeed {
  const args = [`${drivers}dns-driver.mjs`, tool, String(port), String(QUESTIONS)];
  const speed: DnsSpeed = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  if (speed.answered !== QUESTIONS) throw new Error(`${tool}: ${QUESTIONS - speed.answered} questions unanswered`);
  return speed;
}

/** @returns the questions a second of dnsperf, with the same number of open questions as the others. */
function dnsperf(directory: string, port: number): number {
  const file = join(directory, 'questions');
  writeFileSync(file, Array.from({ length: QUESTIONS }, (_, index) => `h${index}.bench.example A\n`).join(''));
  const args = ['-s', '127.0.0.1', '-p', String(port), '-d', file, '-q', '96', '-n', '1'];
  const said = execFileSync('dnsperf', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return Number(/Queries per second:\s+([\d.]+)/.exec(said)?.[1]);
}

function startNamed(directory: string, port: number) {
  const zone = ['$TTL 300', '@ SOA ns h 1 600 300 86400 60', '@ NS ns', 'ns A 127.0.0.1'];
  writeFileSync(join(directory, 'bench.zone'), `${[...zone, '$GENERATE 0-65535 h$ A 192.0.2.1'].join('\n')}\n`);
  const conf = [
    `options { directory "${directory}"; pid-file none; session-keyfile none; lock-file none; recursion no;`,
    `listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; };`,
    'controls { };',
    'zone "bench.example" { type primary; file "bench.zone"; };',
  ];
  writeFileSync(join(directory, 'named.conf'), `${conf.join('\n')}\n`);
  return spawn('named', ['-f', '-c', join(directory, 'named.conf')], { stdio: 'ignore' });
}

async function untilItAnswers(port: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    const answer = await resolver.resolve4('h1.bench.example').catch(() => null);
    if (answer) return;
    if (Date.now() > deadline) throw new Error('BIND does not answer');
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
