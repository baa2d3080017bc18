/** Block lists behind a resolver that they refuse, through the built command line: they are asked at their own name servers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultLists } from '../../src/knowledge/lists/catalogue.ts';
import { type DnsWorld, startDns } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { defaultListZones, mailcheck, startWorld, type World } from '../world/world.ts';
import type { NameScript } from '../world/zone.ts';

const { healthy } = scenes;
const zones = defaultLists().map(({ zone }) => zone);

/** The resolver answers no question about a list, as public resolvers do, but knows the name servers. */
const refusing: Record<string, NameScript> = {
  'ns.example.net': { A: ['192.0.2.53'] },
  ...Object.fromEntries(
    zones.flatMap((zone) => [
      [zone, { NS: ['ns.example.net'] }],
      [`*.${zone}`, 'refused'],
    ]),
  ),
};
const isOfList = (name: string): boolean => zones.some((zone) => name.endsWith(`.${zone}`));

let world: World;
let nameServer: DnsWorld;
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mailcheck-lists-'));
  const { dns, hosts } = healthy.world;
  const own = Object.fromEntries(Object.entries(dns.zone).filter(([name]) => !isOfList(name)));
  world = await startWorld({ dns: { ...dns, zone: { ...own, ...refusing } }, hosts });
  nameServer = await startDns({ zone: defaultListZones(), apexes: zones, isAuthoritative: true });
});
afterAll(async () => {
  await Promise.all([world.close(), nameServer.close()]);
  await rm(directory, { recursive: true, force: true });
});

async function check(...options: readonly string[]) {
  const led = ['--connect-to', `192.0.2.53:53:127.0.0.1:${nameServer.port}`];
  const { code, stdout, stderr } = await mailcheck([...healthy.args, ...world.args, ...led, '--no-config', ...options]);
  expect(stderr).not.toMatch(/\n\s+at /);
  return { code, stdout };
}

test('a healthy host ends with 0, and the report says which lists were asked where', async () => {
  const recording = join(directory, 'recording.json');
  const { code, stdout } = await check('-f', 'json', '--record', recording);
  const report = JSON.parse(stdout);
  const rbl = report.rules.find(({ id }: { id: string }) => id === 'rbl');
  expect(rbl).toMatchObject({ status: 'pass' });
  const direct = rbl.findings.find((finding: { code: string }) => finding.code === 'rbl/asked-directly');
  const asked = direct.evidence.lists.map(({ zone }: { zone: string }) => zone);
  // Barracuda answers registered resolvers only, so this machine does not try.
  expect(asked.sort()).toEqual(zones.filter((zone) => zone !== 'b.barracudacentral.org' && zone !== V6).sort());
  expect(direct.evidence.lists).toContainEqual({ zone: 'zen.spamhaus.org', servers: ['192.0.2.53#53'] });
  expect(code).toBe(0);
  const replayed = await mailcheck(['--replay', recording, '-f', 'json']);
  expect(replayed.code).toBe(0);
  expect(JSON.parse(replayed.stdout).rules).toEqual(report.rules);
});

/** A list of IPv6 addresses, of which the host has none. */
const V6 = 'bl.ipv6.spameatingmonkey.net';

test('the command of docs/ci.md for any system ends with 0', async () => {
  const { code, stdout } = await check('--allow-inconclusive', 'open-relay,tls,mx', '-f', 'pretty');
  expect(stdout).toMatch(/asked at\s+their own name servers/);
  expect(code).toBe(0);
});

test('without it, the lists are one unknown', async () => {
  const { code, stdout } = await check('--no-lists-direct', '-f', 'json');
  const [rbl] = JSON.parse(stdout).rules.filter(({ status }: { status: string }) => status === 'inconclusive');
  expect(rbl).toMatchObject({ id: 'rbl', findings: [{ code: 'rbl/inconclusive', evidence: { reason: 'all-fail' } }] });
  expect(code).toBe(3);
});
