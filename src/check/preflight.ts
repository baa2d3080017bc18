/**
 * The preflight of a run: whether the resolver can be relied on. It goes on beside the checks, and ends them if nothing can
 * be judged by the resolver's answers.
 */
import type { DnsClient } from '../network/dns/client.ts';
import type { IpAddress } from '../network/ip.ts';
import { faultOf, isLying, isPartial, type ResolverFault, type ResolverState } from './facts/resolver.ts';

/** What is wrong with the resolver. */
export interface ResolverTrouble {
  readonly fault: ResolverFault;
  /** Whether nothing can be judged without it. Otherwise it, or proposed records, answer a part of the questions. */
  readonly endsRun: boolean;
}

/** Tells whether the resolver cannot be relied on. It resolves beside the checks. */
export type Preflight = Promise<ResolverTrouble | null>;

/** What the preflight of a run takes. */
export interface PreflightOptions extends Pick<DnsClient, 'servers'> {
  /** The addresses of this machine. */
  readonly own: readonly IpAddress[];
  /** Whether proposed records are judged. */
  readonly isProposed: boolean;
  /** Ends the run. It is called as soon as the state shows that nothing can be judged. */
  readonly end: () => void;
}

/** @returns what is wrong with a resolver in this state. */
export async function preflightOf(
  state: Promise<ResolverState>,
  { servers, own, isProposed, end }: PreflightOptions,
): Preflight {
  const fault = faultOf(await state, { servers }, own);
  if (fault === null) return null;
  // Proposed records can be judged by a resolver that gives no answers, but not by one that lies.
  const endsRun = isLying(fault) || !(isProposed || isPartial(fault));
  if (endsRun) end();
  return { fault, endsRun };
}

/** @returns whether the resolver validates DNSSEC, or `null` when that is not known. */
export function validatesIn(state: ResolverState): boolean | null {
  return state.kind === 'usable' ? state.validates : null;
}
