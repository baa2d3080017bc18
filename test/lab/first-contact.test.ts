/**
 * Where mailcheck is tried first: a laptop without a network, a server whose resolv.conf begins with IPv6, a resolver on
 * the link, a CI runner without IPv6. Each ends with a report, and never with an error of Node.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { CLI } from '../world/world.ts';
import { createNet, type Finished, type Host, type Net, whyNoNet } from './netns.ts';

const SMALL_DNS = fileURLToPath(new URL('./small-dns.mjs', import.meta.url));

const LAPTOP = '10.0.0.2';
const RESOLVER = '10.0.0.53';
/** Set aside for AS112 (RFC 7535): public addresses that nobody sends mail from. */
const PUBLIC = ['192.31.196.25', '2001:4:112::25'] as const;

const zone = {
  'example.com': { SOA: [], TXT: ['v=spf1 ip4:192.31.196.25 ip6:2001:4:112::25 -all'], NS: ['ns1.example.com'] },
  'ns1.example.com': { A: [RESOLVER], AAAA: ['2001:db8::53'] },
  'mail.example.com': { A: [PUBLIC[0]], AAAA: [PUBLIC[1]], TXT: ['v=spf1 a -all'] },
  'whoami.example.com': {},
};

const nets: Net[] = [];
beforeAll(() => {
  expect(whyNoNet()).toBeNull();
});
afterAll(() => Promise.all(nets.map((net) => net.close())));

interface Place {
  readonly laptop: Host;
  readonly resolver: Host;
}

/** @param resolvers what the laptop's resolv.conf names, in order. */
async function place(resolvers: readonly string[], { onLink = [] as readonly string[] } = {}): Promise<Place> {
  const net = await createNet({ laptop: [LAPTOP], resolver: [RESOLVER, ...onLink] }, { resolvers });
  nets.push(net);
  const resolver = net.host('resolver');
  const server = resolver.start([process.execPath, SMALL_DNS, JSON.stringify({ listen: [RESOLVER], zone })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await says(server);
  return { laptop: net.host('laptop'), resolver };
}

async function says({ stdout }: ChildProcess): Promise<void> {
  if (stdout) await once(stdout, 'data');
}

/** As on a machine whose provider or NAT gives it IPv4 alone. */
function withoutIpv6(laptop: Host): void {
  laptop.ip('-6', 'route', 'flush', 'table', 'main');
  laptop.ip('-6', 'address', 'flush', 'dev', 'eth0');
}

const run = (host: Host, ...args: string[]): Promise<Finished> => host.run([process.execPath, CLI, ...args]);

function reportOf({ stdout, stderr }: Finished): Report {
  expect(stderr).toBe('');
  return reportSchema.parse(JSON.parse(stdout));
}

const messages = ({ rules }: Report): string[] =>
  rules.flatMap(({ findings }) => findings.map(({ message }) => message));

const statuses = ({ rules }: Report): Record<string, string> =>
  Object.fromEntries(rules.map(({ id, status }) => [id, status]));

describe('no network at all', () => {
  const dns = ['--dns', '192.0.2.53'];
  let laptop: Host;
  beforeAll(async () => {
    ({ laptop } = await place([RESOLVER]));
    laptop.ip('route', 'flush', 'table', 'main');
    withoutIpv6(laptop);
  });

  test('a check ends with a report that names the reason', async () => {
    const finished = await run(laptop, 'example.com', PUBLIC[0], ...dns, '-f', 'json');
    const report = reportOf(finished);
    expect(finished.code).toBe(3);
    expect(messages(report).filter((text) => text.includes('this machine has no route to it'))).not.toEqual([]);
    expect(statuses(report)).toMatchObject({ dns: 'inconclusive', spf: 'inconclusive', ptr: 'inconclusive' });
  });

  test('the same with the resolver of the system', async () => {
    const finished = await run(laptop, 'example.com', PUBLIC[0], '-f', 'json');
    expect(finished.code).toBe(3);
    expect(reportOf(finished).target.resolvers).toEqual([`${RESOLVER}#53`]);
  });

  test.each([
    ['spf', ['spf', PUBLIC[0], 'user@example.com', ...dns], 3, /temperror/],
    ['pool', ['pool', 'example.com', PUBLIC[0], ...dns], 3, /192\.31\.196\.25/],
    ['records', ['records', 'example.com', PUBLIC[0], ...dns], 3, /./],
  ] as const)('mailcheck %s ends by itself', async (_, args, code, words) => {
    const finished = await run(laptop, ...args);
    expect(`${finished.stdout}${finished.stderr}`).not.toMatch(/RangeError|ERR_|internal error|node:/);
    expect(finished.code).toBe(code);
    expect(`${finished.stdout}${finished.stderr}`).toMatch(words);
  });
});

test('an IPv6 resolver first in the list of an IPv4-only machine: the next one is asked, and answers', async () => {
  const { laptop } = await place(['2001:db8::53', '2001:db8:1::53', RESOLVER]);
  withoutIpv6(laptop);
  const finished = await run(
    laptop,
    'example.com',
    PUBLIC[0],
    '--helo',
    'mail.example.com',
    '--only',
    'spf',
    '-f',
    'json',
  );
  const report = reportOf(finished);
  expect(finished.code).toBe(0);
  expect(statuses(report)).toMatchObject({ spf: 'pass' });
  expect(report.target.resolvers).toEqual(['2001:db8::53#53', '2001:db8:1::53#53', `${RESOLVER}#53`]);
});

describe('a resolver on the link', () => {
  const ON_LINK = 'fe80::53';
  let laptop: Host;
  beforeAll(async () => {
    const here = await place([`${ON_LINK}%eth0`], { onLink: [`${ON_LINK}/64`] });
    laptop = here.laptop;
    // Its own address on the link is ready at once, without duplicate detection.
    laptop.ip('address', 'add', 'fe80::2/64', 'dev', 'eth0', 'nodad');
    const listen = [`${ON_LINK}%eth0`];
    await says(
      here.resolver.start([process.execPath, SMALL_DNS, JSON.stringify({ listen, zone })], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
  });

  test.each([
    ['from resolv.conf', []],
    ['typed with its interface', ['--dns', `${ON_LINK}%eth0`]],
    ['typed with interface and port', ['--dns', `[${ON_LINK}%eth0]:53`]],
  ])('%s: it is asked on its interface', async (_, dns) => {
    const args = ['example.com', PUBLIC[0], '--helo', 'mail.example.com', '--only', 'spf', '-f', 'json', ...dns];
    const finished = await run(laptop, ...args);
    const report = reportOf(finished);
    expect(statuses(report)).toMatchObject({ spf: 'pass' });
    expect(report.target.resolvers).toEqual([`${ON_LINK}%eth0#53`]);
    expect(finished.code).toBe(0);
  });

  test('without its interface it cannot be reached, and the report says what to type', async () => {
    const finished = await run(laptop, 'example.com', PUBLIC[0], '--dns', ON_LINK, '-f', 'json');
    expect(finished.code).toBe(3);
    expect(messages(reportOf(finished)).join('\n')).toContain(
      'a link-local address needs its interface, such as fe80::53%eth0',
    );
  });
});

test('an IPv4 and an IPv6 address, tested from behind NAT without IPv6, as on a CI runner', async () => {
  const { laptop } = await place([RESOLVER]);
  withoutIpv6(laptop);
  const args = ['example.com', ...PUBLIC, '--whoami-name', 'whoami.example.com', '--allow-private', '-f', 'json'];
  const finished = await run(laptop, ...args);
  const report = reportOf(finished);
  expect([1, 3]).toContain(finished.code);
  expect(statuses(report)).toMatchObject({ dns: 'pass', ptr: 'fail', tls: 'inconclusive' });
  // No vantage can be told over IPv6, and that is not held against the host.
  expect(report.vantage).toMatchObject({ kind: 'unknown', reason: 'this machine is behind NAT' });
});
