/** Reads a configuration file: its value, and the place of each part in the file. */
import { basename, extname, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../usage-error.ts';
import { keyPath, type Path } from './path.ts';

/** A configuration file after it is read, and before it is checked. */
export interface ConfigSource {
  /** The absolute path of the file. */
  readonly file: string;
  readonly value: unknown;
  /** @returns the place of a part for an error message: `file:line:column: key`. A module has no line and column. */
  place(path: Path, which?: 'key' | 'value'): string;
}

/** The key of `package.json` that contains a configuration. */
export const PACKAGE_KEY = 'mailcheck';

/** The file name extensions of a configuration. */
export const EXTENSIONS = ['.json', '.yaml', '.yml', '.js', '.mjs'] as const;

/** @returns whether a configuration file is a module, which is run. */
export function isCode(file: string): boolean {
  return ['.js', '.mjs'].includes(extname(file));
}

/** @returns the file name for errors and reports. It is relative if the file is below the working directory. */
export function shownFile(file: string): string {
  const near = relative(process.cwd(), file);
  return near === '' || near.startsWith('..') ? file : near;
}

/**
 * Reads a configuration from JSON or YAML text. A file with the extension `.js` or `.mjs` is run as a module instead.
 *
 * @throws UsageError with file and line for text that is not JSON or YAML, or with the message of an error in the
 *   module.
 */
export async function readSource(file: string, text: string): Promise<ConfigSource> {
  if (isCode(file)) return moduleSource(file);
  const { readText } = await import('./text.ts');
  const { value: whole, locate } = readText(text.replace(/^\uFEFF/, ''), extname(file) === '.json', shownFile(file));
  const isPackage = basename(file) === 'package.json';
  const prefix = isPackage ? [PACKAGE_KEY] : [];
  return {
    file,
    value: isPackage ? memberOf(whole, PACKAGE_KEY) : whole,
    place: (path, which = 'value') => {
      const { line, column } = locate([...prefix, ...path], which);
      return placeText(`${shownFile(file)}:${line}:${column}`, path);
    },
  };
}

function placeText(where: string, path: Path): string {
  return path.length === 0 ? where : `${where}: ${keyPath(path)}`;
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

/** Runs a module, whose default export is the configuration, a promise of it, or a function that returns either. */
async function moduleSource(file: string): Promise<ConfigSource> {
  const name = shownFile(file);
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href);
    const { default: exported } = module;
    const value: unknown = await (typeof exported === 'function' ? exported() : exported);
    return { file, value, place: (path) => placeText(name, path) };
  } catch (error) {
    throw new UsageError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
