/**
 * Knows which open files the process was given when it started, as by `3>file` or `<(command)` in a shell. The others
 * are Node.js's own, which nothing may be written to or read from by their number, or were opened since.
 *
 * The entry point of the command line imports this module, so that the list is made before anything is opened.
 */
import { fstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';

/** The numbers of stdin, stdout and stderr, which are always those that the process was given. */
const STANDARD: Readonly<Record<string, number>> = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 };

/** What the name of an open file stands for. */
interface OpenFile {
  readonly number: number;
  /** Why it is not used, in words. */
  readonly refusal: string | undefined;
}

/** @returns the open file of this process that has this name, such as 1 for `/dev/stdout`. */
export function openFileOf(file: string): OpenFile | undefined {
  const path = resolve(file);
  const digits = /^(?:\/dev|\/proc\/(?:self|thread-self|\d+\/task\/\d+|\d+))\/fd\/(\d+)$/.exec(path)?.[1];
  const pid = /^\/proc\/(\d+)\//.exec(path)?.[1];
  if (pid !== undefined && Number(pid) !== process.pid) return undefined;
  const number = digits === undefined ? STANDARD[path] : Number(digits);
  if (number === undefined) return undefined;
  const isGiven = number <= 2 || given === undefined || given.has(number);
  return { number, refusal: isGiven ? undefined : `no open file was passed as number ${number}` };
}

/** An open file of the process. */
interface Opened {
  readonly number: number;
  /** What the file is, such as a path or `pipe:[4711]`. */
  readonly link: string;
  /** 0 for reading, 1 for writing, 2 for both (open(2)). */
  readonly access: number;
}

/** The numbers from 3 that the process was given, or `undefined` on a system that does not list them. */
const given = givenNumbers();

function givenNumbers(): ReadonlySet<number> | undefined {
  const all = openedNow();
  return all === undefined ? undefined : new Set(all.filter((one) => isGiven(one, all)).map(({ number }) => number));
}

function openedNow(): Opened[] | undefined {
  let numbers: string[];
  try {
    numbers = readdirSync('/proc/self/fd');
  } catch {
    return undefined;
  }
  return numbers.flatMap((name) => {
    try {
      const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1] ?? '';
      return [
        { number: Number(name), link: readlinkSync(`/proc/self/fd/${name}`), access: Number.parseInt(flags, 8) & 3 },
      ];
    } catch {
      // The folder was open while it was listed.
      return [];
    }
  });
}

/**
 * Node.js opens event queues (`anon_inode:`) and pipes. It holds both ends of its pipes, and a shell keeps one end of a
 * pipe that it passes. The flag that closes a file in a new program does not tell them apart: Node.js sets it on what
 * it was given as well.
 */
function isGiven({ number, link, access }: Opened, all: readonly Opened[]): boolean {
  const found = fstatSync(number);
  if (found.isFIFO())
    return link.startsWith('/') || !all.some((other) => other.link === link && other.access !== access);
  return found.isFile() || (found.isCharacterDevice() && link.startsWith('/'));
}
