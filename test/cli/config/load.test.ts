/** The configuration file: where it is found, and what is said of one that cannot be used. */
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
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
    const isCode = name.endsWith('.mjs');
    const loaded = [await loadConfig(file), ...(isCode ? [] : [await loadConfig(undefined)])];
    for (const one of loaded) {
      expect(one?.config.helo).toBe('mail.example.com');
      expect(one?.file).toBe(file);
    }
  });

  test('a .js file of a package of modules', async () => {
    await write('package.json', '{"type": "module"}');
    const file = await write('mailcheck.config.js', `export default ${JSON_TEXT};`);
    expect((await loadConfig(file))?.config.helo).toBe('mail.example.com');
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

test('outside of a repository, only the working directory is looked at', async () => {
  await rm(join(folder, '.git'), { recursive: true });
  await write('mailcheck.config.yaml', 'helo: above');
  await write('a/mailcheck.config.yaml', 'helo: here');
  await mkdir(join(folder, 'b'));
  process.chdir(join(folder, 'b'));
  expect(await loadConfig(undefined)).toBeUndefined();
  process.chdir(join(folder, 'a'));
  expect((await loadConfig(undefined))?.config.helo).toBe('here');
});

describe('what is ignored, with one line about it', () => {
  async function found(from = '.'): Promise<{ helo: string | undefined; lines: string[] }> {
    process.chdir(join(folder, from));
    const lines: string[] = [];
    const loaded = await loadConfig(undefined, (line) => lines.push(line));
    return { helo: loaded?.config.helo, lines };
  }

  test.each(['mailcheck.config.js', 'mailcheck.config.mjs'])('%s, which is not run', async (name) => {
    await write(name, 'throw new Error("was run");');
    expect(await found()).toEqual({
      helo: undefined,
      lines: [
        `ignored ${name}: a configuration that is code runs only if you name it. If you trust it, type --config ${name}`,
      ],
    });
  });

  test('the search goes on above a file that others may write to', async () => {
    await write('mailcheck.config.yaml', 'helo: above');
    await write('a b/mailcheck.config.yaml', 'helo: strange');
    await chmod(join(folder, 'a b/mailcheck.config.yaml'), 0o666);
    expect(await found('a b')).toEqual({
      helo: 'above',
      lines: [
        'ignored mailcheck.config.yaml: others may write to it. If you trust it, type --config mailcheck.config.yaml',
      ],
    });
  });

  test('a folder, with no advice to name it', async () => {
    await mkdir(join(folder, 'mailcheck.config.yaml'));
    expect(await found()).toEqual({
      helo: undefined,
      lines: ['ignored mailcheck.config.yaml: it is not a regular file'],
    });
  });

  test('a package.json is named only if it has a configuration', async () => {
    await write('package.json', '{}');
    await write('a/package.json', '{"mailcheck": {"helo": "strange"}}');
    for (const name of ['package.json', 'a/package.json']) await chmod(join(folder, name), 0o666);
    const { helo, lines } = await found('a');
    expect(helo).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(/^ignored package\.json: others may write to it\./)]);
  });
});

describe('a configuration that was found', () => {
  const outside = 'a configuration that was not named may only use files below ';
  const inside = 'a configuration that was not named may only use public DNS servers: ';
  const named = 'If you trust the file, type --config mailcheck.config.yaml';
  const cases: [text: string, place: string, what: string][] = [
    ['message: ../m.eml', '1:10: message', outside],
    ['message: /dev/stdin', '1:10: message', outside],
    ['dkimKey: link/key.pem', '1:10: dkimKey', outside],
    ['caFile: .', '1:9: caFile', outside],
    ['zones: [a.zone, ../b.zone]', '1:8: zones', outside],
    ['baseline: /etc/passwd', '1:11: baseline', outside],
    ['formats: [pretty, json=../r.json]', '1:10: formats', outside],
    ['formats: [json=file/r.json]', '1:10: formats', outside],
    ['formats: [json=.git/hooks/pre-commit]', '1:10: formats', outside],
    ['targets: [{domain: example.com, message: ../m}]', '1:42: targets[0].message', outside],
    ['allowPrivate: true', '1:15: allowPrivate', 'a configuration that was not named may not set this'],
    ['connectTo: ["::127.0.0.1:1"]', '1:12: connectTo', 'a configuration that was not named may not set this'],
    ['dns: [127.0.0.1]', '1:7: dns[0]', `${inside}127.0.0.1 is loopback`],
    ['dns: [9.9.9.9, "10.0.0.1:5353"]', '1:16: dns[1]', `${inside}10.0.0.1 is private use`],
    ['dns: ["[fd00::53]:53"]', '1:7: dns[0]', `${inside}fd00::53 is `],
    ['dns: ["fe80::1%eth0"]', '1:7: dns[0]', `${inside}fe80::1 is `],
    ['dns: ["::ffff:169.254.169.254"]', '1:7: dns[0]', `${inside}169.254.169.254 is link local`],
    ['dns: ["2600::c0a8:101"]', '1:7: dns[0]', `${inside}2600::c0a8:101 is perhaps 192.168.1.1 by NAT64`],
    [
      'targets: [{domain: example.com, activeData: true}]',
      '1:45: targets[0].activeData',
      'a configuration that was not named may not set this',
    ],
  ];
  test.each(cases)('%s: one line, and the named file may', async (text, place, what) => {
    await symlink(tmpdir(), join(folder, 'link'));
    await symlink(join(tmpdir(), 'nothing'), join(folder, 'file'));
    const file = await write('mailcheck.config.yaml', `${text}\n`);
    process.chdir(folder);
    const { message } = await loadConfig(undefined).then(
      () => new Error('was read'),
      (error: Error) => error,
    );
    expect(message.startsWith(`mailcheck.config.yaml:${place}: ${what}`), message).toBe(true);
    expect(message.endsWith(`. ${named}`), message).toBe(true);
    expect(await loadConfig(file)).toBeDefined();
  });

  test('may name files below it, also new ones, and say no to what it may not say yes to', async () => {
    const text = 'formats: [json=new/r.json]\nzones: [z.zone]\nmessage: a/../m.eml\nallowPrivate: false\n';
    await write('mailcheck.config.yaml', text);
    process.chdir(folder);
    expect((await loadConfig(undefined))?.config.zones).toEqual(['z.zone']);
  });

  test('may choose public DNS servers, and only if they see no list keys', async () => {
    const servers = ['9.9.9.9', '8.8.8.8:53', '2001:4860:4860::8888', '2606:4700:4700::1111', '2620:fe::fe'];
    await write('mailcheck.config.yaml', `dns: ${JSON.stringify(servers)}\n`);
    process.chdir(folder);
    expect((await loadConfig(undefined))?.config.dns).toEqual(servers);
    process.env.SPAMHAUS_DQS_KEY = 'abcdefgh12345678';
    try {
      await expect(loadConfig(undefined)).rejects.toThrow('may not choose the DNS servers that see your list keys');
    } finally {
      delete process.env.SPAMHAUS_DQS_KEY;
    }
  });
});

const accept = (entry: string): string => `accept:\n  - {${entry}}\n`;

const wrong: [file: string, text: string, says: string | RegExp][] = [
  ['c.yaml', 'helo: [a', /^c\.yaml:1:9: this is not YAML: /],
  ['c.yaml', 'helo: a\nhelo: b\n', 'c.yaml:2:1: this is not YAML: Map keys must be unique'],
  ['c.yaml', '', 'c.yaml:1:1: the configuration is empty'],
  ['c.yaml', '? a\n: b\n', /^c\.yaml:1:1: a key must be one word or text/],
  ['c.yaml', '? ? ? a\n', /^c\.yaml:1:1: a key must be one word or text/],
  ['c.yaml', 'x: {[a]: b}\n', /^c\.yaml:1:4: a key must be one word or text/],
  ['c.yaml', `helo: ${'['.repeat(100_000)}`, /^c\.yaml:1:\d+: this is nested more than 100 deep$/],
  ['c.yaml', '- '.repeat(100_000), /^c\.yaml:1:\d+: this is nested more than 100 deep$/],
  ['c.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'c.json: this is nested more than 100 deep'],
  ['c.json', `[${'1,'.repeat(100_000)}1]`, 'c.json: this has more than 100000 parts'],
  ['c.yaml', `x: &x [${'a,'.repeat(999)}a]\ny: [${'*x,'.repeat(101)}]\n`, /^c\.yaml:2:\d+: .* more than 100000 parts$/],
  ['c.yaml', 'x: &x [*x]\n', 'c.yaml:1:8: this is not YAML: there is no anchor &x before this'],
  ['c.yaml', '<<: a\n', 'c.yaml:1:1: this is not YAML: only a map can be merged with <<'],
  ['c.yaml', 'a: b\n---\na: b\n', /^c\.yaml:\d+:\d+: this is not YAML: Source contains multiple documents/],
  ['c.yaml', `helo: ${'a'.repeat(1024 * 1024)}`, /^".*c\.yaml" is larger than 1 MiB$/],
  ['c.yaml', '- a\n', 'c.yaml:1:1: expected object, received array'],
  ['c.json', '{\n  "helo": "a",\n}', /^c\.json:3:1: this is not JSON: /],
  ['c.json', '{', /^c\.json:1:2: this is not JSON: /],
  ['c.json', '{\n\t"selectors": "s1"\n}', 'c.json:2:15: selectors: expected array, received string'],
  ['c.yaml', 'helo: 5\n', 'c.yaml:1:7: helo: expected string, received number'],
  [
    'c.yaml',
    '\nhello: x\n',
    /^c\.yaml:2:1: hello: there is no such key \(did you mean helo\?\)\. The keys are: targets, helo/,
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
    /^c\.yaml:1:1: SPAMHAUS_DQS_KEY: do not put keys .* the environment: .*SPAMHAUS_DQS_KEY/,
  ],
  ['c.yaml', 'listKeys: {zen: topsecret}\n', /^c\.yaml:1:1: listKeys: do not put keys /],
  [
    'c.yaml',
    'dkimKey: "-----BEGIN topsecret"\n',
    'c.yaml:1:10: dkimKey: do not put a private key into the configuration. Name its file instead',
  ],
  ['c.yaml', 'helo: 1\nmessage: 2\nprovider: 3\n', 'c.yaml:1:7: helo: expected string, received number (and 2 more)'],
  ['package.json', '{"mailcheck": {\n  "helo": 1}}', 'package.json:2:11: helo: expected string, received number'],
  ['package.json', '{}', 'package.json has no key mailcheck'],
  ['c.mjs', 'throw new Error("nothing here");', 'c.mjs: nothing here'],
  ['c.mjs', 'export default () => { throw new Error("boom"); };', 'c.mjs: boom'],
  ['c.mjs', 'export default { helo: 1 };', 'c.mjs: helo: expected string, received number'],
  ['c.mjs', 'export const config = {};', 'c.mjs: the configuration is empty'],
  ['c.toml', '', /^".*c\.toml" is not a configuration file\. Its name must end in \.json, \.yaml, \.yml, \.js, \.mjs$/],
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
