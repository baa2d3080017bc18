/** Limits the calls that ask the network. */
import { UsageError } from '../../usage-error.ts';

/**
 * The most calls under way at once. Each opens some dozens of sockets, and several to one host look like an attack. A
 * further one is refused and does not wait, because most clients give up on a call after a minute.
 */
const MAX_UNDER_WAY = 4;

let underWay = 0;

/** @returns the work, which fails with a UsageError while too many calls are under way. */
export function limited<T>(work: () => Promise<T>): () => Promise<T> {
  return async () => {
    if (underWay >= MAX_UNDER_WAY) {
      throw new UsageError(`${MAX_UNDER_WAY} calls are under way already. Call again when one of them has ended`);
    }
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  };
}
