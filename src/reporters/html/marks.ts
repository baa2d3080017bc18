/** Statuses as people see them: a symbol, a word, and colour only as an addition. */
import type { Status } from '../../report/status.ts';
import { MARKS } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** As on a terminal, but for those that many systems would draw as coloured pictures. */
const SYMBOLS: Readonly<Record<Status, string>> = { pass: '✓', warn: '!', fail: '✕', inconclusive: '?', skipped: '–' };

export function symbol(status: Status): Markup {
  return html`<span class="symbol ${status}" aria-hidden="true">${SYMBOLS[status]}</span>`;
}

export function mark(status: Status, word: string = MARKS[status].word): Markup {
  return html`<span class="mark ${status}">${symbol(status)}<span class="word">${word}</span></span>`;
}
