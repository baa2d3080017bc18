/** Decides when the next target of a fleet may start: when nothing is waited for too long, and the resolver answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResolverFault } from '../../check/facts/resolver.ts';
import { UNUSABLE_MS } from '../../check/resolver-memory.ts';
import type { SharedProcess } from '../../check/world.ts';
import { untilBacklogIsShort } from '../../fleet/backlog.ts';
import type { DnsServer } from '../../network/dns/servers.ts';
import type { Domain } from '../../network/domain.ts';

/** The end of a run because nothing can be judged any more. */
export class NothingJudged extends Error {
  override readonly name = 'NothingJudged';
}

/** Lets targets start. */
export interface Admission {
  /**
   * Waits until a target may start.
   *
   * @throws NothingJudged if the resolver cannot be relied on for too long.
   */
  admit(domain: Domain, servers: readonly DnsServer[]): Promise<void>;
}

/** Milliseconds that a run waits for its resolver. A restart of one takes some seconds. */
const HOLD_MS = 60_000;

/**
 * @param hasJudged tells whether a target was judged. Before that, a resolver that cannot be relied on is most likely not
 *   the one that the user means, and is not waited for.
 * @param onNotice receives one line when the run waits, and when it goes on.
 */
export function admissionTo(
  shared: Pick<SharedProcess, 'backlogMs' | 'checkResolver'>,
  {
    signal,
    hasJudged,
    onNotice,
  }: { readonly signal: AbortSignal; readonly hasJudged: () => boolean; readonly onNotice: (line: string) => void },
): Admission {
  let holding: Promise<void> | undefined;
  const hold = async (fault: ResolverFault, domain: Domain, servers: readonly DnsServer[]): Promise<void> => {
    const words = resolverFaultWords(fault);
    if (hasJudged()) onNotice(`${words}; the run waits for it`);
    const until = performance.now() + HOLD_MS;
    while (hasJudged() && performance.now() < until) {
      await sleep(UNUSABLE_MS, undefined, { signal });
      if ((await shared.checkResolver(domain, servers)) !== null) continue;
      onNotice('the DNS resolver answers again; the run goes on');
      return;
    }
    throw new NothingJudged(`${words}, so nothing can be judged. Repair it, or name another one: --dns 192.0.2.53`);
  };
  return {
    async admit(domain, servers) {
      const fault = await shared.checkResolver(domain, servers);
      if (fault !== null) {
        holding ??= hold(fault, domain, servers).finally(() => {
          holding = undefined;
        });
        await holding;
      }
      await untilBacklogIsShort(shared, signal);
    },
  };
}

/** @returns the fault in words: `the DNS resolver 192.0.2.53 does not answer`. */
export function resolverFaultWords({ servers, state }: ResolverFault): string {
  return `the DNS resolver ${servers.join(', ')} ${STATES[state]}`;
}

const STATES: Readonly<Record<ResolverFault['state'], string>> = {
  silent: 'does not answer',
  unreachable: 'cannot be reached',
  refusing: 'refuses to answer',
  failing: 'fails to answer',
  partial: 'answers only for some names',
  inventing: 'invents addresses for names that do not exist',
  denying: 'denies names that exist',
};
