/** The receivers whose rules mailcheck knows, one file each in `data/`. */
import { byPlace, rowsOf } from '../data-folder.ts';
import type { Receiver } from './schema.ts';

/** Every receiver, in the order of the report. The tests validate the rows, so a run does not have to. */
export const allReceivers: readonly Receiver[] = byPlace(rowsOf('receivers/data') as readonly Receiver[]);
