/** Tests that the README is short, describes every check, and names only options that exist, as the guides do. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules } from '../src/check/rules/index.ts';
import { commandTree } from '../src/cli/command-tree.ts';
import { buildProgram } from '../src/cli/program.ts';
import { guides } from '../tools/guides.ts';

const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const readme = textOf('README.md');
const MOST_LINES = 200;
const MOST_LINES_OF_EXCERPT = 15;

test('README: it is one page, with every check and an excerpt of a report', () => {
  expect(readme.split('\n').length).toBeLessThan(MOST_LINES);
  for (const { id } of rules) expect(readme).toContain(`\n| \`${id}\` |`);
  const [, excerpt = ''] = /<!-- excerpt[^\n]*\n```\n([\s\S]*?)```/.exec(readme) ?? [];
  const lines = excerpt.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^\$ mailcheck /);
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.length).toBeLessThanOrEqual(MOST_LINES_OF_EXCERPT);
});

test('README: each image has a light and a dark version, and words for those who do not see it', () => {
  const pictures = [...readme.matchAll(/<picture>[\s\S]*?<\/picture>/g)].map(([picture]) => picture);
  expect(pictures).toHaveLength(2);
  for (const picture of pictures) {
    const [, dark, light] = /dark\)" srcset="(.*)-dark\.\w+">\n {2}<img src="(.*)-light\.\w+"/.exec(picture) ?? [];
    expect(dark).toMatch(/^docs\/images\//);
    expect(light).toBe(dark);
    expect(picture).toMatch(/ alt="[^"]{20,}"/);
  }
});

test.each(['README.md', ...guides.map((name) => `docs/${name}.md`)])('%s names only options that exist', (page) => {
  const tree = commandTree(buildProgram());
  const known = [tree, ...tree.commands].flatMap(({ options }) => options.flatMap(({ names }) => names));
  const own = textOf(page).replace(/<!-- (excerpt|report):[\s\S]*?<!-- \/\1 -->|\bnpm install .*/g, '');
  // Other programs have options of their own: the lines of a job, and commands in a sentence.
  const text = own
    .replace(/^ *(?:- )?run: (?!.*(?:mailcheck|dist\/cli\.js) ).*$/gm, '')
    .replace(/`(?:aws|nsupdate|octodns-sync|terraform|dnscontrol) [^`]*`/g, '')
    // Those of Docker stand before the image, in a Dockerfile, or in a sentence.
    .replace(/^docker .*?(?: mailcheck(?= |$)|$)|^(?:RUN|COPY) .*$|`--(?:build-arg|network|user(?:ns)?)\b[^`]*`/gm, '');
  const named = new Set(text.match(/(?<=[\s`(])--[a-z][a-z-]+/g));
  expect([...named].filter((option) => option !== '--help' && !known.includes(option))).toEqual([]);
});
