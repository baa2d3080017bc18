/** `--plan` and `records -f`: the changes of DNS records as a file for the tools that publish them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatFor, PLAN_FORMATS } from '../../src/cli/plan-file/formats.ts';
import { parsePlanOutputs, writePlans } from '../../src/cli/plan-file/outputs.ts';
import { planFile, type Report } from '../../src/index.ts';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startWorld, type World } from '../world/world.ts';

let world: World;
let folder: string;
/** The report of the host in `scenes.fresh`, whose SPF record and PTR record are wrong. */
let report: Report;

const inFolder = (name: string): string => join(folder, name);
const content = (name: string): Promise<string> => readFile(inFolder(name), 'utf8');
const check = (...args: string[]) => mailcheck([...scenes.fresh.args, ...world.args, '--quiet', ...args]);

const TOKEN = 'site-verification=0123456789';
const SPF = 'ip4:198.51.100.7';
const planned = PLAN_FORMATS.map(({ id }) => ({ id, file: `all.${id}` }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-plan-'));
  const { dns } = scenes.fresh.world;
  const zone = {
    ...dns.zone,
    'example.net': {
      SOA: [],
      NS: ['ns.example.net'],
      MX: ['10 mail.example.net'],
      TXT: ['v=spf1 include:_spf.example.com ~all', TOKEN],
    },
  };
  world = await startWorld({ ...scenes.fresh.world, dns: { ...dns, zone } });
});

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

test('one run writes every format, and the exit code stays that of the report', async () => {
  const { code, stdout, stderr } = await check(
    ...['--only', 'ptr,spf', '--json', '--record', inFolder('run.json'), '--dns-host', 'route53'],
    ...['--plan', inFolder('host.tf')],
    ...planned.flatMap(({ id, file }) => ['--plan', `${id}=${inFolder(file)}`]),
  );
  expect([code, code === 1 ? '' : stderr]).toEqual([1, '']);
  report = JSON.parse(stdout);
  for (const { id, file } of planned) {
    const text = await content(file);
    expect({ id, text }).toEqual({ id, text: await planFile(report, id) });
    expect(text).toContain(SPF);
    expect(text, `${id}: the token beside the SPF record stays`).toContain(TOKEN);
  }
  expect(await content('host.tf'), 'the DNS host decides').toBe(await content('all.terraform-aws'));
  expect(await content('all.commands')).toMatch(/^#!\/bin\/sh\n# .*\n(?:#.*\n)*set -eu\n/);
  execFileSync('sh', ['-n', inFolder('all.commands')]);
  // The formats without comments say it here.
  const silent = PLAN_FORMATS.filter(({ comment }) => comment === null).length;
  expect(stderr.split('\n').filter((line) => line.includes('PTR mail.example.net.'))).toHaveLength(silent);
});

test('what others set is a comment at the head of the file', async () => {
  const zone = await content('all.zone');
  expect(zone).toMatch(/^; Changes of DNS records that mailcheck proposes for example\.net\.\n/);
  expect(zone).toContain('; The TTL of 3600 seconds is a proposal: put in that of your records.\n');
  // Nobody knows the TTL of a published record.
  expect(zone).toContain('\n; remove: example.net. IN TXT "v=spf1 include:_spf.example.com ~all"\n');
  expect(zone).toContain(
    '; Not in this file, because the provider of the address sets it: publish 7.100.51.198.in-addr.arpa. IN PTR mail.example.net.\n',
  );
  expect(zone.split('\n').filter((line) => line !== '' && !line.startsWith(';'))).toEqual([
    `example.net. 3600 IN TXT "${TOKEN}"`,
    expect.stringContaining(SPF),
  ]);
});

test('a replay writes the same file, and - is stdout where no report goes there', async () => {
  const again = await mailcheck([
    ...['--replay', inFolder('run.json'), '--json', '-o', inFolder('again.json'), '--plan', 'zone=-'],
  ]);
  expect([again.code, again.stderr, again.stdout]).toEqual([1, '', await content('all.zone')]);
});

test('a script for nsupdate says what to do where a text is published as several strings', async () => {
  const text = await content('all.nsupdate');
  expect(text).toContain(
    '; text of its "prereq" lines, and put this line in their place: prereq yxrrset NAME IN TXT\n',
  );
  expect(text).toContain(`prereq yxrrset example.net. IN TXT "${TOKEN}"\n`);
});

test('without a change the file says so', async () => {
  const { code } = await check('--only', 'dmarc', '--plan', inFolder('none.zone'));
  expect(code).toBe(0);
  const text = await content('none.zone');
  expect(text).toMatch(/^; mailcheck proposes no change of DNS records of example\.net in this file\.\n/);
  expect(text).not.toMatch(/^[^;\n]/m);
});

describe('a file that cannot be written', () => {
  test('is exit code 2 after the report', async () => {
    const { code, stdout, stderr } = await check('--only', 'spf', '--summary', '--plan', inFolder('missing/plan.zone'));
    expect(code).toBe(2);
    expect(stdout).toContain('FAIL');
    expect(stderr).toMatch(/^mailcheck: cannot write ".*plan\.zone": there is no such folder\n$/);
  });

  const write = (name: string) =>
    writePlans(parsePlanOutputs([inFolder(name)], []), [report], new AbortController().signal);

  test('a folder', async () => {
    await mkdir(inFolder('folder.zone'));
    await expect(write('folder.zone')).rejects.toThrow('cannot write');
  });

  // The administrator may write everywhere.
  test.skipIf(process.getuid?.() === 0)('a file in a folder of somebody else', async () => {
    await mkdir(inFolder('locked'));
    await chmod(inFolder('locked'), 0o500);
    await expect(write('locked/plan.zone')).rejects.toThrow('cannot write');
  });
});

describe('--plan', () => {
  const stdout = [{ format: 'pretty' as const }];

  test.each([
    [['plan.zone', 'zone=./plan.zone'], 'something else goes to "./plan.zone" too'],
    [['report.zone'], 'something else goes to "report.zone" too'],
    [['zone=-'], 'the report goes to stdout too. Write it to a file: --output report.txt'],
    [['zone='], '--plan has no file name'],
    [[''], '--plan has no file name'],
    [['zoen=plan.zone'], 'unknown format "zoen" of a plan (did you mean zone?). Type one of: zone'],
    [
      ['plan.txt'],
      '--plan "plan.txt": its name does not tell the format. Type one before it: --plan zone="plan.txt" (zone',
    ],
    [['plan'], 'its name does not tell the format'],
    [['-'], 'its name does not tell the format'],
    [['pl\u001b[2Jan'], 'pl\\u001b[2Jan'],
  ])('%j is refused', (texts, message) => {
    const reports = [...stdout, { format: 'html' as const, file: 'report.zone' }];
    expect(() => parsePlanOutputs(texts, reports)).toThrow(message);
  });

  test('is refused before anything is asked', async () => {
    const before = world.dns.asked.length;
    const { code, stderr } = await check('--plan', 'plan.txt');
    expect([code, world.dns.asked.length]).toEqual([2, before]);
    expect(stderr).toMatch(/^mailcheck: .*\n$/);
  });

  test.each([
    ['plan.zone', 'plan.zone', 'zone'],
    ['a/PLAN.DB', 'a/PLAN.DB', 'zone'],
    ['zone = plan.txt', ' plan.txt', 'zone'],
    ['zone=a=b', 'a=b', 'zone'],
    ['./a=b.zone', './a=b.zone', 'zone'],
  ])('%s is the file %s in the format %s', (text, file, format) => {
    const [output] = parsePlanOutputs([text], stdout);
    expect(output).toMatchObject({ file, formats: [{ id: format }] });
  });

  test('the DNS host decides between formats of the same ending', () => {
    const [format] = PLAN_FORMATS;
    const formats = ['terraform-aws', 'terraform-azure'].flatMap((id) => (format ? [{ ...format, id }] : []));
    const of = (...hosts: (string | undefined)[]) =>
      formatFor(
        'plan.tf',
        formats,
        hosts.map((dnsHost) => ({ zone: 'example.com', sets: [], ...(dnsHost === undefined ? {} : { dnsHost }) })),
      ).id;
    expect(of('azure-dns')).toBe('terraform-azure');
    expect(of('route53', 'route53')).toBe('terraform-aws');
    for (const hosts of [[undefined], ['route53', 'azure-dns'], ['netlify'], ['constructor']]) {
      expect(() => of(...hosts)).toThrow('--plan "plan.tf": the DNS host of example.com');
    }
  });
});

describe('proposed records', () => {
  const applied = ['nsupdate', 'route53', 'commands'];

  test('a format that is applied as it is, is refused before anything is asked, and in a replay', async () => {
    const zone = inFolder('proposed.zone');
    await writeFile(zone, 'example.net. IN TXT "v=spf1 -all"\n');
    const before = world.dns.asked.length;
    for (const id of applied) {
      const { code, stdout, stderr } = await check('--zone', zone, '--plan', `${id}=${inFolder('refused')}`);
      expect([code, stdout, world.dns.asked.length]).toEqual([2, '', before]);
      expect(stderr).toContain(`--plan ${id} and --zone contradict each other`);
      expect(stderr).toMatch(/: zone, octodns, dnscontrol, terraform-aws, /);
    }
    const run = inFolder('proposed.json');
    const recorded = ['--only', 'spf', '--zone', zone, '--record', run, '--summary', '--plan', inFolder('kept.zone')];
    expect((await check(...recorded)).code).not.toBe(2);
    expect(await content('kept.zone')).toContain(SPF);
    const again = await mailcheck(['--replay', run, '--plan', `commands=${inFolder('refused')}`]);
    expect([again.code, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toContain('--plan commands and --zone contradict each other');
    expect(existsSync(inFolder('refused'))).toBe(false);
  });

  test.each(PLAN_FORMATS.map(({ id }) => id))('%s from a report', async (id) => {
    const files = [{ file: 'new.zone', format: 'zone' as const, records: 1 }];
    const proposed = { ...report, proposed: { files, used: [] } } as unknown as Report;
    const writing = planFile([report, proposed], id);
    if (applied.includes(id)) await expect(writing).rejects.toThrow(`--plan ${id} and --zone contradict each other`);
    else expect(await writing).toContain(SPF);
  });
});

describe('a report from elsewhere', () => {
  type Plan = NonNullable<Report['plan']>;
  const withPlan = (change: (plan: Plan) => Partial<Plan>): Report => {
    if (report.plan === null) throw new Error('the report has no plan');
    return { ...report, plan: { ...report.plan, ...change(report.plan) } };
  };

  test.each(planned.map(({ id }) => id))('%s: no string of it leaves its comment', async (id) => {
    const evil = ['\nevil', '\r\nevil', '\u2028evil', '*/\u0085evil', '\\\nevil'].join('');
    const hostile = withPlan(({ changes }) => ({
      undecided: [{ name: 'example.net', type: 'TXT', codes: [], decide: evil }],
      changes: changes.map((change) =>
        change.owner === 'own' ? change : { ...change, add: change.add.map((record) => ({ ...record, line: evil })) },
      ),
    }));
    const text = await planFile(hostile, id);
    expect(
      text.split(/[\n\r\u0085\u2028\u2029]/).filter((line) => /^\W*evil/.test(line) && !/^(?:;|#|\/\/) /.test(line)),
    ).toEqual([]);
    expect(text).toContain(SPF);
  });

  test('a record that mailcheck has not written is left out, and named', async () => {
    const records = [
      { type: 'A', value: '192.0.2.1\nevil', line: '' },
      { type: 'MX', value: '10 mail.example.net.\nevil', line: '' },
      { type: 'CNAME', value: 'evil;.', line: '' },
      { type: 'TLSA', value: '3 1 1 $(evil)', line: '' },
      { type: 'TXT', value: 'evil', line: 'example.net. IN TXT "a" evil "b"' },
      { type: 'TXT', value: 'evil', line: 'example.net. IN TXT "a\nevil"' },
      { type: 'SRV', value: '1 1 25 evil.', line: '' },
    ];
    for (const record of records) {
      const { type } = record;
      const other = withPlan(({ changes }) => ({
        changes: changes
          .filter(({ owner }) => owner === 'own')
          .map((change) => ({ ...change, type, remove: [], keep: [], add: [{ ...record, name: 'example.net' }] })),
      }));
      const text = await planFile(other, 'zone');
      expect(text).toContain(`; Not in this file: the ${type} records of example.net, `);
      expect(text).not.toMatch(/^[^;\n]/m);
    }
  });

  test('two targets that need the same change, or different ones', async () => {
    expect(await planFile([report, report], 'zone')).toBe(await planFile(report, 'zone'));
    const other = withPlan(({ changes }) => ({ changes: changes.map((change) => ({ ...change, add: [] })) }));
    const text = await planFile([report, other], 'zone');
    expect(text).toContain(
      '; Not in this file: the records of example.net, for which two targets need different values.\n',
    );
    expect(text).not.toMatch(/^[^;\n]/m);
  });

  test('an unknown format is an error', async () => {
    await expect(planFile(report, 'html')).rejects.toThrow('unknown format "html" of a plan');
  });
});

describe('records', () => {
  test.each(['nsupdate', 'route53', 'octodns'])(
    '-f %s prints whole record sets, and what is optional as a comment',
    async (id) => {
      const args = ['records', 'example.net', '198.51.100.7', '--dns', world.dns.server, '-f', id];
      const { code, stdout, stderr } = await mailcheck(args);
      expect(code).toBe(0);
      for (const value of [SPF, TOKEN]) expect(stdout).toContain(value);
      const records = stdout.replaceAll(/^;.*$/gm, '');
      // A file that is applied as it is would give the records that are right another TTL.
      for (const value of ['mail.example.net', '_dmarc', 'p=none'])
        expect(records.includes(value)).toBe(id === 'octodns');
      const isSilent = PLAN_FORMATS.some((format) => format.id === id && format.comment === null);
      expect(isSilent ? stderr : stdout).toMatch(
        /^.* Optional, so not in this file: _smtp\._tls\.example\.net\. IN TXT /m,
      );
      expect(isSilent ? stderr : stdout).toMatch(
        /^.* Not in this file, because the provider of the address sets it: publish 7\.100\.51\.198\./m,
      );
      if (!isSilent) expect(stderr).toBe('');
    },
  );
});
