/**
 * Text from the network as Markdown (GitHub's): only words of letters and digits stand as they are. All else, such as
 * names, addresses, records and whatever might become a link, a mention, an image or a tag, is shown as code.
 */
import { printable } from './printable.ts';

// `GH-12` and `ABC-12` may become links to issues, long hexadecimal words links to commits.
const WORD = /^["'“‘(]*(?![a-z]+-\d)(?![\da-f]{7,}\b)[\p{L}\p{N}]+(?:[-'’][\p{L}\p{N}]+)*[.,;:!?)"'”’…]*$/iu;
// Numbers with dots in them, of sections and replies; an address has more of them.
const NUMBER = /^\(?§?\d+(?:\.\d+){1,2}[.,;:)]*$/;
const LONE: Readonly<Record<string, string>> = { '–': '–', '—': '—', '…': '…', '/': '/', '>': '\\>' };
// At the beginning of a line these make a list.
const LIST_MARK = /^\d+[.)]+$/;
// Quotation marks and the end of a sentence read better outside the code, and mean nothing in Markdown there.
const MARKED = /^(["'“‘(]*)(.+?)([.,;:)"'”’]*)$/s;

/** @returns `text` on one line, for a paragraph. */
export function prose(text: string): string {
  const parts: { before: string; code: string; after: string }[] = [];
  for (const word of printable(text)
    .split(' ')
    .filter((part) => part !== '')) {
    const plain = LONE[word] ?? ((WORD.test(word) && !LIST_MARK.test(word)) || NUMBER.test(word) ? word : undefined);
    const [, before = '', core = '', after = ''] = plain === undefined ? (MARKED.exec(word) ?? []) : ['', plain];
    const last = parts.at(-1);
    const continues = core !== '' && before === '' && last !== undefined && last.code !== '' && last.after === '';
    if (continues) {
      last.code += ` ${core}`;
      last.after = after;
    } else parts.push({ before, code: core, after });
  }
  return parts.map(({ before, code, after }) => `${before}${code === '' ? '' : span(code)}${after}`).join(' ');
}

/** @returns `text` for a cell of a table: a `|` ends the cell, even in code. */
export function cell(text: string): string {
  return prose(text.replaceAll('|', '\\x7c'));
}

/** @returns `text` as a span of code, whatever backticks are in it (CommonMark §6.1). */
export function code(text: string): string {
  return span(printable(text));
}

function span(shown: string): string {
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) || shown === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** @returns the lines in a fenced block (CommonMark §4.5), each with `indent` before it. */
export function fenced(lines: readonly string[], indent = ''): string[] {
  const shown = lines.map(printable);
  const fence = '`'.repeat(Math.max(3, ...shown.map((line) => longestRun(line) + 1)));
  return [fence, ...shown, fence].map((line) => indent + line);
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
