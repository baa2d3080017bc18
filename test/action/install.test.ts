/**
 * The installation of the action, from a registry on loopback, in the checkout of a hostile pull request. Every trap in
 * it leaves a mark when it is run, read or asked.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scenes } from '../world/scenes.ts';
import { startWorld, type World } from '../world/world.ts';
import { runAction } from './step.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
};

/** The release: the manifest and dist/ of this checkout, as npm packs them. */
const folder = mkdtempSync(join(tmpdir(), 'mailcheck-registry-'));
let tarball: Buffer;
let altered: Buffer;

interface Registry {
  readonly server: Server;
  readonly url: string;
  readonly asked: string[];
}

/** A registry that has the release, or what it is given in place of it. */
async function startRegistry(content: () => Buffer): Promise<Registry> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { port } = server.address() as AddressInfo;
    if (request.url?.endsWith('.tgz')) return void response.end(content());
    const dist = { tarball: `http://127.0.0.1:${port}/${name}.tgz`, integrity: digestOf(content()) };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } }),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const digestOf = (content: Buffer): string => `sha512-${createHash('sha512').update(content).digest('base64')}`;

function packed(into: string, change: (dist: string) => void): Buffer {
  const made = join(folder, into, 'package');
  mkdirSync(made, { recursive: true });
  cpSync(join(root, 'dist'), join(made, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(made, 'package.json'));
  change(join(made, 'dist'));
  return execFileSync('tar', ['-cz', '-C', join(folder, into), 'package'], { maxBuffer: 64 * 1024 * 1024 });
}

let world: World;
let good: Registry;
let evil: Registry;
/** The registry that only the hostile checkout names. */
let trap: Registry;

beforeAll(async () => {
  tarball = packed('good', () => {});
  altered = packed('evil', (dist) => writeFileSync(join(dist, 'cli.js'), 'process.exit(0);\n'));
  world = await startWorld(scenes.healthy.world);
  good = await startRegistry(() => tarball);
  evil = await startRegistry(() => altered);
  trap = await startRegistry(() => altered);
});
beforeEach(() => {
  for (const { asked } of [good, evil, trap]) asked.length = 0;
});
afterAll(async () => {
  await world.close();
  for (const { server } of [good, evil, trap]) server.close();
  rmSync(folder, { recursive: true });
});

const inputs = (): Record<string, string> => ({
  domain: 'example.com',
  ips: '203.0.113.5',
  selectors: 's1',
  args: [...world.args, '--only', 'spf'].join('\n'),
  path: '',
  version,
  registry: good.url,
  integrity: digestOf(tarball),
});

/** Files that would be run or believed, by who runs or believes them. All write a mark. */
function hostileFiles(mark: string): Readonly<Record<string, string>> {
  const js = `require('node:fs').writeFileSync(${JSON.stringify(mark)}, 'x');\n`;
  const esm = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(mark)}, 'x');\nexport default {};\n`;
  const shell = `#!/bin/sh\necho x >'${mark}'\n`;
  const npmrc = [
    `registry=${trap.url}`,
    `@scope:registry=${trap.url}`,
    'ignore-scripts=false',
    'node-options=--require ./evil.cjs',
    'script-shell=./evil.sh',
    `cache=./evil-cache`,
    '',
  ].join('\n');
  const manifest = {
    name: 'pull-request',
    version: '1.0.0',
    workspaces: ['*', '**/*'],
    packageManager: 'pnpm@0.0.0',
    scripts: { preinstall: './evil.sh', install: './evil.sh', postinstall: './evil.sh', prepare: './evil.sh' },
    dependencies: { [name]: version },
    overrides: { [name]: 'file:./node_modules/evil' },
    volta: { node: '0.0.1' },
    mailcheck: { formats: [`json=${mark}`] },
  };
  const lock = {
    lockfileVersion: 3,
    packages: { [`node_modules/${name}`]: { version, resolved: `${trap.url}x.tgz` } },
  };
  return {
    '.npmrc': npmrc,
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify(lock),
    'npm-shrinkwrap.json': JSON.stringify(lock),
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, bin: { mailcheck: 'dist/cli.js' } }),
    [`node_modules/${name}/dist/cli.js`]: js,
    'node_modules/.bin/mailcheck': shell,
    'node_modules/.bin/node': shell,
    'node_modules/.bin/npm': shell,
    ...Object.fromEntries(['node', 'npm', 'mktemp', 'tr', 'mkdir', 'rm', 'cd', 'dist/cli.js'].map((it) => [it, shell])),
    'mailcheck.config.mjs': esm,
    'mailcheck.config.js': esm,
    'mailcheck.config.yaml': `formats: ["json=${mark}"]\n`,
    'evil.cjs': js,
    'evil.sh': shell,
    '.bashrc': shell,
    '.profile': shell,
    '.envrc': shell,
    '.env': `NODE_OPTIONS=--require ./evil.cjs\n`,
    '.node-version': '0.0.1\n',
    '.nvmrc': '0.0.1\n',
    '.tool-versions': 'nodejs 0.0.1\n',
    'node.config.json': JSON.stringify({ nodeOptions: { require: ['./evil.cjs'] } }),
    '-': esm,
    '--': esm,
    '--config=mailcheck.config.mjs': esm,
    '--zone=-': 'x',
  };
}

function fill(place: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text, { mode: 0o755 });
  }
}

/** What a workflow, or a step before this one, may have set for its own programs. */
function hostileEnvironment(workspace: string): Record<string, string> {
  return {
    PATH: `.:node_modules/.bin::${process.env.PATH}`,
    // npm would leave out what a build needs.
    NODE_ENV: 'production',
    CDPATH: join(workspace, 'node_modules'),
    BASH_ENV: join(workspace, 'evil.sh'),
    ENV: join(workspace, 'evil.sh'),
    NODE_OPTIONS: `--require ${join(workspace, 'evil.cjs')}`,
    NODE_PATH: join(workspace, 'node_modules'),
    'BASH_FUNC_npm%%': `() { ${join(workspace, 'evil.sh')}; }`,
    'BASH_FUNC_node%%': `() { ${join(workspace, 'evil.sh')}; }`,
    npm_config_registry: trap.url,
    NPM_CONFIG_USERCONFIG: join(workspace, '.npmrc'),
    npm_config_globalconfig: join(workspace, '.npmrc'),
    npm_config_node_options: `--require ${join(workspace, 'evil.cjs')}`,
    npm_config_workspaces: 'true',
  };
}

describe('in the checkout of a hostile pull request', () => {
  test('installs the version from the registry, runs it, and runs and believes nothing else', async () => {
    let mark = '';
    await runAction(
      inputs(),
      ({ code, stderr, outputs }) => {
        expect(stderr).not.toMatch(/error/i);
        expect([code, outputs.verdict, existsSync(mark)]).toEqual([0, 'pass', false]);
        expect(good.asked).toContain(`/${name}.tgz`);
        expect(trap.asked).toEqual([]);
      },
      {},
      (runner) => {
        mark = join(runner, 'mark');
        const workspace = join(runner, 'workspace');
        const files = hostileFiles(mark);
        fill(workspace, files);
        // Beside the runner's temporary folder: it belongs to nobody in particular.
        fill(
          runner,
          Object.fromEntries(
            Object.entries(files).filter(([path]) => /^(?:\.npmrc|[\w-]+\.json|node_modules)/.test(path)),
          ),
        );
        return hostileEnvironment(workspace);
      },
    );
  });

  test('and the traps are live: programs that trust the folder leave the mark, or ask the other registry', async () => {
    const place = mkdtempSync(join(tmpdir(), 'mailcheck-traps-'));
    const mark = join(place, 'mark');
    try {
      fill(place, hostileFiles(mark));
      const run = (file: string, words: string[]): boolean => {
        rmSync(mark, { force: true });
        spawnSync(file, words, { cwd: place, stdio: 'ignore', env: { PATH: process.env.PATH ?? '', HOME: place } });
        return existsSync(mark);
      };
      expect(run(process.execPath, ['--require', './evil.cjs', '-e', ''])).toBe(true);
      expect(run('npm', ['run', 'install'])).toBe(true);
      rmSync(mark);
      expect(
        run(process.execPath, [join(root, 'dist/cli.js'), '--config', 'mailcheck.config.mjs', '--print-config']),
      ).toBe(true);
      expect(execFileSync('npm', ['config', 'get', 'registry'], { cwd: place, encoding: 'utf8' }).trim()).toBe(
        trap.url,
      );
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});

const REFUSED: readonly (readonly [what: string, change: () => Record<string, string>, says: string])[] = [
  ['another tarball than the digest says', () => ({ registry: evil.url }), 'could not be installed'],
  ['a version that is not there', () => ({ version: '9.9.9' }), 'could not be installed'],
  ['a registry over http without a digest', () => ({ integrity: '' }), 'over http'],
  ['a registry that does not answer', () => ({ registry: 'http://127.0.0.1:1/' }), 'could not be installed'],
  ['a registry that is a folder', () => ({ registry: 'file:///tmp/' }), 'type an address'],
  ['a digest of another kind', () => ({ integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }), 'type the one digest'],
  ['two digests', () => ({ integrity: `${digestOf(tarball)} ${digestOf(altered)}` }), 'type the one digest'],
  ['a version that is a range', () => ({ version: '^0.1.0' }), 'type an exact one'],
  ['a version that is a file', () => ({ version: 'file:.' }), 'type an exact one'],
];

test.each(REFUSED)('%s is refused, and nothing is run', async (_, change, says) => {
  await runAction({ ...inputs(), ...change() }, ({ code, stdout, stderr, outputs, runner }) => {
    expect([code, outputs['exit-code'], outputs.verdict ?? '']).toEqual([2, '2', '']);
    expect(stderr.trim().split('\n').at(-1)).toMatch(new RegExp(`^mailcheck: .*${says}`));
    expect(stdout).toBe('');
    expect(readdirSync(join(runner, 'workspace'))).toEqual([]);
  });
});

test.each([
  ['relative', 'out/reports', 'workspace/out/reports'],
  ['absolute', '/workspace/out/reports', 'workspace/out/reports'],
  ['absolute, of a new folder', '/workspace/out/new/reports', 'workspace/out/new'],
  ['in the temporary folder', '/temp/reports', 'temp/reports'],
])('a folder for the reports that a link leads elsewhere is refused: %s', async (_, name, link) => {
  const place = mkdtempSync(join(tmpdir(), 'mailcheck-output-'));
  try {
    fill(join(place, 'elsewhere'), { 'mailcheck.json': 'mine' });
    for (const folder of ['workspace/out', 'temp']) mkdirSync(join(place, folder), { recursive: true });
    symlinkSync(join(place, 'elsewhere'), join(place, link));
    const outputDir = name.startsWith('/') ? join(place, name) : name;
    await runAction(
      { ...inputs(), path: root, 'output-dir': outputDir },
      ({ code, stderr }) => {
        expect(code).toBe(2);
        expect(stderr).toMatch(/^mailcheck: output-dir: a link leads out[^\n]*\n$/);
        expect(readdirSync(join(place, 'elsewhere'))).toEqual(['mailcheck.json']);
      },
      {},
      (runner) => {
        mkdirSync(join(runner, 'workspace/out'));
        symlinkSync(join(place, 'elsewhere'), join(runner, 'workspace/out/reports'));
        return { GITHUB_WORKSPACE: join(place, 'workspace'), RUNNER_TEMP: join(place, 'temp') };
      },
    );
  } finally {
    rmSync(place, { recursive: true });
  }
});

test('a folder in the place of the report ends with one line and the exit code 2', async () => {
  await runAction(
    { ...inputs(), path: root, 'output-dir': 'out' },
    ({ code, stderr, outputs }) => {
      expect([code, outputs['exit-code']]).toEqual([2, '2']);
      expect(stderr.trim().split('\n').at(-1)).toBe('mailcheck: output-dir: mailcheck.json in it cannot be replaced');
    },
    {},
    (runner) => {
      mkdirSync(join(runner, 'workspace/out/mailcheck.json'), { recursive: true });
      return {};
    },
  );
});

test('the recipe of docs/ci.md for the published package installs it apart from the hostile folder', async () => {
  const place = mkdtempSync(join(tmpdir(), 'mailcheck-published-'));
  const [job, installed] = [join(place, 'job'), join(place, 'installed')];
  const mark = join(place, 'mark');
  try {
    fill(job, hostileFiles(mark));
    const guide = readFileSync(join(root, 'docs/ci.md'), 'utf8');
    const [, block = ''] =
      /npx[\s\S]*?```yaml\n([\s\S]*?)```/.exec(guide.slice(guide.indexOf('## Once the package is published'))) ?? [];
    const steps = (parse(block) as { run: string }[]).map(({ run }) => run);
    expect(steps).toHaveLength(2);
    const typed = steps.map((step) =>
      step.replaceAll('/tmp/mailcheck', installed).replace('https://registry.npmjs.org/', good.url),
    );
    const own = [...world.args, '--only', 'spf', '--selector', 's1'].map((word) => `'${word}'`).join(' ');
    // Each step starts in the folder of the job.
    const script = `(${typed[0]})\n(${typed[1]} ${own})`;
    const env = { PATH: process.env.PATH ?? '', HOME: job };
    const { stdout } = await promisify(execFile)('bash', ['-euc', script], { cwd: job, env });
    expect(stdout).toContain('PASS: the one check that ran found no problem.');
    expect([existsSync(mark), trap.asked]).toEqual([false, []]);
    expect(readdirSync(join(installed, 'node_modules')).filter((entry) => !entry.startsWith('.'))).toEqual([name]);
  } finally {
    rmSync(place, { recursive: true });
  }
});

describe('as GitHub fetches it for a workflow: all of the repository, without a build', () => {
  /** Runs the action from such a checkout twice, in one job. */
  async function runTwice(files: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
    const place = mkdtempSync(join(tmpdir(), 'mailcheck-actions-'));
    const checkout = join(place, 'owner/mailcheck/0123abc');
    const own = join(checkout, '.github/actions/mailcheck');
    try {
      fill(checkout, files);
      cpSync(join(root, '.github/actions/mailcheck'), own, { recursive: true });
      const runs = [];
      for (let count = 0; count < 2; count += 1) {
        const run = await runAction(
          { ...inputs(), version: '', integrity: '', ...more },
          ({ code, stderr, outputs }) => ({ code, stderr, verdict: outputs.verdict }),
          {},
          (runner) => ({ ...hostileEnvironment(join(runner, 'workspace')), GITHUB_ACTION_PATH: own }),
        );
        runs.push(run);
      }
      const built = join(checkout, 'built');
      return { runs, builds: existsSync(built) ? readFileSync(built, 'utf8') : '' };
    } finally {
      rmSync(place, { recursive: true });
    }
  }

  const checkout = {
    'package.json': JSON.stringify({ name }),
    '.ci/build': `#!/bin/bash -p\ncd "$(dirname "$0")/.." && echo "$MAILCHECK_REGISTRY $*\${NODE_ENV:-}" >>built && cp -r '${root}dist' .\n`,
  };

  test('it builds this checkout once, and runs it', async () => {
    const { runs, builds } = await runTwice(checkout);
    expect(runs).toMatchObject([
      { code: 0, verdict: 'pass' },
      { code: 0, verdict: 'pass' },
    ]);
    expect(builds).toBe(`${good.url} --no-types\n`);
    expect(trap.asked).toEqual([]);
  });

  test.each<
    [what: string, files: Readonly<Record<string, string>>, more: Readonly<Record<string, string>>, message: string]
  >([
    ['a copy of the action alone names no version', {}, {}, 'version: type an exact one'],
    [
      'it stands in the repository of another project',
      { ...checkout, 'package.json': '{ "name": "other" }' },
      {},
      'version: type an exact one',
    ],
    ['the build fails', { ...checkout, '.ci/build': '#!/bin/sh\nexit 1\n' }, {}, 'cannot be built'],
    ['a digest stands without the version', checkout, { integrity: `sha512-${'A'.repeat(86)}==` }, 'integrity: '],
  ])('%s: that is wrong usage, and nothing is run', async (_, files, more, message) => {
    const { runs, builds } = await runTwice(files, more);
    expect(runs).toMatchObject([{ code: 2 }, { code: 2 }]);
    for (const { stderr, verdict } of runs)
      expect([stderr, verdict]).toEqual([expect.stringContaining(message), undefined]);
    expect(builds).toBe('');
  });
});

test('.ci/build installs the locked packages of a checkout, whatever the folder around it says', async () => {
  const place = mkdtempSync(join(tmpdir(), 'mailcheck-around-'));
  const [mark, checkout] = [join(place, 'mark'), join(place, 'checkout')];
  try {
    const locked = { version, integrity: digestOf(tarball) };
    const dependencies = { [name]: version };
    fill(place, hostileFiles(mark));
    fill(checkout, {
      'package.json': JSON.stringify({
        name: 'checkout',
        version: '1.0.0',
        dependencies,
        scripts: { prepare: 'exit 1' },
      }),
      'package-lock.json': JSON.stringify({
        lockfileVersion: 3,
        requires: true,
        packages: { '': { name: 'checkout', version: '1.0.0', dependencies }, [`node_modules/${name}`]: locked },
      }),
      'build.mjs': "import { writeFileSync } from 'node:fs';\nwriteFileSync('built', process.cwd());\n",
    });
    for (const file of ['.ci/build', '.github/actions/mailcheck/npm.sh'])
      cpSync(join(root, file), join(checkout, file));
    const env = { HOME: place, ...hostileEnvironment(place), MAILCHECK_REGISTRY: good.url };
    await promisify(execFile)(join(checkout, '.ci/build'), [], { cwd: place, env });
    expect(readFileSync(join(checkout, 'built'), 'utf8')).toBe(realpathSync(checkout));
    expect(existsSync(join(checkout, 'node_modules', name, 'dist/cli.js'))).toBe(true);
    expect([existsSync(mark), trap.asked]).toEqual([false, []]);

    // The digest counts, not what the registry says of its own tarball.
    rmSync(join(checkout, 'built'));
    const other = promisify(execFile)(join(checkout, '.ci/build'), [], {
      cwd: place,
      env: { ...env, MAILCHECK_REGISTRY: evil.url },
    });
    await expect(other).rejects.toThrow('EINTEGRITY');
    expect(existsSync(join(checkout, 'built'))).toBe(false);
  } finally {
    rmSync(place, { recursive: true });
  }
});
