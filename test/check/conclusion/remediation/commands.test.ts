/** Tests that every printed command parses and starts only its own tool, whatever the names are. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { openPort25, relayFor, relayText } from '../../../../src/check/conclusion/remediation/port25.ts';
import { type Step, setPtr } from '../../../../src/check/conclusion/remediation/ptr.ts';
import { address, fillCommand, shellWord } from '../../../../src/check/rules/pasted.ts';
import { providers, relays } from '../../../../src/knowledge/providers/catalogue.ts';
import { isConfirmed } from '../../../../src/knowledge/verification.ts';
import { type IpAddress, parseIp } from '../../../../src/network/ip.ts';
import { shortName } from '../../../../src/report/short-name.ts';
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

const allOf = ({ commands, alternatives }: Step): string[] => [
  ...commands,
  ...alternatives.flatMap((alternative) => alternative.commands),
];

const commandsOf = (name: string): string[] =>
  providers.flatMap((provider) => [V4, V6].flatMap((address) => allOf(setPtr([provider], address, name, NOW))));

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
  ['exoscale', 'exo compute elastic-ip update 203.0.113.5 --reverse-dns mail.example.com --zone ZONE'],
])('commands: the command of %s has the values of the user', (id, command) => {
  const provider = providers.find((row) => row.id === id);
  expect(provider && allOf(setPtr([provider], V4, 'mail.example.com', NOW))).toContain(command);
});

test.each([
  ['ovhcloud', 'ovhcloud ip reverse set IP_BLOCK 2001:db8::5 mail.example.com.'],
  ['ovhcloud', 'ovhcloud vps ip set-reverse SERVER_ID 2001:db8::5 mail.example.com.'],
  [
    'scaleway',
    `curl -X PATCH https://api.scaleway.com/ipam/v1/regions/REGION/ips/IP_ID -H "X-Auth-Token: $SCW_SECRET_KEY" -H 'Content-Type: application/json' -d '{"reverses":[{"hostname":"mail.example.com","address":"2001:db8::5"}]}'`,
  ],
])('commands: the command of %s for an IPv6 address has the values of the user', (id, command) => {
  expect(allOf(setPtr([of(id)], V6, 'mail.example.com', NOW))).toContain(command);
});

test.each(['leaseweb', 'exoscale', 'aws-ec2', 'azure'])('commands: %s has none for an IPv6 address', (id) => {
  expect(allOf(setPtr([of(id)], V6, 'mail.example.com', NOW))).toEqual([]);
});

/** The tools that set nothing. */
const isLookup = (command: string): boolean => /^(?:whois|dig) /.test(command);

describe.each(providers)('$id', (provider) => {
  test.each([V4, V6])('no command sets the PTR record of %s where nobody knows how, or nobody can', (address) => {
    const control = address === V4 ? provider.ptr.control : provider.ipv6.ptr;
    const step = setPtr([provider], address, 'mail.example.com', NOW);
    if (!['unknown', 'none', 'no-ipv6'].includes(control)) return;
    expect(allOf(step).filter((command) => !isLookup(command))).toEqual([]);
    expect(step.summary).not.toContain('by command');
  });

  test.each([V4, V6])('commands for different cases are alternatives, for %s', (address) => {
    const { commands, alternatives } = setPtr([provider], address, 'mail.example.com', NOW);
    if (alternatives.length > 0) expect(commands).toEqual([]);
    for (const { label } of alternatives) expect(label).toMatch(/^[A-Z].*[^:.]$/);
  });
});

test('commands: two ways at one provider, and two providers, are alternatives', () => {
  expect(setPtr([of('ovhcloud')], V4, 'mail.example.com', NOW)).toMatchObject({
    commands: [],
    alternatives: [{ label: 'On a VPS' }, { label: 'On a dedicated server, or for an additional IP address' }],
  });
  expect(setPtr([of('hetzner-cloud'), of('hetzner-robot')], V4, 'mail.example.com', NOW)).toMatchObject({
    commands: [],
    alternatives: [
      { label: 'At Hetzner Cloud', commands: [expect.stringMatching(/^hcloud /)] },
      { label: 'At Hetzner Dedicated (Robot)', commands: [expect.stringMatching(/^curl /)] },
    ],
  });
  const mixed = setPtr([of('ovhcloud'), of('vultr')], V4, 'mail.example.com', NOW).alternatives;
  expect(mixed.map(({ label }) => label)).toEqual([
    'At OVHcloud, on a VPS',
    'At OVHcloud, on a dedicated server, or for an additional IP address',
    'At Vultr',
  ]);
});

test('commands: those that follow one another stay one block', () => {
  const { commands, alternatives } = setPtr([of('aws-ec2')], V4, 'mail.example.com', NOW);
  expect([commands.length, alternatives.length]).toEqual([2, 0]);
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
    expect(setPtr([of('azure')], V6, 'mail.example.com', NOW).summary).toMatch(
      /lets nobody set the PTR record.*send over IPv4 only/,
    );
  });
  test.each(providers.filter(({ status }) => status !== 'active'))(
    '$id is gone: the holder of the address is asked',
    (row) => {
      const { summary, alternatives, impossible } = setPtr([row], V4, 'mail.example.com', NOW);
      expect(impossible).toBeUndefined();
      const mark = isConfirmed(row, NOW) ? '' : ' (not confirmed)';
      expect(summary).toContain(`${row.name} no longer exists${mark}: ask the current holder of the address. `);
      expect(alternatives).toEqual([{ label: 'To see who holds the address', commands: ['whois 203.0.113.5'] }]);
      const step = openPort25(row, NOW);
      const asks = 'Ask the current holder of the address (whois shows it) to unblock outbound port 25.';
      expect(step.summary.startsWith(`${shortName(row.name)} no longer exists${mark}. ${asks}`), step.summary).toBe(
        true,
      );
      expect(step.impossible).toBeUndefined();
    },
  );
  test('what is noted about IPv4 is not said of an IPv6 address', () => {
    expect(setPtr([of('tencent-cloud')], V4, 'mail.example.com', NOW).summary).toContain('EIP');
    expect(setPtr([of('tencent-cloud')], V6, 'mail.example.com', NOW).summary).not.toContain('EIP');
    expect(setPtr([of('vercel')], V6, 'mail.example.com', NOW).summary).toContain(
      'Functions send from shared addresses',
    );
  });
  test('how a PTR record is set is not known: nothing is marked, and IPv6 is named where IPv4 is known', () => {
    const summary = (id: string, address: IpAddress) => setPtr([of(id)], address, 'mail.example.com', NOW).summary;
    expect(summary('leaseweb', V6)).toContain(
      ' Leaseweb: the way is not known for an IPv6 address; look in the console',
    );
    expect(summary('gandi', V6)).toContain(' Gandi: the way is not known; look in the console');
  });
  test('a command that is the only way is not called another way', () => {
    expect(setPtr([of('azure')], V4, 'mail.example.com', NOW).summary).toContain(' Microsoft Azure: by command. ');
    expect(setPtr([of('vultr')], V4, 'mail.example.com', NOW).summary).toContain(', or by command.');
  });
  test('the step says where each value of the user is found', () => {
    expect(setPtr([of('ovhcloud')], V6, 'mail.example.com', NOW).summary).toMatch(
      / Replace SERVER_ID \(the name of the VPS, .*\), IP_BLOCK \(the IPv6 block of the address, .*\) with your own values\.$/,
    );
  });
  test('no relay is advised where every port of a relay is closed', () => {
    expect(setPtr([of('railway')], V4, 'mail.example.com', NOW).summary).toContain(
      'send through the HTTPS API of a mail',
    );
    expect(setPtr([of('render')], V4, 'mail.example.com', NOW).summary).toContain('send through a relay');
  });
  test.each([
    [
      'racknerd',
      /^RackNerd leaves outbound port 25 open \(not confirmed\), so check your own firewall first, then ask its support\. /,
    ],
    [
      'physical',
      /^Once the PTR record is set, ask whoever runs the network \(whois names it\) to unblock outbound port 25\. /,
    ],
    [
      'edbb',
      /^Ask the support of EDBB whether your server may use outbound port 25, .*: it limits or blocks outbound port 25 \(not confirmed\)\. /,
    ],
    ['third-party-email', /^You do not need outbound port 25: send through your email service\. /],
    ['vultr', /^Once the PTR record is set, open a support ticket with Vultr to unblock outbound port 25\./],
    [
      'yandex-cloud',
      /^Open a support ticket with Yandex Cloud to unblock outbound port 25 \(not confirmed\)\. Support gives you a new /,
    ],
  ])('port 25 at %s', (id, words) => {
    expect(openPort25(of(id), NOW).summary).toMatch(words);
  });
  test('port 25 at one of two providers: the name of each keeps its capital', () => {
    const [hetzner, robot] = [of('hetzner-cloud'), of('hetzner-robot')].map((row) => openPort25(row, NOW).summary);
    expect([hetzner, robot]).toEqual([
      expect.stringMatching(/^Once the PTR record is set, open a support ticket with Hetzner Cloud /),
      expect.stringMatching(/^Hetzner Dedicated leaves outbound port 25 open, /),
    ]);
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
    expect(marks('exoscale', NOW)).toBe(true);
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
    // Railway closes all SMTP on the plans that this is about.
    if (relay === undefined) return expect(provider.id).toBe('railway');
    expect(provider.port25.portsClosed).not.toContain(relay.port);
    expect(relays.find(({ name }) => name === relay.name)?.ports).toContain(relay.port);
  });
});

describe('relays', () => {
  test('a relay with regions says which host and which SPF include are for which', () => {
    const relay = relayFor({ ...of('vultr'), relay: 'mailgun' }, NOW);
    expect(relay).toMatchObject({ host: 'smtp.mailgun.org', spfInclude: 'mailgun.org' });
    expect(relay && relayText(relay)).toBe(
      'Mailgun (port 587, 1 DKIM TXT record; by region: US smtp.mailgun.org with SPF include:mailgun.org, EU smtp.eu.mailgun.org with SPF include:eu.mailgun.org)',
    );
  });
  test('a relay whose console alone shows the SPF record of a region says so', () => {
    const relay = relayFor(of('alibaba-cloud'), NOW);
    expect(relay?.port).toBe(465);
    expect(relay && relayText(relay)).toContain(
      'Singapore smtpdm-ap-southeast-1.aliyuncs.com with the SPF record from its console',
    );
  });
  test('a relay whose host has the region of the user says so', () => {
    const relay = relayFor(undefined, NOW);
    expect(relay && relayText(relay)).toMatch(
      /^Amazon SES \(host email-smtp\.REGION\.amazonaws\.com port 587 in your REGION, /,
    );
    const fixed = relayFor(of('digitalocean'), NOW);
    expect(fixed && relayText(fixed)).toMatch(
      /^Twilio SendGrid \(host smtp\.sendgrid\.net port 2525, SPF include:sendgrid\.net, /,
    );
  });
  test('netcup closes 587 too, so the relay is on another port', () => {
    expect(relayFor(of('netcup'), NOW)).toMatchObject({ name: 'Amazon SES', port: 2587 });
  });
  test('the relay of one provider is offered to its customers only', () => {
    const offered = new Set(providers.filter(({ relay }) => relay === null).map((row) => relayFor(row, NOW)?.name));
    const own = relays.filter(({ offeredTo }) => offeredTo === 'customers').map(({ name }) => name);
    expect(own.filter((name) => offered.has(name))).toEqual([]);
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
