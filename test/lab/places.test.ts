/**
 * A host on which everything is right, checked from places where not everything can be seen: a machine without a
 * network, with IPv4 only, with IPv6 only, and a laptop whose network closes port 25 and whose resolver the block lists
 * refuse. Each report has one cause at its head, and what can be known passes.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultLists } from '../../src/knowledge/lists/catalogue.ts';
import { type Internet, type Judged, RESOLVER, RESOLVER6, SINK, SPARE, sinkhole, startInternet } from './internet.ts';
import type { Host } from './netns.ts';
import { HOST, HOST6, mailHosts } from './tree-zones.ts';

const FULL = ['example.com', HOST, HOST6, '--selector', 's1', '--egress-target', mailHosts.slow[0]];
const REFUSING = fileURLToPath(new URL('./refusing-dns.mjs', import.meta.url));

let lab: Internet;
beforeAll(async () => {
  lab = await startInternet(['slow']);
});
afterAll(() => lab?.close());

/** Runs the check in a network namespace that is set up for it, and put back after it. */
async function from(host: Host, changes: readonly string[][], undo: readonly string[][], args: readonly string[]) {
  for (const change of changes) host.ip(...change);
  try {
    return await lab.mailcheck([...FULL, ...args], host);
  } finally {
    for (const change of undo) host.ip(...change);
  }
}

const kindsOf = ({ report }: Judged): string[] => report.vantage.obstacles.map(({ kind }) => kind);
const passing = ({ rules }: Judged): string[] =>
  Object.entries(rules).flatMap(([id, said]) => (said.startsWith('pass') ? [id] : []));
const unknown = ({ rules }: Judged): string[] =>
  Object.entries(rules).flatMap(([id, said]) => (said.startsWith('inconclusive') ? [id] : []));

test('without any route', async () => {
  const far = lab.net.host('far');
  const down = ['link', 'set', 'eth0', 'down'];
  const up = [
    ['link', 'set', 'eth0', 'up'],
    ['route', 'add', '0.0.0.0/0', 'dev', 'eth0'],
    ['-6', 'route', 'add', '::/0', 'dev', 'eth0'],
  ];
  const judged = await from(far, [down], up, []);
  expect({ code: judged.code, kinds: kindsOf(judged), passing: passing(judged) }).toEqual({
    code: 3,
    kinds: ['no-network'],
    passing: [],
  });
  expect(judged.report.advice.steps).toHaveLength(1);
});

test('with IPv4 only', async () => {
  const far = lab.net.host('far');
  const judged = await from(
    far,
    [['-6', 'route', 'del', '::/0', 'dev', 'eth0']],
    [['-6', 'route', 'add', '::/0', 'dev', 'eth0']],
    [],
  );
  expect({ code: judged.code, kinds: kindsOf(judged) }).toEqual({ code: 3, kinds: ['no-ipv6'] });
  expect(unknown(judged)).toEqual(['open-relay', 'tls', 'mx']);
  expect(passing(judged)).toEqual(expect.arrayContaining(['dns', 'ptr', 'spf', 'dkim', 'dmarc', 'rbl']));
});

test('with IPv6 only', async () => {
  const { prober } = lab;
  const judged = await from(
    prober,
    [['-4', 'route', 'del', '0.0.0.0/0', 'dev', 'eth0']],
    [['-4', 'route', 'add', '0.0.0.0/0', 'dev', 'eth0']],
    ['--dns', RESOLVER6],
  );
  expect({ code: judged.code, kinds: kindsOf(judged) }).toEqual({ code: 3, kinds: ['no-ipv4'] });
  expect(unknown(judged)).toEqual(['open-relay', 'tls', 'mx']);
  expect(passing(judged)).toEqual(expect.arrayContaining(['dns', 'ptr', 'spf', 'dkim', 'dmarc', 'rbl']));
});

test('where port 25 is closed, with a resolver that the block lists refuse', async () => {
  const { prober } = lab;
  const [address] = SPARE;
  const zones = defaultLists().map(({ zone }) => zone);
  const refusing = await lab.startResolver(
    () => [process.execPath, REFUSING, JSON.stringify({ listen: address, to: RESOLVER, zones })],
    { address },
  );
  sinkhole(prober);
  const families = ['-4', '-6'] as const;
  const rule = ['ipproto', 'tcp', 'dport', '25', 'lookup', SINK];
  try {
    const judged = await from(
      prober,
      families.map((family) => [family, 'rule', 'add', ...rule]),
      families.map((family) => [family, 'rule', 'del', ...rule]),
      ['--dns', address, '--helo', 'mail.example.com'],
    );
    expect({ code: judged.code, kinds: kindsOf(judged) }).toEqual({ code: 3, kinds: ['port-25'] });
    expect(unknown(judged)).toEqual(['open-relay', 'tls', 'mx']);
    expect(passing(judged)).toEqual(expect.arrayContaining(['dns', 'ptr', 'helo', 'spf', 'dkim', 'dmarc', 'rbl']));
    expect(judged.rules.rbl).toContain('rbl/asked-directly');
  } finally {
    await refusing.stop();
  }
});
