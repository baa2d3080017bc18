/** Gives advice on each finding: how to see it by hand and how to fix it. There is one file per rule in `data/`. */
import { rowsOf } from '../data-folder.ts';

/** One file of the data. The `see` of a code replaces the `see` of the rule. */
export interface Guide {
  /** The id of the rule. */
  readonly rule: string;
  /** What the rule makes sure of, as half a sentence for tables. */
  readonly checks: string;
  readonly see: readonly string[];
  readonly codes: Readonly<Record<string, { readonly fix: string; readonly see?: readonly string[] }>>;
}

/** The advice on one code. Its examples use documentation names and addresses. */
export interface Advice {
  /** The commands that show the fault. */
  readonly see: readonly string[];
  /** How to fix it. */
  readonly fix: string;
}

// The tests check that every guide has this shape.
const guides = rowsOf('guides/data') as readonly Guide[];

const FALLBACK = 'Run the check: its report says what to type, with your own values.';

/** @returns the advice that the guide of a rule gives on a code. Without such advice, it refers to the report. */
export function adviceFor(rule: string, code: string): Advice {
  const guide = guides.find((candidate) => candidate.rule === rule);
  const own = guide?.codes[code];
  return { see: own?.see ?? guide?.see ?? [], fix: own?.fix ?? FALLBACK };
}

/** @returns what the rule makes sure of, as half a sentence for tables. Empty when the rule has no guide. */
export function checkedBy(rule: string): string {
  return guides.find((guide) => guide.rule === rule)?.checks ?? '';
}

/** @returns the ids of the rules that have a guide, which all have. */
export function knownRules(): ReadonlySet<string> {
  return new Set(guides.map(({ rule }) => rule));
}

/** @returns the codes of all findings. */
export function knownCodes(): ReadonlySet<string> {
  return new Set(guides.flatMap(({ codes }) => Object.keys(codes)));
}
