/**
 * Tests that the printed records fix the faults: as proposed records, and in a zone that BIND serves (if it is
 * installed, as in CI).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDnsClient } from '../../../../src/network/dns/client.ts';
import { parseServer } from '../../../../src/network/dns/servers.ts';
import type { FindingResult, Report } from '../../../../src/report/status.ts';
import { parseZone } from '../../../../src/standards/zone-file/parse.ts';
import { type CheckCase, checkIn } from '../../../world/check.ts';
import { closed } from '../../../world/smtp.ts';

const IP = '198.51.100.7';
const NAMED = ['/usr/sbin/named', '/usr/bin/named'].find((path) => existsSync(path));

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkimKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A host with almost everything wrong. */
const broken: CheckCase = {
  domain: 'example.net',
  ips: [IP],
  helo: 'mail.example.net',
  dns: {
    apexes: ['example.net', '100.51.198.in-addr.arpa'],
    zone: {
      'example.net': { TXT: ['v=spf1 include:_spf.example.net ~all'] },
      '_spf.example.net': { TXT: ['v=spf1 ip4:192.0.2.0/28 -all'] },
    },
  },
  hosts: { [IP]: { name: 'mail.example.net', rcpt: closed('example.net') } },
  rules: ['ptr', 'helo', 'spf', 'dkim', 'dmarc', 'mx'],
  settings: { dkimKeyPem, provider: 'linode' },
};

const faults = (report: Report, ...severities: FindingResult['severity'][]): string[] =>
  report.rules.flatMap(({ findings }) =>
    findings.filter(({ severity }) => severities.includes(severity)).map(({ code }) => code),
  );

let lines: string[];
let before: Report;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-paste-'));
  before = await checkIn(broken);
  lines = before.advice.steps.flatMap(({ records }) => records.map(({ line }) => line));
});

afterAll(() => rm(folder, { recursive: true }));

test('printed records: the report has errors and prints records to publish', () => {
  expect(faults(before, 'error').length).toBeGreaterThanOrEqual(5);
  expect(lines.length).toBeGreaterThanOrEqual(5);
});

test('printed records: the report has no errors with them as proposed records', async () => {
  const proposed = [parseZone(lines.join('\n'), 'printed.zone', 'example.net')];
  const after = await checkIn(broken, { proposed });
  expect(faults(after, 'error', 'inconclusive')).toEqual([]);
  // The report itself advises to begin with p=none.
  expect(faults(after, 'warning')).toEqual(['dmarc/policy-none']);
});

test.skipIf(NAMED === undefined)(
  'printed records: the report has no errors with them in a zone that BIND serves',
  async ({ skip }) => {
    const kept = '_spf.example.net. IN TXT "v=spf1 ip4:192.0.2.0/28 -all"';
    const server = await startNamed({
      // The DMARC tree walk ends at the top-level domain.
      net: [],
      'example.net': [...lines.filter((line) => !/\.arpa\. IN/.test(line)), kept],
      '100.51.198.in-addr.arpa': lines.filter((line) => /\.arpa\. IN/.test(line)),
    });
    // A confined BIND (AppArmor) may not read a temporary folder.
    if (server === undefined) return skip('named did not start');
    try {
      const after = await checkIn(broken, { dnsServers: [parseServer(server.address)] });
      expect(faults(after, 'error', 'inconclusive')).toEqual([]);
    } finally {
      await stopped(server.process);
    }
  },
);

/** Ends a process and waits for its exit, because it may write to its folder until then. */
function stopped(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (process.exitCode !== null || process.signalCode !== null) return resolve();
    process.once('exit', () => resolve());
    process.kill();
  });
}

/** Starts BIND as an ordinary user, with authority for these zones, on a loopback port. */
async function startNamed(
  zones: Readonly<Record<string, readonly string[]>>,
): Promise<{ process: ChildProcess; address: string } | undefined> {
  const port = await freePort();
  for (const [name, records] of Object.entries(zones)) {
    const head = ['$TTL 300', `@ IN SOA ns.${name}. hostmaster.${name}. 1 3600 600 86400 60`, `@ IN NS ns.${name}.`];
    const text = [...head, `ns.${name}. IN A 127.0.0.1`, ...records, ''].join('\n');
    await writeFile(join(folder, `db.${name}`), text);
  }
  const config = join(folder, 'named.conf');
  const declared = Object.keys(zones).map((name) => `zone "${name}" { type primary; file "${folder}/db.${name}"; };`);
  await writeFile(
    config,
    `options { directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; dnssec-validation no; };
controls {};
${declared.join('\n')}
`,
  );
  const process = spawn(NAMED ?? '', ['-c', config, '-g', '-n', '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const address = `127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const client = createDnsClient({ servers: [parseServer(address)], signal: AbortSignal.timeout(200) });
    const { status } = await client.query('example.net', 'SOA');
    if (status === 'answer') return { process, address };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stopped(process);
  return undefined;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
