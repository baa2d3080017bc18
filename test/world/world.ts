/**
 * Runs the whole test world: a DNS server and mail servers on loopback, which replace the internet. Hosts have
 * documentation addresses, and `--connect-to` maps these to the real sockets.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultLists } from '../../src/knowledge/lists/catalogue.ts';
import type { List } from '../../src/knowledge/lists/schema.ts';
import { ANYWHERE } from '../../src/network/gate.ts';
import { type DnsScript, type DnsWorld, type NameScript, startDns } from './dns.ts';
import { type HttpsScript, type HttpsWorld, startHttps, worldAuthority } from './https.ts';
import { ended, started } from './running.ts';
import { type ScriptOf, type SmtpScript, type SmtpWorld, startSmtp } from './smtp.ts';

export { worldAuthority } from './https.ts';

/**
 * A script for all connections, or one for each (0, 1, …). With `'refused'`, nothing listens on the port. With
 * `'no-route'`, this machine cannot connect to it.
 */
export type HostScript = SmtpScript | ScriptOf | 'refused' | 'no-route';

/** An address that TCP refuses to connect to on every machine (ENETUNREACH), so that no packet is sent. */
export const UNREACHABLE_FROM_HERE = '255.255.255.255';

export interface WorldScript {
  readonly dns: DnsScript;
  /** Address, or address and port such as `203.0.113.5:465` → the mail server there. The default port is 25. */
  readonly hosts?: Readonly<Record<string, HostScript>>;
  /** Address → the web server on port 443 there. */
  readonly web?: Readonly<Record<string, HttpsScript | 'refused' | 'no-route'>>;
}

export interface World {
  readonly dns: DnsWorld;
  /** Address → the mail server. */
  readonly hosts: ReadonlyMap<string, SmtpWorld>;
  /** Address → the web server. */
  readonly web: ReadonlyMap<string, HttpsWorld>;
  /** `ip:port` → the real socket. */
  readonly connectTo: ReadonlyMap<string, { host: string; port: number }>;
  /** The arguments with which the command line uses this world. */
  readonly args: readonly string[];
  close(): Promise<void>;
}

/**
 * A port on which nothing listens. It is outside the range of free ports, so that no server of a test can get it. A
 * free port that was just closed may be given to the next server.
 */
const CLOSED_PORT = 1;

/** An address without a host of the test refuses connections, so that no packet leaves loopback by mistake. */
export const NOBODY_LISTENS: World['connectTo'] = new Map([[ANYWHERE, { host: '127.0.0.1', port: CLOSED_PORT }]]);

export async function startWorld(script: WorldScript): Promise<World> {
  const dns = await startDns(script.dns);
  const hosts = new Map<string, SmtpWorld>();
  const directory = await mkdtemp(join(tmpdir(), 'mailcheck-world-'));
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, worldAuthority.certificate);
  const connectTo = new Map(NOBODY_LISTENS);
  for (const [ip, host] of Object.entries(script.hosts ?? {})) {
    if (typeof host !== 'string') hosts.set(ip, await startSmtp(host));
    const port = hosts.get(ip)?.port ?? CLOSED_PORT;
    const address = host === 'no-route' ? UNREACHABLE_FROM_HERE : '127.0.0.1';
    connectTo.set(/^(\[.+\]|[\d.]+):\d+$/.test(ip) ? ip : `${bracketed(ip)}:25`, { host: address, port });
  }
  const web = new Map<string, HttpsWorld>();
  for (const [ip, site] of Object.entries(script.web ?? {})) {
    if (typeof site !== 'string') web.set(ip, await startHttps(site));
    const host = site === 'no-route' ? UNREACHABLE_FROM_HERE : '127.0.0.1';
    connectTo.set(`${bracketed(ip)}:443`, { host, port: web.get(ip)?.port ?? CLOSED_PORT });
  }
  return {
    dns,
    hosts,
    web,
    connectTo,
    args: [
      '--dns',
      dns.server,
      '--allow-private',
      '--vantage',
      'outside',
      '--ca-file',
      caFile,
      '--probe-pause',
      '0',
      ...[...connectTo].flatMap(([from, to]) => [
        '--connect-to',
        `${from === ANYWHERE ? ':' : from}:${to.host}:${to.port}`,
      ]),
    ],
    close: started(async () => {
      const servers = [...hosts.values(), ...web.values()];
      await Promise.all([dns.close(), ...servers.map((server) => server.close())]);
      await rm(directory, { recursive: true, force: true });
    }),
  };
}

function bracketed(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

/** @returns the octets of an IPv4 address in reverse order, as block lists and reverse zones use them. */
export function reversed(ip: string): string {
  return ip.split('.').reverse().join('.');
}

/** @returns the zone of a block list, with its test entries and its listings. */
export function listZone(
  list: Pick<List, 'zone' | 'kind' | 'canary' | 'families'>,
  listed: Record<string, NameScript> = {},
): Record<string, NameScript> {
  const { zone, kind, canary, families } = list;
  const entries: Record<string, NameScript> = {};
  if (kind === 'domain') {
    const name = canary?.domainListed ?? (canary?.listed ? reversed(canary.listed) : 'test');
    entries[`${name}.${zone}`] = { A: [kind === 'domain' && zone.startsWith('dbl.') ? '127.0.1.2' : '127.0.0.254'] };
  } else if (families.includes(4)) {
    entries[`${reversed(canary?.listed ?? '127.0.0.2')}.${zone}`] = { A: ['127.0.0.2'], TXT: ['test entry'] };
  }
  if (kind !== 'domain' && families.includes(6) && (canary?.v6Listed !== undefined || !families.includes(4))) {
    entries[`2.0.0.0.0.0.f.7.f.f.f.f.${'0.'.repeat(19)}0.${zone}`] = { A: ['127.0.0.2'] };
  }
  for (const [name, script] of Object.entries(listed)) entries[`${name}.${zone}`] = script;
  return entries;
}

/** @returns the zones of every default list, all working. `listed` has the listings for each zone. */
export function defaultListZones(listed: Record<string, Record<string, NameScript>> = {}): Record<string, NameScript> {
  return Object.assign({}, ...defaultLists().map((list) => listZone(list, listed[list.zone] ?? {})));
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds after which a process is killed, because it hangs. A test has longer, so that it can say so. */
const HANGS_MS = 60_000;

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Runs the built command line in its own process. */
export function mailcheck(
  args: readonly string[],
  options: { env?: Record<string, string>; timeoutMs?: number; input?: string; cwd?: string } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      {
        env: { ...plainEnvironment(), ...options.env },
        timeout: options.timeoutMs ?? HANGS_MS,
        maxBuffer: 64 * 1024 * 1024,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      },
      (error, stdout, stderr) => {
        // Its test has ended without it, and must not go on with what comes after it.
        if (isAbandoned()) return;
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ code, signal: error?.signal ?? null, stdout, stderr });
      },
    );
    const isAbandoned = untilItsTestEnds(child);
    if (options.input === undefined) return;
    // The program may stop reading before the end.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  });
}

/** Starts the built command line and returns the process, for tests that act on it while it runs. */
export function startMailcheck(args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { env: plainEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  untilItsTestEnds(child);
  return child;
}

/** Starts the built command line with an open standard input, for tests that speak with it while it runs. */
export function converse(
  args: readonly string[],
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
) {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...plainEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  untilItsTestEnds(child);
  return child;
}

/**
 * Kills the process where its test ends before it does.
 *
 * @returns whether that has happened.
 */
function untilItsTestEnds(child: ChildProcess): () => boolean {
  let isKilled = false;
  const kill = started(async () => {
    isKilled = child.kill('SIGKILL');
  });
  child.once('exit', () => ended(kill));
  return () => isKilled;
}

/** @returns the environment of this process, without what changes colours and Node.js. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, NO_COLOR: _none, NODE_OPTIONS: _options, ...rest } = process.env;
  return rest;
}
