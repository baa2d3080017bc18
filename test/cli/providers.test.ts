import { describe, expect, test } from 'vitest';
import type { Provider } from '../../src/knowledge/providers/schema.ts';
import { NOW, standingAt } from '../world/clock.ts';
import { mailcheck } from '../world/world.ts';

describe('mailcheck providers', () => {
  test('lists every provider', async () => {
    const { code, stdout } = await mailcheck(['providers']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^aws-ec2 +blocked until you ask +console and command$/m);
    expect(stdout).toMatch(/^netcup +blocked until you open it +self-service$/m);
    expect(stdout).not.toMatch(/^joyent/m);
    expect(stdout).toMatch(/^\d+ providers have closed or changed name\. List them: mailcheck providers --all$/m);
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('lists with --all those that are gone too, and says of none that it is left out', async () => {
    const { code, stdout } = await mailcheck(['providers', '--all']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^joyent .*defunct$/m);
    expect(stdout).toMatch(/^servepath .*renamed$/m);
    expect(stdout).not.toContain('providers --all');
  });

  test('shows one that is gone by its name', async () => {
    const { code, stdout } = await mailcheck(['providers', 'gogrid']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('defunct. ServePath renamed itself GoGrid')]);
  });

  test('labels the commands of one by case and address family, and its relay by region', async () => {
    const ovh = (await mailcheck(['providers', 'ovhcloud'])).stdout;
    expect(ovh).toMatch(/^ +On a VPS:\n +ovhcloud vps ip set-reverse /m);
    expect(ovh).toMatch(/^ +On a dedicated server, IPv6:\n +ovhcloud ip reverse set \{ipBlock\} /m);
    const rackspace = (await mailcheck(['providers', 'rackspace'])).stdout;
    expect(rackspace).toMatch(/^ +EU: smtp\.eu\.mailgun\.org; SPF include:eu\.mailgun\.org$/m);
  });

  test('lists the ids in their order, and the generic ones last', async () => {
    const ids = (await mailcheck(['providers'])).stdout
      .split('\n')
      .slice(1, -3)
      .map((line) => line.split(' ')[0]);
    expect(ids.slice(0, -3)).toEqual(ids.slice(0, -3).sort());
    expect(ids.slice(-3)).toEqual(['physical', 'third-party-email', 'unknown']);
  });

  test('has one label for commands that follow one another', async () => {
    expect((await mailcheck(['providers', 'aws-ec2'])).stdout.match(/^ +IPv4:$/gm)).toHaveLength(1);
    expect((await mailcheck(['providers', 'physical'])).stdout.match(/To see who holds the address:/g)).toHaveLength(1);
  });

  test('shows one', async () => {
    const { code, stdout } = await mailcheck(['providers', 'hetzner-cloud']);
    expect(code).toBe(0);
    expect(stdout).toContain('hcloud server set-rdns {serverId} --ip {ip} --hostname {helo}');
    expect(stdout).toContain('confidence high');
  });

  test.each([
    ['on the day of the test world', NOW, ''],
    ['two years later', NOW + 2 * 366 * 86_400_000, '(not confirmed)'],
  ])('marks by the date what is old: %s', async (_, now, mark) => {
    const table = await mailcheck(['providers'], { env: standingAt(now) });
    expect(table.stdout).toMatch(
      new RegExp(`^vultr +blocked until you ask +console and command *${mark.replace(/[()]/g, '\\$&')}$`, 'm'),
    );
    const { stdout } = await mailcheck(['providers', 'vultr'], { env: standingAt(now) });
    const checked = /^Checked .*(?:\n {13}.*)*/m.exec(stdout)?.[0].replace(/\s+/g, ' ');
    expect(checked).toBe(`Checked 2026-07-01, by its own documentation; confidence high ${mark}`.trimEnd());
  });

  test('gives both as JSON', async () => {
    const rowsOf = async (...args: string[]): Promise<Provider[]> =>
      JSON.parse((await mailcheck(['providers', ...args, '--format', 'json'])).stdout);
    const all = await rowsOf('--all');
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(['aws-ec2', 'joyent', 'servepath']));
    const active = await rowsOf();
    const { stderr } = await mailcheck(['providers', '--json']);
    expect(stderr).toBe(
      `mailcheck: ${all.length - active.length} providers have closed or changed name. List them: mailcheck providers --all\n`,
    );
    expect((await mailcheck(['providers', '--json', '--all'])).stderr).toBe('');
    expect(active).toEqual(all.filter(({ status }) => status === 'active'));
    expect(active.length).toBeLessThan(all.length);
    const one = JSON.parse((await mailcheck(['providers', 'vultr', '-f', 'json'])).stdout);
    expect(one).toMatchObject({ id: 'vultr', port25: { portsClosed: [25] } });
  });

  test.each([
    [['providers', 'hetzner'], 'did you mean hetzner-cloud or hetzner-robot?'],
    [['providers', 'hetzner-clod'], 'did you mean hetzner-cloud?'],
    [['providers', '--format', 'yaml'], 'Type one of: pretty, json'],
    [['example.com', '203.0.113.5', '--provider', 'vultur'], 'did you mean vultr?'],
  ])('%j is wrong usage, in one line', async (args, words) => {
    const { code, stdout, stderr } = await mailcheck(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
