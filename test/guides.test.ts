/**
 * Tests the README and the guides. Every command in them is typed into a shell that runs the built product in the test
 * world: page by page, in their order, in an empty folder with the configuration that the page shows. A run of a sample
 * takes some of the pages.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guides, guidesPage } from '../tools/guides.ts';
import { sample } from './sample.ts';
import { blocksIn, isFiled, startShell, TOTALS, typedIn } from './typed-commands.ts';

const root = new URL('../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const CONFIGURATION = 'mailcheck.config.yaml';
const pages = ['README.md', ...guides.map((name) => `docs/${name}.md`)].map((page) => ({
  page,
  commands: [...new Set(typedIn(textOf(page)))],
  // A block that is a whole configuration has targets at its first column.
  configuration: blocksIn(textOf(page)).find(({ language, text }) => language === 'yaml' && /^targets:/m.test(text)),
}));

/** A command that needs nothing of the page it is on. It runs on the first page that has it. */
const NEEDS_NO_PAGE = /^mailcheck (?:spf|pool|providers|dns-hosts|explain|records)(?: [\w./@-]+)*$/;

/** @returns whether a command of a page runs there. */
function runsOn(page: string, command: string): boolean {
  const first = pages.find(({ commands }) => commands.includes(command));
  return first?.page === page || !NEEDS_NO_PAGE.test(command);
}

const withCommands = pages.filter(({ commands }) => commands.length > 0);

/** What a command of the guides may say on stderr: the accepted finding of the example is not in the test world. */
const NOTICE =
  /^mailcheck: ptr\/generic is accepted in the configuration \(.+\), but was not found: delete it there\n$/;

describe('guides: the commands of the page run', () => {
  test.each(sample(withCommands, 4))('$page', async ({ page, commands, configuration }) => {
    const shell = await startShell();
    try {
      const wrong: unknown[] = [];
      for (const command of commands.filter((one) => runsOn(page, one))) {
        // Only the commands that read it see the configuration.
        if (configuration && /^mailcheck(?:$| --config)/.test(command))
          writeFileSync(join(shell.folder, CONFIGURATION), configuration.text);
        const { code, stdout, stderr } = await shell.type(command);
        const isPrinted = stdout.length > 0 || isFiled(command);
        const isQuiet = stderr.replace(NOTICE, '').replace(TOTALS, '') === '';
        if (!isQuiet || ![0, 1, 3].includes(code) || !isPrinted) wrong.push({ command, code, stderr });
      }
      expect(wrong, page).toEqual([]);
    } finally {
      await shell.close();
    }
  });

  test('there are commands of every kind', () => {
    const commands = pages.flatMap((page) => page.commands);
    expect(commands.length).toBeGreaterThan(40);
    const kinds = [
      'mailcheck example.com',
      'mailcheck records',
      'mailcheck --replay',
      'node dist/cli.js',
      'mailcheck spf',
    ];
    for (const kind of kinds) expect(commands.filter((command) => command.startsWith(kind))).not.toEqual([]);
    expect(pages.filter(({ configuration }) => configuration !== undefined).map(({ page }) => page)).toEqual([
      'README.md',
      'docs/configuration.md',
    ]);
  });
});

test('guides: the list of guides and the README link to each', () => {
  const written = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
  const links = (page: string): string[] =>
    [...page.matchAll(/\]\((?:docs\/)?([\w/-]+\.md)/g)].map(([, name = '']) => name);
  expect(written.filter((name) => name !== 'README.md' && !links(guidesPage()).includes(name))).toEqual([]);
  expect(guides.filter((name) => !links(textOf('README.md')).includes(`${name}.md`))).toEqual([]);
});
