import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sample } from '../sample.ts';
import { CLI, mailcheck } from '../world/world.ts';

const wrong: [args: string[], says: RegExp][] = [
  [[], /which domain\? Type: mailcheck <domain>/],
  [['1.2.3.4', 'example.com'], /the domain comes first.* Type: mailcheck example\.com 1\.2\.3\.4/],
  [['1.2.3.4'], /is an address; the mail domain comes first/],
  [['https://example.com/path'], /is a URL.* Type: mailcheck example\.com/],
  [['https://user:secret@example.com:8443/'], /Type: mailcheck example\.com$/m],
  [['me@example.com', '203.0.113.5'], /is an e-mail address.* Type: mailcheck example\.com 203\.0\.113\.5/],
  [['example.com:25'], /Type: mailcheck example\.com/],
  [['example'], /is not a domain name/],
  [['exa mple.com'], /is not a domain name/],
  [['-example.com'], /unknown option/],
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
  [['example.com', '--formt', 'json'], /unknown option '--formt' \(Did you mean --format\?\)/],
  [['example.com', '--format', 'jsn'], /unknown format "jsn" \(did you mean json\?\)/],
  [['example.com', '--only', 'pttr'], /did you mean ptr\?/],
  [['example.com', '--skip', 'nope'], /there is no check "nope"/],
  [['example.com', '--only', 'ptr', '--skip', 'ptr'], /leave nothing to check/],
  [['example.com', '--dns', 'resolver.example'], /is not a DNS server address/],
  [['example.com', '--dns', '2001:db8::1:99999'], /is not a DNS server address/],
  [['example.com', '--dns', '[2001:db8::1]:0'], /is not a DNS server address/],
  [['example.com', '--smtp-port', '70000'], /is not a port/],
  [['example.com', '--timeout', 'soon'], /is not a time/],
  [['example.com', '--timeout', '0'], /is not a time/],
  [['example.com', '--timeout'], /argument missing/],
  [['example.com', '--helo', 'two words'], /cannot be a HELO name/],
  [['example.com', '--selector', '-bad-'], /is not a DKIM selector/],
  [['example.com', '--dnsbl', 'zen'], /is not the zone of a list/],
  [['example.com', '--allow-inconclusive', 'rbll'], /did you mean rbl\?/],
  [['example.com', '--dkim-key', '/no/such/file'], /cannot read/],
  [['example.com', '--message', '/no/such/file'], /cannot read/],
  [['example.com', '--message', 'package.json'], /is not a message/],
  [['example.com', '--dkim-key', 'package.json'], /there is no private key in PEM form/],
  [['spf', '203.0.113.5'], /missing required argument 'sender'/],
  [['spf', 'nonsense', 'a@example.com'], /is not an IP address/],
  [['spf', '203.0.113.5', ''], /--helo/],
  [['spf', '203.0.113.5', 'a@example.com', '-f', 'xml'], /unknown format "xml"/],
  [['example.com', '--active-data'], /--relay-rcpt/],
  [['example.com', '--relay-rcpt', 'nobody'], /is not a mailbox/],
  [['example.com', '--connect-to', '1.2.3.4:25'], /ip:port:ip:port/],
  [['example.com', '--on-host', '--vantage', 'outside'], /contradict/],
  [['example.com', '--vantage', 'moon'], /Allowed choices are self/],
];

test.each(sample(wrong, 15))('%j is one line on stderr and exit code 2', async (args, says) => {
  const { code, stdout, stderr } = await mailcheck(args);
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^mailcheck: [^\n]+\n$/);
  expect(stderr).not.toContain('\u001b');
  expect(stderr).not.toContain('secret@');
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('--version and --help are on stdout, with examples, exit codes and no colour', async () => {
  const version = await mailcheck(['--version']);
  expect(version).toMatchObject({ code: 0, stderr: '' });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await mailcheck(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/Examples:[\s\S]*Exit codes:/);
  for (const line of help.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

// A device of Linux that takes nothing.
test.runIf(existsSync('/dev/full')).each(['--version', '--help', 'explain', 'providers'])(
  '%s: what stdout cannot take is an error, not a success',
  (argument) => {
    const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
    const { status, stderr } = spawnSync(process.execPath, [CLI, argument], { stdio: [...stdio], encoding: 'utf8' });
    expect(stderr).toBe('mailcheck: cannot write to stdout: ENOSPC: no space left on device, write\n');
    expect(status).toBe(2);
  },
);
