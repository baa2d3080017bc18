/**
 * Finds, reads and checks the configuration. It loads the schema and the YAML parser only if there is a configuration.
 */
import { basename, extname, resolve } from 'node:path';
import { quoteInput } from '../../usage-error.ts';
import { ValueError } from '../options/value-error.ts';
import type { Config } from './schema.ts';
import { type ConfigSource, EXTENSIONS, PACKAGE_KEY, readSource, shownFile } from './source.ts';

/** A configuration that matches the schema, and its file. */
export interface LoadedConfig extends ConfigSource {
  readonly config: Config;
}

/** Receives one line about a configuration that was found and is not used. */
export type OnPassedOver = (line: string) => void;

/**
 * Loads the configuration.
 *
 * @param file the file of `--config`, or `false` for `--no-config`. If it is undefined, the configuration is searched
 *   for.
 * @param onPassedOver is called for each configuration that is found and passed over.
 * @returns the configuration, or `undefined` if there is none.
 * @throws UsageError for a wrong configuration, with file, line and key in one line, and for one that was found and
 *   does what only a named one may do.
 * @throws ValueError for a file of `--config` that cannot be read.
 */
export async function loadConfig(
  file: string | false | undefined,
  onPassedOver: OnPassedOver = () => {},
): Promise<LoadedConfig | undefined> {
  if (file === false) return undefined;
  if (file !== undefined) return checked(await readGiven(resolve(file)));
  const { findConfig } = await import('./find.ts');
  const source = await findConfig(process.cwd(), onPassedOver);
  if (source === undefined) return undefined;
  const loaded = await checked(source);
  const { refuseBeyondLimits } = await import('./limits.ts');
  await refuseBeyondLimits(loaded);
  return loaded;
}

async function checked(source: ConfigSource): Promise<LoadedConfig> {
  const { checkedConfig } = await import('./check-config.ts');
  return { ...source, config: checkedConfig(source) };
}

async function readGiven(file: string): Promise<ConfigSource> {
  if (!EXTENSIONS.some((extension) => extension === extname(file))) {
    throw new ValueError(
      `${quoteInput(file)} is not a configuration file. Its name must end in ${EXTENSIONS.join(', ')}`,
    );
  }
  const { MAX_CONFIG_BYTES, readOptionText } = await import('../options/files.ts');
  const text = await readOptionText(file, MAX_CONFIG_BYTES);
  const source = await readSource(file, text);
  if (basename(file) === 'package.json' && source.value === undefined) {
    throw new ValueError(`${shownFile(file)} has no key ${PACKAGE_KEY}`);
  }
  return source;
}
