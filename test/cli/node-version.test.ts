/** On a version of Node.js that is too old, mailcheck says so in one line and checks nothing. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { nodeTooOld, OLDEST_NODE } from '../../src/cli/node-version.ts';
import { CLI, mailcheck } from '../world/world.ts';

describe('which versions are too old', () => {
  test.each(['20.19.0', '20.20.2', '21.0.0', '22.1.0', '24.0.0', '100.0.0-pre'])('%s is not', (version) => {
    expect(nodeTooOld(version)).toBeUndefined();
  });

  test.each(['20.18.3', '20.9.0', '18.20.8', '16.20.2', '2.0.0'])('%s is', (version) => {
    expect(nodeTooOld(version)).toBe(
      `Node.js 20.19 or later is needed, and this is ${version}. Install a newer one from https://nodejs.org/ or with your version manager, such as: nvm install 22`,
    );
  });
});

const inVersion = (version: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`,
});

test('the built command says it in one line, with exit code 2', async () => {
  const finished = await mailcheck(['example.com', '203.0.113.5', '--dns', '127.0.0.1:1'], {
    env: inVersion('18.20.8'),
  });
  expect(finished).toMatchObject({ code: 2, stdout: '', stderr: `mailcheck: ${nodeTooOld('18.20.8')}\n` });
  expect(await mailcheck(['--version'], { env: inVersion('18.20.8') })).toMatchObject({ code: 0, stderr: '' });
});

test('package.json asks for the same version', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string };
  };
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
});

/** A real one, where the environment names it: `.ci/run` does. */
const { MAILCHECK_OLD_NODE: oldNode } = process.env;

test.runIf(oldNode)('the built command and library say it on a real Node.js that is too old', async () => {
  const run = promisify(execFile);
  const checking = run(oldNode ?? '', [CLI, 'example.com', '203.0.113.5', '--dns', '127.0.0.1:1']);
  const { code, stdout, stderr } = await checking.then(
    (finished) => ({ code: 0, ...finished }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^mailcheck: Node\.js 20\.19 or later is needed, and this is [\d.]+\. [^\n]+\n$/);
  const library = `import { check } from '${new URL('../../dist/index.js', import.meta.url)}';
    await check('example.com', ['203.0.113.5']).catch((error) => console.log(error.name, error.message));`;
  const called = await run(oldNode ?? '', ['--input-type=module', '-e', library]);
  expect(called.stdout).toMatch(/^UsageError Node\.js 20\.19 or later is needed/);
});
