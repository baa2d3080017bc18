#!/usr/bin/env node
/**
 * The entry point of the command line. Older versions of Node.js must be able to parse this file, so it uses plain syntax
 * only. It prints the version itself, which needs nothing that takes time to load.
 */
import { VERSION } from './version.ts';

/** Returns whether the version is all that the user asks for, which needs no option parser. */
function isVersionAlone([first, ...rest]: readonly string[]): boolean {
  return rest.length === 0 && (first === '--version' || first === '-V');
}

function printVersion(): void {
  // The callback of the write gets the error too.
  process.stdout.on('error', () => {});
  process.stdout.write(`${VERSION}\n`, async (error) => {
    if (!error) return;
    const { onStdoutError } = await import('./cli/main.ts');
    onStdoutError(error);
  });
}

async function runProgram(): Promise<void> {
  const { main } = await import('./cli/main.ts');
  await main();
}

// Not awaited: the program itself reports a run that ends without a result.
if (isVersionAlone(process.argv.slice(2))) printVersion();
else runProgram();
