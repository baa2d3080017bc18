/** The gate on the command line: a pull request with a change of DNS is judged by what the change makes worse. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckOptions, check as checkByLibrary, exitCode } from '../../src/index.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { DnsScript } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startWorld, type World, type WorldScript, worldAuthority } from '../world/world.ts';

const { dns, hosts } = scenes.healthy.world;
const mta = '203.0.113.80';
const policy = 'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n';

/** The world of a healthy domain with MTA-STS, with these names in the place of its own. */
function worldWith(names: DnsScript['zone']): WorldScript {
  const sts: DnsScript['zone'] = {
    'mta-sts.example.com': { A: [mta] },
    '_mta-sts.example.com': { TXT: ['v=STSv1; id=1;'] },
  };
  return { dns: { ...dns, zone: { ...dns.zone, ...sts, ...names } }, hosts, web: { [mta]: { body: policy } } };
}

let folder: string;
let healthy: World;
let broken: World;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-gate-'));
  healthy = await startWorld(worldWith({}));
  const records = ['v=spf1 ip4:203.0.113.5 -all', 'v=spf1 mx -all'];
  const apex = { SOA: [], NS: ['ns.example.com'], MX: ['10 mail.example.com'], A: ['203.0.113.5'], TXT: records };
  broken = await startWorld(worldWith({ 'example.com': apex }));
});

afterAll(async () => {
  await Promise.all([healthy.close(), broken.close()]);
  await rm(folder, { recursive: true });
});

/** A whole zone in which the DKIM key is gone. */
const WITHOUT_KEY = `$ORIGIN example.com.
@ 3600 SOA ns hostmaster 1 7200 3600 1209600 3600
@ NS ns
@ MX 10 mail
@ A 203.0.113.5
@ TXT "v=spf1 ip4:203.0.113.5 -all"
ns A 192.0.2.53
mail A 203.0.113.5
mail TXT "v=spf1 a -all"
mta-sts A 203.0.113.80
_mta-sts TXT "v=STSv1; id=1;"
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"
`;

/** Runs the check of a pull request in its folder, with this file as the change. */
async function pullRequest(world: World, text: string, ...args: string[]) {
  await writeFile(join(folder, 'change.zone'), text);
  const host = ['example.com', '203.0.113.5', '--helo', 'mail.example.com', '--selector', 's1'];
  return mailcheck([...host, '--skip', 'rbl,provider', '--zone', 'change.zone', ...world.args, ...args], {
    cwd: folder,
  });
}

/** @returns the beginnings of the annotations: the kind, the place and the title. */
const annotations = (stdout: string): string[] =>
  stdout.split('\n').flatMap((line) => /^::(?:error|warning|notice) .*?(?=::)/.exec(line) ?? []);

test.each([
  {
    change: 'deletes a DKIM record',
    world: () => healthy,
    text: WITHOUT_KEY,
    code: 1,
    says: 'FAIL: the change makes dkim, dmarc worse (2 worse, 0 better, 1 as before).',
    lines: [
      '::error file=change.zone,line=1,title=example.com%3A dkim/selector-missing',
      '::error file=change.zone,line=12,title=example.com%3A dmarc/enforce-without-dkim',
    ],
  },
  {
    change: 'breaks SPF',
    world: () => healthy,
    text: '; the new provider\n\n@ TXT "v=spf1 ip4:203.0.113.6 -all"\n',
    code: 1,
    says: 'FAIL: the change makes spf worse (1 worse, 0 better, 1 as before).',
    lines: ['::error file=change.zone,line=3,title=example.com%3A spf/ip-not-authorized'],
  },
  {
    change: 'mends a broken domain',
    world: () => broken,
    text: '@ TXT "v=spf1 ip4:203.0.113.5 -all"\n',
    code: 0,
    says: 'PASS: the change makes nothing worse (0 worse, 1 better, 1 as before).',
    lines: [],
  },
  {
    change: 'touches nothing of mail, where mail is broken',
    world: () => broken,
    text: 'www A 198.51.100.9\n',
    code: 0,
    says: 'PASS: the change makes nothing worse (0 worse, 0 better, 2 as before).',
    lines: [],
  },
])('a pull request that $change ends with $code', async ({ world, text, code, says, lines }) => {
  const run = await pullRequest(world(), text, '--format', 'github');
  expect([run.stderr, annotations(run.stdout), run.code]).toEqual(['', lines, code]);
  expect(run.stdout).toContain(says);
  expect([...world().hosts.values()].flatMap(({ sessions }) => sessions)).toEqual([]);
});

test('every format tells the change, and a replay of the run gives the same', async () => {
  const formats = ['json', 'junit', 'sarif', 'markdown', 'html'];
  const change =
    '@ TXT "v=spf1 ip4:203.0.113.6 -all"\ns1._domainkey TXT "v=DKIM1; p="\n_dmarc TXT "v=DMARC1; p=none"\n';
  const args = formats.flatMap((format) => ['--format', `${format}=report.${format}`]);
  const { code } = await pullRequest(broken, change, ...args, '--record', 'run.json');
  expect(code).toBe(1);
  const read = (format: string) => readFile(join(folder, `report.${format}`), 'utf8');
  const [json = '', junit = '', sarif = '', markdown = '', html = ''] = await Promise.all(formats.map(read));
  const { gate, verdict } = reportSchema.parse(JSON.parse(json));
  expect([verdict, gate?.better.map((one) => one.code)]).toEqual(['fail', ['spf/multiple-records']]);
  // SPF, DKIM and the receivers’ answers: only what is worse fails a test case.
  expect(/failures="(\d+)"/.exec(junit)?.[1]).toBe('3');
  expect(junit).toContain('As before the change');
  const states = JSON.parse(sarif).runs[0].results.map((one: { ruleId: string; baselineState?: string }) => [
    one.ruleId,
    one.baselineState,
  ]);
  expect(states).toContainEqual(['dkim/revoked', 'new']);
  expect(states).toContainEqual(['tls-rpt/absent', 'unchanged']);
  for (const text of [markdown, html]) {
    expect(text).toContain('The domain has more than one SPF record');
    expect(text).toContain('4 worse, 1 better');
  }
  const replayed = await mailcheck(['--replay', 'run.json', '--json'], { cwd: folder });
  expect([replayed.code, replayed.stdout]).toEqual([1, json]);
});

const PROPOSED = { name: 'change.zone', text: 'www A 198.51.100.9' };

test('the library judges a change as well', async () => {
  const options: CheckOptions = {
    dns: [broken.dns.server],
    connectTo: broken.connectTo,
    allowPrivate: true,
    extraRoots: [worldAuthority.certificate],
    only: ['spf', 'tls'],
    zones: [PROPOSED],
  };
  const report = await checkByLibrary('example.com', ['203.0.113.5'], options);
  expect([exitCode(report), report.gate?.same]).toEqual([0, 1]);
  const all = await checkByLibrary('example.com', ['203.0.113.5'], { ...options, gate: 'all', dnsOnly: true });
  expect([exitCode(all), all.gate]).toEqual([1, undefined]);
});

test.each<[options: CheckOptions, words: RegExp]>([
  [{ gate: 'change' }, /--gate needs --zone/],
  [{ smtp: true }, /--smtp needs --zone/],
  [{ offline: true }, /--offline needs --zone/],
  [{ zones: [PROPOSED], smtp: true, dnsOnly: true }, /--smtp and --dns-only contradict each other/],
  [{ zones: [PROPOSED], offline: true, gate: 'change' }, /--offline and --gate change contradict each other/],
  [{ zones: [PROPOSED], activeRcpt: true }, /--active-rcpt needs --smtp/],
  [{ zones: [PROPOSED], askReceivers: true }, /--ask-receivers needs --smtp/],
  [{ zones: [PROPOSED], offline: true, activeRcpt: true }, /--offline and --active-rcpt contradict each other/],
])('%j is refused', async (options, words) => {
  await expect(checkByLibrary('example.com', [], options)).rejects.toThrow(words);
});
