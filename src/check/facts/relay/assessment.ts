/** Sorts the foreign recipients that a host accepted by the kind of trick that worked. It does no I/O. */
import type { Asked, Attempt } from './answers.ts';
import { FOREIGN_CONTROL, LOCAL_CONTROL, type VectorKind } from './vectors.ts';

/** The accepted foreign recipients by kind, and the results of the controls. */
export interface Assessment {
  /** Attempts in which no part of the envelope belongs to the server. */
  readonly direct: readonly Attempt[];
  /** Attempts in which the server may trust the sender or the EHLO name. */
  readonly sender: readonly Attempt[];
  /** Attempts in which the recipient may also be read as a local mailbox. */
  readonly rewrite: readonly Attempt[];
  /**
   * Whether the server accepts every local part, as the local control shows. `null` when that control got no answer.
   */
  readonly catchAll: boolean | null;
  /** The foreign control, whose domain cannot exist. `null` when it was not accepted. */
  readonly impossible: Attempt | null;
}

/** @returns the foreign recipients that one port accepted. */
export function assess({ attempts }: Asked): Assessment {
  const accepted = attempts.filter(({ meaning }) => meaning === 'accepted');
  const ofKind = (...kinds: VectorKind[]) => accepted.filter(({ vector }) => kinds.includes(vector.kind));
  const localControl = attempts.find(({ vector }) => vector.id === LOCAL_CONTROL);
  const impossible = accepted.find(({ vector }) => vector.id === FOREIGN_CONTROL) ?? null;
  return {
    direct: [...ofKind('direct', 'route'), ...(impossible ? [impossible] : [])],
    sender: ofKind('sender'),
    rewrite: ofKind('rewrite'),
    catchAll: localControl ? localControl.meaning === 'accepted' : null,
    impossible,
  };
}
