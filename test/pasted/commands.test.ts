/** The commands besides the check, in every format: no raw control and no invisible character of the network. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INVISIBLE } from '../../src/usage-error.ts';
import { defaultListZones, mailcheck, startWorld, type World } from '../world/world.ts';

/** One of each kind: C0, DEL, C1, line separators, marks of the writing direction, and what is not shown. */
const CHARACTERS =
  '\u0000\u0007\u0008\u001b\u007f\u0080\u0085\u009b\u009d\u00ad\u034f\u061c\u115f\u180e\u200b\u200f\u2028\u2029\u202e\u2060\u2066\u2069\u3164\ufe0f\ufeff\u{e0041}\u{e01ef}';

const EVIL = `a${CHARACTERS}b]0;title`;

let world: World;

beforeAll(async () => {
  world = await startWorld({
    dns: {
      zone: {
        ...defaultListZones({ 'zen.spamhaus.org': { '5.113.0.203': { A: ['127.0.0.2'], TXT: [EVIL] } } }),
        'example.com': { SOA: [], MX: ['10 mail.example.com'], TXT: [`v=spf1 exp=${EVIL} a:${EVIL}.example -all`] },
        'mail.example.com': { A: ['203.0.113.5'] },
        '_dmarc.example.com': { TXT: [`v=DMARC1; p=none; x=${EVIL}; rua=mailto:${EVIL}`] },
        '5.113.0.203.in-addr.arpa': { PTR: ['a\u202eb\u009b.example.net'] },
      },
    },
  });
});
afterAll(() => world.close());

const IP = '203.0.113.5';

const CASES: readonly (readonly [words: readonly string[], formats: readonly string[], isOverDns: boolean])[] = [
  [['records', 'example.com', IP], ['table', 'zone', 'json'], true],
  [['spf', IP, 'a@example.com'], ['pretty', 'json'], true],
  [['pool', 'example.com', IP], ['pretty', 'json'], true],
  [['providers', 'hetzner-cloud'], ['pretty', 'json'], false],
  [['explain', 'spf/missing'], ['pretty', 'json'], false],
];

describe.each(CASES)('mailcheck %j', (words, formats, isOverDns) => {
  test.each(formats)('--format %s', async (format) => {
    const args = [...words, '--format', format, ...(isOverDns ? ['--dns', world.dns.server] : [])];
    const { stdout, stderr, code } = await mailcheck(args);
    expect([0, 1, 3]).toContain(code);
    expect(stdout.length).toBeGreaterThan(10);
    const raw = `${stdout}${stderr}`.match(INVISIBLE) ?? [];
    expect([...new Set(raw)].filter((character) => character !== '\n')).toEqual([]);
    if (format === 'json') expect(JSON.parse(stdout)).toBeTruthy();
  });
});

test('the JSON of a record keeps every character', async () => {
  const { stdout } = await mailcheck(['spf', IP, 'a@example.com', '--format', 'json', '--dns', world.dns.server]);
  expect(JSON.stringify(JSON.parse(stdout))).toContain('title');
  expect(JSON.parse(stdout).trace.record).toContain('\u009b');
});
