/** The receivers whose rules are known: one file each in `data/`. */
import { rowsOf } from '../data-folder.ts';
import type { Receiver } from './schema.ts';

// The tests hold every row to the schema, so that no run has to.
const receivers = rowsOf('receivers/data', import.meta.url) as readonly Receiver[];

/** In the order of the report: the largest first. */
const ORDER = ['gmail', 'microsoft', 'yahoo', 'apple', 'gmx', 't-online', 'laposte', 'comcast', 'postfix'];

export const allReceivers: readonly Receiver[] = [...receivers].sort(
  (a, b) => ORDER.indexOf(a.id) - ORDER.indexOf(b.id),
);
