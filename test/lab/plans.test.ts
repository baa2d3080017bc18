/**
 * Publishes plans: each broken domain is served by BIND, checked by the built command line, changed by nsupdate with the
 * file that `--plan` writes, and checked again. What DNS records can mend is mended, and nothing more is proposed. The zone
 * file of the same plan is loaded by named-checkzone.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDnsClient } from '../../src/network/dns/client.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import type { Report } from '../../src/report/status.ts';
import { keysOf, planHosts } from './plan-hosts.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const ZONES = ['example.com', 'example.net', '2.0.192.in-addr.arpa'] as const;

const SOA = '@ 300 IN SOA ns.example.org. hostmaster.example.com. 1 60 60 600 1';

interface Bind {
  readonly address: string;
  readonly port: number;
  /** The folder of its files. */
  readonly folder: string;
  /** The file with the key that updates are signed with (RFC 8945). */
  readonly keyFile: string;
  stop(): Promise<void>;
}

let smtp: Server;
let smtpPort: number;

beforeAll(async () => {
  smtp = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 mail.example.com ESMTP\r\n');
    socket.on('data', (data) => socket.write(/^QUIT/i.test(String(data)) ? '221 bye\r\n' : '250 mail.example.com\r\n'));
  });
  smtpPort = await listening(smtp);
});

afterAll(() => {
  smtp.close();
});

describe('lab: a plan is published with nsupdate', () => {
  test.each(planHosts)('$when', async ({ records, args = [], left = [] }) => {
    const bind = await startBind(records);
    try {
      const [script, zone] = [join(bind.folder, 'plan.nsupdate'), join(bind.folder, 'plan.zone')];
      const texts = await textsAtApex(bind);
      const before = await check(bind, [...args, '--plan', script, '--plan', zone]);
      const first = faultsOf(before);
      expect(first.length, 'the host is broken at first').toBeGreaterThan(0);
      expect(before.plan?.unproven).toBe(0);
      await loadZone(bind, await readFile(zone, 'utf8'));
      await update(bind, await readFile(script, 'utf8'));
      await publishForOthers(bind, before);
      const after = await check(bind, args);
      const gone = (before.plan?.changes ?? []).flatMap(({ remove }) => remove.map(({ line }) => line));
      const stay = texts.filter((text) => !gone.includes(`example.com. IN TXT ${text}`));
      expect(await textsAtApex(bind), 'what stays does so octet by octet').toEqual(expect.arrayContaining(stay));
      expect(faultsOf(after)).toEqual(left);
      expect(after.plan?.changes ?? []).toEqual([]);
    } finally {
      await bind.stop();
    }
  });
});

async function check({ address }: Bind, args: readonly string[]): Promise<Report> {
  const command = [
    ...[CLI, 'example.com', '192.0.2.10', '--helo', 'mail.example.com', '--selector', 'mail'],
    ...['--only', 'ptr,helo,spf,dkim,dmarc,mx', '--no-asn-lookup', '--allow-private', '--no-config'],
    ...['--connect-to', `192.0.2.10:25:127.0.0.1:${smtpPort}`, '--dns', address, '-f', 'json', '-q', ...args],
  ];
  const { stdout, stderr } = await run(process.execPath, command);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`no report: ${stderr || stdout}`);
  }
}

function faultsOf(report: Report): string[] {
  return report.rules.flatMap(({ findings }) =>
    findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code),
  );
}

/** Sends one update for each zone of somebody else: what goes first, then what comes. */
async function publishForOthers(bind: Bind, { plan }: Report): Promise<void> {
  const changes = (plan?.changes ?? []).filter(({ owner }) => owner !== 'own');
  for (const zone of ZONES) {
    const own = changes.filter(({ name }) => name === zone || name.endsWith(`.${zone}`));
    if (own.length === 0) continue;
    const data = (line: string): string => line.replace(/^(\S+) IN /, '$1 300 ');
    const script = [
      `zone ${zone}`,
      ...own.flatMap(({ remove }) => remove.map(({ line }) => `update delete ${data(line)}`)),
      ...own.flatMap(({ add }) => add.map(({ line }) => `update add ${data(line)}`)),
      'send',
      '',
    ].join('\n');
    await update(bind, script);
  }
}

/** Runs a script of nsupdate, which signs its messages with the key. */
async function update({ port, keyFile }: Bind, text: string): Promise<void> {
  const script = `server 127.0.0.1 ${port}\n${text}`;
  const { code, stderr } = await run('nsupdate', ['-k', keyFile], script);
  expect([code, stderr, script]).toEqual([0, '', script]);
}

/** Loads the lines of a plan as a zone file of the domain. */
async function loadZone({ folder }: Bind, lines: string): Promise<void> {
  const zone = ['$ORIGIN example.com.', SOA, '@ 300 IN NS ns.example.org.', lines].join('\n');
  const file = join(folder, 'planned.zone');
  await writeFile(file, zone);
  const { code, stdout } = await run('named-checkzone', ['-i', 'none', 'example.com', file]);
  expect([code, code === 0 ? '' : `${stdout}${zone}`]).toEqual([0, '']);
}

/** @returns the TXT records of the domain, in the form of dig. */
async function textsAtApex({ port }: Bind): Promise<string[]> {
  const { code, stdout } = await run('dig', [
    '@127.0.0.1',
    '-p',
    String(port),
    '+short',
    '+norec',
    'example.com',
    'TXT',
  ]);
  expect(code).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
}

function run(
  file: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
    // A process may end without reading its input.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** Starts BIND on a loopback port. It serves the zones, and takes updates of them from whoever has the key. */
async function startBind(records: readonly string[]): Promise<Bind> {
  const folder = await mkdtemp(join(tmpdir(), 'mailcheck-lab-plan-'));
  const probe = createServer();
  const port = await listening(probe);
  await new Promise((resolve) => probe.close(resolve));
  const texts = records.map(keysOf);
  for (const zone of [...ZONES, 'com', 'net', 'arpa']) {
    const own = texts.filter((line) => zoneOf(line) === zone);
    const head = [
      '$TTL 300',
      `$ORIGIN ${zone}.`,
      // BIND refuses a zone that names a server of its own without an address.
      SOA,
      '@ IN NS ns.example.org.',
    ];
    await writeFile(join(folder, `db.${zone}`), [...head, ...own, ''].join('\n'));
  }
  const declared = [...ZONES, 'com', 'net', 'arpa'].map(
    (zone) => `zone "${zone}" { type primary; file "${folder}/db.${zone}"; allow-update { key plan; }; };`,
  );
  const keyFile = join(folder, 'plan.key');
  await writeFile(keyFile, `key "plan" { algorithm hmac-sha256; secret "${randomBytes(32).toString('base64')}"; };\n`);
  const config = join(folder, 'named.conf');
  await writeFile(
    config,
    `include "${keyFile}";
options { directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; dnssec-validation no; minimal-responses yes; };
controls {};
${declared.join('\n')}
`,
  );
  const server = spawn('named', ['-c', config, '-g', '-n', '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (data) => {
    log += data;
  });
  const address = `127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries += 1) {
    const client = createDnsClient({ servers: [parseServer(address)], signal: AbortSignal.timeout(200) });
    const { status } = await client.query('example.com', 'SOA');
    if (status === 'answer') return { address, port, folder, keyFile, stop: () => stopped(server, folder) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stopped(server, folder);
  throw new Error(`named did not start: ${log.slice(-2000)}`);
}

function zoneOf(line: string): string | undefined {
  const name = line.split(' ')[0]?.replace(/\.$/, '') ?? '';
  return ZONES.find((zone) => name === zone || name.endsWith(`.${zone}`));
}

async function stopped(server: ChildProcess, folder: string): Promise<void> {
  await new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
    if (server.exitCode !== null) resolve();
    else server.kill('SIGKILL');
  });
  await rm(folder, { recursive: true });
}
