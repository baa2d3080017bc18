/** The files of the images agree with each other, with the package and with the manifests. test/lab builds and runs them. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const yamlOf = (path: string) => parse(textOf(path), { strict: true, uniqueKeys: true });

/** The instructions of a Dockerfile, with continued lines joined: `['FROM', '${NODE_IMAGE} AS build']`. */
function instructionsOf(path: string): [string, string][] {
  const lines = textOf(path)
    .replace(/^ *#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  return lines.filter(Boolean).map((line) => {
    const [word = '', ...rest] = line.split(' ');
    return [word, rest.join(' ')];
  });
}

const product = instructionsOf('Dockerfile');
const resolver = instructionsOf('docs/container/resolver/Dockerfile');
const { services } = yamlOf('docs/container/compose.yaml');
const guide = textOf('docs/container.md');

/** The last value of an instruction: what holds in the image. */
const last = (instructions: readonly (readonly [string, string])[], word: string): string =>
  instructions.findLast(([name]) => name === word)?.[1] ?? '';

describe('the image', () => {
  test('it has the version of Node.js that the project takes, and the licence of the package', () => {
    expect(product[0]).toEqual(['ARG', `NODE_IMAGE=node:${textOf('.nvmrc').trim()}-bookworm-slim`]);
    expect(guide).toContain(`FROM node:${textOf('.nvmrc').trim()}-bookworm-slim AS packages`);
    expect(last(product, 'LABEL')).toContain(`licenses="${JSON.parse(textOf('package.json')).license}"`);
  });

  test('only the files that the build reads get into it', () => {
    const [everything, ...allowed] = textOf('.dockerignore')
      .replace(/^#.*\n/gm, '')
      .trim()
      .split('\n');
    expect(everything).toBe('*');
    expect(
      allowed.filter((line) => !line.startsWith('!') || !existsSync(new URL(`../${line.slice(1)}`, import.meta.url))),
    ).toEqual([]);
    expect(allowed.filter((line) => /node_modules|\.git$|\.env|test|dist/.test(line))).toEqual([]);
  });

  test('pods run it by its own user and command', () => {
    const [user] = last(product, 'USER').split(':');
    for (const name of ['shards', 'workers']) {
      const pod = yamlOf(`docs/kubernetes/${name}.yaml`).spec.template.spec;
      expect([String(pod.securityContext.runAsUser), pod.containers[0].command]).toEqual([user, undefined]);
    }
    expect(last(product, 'ENTRYPOINT')).toBe('["node", "/opt/mailcheck/dist/cli.js"]');
    expect(guide).toContain(`It runs as the user ${user}.`);
  });

  test('a worker gets the versions of the packages that the package names', () => {
    const { peerDependencies } = JSON.parse(textOf('package.json')) as { peerDependencies: Record<string, string> };
    for (const [name, range] of Object.entries(peerDependencies)) {
      expect(guide).toContain(` ${name}@${/\d+/.exec(range)?.[0]}`);
    }
    const [command = ''] = /^RUN npm install .*$/m.exec(guide) ?? [];
    expect(command.match(/\w+@\d+/g)).toHaveLength(Object.keys(peerDependencies).length);
  });
});

describe('the resolver', () => {
  const settings = textOf('docs/container/resolver/unbound.conf');
  const [, address, port] = /^ {2}interface: ([\d.]+)@(\d+)$/m.exec(settings) ?? [];

  test('it listens on one loopback address, which the guide and Compose name', () => {
    expect(settings.match(/^\s*(?:interface|port):.*$/gm)).toHaveLength(1);
    expect(address).toBe('127.0.0.1');
    expect(Number(port)).toBeGreaterThan(1023);
    expect(services.resolver.healthcheck.test.at(-1)).toContain(`/dev/tcp/${address}/${port}`);
    const named = `${guide}${textOf('docs/container/compose.yaml')}${textOf('docs/container/compose.outside.yaml')}`;
    expect([...new Set(named.match(/(?<=--dns )\S+:\d+/g))]).toEqual([`${address}:${port}`]);
  });

  test('it keeps questions to itself', () => {
    for (const line of ['qname-minimisation: yes', 'log-queries: no', 'log-replies: no', 'control-enable: no'])
      expect(settings).toContain(`  ${line}\n`);
    expect(settings).not.toMatch(/^\s*(?:forward-|logfile:)/m);
  });

  test('it belongs to another user than mailcheck, and not to root', () => {
    expect(last(resolver, 'USER')).toMatch(/^[1-9]\d{4,}:[1-9]\d{4,}$/);
    expect(last(resolver, 'USER')).not.toBe(last(product, 'USER'));
  });
});

describe('Compose', () => {
  test('every service is read-only and has no right', () => {
    expect(Object.keys(services)).toEqual(['resolver', 'mailcheck']);
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({
        network_mode: 'host',
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
    expect(services.mailcheck.depends_on).toEqual({ resolver: { condition: 'service_healthy' } });
  });

  test('it builds from folders with a Dockerfile', () => {
    for (const { build } of Object.values(services) as { build: string }[]) {
      expect(existsSync(new URL(`../docs/container/${build}/Dockerfile`, import.meta.url))).toBe(true);
    }
  });

  test('it passes on the keys of block lists', () => {
    const keys = textOf('docs/block-lists.md').match(/(?<=`)[A-Z_]+(?:KEY|CODE)(?=`)/g);
    expect(services.mailcheck.environment).toEqual(keys);
  });

  test('outside, the two share a network that is not that of the host', () => {
    expect(yamlOf('docs/container/compose.outside.yaml').services).toEqual({
      resolver: { network_mode: 'bridge' },
      mailcheck: { network_mode: 'service:resolver' },
    });
  });
});
