/** Verdicts on real mail servers: Postfix, Exim and OpenSMTPD as Debian packages them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { CLI } from '../world/world.ts';
import { domainOf, type MailLab, type MailServer, type ServerId, servers, startMailServers } from './mail-servers.ts';
import { whyNoNet } from './netns.ts';

const OWN_MAILBOX = ['--relay-rcpt', 'you@example.org', '--active-data'];

let lab: MailLab;
let directory: string;
beforeAll(async () => {
  expect(whyNoNet()).toBeNull();
  directory = mkdtempSync(join(tmpdir(), 'mailcheck-lab-'));
  lab = await startMailServers();
  writeFileSync(join(directory, 'ca.pem'), lab.caCertificate);
});
afterAll(async () => {
  await lab?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function mailcheck(args: readonly string[], from = lab.prober): Promise<{ code: number | null; report: Report }> {
  const common = ['--dns', lab.dns, '--allow-private', '--ca-file', join(directory, 'ca.pem'), '--probe-pause', '0'];
  const { code, stdout, stderr } = await from.run([process.execPath, CLI, ...args, ...common, '-q', '-f', 'json']);
  expect(stderr).toBe('');
  return { code, report: reportSchema.parse(JSON.parse(stdout)) };
}

async function check(id: ServerId, rule: string, ...options: string[]) {
  const server = servers[id];
  const { code, report } = await mailcheck([
    domainOf(server),
    server.ip,
    '--only',
    rule,
    '--vantage',
    'outside',
    ...options,
  ]);
  const result = report.rules.find((candidate) => candidate.id === rule);
  if (result === undefined) throw new Error(`no rule ${rule}`);
  return { code, ...result, codes: result.findings.map((finding) => finding.code) };
}

describe('open relay', () => {
  test.each<[ServerId, readonly string[], number, string[]]>([
    ['closed', [], 0, []],
    ['closedexim', [], 0, []],
    // Its handshake fails, so that nothing is known of what it does behind STARTTLS.
    ['opensmtpd', ['open-relay/inconclusive'], 3, []],
    ['open', ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'], 1, []],
    ['open', ['open-relay/open', 'open-relay/accepts-everything'], 1, OWN_MAILBOX],
    ['openpostfix', ['open-relay/rcpt-accepted', 'open-relay/accepts-everything'], 1, []],
    ['openpostfix', ['open-relay/open', 'open-relay/accepts-everything'], 1, OWN_MAILBOX],
    ['openopensmtpd', ['open-relay/rcpt-accepted', 'open-relay/accepts-everything', 'open-relay/inconclusive'], 1, []],
    ['spoof', ['open-relay/by-sender'], 1, []],
    ['spoof', ['open-relay/by-sender'], 1, OWN_MAILBOX],
    ['catchall', [], 0, []],
    ['greylist', ['open-relay/greylisted'], 3, []],
    ['refusing', ['open-relay/inconclusive'], 3, []],
    ['silent', ['open-relay/inconclusive'], 3, []],
  ])('%s: %j, exit code %i', async (id, codes, code, options) => {
    expect(await check(id, 'open-relay', ...options)).toMatchObject({ codes, code });
  });

  test('a pass says how many ways were refused', async () => {
    expect((await check('closed', 'open-relay')).note).toMatch(/^\d+ relay tests, all rejected$/);
  });

  test.each<[ServerId, string]>([
    ['openpostfix', 'smtpd_relay_restrictions'],
    ['open', 'relay not permitted'],
    ['openopensmtpd', 'match auth from any'],
  ])('%s gets the lines of its own server', async (id, line) => {
    const { findings } = await check(id, 'open-relay');
    expect(findings[0]?.remediation.commands?.join('\n')).toContain(line);
  });
});

describe('TLS', () => {
  test.each<[ServerId, readonly string[], number]>([
    ['closed', [], 0],
    ['closedexim', [], 0],
    ['legacy', ['tls/legacy-enabled'], 0],
    ['expired', ['tls/cert-expired'], 1],
    ['mismatched', ['tls/cert-name-mismatch'], 0],
    ['refusing', ['tls/inconclusive'], 3],
    ['silent', ['tls/inconclusive'], 3],
  ])('%s: %j, exit code %i', async (id, codes, code) => {
    expect(await check(id, 'tls')).toMatchObject({ codes, code });
  });

  test('a server that cannot shake hands with anybody (Debian 12’s OpenSMTPD, on OpenSSL 3)', async () => {
    const { ip } = servers.opensmtpd;
    const command = `openssl s_client -starttls smtp -connect ${ip}:25 </dev/null 2>&1`;
    expect((await lab.prober.run(['sh', '-c', command])).stdout).toContain('alert internal error');
    expect(await check('opensmtpd', 'tls')).toMatchObject({ codes: ['tls/handshake-failed'], code: 1 });
  });

  test('without --ca-file the lab’s authority is not trusted', async () => {
    const { ip } = servers.closed;
    const args = [
      CLI,
      domainOf(servers.closed),
      ip,
      '--only',
      'tls',
      '--dns',
      lab.dns,
      '--allow-private',
      '-q',
      '-f',
      'json',
    ];
    const { stdout } = await lab.prober.run([process.execPath, ...args]);
    const codes = reportSchema
      .parse(JSON.parse(stdout))
      .rules.flatMap(({ findings }) => findings.map((found) => found.code));
    expect(codes).toEqual(['tls/cert-untrusted']);
  });
});

describe('everything at once', () => {
  const checks = ['--only', 'ptr,helo,open-relay,tls,mx'];
  const { ip, ip6 } = servers.closed;

  test('a well-kept host, by IPv4 and IPv6', async () => {
    const { code, report } = await mailcheck([domainOf(servers.closed), ip, ip6, ...checks, '--vantage', 'outside']);
    const statuses = Object.fromEntries(report.rules.map(({ id, status }) => [id, status]));
    expect(statuses).toMatchObject({ ptr: 'fail', 'open-relay': 'pass', tls: 'pass', mx: 'pass' });
    expect(code).toBe(1);
    const subjects = report.rules.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error');
    // BIND knows no reverse name of the IPv6 address.
    expect(subjects.map(({ code: found, subject }) => [found, subject])).toEqual([['ptr/missing', ip6]]);
  });

  test('its own vantage is recognised, and relaying for itself is no open relay', async () => {
    const server: MailServer = servers.openpostfix;
    const { report } = await mailcheck([domainOf(server), server.ip, '--only', 'open-relay'], lab.net.host(server.id));
    expect(report.vantage).toMatchObject({ kind: 'self' });
    expect(report.rules.flatMap(({ findings }) => findings.map(({ code }) => code))[0]).toBe(
      'open-relay/trusted-vantage',
    );
  });

  test('a neighbour in its network is not outside', async () => {
    const { report } = await mailcheck(
      [domainOf(servers.closed), ip, '--only', 'open-relay'],
      lab.net.host(servers.spoof.id),
    );
    expect(report.vantage.kind).toBe('same-network');
  });
});

describe('outbound port 25', () => {
  const targets = (...ids: ServerId[]) => ids.flatMap((id) => ['--egress-target', servers[id].ip]);
  const run = (...options: string[]) =>
    mailcheck(
      [domainOf(servers.closed), servers.closed.ip, '--only', 'egress', ...options],
      lab.net.host(servers.closed.id),
    );
  const codes = ({ report }: { report: Report }) =>
    report.rules.flatMap(({ findings }) => findings.map(({ code }) => code));

  test('open', async () => {
    expect(codes(await run(...targets('open', 'spoof', 'opensmtpd')))).toEqual([]);
  });

  test('rejected, while another port answers', async () => {
    const found = await run('--egress-target', '203.0.113.9', '--egress-control', `${servers.open.ip}:25`);
    expect(codes(found)).toEqual(['egress/blocked']);
    expect(found.report.rules.find(({ id }) => id === 'egress')?.findings[0]?.evidence).toMatchObject({
      nature: 'rejected',
    });
  });

  test('dropped silently, while another port answers', async () => {
    const host = lab.net.host(servers.closed.id);
    // Nobody has this link address, so that what is sent there vanishes.
    host.ip('neigh', 'replace', '203.0.113.200', 'lladdr', '02:00:00:00:02:00', 'dev', 'eth0');
    const found = await run('--egress-target', '203.0.113.200', '--egress-control', `${servers.open.ip}:25`);
    expect(codes(found)).toEqual(['egress/blocked']);
    expect(found.report.rules.find(({ id }) => id === 'egress')?.findings[0]?.evidence).toMatchObject({
      nature: 'dropped',
      anchors: [{ outcome: 'timeout' }],
    });
  });

  test('a host that turns this one away', async () => {
    expect(codes(await run(...targets('open', 'refusing')))).toEqual(['egress/refused-by-anchor']);
  });

  test('from elsewhere it is skipped', async () => {
    const { report } = await mailcheck([domainOf(servers.closed), ip4(), '--only', 'egress', ...targets('open')]);
    expect(report.rules.find(({ id }) => id === 'egress')).toMatchObject({
      skipReason: 'can only be tested on the mail server itself',
      skipCommand: expect.stringContaining(' --on-host '),
    });
  });

  const ip4 = (): string => servers.closed.ip;
});
