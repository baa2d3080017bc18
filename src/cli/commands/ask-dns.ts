/** What the commands that only ask the DNS have in common. */
import { createDnsClient, type DnsClient } from '../../network/dns/client.ts';
import type { DnsServer } from '../../network/dns/servers.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';

export interface Asking {
  readonly servers: readonly DnsServer[];
  /** Milliseconds for all questions together. */
  readonly timeoutMs: number;
  /** Keys in the names that are asked for → what is shown in their place. */
  readonly secrets?: ReadonlyMap<string, string>;
}

/**
 * Asks the DNS within the time of a command, and prints what came of it, unless the user has interrupted it.
 *
 * @param ask resolves to what `print` is called with; its questions fail when the time is up.
 * @param print writes to stdout, and resolves to the exit code.
 * @returns the exit code.
 */
export async function askDns<T>(
  { servers, timeoutMs, secrets }: Asking,
  ask: (dns: DnsClient) => Promise<T>,
  print: (found: T) => Promise<number>,
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
    return interrupt.signal.aborted ? interrupt.exitCode() : await print(found);
  } finally {
    interrupt.stop();
  }
}
