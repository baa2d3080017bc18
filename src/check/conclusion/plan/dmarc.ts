/** Folds edits of a record of this purpose into one final value. */
import type { DmarcChange } from '../../rules/edit.ts';
import { type TextPlanner, unchanged } from './planner.ts';

export const planDmarc: TextPlanner<DmarcChange> = async () => unchanged();
