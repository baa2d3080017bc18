/**
 * Reads targets from CSV (RFC 4180) with a header, and from lines of a domain and its addresses. A record may go on over
 * a few lines inside quotes. A quote that is never closed costs its own line alone.
 */
import { parse } from 'csv-parse/sync';
import type { FleetTarget, UnreadLine } from '../target.ts';
import { targetOf } from './fields.ts';
import type { Line } from './lines.ts';
import { valuesIn } from './ndjson.ts';

/** The most lines of one record. A cell with a postal address has some five. */
const MAX_RECORD_LINES = 20;

/** The most columns of a table. */
const MAX_COLUMNS = 200;

type Delimiter = ',' | ';' | '\t';

/** The columns that are not tags, by the names that headers give them. */
const COLUMNS = {
  domain: ['domain'],
  ips: ['ips', 'ip', 'address', 'addresses'],
  helo: ['helo'],
  selectors: ['selectors', 'selector'],
  provider: ['provider'],
  tags: ['tags', 'tag'],
} as const;

type Column = keyof typeof COLUMNS;

/** What the header of a table says. */
export interface Header {
  readonly delimiter: Delimiter;
  /** The column at each position: one of ours, or the name of a tag. */
  readonly columns: readonly (Column | { readonly tag: string })[];
}

/** @returns the header that a line is, or `undefined` for a line that has no column `domain`. */
export function headerOf(text: string): Header | undefined {
  for (const delimiter of [',', ';', '\t'] as const) {
    const cells = cellsOf(text, delimiter)?.map((cell) => cell.trim());
    if (cells === undefined || cells.length > MAX_COLUMNS) continue;
    const columns = cells.map((cell) => columnOf(cell.toLowerCase()) ?? { tag: cell });
    if (columns.includes('domain')) return { delimiter, columns };
  }
  return undefined;
}

function columnOf(name: string): Column | undefined {
  return (Object.keys(COLUMNS) as Column[]).find((column) => (COLUMNS[column] as readonly string[]).includes(name));
}

function cellsOf(text: string, delimiter: Delimiter): string[] | undefined {
  try {
    const [cells = []] = parse(text, { delimiter, relax_column_count: true });
    return cells;
  } catch {
    return undefined;
  }
}

/** @returns the targets of the lines below a header, and the lines that name none. */
export async function* targetsOfTable(
  lines: AsyncIterator<Line>,
  header: Header,
  name: string,
): AsyncIterable<FleetTarget | UnreadLine> {
  const waiting: Line[] = [];
  const next = async (): Promise<Line | undefined> => {
    const given = waiting.shift();
    if (given !== undefined) return given;
    const { done, value } = await lines.next();
    return done ? undefined : value;
  };
  for (let line = await next(); line !== undefined; line = await next()) {
    if (isPassedOver(line.text)) continue;
    const record = [line];
    while (!isClosed(record) && record.length < MAX_RECORD_LINES) {
      const more = await next();
      if (more === undefined) break;
      record.push(more);
    }
    if (!isClosed(record)) {
      yield { place: `${name}:${line.number}`, error: 'a quoted cell has no closing quote' };
      waiting.unshift(...record.slice(1));
      continue;
    }
    yield targetOfRecord(record, header, name);
  }
}

/** Tells whether no quoted cell goes on behind the lines. A quote in a cell is written twice, so their number is even. */
function isClosed(record: readonly Line[]): boolean {
  const quotes = record.reduce((sum, { text }) => sum + text.split('"').length - 1, 0);
  return quotes % 2 === 0;
}

function targetOfRecord(record: readonly Line[], header: Header, name: string): FleetTarget | UnreadLine {
  const place = `${name}:${record[0]?.number ?? 0}`;
  if (record.some(({ isTooLong }) => isTooLong)) return tooLong(place);
  const cells = cellsOf(record.map(({ text }) => text).join('\n'), header.delimiter);
  if (cells === undefined) return { place, error: 'the quotes of the line are not those of CSV' };
  const extra = cells.slice(header.columns.length).find((cell) => cell.trim() !== '');
  if (extra !== undefined) {
    return { place, error: `the line has ${cells.length} cells, and the header ${header.columns.length}` };
  }
  const of = (column: Column): string[] => cells.filter((_, at) => header.columns[at] === column);
  const [domain = ''] = of('domain');
  const tags = cells.flatMap((cell, at) => {
    const column = header.columns[at];
    const value = cell.trim();
    return typeof column !== 'object' || value === '' ? [] : [`${column.tag}=${value}`];
  });
  return targetOf(
    {
      domain,
      ips: of('ips').flatMap(valuesIn),
      helo: of('helo')[0] ?? '',
      selectors: of('selectors').flatMap(valuesIn),
      provider: of('provider')[0] ?? '',
      tags: [...of('tags').flatMap(valuesIn), ...tags],
    },
    place,
  );
}

/** @returns the target of a line without a header: a domain, and its addresses. */
export function targetOfWords({ text, number, isTooLong }: Line, name: string): FleetTarget | UnreadLine {
  const place = `${name}:${number}`;
  if (isTooLong) return tooLong(place);
  const [domain = '', ...ips] = valuesIn(text.replaceAll('"', ''));
  return targetOf({ domain, ips }, place);
}

/** @returns whether a line says nothing: it is blank, a comment, a row of empty cells, or the `sep=;` of a spreadsheet. */
export function isPassedOver(text: string): boolean {
  return /^\s*(?:#.*)?$/.test(text) || /^[\s,;"]*$/.test(text) || /^"?sep=[,;\t]"?$/i.test(text);
}

/** @returns what is said of a line that is too long. */
export function tooLong(place: string): UnreadLine {
  return { place, error: 'the line is longer than 64 KiB' };
}
