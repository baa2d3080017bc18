/** Tests that every printed command parses and starts only its own tool, whatever the names are. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { openPort25, relayFor } from '../../../../src/check/conclusion/remediation/port25.ts';
import { setPtr } from '../../../../src/check/conclusion/remediation/ptr.ts';
import { address, fillCommand, shellWord } from '../../../../src/check/rules/pasted.ts';
import { providers } from '../../../../src/knowledge/providers/catalogue.ts';
import { type IpAddress, parseIp } from '../../../../src/network/ip.ts';
import { NOW } from '../../../world/clock.ts';

const ip = (text: string): IpAddress => {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`no address: ${text}`);
  return parsed;
};
const V4 = ip('203.0.113.5');
const V6 = ip('2001:db8::5');

const HOSTILE = [
  'x; touch /tmp/owned',
  '$(touch /tmp/owned)',
  '`touch /tmp/owned`',
  "x' ; touch /tmp/owned; '",
  'x" ; touch /tmp/owned; "',
  'a\nrm -rf /',
  '-rf',
  '--config=/etc/passwd',
  'x && y',
  'x|y',
  'x>y',
  '*.example.com',
  '~root',
  '{a,b}',
  '!!',
  '\u202egro.elpmaxe',
];

/** Throws when bash cannot parse it. */
const parse = (command: string): void => {
  execFileSync('bash', ['-n'], { input: `${command}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
};

const commandsOf = (name: string): string[] =>
  providers.flatMap((provider) => [V4, V6].flatMap((address) => [...setPtr([provider], address, name, NOW).commands]));

test('commands: every command of every provider parses, with good and with hostile names', () => {
  const all = [...new Set(['mail.example.com', ...HOSTILE].flatMap(commandsOf))];
  expect(all.length).toBeGreaterThan(20);
  // One bash process parses them all, one per line.
  parse(all.join('\n'));
  for (const command of all) expect(command).not.toMatch(/[\n\r\u0000-\u001f]/);
});

test.each(HOSTILE)('commands: %j is never in a command', (name) => {
  const safe = new Set(commandsOf('').concat(commandsOf('HOST_NAME')));
  for (const command of commandsOf(name)) expect([...safe].map(openHost)).toContain(openHost(command));
});

const openHost = (command: string): string => command.replaceAll('HOST_NAME', 'HOST');

test('commands: no angle brackets, which a shell reads as redirections', () => {
  for (const command of commandsOf('mail.example.com')) expect(command).not.toMatch(/<[a-z-]+>/);
});

test.each([
  [
    'aws-ec2',
    'aws ec2 modify-address-attribute --region REGION --allocation-id ALLOCATION_ID --domain-name mail.example.com',
  ],
  [
    'google-cloud',
    'gcloud compute instances update-access-config INSTANCE --project=PROJECT --zone=ZONE --network-interface=nic0 --public-ptr --public-ptr-domain=mail.example.com.',
  ],
  ['digitalocean', 'doctl compute droplet-action rename SERVER_ID --droplet-name mail.example.com --wait'],
  ['hetzner-cloud', 'hcloud server set-rdns SERVER_ID --ip 203.0.113.5 --hostname mail.example.com'],
  ['linode', 'linode-cli networking ip-update --rdns mail.example.com 203.0.113.5'],
  ['vultr', 'vultr-cli instance reverse-dns set-ipv4 SERVER_ID 203.0.113.5 --entry mail.example.com'],
  ['scaleway', 'scw instance ip update 203.0.113.5 reverse=mail.example.com zone=ZONE'],
  ['ovhcloud', 'ovhcloud ip reverse set 203.0.113.5 203.0.113.5 mail.example.com.'],
])('commands: the command of %s has the values of the user', (id, command) => {
  const provider = providers.find((row) => row.id === id);
  expect(provider && setPtr([provider], V4, 'mail.example.com', NOW).commands).toContain(command);
});

const of = (id: string) => {
  const provider = providers.find((row) => row.id === id);
  if (provider === undefined) throw new Error(`no provider ${id}`);
  return provider;
};

describe('steps at the provider', () => {
  test('a PTR record at a provider that lets nobody set one is impossible', () => {
    expect(setPtr([of('fly-io')], V4, 'mail.example.com', NOW)).toMatchObject({ impossible: true, commands: [] });
  });
  test('an IPv6 PTR record at a provider with IPv4 PTR records only is impossible', () => {
    expect(setPtr([of('azure')], V6, 'mail.example.com', NOW).summary).toMatch(/cannot be set.*send over IPv4 only/);
  });
  test('port 25 that is never opened: the step names a relay on an open port', () => {
    const step = openPort25(of('digitalocean'), NOW);
    expect(step.impossible).toBe(true);
    expect(step.summary).toContain('smtp.sendgrid.net port 2525');
  });
  test('guessed data and data that is old at the time of the run are marked', () => {
    const twoYearsLater = NOW + 2 * 366 * 86_400_000;
    const marks = (id: string, now: number) => /\(not confirmed\)/.test(openPort25(of(id), now).summary);
    expect(marks('contabo', NOW)).toBe(true);
    expect(marks('linode', NOW)).toBe(true);
    expect(marks('vultr', NOW)).toBe(false);
    expect(marks('vultr', twoYearsLater)).toBe(true);
    expect(setPtr([of('vultr')], V4, 'mail.example.com', NOW).summary).not.toContain('(not confirmed)');
    expect(setPtr([of('vultr')], V4, 'mail.example.com', twoYearsLater).summary).toContain('Vultr (not confirmed)');
  });
  test('a relay with unconfirmed data is not confirmed', () => {
    expect(relayFor(of('azure'), NOW)?.confirmed).toBe(false);
    expect(relayFor(undefined, NOW)).toMatchObject({ name: 'Amazon SES', confirmed: true });
  });
  test.each(providers)('$id: the recommended relay listens on a port that is open there', (provider) => {
    const relay = relayFor(provider, NOW);
    if (relay) expect(provider.port25.portsClosed).not.toContain(relay.port);
  });
});

describe('filling commands', () => {
  test('an unknown value becomes an upper-case name, and is listed', () => {
    const { text } = of('hetzner-cloud').ptr.commands[0] ?? {};
    if (text === undefined) throw new Error('no command');
    expect(fillCommand(text, { ip: address('203.0.113.5') })).toEqual({
      text: 'hcloud server set-rdns SERVER_ID --ip 203.0.113.5 --hostname HOST_NAME',
      open: ['SERVER_ID', 'HOST_NAME'],
    });
  });
  test('a word is quoted if needed, and refused if it has a control character', () => {
    expect(shellWord("it's")).toBe("'it'\\''s'");
    expect(shellWord('plain.example')).toBe('plain.example');
    expect(shellWord('a\u001b[2J')).toBeUndefined();
    for (const word of HOSTILE.map(shellWord)) if (word !== undefined) parse(`echo ${word}`);
    const words = HOSTILE.filter((word) => shellWord(word) !== undefined);
    const printed = execFileSync('bash', ['-c', `printf '%s\\n' ${words.map(shellWord).join(' ')}`], {
      encoding: 'utf8',
    });
    expect(printed.trimEnd().split('\n')).toEqual(words);
  });
});
