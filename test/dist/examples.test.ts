/**
 * Every command in the help and in the pages about findings, typed into a shell that runs the built product in the test
 * world; a sample of those that write no file. None is refused, and none breaks. Those of the README and the guides are in
 * test/guides.test.ts.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { helpTexts } from '../../src/cli/help-texts.ts';
import { filesBelow } from '../files-below.ts';
import { sample } from '../sample.ts';
import { isFiled, type Shell, startShell, TOTALS, typedIn } from '../typed-commands.ts';
import { mailcheck } from '../world/world.ts';

const docs = new URL('../../docs/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, docs), 'utf8');

/** The pages about findings: each rule has a folder of them. */
const pages = filesBelow(docs).filter((name) => /\/.*\.md$/.test(name));

const commands = [
  ...new Set([
    ...Object.values(helpTexts).flatMap(({ examples }) => examples.map(({ command }) => command.replace(/ \| .*/, ''))),
    ...pages.flatMap((name) => typedIn(read(name))),
  ]),
]
  // Without a domain, `init` asks for it in a terminal.
  .filter((command) => !/^mailcheck explain \S+\/\S+$|^mailcheck init$/.test(command));

let shell: Shell;
beforeAll(async () => {
  shell = await startShell();
});
afterAll(() => shell.close());

test('there are examples', () => {
  expect(commands.length).toBeGreaterThan(20);
});

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
    const { code, stdout, stderr } = await shell.type(command);
    expect(stderr.replace(TOTALS, '')).toBe('');
    expect([0, 1, 3]).toContain(code);
    expect(stdout.length > 0 || isFiled(command)).toBe(true);
  });
});

test('every code that the docs have explained can be explained', async () => {
  const { stdout } = await mailcheck(['explain', '-f', 'json']);
  const known = new Set((JSON.parse(stdout) as { code: string }[]).map(({ code }) => code));
  const named = pages.flatMap((name) =>
    [...read(name).matchAll(/mailcheck explain ([\w-]+\/[\w-]+)/g)].map(([, code = '']) => code),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((code) => !known.has(code))).toEqual([]);
});
