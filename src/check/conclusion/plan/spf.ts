/** Folds edits of a record of this purpose into one final value. */
import type { SpfChange } from '../../rules/edit.ts';
import { type TextPlanner, unchanged } from './planner.ts';

export const planSpf: TextPlanner<SpfChange> = async () => unchanged();
