/** Handles internal errors of mailcheck on the command line: each prints one line, and they change the exit code. */
import { faultText, isSystemError } from '../../network/fault.ts';
import { EXIT } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';

/** The lines of all internal errors so far. A repeated error is printed only once. */
const reported = new Set<string>();
/** The most errors that are printed. Later ones rarely say anything new. */
const MAX_REPORTED = 3;

/**
 * Prints an internal error to stderr, in one line that says how to report it. `MAILCHECK_DEBUG=1` adds the stack trace.
 *
 * @param where the part that failed, such as `the check "tls"`. It is empty if the part is not known.
 */
export function reportFault(where: string, error: unknown): void {
  const line = machineErrorLine(error) ?? faultLine(where, error);
  if (reported.has(line)) return;
  reported.add(line);
  if (reported.size > MAX_REPORTED) return;
  const { MAILCHECK_DEBUG: debug } = process.env;
  const stack = debug && error instanceof Error && error.stack ? error.stack.split('\n') : [];
  process.stderr.write([line, ...stack.map(printable)].map((text) => `${text}\n`).join(''));
}

const MACHINE_ERRORS = {
  files:
    'mailcheck: this machine lets the process open too few files and sockets. Raise the limit, and run it again: ulimit -n 1024',
  folder:
    'mailcheck: the working directory has been deleted, so nothing can be read or written there. Change to another one, and run it again',
} as const;

/**
 * @returns the line about an error that the user's machine causes, so that it is no bug of mailcheck. It is `undefined`
 *   for any other error.
 */
function machineErrorLine(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  if (error.code === 'EMFILE' || error.code === 'ENFILE') return MACHINE_ERRORS.files;
  return error.syscall === 'uv_cwd' ? MACHINE_ERRORS.folder : undefined;
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
  if (reported.size === 0 || isInterrupted) return code;
  const machineErrors: readonly string[] = Object.values(MACHINE_ERRORS);
  return [...reported].every((line) => machineErrors.includes(line)) ? EXIT.usage : EXIT.fault;
}
