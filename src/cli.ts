#!/usr/bin/env node
import { nodeTooOld } from './cli/node-version.ts';
/** argv → program → exit code. Heavy modules load when used; the version is printed before any of them. */
import { exitCodeAfterFaults, reportFault } from './cli/terminal/faults.ts';
import { EXIT } from './report/status.ts';
import { VERSION } from './version.ts';

/** Asked for alone, the version needs no parser of options. */
function isVersionAlone([first, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && (first === '--version' || first === '-V');
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (isVersionAlone(args)) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const tooOld = nodeTooOld(process.versions.node);
  if (tooOld !== undefined) {
    process.stderr.write(`mailcheck: ${tooOld}\n`);
    process.exitCode = EXIT.usage;
    return;
  }
  const { isCommanderError, oneLine, programFor } = await import('./cli/program.ts');
  try {
    await programFor(args).parseAsync();
  } catch (error) {
    if (isCommanderError(error)) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    if (error instanceof Error && error.name === 'UsageError') {
      process.stderr.write(oneLine(error.message));
      process.exitCode = EXIT.usage;
      return;
    }
    throw error;
  }
}

/** A reader of a pipe that goes away (`| head`) is in its right; a full disk means that the report is not there. */
function onStdoutError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`mailcheck: cannot write to stdout: ${error.message}\n`);
  end(EXIT.usage);
}

let hasEnded = false;

function end(code: number): never {
  hasEnded = true;
  process.exit(exitCodeAfterFaults(code));
}

process.stdout.on('error', onStdoutError);
// What stderr cannot take is lost; the exit code still tells.
process.stderr.on('error', () => {});
// Whatever breaks, the rest of the run goes on to its report: each part has a time limit, and counts as not checked then.
process.on('uncaughtException', (error) => reportFault('', error));
process.on('exit', (code) => {
  // An interrupt ends with a code of its own; with 0 there was only nothing left to wait for.
  if (hasEnded || code !== EXIT.ok) return;
  reportFault('', new Error('it ended without a result'));
  process.exitCode = EXIT.fault;
});

main()
  .catch((error: unknown) => reportFault('', error))
  .then(() => {
    // An error of the last write is known by now, but not said yet.
    if (process.stdout.errored) onStdoutError(process.stdout.errored);
    // The report is written by now, and nobody waits for anything any more.
    end(Number(process.exitCode ?? EXIT.ok));
  });
