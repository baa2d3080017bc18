/**
 * Writes THIRD-PARTY-NOTICES.txt: the licences of the packages whose code the build puts into dist/. Nearly all of
 * these licences require their notice in every copy. third-party-notices.json has the texts that packages do not
 * contain.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

const LICENCE_FILE = /^(?:licen[cs]e|copying|copyright|notice)(?:[-.].*)?$/i;
const CODE_FILE = /\.(?:json|[cm]?[jt]s)$/i;
const NODE_MODULES = 'node_modules/';
/** Stands before the section of each package. */
const SEPARATOR = `${'='.repeat(80)}\n\n`;

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { texts, data } = readJson(new URL('third-party-notices.json', import.meta.url));

/**
 * @param metafile the metafile of esbuild for a build in `root`. Only a package with bytes in an output counts.
 * @returns the text of the file.
 * @throws Error for a package whose licence text is not known, or for code outside any package.
 */
export function thirdPartyNotices(metafile, root) {
  const packages = bundledFolders(metafile, root)
    .map((folder) => ({ folder, ...readJson(join(folder, 'package.json')) }))
    .sort((one, other) => compare(one.name, other.name) || compare(one.version, other.version));
  const head = `The files in dist/ hold code of these ${packages.length} packages besides mailcheck's own.\n`;
  return [head, ...packages.map(notice)].join(`\n${SEPARATOR}`);
}

/** @returns each package that a text of notices names, as `name version`. */
export function bundledPackages(notices) {
  const [, ...sections] = notices.split(SEPARATOR);
  return sections.map((section) => section.slice(0, section.indexOf('\n')));
}

/** Returns the folder of each package with bytes in an output. Two versions of one package have two folders. */
function bundledFolders({ outputs }, root) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const present = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return [...new Set(present.map(([input]) => packageFolder(input, resolve(root).replaceAll(sep, '/'))))].filter(
    (folder) => folder !== null,
  );
}

/** Returns the folder of the package that a file belongs to, or null for a file of mailcheck itself. */
function packageFolder(input, root) {
  // esbuild adds a prefix such as "(disabled):" to some paths.
  const path = resolve(root, input.replace(/^[^/]*:/, '')).replaceAll(sep, '/');
  const below = path.startsWith(`${root}/`) ? path.slice(root.length) : null;
  if (below !== null && !below.includes(NODE_MODULES)) return null;
  const start = path.lastIndexOf(NODE_MODULES) + NODE_MODULES.length;
  const [name] = /^(?:@[^/]+\/)?[^/]+/.exec(path.slice(start)) ?? [];
  if (!path.includes(NODE_MODULES) || name === undefined) throw new Error(`Bundled from outside any package: ${path}`);
  return path.slice(0, start) + name;
}

function notice(pack) {
  const { name, version, license, homepage } = pack;
  const about = [
    ['Licence', license],
    ['Author', authorOf(pack)],
    ['Homepage', homepage ?? repositoryOf(pack)],
  ].filter(([, value]) => typeof value === 'string');
  return [
    `${name} ${version}\n${about.map(([what, value]) => `${what}: ${value}\n`).join('')}`,
    ...(data[name] ? [`${data[name].join('\n')}\n`] : []),
    ...licenceTexts(pack),
  ].join('\n');
}

function authorOf({ author }) {
  return typeof author === 'string' ? author : author?.name;
}

/** Returns the address of the repository. In npm `owner/name` means a repository on GitHub. */
function repositoryOf({ repository }) {
  const url = repository?.url ?? repository;
  return /^[\w.-]+\/[\w.-]+$/.test(url) ? `https://github.com/${url}` : url?.replace(/^git\+|\.git$/g, '');
}

function licenceTexts(pack) {
  const { folder, name, version, license } = pack;
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file) && !CODE_FILE.test(file));
  const found = files.sort(compare).map((file) => readFileSync(join(folder, file), 'utf8'));
  const written = found.map((text) => `${text.replaceAll('\r\n', '\n').trim()}\n`).filter((text) => text !== '\n');
  if (written.length > 0) return written;
  const standard = texts[license];
  if (standard === undefined) {
    const known = Object.keys(texts).join(', ');
    throw new Error(
      `${name} ${version} is bundled without a notice: it has no licence file, and third-party-notices.json has no text ` +
        `for its licence ${JSON.stringify(license) ?? 'field, which is missing'} (only ${known}).`,
    );
  }
  const holder = authorOf(pack) ?? `the authors of ${name}`;
  return [
    `The package has no licence file. This is the usual text of ${license}.\n`,
    `${standard.join('\n').replace('{holder}', () => holder)}\n`,
  ];
}

/** Compares by code units, so that the order is the same on every machine. */
function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
