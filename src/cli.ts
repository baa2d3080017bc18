#!/usr/bin/env node
/** argv → program → exit code. Heavy modules load when used; the version is printed before any of them. */
import { VERSION } from './version.ts';

/** Asked for alone, the version needs no parser of options. */
function isVersionAlone([first, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && (first === '--version' || first === '-V');
}

async function main(): Promise<void> {
  process.stdout.on('error', onStdoutError);
  // What stderr cannot take is lost; the exit code still tells.
  process.stderr.on('error', () => {});
  if (isVersionAlone(process.argv.slice(2))) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const { isCommanderError, oneLine, programFor } = await import('./program.ts');
  try {
    await programFor(process.argv.slice(2)).parseAsync();
  } catch (error) {
    if (isCommanderError(error)) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    if (error instanceof Error && error.name === 'UsageError') {
      process.stderr.write(oneLine(error.message));
      process.exitCode = 2;
      return;
    }
    throw error;
  }
}

/** A reader of a pipe that goes away (`| head`) is in its right; a full disk means that the report is not there. */
function onStdoutError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`mailcheck: cannot write to stdout: ${error.message}\n`);
  process.exit(2);
}

await main();
// An error of the last write is known by now, but not said yet.
if (process.stdout.errored) onStdoutError(process.stdout.errored);
// The report is written by now, and nobody waits for anything any more.
process.exit();
