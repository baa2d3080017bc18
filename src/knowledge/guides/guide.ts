/** How to see a finding by hand and how to fix it: one file per rule in `data/`. */
import { rowsOf } from '../data-folder.ts';

/** One file. `see` of a code takes the place of the rule's. */
export interface Guide {
  readonly rule: string;
  /** What the rule makes sure of: half a sentence, for tables. */
  readonly checks: string;
  readonly see: readonly string[];
  readonly codes: Readonly<Record<string, { readonly fix: string; readonly see?: readonly string[] }>>;
}

/** What a guide says of one code, with documentation names and addresses. */
export interface Advice {
  /** Commands that show it. */
  readonly see: readonly string[];
  readonly fix: string;
}

// The tests hold every guide to this shape.
const guides = rowsOf('guides/data', import.meta.url) as readonly Guide[];

const FALLBACK = 'Run the check: its report says what to type, with your own values.';

/** @returns what the guide of the rule says of the code, or where to look when it says nothing. */
export function adviceFor(rule: string, code: string): Advice {
  const guide = guides.find((candidate) => candidate.rule === rule);
  const own = guide?.codes[code];
  return { see: own?.see ?? guide?.see ?? [], fix: own?.fix ?? FALLBACK };
}

/** @returns what the rule makes sure of, for tables; nothing when it has no guide. */
export function checkedBy(rule: string): string {
  return guides.find((guide) => guide.rule === rule)?.checks ?? '';
}
