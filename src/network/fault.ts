/** Faults of mailcheck itself. A fault never ends the run, and it is always reported. */
import { inspect } from 'node:util';

/**
 * Receives a fault of mailcheck itself. The part that failed counts as not checked, and the run continues.
 *
 * @param where the part that failed, such as `the check "tls"`.
 */
export type OnFault = (where: string, error: unknown) => void;

/**
 * Runs `work`, and reports its error to `onFault` when it fails.
 *
 * @returns the result of `work`, or `fallback` when it fails.
 */
export async function orElse<T>(
  where: string,
  onFault: OnFault | undefined,
  work: () => T | Promise<T>,
  fallback: T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    onFault?.(where, error);
    return fallback;
  }
}

/** @returns a listener that calls `onFault` and ignores every error that `onFault` throws. */
export function quietly(onFault: OnFault | undefined): OnFault {
  return (where, error) => {
    try {
      onFault?.(where, error);
    } catch {
      // A faulty listener must not end the run.
    }
  };
}

/**
 * Marks a promise as handled. Node ends the process when a promise rejects while no code awaits it. Callers that await
 * the promise still receive its rejection.
 *
 * @returns the same promise.
 */
export function observed<T>(result: Promise<T>): Promise<T> {
  result.catch(() => {});
  return result;
}

/** @returns one line of text about a thrown value, which need not be an Error. Never throws. */
export function faultText(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
    return text.replace(/\s+/g, ' ');
  } catch {
    return 'an error that cannot be shown';
  }
}

/** @returns whether the operating system reported the error (it has an errno); other errors are faults of mailcheck. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number';
}

/** What the errors of the operating system about a file mean, in words that follow "cannot read x:". */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be too large',
  EROFS: 'the file system is read-only',
  ELOOP: 'too many symbolic links lead to it',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open (ulimit -n)',
  ENFILE: 'this machine has too many open files',
  EIO: 'the disk reports an error',
  EPIPE: 'its reader has closed it',
  ENXIO: 'nothing is connected to it',
  ETXTBSY: 'a program that runs uses it',
  EBUSY: 'another program uses it',
};

/**
 * @param access what was tried. A file that is to be written and is missing has no folder to be in.
 * @returns why a file cannot be read or written, in words for users.
 */
export function fileErrorText(error: unknown, access: 'read' | 'write'): string {
  if (!isSystemError(error)) return error instanceof Error ? error.message : String(error);
  const { code = '' } = error;
  if (code === 'ENOENT' && access === 'write') return 'there is no such folder';
  return FILE_ERRORS[code] ?? `the system reports the error ${code}`;
}

/** @returns what is wrong with a text that `JSON.parse` refused, in words for users and without a part of the text. */
export function jsonErrorText(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/Unexpected end/.test(message)) return 'the text ends too early';
  const expected = /^Expected (.+?)(?: in JSON)? at position/.exec(message)?.[1];
  if (expected !== undefined) return `expected ${expected}`;
  const [, found] = /^Unexpected token '?(.)'?(?:,| in JSON)/u.exec(message) ?? [];
  return found === undefined ? 'the syntax is wrong' : `${JSON.stringify(found)} is not expected here`;
}
