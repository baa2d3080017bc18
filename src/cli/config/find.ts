/** Searches for the configuration file, and passes over what a stranger may have written. */
import { dirname, join } from 'node:path';
import { UsageError } from '../../usage-error.ts';
import { MAX_CONFIG_BYTES, readOptionText } from '../options/files.ts';
import { ValueError } from '../options/value-error.ts';
import { byName } from './by-name.ts';
import { type ConfigSource, EXTENSIONS, isCode, readSource, shownFile } from './source.ts';
import { isRepositoryRoot, judgeFound } from './trust.ts';

/** The file names to look for, in this order. */
const PLACES = [...EXTENSIONS.map((extension) => `mailcheck.config${extension}`), 'package.json'];

/**
 * Searches for a configuration, from a directory upwards to the root of its repository. Outside a repository it looks
 * in the directory alone. A file is passed over if somebody else may have written it, or if it is code.
 *
 * @param onPassedOver is called with one line about each file that is passed over.
 * @returns the configuration, or `undefined` if there is none.
 * @throws UsageError for a file that is empty, cannot be read, or is not valid JSON or YAML.
 */
export async function findConfig(
  from: string,
  onPassedOver: (line: string) => void,
): Promise<ConfigSource | undefined> {
  const folders = await searched(from);
  for (const [index, folder] of folders.entries()) {
    for (const name of PLACES) {
      const file = join(folder, name);
      const judged = await judgeFound(file, folders.slice(0, index + 1));
      if (judged.kind === 'missing') continue;
      if (judged.kind === 'unusable') {
        if (name !== 'package.json') onPassedOver(`ignored ${shownFile(file)}: ${judged.why}`);
        continue;
      }
      const isPackage = name === 'package.json';
      const inPackage = isPackage ? await sourceInPackage(file) : undefined;
      if (isPackage && inPackage === undefined) continue;
      const why = judged.kind === 'distrusted' ? judged.why : isCode(file) ? CODE : undefined;
      if (why === undefined) return inPackage ?? readFound(file);
      onPassedOver(`ignored ${shownFile(file)}: ${why}. If you trust it, ${byName(file)}`);
    }
  }
  return undefined;
}

/** Why a configuration that is code is passed over. */
const CODE = 'a configuration that is code runs only if you name it';

/** Returns the folders to look in, the given one first. */
async function searched(from: string): Promise<string[]> {
  const folders = [from];
  for (let folder = from; !(await isRepositoryRoot(folder)); folder = dirname(folder)) {
    if (dirname(folder) === folder) return [from];
    folders.push(dirname(folder));
  }
  return folders;
}

/**
 * Reads the configuration in a `package.json`. One that has no key for mailcheck or cannot be read is no error, since
 * the file has another purpose.
 */
async function sourceInPackage(file: string): Promise<ConfigSource | undefined> {
  const read = async (): Promise<ConfigSource> => readSource(file, await readOptionText(file, MAX_CONFIG_BYTES));
  const source = await read().catch(() => undefined);
  return source?.value === undefined ? undefined : source;
}

async function readFound(file: string): Promise<ConfigSource> {
  const text = await readOptionText(file, MAX_CONFIG_BYTES).catch((error: unknown) => {
    // The user has typed no option that this could be about.
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  });
  if (text.trim() === '') throw new UsageError(`${shownFile(file)}:1:1: the file is empty`);
  return readSource(file, text);
}
