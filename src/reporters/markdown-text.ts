/**
 * Writes text from the network as GitHub's Markdown. Only words of letters and digits are written as they are.
 * Everything else is written as code: names, addresses, records, and all text that might become a link, a mention, an
 * image or a tag.
 */
import { copyable, printable } from './printable.ts';

// The pattern excludes `GH-12` and `ABC-12`, which may become links to issues, and long hexadecimal words, which may
// become links to commits.
const WORD = /^["'“‘(]*(?![a-z]+-\d)(?![\da-f]{7,}\b)[\p{L}\p{N}]+(?:[-–'’][\p{L}\p{N}]+)*[.,;:!?)"'”’…]*$/iu;
// The pattern matches the numbers of sections and SMTP replies. An IPv4 address has more dots.
const NUMBER = /^\(?(?:§\d+|§?\d+(?:\.\d+){1,2})[.,;:)]*$/;
const LONE: Readonly<Record<string, string>> = { '–': '–', '—': '—', '…': '…', '/': '/', '>': '\\>' };
// At the beginning of a line such a word would start a list.
const LIST_MARK = /^\d+[.)]+$/;
// Quotation marks and punctuation read better outside the code, where they have no meaning in Markdown.
const MARKED = /^(["'“‘(]*)(.+?)([.,;:)"'”’]*)$/s;

/** @returns `text` as Markdown on one line, for a paragraph. */
export function prose(text: string): string {
  const parts: { before: string; code: string; after: string }[] = [];
  for (const word of printable(text)
    .split(' ')
    .filter((part) => part !== '')) {
    const plain =
      LONE[word] ??
      ((WORD.test(word) && !(parts.length === 0 && LIST_MARK.test(word))) || NUMBER.test(word) ? word : undefined);
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

/** @returns `text` as Markdown for a table cell. Each `|` is escaped, because it would end the cell even in code. */
export function cell(text: string): string {
  return prose(text.replaceAll('|', '\\x7c'));
}

/** @returns `text` as a code span (CommonMark §6.1). Its fence is longer than any run of backticks in the text. */
export function code(text: string): string {
  return span(printable(text));
}

function span(shown: string): string {
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) || shown === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Matches an address of the web of which no character means anything in Markdown. */
const WEB_ADDRESS = /^https:\/\/[a-z\d-]+(?:\.[a-z\d-]+)+(?::\d{1,5})?(?:[/?#][\w.~:/?#@=&%+,-]*)?$/i;

/**
 * @param address an address from the data files. An address that the network gave must never get here, because readers
 *   would trust it as ours.
 * @returns a link that shows where it leads, or code if the address is not a plain one with https.
 */
export function link(address: string): string {
  return WEB_ADDRESS.test(address) ? `[${code(address.slice('https://'.length))}](${address})` : code(address);
}

/** @returns the lines in a fenced code block (CommonMark §4.5). Each line begins with `indent`. */
export function fenced(lines: readonly string[], indent = ''): string[] {
  const shown = lines.map(copyable);
  const fence = '`'.repeat(Math.max(3, ...shown.map((line) => longestRun(line) + 1)));
  return [fence, ...shown, fence].map((line) => indent + line);
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
