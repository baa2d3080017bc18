/**
 * Looks up the test entry of a block list (RFC 5782 §5) with the `dnsbl` package. A list that works must list this
 * entry. The package treats every error as "not listed". That is safe here: the list then counts as unusable.
 */
import { lookup } from 'dnsbl';
import type { DnsServer } from './servers.ts';

export interface CanaryOptions {
  readonly servers: readonly DnsServer[];
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Ends the lookup early. The entry then counts as not listed. */
  readonly signal: AbortSignal;
}

/**
 * Looks up the test entry of a block list (RFC 5782 §5).
 *
 * @param testAddress `127.0.0.2` or `::ffff:7f00:2`
 * @returns whether the zone lists the test entry; `false` for every failure. Never rejects.
 */
export async function isCanaryListed(testAddress: string, zone: string, options: CanaryOptions): Promise<boolean> {
  // The package's resolver drops the interface of a link-local server, and no packet reaches the server without it.
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

interface CaughtTimer {
  readonly timer: NodeJS.Timeout;
  /** The callback of the timer. */
  readonly run: () => void;
}

/**
 * Catches the timers that `call` starts. The package has no way to cancel a lookup, and it leaves its timer running
 * when a lookup fails. The callback of that timer ends the lookup, so the caller can cancel with it and can clear the
 * timer. The package starts the timer before the call returns. So `setTimeout` is replaced only during that synchronous
 * call, in which no other code can run.
 */
function timersOf<T>(call: () => Promise<T>): { result: Promise<T>; timers: readonly CaughtTimer[] } {
  const timers: CaughtTimer[] = [];
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
