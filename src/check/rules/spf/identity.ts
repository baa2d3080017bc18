/** Identifies the terms that findings about SPF are about, and collects the DNS questions that they rest on. */
import type { Question } from '../../../report/status.ts';
import { allNodes, allTerms, type WalkNode, type WalkTerm } from '../../../standards/spf/index.ts';
import { questionsOf } from '../finding.ts';
import { numbered } from '../numbered.ts';

/** @returns the `item` of a finding about a term: the domain whose record contains it, then the term. */
export function termItem(domain: string, term: string): string {
  return `${domain} ${term}`;
}

/**
 * @returns the `item` of each term in the tree. Equal ones are numbered: a record may contain a term twice or be
 *   reached twice.
 */
export function termItems(root: WalkNode): ReadonlyMap<WalkTerm, string> {
  const terms = allTerms(root);
  const items = numbered(terms.map(({ domain, term }) => termItem(domain, term.text)));
  return new Map(terms.map((term, index) => [term, items[index] ?? term.term.text]));
}

/** @returns the questions for every record of the tree. */
export function treeQuestions(root: WalkNode): Question[] {
  return recordQuestions(allNodes(root));
}

/** @returns the questions for the records from the root of the tree down to the record of `node`, which is included. */
export function wayTo(root: WalkNode, node: WalkNode): Question[] {
  return recordQuestions(allNodes(root).filter((above) => allNodes(above).includes(node)));
}

/**
 * @returns the questions for the records that contain or lead to these terms, then the questions that the terms ask.
 */
export function termQuestions(root: WalkNode, terms: readonly WalkTerm[]): Question[] {
  const concerned = new Set(terms);
  const holders = allNodes(root).filter((node) => allTerms(node).some((term) => concerned.has(term)));
  const own = terms.flatMap(({ answers, node }) => [...answers, ...(node?.answer ? [node.answer] : [])]);
  return [...recordQuestions(holders), ...questionsOf(...own)];
}

function recordQuestions(nodes: readonly WalkNode[]): Question[] {
  return questionsOf(...nodes.flatMap(({ answer }) => (answer === null ? [] : [answer])));
}
