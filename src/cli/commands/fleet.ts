/** Runs `mailcheck fleet`: checks many hosts, and says at the end what is wrong with how many. */
import { runFleetOnce } from '../fleet/fleet.ts';
import type { FleetOptions } from '../options/fleet-options.ts';
import { interruptible } from '../terminal/interrupt.ts';

/**
 * @param file the input, or `-` for standard input.
 * @param typed the names of the options on the command line.
 * @returns the exit code.
 * @throws UsageError for a wrong option, for an input without targets, and for a file that cannot be read or written.
 */
export async function fleetCommand(file: string, options: FleetOptions, typed: ReadonlySet<string>): Promise<number> {
  const interrupt = interruptible();
  try {
    const { code, isPlugin } = await runFleetOnce(file, options, typed, interrupt);
    return interrupt.signal.aborted && !isPlugin ? interrupt.exitCode() : code;
  } finally {
    interrupt.stop();
  }
}
