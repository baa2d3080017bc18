/**
 * Judges whether a commit can be released: `node tools/release.ts v1.2.3 owner/name`. Prints what the changelog says of the
 * version, for the text of the release, or one line for each problem.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { guides as guideNames } from './guides.ts';
import { changelogSection, releaseProblems } from './release/problems.ts';

const root = new URL('../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const [tag, repository, ...others] = process.argv.slice(2);
if (tag === undefined || repository === undefined || others.length > 0) {
  process.stderr.write('usage: npm run -s release:check -- <tag> <owner/name>\n');
  process.exitCode = 2;
} else {
  const manifest = JSON.parse(textOf('package.json'));
  const changelog = textOf('CHANGELOG.md');
  const pages = ['README.md', ...guideNames.map((name) => `docs/${name}.md`)];
  const guides = new Map(pages.map((page) => [page, textOf(page)]));
  const changesets = readdirSync(new URL('.changeset', root));
  const problems = releaseProblems({
    tag,
    repository,
    manifest,
    changelog,
    security: textOf('SECURITY.md'),
    guides,
    changesets,
  });
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else process.stdout.write(`${changelogSection(changelog, manifest.version)}\n`);
}
