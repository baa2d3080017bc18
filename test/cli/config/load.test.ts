/** The configuration file: where it is found, and what is said of one that cannot be used. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/cli/config/load.ts';

let folder: string;
const start = process.cwd();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailcheck-config-'));
  await mkdir(join(folder, '.git'));
});

afterEach(async () => {
  process.chdir(start);
  await rm(folder, { recursive: true });
});

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

const YAML = 'helo: mail.example.com\n';
const JSON_TEXT = '{"helo": "mail.example.com"}';

describe('each kind of file says the same', () => {
  const kinds: [name: string, text: string][] = [
    ['mailcheck.config.yaml', YAML],
    ['mailcheck.config.yml', YAML],
    ['mailcheck.config.json', JSON_TEXT],
    ['mailcheck.config.json', `\uFEFF${JSON_TEXT.replace('{', '{\n\t"$schema": "x",\n\t')}`],
    ['mailcheck.config.mjs', `export default ${JSON_TEXT};`],
    ['mailcheck.config.mjs', `export default Promise.resolve(${JSON_TEXT});`],
    ['mailcheck.config.mjs', `export default async () => (${JSON_TEXT});`],
    ['package.json', `{"name": "x", "mailcheck": ${JSON_TEXT}}`],
  ];
  test.each(kinds)('%s', async (name, text) => {
    const file = await write(name, text);
    process.chdir(folder);
    for (const loaded of [await loadConfig(undefined), await loadConfig(file)]) {
      expect(loaded?.config.helo).toBe('mail.example.com');
      expect(loaded?.file).toBe(file);
    }
  });

  test('a .js file of a package of modules', async () => {
    await write('package.json', '{"type": "module"}');
    await write('mailcheck.config.js', `export default ${JSON_TEXT};`);
    process.chdir(folder);
    expect((await loadConfig(undefined))?.config.helo).toBe('mail.example.com');
  });
});

describe('where it is found', () => {
  const cases: [name: string, files: Record<string, string>, from: string, helo: string | undefined][] = [
    ['in the directory', { 'mailcheck.config.yaml': 'helo: here' }, '.', 'here'],
    ['above it', { 'mailcheck.config.yaml': 'helo: above' }, 'a/b', 'above'],
    ['the nearest', { 'mailcheck.config.yaml': 'helo: above', 'a/mailcheck.config.yml': 'helo: near' }, 'a/b', 'near'],
    ['not above the repository', { 'mailcheck.config.yaml': 'helo: above', 'a/.git/HEAD': 'x' }, 'a/b', undefined],
    ['past a package.json without the key', { 'mailcheck.config.yaml': 'helo: up', 'a/package.json': '{}' }, 'a', 'up'],
    ['past one that is no JSON', { 'mailcheck.config.yaml': 'helo: up', 'a/package.json': '{' }, 'a', 'up'],
    ['nowhere', {}, 'a', undefined],
  ];
  test.each(cases)('%s', async (_name, files, from, helo) => {
    for (const [name, text] of Object.entries(files)) await write(name, text);
    await mkdir(join(folder, from), { recursive: true });
    process.chdir(join(folder, from));
    expect((await loadConfig(undefined))?.config.helo).toBe(helo);
    expect(await loadConfig(false)).toBeUndefined();
  });
});

const accept = (entry: string): string => `accept:\n  - {${entry}}\n`;

const wrong: [file: string, text: string, says: string | RegExp][] = [
  ['c.yaml', 'helo: [a', /^c\.yaml:1:9: this is not YAML: /],
  ['c.yaml', 'helo: a\nhelo: b\n', 'c.yaml:2:1: this is not YAML: Map keys must be unique'],
  ['c.yaml', '', 'c.yaml:1:1: the configuration is empty'],
  ['c.yaml', '- a\n', 'c.yaml:1:1: expected object, received array'],
  ['c.json', '{\n  "helo": "a",\n}', /^c\.json:3:1: this is not JSON: /],
  ['c.json', '{', /^c\.json:1:2: this is not JSON: /],
  ['c.json', '{\n\t"selectors": "s1"\n}', 'c.json:2:15: selectors: expected array, received string'],
  ['c.yaml', 'helo: 5\n', 'c.yaml:1:7: helo: expected string, received number'],
  [
    'c.yaml',
    '\nhello: x\n',
    /^c\.yaml:2:1: hello: there is no such key \(did you mean helo\?\)\. Known are: targets, helo/,
  ],
  ['c.yaml', 'fail-on: error\n', /^c\.yaml:1:1: fail-on: there is no such key \(did you mean failOn\?\)/],
  ['c.yaml', 'strict: true\n', 'c.yaml:1:1: strict: there is no such key. Type failOn: warning'],
  ['c.yaml', 'failOn: eror\n', 'c.yaml:1:9: failOn: expected one of error, warning, never (did you mean error?)'],
  ['c.yaml', 'targets: []\n', 'c.yaml:1:10: targets: expected one at least'],
  ['c.yaml', 'targets:\n  - ips: [192.0.2.1]\n', 'c.yaml:2:5: targets[0].domain: is missing'],
  [
    'c.yaml',
    'targets:\n  - domain: a.example\n    formats: [json]\n',
    /^c\.yaml:3:5: targets\[0\]\.formats: there is no such key/,
  ],
  ['c.yaml', 'smtpPort: 70000\n', /^c\.yaml:1:11: smtpPort: /],
  ['c.yaml', 'timeout: [1]\n', 'c.yaml:1:10: timeout: expected seconds, or a text such as 2m'],
  ['c.yaml', 'allowInconclusive: rbl\n', 'c.yaml:1:20: allowInconclusive: expected true or a list of checks'],
  [
    'c.yaml',
    'severity:\n  ptr/mising: info\n',
    'c.yaml:2:3: severity.ptr/mising: there is no finding "ptr/mising" (did you mean ptr/missing?). mailcheck explain lists them',
  ],
  [
    'c.yaml',
    'severity:\n  ptr/missing: of\n',
    'c.yaml:2:16: severity.ptr/missing: expected one of error, warning, info, off (did you mean off?)',
  ],
  [
    'c.yaml',
    'severity: {ptr/inconclusive: info}\n',
    /^c\.yaml:1:12: severity\.ptr\/inconclusive: .*Type allowInconclusive: \[ptr\]$/,
  ],
  [
    'c.yaml',
    accept('code: ptr/inconclusive, reason: r, until: 2027-01-31'),
    /^c\.yaml:2:12: accept\[0\]\.code: .*Type allowInconclusive: \[ptr\]$/,
  ],
  [
    'c.yaml',
    accept('code: ptr/misssing, reason: r, until: 2027-01-31'),
    /^c\.yaml:2:12: accept\[0\]\.code: there is no finding .*did you mean ptr\/missing/,
  ],
  ['c.yaml', accept('code: ptr/missing, until: 2027-01-31'), 'c.yaml:2:5: accept[0].reason: is missing'],
  [
    'c.yaml',
    accept('code: ptr/missing, reason: " ", until: 2027-01-31'),
    'c.yaml:2:33: accept[0].reason: expected a reason',
  ],
  [
    'c.yaml',
    accept('code: ptr/missing, reason: r, until: 2027-02-31'),
    'c.yaml:2:43: accept[0].until: expected a day such as 2027-01-31',
  ],
  [
    'c.yaml',
    accept('code: ptr/missing, reason: r, until: tomorrow'),
    'c.yaml:2:43: accept[0].until: expected a day such as 2027-01-31',
  ],
  ['c.yaml', accept('code: ptr/missing, reason: r'), 'c.yaml:2:5: accept[0].until: is missing'],
  [
    'c.yaml',
    accept('code: ptr/missing, reason: r, until: 2027-01-31, ip: nowhere'),
    'c.yaml:2:59: accept[0].ip: is not an IP address',
  ],
  [
    'c.yaml',
    'SPAMHAUS_DQS_KEY: topsecret\n',
    /^c\.yaml:1:1: SPAMHAUS_DQS_KEY: keys do not belong .* the environment: .*SPAMHAUS_DQS_KEY/,
  ],
  ['c.yaml', 'listKeys: {zen: topsecret}\n', /^c\.yaml:1:1: listKeys: keys do not belong /],
  [
    'c.yaml',
    'dkimKey: "-----BEGIN topsecret"\n',
    'c.yaml:1:10: dkimKey: a private key does not belong into the configuration. Name the file it is in',
  ],
  ['c.yaml', 'helo: 1\nmessage: 2\nprovider: 3\n', 'c.yaml:1:7: helo: expected string, received number (and 2 more)'],
  ['package.json', '{"mailcheck": {\n  "helo": 1}}', 'package.json:2:11: helo: expected string, received number'],
  ['package.json', '{}', 'package.json has no key mailcheck'],
  ['c.mjs', 'throw new Error("nothing here");', 'c.mjs: nothing here'],
  ['c.mjs', 'export default () => { throw new Error("boom"); };', 'c.mjs: boom'],
  ['c.mjs', 'export default { helo: 1 };', 'c.mjs: helo: expected string, received number'],
  ['c.mjs', 'export const config = {};', 'c.mjs: the configuration is empty'],
  ['c.toml', '', /^".*c\.toml" is none of \.json, \.yaml, \.yml, \.js, \.mjs$/],
];

test.each(wrong)('%s %j: one line with its place', async (name, text, says) => {
  const file = await write(name, text);
  process.chdir(folder);
  const error = await loadConfig(file).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'UsageError' });
  const { message } = error as Error;
  if (typeof says === 'string') expect(message).toBe(says);
  else expect(message).toMatch(says);
  expect(message).not.toMatch(/topsecret|\n/);
});

test('several targets may share their options by aliases and merge keys', async () => {
  const text =
    'targets:\n  - &first\n    domain: example.com\n    helo: mail.example.com\n  - <<: *first\n    domain: example.net\n';
  process.chdir(folder);
  const loaded = await loadConfig(await write('c.yaml', text));
  expect(loaded?.config.targets?.map(({ domain, helo }) => [domain, helo])).toEqual([
    ['example.com', 'mail.example.com'],
    ['example.net', 'mail.example.com'],
  ]);
});
