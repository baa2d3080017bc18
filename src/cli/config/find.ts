/** Searches for the configuration file. */
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { lilconfig } from 'lilconfig';
import { UsageError } from '../../usage-error.ts';
import { type ConfigSource, EXTENSIONS, PACKAGE_KEY, readSource, shownFile } from './source.ts';

/** The file names to look for, in this order. */
const PLACES = [...EXTENSIONS.map((extension) => `mailcheck.config${extension}`), 'package.json'];

/**
 * Searches for a configuration, from a directory upwards to the root of its repository. Outside a repository the search
 * ends at the home directory.
 *
 * @returns the configuration, or `undefined` if there is none.
 * @throws UsageError for a file that is empty, cannot be read, or is not valid JSON or YAML.
 */
export async function findConfig(from: string): Promise<ConfigSource | undefined> {
  // A package.json that cannot be read, or that has no key for mailcheck, is no error. It has another purpose.
  const load = async (file: string, text: string): Promise<ConfigSource | Record<string, ConfigSource>> => {
    if (basename(file) !== 'package.json') return readSource(file, text);
    const source = await readSource(file, text).catch(() => undefined);
    return source?.value === undefined ? {} : { [PACKAGE_KEY]: source };
  };
  const search = lilconfig('mailcheck', {
    searchPlaces: PLACES,
    stopDir: (await repositoryOf(from)) ?? homedir(),
    packageProp: PACKAGE_KEY,
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: Object.fromEntries(EXTENSIONS.map((extension) => [extension, load])),
  });
  try {
    const found = await search.search(from);
    if (found?.isEmpty) throw new UsageError(`${shownFile(found.filepath)}:1:1: the file is empty`);
    return found?.config ?? undefined;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read the configuration: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function repositoryOf(directory: string): Promise<string | undefined> {
  const isRoot = await access(join(directory, '.git')).then(
    () => true,
    () => false,
  );
  if (isRoot) return directory;
  const parent = dirname(directory);
  return parent === directory ? undefined : repositoryOf(parent);
}
