/** The options of DNSSEC, by the command line: a root of one's own, and another resolver for the signatures. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DnsWorld, startDns } from '../world/dns.ts';
import { signedWorld } from '../world/signer.ts';
import { mailcheck } from '../world/world.ts';

const NO_OUTSIDE = new URL('../recording/no-outside.mjs', import.meta.url).href;

const zones = ['.', 'com', 'example.com'].map((apex) => ({ apex }));
// The command line has the clock of this machine.
const signed = signedWorld(zones, { now: Date.now() });

let folder: string;
let honest: DnsWorld;
let stripping: DnsWorld;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-dnssec-'));
  await writeFile(at('root.txt'), signed.anchorText);
  await writeFile(at('wrong.txt'), 'example.com. IN A 192.0.2.1\n');
  honest = await startDns({ zone: {}, signed });
  const { answerTo } = signedWorld(zones, { now: Date.now(), strips: true });
  stripping = await startDns({ zone: {}, signed: { answerTo } });
});
afterAll(async () => {
  await Promise.all([honest.close(), stripping.close(), rm(folder, { recursive: true })]);
});

const check = (...more: readonly string[]) =>
  mailcheck(['example.com', '--only', 'dnssec', '--dns-only', '--format', 'json', ...more]);
const statusIn = (stdout: string): unknown =>
  JSON.parse(stdout).rules.find(({ id }: { readonly id: string }) => id === 'dnssec').status;

test('--trust-anchor trusts a root of one’s own, and a replay gives the same report without an outside', async () => {
  const file = at('run.json');
  const live = await check('--dns', honest.server, '--trust-anchor', at('root.txt'), '--record', file);
  expect(live.stderr).toBe('');
  expect(statusIn(live.stdout)).toBe('pass');
  const env = { NODE_OPTIONS: `--import ${NO_OUTSIDE}` };
  const replayed = await mailcheck(['--replay', file, '--format', 'json'], { env });
  expect(replayed.stdout).toBe(live.stdout);
});

test('without it, a root of one’s own is not trusted', async () => {
  const { stdout, code } = await check('--dns', honest.server);
  expect(statusIn(stdout)).toBe('inconclusive');
  expect(code).toBe(3);
  expect(stdout).toContain('do not fit the trust anchor');
});

test('--dnssec-resolver gives the signatures that the usual resolver strips', async () => {
  const trust = ['--trust-anchor', at('root.txt'), '--dns', stripping.server];
  const without = await check(...trust);
  expect(statusIn(without.stdout)).toBe('inconclusive');
  expect(without.stdout).toContain('--dnssec-resolver');
  const { stdout } = await check(...trust, '--dnssec-resolver', honest.server);
  expect(statusIn(stdout)).toBe('pass');
});

test.each([
  ['--dnssec-resolver', 'example.net', /such as --dnssec-resolver 192\.0\.2\.53/],
  ['--trust-anchor', 'wrong.txt', /wrong\.txt.*only DS and DNSKEY records are trust anchors/],
  ['--trust-anchor', 'none.txt', /cannot read/],
] as const)('%s %s is refused with a word on what is wrong', async (option, value, says) => {
  const given = option === '--trust-anchor' ? at(value) : value;
  const { code, stderr } = await check('--dns', honest.server, option, given);
  expect(code).toBe(2);
  expect(stderr).toMatch(says);
});
