import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruleIds } from '../../src/check/rules/index.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { scenes } from '../world/scenes.ts';
import { typed } from '../world/typed.ts';
import { CLI, mailcheck, startWorld } from '../world/world.ts';

const wrong: [args: string[], says: RegExp][] = [
  [['--quiet'], /which domain\? Type: mailcheck <domain>/],
  [['1.2.3.4', 'example.com'], /the domain comes first.* Type: mailcheck example\.com 1\.2\.3\.4/],
  [['1.2.3.4'], /is an address; the mail domain comes first/],
  [['https://example.com/path'], /is a URL.* Type: mailcheck example\.com/],
  [['https://user:secret@example.com:8443/'], /Type: mailcheck example\.com$/m],
  [['me@example.com', '203.0.113.5'], /is an e-mail address.* Type: mailcheck example\.com 203\.0\.113\.5/],
  [['example.com:25'], /Type: mailcheck example\.com/],
  [['example'], /is not a domain name/],
  [['exa mple.com'], /is not a domain name/],
  [['-example.com'], /there is no option "-example\.com"\. Type: mailcheck --help/],
  [[`${'x'.repeat(64)}.com`], /is not a domain name/],
  [['\u001b[31mred.com\u0007'], /\\u001b\[31mred/],
  [['example.com', '203.0.113'], /is not an IP address/],
  [['example.com', '203.0.113.256'], /is not an IP address/],
  [['example.com', '203.0.113.0/24'], /is a network/],
  [['example.com', '203.0.113.5:25'], /--smtp-port 25/],
  [['example.com', 'mail.example.com'], /is a second name/],
  [['example.com', 'fe80::1%eth0'], /is not an IP address/],
  [['--', 'providers'], /"providers" is not a domain/],
  [['--strict', '--', 'help'], /"help" is not a domain/],
  [['example.com', '--formt', 'json'], /there is no option --formt \(did you mean --format\?\)/],
  [['example.com', '--format', 'jsn'], /unknown format "jsn" \(did you mean json\?\)/],
  [['example.com', '--only', 'pttr'], /did you mean ptr\?/],
  [['example.com', '--skip', 'nope'], /there is no check "nope"/],
  [['example.com', '--only', 'ptr', '--skip', 'ptr'], /--only and --skip exclude every check/],
  [['example.com', '--dns', 'resolver.example'], /is not a DNS server address/],
  [['example.com', '--dns', '2001:db8::1:99999'], /is not a DNS server address/],
  [['example.com', '--dns', '[2001:db8::1]:0'], /is not a DNS server address/],
  [['example.com', '--smtp-port', '70000'], /is not a port/],
  [['example.com', '--timeout', 'soon'], /is not a time/],
  [['example.com', '--timeout', '0'], /is not a time/],
  [['example.com', '--timeout'], /--timeout needs a value: --timeout <seconds>/],
  [['example.com', '--helo', 'two words'], /cannot be a HELO name/],
  [['example.com', '--selector', '-bad-'], /is not a DKIM selector/],
  [['example.com', '--dnsbl', 'zen'], /is not the DNS zone of a list/],
  [['example.com', '--allow-inconclusive', 'rbll'], /did you mean rbl\?/],
  [['example.com', '--dkim-key', '/no/such/file'], /cannot read "\/no\/such\/file": there is no such file$/m],
  [['example.com', '--message', '/tmp'], /cannot read "\/tmp": it is a folder$/m],
  [['example.com', '--zone', 'new.zone'], /cannot read "new\.zone": there is no such file$/m],
  [['example.com', '-o', 'x', '--message', 'package.json/x'], /a part of its path is not a folder$/m],
  [['example.com', '--message', 'package.json'], /is not a message/],
  [['example.com', '--dkim-key', 'package.json'], /it contains no private key in PEM form/],
  [['spf', '203.0.113.5'], /<sender> is missing\. Type: mailcheck spf --help/],
  [['spf', 'nonsense', 'a@example.com'], /is not an IP address/],
  [['spf', '203.0.113.5', ''], /--helo/],
  [['spf', '203.0.113.5', 'a@example.com', '-f', 'xml'], /unknown format "xml"/],
  [['example.com', '--active-data'], /--relay-rcpt/],
  [['example.com', '--relay-rcpt', 'nobody'], /is not a mailbox/],
  [['example.com', '--connect-to', '1.2.3.4:25'], /ip:port:ip:port/],
  [['example.com', '--on-host', '--vantage', 'outside'], /contradict/],
  [['example.com', '--ask-receivers', '--vantage', 'outside'], /--ask-receivers works on the mail server itself/],
  [['example.com', '--ask-receivers', '--dns-only'], /--ask-receivers needs an SMTP connection/],
  [['example.com', '--active-injection', '--dns-only'], /--active-injection needs an SMTP connection/],
  [['example.com', '--authoritative', '--only', 'spf'], /--authoritative needs the check "dns"/],
  [['example.com', '--next-cert', 'package.json', '--skip', 'dane'], /--next-cert needs the check "dane"/],
  [['example.com', '--only', 'asked'], /the check "asked" needs --ask-receivers/],
  [
    ['example.com', '--vantage', 'moon'],
    /--vantage: "moon" is not possible\. Type one of: self, same-network, outside/,
  ],
  [
    ['spf', '203.0.113.5', 'a@example.com', 'b'],
    /too many arguments: 3 instead of at most 2\. Type: mailcheck spf --help/,
  ],
  [['exlain'], /there is no command "exlain" \(did you mean explain\?\)/],
  [['record', 'example.com', '203.0.113.5'], /there is no command "record" \(did you mean records\?\)/],
  [['sfp', '203.0.113.5', 'a@example.com'], /\(did you mean spf\?\)/],
  [['records', 'example.com', '203.0.113.5', '--genrate-dkim', 'x'], /\(did you mean --generate-dkim\?\)/],
  [['--', 'exlain'], /"exlain" is not a domain/],
  [['example.com', '--json', '-f', 'junit'], /two formats for stdout/],
  [['records', 'example.com', '203.0.113.5', '--json', '-f', 'table'], /--json and --format table contradict/],
  [['example.com', '--summary', '--full'], /--summary and --full contradict/],
  [['example.com', '--summary', '-v'], /--summary and --verbose contradict/],
];

test.each(wrong)('%j is one line on stderr and exit code 2', async (args, says) => {
  const { code, stdout, stderr } = await typed(args);
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^mailcheck: [^\n]+\n$/);
  expect(stderr).not.toContain('\u001b');
  expect(stderr).not.toContain('secret@');
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test.each(wrong.filter((_, index) => index % 15 === 0))('%j: a process says the same', async (args) => {
  expect(await mailcheck(args)).toEqual(await typed(args));
});

test('--version and --help are on stdout, with examples, exit codes and no colour', async () => {
  const version = await mailcheck(['--version']);
  expect(version).toMatchObject({ code: 0, stderr: '' });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await mailcheck(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/Examples:[\s\S]*Exit codes:/);
  const listed = /^Checks: ([\s\S]+?)\n\n/m.exec(help.stdout)?.[1] ?? '';
  expect(listed.split(/,\s+/).map((id) => id.replace(/ \(.*/, ''))).toEqual(ruleIds);
  for (const line of help.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

describe('help', () => {
  test('mailcheck alone shows how to begin: on a terminal that is no error', async () => {
    // util-linux' script gives the command a terminal.
    const { stdout, status } = spawnSync('script', ['-qec', `"${process.execPath}" "${CLI}"`, '/dev/null'], {
      cwd: tmpdir(),
      encoding: 'utf8',
    });
    expect(stdout.match(/^ {2}mailcheck /gm)).toHaveLength(3);
    expect(status).toBe(0);
  });

  test('mailcheck alone in a job has checked nothing, so it does not pass', async () => {
    const { code, stdout, stderr } = await mailcheck([]);
    expect(stdout.match(/^ {2}mailcheck /gm)).toHaveLength(3);
    expect(stderr).toMatch(/^mailcheck: which domain\? [^\n]+\n$/);
    expect(code).toBe(2);
  });

  test('-h fits a screen of 80 by 24, names only what exists, and points to --help', async () => {
    const { code, stdout, stderr } = await mailcheck(['-h'], { env: { COLUMNS: '200' } });
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toContain('mailcheck --help');
    const program = buildProgram();
    const known = [...program.options.map(({ long }) => long), '--help'];
    expect([...stdout.matchAll(/--[a-z-]+/g)].map(([flag]) => flag).filter((flag) => !known.includes(flag))).toEqual(
      [],
    );
    const named = [...stdout.matchAll(/mailcheck ([a-z]+) /g)].map(([, name]) => name ?? '');
    const commands = program.commands.map((command) => command.name());
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !commands.includes(name))).toEqual([]);
  });

  test('--help lists the rarely needed options below the commands', async () => {
    const { stdout } = await mailcheck(['--help']);
    const place = (text: string): number => stdout.search(new RegExp(`^ *${text}`, 'm'));
    const order = ['Target:', 'Report:', 'Commands:', 'Rarely needed:', '--connect-to', 'Examples:', 'Exit codes:'];
    expect(order.map(place)).toEqual([...order.map(place)].sort((a, b) => a - b));
    expect(order.map(place)).not.toContain(-1);
    expect(stdout.match(/^ +--connect-to/gm)).toHaveLength(1);
  });

  test.each(buildProgram().commands.map((command) => command.name()))('%s -h is %s --help', async (name) => {
    const [short, long] = await Promise.all([typed([name, '-h']), typed([name, '--help'])]);
    expect(short).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(`^Usage: mailcheck ${name} `) });
    expect(long).toEqual(short);
  });

  test('the help is as wide as the terminal says, and never wider than 100 columns', async () => {
    const widest = async (columns: string): Promise<number> => {
      const { stdout } = await typed(['spf', '--help'], { env: { COLUMNS: columns } });
      return Math.max(...(stdout.split('Examples:')[0] ?? '').split('\n').map((line) => line.length));
    };
    expect(await widest('60')).toBeLessThanOrEqual(60);
    expect(await widest('60')).toBeLessThan(await widest('300'));
    expect(await widest('300')).toBeLessThanOrEqual(100);
  });
});

describe('short forms', () => {
  test('--json is --format json', async () => {
    const [short, long] = await Promise.all([
      mailcheck(['providers', '--json']),
      mailcheck(['providers', '-f', 'json']),
    ]);
    expect(JSON.parse(short.stdout).length).toBeGreaterThan(1);
    expect(short).toEqual(long);
  });

  test('--json goes to stdout beside a format with its own file', async () => {
    const world = await startWorld(scenes.healthy.world);
    const file = join(mkdtempSync(join(tmpdir(), 'mailcheck-')), 'report.txt');
    const { stdout } = await mailcheck([...scenes.healthy.args, ...world.args, '--json', '-f', `pretty=${file}`]);
    await world.close();
    expect(JSON.parse(stdout).verdict).toBe('pass');
    expect(readFileSync(file, 'utf8')).toMatch(/^PASS: [\s\S]*\nexample\.com · 203\.0\.113\.5 · /);
    rmSync(dirname(file), { recursive: true });
  });

  test.each([
    [['--color'], { NO_COLOR: '1' }, true],
    [['--no-color'], { FORCE_COLOR: '1' }, false],
    [[], { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [[], {}, false],
  ])('%j with %j colours: %s', async (args, env, expected) => {
    const { stdout } = await mailcheck(['providers', 'vultr', ...args], { env });
    expect(stdout.includes('\u001b[')).toBe(expected);
  });
});

// A device of Linux that takes nothing.
test.runIf(existsSync('/dev/full')).each(['--version', '--help', 'explain', 'providers'])(
  '%s: what stdout cannot take is an error, not a success',
  (argument) => {
    const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
    const { status, stderr } = spawnSync(process.execPath, [CLI, argument], { stdio: [...stdio], encoding: 'utf8' });
    expect(stderr).toBe('mailcheck: cannot write to stdout: the disk is full\n');
    expect(status).toBe(2);
  },
);
