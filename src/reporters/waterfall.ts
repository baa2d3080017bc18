/** Draws the waterfall of a run as rows with bars: which step waited for which, and the longest chain of steps. */

import { count } from '../report/count.ts';
import type { Report, Waterfall } from '../report/status.ts';
import { printable } from './printable.ts';

const BAR_COLUMNS = 22;
const WHAT_COLUMNS = 29;

/** @returns lines of at most 80 columns, with times in milliseconds. There are none if the report has no waterfall. */
export function waterfallLines({ timing }: Report): string[] {
  const { waterfall } = timing;
  if (waterfall === undefined) return [];
  if (waterfall === null) return ['The time limit cut the run off, so there is no longest chain to show.'];
  const { steps, chain, ratio } = waterfall;
  const onChain = new Set(chain.steps);
  const total = Math.max(1, ...steps.map(({ startMs, durationMs }) => startMs + durationMs));
  const pauses = chain.pausesMs > 0 ? `, ${chain.pausesMs.toFixed(0)} ms of it pauses` : '';
  return [
    `${'#'.padStart(5)} ${'after'.padStart(5)} ${'start'.padStart(6)} ${'ms'.padStart(5)}  ${'* on the chain'.padEnd(BAR_COLUMNS)}  what`,
    ...steps.map((step, index) => row(step, index, onChain.has(index), total)),
    '',
    `Longest chain: ${chain.durationMs.toFixed(0)} ms in ${count(chain.roundTrips, 'round trip')}${pauses}.`,
    `The run took ${timing.durationMs} ms, ${ratio.toFixed(2)} times that.`,
  ];
}

function row(
  { what, startMs, durationMs, after }: Waterfall['steps'][number],
  index: number,
  isOnChain: boolean,
  totalMs: number,
): string {
  const scale = BAR_COLUMNS / totalMs;
  const from = Math.min(BAR_COLUMNS - 1, Math.floor(startMs * scale));
  const length = Math.max(1, Math.min(BAR_COLUMNS - from, Math.round(durationMs * scale)));
  const bar = `${' '.repeat(from)}${(isOnChain ? '*' : '-').repeat(length)}`.padEnd(BAR_COLUMNS);
  const cells = [
    String(index + 1).padStart(5),
    (after === null ? '' : String(after + 1)).padStart(5),
    startMs.toFixed(0).padStart(6),
    durationMs.toFixed(0).padStart(5),
    ` ${bar} `,
  ];
  return `${cells.join(' ')} ${shortened(printable(what))}`;
}

/** Shortens a long text in the middle, because the end of a name says more. */
function shortened(text: string): string {
  const characters = [...text];
  if (characters.length <= WHAT_COLUMNS) return text;
  const head = Math.ceil((WHAT_COLUMNS - 1) / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(head + 1 - WHAT_COLUMNS).join('')}`;
}
