/**
 * Every command that is written in the README, the help and the docs, typed into a shell that runs the built product in
 * the test world; a sample of those that write no file. None is refused, and none breaks.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { helpTexts } from '../../src/cli/help-texts.ts';
import { sample } from '../sample.ts';
import { scenes } from '../world/scenes.ts';
import { CLI, mailcheck, startWorld, type World } from '../world/world.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const docs = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
);

/** The lines of the fenced blocks that type the command, without what is said of them behind it. */
function typedIn(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```(?:\w+)?\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split('\n')
      .map((line) => line.replace(/^\$ /, '').trim())
      .filter((line) => /^mailcheck /.test(line) && !/^mailcheck (?:records )?example\.(?:net|org)\b/.test(line))
      .map((line) => line.replace(/ {2,}.*| \|\|.*| \| .*/, '')),
  );
}

const commands = [
  ...new Set([
    ...typedIn(read('README.md')),
    ...Object.values(helpTexts).flatMap(({ examples }) => examples.map(({ command }) => command.replace(/ \| .*/, ''))),
    ...docs.flatMap((name) => typedIn(read(`docs/${name}`))),
  ]),
].filter((command) => !/^mailcheck explain \S+\/\S+$/.test(command));

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld(scenes.healthy.world);
  folder = mkdtempSync(join(tmpdir(), 'mailcheck-examples-'));
  const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
  // Found by the shell as the command; what needs a network is led into the test world.
  writeFileSync(
    join(folder, 'mailcheck'),
    `#!/bin/sh
case " $* " in
  *" --replay "*|*" --help "*) exec ${quoted([process.execPath, CLI])} "$@" ;;
esac
case $1 in
  providers|explain|completion|help) exec ${quoted([process.execPath, CLI])} "$@" ;;
  spf|pool|records) exec ${quoted([process.execPath, CLI])} "$@" --dns ${world.dns.server} ;;
esac
exec ${quoted([process.execPath, CLI])} "$@" ${quoted(world.args)}
`,
  );
  chmodSync(join(folder, 'mailcheck'), 0o755);
  writeFileSync(join(folder, 'new.zone'), 'example.com. 300 IN TXT "v=spf1 ip4:203.0.113.5 -all"\n');
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

test('there are examples', () => {
  expect(commands.length).toBeGreaterThan(30);
});

/** The report goes to a file instead of the terminal. */
const isFiled = (command: string): boolean => / > |--output |(?:-f|--format) \w+=/.test(command);

/** A command that writes a file is always typed: those behind it may read the file. */
const writesFile = (command: string): boolean => isFiled(command) || command.includes(' --record ');
const drawn = sample(
  commands.filter((command) => !writesFile(command)),
  8,
);
const typed = commands.filter((command) => writesFile(command) || drawn.includes(command));

/** In their order: some read what one before them has written. */
describe.sequential('examples', () => {
  test.each(typed)('%s', async (command) => {
    // No question may leave this machine.
    const local = command.replace('--dns 192.0.2.53 ', '').replace(/^source <\((.*)\)$/, '$1');
    const run = promisify(execFile)('bash', ['-c', local], {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, NO_COLOR: '1' },
    });
    const finished = await run.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    const { code, stdout, stderr } = finished;
    expect(stderr).toBe('');
    expect([0, 1, 3]).toContain(code);
    expect(stdout.length > 0 || isFiled(command)).toBe(true);
  });
});

test('every code that the docs have explained can be explained', async () => {
  const { stdout } = await mailcheck(['explain', '-f', 'json']);
  const known = new Set((JSON.parse(stdout) as { code: string }[]).map(({ code }) => code));
  const named = docs.flatMap((name) =>
    [...read(`docs/${name}`).matchAll(/mailcheck explain ([\w-]+\/[\w-]+)/g)].map(([, code = '']) => code),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((code) => !known.has(code))).toEqual([]);
});
