/** What whoever starts the server says about this machine, and what a call may change of that. */
import type { Settings } from '../../check/settings.ts';
import { UsageError } from '../../usage-error.ts';
import { hasListKeys, whyNotPublic } from '../config/limits.ts';

export interface Place {
  /** The DNS resolvers to ask where a call names none. Those of the system when absent. */
  readonly dns?: readonly string[];
  /** The settings of every check, such as where the machine is. */
  readonly settings: Partial<Settings>;
}

/**
 * A caller may have read what a stranger wrote. So it has the limits of a configuration that was found: it leads no question
 * into the network of the user, and no list key to a server of its choice.
 *
 * @param asked the DNS servers that the call names.
 * @returns the DNS servers to ask, or `undefined` for those of the system.
 * @throws UsageError for DNS servers that a call may not choose.
 */
export async function dnsServersFor(
  asked: readonly string[] | undefined,
  { dns, settings }: Place,
): Promise<string[] | undefined> {
  const servers = asked ?? dns;
  if (servers === undefined) return undefined;
  if (asked !== undefined && hasListKeys()) {
    throw new UsageError(`dns: a call may not choose the DNS servers that see your list keys. ${AT_START}`);
  }
  for (const server of settings.allowPrivate ? [] : (asked ?? [])) {
    const why = await whyNotPublic(server);
    if (why !== undefined) {
      throw new UsageError(`dns: a call may only name public DNS servers: ${why}. ${AT_START}`);
    }
  }
  return [...servers];
}

const AT_START = 'Name others where the server is started: mailcheck mcp --dns 192.0.2.53';
