/** Finds, reads and checks the configuration. What only a run with one needs is loaded when there is one. */
import { basename, extname, resolve } from 'node:path';
import { quoteInput } from '../../usage-error.ts';
import { ValueError } from '../options/value-error.ts';
import type { Config } from './schema.ts';
import { type ConfigSource, EXTENSIONS, PACKAGE_KEY, readSource, shownFile } from './source.ts';

export interface LoadedConfig extends ConfigSource {
  readonly config: Config;
}

/**
 * @param file of `--config`; `false` for none (`--no-config`); found, where it is not given.
 * @returns the configuration, or `undefined` where there is none.
 * @throws UsageError, one line with file, line, key and what is wrong; ValueError for a file that cannot be read.
 */
export async function loadConfig(file: string | false | undefined): Promise<LoadedConfig | undefined> {
  if (file === false) return undefined;
  const source = file === undefined ? await found() : await readGiven(resolve(file));
  if (source === undefined) return undefined;
  const { checkedConfig } = await import('./check-config.ts');
  return { ...source, config: checkedConfig(source) };
}

async function found(): Promise<ConfigSource | undefined> {
  const { findConfig } = await import('./find.ts');
  return findConfig(process.cwd());
}

async function readGiven(file: string): Promise<ConfigSource> {
  if (!EXTENSIONS.some((extension) => extension === extname(file))) {
    throw new ValueError(`${quoteInput(file)} is none of ${EXTENSIONS.join(', ')}`);
  }
  const { readOptionText } = await import('../options/files.ts');
  const text = await readOptionText(file);
  const source = await readSource(file, text);
  if (basename(file) === 'package.json' && source.value === undefined) {
    throw new ValueError(`${shownFile(file)} has no key ${PACKAGE_KEY}`);
  }
  return source;
}
