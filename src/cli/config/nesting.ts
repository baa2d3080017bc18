/** Refuses JSON and YAML that is nested too deep or has too many parts, before a recursive reader sees it. */
import { CST, Lexer, Parser } from 'yaml';

/**
 * The deepest nesting that is read. A configuration needs four or five levels. The readers are recursive, so deeply
 * nested text would overflow the stack.
 */
export const MAX_DEPTH = 100;

/** The most lists, keys and values of a configuration, aliases counted in full. A thousand targets have some 10 000. */
export const MAX_PARTS = 100_000;

/** What is wrong with a text, and where: the offset in characters, if it is known. */
export interface Excess {
  readonly what: string;
  readonly offset?: number;
}

export const TOO_DEEP = `this is nested more than ${MAX_DEPTH} deep`;
export const TOO_MANY = `this has more than ${MAX_PARTS} parts`;
const COMPLEX_KEY = 'a key must be one word or text, so that "? " and lists as keys are not read';

/** The most faults of syntax that are read before a text is refused. Each costs more than what is right. */
const MAX_FAULTS = 100;

/** The most parts that the parser holds open: the document, and a list and a key at each level. */
const MAX_OPEN = 2 * MAX_DEPTH + 1;

/** @returns what is too much in a value of JSON, or `undefined` if it can be read. */
export function excessOfValue(value: unknown): Excess | undefined {
  const open: [value: unknown, depth: number][] = [[value, 1]];
  let parts = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [part, depth] = next;
    parts += 1;
    if (depth > MAX_DEPTH) return { what: TOO_DEEP };
    if (parts > MAX_PARTS) return { what: TOO_MANY };
    if (typeof part !== 'object' || part === null) continue;
    for (const inner of Object.values(part)) open.push([inner, depth + 1]);
  }
  return undefined;
}

/**
 * Reads the syntax of a YAML text without making values of it. That takes time in proportion to the length of the text,
 * whatever it contains.
 *
 * @returns what is too much in the text, or `undefined` if it can be read.
 */
export function excessOfYaml(text: string): Excess | undefined {
  const documents: CST.Token[] = [];
  const faults: CST.ErrorToken[] = [];
  const parser = new Parser();
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      documents.push(token);
      if (token.type === 'error') faults.push(token);
    }
    // A text with many faults is none that was meant as YAML. The first fault is the one that is shown anyway.
    const [first] = faults;
    if (first && faults.length > MAX_FAULTS) return { what: first.message, offset: first.offset };
    // The parser keeps all open parts, which cost much more memory than their text.
    if (parser.stack.length > MAX_OPEN) return { what: TOO_DEEP, offset };
    offset = parser.offset;
  }
  documents.push(...parser.end());
  let parts = 0;
  for (const document of documents) {
    const open: [token: CST.Token, depth: number][] = [[document, 0]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [token, depth] = next;
      parts += 1;
      if (depth > MAX_DEPTH) return { what: TOO_DEEP, offset: token.offset };
      if (parts > MAX_PARTS) return { what: TOO_MANY, offset: token.offset };
      if (token.type === 'document' && token.value) open.push([token.value, 1]);
      if (!CST.isCollection(token)) continue;
      for (const { start, key, value } of token.items) {
        const sign = start.find(({ type }) => type === 'explicit-key-ind');
        if (sign !== undefined) return { what: COMPLEX_KEY, offset: sign.offset };
        if (CST.isCollection(key ?? null)) return { what: COMPLEX_KEY, offset: token.offset };
        if (key) open.push([key, depth + 1]);
        if (value) open.push([value, depth + 1]);
      }
    }
  }
  return undefined;
}
