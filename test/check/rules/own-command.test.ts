/** The commands of mailcheck itself that a report prints: whole, and safe in a shell. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ownCommand } from '../../../src/check/rules/own-command.ts';
import { parseArguments, type Target } from '../../../src/check/target.ts';

const target: Target = {
  ...parseArguments('example.com', ['203.0.113.5', '2001:db8::5']),
  ipSource: 'argument',
  helo: 'mail.example.com',
  selectors: ['mail'],
  given: [['--dns', '192.0.2.53'], ['--allow-private'], ['--rua', 'reports@example.com']],
};

test.each<[string, readonly string[], string]>([
  [
    'a check takes over every option of the run',
    ownCommand(target, 'check'),
    'mailcheck example.com 203.0.113.5 2001:db8::5 --helo mail.example.com --selector mail --dns 192.0.2.53 --allow-private --rua reports@example.com',
  ],
  [
    'an option that the command sets replaces the one of the run',
    ownCommand(target, 'check', '--dns', '127.0.0.1', '--selector', 's2'),
    'mailcheck example.com 203.0.113.5 2001:db8::5 --helo mail.example.com --allow-private --rua reports@example.com --dns 127.0.0.1 --selector s2',
  ],
  [
    'records takes over only the options that it knows',
    ownCommand(target, 'records', '--generate-dkim', 'mail.private.pem'),
    'mailcheck records example.com 203.0.113.5 2001:db8::5 --helo mail.example.com --selector mail --dns 192.0.2.53 --rua reports@example.com --generate-dkim mail.private.pem',
  ],
  [
    'an option that contradicts an added one is left out',
    ownCommand({ ...target, given: [['--vantage', 'outside'], ['--allow-private']] }, 'check', '--on-host'),
    'mailcheck example.com 203.0.113.5 2001:db8::5 --helo mail.example.com --selector mail --allow-private --on-host',
  ],
  [
    'zone files that the user typed are checked again',
    ownCommand(
      {
        ...target,
        selectors: [],
        given: [
          ['--zone', 'a.zone'],
          ['--zone', 'b b.json'],
        ],
      },
      'check',
      '--on-host',
    ),
    "mailcheck example.com 203.0.113.5 2001:db8::5 --helo mail.example.com --zone a.zone --zone 'b b.json' --on-host",
  ],
  [
    'pool takes over only the options that it knows',
    ownCommand({ ...target, given: [...(target.given ?? []), ['--dnsbl', 'bl.example.net']] }, 'pool'),
    'mailcheck pool example.com 203.0.113.5 2001:db8::5 --dns 192.0.2.53 --dnsbl bl.example.net',
  ],
  [
    'a file that the user typed stands for its placeholder',
    ownCommand({ ...target, given: [['--dkim-key', 'own.pem']] }, 'records', '--dkim-key', 'PRIVATE_KEY_FILE'),
    'mailcheck records example.com 203.0.113.5 2001:db8::5 --helo mail.example.com --selector mail --dkim-key own.pem',
  ],
  [
    'a placeholder stays where the user typed nothing',
    ownCommand({ ...target, given: [] }, 'records', '--dkim-key', 'PRIVATE_KEY_FILE'),
    'mailcheck records example.com 203.0.113.5 2001:db8::5 --helo mail.example.com --selector mail --dkim-key PRIVATE_KEY_FILE',
  ],
  [
    'addresses of MX hosts are found again',
    ownCommand({ ...target, ipSource: 'mx', selectors: [], given: [] }, 'check'),
    'mailcheck example.com --helo mail.example.com',
  ],
])('own commands: %s', (_, printed, expected) => {
  expect(printed).toEqual([expected]);
});

test('own commands: a hostile value is one word of the shell', () => {
  const hostile = 'a\'; touch /tmp/x; $(id) `id` "';
  const [printed = ''] = ownCommand({ ...target, helo: hostile, given: [['--rua', hostile]] }, 'check');
  const words = execFileSync('bash', ['-c', `printf '%s\\n' ${printed}`], { encoding: 'utf8' }).split('\n');
  expect(words).toContain(hostile);
  expect(printed).not.toContain('--helo');
});
