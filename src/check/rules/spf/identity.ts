/** Identifies the terms that findings about SPF are about, and collects the DNS questions that they rest on. */
import type { Question } from '../../../report/status.ts';
import { allNodes, allTerms, type WalkNode, type WalkTerm } from '../../../standards/spf/index.ts';
import { questionsOf } from '../finding.ts';
import { numbered } from '../numbered.ts';

/** @returns the `item` of a finding about a term: the domain whose record contains it, then the term. */
export function termItem(domain: string, term: string): string {
  return `${domain} ${term}`;
}

/** @returns the questions for every record of the tree. */
export function treeQuestions(root: WalkNode): Question[] {
  return recordQuestions(allNodes(root));
}

/** An index of one tree. A record may have thousands of terms, so the tree is gone through once for all of them. */
export class TreeIndex {
  /**
   * The `item` of each term in the tree. Equal ones are numbered: a record may contain a term twice or be reached
   * twice.
   */
  readonly items: ReadonlyMap<WalkTerm, string>;
  /** Each record, with the records from the root of the tree down to it. In the order of evaluation. */
  readonly #ways = new Map<WalkNode, readonly WalkNode[]>();
  /** Each term, with the record that contains it. */
  readonly #holders = new Map<WalkTerm, WalkNode>();

  constructor(root: WalkNode) {
    this.#visit(root, []);
    const terms = allTerms(root);
    const items = numbered(terms.map(({ domain, term }) => termItem(domain, term.text)));
    this.items = new Map(terms.map((term, index) => [term, items[index] ?? term.term.text]));
  }

  /** @returns the questions for the records from the root of the tree down to the record of `node`, which is included. */
  questionsTo(node: WalkNode): Question[] {
    return recordQuestions(this.#ways.get(node) ?? []);
  }

  /**
   * @returns the questions for the records that contain or lead to these terms, then the questions that the terms ask.
   */
  questionsOfTerms(terms: readonly WalkTerm[]): Question[] {
    const holders = new Set(terms.flatMap((term) => this.#holders.get(term) ?? []));
    const concerned = new Set([...holders].flatMap((holder) => this.#ways.get(holder) ?? []));
    // The way to one record is in the order of evaluation already.
    const records = holders.size === 1 ? concerned : [...this.#ways.keys()].filter((node) => concerned.has(node));
    const own = terms.flatMap(({ answers, node }) => [...answers, ...(node?.answer ? [node.answer] : [])]);
    return [...recordQuestions(records), ...questionsOf(...own)];
  }

  #visit(node: WalkNode, above: readonly WalkNode[]): void {
    const way = [...above, node];
    this.#ways.set(node, way);
    for (const term of node.terms) {
      this.#holders.set(term, node);
      if (term.node) this.#visit(term.node, way);
    }
  }
}

function recordQuestions(nodes: Iterable<WalkNode>): Question[] {
  return questionsOf(...[...nodes].flatMap(({ answer }) => (answer === null ? [] : [answer])));
}
