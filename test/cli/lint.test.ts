/** `mailcheck lint` and `--offline`: what a file with DNS records decides by itself, without a network. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { check, exitCode } from '../../src/index.ts';
import { reportsSchema } from '../../src/report/schema.ts';
import { reporters } from '../../src/reporters/index.ts';
import { zoneOf } from '../../src/standards/zone-file/origin.ts';
import { CLI, mailcheck } from '../world/world.ts';

let folder: string;

const SOA = '@ 3600 SOA ns hostmaster 1 7200 3600 1209600 3600\n@ NS ns\nns A 192.0.2.53\n';
/** A set of changes in which each kind of record is wrong. */
const WRONG = `$ORIGIN example.com.
@ TXT "v=spf1 include:spf.example.net -al"
s1._domainkey TXT "v=DKIM1; k=rsa; p=notakey!"
_dmarc TXT "v=DMARC1; p=quarantin; rua=mailto:dmarc@example.com"
_mta-sts TXT "v=STSv1; id=no good;"
_smtp._tls TXT "v=TLSRPTv1; rua=tls@example.com"
default._bimi TXT "v=BIMI1; l=http://example.com/logo.svg"
@ MX 10 mail
mail CNAME gone
`;

/** The plan of octoDNS for a broken SPF record in each zone. */
function octodnsPlan(...zones: readonly string[]): string {
  const set = { ttl: 300, value: 'v=spf1 -al' };
  const change = { type: 'create', name: '', record_type: 'TXT', new: set };
  return JSON.stringify({ host: Object.fromEntries(zones.map((zone) => [zone, { changes: [change] }])) });
}

/** A plan of Terraform that gives the zone of a record by an id alone. */
const terraformPlan = {
  format_version: '1.2',
  terraform_version: '1.9.0',
  resource_changes: [
    {
      address: 'hcloud_zone_rrset.spf',
      mode: 'managed',
      type: 'hcloud_zone_rrset',
      name: 'spf',
      change: {
        actions: ['create'],
        before: null,
        after: { zone: '4711', name: '@', type: 'TXT', records: [{ value: '"v=spf1 -al"' }] },
        after_unknown: {},
      },
    },
  ],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-lint-'));
  const files = {
    'wrong.zone': WRONG,
    'example.com.zone': '@ TXT "v=spf1 include:spf.example.net -all"\n_dmarc TXT "v=DMARC1; p=none"\n',
    'web.zone': `$ORIGIN example.net.\n${SOA}www A 192.0.2.80\n`,
    'broken.zone': '$ORIGIN example.com.\n@ MX mail\n',
    'nameless.zone': '@ TXT "v=spf1 -all"\n',
    'below.zone': `$ORIGIN example.net.\n${SOA}news MX 10 ns\nnews TXT "v=spf1 -al"\nnews TXT "a"\n`,
    // The name of the file is that of a domain, but a plan names its zones.
    'plan.example': octodnsPlan('example.com.', 'example.org.'),
    'records.json': JSON.stringify([{ name: 'www', type: 'TXT', value: 'v=spf1 -all' }]),
    'terraform.json': JSON.stringify(terraformPlan),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});

afterAll(() => rm(folder, { recursive: true }));

/** Asks nobody, and so needs no server: a question would fail at this address. */
const offline = (text: string) =>
  check('example.com', [], { zones: [{ name: 'a.zone', text }], offline: true, dns: ['192.0.2.1'], selectors: ['s1'] });

describe('offline', () => {
  test('finds what is wrong in each kind of record, at its line, and asks nobody', async () => {
    const report = await offline(WRONG);
    const found = report.rules.flatMap(({ findings }) => findings.map(({ code, place }) => [code, place?.line]));
    expect(found).toEqual(
      expect.arrayContaining([
        ['spf/syntax-error', 2],
        ['dkim/key-invalid', 3],
        ['dmarc/policy-invalid', 4],
        ['mta-sts/txt-invalid', 5],
        ['tls-rpt/invalid', 6],
        ['bimi/invalid', 7],
      ]),
    );
    expect([report.timing.dnsQueries, report.timing.smtpConnections, exitCode(report)]).toEqual([0, 0, 1]);
    expect([report.proposed?.offline, report.gate]).toEqual([true, undefined]);
  });

  test('what the file does not have is no gap, and a check that saw a part only has not passed', async () => {
    const report = await offline('@ TXT "v=spf1 include:spf.example.net -all"');
    expect(report.rules.flatMap(({ findings }) => findings).filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(report.rules.find(({ id }) => id === 'spf')).toMatchObject({
      status: 'skipped',
      skipReason: 'depends on records that are not in the file (--offline)',
    });
    expect([report.verdict, exitCode(report)]).toEqual(['pass', 0]);
  });

  test('a run that asks nobody names no DNS server, and speaks of no host', async () => {
    const report = await offline('www A 192.0.2.80');
    const text = reporters.pretty([report], { color: false, verbose: false, policy: { failOn: 'error' } });
    expect(text).toContain('Judged offline: only what the file decides.');
    expect(text).not.toMatch(/DNS server|nothing is known/);
  });

  test('a domain whose MX records nobody asked for is not told to accept no mail', async () => {
    const report = await offline('_dmarc TXT "v=DMARC1; p=none"');
    const found = report.rules.flatMap(({ findings }) => findings).find(({ code }) => code === 'dmarc/no-rua');
    expect(found?.remediation?.summary).toBe(
      'Add rua to the record at _dmarc.example.com, with a mailbox that you or a report service read.',
    );
  });

  test('two SPF records: they are not told to be published, and what the merge changes is', async () => {
    const report = await offline('@ TXT "v=spf1 a:a.example.net ~all"\n@ TXT "v=spf1 a:b.example.net ?all"');
    const found = report.rules.flatMap(({ findings }) => findings).find(({ code }) => code === 'spf/multiple-records');
    expect(found?.message).toBe('There are 2 SPF records, so receivers use none of them (permerror).');
    expect(found?.remediation?.summary).toBe(
      'Replace the 2 SPF records of example.com with one that has the senders of all of them. It ends with "~all" instead of "?all".',
    );
  });

  test('what a whole zone does not have does not exist', async () => {
    const report = await offline(`${SOA}@ MX 10 ns\n`);
    expect(report.rules.find(({ id }) => id === 'spf')?.findings.map(({ code }) => code)).toEqual(['spf/missing']);
  });
});

test.each([
  ['$ORIGIN example.com.\n@ MX 10 mail', 'any.zone', 'example.com'],
  ['$TTL 300\nexample.com. 300 IN SOA ns. h. 1 2 3 4 5', 'any.zone', 'example.com'],
  ['@ MX 10 mail', 'dns/example.com.zone', 'example.com'],
  ['@ MX 10 mail', 'C:\\dns\\db.example.com', 'example.com'],
  ['@ MX 10 mail', 'example.co.uk', 'example.co.uk'],
  ['@ MX 10 mail', 'new.zone', undefined],
  ['; $ORIGIN example.com.\n@ TXT "x. SOA y"', '-', undefined],
])('the zone of %j in %s is %s', (text, file, zone) => {
  expect(zoneOf(text, file)).toBe(zone);
});

const lint = (...args: string[]) => mailcheck(['lint', ...args], { cwd: folder });

describe('lint', () => {
  test('a line for each fault, with file and line; the zone without a word of mail passes', async () => {
    const { code, stdout, stderr } = await lint('wrong.zone', 'example.com.zone', 'web.zone');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toContain('wrong.zone:2: error: ');
    expect(stdout).toMatch(/^example\.com\.zone:2: warning: .* \(dmarc\/policy-none\)$/m);
    expect(stdout).toMatch(/^web\.zone: nothing to judge: no record is of mail$/m);
    expect(stdout).toMatch(/\n\d errors, \d+ warnings in 2 files\n$/);
  });

  test('warnings fail with --strict alone, as annotations at their lines', async () => {
    const [plain, strict] = await Promise.all([
      lint('example.com.zone'),
      lint('example.com.zone', '--strict', '--format', 'github'),
    ]);
    expect([plain?.code, strict?.code]).toEqual([0, 1]);
    expect(strict?.stdout).toContain('::warning file=example.com.zone,line=2,title=example.com%3A dmarc/policy-none::');
  });

  test('a file that no name server loads, or whose zone nothing tells, is refused', async () => {
    const [broken, nameless] = await Promise.all([lint('broken.zone'), lint('nameless.zone')]);
    expect([broken?.code, broken?.stderr]).toEqual([2, expect.stringContaining('broken.zone:2:')]);
    expect([nameless?.code, nameless?.stderr]).toEqual([2, expect.stringContaining('--domain example.com')]);
  });
});

describe('what lint judges', () => {
  test('every zone that a plan names, whatever its file is called, and every name with mail in a zone file', async () => {
    const [all, one, below] = await Promise.all([
      lint('plan.example'),
      lint('plan.example', '--domain', 'example.org', '--json'),
      lint('below.zone'),
    ]);
    expect(all?.stdout).toMatch(/^plan\.example: error: example\.com: .*\(spf\/syntax-error\)$/m);
    expect(all?.stdout).toMatch(/^plan\.example: error: example\.org: .*\(spf\/syntax-error\)$/m);
    expect(JSON.parse(one?.stdout ?? '')).toMatchObject({ target: { domain: 'example.org' }, verdict: 'fail' });
    expect([all?.code, one?.code, below?.code]).toEqual([1, 1, 1]);
    expect(below?.stdout).toContain('(spf/syntax-error)');
  });

  test('standard input; JSON without anything to judge is an empty document', async () => {
    const [piped, none] = await Promise.all([
      mailcheck(['lint', '-'], { cwd: folder, input: WRONG }),
      lint('web.zone', '--json'),
    ]);
    expect([piped?.code, piped?.stdout]).toEqual([1, expect.stringContaining('-:2: error: ')]);
    expect(reportsSchema.parse(JSON.parse(none?.stdout ?? ''))).toMatchObject({ verdict: 'pass', reports: [] });
    expect(none?.code).toBe(0);
  });

  test('a text whose zone nothing tells is refused in the words of its form', async () => {
    const [json, terraform] = await Promise.all([lint('records.json'), lint('terraform.json')]);
    expect([json?.code, json?.stderr]).toEqual([2, expect.stringContaining('Write whole names, or type --domain')]);
    expect([terraform?.code, terraform?.stderr]).toEqual([
      2,
      expect.stringContaining('does not say which zone all of its records are in, so type --domain'),
    ]);
  });
});

test('the pre-commit hook: its files, and its entry with the names of files behind it', async () => {
  const text = await readFile(new URL('../../.pre-commit-hooks.yaml', import.meta.url), 'utf8');
  const [hook, ...others] = parse(text);
  expect([hook.id, hook.language, hook.pass_filenames, others]).toEqual(['mailcheck', 'node', true, []]);
  const files = new RegExp(hook.files);
  expect(['dns/example.com.zone', 'zones/example.com.db', 'src/zone.ts'].map((name) => files.test(name))).toEqual([
    true,
    true,
    false,
  ]);
  const [program, ...words] = hook.entry.split(' ');
  expect(program).toBe('mailcheck');
  const run = promisify(execFile)(process.execPath, [CLI, ...words, 'wrong.zone', 'web.zone'], { cwd: folder });
  await expect(run).rejects.toMatchObject({ code: 1 });
});
