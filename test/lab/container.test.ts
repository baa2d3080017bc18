/**
 * The images of Dockerfile and docs/container, built by buildah and run as docs/container.md says: read-only, without
 * capabilities, as their own user, on the network of this machine. Needs root and the Debian package buildah.
 */
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { reportSchema } from '../../src/report/schema.ts';
import { scenes } from '../world/scenes.ts';
import { startWorld, type World } from '../world/world.ts';
import { type Builder, finished, type Image, startBuilder, whyNoImages } from './images.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where the resolver listens, by its configuration. */
const RESOLVER = '127.0.0.1:5335';
/** A process that is not ready by then has hung. */
const WAIT = { timeout: 20_000, interval: 50 };
const SOURCE = 'https://git.example.com/mailcheck';
const why = whyNoImages();

describe.skipIf(why !== null)(`images${why === null ? '' : ` (${why})`}`, () => {
  let builder: Builder;
  let image: Image;
  let resolver: Image;
  let world: World;

  beforeAll(async () => {
    world = await startWorld(scenes.healthy.world);
    builder = await startBuilder();
    image = await builder.build(root, 'NODE_IMAGE', {
      args: { SOURCE },
      volumes: { '/src/node_modules': join(root, 'node_modules') },
    });
    resolver = await builder.build(join(root, 'docs/container/resolver'), 'DEBIAN_IMAGE');
  });

  afterAll(async () => {
    builder?.close();
    await world?.close();
  });

  test('it holds what the command needs, and nothing that installs more', () => {
    const { Entrypoint, User, Labels } = image.config;
    expect([Entrypoint, User]).toEqual([['node', '/opt/mailcheck/dist/cli.js'], '10001:10001']);
    expect(Labels).toMatchObject({ 'org.opencontainers.image.source': SOURCE });
    expect(readdirSync(join(image.root, 'opt/mailcheck'))).toEqual(['dist']);
    expect(readdirSync(join(image.root, 'opt/mailcheck/dist')).sort()).toEqual([
      'LICENSE',
      'THIRD-PARTY-NOTICES.txt',
      'chunks',
      'cli.js',
      'config.schema.json',
      'index.js',
      'report.schema.json',
      'reports.schema.json',
    ]);
    expect(existsSync(join(image.root, 'usr/local/bin/npm'))).toBe(false);
  });

  test('its process has another user, no capability, and nowhere to write', async () => {
    const script = `
      const { readFileSync, writeFileSync } = require('node:fs');
      const status = Object.fromEntries(readFileSync('/proc/self/status', 'utf8').split('\\n').map((it) => it.split(':\\t')));
      const codes = ['/cache/x', '/tmp/x', '/opt/mailcheck/x', '/work/x'].map((path) => {
        try { writeFileSync(path, ''); } catch ({ code }) { return code; }
      });
      console.log(JSON.stringify([process.pid, process.getuid(), status.CapEff, status.CapBnd, status.NoNewPrivs, codes]));`;
    const { stdout } = await image.run([script], { entrypoint: ['node', '-e'] });
    const none = '0'.repeat(16);
    expect(JSON.parse(stdout)).toEqual([1, 10001, none, none, '1', Array.from({ length: 4 }, () => 'EROFS')]);
  });

  test('it checks a host, with a file of a volume', async () => {
    const folder = folderOf(world);
    const { code, stdout, stderr } = await image.run([...scenes.healthy.args, ...argsIn(world)], {
      volumes: { '/work': folder },
    });
    expect({ code, stderr }).toEqual({ code: scenes.healthy.exitCode, stderr: '' });
    expect(stdout).toContain(`\n${scenes.healthy.args.slice(0, 2).join(' · ')} · `);
  });

  // The kernel ignores these signals for process 1, unless the program handles them.
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s ends a check', async (signal, code) => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port } = silent.address() as AddressInfo;
      const child = image.start(['example.com', '203.0.113.5', '--dns', `127.0.0.1:${port}`]);
      const end = finished(child);
      await once(silent, 'message');
      process.kill(firstProcess(child), signal);
      expect(await end).toMatchObject({ code });
    } finally {
      silent.close();
    }
  });

  test('SIGTERM ends a command that waits for its input', async () => {
    const child = image.start(['explain', '-'], { stdin: 'pipe' });
    const end = finished(child);
    // Node.js itself handles SIGTERM from its start, and passes it on to the kernel. It does not handle SIGHUP.
    const handlesHangup = /^SigCgt:\t\w+[13579bdf]$/m;
    await vi.waitFor(() => {
      expect(readFileSync(`/proc/${firstProcess(child)}/status`, 'utf8')).toMatch(handlesHangup);
    }, WAIT);
    process.kill(firstProcess(child), 'SIGTERM');
    expect(await end).toMatchObject({ code: 143 });
  });

  test('the resolver validates, and mailcheck asks a block list through it', async () => {
    const { services } = parse(readFileSync(join(root, 'docs/container/compose.yaml'), 'utf8'));
    const extra = mkdtempSync(join(tmpdir(), 'mailcheck-resolver-'));
    chmodSync(extra, 0o755);
    // The world is the internet. It is not signed, which the trust anchor allows for these names alone.
    const unsigned = ['arpa', 'com', 'org'].map((name) => `domain-insecure: "${name}"`);
    const [host, port] = world.dns.server.split(':');
    const text = `include: "/etc/unbound/unbound.conf"
server:
  do-not-query-localhost: no
  ${unsigned.join('\n  ')}
forward-zone:
  name: "."
  forward-addr: ${host}@${port}
`;
    writeFileSync(join(extra, 'world.conf'), text);
    const server = resolver.start(['-c', '/extra/world.conf'], { volumes: { '/extra': extra } });
    const end = finished(server);
    try {
      const [, ...isHealthy] = services.resolver.healthcheck.test;
      await vi.waitFor(async () => {
        expect(await resolver.run([], { entrypoint: isHealthy })).toMatchObject({ code: 0 });
      }, WAIT);
      const own = ['--dns', RESOLVER, '--only', 'spf,rbl', '--dnsbl', 'zen.spamhaus.org', '-f', 'json'];
      const { stdout } = await image.run([...scenes.healthy.args, ...argsIn(world).slice(2), ...own], {
        volumes: { '/work': folderOf(world) },
      });
      const { rules } = reportSchema.parse(JSON.parse(stdout));
      const statuses = rules.filter(({ status }) => status !== 'skipped').map(({ id, status }) => [id, status]);
      expect(Object.fromEntries(statuses)).toEqual({ spf: 'pass', rbl: 'pass' });
      // What the trust anchor covers has to be signed.
      const dns = new Resolver();
      dns.setServers([RESOLVER]);
      await expect(dns.resolveTxt('example.com')).resolves.toEqual([['v=spf1 ip4:203.0.113.5 -all']]);
      await expect(dns.resolveTxt('example.net')).rejects.toMatchObject({ code: 'ESERVFAIL' });
    } finally {
      process.kill(firstProcess(server), 'SIGTERM');
      rmSync(extra, { recursive: true, force: true });
    }
    const { code, stderr } = await end;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/\b(?:warning|error):/);
  });
});

/** @returns the folder with the files of the world, which another user may read. */
function folderOf(world: World): string {
  const folder = dirname(caFileOf(world));
  chmodSync(folder, 0o755);
  return folder;
}

function caFileOf({ args }: World): string {
  return args[args.indexOf('--ca-file') + 1] ?? '';
}

/** @returns the arguments of the world where its folder is the current one. */
function argsIn(world: World): string[] {
  return world.args.map((word) => (word === caFileOf(world) ? 'ca.pem' : word));
}

/** @returns the ID on this machine of the process that is the first of its container. @throws Error before it is there. */
function firstProcess({ pid }: ChildProcess): number {
  const [, id] = /^(\d+) $/.exec(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? [];
  if (id === undefined) throw new Error('the container has no process');
  return Number(id);
}
