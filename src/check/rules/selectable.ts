/** What `--only`, `--skip` and `--allow-inconclusive` name: every rule, and the receivers' answers that follow from them. */
import { rules } from './index.ts';
import { RECEIVER_RULE } from './receiver/predictions.ts';

export const ruleIds: readonly string[] = [...rules.map(({ id }) => id), RECEIVER_RULE.id];
