/** The steps of the composite action, run as GitHub runs them. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const actionFolder = join(root, '.github/actions/mailcheck');

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

export interface ActionStep {
  readonly id: string;
  readonly shell: string;
  readonly run: string;
  readonly 'working-directory': string;
  readonly env: Readonly<Record<string, string>>;
}

export const action = parse(readFileSync(join(actionFolder, 'action.yml'), 'utf8')) as Action;

export interface StepResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** What the step added to the job summary. */
  readonly summary: string;
  /** Folder that was the runner's: `workspace` and `temp` are in it. */
  readonly runner: string;
}

/**
 * Runs every step with these inputs, on the build of this checkout, and hands the result over while its files exist.
 *
 * @param files that stand in the workspace.
 * @param prepare what else is done to the runner's folder before; it returns variables of the environment.
 */
export async function runAction<T>(
  inputs: Readonly<Record<string, string>>,
  use: (result: StepResult) => T | Promise<T>,
  files: Readonly<Record<string, string>> = {},
  prepare: (runner: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<T> {
  const runner = mkdtempSync(join(tmpdir(), 'mailcheck-runner-'));
  try {
    const [workspace, temp] = ['workspace', 'temp'].map((name) => join(runner, name)) as [string, string];
    for (const folder of [workspace, temp]) mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(workspace, name), text);
    const others = prepare(runner);
    const [output, summary, script] = ['output', 'summary', 'step.sh'].map((name) => join(runner, name)) as [
      string,
      string,
      string,
    ];
    for (const file of [output, summary]) writeFileSync(file, '');
    const given = { path: root, ...inputs };
    let finished = { code: null as number | null, stdout: '', stderr: '' };
    for (const step of action.runs.steps) {
      writeFileSync(script, step.run);
      const env = Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, evaluated(text, given)]));
      finished = await shell(step.shell, script, join(workspace, evaluated(step['working-directory'], given)), {
        PATH: process.env.PATH ?? '',
        HOME: runner,
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTION_PATH: actionFolder,
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: temp,
        ...env,
        ...others,
      });
    }
    return await use({
      ...finished,
      outputs: parsedOutputs(readFileSync(output, 'utf8')),
      summary: readFileSync(summary, 'utf8'),
      runner,
    });
  } finally {
    rmSync(runner, { recursive: true, force: true });
  }
}

/** The one kind of expression that the action uses: an input, else its default. */
export function evaluated(text: string, inputs: Readonly<Record<string, string>>): string {
  const [, name] = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(text) ?? [];
  const spec = name === undefined ? undefined : action.inputs[name];
  if (name === undefined || spec === undefined) throw new Error(`this is no input of the action: ${text}`);
  return inputs[name] ?? spec.default;
}

/** Runs a script as the shell of the step says, with the script in place of `{0}`. */
function shell(
  command: string,
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<Omit<StepResult, 'outputs' | 'summary' | 'runner'>> {
  const [program = '', ...words] = command.split(' ').map((word) => (word === '{0}' ? script : word));
  return new Promise((resolve) => {
    execFile(program, words, { cwd, env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, stdout, stderr }),
    );
  });
}

/** `name=value`, or `name<<DELIMITER`, lines, `DELIMITER`. */
function parsedOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, name = '', mark, rest = ''] = /^([\w-]+)(=|<<)(.*)$/.exec(line) ?? [];
    if (mark === '=') outputs[name] = rest;
    if (mark !== '<<') continue;
    const end = lines.indexOf(rest);
    outputs[name] = lines.splice(0, end).join('\n');
    lines.shift();
  }
  return outputs;
}
