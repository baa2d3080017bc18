/**
 * Patterns of texts as the glob library of dnscontrol reads them, without separators: `*` and `**` are any text, `?` is any
 * character, `[abc]` is one of these, `[a-z]` is one of a range, `!` after the bracket excludes them, `{one,two*}` is one of
 * the patterns, and a backslash takes the meaning from the next character.
 */

/** One part of a pattern. */
type Part =
  | { readonly kind: 'any' }
  | { readonly kind: 'one'; readonly isOne: (character: string) => boolean }
  | { readonly kind: 'either'; readonly branches: readonly (readonly Part[])[] };

/** The longest pattern that is read, in characters. */
const MAX_PATTERN = 255;

/** The deepest nesting of braces that is read. */
const MAX_DEPTH = 8;

/**
 * @returns a function that tells whether a whole text matches the pattern, in time proportional to the product of both
 *   lengths. `undefined` for a pattern that cannot be read.
 */
export function globOf(pattern: string): ((text: string) => boolean) | undefined {
  const parts = pattern.length > MAX_PATTERN ? undefined : new GlobReader(pattern).read();
  if (parts === undefined) return undefined;
  return (text) => {
    const start = new Array<boolean>(text.length + 1).fill(false);
    start[0] = true;
    return ends(parts, text, start)[text.length] === true;
  };
}

/** @returns the places of the text where a match of the parts may end, if it begins at one of `starts`. */
function ends(parts: readonly Part[], text: string, starts: readonly boolean[]): readonly boolean[] {
  return parts.reduce((places, part) => {
    if (part.kind === 'any') {
      const first = places.indexOf(true);
      return places.map((_, at) => first !== -1 && at >= first);
    }
    if (part.kind === 'one') {
      return places.map((_, at) => at > 0 && places[at - 1] === true && part.isOne(text[at - 1] ?? ''));
    }
    const branches = part.branches.map((branch) => ends(branch, text, places));
    return places.map((_, at) => branches.some((branch) => branch[at]));
  }, starts);
}

class GlobReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** @returns the parts of the pattern, or `undefined` when it cannot be read. */
  read(): readonly Part[] | undefined {
    return this.#sequence(0);
  }

  /** Reads up to the end of the pattern. In braces it reads up to the comma or the brace that ends a branch. */
  #sequence(depth: number): Part[] | undefined {
    const parts: Part[] = [];
    while (this.#at < this.#pattern.length) {
      const character = this.#pattern[this.#at] ?? '';
      if (depth > 0 && (character === ',' || character === '}')) return parts;
      this.#at += 1;
      const part = this.#part(character, depth);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return depth === 0 ? parts : undefined;
  }

  #part(character: string, depth: number): Part | undefined {
    switch (character) {
      case '*':
        return { kind: 'any' };
      case '?':
        return { kind: 'one', isOne: () => true };
      case '[':
        return this.#range();
      case '{':
        return this.#either(depth + 1);
      case '\\': {
        const own = this.#pattern[this.#at];
        this.#at += 1;
        return own === undefined ? undefined : { kind: 'one', isOne: (other) => other === own };
      }
      default:
        return { kind: 'one', isOne: (other) => other === character };
    }
  }

  #range(): Part | undefined {
    const found = /^(!|(?!!))(?:([^\]])-([^\]])|((?!.-)(?:[^\]\\]|\\.)+))\]/s.exec(this.#pattern.slice(this.#at));
    if (found === null) return undefined;
    const [whole, not, low, high, list = ''] = found;
    if (low !== undefined && high !== undefined && low > high) return undefined;
    this.#at += whole.length;
    const own = list.replace(/\\(.)/gs, '$1');
    const isAmong = (other: string): boolean =>
      low === undefined || high === undefined ? own.includes(other) : low <= other && other <= high;
    return { kind: 'one', isOne: (other) => isAmong(other) !== (not === '!') };
  }

  #either(depth: number): Part | undefined {
    const branches: Part[][] = [];
    if (depth > MAX_DEPTH) return undefined;
    for (;;) {
      const branch = this.#sequence(depth);
      if (branch === undefined) return undefined;
      branches.push(branch);
      const end = this.#pattern[this.#at];
      this.#at += 1;
      if (end === '}') return { kind: 'either', branches };
    }
  }
}
