/** Runs a command that only asks the DNS: with a time limit, and until the user interrupts it. */
import { createDnsClient, type DnsClient } from '../../network/dns/client.ts';
import type { DnsServer } from '../../network/dns/servers.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';

/** Whom a command asks, and for how long. */
export interface Asking {
  readonly servers: readonly DnsServer[];
  /** The time limit of all questions together, in milliseconds. */
  readonly timeoutMs: number;
  /** Maps each list key that a query name may contain to the text that is shown in its place. */
  readonly secrets?: ReadonlyMap<string, string>;
}

/**
 * Asks the DNS, and prints the result. If the user interrupts the command, it prints nothing.
 *
 * @param ask asks the questions, and resolves to the result. Its questions fail when the time is up.
 * @param print writes the result to stdout, and resolves to the exit code. The signal ends a write that blocks.
 * @returns the exit code. After an interrupt it is 128 plus the number of the signal.
 */
export async function askDns<T>(
  { servers, timeoutMs, secrets }: Asking,
  ask: (dns: DnsClient) => Promise<T>,
  print: (found: T, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupt = interruptible();
  try {
    const dns = createDnsClient({
      servers,
      signal: interrupt.within(timeoutMs),
      ...(secrets === undefined ? {} : { secrets }),
      onFault: reportFault,
    });
    const found = await ask(dns);
    return interrupt.signal.aborted ? interrupt.exitCode() : await print(found, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.exitCode();
    throw error;
  } finally {
    interrupt.stop();
  }
}
