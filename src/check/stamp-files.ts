/**
 * Keeps the stamps of asked receivers as files in the cache folder of the user, one for each receiver, address and day.
 * The name of the file has the day, so that creating it is the claim, and only one of several processes gets it.
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IpAddress } from '../network/ip.ts';
import { type Claim, dayOf, type StampBook } from './facts/asking/stamp.ts';
import type { Said } from './facts/asking/stamp-schema.ts';

/** The largest stamp that is read, in bytes. */
const MAX_BYTES = 262_144;

/**
 * @param cacheFolder the folder of mailcheck in the cache of the user. It is created when the first receiver is asked. With
 *   `null` there is none, and no receiver can be asked.
 */
export function stampFiles(cacheFolder: string | null): StampBook {
  if (cacheFolder === null) {
    const unusable: Claim = { status: 'unusable', detail: 'this machine has no cache folder (HOME is not set)' };
    return { claim: async () => unusable, keep: async () => {}, release: async () => {} };
  }
  const folder = join(cacheFolder, 'asked');
  const baseOf = (receiver: string, ip: IpAddress): string => `${receiver}_${ip.replaceAll(':', '-')}_`;
  const fileOf = (receiver: string, ip: IpAddress, now: number): string =>
    join(folder, `${baseOf(receiver, ip)}${dayOf(now)}.json`);
  return {
    async claim(receiver, ip, now) {
      const file = fileOf(receiver, ip, now);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await write(file, { askedAt: now, said: null }, 'wx');
      } catch (error) {
        return isThere(error) ? read(file) : { status: 'unusable', detail: `${file}: ${reasonOf(error)}` };
      }
      await removeOlder(folder, baseOf(receiver, ip), file);
      return { status: 'free' };
    },
    async keep(receiver, ip, now, said) {
      await quietly(write(fileOf(receiver, ip, now), { askedAt: now, said }, 'w'));
    },
    async release(receiver, ip, now) {
      await quietly(rm(fileOf(receiver, ip, now), { force: true }));
    },
  };
}

async function write(file: string, stamp: { askedAt: number; said: Said | null }, flag: 'w' | 'wx'): Promise<void> {
  const handle = await open(file, flag, 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(stamp, null, 2)}\n`);
  } finally {
    await handle.close();
  }
}

/** Reads the stamp of today. A file that is no stamp says only that the receiver was asked. */
async function read(file: string): Promise<Claim> {
  // Few runs find a stamp of today, and the schema takes long to load.
  const { stampSchema } = await import('./facts/asking/stamp-schema.ts');
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await handle.stat();
      const text = size > MAX_BYTES ? '' : await handle.readFile('utf8');
      const { askedAt, said } = stampSchema.parse(JSON.parse(text));
      return { status: 'asked', at: askedAt, said };
    } finally {
      await handle.close();
    }
  } catch {
    return { status: 'asked', at: null, said: null };
  }
}

/** Removes the stamps of earlier days. One that stays does no harm. */
async function removeOlder(folder: string, base: string, file: string): Promise<void> {
  const older = (name: string): boolean =>
    name.startsWith(base) && /^\d{4}-\d\d-\d\d\.json$/.test(name.slice(base.length)) && join(folder, name) !== file;
  await quietly(
    readdir(folder).then((names) => Promise.all(names.filter(older).map((name) => rm(join(folder, name))))),
  );
}

/** Waits for work that may fail without effect on the run. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}

const isThere = (error: unknown): boolean => codeOf(error) === 'EEXIST';

const reasonOf = (error: unknown): string => codeOf(error) ?? 'it cannot be written';

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
