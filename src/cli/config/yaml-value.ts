/** Makes plain values of a YAML document. An alias is counted each time, so that a short text cannot grow without end. */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type ParsedNode, Scalar, type YAMLMap } from 'yaml';
import { MAX_PARTS, TOO_MANY } from './nesting.ts';

/** An error in the document, with its offset in the text. */
export class YamlError extends Error {
  readonly offset: number | undefined;

  constructor(message: string, offset: number | undefined) {
    super(message);
    this.offset = offset;
  }
}

interface Sized {
  readonly value: unknown;
  /** The number of parts, where a part that is shared counts each time. */
  readonly parts: number;
}

/**
 * @returns the value of a document.
 * @throws YamlError for an unknown alias, a key that occurs twice, or a document with too many parts.
 */
export function plainValue(contents: ParsedNode | null): unknown {
  return new Values().of(contents).value;
}

class Values {
  readonly #anchors = new Map<string, Sized>();

  of(node: unknown): Sized {
    if (isAlias(node)) {
      const found = this.#anchors.get(node.source);
      if (found === undefined) throw new YamlError(`there is no anchor &${node.source} before this`, startOf(node));
      return found;
    }
    const sized = this.#own(node);
    if (sized.parts > MAX_PARTS) throw new YamlError(TOO_MANY, startOf(node));
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, sized);
    return sized;
  }

  #own(node: unknown): Sized {
    if (isScalar(node)) return { value: node.value, parts: 1 };
    if (isMap(node)) return this.#map(node);
    if (!isSeq(node)) return { value: null, parts: 1 };
    const items = this.#all(node.items);
    return { value: items.map(({ value }) => value), parts: sum(items) };
  }

  #all(nodes: readonly unknown[]): Sized[] {
    let parts = 0;
    return nodes.map((node) => {
      const sized = this.of(node);
      parts += sized.parts;
      if (parts > MAX_PARTS) throw new YamlError(TOO_MANY, startOf(node));
      return sized;
    });
  }

  /** Makes an object of a map. Keys of the map itself come before those that it merges (`<<`, YAML 1.1). */
  #map({ items }: YAMLMap): Sized {
    const own = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    let parts = 1;
    for (const pair of items) {
      const sized = this.of(pair.value);
      parts += sized.parts;
      if (parts > MAX_PARTS) throw new YamlError(TOO_MANY, startOf(pair.key));
      if (isMerge(pair)) {
        for (const [key, value] of mergedEntries(sized.value, pair.key)) if (!merged.has(key)) merged.set(key, value);
        continue;
      }
      const key = this.#key(pair.key);
      if (own.has(key)) throw new YamlError('Map keys must be unique', startOf(pair.key));
      own.set(key, sized.value);
    }
    return { value: Object.fromEntries([...merged, ...own]), parts };
  }

  #key(node: unknown): string {
    const { value } = this.of(node);
    if (typeof value === 'object' && value !== null) throw new YamlError('a key must be text', startOf(node));
    return value === null ? '' : String(value);
  }
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<';
}

function mergedEntries(source: unknown, key: unknown): [string, unknown][] {
  const maps: unknown[] = Array.isArray(source) ? source : [source];
  return maps.flatMap((map) => {
    if (typeof map === 'object' && map !== null && !Array.isArray(map)) return Object.entries(map);
    throw new YamlError('only a map can be merged with <<', startOf(key));
  });
}

function sum(items: readonly Sized[]): number {
  return items.reduce((total, { parts }) => total + parts, 1);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
