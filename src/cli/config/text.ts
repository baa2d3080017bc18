/**
 * Reads JSON and YAML, and finds the line and column of a part. JSON is parsed strictly. For the line and column it is
 * parsed as YAML, which includes JSON.
 */
import { type Document, isMap, isNode, isPair, isSeq, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../../usage-error.ts';
import type { Path } from './path.ts';

interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * The deepest nesting that is parsed. A configuration needs four or five levels. The YAML parser is recursive, so
 * deeply nested text would overflow the stack.
 */
const MAX_DEPTH = 100;

/**
 * Estimates whether YAML text is nested too deep. It also counts brackets in strings, where a hundred open ones are
 * unlikely.
 */
function isNestedTooDeep(text: string): boolean {
  let open = 0;
  for (const char of text) {
    if (char === '[' || char === '{') open += 1;
    if (char === ']' || char === '}') open = Math.max(0, open - 1);
    if (open > MAX_DEPTH) return true;
  }
  // The expression matches lists and keys that nest on one line, and lines with a deep indentation.
  return new RegExp(`^(?:[ \\t]*[-?:][ \\t]){${MAX_DEPTH}}|^ {${MAX_DEPTH * 4}}`, 'm').test(text);
}

/**
 * Parses the text of a configuration file.
 *
 * @param name the name of the file in error messages.
 * @throws UsageError with the name, line and column of the first syntax error.
 */
export function parseText(text: string, isJson: boolean, name: string): unknown {
  if (isJson) {
    try {
      return JSON.parse(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const offset = /position (\d+)/.exec(message)?.[1];
      const { line, column } = positionOf(text, offset === undefined ? text.length : Number(offset));
      throw new UsageError(
        `${name}:${line}:${column}: this is not JSON: ${message.replace(/ in JSON at position.*| \(line.*/s, '')}`,
      );
    }
  }
  if (isNestedTooDeep(text)) throw new UsageError(`${name}: this is nested more than ${MAX_DEPTH} deep`);
  const { document, lines } = read(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new UsageError(
      `${name}:${line}:${col}: this is not YAML: ${error.message.replace(/ at line \d+[\s\S]*$/, '')}`,
    );
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new UsageError(`${name}: this is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * @returns the position of the part at this path, from line 1 and column 1. A missing part has that of its nearest
 *   ancestor.
 */
export function locate(text: string, path: Path, which: 'key' | 'value'): Position {
  const { document, lines } = read(text);
  const { line, col } = lines.linePos(offsetOf(document, path, which));
  return { line, column: col };
}

function read(text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter();
  // The option `merge` allows merge keys, with which several targets can share their options.
  return { document: parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: true }), lines };
}

function offsetOf(document: Document, path: Path, which: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isNode(key) && String(key) === String(part));
      if (!isPair(pair)) return offset;
      const wanted = isLast && which === 'key' ? pair.key : pair.value;
      offset = startOf(wanted) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
