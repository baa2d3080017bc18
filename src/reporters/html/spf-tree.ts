/**
 * Draws the SPF lookup tree as an outline, from the domain's own record to the innermost include. Each term that needs
 * a lookup has its number, and a line shows where the lookup limit is exceeded (RFC 7208 §4.6.4).
 */

import { count } from '../../report/count.ts';
import type { SpfTree, SpfTreeRecord, SpfTreeTerm, Status } from '../../report/status.ts';
import { printable } from '../printable.ts';
import { SYMBOLS } from './marks.ts';
import { html, type Markup } from './markup.ts';

const ROW = 24;
const INDENT = 22;
const MARGIN = 4;
/** The width of the circle with the number of a lookup. */
const BUBBLE = 20;
/** The width of a character, in pixels. No common monospaced font is wider at 12 px. */
const CHARACTER = 7.4;
const MAX_CHARACTERS = 72;
/**
 * The deepest indent. SPF evaluation cannot go deeper, because each level needs a lookup and their number is limited.
 */
const MAX_DEPTH = 12;
const GAUGE_CELL = 18;
const GAUGE_HEIGHT = 34;
/** The left edge of the words on the limit line, to the right of the connectors of the first levels. */
const LIMIT_X = 60;
/** The most lookups over the limit that the gauge shows as separate cells. */
const MAX_OVER = 10;

type Tone = 'plain' | 'muted' | Exclude<Status, 'skipped'>;

interface Row {
  readonly depth: number;
  /** The index of the row that this row hangs below, or `null` for the domain's own record. */
  readonly parent: number | null;
  readonly number: number | null;
  readonly text: string;
  readonly isName: boolean;
  readonly remark: string;
  readonly tone: Tone;
  readonly tip: string;
}

type Result = SpfTree['checks'][number]['result'];

/** The status that each SPF result is shown with. Only a pass is green: softfail and neutral authorise nobody. */
export const RESULT_STATUS: Readonly<Record<Result, Exclude<Status, 'skipped'>>> = {
  pass: 'pass',
  softfail: 'warn',
  neutral: 'warn',
  none: 'fail',
  fail: 'fail',
  permerror: 'fail',
  temperror: 'inconclusive',
};

const STATUSES: Readonly<Record<SpfTreeRecord['status'], string>> = {
  record: '',
  missing: 'no SPF record',
  multiple: 'several SPF records',
  invalid: 'syntax error',
  failure: 'lookup failed',
  loop: 'loop',
  malformed: 'no name that can have a record',
  'not-walked': 'not followed',
};

/**
 * @param id the beginning of the element ids, unique on the page.
 * @returns the drawing as SVG.
 */
export function spfTree(spf: SpfTree, id: string): Markup {
  const rows = rowsOf(spf);
  const limitRow = rows.findIndex(({ number }) => number !== null && number > spf.lookupLimit);
  const heights = rows.map((_, index) => GAUGE_HEIGHT + index * ROW + (limitRow >= 0 && index >= limitRow ? ROW : 0));
  const width = Math.ceil(Math.max(gaugeWidth(spf), ...rows.map(rowWidth), limitRow >= 0 ? 520 : 0) + MARGIN);
  const height = GAUGE_HEIGHT + (rows.length + (limitRow >= 0 ? 1 : 0)) * ROW + MARGIN;
  const limitAt = heights[limitRow];
  return html`<svg class="tree" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title id="${id}-title">SPF lookup tree of ${spf.domain}</title>
<desc id="${id}-desc">${description(spf)}</desc>
${gauge(spf)}
${rows.map((row, index) => (row.parent === null ? null : connector(row, heights[row.parent] ?? 0, heights[index] ?? 0)))}
${limitAt === undefined ? null : limitLine(spf, limitAt - ROW, width)}
${rows.map((row, index) => rowMarkup(row, heights[index] ?? 0, spf.lookupLimit))}
</svg>`;
}

/** @returns the caption of the drawing, with the number of lookups and of void lookups. */
export function spfCaption(spf: SpfTree): string {
  const { lookups, lookupLimit, voidLookups, voidLookupLimit, isMinimum } = spf;
  const least = isMinimum ? 'at least ' : '';
  return `${least}${lookups} of ${lookupLimit} lookups, ${voidLookups} of ${voidLookupLimit} void lookups, if no term matches earlier`;
}

function description(spf: SpfTree): string {
  const lookups = rowsOf(spf).filter(({ number }) => number !== null);
  const shown = lookups.slice(0, 2 * spf.lookupLimit).map(({ number, text }) => `${number}: ${text}`);
  return `${spfCaption(spf)}. ${shown.join('; ')}`;
}

function rowsOf({ tree, omittedTerms, checks }: SpfTree): Row[] {
  const rows: Row[] = [];
  addRecord(rows, tree, { depth: 0, parent: null, results: new Map(checks.map(({ ip, result }) => [ip, result])) });
  if (omittedTerms > 0) {
    const text = `… and ${count(omittedTerms, 'more term')}`;
    rows.push({ depth: 1, parent: 0, number: null, text, isName: false, remark: '', tone: 'muted', tip: text });
  }
  return rows;
}

/** The place of a record or term in the tree, and the results of the tested addresses. */
interface Place {
  readonly depth: number;
  readonly parent: number | null;
  readonly results: ReadonlyMap<string, Result>;
}

function addRecord(rows: Row[], record: SpfTreeRecord, { depth, parent, results }: Place): void {
  const own = rows.length;
  if (parent === null) {
    rows.push({
      depth,
      parent,
      number: null,
      text: record.domain,
      isName: true,
      remark: STATUSES[record.status],
      tone: record.status === 'record' ? 'plain' : 'fail',
      tip: record.record ?? record.domain,
    });
  }
  const holder = parent === null ? own : parent;
  for (const term of record.terms) addTerm(rows, term, { depth: depth + 1, parent: holder, results });
}

function addTerm(rows: Row[], term: SpfTreeTerm, { depth, parent, results }: Place): void {
  const { remark, tone } = remarkOn(term, results);
  const own = rows.length;
  rows.push({
    depth: Math.min(depth, MAX_DEPTH),
    parent,
    number: term.lookupNumber,
    text: term.term,
    isName: false,
    remark,
    tone,
    tip: [term.term, term.target, term.record?.record]
      .filter((text) => text !== null && text !== undefined)
      .join(' → '),
  });
  if (term.record) addRecord(rows, term.record, { depth, parent: own, results });
}

/** Returns the remark beside a term. A problem of the term has priority over its effect. */
function remarkOn(
  { matches, errors, isVoid, record, target, lookupNumber }: SpfTreeTerm,
  results: ReadonlyMap<string, Result>,
): { remark: string; tone: Tone } {
  if (record && record.status !== 'record') {
    return { remark: `✕ ${STATUSES[record.status]}`, tone: record.status === 'not-walked' ? 'warn' : 'fail' };
  }
  if (errors.length > 0 && record === null)
    return { remark: `✕ the check of ${names(errors)} ends here`, tone: 'fail' };
  if (matches.length > 0) return matchRemark(matches, results);
  if (isVoid) return { remark: '! void: the name does not exist', tone: 'warn' };
  if (lookupNumber !== null && target === null) return { remark: 'depends on the message', tone: 'muted' };
  return { remark: '', tone: 'plain' };
}

/** Returns the remark beside a matching term. Its qualifier decides the result, so a match need not be a pass. */
function matchRemark(ips: readonly string[], results: ReadonlyMap<string, Result>): { remark: string; tone: Tone } {
  const result = ips.map((ip) => results.get(ip)).find((one) => one !== undefined && one !== 'pass') ?? 'pass';
  const status = RESULT_STATUS[result];
  const word = result === 'pass' ? '' : `: ${result}`;
  return { remark: `${SYMBOLS[status]} matches ${names(ips)}${word}`, tone: status };
}

function names(ips: readonly string[]): string {
  const [first = '', ...rest] = ips;
  return rest.length > 0 ? `${first} and ${rest.length} more` : first;
}

function cut(text: string): string {
  const characters = [...printable(text)];
  return characters.length > MAX_CHARACTERS
    ? `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`
    : characters.join('');
}

/** Estimates the width of a text in pixels. A character beyond ASCII may be twice as wide. */
function textWidth(text: string): number {
  return [...text].reduce((sum, character) => sum + (character < '\u0080' ? CHARACTER : 2 * CHARACTER), 0);
}

function textX({ depth, number }: Row): number {
  return MARGIN + depth * INDENT + (number === null ? 2 : BUBBLE + 6);
}

function rowWidth(row: Row): number {
  return textX(row) + textWidth(cut(row.text)) + (row.remark === '' ? 0 : 14 + textWidth(row.remark));
}

function connector({ depth }: Row, from: number, to: number): Markup {
  const x = MARGIN + (depth - 1) * INDENT + BUBBLE / 2;
  const end = MARGIN + depth * INDENT - 2;
  return html`<path class="branch" d="M${x} ${from + ROW - 2}V${to + ROW / 2}H${end}"/>`;
}

function rowMarkup(row: Row, y: number, limit: number): Markup {
  const middle = y + ROW / 2;
  const x = MARGIN + row.depth * INDENT + BUBBLE / 2;
  const text = cut(row.text);
  const at = textX(row);
  const isOver = row.number !== null && row.number > limit;
  const number =
    row.number === null
      ? null
      : html`<circle class="lookup${isOver && ' over'}" cx="${x}" cy="${middle}" r="${BUBBLE / 2}"/><text class="number${isOver && ' over'}" x="${x}" y="${middle + 4}" text-anchor="middle">${row.number}</text>`;
  const remark =
    row.remark === ''
      ? null
      : html`<text class="remark ${row.tone}" x="${(at + textWidth(text) + 14).toFixed(1)}" y="${middle + 4}">${row.remark}</text>`;
  return html`<g><title>${row.tip}</title>${number}<text class="${row.isName ? 'name' : 'term'}" x="${at}" y="${middle + 4}">${text}</text>${remark}</g>
`;
}

function limitLine({ lookupLimit }: SpfTree, y: number, width: number): Markup {
  const text = `✕ limit of ${lookupLimit} lookups exceeded: receivers stop here with permerror`;
  const middle = y + ROW / 2;
  return html`<path class="limit" d="M${MARGIN} ${middle}H${width - MARGIN}"/><rect class="backing" x="${LIMIT_X}" y="${y + 2}" width="${(textWidth(text) + 8).toFixed(1)}" height="${ROW - 4}"/><text class="limit-text" x="${LIMIT_X + 4}" y="${middle + 4}">${text}</text>
`;
}

function gaugeWidth({ lookups, lookupLimit }: SpfTree): number {
  const cells = Math.max(lookupLimit, Math.min(lookups, lookupLimit + MAX_OVER));
  return MARGIN + cells * GAUGE_CELL + 130;
}

function gauge({ lookups, lookupLimit, isMinimum }: SpfTree): Markup {
  const cells = Math.max(lookupLimit, Math.min(lookups, lookupLimit + MAX_OVER));
  const state = (index: number): string => (index >= lookupLimit ? 'over' : index < lookups ? 'used' : 'free');
  const isOver = lookups > lookupLimit;
  const least = isMinimum ? '≥ ' : '';
  return html`<g>${Array.from(
    { length: cells },
    (_, index) =>
      html`<rect class="gauge ${state(index)}" x="${MARGIN + index * GAUGE_CELL}" y="6" width="${GAUGE_CELL - 3}" height="12" rx="2"/>`,
  )}${isOver && html`<path class="limit" d="M${MARGIN + lookupLimit * GAUGE_CELL - 1.5} 2V22"/>`}<text class="remark ${isOver ? 'fail' : 'plain'}" x="${MARGIN + cells * GAUGE_CELL + 6}" y="16">${least}${lookups} of ${lookupLimit} lookups</text></g>`;
}
