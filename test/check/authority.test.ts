/**
 * Tests what a run makes of the name servers themselves, over sockets: a resolver with an old answer, servers that differ,
 * that are lame or silent, and what cannot be seen from here.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { FindingResult, Report } from '../../src/report/status.ts';
import { randomOf } from '../random.ts';
import { drawnFrom, improvementsBy, replacementsOf } from '../recording/one-failure.ts';
import { isLong, isWhole, seed } from '../sample.ts';
import { type CheckCase, recordIn, resultOf } from '../world/check.ts';
import { fixedClock } from '../world/clock.ts';
import type { NameScript } from '../world/dns.ts';
import {
  child,
  FIRST,
  type NameServerScript,
  PARENT,
  parent,
  SECOND,
  SIGNPOSTS,
  startNameServers,
} from '../world/name-servers.ts';
import { zoneResolver } from '../world/zone-resolver.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const REVERSE = '5.113.0.203.in-addr.arpa';
const SPF = 'v=spf1 ip4:203.0.113.5 -all';
/** The records that a sound host needs, as far as these rules ask. */
const RIGHT: Record<string, NameScript> = {
  'example.com': { MX: ['10 mail.example.com'], TXT: [SPF] },
  'mail.example.com': { A: ['203.0.113.5'] },
  [REVERSE]: { PTR: ['mail.example.com'] },
};

function without(...names: readonly string[]): Record<string, NameScript> {
  return Object.fromEntries(Object.entries(RIGHT).filter(([name]) => !names.includes(name)));
}

interface Scene extends Pick<CheckCase, 'rules' | 'settings'> {
  /** What the resolver has beside the way to the name servers. */
  readonly resolver: Record<string, NameScript>;
  readonly servers: Readonly<Record<string, NameServerScript>>;
}

const apexes = ['example.com', '113.0.203.in-addr.arpa', 'arpa', 'com', 'example'];

async function runOf({ resolver, servers, settings, rules = ['dns', 'ptr', 'spf'] }: Scene) {
  const started = await startNameServers(servers);
  open.push(started);
  const { 'example.com': way, ...ways } = SIGNPOSTS;
  const { 'example.com': apex, ...others } = resolver;
  const dns = {
    apexes,
    zone: { ...ways, ...others, 'example.com': typeof apex === 'string' ? apex : Object.assign({}, way, apex) },
  };
  const { report, recorded } = await recordIn(
    {
      dns,
      helo: 'mail.example.com',
      rules,
      settings: { connectTo: started.connectTo, ...settings },
    },
    { clock: fixedClock, transcript: true },
  );
  const replacements = isLong ? replacementsOf(recorded) : drawnFrom(recorded, isWhole ? 12 : 3, randomOf(seed));
  expect(await improvementsBy(recorded, replacements, zoneResolver(dns))).toEqual([]);
  return { report, at: started.at };
}

function findingOf(report: Report, code: string): FindingResult {
  const found = report.rules.flatMap(({ findings }) => findings).find((finding) => finding.code === code);
  if (found === undefined) throw new Error(`no ${code}, but ${codesOf(report).join(' ')}`);
  return found;
}

const codesOf = (report: Report): string[] =>
  report.rules.flatMap(({ kind, findings }) => (kind === 'check' ? findings.map(({ code }) => code) : []));

const sound = child(RIGHT);

/** The servers at the first address differ from those at the second. */
const servers = (first: NameServerScript, second: NameServerScript = sound) => ({
  [PARENT]: parent,
  [FIRST]: first,
  [SECOND]: second,
});

describe('a record that is set right and not seen yet', () => {
  const scene = { resolver: without(REVERSE), servers: { [PARENT]: parent, [FIRST]: sound, [SECOND]: sound } };

  test('stays an error, and is told to be waited for', async () => {
    const { report } = await runOf(scene);
    const missing = findingOf(report, 'ptr/missing');
    expect(missing.severity).toBe('error');
    expect(missing.message).toMatch(
      /^203\.0\.113\.5 has no PTR record .*\. This is already set right at the name servers\. Receivers see the new answer by [\d: -]+UTC at the latest \(TTL 3600 s\)\.$/,
    );
    expect(missing.authority).toEqual({ state: 'set-right', ttl: 3600, by: expect.stringMatching(/Z$/) });
    expect(missing.remediation).toEqual({ summary: expect.stringMatching(/^Wait until [\d: -]+UTC: /) });
    expect(report.plan).toBeNull();
    expect(report.advice.steps.filter(({ codes }) => codes.includes('ptr/missing'))).toEqual([
      expect.objectContaining({ summary: missing.remediation.summary, records: [], changes: [], commands: [] }),
    ]);
    expect(report.verdict).toBe('fail');
  });

  test('is told with both answers', async () => {
    const { report } = await runOf(scene);
    expect(findingOf(report, 'dns/stale-cache')).toMatchObject({
      severity: 'info',
      about: { name: REVERSE, item: 'PTR' },
      evidence: { old: [], now: ['mail.example.com'], isOwnView: false, coming: null },
    });
    expect(resultOf(report, 'dns').status).toBe('pass');
  });
});

describe('several old answers', () => {
  test('are all looked behind: what rests on another old answer is no new fault', async () => {
    const { report } = await runOf({
      resolver: without(REVERSE, 'mail.example.com'),
      servers: servers(sound),
      rules: ['dns', 'ptr'],
    });
    expect(findingOf(report, 'ptr/missing').authority?.state).toBe('set-right');
    const stale = report.rules.flatMap(({ findings }) => findings).filter(({ code }) => code === 'dns/stale-cache');
    expect(stale.map(({ severity, about }) => [severity, about.name, about.item])).toEqual([
      ['info', REVERSE, 'PTR'],
      ['info', 'mail.example.com', 'A'],
    ]);
  });

  test('may lead over an alias into another zone (RFC 2317)', async () => {
    const alias = { CNAME: ['5.rev.example.com'] };
    const delegating = child({ [REVERSE]: alias });
    const { 'example.com': _, ...reverseOnly } = delegating.zone;
    const { report } = await runOf({
      resolver: {
        ...without(REVERSE),
        [REVERSE]: alias,
        '113.0.203.in-addr.arpa': { NS: ['ns.provider.example'] },
        'ns.provider.example': { A: ['192.0.2.99'] },
      },
      servers: {
        ...servers(child({ ...RIGHT, '5.rev.example.com': { PTR: ['mail.example.com'] } })),
        [SECOND]: child({ ...RIGHT, '5.rev.example.com': { PTR: ['mail.example.com'] } }),
        [PARENT]: {
          ...parent,
          delegations: { ...parent.delegations, '113.0.203.in-addr.arpa': ['ns.provider.example'] },
        },
        '192.0.2.99': { apexes: ['113.0.203.in-addr.arpa'], zone: reverseOnly },
      },
      rules: ['dns', 'ptr'],
    });
    expect(findingOf(report, 'ptr/missing').authority?.state).toBe('set-right');
  });

  test('may be about the whole domain: its delegation is new', async () => {
    const { report } = await runOf({ resolver: { 'example.com': 'nxdomain' }, servers: servers(sound) });
    const missing = findingOf(report, 'dns/domain-nonexistent');
    expect(missing.authority?.state).toBe('set-right');
    expect(missing.remediation.summary).toMatch(/^Wait until /);
    expect(resultOf(report, 'spf').status).toBe('skipped');
    expect(report.verdict).toBe('fail');
  });
});

describe('a fault that the name servers show too', () => {
  test('is the same, with its records to publish', async () => {
    const bare = child(without(REVERSE));
    const { report } = await runOf({ resolver: without(REVERSE), servers: servers(bare, bare) });
    const missing = findingOf(report, 'ptr/missing');
    expect(missing.authority).toEqual({ state: 'same', by: null, ttl: null });
    expect(missing.remediation.records).toHaveLength(1);
    expect(missing.message).not.toMatch(/name servers/);
    expect(codesOf(report).filter((code) => code.startsWith('dns/') && code !== 'dns/ip-not-public')).toEqual([]);
  });

  test('is another one: the old one is set right, and the new one is told before receivers see it', async () => {
    const moved = child({ ...without(REVERSE), [REVERSE]: { PTR: ['nowhere.example.com'] } });
    const { report } = await runOf({ resolver: without(REVERSE), servers: servers(moved, moved) });
    expect(findingOf(report, 'ptr/missing').authority?.state).toBe('set-right');
    expect(findingOf(report, 'dns/stale-cache')).toMatchObject({
      severity: 'warning',
      evidence: { now: ['nowhere.example.com'], coming: { code: 'ptr/forward-missing' } },
      message: expect.stringMatching(/Then this will be found: The PTR record of 203\.0\.113\.5 names nowhere/),
    });
    expect(report.plan?.changes.map(({ codes }) => codes)).toContainEqual(['dns/stale-cache']);
  });
});

describe('a healthy domain', () => {
  test('costs no question to any name server', async () => {
    const { report, at } = await runOf({ resolver: RIGHT, servers: servers(sound) });
    expect([...at.values()].flatMap(({ asked }) => asked)).toEqual([]);
    expect(report.transcript?.dns.filter(({ type }) => type === 'NS').map(({ name }) => name)).toEqual(['arpa']);
  });

  test('is asked about with --authoritative, and passes where all say the same', async () => {
    const { report, at } = await runOf({
      resolver: RIGHT,
      servers: servers(sound),
      settings: { authoritative: true },
    });
    expect(codesOf(report)).toEqual(['dns/ip-not-public']);
    for (const address of [FIRST, SECOND])
      expect(at.get(address)?.asked.map(({ name, type }) => `${type} ${name}`)).toEqual(
        expect.arrayContaining(['TXT example.com', `PTR ${REVERSE}`, 'A mail.example.com', 'SOA example.com']),
      );
  });

  test('is going to fail: the name servers have lost a record that the resolver still has', async () => {
    const lost = child(without(REVERSE));
    const { report } = await runOf({
      resolver: RIGHT,
      servers: servers(lost, lost),
      settings: { authoritative: true },
    });
    expect(codesOf(report)).toEqual(['dns/ip-not-public', 'dns/stale-cache']);
    const stale = findingOf(report, 'dns/stale-cache');
    expect(stale).toMatchObject({ severity: 'warning', evidence: { old: ['mail.example.com'], now: [] } });
    expect(stale.message).toMatch(/by [\d: -]+UTC \(TTL 300 s\)\. Then this will be found: 203\.0\.113\.5 has no PTR/);
    expect(report.verdict).toBe('warn');
  });
});

describe('name servers that differ', () => {
  const other = child(
    { ...RIGHT, 'example.com': { MX: ['10 mail.example.com'], TXT: ['v=spf1 -all'] } },
    { serial: 6 },
  );

  test('are a warning, with the serial numbers', async () => {
    const { report } = await runOf({
      resolver: { ...RIGHT, 'example.com': { TXT: ['v=spf1 -all'] } },
      servers: servers(other),
    });
    const differing = findingOf(report, 'dns/authoritative-disagreement');
    expect(differing).toMatchObject({
      severity: 'warning',
      about: { name: 'example.com', item: 'TXT' },
      message:
        'The name servers of example.com give 2 different answers for TXT of example.com: "v=spf1 -all" from ns1.example.com; "v=spf1 ip4:203.0.113.5 -all" from ns2.example.com.',
    });
    expect(differing.details).toEqual([
      { label: '"v=spf1 -all"', text: 'ns1.example.com (192.0.2.53, serial 6)' },
      { label: '"v=spf1 ip4:203.0.113.5 -all"', text: 'ns2.example.com (198.51.100.53, serial 7)' },
    ]);
    expect(findingOf(report, 'spf/ip-not-authorized').authority?.state).toBe('differing');
    expect(codesOf(report)).not.toContain('dns/stale-cache');
  });

  test('in the order of records and in their TTL do not differ', async () => {
    const texts = (...records: string[]) =>
      child({
        ...RIGHT,
        'example.com': { MX: ['10 mail.example.com'], TXT: { records, ttl: records.length * 7 + 60 } },
      });
    const { report } = await runOf({
      resolver: { ...RIGHT, 'example.com': { MX: ['10 mail.example.com'], TXT: [SPF, 'other'] } },
      servers: servers(texts(SPF, 'other'), texts('other', SPF)),
      settings: { authoritative: true },
    });
    expect(codesOf(report)).toEqual(['dns/ip-not-public']);
  });
});

describe('a name server that a zone is delegated to', () => {
  const lame = (code: NameServerScript) => ({
    resolver: without(REVERSE),
    servers: servers(code, child(without(REVERSE))),
  });

  test.each([
    ['answers without authority', { zone: {}, isAuthoritative: false } as const, 'without-zone'],
    ['refuses', { zone: {}, fault: 'refused' } as const, 'refuses'],
    ['fails', { zone: {}, fault: 'servfail' } as const, 'fails'],
  ])('%s: it is lame', async (_, script, fault) => {
    const { report } = await runOf(lame(script));
    const found = report.rules.flatMap(({ findings }) => findings).filter(({ code }) => code === 'dns/lame-delegation');
    expect(found).toMatchObject([
      { severity: 'warning', evidence: { ns: 'ns1.example.com', address: FIRST, fault, others: ['ns2.example.com'] } },
    ]);
    // The other server has the answer.
    expect(findingOf(report, 'ptr/missing').authority?.state).toBe('same');
  });

  test('is not there: it is lame', async () => {
    const { report } = await runOf({
      resolver: without(REVERSE),
      servers: { [PARENT]: parent, [SECOND]: child(without(REVERSE)) },
    });
    expect(findingOf(report, 'dns/lame-delegation').evidence).toMatchObject({ address: FIRST, fault: 'silent' });
  });

  test.each([
    ['cannot be reached from here', 'no-route'],
    // It may limit how often it is asked.
    [
      'answers some questions',
      { ...child({}), zone: { ...child({}).zone, 'example.com': { SOA: 'refused', NS: ['ns1.example.com'] } } },
    ],
  ] as const)('%s: nothing is known of it', async (_, script) => {
    const { report } = await runOf({
      ...lame(script),
      resolver: { ...RIGHT, 'example.com': { MX: ['10 mail.example.com'], TXT: ['v=spf1 -all'] } },
      rules: ['dns', 'spf'],
    });
    expect(codesOf(report)).not.toContain('dns/lame-delegation');
    expect(codesOf(report)).toContain('spf/ip-not-authorized');
  });

  test('is not named by the parent: a hidden primary is not lame', async () => {
    const hidden = child(without(REVERSE));
    const names = { NS: ['hidden.example.com', 'ns2.example.com'] };
    const { report } = await runOf({
      resolver: { ...without(REVERSE), '113.0.203.in-addr.arpa': names, 'hidden.example.com': { A: [FIRST] } },
      servers: {
        [PARENT]: { ...parent, delegations: { '113.0.203.in-addr.arpa': ['ns2.example.com'] } },
        [FIRST]: { zone: {}, fault: 'refused' },
        [SECOND]: {
          ...hidden,
          zone: {
            ...hidden.zone,
            '113.0.203.in-addr.arpa': { ...Object(hidden.zone['113.0.203.in-addr.arpa']), ...names },
          },
        },
      },
      rules: ['dns', 'ptr'],
    });
    expect(codesOf(report)).not.toContain('dns/lame-delegation');
    expect(findingOf(report, 'ptr/missing').authority?.state).toBe('same');
  });

  test('is the only one over IPv6: whether IPv6 works here is not known, so nothing is known of it', async () => {
    const bare = child(without(REVERSE));
    const { report } = await runOf({
      resolver: { ...without(REVERSE), 'ns1.example.com': { AAAA: ['2001:db8::53'] } },
      servers: { [PARENT]: parent, '2001:db8::53': { zone: {}, fault: 'refused' }, [SECOND]: bare },
    });
    expect(codesOf(report)).not.toContain('dns/lame-delegation');
    expect(findingOf(report, 'ptr/missing').authority?.state).toBe('same');
  });
});

describe('name servers that nobody can ask', () => {
  test('leave the findings as they are, without a word', async () => {
    const { report } = await runOf({ resolver: without(REVERSE), servers: {} });
    expect(codesOf(report).filter((code) => code !== 'dns/ip-not-public')).toContain('ptr/missing');
    expect(codesOf(report).filter((code) => code.startsWith('dns/'))).toEqual(['dns/ip-not-public']);
    expect(findingOf(report, 'ptr/missing')).not.toHaveProperty('authority');
  });

  test('are a gap where the user asked for them', async () => {
    const { report } = await runOf({ resolver: RIGHT, servers: {}, settings: { authoritative: true } });
    expect(findingOf(report, 'dns/unreachable')).toMatchObject({
      severity: 'inconclusive',
      evidence: { reason: 'name-servers' },
    });
    expect(report.verdict).toBe('inconclusive');
  });

  test('and that are slow hold the run up for a short time only', async () => {
    const slow = { ...sound, delayMs: 60_000 };
    const { report } = await runOf({ resolver: without(REVERSE), servers: servers(slow, slow) });
    expect(findingOf(report, 'ptr/missing')).not.toHaveProperty('authority');
    expect(report.timing.durationMs).toBeLessThan(20_000);
  });
});

test('a resolver with records of its own is said to have them', async () => {
  const { report } = await runOf({
    resolver: { ...RIGHT, 'mail.example.com': { A: ['10.0.0.5'] } },
    servers: servers(sound),
    rules: ['dns', 'ptr'],
  });
  const mismatch = findingOf(report, 'ptr/forward-mismatch');
  expect(mismatch).toMatchObject({ severity: 'error', authority: { state: 'own-view' } });
  expect(mismatch.remediation.summary).toMatch(/--dns/);
});
