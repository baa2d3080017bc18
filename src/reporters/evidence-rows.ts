/** Puts the evidence of a finding into rows of a key and its values. A value inside another is one level deeper. */
import type { FindingResult } from '../report/status.ts';

type Value = FindingResult['evidence'][string];

/** The most rows of one finding, and the most items in one row. A hostile answer may have any number of them. */
const MAX_ROWS = 120;

/** The deepest level. What lies deeper is shown at this level. */
const MAX_DEPTH = 4;

export interface EvidenceRow {
  /** The level, from 0 to 4. */
  readonly depth: number;
  readonly key: string;
  /** The values beside the key. Empty if they are in the rows below it. */
  readonly items: readonly string[];
  /** How many items are left out. */
  readonly omitted: number;
}

/** @returns the rows of the evidence, and how many rows are left out. The texts are not made safe to print. */
export function evidenceRows({ evidence }: Pick<FindingResult, 'evidence'>): {
  readonly rows: readonly EvidenceRow[];
  readonly omitted: number;
} {
  const all = Object.entries(evidence).flatMap(([key, value]) => rowsOf(key, value, 0));
  return { rows: all.slice(0, MAX_ROWS), omitted: Math.max(0, all.length - MAX_ROWS) };
}

function rowsOf(key: string, value: Value, depth: number): EvidenceRow[] {
  const row = (items: readonly string[]): EvidenceRow => ({
    depth: Math.min(depth, MAX_DEPTH),
    key,
    items: items.slice(0, MAX_ROWS),
    omitted: Math.max(0, items.length - MAX_ROWS),
  });
  if (!isNested(value)) return [row([scalar(value)])];
  const entries = Object.entries(value);
  if (entries.length === 0) return [row(['none'])];
  if (Array.isArray(value) && !value.some(isNested)) return [row(value.map(scalar))];
  // The items of a list have their number as a key.
  const keyOf = (name: string): string => (Array.isArray(value) ? String(Number(name) + 1) : name);
  return [row([]), ...entries.flatMap(([name, item]) => rowsOf(keyOf(name), item, depth + 1))];
}

function isNested(value: Value): value is Exclude<Value, string | number | boolean | null> {
  return typeof value === 'object' && value !== null;
}

function scalar(value: Value): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
