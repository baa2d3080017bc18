/** Draws a status as a symbol and a word, so that no meaning depends on colour alone. */
import type { Status } from '../../report/status.ts';
import { MARKS } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** The symbols of a terminal, except those that many systems show as coloured emoji. */
export const SYMBOLS: Readonly<Record<Status, string>> = {
  pass: '✓',
  warn: '!',
  fail: '✕',
  inconclusive: '?',
  skipped: '–',
};

/** @returns the symbol of a status. Screen readers skip it. */
export function symbol(status: Status): Markup {
  return html`<span class="symbol ${status}" aria-hidden="true">${SYMBOLS[status]}</span>`;
}

/** @returns the symbol of a status with a word, which is that of the status by default. */
export function mark(status: Status, word: string = MARKS[status].word): Markup {
  return html`<span class="mark ${status}">${symbol(status)}<span class="word">${word}</span></span>`;
}
