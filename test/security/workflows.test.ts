/** The workflows: nothing runs that can be changed under the same name, with no more rights than it needs. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { filesBelow } from '../files-below.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly permissions?: unknown;
  readonly needs?: string | readonly string[];
  readonly steps: readonly Step[];
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const workflowOf = (file: string): Workflow => parse(textOf(file)) as Workflow;
const files = filesBelow(new URL('.github', root))
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => `.github/${name}`);
const workflows = files.filter((file) => file.startsWith('.github/workflows/'));

test('the workflows were found', () => {
  expect(workflows).toEqual(expect.arrayContaining(['.github/workflows/ci.yml', '.github/workflows/publish.yml']));
});

test.each(files)('%s: every action is pinned by its commit, with the version beside it', (file) => {
  const uses = textOf(file)
    .split('\n')
    .filter((line) => /^\s*(?:- )?uses:/.test(line))
    .map((line) => line.replace(/^\s*(?:- )?uses:\s*/, ''));
  expect(uses.filter((use) => !/^\.\/|^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use))).toEqual([]);
});

test.each(workflows)('%s: reads alone where nothing else is said, and ends', (file) => {
  const { permissions, jobs } = workflowOf(file);
  expect(permissions).toEqual({ contents: 'read' });
  for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
});

test.each(workflows)('%s: a checkout leaves no token behind for what runs after it', (file) => {
  const steps = Object.values(workflowOf(file).jobs).flatMap((job) => job.steps);
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  expect(checkouts.length).toBeGreaterThan(0);
  expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
});

test.each(files)('%s: no text from outside is pasted into a command', (file) => {
  const scripts = textOf(file)
    .split('\n')
    .filter((line) => /^\s*(?:- )?run:.*\$\{\{/.test(line));
  expect(scripts).toEqual([]);
  expect(textOf(file)).not.toContain('pull_request_target');
});

describe('publishing', () => {
  const { on, jobs } = workflowOf('.github/workflows/publish.yml');
  const stepsOf = (job: string): readonly Step[] => jobs[job]?.steps ?? [];
  const commandsOf = (job: string): string[] => stepsOf(job).map(({ run }) => run ?? '');

  test('happens for a tag, and for nothing else', () => {
    expect(on).toEqual({ push: { tags: [expect.stringMatching(/^v/)] } });
  });

  test('each job has the one right that it needs: to prove where the package comes from, to push the image, to release', () => {
    const rights = Object.entries(jobs).map(([name, { permissions }]) => [name, permissions]);
    expect(Object.fromEntries(rights)).toEqual({
      pack: undefined,
      npm: { contents: 'read', 'id-token': 'write' },
      image: { contents: 'read', packages: 'write' },
      release: { contents: 'write' },
    });
  });

  test('takes nothing from a cache, stores no token, and runs no script of a dependency', () => {
    expect(JSON.stringify(jobs)).not.toMatch(/"cache|secrets\./);
    const installs = Object.keys(jobs).flatMap((job) =>
      commandsOf(job).filter((run) => /npm (?:ci|i|install)\b/.test(run)),
    );
    expect(installs).toEqual(['npm ci --ignore-scripts']);
  });

  test('checks the commit, tests and builds before it packs; what it packed is published, with provenance', () => {
    const at = (part: string): number => commandsOf('pack').findIndex((run) => run.includes(part));
    const order = [
      'git merge-base --is-ancestor HEAD origin/main',
      'npm ci',
      'npm run -s release:check -- "$GITHUB_REF_NAME" "$GITHUB_REPOSITORY"',
      'npm run test',
      'npm run facts -- --release',
      // Last: the tests build without the type declarations.
      'npm run build',
      '.ci/audit',
      'npm pack',
      'npm run -s sbom',
    ];
    const places = order.map(at);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(places[0]).toBeGreaterThan(0);
    expect(commandsOf('npm').at(-1)).toBe('npm publish ./release/*.tgz --provenance --access public --ignore-scripts');
    // An image of a version that npm does not have would be a release too.
    expect([jobs.npm?.needs, jobs.image?.needs, jobs.release?.needs]).toEqual(['pack', 'npm', 'image']);
  });

  test('the release has the words of the changelog, the package, its bill of materials, the notices and the image', () => {
    const [command = ''] = commandsOf('release').slice(-1);
    for (const part of [
      '--notes-file release/notes.md',
      'release/*.tgz',
      'release/*.cdx.json',
      'THIRD-PARTY-NOTICES.txt',
    ])
      expect(command).toContain(part);
    expect(JSON.stringify(stepsOf('release'))).toContain('needs.image.outputs.digest');
    expect(commandsOf('image').at(-1)).toContain('containerimage.digest');
  });
});

describe('continuous integration', () => {
  const { on, jobs } = workflowOf('.github/workflows/ci.yml');
  const commandsOf = (job: string): string[] => (jobs[job]?.steps ?? []).flatMap(({ run }) => run ?? []);
  const { scripts, engines } = JSON.parse(textOf('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
    readonly engines: { readonly node: string };
  };
  const script = textOf('.ci/run');
  const arrayOf = (name: string): string[] =>
    new RegExp(`^${name}=\\((.*)\\)$`, 'm').exec(script)?.[1]?.split(' ') ?? [];

  test('runs for pull requests and for main, with no secret and no right to write', () => {
    expect(Object.keys(on)).toEqual(['push', 'pull_request']);
    expect(JSON.stringify(jobs)).not.toContain('secrets.');
    expect(Object.values(jobs).filter(({ permissions }) => permissions !== undefined)).toEqual([]);
  });

  test.each([
    ['lint', 'lint'],
    ['types', 'typecheck'],
    ['unit', 'test:unit'],
    ['demo', 'demo'],
    ['lab', 'lab'],
  ])('the job %s runs the script %s', (job, name) => {
    expect(scripts).toHaveProperty([name]);
    expect(commandsOf(job).filter((run) => new RegExp(`^npm run ${name}( |$)`).test(run))).toHaveLength(1);
  });

  test('the tests run on every version of Node.js that .ci/run has, the oldest being the one that package.json asks for', () => {
    const versions = arrayOf('node_versions');
    expect(jobs.unit?.strategy?.matrix.node).toEqual(versions.map((version) => Math.trunc(Number(version))));
    expect(engines.node).toBe(`>=${versions[0]}`);
    expect(versions).toContain(textOf('.nvmrc').trim());
  });

  test('it installs the packages of Debian that .ci/run installs', () => {
    const installedBy = (job: string): string[] =>
      commandsOf(job).flatMap(
        (run) => /apt-get install .*--no-install-recommends (.*)$/.exec(run)?.[1]?.split(' ') ?? [],
      );
    expect(arrayOf('shell_packages').length).toBeGreaterThan(0);
    expect(installedBy('unit')).toEqual(arrayOf('shell_packages'));
    expect(arrayOf('lab_packages').length).toBeGreaterThan(0);
    expect(installedBy('lab')).toEqual(arrayOf('lab_packages'));
  });

  test('it looks at the subject of every commit of a pull request', () => {
    expect(commandsOf('lint')).toContain('.ci/commit-subjects "$BASE..HEAD"');
    expect(jobs.lint?.steps[0]?.with).toMatchObject({ 'fetch-depth': 0 });
  });
});

describe('the audit of packages', () => {
  const hole = (name: string, severity: string) => ({ [name]: { name, severity } });
  const cases: [what: string, report: unknown, code: number, says: string][] = [
    ['no hole', { vulnerabilities: {} }, 0, ''],
    ['a low hole in a bundled package', { vulnerabilities: hole('zod', 'low') }, 1, 'zod: low, in dist/\n'],
    [
      'a low hole in a package that a bundled one needs',
      { vulnerabilities: hole('signal-exit', 'low') },
      1,
      'signal-exit: low, in dist/\n',
    ],
    ['a moderate hole in a tool', { vulnerabilities: hole('vitest', 'moderate') }, 0, ''],
    [
      'a high hole in a tool',
      { vulnerabilities: { ...hole('vitest', 'moderate'), ...hole('knip', 'high') } },
      1,
      'knip: high\n',
    ],
    ['no answer of the registry', { message: '503 Service Unavailable' }, 1, ''],
  ];
  test.each(cases)('with %s', (_, report, code, says) => {
    const folder = mkdtempSync(join(tmpdir(), 'mailcheck-audit-'));
    try {
      // Stands for npm, which fails with holes and without an answer.
      writeFileSync(join(folder, 'npm'), `#!/bin/sh\ncat <<'END'\n${JSON.stringify(report)}\nEND\nexit 1\n`, {
        mode: 0o755,
      });
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
      const run = spawnSync(fileURLToPath(new URL('.ci/audit', root)), { env, encoding: 'utf8' });
      expect([run.status, run.stdout]).toEqual([code, says]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('dependabot renews packages and every folder that names an action', () => {
  const { updates } = parse(textOf('.github/dependabot.yml')) as {
    readonly updates: readonly {
      readonly 'package-ecosystem': string;
      readonly directory?: string;
      readonly directories?: readonly string[];
      readonly groups: Readonly<Record<string, { readonly patterns: readonly string[] }>>;
    }[];
  };
  const foldersOf = (ecosystem: string): string[] =>
    updates
      .filter((update) => update['package-ecosystem'] === ecosystem)
      .flatMap(({ directory, directories = [] }) => directory ?? directories);
  expect(foldersOf('npm')).toEqual(['/']);
  // What the product imports comes in requests of its own, because it is bundled.
  const { product, tools } = updates.find((update) => update['package-ecosystem'] === 'npm')?.groups ?? {};
  const sources = filesBelow(new URL('src', root)).filter((name) => /\.ts$/.test(name));
  const imported = sources.flatMap((name) => [
    ...textOf(`src/${name}`).matchAll(/^(?! \*).*(?:from |import\()'((?:@[a-z-]+\/)?[a-z][^'/]*)/gm),
  ]);
  const packages = new Set(imported.map(([, name = '']) => name).filter((name) => !name.startsWith('node:')));
  expect(product?.patterns).toEqual([...packages].sort());
  expect(tools?.patterns).toEqual(['*']);
  const actions = files
    .filter((file) => /\/action\.ya?ml$/.test(file))
    .map((file) => `/${file.replace(/\/[^/]+$/, '')}`);
  expect(foldersOf('github-actions')).toEqual(['/', ...actions]);
});

describe('issue forms', () => {
  interface Field {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly description?: string; readonly value?: string };
    readonly validations?: { readonly required?: boolean };
  }
  const forms = files.filter((file) => /ISSUE_TEMPLATE\/(?!config)/.test(file));

  test('the forms were found, and none can be passed by', () => {
    expect(forms).toHaveLength(3);
    expect(parse(textOf('.github/ISSUE_TEMPLATE/config.yml'))).toMatchObject({ blank_issues_enabled: false });
  });

  test.each(forms)('%s: asks for the version, and warns what a recording holds', (file) => {
    const form = parse(textOf(file)) as { readonly name: string; readonly description: string; readonly body: Field[] };
    expect(form.name).toMatch(/^\w/);
    expect(form.description).toMatch(/^\w/);
    const fieldOf = (id: string): Field | undefined => form.body.find((field) => field.id === id);
    expect(fieldOf('version')?.validations).toEqual({ required: true });
    const recording = fieldOf('recording');
    expect(recording?.validations?.required ?? false).toBe(false);
    expect(recording?.attributes.description).toMatch(/--record [\s\S]*shows your network from inside.*public/);
  });
});
