/** `--zone`: a change of DNS is judged before it is published. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startWorld, type World } from '../world/world.ts';

let world: World;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-zone-'));
  const { zone } = scenes.healthy.world.dns;
  const { 'mail.example.com': _name, '5.113.0.203.in-addr.arpa': _ptr, ...rest } = zone;
  const broken = { ...rest, 'example.com': { SOA: [], NS: ['ns.example.com'], MX: ['10 mail.example.com'] } };
  world = await startWorld({ ...scenes.healthy.world, dns: { ...scenes.healthy.world.dns, zone: broken } });
});

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const PROPOSED = `
@ IN TXT "v=spf1 ip4:203.0.113.5 -all"
mail IN A 203.0.113.5
mail IN TXT "v=spf1 a -all"
5.113.0.203.in-addr.arpa. IN PTR mail.example.com.
`;

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const check = (...args: string[]) =>
  mailcheck(['example.com', '203.0.113.5', '--selector', 's1', '--skip', 'open-relay', ...world.args, ...args]);

test('a proposed zone turns the verdict, without touching the DNS', async () => {
  const asIs = await check('--format', 'json');
  expect(asIs.code).toBe(1);
  expect(JSON.parse(asIs.stdout).verdict).toBe('fail');

  const proposed = await check('--format', 'json', '--zone', await file('good.zone', PROPOSED));
  const report = JSON.parse(proposed.stdout);
  expect([proposed.code, report.verdict]).toEqual([0, 'pass']);
  expect(report.proposed.used).toEqual(
    expect.arrayContaining(['example.com TXT', 'mail.example.com A', '5.113.0.203.in-addr.arpa PTR']),
  );

  const again = await check('--format', 'json');
  expect(again.code).toBe(1);
});

test('a proposed fault fails the run, and the finding says what it rests on', async () => {
  const bad = PROPOSED.replace('203.0.113.5 -all', '203.0.113.6 -all');
  const { code, stdout } = await check('--full', '--zone', await file('bad.zone', bad));
  expect(code).toBe(1);
  expect(stdout.replace(/\s+/g, ' ')).toMatch(
    /\(spf\/ip-not-authorized, step 1, worse with the change, at \S+bad\.zone:2\)/,
  );
  expect(stdout).toMatch(/^Proposed .*bad\.zone: 4 records in place of/m);
});

test('several files, one of them JSON', async () => {
  const [first = '', ...rest] = PROPOSED.trim().split('\n');
  const zone = await file('rest.zone', rest.join('\n'));
  const value = /"(.*)"/.exec(first)?.[1];
  const json = await file('spf.json', JSON.stringify([{ name: 'example.com', type: 'TXT', value }]));
  expect((await check('--zone', zone, '--zone', json)).code).toBe(0);
});

test.each([
  ['syntax.zone', 'mail IN A 203.0.113.5\nmail IN AA 203.0.113.5\n', 'syntax.zone:2: "AA" is not a record type'],
  ['empty.zone', '', 'empty.zone is empty, but it must hold the proposed records'],
  ['bad.json', '[{"name": "x"}]', 'bad.json:1: record 1:'],
])('%s: one line with file and line, exit 2', async (name, text, words) => {
  const { code, stdout, stderr } = await check('--zone', await file(name, text));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('a file that is not there', async () => {
  const { code, stderr } = await check('--zone', join(folder, 'absent.zone'));
  expect(code).toBe(2);
  expect(stderr).toContain('--zone: cannot read');
});

const PLAN = {
  registrars: [],
  dns_providers: [{ name: 'host', type: 'BIND' }],
  domains: [
    {
      name: 'example.com',
      dnsProviders: { host: -1 },
      keepunknown: true,
      records: [
        { type: 'TXT', name: '@', target: 'v=spf1 ip4:203.0.113.6 -all', ttl: 300, filepos: '[line:9:3]' },
        { type: 'A', name: 'mail', target: '203.0.113.5', ttl: 300, filepos: '[line:10:3]' },
      ],
    },
  ],
};

test('a plan on standard input: annotations point at the line of dnsconfig.js', async () => {
  const args = ['example.com', '203.0.113.5', '--only', 'spf', ...world.args, '--format', 'github', '--zone', '-'];
  const { code, stdout } = await mailcheck(args, { input: JSON.stringify(PLAN) });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^::error file=dnsconfig\.js,line=9,[^\n]*spf\/ip-not-authorized/m);
});

test('nothing on standard input', async () => {
  const { code, stderr } = await mailcheck(['example.com', '203.0.113.5', '--zone', '-'], { input: '\n' });
  expect(code).toBe(2);
  expect(stderr).toBe('mailcheck: standard input is empty, but it must hold the proposed records\n');
});
