/**
 * The transport of mail judged beside the programs that senders and operators use: posttls-finger of Postfix for DANE,
 * delv of BIND for DNSSEC, and the resolver of postfix-mta-sts-resolver for MTA-STS.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportsSchema } from '../../src/report/schema.ts';
import { CLI } from '../world/world.ts';
import { RESOLVER } from './internet.ts';
import { startTransportLab, type TransportLab } from './transport.ts';
import { type Delv, type Sender, STALE, stsDomains, transportCases } from './transport-cases.ts';
import { mailAddresses } from './transport-hosts.ts';
import { nameServers } from './tree-zones.ts';

const STS_SENDER = fileURLToPath(new URL('./sts-sender.py', import.meta.url));

let lab: TransportLab;
beforeAll(async () => {
  lab = await startTransportLab();
});
afterAll(() => lab?.close());

describe('DANE', () => {
  test('mailcheck says what senders do', async () => {
    const domains = transportCases.map(({ domain }) => domain);
    const [ours, senders, delv] = await Promise.all([
      mailcheck(domains, 'dane'),
      askPosttlsFinger(domains),
      askDelv(transportCases.filter((one) => one.delv !== null).map(({ domain }) => domain)),
    ]);
    const found = transportCases.map(({ domain }) => ({
      domain,
      sender: senders.get(domain),
      delv: delv.get(domain) ?? null,
      dane: ours.get(domain),
    }));
    process.stdout.write(`${tableOf([HEADINGS, ...found])}\n`);
    expect(found).toEqual(transportCases);
    const contradictions = found.filter(({ dane, sender }) => !agrees(dane, sender)).map(({ domain }) => domain);
    // Senders use the records of the first, but its MX record can be forged. Of the second see its row in the table.
    expect(contradictions).toEqual(['mx-insecure.example.net', 'sha1.example.com']);
  });
});

describe('MTA-STS', () => {
  test('a sender that honours MTA-STS', async () => {
    const { stdout, stderr } = await lab.stsResolver.run(
      ['/usr/bin/python3', STS_SENDER, ...stsDomains.map(({ id }) => `${id}.example.org`)],
      { env: { SSL_CERT_FILE: lab.caFile } },
    );
    expect(stderr).toBe('');
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(found).toEqual(stsDomains.map(({ id, sender }) => [`${id}.example.org`, sender]));
  });
});

describe('name servers', () => {
  const spf = async (domain: string, server: string, ...options: string[]): Promise<string> => {
    const { stdout } = await lab.prober.run(['dig', '+tries=1', '+time=2', ...options, `@${server}`, domain, 'TXT']);
    return `${/status: (\w+)/.exec(stdout)?.[1]} ${/v=spf1[^"]*/.exec(stdout)?.[0] ?? ''}`;
  };

  test('a resolver keeps the record of before, while the name server has the new one', async () => {
    const domain = 'stale.example.org';
    expect(await spf(domain, RESOLVER)).toBe(`NOERROR ${STALE.before}`);
    const [auth] = nameServers.auth;
    const input = `server ${auth}\nzone ${domain}\nupdate delete ${domain}. TXT\nupdate add ${domain}. 3600 TXT "${STALE.after}"\nsend\n`;
    expect(await lab.prober.run(['nsupdate'], { input })).toMatchObject({ code: 0, stderr: '' });
    expect(await spf(domain, auth, '+norec')).toBe(`NOERROR ${STALE.after}`);
    expect(await spf(domain, RESOLVER)).toBe(`NOERROR ${STALE.before}`);
  });

  test('one has another copy, and one answers for nothing', async () => {
    const { auth, second, lame } = nameServers;
    const said = [auth[0], second[0], lame[0]].map((server) => spf('split.example.org', server, '+norec'));
    expect(await Promise.all(said)).toEqual([
      'NOERROR v=spf1 ip4:203.0.113.1 -all',
      'NOERROR v=spf1 ip4:198.51.100.7 -all',
      'REFUSED ',
    ]);
  });
});

/** Runs one check of all domains. @returns status and codes of the rule, by domain. */
async function mailcheck(domains: readonly string[], rule: string): Promise<ReadonlyMap<string, string>> {
  const configuration = join(lab.directory, 'mailcheck.json');
  writeFileSync(
    configuration,
    JSON.stringify({ targets: domains.map((domain) => ({ domain, ips: [mailAddresses.good] })) }),
  );
  const { stdout, stderr } = await lab.prober.run([
    ...[process.execPath, CLI, '--config', configuration, '--only', rule],
    ...['--dns', RESOLVER, '--trust-anchor', lab.trustAnchor, '--ca-file', lab.caFile],
    ...['--allow-private', '--vantage', 'outside', '--probe-pause', '0', '--timeout', '100', '-q', '-f', 'json'],
  ]);
  expect(stderr).toBe('');
  const { reports } = reportsSchema.parse(JSON.parse(stdout));
  return new Map(
    reports.flatMap(({ target, rules }) =>
      rules
        .filter(({ id }) => id === rule)
        .map(({ status, findings }) => [target.domain, [status, ...findings.map(({ code }) => code)].join(' ')]),
    ),
  );
}

/** Whether a verdict of the rule dane is what this behaviour of a sender calls for. */
function agrees(dane = '', sender: Sender = 'nowhere'): boolean {
  switch (sender) {
    case 'authenticated':
      return /^(pass|warn)/.test(dane) && !/absent|unsigned/.test(dane);
    case 'encrypted':
      return /^warn.* dane\/unusable/.test(dane);
    case 'opportunistic':
      return /dane\/(absent|unsigned)/.test(dane);
    case 'refused':
      return /^fail.* dane\/(mismatch|digest-agility|no-starttls)/.test(dane);
    case 'deferred':
      return /^(fail.* dane\/lookup-fails|inconclusive)/.test(dane);
    case 'nowhere':
      return /^(pass$|inconclusive)/.test(dane);
  }
}

const HEADINGS = { domain: 'domain', sender: 'posttls-finger', delv: 'delv', dane: 'mailcheck' };

const tableOf = (rows: readonly Readonly<Record<string, string | null | undefined>>[]): string =>
  rows
    .map((row) =>
      Object.values(row)
        .map((cell) => (cell ?? '').padEnd(30))
        .join('| '),
    )
    .join('\n');

/** Asks in one process for all domains. */
async function askPosttlsFinger(domains: readonly string[]): Promise<ReadonlyMap<string, Sender>> {
  const script =
    'for domain do printf "\\n== "; posttls-finger -t 10 -l dane -c -L verbose,summary "$domain" 2>&1; done';
  const { stdout } = await lab.postfix.run(['sh', '-c', script, 'sh', ...domains]);
  const parts = stdout.split('\n== ').slice(1);
  return new Map(domains.map((domain, index) => [domain, senderOf(parts[index] ?? '')]));
}

function senderOf(said: string): Sender {
  if (/^posttls-finger: Verified TLS connection/m.test(said)) return 'authenticated';
  // It says so of a host that was matched, but whose name is of an unsigned MX record.
  if (/^posttls-finger: Trusted TLS connection/m.test(said) && said.includes('Matched DANE')) return 'authenticated';
  if (/TLSA lookup error|try again/.test(said)) return 'deferred';
  if (/address lookup failed|Failed to establish session/.test(said)) return 'nowhere';
  if (/all TLSA records unusable|unsupported TLSA certificate usage/.test(said)) return 'encrypted';
  if (said.includes('DNSSEC-signed TLSA record')) return 'refused';
  return /^posttls-finger: Untrusted TLS connection/m.test(said) ? 'opportunistic' : 'nowhere';
}

async function askDelv(domains: readonly string[]): Promise<ReadonlyMap<string, Delv>> {
  const [flags, protocol, algorithm, ...key] =
    readFileSync(lab.trustAnchor, 'utf8')
      .split(/\sDNSKEY\s+/)[1]
      ?.split(/\s+/) ?? [];
  const anchor = join(lab.directory, 'delv.conf');
  writeFileSync(anchor, `trust-anchors { . static-key ${flags} ${protocol} ${algorithm} "${key.join('')}"; };\n`);
  const script = `for domain do printf "\\n== "; delv @${RESOLVER} -a ${anchor} +root=. "$domain" MX 2>&1; done`;
  const { stdout } = await lab.prober.run(['sh', '-c', script, 'sh', ...domains]);
  const parts = stdout.split('\n== ').slice(1);
  return new Map(domains.map((domain, index) => [domain, delvOf(parts[index] ?? '')]));
}

function delvOf(said: string): Delv {
  if (said.includes('fully validated')) return 'secure';
  if (said.includes('unsigned answer')) return 'insecure';
  return 'bogus';
}
