/**
 * Shows for each finding that DNS records can cause which records cause it, and how they look when they are right. There
 * is one file per rule in `examples/`. The tests run the rule over the records of every example.
 */
import { rowsOf } from '../data-folder.ts';

/** One example. Its names and addresses are those for documentation. */
export interface Example {
  /** The check over the records, as typed. */
  readonly check: string;
  /** The records that cause the finding, as lines of a zone file. A line that begins with `;` is a comment. */
  readonly trigger: readonly string[];
  /** The same records without the fault, as lines of a zone file. The check finds no error in them. */
  readonly corrected: readonly string[];
}

/** One file of the data. An example without `check` is that of the plain check. */
export interface Examples {
  /** The id of the rule. */
  readonly rule: string;
  readonly codes: Readonly<Record<string, Omit<Example, 'check'> & { readonly check?: string }>>;
}

/** The check of an example that needs no option. */
export const PLAIN_CHECK = 'mailcheck example.com 203.0.113.5';

// The tests check that every file has this shape.
const rows = rowsOf('guides/examples') as readonly Examples[];

/** @returns the example of a finding code, or `null` for a code that records alone cannot show. */
export function exampleOf(rule: string, code: string): Example | null {
  const example = rows.find((candidate) => candidate.rule === rule)?.codes[code];
  return example === undefined ? null : { check: PLAIN_CHECK, ...example };
}
