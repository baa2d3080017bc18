/**
 * The transport of mail judged beside the programs that senders and operators use: posttls-finger of Postfix for DANE,
 * delv of BIND for DNSSEC, and the resolver of postfix-mta-sts-resolver for MTA-STS.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RESOLVER } from './internet.ts';
import { startTransportLab, type TransportLab } from './transport.ts';
import { type Delv, delvCases, type Sender, STALE, stsDomains, transportCases } from './transport-cases.ts';
import { nameServers } from './tree-zones.ts';

const STS_SENDER = fileURLToPath(new URL('./sts-sender.py', import.meta.url));

let lab: TransportLab;
beforeAll(async () => {
  lab = await startTransportLab();
});
afterAll(() => lab?.close());

describe('what the programs of the field make of it', () => {
  test('a sender that honours DANE', async () => {
    const found = await askPosttlsFinger(transportCases.map(({ domain }) => domain));
    expect(found).toEqual(transportCases.map(({ domain, sender }) => [domain, sender]));
  });

  test('a validating resolver', async () => {
    const found = await askDelv(delvCases.map(([domain]) => domain));
    expect(found).toEqual(delvCases);
  });

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

/** Asks in one process for all domains, in the order of the domains. */
async function askPosttlsFinger(domains: readonly string[]): Promise<[domain: string, Sender][]> {
  const script =
    'for domain do printf "\\n== "; posttls-finger -t 10 -l dane -c -L verbose,summary "$domain" 2>&1; done';
  const { stdout } = await lab.postfix.run(['sh', '-c', script, 'sh', ...domains]);
  const parts = stdout.split('\n== ').slice(1);
  return domains.map((domain, index) => [domain, senderOf(parts[index] ?? '')]);
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

async function askDelv(domains: readonly string[]): Promise<[domain: string, Delv][]> {
  const [flags, protocol, algorithm, ...key] =
    readFileSync(lab.trustAnchor, 'utf8')
      .split(/\sDNSKEY\s+/)[1]
      ?.split(/\s+/) ?? [];
  const anchor = join(lab.directory, 'delv.conf');
  writeFileSync(anchor, `trust-anchors { . static-key ${flags} ${protocol} ${algorithm} "${key.join('')}"; };\n`);
  const script = `for domain do printf "\\n== "; delv @${RESOLVER} -a ${anchor} +root=. "$domain" MX 2>&1; done`;
  const { stdout } = await lab.prober.run(['sh', '-c', script, 'sh', ...domains]);
  const parts = stdout.split('\n== ').slice(1);
  return domains.map((domain, index) => [domain, delvOf(parts[index] ?? '')]);
}

function delvOf(said: string): Delv {
  if (said.includes('fully validated')) return 'secure';
  if (said.includes('unsigned answer')) return 'insecure';
  return 'bogus';
}
