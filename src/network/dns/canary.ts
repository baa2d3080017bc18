/**
 * The liveness canary of RFC 5782 §5, asked through the `dnsbl` package. The package reads every error as "not
 * listed"; for a test entry that must be listed this fails safe: the list then counts as unusable.
 */
import { lookup } from 'dnsbl';
import type { DnsServer } from './servers.ts';

export interface CanaryOptions {
  readonly servers: readonly DnsServer[];
  readonly timeoutMs: number;
  /** Ends the wait; the entry then counts as not listed. */
  readonly signal: AbortSignal;
}

/** @returns whether `testAddress` (`127.0.0.2` or `::ffff:7f00:2`) is listed in the zone; `false` for any failure. */
export async function isCanaryListed(testAddress: string, zone: string, options: CanaryOptions): Promise<boolean> {
  // The package's resolver loses the interface of a link-local server, without which it cannot be reached.
  const servers = options.servers
    .filter(({ zoneIndex }) => zoneIndex === undefined)
    .map(({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`);
  const { signal, timeoutMs } = options;
  if (signal.aborted || servers.length === 0) return false;
  const { result, timers } = timersOf(() => lookup(testAddress, zone, { servers, timeout: timeoutMs }));
  const cancel = (): void => {
    for (const { run } of timers) run();
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await result;
  } catch {
    return false;
  } finally {
    signal.removeEventListener('abort', cancel);
    for (const { timer } of timers) clearTimeout(timer);
  }
}

interface Caught {
  readonly timer: NodeJS.Timeout;
  /** What it would do when it is due. */
  readonly run: () => void;
}

/**
 * The package cannot be cancelled, and leaves its timer running when a lookup fails. That timer is what ends a lookup, so
 * whoever has it can do both. It is made before the call returns: `setTimeout` is another one for that long only, within
 * which no other code gets to run.
 */
function timersOf<T>(call: () => Promise<T>): { result: Promise<T>; timers: readonly Caught[] } {
  const timers: Caught[] = [];
  const original = globalThis.setTimeout;
  globalThis.setTimeout = new Proxy(original, {
    apply: (target, self, args: [run: () => void, ms: number]) => {
      const timer: NodeJS.Timeout = Reflect.apply(target, self, args);
      timers.push({ timer, run: args[0] });
      return timer;
    },
  });
  try {
    return { result: call(), timers };
  } finally {
    globalThis.setTimeout = original;
  }
}
