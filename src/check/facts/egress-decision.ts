/** Decides what the results of anchors and controls mean for outbound port 25. It does no I/O. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import { hostNameIn } from '../../network/smtp/host-name.ts';
import type { AnchorOutcome, AnchorResult, ControlResult } from './egress-results.ts';

/** The state of outbound port 25 over one address family. */
export type Decision =
  /** Mail servers of enough operators answer. */
  | { readonly kind: 'open' }
  /** No anchor answers, but a control does. */
  | { readonly kind: 'blocked'; readonly nature: BlockNature }
  /** Another server answers in place of the anchors. */
  | { readonly kind: 'intercepted'; readonly by: Interception }
  /** No anchor and no control answers. */
  | { readonly kind: 'no-network' }
  /** No anchor answers, and there is no control to compare with. */
  | { readonly kind: 'no-control' }
  /** An anchor answers, but too few operators answer to prove the port open. */
  | { readonly kind: 'one-answer' }
  /** The run ended, or a connection was not allowed, before an anchor answered. */
  | { readonly kind: 'aborted' };

/**
 * The sign that another server answers in place of the anchors.
 * - `same-greeting`: servers of different operators announce the same name.
 * - `same-words`: servers of different operators say the same, word for word.
 * - `foreign-names`: servers do not announce names of their operators.
 */
export type Interception = 'same-greeting' | 'same-words' | 'foreign-names';

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
  const own = ownNames(answered);
  const impostor = interception(answered, own);
  if (impostor) return { kind: 'intercepted', by: impostor };
  // A server without a name of its operator is no sign of interception, and no proof of the opposite.
  const greeted = answered.some(({ anchor, outcome }) => anchor.greets !== undefined && outcome.kind === 'greeted');
  if (greeted && !own.includes(true)) return { kind: 'one-answer' };
  // Servers that say the same word for word may be one server, whoever the user takes them for.
  const voices = new Set(answered.map(({ outcome }) => voiceOf(outcome)));
  const operators = new Set(answered.map(({ anchor }) => anchor.operator));
  const needed = Math.min(ENOUGH_OPERATORS, new Set(anchors.map(({ anchor }) => anchor.operator)).size);
  return Math.min(operators.size, voices.size) >= needed ? { kind: 'open' } : { kind: 'one-answer' };
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
 * Detects another server that answers in place of the anchors. Two operators never announce the same name, and two
 * well-known ones never say the same word for word. A single anchor with an unknown name may just have been renamed. If
 * two or more announce none of their operators' names and none announces its own, they are other servers.
 *
 * @param own for each well-known server whether it announces a name of its operator.
 * @returns the sign of interception, or `null` when there is none.
 */
function interception(answered: readonly AnchorResult[], own: readonly boolean[]): Interception | null {
  const all = answered.map(({ anchor, outcome }) => ({ anchor, names: namesIn(outcome), voice: voiceOf(outcome) }));
  const hasTwin = (one: (typeof all)[number], isAlike: (other: (typeof all)[number]) => boolean) =>
    all.some((other) => other.anchor.operator !== one.anchor.operator && isAlike(other));
  if (all.some((one) => hasTwin(one, ({ names }) => names.some((name) => one.names.includes(name))))) {
    return 'same-greeting';
  }
  const isWellKnown = ({ anchor }: (typeof all)[number]) => anchor.greets !== undefined;
  if (all.some((one) => isWellKnown(one) && hasTwin(one, (other) => isWellKnown(other) && other.voice === one.voice))) {
    return 'same-words';
  }
  return own.length >= 2 && !own.includes(true) ? 'foreign-names' : null;
}

/**
 * @returns for each well-known server that announces a domain whether it is one of its operator. A server that turns a
 *   client away does not always say its name.
 */
function ownNames(answered: readonly AnchorResult[]): boolean[] {
  return answered.flatMap(({ anchor: { greets }, outcome }) =>
    greets !== undefined && greets.length > 0 && outcome.kind === 'greeted'
      ? [namesIn(outcome).some((name) => greets.some((domain) => isSameOrSubdomain(name, domain)))]
      : [],
  );
}

/** @returns the names that a server announces in its greeting and in its reply to EHLO, in lower case. */
function namesIn(outcome: AnchorOutcome): string[] {
  if (outcome.kind === 'failed') return [];
  const { greetingName, hello } = outcome;
  const helloName = hello?.status === 'reply' && hello.reply.code === 250 ? hostNameIn(hello.reply) : null;
  return [greetingName, helloName?.toLowerCase() ?? null].filter((name) => name !== null);
}

/**
 * @returns what the server says, without numbers. A time, a count or the client's address in the reply does not make two
 *   voices of one.
 */
function voiceOf(outcome: AnchorOutcome): string {
  if (outcome.kind === 'failed') return '';
  const { reply, hello } = outcome;
  const replies = [reply, ...(hello?.status === 'reply' ? [hello.reply] : [])];
  return replies.map(({ code, lines }) => `${code} ${lines.join(' ').replaceAll(/\d+/g, '#')}`).join(' | ');
}
