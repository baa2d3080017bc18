/**
 * Reads JSON and YAML, and finds the line and column of a part. JSON is parsed strictly. For the line and column it is
 * parsed as YAML, which includes JSON. A text is parsed once, however many places are asked for.
 */
import { type Document, isMap, isNode, isPair, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { jsonErrorText } from '../../network/fault.ts';
import { UsageError } from '../../usage-error.ts';
import { type Excess, excessOfValue, excessOfYaml } from './nesting.ts';
import type { Path } from './path.ts';
import { plainValue, YamlError } from './yaml-value.ts';

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text after it is read: its value, and where its parts are. */
export interface ReadText {
  readonly value: unknown;
  /**
   * @returns the position of the part at this path, from line 1 and column 1. A missing part has that of its nearest
   *   ancestor.
   */
  locate(path: Path, which: 'key' | 'value'): Position;
}

/**
 * Reads the text of a configuration file.
 *
 * @param name the name of the file in error messages.
 * @throws UsageError with the name, line and column of the first error: wrong syntax, or more than is read.
 */
export function readText(text: string, isJson: boolean, name: string): ReadText {
  let parsed: Parsed | undefined;
  const parsedOnce = (): Parsed => {
    parsed ??= parse(text);
    return parsed;
  };
  const value = isJson ? readJson(text, name) : readYaml(text, name, parsedOnce);
  return {
    value,
    locate: (path, which) => {
      const { document, lines } = parsedOnce();
      return lineAndColumn(lines, offsetOf(document, path, which));
    },
  };
}

function readJson(text: string, name: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offset = /position (\d+)/.exec(message)?.[1];
    throw at(
      name,
      positionOf(text, offset === undefined ? text.length : Number(offset)),
    )(`this is not JSON: ${jsonErrorText(error)}`);
  }
  refuse(excessOfValue(value), text, name);
  return value;
}

function readYaml(text: string, name: string, parsed: () => Parsed): unknown {
  refuse(excessOfYaml(text), text, name);
  const { document, lines } = parsed();
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.message.replace(/ at line \d+[\s\S]*$/, '');
    throw at(name, lineAndColumn(lines, error.pos[0]))(`this is not YAML: ${message}`);
  }
  try {
    return plainValue(document.contents);
  } catch (thrown) {
    if (!(thrown instanceof YamlError)) throw thrown;
    throw at(name, lineAndColumn(lines, thrown.offset ?? 0))(`this is not YAML: ${thrown.message}`);
  }
}

function refuse(excess: Excess | undefined, text: string, name: string): void {
  if (excess === undefined) return;
  const { what, offset } = excess;
  throw offset === undefined ? new UsageError(`${name}: ${what}`) : at(name, positionOf(text, offset))(what);
}

/** Returns a function that makes an error with this place. */
function at(name: string, { line, column }: Position): (what: string) => UsageError {
  return (what) => new UsageError(`${name}:${line}:${column}: ${what}`);
}

interface Parsed {
  readonly document: Document<ParsedNode>;
  readonly lines: LineCounter;
}

/**
 * Parses a text as YAML. The parser compares each key with each other one, so it leaves keys that occur twice to
 * `plainValue`. The same holds for merge keys, with which several targets can share their options.
 */
function parse(text: string): Parsed {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false }), lines };
}

function lineAndColumn(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function offsetOf(document: Document<ParsedNode>, path: Path, which: 'key' | 'value'): number {
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
