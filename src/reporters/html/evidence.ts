/** Shows the evidence of a finding as a folded list of keys and values. A value inside another is indented below it. */
import type { FindingResult } from '../../report/status.ts';
import { type EvidenceRow, evidenceRows } from '../evidence-rows.ts';
import { type Content, html, type Markup } from './markup.ts';

/** @returns the evidence as a folded list, or nothing if there is none. */
export function evidencePart(finding: FindingResult): Content {
  const { rows, omitted } = evidenceRows(finding);
  if (rows.length === 0) return null;
  return html`<details class="fold evidence"><summary>Evidence</summary><dl class="pairs">${rows.map(rowPart)}</dl>${omitted > 0 && html`<p class="muted small">… and ${omitted} more</p>`}</details>`;
}

function rowPart({ depth, key, items, omitted }: EvidenceRow): Markup {
  return html`<dt class="mono in-${depth}">${key}</dt><dd>${items.map((item) => html`<code>${item}</code> `)}${omitted > 0 && `… and ${omitted} more`}</dd>`;
}
