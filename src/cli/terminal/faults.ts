/** Handles internal errors of mailcheck on the command line: each prints one line, and they change the exit code. */
import { faultText, isSystemError } from '../../network/fault.ts';
import { EXIT } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';

/** The lines of all internal errors so far. A repeated error is printed only once. */
const told = new Set<string>();
/** The most errors that are printed. Later ones rarely say anything new. */
const MAX_TOLD = 3;

/**
 * Prints an internal error to stderr, in one line that says how to report it. `MAILCHECK_DEBUG=1` adds the stack trace.
 *
 * @param where the part that failed, such as `the check "tls"`. It is empty if the part is not known.
 */
export function reportFault(where: string, error: unknown): void {
  const line = wantOf(error) ?? faultLine(where, error);
  if (told.has(line)) return;
  told.add(line);
  if (told.size > MAX_TOLD) return;
  const { MAILCHECK_DEBUG: debug } = process.env;
  const stack = debug && error instanceof Error && error.stack ? error.stack.split('\n') : [];
  process.stderr.write([line, ...stack.map(printable)].map((text) => `${text}\n`).join(''));
}

const WANTS = {
  files:
    'mailcheck: this machine lets the process open too few files and sockets. Raise the limit, and run it again: ulimit -n 1024',
  folder:
    'mailcheck: the working directory has been deleted, so nothing can be read or written there. Change to another one, and run it again',
} as const;

/**
 * @returns the line about an error that the user's machine causes, so that it is no bug of mailcheck. It is `undefined`
 *   for any other error.
 */
function wantOf(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  if (error.code === 'EMFILE' || error.code === 'ENFILE') return WANTS.files;
  return error.syscall === 'uv_cwd' ? WANTS.folder : undefined;
}

/** @returns the line about an internal error, safe to print. */
function faultLine(where: string, error: unknown): string {
  const part = where === '' ? '' : ` in ${where}`;
  return printable(
    `mailcheck: internal error${part}: ${faultText(error)}. This is a bug in mailcheck: please report it to its maintainers with this line, the command you typed and the output of "mailcheck --version" (MAILCHECK_DEBUG=1 shows where it happened)`,
  );
}

/**
 * @returns the exit code of the process. After an internal error it replaces the code of the run, unless the user has
 *   interrupted the run.
 */
export function exitCodeAfterFaults(code: number): number {
  const isInterrupted = code > 128;
  if (told.size === 0 || isInterrupted) return code;
  const wants: readonly string[] = Object.values(WANTS);
  return [...told].every((line) => wants.includes(line)) ? EXIT.usage : EXIT.fault;
}
