#!/usr/bin/env node
/** argv → program → exit code. Heavy modules load when used; the version is printed before any of them. */
import { VERSION } from './version.ts';

/** Asked for alone, the version needs no parser of options. */
function isVersionAlone([first, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && (first === '--version' || first === '-V');
}

async function main(): Promise<void> {
  // The reader of a pipe may go away (`| head`): that is its right, and no error of ours.
  process.stdout.on('error', onStreamError);
  process.stderr.on('error', onStreamError);
  if (isVersionAlone(process.argv.slice(2))) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const { buildProgram, isCommanderError, oneLine } = await import('./program.ts');
  try {
    await buildProgram().parseAsync();
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

function onStreamError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  throw error;
}

await main();
// The report is written by now. The `dnsbl` package may still hold a socket to a list that does not answer, which
// nobody waits for any more.
process.exit();
