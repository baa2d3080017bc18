/** Shows the evidence of a finding as rows of a key and its value. A value inside another is indented below it. */
import type { FindingResult } from '../../report/status.ts';
import { type Content, html, type Markup } from './markup.ts';

type Value = FindingResult['evidence'][string];

/** The most rows of one finding, and the most items in one row. A hostile answer may have any number of them. */
const MAX_ROWS = 120;

/** The deepest indent. What lies deeper is shown at this depth. */
const MAX_DEPTH = 4;

interface Row {
  readonly depth: number;
  readonly key: string;
  /** The values beside the key, or `null` if they are in the rows below it. */
  readonly items: readonly string[] | null;
}

/** @returns the evidence as a folded list, or nothing if there is none. */
export function evidencePart({ evidence }: FindingResult): Content {
  const rows = Object.entries(evidence).flatMap(([key, value]) => rowsOf(key, value, 0));
  if (rows.length === 0) return null;
  const rest = rows.length - MAX_ROWS;
  return html`<details class="fold evidence"><summary>Evidence</summary><dl class="pairs">${rows.slice(0, MAX_ROWS).map(rowPart)}</dl>${rest > 0 && html`<p class="muted small">… and ${rest} more</p>`}</details>`;
}

function rowsOf(key: string, value: Value, depth: number): Row[] {
  const row = (items: readonly string[] | null): Row => ({ depth: Math.min(depth, MAX_DEPTH), key, items });
  if (typeof value !== 'object' || value === null) return [row([scalar(value)])];
  const entries = Object.entries(value);
  if (entries.length === 0) return [row(['none'])];
  if (Array.isArray(value)) {
    const items = value.filter((item) => typeof item !== 'object' || item === null);
    if (items.length === value.length) return [row(items.map(scalar))];
  }
  const below = entries.flatMap(([name, item]) =>
    rowsOf(Array.isArray(value) ? String(Number(name) + 1) : name, item, depth + 1),
  );
  return [row(null), ...below];
}

function scalar(value: string | number | boolean | null): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

function rowPart({ depth, key, items }: Row): Markup {
  const rest = (items?.length ?? 0) - MAX_ROWS;
  return html`<dt class="mono in-${depth}">${key}</dt><dd>${items?.slice(0, MAX_ROWS).map((item) => html`<code>${item}</code> `)}${rest > 0 && `… and ${rest} more`}</dd>`;
}
