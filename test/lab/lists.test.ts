/** Every class of verdict against real list servers, and all default lists over a slow wire. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PoolEntry } from '../../src/pool/rank.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { CLI } from '../world/world.ts';
import { emptyDefaultLists, LISTS, type ListLab, RESOLVER, startLists, whyNoLists } from './lists-servers.ts';

const why = whyNoLists();
if (why !== null) process.stderr.write(`lists lab skipped: ${why}\n`);

let lab: ListLab;

async function check(ip: string, zones: string, options: readonly string[] = []): Promise<Report> {
  const args = [options.find((word) => word.endsWith('.example')) ?? 'example.com', ip, '--helo', 'mail.example.com'];
  const rest = options.filter((word) => !word.endsWith('.example'));
  const fixed = ['--dns', RESOLVER, '--allow-private', '--only', 'rbl', '-f', 'json', '--dnsbl', zones];
  const { stdout, stderr } = await lab.client.run([process.execPath, CLI, ...args, ...fixed, ...rest]);
  expect(stderr).toBe('');
  return reportSchema.parse(JSON.parse(stdout));
}

const codes = (report: Report): string[] =>
  (report.rules.find(({ id }) => id === 'rbl')?.findings ?? []).map(({ code, severity }) =>
    severity === 'error' ? `${code}!` : code,
  );

describe.skipIf(why !== null)('real servers', () => {
  beforeAll(async () => {
    lab = await startLists(LISTS);
  });
  afterAll(() => lab?.close());

  const zen = 'zen.spamhaus.org';
  test.each([
    ['not listed', '203.0.113.5', zen, [], 'pass'],
    ['SBL with a CIDR', '203.0.113.2', zen, ['rbl/block-listed!'], 'fail'],
    ['CSS', '203.0.113.3', zen, ['rbl/listed!'], 'fail'],
    ['XBL and PBL at once', '203.0.113.4', zen, ['rbl/listed!', 'rbl/listed-policy!'], 'fail'],
    ['PBL by the provider', '203.0.113.10', zen, ['rbl/listed-policy!'], 'fail'],
    ['PBL by Spamhaus', '203.0.113.11', zen, ['rbl/listed-policy!'], 'fail'],
    ['SBL and DROP', '203.0.113.12', zen, ['rbl/block-listed!'], 'fail'],
    ['an unknown code', '203.0.113.13', zen, ['rbl/code-unknown', 'rbl/listed-minor'], 'warn'],
    ['a refusal beside a listing', '203.0.113.14', zen, ['rbl/query-refused'], 'inconclusive'],
    ['IPv6 in the listed /64', '2001:db8:1::99', zen, ['rbl/listed!'], 'fail'],
    ['IPv6 beside it', '2001:db8:1:1::99', zen, [], 'pass'],
    ['an IPv6-only list', '2001:db8:2::1', 'bl.ipv6.spameatingmonkey.net', ['rbl/listed-minor'], 'warn'],
    ['a lesser list', '203.0.113.6', 'psbl.surriel.com', ['rbl/listed-minor'], 'warn'],
    ['a wildcard over a range, in BIND', '203.0.113.5', 'dnsbl-2.uceprotect.net', ['rbl/block-listed'], 'warn'],
    ['the range beside it', '198.51.100.5', 'dnsbl-2.uceprotect.net', ['rbl/inconclusive', 'rbl/not-verified'], 'x'],
    ['an allow list', '203.0.113.7', 'list.dnswl.org', ['rbl/welcome-listed'], 'pass'],
    ['a list that refuses this resolver', '203.0.113.5', 'sbl.spamhaus.org', ['rbl/query-refused'], 'inconclusive'],
    ['a list that lists everything', '203.0.113.5', 'wild.example', ['rbl/list-broken'], 'inconclusive'],
    ['a parked zone', '203.0.113.5', 'parked.example', ['rbl/list-broken'], 'inconclusive'],
    ['a list without its test entry', '203.0.113.5', 'empty.example', ['rbl/list-broken'], 'inconclusive'],
    ['SERVFAIL', '203.0.113.5', 'servfail.example', ['rbl/inconclusive'], 'inconclusive'],
    ['REFUSED', '203.0.113.5', 'refused.example', ['rbl/inconclusive'], 'inconclusive'],
    ['a zone that does not exist', '203.0.113.5', 'gone.example', ['rbl/inconclusive'], 'inconclusive'],
    ['a list that nobody can verify, listed', '203.0.113.8', 'all.spamrats.com', ['rbl/listed-minor'], 'warn'],
  ] as const)('%s', async (_, ip, zone, expected, verdict) => {
    const report = await check(ip, zone);
    if (verdict === 'x') {
      // Its test entry answers here, so that its silence is verified.
      expect([codes(report), report.verdict]).toEqual([[], 'pass']);
      return;
    }
    expect({ codes: codes(report).sort(), verdict: report.verdict }).toEqual({ codes: [...expected], verdict });
  });

  test.each([
    ['wild.example', 'lists-everything'],
    ['parked.example', 'outside-127'],
    ['empty.example', 'no-test-entry'],
  ])('%s is not believed: %s', async (zone, fault) => {
    const found = (await check('203.0.113.5', zone)).rules.find(({ id }) => id === 'rbl');
    expect(found?.findings).toMatchObject([{ evidence: { lists: [{ zone, fault }] } }]);
  });

  test.each([
    ['listed', 'listed.example', 'dbl.spamhaus.org', ['rbl/domain-listed!']],
    ['abused', 'abused.example', 'dbl.spamhaus.org', ['rbl/domain-abused']],
    ['neither', 'clean.example', 'dbl.spamhaus.org', []],
    [
      'bits 8, 64 and 128 of one address',
      'bits.example',
      'multi.surbl.org',
      ['rbl/domain-abused', 'rbl/domain-listed!'],
    ],
  ] as const)('a name that is %s', async (_, domain, zone, expected) => {
    expect(codes(await check('203.0.113.5', zone, [domain])).sort()).toEqual(expected);
  });

  test('faulty lists beside a working one spoil neither it nor the deadline, and none counts as clean', async () => {
    const faulty = ['silent', 'servfail', 'wild', 'parked', 'empty', 'refused'].map((name) => `${name}.example`);
    const report = await check('203.0.113.3', [zen, 'sbl.spamhaus.org', ...faulty].join(','), ['--timeout', '6']);
    expect(report.timing.durationMs).toBeLessThan(8000);
    const found = report.rules.find(({ id }) => id === 'rbl');
    expect(found?.note).toBe('clean on 0 of 8 lists; listed on 1; 7 without an answer');
    expect(found?.findings.map(({ code }) => code)).toEqual([
      'rbl/listed',
      'rbl/query-refused',
      'rbl/list-broken',
      'rbl/inconclusive',
    ]);
    const named = JSON.stringify(found?.findings.slice(1));
    for (const zone of ['sbl.spamhaus.org', ...faulty]) expect(named).toContain(`"zone":"${zone}"`);
  });

  test('a pool is ranked', async () => {
    const args = ['pool', 'example.com', '203.0.113.2/31', '203.0.113.5', '-f', 'json', '--dnsbl', zen];
    const { code, stdout } = await lab.client.run([process.execPath, CLI, ...args, '--dns', RESOLVER]);
    const entries: PoolEntry[] = JSON.parse(stdout);
    expect(entries.map(({ ip, status }) => `${ip} ${status}`)).toEqual([
      '203.0.113.5 clean',
      '203.0.113.2 listed',
      '203.0.113.3 listed',
    ]);
    expect(code).toBe(1);
  });
});

describe.skipIf(why !== null)('over a slow wire', () => {
  let slow: ListLab;

  beforeAll(async () => {
    slow = await startLists(emptyDefaultLists(), { delayMs: 20 });
  });
  afterAll(() => slow?.close());

  test('all default lists are asked, answer, and are clean', async () => {
    const words = ['example.com', '203.0.113.5', '--helo', 'mail.example.com', '--dns', RESOLVER, '--allow-private'];
    const { stdout } = await slow.client.run([process.execPath, CLI, ...words, '--only', 'rbl', '-f', 'json']);
    const [rule] = reportSchema.parse(JSON.parse(stdout)).rules.filter(({ id }) => id === 'rbl');
    expect(rule).toMatchObject({ status: 'pass', note: 'clean on 14 of 14 lists' });
  });
});
