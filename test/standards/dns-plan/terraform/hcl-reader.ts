/**
 * Reads the part of HCL that mailcheck writes, and nothing more: blocks, arguments, strings without interpolation, numbers,
 * lists, objects and variables. It refuses everything else, so that nothing of a record can become code.
 */

export type HclValue = string | number | boolean | Variable | HclValue[] | { [key: string]: HclValue };

/** A reference to a variable. */
export class Variable {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export interface HclBlock {
  readonly labels: readonly string[];
  readonly args: Record<string, HclValue>;
  /** The blocks in it, by their names. */
  readonly blocks: Record<string, HclBlock[]>;
}

/** @returns the blocks of a file, and its comments without their marks. */
export function readHcl(text: string): { readonly blocks: HclBlock[]; readonly comments: string[] } {
  const comments: string[] = [];
  const lines = text.split('\n').filter((line) => {
    if (!line.startsWith('#')) return true;
    comments.push(line.slice(2));
    return false;
  });
  const reader = new Reader(lines.join('\n'));
  const blocks: HclBlock[] = [];
  while (!reader.isAtEnd()) blocks.push(reader.block());
  return { blocks, comments };
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  block(first = this.#word()): HclBlock {
    const labels = [first];
    while (!this.#takes('{')) labels.push(this.#string());
    const block: HclBlock = { labels, args: {}, blocks: {} };
    while (!this.#takes('}')) {
      const name = this.#word();
      if (this.#takes('=')) {
        if (Object.hasOwn(block.args, name)) throw new Error(`two arguments ${name}`);
        block.args[name] = this.#value();
      } else {
        block.blocks[name] = [...(block.blocks[name] ?? []), this.block(name)];
      }
    }
    return block;
  }

  #value(): HclValue {
    this.#skip();
    if (this.#text[this.#at] === '"') return this.#string();
    if (this.#takes('[')) {
      const items: HclValue[] = [];
      while (!this.#takes(']')) {
        items.push(this.#value());
        if (!this.#takes(',')) {
          this.#must(']');
          break;
        }
      }
      return items;
    }
    if (this.#takes('{')) {
      const fields: Record<string, HclValue> = {};
      while (!this.#takes('}')) {
        const name = this.#word();
        this.#must('=');
        fields[name] = this.#value();
        this.#takes(',');
      }
      return fields;
    }
    const bare = /^[a-z0-9_.]+/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    this.#at += bare.length;
    if (/^\d+$/.test(bare)) return Number(bare);
    if (bare === 'true' || bare === 'false') return bare === 'true';
    if (/^var\.[a-z][a-z0-9_]*$/.test(bare)) return new Variable(bare.slice(4));
    if (bare === 'string') return bare;
    throw new Error(`no value: ${JSON.stringify(this.#text.slice(this.#at - bare.length, this.#at + 20))}`);
  }

  #string(): string {
    this.#skip();
    this.#must('"');
    let value = '';
    for (;;) {
      const rest = this.#text.slice(this.#at, this.#at + 10);
      const mark = rest[0];
      if (mark === undefined || mark === '\n') throw new Error('a string does not end');
      if (mark === '"') break;
      if (/^[$%]\{/.test(rest)) throw new Error('an interpolation or a directive');
      const literal = /^([$%])\1\{/.exec(rest);
      const escaped = /^\\(?:(["\\nrt])|u([0-9a-f]{4})|U([0-9a-f]{8}))/.exec(rest);
      if (mark === '\\' && escaped === null) throw new Error('an escape that is none');
      if (mark < ' ') throw new Error('a control character');
      // Two marks that no brace follows are not told apart from an escape by every reader.
      if (/^([$%])\1\1+\{/.test(rest)) throw new Error('marks before an escape');
      if (literal !== null) {
        value += `${literal[1]}{`;
        this.#at += 3;
      } else if (escaped !== null) {
        const [whole, plain, short, long] = escaped;
        const named = { n: '\n', r: '\r', t: '\t' }[plain ?? ''] ?? plain;
        value += named ?? String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16));
        this.#at += whole.length;
      } else {
        value += mark;
        this.#at += 1;
      }
    }
    this.#at += 1;
    return value;
  }

  #word(): string {
    this.#skip();
    const word = /^[a-z][a-z0-9_]*/.exec(this.#text.slice(this.#at))?.[0];
    if (word === undefined) throw new Error(`no name: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 20))}`);
    this.#at += word.length;
    return word;
  }

  #takes(mark: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #must(mark: string): void {
    if (!this.#takes(mark)) throw new Error(`no ${mark}: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 20))}`);
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }
}
