/** What the source and the built product must not hold: ways to run other code, and ways out that are not documented. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ANCHORS, CONTROLS } from '../../src/check/facts/egress-anchors.ts';
import { ALWAYS_THERE } from '../../src/check/facts/resolver.ts';
import { OPTIONS } from '../../src/cli/options/table.ts';
import { PASSWORD_VARIABLE, USERNAME_VARIABLE } from '../../src/fleet/queue/address.ts';
import { chooseLists, defaultLists, keyVariables } from '../../src/knowledge/lists/catalogue.ts';
import { allReceivers } from '../../src/knowledge/receivers/catalogue.ts';
import { bundleParts } from '../bundle.ts';
import { filesBelow } from '../files-below.ts';

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const filesIn = (folder: string, ending: string): string[] =>
  filesBelow(new URL(folder, root))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

/** Source without comments, so that prose may speak of what code must not do. */
const sources = filesIn('src', '.ts').map((file) => ({
  file,
  text: textOf(file).replace(/\/\*[\s\S]*?\*\/|(?<![:'"`\\])\/\/.*$/gm, ''),
}));

/** What each source has become in the bundle, before it is minified. */
const modules = bundleParts();

/** A module of Node's own, however it is taken in. */
const loads = (names: string): RegExp =>
  new RegExp(`(?:\\bfrom|\\bimport|(?:require|import)\\()\\s*['"\`](?:node:)?(?:${names})['"\`]`);

const FORBIDDEN: readonly (readonly [what: string, pattern: RegExp, except: readonly string[]])[] = [
  // Commander can start subcommands that are programs of their own. The build takes that from it (build.mjs).
  ['a shell or another program', loads('child_process'), []],
  [
    'code from text',
    /(?<![.\w])(?:eval|Function)\(\s*[^)\s]|new Function\b|= Function\b/,
    // Zod makes functions of our own schemas, never of what they are given.
    ['node_modules/zod/v4/core/doc.js', 'node_modules/zod/v4/core/util.js'],
  ],
  ['a sandbox that is none', loads('vm'), []],
  [
    'the web',
    new RegExp(`${loads('https?|http2').source}|(?<![.\\w])fetch\\(|WebSocket\\(`),
    // Asks over a socket that it is given, so that no proxy is used and the gate has let it through.
    // And the webhook, whose address the user types.
    ['src/cli/webhook/post.ts', 'src/network/https/ask.ts'],
  ],
  ['threads and clusters', loads('cluster|worker_threads|inspector'), []],
];

test('the parts of the bundle were found', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(modules.length).toBeGreaterThan(300);
  expect(modules.some(({ file }) => file === 'src/check/run.ts')).toBe(true);
});

test('the published code loads no module of Node.js that starts programs, runs code or makes threads', () => {
  const published = filesIn('dist', '.js').map((file) => ({ file, text: textOf(file) }));
  expect(published.filter(({ text }) => loads('net').test(text))).not.toEqual([]);
  const pattern = loads('child_process|vm|cluster|worker_threads|inspector');
  expect(published.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([]);
});

describe.each(FORBIDDEN)('%s', (_, pattern, except) => {
  test('is nowhere in the source, but where it is known', () => {
    const found = sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
    expect(found).toEqual(except.filter((file) => file.startsWith('src/')));
  });

  test('is nowhere in the built product, but where it is known', () => {
    const found = modules.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
    expect([...new Set(found)].sort()).toEqual([...except].sort());
  });
});

test('no code in the source is loaded by a name that comes from elsewhere, but a configuration that is a module', () => {
  const computed = sources.filter(({ text }) => /\bimport\(\s*[^'"\s]|\brequire\(/.test(text)).map(({ file }) => file);
  expect(computed).toEqual(['src/cli/config/source.ts']);
});

const ENVIRONMENT_READERS = [
  // The cache folder (XDG_CACHE_HOME).
  'src/check/cache-folder.ts',
  // GITHUB_STEP_SUMMARY.
  'src/cli/check/outputs.ts',
  // Keys of block lists.
  'src/cli/commands/mcp.ts',
  'src/cli/commands/pool.ts',
  'src/cli/commands/worker.ts',
  'src/cli/config/limits.ts',
  // The login at a queue, and the place of a pod of an Indexed Job.
  'src/cli/options/queue.ts',
  'src/cli/options/settings.ts',
  'src/cli/terminal/faults.ts',
  // NO_COLOR and its like.
  'src/cli/terminal/look.ts',
  // The secret of the webhook.
  'src/cli/webhook/webhook.ts',
];

test('the environment is read for keys, colours and the cache folder, and nothing secret is an option', () => {
  const readers = sources.filter(({ text }) => /process\.env/.test(text)).map(({ file }) => file);
  expect(readers.sort()).toEqual(ENVIRONMENT_READERS);
  for (const variable of [...keyVariables(), USERNAME_VARIABLE, PASSWORD_VARIABLE])
    expect(textOf('README.md') + textOf('SECURITY.md')).toContain(variable);
});

test('SECURITY.md names every destination that is not the tested domain’s own, and no other', () => {
  const keys = Object.fromEntries(keyVariables().map((variable) => [variable, 'KEY']));
  const lists = [...defaultLists(), ...chooseLists({ keys }).asked].map(({ zone }) => zone);
  const keyed = chooseLists({ keys }).asked.filter(({ keyedBy }) => keyedBy !== null);
  const whoami = OPTIONS.whoamiName.default;
  const destinations = [
    ...lists,
    ...keyed.map(({ queryZone }) => queryZone),
    ...ANCHORS.map(({ host, port }) => `${host}:${port}`),
    ...CONTROLS.map(({ host, port }) => `${host}:${port}`),
    ...allReceivers.flatMap(({ asks }) => (asks === undefined ? [] : [asks.domain])),
    ...['origin.asn.cymru.com', 'origin6.asn.cymru.com', 'ipv4only.arpa', ALWAYS_THERE],
    whoami,
  ];
  expect(whoami).toMatch(/^[a-z.-]+$/);
  const documented = /<!-- destinations -->([\s\S]*?)<!-- end -->/.exec(textOf('SECURITY.md'))?.[1] ?? '';
  const named = [...documented.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  const names = named.filter((name) => !name.startsWith('--'));
  expect([...new Set(names)].sort()).toEqual([...new Set(destinations)].sort());
});

test('Team Cymru’s zones are the only ones asked for networks', () => {
  const zones = sources.flatMap(({ text }) => text.match(/[a-z0-9.]+\.cymru\.com/g) ?? []);
  expect([...new Set(zones)].sort()).toEqual(['origin.asn.cymru.com', 'origin6.asn.cymru.com']);
});

test('each limit that SECURITY.md states is in the file it names', () => {
  const rows = [...textOf('SECURITY.md').matchAll(/^\| `([A-Z_]+)` \| ([^|]+?) \| `([^`]+)` \|/gm)];
  expect(rows.length).toBeGreaterThan(20);
  for (const [, name = '', value = '', file = ''] of rows) {
    const found = new RegExp(`const ${name}\\b[^=]*= ([^;]+);`).exec(textOf(file))?.[1]?.replaceAll('_', '');
    expect(`${name} ${found}`, file).toBe(`${name} ${value}`);
  }
});
