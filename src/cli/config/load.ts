/** Finds, reads and checks the configuration. What only a run with one needs is loaded when there is one. */
import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { quoteInput, UsageError } from '../../usage-error.ts';
import type { Config } from './schema.ts';
import { type ConfigSource, EXTENSIONS, PACKAGE_KEY, readSource, shownFile } from './source.ts';

export interface LoadedConfig extends ConfigSource {
  readonly config: Config;
}

/**
 * @param file of `--config`; `false` for none (`--no-config`); found, where it is not given.
 * @returns the configuration, or `undefined` where there is none.
 * @throws UsageError, one line with file, line, key and what is wrong.
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
    throw new UsageError(`--config: ${quoteInput(file)} is none of ${EXTENSIONS.join(', ')}`);
  }
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--config: cannot read ${quoteInput(file)}: ${error.message}`);
  });
  const source = await readSource(file, text);
  if (basename(file) === 'package.json' && source.value === undefined) {
    throw new UsageError(`--config: ${shownFile(file)} has no key ${PACKAGE_KEY}`);
  }
  return source;
}
