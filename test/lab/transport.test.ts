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

/** The domains for which delv is asked. */
const validated = transportCases.filter(({ delv }) => delv !== null).map(({ domain }) => domain);

test('DANE and DNSSEC: mailcheck says what senders and validators do', async () => {
  const domains = transportCases.map(({ domain }) => domain);
  const [senders, delv, dane, dnssec] = await Promise.all([
    askPosttlsFinger(domains),
    askDelv(validated),
    mailcheck(domains, 'dane'),
    mailcheck(validated, 'dnssec'),
  ]);
  const found = domains.map((domain) => ({
    domain,
    sender: senders.get(domain),
    delv: delv.get(domain) ?? null,
    dane: dane.get(domain),
    dnssec: dnssec.get(domain) ?? null,
  }));
  process.stdout.write(
    `${tableOf([['domain', 'posttls-finger', 'delv', 'mailcheck', ''], ...found.map((row) => Object.values(row))])}\n`,
  );
  expect(found).toEqual(transportCases);
  const contradictions = found.filter((row) => !agrees(row.dane, row.sender) || !isSeen(row.dnssec, row.delv));
  // Senders use the records of the first, but its MX record can be forged. Of the second see its row in the table.
  expect(contradictions.map(({ domain }) => domain)).toEqual(['mx-insecure.example.net', 'sha1.example.com']);
});

test('MTA-STS: mailcheck says what a sender that honours it has', async () => {
  const domainOf = (id: string): string => `${id}.example.org`;
  const domains = stsDomains.map(({ id }) => domainOf(id));
  const [senders, ours] = await Promise.all([askStsResolver(domains), mailcheck(domains, 'mta-sts')]);
  const found = stsDomains.map(({ id }) => ({
    id,
    sender: senders.get(domainOf(id)),
    mailcheck: ours.get(domainOf(id))?.replaceAll('mta-sts/', ''),
  }));
  process.stdout.write(
    `${tableOf([['domain', 'mta-sts-resolver', 'mailcheck'], ...found.map((row) => Object.values(row))])}\n`,
  );
  expect(found).toEqual(stsDomains.map(({ id, sender, mailcheck: said }) => ({ id, sender, mailcheck: said })));
  const contradictions = found.filter(({ sender, mailcheck: said = '' }) => {
    const [status] = said.split(' ');
    if (sender === 'NONE') return !/absent|txt-invalid|orphan-policy/.test(said);
    if (sender === 'FETCH_ERROR') return !/policy-(unreachable|invalid)/.test(said);
    return status === 'fail' && !/mx-/.test(said);
  });
  // The resolver looks neither at the characters of an id nor for lines that are no pair.
  expect(contradictions.map(({ id }) => id)).toEqual(['bad-id', 'no-pair']);
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
  const configuration = join(lab.directory, `${rule}.json`);
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

/** Whether a verdict of the rule dnssec is what delv says of the domain. */
function isSeen(dnssec: string | null = null, delv: Delv | null = null): boolean {
  if (delv === null) return true;
  const said = dnssec ?? '';
  if (delv === 'bogus') return said === 'fail dnssec/bogus';
  return /^(pass|warn)/.test(said) && said.includes('dnssec/unsigned') === (delv === 'insecure');
}

const tableOf = (rows: readonly (readonly (string | null | undefined)[])[]): string =>
  rows.map((row) => row.map((cell) => (cell ?? '').padEnd(26)).join('| ')).join('\n');

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

async function askStsResolver(domains: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout, stderr } = await lab.stsResolver.run(['/usr/bin/python3', STS_SENDER, ...domains], {
    env: { SSL_CERT_FILE: lab.caFile },
  });
  expect(stderr).toBe('');
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']),
  );
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
