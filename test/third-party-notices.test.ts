/** Tests that THIRD-PARTY-NOTICES.txt has the notice of every package whose code is in dist/. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { thirdPartyNotices } from '../third-party-notices.mjs';
import { builtFrom, sourcesOf } from './bundle.ts';
import { copyOfTree } from './copy-of-tree.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The section of one package: its title, the lines about the package, and its licence texts. */
interface Section {
  readonly title: string;
  readonly about: string;
  readonly text: string;
}

function sectionsOf(file: string): Section[] {
  const [, ...sections] = file.split(`${'='.repeat(80)}\n\n`);
  return sections.map((section) => {
    const [head = '', ...texts] = section.split('\n\n');
    const [title = '', ...about] = head.split('\n');
    return { title, about: about.join('\n'), text: texts.join('\n\n').trim() };
  });
}

/** A text of the source that only one place has. */
const ERROR = 'is not a DNS server address';

const copy = copyOfTree();
afterAll(() => copy.remove());

/**
 * What other packages hold in their own files: parts of tldts and of the MCP SDK, by the same authors under the same
 * licence, and content-type, whose licence stands with the SDK's.
 */
const INSIDE = /(?:^|\/)node_modules\/(?:tldts-core|@modelcontextprotocol\/core-internal|content-type)$/;

/** @returns the packages in dist/, by the sources that the maps of the code lead to. */
function packagesIn(files: ReadonlyMap<string, string>): Set<string> {
  const folders = sourcesOf(copy, files).flatMap(
    (file) => /^(?:.*\/)?node_modules\/(?!\.)(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  return new Set(
    folders
      .filter((folder) => !INSIDE.test(folder))
      .map((folder) => {
        const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
        return `${name} ${version}`;
      }),
  );
}

describe('third-party notices: the file of the build', () => {
  const sections = sectionsOf(readFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), 'utf8'));

  test('is in dist/ too, for who copies that folder alone', () => {
    const copy = readFileSync(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    expect(copy).toBe(readFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), 'utf8'));
  });

  test('names each bundled package once, in alphabetical order, and no other', () => {
    const titles = sections.map(({ title }) => title);
    expect(titles.length).toBeGreaterThan(25);
    const plain = builtFrom(copy);
    const mapped = builtFrom(copy, '--sourcemap');
    expect(new Set(titles)).toEqual(packagesIn(mapped));
    const places = [...mapped]
      .filter(([name, text]) => name.endsWith('.js') && text.includes(ERROR))
      .map(([name, text]) => {
        const before = text.slice(0, text.indexOf(ERROR)).split('\n');
        const map = new SourceMap(JSON.parse(mapped.get(`${name}.map`) ?? ''));
        const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
        return 'originalSource' in entry ? entry.originalSource : 'nowhere';
      });
    expect(places).toEqual([expect.stringMatching(/src\/network\/dns\/servers\.ts$/)]);
    // So the maps that are made for a stack fit the code that was published.
    expect(new Map([...mapped].filter(([name]) => !name.endsWith('.map')))).toEqual(plain);
    expect(titles).toEqual([...new Set(titles)].sort());
  });

  test('has the name and the text of the licence of each package', () => {
    for (const { title, about, text } of sections) {
      expect(about, title).toMatch(/^Licence: [A-Z][\w.-]+$/m);
      expect(text, title).toMatch(/copyright/i);
      expect(text, title).toMatch(/warrant/i);
    }
  });

  test('has the licence file of a package word for word', () => {
    const own = (name: string): string => readFileSync(join(root, 'node_modules', name), 'utf8').trim();
    const textOf = (name: string) =>
      sections.filter(({ title }) => title.startsWith(`${name} `)).map(({ text }) => text);
    expect(textOf('zod')).toEqual([own('zod/LICENSE')]);
    expect(textOf('signal-exit')).toEqual([own('signal-exit/LICENSE.txt')]);
    expect(textOf('ip-address')).toEqual([own('ip-address/LICENSE')]);
  });

  test('names the licence of the Public Suffix List in the section of tldts', () => {
    const holders = sections.filter(({ title }) => /^tldts /.test(title));
    expect(holders).toHaveLength(1);
    for (const { text } of holders) {
      expect(text).toContain('Mozilla Public License, v. 2.0');
      expect(text).toContain('https://publicsuffix.org/list/public_suffix_list.dat');
    }
  });
});

test('third-party notices: the licence of what the MCP SDK holds in its own files stands with its own', () => {
  const [sdk] = sectionsOf(readFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).filter(({ title }) =>
    title.startsWith('@modelcontextprotocol/server '),
  );
  expect(sdk?.text).toContain('content-type 1.0.5');
  expect(sdk?.text).toContain('Copyright (c) 2015 Douglas Christopher Wilson');
});

describe('third-party notices: a made-up build', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailcheck-notices-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function install(path: string, manifest: object, files: Record<string, string> = {}): string {
    const at = join(folder, path);
    mkdirSync(at, { recursive: true });
    const all = { 'package.json': JSON.stringify(manifest), ...files };
    for (const [name, text] of Object.entries(all)) writeFileSync(join(at, name), text);
    return `${path}/index.js`;
  }

  const noticesOf = (...inputs: string[]): Section[] => {
    const bytes = inputs.map((input) => [input, { bytesInOutput: 1 }]);
    return sectionsOf(thirdPartyNotices({ outputs: { 'dist/cli.js': { inputs: Object.fromEntries(bytes) } } }, folder));
  };

  test('has every licence file of a package, of each of its versions, with and without a scope', () => {
    const one = {
      name: '@a/one',
      version: '1.0.0',
      license: 'MIT',
      author: 'A. Person',
      homepage: 'https://example.com/',
    };
    const inputs = [
      install('node_modules/two', { name: 'two', version: '1.0.0', license: 'ISC' }, { COPYING: 'Copying of two' }),
      install('node_modules/@a/one', one, {
        'LICENCE.md': 'Licence of one\r\n',
        NOTICE: 'Notice of one',
        'license.js': 'no',
      }),
      install(
        'node_modules/two/node_modules/@a/one',
        { ...one, version: '0.9.0' },
        { 'license-mit': 'Licence of old one' },
      ),
    ];
    expect(noticesOf('src/cli.ts', ...inputs)).toEqual([
      { title: '@a/one 0.9.0', about: expect.stringContaining('MIT'), text: 'Licence of old one' },
      {
        title: '@a/one 1.0.0',
        about: 'Licence: MIT\nAuthor: A. Person\nHomepage: https://example.com/',
        text: 'Licence of one\n\nNotice of one',
      },
      { title: 'two 1.0.0', about: 'Licence: ISC', text: 'Copying of two' },
    ]);
    expect(noticesOf(...inputs.reverse())).toEqual(noticesOf(...inputs.reverse()));
  });

  test('leaves out a package without a byte in the bundle', () => {
    const gone = install('node_modules/gone', { name: 'gone', version: '1.0.0' });
    const outputs = { 'dist/cli.js': { inputs: { [gone]: { bytesInOutput: 0 } } } };
    expect(thirdPartyNotices({ outputs }, folder)).not.toContain('gone');
  });

  test.each(['MIT', 'ISC', 'BSD-2-Clause'])('has the usual text of %s if a package has no licence file', (license) => {
    const [named] = noticesOf(
      install('node_modules/named', { name: 'named', version: '1.0.0', license, author: 'A $& B' }),
    );
    expect(named?.text).toContain(`This is the usual text of ${license}.\n\nCopyright (c) A $& B\n\n`);
    const [nameless] = noticesOf(install('node_modules/none', { name: 'none', version: '1.0.0', license }));
    expect(nameless?.text).toContain('Copyright (c) the authors of none\n');
    expect(nameless?.text).toMatch(/WARRANT/);
  });

  test.each([
    ['none', {}],
    ['SEE LICENSE IN elsewhere', { license: 'SEE LICENSE IN elsewhere' }],
    ['Apache-2.0', { license: 'Apache-2.0' }],
  ])('throws for a package without a licence file and with the licence %s', (_, fields) => {
    const input = install('node_modules/bare', { name: 'bare', version: '1.2.3', ...fields }, { 'LICENSE.json': '{}' });
    expect(() => noticesOf(input)).toThrow('bare 1.2.3 is bundled without a notice');
  });

  test('throws for an empty licence file, and for code outside any package', () => {
    const input = install('node_modules/empty', { name: 'empty', version: '1.0.0' }, { LICENSE: ' \n' });
    expect(() => noticesOf(input)).toThrow('empty 1.0.0 is bundled without a notice');
    expect(() => noticesOf('../elsewhere/index.js')).toThrow('outside any package');
  });
});
