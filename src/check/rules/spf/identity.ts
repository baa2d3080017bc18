/** What tells findings about SPF apart, and the DNS questions on which they rest. */
import type { Question } from '../../../report/status.ts';
import { allNodes, allTerms, type WalkNode, type WalkTerm } from '../../../standards/spf/index.ts';
import { questionsOf } from '../finding.ts';
import { numbered } from '../numbered.ts';

/** @returns the item of a finding about a term, given the domain whose record holds it. */
export function termItem(domain: string, term: string): string {
  return `${domain} ${term}`;
}

/** @returns the item of each term of the tree: a record may hold a term twice, and be reached by two ways. */
export function termItems(root: WalkNode): ReadonlyMap<WalkTerm, string> {
  const terms = allTerms(root);
  const items = numbered(terms.map(({ domain, term }) => termItem(domain, term.text)));
  return new Map(terms.map((term, index) => [term, items[index] ?? term.term.text]));
}

/** @returns the questions for every record of the tree. */
export function treeQuestions(root: WalkNode): Question[] {
  return recordQuestions(allNodes(root));
}

/** @returns the questions for the records from the top of the tree down to this one. */
export function wayTo(root: WalkNode, node: WalkNode): Question[] {
  return recordQuestions(allNodes(root).filter((above) => allNodes(above).includes(node)));
}

/** @returns the questions for the records that lead to these terms, and those that the terms ask themselves. */
export function termQuestions(root: WalkNode, terms: readonly WalkTerm[]): Question[] {
  const concerned = new Set(terms);
  const holders = allNodes(root).filter((node) => allTerms(node).some((term) => concerned.has(term)));
  const own = terms.flatMap(({ answers, node }) => [...answers, ...(node?.answer ? [node.answer] : [])]);
  return [...recordQuestions(holders), ...questionsOf(...own)];
}

function recordQuestions(nodes: readonly WalkNode[]): Question[] {
  return questionsOf(...nodes.flatMap(({ answer }) => (answer === null ? [] : [answer])));
}
