/** `mailcheck records`: what it prints is what a correct host needs, so that a check of it passes. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlannedRecord } from '../../src/records/planned-record.ts';
import { selfSigned } from '../world/certificates.ts';
import { startDns } from '../world/dns.ts';
import { closed } from '../world/smtp.ts';
import { defaultListZones, mailcheck, startWorld, type World } from '../world/world.ts';

let world: World;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-records-'));
  world = await startWorld({
    dns: {
      apexes: ['example.com', 'example.net', 'example.org'],
      zone: {
        ...defaultListZones(),
        'example.com': { SOA: [], NS: ['ns.example.com'] },
        'example.net': {
          MX: ['10 mx.example.net'],
          TXT: ['v=spf1 include:_spf.example.com ~all', 'site-verification=1'],
        },
        '_spf.example.com': { TXT: ['v=spf1 ip4:192.0.2.0/28 -all'] },
        'mx.example.net': { A: ['203.0.113.5'], TXT: ['v=spf1 a -all'] },
        '_dmarc.example.net': { TXT: ['v=DMARC1; p=reject; rua=mailto:r@example.net'] },
        '5.113.0.203.in-addr.arpa': { PTR: ['mx.example.net'] },
        'example.org': { TXT: 'servfail' },
        'unseen.example.net': { MX: ['10 mx.unseen.example.net'] },
        'mx.unseen.example.net': 'servfail',
      },
    },
    hosts: { '203.0.113.7': { name: 'mail.example.com', rcpt: closed('example.com') } },
  });
});

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const records = (...args: string[]) => mailcheck(['records', ...args, '--dns', world.dns.server]);

async function planned(...args: string[]): Promise<PlannedRecord[]> {
  const { code, stdout, stderr } = await records(...args, '--format', 'json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout).records;
}

const brief = (rows: readonly PlannedRecord[]): string[] => rows.map(({ status, line }) => `${status} ${line}`);

test('a host with nothing: everything is missing, and all of it together passes the check', async () => {
  const key = join(folder, 'mail.private.pem');
  const { code, stdout } = await records('example.com', '203.0.113.7', '--generate-dkim', key, '--format', 'json');
  expect(code).toBe(0);
  const rows: PlannedRecord[] = JSON.parse(stdout).records;
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['missing']));
  expect(brief(rows)).toEqual(
    expect.arrayContaining([
      'missing mail.example.com. IN A 203.0.113.7',
      'missing example.com. IN MX 10 mail.example.com.',
      // A record stands at _spf, where nobody includes it. Its senders were meant.
      'missing example.com. IN TXT "v=spf1 ip4:203.0.113.7 ip4:192.0.2.0/28 -all"',
      'missing mail.example.com. IN TXT "v=spf1 ip4:203.0.113.7 -all"',
      'missing _dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"',
      'missing _smtp._tls.example.com. IN TXT "v=TLSRPTv1; rua=mailto:dmarc@example.com"',
      'missing 7.113.0.203.in-addr.arpa. IN PTR mail.example.com.',
    ]),
  );
  const zone = join(folder, 'records.json');
  await writeFile(zone, stdout);
  const checked = await mailcheck([
    ...[
      'example.com',
      '203.0.113.7',
      '--selector',
      'mail',
      '--dkim-key',
      key,
      '--zone',
      zone,
      '--gate',
      'all',
      '--format',
      'json',
    ],
    ...['--only', 'dns,ptr,helo,spf,dkim,dmarc,mx', ...world.args],
  ]);
  const report = JSON.parse(checked.stdout);
  const faults = report.rules.flatMap((rule: { findings: { code: string; severity: string }[] }) =>
    rule.findings.filter(({ severity }) => severity !== 'info').map(({ code: found }) => found),
  );
  // That nothing is refused yet is a warning which only reports can settle.
  expect(faults).toEqual(['dmarc/policy-none']);
  expect(checked.code).toBe(0);
});

test('what is published and right stays, and the rest is merged with it', async () => {
  expect(brief(await planned('example.net', '203.0.113.5', '203.0.113.6')).slice(0, 6)).toEqual([
    'right mx.example.net. IN A 203.0.113.5',
    'missing mx.example.net. IN A 203.0.113.6',
    'right example.net. IN MX 10 mx.example.net.',
    'changed example.net. IN TXT "v=spf1 include:_spf.example.com ip4:203.0.113.5 ip4:203.0.113.6 ~all"',
    // The record lets every address of the name pass, and the second one is to be published.
    'right mx.example.net. IN TXT "v=spf1 a -all"',
    'right _dmarc.example.net. IN TXT "v=DMARC1; p=reject; rua=mailto:r@example.net"',
  ]);
});

describe('the key', () => {
  test('is written for its owner alone, and never over another', async () => {
    const key = join(folder, 'new.pem');
    expect((await records('example.com', '203.0.113.5', '--generate-dkim', key)).code).toBe(0);
    expect(((await stat(key)).mode & 0o777).toString(8)).toBe('600');
    const before = await readFile(key, 'utf8');
    const again = await records('example.com', '203.0.113.5', '--generate-dkim', key);
    expect([again.code, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toContain('it exists already');
    expect(await readFile(key, 'utf8')).toBe(before);
  });

  test('is not left behind where nothing is printed, so that the command can be repeated', async () => {
    const key = join(folder, 'again.pem');
    const typed = ['records', 'example.com', '203.0.113.5', '--generate-dkim', key];
    const liar = await startDns({ zone: {}, rewriteTo: '198.51.100.1' });
    try {
      expect(await mailcheck([...typed, '--dns', liar.server])).toMatchObject({ code: 3, stdout: '' });
    } finally {
      await liar.close();
    }
    expect(existsSync(key)).toBe(false);
    expect((await mailcheck([...typed, '--dns', world.dns.server])).code).toBe(0);
    expect(existsSync(key)).toBe(true);
  });

  test('is not shown', async () => {
    const key = join(folder, 'secret.pem');
    const { stdout, stderr } = await records('example.com', '203.0.113.5', '--generate-dkim', key);
    expect(stdout + stderr).not.toContain('PRIVATE KEY');
    const body = (await readFile(key, 'utf8')).split('\n')[1] ?? '';
    expect(stdout + stderr).not.toContain(body);
  });

  test('is printed where the DNS does not answer, as a comment', async () => {
    const key = join(folder, 'unasked.pem');
    const { code, stdout } = await mailcheck([
      ...['records', 'example.com', '203.0.113.5', '--generate-dkim', key, '--dns', '127.0.0.1:9', '--timeout', '3'],
    ]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^; mail\._domainkey\.example\.com\. IN TXT "v=DKIM1; k=rsa; p=/m);
    expect(stdout).not.toMatch(/^[^;\n]/m);
  });

  test('is said to be left out where there is none', async () => {
    expect((await records('example.com', '203.0.113.5')).stdout).toContain('No DKIM record: ');
  });
});

test('the zone file is one that a name server loads', async () => {
  const { stdout } = await records('example.com', '203.0.113.5', '--generate-dkim', join(folder, 'z.pem'));
  const zone = join(folder, 'db.example.com');
  await writeFile(zone, `$TTL 300\n@ IN SOA ns hostmaster 1 1 1 1 1\n@ IN NS ns\nns IN A 192.0.2.53\n${stdout}`);
  expect(stdout).toContain('; 5.113.0.203.in-addr.arpa. IN PTR mail.example.com.');
  const checker = ['/usr/bin/named-checkzone', '/usr/sbin/named-checkzone'].find((path) => existsSync(path));
  if (checker !== undefined) execFileSync(checker, ['example.com', zone], { stdio: 'pipe' });
  const parsed = await mailcheck(['example.com', '203.0.113.5', '--only', 'spf', '--zone', zone, ...world.args]);
  expect(parsed.code).toBe(0);
});

test('the table', async () => {
  const { stdout } = await records('example.net', '203.0.113.5', '--format', 'table');
  expect(stdout).toMatch(/^correct {2,}mx\.example\.net +A +203\.0\.113\.5$/m);
  expect(stdout).toMatch(/^correct \(provider\) +5\.113\.0\.203\.in-addr\.arpa +PTR +mx\.example\.net\.$/m);
});

test('the command that checks the records keeps what the user typed, and it accepts them', async () => {
  const key = join(folder, 'checked.pem');
  const typed = ['--generate-dkim', key, '--selector', 's1', '--rua', 'reports@example.com'];
  const { stdout } = await records('example.com', '203.0.113.7', ...typed);
  const command =
    /^; Check these records before you publish them: mailcheck (.+)$/m.exec(stdout)?.[1]?.split(' ') ?? [];
  expect(command).toEqual([
    ...['example.com', '203.0.113.7', '--helo', 'mail.example.com', '--selector', 's1', '--dkim-key', key],
    ...['--rua', 'reports@example.com', '--dns', world.dns.server, '--zone', 'proposed.zone', '--gate', 'all'],
  ]);
  const zone = join(folder, 'proposed.zone');
  await writeFile(zone, stdout);
  const checked = await mailcheck([
    ...command.slice(0, -4),
    '--zone',
    zone,
    '--gate',
    'all',
    '--only',
    'spf,dkim',
    '--allow-private',
  ]);
  expect(checked.code).toBe(0);
});

test('what the DNS does not say is not called missing: exit 3', async () => {
  const { code, stdout } = await records('example.org', '203.0.113.5', '--format', 'json');
  expect(code).toBe(3);
  const rows: PlannedRecord[] = JSON.parse(stdout).records;
  expect(rows.find(({ name, type }) => name === 'example.org' && type === 'TXT')?.status).toBe('unknown');
});

test('an address of a web proxy gets no records to publish without a warning: exit 3', async () => {
  const { code, stdout } = await records('example.com', '104.16.1.1');
  expect(code).toBe(3);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    '104.16.1.1 belongs to Cloudflare’s web proxy, which sends no mail. Do not publish these records. Run the command again with the mail server’s own address.',
  );
});

test('a host name is a guess where an MX host could not be looked up: exit 3', async () => {
  const { code, stdout } = await records('unseen.example.net', '203.0.113.5');
  expect(code).toBe(3);
  expect(stdout).toContain(
    'mail.unseen.example.net is a guess, because not all MX hosts of unseen.example.net could be',
  );
});

test.each([
  [['example.com'], '<ip> is missing. Type: mailcheck records --help'],
  [['example.com', '203.0.113.5', '--format', 'bind'], 'Type one of: zone, json, table'],
  [['example.com', '203.0.113.5', '--rua', 'a@b.example; p=none'], '--rua'],
  [['example.com', '203.0.113.5', '--helo', 'localhost'], '--helo'],
  [['example.com', '203.0.113.5', '--dkim-key', 'a', '--generate-dkim', 'b'], 'contradict'],
])('%j is wrong usage, in one line', async (args, words) => {
  const { code, stdout, stderr } = await records(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

describe('TLS between mail servers', () => {
  const HASH = /^_25\._tcp\.mx\.example\.edu\. IN TLSA 3 1 1 [0-9a-f]{64}$/;

  async function chainFile(name: string): Promise<string> {
    const file = join(folder, 'fullchain.pem');
    await writeFile(file, selfSigned({ names: [name] }).certificate);
    return file;
  }

  async function signedWorld(ds: readonly string[]) {
    return startDns({
      apexes: ['example.edu'],
      zone: {
        'example.edu': { NS: ['ns.example.edu'], MX: ['10 mx.example.edu'], ...(ds.length > 0 ? { DS: ds } : {}) },
        'mx.example.edu': { A: ['203.0.113.5'] },
        ...(ds.length > 1 ? { '_mta-sts.example.edu': { TXT: ['v=STSv1; id=1'] } } : {}),
      },
    });
  }

  async function notesAndTlsa(ds: readonly string[], certificateName = 'mx.example.edu') {
    const dns = await signedWorld(ds);
    try {
      const args = ['records', 'example.edu', '203.0.113.5', '--dns', dns.server, '--format', 'json'];
      const { stdout } = await mailcheck([...args, '--next-cert', await chainFile(certificateName)]);
      const { records: rows, notes }: { records: PlannedRecord[]; notes: string[] } = JSON.parse(stdout);
      return { tlsa: rows.filter(({ type }) => type === 'TLSA').map(({ line }) => line), notes: notes.join('\n') };
    } finally {
      await dns.close();
    }
  }

  const DS = `12345 13 2 ${'ab'.repeat(32)}`;

  test('a signed zone gets the TLSA record of the certificate, and when to install that', async () => {
    const { tlsa, notes } = await notesAndTlsa([DS]);
    expect(tlsa).toEqual([expect.stringMatching(HASH)]);
    expect(notes).toContain('Install the certificate two TTLs of the record later.');
    expect(notes).not.toContain('does not have the name');
  });

  test('a certificate for another name is said to be one', async () => {
    const { tlsa, notes } = await notesAndTlsa([DS], 'other.example.edu');
    expect(tlsa).toHaveLength(1);
    expect(notes).toContain('The certificate does not have the name mx.example.edu.');
  });

  test('an unsigned zone gets none, and is told why', async () => {
    const { tlsa, notes } = await notesAndTlsa([]);
    expect(tlsa).toEqual([]);
    expect(notes).toContain('No TLSA record: example.edu is not signed (DNSSEC)');
  });

  test('the policy to serve comes with a new MTA-STS record, and not with one that stands', async () => {
    const policy = 'version: STSv1\nmode: testing\nmx: mx.example.edu\nmax_age: 86400';
    expect((await notesAndTlsa([DS])).notes).toContain(policy);
    expect((await notesAndTlsa([DS, DS])).notes).not.toContain('version: STSv1');
  });
});
