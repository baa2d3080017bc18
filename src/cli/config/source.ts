/** A configuration as it was read: its value, and where in the file each part of it stands. */
import { basename, extname, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../usage-error.ts';
import { keyPath, type Path } from './path.ts';

export interface ConfigSource {
  /** Absolute. */
  readonly file: string;
  readonly value: unknown;
  /** `file:line:column: key`, as far as it is known, for the line of an error. */
  place(path: Path, which?: 'key' | 'value'): string;
}

/** The key of `package.json` that holds a configuration. */
export const PACKAGE_KEY = 'mailcheck';

export const EXTENSIONS = ['.json', '.yaml', '.yml', '.js', '.mjs'] as const;

/** @returns the name of a file as errors and reports show it: from the working directory, where it is below it. */
export function shownFile(file: string): string {
  const near = relative(process.cwd(), file);
  return near === '' || near.startsWith('..') ? file : near;
}

/**
 * Reads the text of a configuration file, or runs the module.
 *
 * @throws UsageError with file and line, where it is neither JSON nor YAML, or with what the module threw.
 */
export async function readSource(file: string, text: string): Promise<ConfigSource> {
  const extension = extname(file);
  if (extension === '.js' || extension === '.mjs') return moduleSource(file);
  const { locate, parseText } = await import('./text.ts');
  const content = text.replace(/^\uFEFF/, '');
  const whole = parseText(content, extension === '.json', shownFile(file));
  const isPackage = basename(file) === 'package.json';
  const prefix = isPackage ? [PACKAGE_KEY] : [];
  return {
    file,
    value: isPackage ? memberOf(whole, PACKAGE_KEY) : whole,
    place: (path, which = 'value') => {
      const { line, column } = locate(content, [...prefix, ...path], which);
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

/** A module may export the configuration, a promise of it, or a function that returns either. */
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
