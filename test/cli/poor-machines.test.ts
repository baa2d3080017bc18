/** Machines that give little: each command ends by itself, with one line or a report, and never with an error of Node. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI, type Finished } from '../world/world.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailcheck-poor-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const M = `'${process.execPath}' '${CLI}'`;
const CHECK = `${M} example.com 203.0.113.5 --dns 127.0.0.1:1`;

function bash(script: string): Promise<Finished> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: folder, timeout: 30_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, signal: error?.signal ?? null, stdout, stderr });
    });
  });
}

const NODE_ERROR = /\bnode:|\n {4}at |ERR_|internal error/;

describe('a working directory that is gone', () => {
  const gone = (command: string): Promise<Finished> => bash(`mkdir gone && cd gone && rmdir ../gone && ${command}`);

  test.each([
    ['a check that looks for no configuration', `${CHECK} --no-config`, 1],
    ['--print-config', `${CHECK} --no-config --print-config`, 0],
    [
      'spf',
      `${M} spf 203.0.113.5 user@example.com --dns 127.0.0.1:1`,
      3,
      /^mailcheck: No DNS server can be reached: [^\n]+\n$/,
    ],
    ['providers', `${M} providers linode`, 0],
  ])('%s', async (_, command, code, says = /^$/) => {
    const finished = await gone(command);
    expect(finished).toMatchObject({ code, stderr: expect.stringMatching(says) });
    expect(finished.stdout).not.toMatch(NODE_ERROR);
  });

  test.each([
    ['a configuration that would be looked for there', CHECK],
    ['a file that would be written there', `${CHECK} --no-config -f json=report.json`],
    ['nothing typed', M],
  ])('%s: one line, for a check without it might pass what it stops', async (_, command) => {
    const { code, stderr } = await gone(command);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mailcheck: the working directory has been deleted, [^\n]+\n$/);
  });
});

test('too few files and sockets: one line that says what to raise', async () => {
  const { code, stderr } = await bash(`ulimit -n 30; ${CHECK}`);
  expect(stderr).toBe(
    'mailcheck: this machine lets the process open too few files and sockets. Raise the limit, and run it again: ulimit -n 1024\n',
  );
  expect(code).toBe(2);
});

test.each([
  ['stdin', '<&-', 1],
  ['stderr', '2>&-', 1],
  ['a reader that goes away', '| head -1; exit $PIPESTATUS', 1],
])('without %s', async (_, redirection, code) => {
  const finished = await bash(`${CHECK} ${redirection}`);
  expect(finished).toMatchObject({ code, stderr: '' });
});

test('without an environment', async () => {
  const finished = await bash(`env -i ${CHECK}`);
  expect(finished).toMatchObject({ code: 1, stderr: '' });
  expect(finished.stdout).toContain('FAIL');
});
