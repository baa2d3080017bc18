import { describe, expect, test } from 'vitest';
import { NOW, standingAt } from '../world/clock.ts';
import { mailcheck } from '../world/world.ts';

describe('mailcheck providers', () => {
  test('lists every provider', async () => {
    const { code, stdout } = await mailcheck(['providers']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^aws-ec2 +closed until asked +console and command$/m);
    expect(stdout).toMatch(/^netcup +closed until you open it +self-service$/m);
    expect(stdout).not.toMatch(/^joyent/m);
    expect(stdout).toContain('4 providers are gone or renamed and not listed: mailcheck providers --all');
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('lists with --all those that are gone too, and says of none that it is left out', async () => {
    const { code, stdout } = await mailcheck(['providers', '--all']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^joyent .*defunct$/m);
    expect(stdout).toMatch(/^servepath .*renamed$/m);
    expect(stdout).not.toContain('not listed');
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
      new RegExp(`^vultr +closed until asked +console and command *${mark.replace(/[()]/g, '\\$&')}$`, 'm'),
    );
    const { stdout } = await mailcheck(['providers', 'vultr'], { env: standingAt(now) });
    const checked = /^Checked .*(?:\n {13}.*)*/m.exec(stdout)?.[0].replace(/\s+/g, ' ');
    expect(checked).toBe(`Checked 2026-07-01, by its own documentation; confidence high ${mark}`.trimEnd());
  });

  test('gives both as JSON', async () => {
    const all = JSON.parse((await mailcheck(['providers', '--all', '--format', 'json'])).stdout);
    expect(all).toHaveLength(56);
    const active = JSON.parse((await mailcheck(['providers', '--format', 'json'])).stdout);
    expect(active).toHaveLength(52);
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
