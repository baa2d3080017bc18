/** Judges whether a commit can be released, and takes the words of the release from the changelog. */

/** What a release is made from. */
export interface ReleaseInput {
  /** The tag, such as `v1.2.3`. */
  readonly tag: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly manifest: { readonly version: string; readonly repository?: string | { readonly url?: string } };
  readonly changelog: string;
  /** The text of SECURITY.md. */
  readonly security: string;
  /** The texts that tell users how to get the product, by file. */
  readonly guides: ReadonlyMap<string, string>;
  /** The names of the files in `.changeset/`. */
  readonly changesets: readonly string[];
}

/** What stands in SECURITY.md until the owner has put an address there. */
export const CONTACT = '<the address of the owner>';

/** What the guides say before the first release. */
const UNPUBLISHED = /not on npm yet|once the package is published|no image is published/i;

/** @returns what stops the release: one line for each problem, which names the file to change. */
export function releaseProblems({
  tag,
  repository,
  manifest,
  changelog,
  security,
  guides,
  changesets,
}: ReleaseInput): string[] {
  const { version } = manifest;
  const url = typeof manifest.repository === 'string' ? manifest.repository : (manifest.repository?.url ?? '');
  const isHere = [`github:${repository}`, `https://github.com/${repository}`].includes(
    url.replace(/^git\+|\.git$/g, ''),
  );
  const behind = [...guides].filter(([, text]) => UNPUBLISHED.test(text)).map(([file]) => file);
  const waiting = changesets.filter((name) => name.endsWith('.md') && name !== 'README.md');
  return [
    ...(tag === `v${version}` ? [] : [`package.json: the version is ${version}, but the tag is ${tag}`]),
    ...(isHere
      ? []
      : [
          `package.json: "repository" must be "github:${repository}" or its address, ${url === '' ? 'and is missing' : `not ${JSON.stringify(url)}`}`,
        ]),
    ...(changelogSection(changelog, version) === undefined
      ? [`CHANGELOG.md: there is no text under "## ${version}"`]
      : []),
    ...(security.includes(CONTACT) ? [`SECURITY.md: put your own address in the place of "${CONTACT}"`] : []),
    ...(behind.length === 0 ? [] : [`${behind.join(', ')}: the text says that nothing is published yet`]),
    ...(/^\d+\.\d+\.\d+$/.test(version) ? [] : [`package.json: ${version} is no version such as 1.2.3`]),
    ...(waiting.length === 0
      ? []
      : [`.changeset: ${waiting.join(', ')} must become a version first (npm run release)`]),
  ];
}

/** @returns the text below the heading of a version, up to the next version, or `undefined` if there is none. */
export function changelogSection(changelog: string, version: string): string | undefined {
  const [, ...sections] = `\n${changelog}`.split('\n## ');
  const section = sections.find((text) => text.split('\n', 1)[0]?.trim() === version);
  const text = section?.slice(section.indexOf('\n') + 1).trim() ?? '';
  return section?.includes('\n') && text !== '' ? text : undefined;
}
