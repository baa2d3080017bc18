/**
 * Runs the command line: it parses the arguments, runs the command and sets the exit code. Heavy modules are loaded only
 * when they are used.
 */
import { keepCompiledCode } from './compile-cache.ts';
import { nodeTooOld } from './node-version.ts';
import './terminal/open-files.ts';
import { fileErrorText } from '../network/fault.ts';
import { EXIT } from '../report/status.ts';
import { exitCodeAfterFaults, reportFault } from './terminal/faults.ts';
import { endOnSignals } from './terminal/interrupt.ts';
import { isPlugin, PLUGIN_UNKNOWN } from './terminal/plugin.ts';

const args = process.argv.slice(2);
const runsAsPlugin = isPlugin(args);

/** Ends a run that has no result. A plugin says why on stdout, where the monitor reads it. */
async function endWithout(why: string, code: number): Promise<void> {
  process.exitCode = runsAsPlugin ? PLUGIN_UNKNOWN : code;
  if (!runsAsPlugin) return;
  const { nagiosUnknown } = await import('../reporters/fleet/nagios.ts');
  process.stdout.write(nagiosUnknown(why));
}

/** Returns whether a signal ended the run. The exit code is then 128 plus the number of the signal. */
const isSignal = (code: number): boolean => code > 128;

async function runCommand(): Promise<void> {
  const tooOld = nodeTooOld(process.versions.node);
  if (tooOld !== undefined) {
    process.stderr.write(`mailcheck: ${tooOld}\n`);
    await endWithout(tooOld, EXIT.usage);
    return;
  }
  keepCompiledCode();
  const { runCommandLine } = await import('./program.ts');
  try {
    const { code, refusal } = await runCommandLine(args);
    if (refusal !== undefined) await endWithout(refusal, code);
    else if (runsAsPlugin && isSignal(code)) await endWithout('the run was interrupted', code);
    else process.exitCode = code;
  } catch (error) {
    if (runsAsPlugin) await endWithout('mailcheck has a bug', EXIT.fault);
    throw error;
  }
}

/**
 * Ends the process when stdout cannot be written. A reader that closes the pipe (`| head`) is no error. On any other
 * error, such as a full disk, the report is lost.
 */
export function onStdoutError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`mailcheck: cannot write to stdout: ${fileErrorText(error, 'write')}\n`);
  end(runsAsPlugin ? PLUGIN_UNKNOWN : EXIT.usage);
}

let hasEnded = false;

function end(code: number): never {
  hasEnded = true;
  const ended = exitCodeAfterFaults(code);
  process.exit(runsAsPlugin && ended !== code ? PLUGIN_UNKNOWN : ended);
}

/** Runs the command of the arguments, and ends the process. */
export async function main(): Promise<never> {
  endOnSignals();
  process.stdout.on('error', onStdoutError);
  // A message that stderr does not take is lost. The exit code still reports the outcome.
  process.stderr.on('error', () => {});
  // After an uncaught exception the rest of the run continues to its report. Each part of the run has a time limit, so
  // the broken part counts as not checked.
  process.on('uncaughtException', (error) => reportFault('', error));
  process.on('exit', (code) => {
    // An interrupted run exits with another code. An exit with 0 without `end` means that the event loop ran empty before
    // there was a result.
    if (hasEnded || code !== EXIT.ok) return;
    reportFault('', new Error('it ended without a result'));
    process.exitCode = runsAsPlugin ? PLUGIN_UNKNOWN : EXIT.fault;
  });
  await runCommand().catch((error: unknown) => reportFault('', error));
  // The stream knows the error of its last write now, but may not have emitted it yet.
  if (process.stdout.errored) onStdoutError(process.stdout.errored);
  // The report is written, so the process need not wait for open sockets and timers.
  return end(Number(process.exitCode ?? EXIT.ok));
}
