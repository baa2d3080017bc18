/** Runs what only asks the DNS: with a time limit, and until the user interrupts it. */
import { randomBytes } from 'node:crypto';
import { faultOf, gatherResolver, isLying, isPartial, type ResolverFault } from '../../check/facts/resolver.ts';
import { readMachine } from '../../check/machine.ts';
import { resolverObstacle } from '../../check/rules/obstacles.ts';
import { type Token, tokensOf } from '../../check/token.ts';
import { createDnsClient, type DnsClient } from '../../network/dns/client.ts';
import type { DnsServer } from '../../network/dns/servers.ts';
import { vetted } from '../../network/dns/vetted.ts';
import type { Domain } from '../../network/domain.ts';
import { EXIT } from '../../report/status.ts';
import { printable } from '../../reporters/printable.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';

/** Whom a command asks, and for how long. */
export interface Asking {
  /** The domain that the questions are about. Absent: the user named none. */
  readonly domain: Domain | undefined;
  readonly servers: readonly DnsServer[];
  /** The time limit of all questions together, in milliseconds. */
  readonly timeoutMs: number;
  /** Maps each list key that a query name may contain to the text that is shown in its place. */
  readonly secrets?: ReadonlyMap<string, string>;
}

/** What the questions found out. */
export interface Asked<T> {
  readonly found: T;
  /** Why the resolver cannot be relied on. `null` if it can. */
  readonly fault: ResolverFault | null;
}

/**
 * Asks the DNS, and looks whether the resolver can be relied on.
 *
 * @param ask asks the questions, and resolves to the result. Its questions fail when the time is up.
 * @param signal ends the questions early. Those under way then fail.
 */
export async function asked<T>(
  { domain, servers, timeoutMs, secrets }: Asking,
  ask: (dns: DnsClient) => Promise<T>,
  signal: AbortSignal,
): Promise<Asked<T>> {
  const stop = new AbortController();
  const dns = vetted(
    createDnsClient({
      servers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), stop.signal]),
      ...(secrets === undefined ? {} : { secrets }),
      onFault: reportFault,
    }),
  );
  const token = tokensOf(randomBytes(16).toString('hex'));
  const preflight = domain === undefined ? Promise.resolve(null) : resolverFault(dns, domain, token);
  // The questions that are under way would wait for the same dead resolver.
  preflight.then((found) => found !== null && !isPartial(found) && stop.abort());
  const [fault, found] = await Promise.all([preflight, ask(dns)]);
  return { found, fault };
}

/** @returns what is wrong with the resolver and what to do about it, as one line. */
export function faultWords(fault: ResolverFault): string {
  const { says, fix } = resolverObstacle(fault);
  return printable(`${says} ${fix.summary}`);
}

/**
 * Asks the DNS, and prints the result. If the user interrupts the command, it prints nothing. If the resolver cannot be
 * relied on, one line on stderr says so, and the result of a resolver that lies is not printed.
 *
 * @param ask asks the questions, and resolves to the result. Its questions fail when the time is up.
 * @param print writes the result to stdout, and resolves to the exit code. The signal ends a write that blocks.
 * @returns the exit code. After an interrupt it is 128 plus the number of the signal.
 */
export async function askDns<T>(
  asking: Asking,
  ask: (dns: DnsClient) => Promise<T>,
  print: (found: T, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupt = interruptible();
  try {
    const { found, fault } = await asked(asking, ask, interrupt.signal);
    if (interrupt.signal.aborted) return interrupt.exitCode();
    if (fault === null) return await print(found, interrupt.signal);
    process.stderr.write(`mailcheck: ${faultWords(fault)}\n`);
    const code = isLying(fault) ? EXIT.inconclusive : await print(found, interrupt.signal);
    return isPartial(fault) ? code : EXIT.inconclusive;
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.exitCode();
    throw error;
  } finally {
    interrupt.stop();
  }
}

async function resolverFault(dns: DnsClient, domain: Domain, token: Token): Promise<ResolverFault | null> {
  return faultOf(await gatherResolver(dns, domain, token), dns, readMachine().addresses);
}
