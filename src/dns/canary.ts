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
  const servers = options.servers.map(
    ({ address, port }) => `${address.includes(':') ? `[${address}]` : address}:${port}`,
  );
  const listed = withoutHoldingTimers(() => lookup(testAddress, zone, { servers, timeout: options.timeoutMs }));
  return untilAborted(listed, options.signal);
}

/** The package cannot be cancelled: its socket may outlive the run by `timeoutMs`, but nobody waits for it. */
function untilAborted(listed: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve(false);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    listed.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/**
 * The package leaves its timer running when a lookup fails, which would hold the process open after the report. The
 * timer is made synchronously within the call, so it can be caught there and let go of.
 */
function withoutHoldingTimers<T>(call: () => Promise<T>): Promise<T> {
  const original = globalThis.setTimeout;
  globalThis.setTimeout = new Proxy(original, {
    apply: (target, self, args) => Reflect.apply(target, self, args).unref(),
  });
  try {
    return call();
  } finally {
    globalThis.setTimeout = original;
  }
}
