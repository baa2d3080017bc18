/** The README's recipes for CI are sound, and type only what mailcheck takes. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CommandTree, commandTree } from '../src/command-tree.ts';
import { buildProgram } from '../src/program.ts';
import { reportSchema } from '../src/report-schema.ts';
import { action } from './action/step.ts';
import { scenes } from './world/scenes.ts';
import { CLI, mailcheck, startWorld } from './world/world.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const section = readme.slice(readme.indexOf('\n## In CI\n'), readme.indexOf('\n## What leaves your machine\n'));
const blocks = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const ofLanguage = (language: string): string[] =>
  blocks.filter((block) => block.language === language).map(({ text }) => text);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

test('there is a recipe for each system', () => {
  expect(section.match(/<summary>[A-Z]\w+/g)).toEqual(
    ['GitHub', 'GitLab', 'Jenkins', 'Shell', 'Terraform', 'Ansible'].map((name) => `<summary>${name}`),
  );
  expect(section.match(/<details>/g)).toHaveLength(6);
  expect(section.match(/<\/details>/g)).toHaveLength(6);
});

test('every YAML recipe is YAML, and the action gets only inputs that it has', () => {
  const recipes = ofLanguage('yaml').map((text): unknown => parse(text, { strict: true, uniqueKeys: true }));
  expect(recipes).toHaveLength(5);
  const withInputs = recipes.flatMap(stepsOf).filter(({ uses }) => uses === './.github/actions/mailcheck');
  expect(withInputs).toHaveLength(1);
  for (const { with: inputs = {} } of withInputs) {
    expect(Object.keys(inputs).filter((name) => !(name in action.inputs))).toEqual([]);
  }
  const outputs = [...section.matchAll(/steps\.mail\.outputs\.([a-z-]+)/g)].map(([, name = '']) => name);
  expect(outputs.filter((name) => !(name in action.outputs))).toEqual([]);
});

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

function stepsOf(workflow: unknown): Step[] {
  const { jobs = {} } = workflow as { jobs?: Record<string, { steps?: Step[] }> };
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}

test('every mailcheck that is typed in the README takes its options, and has the version of this package', () => {
  const tree = commandTree(buildProgram());
  const commands = [...readme.matchAll(/(?<![\w./-])mailcheck(?:-cli)?(@[\d.]+)?,? ([^\n|`#]*)/g)];
  const typed = commands.map(([, , words = '']) => words.split(/[\s,[\]"'\\()]+/).filter((word) => word !== ''));
  expect(typed.length).toBeGreaterThan(15);
  const unknown = typed.flatMap((words) => {
    const command: CommandTree = tree.commands.find(({ name }) => name === words[0]) ?? tree;
    const known = command.options.flatMap(({ names }) => names);
    return words.filter((word) => /^--?[a-z]/.test(word) && !known.includes(word.replace(/=.*/, '')));
  });
  expect(unknown).toEqual([]);
  const versions = commands.map(([, at]) => at).filter((at) => at !== undefined);
  expect([...new Set(versions)]).toEqual([`@${version}`]);
});

test.each(Object.entries({ healthy: scenes.healthy, fresh: scenes.fresh }))(
  'the shell recipe ends as mailcheck does (%s)',
  async (_name, scene) => {
    const [recipe = ''] = ofLanguage('sh');
    expect(spawnSync('sh', ['-n'], { input: recipe }).status).toBe(0);
    const world = await startWorld(scene.world);
    const directory = mkdtempSync(join(tmpdir(), 'mailcheck-recipe-'));
    try {
      // The name in the recipe stands for the built command, led into the test world.
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
      expect(stdout).toContain(scene.exitCode === 0 ? 'The host may go live.' : 'FAIL');
      reportSchema.parse(JSON.parse(readFileSync(join(directory, 'mailcheck.json'), 'utf8')));
    } finally {
      rmSync(directory, { recursive: true, force: true });
      await world.close();
    }
  },
);

/** Installed on GitHub's runners, and by `.ci/run`. */
const jqHere = spawnSync('jq', ['--version']).error === undefined ? ['jq'] : [];

test.each(jqHere)('the data of the Terraform recipe is one flat object of texts (%s)', async (jq) => {
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
