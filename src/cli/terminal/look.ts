/** Decides how text for the terminal looks: with or without colours, how wide, and for which shell. */
import type { WriteStream } from 'node:tty';

/** What the user chose with `--color` or `--no-color`. */
let chosen: boolean | undefined;

/** Uses colours, or none, whatever the environment says. */
export function chooseColor(color: boolean): void {
  chosen = color;
}

/**
 * @returns whether to use colours. `--color` and `--no-color` decide, then FORCE_COLOR if it is set, then NO_COLOR
 *   (no-color.org). Otherwise colours are used if the stream is a terminal.
 */
export function useColor(stream: Pick<WriteStream, 'isTTY'>): boolean {
  if (chosen !== undefined) return chosen;
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = process.env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (none !== undefined && none !== '') return false;
  return stream.isTTY === true && term !== 'dumb';
}

/** The width of a text whose terminal is not known, in columns. */
export const USUAL_WIDTH = 80;
/** The widest text, in columns. Longer lines are hard to read. */
const MAX_WIDTH = 100;

/** @returns the width of the text on stdout, in columns: that of the terminal, else `COLUMNS`, else 80; at most 100. */
export function terminalWidth(): number {
  const widths = [process.stdout.columns, Number(process.env.COLUMNS), USUAL_WIDTH];
  return Math.min(widths.find((width) => Number.isInteger(width) && width > 0) ?? USUAL_WIDTH, MAX_WIDTH);
}

/**
 * @returns a function that writes a command for a POSIX shell as one for the shell in which it is read. What goes into a file
 *   or another program may be read elsewhere, and stays as it is.
 */
export async function readersCommandLine(): Promise<(command: string) => string> {
  if (!process.stdout.isTTY || !usesPowerShell()) return (command) => command;
  const { powerShellCommand } = await import('./powershell.ts');
  return powerShellCommand;
}

/** @returns whether the reader types commands into PowerShell. Git Bash and Cygwin set one of these variables. */
export function usesPowerShell(
  platform: NodeJS.Platform = process.platform,
  { MSYSTEM, SHELL }: Readonly<Partial<Record<string, string>>> = process.env,
): boolean {
  return platform === 'win32' && MSYSTEM === undefined && SHELL === undefined;
}
