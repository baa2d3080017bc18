/** Decides what the results of anchors and controls mean for outbound port 25. It does no I/O. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import type { AnchorResult, ControlResult } from './egress-results.ts';

/** The state of outbound port 25 over one address family. */
export type Decision =
  /** Mail servers of enough operators answer. */
  | { readonly kind: 'open' }
  /** No anchor answers, but a control does. */
  | { readonly kind: 'blocked'; readonly nature: BlockNature }
  /** Another server answers in place of the anchors. */
  | { readonly kind: 'intercepted'; readonly by: 'same-greeting' | 'foreign-names' }
  /** No anchor and no control answers. */
  | { readonly kind: 'no-network' }
  /** No anchor answers, and there is no control to compare with. */
  | { readonly kind: 'no-control' }
  /** An anchor answers, but too few operators answer to prove the port open. */
  | { readonly kind: 'one-answer' }
  /** The run ended, or a connection was not allowed, before an anchor answered. */
  | { readonly kind: 'aborted' };

/** How connections to a blocked port fail. */
export type BlockNature =
  /** The network drops the packets, so connections time out. */
  | 'dropped'
  /** The network answers that the connection is refused or prohibited. */
  | 'rejected'
  /** The connection is established and then cut before the greeting. */
  | 'cut'
  /** Connections fail in different ways. */
  | 'mixed';

/** How many independent operators must answer to prove the port open. One answer may come from a proxy. */
const ENOUGH_OPERATORS = 2;

/** @returns the state of outbound port 25 that the results over one address family show. */
export function decide(anchors: readonly AnchorResult[], controls: readonly ControlResult[]): Decision {
  const answered = anchors.filter(({ outcome }) => outcome.kind !== 'failed');
  if (answered.length === 0) return withoutAnswer(anchors, controls);
  const impostor = interception(answered);
  if (impostor) return { kind: 'intercepted', by: impostor };
  const operators = new Set(answered.map(({ anchor }) => anchor.operator));
  const needed = Math.min(ENOUGH_OPERATORS, new Set(anchors.map(({ anchor }) => anchor.operator)).size);
  return operators.size >= needed ? { kind: 'open' } : { kind: 'one-answer' };
}

function withoutAnswer(anchors: readonly AnchorResult[], controls: readonly ControlResult[]): Decision {
  const failures = anchors.flatMap(({ outcome }) => (outcome.kind === 'failed' ? [outcome.failure] : []));
  if (failures.some(({ status }) => status === 'aborted' || status === 'forbidden')) return { kind: 'aborted' };
  if (controls.length === 0) return { kind: 'no-control' };
  if (!controls.some(({ result }) => result.status === 'connected')) return { kind: 'no-network' };
  const natures = new Set(failures.map(natureOf));
  const [nature = 'mixed'] = natures;
  return { kind: 'blocked', nature: natures.size > 1 ? 'mixed' : nature };
}

function natureOf(failure: { readonly status: string; readonly connected?: boolean }): BlockNature {
  if (failure.connected) return 'cut';
  return failure.status === 'timeout' ? 'dropped' : 'rejected';
}

/**
 * Detects another server that answers in place of the anchors. Two operators never announce the same name. A single
 * anchor with an unknown name may just have been renamed. If two or more announce foreign names and none announces its
 * own, they are other servers.
 *
 * @returns the sign of interception, or `null` when there is none.
 */
function interception(answered: readonly AnchorResult[]): 'same-greeting' | 'foreign-names' | null {
  const named = answered.flatMap(({ anchor, outcome }) =>
    outcome.kind !== 'failed' && outcome.greetingName !== null ? [{ anchor, name: outcome.greetingName }] : [],
  );
  const isShared = named.some(({ anchor, name }) =>
    named.some((other) => other.name === name && other.anchor.operator !== anchor.operator),
  );
  if (isShared) return 'same-greeting';
  const known = named.flatMap(({ anchor, name }) =>
    anchor.greets ? [anchor.greets.some((domain) => isSameOrSubdomain(name, domain))] : [],
  );
  return known.length >= 2 && !known.includes(true) ? 'foreign-names' : null;
}
