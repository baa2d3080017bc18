/**
 * Decides when a worker may judge. A target waits while an authority is waited for too long. While the resolver cannot be
 * relied on, the worker takes no jobs, and gives those that it has back to the queue, so that other workers judge them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResolverFault } from '../../check/facts/resolver.ts';
import { UNUSABLE_MS } from '../../check/resolver-memory.ts';
import type { SharedProcess } from '../../check/world.ts';
import type { DnsServer } from '../../network/dns/servers.ts';
import type { Domain } from '../../network/domain.ts';
import { untilBacklogIsShort } from '../backlog.ts';

/** Says that a job is to go back to the queue, because this worker cannot judge it now. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}

/** Decides when a worker may judge. */
export interface Readiness {
  /**
   * Waits until a target may be judged.
   *
   * @throws NotNow if this worker cannot judge it.
   */
  admit(domain: Domain): Promise<void>;
  /**
   * Looks at the resolver after a target that could not be judged completely.
   *
   * @throws NotNow if that is why.
   */
  confirm(domain: Domain): Promise<void>;
}

interface ReadinessOptions {
  readonly dnsServers: readonly DnsServer[] | undefined;
  /** Aborts when the worker is to end. */
  readonly signal: AbortSignal;
  /** Takes no jobs, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** @returns the fault in words: `the DNS resolver 192.0.2.53 does not answer`. */
  readonly wordsOf: (fault: ResolverFault) => string;
  readonly onNotice: (text: string) => void;
}

/** @param shared what the runs of the worker share. */
export function readinessOf(
  shared: Pick<SharedProcess, 'backlogMs' | 'checkResolver' | 'resolverTrouble'>,
  { dnsServers, signal, pause, resume, wordsOf, onNotice }: ReadinessOptions,
): Readiness {
  let isHolding = false;
  /** The targets start one after the other, so that each sees what the one before it has reserved. */
  let turn: Promise<void> = Promise.resolve();

  const hold = async (fault: ResolverFault, domain: Domain): Promise<void> => {
    if (isHolding || signal.aborted) return;
    isHolding = true;
    pause();
    onNotice(`${wordsOf(fault)}; the worker takes no targets meanwhile`);
    try {
      do await sleep(UNUSABLE_MS, undefined, { signal });
      while ((await shared.checkResolver(domain, dnsServers)) !== null);
    } catch {
      // The worker ends.
      return;
    }
    isHolding = false;
    onNotice('the DNS resolver answers again; the worker goes on');
    resume();
  };

  const refuse = (fault: ResolverFault | null, domain: Domain): void => {
    if (fault === null) return;
    void hold(fault, domain);
    throw new NotNow();
  };

  return {
    async admit(domain) {
      refuse(await shared.checkResolver(domain, dnsServers), domain);
      const mine = turn.then(() => untilBacklogIsShort(shared, signal));
      turn = mine.catch(() => {});
      await mine.catch(() => {
        throw new NotNow();
      });
    },
    async confirm(domain) {
      if (shared.resolverTrouble() !== null) refuse(await shared.checkResolver(domain, dnsServers), domain);
    },
  };
}
