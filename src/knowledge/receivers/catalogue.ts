/** The receivers whose rules are known: one file each in `data/`. */
import { byPlace, rowsOf } from '../data-folder.ts';
import type { Receiver } from './schema.ts';

/** In the order of the report. The tests hold every row to the schema, so that no run has to. */
export const allReceivers: readonly Receiver[] = byPlace(
  rowsOf('receivers/data', import.meta.url) as readonly Receiver[],
);
