import { describe, expect, test } from 'vitest';
import { parsePool } from '../../src/cli/options/pool-addresses.ts';
import { listOfZone } from '../../src/knowledge/lists/catalogue.ts';
import type { PoolEntry } from '../../src/pool/rank.ts';
import type { NameScript } from '../world/dns.ts';
import { defaultListZones, listZone, mailcheck, reversed, startWorld } from '../world/world.ts';

const at = (last: number): string => `203.0.113.${last}`;
const listed = (...entries: [last: number, ...answers: string[]][]): Record<string, NameScript> =>
  Object.fromEntries(entries.map(([last, ...answers]) => [reversed(at(last)), { A: answers, TXT: ['see list'] }]));
const ptr = (last: number, name: string, address = at(last)): Record<string, NameScript> => ({
  [`${reversed(at(last))}.in-addr.arpa`]: { PTR: [name] },
  [name]: { A: [address] },
});

/** .1 has the best name, .2 a provider's, .3 none; .4 is on a lesser list; .5 to .7 are listed, worse and worse. */
const zone: Record<string, NameScript> = {
  ...defaultListZones({
    'zen.spamhaus.org': listed([5, '127.0.0.11'], [6, '127.0.0.3'], [7, '127.0.0.3', '127.0.0.2']),
    'bl.spamcop.net': listed([7, '127.0.0.2']),
    'psbl.surriel.com': listed([4, '127.0.0.2']),
  }),
  ...ptr(1, 'mail.example.com'),
  ...ptr(2, 'host-203-0-113-2.cloud.example.net'),
  ...ptr(0, 'mx.example.org', at(99)),
};

async function pool(args: readonly string[], dns: Record<string, NameScript> = zone) {
  const running = await startWorld({ dns: { zone: dns } });
  const finished = await mailcheck(['pool', ...args, '--dns', running.dns.server]);
  const { asked } = running.dns;
  await running.close();
  return { ...finished, asked };
}

const entriesOf = (stdout: string): PoolEntry[] => JSON.parse(stdout);

describe('ranking', () => {
  test('a /29, cleanest first: listings, then network, then PTR record', async () => {
    const { code, stdout, stderr, asked } = await pool(['example.com', '203.0.113.0/29', '-f', 'json']);
    const entries = entriesOf(stdout);
    expect(entries.map(({ ip }) => ip)).toEqual([1, 2, 0, 3, 4, 5, 6, 7].map(at));
    expect(entries.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(entries.map(({ status }) => status)).toEqual([
      ...['clean', 'clean', 'clean', 'clean', 'minor'],
      ...['listed', 'listed', 'listed'],
    ]);
    expect(entries.map(({ ptr: { state } }) => state).slice(0, 4)).toEqual(['own', 'generic', 'mismatch', 'absent']);
    expect(entries[6]?.listings).toMatchObject([
      { code: 'rbl/listed', zone: 'zen.spamhaus.org', codes: ['CSS'], txt: ['see list'], impact: 'critical' },
    ]);
    expect(entries[7]?.block).toMatchObject([{ code: 'rbl/block-listed', codes: ['SBL'] }]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    // Test entries are asked once per list, not once per address: ours and the canary's. On a busy machine the canary may
    // give up, and a third question decides.
    const tests = asked.filter(({ name }) => name === '2.0.0.127.zen.spamhaus.org');
    expect([2, 3]).toContain(tests.length);
  });

  test('an address of a web proxy is not ranked as clean, and no list is asked about it', async () => {
    const { code, stdout, asked } = await pool(['example.com', '104.16.1.1', at(1)]);
    expect(stdout).toContain('Keep 203.0.113.1.');
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      '104.16.1.1 cannot send mail to the internet: it belongs to Cloudflare’s web proxy. Pass the mail server’s own address instead.',
    );
    expect(code).toBe(3);
    expect(asked.filter(({ name }) => name.startsWith('1.1.16.104.') && !name.endsWith('.in-addr.arpa'))).toEqual([]);
  });

  test('single addresses and networks together, each once', async () => {
    const { stdout } = await pool(['example.com', at(6), '203.0.113.0/31', at(1), '-f', 'json']);
    expect(entriesOf(stdout).map(({ ip }) => ip)).toEqual([at(1), at(0), at(6)]);
  });

  test('IPv6', async () => {
    const nibbles = `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2`;
    const zen = listZone(listOfZone('zen.spamhaus.org'), { [nibbles]: { A: ['127.0.0.3'] } });
    const { stdout } = await pool(['example.com', '2001:db8::/127', '-f', 'json'], { ...defaultListZones(), ...zen });
    expect(entriesOf(stdout).map(({ ip, status }) => [ip, status])).toEqual([
      ['2001:db8::', 'clean'],
      ['2001:db8::1', 'listed'],
    ]);
  });

  test('the table fits 80 columns and says what to keep', async () => {
    const { stdout } = await pool(['example.com', '203.0.113.0/29']);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    expect(lines[0]).toBe('mailcheck pool example.com: 8 addresses, cleanest first');
    expect(stdout).toMatch(
      / 1\. ✔ clean {4}203\.0\.113\.1 {2}clean on \d+ of \d+\n {17}mail\.example\.com \(PTR record in the domain\)\n/,
    );
    expect(stdout).toMatch(/ 8\. ✖ LISTED {3}203\.0\.113\.7/);
    expect(stdout).toContain('Keep 203.0.113.1, then 203.0.113.2, then 203.0.113.0.');
  });
});

describe('exit codes', () => {
  const clean = ['example.com', '203.0.113.0/31', '-f', 'json'];

  test('0: nothing is listed, or only on lesser lists', async () => {
    expect((await pool(clean)).code).toBe(0);
    expect((await pool(['example.com', at(4)])).code).toBe(0);
  });

  test.each([
    ['SERVFAIL', 'servfail', 'servfail'],
    ['a refusal by code', { A: ['127.255.255.254'] }, 'refused'],
    ['a list that lists everything', { A: ['127.0.0.2'] }, 'lists-everything'],
  ] as [string, NameScript, string][])('3: %s is never clean', async (_, script, reason) => {
    const { 'zen.spamhaus.org': _none, ...rest } = zone;
    const faulty = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.endsWith('.zen.spamhaus.org')));
    const { code, stdout } = await pool(clean, { ...faulty, '*.zen.spamhaus.org': script });
    expect(code).toBe(3);
    for (const { status, unknown } of entriesOf(stdout)) {
      expect(status).toBe('unknown');
      expect(unknown).toContainEqual({ zone: 'zen.spamhaus.org', reason });
    }
  });

  test('3: a DNS server that is silent, at the deadline', async () => {
    const running = await startWorld({ dns: { zone: {}, fault: 'timeout' } });
    const started = performance.now();
    const args = ['pool', 'example.com', '203.0.113.0/30', '--timeout', '2', '--dns', running.dns.server];
    const { code, stdout } = await mailcheck(args);
    await running.close();
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(code).toBe(3);
    expect(stdout).toContain('Keep none yet');
  });

  test('3: a dead zone and one without its key, named', async () => {
    const zones = ['--dnsbl', 'dnsbl.sorbs.net,combined.mail.abusix.zone'];
    const { code, stdout } = await pool(['example.com', at(1), ...zones]);
    expect(code).toBe(3);
    expect(stdout).toContain('dnsbl.sorbs.net (');
    expect(stdout).toContain('combined.mail.abusix.zone (needs a key)');
  });

  test.each([
    [['example.com', '203.0.113.0/24'], /"203\.0\.113\.0\/24" is too large\. A pool has at most 64 addresses/],
    [['example.com', '203.0.113.0/26', '198.51.100.1'], /"65 addresses" is too large\./],
    [['example.com', '2001:db8::/64'], /is too large\. A pool has/],
    [['example.com', '203.0.113.0/33'], /is not a network/],
    [['example.com', 'mail.example.com'], /is neither an address nor a network/],
    [['203.0.113.1', '203.0.113.2'], /the mail domain comes first/],
    [['example.com'], /<ip\|network> is missing\. Type: mailcheck pool --help$/m],
    [['example.com', '203.0.113.1', '-f', 'jsno'], /did you mean json/],
  ])('2: %j', async (args, expected) => {
    const { code, stdout, stderr } = await mailcheck(['pool', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mailcheck: [^\n]+\n$/);
    expect(stderr).toMatch(expected);
  });
});

test('a network counts whole, from wherever in it it was written', () => {
  expect(parsePool(['203.0.113.5/30'], 'example.com')).toEqual([4, 5, 6, 7].map(at));
  expect(parsePool(['203.0.113.0/26'], 'example.com')).toHaveLength(64);
});
