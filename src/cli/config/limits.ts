/**
 * Limits what a configuration that was found may do. Somebody else may have written it, as with a repository that was
 * cloned. It may choose what is checked and how it is judged. It may not lead mailcheck to files elsewhere, nor lift
 * what protects the user's network. `--config` names the file, and lifts these limits.
 */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { parseServer } from '../../network/dns/servers.ts';
import { isSystemError } from '../../network/fault.ts';
import { refusal as refusalOf } from '../../network/gate.ts';
import type { IpAddress } from '../../network/ip.ts';
import { UsageError } from '../../usage-error.ts';
import { KINDS } from '../options/kinds.ts';
import { listKeysOf } from '../options/lists.ts';
import type { OptionRow } from '../options/row.ts';
import { OPTIONS, type OptionName } from '../options/table.ts';
import { byName } from './by-name.ts';
import { RUN_KEYS, TARGET_KEYS } from './keys.ts';
import type { Path } from './path.ts';
import type { Config } from './schema.ts';
import type { ConfigSource } from './source.ts';

/** A configuration that was found. */
interface Found extends ConfigSource {
  readonly config: Config;
}

interface Entry {
  readonly row: OptionRow;
  readonly name: OptionName;
  readonly value: unknown;
  readonly path: Path;
}

/**
 * @throws UsageError for a key that only a named configuration may have, for a file that is not below the folder of the
 *   configuration, or for a DNS server on an address that is not public.
 */
export async function refuseBeyondLimits(loaded: Found): Promise<void> {
  const folder = dirname(loaded.file);
  const isBelow = await insideOf(folder);
  const refusal = (path: Path, what: string): UsageError =>
    new UsageError(`${loaded.place(path)}: ${what}. If you trust the file, ${byName(loaded.file)}`);
  for (const { row, name, value, path } of entriesOf(loaded)) {
    if (row.config?.isForNamedFile && value !== false) {
      throw refusal(path, 'a configuration that was not named may not set this');
    }
    if (name === 'dns' && hasListKeys()) {
      throw refusal(path, 'a configuration that was not named may not choose the DNS servers that see your list keys');
    }
    for (const [index, server] of (name === 'dns' && Array.isArray(value) ? value : []).entries()) {
      const why = await whyNotPublic(server);
      if (why !== undefined) {
        throw refusal([...path, index], `a configuration that was not named may only use public DNS servers: ${why}`);
      }
    }
    for (const file of KINDS[row.takes].filesIn?.(value) ?? []) {
      if (!(await isBelow(resolve(folder, file)))) {
        throw refusal(path, `a configuration that was not named may only use files below ${folder}`);
      }
    }
  }
}

function* entriesOf({ config }: Found): Iterable<Entry> {
  yield* entriesAt(config, [], new Map([...TARGET_KEYS, ...RUN_KEYS]));
  for (const [index, target] of (config.targets ?? []).entries()) {
    yield* entriesAt(target, ['targets', index], TARGET_KEYS);
  }
}

function* entriesAt(values: object, path: Path, keys: ReadonlyMap<string, OptionName>): Iterable<Entry> {
  for (const [key, value] of Object.entries(values)) {
    const name = keys.get(key);
    if (name !== undefined && value !== undefined) yield { row: OPTIONS[name], name, value, path: [...path, key] };
  }
}

/**
 * Returns why a DNS server has no public address, in words. An address that may lead inside through a translator (NAT64)
 * counts as such, since no server may be asked yet. A text that is no address is refused later.
 */
export async function whyNotPublic(server: unknown): Promise<string | undefined> {
  const address = addressOf(server);
  if (address === undefined) return undefined;
  const why = await refusalOf(address, { allowPrivate: false, translators: async () => null });
  return why === undefined ? undefined : `${address} is ${why}`;
}

function addressOf(server: unknown): IpAddress | undefined {
  try {
    return parseServer(String(server)).address;
  } catch {
    return undefined;
  }
}

/** Returns whether the environment has a key of a block list, which stands in the names of DNS questions. */
export function hasListKeys(): boolean {
  return Object.keys(listKeysOf(process.env)).length > 0;
}

/**
 * Returns a function that tells whether a file is below a folder, through all symbolic links. The folder `.git` of the
 * repository does not count as below, since git runs what stands in it.
 */
async function insideOf(folder: string): Promise<(file: string) => Promise<boolean>> {
  const root = await realpath(folder);
  const known = new Map<string, Promise<boolean>>();
  const judge = async (file: string): Promise<boolean> => {
    const place = await realPlace(file);
    if (place === undefined) return false;
    const way = relative(root, place);
    const parts = way.split(sep);
    if (way === '' || parts[0] === '..' || isAbsolute(way)) return false;
    return !parts.some((part) => part.toLowerCase() === '.git');
  };
  return (file) => {
    const answer = known.get(file) ?? judge(file);
    known.set(file, answer);
    return answer;
  };
}

/**
 * Returns the real path of a file, which need not exist. It is `undefined` if a link leads to a place that does not
 * exist, since somebody may make it later.
 */
async function realPlace(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!isSystemError(error) || dirname(file) === file) throw error;
    if (await isLink(file)) return undefined;
    const folder = await realPlace(dirname(file));
    return folder === undefined ? undefined : join(folder, basename(file));
  }
}

async function isLink(file: string): Promise<boolean> {
  return lstat(file).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}
