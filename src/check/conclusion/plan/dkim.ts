/** Folds edits of a record of this purpose into one final value. */
import type { DkimChange } from '../../rules/edit.ts';
import { type TextPlanner, unchanged } from './planner.ts';

export const planDkim: TextPlanner<DkimChange> = async () => unchanged();
