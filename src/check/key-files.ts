/**
 * Keeps what was seen of DKIM keys as files in the cache folder of the user, one for each key and name. A file holds a
 * time and a TTL, and no key.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyBook } from './facts/key-sighting.ts';

/** The largest file that is read, in bytes. */
const MAX_BYTES = 4096;

/**
 * @param cacheFolder the folder of mailcheck in the cache of the user. It is created when something is kept. With `null`
 *   nothing is kept.
 */
export function keyFiles(cacheFolder: string | null): KeyBook {
  if (cacheFolder === null) return { known: async () => null, keep: async () => {} };
  const folder = join(cacheFolder, 'keys');
  const fileOf = (name: string, fingerprint: string): string =>
    join(folder, `${createHash('sha256').update(`${name} ${fingerprint}`).digest('hex')}.json`);
  return {
    async known(name, fingerprint) {
      try {
        const text = await textOf(fileOf(name, fingerprint));
        // Few runs find a file, and the schema takes long to load.
        const { sightingSchema } = await import('./facts/key-sighting-schema.ts');
        return sightingSchema.parse(JSON.parse(text));
      } catch {
        return null;
      }
    },
    async keep(name, fingerprint, sighting) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(fileOf(name, fingerprint), `${JSON.stringify(sighting)}\n`, { mode: 0o600 });
      } catch {
        // Without the file, a later run waits longer than it would need to.
      }
    },
  };
}

async function textOf(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    return size > MAX_BYTES ? '' : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
