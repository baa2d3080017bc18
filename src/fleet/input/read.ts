/** Reads the targets of a fleet from a stream, one line at a time: CSV, NDJSON, or a domain and its addresses a line. */
import { UsageError } from '../../usage-error.ts';
import type { FleetTarget, UnreadLine } from '../target.ts';
import { headerOf, isPassedOver, targetOfWords, targetsOfTable, tooLong } from './csv.ts';
import { type Line, linesOf } from './lines.ts';
import { targetOfJson } from './ndjson.ts';

/**
 * Reads targets as they are asked for. The first line that says anything tells the form: an object is NDJSON, a line
 * with a column `domain` is the header of CSV, and any other is a target itself.
 *
 * @param name what the places of the lines begin with: the name of the file.
 * @throws UsageError for text in UTF-16, and for a configuration, whose targets are not one a line.
 */
export async function* readTargets(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncIterable<FleetTarget | UnreadLine> {
  const lines = linesOf(chunks)[Symbol.asyncIterator]();
  let first = await lines.next();
  while (!first.done && isPassedOver(first.value.text)) first = await lines.next();
  if (first.done) return;
  const { text } = first.value;
  refuseOthers(text, name);
  const header = headerOf(text);
  if (header !== undefined) {
    yield* targetsOfTable(lines, header, name);
    return;
  }
  const read = text.trimStart().startsWith('{') ? jsonLine : targetOfWords;
  for (let at: IteratorResult<Line> = first; !at.done; at = await lines.next()) {
    if (!isPassedOver(at.value.text)) yield read(at.value, name);
  }
}

/** @returns the number of lines that may be targets: all that say something, without the header. */
export async function countTargets(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0;
  let hasHeader = false;
  for await (const { text } of linesOf(chunks)) {
    if (isPassedOver(text)) continue;
    hasHeader ||= count === 0 && headerOf(text) !== undefined;
    count += 1;
  }
  return hasHeader ? count - 1 : count;
}

function jsonLine(line: Line, name: string): FleetTarget | UnreadLine {
  return line.isTooLong ? tooLong(`${name}:${line.number}`) : targetOfJson(line, name);
}

function refuseOthers(text: string, name: string): void {
  if (text.includes('\0')) throw new UsageError(`${name}: the text is not UTF-8. Save the file as UTF-8`);
  if (/^\s*(?:\[|\{\s*$|\{\s*"targets"|targets\s*:|---)/.test(text)) {
    throw new UsageError(
      `${name}: this looks like a configuration, whose file name must end in .yaml, .yml or .json. Otherwise give one target a line`,
    );
  }
}
