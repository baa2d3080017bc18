/** Tests `mailcheck dns-hosts`, and the option that names a DNS host. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandTree } from '../../src/cli/command-tree.ts';
import { asTable } from '../../src/cli/commands/records-text.ts';
import { completedProgram } from '../../src/cli/completion/command-values.ts';
import { knownDnsHost } from '../../src/cli/options/dns-host.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { dnsHosts } from '../../src/knowledge/dns-hosts/catalogue.ts';
import type { DnsHost } from '../../src/knowledge/dns-hosts/schema.ts';
import { mailcheck, startWorld, type World } from '../world/world.ts';

const IP = '198.51.100.7';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    dns: {
      zone: {
        'example.com': { NS: ['ns1.example.net'], SOA: [], MX: ['10 mail.example.com'], TXT: ['v=spf1 -all'] },
        'mail.example.com': { A: [IP] },
      },
    },
  });
});
afterAll(() => world.close());

describe('mailcheck dns-hosts', () => {
  test('lists every host, in the order of the ids, with how a record is changed there', async () => {
    const { code, stdout } = await mailcheck(['dns-hosts']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^route53 +Amazon Route 53 +aws$/m);
    expect(stdout).toMatch(/^squarespace .*console +\(not confirmed\)$/m);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    const ids = lines.slice(1).map((line) => line.split(' ')[0]);
    expect(ids).toEqual([...ids].sort());
  });

  test('shows one: how it is recognised, its commands, where their values are found, and its sources', async () => {
    const { code, stdout } = await mailcheck(['dns-hosts', 'linode']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Recognised +name servers such as /m);
    expect(stdout).toContain(
      'linode-cli domains records-update {domainId} {recordId} --target {value} --ttl_sec {ttl}',
    );
    expect(stdout).toMatch(/^Values +\{domainId\}: linode-cli domains list shows/m);
    expect(stdout).toMatch(/^Checked +\d{4}-\d\d-\d\d, by /m);
  });

  test('gives all as JSON', async () => {
    const all: DnsHost[] = JSON.parse((await mailcheck(['dns-hosts', '--json'])).stdout);
    expect(all).toEqual(dnsHosts);
  });

  test('an unknown id is wrong usage, in one line', async () => {
    const { code, stdout, stderr } = await mailcheck(['example.com', IP, '--dns-host', 'hetznr']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'mailcheck: there is no DNS host "hetznr" (did you mean hetzner?). Type: mailcheck dns-hosts\n',
    );
  });

  test.each([
    ['google', 'did you mean google-cloud-dns or squarespace?'],
    ['clouflare', 'did you mean cloudflare?'],
    ['nobody', 'there is no DNS host "nobody". Type:'],
  ])('an unknown id: %s', (id, words) => {
    expect(() => knownDnsHost(id)).toThrow(words);
  });

  test('an id is read whatever its case', () => {
    expect(knownDnsHost(' Route53 ').name).toBe('Amazon Route 53');
  });

  test('the shell offers the ids for the option and the command, and not those of providers', () => {
    const { commands } = completedProgram(commandTree(buildProgram()));
    const ofOption = commands.flatMap(({ options }) => options.filter(({ names }) => names.includes('--dns-host')));
    const ofCommand = commands.filter(({ name }) => name === 'dns-hosts').flatMap(({ operands }) => operands);
    const offered = [...ofOption, ...ofCommand].map(({ values }) =>
      values.kind === 'one' ? values.choices.map(({ value }) => value) : [],
    );
    expect(ofOption.length).toBeGreaterThan(1);
    expect(offered).toEqual(Array(ofOption.length + 1).fill(dnsHosts.map(({ id }) => id)));
  });
});

describe('--dns-host', () => {
  test('fills the commands of the named host in a check', async () => {
    const args = ['example.com', IP, '--only', 'spf', '--dns-host', 'knot', ...world.args];
    const { stdout } = await mailcheck(args);
    expect(stdout).toContain('At Knot DNS:\n');
    expect(stdout).toMatch(/knotc zone-begin example\.com && knotc zone-unset example\.com example\.com\. TXT && /);
  });

  test('is left out of a table only where there is no command', () => {
    const atDnsHost = [{ id: 'knot', label: 'At Knot DNS', commands: ['knotc zone-begin example.com'] }];
    const none = { atDnsHost: [], optionalAtDnsHost: [] };
    expect(asTable([], [], { ...none, atDnsHost })).toMatch(/\n\nAt Knot DNS:\n {2}knotc zone-begin example\.com$/);
    expect(asTable([], [], none)).not.toContain('At ');
    const both = { atDnsHost: [], optionalAtDnsHost: atDnsHost };
    expect(asTable([], ['Serve the policy.'], both)).toMatch(
      /\n\nServe the policy\.\n\nOnly for the optional records, .*:\nAt Knot DNS:\n {2}knotc zone-begin example\.com$/,
    );
  });

  test('fills them in a list of records, as comments of the zone file', async () => {
    const args = ['records', 'example.com', IP, '--dns-host', 'knot', '--dns', world.dns.server];
    const zone = (await mailcheck(args)).stdout;
    expect(zone).toMatch(/^; At Knot DNS:\n(?:; {3}knotc .*\n)+/m);
    // Whoever pastes the commands of the needed records publishes no MTA-STS record, which needs its policy first.
    const [needed = '', optional = ''] = zone.split('Only for the optional records');
    expect(needed).toContain('TXT \'"v=DMARC1');
    expect(needed).not.toMatch(/knotc .*v=STSv1/);
    expect(needed).toContain('\n; version: STSv1\n');
    expect(optional).toMatch(/^;.*knotc .*v=STSv1/m);
    expect(
      optional
        .split('\n')
        .slice(1)
        .filter((line) => line !== '' && !line.startsWith(';')),
    ).toEqual([]);
    const { dnsHosts, atDnsHost, optionalAtDnsHost } = JSON.parse((await mailcheck([...args, '--json'])).stdout);
    expect(atDnsHost[0].commands.join('\n')).not.toContain('v=STSv1');
    expect(optionalAtDnsHost[0].commands.join('\n')).toContain('v=STSv1');
    expect(dnsHosts).toMatchObject([{ zone: 'example.com', id: 'knot', source: 'option' }]);
    expect(atDnsHost[0].commands.length).toBeGreaterThan(1);
  });
});
