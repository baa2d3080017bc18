/**
 * Tests that every file uses the package name of package.json. The name `mailcheck` on npm belongs to somebody else. A
 * text or script with that name would make users run other code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { actionFolder } from './action/step.ts';
import { packageUses } from './package-uses.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  name: string;
  version: string;
  bin: Record<string, string>;
};

const FOLDERS = ['docs', '.github', '.ci', 'src', 'bench'];
const files = [
  ...readdirSync(root).filter((name) => name.endsWith('.md') || name.endsWith('.mjs')),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length)),
  ),
];

test('package name: every file uses the name of package.json', () => {
  expect(files).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', '.github/actions/mailcheck/run.sh']));
  const uses = files.flatMap((file) => packageUses(read(file)).map((use) => ({ file, ...use })));
  expect(uses.length).toBeGreaterThan(5);
  expect(uses.filter(({ name }) => name !== manifest.name)).toEqual([]);
});

test('package name: every version in a file is that of package.json', () => {
  const versions = files.flatMap((file) =>
    [...read(file).matchAll(/\bmailcheck[\w-]*@(\d[\w.-]*\w)/g)].map(([, version]) => ({ file, version })),
  );
  expect(versions.filter(({ version }) => version !== manifest.version)).toEqual([]);
});

test('package name: the only command is mailcheck, and the lock file has the name of the package', () => {
  expect(Object.keys(manifest.bin)).toEqual(['mailcheck']);
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    name: manifest.name,
    packages: { '': { name: manifest.name } },
  });
});

test('package name: the GitHub action fetches this package', () => {
  const script = readFileSync(join(actionFolder, 'run.sh'), 'utf8');
  expect([...script.matchAll(/^package=(.*)$/gm)].map(([, name]) => name)).toEqual([manifest.name]);
  expect(script).toContain('program=$folder/node_modules/$package/dist/cli.js');
});

describe('package name: the search for uses of the name', () => {
  const forms: ((name: string) => string)[] = [
    (name) => `npx ${name} example.com`,
    (name) => `- run: npx -y ${name}@0.1.0 example.com`,
    (name) => `npx --yes --ignore-scripts "${name}@0.1.0"`,
    (name) => `argv: [npx, -y, ${name}@0.1.0, "{{ mail_domain }}"]`,
    (name) => `"args": ["npx", "-y", "${name}"]`,
    (name) => `npm install ${name}`,
    (name) => `works after \`npm install -g ${name}\`.`,
    (name) => `npm i -D ${name}`,
    (name) => `npm exec -- ${name} example.com`,
    (name) => `npm link ${name}`,
    (name) => `npx --yes --package=${name} -- mailcheck example.com`,
    (name) => `npx -p ${name} mailcheck`,
    (name) => `npx "--package=${name}@$INPUT_VERSION" -- mailcheck`,
    (name) => `the release ${name}@1.2.3`,
    (name) => `import { check } from '${name}';`,
    (name) => `import '${name}';`,
    (name) => `const { check } = await import("${name}");`,
    (name) => `const { check } = require('${name}');`,
    (name) => `import schema from '${name}/report.schema.json' with { type: 'json' };`,
    (name) => `# yaml-language-server: $schema=./node_modules/${name}/dist/config.schema.json`,
    (name) => `its JSON schema is \`${name}/report.schema.json\``,
    (name) => `https://www.npmjs.com/package/${name}`,
  ];
  test.each(forms.map((form) => [form('NAME'), form] as const))('finds the name in %s', (_, form) => {
    for (const name of ['mailcheck', 'mailcheck-cli', 'mailcheck-preflight', '@example/mailcheck']) {
      expect(new Set(packageUses(form(name)).map((use) => use.name))).toEqual(new Set([name]));
    }
  });

  test('returns the line of each use', () => {
    expect(packageUses('one\nnpx mailcheck example.com\n')).toEqual([
      { line: 2, text: 'npx mailcheck', name: 'mailcheck' },
    ]);
  });

  test.each([
    'mailcheck example.com 203.0.113.5',
    'mailcheck providers hetzner-cloud',
    'node mailcheck/dist/cli.js example.com 203.0.113.5',
    'git clone <address of this repository> mailcheck',
    'cd mailcheck && npm ci && npm run build',
    'npm link && mailcheck example.com 203.0.113.5',
    'uses: ./mailcheck/.github/actions/mailcheck',
    'npm install ./mailcheck-cli-0.1.0.tgz',
    'or the key `mailcheck` of `package.json`',
    "tool: { name: 'mailcheck', version: VERSION }",
    'mailcheck.config.yaml, mailcheck.config.mjs',
    'mailcheck@example.com',
    'const sender = `mailcheck@$' + '{target.domain}`;',
    'node_modules/.cache/mailcheck/',
    'source <(mailcheck completion bash)',
    'npx biome check --write . # as mailcheck does',
  ])('ignores %s', (text) => {
    expect(packageUses(text)).toEqual([]);
  });
});
