/** The manual page that the build writes: whole, sound roff, and with nothing in it that roff would act on. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CommandTree, commandTree } from '../../src/cli/command-tree.ts';
import { pageOf } from '../../src/cli/man/page.ts';
import { buildProgram } from '../../src/cli/program.ts';

const page = readFileSync(new URL('../../dist/man/mailcheck.1', import.meta.url), 'utf8');
const tree = commandTree(buildProgram());

const MACROS = ['TH', 'SH', 'SS', 'PP', 'TP', 'br', 'nf', 'fi', 'RS', 'RE'];

/** The lines that roff would take for a request which the page does not use. */
const strayRequests = (roff: string): string[] =>
  roff.split('\n').filter((line) => /^[.']/.test(line) && !MACROS.includes(line.slice(1).split(' ')[0] ?? ''));

/** What the page says, roughly as it is read: without roff's marks. */
const plain = (roff: string): string =>
  roff
    .replaceAll(/\\f[BIP]/g, '')
    .replaceAll('\\-', '-')
    .replaceAll('\\e', '\\');

test('has the sections of a manual page, in their order', () => {
  const sections = [...page.matchAll(/^\.SH "(.+)"$/gm)].map(([, title]) => title);
  expect(sections).toEqual([
    'NAME',
    'SYNOPSIS',
    'DESCRIPTION',
    'OPTIONS',
    'COMMANDS',
    'EXIT STATUS',
    'ENVIRONMENT',
    'FILES',
    'EXAMPLES',
    'SEE ALSO',
  ]);
});

test('names every option of every command, every group and every exit code', () => {
  const text = plain(page);
  const names = [tree, ...tree.commands].flatMap(({ options }) => options.flatMap((option) => option.names));
  expect(names.filter((name) => !text.includes(name))).toEqual([]);
  for (const { group } of tree.options) expect(text).toContain(`.SS "${group}"`);
  for (const { name } of tree.commands) expect(text).toContain(`.SS "mailcheck ${name}"`);
  for (const code of [0, 1, 2, 3]) expect(text).toMatch(new RegExp(`^${code}\\n`, 'm'));
  expect(text).toContain('SPAMHAUS_DQS_KEY');
});

test('holds only the macros it means', () => {
  expect(strayRequests(page)).toEqual([]);
  expect(page).toMatch(/^[\x20-\x7e\n]+$/);
});

const evil = '.so /etc/passwd\n.sy touch pwned\n\'br \\*[x] \\n(yr "quoted" -dash ^~` \\ \u001b[31m ü 😀';
const hostile: CommandTree = {
  name: 'mailcheck',
  description: evil,
  usage: evil,
  operands: [],
  options: [
    {
      names: ['--evil'],
      description: evil,
      group: evil,
      value: { placeholder: evil, optional: true, choices: null },
      repeatable: false,
    },
  ],
  commands: [{ name: 'sub', description: evil, usage: evil, operands: [], options: [], commands: [] }],
};
const texts = { mailcheck: { examples: [{ command: evil, says: evil }], exitCodes: { 0: evil } } };
const hostilePage = pageOf(hostile, texts, evil, '2026-01-31');

test('a text of any kind is printed, and no request', () => {
  expect(strayRequests(hostilePage)).toEqual([]);
  expect(hostilePage).toMatch(/^[\x20-\x7e\n]+$/);
  expect(hostilePage).not.toMatch(/\\\*|\\n/);
});

const formatters: [command: string, args: string[]][] = [
  ['mandoc', ['-T', 'lint', '-W', 'warning']],
  ['groff', ['-man', '-Tutf8', '-ww', '-z']],
];

/** Those that are installed: `.ci/run` installs one. */
const formattersHere = formatters.filter(([command]) => spawnSync(command, ['--version']).error === undefined);

test.each(
  formattersHere.flatMap(([command, args]) => [page, hostilePage].map((text) => [command, args, text] as const)),
)('%s finds nothing to complain of', (command, args, text) => {
  const { stdout, stderr, status } = spawnSync(command, args, { input: text, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
});
