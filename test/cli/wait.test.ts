/** `--wait`: the zone changes while mailcheck waits for it. */
import { describe, expect, test } from 'vitest';
import { run } from '../../src/check/run.ts';
import { parseArguments } from '../../src/check/target.ts';
import { type Round, roundText, waitUntilPassed } from '../../src/cli/check/wait.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { type ExitPolicy, exitCode, type Report } from '../../src/report/status.ts';
import type { DnsScript, NameScript } from '../world/dns.ts';
import { scenes } from '../world/scenes.ts';
import { mailcheck, startMailcheck, startWorld, type World } from '../world/world.ts';

const { healthy } = scenes;
const REVERSE = '5.113.0.203.in-addr.arpa';
const DMARC = '_dmarc.example.com';

const scriptOf = (changes: Record<string, NameScript>): DnsScript => ({
  ...healthy.world.dns,
  zone: { ...healthy.world.dns.zone, ...changes },
});

interface Watched {
  readonly reports: readonly Report[];
  readonly rounds: readonly Round[];
  /** The rules of each round: `all`, or those named. */
  readonly ran: readonly string[];
  readonly world: World;
}

/**
 * Waits in a world whose zone is another before each round. Time is a count of the milliseconds paused, so that no test
 * waits for any.
 */
async function watch(
  zones: readonly Record<string, NameScript>[],
  options: {
    rules?: string[];
    awaited?: string[];
    policy?: ExitPolicy;
    forMs?: number;
    domains?: string[];
  } = {},
): Promise<Watched> {
  const {
    rules = ['ptr', 'dmarc', 'open-relay'],
    awaited,
    policy = {},
    forMs = 600_000,
    domains = ['example.com'],
  } = options;
  const world = await startWorld({ ...healthy.world, dns: scriptOf(zones[0] ?? {}) });
  const rounds: Round[] = [];
  const ran: string[] = [];
  let now = 0;
  try {
    const reports = await waitUntilPassed(
      domains,
      async (targets) => {
        world.dns.rescript(scriptOf(zones[Math.min(ran.length, zones.length - 1)] ?? {}));
        ran.push(targets.map(({ ruleIds }) => ruleIds?.join('+') ?? 'all').join(' '));
        return Promise.all(
          targets.map(({ target, ruleIds }) =>
            run(
              { ...parseArguments(target, ['203.0.113.5']), selectors: [] },
              {
                settings: {
                  smtpPort: 25,
                  allowPrivate: true,
                  vantage: 'outside',
                  probePauseMs: 0,
                  submissionPorts: [],
                  // For a bulk sender, a missing DMARC record is an error.
                  volume: 'bulk',
                  connectTo: world.connectTo,
                },
                dnsServers: [parseServer(world.dns.server)],
                timeoutMs: 20_000,
                transcript: true,
                ruleIds: ruleIds ?? rules,
              },
            ),
          ),
        );
      },
      {
        deadline: forMs,
        policy,
        ...(awaited === undefined ? {} : { awaited }),
        now: () => now,
        pause: async (ms) => {
          now += ms;
        },
        onRound: (round) => rounds.push(round),
      },
    );
    return { reports, rounds, ran, world };
  } finally {
    await world.close();
  }
}

const NO_PTR: Record<string, NameScript> = { [REVERSE]: 'nxdomain' };
const NO_DMARC: Record<string, NameScript> = { [DMARC]: 'nxdomain' };
const SEVERAL_PTR: Record<string, NameScript> = { [REVERSE]: { PTR: ['mail.example.com', 'example.com'] } };

const cases: [
  name: string,
  zones: Record<string, NameScript>[],
  options: Parameters<typeof watch>[1],
  ran: string[],
  code: number,
][] = [
  ['what passes at once is not repeated', [{}], {}, ['all'], 0],
  ['only what has not passed is run, then all', [NO_PTR, NO_PTR, {}], {}, ['all', 'ptr', 'ptr', 'all'], 0],
  [
    'each rule until it passes',
    [{ ...NO_PTR, ...NO_DMARC }, NO_DMARC, {}],
    {},
    ['all', 'ptr+dmarc', 'dmarc', 'all'],
    0,
  ],
  ['what breaks meanwhile is waited for too', [NO_PTR, {}, NO_DMARC, {}], {}, ['all', 'ptr', 'all', 'dmarc', 'all'], 0],
  ['the time is up', [NO_PTR], { forMs: 150_000 }, ['all', 'ptr', 'ptr', 'all'], 1],
  ['the time is up, and the last round sees it', [NO_PTR, NO_PTR, {}], { forMs: 70_000 }, ['all', 'ptr', 'all'], 0],
  ['a warning is no reason to wait', [SEVERAL_PTR], {}, ['all'], 0],
  ['but where warnings fail it is', [SEVERAL_PTR, {}], { policy: { failOn: 'warning' } }, ['all', 'ptr', 'all'], 0],
  [
    'what could not be checked is waited for',
    [{ [REVERSE]: 'servfail' }, {}],
    {},
    // The name in the PTR record is one of the names that the host is asked to relay for.
    ['all', 'ptr+open-relay', 'all'],
    0,
  ],
  [
    'unless that is allowed',
    [{ [REVERSE]: 'servfail' }],
    { policy: { allowInconclusive: ['ptr', 'open-relay'] } },
    ['all'],
    0,
  ],
  ['--wait-for: other failures do not count', [NO_DMARC], { awaited: ['ptr'] }, ['all'], 1],
  [
    '--wait-for: and are in the report all the same',
    [{ ...NO_PTR, ...NO_DMARC }, NO_DMARC],
    { awaited: ['ptr'] },
    ['all', 'ptr', 'all'],
    1,
  ],
  [
    'what only follows from others is awaited with them',
    [NO_PTR, {}],
    { rules: ['ptr', 'receiver'], awaited: ['receiver'] },
    ['all', 'all'],
    0,
  ],
];

test.each(cases)('%s', async (_name, zones, options, ran, code) => {
  const watched = await watch(zones, options);
  expect(watched.ran).toEqual(ran);
  const [report] = watched.reports;
  expect(report && exitCode(report, options?.policy)).toBe(code);
  expect(report?.rules.filter(({ status }) => status !== 'skipped').length).toBeGreaterThanOrEqual(
    (options?.rules ?? ['ptr', 'dmarc', 'open-relay']).length - 1,
  );
  // A round is told of where it leaves something to wait for, and never the last.
  const told = watched.rounds.map(({ number }) => number);
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  expect(told.every((number) => number < ran.length)).toBe(true);
  expect(watched.rounds.every(({ missing }) => missing.length > 0)).toBe(true);
});

test('relay probes are made in whole rounds only', async () => {
  const { world, ran } = await watch([NO_PTR, NO_PTR, NO_PTR, NO_PTR, {}]);
  const once = await watch([{}]);
  expect(ran).toEqual(['all', 'ptr', 'ptr', 'ptr', 'ptr', 'all']);
  const recipients = (watched: World): number =>
    (watched.hosts.get('203.0.113.5')?.commands() ?? []).filter((command) => /^RCPT/i.test(command)).length;
  expect(recipients(once.world)).toBeGreaterThan(0);
  expect(recipients(world)).toBe(2 * recipients(once.world));
});

test('of several targets, those that have passed are not run again', async () => {
  const { ran, reports } = await watch([{}, {}], {
    domains: ['example.com', 'example.net'],
    rules: ['dmarc'],
    forMs: 1,
  });
  expect(ran).toEqual(['all all', 'all']);
  expect(reports.map(({ target, verdict }) => [target.domain, verdict])).toEqual([
    ['example.com', 'pass'],
    ['example.net', 'fail'],
  ]);
});

describe('the next round is when the first TTL behind what is missing runs out', () => {
  const pauses: [name: string, zone: Record<string, NameScript>, forMs: number, pauseMs: number][] = [
    ['the TTL of the absence', NO_PTR, 600_000, 60_000],
    [
      'of the answer',
      { [REVERSE]: { PTR: { records: ['a.example.com', 'b.example.com'], ttl: 20 } } },
      600_000,
      20_000,
    ],
    ['5 s at least', { [REVERSE]: { PTR: { records: ['a.example.com', 'b.example.com'], ttl: 1 } } }, 600_000, 5000],
    [
      '60 s at most',
      {
        [REVERSE]: { PTR: { records: ['other.example.com'], ttl: 86_400 } },
        'other.example.com': {
          A: { records: ['192.0.2.1'], ttl: 86_400 },
          AAAA: { records: ['2001:db8::1'], ttl: 86_400 },
        },
      },
      600_000,
      60_000,
    ],
    ['never past the end', NO_PTR, 7000, 7000],
  ];
  test.each(pauses)('%s', async (_name, zone, forMs, pauseMs) => {
    const { rounds } = await watch([zone, {}], { rules: ['ptr'], policy: { failOn: 'warning' }, forMs });
    expect(rounds[0]?.nextInMs).toBe(pauseMs);
  });
});

test('a round in one line, however much is missing', () => {
  const missing = [...Array(7).keys()].map((index) => ({
    domain: 'example.com',
    code: 'ptr/missing',
    subject: `192.0.2.${index}`,
  }));
  expect(roundText({ number: 3, missing, nextInMs: 4001 })).toMatch(
    /^round 3: not fixed yet: ptr\/missing \(192\.0\.2\.0\), .*192\.0\.2\.4\), and 2 more; next round in 5 s$/,
  );
  const [first] = missing;
  const several = [...missing.slice(0, 1), { domain: 'example.net', code: 'spf/missing', subject: 'example.net' }];
  expect(roundText({ number: 1, missing: several, nextInMs: 5000 })).toBe(
    `round 1: not fixed yet: example.com: ptr/missing (${first?.subject}), example.net: spf/missing (example.net); next round in 5 s`,
  );
});

describe('the command line', () => {
  const args = ['example.com', '203.0.113.5', '--only', 'ptr,dmarc', '--wait', '10m'];

  test('says each round on stderr, and ends with 0 once the record is there', async () => {
    const world = await startWorld({
      ...healthy.world,
      dns: scriptOf({ [REVERSE]: { PTR: { records: ['gone.example.com'], ttl: 1 } } }),
    });
    try {
      const child = startMailcheck([...args, ...world.args]);
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
        world.dns.rescript(scriptOf({}));
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect(stderr).toBe('mailcheck: round 1: not fixed yet: ptr/forward-missing (203.0.113.5); next round in 5 s\n');
      expect(code).toBe(0);
      expect(stdout).toContain('PASS');
      expect(stdout).not.toContain('round');
    } finally {
      await world.close();
    }
  });

  test('--quiet says nothing, and an interruption ends the wait at once', async () => {
    const world = await startWorld({ ...healthy.world, dns: scriptOf(NO_PTR) });
    try {
      const child = startMailcheck([...args, ...world.args]);
      let stdout = '';
      child.stdout.on('data', (chunk) => (stdout += chunk));
      await new Promise((resolve) => child.stderr.once('data', resolve));
      const started = performance.now();
      child.kill('SIGINT');
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
      expect(performance.now() - started).toBeLessThan(20_000);
      const quiet = await mailcheck([...args, '--wait', '10ms', '--quiet', ...world.args]);
      expect([quiet.code, quiet.stderr]).toEqual([1, '']);
    } finally {
      await world.close();
    }
  });
});
