/** Which foreign recipients a host accepted, by what it may have been lured with. No I/O. */
import type { Asked, Attempt } from './dialogue.ts';
import { FOREIGN_CONTROL, LOCAL_CONTROL, type VectorKind } from './vectors.ts';

/** The foreign recipients that were accepted, by kind, and what the controls showed. */
export interface Assessment {
  /** Nothing about the envelope was the server's own. */
  readonly direct: readonly Attempt[];
  /** The sender or the EHLO name was one that the server may trust. */
  readonly sender: readonly Attempt[];
  /** The recipient may also be read as a local part. */
  readonly rewrite: readonly Attempt[];
  /** Whether C1 was accepted, so that every local part is; `null` where C1 got no answer. */
  readonly catchAll: boolean | null;
  /** C2, whose domain cannot exist, where it was accepted. */
  readonly impossible: Attempt | null;
}

/** @returns what the answers of one port show to be accepted. */
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
