/** What the answers of anchors and controls mean for outbound port 25. No I/O. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import type { AnchorResult, ControlResult } from './egress-results.ts';

/** What is known of outbound port 25 over one address family. */
export type Decision =
  /** Mail servers of several operators greet. */
  | { readonly kind: 'open' }
  /** No anchor answers, while something else does. */
  | { readonly kind: 'blocked'; readonly nature: BlockNature }
  /** Something answers in the place of others. */
  | { readonly kind: 'intercepted'; readonly by: 'same-greeting' | 'foreign-names' }
  /** Neither anchors nor controls answer. */
  | { readonly kind: 'no-network' }
  /** No anchor answers, and there is nothing to compare with. */
  | { readonly kind: 'no-control' }
  /** One anchor answers and the others do not. */
  | { readonly kind: 'one-answer' }
  | { readonly kind: 'aborted' };

/** How connections to a blocked port fail. */
export type BlockNature =
  /** Packets are dropped: nothing comes back. */
  | 'dropped'
  /** Something answers that the connection is refused or prohibited. */
  | 'rejected'
  /** Connections are made, and cut before a greeting. */
  | 'cut'
  | 'mixed';

/** How many independent operators have to greet to prove the port open. */
const ENOUGH_OPERATORS = 2;

/** @returns what the results over one address family show. */
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
 * Tells whether something else answers in the place of the anchors: two operators do not share a name. One anchor with an
 * unknown name may have been renamed. Where at least two have names that are not theirs, and none has its own, they are
 * other servers.
 *
 * @returns how it shows, or `null` where it does not.
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
