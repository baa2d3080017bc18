/** Tests `dnsOnly` with real mail servers: nobody is connected to, and the report names what was not tested. */
import { expect, test } from 'vitest';
import { closingWords } from '../../src/reporters/closing-words.ts';
import { type CheckCase, recordIn } from '../world/check.ts';
import { scenes } from '../world/scenes.ts';

const ip = '203.0.113.5';
const anchor = '198.51.100.1';
const { dns, hosts } = scenes.healthy.world;

/** A healthy host that is also the machine of the check, so that the outbound test would run there. */
function onHost(settings: CheckCase['settings'], others: Partial<CheckCase> = {}): CheckCase {
  return {
    dns,
    hosts: { ...hosts, [`${ip}:587`]: {}, [anchor]: {} },
    own: [ip],
    selectors: ['s1'],
    helo: 'mail.example.com',
    settings: { vantage: 'self', egressTargets: [{ host: anchor, port: 25 }], egressControls: [], ...settings },
    ...others,
  };
}

const connectionsIn = ({ hosts: servers }: Awaited<ReturnType<typeof recordIn>>) =>
  [...servers.values()].map(({ sessions }) => sessions.length);

test('dnsOnly: no mail server is connected to, which all are without it', async () => {
  const without = await recordIn(onHost({}));
  expect(Math.min(...connectionsIn(without))).toBeGreaterThan(0);
  const run = await recordIn(onHost({ dnsOnly: true }));
  expect(connectionsIn(run)).toEqual([0, 0, 0]);
  expect(run.report.timing.smtpConnections).toBe(0);
});

test('dnsOnly: the checks that need SMTP are skipped, the verdict names them, and the others pass', async () => {
  const { report } = await recordIn(onHost({ dnsOnly: true }));
  const having = (reason: string) => report.rules.filter(({ skipReason }) => skipReason === reason).map(({ id }) => id);
  expect(having('no SMTP connection with --dns-only')).toEqual(
    ['open-relay', 'tls', 'egress'].sort(inOrderOf(report.rules)),
  );
  expect(report.rules.find(({ id }) => id === 'mx')).toMatchObject({
    status: 'pass',
    note: 'mail.example.com (10); not connected to (--dns-only)',
  });
  expect(closingWords(report)).toMatch(/^PASS: the \d+ checks that ran found no problem\./);
  expect(closingWords(report)).toContain(
    `Not tested: ${having('no SMTP connection with --dns-only').join(', ')} (no SMTP connection with --dns-only).`,
  );
});

test('dnsOnly: postmaster is not asked for, and an MX host that nobody could reach is no failure', async () => {
  const { report } = await recordIn(onHost({ dnsOnly: true, activeRcpt: true }, { hosts: { [ip]: 'refused' } }));
  expect(report.rules.find(({ id }) => id === 'mx')?.findings).toEqual([]);
});

test('dnsOnly: the HELO name is not read from the greeting, and the finding says so', async () => {
  const { helo: _, ...withoutHelo } = onHost({ dnsOnly: true });
  const { report } = await recordIn(withoutHelo);
  expect(report.target.helo).toEqual([{ ip, name: 'mail.example.com', source: 'ptr' }]);
  const found = report.rules.find(({ id }) => id === 'helo')?.findings ?? [];
  expect(found.map(({ code, message }) => [code, message])).toEqual([
    [
      'helo/unknown',
      `The HELO name of ${ip} is unknown (no --helo, no connection to its SMTP port with --dns-only). The name in its PTR record was assumed: mail.example.com.`,
    ],
  ]);
});

function inOrderOf(rules: readonly { readonly id: string }[]): (a: string, b: string) => number {
  const place = (id: string): number => rules.findIndex((rule) => rule.id === id);
  return (a, b) => place(a) - place(b);
}
