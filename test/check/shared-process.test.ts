/** Tests what the runs of one process share: the mail server that many domains have, and a dead resolver. */
import { expect, test } from 'vitest';
import { HostMemory } from '../../src/check/facts/host-memory.ts';
import { type RunOptions, run } from '../../src/check/run.ts';
import { parseArguments } from '../../src/check/target.ts';
import { openSharedProcess, type SharedProcess } from '../../src/check/world.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { parseDomain } from '../../src/network/domain.ts';
import { pretty } from '../../src/reporters/pretty.ts';
import type { NameScript } from '../world/dns.ts';
import { startWorld, type World, worldAuthority } from '../world/world.ts';

const ip = '203.0.113.5';
const domains = ['first', 'second', 'third', 'fourth', 'fifth'].map((word) => `${word}.example`);

function optionsIn(world: World, process: SharedProcess, rules: string[]): RunOptions {
  return {
    settings: {
      smtpPort: 25,
      allowPrivate: true,
      vantage: 'outside',
      probePauseMs: 0,
      connectTo: world.connectTo,
      extraRoots: [worldAuthority.certificate],
    },
    dnsServers: [parseServer(world.dns.server)],
    timeoutMs: 20_000,
    ruleIds: rules,
    process,
    onFault: (_, error) => {
      throw error;
    },
  };
}

const targetOf = (domain: string) => ({ ...parseArguments(domain, []), selectors: [] });

test('shared process: domains with one mail server ask it once, and each report says so', async () => {
  const zone: Record<string, NameScript> = { 'mail.example.net': { A: [ip] }, arpa: { NS: ['a.ns.arpa'] } };
  for (const domain of domains) zone[domain] = { SOA: [], MX: ['10 mail.example.net'] };
  const identity = worldAuthority.issue({ names: ['mail.example.net'] });
  const world = await startWorld({
    dns: { zone, apexes: ['example.net', ...domains] },
    hosts: { [ip]: { name: 'mail.example.net', tls: { identity } } },
  });
  const shared = openSharedProcess({ connectionRate: 1000 });
  try {
    const options = optionsIn(world, shared, ['tls', 'open-relay', 'mx', 'helo']);
    const sessions = () => world.hosts.get(ip)?.sessions.length ?? 0;
    const first = await run(targetOf('first.example'), options);
    const before = sessions();
    expect(before).toBeGreaterThan(2);
    const others = await Promise.all(domains.slice(1).map((domain) => run(targetOf(domain), options)));
    expect(sessions()).toBe(before);
    for (const report of others) {
      expect(report.target.shared).toEqual([{ ip, askedFor: 'first.example', askedAt: expect.any(String) }]);
      expect(report.timing.smtpConnections).toBe(0);
      expect(report.rules.map(({ id, status }) => [id, status])).toEqual(
        first.rules.map(({ id, status }) => [id, status]),
      );
      expect(pretty([report], { color: false, width: 200, verbose: false })).toMatch(/asked\s+once\s+in\s+this\s+run/);
    }
    expect(first.target.shared).toBeUndefined();
    // Another setting, or a transcript, needs connections of its own.
    await run(targetOf('second.example'), { ...options, transcript: true });
    expect(sessions()).toBeGreaterThan(before);
    expect(world.dns.asked.filter(({ name }) => name === 'mail.example.net').length).toBeLessThanOrEqual(4);
  } finally {
    shared.end();
    await world.close();
  }
}, 30_000);

test('shared process: runs at the same time wait for the first, and one that is cut off spoils no other', async () => {
  const world = await startWorld({
    dns: {
      zone: {
        'mail.example.net': { A: [ip] },
        arpa: { NS: ['a.ns.arpa'] },
        ...Object.fromEntries(domains.map((domain) => [domain, { SOA: [], MX: ['10 mail.example.net'] }])),
      },
      apexes: ['example.net', ...domains],
    },
    hosts: { [ip]: { name: 'mail.example.net' } },
  });
  const shared = openSharedProcess({ connectionRate: 1000 });
  try {
    const options = optionsIn(world, shared, ['mx']);
    const end = new AbortController();
    const cut = run(targetOf('first.example'), { ...options, signal: end.signal }).catch(() => 'cut off');
    const others = domains.slice(1).map((domain) => run(targetOf(domain), options));
    end.abort();
    expect(await cut).toBe('cut off');
    const reports = await Promise.all(others);
    expect(reports.map(({ rules }) => rules[0]?.findings.some(({ severity }) => severity === 'inconclusive'))).toEqual(
      reports.map(() => false),
    );
    expect(world.hosts.get(ip)?.sessions.length).toBeLessThanOrEqual(2);
  } finally {
    shared.end();
    await world.close();
  }
}, 30_000);

test('shared process: a dead resolver is found once, and again when the time is over', async () => {
  const world = await startWorld({ dns: { zone: {}, fault: 'refused' } });
  const clock = { now: 0 };
  const shared = openSharedProcess({}, { now: () => clock.now, date: () => clock.now });
  try {
    const options = optionsIn(world, shared, ['spf', 'dmarc']);
    const dead = () => world.dns.asked.filter(({ name }) => name === 'arpa').length;
    const reports = await Promise.all(domains.map((domain) => run(targetOf(domain), options)));
    expect(reports.map(({ verdict }) => verdict)).toEqual(domains.map(() => 'inconclusive'));
    const once = dead();
    expect(shared.resolverTrouble()).toMatchObject({ state: 'refusing' });
    const domain = parseDomain('sixth.example');
    if (domain === undefined) throw new Error('no domain');
    expect(await shared.checkResolver(domain, options.dnsServers)).toMatchObject({ state: 'refusing' });
    expect(dead()).toBe(once);
    world.dns.rescript({ zone: { arpa: { NS: ['a.ns.arpa'] } }, apexes: domains });
    clock.now = 5000;
    expect(await shared.checkResolver(domain, options.dnsServers)).toBeNull();
    expect(shared.resolverTrouble()).toBeNull();
  } finally {
    shared.end();
    await world.close();
  }
});

test('host memory: what is too old, or was cut off, is gathered again', async () => {
  const clock = { now: 0 };
  const memory = new HostMemory(() => clock.now);
  const end = new AbortController();
  const asker = (domain: string, signal = new AbortController().signal) => ({ domain, settings: '', signal });
  const recall = (domain: string, signal?: AbortSignal, gather = async () => domain) =>
    memory.recall('relay 203.0.113.5', asker(domain, signal), gather, async () => {});
  const ended = recall('first.example', end.signal, async () => {
    end.abort();
    return 'cut off';
  });
  const second = recall('second.example');
  expect([await ended, await second]).toEqual([{ result: 'cut off' }, { result: 'second.example' }]);
  expect(await recall('third.example')).toMatchObject({ result: 'second.example', from: { domain: 'second.example' } });
  clock.now = 15 * 60_000 + 1;
  expect(await recall('third.example')).toEqual({ result: 'third.example' });
});
