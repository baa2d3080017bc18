/** Tests what a release is held to, and its bill of materials. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundledPackages } from '../../third-party-notices.mjs';
import { withVersion } from '../../tools/generated.ts';
import { bomOfBundle } from '../../tools/release/bom.ts';
import { CONTACT, changelogSection, type ReleaseInput, releaseProblems } from '../../tools/release/problems.ts';

const root = new URL('../../', import.meta.url);

describe('a release', () => {
  const ready: ReleaseInput = {
    tag: 'v1.2.3',
    repository: 'owner/mailcheck',
    manifest: { version: '1.2.3', repository: 'github:owner/mailcheck' },
    changelog: '# Changelog\n\n## 1.2.3\n\n- new\n\n## 1.2.2\n\n- old\n',
    security: 'Write to security@example.com.',
    guides: new Map([['README.md', 'Type: npx mailcheck-cli example.com']]),
    changesets: ['config.json'],
  };

  test.each([
    'github:owner/mailcheck',
    { url: 'git+https://github.com/owner/mailcheck.git' },
    { url: 'https://github.com/owner/mailcheck' },
  ])('has no problem where the repository is %j', (repository) => {
    expect(releaseProblems({ ...ready, manifest: { version: '1.2.3', repository } })).toEqual([]);
  });

  test.each<[what: string, change: Partial<ReleaseInput>, problem: RegExp]>([
    ['a tag of another version', { tag: 'v1.2.4' }, /^package\.json: the version is 1\.2\.3, but the tag is v1\.2\.4$/],
    ['no repository', { manifest: { version: '1.2.3' } }, /^package\.json: "repository" must be .*, and is missing$/],
    [
      'the repository of somebody else',
      { manifest: { version: '1.2.3', repository: 'https://github.com/other/owner/mailcheck' } },
      /^package\.json: "repository" must be .*, not "https/,
    ],
    ['no word in the changelog', { changelog: '# Changelog\n\n## 1.2.3\n\n## 1.2.2\n\n- old\n' }, /^CHANGELOG\.md: /],
    ['no address for reports', { security: `Write to ${CONTACT}.` }, /^SECURITY\.md: put your own address/],
    [
      'a guide that says it is not published',
      { guides: new Map([['README.md', 'mailcheck is not on npm yet.']]) },
      /^README\.md: the text says that nothing is published yet$/,
    ],
    [
      'a version before a release',
      {
        tag: 'v1.2.3-beta.1',
        manifest: { ...ready.manifest, version: '1.2.3-beta.1' },
        changelog: '## 1.2.3-beta.1\n\nx',
      },
      /^package\.json: 1\.2\.3-beta\.1 is no version/,
    ],
    ['a change without a version', { changesets: ['README.md', 'new-thing.md'] }, /^\.changeset: new-thing\.md must /],
  ])('is stopped by %s, in one line', (_, change, problem) => {
    expect(releaseProblems({ ...ready, ...change })).toEqual([expect.stringMatching(problem)]);
  });

  test('has the words of its version, and of no other', () => {
    const changelog = '# Changelog\n\n## 1.2.3\n\n### Minor\n\n- new\n\n## 1.2.30\n\n- other\n';
    expect(changelogSection(changelog, '1.2.3')).toBe('### Minor\n\n- new');
    expect(changelogSection(changelog, '1.2')).toBeUndefined();
  });

  test('of this commit has problems of the kinds that are known', () => {
    const args = ['run', '-s', 'release:check', '--', 'v0.0.0', 'owner/mailcheck'];
    const { status, stderr, stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
    expect([status, stdout]).toEqual([1, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^package\.json: the version is .*, but the tag is v0\.0\.0$/);
    for (const line of lines)
      expect(line).toMatch(/^(?:package\.json|CHANGELOG\.md|SECURITY\.md|README\.md.*|docs\/.*|\.changeset): /);
  });

  test('puts its version into the guides', () => {
    const { name, version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as Record<string, string>;
    expect(withVersion(`npm i ${name}@0.0.1 && npm i other@0.0.1`)).toBe(
      `npm i ${name}@${version} && npm i other@0.0.1`,
    );
  });
});

describe('the bill of materials', () => {
  test('names what is in the bundle, with the digest of each package', () => {
    const bom = JSON.parse(execFileSync('npm', ['run', '-s', 'sbom'], { cwd: root, encoding: 'utf8' })) as {
      readonly metadata: { readonly component: { readonly name: string; readonly purl: string } };
      readonly components: readonly {
        readonly name: string;
        readonly version: string;
        readonly purl: string;
        readonly hashes: readonly { readonly alg: string }[];
        readonly properties: readonly unknown[];
      }[];
    };
    const notices = bundledPackages(readFileSync(new URL('THIRD-PARTY-NOTICES.txt', root), 'utf8'));
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'mailcheck-cli' } } });
    expect(bom.components.map(({ name, version }) => `${name} ${version}`)).toEqual(notices);
    for (const { purl, hashes, properties } of bom.components)
      expect([purl, hashes, properties]).toEqual([
        expect.stringMatching(/^pkg:npm\//),
        [expect.objectContaining({ alg: 'SHA-512' })],
        [],
      ]);
  });

  const component = (name: string) => ({ 'bom-ref': `${name}@1.0.0`, name, version: '1.0.0' });
  const all = {
    metadata: { component: component('folder') },
    components: ['a', 'b', 'tool'].map(component),
    dependencies: [
      { ref: 'folder@1.0.0', dependsOn: ['a@1.0.0', 'tool@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: ['b@1.0.0', 'tool@1.0.0'] },
      { ref: 'tool@1.0.0', dependsOn: ['b@1.0.0'] },
    ],
  };

  test('leaves out what only builds, and what depends on it', () => {
    expect(bomOfBundle(all, ['a 1.0.0', 'b 1.0.0'])).toMatchObject({
      components: [{ name: 'a' }, { name: 'b' }],
      dependencies: [
        { ref: 'folder@1.0.0', dependsOn: ['a@1.0.0', 'b@1.0.0'] },
        { ref: 'a@1.0.0', dependsOn: ['b@1.0.0'] },
      ],
    });
  });

  test('is not made where npm does not know a bundled package', () => {
    expect(() => bomOfBundle(all, ['a 2.0.0'])).toThrow('a 2.0.0 is in the bundle');
  });
});
