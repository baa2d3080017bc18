/** Tests that the recipes of docs/ci.md and the README work, and use only existing options. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CommandTree, commandTree } from '../src/cli/command-tree.ts';
import { buildProgram } from '../src/cli/program.ts';
import { reportSchema } from '../src/report/schema.ts';
import { guides } from '../tools/guides.ts';
import { action } from './action/step.ts';
import { commandsOf } from './recipe-commands.ts';
import { scenes } from './world/scenes.ts';
import { CLI, mailcheck, startWorld } from './world/world.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
/** The guide with the recipes. */
const section = textOf('docs/ci.md');
const blocks = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const ofLanguage = (language: string): string[] =>
  blocks.filter((block) => block.language === language).map(({ text }) => text);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

test('recipes: there is one for each CI system', () => {
  const headings = [...section.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(
    expect.arrayContaining(['Any system', 'GitHub', 'GitLab', 'Jenkins', 'Shell', 'Terraform', 'Ansible']),
  );
});

test('recipes: every YAML recipe parses, and uses only inputs and outputs of the action', () => {
  const recipes = ofLanguage('yaml').map((text): unknown => parse(text, { strict: true, uniqueKeys: true }));
  expect(recipes).toHaveLength(6);
  const steps = recipes.flatMap(stepsOf);
  const withInputs = steps.filter(({ uses }) => uses?.endsWith('.github/actions/mailcheck'));
  expect(withInputs).toHaveLength(1);
  for (const { with: inputs = {} } of withInputs) {
    expect(Object.keys(inputs).filter((name) => !(name in action.inputs))).toEqual([]);
  }
  const outputs = [...section.matchAll(/steps\.mail\.outputs\.([a-z-]+)/g)].map(([, name = '']) => name);
  expect(outputs.filter((name) => !(name in action.outputs))).toEqual([]);
});

test('recipes: the recipe for GitHub uses the action of a checkout, which the action builds', () => {
  const [workflow = ''] = ofLanguage('yaml').filter((text) => text.includes('jobs:'));
  const steps = stepsOf(parse(workflow));
  const index = steps.findIndex(({ uses }) => uses?.endsWith('.github/actions/mailcheck'));
  const [, checkout = ''] = /^\.\/([a-z]+)\/\.github\/actions\/mailcheck$/.exec(steps[index]?.uses ?? '') ?? [];
  expect(steps[index - 1]?.run).toBe(
    `git clone "$MAILCHECK_REPOSITORY" ${checkout} && git -C ${checkout} checkout "$MAILCHECK_COMMIT"`,
  );
  for (const input of ['path', 'version']) expect(steps[index]?.with).not.toHaveProperty(input);
  // The pull request has a folder of its own, beside that of mailcheck.
  const folder = steps[index - 2]?.with?.path;
  expect(folder).toMatch(/^[a-z]+$/);
  expect(folder).not.toBe(checkout);
  // Its names in annotations are those of the pull request.
  expect(steps[index]?.with?.['working-directory']).toBe(folder);
  expect(steps[index]?.with?.zone).not.toMatch(/^\/|^\.\./);
  expect(steps[index]?.with).not.toHaveProperty('config');
});

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

function stepsOf(workflow: unknown): Step[] {
  const { jobs = {} } = workflow as { jobs?: Record<string, { steps?: Step[] }> };
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}

test('README and guides: every mailcheck command uses existing options and the version of this package', () => {
  const pages = ['README.md', ...guides.map((name) => `docs/${name}.md`)];
  const text = pages
    .map(textOf)
    .join('\n')
    .replace(/<!-- (excerpt|report):[\s\S]*?<!-- \/\1 -->/g, '');
  const tree = commandTree(buildProgram());
  const command = /(?:(?<![\w./-])mailcheck(?:-cli)?(@[\d.]+)?|\bdist\/cli\.js\\?"?),? ([^\n|`#]*)/g;
  const commands = [...text.matchAll(command)];
  expect(commands.filter(([text]) => text.startsWith('dist/cli.js')).length).toBeGreaterThan(6);
  const typed = commands.map(([, , words = '']) => words.split(/[\s,[\]"'\\()]+/).filter((word) => word !== ''));
  expect(typed.length).toBeGreaterThan(15);
  const unknown = typed.flatMap((words) => {
    const command: CommandTree = tree.commands.find(({ name }) => name === words[0]) ?? tree;
    const known = command.options.flatMap(({ names }) => names);
    return words.filter((word) => /^--?[a-z]/.test(word) && !known.includes(word.replace(/=.*/, '')));
  });
  expect(unknown).toEqual([]);
  const versions = text.match(/(?<=\bmailcheck-cli)@[\d.]+\d/g);
  expect([...new Set(versions)]).toEqual([`@${version}`]);
});

test.each(['README', 'Any system', 'GitLab', 'Jenkins', 'Terraform', 'Ansible'])(
  'recipes: the commands for %s run a check',
  async (recipe) => {
    const world = await startWorld(scenes.healthy.world);
    const directory = mkdtempSync(join(tmpdir(), 'mailcheck-recipe-'));
    const place = `${directory}-checkout`;
    const quoted = world.args.map((word) => `'${word}'`).join(' ');
    // What the recipe clones is this checkout, without the work of an installation. The folder of the job is hostile: it
    // has a configuration, and programs of its own for what a recipe calls. The stub of node runs in the test world.
    fillHostile(directory);
    const stubs = `
    git() { echo "git $*" >&2; [ "$1" != clone ] || { mkdir "$3"; ln -s "$CHECKOUT"/dist "$3"; mkdir "$3/.ci"
      printf '#!/bin/sh\\necho "built in $0" >&2\\n' >"$3/.ci/build"; chmod +x "$3/.ci/build"; }; }
    node() { '${process.execPath}' "$@" --selector s1 ${quoted}; }`;
    const [domain = '', ip = ''] = scenes.healthy.args;
    const env = {
      PATH: process.env.PATH,
      CHECKOUT: root,
      MAILCHECK_REPOSITORY: 'https://git.example.com/mailcheck',
      MAILCHECK_COMMIT: '0123456789abcdef',
      ...{ MAILCHECK: root, DOMAIN: domain, IP: ip },
      ...{ mailcheck_checkout: root, mail_domain: domain, ansible_host: ip },
    };
    try {
      const run = promisify(execFile)(
        'bash',
        [
          '-euc',
          `${stubs}\n${commandsOf(recipe === 'README' ? textOf('README.md') : section, recipe).replaceAll('/tmp/mailcheck', place)}`,
        ],
        {
          cwd: directory,
          env,
        },
      );
      const { stdout, stderr } = await run;
      expect(stdout).toContain(`\n${domain} · ${ip} · `);
      const built = [
        `git clone https://git.example.com/mailcheck ${place}`,
        `git -C ${place} checkout 0123456789abcdef`,
        `built in ${place}/.ci/build`,
      ];
      const outside = ['Terraform', 'Ansible'].includes(recipe);
      expect(built.filter((line) => stderr.includes(line))).toEqual(outside ? [] : built);
      expect(existsSync(join(directory, 'mark'))).toBe(false);
      if (['GitLab', 'Jenkins'].includes(recipe))
        expect(readFileSync(join(directory, 'mailcheck.xml'), 'utf8')).toContain('<testsuite');
    } finally {
      for (const folder of [directory, place]) rmSync(folder, { recursive: true, force: true });
      await world.close();
    }
  },
);

/** Puts the zone of the README into a folder, a configuration that leaves a mark into a folder, as code and as data, and a package in the place of mailcheck. */
function fillHostile(folder: string): void {
  const mark = JSON.stringify(join(folder, 'mark'));
  const code = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${mark}, 'x');\nexport default {};\n`;
  for (const name of ['mailcheck.config.mjs', 'mailcheck.config.js']) writeFileSync(join(folder, name), code);
  writeFileSync(join(folder, 'mailcheck.config.yaml'), `formats: [json=${mark}]\n`);
  writeFileSync(join(folder, 'package.json'), `{ "workspaces": ["*"], "mailcheck": { "formats": ["json=mark"] } }\n`);
  mkdirSync(join(folder, 'dns'));
  writeFileSync(join(folder, 'dns/example.com.zone'), 'example.com. 300 IN TXT "v=spf1 ip4:203.0.113.5 -all"\n');
  mkdirSync(join(folder, 'node_modules/mailcheck-cli/dist'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/mailcheck-cli/dist/cli.js'), code);
}

test('recipes: each names the commit, builds outside of the folder of the job, and reads no configuration', () => {
  const lines = section.split('\n').filter((line) => !line.startsWith('|'));
  const runs = lines.filter((line) => /\bdist\/cli\.js|^mailcheck example.* \|\| /.test(line));
  expect(runs.length).toBeGreaterThan(7);
  expect(runs.filter((line) => !line.includes('--no-config'))).toEqual([]);
  const clones = lines.filter((line) => line.includes('git clone'));
  expect(clones).toHaveLength(4);
  expect(clones.filter((line) => !line.includes('checkout "$MAILCHECK_COMMIT"'))).toEqual([]);
  expect(section).not.toMatch(/\bnpx (?!`)|\bnpm ci\b|node_modules\/\.bin/);
});

test.each(Object.entries({ healthy: scenes.healthy, fresh: scenes.fresh }))(
  'recipes: the shell recipe has the exit code of mailcheck (%s)',
  async (_name, scene) => {
    const [recipe = ''] = ofLanguage('sh');
    expect(spawnSync('sh', ['-n'], { input: recipe }).status).toBe(0);
    const world = await startWorld(scene.world);
    const directory = mkdtempSync(join(tmpdir(), 'mailcheck-recipe-'));
    try {
      // A shell function replaces `mailcheck` by the built command in the test world.
      const quoted = [process.execPath, CLI, ...world.args].map((word) => `'${word}'`).join(' ');
      const script = `mailcheck() { ${quoted} --selector s1 "$@"; }\n${recipe}`.replace(
        'example.com 203.0.113.5',
        scene.args.slice(0, 2).join(' '),
      );
      const run = promisify(execFile)('sh', ['-eu', '-c', script], { cwd: directory, encoding: 'utf8' });
      const { code, stdout } = await run.then(
        (finished) => ({ code: 0, ...finished }),
        (error: { code: number; stdout: string }) => error,
      );
      expect(code).toBe(scene.exitCode);
      expect(stdout).toContain(scene.exitCode === 0 ? 'No check failed.' : 'FAIL');
      reportSchema.parse(JSON.parse(readFileSync(join(directory, 'mailcheck.json'), 'utf8')));
    } finally {
      rmSync(directory, { recursive: true, force: true });
      await world.close();
    }
  },
);

/** The program jq, if it is installed. GitHub's runners have it, and `.ci/run` installs it. */
const jqHere = spawnSync('jq', ['--version']).error === undefined ? ['jq'] : [];

test.each(jqHere)('recipes: the data of the Terraform recipe is a flat object of strings (%s)', async (jq) => {
  const [, filter = ''] = /jq '([^']+)'/.exec(section) ?? [];
  const world = await startWorld(scenes.fresh.world);
  try {
    const { stdout, code } = await mailcheck([
      ...scenes.fresh.args,
      ...world.args,
      '--only',
      'ptr,spf',
      '-f',
      'json',
      '--fail-on',
      'never',
    ]);
    expect(code).toBe(0);
    const data: unknown = JSON.parse(spawnSync(jq, [filter], { input: stdout, encoding: 'utf8' }).stdout);
    expect(data).toEqual({ verdict: 'fail', failed: 'ptr spf' });
  } finally {
    await world.close();
  }
});
