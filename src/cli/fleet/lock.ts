/**
 * Keeps two processes from using one folder at the same time. The lock names its process. On the machine of that process
 * the lock is stale when the process is gone. On another machine, which may share the folder, it is stale when it has not
 * been touched for a minute.
 */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isSystemError } from '../../network/fault.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';

/** A lock that this process holds. */
export interface Lock {
  release(): Promise<void>;
}

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  /** When the process was started, in the units of the system. `null` where the system does not tell. */
  readonly start: string | null;
  /** The machine and its start. */
  readonly machine: string;
}

/** Milliseconds between two touches of a lock. */
const TOUCH_MS = 10_000;

/** Milliseconds after which a lock of another machine is stale. */
const STALE_MS = 60_000;

/** The most attempts to take a lock that others take and leave. */
const ATTEMPTS = 5;

/**
 * Takes the lock in a file.
 *
 * @param folder the name of what is locked, for error messages.
 * @throws UsageError if another process holds it, and the error of the system for a file that cannot be written.
 */
export async function takeLock(file: string, folder: string): Promise<Lock> {
  const own: Holder = { pid: process.pid, start: await startOf(process.pid), machine: await machineName() };
  const text = JSON.stringify(own);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await create(file, text)) return held(file, text);
    const found = await readFile(file, 'utf8').catch(() => undefined);
    if (found === undefined) continue;
    if (!(await isStale(found, file, own))) {
      const { pid } = holderIn(found) ?? {};
      throw new UsageError(
        `another mailcheck${pid === undefined ? '' : ` (process ${pid})`} uses ${quoteInput(folder)}. Wait for its end, or use another folder`,
      );
    }
    await removeStale(file, found);
  }
  throw new UsageError(`other processes are taking ${quoteInput(folder)}. Use another folder`);
}

async function create(file: string, text: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

function held(file: string, text: string): Lock {
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, TOUCH_MS);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      if ((await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true });
    },
  };
}

/** Removes a lock, unless another process has replaced it in the meantime. */
async function removeStale(file: string, found: string): Promise<void> {
  const aside = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await rename(file, aside);
    // What was moved may be the new lock of somebody who was faster.
    if ((await readFile(aside, 'utf8')) !== found) await link(aside, file).catch(() => {});
    await rm(aside, { force: true });
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
  }
}

async function isStale(text: string, file: string, own: Holder): Promise<boolean> {
  const holder = holderIn(text);
  if (holder === undefined || holder.machine !== own.machine) {
    const found = await stat(file).catch(() => undefined);
    return found === undefined || Date.now() - found.mtimeMs > STALE_MS;
  }
  return !isRunning(holder.pid) || (await startOf(holder.pid)) !== holder.start;
}

function holderIn(text: string): Holder | undefined {
  try {
    const { pid, start, machine }: Partial<Holder> = JSON.parse(text);
    if (typeof pid !== 'number' || typeof machine !== 'string') return undefined;
    return { pid, start: typeof start === 'string' ? start : null, machine };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isSystemError(error) && error.code === 'EPERM';
  }
}

/** Returns when a process was started, in the units of Linux. `null` elsewhere. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name of the program may have blanks, and ends with the last parenthesis (proc_pid_stat(5)).
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** Returns a name of this machine that changes when it starts again. */
async function machineName(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${hostname()} ${boot.trim()}`.trim();
}
